"""The folder of a job: whose it is, how far the job is, and how files get into it."""
