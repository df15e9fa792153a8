"""A small CDK app that uses nothing of cdk_clarify_monitors: the embedded AWS has to take any app.

Its context:
    stack           the stack's name
    bucket          an existing bucket with train.csv and config/analysis_config.json
    variant         changes the job definition
    definition_tag  a tag of the job definition
    max_wait        how many seconds the provider waits
    service_timeout how many seconds CloudFormation waits for the provider
    answer_size     characters of needless data in the provider's answer
    broken          any value: the job definition has a property that its type does not have
    job_may_write   `no`: the job's role may not write its results
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sagemaker as sagemaker
from aws_cdk import custom_resources

IMAGES = {"eu-west-1": "111", "us-east-1": "222"}


class HandmadeStack(cdk.Stack):
    """A provider, a job definition, a schedule and a bucket."""

    def __init__(self, scope: cdk.App, id_: str) -> None:
        super().__init__(scope, id_, tags={"team": "fairness"})
        data = s3.Bucket.from_bucket_name(self, "Data", self.setting("bucket"))
        role = iam.Role(self, "JobRole", assumed_by=iam.ServicePrincipal("sagemaker.amazonaws.com"))
        data.grant_read(role)
        if self.setting("job_may_write") != "no":
            data.grant_put(role)
        accounts = cdk.CfnMapping(
            self, "Accounts", mapping={region: {"account": account} for region, account in IMAGES.items()}
        )
        image = (
            f"{accounts.find_in_map(cdk.Aws.REGION, 'account')}.dkr.ecr.{cdk.Aws.REGION}.{cdk.Aws.URL_SUFFIX}"
            "/sagemaker-clarify-processing:1.0"
        )
        baseline = cdk.CustomResource(
            self,
            "Baseline",
            service_token=self.provider(role).service_token,
            resource_type="Custom::Baseline",
            service_timeout=cdk.Duration.seconds(int(self.setting("service_timeout", "300"))),
            properties={
                "Bucket": data.bucket_name,
                "RoleArn": role.role_arn,
                "Image": image,
                "AnswerSize": self.setting("answer_size", "0"),
            },
        )
        baseline.node.add_dependency(role)
        definition = self.definition(data, role, image, baseline.get_att_string("Constraints"))
        sagemaker.CfnMonitoringSchedule(
            self,
            "Schedule",
            monitoring_schedule_name=f"{self.stack_name}-schedule",
            monitoring_schedule_config={
                "monitoringJobDefinitionName": cdk.Fn.select(1, cdk.Fn.split("/", definition.attr_job_definition_arn)),
                "monitoringType": "ModelBias",
                "scheduleConfig": {"scheduleExpression": "cron(0 * ? * * *)"},
            },
        )
        own = s3.Bucket(self, "Own", removal_policy=cdk.RemovalPolicy.DESTROY)
        for region in IMAGES:
            condition = cdk.CfnCondition(
                self, f"In{region}", expression=cdk.Fn.condition_equals(cdk.Aws.REGION, region)
            )
            cdk.CfnOutput(self, f"Bucket{region}", value=own.bucket_name).condition = condition

    def setting(self, name: str, default: str = "") -> str:
        """Return a value of the context."""
        return str(self.node.try_get_context(name) or default)

    def provider(self, job_role: iam.Role) -> custom_resources.Provider:
        """Return a provider whose functions start a job and wait for it."""
        functions = [
            lambda_.Function(
                self,
                name,
                runtime=lambda_.Runtime.PYTHON_3_13,
                handler=f"index.{handler}",
                code=lambda_.Code.from_inline(Path(__file__).with_name("handler.py").read_text()),
                timeout=cdk.Duration.minutes(1),
            )
            for name, handler in (("OnEvent", "on_event"), ("IsComplete", "is_complete"))
        ]
        jobs = self.format_arn(service="sagemaker", resource="processing-job", resource_name="by-hand-*")
        for function in functions:
            function.add_to_role_policy(
                iam.PolicyStatement(
                    actions=[
                        "sagemaker:AddTags",
                        "sagemaker:CreateProcessingJob",
                        "sagemaker:DescribeProcessingJob",
                        "sagemaker:StopProcessingJob",
                    ],
                    resources=[jobs],
                )
            )
        job_role.grant_pass_role(functions[0].grant_principal)
        return custom_resources.Provider(
            self,
            "Provider",
            on_event_handler=functions[0],
            is_complete_handler=functions[1],
            query_interval=cdk.Duration.seconds(1),
            total_timeout=cdk.Duration.seconds(int(self.setting("max_wait", "120"))),
        )

    def definition(
        self, data: s3.IBucket, role: iam.Role, image: str, constraints: str
    ) -> sagemaker.CfnModelBiasJobDefinition:
        """Return a job definition."""
        tag = self.setting("definition_tag")
        definition = sagemaker.CfnModelBiasJobDefinition(
            self,
            "Definition",
            role_arn=role.role_arn,
            job_resources={"clusterConfig": {"instanceCount": 1, "instanceType": "ml.m5.xlarge", "volumeSizeInGb": 30}},
            model_bias_app_specification={
                "imageUri": image,
                "configUri": f"s3://{data.bucket_name}/config/analysis_config.json",
                "environment": {"VARIANT": self.setting("variant", "1")},
            },
            model_bias_baseline_config={"constraintsResource": {"s3Uri": constraints}},
            model_bias_job_input={
                "endpointInput": {
                    "endpointName": "handmade-endpoint",
                    "localPath": "/opt/ml/processing/input/endpoint",
                },
                "groundTruthS3Input": {"s3Uri": f"s3://{data.bucket_name}/truth"},
            },
            model_bias_job_output_config={
                "monitoringOutputs": [
                    {
                        "s3Output": {
                            "s3Uri": f"s3://{data.bucket_name}/monitoring",
                            "localPath": "/opt/ml/processing/output",
                        }
                    }
                ]
            },
            tags=[cdk.CfnTag(key="definition", value=tag)] if tag else None,
        )
        if self.setting("broken"):
            definition.add_property_override("ModelBiasJobInput.EndpointInput.ExcludeFeaturesAttribute", "0")
        return definition


def synthesize(outdir: Path | None = None, context: Mapping[str, str] | None = None) -> None:
    """Write the app's cloud assembly, where and with the context that the cdk command says if nothing is given."""
    app = cdk.App(outdir=str(outdir) if outdir else None, context=context)
    HandmadeStack(app, app.node.get_context("stack"))
    app.synth()


if __name__ == "__main__":
    synthesize()
