"""The custom resource's properties: one JSON text, and the deploy-time values beside it.

CloudFormation turns numbers and booleans in custom resource properties into strings, so everything nested travels as
JSON. CDK tokens are taken out of the document before it becomes text and travel next to it, each with the place where
it belongs: whatever their values turn out to be, they cannot break the JSON around them.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any, TypeAlias

from .._validation import is_token

# Of a string, of a list of strings, of a number.
_TOKEN = re.compile(r"[$#]\{Token\[[^\]]*\]\}|-1\.\d+e\+289")

# By type and place: {"String": {"/Baselining/ProcessingJob/RoleArn": token}}
Tokens = dict[str, dict[str, Any]]
# The place above, and a key or an index there; None: the whole document. Few places are ever written out.
Place: TypeAlias = "tuple[Place, str] | None"


def detach(value: Any, place: Place, tokens: Tokens) -> Any:
    """Take the tokens out of a document, or of a part of it.

    Args:
        value: JSON values; strings, numbers and lists of strings may be CDK tokens.
        place: The value's place in the document.
        tokens: Gets the tokens by their type (`String`, `Number` or `List`) and their places, as JSON pointers
            (RFC 6901).

    Returns:
        The value with None where a token was.
    """
    if isinstance(value, dict):
        return {key: detach(member, (place, key), tokens) for key, member in value.items()}
    if is_token(value):
        tokens.setdefault(_type(value), {})[_pointer(place)] = value
        return None
    if isinstance(value, list | tuple):
        return [detach(item, (place, str(index)), tokens) for index, item in enumerate(value)]
    return value


def to_text(literal: Any) -> str:
    """A document without tokens as JSON text.

    Raises:
        ValueError: A number is not a JSON number.
    """
    # Escaped to ASCII: CloudFormation replaces other characters in a template by question marks.
    return json.dumps(literal, allow_nan=False, sort_keys=True, separators=(",", ":"))


def split_text(literal: Mapping[str, Any], key: str) -> tuple[str, str]:
    """The text of a document before and after the place of one of its members, without the commas around it."""
    before = to_text({name: member for name, member in literal.items() if name < key})
    after = to_text({name: member for name, member in literal.items() if name > key})
    return before[:-1], after[1:]


def summary(document: Mapping[str, Any], known: Tokens) -> list[Any]:
    """A document in short, to tell whether it has changed.

    Args:
        document: JSON values and tokens.
        known: Tokens whose changes are noticed anyway.

    Returns:
        A digest of all that is literal, and the tokens that are not known.
    """
    pieces = list(dict.fromkeys(_TOKEN.findall(json.dumps(known))))
    count = len(pieces)
    text = json.dumps(document, sort_keys=True)
    pieces += [piece for piece in dict.fromkeys(_TOKEN.findall(text)) if piece not in pieces]
    # A token's own text differs from one synthesis to the next; its number does not.
    literal = _TOKEN.sub(lambda token: f"token {pieces.index(token[0])}", text)
    return [hashlib.sha256(literal.encode()).hexdigest()[:16], *map(_token, pieces[count:])]


def _token(piece: str) -> Any:
    """A token by how it looks in JSON."""
    if piece.startswith("$"):
        return piece
    return [piece] if piece.startswith("#") else float(piece)


def _type(token: Any) -> str:
    if isinstance(token, float | int):
        return "Number"
    return "List" if isinstance(token, list | tuple) else "String"


def _pointer(place: Place) -> str:
    """A place as a JSON pointer."""
    if place is None:
        return ""
    above, key = place
    return f"{_pointer(above)}/{key.replace('~', '~0').replace('/', '~1')}"
