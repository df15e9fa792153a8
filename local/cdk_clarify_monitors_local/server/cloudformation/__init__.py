"""The resource types that CloudFormation makes here."""
