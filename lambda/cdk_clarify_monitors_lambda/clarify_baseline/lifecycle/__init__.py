"""What happens to a baseline over time: Create and Update, the wait for the job, Delete."""
