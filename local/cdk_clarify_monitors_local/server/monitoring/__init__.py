"""The service behind monitoring schedules: when they run, what an execution reads, and the jobs that it consists of."""
