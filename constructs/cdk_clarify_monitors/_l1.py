"""From SageMaker's API to the properties of CDK's L1 constructs.

CloudFormation keeps the API's names at the API's depth, so a request is written once, in the API's PascalCase, and
rendered here.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any

# Free-form maps: their keys are the user's, not the API's.
_FREE_FORM = frozenset({"Environment"})


def properties(request: Mapping[str, Any]) -> dict[str, Any]:
    """A request as the properties of an L1 construct."""
    return {_camel_case(name): _value(name, value) for name, value in request.items()}


def _value(name: str, value: Any) -> Any:
    if isinstance(value, Mapping) and name not in _FREE_FORM:
        return properties(value)
    if isinstance(value, list | tuple):
        return [_value("", item) for item in value]
    return value


@cache
def _camel_case(name: str) -> str:
    return name[0].lower() + name[1:].replace("InGB", "InGb")
