"""What cfn-lint says of a template."""

import json

import cfnlint.api
from cfnlint.config import ManualArgs

# cfn-lint's opinions of what the CDK writes, whatever it is asked for.
STYLE_OF_THE_CDK = {
    "I1022": "string concatenations are Fn::Join, not Fn::Sub",
    "W3005": "functions and state machines depend explicitly on the role that they name",
}


def findings(template: str, *regions: str) -> list[str]:
    """What cfn-lint says: errors, warnings and informational, but for the CDK's style outside of our own resources."""
    config = ManualArgs(regions=list(regions), include_checks=["I"])
    resources = json.loads(template)["Resources"]
    ours = {id_ for id_, r in resources.items() if r["Type"].startswith(("AWS::SageMaker::", "Custom::"))}
    return [
        f"{match.rule.id} {'/'.join(map(str, match.path))}: {match.message}"
        for match in cfnlint.api.lint(template, config=config)
        if match.rule.id not in STYLE_OF_THE_CDK or (match.rule.id != "I1022" and match.path[1] in ours)
    ]
