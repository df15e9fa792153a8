"""A baseline: the configs of a Clarify monitor in S3, and the processing job that suggests its constraints.

The folder is imported as `cdk_clarify_monitors_lambda.clarify_baseline` in the project and as `clarify_baseline`
on Lambda. Its modules import each other relatively, so they do not notice.
"""
