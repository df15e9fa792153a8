"""JSON with one text for equal values."""

import hashlib
import json
from typing import Any


def json_file(value: Any) -> bytes:
    """The content of a file for people and for Clarify: sorted, indented, UTF-8."""
    return (json.dumps(value, sort_keys=True, indent=2, ensure_ascii=False, allow_nan=False) + "\n").encode()


def digest(value: Any) -> str:
    """SHA-256 of the value, in lower-case hex. The order of an object's members does not matter."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()
