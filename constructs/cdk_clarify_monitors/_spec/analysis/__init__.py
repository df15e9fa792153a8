"""Resolves a monitor's analysis: the analysis configs of its baselining job and of its executions."""
