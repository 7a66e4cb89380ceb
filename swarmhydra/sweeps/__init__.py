"""Many runs: launching, reading, opening, pooling."""
