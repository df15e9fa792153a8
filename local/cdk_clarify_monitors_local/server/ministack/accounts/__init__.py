"""Accounts, who may call them, and whose a bucket is."""
