"""Batch transforms: what they are, and how they run."""
