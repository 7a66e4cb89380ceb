"""Measurements of speed and efficiency, each a program: `python -m benchmarks.throughput`."""
