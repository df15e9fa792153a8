"""The baseline that a Create or an Update asks for, by its properties and its claim."""

import json
import sys
from collections.abc import Iterable
from typing import NamedTuple

from .baselining_job import BaseliningJob
from .cfn_request import CfnRequest
from .claim import Claim
from .errors import BaselineError
from .fingerprint import monitoring_uri
from .properties import AnalysisConfig, HandOver, Properties
from .s3_uri import S3Uri

_CONFIG_TIMEOUT_SECONDS = 300  # to write the monitoring config
_LONGEST_VALUE = repr(-sys.float_info.min)
_MAX_RESPONSE_BYTES = 4096  # https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-responses.html


class DesiredBaseline(NamedTuple):
    """A baseline with the decisions of its claim."""

    properties: Properties
    claim: Claim
    old_properties: Properties | None = None
    """Of an Update, if this version understands them."""

    @property
    def job(self) -> BaseliningJob | None:
        """The baselining job, if the request asks for one."""
        if self.properties.baselining is None or self.claim.job_name is None:
            return None
        return BaseliningJob(self.properties.baselining, self.claim.job_name)

    @property
    def timeout(self) -> int:
        """Seconds from the request on."""
        return self.properties.baselining.timeout_seconds if self.properties.baselining else _CONFIG_TIMEOUT_SECONDS

    @property
    def hand_over(self) -> HandOver | None:
        """When to answer before the job has ended."""
        return self.properties.baselining.hand_over if self.properties.baselining else None

    def configs(self) -> list[tuple[S3Uri, AnalysisConfig]]:
        """The analysis configs and their locations."""
        configs: list[tuple[S3Uri, AnalysisConfig]] = []
        if self.properties.monitoring and self._monitoring_uri:
            configs.append((self._monitoring_uri, self.properties.monitoring.analysis_config))
        if self.job:
            configs.append((self.job.config_uri, self.job.baselining.analysis_config))
        return configs

    def attributes(self, baseline_values: Iterable[str] = ()) -> dict[str, str]:
        """The resource's attributes, for `Fn::GetAtt`."""
        attributes = {"AnalysisConfigS3Uri": str(self._monitoring_uri)} if self._monitoring_uri else {}
        if self.job:
            attributes["BaseliningJobName"] = self.job.name
            attributes["ConstraintsS3Uri"] = str(self.job.overridden_constraints_uri or self.job.constraints_uri)
            attributes["BaseliningAnalysisConfigS3Uri"] = str(self.job.config_uri)
        return attributes | {f"Value{number}": value for number, value in enumerate(baseline_values, 1)}

    def check_response_size(self, request: CfnRequest) -> None:
        """Refuse attributes that CloudFormation would not take, before a job costs anything.

        Raises:
            BaselineError: The response to this request would be too long.
        """
        response = {
            "Status": "SUCCESS",
            "Reason": "SUCCESS",
            "StackId": request.stack_id,
            "RequestId": request.request_id,
            "LogicalResourceId": request.logical_resource_id,
            "PhysicalResourceId": self.claim.physical_resource_id,
            "Data": self.attributes(_LONGEST_VALUE for _ in self.properties.baseline_values),
        }
        size = len(json.dumps(response, ensure_ascii=False).encode())
        if size > _MAX_RESPONSE_BYTES:
            raise BaselineError(
                f"CloudFormation takes answers of {_MAX_RESPONSE_BYTES} bytes, this one has {size}: "
                "use shorter S3 URIs or fewer baseline_metrics."
            )

    @property
    def _monitoring_uri(self) -> S3Uri | None:
        return monitoring_uri(self.properties, self.claim.job_base_name)
