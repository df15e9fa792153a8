"""The embedded AWS starts, keeps to itself, and leaves nothing behind."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from cdk_clarify_monitors_local import EmbeddedAws, EmbeddedAwsError
from tests.local_.processing_job import prepare, run, start, with_model

pytestmark = pytest.mark.deploy


def test_a_taken_port_is_told() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        with pytest.raises(EmbeddedAwsError, match=f"Port {port} of 127.0.0.1 cannot be used"):
            EmbeddedAws(port=port).start()


_WITHOUT_NETWORK = ("unshare", "--map-root-user", "--net")


@pytest.mark.skipif(
    shutil.which("unshare") is None or subprocess.run([*_WITHOUT_NETWORK, "true"], check=False).returncode != 0,
    reason="needs Linux, and permission to make a network namespace",
)
def test_a_machine_that_does_not_reach_itself_is_told() -> None:
    code = "from cdk_clarify_monitors_local import EmbeddedAws; EmbeddedAws().start()"
    command = [*_WITHOUT_NETWORK, sys.executable, "-c", code]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    said = "127.0.0.1 cannot be reached: Network is unreachable. Turn on the loopback interface: ip link set lo up"
    assert ended.stderr.strip().endswith(said)


def test_a_missing_model_is_told(tmp_path: Path) -> None:
    with pytest.raises(EmbeddedAwsError, match="The model 'credit' has no file"):
        EmbeddedAws(models={"credit": tmp_path / "nothing.joblib"})


def test_the_server_listens_on_this_machine_only(aws: EmbeddedAws) -> None:
    host = socket.gethostname()
    port = int(aws.endpoint_url.rpartition(":")[2])
    addresses = {info[4][0] for info in socket.getaddrinfo(host, port, socket.AF_INET)} - {"127.0.0.1", "127.0.1.1"}

    for address in addresses:
        with socket.socket() as client:
            client.settimeout(2)
            assert client.connect_ex((str(address), port)) != 0
    assert aws.endpoint_url.startswith("http://127.0.0.1:")


def test_its_environment_leaves_nothing_of_other_accounts(aws: EmbeddedAws, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "production")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "secret")

    environment = aws.environment

    assert "AWS_PROFILE" not in environment
    assert "AWS_SESSION_TOKEN" not in environment
    assert environment["AWS_ENDPOINT_URL"] == aws.endpoint_url
    assert environment["PATH"] == os.environ["PATH"]


def test_reset_empties_the_account(own_aws: EmbeddedAws, make_data: Any) -> None:
    sagemaker = own_aws.client("sagemaker")
    own_aws.slow_next_job(60)
    start(sagemaker, prepare(own_aws, make_data.TRAINING_DATA))
    own_aws.limit_processing_instances(1)

    own_aws.reset()

    assert sagemaker.list_processing_jobs()["ProcessingJobSummaries"] == []
    assert own_aws.client("s3").list_buckets()["Buckets"] == []
    job = run(sagemaker, prepare(own_aws, make_data.TRAINING_DATA, with_model("diabetes-model")))
    assert job["ProcessingJobStatus"] == "Completed"


def alive(process_group: int) -> list[str]:
    """The processes of a group that still live."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if int(fields[2]) == process_group and fields[0] != "Z":
                found.append(entry.name)
    return found


def gone(process_group: int, directory: Path) -> bool:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if not alive(process_group) and not directory.exists():
            return True
        time.sleep(0.1)
    return False


linux_only = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs /proc to see processes")


@linux_only
def test_nothing_is_left_behind(make_data: Any) -> None:
    with EmbeddedAws() as aws:
        aws.slow_next_job(60)
        aws.client("sagemaker").create_processing_job(**prepare(aws, make_data.TRAINING_DATA))
        group, directory = aws.process_id, aws.directory
        assert alive(group)

    assert gone(group, directory)


@linux_only
def test_nothing_is_left_behind_after_an_exception() -> None:
    started: list[Any] = []

    def fail() -> None:
        with EmbeddedAws() as aws:
            started.extend([aws.process_id, aws.directory])
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()

    group, directory = started
    assert gone(group, directory)


SCRIPT = """
import signal
from cdk_clarify_monitors_local import EmbeddedAws
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs ignore it, and so would this one
with EmbeddedAws() as aws:
    print(aws.process_id, aws.directory, flush=True)
    signal.pause()
"""


@linux_only
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_nothing_is_left_behind_however_its_parent_ends(number: signal.Signals) -> None:
    with subprocess.Popen([sys.executable, "-c", SCRIPT], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        group, directory = process.stdout.readline().decode().split()
        os.kill(process.pid, number)
        process.wait(timeout=120)

        assert gone(int(group), Path(directory))


@pytest.mark.parametrize("auth", [False, True])
def test_the_server_ends_at_once_with_clients_connected(auth: bool) -> None:
    def seconds_to_end() -> float:
        with EmbeddedAws(auth=auth) as aws:
            client = aws.client("s3")
            client.list_buckets()
            started = time.monotonic()
        return time.monotonic() - started

    # A server that waits for its clients always takes three seconds; one that is busy otherwise, not each time.
    assert any(seconds_to_end() < 3 for _ in range(10))
