"""ClarifyMonitorBase: metrics, rules and grants of a monitor, whether this app makes it or another one did."""

from __future__ import annotations

import functools
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, Final

import aws_cdk as cdk
import jsii
from constructs import Construct

from .._config.bias_metrics import POST_TRAINING, PRE_TRAINING
from .._config.monitoring_kind import MonitoringKind
from .._lazy_module import LazyModule
from .._observability.alarms import ALARM_ARGUMENTS, AlarmOptions, MonitorAlarms, make_alarms
from .._observability.executions import OUTCOMES, ExecutionCounts
from .._observability.graphs import (
    EXPECTED_VALUE,
    BaselineValue,
    Graph,
    execution_widgets,
    graph_widgets,
    header_widget,
)
from .._observability.metrics import MetricSource, metric
from .._observability.monitoring_alert import AlertSettings, make_alert
from .._observability.rules import FAILED, VIOLATED, execution_rule
from .._validation import ID, InvalidValue, boolean, check_free, is_token, list_of, names_arguments, one_of
from .grants import START_STOP, ResultLocation, check_statement, grant, grant_read

if TYPE_CHECKING:
    from aws_cdk import aws_cloudwatch as cloudwatch
    from aws_cdk import aws_events as events
    from aws_cdk import aws_iam as iam
else:
    cloudwatch = LazyModule("aws_cdk.aws_cloudwatch")
    events = LazyModule("aws_cdk.aws_events")
    iam = LazyModule("aws_cdk.aws_iam")


_METRIC: Final = one_of(*PRE_TRAINING, *POST_TRAINING, EXPECTED_VALUE)


def _metric(argument: str, value: Any) -> str:
    if isinstance(value, str) and is_token(value):
        raise InvalidValue(argument, "be known at synthesis", value, "write the short name, such as 'DPPL'")
    return str(_METRIC(argument, value))


METRICS: Final = list_of(_metric, unique=True, may_be_empty=True)


class ClarifyMonitorBase(Construct):
    """The common base of a monitor of this app and of another app.

    The methods use the attributes below. A monitor of this app knows them from its arguments; for a monitor of another
    app, you give them. A method raises an error if it needs one that is not given.
    """

    _kind: ClassVar[MonitoringKind]

    # What was added so far.
    _alarms: tuple[MonitorAlarms, ...] = ()
    _counts: ExecutionCounts | None = None
    _baseline_values: Mapping[BaselineValue, float] = MappingProxyType({})

    # ---------------------------------------------------------------- attributes
    @property
    @abstractmethod
    def monitoring_schedule_name(self) -> str:
        """The name of the monitoring schedule."""

    @property
    @abstractmethod
    def monitoring_schedule_arn(self) -> str:
        """The ARN of the monitoring schedule."""

    @property
    @abstractmethod
    def endpoint_name(self) -> str | None:
        """The name of the endpoint that is monitored; None: batch transform jobs are, or it is not known."""

    @property
    @abstractmethod
    def output_s3_uri(self) -> str | None:
        """The S3 URI below which the monitoring executions write their reports; None: not known."""

    @property
    @abstractmethod
    def role(self) -> iam.IRole | None:
        """The role that the monitoring executions run under; None: not known."""

    @property
    @abstractmethod
    @jsii.member(jsii_name="grantPrincipal")
    def grant_principal(self) -> iam.IPrincipal:
        """The role as the principal of grants: `bucket.grant_read(monitor)`."""

    # What methods need beyond the attributes. Each raises if it needs something that is not known.
    @property
    @abstractmethod
    def _analysis_config(self) -> Mapping[str, Any] | None:
        """The analysis config of the executions; None: not known."""

    @property
    def _baselining_config(self) -> Mapping[str, Any] | None:
        """The analysis config of the baselining job; None: there is none, or it is not known."""
        return None

    @property
    def _constraint_limits(self) -> Sequence[Mapping[str, Any]]:
        """The limits in place of suggested constraints, as in `Custom::ClarifyBaseline`."""
        return ()

    @property
    def _given_constraints(self) -> Mapping[str, Any]:
        """The content of a given constraints file; empty: not known."""
        return {}

    @property
    @abstractmethod
    def _metrics_with_baseline(self) -> Sequence[str]:
        """The metrics whose baseline a dashboard can show."""

    @abstractmethod
    def _room_for_values(self, metrics: Sequence[str]) -> int:
        """How many values of the baseline the deployment can show; 0: synthesis knows them.

        Raises:
            ValueError: They are not known at the deployment.
        """

    @abstractmethod
    def _baseline_value(self, value: BaselineValue) -> float:
        """The token of a value of the baseline."""

    @property
    @abstractmethod
    def _hours_between_executions(self) -> int | None:
        """The time from one execution to the next; None: not known at synthesis."""

    @property
    @abstractmethod
    def _runs_once(self) -> bool:
        """Whether there is one execution only."""

    @property
    @abstractmethod
    def _schedule_identity(self) -> tuple[str, str, str]:
        """Account, region and name of the schedule: literals or tokens, as the app has them."""

    @abstractmethod
    def _check_is_here(self, what: str) -> None:
        """Refuse what CloudFormation makes only in the account and region of the monitor."""

    @abstractmethod
    def _graphs(self, baseline_metrics: Sequence[str]) -> list[Graph]:
        """The graphs of the monitor's metrics that a dashboard shows by default.

        Args:
            baseline_metrics: The metrics, already checked, that have a line for the baseline.
        """

    @abstractmethod
    def _metric_source(self) -> MetricSource:
        """What all metrics of the monitor have in common."""

    @abstractmethod
    def _execution_detail(self) -> Mapping[str, Any]:
        """What tells the events about the monitor's executions from others."""

    @abstractmethod
    def _result_location(self) -> ResultLocation:
        """Where the results are."""

    @abstractmethod
    def _schedule_arns(self) -> list[str]:
        """The ARNs that the schedule may go by in policies."""

    # ---------------------------------------------------------------- metrics
    def metric(
        self,
        metric_name: str,
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
        """A metric of this monitor's executions, by its name and all dimensions that CloudWatch shows of it.

        The methods for one kind of metric know its name and dimensions. The keyword arguments are those of
        [MetricOptions](https://docs.aws.amazon.com/cdk/api/v2/python/aws_cdk.aws_cloudwatch/MetricOptions.html).

        Args:
            metric_name: The metric's name, such as bias_metric_DPPL.
            account: The account that it is in. Default: the monitor's.
            color: Its colour on a graph. Default: CloudWatch's choice.
            dimensions_map: Its dimensions in addition to those of the endpoint and the schedule. Default: none.
            label: Its label on a graph. Default: CloudWatch's choice.
            period: The period of the statistic. Default: the time between two executions; a day for a schedule that is
                daily, runs once or is left to SageMaker; an hour for a schedule that is a token or not known. An alarm
                spans [seven
                days](https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html) at most:
                seven `evaluation_periods` of a day.
            region: The region that it is in. Default: the monitor's.
            statistic: CloudWatch's statistic. Default: Average.
            unit: The unit by which its data are filtered. Default: data of all units.

        Raises:
            ValueError: The monitor publishes no metrics, or something that identifies its metrics is not known.
            TypeError: A value is of the wrong type.
        """
        found = metric(
            self._metric_source(),
            metric_name,
            account=account,
            color=color,
            dimensions_map=dimensions_map,
            label=label,
            period=period,
            region=region,
            statistic=statistic,
            unit=unit,
        )
        return found.attach_to(self)

    # ---------------------------------------------------------------- events
    def on_event(
        self,
        id: str,  # noqa: A002  CDK's name
        *,
        target: events.IRuleTarget | None = None,
        description: str | None = None,
        event_pattern: events.EventPattern | None = None,
        rule_name: str | None = None,
        cross_stack_scope: Construct | None = None,
    ) -> events.Rule:
        """Add a rule for each status change of the jobs that SageMaker runs for this monitor's schedule.

        The rule recognizes the monitor's events by its role and its output, so at least one of the two must be its own.
        The keyword arguments are those of
        [OnEventOptions](https://docs.aws.amazon.com/cdk/api/v2/python/aws_cdk.aws_events/OnEventOptions.html). Source:
        [events of processing
        jobs](https://docs.aws.amazon.com/sagemaker/latest/dg/automating-sagemaker-with-eventbridge.html).

        Args:
            id: The rule's id, unique in the monitor.
            target: The target of the events. Default: none; add targets with `rule.add_target`.
            description: The rule's description. Default: none.
            event_pattern: What the events must also match, such as
                `EventPattern(detail={"ProcessingJobStatus": ["Failed"]})`. Default: nothing.
            rule_name: The rule's name. Default: CloudFormation generates one.
            cross_stack_scope: Where to create the rule, such as the target's stack. Default: in the monitor.

        Raises:
            ValueError: The id is taken, the pattern contains what identifies the monitor's events, or that is not
                known.
            TypeError: A value is of the wrong type.
        """
        return execution_rule(
            self,
            id,
            self._execution_detail(),
            target=target,
            description=description,
            event_pattern=event_pattern,
            rule_name=rule_name,
            cross_stack_scope=cross_stack_scope,
        )

    def on_violations(
        self,
        id: str,  # noqa: A002  CDK's name
        *,
        target: events.IRuleTarget | None = None,
        description: str | None = None,
        event_pattern: events.EventPattern | None = None,
        rule_name: str | None = None,
        cross_stack_scope: Construct | None = None,
    ) -> events.Rule:
        """Add a rule for executions that found violations. See `on_event`.

        Args:
            id: The rule's id, unique in the monitor.
            target: The target of the events. Default: none; add targets with `rule.add_target`.
            description: The rule's description. Default: none.
            event_pattern: What the events must also match. Default: nothing.
            rule_name: The rule's name. Default: CloudFormation generates one.
            cross_stack_scope: Where to create the rule, such as the target's stack. Default: in the monitor.

        Raises:
            ValueError: See `on_event`.
            TypeError: See `on_event`.
        """
        return execution_rule(
            self,
            id,
            {**VIOLATED, **self._execution_detail()},
            target=target,
            description=description,
            event_pattern=event_pattern,
            rule_name=rule_name,
            cross_stack_scope=cross_stack_scope,
        )

    def on_execution_failed(
        self,
        id: str,  # noqa: A002  CDK's name
        *,
        target: events.IRuleTarget | None = None,
        description: str | None = None,
        event_pattern: events.EventPattern | None = None,
        rule_name: str | None = None,
        cross_stack_scope: Construct | None = None,
    ) -> events.Rule:
        """Add a rule for executions that failed or were stopped.

        This includes executions whose ground truth could not be merged, but not baselining jobs: if one fails, the
        deployment fails. See `on_event`.

        Args:
            id: The rule's id, unique in the monitor.
            target: The target of the events. Default: none; add targets with `rule.add_target`.
            description: The rule's description. Default: none.
            event_pattern: What the events must also match. Default: nothing.
            rule_name: The rule's name. Default: CloudFormation generates one.
            cross_stack_scope: Where to create the rule, such as the target's stack. Default: in the monitor.

        Raises:
            ValueError: See `on_event`.
            TypeError: See `on_event`.
        """
        return execution_rule(
            self,
            id,
            {**FAILED, **self._execution_detail()},
            target=target,
            description=description,
            event_pattern=event_pattern,
            rule_name=rule_name,
            cross_stack_scope=cross_stack_scope,
        )

    # ---------------------------------------------------------------- alarms
    @names_arguments(
        {
            **ALARM_ARGUMENTS,
            "biasmetrics": (
                "only a bias monitor has them; for a feature, write "
                "metric_feature_attribution('…').create_alarm(self, 'Alarm', threshold=0.1, evaluation_periods=1)"
            ),
        }
    )
    def add_alarms(
        self,
        id: str = "Alarms",  # noqa: A002  CDK's name
        *,
        violations: bool = True,
        execution_failed: bool = True,
        executions_stopped: bool | None = None,
        period: cdk.Duration | None = None,
        actions: Sequence[cloudwatch.IAlarmAction] = (),
    ) -> MonitorAlarms:
        """Add alarms on the monitor's executions: on violations, on failures, and on missing executions.

        They use EventBridge's count of the events of `on_event` (the metric TriggeredRules of rules that the monitor
        creates once). So they also work without CloudWatch metrics of the monitor. An alarm on violations or failures
        ends after one to three periods of the schedule. The alarm on missing executions goes off if no execution has
        completed for two to four periods. Missing data is breaching, so this alarm is in alarm from the deployment to
        the end of the first execution, and while the schedule is stopped. (Not tried on AWS.)

        Args:
            id: The id of the construct that holds the alarms. Default: "Alarms".
            violations: Whether there is an alarm on executions that find violations. Default: True.
            execution_failed: Whether there is an alarm on executions that fail or are stopped. Default: True.
            executions_stopped: Whether there is an alarm on missing executions. Default: True, except for a schedule
                that runs once.
            period: The time between two executions, which is the alarms' period. Default: the schedule's period;
                required if synthesis does not know the schedule.
            actions: What the alarms do, such as `[aws_cloudwatch_actions.SnsAction(topic)]`. Default: nothing; add
                actions with `add_alarm_action` of the returned object, or of a single alarm.

        Returns:
            The alarms.

        Raises:
            ValueError: The id is taken, or something that the alarms need is not known. Nothing has been created.
            TypeError: A value is of the wrong type.
        """
        options = AlarmOptions(
            violations=violations,
            execution_failed=execution_failed,
            executions_stopped=executions_stopped,
            period=period,
            actions=actions,
        )
        return self._make_alarms(id, options)

    def _make_alarms(
        self,
        id: str,  # noqa: A002
        options: AlarmOptions,
        bias_metrics: Sequence[cloudwatch.Metric] = (),
    ) -> MonitorAlarms:
        ID("id", id)
        check_free(self, id)
        period, stopped = options.resolve_schedule(self._hours_between_executions, runs_once=self._runs_once)
        chosen = {"violated": options.violations, "failed": options.execution_failed, "completed": stopped}
        own = self._execution_detail() if any(chosen.values()) else {}
        counts = self._execution_counts()
        alarms = make_alarms(
            Construct(self, id),
            f"monitor {self.monitoring_schedule_name}",
            options,
            execution_metrics={
                outcome: functools.partial(counts.metric, outcome, own, period)
                for outcome, is_chosen in chosen.items()
                if is_chosen
            },
            bias_metrics=bias_metrics,
        )
        self._alarms = (*self._alarms, alarms)
        return alarms

    def add_monitoring_alert(
        self,
        id: str,  # noqa: A002  CDK's name
        *,
        monitoring_alert_name: str,
        datapoints_to_alert: int,
        evaluation_period: int,
    ) -> cdk.CfnResource:
        """Set SageMaker's own alert on the schedule, which reports violations in some of the latest executions.

        An `AWS::SageMaker::MonitoringScheduleAlert`, for which aws-cdk-lib has no class yet. (Not tried on AWS.)

        Args:
            id: The id of the resource, unique in the monitor.
            monitoring_alert_name: The name of the alert, as ListMonitoringAlerts has it for the schedule.
            datapoints_to_alert: How many executions must find violations, 1 to 100.
            evaluation_period: Among how many of the latest executions, 1 to 100.

        Raises:
            ValueError: A value cannot work, the schedule has an alert of this name, or the monitor is elsewhere.
            TypeError: A value is of the wrong type.
        """
        settings = AlertSettings(
            monitoring_alert_name=monitoring_alert_name,
            datapoints_to_alert=datapoints_to_alert,
            evaluation_period=evaluation_period,
        )
        self._check_is_here("a monitoring alert")
        return make_alert(self, id, self.monitoring_schedule_name, self._schedule_identity, settings)

    # ---------------------------------------------------------------- dashboards
    def dashboard_widgets(
        self, *, executions: bool = True, baseline_metrics: Sequence[str] = ()
    ) -> list[cloudwatch.IWidget]:
        """The widgets that show this monitor on a dashboard: a title, executions, the alarms added so far, metrics.

        `ClarifyDashboard` is a dashboard with these widgets.

        Args:
            executions: Whether to show how executions ended, by rules that count events (see `add_alarms`). Default:
                True.
            baseline_metrics: The metrics that have a line for the baseline's value. Default: none.

        Raises:
            ValueError: The monitor publishes no metrics, or what the widgets need is not known.
            TypeError: A value is of the wrong type.
        """
        boolean("executions", executions)
        return self._widgets(self._graphs(self._check_baseline_metrics(baseline_metrics)), executions=executions)

    def _check_widgets(self, *, executions: bool, baseline_metrics: Sequence[str]) -> list[Graph]:
        """The graphs, after all that could be refused where widgets are made."""
        boolean("executions", executions)
        self._metric_source()
        if executions:
            self._execution_detail()
            self._execution_counts()
        graphs = self._graphs(self._check_baseline_metrics(baseline_metrics))
        self._check_room(graphs)
        return graphs

    def _check_baseline_metrics(self, metrics: Sequence[str]) -> Sequence[str]:
        """Refuse metrics without a baseline, and baselines that nobody knows."""
        chosen: Sequence[str] = METRICS("baseline_metrics", metrics)
        for metric_name in chosen:
            if metric_name not in self._metrics_with_baseline:
                must = (
                    f"have metrics with a baseline that the monitor publishes, {', '.join(self._metrics_with_baseline)}"
                )
                raise InvalidValue("baseline_metrics", must, metric_name)
        if chosen:
            self._room_for_values(chosen)
        return chosen

    def _check_room(self, graphs: Sequence[Graph]) -> None:
        """Refuse more values of the baseline than CloudFormation takes."""
        lines = [line for graph in graphs for line in graph.lines]
        values = [line.value for line in lines if isinstance(line.value, BaselineValue)]
        new = dict.fromkeys(value for value in values if value not in self._baseline_values)
        if not new:
            return
        names = [*dict.fromkeys(value.metric for value in new)]
        room, count = self._room_for_values(names), len(self._baseline_values) + len(new)
        if count > room:
            must = f"have at most {room} values in all, as CloudFormation takes answers of 4096 bytes"
            raise InvalidValue("baseline_metrics", must, names, f"with these they are {count}: choose fewer")

    def _widgets(self, graphs: Sequence[Graph], *, executions: bool) -> list[cloudwatch.IWidget]:
        self._check_room(graphs)
        source = self._metric_source()
        own = self._execution_detail() if executions else {}
        period = cdk.Duration.hours(source.period_in_hours)
        here = cdk.Stack.of(self).region
        region = None if is_token(here) else here
        counts = self._execution_counts()
        endpoint = f" of endpoint {self.endpoint_name}" if self.endpoint_name else ""
        return [
            header_widget(f"### {self._kind.subject.capitalize()} monitor {self.monitoring_schedule_name}{endpoint}"),
            *execution_widgets(
                [counts.metric(outcome, own, period, for_graph=True) for outcome in OUTCOMES] if executions else [],
                [alarm for alarms in self._alarms for alarm in alarms.all],
                region=region,
            ),
            *graph_widgets(
                self, graphs, source, value_of=self._token_of, period=period, region=source.region or region
            ),
        ]

    def _token_of(self, value: BaselineValue) -> float:
        if value not in self._baseline_values:
            self._baseline_values = {**self._baseline_values, value: self._baseline_value(value)}
        return self._baseline_values[value]

    def _execution_counts(self) -> ExecutionCounts:
        if self._counts is None:
            check_free(self, ExecutionCounts.ID)
            self._counts = ExecutionCounts(self)
        return self._counts

    # ---------------------------------------------------------------- permissions
    def grant(self, grantee: iam.IGrantable, *actions: str) -> iam.Grant:
        """Grant actions on the monitoring schedule.

        A schedule has no resource policy, so a principal of another account must assume a role in the monitor's
        account.

        Args:
            grantee: Who gets the permission: a role, a function, and so on.
            *actions: IAM's names of the actions, such as sagemaker:ListMonitoringExecutions. See the [actions of
                SageMaker](https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsagemaker.html)
                on a monitoring-schedule.

        Raises:
            ValueError: There are no actions, or one does not have IAM's form.
            TypeError: A value is of the wrong type.
        """
        return grant(grantee, actions, self._schedule_arns())

    def grant_start_stop(self, grantee: iam.IGrantable) -> iam.Grant:
        """Grant starting, stopping and describing the monitoring schedule. See `grant`.

        Args:
            grantee: Who gets the permission: a role, a function, and so on.

        Raises:
            TypeError: It is not a grantee.
        """
        return self.grant(grantee, *START_STOP)

    def grant_read_results(self, grantee: iam.IGrantable) -> iam.Grant:
        """Grant reading and decrypting the executions' results.

        It grants the same as `grant_read` of the bucket. For a principal of another account, the policies of the bucket
        and its key change if this app creates them; otherwise change them by hand.

        Args:
            grantee: Who gets the permission: a role, a function, and so on.

        Raises:
            ValueError: It is not known where the results are.
            TypeError: It is not a grantee.
        """
        return grant_read(self, grantee, self._result_location())

    def add_to_role_policy(self, statement: iam.PolicyStatement) -> None:
        """Give the monitor's jobs more permissions: add a statement to the policy of their role.

        Args:
            statement: The statement.

        Raises:
            TypeError: It is not a statement.
        """
        check_statement(statement)
        self.grant_principal.add_to_principal_policy(statement)
