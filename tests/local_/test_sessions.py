"""Functions and jobs begin sessions of their roles at the same time: MiniStack alone would lose some of them."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from ministack.services import sts

from cdk_clarify_monitors_local.server.ministack.accounts import _access


class Session(dict[str, Any]):
    """A session that is being looked at for the first time when another one is to begin."""

    other: threading.Thread | None = None

    def get(self, key: str, default: Any = None) -> Any:
        if self.other is None:
            self.other = threading.Thread(target=sts.register_session, args=("other", {}))
            self.other.start()
            self.other.join(0.1)  # in vain, if it has to wait
        return super().get(key, default)


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch) -> Session:
    """The only session."""
    found = Session()
    monkeypatch.setattr(sts, "register_session", sts.register_session)  # put back at the end
    monkeypatch.setattr(sts, "_sessions", {"first": found})
    return found


def test_sessions_begin_one_by_one(session: Session) -> None:
    _access.begin_one_by_one()

    sts.register_session("second", {})

    assert session.other is not None
    session.other.join()
    assert sts._sessions.keys() == {"first", "second", "other"}


def test_ministack_alone_loses_one(session: Session) -> None:
    """When this fails, MiniStack has mended it, and our mend can go."""
    with pytest.raises(RuntimeError, match="changed size during iteration"):
        sts.register_session("second", {})
