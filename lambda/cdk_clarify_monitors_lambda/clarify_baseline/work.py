"""A request with all that follows from its properties."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .claims import Claim
from .errors import BaselineError
from .identity import CONFIG_FILE, CONSTRAINTS_FILE, Identity
from .properties import Baselining, HandOver, Properties
from .s3_uri import S3Uri

_CONFIG_FOLDER = "/opt/ml/processing/input/config"
_CONFIGS_SECONDS = 300  # to write the monitoring config if there is no job
_MAX_ANSWER_BYTES = 4096  # https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-responses.html


def constraints_uri(baselining: Baselining, job_name: str) -> S3Uri:
    """Where a job writes the constraints that it suggests."""
    return baselining.output_location.join(job_name, CONSTRAINTS_FILE)


def config_uri(baselining: Baselining, job_name: str) -> S3Uri:
    """Where a job finds its analysis config."""
    return baselining.config_location.join(job_name, CONFIG_FILE)


@dataclass(frozen=True)
class Work:
    """What a request wants done."""

    properties: Properties
    identity: Identity
    claim: Claim

    @property
    def job(self) -> tuple[Baselining, str] | None:
        """The baselining job and its name, if there is to be one."""
        if self.properties.baselining is None or self.claim.job_name is None:
            return None
        return self.properties.baselining, self.claim.job_name

    @property
    def timeout(self) -> int:
        """Seconds from the request on."""
        return self.properties.baselining.timeout_seconds if self.properties.baselining else _CONFIGS_SECONDS

    @property
    def hand_over(self) -> HandOver | None:
        """When to answer before the job has ended."""
        return self.properties.baselining.hand_over if self.properties.baselining else None

    def configs(self) -> list[tuple[S3Uri, Mapping[str, Any]]]:
        """The analysis configs and their places."""
        configs = []
        if self.properties.monitoring and self.identity.monitoring_uri:
            configs.append((self.identity.monitoring_uri, self.properties.monitoring.analysis_config))
        if self.job:
            configs.append((config_uri(*self.job), self.job[0].analysis_config))
        return configs

    def answer(self) -> dict[str, str]:
        """The resource's attributes."""
        attributes = {"AnalysisConfigS3Uri": str(self.identity.monitoring_uri)} if self.identity.monitoring_uri else {}
        if self.job:
            attributes["BaseliningJobName"] = self.job[1]
            attributes["ConstraintsS3Uri"] = str(constraints_uri(*self.job))
            attributes["BaseliningAnalysisConfigS3Uri"] = str(config_uri(*self.job))
        return attributes

    def check_answer(self, event: Mapping[str, Any]) -> None:
        """Refuse names that CloudFormation would not take, before they cost anything.

        Raises:
            BaselineError: The answer to this event would be too long.
        """
        answer = {
            "Status": "SUCCESS",
            "Reason": "SUCCESS",
            **{name: event[name] for name in ("StackId", "RequestId", "LogicalResourceId")},
            "PhysicalResourceId": self.identity.physical_resource_id,
            "Data": self.answer(),
        }
        size = len(json.dumps(answer, ensure_ascii=False).encode())
        if size > _MAX_ANSWER_BYTES:
            raise BaselineError(
                f"CloudFormation takes answers of {_MAX_ANSWER_BYTES} bytes, this one has {size}: use shorter S3 URIs."
            )

    def processing_job(self) -> dict[str, Any]:
        """The CreateProcessingJob request."""
        if self.job is None:
            raise AssertionError("only a baseline with a job starts one")
        baselining, name = self.job
        job = baselining.processing_job
        first, *others = job["ProcessingOutputConfig"]["Outputs"]
        output = {**first, "S3Output": {**first["S3Output"], "S3Uri": str(baselining.output_location.join(name))}}
        config = {
            "InputName": "analysis_config",
            "S3Input": {
                "S3Uri": str(config_uri(baselining, name)),
                "LocalPath": _CONFIG_FOLDER,
                "S3DataType": "S3Prefix",
                "S3InputMode": "File",
                "S3DataDistributionType": "FullyReplicated",
                "S3CompressionType": "None",
            },
        }
        return {
            **job,
            "ProcessingJobName": name,
            "ProcessingInputs": [*job["ProcessingInputs"], config],
            "ProcessingOutputConfig": {**job["ProcessingOutputConfig"], "Outputs": [output, *others]},
            **({"Tags": list(self.properties.tags)} if self.properties.tags else {}),
        }
