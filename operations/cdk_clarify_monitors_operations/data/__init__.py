"""What monitors read and write in S3, and how results are compared."""
