"""Job definitions and schedules: what they say, and what an update makes of them."""
