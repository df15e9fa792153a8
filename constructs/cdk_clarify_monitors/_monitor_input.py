"""EndpointInput and BatchTransformInput: what a monitor watches."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from ._checks import (
    Checked,
    InvalidType,
    InvalidValue,
    argument,
    arguments_of,
    boolean,
    given,
    is_token,
    number,
    one_of,
    plain,
    remedy_for_construct,
    s3_uri,
    shown,
    text,
)
from ._frozen import FrozenMapping
from ._monitoring_kind import MonitoringKind
from ._sagemaker_rules import NAME, TIME_OFFSET

# Where the captured data of an endpoint given by its name goes in the container, as in the SDK.
_ENDPOINT_PATH: Final = "/opt/ml/processing/input/endpoint"

# https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_EndpointInput.html; CloudFormation's limits are tighter.
_PATH: Final = text(max_length=256)
_MAX_ATTRIBUTE: Final = 256
_ATTRIBUTE: Final = text(max_length=_MAX_ATTRIBUTE, may_be_empty=True)


class MonitoringDatasetFormat:
    """Makes the `dataset_format` of a batch transform's captured data."""

    @staticmethod
    def csv(header: bool = True) -> dict[str, dict[str, bool]]:
        """CSV, with or without a header row."""
        return {"Csv": {"Header": boolean("header", header)}}

    @staticmethod
    def json(lines: bool = True) -> dict[str, dict[str, bool]]:
        """JSON, one object per line or one in all."""
        return {"Json": {"Line": boolean("lines", lines)}}

    @staticmethod
    def parquet() -> dict[str, dict[str, bool]]:
        """Parquet."""
        return {"Parquet": {}}


def _dataset_format(argument: str, value: Any) -> FrozenMapping:
    """A data set format in the API's shape."""
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
class EndpointInput(Checked):
    """An endpoint to watch, and how the monitor reads what it captured.

    See https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_EndpointInput.html.

    Args:
        endpoint_name: Name of the endpoint. Its data capture has to be on, for input and output.
        destination: Path in the container that the captured data goes to.
        s3_input_mode: `File` or `Pipe`. The SDK's documentation names `FastFile` too, which SageMaker does not take.
        s3_data_distribution_type: `FullyReplicated` or `ShardedByS3Key`.
        start_time_offset: How long before its schedule an execution's data begins, such as `-PT2H`. Bias monitors only.
            Default: none.
        end_time_offset: How long before its schedule an execution's data ends. Bias monitors only. Default: none.
        features_attribute: JMESPath expression of the features in the captured data. An empty string counts as given.
            Default: `features` of the data configuration.
        inference_attribute: Index or JMESPath expression of the predicted label. Default: the baselining job's label.
        probability_attribute: Index or JMESPath expression of the scores. Default: the baselining job's, for bias.
        probability_threshold_attribute: A score above it is a positive prediction. Bias monitors only. Default: the
            baselining job's.
        exclude_features_attribute: Refused: CloudFormation cannot express it.

    Raises:
        ValueError: If a value is wrong.
        TypeError: If a value is of the wrong type.
    """

    endpoint_name: str = field(metadata=argument(NAME, "EndpointName"))
    destination: str = field(metadata=argument(_PATH, "LocalPath"))
    s3_input_mode: str = field(default="File", metadata=argument(one_of("File", "Pipe"), "S3InputMode"))
    s3_data_distribution_type: str = field(
        default="FullyReplicated",
        metadata=argument(one_of("FullyReplicated", "ShardedByS3Key"), "S3DataDistributionType"),
    )
    start_time_offset: str | None = field(default=None, metadata=argument(TIME_OFFSET, "StartTimeOffset"))
    end_time_offset: str | None = field(default=None, metadata=argument(TIME_OFFSET, "EndTimeOffset"))
    features_attribute: str | None = field(
        default=None, metadata=argument(_ATTRIBUTE, "FeaturesAttribute", keeps_empty=True)
    )
    inference_attribute: str | None = field(
        default=None, metadata=argument(_ATTRIBUTE, "InferenceAttribute", keeps_empty=True)
    )
    probability_attribute: str | None = field(
        default=None, metadata=argument(_ATTRIBUTE, "ProbabilityAttribute", keeps_empty=True)
    )
    probability_threshold_attribute: float | None = field(
        default=None, metadata=argument(number(), "ProbabilityThresholdAttribute")
    )
    exclude_features_attribute: str | None = field(default=None, metadata=argument(_ATTRIBUTE, keeps_empty=True))


@dataclass(frozen=True)
class BatchTransformInput(Checked):
    """Captured data of batch transform jobs to watch, and how the monitor reads it.

    See https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_BatchTransformInput.html.

    Args:
        data_captured_destination_s3_uri: S3 URI of the captured data.
        destination: Path in the container that the captured data goes to.
        dataset_format: Format of the captured data, made by `MonitoringDatasetFormat` or a dict in the API's shape.
        s3_input_mode: As in `EndpointInput`; so are all that follow.
        s3_data_distribution_type: As in `EndpointInput`.
        start_time_offset: As in `EndpointInput`.
        end_time_offset: As in `EndpointInput`.
        features_attribute: As in `EndpointInput`.
        inference_attribute: As in `EndpointInput`.
        probability_attribute: As in `EndpointInput`.
        probability_threshold_attribute: As in `EndpointInput`.
        exclude_features_attribute: As in `EndpointInput`.

    Raises:
        ValueError: If a value is wrong.
        TypeError: If a value is of the wrong type.
    """

    data_captured_destination_s3_uri: str = field(
        metadata=argument(s3_uri(max_length=512), "DataCapturedDestinationS3Uri")
    )
    destination: str = field(metadata=argument(_PATH, "LocalPath"))
    dataset_format: Mapping[str, Mapping[str, bool]] = field(metadata=argument(_dataset_format, "DatasetFormat"))
    s3_input_mode: str = field(default="File", metadata=argument(one_of("File", "Pipe"), "S3InputMode"))
    s3_data_distribution_type: str = field(
        default="FullyReplicated",
        metadata=argument(one_of("FullyReplicated", "ShardedByS3Key"), "S3DataDistributionType"),
    )
    start_time_offset: str | None = field(default=None, metadata=argument(TIME_OFFSET, "StartTimeOffset"))
    end_time_offset: str | None = field(default=None, metadata=argument(TIME_OFFSET, "EndTimeOffset"))
    features_attribute: str | None = field(
        default=None, metadata=argument(_ATTRIBUTE, "FeaturesAttribute", keeps_empty=True)
    )
    inference_attribute: str | None = field(
        default=None, metadata=argument(_ATTRIBUTE, "InferenceAttribute", keeps_empty=True)
    )
    probability_attribute: str | None = field(
        default=None, metadata=argument(_ATTRIBUTE, "ProbabilityAttribute", keeps_empty=True)
    )
    probability_threshold_attribute: float | None = field(
        default=None, metadata=argument(number(), "ProbabilityThresholdAttribute")
    )
    exclude_features_attribute: str | None = field(default=None, metadata=argument(_ATTRIBUTE, keeps_empty=True))


@dataclass(frozen=True, kw_only=True)
class Monitored:
    """What the executions of a monitor watch.

    Attributes:
        request: The input of the job definition, as CloudFormation takes it.
        endpoint_name: The endpoint; None: batch transforms.
        captured: The S3 URI of the batch transforms' captured data; None: SageMaker knows where an endpoint's is.
        ground_truth: The S3 URI of the ground truth that captured data is joined with; None: it is not.
    """

    request: dict[str, Any]
    endpoint_name: str | None
    captured: str | None
    ground_truth: str | None


def monitored(
    *,
    endpoint_input: str | EndpointInput | None,
    batch_transform_input: BatchTransformInput | None,
    attributes: Mapping[str, str | float],
    kind: MonitoringKind,
    ground_truth: str | None = None,
) -> Monitored:
    """What a monitor is told to watch.

    Args:
        endpoint_input: The endpoint, by name or with all options.
        batch_transform_input: The batch transform jobs; exactly one of the two is to be given.
        attributes: Where the baselining job found features and predictions, for what the input leaves open.
        kind: The kind of monitor.
        ground_truth: The S3 URI of the ground truth, if there is any.

    Raises:
        ValueError: If not exactly one input is given, or it has a value that CloudFormation has no property for.
        TypeError: If an input is of the wrong type.
    """
    watched = _watched(endpoint_input, batch_transform_input)
    for name in kind.inexpressible:
        if getattr(watched, name) is not None:
            must = f"be left out: CloudFormation's {kind.resource_type} has no property for it"
            raise InvalidValue(name, must, getattr(watched, name))
    keys = {name: argument.key for name, argument in arguments_of(watched).items() if argument.key}
    values = {name: getattr(watched, name) for name in keys}
    values |= {name: _filled_in(name, value) for name, value in attributes.items() if values[name] is None}
    members = {keys[name]: plain(value) for name, value in values.items() if value is not None}
    if "Parquet" in members.get("DatasetFormat", ()):
        members["DatasetFormat"] = {"Parquet": True}  # a structure in the API, a boolean in CloudFormation
    request = {type(watched).__name__: members}
    if ground_truth:
        request["GroundTruthS3Input"] = {"S3Uri": ground_truth}
    return Monitored(
        request=request,
        endpoint_name=watched.endpoint_name if isinstance(watched, EndpointInput) else None,
        captured=watched.data_captured_destination_s3_uri if isinstance(watched, BatchTransformInput) else None,
        ground_truth=ground_truth,
    )


def _filled_in(name: str, value: str | float) -> str | float:
    """A value of the baselining job that the input takes over, where it has to keep CloudFormation's limit.

    Raises:
        ValueError: It is longer than the limit.
    """
    if isinstance(value, str) and not is_token(value) and len(value) > _MAX_ATTRIBUTE:
        remedy = f"it has {len(value)}, filled in from what the baselining job reads: give the input its own '{name}'"
        raise InvalidValue(name, f"have at most {_MAX_ATTRIBUTE} characters", value, remedy)
    return value


def _watched(endpoint_input: object, batch_transform_input: object) -> EndpointInput | BatchTransformInput:
    if given(endpoint_input) is given(batch_transform_input):
        remedy = f"give exactly one of the two ('batch_transform_input' is {shown(batch_transform_input)})"
        must = "be left out with 'batch_transform_input'" if given(endpoint_input) else "be given"
        raise InvalidValue("endpoint_input", must, endpoint_input, remedy)
    if given(batch_transform_input):
        if not isinstance(batch_transform_input, BatchTransformInput):
            raise InvalidType("batch_transform_input", "be a BatchTransformInput", batch_transform_input)
        return batch_transform_input
    if isinstance(endpoint_input, str):
        NAME("endpoint_input", endpoint_input)
        return EndpointInput(endpoint_input, _ENDPOINT_PATH)
    if not isinstance(endpoint_input, EndpointInput):
        must, remedy = "be the endpoint's name or an EndpointInput", remedy_for_construct(endpoint_input)
        raise InvalidType("endpoint_input", must, endpoint_input, remedy)
    return endpoint_input
