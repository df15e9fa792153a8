"""Configuration: the value classes that users construct, named and shaped as in the SageMaker Python SDK.

Each validates itself at construction. None imports the CDK at module level, or makes a construct but for
`DataConfig.from_asset`.
"""
