"""Lets no one in but the owner, and what works in the owner's account with keys of its own.

A web page in a browser of this machine can send requests to any port of it, and so can every other user of the machine.
"""

from __future__ import annotations

import hmac
import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol
from urllib.parse import parse_qs

from cdk_clarify_monitors_local import _admin_paths

_OWN_HOST = re.compile(r"(127\.0\.0\.1|localhost)(:\d+)?", re.IGNORECASE)
_ADMIN_PATHS = re.compile(r"/_(clarify_local|ministack|localstack)(/|$)|/health$")


class Access(Protocol):
    """What the emulator knows of its callers."""

    def has_known_key(self, headers: Mapping[str, str], query: Mapping[str, Sequence[str]]) -> bool:
        """Whether a request names an access key that was issued here."""

    def is_issued_url(self, method: str, path: str) -> bool:
        """Whether the request is for a URL that was made for one caller and can be guessed by no other."""

    def unknown_key(
        self, method: str, path: str, headers: Mapping[str, str], query: Mapping[str, Sequence[str]]
    ) -> tuple[int, Mapping[str, str], bytes]:
        """Return AWS's answer to a request with an unknown access key, or none."""


class Gate:
    """An ASGI application in front of another one.

    Args:
        application: Who serves the requests that pass.
        access: What the emulator knows of its callers.
        token: The owner's token: it opens everything, and alone what is not AWS.
    """

    def __init__(self, application: Callable[..., Any], access: Access, token: str) -> None:
        self._application = application
        self._access = access
        self._token = token

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Serve or refuse a request."""
        if scope["type"] == "lifespan":
            await self._application(scope, receive, send)
            return
        refusal = self._refusal(scope)
        if refusal is None:
            await self._application(scope, receive, _without_cors(send))
        elif scope["type"] == "http":
            await _answer(receive, send, *refusal)
        else:
            await send({"type": "websocket.close", "code": 1008})

    def _refusal(self, scope: Any) -> tuple[int, Mapping[str, str], bytes] | None:
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        hosts = [value.decode("latin-1") for name, value in scope["headers"] if name.lower() == b"host"]
        if len(hosts) != 1 or not _OWN_HOST.fullmatch(hosts[0]):
            return _forbidden("The embedded AWS answers to 127.0.0.1 and localhost only.")
        if "origin" in headers:
            return _forbidden("The embedded AWS answers to no web page.")
        if self._is_owner(headers):
            return None
        method, path = scope.get("method", "GET"), scope["path"]
        if self._access.is_issued_url(method, path):
            return None
        if _ADMIN_PATHS.match(path):
            return _forbidden(f"This path needs the header {_admin_paths.TOKEN_HEADER}.")
        query = parse_qs(scope.get("query_string", b"").decode("latin-1"), keep_blank_values=True)
        if self._access.has_known_key(headers, query):
            return None
        return self._access.unknown_key(method, path, headers, query)

    def _is_owner(self, headers: Mapping[str, str]) -> bool:
        given = headers.get(_admin_paths.TOKEN_HEADER.lower(), "")
        return hmac.compare_digest(given.encode("latin-1"), self._token.encode())


def _forbidden(message: str) -> tuple[int, Mapping[str, str], bytes]:
    return 403, {"Content-Type": "application/json"}, json.dumps({"message": message}).encode()


async def _answer(receive: Any, send: Any, status: int, headers: Mapping[str, str], body: bytes) -> None:
    # A client that is still sending would miss the answer.
    while (message := await receive())["type"] == "http.request" and message.get("more_body"):
        pass
    fields = [(name.lower().encode(), value.encode("latin-1")) for name, value in headers.items()]
    fields = [field for field in fields if field[0] != b"content-length"]
    fields.append((b"content-length", str(len(body)).encode()))
    await send({"type": "http.response.start", "status": status, "headers": fields})
    await send({"type": "http.response.body", "body": body})


def _without_cors(send: Any) -> Any:
    """Let no web page read an answer, whatever a service says of it."""

    async def send_without(message: Any) -> None:
        if "headers" in message:
            kept = [field for field in message["headers"] if not field[0].lower().startswith(b"access-control-")]
            message = {**message, "headers": kept}
        await send(message)

    return send_without
