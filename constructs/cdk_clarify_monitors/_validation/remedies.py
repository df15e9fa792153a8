"""Remedies for values of foreign types: what to pass in their place."""

from __future__ import annotations

from typing import Final

# The attribute to pass in a construct's place, by a member that identifies the construct's class.
_REMEDIES: Final = {
    "attr_endpoint_name": "pass its attr_endpoint_name",
    "attr_model_name": "pass its attr_model_name",
    "endpoint_name": "pass its endpoint_name",
    "model_name": "pass its model_name",
    "s3_url_for_object": "pass its s3_url_for_object(…)",
}


def remedy_for_construct(value: object) -> str:
    """The remedy for a construct in place of a string; empty: the value is no such construct."""
    # The class is examined: reading a member of the construct itself is a call into JavaScript.
    return next((remedy for member, remedy in _REMEDIES.items() if hasattr(type(value), member)), "")


def remedy_for_numpy(value: object) -> str:
    """The remedy for a value of NumPy or pandas, which prints like one of Python's own; empty: it is neither's."""
    is_foreign = type(value).__module__.split(".")[0] in ("numpy", "pandas")
    return "call its .tolist()" if is_foreign and hasattr(value, "tolist") else ""
