"""Without Model Monitor: the same analysis, daily, as a plain processing job that EventBridge Scheduler starts.

What it shows: the processing job of a monitor's execution, on a schedule of your own. The library's
configurations write the analysis config (`to_analysis_config`); `clarify-monitors compare BASELINE RESULT` exits with 2
where a monitor would have found violations. Records are joined with their labels by the team.

What it costs on AWS: no baselining job: the first result is the baseline. Daily, minutes of a processing job on
ml.m5.xlarge. S3 stores the reports.
Prices: https://aws.amazon.com/sagemaker/ai/pricing/
"""

import aws_cdk as cdk
from aws_cdk import aws_ecr as ecr
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_scheduler as scheduler

RECORDS = "s3://loans-data/joined/yesterday.csv"  # of the model, with labels and predictions
ANALYSIS_CONFIG = "s3://loans-data/joined-config/analysis_config.json"
IMAGE = "131013547314.dkr.ecr.eu-west-1.amazonaws.com/sagemaker-clarify-processing:1.0"
START = "arn:aws:scheduler:::aws-sdk:sagemaker:createProcessingJob"

app = cdk.App()
stack = cdk.Stack(app, "AfterModelMonitor")
results = s3.Bucket(stack, "Results", enforce_ssl=True)
role = iam.Role(stack, "Jobs", assumed_by=iam.ServicePrincipal("sagemaker.amazonaws.com"))
results.grant_put(role)
s3.Bucket.from_bucket_name(stack, "Data", RECORDS.split("/")[2]).grant_read(role)
repository = f"arn:aws:ecr:eu-west-1:{IMAGE.split('.')[0]}:repository/sagemaker-clarify-processing"
ecr.Repository.from_repository_arn(stack, "Clarify", repository).grant_pull(role)
log_group = logs.LogGroup.from_log_group_name(stack, "Logs", "/aws/sagemaker/ProcessingJobs")
log_group.grant(role, "logs:CreateLogGroup", "logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents")
starter = iam.Role(stack, "Starter", assumed_by=iam.ServicePrincipal("scheduler.amazonaws.com"))
role.grant_pass_role(starter)
jobs = stack.format_arn(service="sagemaker", resource="processing-job", resource_name="loans-*")
starter.add_to_policy(iam.PolicyStatement(actions=["sagemaker:CreateProcessingJob"], resources=[jobs]))

inputs = {"analysis_config": (ANALYSIS_CONFIG, "config"), "dataset": (RECORDS, "data")}
as_files = {"S3DataType": "S3Prefix", "S3InputMode": "File"}
place = f"{results.s3_url_for_object('reports')}/<aws.scheduler.execution-id>"
output = {"S3Uri": place, "LocalPath": "/opt/ml/processing/output", "S3UploadMode": "EndOfJob"}
cluster = {"InstanceCount": 1, "InstanceType": "ml.m5.xlarge", "VolumeSizeInGB": 30}
job = {
    "ProcessingJobName": "loans-<aws.scheduler.execution-id>",
    "AppSpecification": {"ImageUri": IMAGE},
    "RoleArn": role.role_arn,
    "ProcessingResources": {"ClusterConfig": cluster},
    "ProcessingInputs": [
        {"InputName": name, "S3Input": {"S3Uri": uri, "LocalPath": f"/opt/ml/processing/input/{folder}", **as_files}}
        for name, (uri, folder) in inputs.items()
    ],
    "ProcessingOutputConfig": {"Outputs": [{"OutputName": "analysis_result", "S3Output": output}]},
}
target = {"arn": START, "roleArn": starter.role_arn, "input": stack.to_json_string(job)}
scheduler.CfnSchedule(
    stack, "Daily", schedule_expression="cron(0 6 * * ? *)", flexible_time_window={"mode": "OFF"}, target=target
)
app.synth()
