"""Specification: pure functions from a monitor's arguments to what AWS is asked for. No construct is made here."""
