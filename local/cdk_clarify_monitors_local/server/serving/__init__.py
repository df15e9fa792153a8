"""Endpoints that answer, and capture what they are asked and answer."""
