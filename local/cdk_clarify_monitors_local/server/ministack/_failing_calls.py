"""Calls of AWS that fail because a test wants them to."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qs

from cdk_clarify_monitors_local.server._faults import CallFault, Faults
from cdk_clarify_monitors_local.server.ministack._private_names import APP, IAM_ACTIONS, ROUTER, private


def with_faults(faults: Faults) -> Callable[..., Any]:
    """Return MiniStack's ASGI application, with calls failing that a test wants to fail."""
    application = private(APP, "app")
    detect_service, extract_action = private(ROUTER, "detect_service"), private(IAM_ACTIONS, "extract_iam_action")

    def due(scope: Mapping[str, Any]) -> CallFault | None:
        if not faults.any_call or scope["type"] != "http":
            return None
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        query = parse_qs(scope.get("query_string", b"").decode(), keep_blank_values=True)
        method, path = scope["method"], scope["path"]
        service = detect_service(method, path, headers, query)
        action = extract_action(service, method, path, headers, b"", query)
        return faults.next_call(action, path) if action else None

    async def serve(scope: Any, receive: Any, send: Any) -> None:
        fault = due(scope)
        if fault is None:
            await application(scope, receive, send)
            return
        if fault.lose_answer:

            async def drop(message: Any) -> None:
                """Let the answer of a call that was carried out disappear."""

            await application(scope, receive, drop)
        body, content_type = _error_body(fault)
        headers = [(b"content-type", content_type), (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": fault.status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    return serve


def _error_body(fault: CallFault) -> tuple[bytes, bytes]:
    if fault.action.startswith("s3:"):
        text = f"<Error><Code>{fault.code}</Code><Message>{fault.message}</Message></Error>"
        return text.encode(), b"application/xml"
    return json.dumps({"__type": fault.code, "message": fault.message}).encode(), b"application/x-amz-json-1.1"
