"""What cfn-lint says of a template."""

import json
from typing import Any

import cfnlint.api
from cfnlint.config import ManualArgs

# cfn-lint's opinions of what the CDK writes, whatever it is asked for.
STYLE_OF_THE_CDK = {
    "I1022": "string concatenations are Fn::Join, not Fn::Sub",
    "W3005": "functions and state machines depend explicitly on the role that they name",
    "W2531": "its own functions have the runtime of its day",
}


def findings(template: str, *regions: str) -> list[str]:
    """What cfn-lint says: errors, warnings and informational, but for the CDK's style outside of our own resources."""
    config = ManualArgs(regions=list(regions), include_checks=["I"])
    resources = json.loads(template)["Resources"]
    ours = {id_ for id_, r in resources.items() if r["Type"].startswith(("AWS::SageMaker::", "Custom::"))}
    return [
        f"{match.rule.id} {'/'.join(map(str, match.path))}: {match.message}"
        for match in cfnlint.api.lint(template, config=config)
        if not _is_style_of_the_cdk(match, ours)
    ]


def _is_style_of_the_cdk(match: Any, ours: set[str]) -> bool:
    if match.rule.id not in STYLE_OF_THE_CDK:
        return False
    if match.rule.id == "W2531":
        return "ProviderFramework" in match.path[1]
    return match.rule.id == "I1022" or match.path[1] not in ours
