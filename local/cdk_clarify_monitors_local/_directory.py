"""The temporary folder of an embedded AWS: made, locked for as long as its server lives, removed.

Of a server that was killed with all that watches over it, the folder stays behind. It is not locked any more, and the
next server that starts removes it.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import stat
import tempfile
import time
from pathlib import Path

_PREFIX = "clarify-local-"
_LOCK, _NOT_LOCKED_YET = "lock", "lock.new"
_PATIENCE = 10.0  # seconds that a job may take to notice that it is to end, and to write into the folder meanwhile
_UNLOCKED = 60.0  # seconds from making a folder to locking it, far too many


def make() -> tuple[Path, int]:
    """Make a folder that nobody else can look into, and lock it.

    Returns:
        The folder, and an open file: the folder counts as used until every process that has it open has ended.
    """
    path = Path(tempfile.mkdtemp(prefix=_PREFIX)).resolve()
    try:
        # Under its name when it is locked: until then another server that starts would take the folder for abandoned.
        lock = os.open(path / _NOT_LOCKED_YET, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        (path / _NOT_LOCKED_YET).rename(path / _LOCK)
    except BaseException:
        shutil.rmtree(path, ignore_errors=True)
        raise
    return path, lock


def remove(path: Path) -> None:
    """Remove a folder, although something may still be written there for a moment."""
    deadline = time.monotonic() + _PATIENCE
    while path.exists() and time.monotonic() < deadline:
        shutil.rmtree(path, ignore_errors=True)
        if path.exists():
            time.sleep(0.05)


def remove_abandoned() -> None:
    """Remove the folders of this user's servers that do not run any more."""
    for path in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        with contextlib.suppress(OSError):  # another process removes it, too
            found = path.lstat()
            if stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid() and _is_abandoned(path, found.st_mtime):
                shutil.rmtree(path, ignore_errors=True)


def _is_abandoned(path: Path, changed: float) -> bool:
    try:
        lock = os.open(path / _LOCK, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
    except FileNotFoundError:
        is_ours = {each.name for each in path.iterdir()} <= {_NOT_LOCKED_YET}
        return is_ours and changed < time.time() - _UNLOCKED
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    finally:
        os.close(lock)
    return True
