"""Fleets: what a thousand monitors take to synthesize, and a deployment over accounts and regions."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor

from cdk_clarify_monitors_local import EmbeddedAws

from .processes import APPS, FLEET, ROOT, environment, synthesize
from .progress import Progress
from .results import FleetDeployment, Fleets

COUNTS = (250, 500, 1000)

_ACCOUNTS = ("111111111111", "222222222222", "333333333333")
_REGIONS = ("eu-central-1", "eu-west-1")
_MONITORS = 20  # in each account and region
# Each is some seconds long.
_MOST_ROUNDS = 3


def measure(rounds: int, progress: Progress, *, deploy: bool) -> Fleets:
    """Measure fleets.

    Args:
        rounds: How often each is timed, three times at most.
        progress: Is told what is going on.
        deploy: Whether to deploy one, too, which takes a minute or two.
    """
    rounds = min(rounds, _MOST_ROUNDS)
    progress.start("fleets", (rounds + 1) * len(COUNTS) + deploy)
    memory: dict[str, int | None] = {}
    for count in COUNTS:
        memory[str(count)] = json.loads(synthesize(FLEET, count, observed=True).output)["peak_memory_kib"]
        progress.step(f"{count} monitors, memory")
    seconds: dict[str, list[float]] = {str(count): [] for count in COUNTS}
    for _ in range(rounds):
        for count in COUNTS:
            seconds[str(count)].append(synthesize(FLEET, count).seconds)
            progress.step(f"{count} monitors: {seconds[str(count)][-1]:.2f} s")
    deployment = _deploy() if deploy else None
    if deployment:
        progress.step(f"deployed: {deployment['seconds']:.0f} s")
    return {"seconds": seconds, "peak_memory_kib": memory, "deployment": deployment}


def _deploy() -> FleetDeployment:
    """Synthesize a fleet once, as a pipeline does, and deploy it into three accounts at once.

    Its monitors have constraints, so that no job runs.
    """
    monitors = _MONITORS * len(_ACCOUNTS) * len(_REGIONS)
    with tempfile.TemporaryDirectory() as assembly, ThreadPoolExecutor(len(_ACCOUNTS)) as pool:
        started = time.perf_counter()
        command = [sys.executable, str(APPS[FLEET]), str(monitors), "--with-constraints"]
        subprocess.run(command, cwd=ROOT, env=environment(assembly), check=True)  # noqa: S603  our own app
        schedules = list(pool.map(lambda account: _deploy_into(account, assembly, monitors), _ACCOUNTS))
        seconds = time.perf_counter() - started
    if sum(schedules) != monitors:
        raise RuntimeError(f"{schedules} schedules were made in place of {monitors}")
    return {"accounts": len(_ACCOUNTS), "regions": len(_REGIONS), "monitors": monitors, "seconds": seconds}


def _deploy_into(account: str, assembly: str, monitors: int) -> int:
    """Deploy the stacks of one account, and count the schedules that are there then."""
    with EmbeddedAws(account=account) as aws:
        # Row by row, the app goes through accounts and their regions.
        for number in range(monitors):
            place = number % (len(_ACCOUNTS) * len(_REGIONS))
            if _ACCOUNTS[place // len(_REGIONS)] == account:
                aws.add_endpoint(f"loans-{number}", region=_REGIONS[place % len(_REGIONS)])
        aws.cdk("deploy", f"*/{account}-*", "--concurrency", "4", app=assembly, cwd=ROOT)
        found = 0
        for region in _REGIONS:
            pages = aws.client("sagemaker", region=region).get_paginator("list_monitoring_schedules").paginate()
            found += sum(len(page["MonitoringScheduleSummaries"]) for page in pages)
    return found
