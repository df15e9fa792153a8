"""The handlers as Lambda calls them."""

import ast
import io
import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import boto3
import pytest

from cdk_clarify_monitors_lambda import handler
from cdk_clarify_monitors_lambda.clarify_baseline.aws.retry_policy import CLIENT_CONFIG
from tests.support.simulation.simulated_aws import SimulatedAws

EVENTS = Path(__file__).with_name("events")
PACKAGE = Path(handler.__file__).parent


def _event(name: str) -> dict[str, Any]:
    event: dict[str, Any] = json.loads((EVENTS / f"{name}.json").read_text())
    return event


@pytest.fixture
def _aws_behind_boto3(aws: SimulatedAws, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(boto3, "client", lambda service, config: aws.client(service))
    monkeypatch.setattr("time.time", aws.world.time)
    monkeypatch.setattr("time.sleep", aws.world.sleep)
    handler._custom_resource.cache_clear()


@pytest.mark.usefixtures("_aws_behind_boto3")
def test_create_update_and_delete_as_cloudformation_sends_them(aws: SimulatedAws) -> None:
    physical_id = ""
    for name in ("create", "update", "delete-replaced", "delete"):
        event = _event(name)
        if event["RequestType"] != "Create":
            event["PhysicalResourceId"] = physical_id
        answer = handler.on_event(event, None)
        assert "Data" not in answer
        if event["RequestType"] == "Update":
            assert answer["PhysicalResourceId"] != physical_id
        event |= answer
        polls = [handler.is_complete(event, None)]
        while not polls[-1]["IsComplete"]:
            assert "Data" not in polls[-1]
            aws.world.sleep(10)
            polls.append(handler.is_complete(event, None))
        if event["RequestType"] != "Delete":
            physical_id = answer["PhysicalResourceId"]
            assert aws.json(polls[-1]["Data"]["ConstraintsS3Uri"])["config"]["label"] == "target"
        json.dumps([answer, *polls])
    assert aws.live_jobs() == []
    assert len(aws.jobs) == 2
    assert aws.violations == []


@pytest.mark.usefixtures("_aws_behind_boto3")
def test_the_events_tokens_reach_the_job(aws: SimulatedAws) -> None:
    event = _event("create")
    event |= handler.on_event(event, None)
    handler.is_complete(event, None)

    (job,) = aws.jobs.values()
    assert job.request["RoleArn"] == "arn:aws:iam::123456789012:role/Stack-MonitorRole-1ABC"
    assert job.request["ProcessingResources"]["ClusterConfig"]["VolumeSizeInGB"] == 30
    assert job.request["NetworkConfig"]["VpcConfig"]["Subnets"] == ["subnet-1", "subnet-2"]
    assert job.request["Tags"] == [{"Key": "team", "Value": "monitor"}, {"Key": "stack", "Value": "x"}]


def test_clients_are_made_once_and_give_up_in_bounded_time() -> None:
    handler._custom_resource.cache_clear()
    os.environ.setdefault("AWS_DEFAULT_REGION", "us-west-2")

    assert handler._custom_resource("Custom::ClarifyBaseline") is handler._custom_resource("Custom::ClarifyBaseline")

    config: Any = CLIENT_CONFIG
    assert config.retries == {"mode": "standard", "total_max_attempts": 4}
    assert config.connect_timeout + config.read_timeout <= 30
    handler._custom_resource.cache_clear()


# Markers and import paths for code outside the functions; tests/monitors/test_resources.py looks into the asset.
NOT_DEPLOYED = ("py.typed", *(f"clarify_baseline/{name}.py" for name in ("identity", "properties", "s3_uri")))
PROGRAM = """
import importlib, json, sys
handler = importlib.import_module("handler")
assert handler.__package__ == "", handler.__package__
assert "cdk_clarify_monitors_lambda" not in sys.modules
event = json.load(open(sys.argv[1]))
event["RequestType"], event["PhysicalResourceId"] = "Delete", "made-up"
print(json.dumps(handler.on_event(event, None)))
try:
    handler.on_event({**event, "RequestType": "Create", "ResourceProperties": {}}, None)
except Exception as error:
    print(type(error).__name__, error)
"""


def _asset() -> list[Path]:
    """The files that CDK deploys, in the package's folder."""
    paths = [path.relative_to(PACKAGE) for path in PACKAGE.rglob("*") if "__pycache__" not in path.parts]
    return sorted(path for path in paths if (PACKAGE / path).is_file() and path.as_posix() not in NOT_DEPLOYED)


def test_the_folder_alone_is_the_function(tmp_path: Path) -> None:
    # As in the zip: the folder's content is the root, under no name of ours, and nothing else of ours is there.
    root = tmp_path / "task"
    for path in _asset():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(PACKAGE / path, root / path)
    botocore_and_boto3 = str(Path(boto3.__file__).parent.parent)
    isolate = f"import sys; sys.path[:0] = [{str(root)!r}]; sys.path.append({botocore_and_boto3!r})\n"

    ran = subprocess.run(
        [sys.executable, "-S", "-I", "-c", isolate + PROGRAM, str(EVENTS / "create.json")],
        env={"AWS_REGION": "us-west-2", "AWS_DEFAULT_REGION": "us-west-2", "PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=False,
    )

    assert ran.returncode == 0, ran.stderr
    answers = [line for line in ran.stdout.splitlines() if '"event"' not in line]
    assert json.loads(answers[0])["PhysicalResourceId"] == "made-up"
    assert answers[1].startswith("BaselineError the custom resource's properties are malformed: KeyError('Baseline')")


def test_the_zip_is_below_50_kilobytes() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in _asset():
            archive.write(PACKAGE / path, path)

    assert buffer.tell() < 50_000


def test_the_package_needs_only_python_and_boto3() -> None:
    allowed = sys.stdlib_module_names | {"boto3", "botocore"}
    typing_only = {"mypy_boto3_s3", "mypy_boto3_sagemaker"}
    own = {"clarify_baseline"}  # on Lambda
    found: set[str] = set()
    in_typing_blocks: set[str] = set()
    for path in PACKAGE.rglob("*.py"):
        tree = ast.parse(path.read_text())
        blocks = [n for n in ast.walk(tree) if isinstance(n, ast.If) and ast.unparse(n.test) == "TYPE_CHECKING"]
        typing_nodes = {id(node) for block in blocks for node in ast.walk(block)}
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                names = {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.level == 0:
                names = {(node.module or "").split(".")[0]}
            else:
                continue
            (in_typing_blocks if id(node) in typing_nodes else found).update(names)

    assert found <= allowed | own
    assert in_typing_blocks <= typing_only
