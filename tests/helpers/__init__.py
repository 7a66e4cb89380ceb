"""What several tests share: made-up records and sweeps, and the fastest backend."""
