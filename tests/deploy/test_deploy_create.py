"""What a deployment of both monitors leaves in the account."""

from __future__ import annotations

import math

import aws_cdk as cdk
import pytest

from cdk_clarify_monitors import CronExpressionGenerator
from tests.support.embedded_aws.account import Account, Stack
from tests.support.embedded_aws.monitors import (
    HEADERS,
    PATIENTS,
    bias_monitor_of_model,
    explainability_monitor,
    patients,
)

pytestmark = pytest.mark.deploy


def both_monitors(stack: cdk.Stack) -> None:
    bias = bias_monitor_of_model(
        stack, "Bias", schedule_cron_expression=CronExpressionGenerator.daily(hour=6), tags={"owner": "fairness"}
    )
    explainability_monitor(stack, "Explainability")
    cdk.Tags.of(bias).add("cost-centre", "4711")
    cdk.Tags.of(stack).add("project", "diabetes")


@pytest.fixture(scope="module")
def deployed(shared_account: Account) -> Stack:
    stack = shared_account.stack("Diabetes", tags={"environment": "test"})
    stack.deploy(both_monitors)
    return stack


def test_each_monitor_has_run_one_baselining_job(account: Account, deployed: Stack) -> None:
    # Given a stack with both monitors, when it was created
    jobs = {job["ProcessingJobName"]: job["ProcessingJobStatus"] for job in account.jobs("diabetes-")}
    # Then each has run one job
    assert jobs == {
        deployed.monitor("Bias").job_name: "Completed",
        deployed.monitor("Explainability").job_name: "Completed",
    }


def test_the_bias_constraints_hold_metrics_of_the_data(account: Account, deployed: Stack) -> None:
    women, men = (sum(patient["sex"] == sex for patient in patients()) for sex in ("2", "1"))
    constraints = account.json(deployed.monitor("Bias").constraints_uri)

    (facet,) = constraints["pre_training_bias_metrics"]["facets"]["sex"]
    metrics = {metric["name"]: metric["value"] for metric in facet["metrics"]}
    assert facet["value_or_threshold"] == "2"
    assert metrics["CI"] == pytest.approx((men - women) / (men + women))
    (facet,) = constraints["post_training_bias_metrics"]["facets"]["sex"]
    assert {"DPPL", "DI", "RD", "AD"} <= {metric["name"] for metric in facet["metrics"]}


def test_the_explainability_constraints_hold_shap_values(account: Account, deployed: Stack) -> None:
    constraints = account.json(deployed.monitor("Explainability").constraints_uri)

    values = constraints["explanations"]["kernel_shap"]["label0"]["global_shap_values"]
    assert set(values) == set(HEADERS[:-1])
    assert all(math.isfinite(value) and value >= 0 for value in values.values())
    assert max(values, key=values.__getitem__) in ("bmi", "s5", "bp"), "what decides in this data set"


def test_the_job_read_the_data_set_and_its_own_config(account: Account, deployed: Stack) -> None:
    (job,) = account.jobs(deployed.monitor("Bias").job_name)
    inputs = {entry["InputName"]: entry["S3Input"]["S3Uri"] for entry in job["ProcessingInputs"]}

    assert inputs["dataset"] == PATIENTS
    config = account.json(inputs["analysis_config"])
    assert config["label"] == "target"
    assert config["predictor"]["model_name"] == "diabetes-model"
    assert config["methods"]["post_training_bias"] == {"methods": "all"}


def test_the_definition_points_to_files_that_are_there(account: Account, deployed: Stack) -> None:
    bias, explainability = deployed.monitor("Bias"), deployed.monitor("Explainability")

    assert account.json(bias.config_uri) == {
        "facet": [{"name_or_index": "sex", "value_or_threshold": [2]}],
        "headers": HEADERS,
        "label": "target",
        "label_values_or_threshold": [1],
    }
    config = account.json(explainability.config_uri)
    assert config["headers"] == HEADERS[:-1]
    assert config["methods"]["shap"]["num_samples"] == 60
    assert config["predictor"]["model_name"] == "diabetes-model"
    for monitor in (bias, explainability):
        (job,) = account.jobs(monitor.job_name)
        (output,) = job["ProcessingOutputConfig"]["Outputs"]
        assert monitor.constraints_uri == f"{output['S3Output']['S3Uri']}/analysis.json"


def test_the_schedule_names_the_definition(deployed: Stack) -> None:
    bias, explainability = deployed.monitor("Bias"), deployed.monitor("Explainability")

    for monitor, type_ in ((bias, "ModelBias"), (explainability, "ModelExplainability")):
        config = monitor.schedule["MonitoringScheduleConfig"]
        assert config["MonitoringType"] == type_
        assert config["MonitoringJobDefinitionName"] == monitor.definition["JobDefinitionName"]
        assert monitor.schedule["MonitoringScheduleStatus"] == "Scheduled"
    cron = bias.schedule["MonitoringScheduleConfig"]["ScheduleConfig"]["ScheduleExpression"]
    assert cron == "cron(0 6 ? * * *)"


def test_job_definition_and_schedule_have_all_tags(account: Account, deployed: Stack) -> None:
    stack, monitor = {"environment": "test", "project": "diabetes"}, {"owner": "fairness", "cost-centre": "4711"}
    for id_, expected in (("Bias", {**stack, **monitor}), ("Explainability", stack)):
        created = deployed.monitor(id_)
        (job,) = account.jobs(created.job_name)
        for arn in (
            job["ProcessingJobArn"],
            created.definition["JobDefinitionArn"],
            created.schedule["MonitoringScheduleArn"],
        ):
            found = {key: value for key, value in account.tags(arn).items() if not key.startswith("aws:")}
            assert found == expected, arn
