"""Clarify's job definitions: create, describe, delete, list."""

from __future__ import annotations

import functools
from collections.abc import Mapping

from cdk_clarify_monitors_local.server._clock import Clock
from cdk_clarify_monitors_local.server._errors import ApiError
from cdk_clarify_monitors_local.server._platform import Caller
from cdk_clarify_monitors_local.server.sagemaker._permissions import Permissions
from cdk_clarify_monitors_local.server.sagemaker._region import Answer, Operation, Region, Request
from cdk_clarify_monitors_local.server.sagemaker._tags import tag_map, without_tags

#: The monitoring types with a job definition here, with the ARN segment of each.
DEFINITION_KINDS = {
    "ModelBias": "model-bias-job-definition",
    "ModelExplainability": "model-explainability-job-definition",
}


class JobDefinitions:
    """Serves the job definitions of all monitoring types.

    Args:
        permissions: What IAM says.
        clock: Dates them.
    """

    def __init__(self, permissions: Permissions, clock: Clock) -> None:
        self._permissions = permissions
        self._clock = clock
        operations: dict[str, Operation] = {}
        for kind in DEFINITION_KINDS:
            operations |= {
                f"Create{kind}JobDefinition": functools.partial(self._create, kind),
                f"Describe{kind}JobDefinition": functools.partial(self._describe, kind),
                f"Delete{kind}JobDefinition": functools.partial(self._delete, kind),
                f"List{kind}JobDefinitions": functools.partial(self._list, kind),
            }
        self.operations: Mapping[str, Operation] = operations

    def _create(self, kind: str, region: Region, request: Request, caller: Caller | None) -> Answer:
        name = request["JobDefinitionName"]
        arn = region.scope.arn(DEFINITION_KINDS[kind], name)
        self._permissions.check_create(region.scope, arn, request, caller)
        if (kind, name) in region.definitions:
            raise ApiError("ResourceInUse", f"Job Definition {arn} already exists")
        region.definitions[kind, name] = {
            **without_tags(request),
            "JobDefinitionArn": arn,
            "CreationTime": self._clock.timestamp(),
        }
        region.tags[arn] = tag_map(request)
        return {"JobDefinitionArn": arn}

    def _describe(self, kind: str, region: Region, request: Request, caller: Caller | None) -> Answer:
        name = request["JobDefinitionName"]
        definition = region.definitions.get((kind, name))
        if definition is None:
            arn = region.scope.arn(DEFINITION_KINDS[kind], name)
            raise ApiError("ResourceNotFound", f"Could not find requested job definition with name: {arn}")
        return dict(definition)

    def _delete(self, kind: str, region: Region, request: Request, caller: Caller | None) -> Answer:
        arn = self._describe(kind, region, request, caller)["JobDefinitionArn"]
        del region.definitions[kind, request["JobDefinitionName"]]
        region.tags.pop(arn, None)
        return {}

    def _list(self, kind: str, region: Region, request: Request, caller: Caller | None) -> Answer:
        return {
            "JobDefinitionSummaries": [
                {
                    "MonitoringJobDefinitionName": definition["JobDefinitionName"],
                    "MonitoringJobDefinitionArn": definition["JobDefinitionArn"],
                    "CreationTime": definition["CreationTime"],
                    "EndpointName": definition[f"{kind}JobInput"].get("EndpointInput", {}).get("EndpointName", ""),
                }
                for (owner, _), definition in region.definitions.items()
                if owner == kind
            ]
        }
