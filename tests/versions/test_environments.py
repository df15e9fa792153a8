"""`make test-versions` runs what is promised: the lowest versions, and each Python."""

from __future__ import annotations

import re
import tomllib

from tests.support.environments import ENVIRONMENTS, find_python
from tests.support.repository import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def test_one_environment_has_the_lowest_of_everything() -> None:
    (lowest,) = (each for each in ENVIRONMENTS if any("==" in package for package in each.cdk))
    floors = dict(re.findall(r"^([\w-]+)>=([\d.]+),<\d+$", "\n".join(PROJECT["dependencies"]), re.MULTILINE))
    assert len(floors) == len(PROJECT["dependencies"])
    assert {f"{name}=={version}" for name, version in floors.items()} == set(lowest.cdk)
    assert f">={lowest.python}" == PROJECT["requires-python"]


def test_each_python_that_is_promised_is_run() -> None:
    promised = {each.split(" :: ")[-1] for each in PROJECT["classifiers"] if "Python :: 3." in each}
    assert {each.python for each in ENVIRONMENTS} == promised
    assert {each.node for each in ENVIRONMENTS} == {22, 24}


def test_a_python_that_is_not_there_is_not_found() -> None:
    assert find_python("3.1") is None
