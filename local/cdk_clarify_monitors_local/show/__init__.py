"""Monitors and violations, as people read them."""
