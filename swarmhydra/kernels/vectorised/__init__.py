"""The stages as whole-array NumPy: the readable specification, and the oracle of the tests."""
