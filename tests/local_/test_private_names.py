"""The installed MiniStack has every private name that is used here."""

from __future__ import annotations

import ast
from importlib.metadata import version
from pathlib import Path

import pytest

import cdk_clarify_monitors_local
from cdk_clarify_monitors_local.server.ministack import _private_names


@pytest.mark.parametrize(
    ("module", "name"), [(module, name) for module, names in _private_names.PRIVATE_NAMES.items() for name in names]
)
def test_the_installed_ministack_has_the_name(module: str, name: str) -> None:
    assert f"{module}.{name}" not in _private_names.missing_names(), (
        f"MiniStack {version('ministack')} has no {module}.{name}: adapt server/ministack/"
    )


def test_a_missing_name_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(_private_names.PRIVATE_NAMES, _private_names.ROUTER, ("SERVICE_PATTERNS", "_no_such_name"))
    monkeypatch.setitem(_private_names.PRIVATE_NAMES, "ministack.no_such_module", ("anything",))

    with pytest.raises(_private_names.MiniStackChangedError) as raised:
        _private_names.check_private_names()

    assert "ministack.core.router._no_such_name" in str(raised.value)
    assert "ministack.no_such_module" in str(raised.value)
    assert "SERVICE_PATTERNS" not in str(raised.value)


def test_only_one_file_knows_ministack() -> None:
    package = Path(cdk_clarify_monitors_local.__file__).parent
    knowing = set()
    for path in package.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            names += [node.value] if isinstance(node, ast.Constant) and isinstance(node.value, str) else []
            if any(name == "ministack" or name.startswith("ministack.") for name in names):
                knowing.add(path.relative_to(package).as_posix())

    # The latter only asks whether it is installed.
    assert knowing == {"server/ministack/_private_names.py", "__main__.py"}
