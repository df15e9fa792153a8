"""What the SDK, boto3 and templates call things, and what to use in their place."""

from typing import Final

_NETWORK: Final = "write network_config=NetworkConfig(…)"
_STACK: Final = "leave it out: account and region are those of the stack's env"

#: Arguments of the monitors, by name in lower case without underscores.
COMMON: Final = {
    # the SDK
    "sagemakersession": _STACK,
    "session": _STACK,
    "region": _STACK,
    "wait": "write baseline=BaselineOptions(wait={value})",
    "logs": "leave it out: where a job fails, the stack's events say where its log is",
    "jobname": "write base_job_name={value}",
    "baseliningjobname": "write base_job_name={value}",
    "kmskey": "write output_kms_key={value}",
    "statistics": "leave it out: Clarify's monitors compare with 'constraints'",
    "baselineoptions": "write baseline={value}",
    "baselinedataset": "write data_config=DataConfig({value}, …)",
    # boto3 and CloudFormation
    "endpointname": "write endpoint_input={value}",
    "endpoint": "write endpoint_input={value}",
    "monitoringschedulename": "write monitor_schedule_name={value}",
    "schedulename": "write monitor_schedule_name={value}",
    "scheduleexpression": "write schedule_cron_expression={value}",
    "scheduleconfig": "write schedule_cron_expression=CronExpressionGenerator.hourly(), for instance",
    "jobdefinitionname": "leave it out: CloudFormation makes a new one for each change",
    "rolearn": "write role=iam.Role.from_role_arn(self, 'Role', {value})",
    "volumekmskeyid": "write volume_kms_key=kms.Key.from_key_arn(self, 'VolumeKey', {value})",
    "kmskeyid": "write output_kms_key=kms.Key.from_key_arn(self, 'OutputKey', {value})",
    "environment": "write env={value}",
    "configuri": "write analysis_config={value}",
    "constraintss3uri": "write constraints={value}",
    "stoppingcondition": "write max_runtime_in_seconds=3600, for instance",
    "imageuri": "leave it out: the stack's region decides about Clarify's image",
    "vpcconfig": _NETWORK,
    "subnets": "write network_config=NetworkConfig(subnets={value}, security_group_ids=[…])",
    "securitygroupids": "write network_config=NetworkConfig(security_group_ids={value}, subnets=[…])",
    "enablenetworkisolation": "write network_config=NetworkConfig(enable_network_isolation={value})",
    # parts of other arguments
    "version": "write baseline=BaselineOptions(version={value})",
    "timeout": "write baseline=BaselineOptions(timeout={value})",
    "publishcloudwatchmetrics": "write enable_cloudwatch_metrics=True",
    "s3outputpath": "write output_s3_uri={value}",
    "modelname": "write model_config=ModelConfig(model_name={value}, instance_count=1, instance_type='ml.m5.large')",
    "headers": "write data_config=DataConfig(…, headers={value})",
    "label": "write data_config=DataConfig(…, label={value})",
    "dataseturi": "write data_config=DataConfig({value})",
}

_CLIENT: Final = "for a monitor that runs, use cdk_clarify_monitors_operations.{0}.attach(…)"
_NO_SESSION: Final = "leave it out: the deployment makes the calls, and the role"
_RESULTS: Final = "import it from cdk_clarify_monitors_operations, which reads what executions have found"
_ENDPOINT: Final = "the endpoint and its model stay as they are: give the endpoint's name as endpoint_input"

#: Names that notebooks import from the SDK's `model_monitor` and `clarify` modules and their neighbours.
IMPORTS: Final = {
    "ModelBiasMonitor": f"import ModelBiasMonitorConstruct; {_CLIENT.format('ModelBiasMonitor')}",
    "ModelExplainabilityMonitor": (
        f"import ModelExplainabilityMonitorConstruct; {_CLIENT.format('ModelExplainabilityMonitor')}"
    ),
    "ClarifyModelMonitor": "import ModelBiasMonitorConstruct or ModelExplainabilityMonitorConstruct",
    "DataCaptureConfig": "give its destination_s3_uri as data_capture_s3_uri; DataCapture is for endpoints of the app",
    "SageMakerClarifyProcessor": "leave it out: the deployment runs the baselining job",
    "DefaultModelMonitor": "there are constructs for Clarify's two monitors only",
    "ModelQualityMonitor": "there are constructs for Clarify's two monitors only",
    "Session": _NO_SESSION,
    "get_execution_role": _NO_SESSION,
    "S3Uploader": "leave it out: DataConfig.from_asset takes a local file, which the deployment uploads",
    "S3Downloader": "once it is deployed, ask the client: cdk_clarify_monitors_operations.MonitorOperations()",
    "MonitoringExecution": _CLIENT.format("ModelBiasMonitor"),
    **dict.fromkeys(("ClarifyBaseliningJob", "ClarifyMonitoringExecution", "ConstraintViolations"), _RESULTS),
    **dict.fromkeys(("Model", "Predictor", "image_uris"), _ENDPOINT),
}

_RUNS: Final = "the deployment runs the baselining job, with the arguments of the construct"
_SCHEDULES: Final = "the deployment makes the schedule, with the arguments of the construct"
_CLIENT_OF_ONE: Final = (
    "once it is deployed, ask the client: cdk_clarify_monitors_operations.MonitorOperations().monitor(NAME)"
)

#: Members of the SDK's monitors that a construct does not have.
MEMBERS: Final = {
    "attach": (
        "for a monitor of another app, call from_monitoring_schedule_name(self, 'Monitor', NAME); "
        "to steer one that runs, cdk_clarify_monitors_operations.ModelBiasMonitor.attach(…), or that of the other kind"
    ),
    "suggest_baseline": _RUNS,
    "run_baseline": _RUNS,
    "create_monitoring_schedule": _SCHEDULES,
    "update_monitoring_schedule": _SCHEDULES,
    "JOB_DEFINITION_BASE_NAME": "CloudFormation makes the name: read job_definition_name",
    "monitoring_type": "the class says it",
    "image_uri": "the stack's region decides about Clarify's image",
    "sagemaker_session": _STACK,
    "update_monitoring_alert": "call add_monitoring_alert(…)",
    **dict.fromkeys(
        (
            "baselining_jobs",
            "baseline_statistics",
            "latest_baselining_job",
            "latest_baselining_job_config",
            "describe_latest_baselining_job",
            "suggested_constraints",
            "latest_monitoring_statistics",
            "list_executions",
            "latest_monitoring_constraint_violations",
            "get_latest_execution_logs",
            "describe_schedule",
            "start_monitoring_schedule",
            "stop_monitoring_schedule",
            "delete_monitoring_schedule",
            "list_monitoring_alerts",
            "list_monitoring_alert_history",
        ),
        _CLIENT_OF_ONE,
    ),
}
