"""Remedies for values of foreign types: what to pass in their place."""

from __future__ import annotations

import re
from difflib import get_close_matches
from enum import Enum
from inspect import isroutine
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

# What to pass in place of a construct or another object of the CDK, by a member that identifies its class.
_REMEDIES: Final = {
    "attr_endpoint_name": "pass its attr_endpoint_name",
    "attr_model_name": "pass its attr_model_name",
    "endpoint_name": "pass its endpoint_name",
    "model_name": "pass its model_name",
    "s3_url_for_object": "pass its s3_url_for_object(…)",
    "subnet_id": "pass its subnet_id",
    "attr_subnet_id": "pass its attr_subnet_id",
    "security_group_id": "pass its security_group_id",
    "attr_group_id": "pass its attr_group_id",
    "to_seconds": "pass its to_seconds()",
    "to_gibibytes": "pass its to_gibibytes()",
    "total_seconds": "pass its total_seconds(), or for an ISO 8601 offset a string such as '-PT1H'",
    "__fspath__": "pass str(…) of it",
    "decode": "pass its decode()",
    "__next__": "pass list(…) of it",
    "isdisjoint": "pass a list of them, in a fixed order: sorted(…)",
}


def remedy_for_type(value: object) -> str:
    """What to pass in place of a value of a foreign type; empty: nothing is known of its type."""
    if isinstance(value, Enum):
        return "pass its .value"
    cls = type(value)
    if cls.__module__.split(".")[0] in ("numpy", "pandas"):
        if hasattr(value, "tolist"):
            return "call its .tolist()"  # it prints like a value of Python's own
        if hasattr(value, "to_numpy"):
            return "call its .to_numpy().tolist()"
    if isroutine(value):
        return f"call it: {value.__name__}()"
    # The class is examined: reading a member of a construct is a call into JavaScript. Only a proxy of one that was
    # imported has to be asked itself.
    examined = value if "__getattr__" in vars(cls) else cls
    return next((remedy for member, remedy in _REMEDIES.items() if hasattr(examined, member)), "")


def remedy_for_text(value: object) -> str:
    """What to write in place of a value that is no string, where one is expected."""
    if isinstance(value, (int, float)) and not isinstance(value, (bool, Enum)) and abs(value) < 1e15:
        return f"write {str(value)!r}"
    return remedy_for_type(value)


def remedy_for_choice(value: str, choices: Iterable[str]) -> str:
    """The choice that was meant, or may have been; empty: none is similar."""
    choices = tuple(choices)
    by_spelling = {to_spelling(choice): choice for choice in choices}
    if meant := by_spelling.get(to_spelling(value)):
        return f"write {meant!r}"
    by_subtype = {_to_subtype(choice): choice for choice in choices if "/" in choice}
    if meant := by_subtype.get(_to_subtype(value)):
        return f"write {meant!r}"
    # 'mean' and 'median' are not similar, 'DPPPL' and 'DPPL' are.
    similar = get_close_matches(to_spelling(value), by_spelling, n=1, cutoff=0.85)
    return f"did you mean {by_spelling[similar[0]]!r}?" if similar else ""


def _to_subtype(media_type: str) -> str:
    """What a media type says of the format: `csv`, `text/csv` and `text/x-csv` say the same."""
    subtype = media_type.rpartition("/")[2].casefold().removeprefix("x-")
    return "jsonlines" if subtype in ("jsonl", "ndjson", "json-lines") else subtype


def to_spelling(name: str) -> str:
    """A name without what differs between spellings: case, and what stands between words."""
    return re.sub(r"[\W_]", "", name).casefold()
