"""IAM policies: what the jobs and the functions may do, as statements in JSON."""
