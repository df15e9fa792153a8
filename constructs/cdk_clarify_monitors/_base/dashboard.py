"""ClarifyDashboard: a CloudWatch dashboard of monitors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final, cast

import aws_cdk as cdk
import jsii
from constructs import Construct

from .._lazy_module import LazyModule
from .._observability.graphs import METRICS_OF_A_DASHBOARD, WIDGETS_OF_A_DASHBOARD
from .._observability.once_only import OnceOnly
from .._validation import (
    ID,
    SCOPE,
    InvalidType,
    InvalidValue,
    NamedArguments,
    boolean,
    check_free,
    is_token,
    list_of,
    text,
)
from .interfaces import IClarifyMonitor
from .monitor_base import METRICS, ClarifyMonitorBase

if TYPE_CHECKING:
    from aws_cdk import aws_cloudwatch as cloudwatch
else:
    cloudwatch = LazyModule("aws_cdk.aws_cloudwatch")

_DAYS: Final = 14
_NAME: Final = text(pattern="[A-Za-z0-9_-]+", form="letters, digits, - and _", max_length=255)
_NAMES: Final = OnceOnly("dashboard_name", "dashboard")


def _monitor(argument: str, value: Any) -> ClarifyMonitorBase:
    if not isinstance(value, ClarifyMonitorBase):
        remedy = "pass a monitor, or ModelBiasMonitorConstruct.from_monitoring_schedule_name(…)"
        raise InvalidType(argument, "be an IClarifyMonitor", value, remedy)
    return value


_MONITORS: Final = list_of(_monitor)


class ClarifyDashboard(NamedArguments, Construct, metaclass=jsii.JSIIMeta):
    """A CloudWatch dashboard of monitors: how executions ended, alarms, bias metrics with limits, attributions.

    Each monitor has the widgets of its `dashboard_widgets()`, one monitor below the other. Monitors may be in other
    regions and accounts: their graphs name the region, and the account, for which CloudWatch's
    [cross-account](https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch-Unified-Cross-Account.html)
    observability must be on. How executions of an imported monitor ended is known only in the monitor's own account and
    region.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002  CDK's name
        *,
        monitors: Sequence[IClarifyMonitor],
        dashboard_name: str | None = None,
        default_interval: cdk.Duration | None = None,
        executions: bool = True,
        baseline_metrics: Sequence[str] = (),
    ) -> None:
        """Make a dashboard of monitors.

        Args:
            scope: The construct around this one.
            id: The construct's id, unique in `scope`.
            monitors: The monitors, from top to bottom. Alarms that are added later are not shown.
            dashboard_name: The dashboard's name. Default: CloudFormation generates one.
            default_interval: The time that graphs show at first. Default: 14 days.
            executions: Whether to show how executions ended, by rules that count events (see `add_alarms`). Default:
                True.
            baseline_metrics: The metrics that have a line for the baseline's value, for each monitor that publishes
                them: short names of bias metrics, and `ExpectedValue`. Monitors whose baseline is not known have none,
                imported ones for instance, which is warned of; the others have to be in the stack of the dashboard, or
                in nested stacks of one stack. Default: none.

        Raises:
            ValueError: There are no monitors, a monitor is listed twice or publishes no metrics, or something that its
                widgets need is not known. Or there are more metrics than a dashboard can show, or more baseline values
                than CloudFormation takes. Nothing has been created.
            TypeError: A value is of the wrong type.
        """
        from aws_cdk import aws_cloudwatch as cloudwatch

        SCOPE("scope", scope)
        ID("id", id)
        check_free(scope, id)
        if dashboard_name is not None:
            _NAME("dashboard_name", dashboard_name)
            account = cdk.Stack.of(scope).account
            _NAMES.check(scope, dashboard_name, account)
        if default_interval is not None:
            _check_interval(default_interval)
        boolean("executions", executions)
        chosen: Sequence[ClarifyMonitorBase] = _MONITORS("monitors", monitors)
        metrics = METRICS("baseline_metrics", baseline_metrics)
        lines, without_lines = _baseline_metrics(cdk.Stack.of(scope), chosen, metrics)
        graphs = [
            monitor._check_widgets(executions=executions, baseline_metrics=some)
            for monitor, some in zip(chosen, lines, strict=True)
        ]
        _check_size(chosen, [len(graph.series) for some in graphs for graph in some])
        _check_distinct(chosen)
        for monitor in chosen:
            if executions or monitor._alarms:
                _check_environment(cdk.Stack.of(scope), monitor)
        super().__init__(scope, id)
        if dashboard_name is not None:
            _NAMES.add(self, dashboard_name, account)
        self._dashboard = cloudwatch.Dashboard(
            self,
            "Resource",
            dashboard_name=dashboard_name,
            default_interval=default_interval or cdk.Duration.days(_DAYS),
            # Of other periods than the schedule's, CloudWatch would show an average of nothing.
            period_override=cloudwatch.PeriodOverride.INHERIT,
        )
        for monitor, some in zip(chosen, graphs, strict=True):
            self._dashboard.add_widgets(*monitor._widgets(some, executions=executions))
        if without_lines:
            message = f"no lines of 'baseline_metrics' are drawn for {'; '.join(without_lines)}"
            cdk.Annotations.of(self).add_warning_v2("cdk-clarify-monitors:baseline-lines", message)

    @property
    def dashboard(self) -> cloudwatch.Dashboard:
        """The dashboard itself."""
        return self._dashboard

    def add_widgets(self, *widgets: cloudwatch.IWidget) -> None:
        """Add widgets of your own below the others, such as `monitor.dashboard_widgets(features=['income'])`.

        Args:
            *widgets: The widgets, from left to right.
        """
        self._dashboard.add_widgets(*widgets)


def _check_distinct(monitors: Sequence[ClarifyMonitorBase]) -> None:
    """Refuse a schedule that is shown twice, by one construct or by two."""
    first: dict[tuple[str, str, str], ClarifyMonitorBase] = {}
    for number, monitor in enumerate(monitors):
        other = first.setdefault(monitor._schedule_identity, monitor)
        if len(first) > number:
            continue
        remedy = "" if other is monitor else f"{monitor.node.path!r} is of the same schedule: leave one of the two out"
        paths = [each.node.path for each in monitors]
        raise InvalidValue("monitors", f"name {other.node.path!r} only once", paths, remedy)


def _check_interval(interval: Any) -> None:
    if not isinstance(interval, cdk.Duration):
        raise InvalidType("default_interval", "be a Duration", interval, "write cdk.Duration.days(14)")
    if interval.is_unresolved():
        raise InvalidValue(
            "default_interval", "be known at synthesis", interval, "the CDK writes it into the dashboard"
        )
    if (seconds := interval.to_seconds(integral=False)) < 60:
        raise InvalidValue("default_interval", "be at least a minute", f"{seconds:g} seconds")


def _check_environment(here: cdk.Stack, monitor: ClarifyMonitorBase) -> None:
    """Refuse a monitor whose rules and alarms have no name that another account or region could refer to.

    The CDK would, at synthesis: it makes such a name for an account and region that it knows.
    """
    there = cdk.Stack.of(monitor)
    for name, ours, theirs in (("account", here.account, there.account), ("region", here.region, there.region)):
        if is_token(theirs) and not is_token(ours):
            must = f"be in a stack that says its {name}, as the dashboard's does"
            remedy = f"pass env=cdk.Environment(account=…, region=…) to {there.stack_name}"
            raise InvalidValue("monitors", must, monitor.node.path, remedy)


def _baseline_metrics(
    here: cdk.Stack, monitors: Sequence[ClarifyMonitorBase], metrics: Sequence[str]
) -> tuple[list[list[str]], list[str]]:
    """Those of the metrics that have a line, for each monitor, and what is said of monitors that have none."""
    found = [[name for name in metrics if name in monitor._metrics_with_baseline] for monitor in monitors]
    if others := [name for name in metrics if not any(name in some for some in found)]:
        raise InvalidValue("baseline_metrics", "have metrics with a baseline of one of the monitors", others[0])
    unknown: dict[int, InvalidValue] = {}
    for number, (monitor, some) in enumerate(zip(monitors, found, strict=True)):
        try:
            is_computed = bool(some) and monitor._room_for_values(some) > 0
        except InvalidValue as error:
            unknown[number] = error
            continue
        if is_computed and _outermost(cdk.Stack.of(monitor)) is not _outermost(here):
            must = f"be left out for {monitor.node.path}, which is in another stack than the dashboard"
            remedy = (
                "make the dashboard there: what CloudFormation exports to other stacks cannot change with a baseline"
            )
            raise InvalidValue("baseline_metrics", must, some, remedy)
    if unknown and len(unknown) == sum(map(bool, found)):
        raise next(iter(unknown.values()))
    lines = [[] if number in unknown else some for number, some in enumerate(found)]
    return lines, [f"{monitors[number].node.path}, {_reason(error)}" for number, error in unknown.items()]


def _reason(error: InvalidValue) -> str:
    """Why a monitor has no lines."""
    return f"as they must {error.must}: {error.remedy}"


def _outermost(stack: cdk.Stack) -> cdk.Stack:
    while parent := stack.nested_stack_parent:
        stack = parent
    return stack


def _check_size(monitors: Sequence[Any], series: Sequence[int]) -> None:
    """Refuse more than a dashboard can show. The title, the executions and the alarms are widgets, too."""
    widgets, metrics = len(series) + 3 * len(monitors), sum(series) + 3 * len(monitors)
    for what, count, most in (
        ("widgets", widgets, WIDGETS_OF_A_DASHBOARD),
        ("metrics", metrics, METRICS_OF_A_DASHBOARD),
    ):
        if count > most:
            must = f"have at most {most} {what}, which is what a dashboard of CloudWatch shows"
            names = [cast("Construct", monitor).node.id for monitor in monitors]
            raise InvalidValue("monitors", must, names, f"they have {count}: make several dashboards")
