"""Tags of SageMaker resources."""

from __future__ import annotations

from collections.abc import Mapping

from cdk_clarify_monitors_local.server._errors import validation_error
from cdk_clarify_monitors_local.server._platform import Caller
from cdk_clarify_monitors_local.server.sagemaker._region import Answer, Operation, Region, Request


class Tags:
    """Serves the tags of all kinds of resources."""

    def __init__(self) -> None:
        self.operations: Mapping[str, Operation] = {
            "AddTags": self._add,
            "DeleteTags": self._delete,
            "ListTags": self._list,
        }

    def _tagged(self, region: Region, request: Request) -> dict[str, str]:
        tags = region.tags.get(request["ResourceArn"])
        if tags is None:
            raise validation_error(f"Could not find resource with ARN {request['ResourceArn']}")
        return tags

    def _add(self, region: Region, request: Request, caller: Caller | None) -> Answer:
        tags = self._tagged(region, request)
        tags |= tag_map(request)
        return {"Tags": _tag_list(tags)}

    def _delete(self, region: Region, request: Request, caller: Caller | None) -> Answer:
        tags = self._tagged(region, request)
        for key in request["TagKeys"]:
            tags.pop(key, None)
        return {}

    def _list(self, region: Region, request: Request, caller: Caller | None) -> Answer:
        return {"Tags": _tag_list(self._tagged(region, request))}


def tag_map(request: Request) -> dict[str, str]:
    """Return the tags that a request gives to the resource it creates."""
    return {tag["Key"]: tag["Value"] for tag in request.get("Tags") or ()}


def without_tags(request: Request) -> Answer:
    """Return a request as the description of its resource repeats it."""
    return {name: value for name, value in request.items() if name != "Tags"}


def _tag_list(tags: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]
