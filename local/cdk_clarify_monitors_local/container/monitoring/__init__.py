"""What Clarify's containers do in a monitoring execution: merge captured data with ground truth, analyse, compare.

The environment of the job says what to do, as the contract for monitoring containers has it:
https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-byoc-contract-inputs.html
"""
