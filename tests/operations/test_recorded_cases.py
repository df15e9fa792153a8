"""The client does what is right in every recorded case: calls that change something exactly, results, errors."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.operations.driver import Driver

CASES = sorted((Path(__file__).parent / "cases").glob("*.json"))


def test_there_are_cases() -> None:
    assert len(CASES) == 61


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_a_recorded_case_passes(path: Path, judge: Any) -> None:
    case = json.loads(path.read_text(encoding="utf-8"))

    done = judge.run(Driver(), case["inputs"])

    assert judge.compare(case, done, level="gap") == []
    assert not [step for step in done["steps"] if step.get("stdout")]
