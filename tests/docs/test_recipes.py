"""Start here and the recipes: each block is run as it stands; one stack of several recipes is deployed and executed."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from constructs import Construct

from cdk_clarify_monitors import ModelPredictedLabelConfig
from cdk_clarify_monitors_local import EmbeddedAws
from tests.support.embedded_aws.account import Account, Stack, wait_for
from tests.support.pages import Block, blocks, code_of, name_of, rows
from tests.support.repository import ROOT

RECIPES = ROOT / "docs" / "recipes"
START = "docs/start-here.md"
TEACHING = [block for block in blocks("python") if block.page.parent == RECIPES or name_of(block.page) == START]
APPS = [block for block in TEACHING if "cdk.App()" in block.code]
OTHERS = [block for block in TEACHING if block not in APPS]
# In the order in which they build on each other.
DATA = [block for block in sorted(OTHERS, key=lambda block: name_of(block.page) != START) if "_csv(" in block.code]


def run(block: Block, code: str | None = None, **names: Any) -> dict[str, Any]:
    """Run a block, in the working directory, and return what it defines."""
    names["__name__"] = "recipe"
    exec(compile(block.code if code is None else code, str(block), "exec"), names)  # noqa: S102
    return names


def of_page(page: str, language: str = "python") -> list[Block]:
    return [block for block in blocks(language) if block.page == RECIPES / f"{page}.md"]


def function(page: str, name: str) -> Any:
    """A function that a page defines."""
    (block,) = (block for block in of_page(page) if f"def {name}(" in block.code)
    return run(block)[name]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The working directory, with the data and models that the pages make."""
    folder = tmp_path_factory.mktemp("recipes")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        for block in DATA:
            run(block)
        yield folder


def test_the_pages_make_what_the_apps_need(folder: Path) -> None:
    made = {path.name for path in folder.iterdir()}
    assert made == {"train.csv", "loans.joblib", "train.jsonl", "purposes.csv", "purposes.joblib"}


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("block", APPS, ids=str)
def test_an_app_of_a_recipe_is_synthesized(block: Block) -> None:
    assembly = run(block)["app"].synth()
    types = [r["Type"] for stack in assembly.stacks for r in stack.template["Resources"].values()]
    monitors = len(re.findall(r"^ *(?:\w+ = )?Model\w+MonitorConstruct\($", block.code, re.MULTILINE))
    expected = monitors * len(assembly.stacks)
    assert types.count("AWS::SageMaker::MonitoringSchedule") == types.count("Custom::ClarifyBaseline") == expected > 0


@pytest.mark.parametrize("block", [block for block in OTHERS if block not in DATA], ids=str)
def test_a_block_of_a_recipe_runs(block: Block) -> None:
    assert set(run(block)) - {"__name__", "__builtins__"}


def test_every_answer_of_a_model_has_a_configuration() -> None:
    told = [code_of(row[1])[0] for row in rows(RECIPES / "thresholds.md") if "Config" in code_of(row[1])[0]]
    assert len(told) == 8
    for code in told:
        eval(code, {"ModelPredictedLabelConfig": ModelPredictedLabelConfig})  # noqa: S307  ours


# ---------------------------------------------------------------- one account for all that runs
NOW = datetime(2026, 3, 2, 9, 5, tzinfo=UTC)
COUNT = 80  # records for each monitor
DEPLOYED = ("json-lines", "batch-transform", "categorical-features")


def _build(stack: cdk.Stack) -> None:
    """The monitors of these pages in one stack, each page's in a scope of its own."""
    for page in DEPLOYED:
        (block,) = (block for block in of_page(page) if block in APPS)
        code = re.sub(r"^(?:app = cdk\.App\(\)|stack = cdk\.Stack\(.*\)|app\.synth\(\))$", "", block.code, flags=re.M)
        run(block, code, stack=Construct(stack, page))


@pytest.fixture(scope="module")
def deployed(folder: Path) -> Iterator[Stack]:
    """The account and the stack; this process's boto3 talks to the account."""
    models = {"loans": "loans.joblib", "purposes": "purposes.joblib"}
    with EmbeddedAws(models=models, clock=NOW, asks_every=0.3) as aws, pytest.MonkeyPatch.context() as patch:
        for name, value in aws.environment.items():
            patch.setenv(name, value)
        account = Account(aws, folder / "assemblies")
        account.create_bucket("loans-data")
        turn_on_capture = function("data-capture", "turn_on_capture")
        for model in models:
            aws.add_endpoint(f"{model}-endpoint", model=model)
            turn_on_capture(f"{model}-endpoint", f"{model}-captured", "s3://loans-data/captured")
        stack = account.stack("Recipes")
        stack.deploy(_build)
        yield stack


def _ask(stack: Stack, endpoint: str, content_type: str, bodies: list[str]) -> None:
    runtime = stack.account.client("sagemaker-runtime")
    for number, body in enumerate(bodies):
        runtime.invoke_endpoint(
            EndpointName=endpoint, ContentType=content_type, Body=body, InferenceId=f"{endpoint}-{number}"
        )


def _execute(stack: Stack, id_: str) -> None:
    """Run a monitor at the next full hour, up to its end."""
    name = stack.monitor(id_).schedule["MonitoringScheduleName"]
    execution = stack.account.aws.execute_schedule(name)
    assert execution["MonitoringExecutionStatus"].startswith("Completed"), execution


def _shape(document: Any) -> Any:
    """A document's members, in place of what they are."""
    return {name: _shape(value) for name, value in document.items()} if isinstance(document, dict) else type(document)


@pytest.mark.slow
@pytest.mark.deploy
def test_json_lines_are_captured_labelled_and_analysed(deployed: Stack) -> None:
    training = [json.loads(line) for line in Path("train.jsonl").read_text().splitlines()[:COUNT]]
    _ask(
        deployed, "loans-endpoint", "application/jsonlines", [json.dumps({"features": r["features"]}) for r in training]
    )
    labels = {f"loans-endpoint-{number}": {"approved": row["approved"]} for number, row in enumerate(training)}
    deployed.account.aws.put_ground_truth("s3://loans-data/labels", labels)
    _execute(deployed, "jsonlines")

    prefix = "captured/loans-endpoint/AllTraffic/2026/03/02/09"
    records = list(function("data-capture", "captured")("loans-data", prefix))
    (said,) = of_page("data-capture", "json")
    assert len(records) == len(training)
    assert {json.dumps(_shape(r), default=str) for r in records} == {
        json.dumps(_shape(json.loads(said.code)), default=str)
    }
    asked = [of_page("json-lines", "text")[side].code for side in (0, 1)]
    for text, side in zip(asked, ("endpointInput", "endpointOutput"), strict=True):
        payload = records[0]["captureData"][side]
        assert payload["encoding"] == "JSON"
        assert _shape(json.loads(payload["data"])) == _shape(json.loads(text))


@pytest.mark.slow
@pytest.mark.deploy
def test_categories_are_labelled_by_the_writer_and_analysed(deployed: Stack) -> None:
    lines = [line.split(",", 1) for line in Path("purposes.csv").read_text().splitlines()[1 : COUNT + 1]]
    _ask(deployed, "purposes-endpoint", "text/csv", [features for _, features in lines])
    labels = {f"purposes-endpoint-{number}": label for number, (label, _) in enumerate(lines)}
    key = function("ground-truth", "write_labels")("loans-data", "labels", labels, NOW)

    (place,) = of_page("ground-truth", "text")
    assert re.fullmatch(r"labels/2026/03/02/09/[^/]+\.jsonl", key)
    assert place.code.startswith(f"s3://loans-data/{key.rpartition('/')[0]}/")
    written = deployed.account.client("s3").get_object(Bucket="loans-data", Key=key)["Body"].read().decode()
    said, _ = of_page("ground-truth", "json")
    assert _shape(json.loads(written.splitlines()[0])) == _shape(json.loads(said.code))
    _execute(deployed, "categoricalfeaturesBias")
    _execute(deployed, "categoricalfeaturesExplainability")


@pytest.mark.slow
@pytest.mark.deploy
def test_a_transform_job_is_captured_and_analysed(deployed: Stack) -> None:
    s3, sagemaker = deployed.account.client("s3"), deployed.account.client("sagemaker")
    lines = [line.split(",", 1) for line in Path("train.csv").read_text().splitlines()[1 : COUNT + 1]]
    deployed.account.put("s3://loans-data/today/applicants.csv", "".join(f"{features}\n" for _, features in lines))
    function("batch-transform", "start_transform")("nightly", "loans", "s3://loans-data/today/")
    describe = sagemaker.describe_transform_job
    wait_for(
        "the transform job's end", lambda: describe(TransformJobName="nightly")["TransformJobStatus"] == "Completed"
    )

    (uri,) = deployed.account.files("s3://loans-data/batch-captured/output/")
    place, line = (block.code for block in of_page("batch-transform", "text"))
    manifest, (said, _) = deployed.account.json(uri), of_page("batch-transform", "json")
    assert re.sub(r"\d", "0", uri.rpartition("/")[0]) == re.sub(r"\d", "0", place.rpartition("/")[0])
    assert manifest == json.loads(said.code)
    predicted = s3.get_object(Bucket="loans-data", Key=f"predicted/{manifest[1]}")["Body"].read().decode().splitlines()
    assert len(predicted[0].split(",")) == len(line.split(","))

    labels = {row.split(",")[-2]: label for row, (label, _) in zip(predicted, lines, strict=True)}
    function("ground-truth", "write_labels")("loans-data", "labels", labels, NOW)
    _execute(deployed, "batchtransform")
