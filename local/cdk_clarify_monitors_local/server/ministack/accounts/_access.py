"""Who may call: access keys, the sessions of roles, and the URLs that CloudFormation gives to a function.

The access key's id alone lets in: MiniStack checks no signature of the account's own key, and others only when IAM is
enforced. So every id is random.
"""

from __future__ import annotations

import hmac
import os
import secrets
import threading
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from cdk_clarify_monitors_local.server.ministack._private_names import (
    APP,
    CUSTOM_RESOURCE,
    IAM_EVALUATOR,
    LAMBDA_RUNTIME,
    LAMBDA_SERVICE,
    ROUTER,
    STS,
    WAIT_CONDITIONS,
    private,
    replace,
)

_CUSTOM_RESOURCE_PATH = "/_ministack/cfn-response/"
_WAIT_CONDITION_PATH = "/_ministack/cfn-signal/"


def begin_one_by_one() -> None:
    """Keep a session from beginning while MiniStack goes through all sessions for another one.

    It looks for expired ones then, in a dictionary that must not change meanwhile.
    """
    register, lock = private(STS, "register_session"), threading.Lock()

    def register_alone(access_key: str, session: dict[str, Any]) -> None:
        with lock:
            register(access_key, session)

    replace(STS, "register_session", register_alone)


def give_roles_random_keys() -> None:
    """Give each function and job a random key of its role.

    MiniStack computes it from the names of function and role, or, without IAM enforcement, takes the account's id.
    """
    issued: dict[tuple[str, str], dict[str, str]] = {}

    def execution_credentials(config: Mapping[str, Any]) -> dict[str, str]:
        function_arn, role_arn = config["FunctionArn"], config.get("Role", "")
        credentials = issued.setdefault(
            (function_arn, role_arn),
            {
                "AWS_ACCESS_KEY_ID": f"ASIA{secrets.token_hex(8).upper()}",
                "AWS_SECRET_ACCESS_KEY": secrets.token_hex(20),
                "AWS_SESSION_TOKEN": secrets.token_hex(32),
            },
        )
        account, role = function_arn.split(":")[4], role_arn.rpartition("/")[2]
        session = config.get("FunctionName", "")[:64]
        # Each time: a reset forgets all sessions.
        private(STS, "register_session")(
            credentials["AWS_ACCESS_KEY_ID"],
            {
                "Arn": f"arn:aws:sts::{account}:assumed-role/{role}/{session}",
                "UserId": f"{role}:{session}",
                "SecretAccessKey": credentials["AWS_SECRET_ACCESS_KEY"],
                "SessionToken": credentials["AWS_SESSION_TOKEN"],
            },
        )
        return dict(credentials)

    for module in (LAMBDA_RUNTIME, LAMBDA_SERVICE):
        replace(module, "execution_credentials", execution_credentials)


def take_the_transport_for_secure() -> None:
    """Let bucket policies that refuse anything but TLS allow what comes without it: it never leaves this machine.

    Bucket policies decide what other accounts may do also if IAM is not enforced. Where it is, requests come over TLS,
    and MiniStack says so of each.
    """
    private(IAM_EVALUATOR, "pin_request_origin")("127.0.0.1", True)  # every request begins with a copy of this context


class MiniStackAccess:
    """An `Access`: the keys of the account, of its IAM users and of the sessions of its roles."""

    def __init__(self) -> None:
        self._owner = os.environ["AWS_ACCESS_KEY_ID"]
        self._response_tokens: set[str] = set()
        register = private(CUSTOM_RESOURCE, "register_token")

        def register_token(token: str) -> Any:
            self._response_tokens.add(token)
            return register(token)

        replace(CUSTOM_RESOURCE, "register_token", register_token)

    def has_known_key(self, headers: Mapping[str, str], query: Mapping[str, Sequence[str]]) -> bool:
        """Whether a request, of AWS's signature in a header or in the URL, names a key that was issued here."""
        key: str = private(ROUTER, "extract_access_key_id")(headers, query)
        return (
            hmac.compare_digest(key.encode(), self._owner.encode())
            or key in private(STS, "_sessions")
            or _is_key_of_a_user(key)
        )

    def is_issued_url(self, method: str, path: str) -> bool:
        """Whether CloudFormation has made this URL, for a custom resource's response or a wait condition's signal."""
        if method != "PUT":
            return False
        if path.startswith(_CUSTOM_RESOURCE_PATH):
            return path.removeprefix(_CUSTOM_RESOURCE_PATH) in self._response_tokens
        if path.startswith(_WAIT_CONDITION_PATH):
            return bool(private(WAIT_CONDITIONS, "has_handle")(path.removeprefix(_WAIT_CONDITION_PATH)))
        return False

    def unknown_key(
        self, method: str, path: str, headers: Mapping[str, str], query: Mapping[str, Sequence[str]]
    ) -> tuple[int, Mapping[str, str], bytes]:
        """Return the answer of the AWS service that a request is for to a key that it does not know."""
        service = private(ROUTER, "detect_service")(method, path, headers, query)
        error = private(IAM_EVALUATOR, "AuthError")(
            "UnrecognizedClientException", "The security token included in the request is invalid."
        )
        status, answer, body = private(APP, "_credential_failure")(service, "", str(uuid.uuid4()), error, headers)
        return status, answer, body


def _is_key_of_a_user(key: str) -> bool:
    try:
        return private(IAM_EVALUATOR, "find_iam_access_key_account")(key) is not None
    except private(IAM_EVALUATOR, "AmbiguousAccessKeyError"):
        return False
