"""The custom resource's properties: one JSON text, and the deploy-time values beside it.

CloudFormation turns numbers and booleans in custom resource properties into strings, so everything nested travels as
JSON. CDK tokens are taken out of the document before it becomes text and travel next to it, each with the place where
it belongs: whatever their values turn out to be, they cannot break the JSON around them.
"""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from ._checks import is_token

_TOKEN = re.compile(r"\$\{Token\[[^\]]*\]\}")

# By type and place: {"String": {"/Baselining/ProcessingJob/RoleArn": token}}
Tokens = dict[str, dict[str, Any]]


def render(document: Mapping[str, Any]) -> tuple[str, Tokens]:
    """A document as JSON text and its tokens.

    Args:
        document: JSON values; strings, numbers and lists of strings may be CDK tokens.

    Returns:
        The text, with null where a token was, and the tokens by their type (`String`, `Number` or `List`) and their
        places, as JSON pointers (RFC 6901).

    Raises:
        ValueError: A key is a token, or a number is not a JSON number.
    """
    tokens: Tokens = {}
    literal = _detach(document, "", tokens)
    # Escaped to ASCII: CloudFormation replaces other characters in a template by question marks.
    return json.dumps(literal, allow_nan=False, sort_keys=True, separators=(",", ":")), tokens


def summary(document: Mapping[str, Any], known: Tokens) -> list[Any]:
    """A document in short, to tell whether it has changed.

    Args:
        document: As in `render`.
        known: Tokens whose changes are noticed anyway.

    Returns:
        A digest of all that is literal, and the tokens that are not known.
    """
    text, tokens = render(document)
    pieces = _pieces(known)
    count = len(pieces)
    pieces += [piece for piece in _pieces(tokens) if piece not in pieces]
    # A token's own text differs from one synthesis to the next; its number does not.
    literals = [
        (path, _TOKEN.sub(lambda token: str(pieces.index(token[0])), value) if isinstance(value, str) else None)
        for places in tokens.values()
        for path, value in places.items()
    ]
    digest = hashlib.sha256(json.dumps([text, literals]).encode()).hexdigest()
    return [digest[:16], *pieces[count:]]


def _pieces(tokens: Tokens) -> list[Any]:
    """The single tokens, each once: strings may have several in them."""
    pieces: list[Any] = []
    for places in tokens.values():
        for value in places.values():
            found = _TOKEN.findall(value) if isinstance(value, str) else [value]
            pieces += [piece for piece in found if piece not in pieces]
    return pieces


def _detach(value: Any, path: str, tokens: Tokens) -> Any:
    if is_token(value):
        tokens.setdefault(_type(value), {})[path] = value
        return None
    if isinstance(value, Mapping):
        if unnamed := [key for key in value if is_token(key)]:
            raise ValueError(f"a name in the analysis config is a CDK token, got {unnamed[0]!r}: use a literal there")
        return {key: _detach(member, f"{path}/{_escaped(key)}", tokens) for key, member in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_detach(item, f"{path}/{index}", tokens) for index, item in enumerate(value)]
    return value


def _type(token: Any) -> str:
    if isinstance(token, float | int):
        return "Number"
    return "List" if isinstance(token, list | tuple) else "String"


def _escaped(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")
