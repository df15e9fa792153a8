"""What the SDK, boto3 and templates call the monitors' arguments, by name in lower case without underscores."""

from typing import Final

_NETWORK: Final = "write network_config=NetworkConfig(…)"
_STACK: Final = "leave it out: account and region are those of the stack's env"

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
