"""Refusals: the class says what kind of mistake it is, the message names the argument and shows the value."""

from __future__ import annotations

from collections.abc import Callable

import pytest

VALUE, TYPE = ValueError, TypeError
NAN, INFINITY = float("nan"), float("inf")

# Kind of mistake, the whole message, the call.
Refusal = tuple[type[Exception], str, Callable[[], object]]


def each(refusals: list[Refusal]) -> pytest.MarkDecorator:
    """A test for each rule."""
    found = [
        pytest.param(refusal, id=f"{number}-{refusal[1].split(' must ')[0]}") for number, refusal in enumerate(refusals)
    ]
    return pytest.mark.parametrize("refusal", found)


def check_message(refusal: Refusal) -> None:
    kind, message, call = refusal
    with pytest.raises((ValueError, TypeError)) as refused:
        call()

    assert str(refused.value) == message
    assert isinstance(refused.value, kind)
