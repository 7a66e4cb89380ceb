"""The hot path: one contract (`contract.py`), two implementations of the same four stages."""
