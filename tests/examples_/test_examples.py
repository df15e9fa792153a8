"""Every example is short, says what it shows and what it costs, and is listed and deployed."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from tests.support.repository import ROOT

EXAMPLES = sorted((ROOT / "examples").glob("*.py"))
README = (ROOT / "examples" / "README.md").read_text()
DEPLOYMENTS = Path(__file__).with_name("test_examples_deploy.py").read_text()

pytestmark = pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)


def test_an_example_has_less_than_sixty_lines(example: Path) -> None:
    assert len(example.read_text().splitlines()) < 60


def test_its_docstring_says_what_it_shows_and_what_it_costs(example: Path) -> None:
    title, shows, costs = (ast.get_docstring(ast.parse(example.read_text())) or "").split("\n\n")
    assert re.fullmatch(r"[A-Z][^.\n]*: [^\n]*\.", title)
    assert re.match(r"What it shows: \S", shows)
    assert re.match(r"What it costs on AWS: \S", costs)
    assert re.search(r"\b(once|no baselining job)\b.*\b(daily|hourly)\b", costs, re.DOTALL | re.IGNORECASE)
    assert "\nPrices: https://aws.amazon.com/sagemaker/ai/pricing/" in costs
    assert "$" not in costs  # prices change


def test_names_to_change_are_at_the_top(example: Path) -> None:
    tree = ast.parse(example.read_text())
    names = [node for node in tree.body if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]).isupper()]
    (app,) = (node for node in tree.body if ast.unparse(node) == "app = cdk.App()")
    assert names
    assert all(name.lineno < app.lineno for name in names)
    below = (node for node in ast.walk(tree) if isinstance(node, ast.Constant) and node.lineno > app.lineno)
    assert [node.value for node in below if "s3://" in str(node.value)] == []


def test_an_example_is_in_the_readme(example: Path) -> None:
    assert re.findall(rf"^\| \[{example.name}\]\({example.name}\) \| (.+) \|$", README, re.MULTILINE)


def test_an_example_is_deployed_by_a_test(example: Path) -> None:
    assert f"def test_{example.stem}_deploys(" in DEPLOYMENTS
    assert f'deploy("{example.stem}", ' in DEPLOYMENTS
