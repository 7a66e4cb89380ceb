"""The results file: its variables, its tree, its summary."""
