"""Sessions of roles, which several functions and jobs begin at the same time."""

from __future__ import annotations

import threading
from typing import Any

from cdk_clarify_monitors_local.server.ministack._private_names import STS, private, replace


def begin_one_by_one() -> None:
    """Keep a session from beginning while MiniStack goes through all sessions for another one.

    It looks for expired ones then, in a dictionary that must not change meanwhile.
    """
    register, lock = private(STS, "register_session"), threading.Lock()

    def register_alone(access_key: str, session: dict[str, Any]) -> None:
        with lock:
            register(access_key, session)

    replace(STS, "register_session", register_alone)
