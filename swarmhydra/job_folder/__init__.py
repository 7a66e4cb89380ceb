"""The folder of a job: which process owns it, how far the job is, and how files are written."""
