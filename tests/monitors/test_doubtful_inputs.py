"""Inputs that cannot mean what they say: the certain ones are refused, the others warned of."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3

from cdk_clarify_monitors import (
    BiasAnalysisConfig,
    BiasConfig,
    BiasConstraint,
    BiasMetricThreshold,
    ClarifyDashboard,
    Constraints,
    CronExpressionGenerator,
    DataCapture,
    EndpointInput,
    ModelBiasMonitorConstruct,
    ModelExplainabilityMonitorConstruct,
    ModelPredictedLabelConfig,
    MonitorFleet,
    NetworkConfig,
)
from tests.support.monitors.builders import (
    ENVIRONMENT,
    bias_monitor,
    data_config,
    explainability_monitor,
    model_config,
    template_of,
)
from tests.support.templates.annotations import warnings_of

CAPTURED = {"data_capture_s3_uri": "s3://captured/loans"}
DAILY, HOURLY = CronExpressionGenerator.daily(), CronExpressionGenerator.hourly()
LINES = {"content_type": "application/jsonlines", "content_template": '{"f":$features}'}


def bias(facet: Any, group: Any = None) -> BiasConfig:
    return BiasConfig([1], facet, group_name=group)


def predicted(**arguments: Any) -> ModelPredictedLabelConfig:
    return ModelPredictedLabelConfig(**arguments)


def endpoint(**arguments: Any) -> EndpointInput:
    return EndpointInput("loans-endpoint", "/opt/ml/processing/input/endpoint", **arguments)


def given(document: Any) -> Constraints:
    groups = [{"value_or_threshold": "1", "metrics": document}]
    return Constraints({"post_training_bias_metrics": {"facets": {"age": groups}}}, "s3://constraints/analysis.json")


# ---------------------------------------------------------------- analyses, predictions, time
REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "the label as facet": (
        {"bias_config": bias("approved")},
        "'facet_name' must be another column than the 'label' 'approved', got 'approved'",
    ),
    "the label among facets": (
        {"bias_config": bias(["age", "approved"])},
        r"'facet_name\[1\]' must be another column than the 'label' 'approved'",
    ),
    "the label as facet by index": (
        {"data_config": data_config(label=0), "bias_config": bias(0)},
        "'facet_name' must be another column than the 'label' 0, got 0",
    ),
    "the label as facet without headers": (
        {"data_config": data_config(headers=None), "bias_config": bias("approved")},
        "'facet_name' must be another column than the 'label' 'approved'",
    ),
    "the label as group": (
        {"bias_config": bias("age", "approved")},
        "'group_name' must be another column than the 'label' 'approved'",
    ),
    "the facet as group": (
        {"bias_config": bias("age", "age")},
        "'group_name' must be another column than the 'facet_name' 'age', got 'age'",
    ),
    "the label as facet of an analysis config": (
        {"analysis_config": BiasAnalysisConfig(bias("age"), label="age")},
        "'facet_name' must be another column than the 'label' 'age'",
    ),
    "a name in answers in CSV": (
        {"model_config": model_config(accept_type="text/csv"), "model_predicted_label_config": predicted(label="x")},
        r"'model_predicted_label_config.label' must be a zero-based index \(integer\).*got 'x': write 0",
    ),
    "scores by name in answers in CSV": (
        {
            "model_config": model_config(content_type="text/csv"),
            "model_predicted_label_config": predicted(probability="p"),
        },
        "'model_predicted_label_config.probability' must be a zero-based index",
    ),
    "an analysis of the future": (
        {"data_analysis_start_time": "PT2H", "schedule_cron_expression": DAILY},
        "'data_analysis_start_time' must not be after the execution.*got 'PT2H': write '-PT2H'",
    ),
}

WARNED: dict[str, tuple[dict[str, Any], str]] = {
    "the label as facet by headers": (
        {"bias_config": bias(0)},
        "' 0 and the 'label' 'approved' are one column",
    ),
    "the label by index": (
        {"data_config": data_config(label=1), "bias_config": bias("age")},
        "'facet_name' 'age' and the 'label' 1 are one column",
    ),
    "the label in another case": (
        {"data_config": data_config(headers=None), "bias_config": bias("Approved")},
        "'Approved' and the 'label' 'approved' differ in case only",
    ),
    "the facet as group by headers": ({"bias_config": bias("age", 1)}, "'group_name' 1 and 'facet_name' 'age' are one"),
    "one of several facets as group": ({"bias_config": bias(["age", "debt"], "debt")}, r"and 'facet_name\[1\]' 'debt'"),
    "the group in another case": (
        {"data_config": data_config(headers=None), "bias_config": bias("age", "AGE")},
        "'group_name' 'AGE' and 'facet_name' 'age' differ in case only",
    ),
    "the last header of JSON Lines, which is the label's": (
        {
            "data_config": data_config(dataset_type="application/jsonlines", features="f", label="y"),
            "bias_config": bias("debt"),
        },
        "'facet_name' 'debt' and the 'label' 3 are one column",
    ),
    "a name, where the data set is CSV": (
        {"model_predicted_label_config": predicted(label="x")},
        "'x' finds nothing",
    ),
    "an index in a string": ({"model_predicted_label_config": predicted(label="0")}, "label' '0' is text.*: write 0"),
    "an attribute that names a column of CSV": (
        {"model_config": model_config(accept_type="text/csv"), "endpoint_input": endpoint(probability_attribute="p")},
        "'probability_attribute' 'p' finds nothing",
    ),
    "JSON Lines without features": (
        {"data_config": data_config(dataset_type="application/jsonlines")},
        "executions over JSON Lines need to know where the features are",
    ),
    "requests in JSON Lines without features": (
        {"model_config": model_config(**LINES)},
        "executions over JSON Lines need to know where the features are",
    ),
    "JSON Lines with features of the executions only": (
        {
            "data_config": data_config(dataset_type="application/jsonlines"),
            "endpoint_input": endpoint(features_attribute="f"),
        },
        "the baselining job needs to know where JSON Lines have the features",
    ),
    "two hours of a day": (
        {
            "endpoint_input": endpoint(start_time_offset="-PT3H", end_time_offset="-PT1H"),
            "schedule_cron_expression": DAILY,
        },
        "'-PT3H' and '-PT1H', an execution has the data of 2 hours, though up to 24 hours are between two",
    ),
    "two hours of SageMaker's own schedule": (
        {"endpoint_input": endpoint(start_time_offset="-PT2H")},
        "an execution has the data of 2 hours, though up to 24",
    ),
    "an end before the schedule was last due": (
        {"endpoint_input": endpoint(end_time_offset="-P2D"), "schedule_cron_expression": HOURLY},
        "an execution has the data of no time at all",
    ),
    "the last hours before a long night": (
        {
            "endpoint_input": endpoint(start_time_offset="-PT6H", end_time_offset="-PT0H"),
            "schedule_cron_expression": CronExpressionGenerator.daily_every_x_hours(6, 10),
        },
        "6 hours, though up to 12 hours",
    ),
    "half an hour of an hour": (
        {
            "data_analysis_start_time": "-PT30M",
            "data_analysis_end_time": "-PT0M",
            "schedule_cron_expression": HOURLY,
        },
        "'data_analysis_start_time' and 'data_analysis_end_time', '-PT30M' and '-PT0M', an execution has .* 0.5 hours",
    ),
    "times without an expression": (
        {"data_analysis_start_time": "-PT2H", "data_analysis_end_time": "-PT1H"},
        "have no effect without 'schedule_cron_expression'",
    ),
    "a limit of no effect": (
        {"constraints_overrides": [BiasConstraint("DPPL", at_most=1)]},
        r"constraints_overrides\[0\].at_most' 1 is never violated: values of DPPL are -1 to 1",
    ),
    "a ratio in percent": (
        {"constraints_overrides": [BiasConstraint("DI", at_most=125)]},
        "at_most' 125 is hardly ever violated: write 1.25 for 125 %",
    ),
    "a limit of no effect in a given file": (
        {
            "constraints": given(
                [{"name": "DPPL", "value": 10}, {"name": "CI", "value": None}, {"name": "DI", "value": 3}]
            )
        },
        r"'constraints' has limits that are never violated: DPPL 10 of facet 'age' \(values of DPPL are -1 to 1\)$",
    ),
}

RIGHT: dict[str, dict[str, Any]] = {
    "another facet and group": {"bias_config": bias(["age", "income"], "debt")},
    "two facets by name and index": {"bias_config": bias(["age", 2], 3)},
    "columns that differ in case": {
        "data_config": data_config(headers=["approved", "Approved", "income"]),
        "bias_config": bias("Approved"),
    },
    "an index into a facet data set": {
        "data_config": data_config(headers=None, label=0, facet_dataset_uri="s3://data/facets.csv", joinsource="id"),
        "bias_config": bias(0),
        "analysis_config": "s3://data/analysis_config.json",
    },
    "a feature by its index in JSON Lines": {
        "data_config": data_config(dataset_type="application/jsonlines", features="f", label="y"),
        "bias_config": bias(2),
        "model_predicted_label_config": predicted(label="predicted"),
    },
    "the same token": {
        "data_config": data_config(headers=None, label="${Token[Label.1]}"),
        "bias_config": bias("${Token[Label.1]}"),
    },
    "indices": {"model_predicted_label_config": predicted(label=0, probability=1)},
    "a name in answers in JSON": {
        "model_config": model_config(accept_type="application/jsonlines"),
        "model_predicted_label_config": predicted(label="label"),
    },
    "an hour each hour": {
        "endpoint_input": endpoint(start_time_offset="-PT1H", end_time_offset="-PT0H"),
        "schedule_cron_expression": HOURLY,
    },
    "a rolling week": {
        "endpoint_input": endpoint(start_time_offset="-P8D", end_time_offset="-P1D"),
        "schedule_cron_expression": DAILY,
    },
    "weeks, which are not compared": {
        "endpoint_input": endpoint(start_time_offset="-P1W", end_time_offset="-P1D"),
        "schedule_cron_expression": DAILY,
    },
    "the data of one execution": {
        "endpoint_input": endpoint(start_time_offset="-PT3H", end_time_offset="-PT1H"),
        "schedule_cron_expression": "NOW",
        "data_analysis_start_time": "-PT3H",
        "data_analysis_end_time": "-PT1H",
    },
    "limits": {"constraints_overrides": [BiasConstraint("DPPL", at_most=0.99), BiasConstraint("TE", at_most=30)]},
    "a given file": {"constraints": given([{"name": "DPPL", "value": 0.1}, {"name": "X", "value": 9}])},
    "a given file of another form": {"constraints": Constraints({"a": [1]}, "s3://constraints/analysis.json")},
}


@pytest.mark.parametrize(("changes", "message"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_meant_is_refused(stack: cdk.Stack, changes: dict[str, Any], message: str) -> None:
    with pytest.raises((ValueError, TypeError), match=f"^{message}"):
        bias_monitor(stack, **changes)
    assert stack.node.children == []


def test_what_may_be_meant_is_warned_of(stack: cdk.Stack) -> None:
    for number, (name, (changes, message)) in enumerate(WARNED.items()):
        monitor = bias_monitor(stack, f"Monitor{number}", **{**CAPTURED, **changes})
        found = [str(entry.data) for entry in monitor.node.metadata if entry.type == "aws:cdk:warning"]
        assert len([each for each in found if re.search(message, each.partition(" [ack: ")[0])]) == 1, (name, found)


def test_what_is_right_is_not_warned_of(stack: cdk.Stack) -> None:
    for number, (name, changes) in enumerate(RIGHT.items()):
        monitor = bias_monitor(stack, f"Monitor{number}", **{**CAPTURED, **changes})
        ids = ("facet", "offsets", "limits", "prediction-place", "features")
        found = [str(entry.data) for entry in monitor.node.metadata if entry.type == "aws:cdk:warning"]
        assert [each for each in found if any(f"monitors:{id_}]" in each for id_ in ids)] == [], name


def test_scores_by_name_in_csv_are_refused_for_attributions(stack: cdk.Stack) -> None:
    with pytest.raises(TypeError, match=r"^'model_scores.label' must be a zero-based index"):
        explainability_monitor(stack, model_scores="score", model_config=model_config(accept_type="text/csv"))
    explainability_monitor(stack, model_scores="score", **CAPTURED)
    assert len(warnings_of(stack, r"'model_scores.label' 'score' finds nothing in answers in CSV")) == 1


# ---------------------------------------------------------------- limits of alarms
@pytest.mark.parametrize(
    ("metric", "limit", "message"),
    [
        ("DPPL", {"max_value": 1}, "'max_value' 1 never lets an alarm go off: values of DPPL are -1 to 1"),
        ("DPPL", {"min_value": -1.5}, "'min_value' -1.5 never lets an alarm go off"),
        ("KS", {"min_value": 0}, "'min_value' 0 never lets an alarm go off: values of KS are 0 to 1"),
        ("JS", {"max_value": 0.7}, "values of JS are 0 to 0.6931"),
        ("DPPL", {"max_value": -0.2}, "'max_value' -0.2 lets the alarm go off at 0, where groups fare alike"),
        ("KL", {"min_value": 0.1}, "'min_value' 0.1 lets the alarm go off at 0"),
        ("DI", {"min_value": 1.25}, "'min_value' 1.25 lets the alarm go off at 1"),
        ("DI", {"max_value": 0.8}, "'max_value' 0.8 lets the alarm go off at 1"),
        ("DI", {"max_value": 125}, "'max_value' 125 hardly ever lets an alarm go off: write 1.25 for 125 %"),
        ("DPPL", {"min_value": -0.1, "max_value": 0.1}, None),
        ("DI", {"min_value": 0.8, "max_value": 1.25}, None),
        ("TE", {"min_value": -30, "max_value": 30}, None),
        ("KS", {"max_value": 0}, None),
        ("CI", {"max_value": -1.8881545897087503e289}, None),  # a token
    ],
)
def test_alarms_that_hardly_tell_anything_are_warned_of(
    stack: cdk.Stack, metric: str, limit: dict[str, float], message: str | None
) -> None:
    threshold = BiasMetricThreshold(metric, **limit)  # type: ignore[arg-type]
    assert [message in each for each in threshold.doubtful_limits() if message] == ([True] if message else [])


def test_an_alarm_of_no_effect_is_warned_of_once(stack: cdk.Stack) -> None:
    bias_monitor(stack).add_alarms(bias_metrics=[BiasMetricThreshold("DPPL", max_value=1)])
    assert len(warnings_of(stack, r"never lets an alarm go off.*\[ack: cdk-clarify-monitors:limits\]")) == 1


# ---------------------------------------------------------------- names that are there once
def elsewhere(app: cdk.App, name: str, **environment: Any) -> cdk.Stack:
    return cdk.Stack(app, name, env=cdk.Environment(**environment) if environment else None)


def test_two_stacks_of_one_environment_share_no_schedule_name(app: cdk.App, stack: cdk.Stack) -> None:
    bias_monitor(stack, monitor_schedule_name="loans")
    other = cdk.Stack(app, "Other", env=ENVIRONMENT)
    with pytest.raises(
        ValueError, match=r"^'monitor_schedule_name' must be the name of one .*, got 'loans': Stack/Bias"
    ):
        bias_monitor(other, monitor_schedule_name="loans")
    assert other.node.children == []
    stack.node.try_remove_child("Bias")
    bias_monitor(other, monitor_schedule_name="loans")


def test_a_removed_stack_has_no_schedule_name(app: cdk.App, stack: cdk.Stack) -> None:
    bias_monitor(stack, monitor_schedule_name="loans")
    app.node.try_remove_child("Stack")
    bias_monitor(cdk.Stack(app, "Other", env=ENVIRONMENT), monitor_schedule_name="loans")


def test_other_environments_may_have_the_schedule_name(app: cdk.App, stack: cdk.Stack) -> None:
    bias_monitor(stack, monitor_schedule_name="loans")
    places = [{"account": "222222222222", "region": "eu-central-1"}, {"account": "111111111111", "region": "us-east-1"}]
    for number, place in enumerate([*places, {}]):
        other = elsewhere(app, f"Other{number}", **place)
        monitor = bias_monitor(other, monitor_schedule_name="loans")
        assert "schedule-name" not in str([entry.data for entry in monitor.node.metadata])
    assert bias_monitor(cdk.Stack(cdk.App(), "S", env=ENVIRONMENT), monitor_schedule_name="loans")


def test_a_name_shared_in_unknown_environments_is_warned_of(app: cdk.App) -> None:
    one, two = elsewhere(app, "One"), elsewhere(app, "Two")
    bias_monitor(one, monitor_schedule_name="loans")
    bias_monitor(two, monitor_schedule_name="loans")
    assert len(warnings_of(two, "'monitor_schedule_name' 'loans' is that of One/Bias, too")) == 1
    staged = cdk.Stack(cdk.Stage(app, "Prod"), "One")
    bias_monitor(staged, monitor_schedule_name="loans")
    assert warnings_of(staged, "schedule-name") == []


def test_two_fleets_share_no_schedule_name(app: cdk.App) -> None:
    def fleet(id_: str, name: str) -> MonitorFleet:
        row = {"account": ENVIRONMENT.account, "region": ENVIRONMENT.region, "endpoint": "loans", "name": name}
        return MonitorFleet(
            app,
            id_,
            rows=[row],
            key="endpoint",
            environments=[ENVIRONMENT],
            stacks_per_environment=1,
            build_monitor=lambda stack, id_, row: bias_monitor(stack, id_, monitor_schedule_name=row["name"]),
        )

    fleet("One", "loans")
    with pytest.raises(
        ValueError, match=r"^'monitor_schedule_name' must be the name of one schedule only, got 'loans'"
    ):
        fleet("Two", "loans")
    assert app.node.try_find_child("Two") is None
    fleet("Two", "loans-2")


def test_an_alert_of_a_schedule_is_set_once(app: cdk.App, stack: cdk.Stack) -> None:
    monitor = bias_monitor(stack, monitor_schedule_name="loans")
    imported = ModelBiasMonitorConstruct.from_monitoring_schedule_name(stack, "Imported", "loans")
    points = {"datapoints_to_alert": 1, "evaluation_period": 2}
    monitor.add_monitoring_alert("Alert", monitoring_alert_name="alert", **points)
    for other in (monitor, imported):
        with pytest.raises(
            ValueError, match=r"^'monitoring_alert_name' must be the name of one .*: Stack/Bias/Alert has"
        ):
            other.add_monitoring_alert("Second", monitoring_alert_name="alert", **points)
    monitor.add_monitoring_alert("Second", monitoring_alert_name="another", **points)
    bias_monitor(stack, "Other").add_monitoring_alert("Alert", monitoring_alert_name="alert", **points)
    monitor.node.try_remove_child("Alert")
    monitor.add_monitoring_alert("Alert", monitoring_alert_name="alert", **points)


def test_rules_and_dashboards_have_names_of_their_own(app: cdk.App, stack: cdk.Stack) -> None:
    monitor, other = bias_monitor(stack), cdk.Stack(app, "Other", env=ENVIRONMENT)
    monitor.on_violations("Rule", rule_name="drift")
    ClarifyDashboard(stack, "Dashboard", monitors=[monitor], dashboard_name="drift")
    for scope in (stack, other):
        with pytest.raises(
            ValueError, match=r"^'rule_name' must be the name of one rule only, got 'drift': Stack/Bias/R"
        ):
            monitor.on_event("Second", rule_name="drift", cross_stack_scope=scope)
        with pytest.raises(ValueError, match=r"^'dashboard_name' must be the name of one dashboard only, got 'drift'"):
            ClarifyDashboard(scope, "Second", monitors=[monitor], dashboard_name="drift")
    elsewhere_ = elsewhere(app, "Far", account="222222222222", region="eu-central-1")
    imported(elsewhere_, "Far").on_event("Rule", rule_name="drift")
    ClarifyDashboard(elsewhere_, "Far2", monitors=[imported(elsewhere_, "Far3")], dashboard_name="drift")
    stack.node.try_remove_child("Dashboard")
    ClarifyDashboard(other, "Second", monitors=[monitor], dashboard_name="drift")


def test_results_of_a_place_expire_by_one_rule(app: cdk.App, stack: cdk.Stack) -> None:
    monitor = bias_monitor(stack)
    monitor.expire_results(cdk.Duration.days(90))
    with pytest.raises(ValueError, match=r"^'output_s3_uri' must have one rule by which what is below it expires"):
        monitor.expire_results(cdk.Duration.days(30))
    bias_monitor(stack, "Other").expire_results(cdk.Duration.days(30))
    (bucket,) = template_of(stack).find_resources("AWS::S3::Bucket").values()
    assert len(bucket["Properties"]["LifecycleConfiguration"]["Rules"]) == 2


@pytest.mark.parametrize("is_default", [True, False])
@pytest.mark.parametrize("reads_first", [True, False])
def test_what_monitors_of_other_stacks_read_does_not_expire(
    app: cdk.App, stack: cdk.Stack, is_default: bool, reads_first: bool
) -> None:
    arguments: dict[str, Any] = {} if is_default else {"bucket": s3.Bucket(stack, "Results", bucket_name="results")}
    writer = bias_monitor(stack, **arguments)
    key = writer.output_s3_uri.rpartition("/")[2] if is_default else ""
    bucket = writer.bucket
    assert bucket is not None
    prefix = writer.output_s3_uri.removeprefix("s3://").partition("/")[2]
    uri = f"s3://{bucket.bucket_name}/{prefix}/{key}x/analysis.json"
    other = cdk.Stack(app, "Other", env=ENVIRONMENT)

    def read() -> None:
        bias_monitor(other, constraints=uri)

    def expire() -> None:
        writer.expire_results(cdk.Duration.days(90))

    first, second = (read, expire) if reads_first else (expire, read)
    first()
    with pytest.raises(ValueError, match=r"^'constraints' must not be below results that expire"):
        second()


# ---------------------------------------------------------------- dashboards
def imported(scope: cdk.Stack, id_: str, name: str = "loans", **arguments: Any) -> Any:
    known = {
        "endpoint_name": "loans",
        "output_s3_uri": "s3://reports/loans",
        "analysis_config": BiasAnalysisConfig(BiasConfig([1], "age", [40]), label="approved"),
    }
    cls = ModelBiasMonitorConstruct
    return cls.from_monitoring_schedule_name(scope, id_, name, **{**known, **arguments})


def test_a_dashboard_shows_a_schedule_once(stack: cdk.Stack) -> None:
    monitors = [imported(stack, "One"), imported(stack, "Two")]
    with pytest.raises(
        ValueError, match=r"^'monitors' must name 'Stack/One' only once, .*: 'Stack/Two' is of the same"
    ):
        ClarifyDashboard(stack, "Dashboard", monitors=monitors)
    own = bias_monitor(stack, monitor_schedule_name="cards")
    with pytest.raises(ValueError, match=r"^'monitors' must name 'Stack/Bias' only once"):
        ClarifyDashboard(stack, "Dashboard", monitors=[own, imported(stack, "Own", "cards")])
    arn = "arn:aws:sagemaker:eu-central-1:111111111111:monitoring-schedule/loans"
    config = BiasAnalysisConfig(BiasConfig([1], "age", [40]), label="approved")
    by_arn = ModelBiasMonitorConstruct.from_monitoring_schedule_arn(
        stack, "Arn", arn, endpoint_name="loans", analysis_config=config
    )
    with pytest.raises(ValueError, match=r"^'monitors' must name 'Stack/One' only once"):
        ClarifyDashboard(stack, "Dashboard", monitors=[monitors[0], by_arn], executions=False)
    ClarifyDashboard(stack, "Dashboard", monitors=[monitors[0], imported(stack, "Other", "others"), own])


def test_lines_are_drawn_where_baselines_are_known(stack: cdk.Stack) -> None:
    monitors = [
        bias_monitor(stack),
        imported(stack, "Imported"),
        bias_monitor(stack, "Given", constraints="s3://con/a"),
    ]
    ClarifyDashboard(stack, "Dashboard", monitors=monitors, baseline_metrics=["DPPL"])
    (warning,) = warnings_of(stack, "no lines of 'baseline_metrics' are drawn for")
    assert "Stack/Imported, as they must be left out for an imported monitor: show its baseline in the app" in warning
    assert "Stack/Given, as they must be left out where the content of the 'constraints' is not known" in warning
    assert '"BaselineValues"' in str(template_of(stack).to_json()).replace("'", '"')
    with pytest.raises(ValueError, match=r"^'baseline_metrics' must be left out for an imported monitor"):
        ClarifyDashboard(stack, "Alone", monitors=[imported(stack, "Second", "second")], baseline_metrics=["DPPL"])


# ---------------------------------------------------------------- roles, metrics, networks
def test_a_role_that_drops_statements_is_warned_of(stack: cdk.Stack) -> None:
    statement = iam.PolicyStatement(actions=["sns:Publish"], resources=["*"])
    arn = "arn:aws:iam::{}:role/jobs"
    roles = {
        "Immutable": iam.Role.from_role_arn(stack, "Immutable", arn.format("111111111111"), mutable=False),
        "Foreign": iam.Role.from_role_arn(stack, "Foreign", arn.format("222222222222")),
        "Taking": iam.Role.from_role_arn(stack, "Taking", arn.format("111111111111")),
        "Own": iam.Role(stack, "Own", assumed_by=iam.ServicePrincipal("sagemaker.amazonaws.com")),
    }
    for name, role in roles.items():
        imported(stack, f"Of{name}", name.lower(), role=role).add_to_role_policy(statement)
    found = warnings_of(stack, r"takes no permissions from here: add this statement to it by hand: .*sns:Publish")
    assert len(found) == 2
    assert len(template_of(stack).find_resources("AWS::IAM::Policy")) == 2


@pytest.mark.parametrize("make", [bias_monitor, explainability_monitor])
def test_a_period_that_is_a_token_is_refused(stack: cdk.Stack, make: Callable[..., Any]) -> None:
    monitor = make(stack)
    period = cdk.Duration.minutes(cdk.Token.as_number({"Ref": "Minutes"}))
    ask = monitor.metric_bias if make is bias_monitor else monitor.metric_expected_value
    arguments = ("DPPL",) if make is bias_monitor else ()
    with pytest.raises(ValueError, match=r"^'period' must be known at synthesis, got "):
        ask(*arguments, period=period)
    with pytest.raises(ValueError, match=r"^'period' must be known at synthesis, got "):
        monitor.metric("any", period=period)
    assert ask(*arguments, period=cdk.Duration.minutes(5)).period.to_minutes() == 5


def test_security_groups_are_of_the_subnets_vpc(app: cdk.App, stack: cdk.Stack) -> None:
    vpc, other = ec2.Vpc(stack, "Vpc"), ec2.Vpc(stack, "Other")
    right, wrong = ec2.SecurityGroup(stack, "Right", vpc=vpc), ec2.SecurityGroup(stack, "Wrong", vpc=other)
    before = len(stack.node.children)
    with pytest.raises(
        ValueError, match=r"^'security_groups\[1\]' must be of the VPC 'Stack/Vpc'.*, got 'Stack/Wrong'"
    ):
        bias_monitor(stack, vpc=vpc, security_groups=[right, wrong])
    with pytest.raises(ValueError, match=r"^'security_groups\[0\]' must be of the VPC 'Stack/Vpc'"):
        NetworkConfig.from_vpc(vpc, security_groups=[wrong])
    assert len(stack.node.children) == before
    literal = ec2.Vpc.from_vpc_attributes(
        stack, "L", vpc_id="vpc-1", availability_zones=["a"], private_subnet_ids=["subnet-1"]
    )
    another = ec2.Vpc.from_vpc_attributes(stack, "M", vpc_id="vpc-2", availability_zones=["a"])
    with pytest.raises(ValueError, match=r"it is of 'vpc-2': make a group there"):
        NetworkConfig.from_vpc(literal, security_groups=[ec2.SecurityGroup(stack, "G", vpc=another)])

    known = ec2.SecurityGroup.from_security_group_id(stack, "Known", "sg-1")
    same = ec2.Vpc.from_vpc_attributes(
        stack, "Same", vpc_id=vpc.vpc_id, availability_zones=["a"], private_subnet_ids=["subnet-1"]
    )
    ref = ec2.Vpc.from_vpc_attributes(
        stack,
        "Ref",
        vpc_id=any_of(vpc.node.default_child).ref,
        availability_zones=["a"],
        private_subnet_ids=["subnet-1"],
    )
    bias_monitor(stack, "A", vpc=vpc, security_groups=[right, known])
    for each in (same, ref, vpc):
        NetworkConfig.from_vpc(each, security_groups=[right])
    bias_monitor(cdk.Stack(app, "Later", env=ENVIRONMENT), vpc=vpc, security_groups=[right])


# ---------------------------------------------------------------- members of the SDK's classes
BIAS: Any = ModelBiasMonitorConstruct
EXPLAINABILITY: Any = ModelExplainabilityMonitorConstruct
CONSTRAINTS: Any = Constraints


def any_of(value: Any) -> Any:
    return value


@pytest.mark.parametrize(
    ("ask", "instead"),
    [
        (
            lambda _: BIAS.attach,
            "type object 'ModelBiasMonitorConstruct' .*from_monitoring_schedule_",
        ),
        (lambda _: EXPLAINABILITY.attach, "ModelExplainabilityMonitorConstruct' .*attach"),
        (lambda _: BIAS.suggest_baseline, "the deployment runs the baselining job"),
        (lambda _: BIAS.list_executions, "once it is deployed, ask the client"),
        (
            lambda stack: any_of(bias_monitor(stack)).attach,
            "'ModelBiasMonitorConstruct' object .*from_monitoring_schedule_name",
        ),
        (lambda stack: imported(stack, "I").start_monitoring_schedule, "once it is deployed, ask the client"),
        (lambda stack: imported(stack, "I").attach, "ModelBiasMonitor.attach"),
        (lambda _: any_of(BiasConfig([1], "age")).get_config(), r"'BiasConfig' object .*: call to_analysis_config\(\)"),
        (lambda _: any_of(model_config()).get_predictor_config(), r"call to_analysis_config\(\)"),
        (lambda _: CONSTRAINTS.from_file_path("a.json"), "type object 'Constraints' .*: bring the file to S3"),
        (lambda _: any_of(Constraints.from_s3_uri("s3://con/a.json")).save(), "the file is in S3 already"),
    ],
)
def test_a_member_of_the_sdk_says_what_to_use(stack: cdk.Stack, ask: Callable[[Any], object], instead: str) -> None:
    with pytest.raises(AttributeError, match=instead):
        ask(stack)


@pytest.mark.parametrize("cls", [ModelBiasMonitorConstruct, Constraints, BiasConfig])
def test_other_members_are_simply_not_there(cls: type[Any]) -> None:
    assert not hasattr(cls, "no_such_member")
    with pytest.raises(AttributeError, match=f"^type object '{cls.__name__}' has no attribute 'no_such_member'$"):
        cls.no_such_member  # noqa: B018


# ---------------------------------------------------------------- data capture
@pytest.mark.parametrize(
    ("lists", "message"),
    [
        ({"json_content_types": ["text/csv"]}, r"'json_content_types\[0\]' must have other .*, got 'text/csv'"),
        (
            {"csv_content_types": ["Application/JSON"]},
            r"'json_content_types\[0\]' must have other .*'application/json'",
        ),
        ({"csv_content_types": ["text/csv", "Text/CSV"]}, "'csv_content_types' must name 'Text/CSV' only once"),
        ({"json_content_types": ["a/b", "a/b"]}, "'json_content_types' must name 'a/b' only once"),
        ({"csv_content_types": [], "json_content_types": []}, "'csv_content_types' must have at least one item"),
        ({"capture_options": []}, "'capture_options' must have at least one item"),
        ({"capture_options": ["Input", "Input"]}, "'capture_options' must name 'Input' only once"),
    ],
)
def test_a_content_type_is_captured_in_one_way(stack: cdk.Stack, lists: dict[str, Any], message: str) -> None:
    bucket = s3.Bucket.from_bucket_name(stack, "Bucket", "captured")
    with pytest.raises(ValueError, match=f"^{message}"):
        DataCapture(bucket, "loans", **lists)


def test_other_content_types_are_captured(stack: cdk.Stack) -> None:
    bucket = s3.Bucket.from_bucket_name(stack, "Bucket", "captured")
    accepted: list[dict[str, Any]] = [
        {"csv_content_types": []},
        {"json_content_types": []},
        {"csv_content_types": [], "json_content_types": ["text/csv"]},
        {"csv_content_types": ["text/csv", "text/x-csv"], "json_content_types": ["application/jsonlines"]},
        {"csv_content_types": ["${Token[A.1]}"], "json_content_types": ["${Token[A.1]}"]},
    ]
    for lists in accepted:
        assert DataCapture(bucket, "loans", **lists)
