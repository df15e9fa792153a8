"""The parity tests can fail: every place of an expectation counts, and the pretended deployment is strict."""

import copy
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
from botocore.exceptions import ParamValidationError

from tests.parity.expectation import expectation
from tests.support.recorded.matching import Below, Matcher, NameLike, differences
from tests.support.recorded.outcome import Outcome, compared, deployed
from tests.support.recorded.record import CASES
from tests.support.templates.deployment import Cloud, DeploymentFailed, Stack

ACCOUNT, REGION = "123456789012", "us-west-2"
Path_ = tuple[str | int, ...]


# ---------------------------------------------------------------- the comparison
def places(x: Any, path: Path_ = ()) -> Iterator[Path_]:
    """The paths of all scalars in an expectation."""
    if isinstance(x, dict | list) and x:
        for key, item in x.items() if isinstance(x, dict) else enumerate(x):
            yield from places(item, (*path, key))
    else:
        yield path


def written(path: Path_) -> str:
    return "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in path).lstrip(".")


def parent(x: Any, path: Path_) -> Any:
    for key in path[:-1]:
        x = x[key]
    return x


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory) -> tuple[Outcome, Outcome]:
    """Expectation and outcome of the case with every argument of the monitor's."""
    case = CASES["P003"]
    return expectation(case), deployed(case, tmp_path_factory.mktemp("P003"))


def test_an_outcome_as_expected_has_no_differences(everything: Any) -> None:
    assert compared(*everything) == []


def test_another_value_is_found_wherever_it_is(everything: Any) -> None:
    expected, actual = everything
    found = list(places(vars(expected)))
    assert len(found) > 90
    for path in found:
        changed = copy.deepcopy(vars(actual))
        parent(changed, path)[path[-1]] = "something else?"
        (line,) = compared(expected, Outcome(**changed))
        assert line.startswith(f"{written(path)}: expected ")
        assert "'something else?'" in line


def test_a_missing_value_is_found_wherever_it_was(everything: Any) -> None:
    expected, actual = everything
    for path in places(vars(expected)):
        if isinstance(path[-1], str):
            changed = copy.deepcopy(vars(actual))
            del parent(changed, path)[path[-1]]
            (line,) = compared(expected, Outcome(**changed))
            assert line.startswith(f"{written(path)}: missing, expected ")


def test_a_value_too_many_is_found_wherever_it_is(everything: Any) -> None:
    expected, actual = everything
    for path in places(vars(expected)):
        if isinstance(path[-1], str):
            changed = copy.deepcopy(vars(actual))
            parent(changed, path)["TooMuch"] = 1
            (line,) = compared(expected, Outcome(**changed))
            assert line == f"{written((*path[:-1], 'TooMuch'))}: not expected, got 1"


@pytest.mark.parametrize(("name", "value"), [("processing_jobs", []), ("schedule", None), ("job_definition", None)])
def test_a_request_that_is_not_sent_is_found(everything: Any, name: Any, value: Any) -> None:
    expected, actual = everything
    assert compared(expected, Outcome(**{**vars(actual), name: value}))


def test_the_record_decides(everything: Any) -> None:
    """Changing the record, not the outcome, is found too: the expectation is not made of what it is compared with."""
    _, actual = everything
    case = CASES["P003"]
    content = copy.deepcopy(case._content)
    content["expected"]["monitoring"]["create_job_definition"]["StoppingCondition"]["MaxRuntimeInSeconds"] = 1801
    changed = type(case)(case.path)
    vars(changed)["_content"] = content
    assert compared(expectation(changed), actual) == [
        "job_definition.StoppingCondition.MaxRuntimeInSeconds: expected 1801, got 1800"
    ]


@pytest.mark.parametrize(
    ("expected", "actual"),
    [
        (1, True),
        (True, 1),
        (0, False),
        ("1", 1),
        (None, "None"),
        ([1, 2], [2, 1]),
        ([1], [1, 1]),
        ({}, []),
        ({"a": None}, {}),
        ({}, {"a": None}),
    ],
)
def test_values_that_differ_are_found_with_their_place(expected: Any, actual: Any) -> None:
    assert differences(expected, actual)


def test_one_is_one_point_zero() -> None:
    assert differences({"a": 1}, {"a": 1.0}) == []


@pytest.mark.parametrize(
    ("matcher", "value", "accepted"),
    [
        (NameLike(), "a--1", True),
        (NameLike(), "a" * 63, True),
        (NameLike(), "a" * 64, False),
        (NameLike(), "a-", False),
        (NameLike(), {"Ref": "X"}, False),
        (NameLike("base"), "base-1", True),
        (NameLike("base"), "bass-1", False),
        (Below(("s3://b/p/",)), "s3://b/p/x", True),
        (Below(("s3://b/p",)), "s3://b/p", False),
        (Below(("s3://b/p",)), "s3://b/pp/x", False),
        (Below(("s3://b/p",)), "s3://b/p//x", False),
        (Below(("s3://b", "s3://c")), "s3://c/x", True),
        (Below(("s3://b",), "f.json"), "s3://b/x/f.json", True),
        (Below(("s3://b",), "f.json"), "s3://b/x/g.json", False),
        (Below(("s3://b",)), None, False),
    ],
)
def test_what_matchers_accept(matcher: Matcher, value: Any, accepted: Any) -> None:
    assert matcher.accepts(value) is accepted


# ---------------------------------------------------------------- the deployment
CREATES_A_JOB = """\
import boto3
def on_event(event, context):
    boto3.client("sagemaker").create_processing_job(**JOB)
"""
JOB = {
    "ProcessingJobName": "job",
    "AppSpecification": {"ImageUri": "image"},
    "RoleArn": "arn:aws:iam::123456789012:role/role",
    "ProcessingResources": {"ClusterConfig": {"InstanceCount": 1, "InstanceType": "ml.m5.xlarge", "VolumeSizeInGB": 1}},
}
COMPLETES = """
def is_complete(event, context):
    return {"IsComplete": True, "Data": {"Seen": repr(event["ResourceProperties"])}}
"""


def deploy(folder: Path, code: str, *, properties: dict[str, Any] | None = None, outputs: Any = None) -> Stack:
    """Deploy a template with a custom resource and these handlers behind it, framework and all."""
    (folder / "asset.1").mkdir()
    (folder / "asset.1" / "handmade.py").write_text(dedent(code))

    def function(handler: str, **variables: Any) -> dict[str, Any]:
        code = {"S3Bucket": "assets", "S3Key": "1.zip"}
        environment = {"Environment": {"Variables": variables}}
        return {"Type": "AWS::Lambda::Function", "Properties": {"Code": code, "Handler": handler, **environment}}

    def arn(logical_id: str) -> dict[str, Any]:
        return {"Fn::GetAtt": [logical_id, "Arn"]}

    handlers = {"USER_ON_EVENT_FUNCTION_ARN": arn("OnEvent"), "USER_IS_COMPLETE_FUNCTION_ARN": arn("IsComplete")}
    template = {
        "Resources": {
            "Framework": function("framework.onEvent", **handlers),
            "OnEvent": function("handmade.on_event"),
            "IsComplete": function("handmade.is_complete"),
            "Custom": {
                "Type": "Custom::ClarifyBaseline",
                "Properties": {"ServiceToken": arn("Framework"), **(properties or {})},
            },
        },
        "Outputs": {name: {"Value": value} for name, value in (outputs or {}).items()},
    }
    asset = {"source": {"path": "asset.1"}, "destinations": {"here": {"objectKey": "1.zip"}}}
    (folder / "Handmade.template.json").write_text(json.dumps(template))
    (folder / "Handmade.assets.json").write_text(json.dumps({"files": {"1": asset}}))
    return Cloud(ACCOUNT, REGION).deploy(folder, "Handmade")


def test_the_handlers_run_and_get_strings(tmp_path: Path) -> None:
    stack = deploy(
        tmp_path,
        "def on_event(event, context): return {'PhysicalResourceId': 'mine'}\n" + COMPLETES,
        properties={"Number": 1, "Yes": True, "Nested": [{"Half": 0.5}], "Region": {"Ref": "AWS::Region"}},
        outputs={"Id": {"Ref": "Custom"}, "Seen": {"Fn::GetAtt": "Custom.Seen"}},
    )
    assert stack.outputs["Id"] == "mine"
    assert "'Number': '1', 'Yes': 'true', 'Nested': [{'Half': '0.5'}], 'Region': 'us-west-2'" in stack.outputs["Seen"]
    assert "handmade" not in sys.modules


@pytest.mark.parametrize(
    ("is_complete", "says"),
    [
        ('{"IsComplete": False}', "not complete"),
        ('{"IsComplete": False, "Data": {"A": "1"}}', "takes no"),
        ('{"IsComplete": True, "Data": {"A": "x" * 4096}}', "more than 4096 bytes"),
    ],
)
def test_the_framework_fails_a_resource(tmp_path: Path, is_complete: Any, says: Any) -> None:
    code = f"""\
    def on_event(event, context): return {{}}
    def is_complete(event, context): return {is_complete}
    """
    with pytest.raises(DeploymentFailed, match=says):
        deploy(tmp_path, code)


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ({"Ref": "Missing"}, "no resource Missing"),
        ({"Fn::GetAtt": ["Custom", "Missing"]}, "no attribute Missing"),
        ({"Fn::Cidr": ["10.0.0.0/8", 1, 1]}, "Fn::Cidr"),
    ],
)
def test_a_reference_that_leads_nowhere_fails_the_deployment(tmp_path: Path, value: Any, says: Any) -> None:
    stack = deploy(tmp_path, "def on_event(event, context): return {}\n" + COMPLETES, outputs={"Wrong": value})
    with pytest.raises(DeploymentFailed, match=says):
        _ = stack.outputs


def test_a_request_is_checked_with_the_model_of_the_service(tmp_path: Path) -> None:
    wrong = {**JOB, "ProcessingResources": {"ClusterConfig": {"InstanceCount": "1"}}}
    with pytest.raises(ParamValidationError, match="InstanceCount"):
        deploy(tmp_path, f"JOB = {wrong!r}\n" + CREATES_A_JOB + COMPLETES)


def test_a_name_is_used_once(tmp_path: Path) -> None:
    code = f"JOB = {JOB!r}\n" + CREATES_A_JOB + "    boto3.client('sagemaker').create_processing_job(**JOB)\n"
    with pytest.raises(Exception, match="ResourceInUse"):
        deploy(tmp_path, code + COMPLETES)


def test_no_other_call_is_answered(tmp_path: Path) -> None:
    code = "import boto3\ndef on_event(event, context): boto3.client('s3').list_buckets()\n"
    with pytest.raises(AssertionError, match="no baseline needs: ListBuckets"):
        deploy(tmp_path, code + COMPLETES)
