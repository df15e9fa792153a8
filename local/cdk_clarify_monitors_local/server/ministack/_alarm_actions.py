"""Alarms invoke functions, which MiniStack leaves out: it publishes to SNS only.

Source: [the event that a function gets](
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-actions-Lambda.html).
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from cdk_clarify_monitors_local.server._clock import Clock
from cdk_clarify_monitors_local.server.ministack._private_names import CLOUDWATCH, EVENT_BRIDGE, private, replace

_ACTIONS = {"ALARM": "AlarmActions", "OK": "OKActions", "INSUFFICIENT_DATA": "InsufficientDataActions"}


def install(clock: Clock) -> None:
    """Let alarms invoke functions.

    Args:
        clock: Dates the events.
    """
    publish = private(CLOUDWATCH, "_dispatch_alarm_actions")

    def dispatch(alarm: Mapping[str, Any], old: str, new: str, reason: str) -> None:
        publish(alarm, old, new, reason)
        if not alarm.get("ActionsEnabled", True):
            return
        event = json.dumps(_event(alarm, old, new, reason, clock.now()))
        for arn in alarm.get(_ACTIONS[new]) or ():
            if arn.split(":")[2:3] == ["lambda"]:
                private(EVENT_BRIDGE, "_dispatch_to_lambda")(arn, event)

    replace(CLOUDWATCH, "_dispatch_alarm_actions", dispatch)


def _event(alarm: Mapping[str, Any], old: str, new: str, reason: str, now: datetime) -> dict[str, Any]:
    arn = str(alarm["AlarmArn"])
    _, _, _, region, account, *_ = arn.split(":")
    time = f"{now.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.{now.microsecond // 1000:03}+0000"
    return {
        "source": "aws.cloudwatch",
        "alarmArn": arn,
        "accountId": account,
        "time": time,
        "region": region,
        "alarmData": {
            "alarmName": alarm["AlarmName"],
            "state": {"value": new, "reason": reason, "timestamp": time},
            "previousState": {"value": old},
            "configuration": _configuration(alarm),
        },
    }


def _configuration(alarm: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if alarm.get("AlarmDescription"):
        found["description"] = alarm["AlarmDescription"]
    if "AlarmRule" in alarm:
        return {**found, "alarmRule": alarm["AlarmRule"]}
    if alarm.get("MetricName"):
        dimensions = {each["Name"]: each["Value"] for each in alarm.get("Dimensions") or ()}
        stat = {
            "metric": {"namespace": alarm["Namespace"], "name": alarm["MetricName"], "dimensions": dimensions},
            "period": alarm["Period"],
            "stat": alarm.get("ExtendedStatistic") or alarm.get("Statistic"),
        }
        found["metrics"] = [{"id": str(uuid.uuid4()), "metricStat": stat, "returnData": True}]
    return found
