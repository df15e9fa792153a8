"""The embedded AWS's server: MiniStack with SageMaker's monitoring API and resource types added to it.

It runs in a process of its own, started by `EmbeddedAws`. Only its package `ministack` knows MiniStack's inside.
"""
