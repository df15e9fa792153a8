"""Graphs of a monitor's metrics: what is on them, and the widgets of a dashboard that show them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from .metrics import MetricSource

if TYPE_CHECKING:
    import aws_cdk as cdk
    from aws_cdk import aws_cloudwatch as cloudwatch
    from constructs import Construct

# https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_limits.html
METRICS_OF_A_GRAPH: Final = 500
METRICS_OF_A_DASHBOARD: Final = 2500
WIDGETS_OF_A_DASHBOARD: Final = 500

FULL_WIDTH: Final = 24

# The only metric of an explainability monitor that is compared by its value.
EXPECTED_VALUE: Final = "ExpectedValue"


@dataclass(frozen=True)
class BaselineValue:
    """A value that the baselining job of the deployment computes.

    Attributes:
        metric: The metric's short name.
        place: What tells it from others, as `Custom::ClarifyBaseline` takes it.
    """

    metric: str
    place: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Line:
    """A horizontal line.

    Attributes:
        value: At which value.
        label: What it says.
    """

    value: float | BaselineValue
    label: str


@dataclass(frozen=True)
class Series:
    """One metric on a graph.

    Attributes:
        name: Its name.
        dimensions: Its dimensions besides those of the monitor.
        label: Its label.
    """

    name: str
    dimensions: Mapping[str, str]
    label: str


@dataclass(frozen=True)
class Graph:
    """A graph.

    Attributes:
        title: Its title.
        series: The metrics on it.
        lines: Its horizontal lines.
        is_stacked: Whether the metrics are stacked.
        width: Its width, of 24 units.
    """

    title: str
    series: Sequence[Series]
    lines: Sequence[Line] = ()
    is_stacked: bool = False
    width: int = 8


def graph_widgets(
    scope: Construct,
    graphs: Sequence[Graph],
    source: MetricSource,
    *,
    value_of: Callable[[BaselineValue], float],
    period: cdk.Duration,
    region: str | None,
) -> list[cloudwatch.IWidget]:
    """The widgets that show graphs.

    Args:
        scope: The monitor, whose account and region the metrics are in if the source names no other.
        graphs: The graphs.
        source: Whose metrics they show.
        value_of: Gives the token of a value of the baseline.
        period: The period of the metrics.
        region: The region of the metrics, where it is known.
    """
    from aws_cdk import aws_cloudwatch as cloudwatch

    return [
        cloudwatch.GraphWidget(
            title=graph.title,
            left=[
                cloudwatch.Metric(
                    namespace=source.namespace,
                    metric_name=series.name,
                    dimensions_map={**source.dimensions, **series.dimensions},
                    label=series.label,
                    statistic="Average",
                    period=period,
                    account=source.account,
                    region=source.region,
                ).attach_to(scope)
                for series in graph.series
            ],
            left_annotations=[
                cloudwatch.HorizontalAnnotation(
                    value=value_of(line.value) if isinstance(line.value, BaselineValue) else line.value,
                    label=line.label,
                )
                for line in graph.lines
            ],
            stacked=graph.is_stacked,
            width=graph.width,
            **_of_region(region),
        )
        for graph in graphs
    ]


def header_widget(markdown: str) -> cloudwatch.IWidget:
    """The widget above those of a monitor."""
    from aws_cdk import aws_cloudwatch as cloudwatch

    return cloudwatch.TextWidget(
        markdown=markdown, width=FULL_WIDTH, height=1, background=cloudwatch.TextWidgetBackground.TRANSPARENT
    )


def execution_widgets(
    counts: Sequence[cloudwatch.Metric], alarms: Sequence[cloudwatch.Alarm], *, region: str | None
) -> list[cloudwatch.IWidget]:
    """The widgets that show how executions ended, and the state of alarms.

    Args:
        counts: The metrics that count executions.
        alarms: The alarms of the monitor.
        region: The region of the counts, where it is known.
    """
    from aws_cdk import aws_cloudwatch as cloudwatch

    widgets: list[cloudwatch.IWidget] = []
    if counts:
        width = FULL_WIDTH // 2 if alarms else FULL_WIDTH
        # Its values are whole numbers from 0 on.
        axis = cloudwatch.YAxisProps(min=0, show_units=False)
        graph = cloudwatch.GraphWidget(
            title="Executions", left=counts, left_y_axis=axis, width=width, **_of_region(region)
        )
        widgets.append(graph)
    if alarms:
        width = FULL_WIDTH // 2 if counts else FULL_WIDTH
        widgets.append(cloudwatch.AlarmStatusWidget(title="Alarms", alarms=[*alarms], width=width, height=6))
    return widgets


def _of_region(region: str | None) -> dict[str, Any]:
    """The region of a widget: its metrics', so that CloudWatch's console opens them there."""
    return {} if region is None else {"region": region}


def value_at(document: Any, *keys: str) -> Any:
    """What is at a place of a document in JSON, whose form nobody has checked; None: nothing."""
    for key in keys:
        document = document.get(key) if isinstance(document, Mapping) else None
    return document


def items_at(document: Any, *keys: str) -> list[Mapping[str, Any]]:
    """The objects of a list at a place of such a document."""
    items = value_at(document, *keys)
    return [item for item in items if isinstance(item, Mapping)] if isinstance(items, Sequence) else []
