"""Dashboards of monitors: what is on them, in which region, and what is refused."""

from __future__ import annotations

import json
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_cloudwatch as cloudwatch
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.json import JSONSnapshotExtension

from cdk_clarify_monitors import (
    BaselineOptions,
    BatchTransformInput,
    BiasAnalysisConfig,
    BiasConfig,
    BiasConstraint,
    BiasMetricThreshold,
    ClarifyDashboard,
    Constraints,
    ExplainabilityAnalysisConfig,
    ModelBiasMonitorConstruct,
    ModelExplainabilityMonitorConstruct,
    MonitoringDatasetFormat,
    SHAPConfig,
)
from cdk_clarify_monitors._config.bias_metrics import OF_GROUPS, POST_TRAINING, PRE_TRAINING
from tests.support.monitors.builders import (
    FEATURE_FLAGS,
    bias_monitor,
    data_config,
    explainability_monitor,
    model_config,
    template_of,
)
from tests.support.templates.lint import findings

ACCOUNT, REGION = "111111111111", "eu-central-1"
DPPL = BiasMetricThreshold("DPPL", min_value=-0.1, max_value=0.2)
PUBLISHED = {*PRE_TRAINING, *POST_TRAINING} - {*OF_GROUPS}
BIAS = BiasAnalysisConfig(BiasConfig([1], "age", [40]), headers=["approved", "age"], label="approved")


def body_of(stack: cdk.Stack) -> dict[str, Any]:
    """The body of a stack's only dashboard, with the names of resources for what the deployment puts in."""
    (dashboard,) = template_of(stack).find_resources("AWS::CloudWatch::Dashboard").values()
    parts = dashboard["Properties"]["DashboardBody"]
    parts = parts["Fn::Join"][1] if isinstance(parts, dict) else [parts]
    return dict(json.loads("".join(part if isinstance(part, str) else referred(part) for part in parts)))


def referred(reference: dict[str, Any]) -> str:
    """What a reference is about."""
    (value,) = reference.values()
    return value if isinstance(value, str) else str(value[0])


def widgets_of(stack: cdk.Stack, kind: str = "metric") -> list[dict[str, Any]]:
    """The properties of the widgets of a kind."""
    return [widget["properties"] for widget in body_of(stack)["widgets"] if widget["type"] == kind]


def names_of(widget: dict[str, Any]) -> list[str]:
    return [metric[1] for metric in widget["metrics"]]


def lines_of(widget: dict[str, Any]) -> list[float]:
    return sorted(line["value"] for line in widget.get("annotations", {}).get("horizontal", ()))


# ---------------------------------------------------------------- what is on it
def test_a_bias_monitor_shows_all_that_it_publishes(stack: cdk.Stack) -> None:
    ClarifyDashboard(stack, "Dashboard", monitors=[bias_monitor(stack)])
    executions, *graphs = widgets_of(stack)
    assert executions["title"] == "Executions"
    assert [metric[-1]["label"] for metric in executions["metrics"]] == [
        "Completed",
        "Violations found",
        "Failed or stopped",
    ]
    shown = [name for graph in graphs for name in names_of(graph)]
    assert sorted(shown) == sorted(f"bias_metric_{name}" for name in PUBLISHED)
    assert [graph["title"] for graph in graphs] == ["Pre-training: age 40", "Post-Training: age 40", "DI: age 40"]
    assert {metric[-1]["period"] for graph in graphs for metric in graph["metrics"]} == {86_400}
    assert widgets_of(stack, "alarm") == []


def test_a_group_has_metrics_of_its_own(stack: cdk.Stack) -> None:
    config = BiasConfig([1], "age", [40], group_name="income")
    ClarifyDashboard(stack, "Dashboard", monitors=[bias_monitor(stack, bias_config=config)])
    shown = {name for graph in widgets_of(stack)[1:] for name in names_of(graph)}
    assert shown == {f"bias_metric_{name}" for name in (*PRE_TRAINING, *POST_TRAINING)}


def test_limits_are_drawn_as_lines(stack: cdk.Stack) -> None:
    overrides = [BiasConstraint("DPPL", at_most=0.3), BiasConstraint("CI", at_most=0.5, facet="age")]
    monitor = bias_monitor(stack, constraints_overrides=overrides)
    monitor.add_alarms(bias_metrics=[DPPL])
    monitor.add_alarms("More", bias_metrics=[BiasMetricThreshold("DI", max_value=1.25)])
    ClarifyDashboard(stack, "Dashboard", monitors=[monitor])
    graphs = {widget["title"]: widget for widget in widgets_of(stack)}
    assert lines_of(graphs["DPPL: age 40"]) == [-0.3, -0.1, 0.2, 0.3]
    assert lines_of(graphs["DI: age 40"]) == [1.25]
    assert lines_of(graphs["CI: age 40"]) == [-0.5, 0.5]
    assert names_of(graphs["DPPL: age 40"]) == ["bias_metric_DPPL"]
    assert "bias_metric_DPPL" not in names_of(graphs["Post-Training: age 40"])
    (alarms,) = widgets_of(stack, "alarm")
    assert len(alarms["alarms"]) == 3 + 2 + 3 + 1


def test_limits_that_are_known_at_deployment_only_can_be_lines(stack: cdk.Stack) -> None:
    limit = cdk.Token.as_number({"Ref": "Limit"})
    cdk.CfnParameter(stack, "Limit", type="Number", default=0.25)
    monitor = bias_monitor(stack, constraints_overrides=[BiasConstraint("DPPL", at_most=limit)])
    monitor.add_alarms(bias_metrics=[BiasMetricThreshold("DPPL", max_value=limit)])
    ClarifyDashboard(stack, "Dashboard", monitors=[monitor])
    body = json.dumps(template_of(stack).find_resources("AWS::CloudWatch::Dashboard"))
    assert '{"Ref": "Limit"}' in body


@pytest.mark.parametrize(("value", "line"), [(0.05, [0.05]), ("Infinity", []), (None, [])])
def test_a_known_baseline_is_a_line(stack: cdk.Stack, value: Any, line: list[float]) -> None:
    metrics = [{"name": "DI", "value": 1.0}, {"name": "DPPL", "value": value}]
    groups = {"facets": {"age": [{"value_or_threshold": "(40, 79]", "metrics": metrics}]}}
    body = {"version": "1.0", "post_training_bias_metrics": groups, "pre_training_bias_metrics": None}
    monitor = bias_monitor(stack, constraints=Constraints(body, "s3://data/bias.json"))
    monitor.add_alarms(bias_metrics=[DPPL, BiasMetricThreshold("CI", max_value=1)])
    shap = explainability_monitor(stack, constraints=Constraints(expecting(0.4), "s3://data/shap.json"))
    ClarifyDashboard(stack, "Dashboard", monitors=[monitor, shap], executions=False)
    graphs = {widget["title"]: widget for widget in widgets_of(stack)}
    assert lines_of(graphs["DPPL: age 40"]) == sorted([-0.1, 0.2, *line])
    assert lines_of(graphs["CI: age 40"]) == [1]
    assert lines_of(graphs["Expected value: label0"]) == [0.4]
    assert lines_of(graphs["Feature attributions: label0"]) == []


def expecting(value: float) -> dict[str, Any]:
    return {"version": "1.0", "explanations": {"kernel_shap": {"label0": {"expected_value": value}}}}


@pytest.mark.parametrize(
    "body",
    [
        None,
        {},
        {"explanations": None, "post_training_bias_metrics": None},
        {"explanations": [1], "post_training_bias_metrics": "none"},
        {"explanations": {"kernel_shap": {"label0": {}}}, "post_training_bias_metrics": {"facets": {"sex": []}}},
        {"explanations": {"kernel_shap": []}, "post_training_bias_metrics": {"facets": {"age": {}}}},
        {"explanations": {"kernel_shap": {"yes": 1}}, "post_training_bias_metrics": {"facets": {"age": [1]}}},
        {"post_training_bias_metrics": {"facets": {"age": [{"metrics": [1, {"name": "DPPL"}]}]}}},
    ],
)
def test_a_baseline_of_something_else_is_no_line(stack: cdk.Stack, body: Any) -> None:
    monitor = bias_monitor(stack, constraints=Constraints(body, "s3://data/bias.json"))
    shap = explainability_monitor(stack, constraints=Constraints(body, "s3://data/shap.json"))
    monitor.add_alarms(bias_metrics=[DPPL])
    ClarifyDashboard(stack, "Dashboard", monitors=[monitor, shap])
    assert [lines_of(graph) for graph in widgets_of(stack) if lines_of(graph)] == [[-0.1, 0.2]]


def test_each_facet_has_graphs(stack: cdk.Stack) -> None:
    config = BiasConfig([1], ["age", "income"], [[40], [50_000]])
    ClarifyDashboard(stack, "Dashboard", monitors=[bias_monitor(stack, bias_config=config)])
    titles = [graph["title"] for graph in widgets_of(stack)[1:]]
    assert titles == [
        f"{kind}: {facet}" for facet in ("age 40", "income 50000") for kind in ("Pre-training", "Post-Training", "DI")
    ]


def test_an_alarm_tells_the_dimensions_of_a_group(stack: cdk.Stack) -> None:
    """Where the config does not: several values, or none, which CloudWatch writes as AWS does not document."""
    config = BiasConfig([1], ["income", "age"], [None, [40]])
    monitor = bias_monitor(stack, bias_config=config)
    needed = r"as the 'facet_value' .*: write monitor.add_alarms\(.*'DPPL', facet='income', facet_value='…'"
    with pytest.raises(ValueError, match=needed):
        ClarifyDashboard(stack, "Dashboard", monitors=[monitor])
    monitor.add_alarms(
        bias_metrics=[
            BiasMetricThreshold("DPPL", facet="income", facet_value="low", max_value=0.1),
            BiasMetricThreshold("DI", facet="income", facet_value="high", min_value=0.8),
            BiasMetricThreshold("AD", facet="age", max_value=0.2),
        ]
    )
    ClarifyDashboard(stack, "Dashboard", monitors=[monitor], executions=False)

    titles = [graph["title"] for graph in widgets_of(stack) if "metrics" in graph]
    assert titles[:3] == ["DPPL: income low", "DI: income high", "AD: age 40"]
    assert sorted(titles[3:]) == sorted(
        [
            f"{stage}: {group}"
            for stage in ("Pre-training", "Post-Training")
            for group in ("income low", "income high", "age 40")
        ]
        + ["DI: income low", "DI: age 40"]
    )


def test_chosen_metrics_are_shown_alone(stack: cdk.Stack) -> None:
    monitor = bias_monitor(stack, bias_config=BiasConfig([1], "age", [40, 50]))
    with pytest.raises(ValueError, match=r"^'bias_metrics' must be given to 'add_alarms' before, as the 'facet_value'"):
        ClarifyDashboard(stack, "Dashboard", monitors=[monitor])
    chosen = BiasMetricThreshold("DPPL", facet_value="40, 50", max_value=0.1)
    dashboard = cloudwatch.Dashboard(stack, "Own")
    dashboard.add_widgets(*monitor.dashboard_widgets(executions=False, bias_metrics=[chosen]))
    (graph,) = widgets_of(stack)
    assert (graph["title"], lines_of(graph)) == ("DPPL: age 40, 50", [0.1])
    assert template_of(stack).find_resources("AWS::Events::Rule") == {}


def test_attributions_are_stacked(stack: cdk.Stack) -> None:
    ClarifyDashboard(stack, "Dashboard", monitors=[explainability_monitor(stack)])
    _, attributions, expected = widgets_of(stack)
    assert attributions["stacked"] is True
    assert names_of(attributions) == ["feature_age", "feature_income", "feature_debt"]
    assert names_of(expected) == ["ExpectedValue"]
    assert not expected["stacked"]


def test_only_features_that_are_explained_are_shown(stack: cdk.Stack) -> None:
    config = SHAPConfig([[35, 52_000, 9_000]], 200, "mean_abs", features_to_explain=["debt", 1])
    ClarifyDashboard(stack, "Dashboard", monitors=[explainability_monitor(stack, explainability_config=config)])
    attributions = widgets_of(stack)[1]
    shown = {name.removeprefix("feature_") for name in names_of(attributions)}
    assert "debt" in shown
    assert len(shown) == 2


def labelled(labels: list[str], headers: list[str] | None = None) -> ExplainabilityAnalysisConfig:
    shap = SHAPConfig([[35, 52_000]], 20, "mean_abs")
    return ExplainabilityAnalysisConfig(shap, model_config(), headers or ["age", "income"], labels)


def imported_shap(stack: cdk.Stack, id_: str, config: ExplainabilityAnalysisConfig) -> Any:
    return ModelExplainabilityMonitorConstruct.from_monitoring_schedule_name(
        stack, id_, "loans", endpoint_name="loans", analysis_config=config
    )


def test_each_label_has_its_attributions(stack: cdk.Stack) -> None:
    monitor = imported_shap(stack, "Imported", labelled(["yes", "no"]))
    dashboard = ClarifyDashboard(stack, "Dashboard", monitors=[monitor], executions=False)
    dashboard.add_widgets(*monitor.dashboard_widgets(executions=False, features=["age"], labels=["no"]))
    graphs = widgets_of(stack)
    assert [graph["title"] for graph in graphs[::2]] == [
        f"Feature attributions: {label}" for label in ("yes", "no", "no")
    ]
    assert names_of(graphs[-2]) == ["feature_age"]


def test_a_batch_transform_has_a_dashboard(stack: cdk.Stack) -> None:
    watched = BatchTransformInput(
        "s3://data/captured", "/opt/ml/processing/input", MonitoringDatasetFormat.csv(header=False)
    )
    monitor = bias_monitor(stack, endpoint_input=None, batch_transform_input=watched)
    ClarifyDashboard(
        stack, "Dashboard", monitors=[monitor], dashboard_name="loans", default_interval=cdk.Duration.days(30)
    )
    body = body_of(stack)
    assert (body["start"], body["periodOverride"]) == ("-P30D", "inherit")
    (title,) = widgets_of(stack, "text")
    assert title["markdown"] == f"### Bias monitor {monitor.monitoring_schedule_name}"
    assert {metric[0] for graph in widgets_of(stack)[1:] for metric in graph["metrics"]} == {
        "aws/sagemaker/ModelMonitoring/bias-metrics"
    }


def test_a_metric_looks_as_the_cdk_shows_it(stack: cdk.Stack) -> None:
    monitor = bias_monitor(stack)
    dashboard = cloudwatch.Dashboard(stack, "Dashboard")
    dashboard.add_widgets(*monitor.dashboard_widgets(executions=False, bias_metrics=[DPPL]))
    dashboard.add_widgets(cloudwatch.GraphWidget(title="Control", left=[monitor.metric_bias("DPPL")]))
    graph, control = widgets_of(stack)
    graph["metrics"][0][-1].pop("label")
    assert graph["metrics"] == control["metrics"]


# ---------------------------------------------------------------- other regions and accounts
def test_monitors_of_other_regions_are_shown_from_there(app: cdk.App, stack: cdk.Stack) -> None:
    there = cdk.Stack(app, "There", env=cdk.Environment(account=ACCOUNT, region="us-east-1"))
    monitor = explainability_monitor(there)
    monitor.add_alarms()
    ClarifyDashboard(stack, "Dashboard", monitors=[monitor])
    graphs = widgets_of(stack)
    assert {graph["region"] for graph in graphs} == {"us-east-1"}
    assert {metric[-1]["region"] for graph in graphs for metric in graph["metrics"]} == {"us-east-1"}
    # By names, which a dashboard of another region needs: no reference would reach it.
    rules = template_of(there).find_resources("AWS::Events::Rule").values()
    assert {metric[3] for metric in graphs[0]["metrics"]} == {rule["Properties"]["Name"] for rule in rules}
    (alarms,) = widgets_of(stack, "alarm")
    names = {a["Properties"]["AlarmName"] for a in template_of(there).find_resources("AWS::CloudWatch::Alarm").values()}
    assert {arn.rpartition(":")[2] for arn in alarms["alarms"]} == names
    assert all(arn.startswith("arn:aws:cloudwatch:us-east-1:") for arn in alarms["alarms"])


def test_monitors_of_another_stack_are_referred_to(app: cdk.App, stack: cdk.Stack) -> None:
    other = cdk.Stack(app, "Other", env=cdk.Environment(account=ACCOUNT, region=REGION))
    monitor = bias_monitor(other)
    monitor.add_alarms()
    ClarifyDashboard(stack, "Dashboard", monitors=[monitor])
    template = json.dumps(template_of(stack).to_json())
    references = template.count("Fn::ImportValue") + template.count("Fn::GetStackOutput")
    assert references == 6  # to three rules and three alarms
    assert "Name" not in next(iter(template_of(other).find_resources("AWS::Events::Rule").values()))["Properties"]


def test_an_imported_monitor_has_its_account_and_region(stack: cdk.Stack) -> None:
    arn = "arn:aws:sagemaker:us-east-1:222222222222:monitoring-schedule/loans-bias"
    monitor = ModelBiasMonitorConstruct.from_monitoring_schedule_arn(
        stack, "Imported", arn, endpoint_name="loans", analysis_config=BIAS
    )
    with pytest.raises(ValueError, match=r"^'output_s3_uri' must be given where rules are asked for"):
        ClarifyDashboard(stack, "Dashboard", monitors=[monitor])
    ClarifyDashboard(stack, "Dashboard", monitors=[monitor], executions=False)
    graphs = widgets_of(stack)
    options = {(m[-1]["region"], m[-1]["accountId"]) for graph in graphs for m in graph["metrics"]}
    assert options == {("us-east-1", "222222222222")}
    assert {graph["region"] for graph in graphs} == {"us-east-1"}


def test_a_monitor_of_no_known_region_is_shown_nowhere_else(stack: cdk.Stack, agnostic_stack: cdk.Stack) -> None:
    monitor = bias_monitor(agnostic_stack)
    with pytest.raises(ValueError, match=r"^'monitors' must be in a stack that says its account.* to Agnostic$"):
        ClarifyDashboard(stack, "Dashboard", monitors=[monitor])
    assert stack.node.children == []
    ClarifyDashboard(stack, "Dashboard", monitors=[monitor], executions=False)
    ClarifyDashboard(agnostic_stack, "Dashboard", monitors=[bias_monitor(stack)])
    assert len(widgets_of(stack)) == 3
    assert len(widgets_of(agnostic_stack)) == 4


def test_a_stack_without_environment_has_a_dashboard(agnostic_stack: cdk.Stack) -> None:
    monitors = [bias_monitor(agnostic_stack), explainability_monitor(agnostic_stack)]
    for monitor in monitors:
        monitor.add_alarms()
    ClarifyDashboard(agnostic_stack, "Dashboard", monitors=monitors)
    assert len(widgets_of(agnostic_stack)) == 4 + 3


# ---------------------------------------------------------------- what is refused
@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"monitors": []}, "'monitors' must have at least one item"),
        ({"monitors": ["it", "it"]}, "'monitors' must name 'Stack/Bias' only once, got ['Stack/Bias', 'Stack/Bias']"),
        ({"id": "Bias"}, "'id' must be unique in"),
        ({"id": ""}, "'id' must not be empty"),
        ({"dashboard_name": "my dashboard"}, "'dashboard_name' must be letters, digits, - and _, got 'my dashboard'"),
        ({"dashboard_name": "x" * 256}, "'dashboard_name' must have at most 255 characters"),
    ],
)
def test_a_dashboard_that_cannot_work_is_refused(stack: cdk.Stack, asked: dict[str, Any], message: str) -> None:
    monitor = bias_monitor(stack)
    before = len(stack.node.find_all())
    monitors = [monitor for _ in asked.get("monitors", ["it"])]
    with pytest.raises(ValueError, match=r".") as refused:
        ClarifyDashboard(**{"scope": stack, "id": "Dashboard", **asked, "monitors": monitors})
    assert str(refused.value).startswith(message)
    assert len(stack.node.find_all()) == before


def test_arguments_of_the_wrong_type_are_refused(stack: cdk.Stack) -> None:
    make: Any = ClarifyDashboard
    monitor: Any = bias_monitor(stack)
    before = len(stack.node.find_all())
    for asked, message in [
        ({"monitors": monitor}, "'monitors' must be a list, got <cdk_clarify_monitors._monitors.model_bias_monitor"),
        ({"monitors": [stack]}, "'monitors[0]' must be an IClarifyMonitor"),
        ({"monitors": [monitor, "loans"]}, "'monitors[1]' must be an IClarifyMonitor"),
        ({"default_interval": 14}, "'default_interval' must be a Duration"),
        ({"executions": "no"}, "'executions' must be True or False"),
        ({"scope": "Stack"}, "'scope' must be a construct"),
    ]:
        with pytest.raises(TypeError, match=r".") as refused:
            make(**{"scope": stack, "id": "Dashboard", "monitors": [monitor], **asked})
        assert str(refused.value).startswith(message)
    with pytest.raises(TypeError, match="'executions' must be True or False"):
        monitor.dashboard_widgets(executions=1)
    assert len(stack.node.find_all()) == before


@pytest.mark.parametrize(
    ("interval", "message"),
    [
        (cdk.Duration.days(0), "'default_interval' must be at least a minute, got '0 seconds'"),
        (cdk.Duration.millis(1), "'default_interval' must be at least a minute, got '0.001 seconds'"),
        (cdk.Duration.days(cdk.Token.as_number({"Ref": "Days"})), "'default_interval' must be known at synthesis"),
    ],
)
def test_an_interval_of_no_length_is_refused(stack: cdk.Stack, interval: cdk.Duration, message: str) -> None:
    with pytest.raises(ValueError, match=f"^{message}"):
        ClarifyDashboard(stack, "Dashboard", monitors=[bias_monitor(stack)], default_interval=interval)


def test_what_is_not_published_is_not_shown(stack: cdk.Stack) -> None:
    quiet = bias_monitor(stack, enable_cloudwatch_metrics=False)
    with pytest.raises(ValueError, match=r"^'enable_cloudwatch_metrics' must be True where metrics are asked for"):
        ClarifyDashboard(stack, "Dashboard", monitors=[bias_monitor(stack, "Other"), quiet])
    shap = explainability_monitor(stack)
    with pytest.raises(ValueError, match=r"^'features' must be one of the monitor's own"):
        shap.dashboard_widgets(features=["colour"])
    with pytest.raises(ValueError, match=r"^'labels' must be one of the monitor's own, \['yes', 'no'\], got 'maybe'"):
        imported_shap(stack, "Imported", labelled(["yes", "no"])).dashboard_widgets(labels=["maybe"])


def test_features_without_headers_have_to_be_named(stack: cdk.Stack) -> None:
    unnamed = data_config(headers=None, label=0, dataset_type="text/csv")
    monitor = explainability_monitor(stack, data_config=unnamed)
    with pytest.raises(ValueError, match=r"^'features' must be given where the monitor has no 'headers', got None"):
        ClarifyDashboard(stack, "Dashboard", monitors=[monitor])
    in_s3 = bias_monitor(stack, "InS3", data_config=None, bias_config=None, model_config=None, constraints="s3://bucket/c.json",
        model_predicted_label_config=None, analysis_config="s3://bucket/analysis.json")  # fmt: skip
    with pytest.raises(ValueError, match=r"^'bias_metrics' must be given to 'add_alarms' before, as the 'facet' in"):
        ClarifyDashboard(stack, "Dashboard", monitors=[in_s3])
    dashboard = cloudwatch.Dashboard(stack, "Own")
    dashboard.add_widgets(*monitor.dashboard_widgets(features=["age", "income"]))
    whole: dict[str, Any] = {"facet": "age", "facet_value": "40", "label": "approved", "label_value": "1"}
    dashboard.add_widgets(*in_s3.dashboard_widgets(bias_metrics=[BiasMetricThreshold("DI", max_value=2, **whole)]))
    assert len(widgets_of(stack)) == 3 + 2


@pytest.mark.slow
def test_more_than_cloudwatch_shows_is_refused(stack: cdk.Stack) -> None:
    headers = [f"column {number}" for number in range(501)]

    def monitor(id_: str, count: int) -> Any:
        return imported_shap(stack, id_, labelled(["yes"], headers[:count]))

    with pytest.raises(ValueError, match=r"^'features' must have at most 500 items.*: choose some of the 501$"):
        ClarifyDashboard(stack, "Dashboard", monitors=[monitor("Wide", 501)], executions=False)
    six = [monitor(f"Wide{number}", 500) for number in range(6)]
    with pytest.raises(ValueError, match=r"^'monitors' must have at most 2500 metrics.*they have 30\d\d: make several"):
        ClarifyDashboard(stack, "Dashboard", monitors=six, executions=False)
    many = [monitor(f"M{number}", 2) for number in range(101)]
    with pytest.raises(ValueError, match=r"^'monitors' must have at most 500 widgets.*they have 505: make several"):
        ClarifyDashboard(stack, "Dashboard", monitors=many, executions=False)


# ---------------------------------------------------------------- values of the baseline
def computed(stack: cdk.Stack) -> list[dict[str, str]]:
    """The values that the custom resource of a stack is asked for."""
    (baseline,) = template_of(stack).find_resources("Custom::ClarifyBaseline").values()
    return list(baseline["Properties"].get("BaselineValues", ()))


def baseline_lines(stack: cdk.Stack) -> dict[str, list[str]]:
    """The attributes that stand as numbers in a dashboard's body, by the titles of graphs."""
    (dashboard,) = template_of(stack).find_resources("AWS::CloudWatch::Dashboard").values()
    parts = dashboard["Properties"]["DashboardBody"]["Fn::Join"][1]
    text = "".join(part if isinstance(part, str) else marked(part) for part in parts)
    graphs = [widget["properties"] for widget in json.loads(text)["widgets"] if widget["type"] == "metric"]
    lines = {graph["title"]: graph.get("annotations", {}).get("horizontal", ()) for graph in graphs}
    return {
        title: [line["value"]["of"] for line in some if line["label"] == "baseline"] for title, some in lines.items()
    }


def marked(reference: dict[str, Any]) -> str:
    (value,) = reference.values()
    return json.dumps({"of": value[1]}) if isinstance(value, list) and "Value" in value[1] else referred(reference)


def test_chosen_metrics_have_the_value_of_the_baseline(stack: cdk.Stack) -> None:
    bias, shap = bias_monitor(stack), explainability_monitor(cdk.NestedStack(stack, "Nested"))
    metrics = ["DPPL", "CI", "ExpectedValue"]
    dashboard = ClarifyDashboard(stack, "Dashboard", monitors=[bias, shap], baseline_metrics=metrics)
    dppl = BiasMetricThreshold("DPPL", max_value=1)
    dashboard.add_widgets(*bias.dashboard_widgets(executions=False, bias_metrics=[dppl], baseline_metrics=("DPPL",)))
    of_age = {"Facet": "age", "FacetValue": "40"}
    assert sorted(map(str, computed(stack))) == sorted(str({**of_age, "Metric": name}) for name in ("CI", "DPPL"))
    lines = baseline_lines(stack)
    numbers = {value["Metric"]: f"Value{number}" for number, value in enumerate(computed(stack), 1)}
    assert lines["CI: age 40"] == [numbers["CI"]]
    assert lines["DPPL: age 40"] == [numbers["DPPL"]]
    assert lines["Post-Training: age 40"] == []
    assert [len(lines["Expected value: label0"]), len(lines["Feature attributions: label0"])] == [1, 0]


def test_each_facet_has_a_value_of_its_own(stack: cdk.Stack) -> None:
    config = BiasConfig([1], ["age", "income"], [[40], [50_000]])
    monitor = bias_monitor(stack, bias_config=config)
    ClarifyDashboard(stack, "Dashboard", monitors=[monitor], baseline_metrics=["DI"])
    assert [(value["Facet"], value["FacetValue"]) for value in computed(stack)] == [("age", "40"), ("income", "50000")]


def test_values_change_nothing_that_a_baseline_is_made_of(stack: cdk.Stack, app: cdk.App) -> None:
    monitor = bias_monitor(stack)
    other = cdk.Stack(app, "Other", env=cdk.Environment(account=ACCOUNT, region=REGION))
    nested = cdk.NestedStack(stack, "Nested")
    ClarifyDashboard(nested, "Dashboard", monitors=[monitor], baseline_metrics=["DI"])
    for metrics in (["DI"], []):
        monitor.dashboard_widgets(baseline_metrics=metrics)
    bias_monitor(other).dashboard_widgets()
    assert len(computed(stack)) == 1
    assert "BaselineValues" not in json.dumps(template_of(other).to_json())


def test_a_given_baseline_needs_no_answer(stack: cdk.Stack) -> None:
    metrics = [{"name": "DPPL", "value": 0.05}]
    groups = {"facets": {"age": [{"value_or_threshold": "(40, 79]", "metrics": metrics}]}}
    given = Constraints({"version": "1.0", "post_training_bias_metrics": groups}, "s3://data/bias.json")
    monitor = bias_monitor(stack, constraints=given)
    ClarifyDashboard(stack, "Dashboard", monitors=[monitor], baseline_metrics=["DPPL"])
    graphs = {widget["title"]: widget for widget in widgets_of(stack)}
    assert lines_of(graphs["DPPL: age 40"]) == [0.05]
    assert computed(stack) == []


def test_a_baseline_that_nobody_knows_has_no_lines(stack: cdk.Stack) -> None:
    unknown = {
        r"where the content of the 'constraints' is not known, got \['DPPL'\]: pass Constraints": bias_monitor(
            stack, "Given", constraints="s3://data/bias.json"
        ),
        r"with BaselineOptions\(wait=False\)": bias_monitor(stack, "Early", baseline=BaselineOptions(wait=False)),
        "for an imported monitor": ModelBiasMonitorConstruct.from_monitoring_schedule_name(
            stack, "Imported", "loans", endpoint_name="loans", analysis_config=BIAS
        ),
    }
    for message, monitor in unknown.items():
        with pytest.raises(ValueError, match=f"^'baseline_metrics' must be left out {message}"):
            monitor.dashboard_widgets(executions=False, baseline_metrics=("DPPL",))
        children = len(stack.node.children)
        with pytest.raises(ValueError, match=r"^'baseline_metrics' must be left out "):
            ClarifyDashboard(stack, "Dashboard", monitors=[monitor], executions=False, baseline_metrics=["DPPL"])
        assert len(stack.node.children) == children


@pytest.mark.parametrize(
    ("metrics", "error", "message"),
    [
        ("DPPL", TypeError, "'baseline_metrics' must be a list, got 'DPPL'"),
        (None, TypeError, "'baseline_metrics' must be a list, got None"),
        ([None], ValueError, r"'baseline_metrics\[0\]' must be one of 'CI'"),
        (["dppl"], ValueError, r"'baseline_metrics\[0\]' must be one of .*: write 'DPPL'$"),
        (["bias_metric_DPPL"], ValueError, r"'baseline_metrics\[0\]' must be one of"),
        (["DPPL", "DPPL"], ValueError, "'baseline_metrics"),
        (["CDDPL"], ValueError, "'baseline_metrics' must have metrics with a baseline"),
        (["ExpectedValue"], ValueError, "'baseline_metrics' must have metrics with a baseline"),
        (["feature_age"], ValueError, r"'baseline_metrics\[0\]' must be one of"),
        ([cdk.Token.as_string({"Ref": "Name"})], ValueError, r"'baseline_metrics\[0\]' must be known at synthesis"),
    ],
)
def test_metrics_without_a_baseline_are_refused(
    stack: cdk.Stack, metrics: Any, error: type[Exception], message: str
) -> None:
    monitor = bias_monitor(stack)
    with pytest.raises(error, match=f"^{message}"):
        monitor.dashboard_widgets(baseline_metrics=metrics)
    with pytest.raises(error, match=f"^{message}"):
        ClarifyDashboard(stack, "Dashboard", monitors=[monitor], baseline_metrics=metrics)
    assert stack.node.try_find_child("Dashboard") is None


def test_what_the_job_does_not_compute_has_no_line(stack: cdk.Stack) -> None:
    config = BiasConfig([1], "age", [40], pre_training_methods=None, post_training_methods=["DPPL", "DI"])
    monitor = bias_monitor(stack, bias_config=config)
    for metric in ("CI", "RD"):
        with pytest.raises(ValueError, match=rf"^'baseline_metrics' .* monitor publishes, DPPL, DI, got '{metric}'$"):
            monitor.dashboard_widgets(baseline_metrics=[metric])
    late = cdk.Token.as_list({"Ref": "Metrics"})
    unknown = bias_monitor(stack, "Late", bias_config=BiasConfig([1], "age", [40], post_training_methods=late))
    assert len(unknown.dashboard_widgets(executions=False, baseline_metrics=["RD"])) == 5
    constraints = Constraints({}, "s3://data/analysis.json")
    given = bias_monitor(stack, "Given", bias_config=config, constraints=constraints)
    with pytest.raises(
        ValueError, match=r"^'baseline_metrics' must be left out where the content of the 'constraints'"
    ):
        given.dashboard_widgets(baseline_metrics=["RD"])


def test_a_line_needs_its_graph(stack: cdk.Stack) -> None:
    monitor = bias_monitor(stack)
    with pytest.raises(ValueError, match=r"^'baseline_metrics' must be among the metrics of 'bias_metrics', DPPL, got"):
        monitor.dashboard_widgets(bias_metrics=[DPPL], baseline_metrics=["DPPL", "DI"])


def test_more_values_than_an_answer_carries_are_refused(stack: cdk.Stack) -> None:
    names = [f"feature {number}" for number in range(8)]
    config = BiasConfig([1], names, [[1]] * 8)
    data = data_config(headers=["approved", *names])
    monitor = bias_monitor(stack, data_config=data, bias_config=config)
    metrics = sorted(PUBLISHED)
    message = r"^'baseline_metrics' must have at most (\d+) values in all, as .* 4096 bytes.* they are 152: choose"
    with pytest.raises(ValueError, match=message) as refused:
        ClarifyDashboard(stack, "Dashboard", monitors=[monitor], baseline_metrics=metrics)
    assert stack.node.try_find_child("Dashboard") is None
    assert "BaselineValues" not in json.dumps(template_of(stack).to_json())
    room = int(str(refused.value).split("at most ")[1].split()[0])
    assert 50 < room < 80


def test_what_was_shown_counts(stack: cdk.Stack) -> None:
    names = [f"feature {number}" for number in range(8)]
    data = data_config(headers=["approved", *names])
    monitor = bias_monitor(stack, data_config=data, bias_config=BiasConfig([1], names, [[1]] * 8))
    metrics = sorted(PUBLISHED)
    for _ in range(2):
        monitor.dashboard_widgets(executions=False, baseline_metrics=metrics[:5])
    with pytest.raises(ValueError, match=r"with these they are 80: choose fewer$"):
        monitor.dashboard_widgets(executions=False, baseline_metrics=metrics[4:10])
    assert len(computed(stack)) == 40


def test_values_are_shown_in_the_stack_of_the_monitor(app: cdk.App, stack: cdk.Stack) -> None:
    other = cdk.Stack(app, "Other", env=cdk.Environment(account=ACCOUNT, region=REGION))
    monitor = bias_monitor(other)
    with pytest.raises(ValueError, match=r"^'baseline_metrics' must be left out for Other/Bias, which is in another"):
        ClarifyDashboard(stack, "Dashboard", monitors=[monitor], baseline_metrics=["DPPL"])
    cloudwatch.Dashboard(stack, "Own").add_widgets(*monitor.dashboard_widgets(baseline_metrics=["DPPL"]))
    with pytest.raises(
        RuntimeError, match="shows values of the baseline of Other/Bias: make the dashboard in the stack"
    ):
        app.synth()


# ---------------------------------------------------------------- the whole
def everything(stack: cdk.Stack) -> None:
    bias, shap = bias_monitor(stack), explainability_monitor(stack)
    bias.add_alarms(bias_metrics=[DPPL, BiasMetricThreshold("DI", min_value=0.8)])
    shap.add_alarms()
    bias.add_monitoring_alert("Alert", monitoring_alert_name="loans", datapoints_to_alert=1, evaluation_period=2)
    ClarifyDashboard(stack, "Dashboard", monitors=[bias, shap], baseline_metrics=["DPPL", "ExpectedValue"])


@pytest.mark.slow
def test_cfn_lint_accepts_a_dashboard(stack: cdk.Stack) -> None:
    everything(stack)
    assert findings(json.dumps(template_of(stack).to_json()), REGION) == []


def test_what_alarms_and_a_dashboard_add_is_unchanged(stack: cdk.Stack, snapshot: SnapshotAssertion) -> None:
    everything(stack)
    resources = template_of(stack).to_json()["Resources"]
    kinds = ("AWS::CloudWatch::", "AWS::Events::", "AWS::SageMaker::MonitoringScheduleAlert")
    added = {id_: resource for id_, resource in resources.items() if resource["Type"].startswith(kinds)}
    assert added == snapshot.use_extension(JSONSnapshotExtension)


def test_the_same_app_gives_the_same_dashboard() -> None:
    texts = []
    for _ in range(2):
        stack = cdk.Stack(cdk.App(context=FEATURE_FLAGS), "Stack")
        cdk.Token.as_string({"Ref": "Other"})  # numbers tokens otherwise
        everything(stack)
        texts.append(json.dumps(template_of(stack).to_json()))
    assert texts[0] == texts[1]
