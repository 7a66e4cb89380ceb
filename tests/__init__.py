"""Tests of swarmhydra, in the folders of its packages; whole runs against theory in `physics`."""
