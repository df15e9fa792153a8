"""Comparing what is expected with what is there, place by place."""

import re
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any

_NAME = re.compile(r"[a-zA-Z0-9](-*[a-zA-Z0-9])*")


class Matcher(ABC):
    """Stands in an expectation where more than one value will do; its repr says which."""

    @abstractmethod
    def accepts(self, value: Any) -> bool:
        """Whether a value is one of them."""


@dataclass(frozen=True)
class NameLike(Matcher):
    """A name that SageMaker takes and that starts like this."""

    prefix: str = ""

    def accepts(self, value: Any) -> bool:
        """See the class."""
        if not isinstance(value, str):
            return False
        return value.startswith(self.prefix) and len(value) <= 63 and bool(_NAME.fullmatch(value))


@dataclass(frozen=True)
class Below(Matcher):
    """An S3 URI below one of these places, without an empty segment beyond the place."""

    places: tuple[str, ...]
    file: str = ""

    def accepts(self, value: Any) -> bool:
        """See the class."""
        if not isinstance(value, str) or not value.endswith(f"/{self.file}" if self.file else ""):
            return False
        starts = [f"{place.rstrip('/')}/" for place in self.places]
        return any(value.startswith(s) and all(value.removeprefix(s).split("/")) for s in starts)


def differences(expected: Any, actual: Any, path: str = "") -> list[str]:
    """One line for each place where something else is than expected.

    Lists have an order, dictionaries have none; 1 and 1.0 are equal, True and 1 are not.
    """
    if isinstance(expected, Matcher):
        return [] if expected.accepts(actual) else [_line(path, expected, actual)]
    if isinstance(expected, dict) and isinstance(actual, dict):
        found = []
        for key in sorted(expected.keys() | actual.keys()):
            place = f"{path}.{key}" if path else str(key)
            if key not in actual:
                found.append(f"{place}: missing, expected {expected[key]!r}")
            elif key not in expected:
                found.append(f"{place}: not expected, got {actual[key]!r}")
            else:
                found += differences(expected[key], actual[key], place)
        return found
    if isinstance(expected, list) and isinstance(actual, list) and len(expected) == len(actual):
        pairs = enumerate(zip(expected, actual, strict=True))
        return [line for i, pair in pairs for line in differences(*pair, f"{path}[{i}]")]
    same = expected == actual and isinstance(expected, bool) == isinstance(actual, bool)
    return [] if same else [_line(path, expected, actual)]


def _line(path: str, expected: Any, actual: Any) -> str:
    return f"{path}: expected {expected!r}, got {actual!r}"
