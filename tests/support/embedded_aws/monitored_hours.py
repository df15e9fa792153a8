"""An account in which monitors have run: an hour without data, one like the baseline, one that is unfair."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import joblib
import numpy as np
from sklearn.linear_model import LogisticRegression

from cdk_clarify_monitors_local import Capture, EmbeddedAws
from cdk_clarify_monitors_operations import MonitorOperations
from tests.support.embedded_aws.executions import Monitor, make_monitor

#: When the last execution of each was due.
LAST = datetime(2026, 3, 2, 12, tzinfo=UTC)

_HOUR = timedelta(hours=1)
_FEATURES = ["age", "sex", "income"]
_BIAS = {
    "headers": [*_FEATURES, "approved"],
    "label": "approved",
    "label_values_or_threshold": [1],
    "facet": [{"name_or_index": "sex", "value_or_threshold": [1]}],
}
_SHAP = {
    "headers": _FEATURES,
    "methods": {"shap": {"baseline": [[40, 0, 50]], "num_samples": 20, "agg_method": "mean_abs", "seed": 1}},
    "predictor": {"model_name": "credit", "instance_type": "ml.m5.large", "initial_instance_count": 1},
}
_PEOPLE = [(20 + number % 50, number % 2, 20 + 3 * (number % 30)) for number in range(80)]


@contextmanager
def monitored_hours(folder: Path) -> Iterator[EmbeddedAws]:
    """Start an account with two monitors, and let three hours pass.

    `credit` is a bias monitor. Its executions: at 10:00 Failed for lack of data, at 11:00 Completed, at 12:00
    CompletedWithViolations. `credit-reasons` is an explainability monitor, whose only one, at 12:00, is Completed.

    Args:
        folder: For the model's file.
    """
    model = LogisticRegression().fit(np.array(_PEOPLE), [int(income > 50) for _, _, income in _PEOPLE])
    joblib.dump(model, folder / "credit.joblib")
    clock = LAST - 3 * _HOUR + timedelta(minutes=20)
    with EmbeddedAws(models={"credit": folder / "credit.joblib"}, clock=clock) as aws:
        policy = {"Action": "s3:*"}
        constraints = _measured(aws, "ModelBias", _BIAS)
        bias = make_monitor(aws, "ModelBias", _BIAS, constraints=constraints, policy=policy, name="credit")
        reasons = make_monitor(
            aws,
            "ModelExplainability",
            _SHAP,
            constraints=_measured(aws, "ModelExplainability", _SHAP),
            expression="cron(0 12 ? * * *)",
            policy=policy,
            name="credit-reasons",
        )
        _serve(bias, LAST - 2 * _HOUR)
        _serve(bias, LAST - _HOUR, unfair=True)
        _serve(reasons, LAST - 2 * _HOUR)
        aws.advance(3 * _HOUR)
        yield aws


def _measured(aws: EmbeddedAws, kind: str, config: Any) -> Any:
    """What a monitor without constraints measures of an hour in which nobody is treated unfairly."""
    monitor = make_monitor(aws, kind, config)
    _serve(monitor, LAST - 5 * _HOUR)
    aws.execute_schedule(monitor.name, scheduled_time=LAST - 4 * _HOUR)
    (key,) = (key for key in monitor.keys("out/") if key.endswith("/analysis.json"))
    found = monitor.json(key)
    MonitorOperations(aws.session, poll_interval=0.1).monitor(monitor.name).delete_monitoring_schedule()
    return found


def _serve(monitor: Monitor, hour: datetime, *, unfair: bool = False) -> None:
    """Let a request of each person be captured; where it is unfair, the model refuses everybody of sex 1."""
    captures = [
        Capture(
            ",".join(map(str, person)),
            "0.1" if unfair and person[1] else str(0.9 if person[2] > 50 else 0.2),
            hour + timedelta(seconds=number),
            f"{hour:%H}-{number}",
        )
        for number, person in enumerate(_PEOPLE)
    ]
    monitor.aws.put_captures(monitor.uri("capture"), monitor.name, captures)
    labels = {f"{hour:%H}-{number}": int(person[2] > 45) for number, person in enumerate(_PEOPLE)}
    monitor.aws.put_ground_truth(monitor.uri("truth"), labels, collected=hour)
