"""Monitors by the hundred: one for each row of a table, in stacks over accounts and regions."""
