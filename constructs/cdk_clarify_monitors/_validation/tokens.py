"""Recognition of CDK tokens: placeholders for values that are known at deployment only."""

from __future__ import annotations

import math
import re
from collections.abc import Collection
from typing import Final

# One token of a string, which may hold several. It is a group, so that `split` keeps the tokens.
STRING_TOKEN: Final = re.compile(r"(\$\{Token\[[^\]]*\]\})")


def is_token(value: object) -> bool:
    """Whether a value is, or contains, a CDK token.

    A token is recognized by the marks of the CDK's encoding, because `Token.is_unresolved` would start the JavaScript
    runtime: `${Token[…]}` in strings, finite numbers below -1e280, and lists with an item `#{Token[…]}`.
    """
    if isinstance(value, str):
        return "${Token[" in value or "#{Token[" in value
    if isinstance(value, float):
        return -math.inf < value < -1e280
    return isinstance(value, (list, tuple)) and any(isinstance(item, str) and "#{Token[" in item for item in value)


def has_token(values: Collection[object] | None) -> bool:
    """Whether any of the values is a token, so that membership among them cannot be decided at synthesis."""
    return values is not None and any(is_token(value) for value in values)
