"""The stages as operations on whole NumPy arrays: the readable form, which the tests trust."""
