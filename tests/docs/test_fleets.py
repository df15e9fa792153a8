"""The page about fleets: its table, its app and its pipeline go together as they stand."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import joblib
import pandas as pd
import pytest
from aws_cdk import pipelines
from sklearn.linear_model import LogisticRegression

from cdk_clarify_monitors import MonitorFleet
from tests.support.pages import blocks, name_of
from tests.support.repository import ROOT

APP, ACCOUNTS, PIPELINE = (block for block in blocks("python") if name_of(block.page) == "docs/fleets.md")
(TABLE,) = (block for block in blocks("csv") if name_of(block.page) == "docs/fleets.md")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "fleet.csv").write_text(TABLE.code)
    return tmp_path


def test_the_app_makes_the_stacks_that_the_page_names(folder: Path) -> None:
    (folder / "app.py").write_text(APP.code)
    variables = {**os.environ, "CDK_OUTDIR": str(folder / "cdk.out")}
    subprocess.run([sys.executable, "app.py"], cwd=folder, env=variables, check=True, capture_output=True)
    artifacts = json.loads((folder / "cdk.out" / "manifest.json").read_text())["artifacts"]
    stacks = {each["properties"]["stackName"]: each for each in artifacts.values() if "stackName" in each["properties"]}
    assert sorted(stacks) == [
        f"Loans-{environment}-{number}"
        for environment in ("111111111111-eu-central-1", "222222222222-eu-west-1")
        for number in (1, 2)
    ]
    templates = [folder / "cdk.out" / each["properties"]["templateFile"] for each in stacks.values()]
    assert sum(path.read_text().count('"Type": "AWS::SageMaker::MonitoringSchedule"') for path in templates) == 3
    assert stacks["Loans-111111111111-eu-central-1-1"]["displayName"].startswith("Loans/111111111111-")


@pytest.mark.deploy
@pytest.mark.slow
def test_the_accounts_of_the_page_are_side_by_side(folder: Path) -> None:
    """In two regions, with one clock: the only deployment of a fleet into two accounts of one embedded AWS."""
    features = [[20 + number, 30 + 5 * (number % 7)] for number in range(60)]
    labels = [number // 2 % 2 for number in range(60)]
    joblib.dump(LogisticRegression().fit(features, labels), folder / "loans.joblib")
    table = pd.DataFrame(features, columns=["age", "income"])
    table.assign(approved=labels, predicted=[number % 2 for number in range(60)])[
        ["approved", "age", "income", "predicted"]
    ].to_csv(folder / "train.csv", index=False)
    for name, block in (("app.py", APP), ("accounts.py", ACCOUNTS)):
        (folder / name).write_text(block.code)
    tools = (Path(sys.executable).parent, ROOT / "node_modules" / ".bin")  # `python` and `cdk`
    variables = {**os.environ, "PATH": os.pathsep.join([*map(str, tools), os.environ["PATH"]])}
    command = [sys.executable, "accounts.py"]
    ended = subprocess.run(command, cwd=folder, env=variables, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert [line.split()[-1] for line in ended.stdout.splitlines()] == ["Failed"] * 3, "nobody has asked an endpoint"


def test_the_pipeline_takes_the_waves(folder: Path) -> None:
    names: dict[str, Any] = {"__name__": "app"}
    exec(compile(APP.code[: APP.code.index("app = cdk.App()")] + PIPELINE.code, "pipeline.py", "exec"), names)  # noqa: S102
    app = cdk.App(analytics_reporting=False)
    stack = cdk.Stack(app, "Pipeline", env=cdk.Environment(account="111111111111", region="eu-central-1"))
    source = pipelines.CodePipelineSource.connection("owner/name", "main", connection_arn="arn:aws:codeconnections:::c")
    pipeline = pipelines.CodePipeline(
        stack, "Fleet", synth=pipelines.ShellStep("Synth", input=source, commands=[]), cross_account_keys=True
    )
    fleet = MonitorFleet(
        stack,
        "Loans",
        rows=names["read_rows"](folder / "fleet.csv"),
        key="endpoint",
        environments=[
            cdk.Environment(account="111111111111", region="eu-central-1"),
            cdk.Environment(account="222222222222", region="eu-west-1"),
        ],
        stacks_per_environment=2,
        build_monitor=names["build_monitor"],
        in_stages=True,
    )
    names["add_waves"](pipeline, fleet)
    template = app.synth().get_stack_by_name("Pipeline").template
    (resource,) = (each for each in template["Resources"].values() if each["Type"] == "AWS::CodePipeline::Pipeline")
    deployed = [action["Configuration"]["StackName"] for action in resource["Properties"]["Stages"][-1]["Actions"]]
    assert sorted(set(deployed)) == sorted(each.stack_name for each in fleet.stacks)
