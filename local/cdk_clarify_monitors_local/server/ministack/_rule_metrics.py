"""What EventBridge tells CloudWatch about its rules.

Source: the [metrics of EventBridge](https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-monitoring.html).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from cdk_clarify_monitors_local.server.ministack._private_names import CLOUDWATCH, EVENT_BRIDGE, private, replace

_DEFAULT_BUS = "default"


def publish() -> None:
    """Count the events that match rules, the rules they trigger, and the targets that these invoke."""
    dispatch, invoke = private(EVENT_BRIDGE, "_dispatch_event"), private(EVENT_BRIDGE, "_invoke_target")

    def dispatch_event(event: Mapping[str, Any], view: Any = None) -> None:
        view = view or private(EVENT_BRIDGE, "_pattern_event_view")(event)
        for rule in _triggered(event, view):
            _record(rule, "MatchedEvents")
            _record(rule, "TriggeredRules")
        dispatch(event, view)
        private(CLOUDWATCH, "_evaluate_all_alarms")()

    def invoke_target(target: Mapping[str, Any], event: Any, rule: Mapping[str, Any], view: Any = None) -> None:
        _record(rule, "Invocations")
        invoke(target, event, rule, view)

    replace(EVENT_BRIDGE, "_dispatch_event", dispatch_event)
    replace(EVENT_BRIDGE, "_invoke_target", invoke_target)


def _triggered(event: Mapping[str, Any], view: Any) -> Iterator[Mapping[str, Any]]:
    """Yield the rules that EventBridge will find for an event."""
    for key, rule in private(EVENT_BRIDGE, "_rules").items():
        if (
            rule.get("EventBusName", _DEFAULT_BUS) == event.get("EventBusName", _DEFAULT_BUS)
            and key not in (event.get("_DispatchPath") or ())
            and rule.get("State") == "ENABLED"
            and rule.get("EventPattern")
            and private(EVENT_BRIDGE, "_matches_pattern_view")(rule["EventPattern"], view, f"rule {key}")
        ):
            yield rule


def _record(rule: Mapping[str, Any], name: str) -> None:
    """Add one to a metric of a rule. Metrics of the default bus do not name it."""
    bus = rule.get("EventBusName", _DEFAULT_BUS)
    dimensions = {} if bus == _DEFAULT_BUS else {"EventBusName": bus}
    private(CLOUDWATCH, "record_metric")("AWS/Events", name, 1, "Count", {**dimensions, "RuleName": rule["Name"]})
