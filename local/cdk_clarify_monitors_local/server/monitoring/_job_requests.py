"""The requests for the processing jobs of an execution, as DescribeProcessingJob shows them on AWS."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from cdk_clarify_monitors_local.captures._capture_format import time_text
from cdk_clarify_monitors_local.server.monitoring._data_search import DataFolder, at_most
from cdk_clarify_monitors_local.server.monitoring._plan import ExecutionPlan

_DATA = "/opt/ml/processing/input_data"
_TRUTH = "/opt/ml/processing/groundtruth"
_OUTPUT = "/opt/ml/processing/output"
_CONFIG = "/opt/ml/processing/input/config"
_CONSTRAINTS = "/opt/ml/processing/baseline/constraints"

_MAX_INPUTS = 10
_MAX_ENVIRONMENT = 50

#: The accounts of AWS that have the images of Model Monitor.
_MERGER_ACCOUNTS = {
    "ap-northeast-1": "574779866223",
    "ap-northeast-2": "709848358524",
    "ap-south-1": "126357580389",
    "ap-southeast-1": "245545462676",
    "ap-southeast-2": "563025443158",
    "ca-central-1": "536280801234",
    "eu-central-1": "048819808253",
    "eu-north-1": "895015795356",
    "eu-west-1": "468650794304",
    "eu-west-2": "749857270468",
    "eu-west-3": "680080141114",
    "sa-east-1": "539772159869",
    "us-east-1": "156813124566",
    "us-east-2": "777275614652",
    "us-west-1": "890145073186",
    "us-west-2": "159807026194",
}
_ANY_ACCOUNT = "159807026194"


def merge_request(
    plan: ExecutionPlan, captured: Sequence[DataFolder], ground_truth: Sequence[DataFolder]
) -> dict[str, Any]:
    """Return the request for the job that merges captured data with ground truth.

    Args:
        plan: The execution.
        captured: The captured data.
        ground_truth: The ground truth.
    """
    account = _MERGER_ACCOUNTS.get(plan.scope.region, _ANY_ACCOUNT)
    environment = {"dataset_source": _DATA, "ground_truth_source": _TRUTH, "output_path": _OUTPUT}
    if plan.endpoint_name is None:
        environment["dataset_format"] = json.dumps(_batch_format(plan))
    half = _MAX_INPUTS // 2
    truth_count = max(half, _MAX_INPUTS - len(captured))
    return _request(
        plan,
        plan.job_name(merges=True),
        f"{account}.dkr.ecr.{plan.scope.region}.amazonaws.com/sagemaker-model-monitor-groundtruth-merger",
        [
            *_inputs("groundtruth_input", at_most(ground_truth, truth_count), _TRUTH),
            *_inputs(_input_name(plan), at_most(captured, _MAX_INPUTS - min(len(ground_truth), truth_count)), _DATA),
        ],
        {"S3Uri": plan.merged_uri, "LocalPath": _OUTPUT, "S3UploadMode": "EndOfJob"},
        environment,
    )


def analysis_request(plan: ExecutionPlan, data: Sequence[DataFolder], constraints_uri: str | None) -> dict[str, Any]:
    """Return the request for the job that analyses.

    Args:
        plan: The execution.
        data: Captured data, merged with ground truth for a search for bias.
        constraints_uri: The constraints. None: nothing is compared.
    """
    config = {
        "InputName": "analysis_config",
        "AppManaged": False,
        "S3Input": _s3_input(plan.app["ConfigUri"], _CONFIG, "S3Prefix"),
    }
    inputs = [config]
    if constraints_uri is not None:
        s3_input = _s3_input(constraints_uri, _CONSTRAINTS, "S3Prefix")
        del s3_input["S3CompressionType"]
        inputs.append({"InputName": "constraints", "AppManaged": False, "S3Input": s3_input})
    inputs += _inputs(_input_name(plan), at_most(data, _MAX_INPUTS - len(inputs)), _DATA)
    return _request(
        plan,
        plan.job_name(merges=False),
        plan.app["ImageUri"],
        inputs,
        {
            "S3Uri": plan.result_uri,
            "LocalPath": _OUTPUT,
            "S3UploadMode": plan.output.get("S3UploadMode", "EndOfJob"),
        },
        _analysis_environment(plan, constraints_uri),
    )


def _analysis_environment(plan: ExecutionPlan, constraints_uri: str | None) -> dict[str, str]:
    source = plan.job_input
    attributes = {
        "features_attribute": source.get("FeaturesAttribute"),
        "inference_attribute": source.get("InferenceAttribute"),
        "probability_attribute": source.get("ProbabilityAttribute"),
        "probability_threshold_attribute": source.get("ProbabilityThresholdAttribute"),
        "exclude_features_attribute": source.get("ExcludeFeaturesAttribute"),
        "sagemaker_endpoint_name": plan.endpoint_name,
        "baseline_constraints": constraints_uri and f"{_CONSTRAINTS}/{constraints_uri.rpartition('/')[2]}",
    }
    own = {
        "analysis_type": "MODEL_BIAS" if plan.is_bias else "MODEL_EXPLAINABILITY",
        "dataset_format": json.dumps(_format(plan)),
        "dataset_source": _DATA,
        "output_path": _OUTPUT,
        "start_time": time_text(plan.start),
        "end_time": time_text(plan.end),
        "metric_time": time_text(plan.start),
        "publish_cloudwatch_metrics": "Enabled",
        "sagemaker_monitoring_schedule_name": plan.schedule_name,
        **{name: str(value) for name, value in attributes.items() if value is not None},
    }
    given = plan.app.get("Environment") or {}
    switch = {name: given[name] for name in ("publish_cloudwatch_metrics",) if name in given}
    kept = dict(list(given.items())[: _MAX_ENVIRONMENT - len(own)])
    return {**kept, **own, **switch}


def _format(plan: ExecutionPlan) -> Mapping[str, Any]:
    if plan.is_bias:
        names = ["batchTransformOutput"] if plan.endpoint_name is None else ["endpointInput", "endpointOutput"]
        return {"sagemakerMergeJson": {"captureIndexNames": names}}
    if plan.endpoint_name is not None:
        return {"sagemakerCaptureJson": {"captureIndexNames": ["endpointInput", "endpointOutput"]}}
    return _batch_format(plan)


def _batch_format(plan: ExecutionPlan) -> dict[str, Any]:
    """Return a DatasetFormat in lower case, as the containers get it."""
    return {
        kind.lower(): {name.lower(): value for name, value in (options or {}).items()}
        for kind, options in plan.job_input["DatasetFormat"].items()
    }


def _input_name(plan: ExecutionPlan) -> str:
    return "batch_transform_input" if plan.endpoint_name is None else "endpoint_input"


def _inputs(name: str, folders: Sequence[DataFolder], root: str) -> list[dict[str, Any]]:
    return [
        {
            "InputName": f"{name}_{number}",
            "AppManaged": False,
            "S3Input": _s3_input(
                folder.uri, f"{root}/{folder.path}".rstrip("/"), "ManifestFile" if folder.is_manifest else "S3Prefix"
            ),
        }
        for number, folder in enumerate(folders, 1)
    ]


def _s3_input(uri: str, path: str, data_type: str) -> dict[str, Any]:
    return {
        "S3Uri": uri,
        "LocalPath": path,
        "S3DataType": data_type,
        "S3InputMode": "File",
        "S3DataDistributionType": "FullyReplicated",
        "S3CompressionType": "None",
    }


def _request(
    plan: ExecutionPlan,
    name: str,
    image: str,
    inputs: Sequence[Mapping[str, Any]],
    output: Mapping[str, Any],
    environment: Mapping[str, str],
) -> dict[str, Any]:
    definition = plan.definition
    config: dict[str, Any] = {"Outputs": [{"OutputName": "result", "S3Output": output, "AppManaged": False}]}
    key = definition[f"{plan.kind}JobOutputConfig"].get("KmsKeyId")
    if key:
        config["KmsKeyId"] = key
    request = {
        "ProcessingInputs": list(inputs),
        "ProcessingOutputConfig": config,
        "ProcessingJobName": name,
        "ProcessingResources": definition["JobResources"],
        "AppSpecification": {"ImageUri": image},
        "Environment": dict(environment),
        "RoleArn": definition["RoleArn"],
    }
    # The two have the same members in definitions and in jobs.
    return request | {part: definition[part] for part in ("NetworkConfig", "StoppingCondition") if part in definition}
