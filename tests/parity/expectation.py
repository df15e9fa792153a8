"""What a deployment of a case has to result in: the record, in a declarative construct's form and places."""

import copy
from typing import Any

from tests.support.recorded.agreements import CORRECTED_CONFIGS
from tests.support.recorded.arguments import SCHEDULE, SUGGEST, key_arn, role_arn
from tests.support.recorded.matching import Below, NameLike
from tests.support.recorded.outcome import CONSTRAINTS, DEFINITION_NAME, Outcome
from tests.support.recorded.record import Case

_CONFIG_FILE = "analysis_config.json"
_LONGEST_BASE = 39  # to which the SDK cuts base_job_name


def expectation(case: Case) -> Outcome:
    """The outcome of a case; None stands for what was not recorded and is not compared."""
    monitoring = case.monitoring or _of_several_methods(case) or {}
    definition = monitoring.get("create_job_definition")
    schedule = monitoring.get("create_monitoring_schedule")
    runs_job = case.baselining is not None and not case.arguments_of(SCHEDULE).get("constraints")
    return Outcome(
        processing_jobs=[_processing_job(case)] if runs_job else [],
        baselining_config=_body(case.baselining) if runs_job else None,
        job_definition=_job_definition(case, definition) if definition else None,
        schedule=_schedule(case, schedule) if schedule else None,
        monitoring_config=_monitoring_config(case, monitoring),
    )


def _processing_job(case: Case) -> dict[str, Any]:
    assert case.baselining
    job = _common(case, case.baselining["create_processing_job"])
    data = case.arguments_of(SUGGEST)["data_config"]
    # The name ends in a fingerprint, even if one was given; a base name is kept as far as the SDK keeps it.
    job["ProcessingJobName"] = NameLike(case.settings.get("base_job_name", "")[:_LONGEST_BASE])
    # Given locations are prefixes: each baseline has a folder of its own.
    job["ProcessingOutputConfig"]["Outputs"][0]["S3Output"]["S3Uri"] = Below((data["s3_output_path"],))
    config_folder = data.get("s3_analysis_config_output_path") or data["s3_output_path"]
    job["ProcessingInputs"][1]["S3Input"]["S3Uri"] = Below((config_folder,), _CONFIG_FILE)
    for part in (*job["ProcessingInputs"], *job["ProcessingOutputConfig"]["Outputs"]):
        if part.get("AppManaged") is False:  # the default, which older SDKs send
            del part["AppManaged"]
    return job


def _job_definition(case: Case, recorded: dict[str, Any]) -> dict[str, Any]:
    definition = _common(case, recorded)
    del definition["JobDefinitionName"]  # CloudFormation could not replace a named definition
    parts = {name.removeprefix(case.monitor.removesuffix("Monitor")): part for name, part in definition.items()}
    # A place of ours is in the monitor's bucket.
    if case.made_up("monitoring_config_uri"):
        parts["AppSpecification"]["ConfigUri"] = Below((f"s3://{case.bucket}",), _CONFIG_FILE)
    if case.made_up("output_s3_uri"):
        parts["JobOutputConfig"]["MonitoringOutputs"][0]["S3Output"]["S3Uri"] = Below((f"s3://{case.bucket}",))
    # The suggested constraints are named by their place, so that what runs is what this deployment has computed.
    if parts.get("BaselineConfig", {}).pop("BaseliningJobName", None):
        parts["BaselineConfig"]["ConstraintsResource"] = {"S3Uri": CONSTRAINTS}
    for source in ("EndpointInput", "BatchTransformInput"):
        job_input = parts["JobInput"].get(source, {})
        if "Parquet" in job_input.get("DatasetFormat", {}):  # a structure in the API, a boolean in CloudFormation
            job_input["DatasetFormat"]["Parquet"] = True
        if case.id == "P094":
            del job_input["InferenceAttribute"]
            break
    return definition


def _schedule(case: Case, recorded: dict[str, Any]) -> dict[str, Any]:
    schedule = _common(case, recorded)
    schedule["MonitoringScheduleConfig"]["MonitoringJobDefinitionName"] = DEFINITION_NAME
    if case.made_up("monitoring_schedule_name"):
        schedule["MonitoringScheduleName"] = NameLike(case.settings.get("base_job_name", "")[:_LONGEST_BASE])
    return schedule


def _monitoring_config(case: Case, monitoring: dict[str, Any]) -> dict[str, Any] | None:
    config = _body(monitoring)
    return config and config | CORRECTED_CONFIGS.get(case.id, {})


def _of_several_methods(case: Case) -> dict[str, Any] | None:
    """For P210 the SDK never gets to a monitoring config: it is the baselining config's part of the executions."""
    if case.id != "P210":
        return None
    config = _body(case.baselining)
    assert config
    config = {key: config[key] for key in ("methods", "predictor", "headers")}
    del config["methods"]["report"]
    config["headers"].remove(case.arguments_of(SUGGEST)["data_config"]["label"])
    return {"analysis_config": {"body": config}}


def _body(part: dict[str, Any] | None) -> dict[str, Any] | None:
    config = (part or {}).get("analysis_config")
    return copy.deepcopy(config["body"]) if config else None


def _common(case: Case, request: dict[str, Any]) -> dict[str, Any]:
    """A request without what says nothing, and with ARNs where CDK has objects."""

    def walk(name: str, value: Any) -> Any:
        if isinstance(value, list):
            return [walk("", item) for item in value]
        if not isinstance(value, dict):
            if name in ("KmsKeyId", "VolumeKmsKeyId"):
                return key_arn(case, value)
            return role_arn(case, value) if name == "RoleArn" else value
        walked = {key: walk(key, item) for key, item in value.items()}
        return {key: item for key, item in walked.items() if not (key in ("Tags", "Environment") and not item)}

    result: dict[str, Any] = walk("", request)
    if "Tags" in result:
        result["Tags"] = sorted(result["Tags"], key=lambda tag: str(tag["Key"]))  # tags have no order
    return result
