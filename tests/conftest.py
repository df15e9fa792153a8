"""Fixtures that several test folders share."""

from __future__ import annotations

import gc
import importlib.util
import os
import re
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, settings

from tests.support.repository import ROOT
from tests.support.tracing import Tracer
from tests.support.workers import UnitScheduling, has_company

if TYPE_CHECKING:
    from cdk_clarify_monitors_local import EmbeddedAws

# Before anything imports aws_cdk. CDK's own template rules cost seconds in every process and prove nothing that is not
# proved by cfn-lint; monitors/test_lint.py has them on once.
os.environ.setdefault("CDK_VALIDATION", "false")
os.environ.setdefault("JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION", "18,19,20,21")

# A worker of pytest-xdist has a size of a terminal, though it has no terminal.
for name in ("COLUMNS", "LINES"):
    os.environ.pop(name, None)

# The same examples each time, however long they take: a busy machine must fail no test.
settings.register_profile(
    "steady", derandomize=True, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("steady")

DIABETES = ROOT / "examples" / "diabetes"

# Whose lines are looked for, and by the tests of which folders.
_TRACED_PACKAGES = ("cdk_clarify_monitors", "cdk_clarify_monitors_operations")
_TRACED_FOLDERS = {"config", "monitors", "operations", "security"}
_tracer = pytest.StashKey[Tracer]()

# With thousands of tests and what they import, looking for garbage takes longer than many a test.
gc.set_threshold(100_000, 20, 100)


@pytest.hookimpl(wrapper=True)
def pytest_collection(session: pytest.Session) -> Generator[None, object, object]:
    """Measure coverage of the library's imports, and not of the tests'."""
    tracer = session.config.stash[_tracer] = Tracer()
    tracer.see_imports(*_TRACED_PACKAGES)
    tracer.run(False)
    collected = yield
    gc.collect()
    gc.freeze()
    return collected


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Measure coverage where it is worth it."""
    folder = item.path.relative_to(ROOT / "tests").parts[0]
    item.config.stash[_tracer].run(folder in _TRACED_FOLDERS and item.get_closest_marker("no_cover") is None)
    return (yield)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest."""
    items.sort(key=lambda item: (not has_company(item.nodeid), not _deploys(item)))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> UnitScheduling | None:
    """Give files that share an account to one worker."""
    return UnitScheduling(config, log) if config.getvalue("dist") == "loadfile" else None


def pytest_make_parametrize_id(val: object) -> str | None:
    """Leave the numbers of the CDK's tokens out of names: they depend on what a process has made before."""
    if isinstance(val, str) and (name := re.sub(r"\{Token\[.*?\]\}", "{Token}", val)) != val:
        return name
    return None


def _deploys(item: pytest.Item) -> bool:
    module = item.getparent(pytest.Module)
    return module is not None and module.get_closest_marker("deploy") is not None


@pytest.fixture(scope="session")
def make_data() -> Any:
    """The example's script that makes its data set and its model."""
    spec = importlib.util.spec_from_file_location("make_data", DIABETES / "make_data.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def diabetes_model(make_data: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The joblib file of a model trained on the example's data."""
    import joblib

    path = tmp_path_factory.mktemp("model") / "diabetes.joblib"
    joblib.dump(make_data.trained_model(), path)
    return path


@pytest.fixture(scope="session")
def embedded_aws(diabetes_model: Path) -> Iterator[EmbeddedAws]:
    """One embedded AWS for all tests of this process; each test brings stacks and buckets of its own names."""
    from cdk_clarify_monitors_local import EmbeddedAws

    with EmbeddedAws(models={"diabetes-model": diabetes_model}) as aws:
        yield aws
        aws.clear_faults()


@pytest.fixture(scope="session")
def strict_aws(diabetes_model: Path) -> Iterator[EmbeddedAws]:
    """The same with IAM enforced."""
    from cdk_clarify_monitors_local import EmbeddedAws

    with EmbeddedAws(models={"diabetes-model": diabetes_model}, auth=True) as aws:
        yield aws
        aws.clear_faults()
