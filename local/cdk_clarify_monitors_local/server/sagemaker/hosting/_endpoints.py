"""Endpoints: create, update, describe, delete, list."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from cdk_clarify_monitors_local.server._clock import Clock
from cdk_clarify_monitors_local.server._errors import validation_error
from cdk_clarify_monitors_local.server._platform import Caller
from cdk_clarify_monitors_local.server.sagemaker._listing import list_page
from cdk_clarify_monitors_local.server.sagemaker._permissions import Permissions
from cdk_clarify_monitors_local.server.sagemaker._region import Answer, Operation, Region, Request
from cdk_clarify_monitors_local.server.sagemaker._tags import tag_map
from cdk_clarify_monitors_local.server.sagemaker.hosting._endpoint_configs import endpoint_config_of
from cdk_clarify_monitors_local.server.serving._deployment import Deployment, Variant
from cdk_clarify_monitors_local.server.serving._serving import Serving

_SUMMARY = ("EndpointName", "EndpointArn", "CreationTime", "LastModifiedTime", "EndpointStatus")


class Endpoints:
    """Serves endpoints. Each is InService at once.

    Args:
        permissions: What IAM says.
        serving: Runs those that are asked.
        clock: Dates them.
    """

    def __init__(self, permissions: Permissions, serving: Serving, clock: Clock) -> None:
        self._permissions = permissions
        self._serving = serving
        self._clock = clock
        self.operations: Mapping[str, Operation] = {
            "CreateEndpoint": self._create,
            "DescribeEndpoint": self._describe,
            "UpdateEndpoint": self._update,
            "DeleteEndpoint": self._delete,
            "ListEndpoints": self._list,
        }

    def _create(self, region: Region, request: Request, caller: Caller | None) -> Answer:
        name = request["EndpointName"]
        arn = region.scope.arn("endpoint", name)
        self._permissions.check_create(region.scope, arn, request, caller)
        if name in region.endpoints:
            raise validation_error(f'Cannot create already existing endpoint "{arn}".')
        endpoint = {
            "EndpointName": name,
            "EndpointArn": arn,
            "EndpointStatus": "InService",
            "CreationTime": self._clock.timestamp(),
        }
        self._deploy(region, endpoint, request["EndpointConfigName"])
        region.endpoints[name] = endpoint
        region.tags[arn] = tag_map(request)
        return {"EndpointArn": arn}

    def _update(self, region: Region, request: Request, caller: Caller | None) -> Answer:
        endpoint = endpoint_of(region, request["EndpointName"])
        self._deploy(region, endpoint, request["EndpointConfigName"])
        return {"EndpointArn": endpoint["EndpointArn"]}

    def _deploy(self, region: Region, endpoint: Answer, config_name: str) -> None:
        config = endpoint_config_of(region, config_name)
        name = endpoint["EndpointName"]
        capture = _enabled_capture(config)
        region.deployments[name] = Deployment(
            region.scope, name, [_variant(region, variant) for variant in config["ProductionVariants"]], capture
        )
        self._serving.end(region.scope, name)
        endpoint |= {
            "EndpointConfigName": config_name,
            "ProductionVariants": [_variant_summary(variant) for variant in config["ProductionVariants"]],
            "LastModifiedTime": self._clock.timestamp(),
        }
        endpoint.pop("DataCaptureConfig", None)
        if "DataCaptureConfig" in config:
            endpoint["DataCaptureConfig"] = _capture_summary(config["DataCaptureConfig"], capture is not None)

    def _describe(self, region: Region, request: Request, caller: Caller | None) -> Answer:
        return dict(endpoint_of(region, request["EndpointName"]))

    def _delete(self, region: Region, request: Request, caller: Caller | None) -> Answer:
        name = request["EndpointName"]
        arn = endpoint_of(region, name)["EndpointArn"]
        del region.endpoints[name], region.deployments[name]
        region.tags.pop(arn, None)
        self._serving.end(region.scope, name)
        return {}

    def _list(self, region: Region, request: Request, caller: Caller | None) -> Answer:
        return list_page(
            request,
            region.endpoints.values(),
            answer="Endpoints",
            shown=_SUMMARY,
            name="EndpointName",
            status="EndpointStatus",
        )


def endpoint_of(region: Region, name: str) -> Answer:
    """Return the endpoint of a name.

    Raises:
        ApiError: There is none.
    """
    if name not in region.endpoints:
        raise validation_error(f'Could not find endpoint "{region.scope.arn("endpoint", name)}".')
    return region.endpoints[name]


def move_endpoints(source: Region, target: Region) -> None:
    """Move endpoints, their configurations and models from one account or region to another."""

    def moved(arn: str) -> str:
        return target.scope.arn(*arn.rpartition(":")[2].split("/", 1))

    for old, new in (
        (source.models, target.models),
        (source.endpoint_configs, target.endpoint_configs),
        (source.endpoints, target.endpoints),
    ):
        for name, described in old.items():
            member = next(key for key in described if key in ("ModelArn", "EndpointConfigArn", "EndpointArn"))
            target.tags[moved(described[member])] = source.tags.pop(described[member], {})
            new[name] = {**described, member: moved(described[member])}
        old.clear()
    for name, deployment in source.deployments.items():
        target.deployments[name] = replace(deployment, scope=target.scope)
    source.deployments.clear()


def _variant(region: Region, variant: Mapping[str, Any]) -> Variant:
    model = region.models.get(variant.get("ModelName", ""), {})
    return Variant(
        variant["VariantName"],
        variant["InitialVariantWeight"],
        variant.get("ModelName", ""),
        model.get("ExecutionRoleArn"),
    )


def _variant_summary(variant: Mapping[str, Any]) -> dict[str, Any]:
    summary = {
        "VariantName": variant["VariantName"],
        "CurrentWeight": variant["InitialVariantWeight"],
        "DesiredWeight": variant["InitialVariantWeight"],
    }
    if "InitialInstanceCount" in variant:
        count = variant["InitialInstanceCount"]
        summary |= {"CurrentInstanceCount": count, "DesiredInstanceCount": count}
    return summary


def _enabled_capture(config: Mapping[str, Any]) -> Mapping[str, Any] | None:
    capture: Mapping[str, Any] | None = config.get("DataCaptureConfig")
    return capture if capture is not None and capture.get("EnableCapture", True) else None


def _capture_summary(config: Mapping[str, Any], enabled: bool) -> dict[str, Any]:
    return {
        "EnableCapture": enabled,
        "CaptureStatus": "Started" if enabled else "Stopped",
        "CurrentSamplingPercentage": config["InitialSamplingPercentage"],
        "DestinationS3Uri": config["DestinationS3Uri"],
        "KmsKeyId": config.get("KmsKeyId", ""),
    }
