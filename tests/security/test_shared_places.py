"""What is not a monitor's own is left alone: executions of Model Monitor, and a bucket that several stacks share."""

from __future__ import annotations

from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_s3 as s3

from tests.support.monitors.builders import (
    FEATURE_FLAGS,
    bias_monitor,
    document_of,
    explainability_monitor,
    template_of,
)
from tests.support.templates.iam import ACCOUNT, REGION, Request, Template, allows

_HANDLERS = "ClarifyBaselineProviderHandlerRole"
_EXECUTIONS = [
    f"{kind}-202601310600-e03ba5d6d5eb3ed13314e479"
    for kind in (
        "data-quality-monitoring",
        "groundtruth-merge",
        "model-bias-monitoring",
        "model-explainability-monitoring",
        "model-quality-monitoring",
    )
]
_ACTIONS = ("AddTags", "CreateProcessingJob", "DescribeProcessingJob", "StopProcessingJob")


def _stack(name: str = "Loans", account: str | None = ACCOUNT, region: str | None = REGION) -> cdk.Stack:
    app = cdk.App(context=FEATURE_FLAGS, analytics_reporting=False)
    return cdk.Stack(app, name, env=cdk.Environment(account=account, region=region))


def _template(stack: cdk.Stack) -> Template:
    return Template(template_of(stack).to_json())


# ---------------------------------------------------------------- executions of Model Monitor
@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("Model", {}),
        ("MODEL", {}),
        ("GroundTruth", {}),
        ("Data", {}),
        ("Loans", {"base_job_name": "model"}),
        ("Loans", {"base_job_name": "Model"}),
        ("Loans", {"base_job_name": "model-bias-monitoring"}),
        ("Loans", {"base_job_name": "model-bias-monitoring-202601310600"}),
        ("Loans", {"base_job_name": "groundtruth-merge-2026"}),
        ("Model", {"base_job_name": "data-quality"}),
    ],
)
def test_the_functions_have_no_rights_on_executions(name: str, changes: dict[str, str]) -> None:
    stack = _stack(name)
    bias_monitor(stack, **changes)
    explainability_monitor(stack, **{key: f"{value}-x" for key, value in changes.items()})
    statements = _template(stack).role(_HANDLERS)
    jobs = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:processing-job"
    allowed = [
        (action, job)
        for action in _ACTIONS
        for job in _EXECUTIONS
        if allows(statements, Request(f"sagemaker:{action}", f"{jobs}/{job}"))
    ]
    assert allowed == []


@pytest.mark.parametrize("changes", [{}, {"base_job_name": "model-bias-monitoring"}])
def test_the_functions_have_rights_on_jobs_of_their_own(changes: dict[str, str]) -> None:
    stack = _stack("Model")
    bias_monitor(stack, **changes)
    statements = _template(stack).role(_HANDLERS)
    document = document_of(template_of(stack))
    job = f"{document.get('NamePrefix') or document['Name']}-0123456789abcdef"
    for action in _ACTIONS:
        arn = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:processing-job/{job}"
        assert allows(statements, Request(f"sagemaker:{action}", arn))


# ---------------------------------------------------------------- a bucket of several stacks
_PLACES = [(ACCOUNT, REGION), ("222222222222", REGION), (ACCOUNT, "us-east-1")]


def _central(account: str | None, region: str | None) -> cdk.Stack:
    stack = _stack(account=account, region=region)
    bias_monitor(stack, bucket=s3.Bucket.from_bucket_name(stack, "Given", "central"))
    return stack


def _folders(stack: cdk.Stack) -> dict[str, Any]:
    """Where the executions of the only monitor write, and where it has its files, as the template has it."""
    template = template_of(stack)
    (definition,) = template.find_resources("AWS::SageMaker::ModelBiasJobDefinition").values()
    (output,) = definition["Properties"]["ModelBiasJobOutputConfig"]["MonitoringOutputs"]
    (resource,) = template.find_resources("Custom::ClarifyBaseline").values()
    tokens = resource["Properties"].get("Tokens", {}).get("String", {})
    document = document_of(template)
    (result,) = document["Baselining"]["ProcessingJob"]["ProcessingOutputConfig"]["Outputs"]
    return {
        "results": output["S3Output"]["S3Uri"],
        "analysis-config": document["Monitoring"]["Location"] or tokens["/Monitoring/Location"],
        "baselining": result["S3Output"]["S3Uri"],
    }


def test_equal_stacks_have_folders_of_their_own() -> None:
    unique = "loans-bias-9bacb633"
    for account, region in _PLACES:
        assert _folders(_central(account, region)) == {
            "results": f"s3://central/{unique}/{account}/{region}/results",
            "analysis-config": f"s3://central/{unique}/{account}/{region}/analysis-config",
            "baselining": f"s3://central/{unique}/baselining",
        }


def test_account_and_region_may_be_known_at_deployment_only() -> None:
    parts = ["s3://central/loans-bias-9bacb633/", {"Ref": "AWS::AccountId"}, "/", {"Ref": "AWS::Region"}, "/results"]
    folder = "s3://central/loans-bias-9bacb633/${AWS::AccountId}/${AWS::Region}/analysis-config"
    found = _folders(_central(None, None))
    assert found["results"] == {"Fn::Join": ["", parts]}
    assert found["analysis-config"] == {"Fn::Sub": folder}


@pytest.mark.parametrize("role", [_HANDLERS, "BiasRole"])
def test_equal_stacks_do_not_touch_each_others_files(role: str) -> None:
    statements = _template(_central(ACCOUNT, REGION)).role(role)
    written = {"results": "report.pdf", "analysis-config": "0123456789abcdef/analysis_config.json"}

    def allowed(account: str, region: str) -> set[tuple[str, str]]:
        folder = f"arn:aws:s3:::central/loans-bias-9bacb633/{account}/{region}"
        return {
            (action, name)
            for action in ("s3:GetObject", "s3:PutObject", "s3:DeleteObject")
            for name, file in written.items()
            if allows(statements, Request(action, f"{folder}/{name}/{file}"))
        }

    own, *others = [allowed(account, region) for account, region in _PLACES]
    assert own
    assert others == [set(), set()]


def test_the_default_bucket_has_the_layout_that_it_had() -> None:
    stack = _stack()
    monitor = bias_monitor(stack)
    assert monitor.output_s3_uri.endswith("/loans-bias-9bacb633/results")
