"""A small CDK app that uses nothing of cdk_clarify_monitors: the embedded AWS has to take any app.

Context: `bucket` (name of an existing bucket with train.csv and config/analysis_config.json), `variant` (changes the job
definition), `definition_tag` (a tag of the definition), `max_wait` (total timeout of the provider in seconds),
`job_may_write` (whether the job's role may write its results).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sagemaker as sagemaker
from aws_cdk import custom_resources


class HandmadeStack(cdk.Stack):
    """A provider, a job definition and a schedule."""

    def __init__(self, scope: cdk.App, id_: str, **kwargs: Any) -> None:
        super().__init__(scope, id_, **kwargs)
        bucket = s3.Bucket.from_bucket_name(self, "Data", self.node.get_context("bucket"))
        role = iam.Role(self, "JobRole", assumed_by=iam.ServicePrincipal("sagemaker.amazonaws.com"))
        bucket.grant_read(role)
        if self.node.try_get_context("job_may_write") != "no":
            bucket.grant_put(role)

        code = lambda_.Code.from_inline(Path(__file__).with_name("handler.py").read_text())
        functions = [
            lambda_.Function(
                self,
                name,
                runtime=lambda_.Runtime.PYTHON_3_13,
                handler=f"index.{handler}",
                code=code,
                timeout=cdk.Duration.minutes(1),
            )
            for name, handler in (("OnEvent", "on_event"), ("IsComplete", "is_complete"))
        ]
        for function in functions:
            function.add_to_role_policy(
                iam.PolicyStatement(
                    actions=[
                        "sagemaker:AddTags",
                        "sagemaker:CreateProcessingJob",
                        "sagemaker:DescribeProcessingJob",
                    ],
                    resources=[
                        self.format_arn(service="sagemaker", resource="processing-job", resource_name="by-hand-*")
                    ],
                )
            )
        role.grant_pass_role(functions[0].grant_principal)
        provider = custom_resources.Provider(
            self,
            "Provider",
            on_event_handler=functions[0],
            is_complete_handler=functions[1],
            query_interval=cdk.Duration.seconds(1),
            total_timeout=cdk.Duration.seconds(int(self.node.try_get_context("max_wait") or 120)),
        )
        baseline = cdk.CustomResource(
            self,
            "Baseline",
            service_token=provider.service_token,
            resource_type="Custom::Baseline",
            properties={"Bucket": bucket.bucket_name, "RoleArn": role.role_arn},
        )
        baseline.node.add_dependency(role)

        variant = self.node.try_get_context("variant") or "1"
        tag = self.node.try_get_context("definition_tag")
        definition = sagemaker.CfnModelBiasJobDefinition(
            self,
            "Definition",
            role_arn=role.role_arn,
            job_resources={"clusterConfig": {"instanceCount": 1, "instanceType": "ml.m5.xlarge", "volumeSizeInGb": 30}},
            model_bias_app_specification={
                "imageUri": "123.dkr.ecr.eu-west-1.amazonaws.com/sagemaker-clarify-processing:1.0",
                "configUri": f"s3://{bucket.bucket_name}/config/analysis_config.json",
                "environment": {"VARIANT": variant},
            },
            model_bias_baseline_config={
                "constraintsResource": {"s3Uri": baseline.get_att_string("Constraints")},
            },
            model_bias_job_input={
                "endpointInput": {"endpointName": "an-endpoint", "localPath": "/opt/ml/processing/input/endpoint"},
                "groundTruthS3Input": {"s3Uri": f"s3://{bucket.bucket_name}/truth"},
            },
            model_bias_job_output_config={
                "monitoringOutputs": [
                    {
                        "s3Output": {
                            "s3Uri": f"s3://{bucket.bucket_name}/monitoring",
                            "localPath": "/opt/ml/processing/output",
                        }
                    }
                ]
            },
            tags=[cdk.CfnTag(key="definition", value=tag)] if tag else None,
        )
        sagemaker.CfnMonitoringSchedule(
            self,
            "Schedule",
            monitoring_schedule_name="by-hand-schedule",
            monitoring_schedule_config={
                "monitoringJobDefinitionName": cdk.Fn.select(1, cdk.Fn.split("/", definition.attr_job_definition_arn)),
                "monitoringType": "ModelBias",
                "scheduleConfig": {"scheduleExpression": "cron(0 * ? * * *)"},
            },
        )
        here = cdk.CfnCondition(self, "Here", expression=cdk.Fn.condition_equals(cdk.Aws.REGION, "eu-west-1"))
        output = cdk.CfnOutput(self, "DefinitionArn", value=definition.attr_job_definition_arn)
        output.condition = here


app = cdk.App()
HandmadeStack(app, "Handmade", tags={"team": "fairness"})
app.synth()
