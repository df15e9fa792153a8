"""Refusals: a message begins with the argument, shows the value, and the class says what kind of mistake it is."""

from __future__ import annotations

from collections.abc import Callable

import pytest

VALUE, TYPE = ValueError, TypeError
NAN, INFINITY = float("nan"), float("inf")

# Kind of mistake, the argument that the message names, the value as the message shows it, the call.
Refusal = tuple[type[Exception], str, str, Callable[[], object]]


def each(refusals: list[Refusal]) -> pytest.MarkDecorator:
    """A test for each rule: one line, one rule."""
    found = [pytest.param(refusal, id=f"{number}-{refusal[1]}") for number, refusal in enumerate(refusals)]
    return pytest.mark.parametrize("refusal", found)


def check_message(refusal: Refusal) -> None:
    kind, argument, value, call = refusal
    with pytest.raises((ValueError, TypeError)) as refused:
        call()

    message = str(refused.value)
    named, _, got = message.partition(", got ")
    assert named.startswith(f"'{argument}' must "), message
    assert value.removeprefix("got ") in got, message
    assert isinstance(refused.value, kind), message
