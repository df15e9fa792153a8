"""The installed MiniStack has every private name that the plugin reaches into."""

from __future__ import annotations

import ast
from importlib.metadata import version
from pathlib import Path

import pytest

from cdk_clarify_monitors_local.server import _ministack


@pytest.mark.parametrize(
    ("module", "name"), [(module, name) for module, names in _ministack.PRIVATE_NAMES.items() for name in names]
)
def test_the_installed_ministack_has_the_name(module: str, name: str) -> None:
    assert f"{module}.{name}" not in _ministack.missing_names(), (
        f"MiniStack {version('ministack')} has no {module}.{name}: adapt server/_ministack.py"
    )


def test_a_missing_name_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(_ministack.PRIVATE_NAMES, "ministack.core.router", ("SERVICE_PATTERNS", "_no_such_name"))
    monkeypatch.setitem(_ministack.PRIVATE_NAMES, "ministack.no_such_module", ("anything",))

    with pytest.raises(_ministack.MiniStackChangedError) as raised:
        _ministack.check_private_names()

    assert "ministack.core.router._no_such_name" in str(raised.value)
    assert "ministack.no_such_module" in str(raised.value)
    assert "SERVICE_PATTERNS" not in str(raised.value)


def test_only_one_file_knows_ministack() -> None:
    package = Path(_ministack.__file__).parent.parent
    importing = set()
    for path in package.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            names += [node.value] if isinstance(node, ast.Constant) and isinstance(node.value, str) else []
            if any(name == "ministack" or name.startswith("ministack.") for name in names):
                importing.add(path.relative_to(package).as_posix())

    assert importing == {"server/_ministack.py", "__main__.py"}  # the latter only asks whether it is installed
