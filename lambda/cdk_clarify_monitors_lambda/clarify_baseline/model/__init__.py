"""Data and rules, without AWS and without time."""
