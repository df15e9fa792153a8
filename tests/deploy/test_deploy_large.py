"""Monitors of wide data and of many background rows: created, updated and rolled back, with IAM enforced.

Step Functions takes 262,144 bytes for a waiter, of which an update has to carry two of everything.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_sagemaker as sagemaker
from constructs import Construct

from cdk_clarify_monitors import BaselineOptions, DataConfig, ModelConfig, SHAPConfig
from tests.support.embedded_aws.account import DATA_BUCKET, Account, Build
from tests.support.embedded_aws.monitors import bias_config, bias_monitor, explainability_monitor

pytestmark = [pytest.mark.deploy, pytest.mark.slow]

COLUMNS = [f"column_{number:09d}" for number in range(5997)]
WIDE = f"s3://{DATA_BUCKET}/wide.csv"
FEATURES = [f"feature_{number}" for number in range(60)]
NARROW = f"s3://{DATA_BUCKET}/sixty-features.csv"


def put_rows(account: Account, uri: str, rows: Sequence[Sequence[float]]) -> None:
    """A CSV file without a header row."""
    account.put(uri, "\n".join(",".join(map(str, row)) for row in rows))


def of_many_columns(scope: Construct, *, last: str = COLUMNS[-1], minutes: int = 55) -> Any:
    """A bias monitor of 6,000 columns."""
    headers = ["target", "sex", "predicted", *COLUMNS[:-1], last]
    data = DataConfig(WIDE, label="target", predicted_label="predicted", headers=headers)
    # Of so few rows Clarify takes the numbers for thresholds.
    thresholds = bias_config(label_values_or_threshold=[0], facet_values_or_threshold=[1])
    options = BaselineOptions(timeout=cdk.Duration.minutes(minutes))
    return bias_monitor(scope, data_config=data, bias_config=thresholds, baseline=options)


def of_many_rows(scope: Construct, *, last: str = FEATURES[-1], minutes: int = 55) -> Any:
    """An explainability monitor with 500 background rows of 60 features."""
    background = [[round((row * 37 + column) % 101 / 7, 4) for column in range(60)] for row in range(500)]
    return explainability_monitor(
        scope,
        data_config=DataConfig(NARROW, label="target", headers=["target", *FEATURES[:-1], last]),
        explainability_config=SHAPConfig(background, num_samples=20, agg_method="mean_abs", seed=1),
        model_config=ModelConfig(model_name="sixty-features", instance_count=1, instance_type="ml.m5.large"),
        baseline=BaselineOptions(timeout=cdk.Duration.minutes(minutes)),
    )


def before_something_broken(monitor: Build) -> Build:
    """After the monitor comes a resource that SageMaker refuses."""

    def build(stack: cdk.Stack) -> None:
        made: Any = monitor(stack)
        config = {"monitoringJobDefinitionName": "there-is-none", "monitoringType": "ModelBias"}
        broken = sagemaker.CfnMonitoringSchedule(
            stack, "Broken", monitoring_schedule_name=f"{stack.stack_name}-broken", monitoring_schedule_config=config
        )
        broken.node.add_dependency(made)

    return build


def check(account: Account, name: str, id_: str, monitor: Any) -> None:
    """A monitor through create, two updates and a rollback."""
    # Given a deployed monitor
    stack = account.stack(name)
    stack.deploy(monitor)
    old = stack.monitor(id_)
    headers = account.json(old.config_uri)["headers"]
    # When it gets another time-out, then nothing is computed
    stack.deploy(lambda scope: monitor(scope, minutes=30))
    assert stack.monitor(id_).definition == old.definition
    assert account.statuses(f"{name.lower()}-") == ["Completed"]
    # When a column is renamed, and then another resource fails, then the monitor is what it was
    stack.fail_to_deploy(before_something_broken(lambda scope: monitor(scope, last="renamed")))
    assert list(stack.failures) == ["Broken"]
    assert stack.monitor(id_).definition == old.definition
    # When the column is renamed, then the baseline of the failed update is found
    stack.deploy(lambda scope: monitor(scope, last="renamed"))
    new = stack.monitor(id_)
    assert account.json(new.config_uri)["headers"] == [*headers[:-1], "renamed"]
    assert account.json(f"{new.constraints_uri.rpartition('/')[0]}/analysis_config.json")["headers"][-1] == "renamed"
    assert account.statuses(f"{name.lower()}-") == ["Completed", "Completed"]
    # When the stack is deleted, then nothing stands in its way
    stack.delete()


def test_a_data_set_of_six_thousand_columns_deploys(strict_account: Account) -> None:
    rows = [[row // 4 % 2, row % 2 + 1, row // 2 % 2, *([row] * len(COLUMNS))] for row in range(16)]
    put_rows(strict_account, WIDE, rows)

    check(strict_account, "Wide", "Bias", of_many_columns)


def test_five_hundred_background_rows_deploy(strict_account: Account) -> None:
    put_rows(strict_account, NARROW, [[row, *(row + column for column in range(60))] for row in range(3)])

    check(strict_account, "Rows", "Explainability", of_many_rows)
