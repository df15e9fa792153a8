"""What an execution has to know of an endpoint."""

from __future__ import annotations

from collections.abc import Mapping

from cdk_clarify_monitors_local.server.monitoring._plan import ExecutionFailedError
from cdk_clarify_monitors_local.server.sagemaker._region import Region


def capture_uri(region: Region, endpoint_name: str) -> str:
    """Return where an endpoint's captured data go.

    Raises:
        ExecutionFailedError: There is no such endpoint, or it captures nothing. SageMaker's words for the first are
            those of DescribeEndpoint.
    """
    endpoint = region.endpoints.get(endpoint_name)
    if endpoint is None:
        raise ExecutionFailedError(f'Could not find endpoint "{region.scope.arn("endpoint", endpoint_name)}".')
    capture = endpoint.get("DataCaptureConfig")
    if not isinstance(capture, Mapping) or "DestinationS3Uri" not in capture:
        raise ExecutionFailedError("Job inputs had no data")
    return str(capture["DestinationS3Uri"])
