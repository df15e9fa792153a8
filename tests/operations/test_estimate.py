"""What `clarify-monitors estimate` tells of cloud assemblies."""

from __future__ import annotations

import json
import runpy
import shlex
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import boto3
import pytest
from botocore.stub import Stubber

from cdk_clarify_monitors import BaselineOptions, CronExpressionGenerator, SHAPConfig
from cdk_clarify_monitors_local import EmbeddedAws
from cdk_clarify_monitors_operations._errors import InvalidArgument
from cdk_clarify_monitors_operations.estimate._prices import listed_prices
from cdk_clarify_monitors_operations.estimate._schedule import Frequency
from cdk_clarify_monitors_operations.estimate._template import Template, Unknown
from tests.operations.command import clarify_monitors
from tests.support.monitors.builders import (
    FEATURE_FLAGS,
    bias_monitor,
    data_config,
    explainability_monitor,
    model_config,
)
from tests.support.pages import blocks, name_of
from tests.support.repository import ROOT

HOURLY = CronExpressionGenerator.hourly()
REGION = "eu-west-1"


@pytest.fixture(scope="session")
def assembly(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Monitors of all kinds, in a stack, a stage and a nested stack."""
    app = cdk.App(outdir=str(tmp_path_factory.mktemp("cdk.out")), context=FEATURE_FLAGS, analytics_reporting=False)
    stack = cdk.Stack(app, "Plain", env=cdk.Environment(account="111111111111", region=REGION))
    bias_monitor(stack, "Daily", endpoint_input="loans", max_runtime_in_seconds=600, instance_count=2)
    bias_monitor(stack, "Hourly", endpoint_input="loans", schedule_cron_expression=HOURLY)
    columns = [f"column_{number:05d}" for number in range(1000)]
    explainability_monitor(
        stack,
        "Wide",
        data_config=data_config(headers=["approved", *columns]),  # its analysis config is a file of the assembly
        explainability_config=SHAPConfig(baseline=[[0] * 1000], num_samples=200, agg_method="mean_abs"),
        schedule_cron_expression="cron(0 2/8 ? * * *)",
        monitor_schedule_name="wide",
    )
    stage = cdk.Stage(app, "Prod")
    inner = cdk.Stack(stage, "Inner")
    nested = cdk.NestedStack(inner, "Nested")
    size = cdk.CfnParameter(inner, "Size", default="ml.c5.xlarge")
    open_size = cdk.CfnParameter(inner, "OpenSize")
    explainability_monitor(nested, "InNested", instance_type=size.value_as_string, instance_count=3)
    bias_monitor(inner, "Open", instance_type=open_size.value_as_string, baseline=BaselineOptions(wait=False))
    long = BaselineOptions(timeout=cdk.Duration.hours(6), instance_type="ml.m5.4xlarge")
    bias_monitor(inner, "Long", baseline=long, data_config=data_config())
    explainability_monitor(
        inner,
        "Given",
        data_config=None,
        explainability_config=None,
        model_config=None,
        analysis_config="s3://notebook/analysis_config.json",
        constraints="s3://notebook/analysis.json",
    )
    return Path(app.synth().directory)


@pytest.fixture(scope="session")
def estimated(assembly: Path) -> Any:
    """The document of all of it."""
    return clarify_monitors("estimate", str(assembly), "--json").json


def of(document: Mapping[str, Any], id_: str, part: str = "monitors") -> dict[str, Any]:
    """The entry of a monitor, by its construct id."""
    (found,) = (each for each in document[part] if id_.lower() in each["monitoring_schedule_name"])
    return dict(found)


@pytest.fixture(scope="session")
def example() -> str:
    """The folder of an example's assembly."""
    return str(runpy.run_path(str(ROOT / "examples" / "both_on_a_batch_transform.py"))["app"].outdir)


# ---------------------------------------------------------------- the page


def test_the_page_shows_what_is_printed(example: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "cdk.out").symlink_to(example, target_is_directory=True)
    monkeypatch.chdir(tmp_path)
    page = [block for block in blocks() if name_of(block.page) == "docs/costs.md"]
    printed = [clarify_monitors(*shlex.split(block.code)[1:]) for block in page if block.language == "sh"]
    assert [ended.code for ended in printed] == [0, 0]
    assert [block.code for block in page if block.language == "text"] == [printed[0].out]


# ---------------------------------------------------------------- executions


@pytest.mark.parametrize(
    ("expression", "per_day", "per_month", "longest", "longest_of_two"),
    [
        (None, 1, 30, 86_400, 86_400),
        ("cron(0 * ? * * *)", 24, 720, 3_600, 1_800),
        ("cron(0 0/1 ? * * *)", 24, 720, 3_600, 1_800),
        ("cron(0 0 ? * * *)", 1, 30, 86_400, 86_400),
        ("cron(0 23 ? * * *)", 1, 30, 86_400, 86_400),
        ("cron(0 0/6 ? * * *)", 4, 120, 21_600, 21_600),
        ("cron(0 2/8 ? * * *)", 3, 90, 28_800, 28_800),
        ("cron(0 09/5 ? * * *)", 3, 90, 18_000, 18_000),
        ("cron(0 17/12 ? * * *)", 1, 30, 86_400, 86_400),
        ("cron(0 0/24 ? * * *)", 1, 30, 86_400, 86_400),
        ("NOW", 1, 1, 86_400, 86_400),
    ],
)
def test_how_often_a_schedule_runs(
    expression: str | None, per_day: int, per_month: int, longest: int, longest_of_two: int
) -> None:
    found = Frequency.of(expression)
    assert (found.per_day, found.per_month) == (per_day, per_month)
    assert (found.longest_job(1), found.longest_job(2)) == (longest, longest_of_two)


@pytest.mark.parametrize(
    "expression", ["", "hourly", "rate(1 hour)", "cron(0 24 ? * * *)", "cron(5 0 ? * * *)", "cron(0 1/0 ? * * *)"]
)
def test_schedules_that_sagemaker_does_not_take_are_refused(expression: str, assembly: Path) -> None:
    with pytest.raises(InvalidArgument, match="got"):
        Frequency.of(expression)
    ended = clarify_monitors("estimate", str(assembly), "--schedule", expression)
    assert (ended.code, ended.out) == (1, "")
    assert f"got {expression!r}" in ended.err


def test_a_bias_execution_is_two_jobs(estimated: Any) -> None:
    bias, reasons = of(estimated, "hourly"), of(estimated, "wide")
    assert (bias["executions_per_day"], bias["executions_per_month"], bias["jobs_per_month"]) == (24, 720, 1440)
    assert (reasons["executions_per_day"], reasons["executions_per_month"], reasons["jobs_per_month"]) == (3, 90, 90)


def test_without_a_limit_a_job_runs_as_long_as_sagemaker_allows(estimated: Any) -> None:
    assert of(estimated, "hourly")["minutes_per_execution"] == 60  # half an hour each
    assert of(estimated, "hourly")["instance_hours_per_month"] == 720
    assert of(estimated, "wide")["minutes_per_execution"] == 8 * 60
    assert of(estimated, "wide")["minutes_are"] == "at most"


def test_a_limit_and_the_number_of_instances_count(estimated: Any) -> None:
    daily = of(estimated, "daily")
    assert daily["minutes_per_execution"] == 2 * 10
    assert daily["instance_hours_per_day"] == pytest.approx(2 * 20 / 60)
    assert daily["instance_hours_per_month"] == pytest.approx(30 * 2 * 20 / 60)


def test_an_explanation_needs_an_endpoint_each_time(estimated: Any) -> None:
    endpoint = {"instance_type": "ml.m5.large", "instance_count": 1}
    assert of(estimated, "innested")["endpoint"] == endpoint
    assert of(estimated, "wide")["endpoint"] == endpoint
    assert of(estimated, "hourly")["endpoint"] is None


def test_an_endpoint_that_runs_anyway_is_not_counted(tmp_path: Path) -> None:
    app = cdk.App(outdir=str(tmp_path), context=FEATURE_FLAGS, analytics_reporting=False)
    asks = model_config(model_name=None, instance_count=None, instance_type=None, endpoint_name="shap")
    explainability_monitor(cdk.Stack(app, "Stack"), model_config=asks)
    app.synth()
    document = clarify_monitors("estimate", str(tmp_path), "--json").json
    assert document["monitors"][0]["endpoint"] is None
    assert document["baselining"][0]["endpoint"] is None
    assert [each["use"] for each in document["instances"]] == ["processing"]


# ---------------------------------------------------------------- where monitors are


def test_stages_and_nested_stacks_are_looked_into(estimated: Any) -> None:
    stacks = {each["stack"].split("/")[0] for each in estimated["monitors"]}
    assert stacks == {"Plain", "Prod-Inner"}
    assert len(estimated["monitors"]) == 7
    assert of(estimated, "innested")["stack"].startswith("Prod-Inner/Nested")
    assert {each["region"] for each in estimated["monitors"] if each["stack"] == "Plain"} == {REGION}
    assert of(estimated, "long")["region"] is None


def test_defaults_of_parameters_are_known(estimated: Any) -> None:
    cluster = {"instance_type": "ml.c5.xlarge", "instance_count": 3}
    assert of(estimated, "innested")["cluster"] == cluster
    assert of(estimated, "innested", "baselining")["cluster"] == cluster


def test_what_is_known_at_deployment_only_is_said(estimated: Any) -> None:
    assert of(estimated, "open")["cluster"] == {"instance_type": None, "instance_count": 1}
    assert [note for note in estimated["notes"] if "open" in note and "its instances" in note]
    assert [note for note in estimated["notes"] if "given" in note and "analysis config" in note]
    assert len(estimated["notes"]) == 2


def test_an_example_is_estimated(example: str) -> None:
    document = clarify_monitors("estimate", example, "--json").json
    assert [each["monitoring_schedule_name"].split("-")[1] for each in document["monitors"]] == [
        "bias",
        "explainability",
    ]
    assert [each["jobs_per_month"] for each in document["monitors"]] == [60, 30]
    assert [(each["use"], each["instance_type"]) for each in document["instances"]] == [
        ("endpoint", "ml.m5.large"),
        ("processing", "ml.m5.xlarge"),
    ]


def test_other_monitors_and_conditions_are_told(tmp_path: Path) -> None:
    app = cdk.App(outdir=str(tmp_path), context=FEATURE_FLAGS, analytics_reporting=False)
    stack = cdk.Stack(app, "Stack")
    monitor = bias_monitor(stack, monitor_schedule_name="conditional")
    condition = cdk.CfnCondition(stack, "IsProd", expression=cdk.Fn.condition_equals(cdk.Aws.REGION, REGION))
    monitor.node.default_child.cfn_options.condition = condition  # type: ignore[union-attr]
    cdk.CfnResource(
        stack,
        "Imported",
        type="AWS::SageMaker::MonitoringSchedule",
        properties={
            "MonitoringScheduleName": "imported",
            "MonitoringScheduleConfig": {
                "MonitoringType": "ModelQuality",
                "MonitoringJobDefinitionName": "made-by-hand",
            },
        },
    )
    app.synth()
    document = clarify_monitors("estimate", str(tmp_path), "--json").json
    assert of(document, "imported")["instance_hours_per_month"] is None
    assert [note.partition(":")[0] for note in document["notes"]] == ["conditional", "imported"]
    assert "IsProd" in document["notes"][0]


# ---------------------------------------------------------------- templates of others

BY_HAND: dict[str, Any] = {
    "Definition": {
        "Type": "AWS::SageMaker::ModelBiasJobDefinition",
        "Properties": {
            "JobResources": {"ClusterConfig": {"InstanceCount": "2", "InstanceType": "ml.m5.large"}},
            "ModelBiasJobInput": {
                "EndpointInput": {"EndpointName": "loans"},
                "GroundTruthS3Input": {"S3Uri": "s3://x"},
            },
        },
    },
    "Schedule": {
        "Type": "AWS::SageMaker::MonitoringSchedule",
        "Properties": {
            "MonitoringScheduleName": "by-hand",
            "MonitoringScheduleConfig": {
                "MonitoringType": "ModelBias",
                "MonitoringJobDefinitionName": {"Fn::GetAtt": ["Definition", "JobDefinitionName"]},
                "ScheduleConfig": {"ScheduleExpression": "cron(0 0/12 ? * * *)"},
            },
        },
    },
}
UNKNOWN = {"Fn::If": ["IsProd", {"InstanceCount": 1}, {"InstanceCount": 2}]}


def by_hand(folder: Path, changes: Mapping[str, Any], manifest: Any = None) -> str:
    """A cloud assembly of one stack whose resources are changed at paths such as Schedule/Properties."""
    resources = json.loads(json.dumps(BY_HAND))
    for path, value in changes.items():
        *parents, last = path.split("/")
        part = resources
        for name in parents:
            part = part[name]
        part[last] = value
    stack = {"type": "aws:cloudformation:stack", "properties": {"templateFile": "t.json"}}
    (folder / "manifest.json").write_text(json.dumps({"artifacts": {"T": stack}} if manifest is None else manifest))
    (folder / "t.json").write_text(json.dumps({"Resources": resources}))
    return str(folder)


CONFIG = "Schedule/Properties/MonitoringScheduleConfig/ScheduleConfig"
CLUSTER = "Definition/Properties/JobResources/ClusterConfig"
INPUT = "Definition/Properties/ModelBiasJobInput"


@pytest.mark.parametrize(
    ("changes", "found", "note"),
    [
        ({}, {"executions_per_day": 2, "jobs_per_month": 120, "instance_hours_per_day": 96}, None),
        ({"Fn::ForEach::Buckets": ["Name", ["a"], {"Bucket${Name}": {}}]}, {"executions_per_day": 2}, None),
        ({INPUT: UNKNOWN}, {"jobs_per_month": 120}, None),
        ({CLUSTER: UNKNOWN}, {"instance_hours_per_day": None}, "unknown is its instances"),
        ({f"{CLUSTER}/InstanceCount": "two"}, {"instance_hours_per_day": None}, "unknown is its instances"),
        ({CONFIG: {"Ref": "When"}}, {"executions_per_day": 1}, "unknown is its schedule, ${When}: taken as daily"),
        ({CONFIG: {"Ref": "AWS::NoValue"}}, {"executions_per_day": 1}, None),
        ({"Schedule/Properties/MonitoringScheduleConfig": {"Ref": "C"}}, {}, "its job definition is not in the stack"),
    ],
    ids=str,
)
def test_templates_of_others_are_read_as_far_as_they_go(
    tmp_path: Path, changes: dict[str, Any], found: dict[str, Any], note: str | None
) -> None:
    document = clarify_monitors("estimate", by_hand(tmp_path, changes), "--json").json
    (monitor,) = document["monitors"]
    assert {name: monitor[name] for name in found} == found
    assert [note in each for each in document["notes"]] == ([True] if note else [])


@pytest.mark.parametrize("baseline", [None, "{}", "[]", "no JSON", {"Fn::Sub": "{${Parameter}}"}], ids=str)
def test_a_baseline_of_another_version_is_unknown(tmp_path: Path, baseline: Any) -> None:
    custom = {"Type": "Custom::ClarifyBaseline", "Properties": {"ServiceToken": "x", "Baseline": baseline}}
    answer = {"ConfigUri": {"Fn::GetAtt": ["Custom", "AnalysisConfigS3Uri"]}}
    changes = {"Custom": custom, "Definition/Properties/ModelBiasAppSpecification": answer}
    document = clarify_monitors("estimate", by_hand(tmp_path, changes), "--json").json
    (note,) = document["notes"]
    assert note.startswith("by-hand: unknown is its baselining job: another version of the library made the custom")
    assert document["monitors"][0]["executions_per_day"] == 2


def test_an_expression_that_is_no_text_is_refused(tmp_path: Path) -> None:
    ended = clarify_monitors("estimate", by_hand(tmp_path, {f"{CONFIG}/ScheduleExpression": 5}))
    assert (ended.code, "by-hand: A schedule must be cron(0 * ? * * *)" in ended.err) == (1, True)


@pytest.mark.parametrize(
    ("manifest", "code"),
    [({}, 0), ({"artifacts": None}, 0), ({"artifacts": {"S": {"type": "aws:cloudformation:stack"}}}, 1), ([], 1)],
    ids=str,
)
def test_an_assembly_that_says_little_is_no_accident(tmp_path: Path, manifest: Any, code: int) -> None:
    ended = clarify_monitors("estimate", by_hand(tmp_path, {}, manifest))
    assert (ended.code, "Unexpected" in ended.err) == (code, False)


# ---------------------------------------------------------------- baselining


def test_baselining_jobs_are_bounded_by_what_waits_for_them(estimated: Any) -> None:
    assert of(estimated, "hourly", "baselining")["longest"] == 55 * 60
    assert of(estimated, "daily", "baselining")["longest"] == 600
    assert of(estimated, "long", "baselining")["longest"] == 6 * 3600
    assert of(estimated, "open", "baselining")["longest"] == 24 * 3600  # nobody waits
    assert of(estimated, "long", "baselining")["cluster"]["instance_type"] == "ml.m5.4xlarge"


def test_given_constraints_need_no_baselining_job(estimated: Any) -> None:
    assert not [each for each in estimated["baselining"] if "given" in each["monitoring_schedule_name"]]
    assert len(estimated["baselining"]) == 6


# ---------------------------------------------------------------- what if


def test_another_schedule_shows_what_it_changes(assembly: Path) -> None:
    document = clarify_monitors("estimate", str(assembly), "--schedule", "cron(0 0 ? * * *)", "--json").json
    now, then = of(document, "hourly"), of(document["with_schedule"], "hourly")
    assert (now["executions_per_month"], then["executions_per_month"]) == (720, 30)
    assert now["schedule"] == HOURLY

    printed = clarify_monitors("estimate", str(assembly), "--schedule", "cron(0 0 ? * * *)").out
    assert "With cron(0 0 ? * * *):" in printed


def test_a_limit_that_the_other_schedule_does_not_allow_is_cut(assembly: Path, estimated: Any) -> None:
    document = clarify_monitors("estimate", str(assembly), "--schedule", HOURLY, "--json").json
    assert of(document["with_schedule"], "long")["minutes_per_execution"] == 60
    assert of(document["with_schedule"], "daily")["minutes_per_execution"] == 20
    assert document["monitors"] == estimated["monitors"]


def test_minutes_that_are_given_replace_the_bound(assembly: Path) -> None:
    document = clarify_monitors("estimate", str(assembly), "--minutes-per-execution", "7.5", "--json").json
    hourly = of(document, "hourly")
    assert (hourly["minutes_are"], hourly["instance_hours_per_month"]) == ("given", 90)
    assert of(document, "daily")["instance_hours_per_month"] == 7.5


@pytest.mark.deploy
def test_past_executions_tell_how_long_they_took(in_monitored: EmbeddedAws, tmp_path: Path) -> None:
    app = cdk.App(outdir=str(tmp_path), context=FEATURE_FLAGS, analytics_reporting=False)
    stack = cdk.Stack(app, "Stack")
    bias_monitor(stack, "Bias", monitor_schedule_name="credit")
    bias_monitor(stack, "New", monitor_schedule_name="new")
    app.synth()
    document = clarify_monitors("estimate", str(tmp_path), "--measured", "--json").json
    credit, new = of(document, "credit"), of(document, "new")
    assert credit["minutes_are"] == "measured"
    assert 0 < credit["minutes_per_execution"] < new["minutes_per_execution"]
    assert new["minutes_are"] == "at most"
    (note,) = document["notes"]
    assert note.startswith("new: no past execution")


def test_storage_is_unknown_unless_it_is_told(assembly: Path) -> None:
    assert "Storage is unknown" in clarify_monitors("estimate", str(assembly)).out
    given = ("--records-per-day", "1000", "--record-bytes", "500")
    document = clarify_monitors("estimate", str(assembly), *given, "--json").json
    month = 1000 * 500 * 30
    # `loans` of one account and region, and `loans-endpoint` of two.
    assert document["storage"] == {"captured_bytes": 3 * month, "merged_bytes": 4 * month}


# ---------------------------------------------------------------- dollars


def test_without_a_price_there_are_no_dollars(assembly: Path, estimated: Any) -> None:
    assert {each["usd_per_month"] for each in estimated["instances"]} == {None}
    assert "USD" not in clarify_monitors("estimate", str(assembly)).out


@pytest.mark.parametrize(
    "given",
    [
        *(("--price-per-hour", f"ml.m5.large={price}") for price in ("1e999", "1e-9", "1_0", "٣", "0,2", "1 EUR", "")),
        ("--price-per-hour", "m5.large=1"),
        ("--price-per-hour", "ml.m5.large=1", "--price-per-hour", "ml.m5.large=2"),
        *(("--minutes-per-execution", minutes) for minutes in ("inf", "nan", "1e999", "0")),
    ],
    ids=str,
)
def test_what_is_no_price_or_time_is_refused(tmp_path: Path, given: tuple[str, ...]) -> None:
    ended = clarify_monitors("estimate", by_hand(tmp_path, {}), *given)
    assert (ended.code, given[0] in ended.err, "Unexpected" in ended.err) == (1, True, False)


def test_a_given_price_is_for_its_type_only(assembly: Path) -> None:
    ended = clarify_monitors("estimate", str(assembly), "--price-per-hour", "ml.m5.large=0.5", "--json")
    prices = {(each["use"], each["instance_type"]): each for each in ended.json["instances"] if each["region"] is None}
    assert prices["endpoint", "ml.m5.large"]["usd_per_hour"] == 0.5
    assert prices["endpoint", "ml.m5.large"]["usd_per_month"] == pytest.approx(0.5 * 720)
    assert prices["processing", "ml.c5.xlarge"]["usd_per_month"] is None
    assert [note for note in ended.json["notes"] if note.startswith("No price is known of ml.c5.xlarge (processing)")]
    assert [note for note in ended.json["notes"] if note.startswith("No price is known of an unknown instance type")]


@pytest.mark.parametrize("price", ["ml.m5.large", "m5.large=1", "ml.m5.large=-1", "ml.m5.large=NaN", "ml.m5.large=$1"])
def test_a_price_that_is_none_is_refused(price: str, assembly: Path) -> None:
    ended = clarify_monitors("estimate", str(assembly), "--price-per-hour", price)
    assert (ended.code, ended.out) == (1, "")
    assert repr(price) in ended.err


def product(usage_type: str, *dollars: str) -> str:
    """An entry of AWS's price list."""
    dimensions = {f"{n}": {"unit": "Hrs", "pricePerUnit": {"USD": price}} for n, price in enumerate(dollars)}
    attributes = {"servicecode": "AmazonSageMaker", "usagetype": usage_type}
    return json.dumps(
        {"product": {"attributes": attributes}, "terms": {"OnDemand": {"term": {"priceDimensions": dimensions}}}}
    )


@pytest.fixture
def price_list() -> Iterator[tuple[Any, Stubber]]:
    """A client for the price list, which answers what the test adds."""
    client = boto3.client("pricing", region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x")  # noqa: S106
    with Stubber(client) as stubber:
        yield client, stubber


def asked_for(instance_type: str, region: str) -> dict[str, Any]:
    filters = {"regionCode": region, "instanceName": instance_type}
    found = [{"Type": "TERM_MATCH", "Field": name, "Value": value} for name, value in filters.items()]
    return {"ServiceCode": "AmazonSageMaker", "Filters": found}


def test_the_price_list_has_a_price_for_each_use(price_list: tuple[Any, Stubber]) -> None:
    client, stubber = price_list
    entries = [
        product("EU-Processing:ml.m5.xlarge", "0.257"),
        product("EU-Host:ml.m5.xlarge", "0.3"),
        product("EU-AsyncHost:ml.m5.xlarge", "9"),
        product("EU-Processing:ml.m5.xlarge-spot", "9"),
    ]
    for _ in range(2):
        stubber.add_response("get_products", {"PriceList": entries}, asked_for("ml.m5.xlarge", "eu-west-1"))
    processing = ("processing", "ml.m5.xlarge", "eu-west-1")
    endpoint = ("endpoint", "ml.m5.xlarge", "eu-west-1")
    assert listed_prices(client, [processing, endpoint]) == {processing: Decimal("0.257"), endpoint: Decimal("0.3")}
    stubber.assert_no_pending_responses()


@pytest.mark.parametrize(
    "entries",
    [
        [],
        [product("EU-Host:ml.m5.xlarge", "0.3")],
        [product("EU-Processing:ml.m5.xlarge", "0.2", "0.3")],
        [product("EU-Processing:ml.m5.xlarge", "1.9").replace("USD", "CNY")],
        [product("EU-Processing:ml.m5.xlarge", "0.2"), product("EU-Processing:ml.m5.xlarge", "0.3")],
    ],
)
def test_no_price_or_more_than_one_is_none(entries: list[str], price_list: tuple[Any, Stubber]) -> None:
    client, stubber = price_list
    stubber.add_response("get_products", {"PriceList": entries}, asked_for("ml.m5.xlarge", "eu-west-1"))
    assert listed_prices(client, [("processing", "ml.m5.xlarge", "eu-west-1")]) == {}


def test_what_has_no_type_or_region_is_not_asked_for(price_list: tuple[Any, Stubber]) -> None:
    client, _ = price_list
    assert listed_prices(client, [("processing", None, "eu-west-1"), ("processing", "ml.m5.xlarge", None)]) == {}


# ---------------------------------------------------------------- arguments


def test_a_folder_that_is_no_assembly_is_refused(tmp_path: Path) -> None:
    for folder, reason in ((tmp_path, "is no cloud assembly"), (tmp_path / "gone", "is no cloud assembly")):
        ended = clarify_monitors("estimate", str(folder))
        assert (ended.code, ended.out) == (1, "")
        assert reason in ended.err
    (tmp_path / "manifest.json").write_text("[]")
    assert "is no JSON object" in clarify_monitors("estimate", str(tmp_path)).err
    (tmp_path / "manifest.json").write_text("{")
    assert "is no JSON:" in clarify_monitors("estimate", str(tmp_path)).err


def test_an_app_without_monitors_uses_nothing(tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text('{"artifacts": {"Tree": {"type": "cdk:tree"}}}')
    ended = clarify_monitors("estimate", str(tmp_path), "--schedule", HOURLY)
    assert (ended.code, ended.out) == (0, "")
    assert "no monitors" in ended.err


def test_half_of_the_storage_is_refused(assembly: Path) -> None:
    assert clarify_monitors("estimate", str(assembly), "--record-bytes", "500").code == 1
    assert clarify_monitors("estimate", str(assembly), "--records-per-day", "0", "--record-bytes", "500").code == 1


@pytest.mark.parametrize(
    ("value", "resolved"),
    [
        ({"Ref": "Size"}, "ml.m5.xlarge"),
        ({"Ref": "AWS::Region"}, "eu-west-1"),
        ({"Fn::Join": ["-", ["a", {"Ref": "Size"}]]}, "a-ml.m5.xlarge"),
        ({"Fn::Sub": "${Size}/${!Literal}"}, "ml.m5.xlarge/${!Literal}"),
        ({"Fn::Sub": ["${Own}", {"Own": {"Ref": "Size"}}]}, "ml.m5.xlarge"),
        ({"Fn::FindInMap": ["Sizes", {"Ref": "AWS::Region"}, "size"]}, "ml.c5.large"),
        ([{"Ref": "Size"}, 1], ["ml.m5.xlarge", 1]),
        ({"Key": {"Ref": "Size"}, "Other": None}, {"Key": "ml.m5.xlarge", "Other": None}),
    ],
)
def test_values_of_a_template_are_resolved(value: Any, resolved: Any) -> None:
    document = {
        "Parameters": {"Size": {"Type": "String", "Default": "ml.m5.xlarge"}},
        "Mappings": {"Sizes": {"eu-west-1": {"size": "ml.c5.large"}}},
    }
    assert Template(document, {}, "eu-west-1").resolve(value) == resolved


@pytest.mark.parametrize(
    "value",
    [
        {"Ref": "Open"},
        {"Ref": "AWS::AccountId"},
        {"Fn::GetAtt": ["Other", "Arn"]},
        {"Fn::Join": ["-", ["a", {"Ref": "Open"}]]},
        {"Fn::Join": ["-", {"Fn::Split": [",", {"Ref": "Open"}]}]},
        {"Fn::Sub": "${Open}"},
        {"Fn::FindInMap": ["Sizes", "elsewhere", "size"]},
        {"Fn::If": ["IsProd", "a", "b"]},
        {"Ref": "FromSsm"},
    ],
)
def test_values_that_only_a_deployment_knows_are_unknown(value: Any) -> None:
    document = {
        "Parameters": {
            "Open": {"Type": "String"},
            "FromSsm": {"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/size"},
        }
    }
    assert isinstance(Template(document, {}, None).resolve(value), Unknown)
