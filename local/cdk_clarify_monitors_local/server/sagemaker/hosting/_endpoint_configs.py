"""Endpoint configurations: create, describe, delete, list."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from cdk_clarify_monitors_local.server._clock import Clock
from cdk_clarify_monitors_local.server._errors import validation_error
from cdk_clarify_monitors_local.server._platform import Caller
from cdk_clarify_monitors_local.server.sagemaker._listing import list_page
from cdk_clarify_monitors_local.server.sagemaker._permissions import Permissions
from cdk_clarify_monitors_local.server.sagemaker._region import Answer, Operation, Region, Request
from cdk_clarify_monitors_local.server.sagemaker._tags import tag_map, without_tags
from cdk_clarify_monitors_local.server.sagemaker.hosting._models import model_of

_SUMMARY = ("EndpointConfigName", "EndpointConfigArn", "CreationTime")


class EndpointConfigs:
    """Serves endpoint configurations.

    Args:
        permissions: What IAM says.
        clock: Dates them.
    """

    def __init__(self, permissions: Permissions, clock: Clock) -> None:
        self._permissions = permissions
        self._clock = clock
        self.operations: Mapping[str, Operation] = {
            "CreateEndpointConfig": self._create,
            "DescribeEndpointConfig": self._describe,
            "DeleteEndpointConfig": self._delete,
            "ListEndpointConfigs": self._list,
        }

    def _create(self, region: Region, request: Request, caller: Caller | None) -> Answer:
        name = request["EndpointConfigName"]
        arn = region.scope.arn("endpoint-config", name)
        self._permissions.check_create(region.scope, arn, request, caller)
        if name in region.endpoint_configs:
            raise validation_error(f'Cannot create already existing endpoint configuration "{arn}".')
        _check_variants(region, [*request["ProductionVariants"], *request.get("ShadowProductionVariants", ())])
        _check_data_capture(request)
        region.endpoint_configs[name] = {
            **without_tags(request),
            "ProductionVariants": [_with_defaults(variant) for variant in request["ProductionVariants"]],
            "EndpointConfigArn": arn,
            "CreationTime": self._clock.timestamp(),
        }
        region.tags[arn] = tag_map(request)
        return {"EndpointConfigArn": arn}

    def _describe(self, region: Region, request: Request, caller: Caller | None) -> Answer:
        return dict(endpoint_config_of(region, request["EndpointConfigName"]))

    def _delete(self, region: Region, request: Request, caller: Caller | None) -> Answer:
        arn = endpoint_config_of(region, request["EndpointConfigName"])["EndpointConfigArn"]
        del region.endpoint_configs[request["EndpointConfigName"]]
        region.tags.pop(arn, None)
        return {}

    def _list(self, region: Region, request: Request, caller: Caller | None) -> Answer:
        configs = region.endpoint_configs.values()
        return list_page(request, configs, answer="EndpointConfigs", shown=_SUMMARY, name="EndpointConfigName")


def endpoint_config_of(region: Region, name: str) -> Answer:
    """Return the endpoint configuration of a name.

    Raises:
        ApiError: There is none.
    """
    if name not in region.endpoint_configs:
        arn = region.scope.arn("endpoint-config", name)
        raise validation_error(f'Could not find endpoint configuration "{arn}".')
    return region.endpoint_configs[name]


def _check_variants(region: Region, variants: list[Mapping[str, Any]]) -> None:
    # What is refused is documented or follows from it; the wordings but that of a missing model are inferred.
    counts = Counter(variant["VariantName"] for variant in variants)
    for name, count in counts.items():
        if count > 1:
            raise validation_error(f"The variant name {name} is not unique in the endpoint configuration.")
    for variant in variants:
        if "ModelName" in variant:
            model_of(region, variant["ModelName"])
        has_instances = "InstanceType" in variant or "InstancePools" in variant
        if has_instances == ("ServerlessConfig" in variant):
            raise validation_error(
                f"The variant {variant['VariantName']} needs either InstanceType or ServerlessConfig."
            )


def _check_data_capture(request: Request) -> None:
    config = request.get("DataCaptureConfig")
    if config is None:
        return
    # The model's pattern lets `https:` and an empty bucket pass.
    if not config["DestinationS3Uri"].startswith("s3://") or not config["DestinationS3Uri"][5:].strip("/"):
        raise validation_error(f"Invalid DestinationS3Uri {config['DestinationS3Uri']}: it has to be an S3 URI.")
    listed = [name.lower() for names in config.get("CaptureContentTypeHeader", {}).values() for name in names]
    twice = sorted(name for name, count in Counter(listed).items() if count > 1)
    if twice:
        raise validation_error(f"CaptureContentTypeHeader has content types twice: {', '.join(twice)}")
    serverless = any("ServerlessConfig" in variant for variant in request["ProductionVariants"])
    if serverless and config.get("EnableCapture", True):
        # https://docs.aws.amazon.com/sagemaker/latest/dg/serverless-endpoints.html: no Model Monitor, no data capture.
        raise validation_error("DataCaptureConfig is not supported for serverless endpoints.")


def _with_defaults(variant: Mapping[str, Any]) -> dict[str, Any]:
    return {"InitialVariantWeight": 1.0, **variant}
