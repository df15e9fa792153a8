"""What a Delete does with the claim, row by row of the table in model/claim.py."""

import itertools
import re

import pytest

from cdk_clarify_monitors_lambda.clarify_baseline.lifecycle.delete_decision import (
    ClaimAction,
    ClaimState,
    ClaimView,
    decide,
)
from cdk_clarify_monitors_lambda.clarify_baseline.model import claim

SEEN = [
    dict(zip(("has_result", "is_answered", "is_owned"), values, strict=True))
    for values in itertools.product([False, True], repeat=3)
]


def rows() -> list[str]:
    """The first column of the table."""
    _, table = re.split(r"^    -[- ]+\n", claim.__doc__ or "", flags=re.MULTILINE)
    lines = itertools.takewhile(str.strip, table.splitlines())
    return [label for line in lines if (label := line[4:23].strip())]


def test_the_table_has_a_row_for_every_state() -> None:
    assert sorted(rows()) == sorted(ClaimState)


@pytest.mark.parametrize("row", [ClaimState.ABSENT, ClaimState.UNREADABLE])
@pytest.mark.parametrize("seen", SEEN, ids=str)
def test_without_a_claim_only_a_result_counts(row: ClaimState, seen: dict[str, bool]) -> None:
    expected = ClaimAction.NOTHING if seen["has_result"] else ClaimAction.NAME_DELETE

    assert decide(ClaimView(row, **seen)) is expected


@pytest.mark.parametrize(
    ("has_result", "is_answered", "is_owned", "action"),
    [
        (True, True, True, ClaimAction.REMOVE),
        (True, False, True, ClaimAction.REMOVE),
        (False, True, True, ClaimAction.NAME_DELETE),
        (False, False, True, ClaimAction.NAME_DELETE),
        (True, True, False, ClaimAction.KEEP),
        (True, False, False, ClaimAction.KEEP),
        (False, True, False, ClaimAction.KEEP),
        (False, False, False, ClaimAction.NAME_DELETE),
    ],
)
def test_a_claim_that_names_a_request(has_result: bool, is_answered: bool, is_owned: bool, action: ClaimAction) -> None:
    assert decide(ClaimView(ClaimState.NAMES_REQUEST, has_result, is_answered, is_owned)) is action


@pytest.mark.parametrize("seen", SEEN, ids=str)
def test_a_claim_that_names_a_delete(seen: dict[str, bool]) -> None:
    assert decide(ClaimView(ClaimState.NAMES_DELETE, **seen)) is ClaimAction.NAME_DELETE
    assert decide(ClaimView(ClaimState.NAMES_THIS_DELETE, **seen)) is ClaimAction.NOTHING
