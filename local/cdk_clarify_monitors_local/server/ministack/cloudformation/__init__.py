"""MiniStack's CloudFormation, where AWS's does otherwise."""
