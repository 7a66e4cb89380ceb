"""Electrons in a gas and fields, window by window."""
