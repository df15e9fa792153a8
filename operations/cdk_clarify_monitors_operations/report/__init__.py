"""A report over all executions of a monitor: read, computed, drawn and stored."""
