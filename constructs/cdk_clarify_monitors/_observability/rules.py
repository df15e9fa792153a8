"""EventBridge rules on the processing jobs that SageMaker runs for a monitor's schedule.

An event does not name the schedule. It has what DescribeProcessingJob answers, and that tells whose job it is: the
monitor's role, and an output below the monitor's. SageMaker writes to `<output>/<endpoint>/<schedule>/<date>`; the job
that merges in the ground truth before, and may fail as well, to `<output>/merge`. (Seen in the log of a model quality
monitor of an endpoint; not known of Clarify and of batch transforms.) So no more than the output is asked for. That
events have the ExitMessage is not documented, and was not tried on AWS.

Source: the
[events of SageMaker](https://docs.aws.amazon.com/sagemaker/latest/dg/automating-sagemaker-with-eventbridge.html).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import aws_cdk as cdk

from .._validation import ID, SCOPE, InvalidType, InvalidValue, check_free, text
from .once_only import OnceOnly

if TYPE_CHECKING:
    from aws_cdk import aws_events as events
    from constructs import Construct

VIOLATED: Final = {"ProcessingJobStatus": ["Completed"], "ExitMessage": [{"prefix": "CompletedWithViolations"}]}
FAILED: Final = {"ProcessingJobStatus": ["Failed", "Stopped"]}
COMPLETED: Final = {"ProcessingJobStatus": ["Completed"]}

# https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutRule.html
_NAME: Final = text(pattern=r"[.\-_A-Za-z0-9]+", form="letters, digits, dots, - and _", max_length=64)

_NAMES: Final = OnceOnly("rule_name", "rule")

_ABOUT: Final = {"source": ["aws.sagemaker"], "detail_type": ["SageMaker Processing Job State Change"]}

_MERGING: Final = "groundtruth-merge-"

# The targets of what rules are often meant to reach, by the class of that.
_TARGETS: Final = {
    "Topic": "SnsTopic",
    "Queue": "SqsQueue",
    "Function": "LambdaFunction",
    "PythonFunction": "LambdaFunction",
    "StateMachine": "SfnStateMachine",
    "LogGroup": "CloudWatchLogGroup",
    "EventBus": "EventBus",
}


def execution_detail(*, role_arn: str | None, output_s3_uri: str, job_prefix: str | None) -> dict[str, Any]:
    """What the events about a monitor's executions say.

    Args:
        role_arn: The role of its jobs; None: unknown.
        output_s3_uri: Where the executions write.
        job_prefix: How the names of its baselining jobs start, which have the same role, and may write to a folder
            below the executions'; None: there are none.
    """
    output = {"Outputs": {"S3Output": {"S3Uri": [{"prefix": _folder(output_s3_uri)}]}}}
    detail: dict[str, Any] = {"ProcessingOutputConfig": output}
    if role_arn is not None:
        detail = {"RoleArn": [role_arn], **detail}
    if job_prefix is not None:
        detail = {"ProcessingJobName": [{"anything-but": {"prefix": f"{job_prefix}-"}}], **detail}
    return detail


def without_merging(detail: Mapping[str, Any]) -> dict[str, Any]:
    """What the events about a monitor's executions say, without the jobs that merge in the ground truth.

    Their names start like this in the log of a model quality monitor; where they do not, they are not left out.

    Args:
        detail: What `execution_detail` gave.
    """
    names = detail.get("ProcessingJobName")
    baselining = [names[0]["anything-but"]["prefix"]] if names else []
    return {**detail, "ProcessingJobName": [{"anything-but": {"prefix": [*baselining, _MERGING]}}]}


def execution_rule(
    scope: Construct,
    id: str,  # noqa: A002  CDK's name
    own: Mapping[str, Any],
    *,
    target: events.IRuleTarget | None = None,
    description: str | None = None,
    rule_name: str | None = None,
    event_pattern: events.EventPattern | None = None,
    cross_stack_scope: Construct | None = None,
) -> events.Rule:
    """A rule on the processing jobs of a monitor.

    Args:
        scope: The monitor.
        id: The rule's id.
        own: What the events say that the rule is for, see `execution_detail`.
        target: What they go to.
        description: The rule's description.
        rule_name: Its name.
        event_pattern: What else the events have.
        cross_stack_scope: Where to make the rule in place of the monitor.

    Raises:
        ValueError: The id or the name is taken, or the pattern is about what tells the monitor's events from others'.
        TypeError: A value is of the wrong type.
    """
    from aws_cdk import aws_events as events

    ID("id", id)
    place = scope if cross_stack_scope is None else SCOPE("cross_stack_scope", cross_stack_scope)
    check_free(place, id)
    if target is not None:
        _check_target(target)
    if description is not None:
        text(may_be_empty=True)("description", description)
    if rule_name is not None:
        _NAME("rule_name", rule_name)
        stack = cdk.Stack.of(place)
        names = (rule_name, stack.account, stack.region)
        _NAMES.check(place, *names)
    asked = _asked(event_pattern, {"detail": own, **_ABOUT})
    pattern = {**asked, **_ABOUT, "detail": {**(asked.get("detail") or {}), **own}}
    rule = events.Rule(
        place,
        id,
        description=description,
        rule_name=rule_name,
        event_pattern=events.EventPattern(**pattern),
        targets=[target] if target else None,
    )
    if rule_name is not None:
        _NAMES.add(rule, *names)
    return rule


def _asked(event_pattern: Any, own: Mapping[str, Any]) -> dict[str, Any]:
    """A pattern of the user's own, as keyword arguments of the CDK's class."""
    from aws_cdk import aws_events as events

    if event_pattern is None:
        return {}
    if isinstance(event_pattern, Mapping):
        event_pattern = events.EventPattern(**event_pattern)
    if not isinstance(event_pattern, events.EventPattern):
        remedy = "write event_pattern=events.EventPattern(detail={'ProcessingJobStatus': ['Failed']}), for instance"
        raise InvalidType("event_pattern", "be an events.EventPattern", event_pattern, remedy)
    # The CDK's structs hold what they were given, by the names of the arguments.
    asked = {name: value for name, value in event_pattern._values.items() if value is not None}
    for name in _ABOUT.keys() & asked.keys():
        if list(asked[name]) != own[name]:
            must = f"be about {own[name][0]!r}"
            raise InvalidValue(f"event_pattern.{name}", must, asked[name], "leave it out")
    for name in sorted(own["detail"].keys() & (asked.get("detail") or {}).keys()):
        remedy = "leave it out: it tells the events of this rule from others"
        raise InvalidValue("event_pattern.detail", f"have no {name!r}", asked["detail"][name], remedy)
    return asked


def _check_target(target: object) -> None:
    """Refuse what is no target of a rule, such as a topic by itself.

    Raises:
        TypeError: It is none.
    """
    if not hasattr(type(target), "bind"):
        wrapper = _TARGETS.get(type(target).__name__, "SnsTopic")
        raise InvalidType("target", "be an events.IRuleTarget", target, f"wrap it: aws_events_targets.{wrapper}(…)")


def _folder(uri: str) -> str:
    """A prefix that what lies below a URI has, and what lies beside it has not."""
    # What is known at deployment only may end in a slash itself.
    return uri if uri.endswith("]}") else f"{uri.rstrip('/')}/"
