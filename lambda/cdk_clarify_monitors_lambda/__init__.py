"""The Lambda functions behind the custom resources; this folder is the root of their zip."""
