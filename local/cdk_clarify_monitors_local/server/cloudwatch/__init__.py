"""What CloudWatch gets from monitoring executions, and what it makes of it: metrics, and the states of alarms."""
