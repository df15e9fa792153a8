"""Ways to describe a monitor, each deployed: given constraints and configs, batch transform, files, roles and keys."""

from __future__ import annotations

import json
from pathlib import Path

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms

from cdk_clarify_monitors import BatchTransformInput, BiasConfig, DataConfig, MonitoringDatasetFormat
from tests.support.embedded_aws.account import DATA_BUCKET, Account
from tests.support.embedded_aws.monitors import bias_monitor, predictions, table

pytestmark = pytest.mark.deploy


def test_given_constraints_need_no_job(account: Account) -> None:
    # Given constraints of an earlier baselining job
    constraints = account.put(f"s3://{DATA_BUCKET}/earlier/analysis.json", "{}")
    # When a monitor is deployed with them
    stack = account.stack("Constraints")
    stack.deploy(lambda scope: bias_monitor(scope, constraints=constraints))
    # Then no job has run, and the definition points to them and to a config of its own
    monitor = stack.monitor("Bias")
    assert account.jobs("constraints-") == []
    assert monitor.constraints_uri == constraints
    assert account.json(monitor.config_uri)["facet"][0]["name_or_index"] == "sex"


def test_a_given_config_and_constraints_need_no_custom_resource(account: Account) -> None:
    # Given an analysis config and constraints in S3
    config = account.put(f"s3://{DATA_BUCKET}/given/analysis_config.json", "{}")
    constraints = account.put(f"s3://{DATA_BUCKET}/given/analysis.json", "{}")
    # When a monitor is deployed with them
    stack = account.stack("Given")
    stack.deploy(
        lambda scope: bias_monitor(
            scope, data_config=None, bias_config=None, analysis_config=config, constraints=constraints
        )
    )
    # Then they are used, and there is no function to run
    monitor = stack.monitor("Bias")
    assert (monitor.config_uri, monitor.constraints_uri) == (config, constraints)
    assert account.jobs("given-") == []
    assert stack.resources("Custom::ClarifyBaseline") == {}
    assert stack.resources("AWS::Lambda::Function") == {}


def test_a_batch_transform_of_json_lines_deploys(account: Account) -> None:
    # Given a data set in JSON Lines, and batch transforms whose captured data are JSON Lines, too
    rows = [
        {"features": [int(row["age"]), int(row["sex"])], "label": int(row["target"]), "guess": int(row["predicted"])}
        for row in predictions()
    ]
    data = account.put(f"s3://{DATA_BUCKET}/patients.jsonl", "".join(json.dumps(row) + "\n" for row in rows))
    batch = BatchTransformInput(
        "s3://captured/batch", "/opt/ml/processing/input", MonitoringDatasetFormat.json(lines=True)
    )
    config = DataConfig(
        data,
        dataset_type="application/jsonlines",
        headers=["age", "sex", "label"],
        features="features",
        label="label",
        predicted_label="guess",
    )
    # When a monitor is deployed on them
    stack = account.stack("Batch")
    stack.deploy(
        lambda scope: bias_monitor(
            scope,
            endpoint_input=None,
            batch_transform_input=batch,
            data_config=config,
            bias_config=BiasConfig([1], "sex", [2]),
        )
    )
    # Then its baseline was computed from the data
    monitor = stack.monitor("Bias")
    (facet,) = account.json(monitor.constraints_uri)["pre_training_bias_metrics"]["facets"]["sex"]
    assert {metric["name"] for metric in facet["metrics"]} >= {"CI", "DPL"}
    # And the definition reads the batch transforms
    batch_input = monitor.definition["ModelBiasJobInput"]["BatchTransformInput"]
    assert batch_input["DataCapturedDestinationS3Uri"] == "s3://captured/batch"
    assert batch_input["DatasetFormat"] == {"Json": {"Line": True}}
    assert batch_input["FeaturesAttribute"] == "features"


def test_a_local_file_can_be_the_data_set(account: Account, tmp_path: Path) -> None:
    # Given a local file
    file = tmp_path / "patients.csv"
    file.write_text(table(predictions()))

    def monitor(scope: cdk.Stack) -> None:
        data = DataConfig.from_asset(scope, "Data", file, label="target", predicted_label="predicted")
        bias_monitor(scope, data_config=data)

    # When it is deployed, and deployed again with another content
    stack = account.stack("Asset")
    stack.deploy(monitor)
    old = stack.monitor("Bias")
    file.write_text(table(predictions()[:100]))
    stack.deploy(monitor)
    # Then the other content made another baseline
    new = stack.monitor("Bias")
    assert account.statuses("asset-") == ["Completed", "Completed"]
    assert account.json(new.constraints_uri) != account.json(old.constraints_uri)


def test_the_jobs_can_use_the_users_own_role(account: Account) -> None:
    # Given a role that SageMaker may assume
    trust = {"Effect": "Allow", "Principal": {"Service": "sagemaker.amazonaws.com"}, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    arn = account.client("iam").create_role(RoleName="clarify", AssumeRolePolicyDocument=document)["Role"]["Arn"]
    # When a monitor is deployed with it
    stack = account.stack("Role")
    stack.deploy(lambda scope: bias_monitor(scope, role=iam.Role.from_role_arn(scope, "Role", arn)))
    # Then the job and the definition have it
    monitor = stack.monitor("Bias")
    (job,) = account.jobs(monitor.job_name)
    assert job["RoleArn"] == arn
    assert monitor.definition["RoleArn"] == arn


def test_a_key_encrypts_what_is_written(account: Account) -> None:
    # Given a key
    key = account.client("kms").create_key()["KeyMetadata"]["Arn"]
    # When a monitor is deployed with it
    stack = account.stack("Key")
    stack.deploy(lambda scope: bias_monitor(scope, output_kms_key=kms.Key.from_key_arn(scope, "Key", key)))
    # Then the configs are encrypted with it, and the jobs are told to encrypt their results with it
    monitor = stack.monitor("Bias")
    (job,) = account.jobs(monitor.job_name)
    config = next(i["S3Input"]["S3Uri"] for i in job["ProcessingInputs"] if i["InputName"] == "analysis_config")
    for uri in (config, monitor.config_uri):
        assert account.head(uri)["SSEKMSKeyId"] == key
    assert job["ProcessingOutputConfig"]["KmsKeyId"] == key
    assert monitor.definition["ModelBiasJobOutputConfig"]["KmsKeyId"] == key
