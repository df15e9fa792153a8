"""Structured log in CloudWatch Logs: one JSON object a line."""

import json
import sys
from collections.abc import Mapping
from typing import Any, Self

from ..model.cfn_request import CfnRequest

_MAX_VALUE = 2000


class Log:
    """Writes lines that all carry the same fields, such as the request's id.

    JSON escapes line breaks, so no value can forge a line. A whole event is never written: it has a presigned URL.
    """

    def __init__(self, **fields: Any) -> None:
        self._fields = fields

    @classmethod
    def for_request(cls, request: CfnRequest, **fields: Any) -> Self:
        """The log of a request of CloudFormation."""
        return cls(
            **fields,
            request_type=request.kind,
            request_id=request.request_id,
            stack_id=request.stack_id,
            logical_resource_id=request.logical_resource_id,
        )

    def write(self, event: str, **fields: Any) -> None:
        """Write one line. The event has fixed words that can be searched for; fields say which job or why."""
        line: Mapping[str, Any] = {"event": event, **self._fields, **fields}
        truncated = {key: value[:_MAX_VALUE] if isinstance(value, str) else value for key, value in line.items()}
        sys.stdout.write(json.dumps(truncated, default=str) + "\n")
        sys.stdout.flush()
