"""From SageMaker's API to the properties of CDK's L1 constructs.

CloudFormation keeps the API's names at the API's depth, so a request is written once, in the API's PascalCase, and
rendered here. L1 constructs take plain camelCase dictionaries: unlike property structs they cost no call into jsii.
"""

import re
from collections.abc import Mapping
from typing import Any

# Free-form maps: their keys are the user's, not the API's.
_FREE_FORM = frozenset({"Environment"})
_WORD = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def keyword_arguments(request: Mapping[str, Any]) -> dict[str, Any]:
    """A request as keyword arguments of an L1 construct's constructor."""
    return {_WORD.sub("_", name).lower(): properties(value, name) for name, value in request.items()}


def properties(value: Any, name: str = "") -> Any:
    """A value of a request in an L1 construct's form; `name` is the member that it is the value of."""
    if isinstance(value, Mapping) and name not in _FREE_FORM:
        return {_camel_case(key): properties(member, key) for key, member in value.items()}
    if isinstance(value, list | tuple):
        return [properties(item) for item in value]
    return value


def _camel_case(name: str) -> str:
    return name[0].lower() + name[1:].replace("InGB", "InGb")
