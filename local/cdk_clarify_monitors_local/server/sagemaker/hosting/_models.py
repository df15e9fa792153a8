"""Models: create, describe, delete, list."""

from __future__ import annotations

from collections.abc import Mapping

from cdk_clarify_monitors_local.server._clock import Clock
from cdk_clarify_monitors_local.server._errors import validation_error
from cdk_clarify_monitors_local.server._platform import Caller
from cdk_clarify_monitors_local.server.sagemaker._listing import list_page
from cdk_clarify_monitors_local.server.sagemaker._permissions import Permissions
from cdk_clarify_monitors_local.server.sagemaker._region import Answer, Operation, Region, Request
from cdk_clarify_monitors_local.server.sagemaker._tags import tag_map, without_tags

_SUMMARY = ("ModelName", "ModelArn", "CreationTime")


class Models:
    """Serves models. Their containers and data are not looked at: a file stands in for them when a model is asked.

    Args:
        permissions: What IAM says.
        clock: Dates them.
    """

    def __init__(self, permissions: Permissions, clock: Clock) -> None:
        self._permissions = permissions
        self._clock = clock
        self.operations: Mapping[str, Operation] = {
            "CreateModel": self._create,
            "DescribeModel": self._describe,
            "DeleteModel": self._delete,
            "ListModels": self._list,
        }

    def _create(self, region: Region, request: Request, caller: Caller | None) -> Answer:
        name = request["ModelName"]
        arn = region.scope.arn("model", name)
        self._permissions.check_create(region.scope, arn, request, caller)
        if name in region.models:
            raise validation_error(f'Cannot create already existing model "{arn}".')
        if ("PrimaryContainer" in request) == ("Containers" in request):
            raise validation_error("Either PrimaryContainer or Containers is needed, and not both.")  # inferred
        region.models[name] = {**without_tags(request), "ModelArn": arn, "CreationTime": self._clock.timestamp()}
        region.models[name].setdefault("EnableNetworkIsolation", False)
        region.tags[arn] = tag_map(request)
        return {"ModelArn": arn}

    def _describe(self, region: Region, request: Request, caller: Caller | None) -> Answer:
        return dict(model_of(region, request["ModelName"]))

    def _delete(self, region: Region, request: Request, caller: Caller | None) -> Answer:
        arn = model_of(region, request["ModelName"])["ModelArn"]
        del region.models[request["ModelName"]]
        region.tags.pop(arn, None)
        return {}

    def _list(self, region: Region, request: Request, caller: Caller | None) -> Answer:
        return list_page(request, region.models.values(), answer="Models", shown=_SUMMARY, name="ModelName")


def model_of(region: Region, name: str) -> Answer:
    """Return the model of a name.

    Raises:
        ApiError: There is none.
    """
    if name not in region.models:
        raise validation_error(
            f'Could not find model "{region.scope.arn("model", name)}". Make it in the app (CfnModel) or by '
            f"`create_model(ModelName='{name}', PrimaryContainer={{'Image': '…'}})`: `--model` gives it a file only."
        )
    return region.models[name]
