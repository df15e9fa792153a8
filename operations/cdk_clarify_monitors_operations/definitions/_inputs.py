"""What `update_monitoring_schedule` takes for the parts of a job definition. What is None stays as it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from enum import Enum
from typing import Any, Final

from cdk_clarify_monitors_operations._errors import InvalidChange
from cdk_clarify_monitors_operations._records import Record
from cdk_clarify_monitors_operations.definitions._time_offsets import check_window


class Removal(Enum):
    """The type of `REMOVE`."""

    REMOVE = "REMOVE"


#: In place of a value, removes what a job definition has there: None means that nothing changes, as in the SDK.
REMOVE: Final = Removal.REMOVE

_API_NAMES: Final = {
    "endpoint_name": "EndpointName",
    "data_captured_destination_s3_uri": "DataCapturedDestinationS3Uri",
    "destination": "LocalPath",
    "dataset_format": "DatasetFormat",
    "s3_input_mode": "S3InputMode",
    "s3_data_distribution_type": "S3DataDistributionType",
    "start_time_offset": "StartTimeOffset",
    "end_time_offset": "EndTimeOffset",
    "features_attribute": "FeaturesAttribute",
    "inference_attribute": "InferenceAttribute",
    "probability_attribute": "ProbabilityAttribute",
    "probability_threshold_attribute": "ProbabilityThresholdAttribute",
    "exclude_features_attribute": "ExcludeFeaturesAttribute",
}


class MonitoringDatasetFormat:
    """Generates the `dataset_format` of a batch transform's captured data."""

    @staticmethod
    def csv(header: bool = True) -> dict[str, dict[str, bool]]:
        """CSV, with or without a header row."""
        return {"Csv": {"Header": header}}

    @staticmethod
    def json(lines: bool = True) -> dict[str, dict[str, bool]]:
        """JSON: one object per line, or one object in all."""
        return {"Json": {"Line": lines}}

    @staticmethod
    def parquet() -> dict[str, dict[str, bool]]:
        """Parquet."""
        return {"Parquet": {}}


@dataclass(frozen=True)
class _JobInput(Record):
    """What a monitor reads; what is None is not given."""

    def to_request(self) -> dict[str, Any]:
        """Return what is given, in the API's form."""
        found = {}
        for each in fields(self):
            value = getattr(self, each.name)
            if value is not None:
                text = each.name in ("features_attribute", "inference_attribute", "probability_attribute")
                found[_API_NAMES[each.name]] = str(value) if text else value
        check_window(found.get("StartTimeOffset"), found.get("EndTimeOffset"), "start_time_offset", "end_time_offset")
        return found


@dataclass(frozen=True)
class EndpointInput(_JobInput):
    """How a monitor reads an endpoint's data. None keeps the setting of the job definition.

    See https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_EndpointInput.html.
    """

    endpoint_name: str | None = None
    destination: str | None = None
    s3_input_mode: str | None = None
    s3_data_distribution_type: str | None = None
    start_time_offset: str | None = None
    end_time_offset: str | None = None
    features_attribute: str | None = None
    inference_attribute: str | int | None = None
    probability_attribute: str | int | None = None
    probability_threshold_attribute: float | None = None
    exclude_features_attribute: str | None = None


@dataclass(frozen=True)
class BatchTransformInput(_JobInput):
    """How a monitor reads the data of batch transforms. None keeps the setting of the job definition.

    See https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_BatchTransformInput.html.
    """

    data_captured_destination_s3_uri: str | None = None
    destination: str | None = None
    dataset_format: Mapping[str, Mapping[str, bool]] | None = None
    s3_input_mode: str | None = None
    s3_data_distribution_type: str | None = None
    start_time_offset: str | None = None
    end_time_offset: str | None = None
    features_attribute: str | None = None
    inference_attribute: str | int | None = None
    probability_attribute: str | int | None = None
    probability_threshold_attribute: float | None = None
    exclude_features_attribute: str | None = None


@dataclass(frozen=True)
class NetworkConfig(Record):
    """The network of a monitor's jobs. It replaces the old one as a whole.

    Attributes:
        enable_network_isolation: Whether the containers have no network access.
        encrypt_inter_container_traffic: Whether traffic between containers is encrypted. None: SageMaker's default.
        security_group_ids: Security groups of the VPC; with `subnets`.
        subnets: Subnets of the VPC; with `security_group_ids`.
    """

    enable_network_isolation: bool = False
    encrypt_inter_container_traffic: bool | None = None
    security_group_ids: Sequence[str] | None = None
    subnets: Sequence[str] | None = None

    @classmethod
    def from_request(cls, config: Mapping[str, Any]) -> NetworkConfig:
        """Return the network from the API's form. Settings that are absent there are off."""
        vpc = config.get("VpcConfig") or {}
        return cls(
            config.get("EnableNetworkIsolation", False),
            config.get("EnableInterContainerTrafficEncryption", False),
            vpc.get("SecurityGroupIds"),
            vpc.get("Subnets"),
        )

    def to_request(self) -> dict[str, Any]:
        """Return the API's form.

        Raises:
            InvalidChange: Only one of security groups and subnets is given, or they are not lists of ids.
        """
        for name in ("security_group_ids", "subnets"):
            ids = getattr(self, name)
            if ids is not None and (isinstance(ids, str) or not all(isinstance(each, str) for each in ids)):
                raise InvalidChange(f"'{name}' of 'network_config' must be a list of ids, got {ids!r}")
        if bool(self.security_group_ids) != bool(self.subnets):
            raise InvalidChange(
                "A VPC needs both: 'security_group_ids' and 'subnets' of 'network_config' must be given together"
            )
        request: dict[str, Any] = {"EnableNetworkIsolation": self.enable_network_isolation}
        if self.encrypt_inter_container_traffic is not None:
            request["EnableInterContainerTrafficEncryption"] = self.encrypt_inter_container_traffic
        if self.security_group_ids and self.subnets:
            request["VpcConfig"] = {"SecurityGroupIds": [*self.security_group_ids], "Subnets": [*self.subnets]}
        return request
