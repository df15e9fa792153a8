"""What is measured, as it stands in results.json. Times are in seconds; every sample is kept, medians come later."""

from __future__ import annotations

import json
import statistics
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TypedDict, cast

PATH = Path(__file__).parent / "results.json"

# The figure for one added monitor is the difference between these two stacks, divided by the monitors in between.
FEW, MANY = 10, 100


class Environment(TypedDict):
    """Where it was measured."""

    date: str
    versions: dict[str, str]
    cpus: int
    cpu: str
    system: str


class Messages(TypedDict):
    """What went through the pipe to the jsii kernel in one process."""

    calls: int
    request_bytes: int
    response_bytes: int


class Synthesis(TypedDict):
    """One app, by the number of its monitors (as text: they are keys in JSON)."""

    seconds: dict[str, list[float]]
    peak_memory_kib: dict[str, int | None]
    resources: dict[str, int]
    template_bytes: dict[str, int]
    compact_bytes: dict[str, int]
    messages: dict[str, Messages] | None


class Pair(TypedDict):
    """Something of ours, and what it is compared with."""

    ours: list[float]
    reference: list[float]


class ColdStart(TypedDict):
    """The custom resource's function, against the two clients that it needs."""

    compiled: Pair
    uncompiled: Pair
    asset_bytes: int


class Reporting(TypedDict):
    """A report over many executions, and the same one again."""

    executions: int
    seconds: list[float]
    seconds_again: list[float]
    peak_memory_kib: int
    requests: int
    requests_again: int
    bytes: int


class Baseline(TypedDict):
    """One baseline of a deployment."""

    job_seconds: float
    seconds_until_known: float
    looks: int


class Deployment(TypedDict):
    """The example, deployed into the embedded AWS."""

    baselines: dict[str, Baseline]
    lambda_invocations: int
    state_machine_attempts: int
    again: dict[str, int]


class Phase(TypedDict):
    """A step of `make demo`."""

    title: str
    seconds: float


class JobRun(TypedDict):
    """The jobs of an execution over some records, in one process."""

    merge_seconds: float | None
    analysis_seconds: float
    peak_memory_kib: int | None


class Executions(TypedDict):
    """Executions in the embedded AWS, by the number of captured records (as text), and its start."""

    bias: dict[str, JobRun]
    shap: dict[str, JobRun]
    whole_seconds: float | None
    start_seconds: list[float]


class Listing(TypedDict):
    """`clarify-monitors list` in an account with many monitors."""

    schedules: int
    executions: int
    seconds: list[float]
    peak_memory_kib: int | None
    requests: int
    most_at_once: int


class FleetDeployment(TypedDict):
    """A fleet, deployed into several accounts of the embedded AWS."""

    accounts: int
    regions: int
    monitors: int
    seconds: float


class Fleets(TypedDict):
    """Fleets, by the number of their monitors (as text)."""

    seconds: dict[str, list[float]]
    peak_memory_kib: dict[str, int | None]
    deployment: FleetDeployment | None


class Results(TypedDict):
    """All of it."""

    environment: Environment
    rounds: int
    synthesis: dict[str, Synthesis]
    imports: Pair
    cold_start: ColdStart
    reporting: Reporting
    deployment: Deployment | None
    demo: list[Phase]
    executions: Executions
    listing: Listing
    fleets: Fleets


def load(path: Path = PATH) -> Results:
    """Read the results."""
    return cast("Results", json.loads(path.read_text()))


def save(results: Results, path: Path = PATH) -> None:
    """Write the results."""
    path.write_text(json.dumps(results, indent=2) + "\n")


def median(samples: Sequence[float]) -> float:
    """The median of some samples."""
    return statistics.median(samples)


def ratio(pair: Pair) -> float:
    """How many times the reference's time ours is: in each pair, so that a slower moment meets both."""
    return median([ours / reference for ours, reference in zip(pair["ours"], pair["reference"], strict=True)])


def steady(synthesis: Synthesis) -> float:
    """The seconds that one more monitor costs."""
    seconds = synthesis["seconds"]
    return (median(seconds[str(MANY)]) - median(seconds[str(FEW)])) / (MANY - FEW)


def line(points: Mapping[float, float]) -> tuple[float, float, float]:
    """The straight line closest to some points: its slope, its intercept, and R²."""
    slope, intercept = statistics.linear_regression(list(points), list(points.values()))
    return slope, intercept, statistics.correlation(list(points), list(points.values())) ** 2


def at(per_count: Mapping[str, float], monitors: int) -> float:
    """What a stack of that many monitors has of something."""
    return per_count[str(FEW)] + (monitors - FEW) * added(per_count)


def added(per_count: Mapping[str, float]) -> float:
    """What one more monitor adds to something."""
    return (per_count[str(MANY)] - per_count[str(FEW)]) / (MANY - FEW)
