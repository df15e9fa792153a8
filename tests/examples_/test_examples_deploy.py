"""Every example is synthesized, linted, deployed and destroyed; one of them by the commands that their README names."""

from __future__ import annotations

import csv
import json
import re
import shlex
import sys
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta

import pytest

from cdk_clarify_monitors import BiasConfig, DataConfig
from cdk_clarify_monitors_local import Capture
from cdk_clarify_monitors_operations import drift
from tests.support.embedded_aws.account import Account, Stack, wait_for
from tests.support.repository import ROOT
from tests.support.templates.iam import ACCOUNT, REGION, Request, Template, allows
from tests.support.templates.lint import findings

pytestmark = pytest.mark.deploy

EXAMPLES = ROOT / "examples"
LOANS = "s3://loans-data"
NOTEBOOK = "s3://diabetes-data/notebook"
SCHEDULE = "AWS::SageMaker::MonitoringSchedule"

Deploy = Callable[..., list[Stack]]


@pytest.fixture
def deploy(account: Account) -> Iterator[Deploy]:
    """Deploys an example and lints what it synthesized; its stacks are deleted after the test."""
    deployed: dict[str, Stack] = {}
    usual = account

    def deploy(
        example: str,
        *names: str,
        account: Account = usual,
        context: Mapping[str, str] | None = None,
        fails: Mapping[str, str] | None = None,
    ) -> list[Stack]:
        assembly = account.synthesize_script(EXAMPLES / f"{example}.py", context or {})
        for name in names:
            template = account.publish(assembly, name)
            stack = deployed.setdefault(f"{account.aws.account} {name}", account.stack(name))
            assert findings(json.dumps(template), account.aws.region) == []
            stack.begin_template(template)
            stack.finish()
            if fails and name in fails:
                assert stack.status == "ROLLBACK_COMPLETE"
                assert any(fails[name] in reason for reason in stack.failures.values())
                deployed.pop(f"{account.aws.account} {name}").delete()
            else:
                assert stack.status in ("CREATE_COMPLETE", "UPDATE_COMPLETE"), stack.failures
        return [deployed[f"{account.aws.account} {name}"] for name in names if name not in (fails or ())]

    yield deploy
    for stack in reversed(deployed.values()):
        stack.delete()


def loans() -> str:
    """A data set with predictions: few rows, though enough of them for Clarify to take labels for categories."""
    rows = ((number % 2, 1 + number % 3 // 2, 1_000 * (60 - number), number // 2 % 2) for number in range(50))
    return "approved,sex,income,predicted\n" + "".join(f"{','.join(map(str, row))}\n" for row in rows)


@pytest.mark.slow
def test_fleet_deploys(other_accounts: dict[str, Account], deploy: Deploy) -> None:
    """Into two accounts. In the second one a baselining job fails, which rolls its stack back and no other one."""
    with (EXAMPLES / "fleet.csv").open(newline="") as table:
        rows = list(csv.DictReader(table))
    for row in rows:
        account = other_accounts[row["account"]]
        account.aws.add_endpoint(row["endpoint"])
        if not row["constraints"]:
            account.put(f"s3://loans-{row['account']}/{row['endpoint']}/train.csv", loans())
    first, second = other_accounts.values()

    one, two = deploy("fleet", "Fleet-111111111111-eu-central-1-1", "Fleet-111111111111-eu-central-1-2", account=first)
    assert [len(stack.resources(SCHEDULE)) for stack in (one, two)] == [1, 2]

    names = ("Fleet-222222222222-eu-central-1-1", "Fleet-222222222222-eu-central-1-2")
    second.aws.fail_next_job("AlgorithmError: no column income")
    (three,) = deploy("fleet", *names, account=second, fails={names[1]: "no column income"})
    stacks = [one, two, three, *deploy("fleet", names[1], account=second)]

    monitors = {
        (stack.account.aws.account, row["endpoint"]): stack.monitor(row["endpoint"].replace("-", ""))
        for stack in stacks
        for row in rows
        if row["account"] == stack.account.aws.account
        and any(id_.startswith(row["endpoint"].replace("-", "")) for id_ in stack.resources(SCHEDULE))
    }
    assert len(monitors) == len(rows) == 6
    for row in rows:
        account, monitor = other_accounts[row["account"]], monitors[row["account"], row["endpoint"]]
        assert monitor.definition["ModelBiasJobInput"]["EndpointInput"]["EndpointName"] == row["endpoint"]
        assert account.json(monitor.config_uri)["facet"][0]["name_or_index"] == row["facet"]
        if row["constraints"]:
            assert monitor.constraints_uri == row["constraints"]
        else:
            facets = account.json(monitor.constraints_uri)["post_training_bias_metrics"]["facets"]
            assert facets.keys() == {row["facet"]}
            assert account.statuses(monitor.job_name)[-1] == "Completed"


@pytest.mark.slow
def test_the_commands_of_the_readme_deploy_and_destroy(account: Account) -> None:
    app = shlex.join([sys.executable, "examples/existing_constraints.py"])
    for name in ("bias/analysis_config", "bias/analysis", "explainability/analysis"):
        account.put(f"{NOTEBOOK}/{name}.json", "{}")
    account.aws.cdk("deploy", "--all", app=app, cwd=ROOT)
    stack = account.deployed("ExistingConstraints")
    assert len(stack.resources(SCHEDULE)) == 2
    account.aws.cdk("destroy", "--all", app=app, cwd=ROOT)
    assert stack.status == "DELETE_COMPLETE"


def test_bias_on_an_endpoint_deploys(account: Account, deploy: Deploy) -> None:
    (stack,) = deploy("bias_on_an_endpoint", "BiasOnAnEndpoint")
    monitor = stack.monitor("Bias")
    assert account.statuses(monitor.job_name) == ["Completed"]
    assert "sex" in account.json(monitor.constraints_uri)["post_training_bias_metrics"]["facets"]
    assert monitor.definition["ModelBiasJobInput"]["EndpointInput"]["EndpointName"] == "diabetes-endpoint"
    assert stack.outputs == {"Schedule": monitor.schedule["MonitoringScheduleName"]}


def test_endpoint_with_data_capture_deploys(account: Account, deploy: Deploy) -> None:
    """What the endpoint is asked reaches an execution, which finds it where the one DataCapture says."""
    (stack,) = deploy("endpoint_with_data_capture", "EndpointWithDataCapture")
    monitor = stack.monitor("Bias")
    assert account.statuses(monitor.job_name) == ["Completed"]
    endpoint = monitor.definition["ModelBiasJobInput"]["EndpointInput"]["EndpointName"]
    with (EXAMPLES / "diabetes" / "train.csv").open(newline="") as table:
        patients = list(csv.DictReader(table))[:60]
    runtime, moment = account.client("sagemaker-runtime"), datetime.now(UTC)
    for number, patient in enumerate(patients):
        body = ",".join(value for name, value in patient.items() if name != "target")
        runtime.invoke_endpoint(
            EndpointName=endpoint,
            Body=body.encode(),
            ContentType="text/csv",
            Accept="text/csv",
            InferenceId=f"p-{number}",
        )
    (data,) = (name for id_, name in stack.resources("AWS::S3::Bucket").items() if id_.startswith("Data"))
    assert account.files(f"s3://{data}/captured/{endpoint}/AllTraffic/")
    labels = {f"p-{number}": int(patient["target"]) for number, patient in enumerate(patients)}
    account.aws.put_ground_truth(f"s3://{data}/ground-truth", labels, collected=moment)
    due = moment.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    execution = account.aws.execute_schedule(monitor.schedule["MonitoringScheduleName"], scheduled_time=due)
    assert execution["MonitoringExecutionStatus"].startswith("Completed"), execution


@pytest.mark.slow
def test_explainability_with_shap_deploys(account: Account, deploy: Deploy) -> None:
    (stack,) = deploy("explainability_with_shap", "ExplainabilityWithShap")
    monitor = stack.monitor("Explainability")
    assert account.statuses(monitor.job_name) == ["Completed"]
    (label,) = account.json(monitor.constraints_uri)["explanations"]["kernel_shap"].values()
    assert len(label["global_shap_values"]) == 10
    assert monitor.schedule["MonitoringScheduleConfig"]["ScheduleConfig"]["ScheduleExpression"] == "cron(0 7 ? * * *)"


@pytest.mark.slow
def test_both_on_a_batch_transform_deploys(account: Account, deploy: Deploy) -> None:
    (stack,) = deploy("both_on_a_batch_transform", "BothOnABatchTransform")
    for monitor in (stack.monitor("Bias"), stack.monitor("Explainability")):
        batch = monitor.definition[f"{monitor.kind}JobInput"]["BatchTransformInput"]
        assert batch["DataCapturedDestinationS3Uri"] == "s3://diabetes-data/batch-capture"
        assert batch["DatasetFormat"] == {"Csv": {"Header": False}}
        assert account.head(monitor.constraints_uri)
    assert account.statuses("bothonabatchtransform-") == ["Completed", "Completed"]


@pytest.mark.slow
def test_alarms_and_dashboard_deploys(account: Account, deploy: Deploy) -> None:
    for name in ("bias", "explainability"):
        account.put(f"{NOTEBOOK}/{name}/analysis.json", "{}")
    (stack,) = deploy("alarms_and_dashboard", "AlarmsAndDashboard")
    (topic,) = stack.resources("AWS::SNS::Topic").values()
    client = account.client("cloudwatch")
    alarms = client.describe_alarms()["MetricAlarms"]
    assert len(alarms) == 8
    assert all(alarm["AlarmActions"] == [topic] for alarm in alarms)
    (name,) = stack.resources("AWS::CloudWatch::Dashboard").values()
    widgets = json.loads(client.get_dashboard(DashboardName=name)["DashboardBody"])["widgets"]
    shown = [alarm for widget in widgets for alarm in widget["properties"].get("alarms", ())]
    assert sorted(shown) == sorted(alarm["AlarmArn"] for alarm in alarms)
    (dppl,) = (w["properties"] for w in widgets if w["properties"].get("title") == "DPPL: sex 2")
    assert [line["value"] for line in dppl["annotations"]["horizontal"]] == [0.2, -0.2]


@pytest.mark.slow
def test_existing_constraints_deploys(account: Account, deploy: Deploy) -> None:
    for name in ("bias/analysis_config", "bias/analysis", "explainability/analysis"):
        account.put(f"{NOTEBOOK}/{name}.json", "{}")
    (stack,) = deploy("existing_constraints", "ExistingConstraints")
    bias, explainability = stack.monitor("Bias"), stack.monitor("Explainability")
    assert account.jobs("existingconstraints-") == []
    assert bias.config_uri == f"{NOTEBOOK}/bias/analysis_config.json"
    assert bias.constraints_uri == f"{NOTEBOOK}/bias/analysis.json"
    assert account.json(explainability.config_uri)["methods"]["shap"]["num_samples"] == 100
    assert explainability.constraints_uri == f"{NOTEBOOK}/explainability/analysis.json"
    assert len(stack.resources("Custom::ClarifyBaseline")) == 1


@pytest.mark.slow
def test_customer_keys_and_vpc_deploys(account: Account, deploy: Deploy) -> None:
    account.put(f"{LOANS}/train.csv", loans())
    (stack,) = deploy("customer_keys_and_vpc", "CustomerKeysAndVpc")
    (key,) = stack.resources("AWS::KMS::Key").values()
    subnets = set(stack.resources("AWS::EC2::Subnet").values())
    assert len(stack.resources("AWS::EC2::VPCEndpoint")) == 8
    monitor = stack.monitor("Bias")
    (job,) = account.jobs(monitor.job_name)
    assert job["ProcessingJobStatus"] == "Completed"
    for network in (job["NetworkConfig"], monitor.definition["NetworkConfig"]):
        assert set(network["VpcConfig"]["Subnets"]) == subnets
        assert network["EnableInterContainerTrafficEncryption"]
    assert job["ProcessingOutputConfig"]["KmsKeyId"].endswith(key)
    assert job["ProcessingResources"]["ClusterConfig"]["VolumeKmsKeyId"].endswith(key)
    assert account.head(monitor.config_uri)["SSEKMSKeyId"].endswith(key)
    # The embedded AWS does not say which network a function is in; its template does.
    template = account.client("cloudformation").get_template(StackName=stack.id)["TemplateBody"]
    functions = [r["Properties"] for r in template["Resources"].values() if r["Type"] == "AWS::Lambda::Function"]
    in_vpc = [len(function["VpcConfig"]["SubnetIds"]) for function in functions if "VpcConfig" in function]
    assert in_vpc == [2] * 5
    assert len(functions) == len(in_vpc) + 1  # the one by which the CDK closes the VPC's default security group


@pytest.mark.slow
def test_several_instances_deploys(account: Account, deploy: Deploy) -> None:
    """The embedded AWS takes the numbers and runs one process: what Spark does is not seen here."""
    _, *rows = loans().splitlines()
    for number, some in enumerate((rows[:20], rows[20:])):
        numbered = [(20 * number + index, row.rpartition(",")) for index, row in enumerate(some)]
        account.put(f"{LOANS}/train/{number}.csv", "".join(f"{id_},{row}\n" for id_, (row, _, _) in numbered))
        predicted = "".join(f"{id_},{predicted}\n" for id_, (_, _, predicted) in reversed(numbered))
        account.put(f"{LOANS}/predicted/{1 - number}.csv", predicted)
    (stack,) = deploy("several_instances", "SeveralInstances")
    monitor = stack.monitor("Bias")
    (job,) = account.jobs(monitor.job_name)
    assert job["ProcessingJobStatus"] == "Completed"
    assert job["ProcessingResources"]["ClusterConfig"]["InstanceCount"] == 4
    assert monitor.definition["JobResources"]["ClusterConfig"]["InstanceCount"] == 2
    (group,) = stack.resources("AWS::EC2::SecurityGroup").values()
    assert job["NetworkConfig"]["VpcConfig"]["SecurityGroupIds"] == [group]
    # The embedded AWS does not keep rules; the template has the one by which the instances talk.
    assert len(stack.resources("AWS::EC2::SecurityGroupIngress")) == 1
    (facet,) = account.json(monitor.constraints_uri)["post_training_bias_metrics"]["facets"]["sex"]
    # Counted over all files: the model approves 8 of 16 with sex 2, and 16 of the 34 others.
    values = {metric["name"]: metric["value"] for metric in facet["metrics"]}
    assert values["DPPL"] == pytest.approx(16 / 34 - 8 / 16)


@pytest.mark.slow
def test_resources_of_another_stack_deploys(account: Account, deploy: Deploy) -> None:
    platform, stack = deploy("resources_of_another_stack", "Platform", "ResourcesOfAnotherStack")
    monitor = stack.monitor("Bias")
    assert monitor.constraints_uri.startswith(f"s3://{platform.bucket}/")
    assert account.head(monitor.constraints_uri)
    (topic,) = platform.resources("AWS::SNS::Topic").values()
    (alarm,) = account.client("cloudwatch").describe_alarms()["MetricAlarms"]
    assert alarm["AlarmActions"] == [topic]
    dimensions = {dimension["Name"]: dimension["Value"] for dimension in alarm["Dimensions"]}
    assert dimensions["MonitoringSchedule"] == monitor.schedule["MonitoringScheduleName"]
    (rule,) = stack.resources("AWS::Events::Rule").values()
    (target,) = account.client("events").list_targets_by_rule(Rule=rule)["Targets"]
    assert target["Arn"] == topic


def test_watch_a_monitor_of_another_app_deploys(account: Account, deploy: Deploy) -> None:
    (stack,) = deploy("watch_a_monitor_of_another_app", "WatchAMonitorOfAnotherApp")
    assert stack.resources("AWS::SageMaker::MonitoringSchedule") == {}
    (topic,) = stack.resources("AWS::SNS::Topic").values()
    (alarm,) = account.client("cloudwatch").describe_alarms()["MetricAlarms"]
    assert alarm["AlarmActions"] == [topic]
    dimensions = {dimension["Name"]: dimension["Value"] for dimension in alarm["Dimensions"]}
    assert dimensions["MonitoringSchedule"] == "diabetes-bias"
    (rule,) = stack.resources("AWS::Events::Rule").values()
    (target,) = account.client("events").list_targets_by_rule(Rule=rule)["Targets"]
    assert target["Arn"] == topic


@pytest.mark.slow
def test_retrained_model_deploys(account: Account, deploy: Deploy) -> None:
    (stack,) = deploy("retrained_model", "RetrainedModel")
    first = stack.monitor("Bias")
    kept = account.files(first.constraints_uri)
    # When the next model package is deployed
    package = "arn:aws:sagemaker:eu-west-1:123456789012:model-package/diabetes/2"
    deploy("retrained_model", "RetrainedModel", context={"package": package})
    # Then the schedule goes on with another baseline, and the old one is as it was
    second = stack.monitor("Bias")
    assert account.statuses("retrainedmodel-") == ["Completed", "Completed"]
    assert second.schedule["MonitoringScheduleArn"] == first.schedule["MonitoringScheduleArn"]
    assert second.constraints_uri != first.constraints_uri
    assert stack.outputs == {"Baseline": second.constraints_uri}
    assert account.files(first.constraints_uri) == kept


@pytest.mark.slow
def test_promoted_baseline_deploys(account: Account, deploy: Deploy) -> None:
    (staging,) = deploy("promoted_baseline", "Staging")
    computed = staging.monitor("Bias")
    assert staging.outputs == {"Baseline": computed.constraints_uri}
    # Given the production account, with an endpoint and an hour of captured data
    production = account.aws.other_account("222222222222")
    production.add_endpoint("diabetes-endpoint", capture="s3://diabetes-production/capture")
    hour = datetime(2026, 3, 2, 5, tzinfo=UTC)
    with (EXAMPLES / "diabetes" / "train.csv").open(newline="") as table:
        patients = [list(row.values()) for row in csv.DictReader(table)][:60]
    captures = [Capture(",".join(row[:-1]), "0.7", hour, str(number)) for number, row in enumerate(patients)]
    production.put_captures("s3://diabetes-production/capture", "diabetes-endpoint", captures)
    labels = {str(number): row[-1] for number, row in enumerate(patients)}
    production.put_ground_truth("s3://diabetes-production/ground-truth", labels, collected=hour)
    # When the baseline is promoted
    app = shlex.join([sys.executable, "examples/promoted_baseline.py"])
    context = {"baseline": computed.constraints_uri}
    production.cdk("deploy", "Production", app=app, cwd=ROOT, context=context)
    # Then production has no baselining job, and its executions compare with the baseline of the staging account
    sagemaker = production.client("sagemaker")
    (schedule,) = sagemaker.list_monitoring_schedules()["MonitoringScheduleSummaries"]
    name = schedule["MonitoringScheduleName"]
    assert sagemaker.list_processing_jobs()["ProcessingJobSummaries"] == []
    ended = production.execute_schedule(name, scheduled_time=hour + timedelta(hours=1))
    # It finds all patients alike.
    assert ended["MonitoringExecutionStatus"] == "CompletedWithViolations", ended.get("FailureReason")
    job = sagemaker.describe_processing_job(ProcessingJobName=ended["ProcessingJobArn"].rpartition("/")[2])
    assert {each["InputName"]: each["S3Input"]["S3Uri"] for each in job["ProcessingInputs"]}["constraints"] == (
        computed.constraints_uri
    )
    # And without the grant they could not
    account.client("s3").delete_bucket_policy(Bucket=staging.bucket)
    ended = production.execute_schedule(name, scheduled_time=hour + timedelta(hours=2))
    assert "Access Denied" in ended["FailureReason"] or "AccessDenied" in ended["FailureReason"]


def test_after_model_monitor_deploys(account: Account, deploy: Deploy) -> None:
    (stack,) = deploy("after_model_monitor", "AfterModelMonitor")
    # What no service asks for here, and AWS does: each job pulls its image and writes its log with the role
    template = Template(account.client("cloudformation").get_template(StackName=stack.id)["TemplateBody"])
    repository = "arn:aws:ecr:eu-west-1:131013547314:repository/sagemaker-clarify-processing"
    log = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/aws/sagemaker/ProcessingJobs:log-stream:loans-1/algo-1"
    started = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:processing-job/loans-1"
    for role, action, resource in (
        ("Jobs", "ecr:GetAuthorizationToken", "*"),
        ("Jobs", "ecr:BatchGetImage", repository),
        ("Jobs", "ecr:GetDownloadUrlForLayer", repository),
        ("Jobs", "logs:PutLogEvents", log),
        ("Starter", "sagemaker:CreateProcessingJob", started),
    ):
        assert allows(template.role(role), Request(action, resource)), action
    assert not allows(
        template.role("Starter"), Request("sagemaker:CreateProcessingJob", started.replace("loans", "other"))
    )
    (name,) = stack.resources("AWS::Scheduler::Schedule").values()
    data = DataConfig(
        f"{LOANS}/joined/yesterday.csv",
        label="approved",
        headers=["approved", "sex", "income", "predicted"],
        predicted_label="predicted",
    )
    bias = BiasConfig(label_values_or_threshold=[1], facet_name="sex", facet_values_or_threshold=[2])
    document = {**data.to_analysis_config(), **bias.to_analysis_config()}
    document["methods"] = {"post_training_bias": {"methods": "all"}}
    account.put(f"{LOANS}/joined-config/analysis_config.json", json.dumps(document))
    # EventBridge Scheduler starts nothing in the embedded AWS: the test does what it would do, twice.
    target = account.client("scheduler").get_schedule(Name=name)["Target"]
    assert target["Arn"] == "arn:aws:scheduler:::aws-sdk:sagemaker:createProcessingJob"
    found = []
    for day, file in (("fair", loans()), ("unfair", re.sub(r"(?m)^(.,2,.*),1$", r"\1,0", loans()))):
        account.put(f"{LOANS}/joined/yesterday.csv", file)
        request = json.loads(target["Input"].replace("<aws.scheduler.execution-id>", day))
        account.client("sagemaker").create_processing_job(**request)
        wait_for(f"the end of {day}", lambda: account.statuses("loans-").count("InProgress") == 0)
        (job,) = account.jobs(f"loans-{day}")
        assert job["ProcessingJobStatus"] == "Completed", job["FailureReason"]
        found.append(f"s3://{stack.bucket}/reports/{day}/analysis.json")
    baseline, analysis = map(account.json, found)
    assert drift(baseline, baseline).violations == []
    assert {each["metric_name"] for each in drift(baseline, analysis).violations} >= {"DPPL"}
