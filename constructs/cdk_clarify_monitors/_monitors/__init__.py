"""The public constructs."""
