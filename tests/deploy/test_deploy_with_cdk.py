"""The whole way with the real cdk command: create, nothing to do, update, destroy."""

from __future__ import annotations

from pathlib import Path

import aws_cdk as cdk
import pytest

from tests.support.embedded_aws.account import Account
from tests.support.embedded_aws.monitors import bias_config, bias_monitor, explainability_monitor

pytestmark = [pytest.mark.deploy, pytest.mark.slow]


def test_the_cdk_command_deploys_updates_and_destroys(account: Account) -> None:
    def both(scope: cdk.Stack, facet: int) -> None:
        bias_monitor(scope, bias_config=bias_config(facet_values_or_threshold=[facet]))
        explainability_monitor(scope)

    def assembly(facet: int) -> Path:
        return account.synthesize("WithCdk", lambda scope: both(scope, facet), bootstrapped=True)

    # Given an account that is bootstrapped, when the app is deployed
    account.aws.cdk("deploy", app=assembly(1))
    # Then both monitors are there, with their baselines
    stack = account.deployed("WithCdk")
    old, explainability = stack.monitor("Bias"), stack.monitor("Explainability")
    assert account.statuses("withcdk-") == ["Completed", "Completed"]

    # When the same app is synthesized and deployed again, then there is nothing to do
    again = account.aws.cdk("deploy", app=assembly(1))
    assert "(no changes)" in again.stdout
    assert account.statuses("withcdk-") == ["Completed", "Completed"]

    # When one monitor has other inputs, then it has a new baseline, and the other one is left alone
    account.aws.cdk("deploy", app=assembly(2))
    new = stack.monitor("Bias")
    assert account.statuses("withcdk-") == ["Completed", "Completed", "Completed"]
    assert new.constraints_uri != old.constraints_uri
    assert new.definition["JobDefinitionName"] != old.definition["JobDefinitionName"]
    assert new.schedule["MonitoringScheduleArn"] == old.schedule["MonitoringScheduleArn"]
    assert stack.monitor("Explainability").definition == explainability.definition

    # When the stack is destroyed, then the monitors are gone, and the results are kept
    account.aws.cdk("destroy", app=assembly(2))
    assert stack.status == "DELETE_COMPLETE"
    sagemaker = account.client("sagemaker")
    assert sagemaker.list_monitoring_schedules(NameContains="withcdk-")["MonitoringScheduleSummaries"] == []
    for uri in (old.constraints_uri, new.constraints_uri, explainability.constraints_uri, new.config_uri):
        assert account.head(uri)
