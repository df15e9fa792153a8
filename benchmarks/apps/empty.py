"""An app with one empty stack: what every CDK app in Python costs."""

import aws_cdk as cdk

app = cdk.App()
cdk.Stack(app, "Monitors")
app.synth()
