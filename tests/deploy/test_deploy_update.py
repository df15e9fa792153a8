"""Updates: what makes a new baseline, and what does not."""

from __future__ import annotations

import json
from typing import Any

import aws_cdk as cdk
import pytest
from botocore.exceptions import ClientError

from cdk_clarify_monitors import BaselineOptions, ClarifyDashboard, CronExpressionGenerator
from tests.support.embedded_aws.account import Account
from tests.support.embedded_aws.monitors import PREDICTIONS, bias_config, bias_monitor, data_config, predictions, table

pytestmark = pytest.mark.deploy


def one_monitor(stack: cdk.Stack) -> None:
    bias_monitor(stack)


def about_men(stack: cdk.Stack) -> None:
    bias_monitor(stack, bias_config=bias_config(facet_values_or_threshold=[1]))


def test_other_inputs_make_a_new_baseline_beside_the_old_one(account: Account) -> None:
    # Given a deployed monitor
    stack = account.stack("Inputs")
    stack.deploy(one_monitor)
    old, old_files = stack.monitor("Bias"), account.files(f"s3://{stack.bucket}/")
    # When it looks at another facet
    stack.deploy(about_men)
    # Then there is a new job, and the definition is a new one that points to new files
    new = stack.monitor("Bias")
    assert [job["ProcessingJobName"] for job in account.jobs("inputs-")] == [old.job_name, new.job_name]
    assert new.job_name != old.job_name
    assert new.config_uri != old.config_uri
    (facet,) = account.json(new.constraints_uri)["pre_training_bias_metrics"]["facets"]["sex"]
    assert facet["value_or_threshold"] == "1"
    assert account.json(new.config_uri)["facet"][0]["value_or_threshold"] == [1]
    assert new.definition["JobDefinitionArn"] != old.definition["JobDefinitionArn"]
    definitions = account.client("sagemaker").list_model_bias_job_definitions()["JobDefinitionSummaries"]
    assert old.definition["JobDefinitionArn"] not in {item["MonitoringJobDefinitionArn"] for item in definitions}
    # And the schedule is the old one, changed in place
    assert new.schedule["MonitoringScheduleArn"] == old.schedule["MonitoringScheduleArn"]
    assert new.schedule["CreationTime"] == old.schedule["CreationTime"]
    assert new.schedule["LastModifiedTime"] > old.schedule["LastModifiedTime"]
    # And the old files are as they were
    files = account.files(f"s3://{stack.bucket}/")
    assert without_claims(old_files).items() <= files.items()


def test_what_does_not_change_the_result_makes_no_new_baseline(account: Account) -> None:
    # Given a deployed monitor
    stack = account.stack("Cosmetic")
    stack.deploy(one_monitor)
    old = stack.monitor("Bias")
    # When the app is synthesized again and deployed, then CloudFormation finds nothing to do
    with pytest.raises(ClientError, match="No updates are to be performed"):
        stack.begin(one_monitor)
    # When the monitor gets tags and another schedule, then the old baseline is good enough
    cron = CronExpressionGenerator.daily(hour=3)
    # and so it is when its values are to be shown
    shown = ["CI", "DPL", "DPPL", "DI", "TE", "GE"]

    def changed(scope: cdk.Stack) -> None:
        monitor = bias_monitor(scope, schedule_cron_expression=cron, tags={"owner": "us"})
        ClarifyDashboard(scope, "Dashboard", monitors=[monitor], dashboard_name="cosmetic", baseline_metrics=shown)

    stack.deploy(changed)
    new = stack.monitor("Bias")
    body = json.loads(account.client("cloudwatch").get_dashboard(DashboardName="cosmetic")["DashboardBody"])
    assert lines_of(body) == values_of(account.json(new.constraints_uri), shown)
    assert account.statuses("cosmetic-") == ["Completed"]
    assert (new.constraints_uri, new.config_uri) == (old.constraints_uri, old.config_uri)
    assert new.schedule["MonitoringScheduleConfig"]["ScheduleConfig"] == {"ScheduleExpression": cron}
    assert account.tags(new.definition["JobDefinitionArn"])["owner"] == "us"


@pytest.mark.slow
def test_another_version_makes_a_new_baseline(account: Account) -> None:
    # Given a deployed monitor
    stack = account.stack("Version")
    stack.deploy(lambda scope: bias_monitor(scope, baseline=BaselineOptions(version="1")))
    old = stack.monitor("Bias")
    # When its baseline gets another version
    stack.deploy(lambda scope: bias_monitor(scope, baseline=BaselineOptions(version="2")))
    # Then there is a new job, with the same result
    new = stack.monitor("Bias")
    assert account.statuses("version-") == ["Completed", "Completed"]
    assert new.job_name != old.job_name
    assert account.json(new.constraints_uri) == account.json(old.constraints_uri)
    # When the first version comes back, then its baseline is found
    stack.deploy(lambda scope: bias_monitor(scope, baseline=BaselineOptions(version="1")))
    assert stack.monitor("Bias").constraints_uri == old.constraints_uri
    assert len(account.jobs("version-")) == 2


@pytest.mark.slow
def test_dataset_identity_makes_a_new_baseline_for_new_data(account: Account) -> None:
    # Given a monitor for which the identity of its data counts
    uri = account.put(PREDICTIONS.replace("predictions", "growing"), table(predictions()))
    given: dict[str, Any] = {
        "data_config": data_config(s3_data_input_path=uri),
        "baseline": BaselineOptions(dataset_identity=True),
    }
    stack = account.stack("NewData")
    stack.deploy(lambda scope: bias_monitor(scope, **given))
    old = stack.monitor("Bias")
    # When the data set grows, and an update of something else comes
    account.put(uri, table([*predictions(), *predictions()[:30]]))
    stack.deploy(lambda scope: bias_monitor(scope, **given, tags={"owner": "us"}))
    # Then it has a new baseline
    new = stack.monitor("Bias")
    assert account.statuses("newdata-") == ["Completed", "Completed"]
    assert account.json(new.constraints_uri) != account.json(old.constraints_uri)
    assert new.config_uri != old.config_uri


def lines_of(body: Any) -> dict[str, float | None]:
    """The lines of a dashboard that are to be seen, by the graphs' titles; None: one is hidden."""
    graphs = [widget["properties"] for widget in body["widgets"] if "annotations" in widget["properties"]]
    lines = {graph["title"].partition(":")[0]: graph["annotations"]["horizontal"][0] for graph in graphs}
    return {name: line["value"] if line.get("visible", True) else None for name, line in lines.items()}


def values_of(constraints: Any, names: list[str]) -> dict[str, float | None]:
    """The values of the only group of a constraints file; None: what is no number."""
    stages = [constraints[f"{stage}_training_bias_metrics"]["facets"]["sex"] for stage in ("pre", "post")]
    metrics = [metric for (group,) in stages for metric in group["metrics"] if metric["name"] in names]
    return {each["name"]: each["value"] if isinstance(each["value"], (int, float)) else None for each in metrics}


def without_claims(files: dict[str, str]) -> dict[str, str]:
    """All files but those that say which request is in charge, which change with every request."""
    return {uri: version for uri, version in files.items() if "/request-" not in uri}
