"""The same monitors without this library: what a good engineer writes by hand in Python.

L2 constructs where there are some, typed L1 properties where there are none, and the grants that come with them. The
custom resource's functions are the library's own.
"""

import sys
from pathlib import Path

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sagemaker as sagemaker
from aws_cdk import custom_resources as cr
from constructs import Construct

HANDLER = Path(__file__).parents[2] / "lambda" / "cdk_clarify_monitors_lambda"
CLARIFY_IMAGE = "205585389593.dkr.ecr.us-east-1.amazonaws.com/sagemaker-clarify-processing:1.0"
OUTPUT_PATH = "/opt/ml/processing/output"
ACCOUNT = cdk.Aws.ACCOUNT_ID
HERE = f"{cdk.Aws.REGION}:{ACCOUNT}"


class BaselineProvider(Construct):
    """The functions behind the custom resources, once per stack."""

    def __init__(self, scope: Construct, id: str, *, bucket: s3.IBucket) -> None:  # noqa: A002
        super().__init__(scope, id)
        log_group = logs.LogGroup(self, "Logs", retention=logs.RetentionDays.THREE_MONTHS)
        self.role = self._function_role("HandlerRole", log_group)
        bucket.grant_read_write(self.role)
        self.role.add_to_policy(
            iam.PolicyStatement(
                actions=[
                    "sagemaker:AddTags",
                    "sagemaker:CreateProcessingJob",
                    "sagemaker:DescribeProcessingJob",
                    "sagemaker:StopProcessingJob",
                ],
                resources=[f"arn:aws:sagemaker:{HERE}:processing-job/monitors-*"],
            )
        )
        code = lambda_.Code.from_asset(str(HANDLER), exclude=["**/__pycache__", "**/*.pyc", "py.typed"])
        on_event, is_complete = (
            lambda_.Function(
                self,
                id_,
                code=code,
                handler=handler,
                runtime=lambda_.Runtime.PYTHON_3_14,
                timeout=cdk.Duration.minutes(5),
                role=self.role,
                log_group=log_group,
            )
            for id_, handler in (("OnEvent", "handler.on_event"), ("IsComplete", "handler.is_complete"))
        )
        provider = cr.Provider(
            self,
            "Framework",
            on_event_handler=on_event,
            is_complete_handler=is_complete,
            query_interval=cdk.Duration.seconds(10),
            total_timeout=cdk.Duration.hours(1),
            log_group=log_group,
            framework_on_event_role=self._function_role("FrameworkOnEventRole", log_group),
            framework_complete_and_timeout_role=self._function_role("FrameworkCompleteRole", log_group),
        )
        self.service_token = provider.service_token

    def _function_role(self, id_: str, log_group: logs.LogGroup) -> iam.Role:
        return iam.Role(
            self,
            id_,
            assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"),
            inline_policies={
                "Logs": iam.PolicyDocument(
                    statements=[
                        iam.PolicyStatement(
                            actions=["logs:CreateLogStream", "logs:PutLogEvents"],
                            resources=[log_group.log_group_arn],
                        )
                    ]
                )
            },
        )


class BiasMonitor(Construct):
    """A role, a baseline, a job definition and a schedule."""

    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002
        *,
        provider: BaselineProvider,
        bucket: s3.IBucket,
        data: str,
        model_name: str,
        endpoint_name: str,
    ) -> None:
        super().__init__(scope, id)
        name = f"monitors-{id.lower()}"
        folder = f"s3://{bucket.bucket_name}/{name}"
        role = self._job_role(bucket, model_name)
        role.grant_pass_role(provider.role)
        role_arn = role.role_arn

        analysis_config = {
            "dataset_type": "text/csv",
            "headers": ["approved", "age", "income", "debt"],
            "label": "approved",
            "label_values_or_threshold": [1],
            "facet": [{"name_or_index": "age", "value_or_threshold": [40]}],
            "probability_threshold": 0.8,
            "methods": {
                "report": {"name": "report", "title": "Analysis Report"},
                "pre_training_bias": {"methods": "all"},
                "post_training_bias": {"methods": "all"},
            },
            "predictor": {"model_name": model_name, "instance_type": "ml.m5.large", "initial_instance_count": 1},
        }
        output = {
            "S3Uri": f"{folder}/baselining",
            "LocalPath": OUTPUT_PATH,
            "S3UploadMode": "EndOfJob",
        }
        dataset = {
            "S3Uri": f"{data}/train.csv",
            "LocalPath": "/opt/ml/processing/input/data",
            "S3DataType": "S3Prefix",
            "S3InputMode": "File",
        }
        baseline = cdk.CustomResource(
            self,
            "Baseline",
            resource_type="Custom::ClarifyBaseline",
            service_token=provider.service_token,
            properties={
                "Baseline": cdk.Stack.of(self).to_json_string(
                    {
                        "Version": 1,
                        "Name": name,
                        "NamePrefix": name,
                        "Monitoring": {
                            "Location": f"{folder}/analysis-config",
                            "AnalysisConfig": analysis_config,
                        },
                        "Baselining": {
                            "AnalysisConfig": analysis_config,
                            "ConfigLocation": f"{folder}/baselining",
                            "TimeoutSeconds": 3300,
                            "ProcessingJob": {
                                "AppSpecification": {"ImageUri": CLARIFY_IMAGE},
                                "RoleArn": role_arn,
                                "ProcessingInputs": [{"InputName": "dataset", "S3Input": dataset}],
                                "ProcessingOutputConfig": {
                                    "Outputs": [{"OutputName": "analysis_result", "S3Output": output}]
                                },
                                "ProcessingResources": {
                                    "ClusterConfig": {
                                        "InstanceCount": 1,
                                        "InstanceType": "ml.m5.xlarge",
                                        "VolumeSizeInGB": 30,
                                    }
                                },
                            },
                        },
                    }
                )
            },
        )
        definition = sagemaker.CfnModelBiasJobDefinition(
            self,
            "JobDefinition",
            model_bias_app_specification=sagemaker.CfnModelBiasJobDefinition.ModelBiasAppSpecificationProperty(
                image_uri=CLARIFY_IMAGE,
                config_uri=baseline.get_att_string("AnalysisConfigS3Uri"),
                environment={"publish_cloudwatch_metrics": "Enabled"},
            ),
            model_bias_baseline_config=sagemaker.CfnModelBiasJobDefinition.ModelBiasBaselineConfigProperty(
                constraints_resource=sagemaker.CfnModelBiasJobDefinition.ConstraintsResourceProperty(
                    s3_uri=baseline.get_att_string("ConstraintsS3Uri")
                )
            ),
            model_bias_job_input=sagemaker.CfnModelBiasJobDefinition.ModelBiasJobInputProperty(
                endpoint_input=sagemaker.CfnModelBiasJobDefinition.EndpointInputProperty(
                    endpoint_name=endpoint_name,
                    local_path="/opt/ml/processing/input/endpoint",
                    s3_input_mode="File",
                    s3_data_distribution_type="FullyReplicated",
                    probability_threshold_attribute=0.8,
                ),
                ground_truth_s3_input=sagemaker.CfnModelBiasJobDefinition.MonitoringGroundTruthS3InputProperty(
                    s3_uri=f"{data}/ground-truth"
                ),
            ),
            model_bias_job_output_config=sagemaker.CfnModelBiasJobDefinition.MonitoringOutputConfigProperty(
                monitoring_outputs=[
                    sagemaker.CfnModelBiasJobDefinition.MonitoringOutputProperty(
                        s3_output=sagemaker.CfnModelBiasJobDefinition.S3OutputProperty(
                            local_path=OUTPUT_PATH,
                            s3_uri=f"{folder}/results",
                            s3_upload_mode="Continuous",
                        )
                    )
                ]
            ),
            job_resources=sagemaker.CfnModelBiasJobDefinition.MonitoringResourcesProperty(
                cluster_config=sagemaker.CfnModelBiasJobDefinition.ClusterConfigProperty(
                    instance_count=1, instance_type="ml.m5.xlarge", volume_size_in_gb=30
                )
            ),
            role_arn=role_arn,
        )
        self.schedule_name = name
        self.schedule = sagemaker.CfnMonitoringSchedule(
            self,
            "Schedule",
            monitoring_schedule_name=name,
            monitoring_schedule_config=sagemaker.CfnMonitoringSchedule.MonitoringScheduleConfigProperty(
                monitoring_job_definition_name=cdk.Fn.select(1, cdk.Fn.split("/", definition.attr_job_definition_arn)),
                monitoring_type="ModelBias",
                schedule_config=sagemaker.CfnMonitoringSchedule.ScheduleConfigProperty(
                    schedule_expression="cron(0 0 ? * * *)"
                ),
            ),
        )

    def _job_role(self, bucket: s3.IBucket, model_name: str) -> iam.Role:
        bucket_arn = bucket.bucket_arn
        return iam.Role(
            self,
            "Role",
            assumed_by=iam.ServicePrincipal(
                "sagemaker.amazonaws.com", conditions={"StringEquals": {"aws:SourceAccount": ACCOUNT}}
            ),
            inline_policies={
                "ClarifyJobs": iam.PolicyDocument(
                    statements=[
                        iam.PolicyStatement(
                            actions=["s3:GetObject", "s3:PutObject", "s3:ListBucket"],
                            resources=[
                                bucket_arn,
                                f"{bucket_arn}/*",
                                "arn:aws:s3:::my-bucket",
                                "arn:aws:s3:::my-bucket/*",
                            ],
                        ),
                        iam.PolicyStatement(
                            actions=["sagemaker:DescribeModel"],
                            resources=[f"arn:aws:sagemaker:{HERE}:model/{model_name}"],
                        ),
                        iam.PolicyStatement(
                            actions=[
                                "sagemaker:AddTags",
                                "sagemaker:CreateEndpoint",
                                "sagemaker:CreateEndpointConfig",
                                "sagemaker:DeleteEndpoint",
                                "sagemaker:DeleteEndpointConfig",
                                "sagemaker:DescribeEndpoint",
                                "sagemaker:DescribeEndpointConfig",
                                "sagemaker:InvokeEndpoint",
                            ],
                            resources=[
                                f"arn:aws:sagemaker:{HERE}:endpoint/sm-clarify-*",
                                f"arn:aws:sagemaker:{HERE}:endpoint-config/sm-clarify-*",
                            ],
                        ),
                        iam.PolicyStatement(
                            actions=["cloudwatch:PutMetricData"],
                            resources=["*"],
                            conditions={
                                "StringEquals": {
                                    "cloudwatch:namespace": [
                                        "/aws/sagemaker/ProcessingJobs",
                                        "aws/sagemaker/Endpoints/bias-metrics",
                                    ]
                                }
                            },
                        ),
                        iam.PolicyStatement(
                            actions=[
                                "logs:CreateLogGroup",
                                "logs:CreateLogStream",
                                "logs:DescribeLogStreams",
                                "logs:PutLogEvents",
                            ],
                            resources=[f"arn:aws:logs:{HERE}:log-group:/aws/sagemaker/ProcessingJobs*"],
                        ),
                        iam.PolicyStatement(
                            actions=[
                                "ecr:BatchCheckLayerAvailability",
                                "ecr:BatchGetImage",
                                "ecr:GetAuthorizationToken",
                                "ecr:GetDownloadUrlForLayer",
                            ],
                            resources=["*"],
                        ),
                    ]
                )
            },
        )


app = cdk.App()
stack = cdk.Stack(app, "Monitors")
bucket = s3.Bucket(
    stack,
    "Bucket",
    block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
    encryption=s3.BucketEncryption.S3_MANAGED,
    enforce_ssl=True,
    minimum_tls_version=1.2,
    removal_policy=cdk.RemovalPolicy.RETAIN,
)
provider = BaselineProvider(stack, "BaselineProvider", bucket=bucket)
monitors = [
    BiasMonitor(
        stack,
        f"Monitor{number}",
        provider=provider,
        bucket=bucket,
        data=f"s3://my-bucket/loans-{number}",
        model_name=f"loans-{number}",
        endpoint_name=f"loans-endpoint-{number}",
    )
    for number in range(int(sys.argv[1]))
]
guard = cdk.CustomResource(
    stack,
    "ScheduleGuard",
    resource_type="Custom::ClarifyScheduleGuard",
    service_token=provider.service_token,
    properties={"Schedules": [monitor.schedule_name for monitor in monitors]},
)
guard.node.add_dependency(*(monitor.schedule for monitor in monitors))
app.synth()
