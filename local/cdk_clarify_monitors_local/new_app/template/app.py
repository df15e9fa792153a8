#!/usr/bin/env python3
"""The CDK app: one stack with the monitors of one endpoint."""

import aws_cdk as cdk

import settings
from monitors import Monitors

app = cdk.App()
Monitors(app, settings.STACK_NAME, description=f"SageMaker Clarify monitors of {settings.ENDPOINT}")
app.synth()
