"""Whichever process of an embedded AWS is killed: nothing is left running, and no folder stays behind."""

from __future__ import annotations

import io
import json
import os
import shlex
import signal
import subprocess
import sys
import tempfile
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import joblib
import pytest

from cdk_clarify_monitors_local import EmbeddedAws, _directory
from tests.local_.processing_job import finished, prepare, run, with_model

ROOT = Path(__file__).parent.parent.parent

needs_proc = pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="needs /proc to see processes")

# Two that will not end of themselves, each with a process that it has started: a function and a job.
OWNER = """
import io, json, signal, subprocess, sys, zipfile
from pathlib import Path
import joblib
from cdk_clarify_monitors_local import EmbeddedAws
from tests.local_.processing_job import prepare, with_model

class Blocked:
    def __reduce__(self):
        return subprocess.run, (["sleep", "600"],)

data, model = sys.argv[1:]
joblib.dump(Blocked(), model)
aws = EmbeddedAws(models={"blocked": model})
aws.start()
aws.client("sagemaker").create_processing_job(**prepare(aws, Path(data), with_model("blocked")))
code = io.BytesIO()
with zipfile.ZipFile(code, "w") as archive:
    archive.writestr("index.py", "import subprocess\\ndef handler(event, _): subprocess.run(['sleep', '600'])")
trust = {"Version": "2012-10-17", "Statement": []}
role = aws.client("iam").create_role(RoleName="function", AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
aws.client("lambda").create_function(FunctionName="blocked", Runtime="python3.12", Role=role, Handler="index.handler",
    Timeout=900, Code={"ZipFile": code.getvalue()})
aws.client("lambda").invoke(FunctionName="blocked", InvocationType="Event")
print(aws.process_id, aws.directory, flush=True)
signal.pause()
"""


def processes(directory: Path) -> dict[int, str]:
    """The command lines of a server and of all that it has started: they have its folder in their environment."""
    found = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            try:
                if f"{directory}/".encode() in (entry / "environ").read_bytes():
                    found[int(entry.name)] = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            except OSError:
                continue
    return found


def until(holds: Callable[[], Any]) -> Any:
    """Wait for something that is bound to happen, and return it."""
    deadline = time.monotonic() + 120
    while not (found := holds()):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return found


def watchdogs(directory: Path) -> list[int]:
    return [pid for pid, line in processes(directory).items() if "_watchdog" in line]


def sleeping(directory: Path) -> list[int]:
    return [pid for pid, line in processes(directory).items() if line.startswith("sleep ")]


@pytest.fixture
def owner(make_data: Any, tmp_path: Path) -> Iterator[tuple[int, int, Path]]:
    """The ids of an owner and of its server, in which a function and a job are busy, and the server's folder."""
    command = [sys.executable, "-c", OWNER, str(make_data.TRAINING_DATA), str(tmp_path / "model")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT) as process:
        assert process.stdout is not None
        server, directory = process.stdout.readline().decode().split()
        until(lambda: len(sleeping(Path(directory))) == 2)
        yield process.pid, int(server), Path(directory)
        process.kill()


@pytest.mark.slow
@needs_proc
@pytest.mark.deploy
@pytest.mark.parametrize("victim", ["owner", "server"])
def test_nothing_outlives_a_killed(victim: str, owner: tuple[int, int, Path]) -> None:
    owner_id, server_id, directory = owner

    os.kill(owner_id if victim == "owner" else server_id, signal.SIGKILL)

    until(lambda: not directory.exists())
    until(lambda: not processes(directory))


@pytest.mark.slow
@needs_proc
@pytest.mark.deploy
def test_the_next_start_removes_what_is_left(owner: tuple[int, int, Path]) -> None:
    _, server_id, directory = owner
    os.kill(server_id, signal.SIGSTOP)  # it would start the next watchdog
    for pid in [*watchdogs(directory), server_id]:
        os.kill(pid, signal.SIGKILL)
    for pid in processes(directory):  # those that have not noticed, and could be writing
        os.kill(pid, signal.SIGKILL)
    until(lambda: not processes(directory))
    assert directory.exists()

    with EmbeddedAws() as aws:
        assert not directory.exists()
        assert aws.directory.exists()


@pytest.mark.slow
@needs_proc
@pytest.mark.deploy
def test_the_rest_goes_on_without_a_killed_process(own_aws: EmbeddedAws, make_data: Any, tmp_path: Path) -> None:
    sagemaker, directory = own_aws.client("sagemaker"), own_aws.directory
    watchdog = until(lambda: watchdogs(directory))[0]
    os.kill(watchdog, signal.SIGKILL)
    until(lambda: [pid for pid in watchdogs(directory) if pid != watchdog])

    class Blocked:
        def __reduce__(self) -> Any:
            return subprocess.run, (["sleep", "600"],)

    joblib.dump(Blocked(), tmp_path / "model")
    own_aws.add_model("blocked", tmp_path / "model")
    request = prepare(own_aws, make_data.TRAINING_DATA, with_model("blocked"))
    sagemaker.create_processing_job(**request)
    child = until(lambda: sleeping(directory))[0]
    stat = (Path("/proc") / str(child) / "stat").read_text()
    os.kill(int(stat.rpartition(")")[2].split()[1]), signal.SIGKILL)  # the job itself

    assert finished(sagemaker, request["ProcessingJobName"])["ProcessingJobStatus"] == "Failed"
    until(lambda: not sleeping(directory))

    forkserver = [pid for pid, line in processes(directory).items() if "multiprocessing.forkserver" in line]
    for pid in forkserver:
        os.kill(pid, signal.SIGKILL)
    job = run(sagemaker, prepare(own_aws, make_data.TRAINING_DATA, with_model("diabetes-model")))
    assert job["ProcessingJobStatus"] == "Completed"


@pytest.mark.slow
@needs_proc
@pytest.mark.deploy
def test_a_killed_function_is_started_again(embedded_aws: EmbeddedAws) -> None:
    iam, functions = embedded_aws.client("iam"), embedded_aws.client("lambda")
    trust = json.dumps({"Version": "2012-10-17", "Statement": []})
    role = iam.create_role(RoleName="killed", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as archive:
        archive.writestr("index.py", "import os\ndef handler(event, _): return os.getpid()")
    functions.create_function(
        FunctionName="killed",
        Runtime="python3.12",
        Role=role,
        Handler="index.handler",
        Code={"ZipFile": code.getvalue()},
    )

    def process_id() -> int | None:
        answer = functions.invoke(FunctionName="killed")
        return None if "FunctionError" in answer else int(answer["Payload"].read())

    first = process_id()
    assert first is not None
    os.kill(first, signal.SIGKILL)

    assert until(process_id) != first  # at the latest after the call that finds it dead


@pytest.mark.slow
@needs_proc
@pytest.mark.deploy
def test_the_cdk_command_ends_with_its_owner(tmp_path: Path) -> None:
    script = f"""
from cdk_clarify_monitors_local import EmbeddedAws
aws = EmbeddedAws()
aws.start()
print(aws.directory, flush=True)
aws.cdk("synth", app="sleep 30", cwd={str(ROOT)!r})
"""
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, cwd=ROOT) as process:
        assert process.stdout is not None
        directory = Path(process.stdout.readline().decode().strip())
        until(lambda: sleeping(directory))
        process.kill()

        until(lambda: not [line for line in processes(directory).values() if "node" in shlex.split(line)[0]])


# The folder


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for temporary folders that no other process uses."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path.resolve()


def test_a_folder_stays_while_it_is_locked(temporary: Path) -> None:
    path, lock = _directory.make()
    heir = os.dup(lock)
    os.close(lock)

    _directory.remove_abandoned()
    assert path.exists()

    os.close(heir)
    _directory.remove_abandoned()
    assert not path.exists()


def test_a_folder_that_is_being_made_stays(temporary: Path) -> None:
    """Embedded AWSs that start at the same time once took each other's folders for abandoned."""
    ended = threading.Event()

    def start_others() -> None:
        while not ended.is_set():
            _directory.remove_abandoned()

    others = [threading.Thread(target=start_others) for _ in range(2)]
    for other in others:
        other.start()
    try:
        for _ in range(300):
            path, lock = _directory.make()
            assert (path / "lock").exists()
            _directory.remove(path)
            os.close(lock)
    finally:
        ended.set()
        for other in others:
            other.join()


def test_nobody_else_can_look_into_a_folder(temporary: Path) -> None:
    path, lock = _directory.make()
    os.close(lock)

    assert path.stat().st_mode & 0o077 == 0


def test_what_is_no_abandoned_folder_stays(temporary: Path) -> None:
    other = temporary / "other"
    other.mkdir()
    (other / "lock").touch()
    (temporary / "clarify-local-file").touch()
    (temporary / "clarify-local-link").symlink_to(other)
    (temporary / "clarify-local-just-made").mkdir()
    older = temporary / "clarify-local-of-an-older-version"  # it locked nothing, and may run
    older.mkdir()
    (older / "log.txt").touch()
    linked = temporary / "clarify-local-linked-lock"
    linked.mkdir()
    (linked / "lock").symlink_to(other / "lock")
    before = sorted(temporary.rglob("*"))

    _directory.remove_abandoned()

    assert sorted(temporary.rglob("*")) == before


def test_a_folder_that_was_never_locked_goes(temporary: Path) -> None:
    interrupted = [temporary / f"clarify-local-interrupted-{number}" for number in range(2)]
    for path in interrupted:
        path.mkdir()
    (interrupted[1] / "lock.new").touch()
    for path in interrupted:
        os.utime(path, (0, 0))

    _directory.remove_abandoned()

    assert not any(path.exists() for path in interrupted)


def test_a_lock_of_another_process_counts(temporary: Path) -> None:
    path, lock = _directory.make()
    holder = subprocess.Popen(["sleep", "600"], pass_fds=[lock])  # noqa: S607
    try:
        os.close(lock)
        _directory.remove_abandoned()
        assert path.exists()
    finally:
        holder.kill()
        holder.wait()

    _directory.remove_abandoned()
    assert not path.exists()
