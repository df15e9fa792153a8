"""docs/operations.md and the client's part of docs/from-the-sdk.md are true."""

from __future__ import annotations

import dataclasses
import inspect
import re
import typing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import cdk_clarify_monitors
import cdk_clarify_monitors_operations as package
from tests.operations.account import HOUR, Account
from tests.support.callables import public_callables
from tests.support.pages import Block, blocks, name_of
from tests.support.repository import ROOT

PAGE = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
FROM_THE_SDK = (ROOT / "docs" / "from-the-sdk.md").read_text(encoding="utf-8")
_PAGES = ("docs/operations.md", "docs/report.md")
BLOCKS = [b for b in blocks("python") if name_of(b.page) in _PAGES or "ModelBiasMonitor.attach" in b.code]
BLOCKS = [block for block in BLOCKS if "from sagemaker" not in block.code]

# The SDK's classes and methods after the creation of a monitor.
SDK = {
    "`ModelBiasMonitor` and `ModelExplainabilityMonitor`": """
        attach describe_schedule list_executions latest_monitoring_constraint_violations latest_monitoring_statistics
        baseline_statistics run_baseline suggest_baseline create_monitoring_schedule describe_latest_baselining_job
        latest_baselining_job suggested_constraints get_latest_execution_logs start_monitoring_schedule
        stop_monitoring_schedule update_monitoring_schedule delete_monitoring_schedule list_monitoring_alerts
        update_monitoring_alert list_monitoring_alert_history""",
    "`ClarifyBaseliningJob` and `ClarifyMonitoringExecution`": """
        ClarifyBaseliningJob ClarifyMonitoringExecution.from_processing_arn describe wait stop suggested_constraints
        constraint_violations statistics baseline_statistics""",
    "`Constraints`, `ConstraintViolations` and `Statistics`": """
        from_s3_uri from_string from_file_path save Constraints.set_monitoring""",
}

UPDATE = """
    endpoint_input ground_truth_input analysis_config output_s3_uri constraints schedule_cron_expression
    enable_cloudwatch_metrics role instance_count instance_type volume_size_in_gb volume_kms_key output_kms_key
    max_runtime_in_seconds env network_config batch_transform_input data_analysis_start_time data_analysis_end_time"""


@pytest.mark.parametrize("block", BLOCKS, ids=str)
def test_a_block_runs(block: Block, account: Account, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    account.add_execution("credit", HOUR, "Failed", reason="Job inputs had no data", with_job=False)
    account.add_execution("credit", datetime.now(UTC) - timedelta(days=1), "Completed")
    account.add_execution("credit-now", HOUR)
    metric = {"name": "DPPL", "description": "DPPL", "value": 0.1}
    facets = {"gender": [{"value_or_threshold": "F", "metrics": [metric]}]}
    account.put_json("s3://monitor/ModelBias.json", {"post_training_bias_metrics": {"label": "y", "facets": facets}})
    account.aws["executions"]["credit"].reverse()
    printed: list[Any] = []
    monkeypatch.setattr("boto3.Session", lambda: account.session)

    exec(compile(block.code, str(block), "exec"), {"print": lambda *values: printed.append(values)})  # noqa: S102

    assert printed or "dry_run" in block.code or "logs()" in block.code


def test_the_page_has_blocks() -> None:
    assert len(BLOCKS) >= 10


def test_every_code_of_a_finding_is_in_the_page() -> None:
    source = (ROOT / "operations" / "cdk_clarify_monitors_operations" / "_doctor.py").read_text(encoding="utf-8")
    codes = set(re.findall(r'\(\s*"([a-z]+(?:-[a-z]+)+)",\s*"(?:error|warning|unknown)"', source))
    codes |= {"nothing-captured", "no-ground-truth", "role-may-not-read", "role-may-not-write", "not-examined"}
    documented = set(re.findall(r"`([a-z]+(?:-[a-z]+)+)`", PAGE.split("| finding |")[1].split("## Logs")[0]))
    assert documented == codes


def test_every_error_is_in_the_page() -> None:
    table = PAGE.split("## Errors")[1].split("## Permissions")[0]
    errors = {
        name
        for name in package.__all__
        if isinstance(each := getattr(package, name), type) and issubclass(each, Exception)
    }
    assert errors - set(re.findall(r"`(\w+)`", table)) == {"NotFound"}


def _rows(title: str) -> list[list[str]]:
    section = re.split(r"\n##+ ", FROM_THE_SDK.split(f"\n### {title}\n", 1)[1], maxsplit=1)[0]
    lines = [line for line in section.splitlines() if line[:1] == "|"]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def _names(cell: str) -> list[str]:
    return re.findall(r"`([\w.]+)`", cell)


@pytest.mark.parametrize("title", SDK)
def test_every_method_of_the_sdk_has_a_row(title: str) -> None:
    assert sorted(name for row in _rows(title) for name in _names(row[0])) == sorted(SDK[title].split())


@pytest.mark.parametrize("title", SDK)
def test_documented_counterparts_exist(title: str) -> None:
    classes = [getattr(package, name) for name in _names(title)]
    for _, here, _ in _rows(title):
        for name in _names(here):
            owner, _, member = name.rpartition(".")
            if owner:
                assert hasattr(getattr(package, owner), member), name
            else:
                found = [hasattr(each, name) for each in classes]
                assert any(found) or hasattr(package, name) or hasattr(cdk_clarify_monitors, name), name


def test_nothing_of_the_sdk_is_not_offered() -> None:
    assert "not offered" not in FROM_THE_SDK.lower()


def test_an_update_has_the_arguments_of_the_sdk() -> None:
    _, *parameters = inspect.signature(package.ModelBiasMonitor.update_monitoring_schedule).parameters.values()
    ours = [each for each in parameters if each.kind is each.POSITIONAL_OR_KEYWORD]
    assert [each.name for each in ours] == UPDATE.split()
    assert all(each.default is None for each in ours)


def test_the_reference_has_every_public_name() -> None:
    reference = (ROOT / "docs" / "reference" / "operations.md").read_text(encoding="utf-8")
    assert re.findall(r"^::: cdk_clarify_monitors_operations\.(\w+)$", reference, re.M) == package.__all__


def test_the_package_imports_neither_the_cdk_nor_the_library() -> None:
    sources = Path(package.__file__).parent.glob("*.py")
    imported = {name for path in sources for name in re.findall(r"^\s*(?:from|import) (\w+)", path.read_text(), re.M)}
    assert imported & {"aws_cdk", "cdk_clarify_monitors", "constructs", "jsii", "numpy", "pandas"} == set()


@pytest.mark.parametrize("name", package.__all__)
def test_types_of_arguments_can_be_looked_up(name: str) -> None:
    for function in public_callables(package, name):
        hints = typing.get_type_hints(function)
        if inspect.isfunction(function):
            assert hints.keys() >= set(inspect.signature(function).parameters) - {"self", "cls"}


RECORDS = [name for name in package.__all__ if dataclasses.is_dataclass(getattr(package, name))]


@pytest.mark.parametrize("name", RECORDS)
def test_what_the_client_returns_cannot_be_changed(name: str) -> None:
    assert getattr(package, name).__dataclass_params__.frozen
