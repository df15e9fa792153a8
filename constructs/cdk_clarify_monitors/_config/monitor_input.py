"""EndpointInput and BatchTransformInput: the sources of the data that a monitor analyses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from .._lazy_module import LazyModule
from .._validation import (
    FrozenMapping,
    InvalidType,
    InvalidValue,
    Validated,
    boolean,
    number,
    one_of,
    s3_uri,
    text,
    validated_by,
)
from .._validation.sagemaker import ENDPOINT_NAME, TIME_OFFSET
from .schedule_expression import check_offsets

if TYPE_CHECKING:
    from aws_cdk import aws_sagemaker as sagemaker
else:
    sagemaker = LazyModule("aws_cdk.aws_sagemaker")

# https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_EndpointInput.html; CloudFormation's limits are tighter.
_PATH: Final = text(max_length=256)
MAX_ATTRIBUTE_LENGTH: Final = 256
_ATTRIBUTE: Final = text(max_length=MAX_ATTRIBUTE_LENGTH, may_be_empty=True)


class MonitoringDatasetFormat:
    """Generates the `dataset_format` of a batch transform's captured data."""

    @staticmethod
    def csv(header: bool = True) -> dict[str, dict[str, bool]]:
        """CSV, with or without a header row."""
        return {"Csv": {"Header": boolean("header", header)}}

    @staticmethod
    def json(lines: bool = True) -> dict[str, dict[str, bool]]:
        """JSON: one object per line, or one object in all."""
        return {"Json": {"Line": boolean("lines", lines)}}

    @staticmethod
    def parquet() -> dict[str, dict[str, bool]]:
        """Parquet."""
        return {"Parquet": {}}


def _dataset_format(argument: str, value: Any) -> FrozenMapping:
    """The validator of a data set format in the API's shape."""
    if not isinstance(value, Mapping):
        raise InvalidType(argument, "be a dict", value, "make one with MonitoringDatasetFormat")
    options = {"Csv": "Header", "Json": "Line", "Parquet": None}
    if len(value) != 1 or (kind := next(iter(value))) not in options:
        must = "have exactly one of the keys Csv, Json and Parquet"
        raise InvalidValue(argument, must, value, "make one with MonitoringDatasetFormat")
    inner, option = value[kind], options[kind]
    if not isinstance(inner, Mapping) or not set(inner) <= {option}:
        allowed = f"no key but {option!r}" if option else "no keys"
        raise InvalidValue(f"{argument}['{kind}']", f"be a dict with {allowed}", inner)
    return FrozenMapping(
        {kind: FrozenMapping((k, boolean(f"{argument}['{kind}']['{k}']", v)) for k, v in inner.items())}
    )


@dataclass(frozen=True)
class EndpointInput(Validated):
    """An endpoint to monitor, and how the monitor reads its captured data.

    See https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_EndpointInput.html.

    Args:
        endpoint_name: The endpoint: its name, or a `CfnEndpoint` of the app, which the schedule then waits for. The
            attribute is always the name. The endpoint's data capture must be on, for input and output.
        destination: Path in the container that the captured data goes to.
        s3_input_mode: `File` or `Pipe`. The SDK's documentation names `FastFile` too, which SageMaker does not take.
        s3_data_distribution_type: `FullyReplicated` or `ShardedByS3Key`.
        start_time_offset: How long before its schedule an execution's data begins, such as `-PT2H`, with its sign. Bias
            monitors only. Default: none.
        end_time_offset: How long before its schedule an execution's data ends, likewise. Bias monitors only. Default:
            none. Offsets that leave out data between two executions are warned of.
        features_attribute: JMESPath expression of the features in the captured data. An empty string counts as given.
            Default: `features` of the data configuration.
        inference_attribute: Index or JMESPath expression of the predicted label. Default: the baselining job's label.
        probability_attribute: Index or JMESPath expression of the scores. Default: the baselining job's, for bias.
        probability_threshold_attribute: A score above it is a positive prediction, 0 to 1. Bias monitors only. Default:
            the baselining job's.
        exclude_features_attribute: Refused: CloudFormation cannot express it.

    Raises:
        ValueError: A value is wrong, such as an offset into the future, or a window that ends before it begins.
        TypeError: A value is of the wrong type.
    """

    endpoint_name: str | sagemaker.CfnEndpoint | sagemaker.IEndpoint = field(
        metadata=validated_by(ENDPOINT_NAME, "EndpointName")
    )
    destination: str = field(metadata=validated_by(_PATH, "LocalPath"))
    s3_input_mode: str = field(default="File", metadata=validated_by(one_of("File", "Pipe"), "S3InputMode"))
    s3_data_distribution_type: str = field(
        default="FullyReplicated",
        metadata=validated_by(one_of("FullyReplicated", "ShardedByS3Key"), "S3DataDistributionType"),
    )
    start_time_offset: str | None = field(default=None, metadata=validated_by(TIME_OFFSET, "StartTimeOffset"))
    end_time_offset: str | None = field(default=None, metadata=validated_by(TIME_OFFSET, "EndTimeOffset"))
    features_attribute: str | None = field(
        default=None, metadata=validated_by(_ATTRIBUTE, "FeaturesAttribute", keeps_empty=True)
    )
    inference_attribute: str | None = field(
        default=None, metadata=validated_by(_ATTRIBUTE, "InferenceAttribute", keeps_empty=True)
    )
    probability_attribute: str | None = field(
        default=None, metadata=validated_by(_ATTRIBUTE, "ProbabilityAttribute", keeps_empty=True)
    )
    probability_threshold_attribute: float | None = field(
        default=None, metadata=validated_by(number(0, 1), "ProbabilityThresholdAttribute")
    )
    exclude_features_attribute: str | None = field(default=None, metadata=validated_by(_ATTRIBUTE, keeps_empty=True))

    def _check_together(self) -> None:
        check_offsets({"start_time_offset": self.start_time_offset, "end_time_offset": self.end_time_offset})


@dataclass(frozen=True)
class BatchTransformInput(Validated):
    """Captured data of batch transform jobs to monitor, and how the monitor reads it.

    See https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_BatchTransformInput.html.

    Args:
        data_captured_destination_s3_uri: S3 URI of the captured data.
        destination: Path in the container that the captured data goes to.
        dataset_format: Format of the captured data, from `MonitoringDatasetFormat` or as a dict in the API's form.
        s3_input_mode: As in `EndpointInput`, like all that follow.
        s3_data_distribution_type: As in `EndpointInput`.
        start_time_offset: As in `EndpointInput`.
        end_time_offset: As in `EndpointInput`.
        features_attribute: As in `EndpointInput`.
        inference_attribute: As in `EndpointInput`.
        probability_attribute: As in `EndpointInput`.
        probability_threshold_attribute: As in `EndpointInput`.
        exclude_features_attribute: As in `EndpointInput`.

    Raises:
        ValueError: A value is wrong.
        TypeError: A value is of the wrong type.
    """

    data_captured_destination_s3_uri: str = field(
        metadata=validated_by(s3_uri(max_length=512), "DataCapturedDestinationS3Uri")
    )
    destination: str = field(metadata=validated_by(_PATH, "LocalPath"))
    dataset_format: Mapping[str, Mapping[str, bool]] = field(metadata=validated_by(_dataset_format, "DatasetFormat"))
    s3_input_mode: str = field(default="File", metadata=validated_by(one_of("File", "Pipe"), "S3InputMode"))
    s3_data_distribution_type: str = field(
        default="FullyReplicated",
        metadata=validated_by(one_of("FullyReplicated", "ShardedByS3Key"), "S3DataDistributionType"),
    )
    start_time_offset: str | None = field(default=None, metadata=validated_by(TIME_OFFSET, "StartTimeOffset"))
    end_time_offset: str | None = field(default=None, metadata=validated_by(TIME_OFFSET, "EndTimeOffset"))
    features_attribute: str | None = field(
        default=None, metadata=validated_by(_ATTRIBUTE, "FeaturesAttribute", keeps_empty=True)
    )
    inference_attribute: str | None = field(
        default=None, metadata=validated_by(_ATTRIBUTE, "InferenceAttribute", keeps_empty=True)
    )
    probability_attribute: str | None = field(
        default=None, metadata=validated_by(_ATTRIBUTE, "ProbabilityAttribute", keeps_empty=True)
    )
    probability_threshold_attribute: float | None = field(
        default=None, metadata=validated_by(number(0, 1), "ProbabilityThresholdAttribute")
    )
    exclude_features_attribute: str | None = field(default=None, metadata=validated_by(_ATTRIBUTE, keeps_empty=True))

    def _check_together(self) -> None:
        check_offsets({"start_time_offset": self.start_time_offset, "end_time_offset": self.end_time_offset})
