"""What cdk-nag says of an app."""

import re

import aws_cdk as cdk
import pytest

# Whoever imports this is skipped without it.
AwsSolutionsChecks = pytest.importorskip("cdk_nag", reason="cdk-nag 3 needs a newer CDK").AwsSolutionsChecks

# What test stacks bring of their own: it is the user's to answer for.
_USERS_OWN = re.compile(r"^[^/]+/(Vpc|Bucket|SecurityGroup|VolumeKey|OutputKey|Given|GivenEndpoint|TrainingData)(/|$)")


def findings(app: cdk.App) -> list[str]:
    """What cdk-nag says about constructs of the library's, errors and warnings."""
    report = AwsSolutionsChecks().validate_scope(app)
    return [
        f"{violation.rule_name} at {resource.construct_path}"
        for violation in report.violations
        for resource in violation.violating_resources
        if not _USERS_OWN.match(resource.construct_path or "")
    ]
