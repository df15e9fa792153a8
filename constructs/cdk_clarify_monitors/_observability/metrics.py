"""The CloudWatch metrics of a monitor, as alarms and dashboards take them.

Sources: the metrics of
[bias drift](https://docs.aws.amazon.com/sagemaker/latest/dg/clarify-model-monitor-bias-drift-cw.html) and of
[feature attribution drift](https://docs.aws.amazon.com/sagemaker/latest/dg/clarify-model-monitor-feature-attribution-drift-cw.html).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from .._validation import InvalidType, InvalidValue, string_mapping, text

if TYPE_CHECKING:
    import aws_cdk as cdk
    from aws_cdk import aws_cloudwatch as cloudwatch

# https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_Dimension.html
_MAX_DIMENSIONS: Final = 30
_DIMENSIONS: Final = string_mapping(_MAX_DIMENSIONS, text(max_length=255), text(max_length=1024))


# https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
_SHORT_PERIODS: Final = (1, 5, 10, 30)
_MINUTE: Final = 60


@dataclass(frozen=True)
class MetricSource:
    """What all metrics of a monitor have in common.

    Attributes:
        namespace: Their namespace.
        dimensions: The dimensions that tell the monitor from others.
        period_in_hours: The time from one execution to the next.
        account: The account that they are in; None: the one of the stack.
        region: Likewise, the region.
    """

    namespace: str
    dimensions: Mapping[str, str]
    period_in_hours: int = 1
    account: str | None = None
    region: str | None = None


def metric(
    source: MetricSource,
    name: str,
    *,
    account: str | None = None,
    color: str | None = None,
    dimensions_map: Mapping[str, str] | None = None,
    label: str | None = None,
    period: cdk.Duration | None = None,
    region: str | None = None,
    statistic: str | None = None,
    unit: cloudwatch.Unit | None = None,
) -> cloudwatch.Metric:
    """A metric that the monitoring executions publish.

    Args:
        source: Whose metric it is.
        name: The metric's name.
        account: The account that it is in. Default: the source's.
        color: Its colour on a graph.
        dimensions_map: The dimensions that it has besides the monitor's.
        label: Its label on a graph.
        period: The period of the statistic. Default: the source's.
        region: The region that it is in. Default: the source's.
        statistic: CloudWatch's statistic. Default: Average.
        unit: The unit by which its data are filtered.

    Raises:
        ValueError: A dimension is the monitor's own, or the period cannot work.
        TypeError: A value is of the wrong type.
    """
    import aws_cdk as cdk
    from aws_cdk import aws_cloudwatch as cloudwatch

    text()("metric_name", name)
    dimensions = _DIMENSIONS("dimensions_map", {} if dimensions_map is None else dimensions_map)
    for key, value in dimensions.items():
        if key in source.dimensions:
            must = f"have no {key!r}, which is the monitor's own"
            raise InvalidValue("dimensions_map", must, value, "leave it out, or ask the other monitor for its metric")
    if (count := len({**source.dimensions, **dimensions})) > _MAX_DIMENSIONS:
        must = f"have at most {_MAX_DIMENSIONS - len(source.dimensions)} entries beside the monitor's own"
        raise InvalidValue("dimensions_map", must, dimensions, f"with those they are {count}")
    if statistic is not None:
        text()("statistic", statistic)
    if period is not None:
        _check_period(period)
    return cloudwatch.Metric(
        namespace=source.namespace,
        metric_name=name,
        dimensions_map={**source.dimensions, **dimensions},
        account=account or source.account,
        color=color,
        label=label,
        period=period or cdk.Duration.hours(source.period_in_hours),
        region=region or source.region,
        statistic=statistic or "Average",
        unit=unit,
    )


def _check_period(period: Any) -> None:
    import aws_cdk as cdk

    if not isinstance(period, cdk.Duration):
        raise InvalidType("period", "be a Duration", period, "write period=cdk.Duration.hours(1)")
    if period.is_unresolved():
        raise InvalidValue("period", "be known at synthesis", period, "the CDK checks the periods of metrics")
    seconds = period.to_seconds(integral=False)
    if seconds not in _SHORT_PERIODS and (seconds < _MINUTE or seconds % _MINUTE):
        must = "be one or more whole minutes, or 1, 5, 10 or 30 seconds"
        raise InvalidValue("period", must, f"{seconds:g} seconds")
