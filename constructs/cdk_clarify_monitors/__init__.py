"""Clarify monitors as AWS CDK constructs."""
