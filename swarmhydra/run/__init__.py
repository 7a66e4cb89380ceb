"""One run: its stages, when it stops, what is kept and what it hands over."""
