"""The container's process: what it gets from its job, what it leaves, and that it ends with all it has started."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from cdk_clarify_monitors_local.server import _forked_process
from tests.support.container.container_job import Job
from tests.support.container.credit import bias, metric


@pytest.fixture(autouse=True, scope="module")
def libraries() -> None:
    _forked_process.prepare()


class Code:
    """A model whose file runs code when the container loads it."""

    def __init__(self, code: str) -> None:
        self.code = code

    def __reduce__(self) -> Any:
        return exec, (self.code,)


@pytest.fixture
def coding_job(credit_job: Job) -> Any:
    """Makes a job whose container runs code."""

    def make(code: str) -> Job:
        credit_job.add_model("code", Code(code))
        return credit_job

    return make


CODE = bias(predictor={"model_name": "code"}, methods={"post_training_bias": {"methods": "all"}})


def ended(process: int) -> bool:
    """Whether a process is gone, or will be within a minute."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            os.kill(process, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.02)
    return False


# What it leaves


def test_the_container_writes_the_results(credit_job: Job) -> None:
    exit_code, printed = credit_job.process(bias())

    assert exit_code == 0, printed
    assert metric(credit_job.analysis(), "pre", "gender", "DPL") == pytest.approx(5 / 6 - 1 / 6)
    assert "Data set: 120 records, columns approved, age, income, gender" in printed


def test_a_client_error_is_left_in_the_message(credit_job: Job) -> None:
    exit_code, printed = credit_job.process(bias(colour="red"))

    assert exit_code == 1
    assert credit_job.message() == "ClientError: analysis_config.json has an unknown parameter 'colour'."
    assert credit_job.message() in printed


def test_a_configuration_that_is_not_json_is_a_client_error(credit_job: Job) -> None:
    exit_code, _ = credit_job.process("{")

    assert exit_code == 1
    assert credit_job.message().startswith("ClientError: analysis_config.json is not JSON: ")


def test_a_missing_configuration_is_told_with_its_place(credit_job: Job) -> None:
    exit_code, _ = credit_job.process(None)

    assert exit_code == 1
    assert "no analysis configuration at /opt/ml/processing/input/config/analysis_config.json" in credit_job.message()


def test_an_error_of_the_container_is_an_algorithm_error(credit_job: Job) -> None:
    credit_job.output.write_text("a file where a folder should be")

    exit_code, printed = credit_job.process(bias())

    assert exit_code == 255
    assert credit_job.message().startswith("AlgorithmError: FileExistsError: ")
    assert "Traceback" in printed


def test_a_process_that_dies_has_its_exit_code(coding_job: Any) -> None:
    exit_code, _ = coding_job("import os; os._exit(7)").process(CODE)

    assert exit_code == 7


# What it gets


def test_a_process_has_the_job_s_variables_and_no_others(coding_job: Any) -> None:
    job = coding_job("import os; print(sorted(os.environ.items()))")
    given = {"AWS_ACCESS_KEY_ID": "of-the-job", "PATH": os.environ["PATH"]}

    printed = list(job.start(CODE, given).lines())

    assert str(sorted(given.items())) in printed


@pytest.mark.skipif(sys.platform == "darwin", reason="there, each process imports what it needs")
def test_a_process_need_not_import_the_libraries(coding_job: Any) -> None:
    # A job without SHAP imports no shap by itself.
    job = coding_job("import sys; print('imported:', {'pandas', 'smclarify', 'shap'} <= set(sys.modules))")

    _, printed = job.process(CODE)

    assert "imported: True" in printed.splitlines()


def test_processes_of_many_jobs_have_their_own_exit_codes(tmp_path: Path) -> None:
    ends: dict[int, int | None] = {}

    def run(number: int) -> None:
        job = Job(tmp_path / str(number))
        (job.data / "data.csv").write_text("a,b\n1,2\n")
        job.add_model("code", Code(f"import os; os._exit({number})"))
        ends[number] = job.process(CODE | {"headers": ["approved", "gender"]})[0]

    threads = [threading.Thread(target=run, args=(number,)) for number in range(1, 17)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert ends == {number: number for number in range(1, 17)}


# How it ends


def test_what_a_process_prints_is_there_while_it_runs(coding_job: Any) -> None:
    container = coding_job("import time; print('I am here', flush=True); time.sleep(300)").start(CODE)

    lines = container.lines()

    assert "I am here" in lines
    assert container.wait(0) is None
    container.kill()
    assert container.wait() == -9
    assert list(lines) == []


@pytest.mark.parametrize("seconds", [0, 0.001, 0.01])
def test_a_process_can_be_killed_at_any_time(credit_job: Job, seconds: float) -> None:
    container = credit_job.start(bias())
    time.sleep(seconds)

    container.kill()
    exit_code = container.wait()
    container.kill()  # too late, which is no error

    assert exit_code in (-9, 0)


STARTS_ANOTHER = """
import subprocess, time
print("started", subprocess.Popen(["sleep", "300"]).pid, flush=True)
time.sleep(300)
"""


def test_what_a_process_has_started_is_killed_with_it(coding_job: Any) -> None:
    container = coding_job(STARTS_ANOTHER).start(CODE)
    started = next(int(line.split()[1]) for line in container.lines() if line.startswith("started"))

    container.kill()

    assert ended(started)


SERVER = """
import json, os, sys
from pathlib import Path
from cdk_clarify_monitors_local.server.processing._container import ContainerProcess
container = ContainerProcess(Path(sys.argv[1]), os.environ, json.loads(sys.argv[2]))
for line in container.lines():
    print(line, flush=True)
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_a_process_ends_with_the_server_however_that_ends(coding_job: Any, number: signal.Signals) -> None:
    job = coding_job(f"import os; print('started', os.getpid(), flush=True)\n{STARTS_ANOTHER}")
    job.configure(CODE)
    line = [sys.executable, "-c", SERVER, str(job.root), json.dumps(job.models)]
    with subprocess.Popen(line, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        started = (int(line.split()[1]) for line in server.stdout if line.startswith("started"))
        container, another = next(started), next(started)

        server.send_signal(number)
        server.wait()

        assert ended(container)
        assert ended(another)
