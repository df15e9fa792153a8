"""Puts metrics, alarms and events on the clock that users move."""

from __future__ import annotations

import types
from collections.abc import Mapping
from typing import Any

from cdk_clarify_monitors_local.server._clock import Clock
from cdk_clarify_monitors_local.server.ministack._private_names import CLOUDWATCH, EVENT_BRIDGE, private, replace


def date_metrics_alarms_and_events(clock: Clock) -> None:
    """Let CloudWatch and EventBridge go by the clock."""
    replace(CLOUDWATCH, "time", types.SimpleNamespace(time=clock.timestamp))
    replace(EVENT_BRIDGE, "_now_ts", clock.timestamp)
    put, alarms = private(CLOUDWATCH, "cloudformation_put_metric_alarm"), private(CLOUDWATCH, "_alarms")

    def put_metric_alarm(alarm: Mapping[str, Any]) -> None:
        """Put an alarm of CloudFormation, which dates it by real time."""
        now = int(clock.timestamp())
        dates = {"AlarmConfigurationUpdatedTimestamp": now}
        if alarm["AlarmName"] not in alarms:
            dates["StateUpdatedTimestamp"] = now
        put({**alarm, **dates})

    replace(CLOUDWATCH, "cloudformation_put_metric_alarm", put_metric_alarm)


def keep_all_metrics() -> None:
    """Keep metrics however old they are: MiniStack forgets them after two weeks of real time."""
    replace(CLOUDWATCH, "_evict_old_metrics", lambda: None)
