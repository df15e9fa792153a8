"""The cost of importing the library, against the parts of the CDK that any monitor needs."""

from __future__ import annotations

from . import snippets
from .processes import ROOT, environment
from .progress import Progress
from .results import Pair

_OURS = "import cdk_clarify_monitors"
_REFERENCE = "import aws_cdk, constructs\nfrom aws_cdk import aws_iam"


def measure(rounds: int, progress: Progress) -> Pair:
    """Measure both in turn."""
    quiet = {name: value for name, value in environment("").items() if name.startswith("JSII_")}
    ours, reference = (snippets.Snippet(code, ROOT, quiet) for code in (_OURS, _REFERENCE))
    return snippets.measure("import", ours, reference, rounds, progress)
