"""Resolves the endpoint or the batch transform jobs that a monitor watches."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from .._config.monitor_input import MAX_ATTRIBUTE_LENGTH, BatchTransformInput, EndpointInput
from .._config.monitoring_kind import MonitoringKind
from .._validation import (
    InvalidType,
    InvalidValue,
    arguments_of,
    format_value,
    is_given,
    is_token,
    to_json,
)
from .._validation.cdk_types import has_member
from .._validation.sagemaker import ENDPOINT_NAME

if TYPE_CHECKING:
    from aws_cdk import aws_sagemaker as sagemaker

# Where the captured data of an endpoint given by its name goes in the container, as in the SDK.
_ENDPOINT_PATH: Final = "/opt/ml/processing/input/endpoint"


@dataclass(frozen=True, kw_only=True)
class MonitoringTarget:
    """The endpoint or the batch transform jobs that a monitor watches.

    Attributes:
        request: The input of the job definition in CloudFormation's form.
        endpoint_name: The endpoint; None: batch transform jobs are monitored.
        captured: The S3 URI of the batch transform jobs' captured data; None: an endpoint is monitored, whose captured
            data SageMaker finds by itself.
        ground_truth: The S3 URI of the ground truth that is merged with captured data; None: there is none.
    """

    request: dict[str, Any]
    endpoint_name: str | None
    captured: str | None
    ground_truth: str | None


def resolve_target(
    *,
    endpoint_input: str | EndpointInput | sagemaker.CfnEndpoint | sagemaker.IEndpoint | None,
    batch_transform_input: BatchTransformInput | None,
    attributes: Mapping[str, str | float],
    kind: MonitoringKind,
    ground_truth: str | None = None,
) -> MonitoringTarget:
    """Resolve the input of a monitor.

    Args:
        endpoint_input: The endpoint, by name, as a construct or with all options.
        batch_transform_input: The batch transform jobs; exactly one of the two has to be given.
        attributes: Where the baselining job finds features and predictions: defaults of the input's attributes.
        kind: The monitoring type.
        ground_truth: The S3 URI of the ground truth, if there is any.

    Raises:
        ValueError: Not exactly one input is given, or it has a value that CloudFormation does not support.
        TypeError: An input is of the wrong type.
    """
    monitor_input = _resolve_input(endpoint_input, batch_transform_input)
    for name in kind.unsupported_by_cloudformation:
        if getattr(monitor_input, name) is not None:
            must = f"be left out: CloudFormation's {kind.resource_type} has no property for it"
            raise InvalidValue(name, must, getattr(monitor_input, name))
    request = {type(monitor_input).__name__: _input_properties(monitor_input, attributes)}
    if ground_truth:
        request["GroundTruthS3Input"] = {"S3Uri": ground_truth}
    return MonitoringTarget(
        request=request,
        endpoint_name=str(monitor_input.endpoint_name) if isinstance(monitor_input, EndpointInput) else None,
        captured=None if isinstance(monitor_input, EndpointInput) else monitor_input.data_captured_destination_s3_uri,
        ground_truth=ground_truth,
    )


def _resolve_input(endpoint_input: object, batch_transform_input: object) -> EndpointInput | BatchTransformInput:
    if is_given(endpoint_input) is is_given(batch_transform_input):
        remedy = f"give exactly one of the two ('batch_transform_input' is {format_value(batch_transform_input)})"
        must = "be left out with 'batch_transform_input'" if is_given(endpoint_input) else "be given"
        raise InvalidValue("endpoint_input", must, endpoint_input, remedy)
    if is_given(batch_transform_input):
        if not isinstance(batch_transform_input, BatchTransformInput):
            remedy = "make one with BatchTransformInput(…)"
            raise InvalidType("batch_transform_input", "be a BatchTransformInput", batch_transform_input, remedy)
        return batch_transform_input
    if isinstance(endpoint_input, EndpointInput):
        return endpoint_input
    if isinstance(endpoint_input, str) or has_member(endpoint_input, "__jsii_type__"):
        return EndpointInput(ENDPOINT_NAME("endpoint_input", endpoint_input), _ENDPOINT_PATH)
    must = "be the endpoint's name or an EndpointInput"
    raise InvalidType("endpoint_input", must, endpoint_input)


def _input_properties(
    monitor_input: EndpointInput | BatchTransformInput, attributes: Mapping[str, str | float]
) -> dict[str, Any]:
    """The properties of an input in CloudFormation; attributes that it leaves open are those of the baselining job."""
    keys = {name: argument.key for name, argument in arguments_of(monitor_input).items() if argument.key}
    values = {name: getattr(monitor_input, name) for name in keys}
    values |= {name: _checked_attribute(name, value) for name, value in attributes.items() if values[name] is None}
    properties = {keys[name]: to_json(value) for name, value in values.items() if value is not None}
    if "Parquet" in properties.get("DatasetFormat", ()):
        properties["DatasetFormat"] = {"Parquet": True}  # a structure in the API, a boolean in CloudFormation
    return properties


def _checked_attribute(name: str, value: str | float) -> str | float:
    """An attribute of the baselining job, where the input takes it over; CloudFormation limits its length.

    Raises:
        ValueError: It is longer than the limit.
    """
    if isinstance(value, str) and not is_token(value) and len(value) > MAX_ATTRIBUTE_LENGTH:
        must = f"have at most {MAX_ATTRIBUTE_LENGTH} characters"
        remedy = f"it has {len(value)}, filled in from what the baselining job reads: give the input its own '{name}'"
        raise InvalidValue(name, must, value, remedy)
    return value
