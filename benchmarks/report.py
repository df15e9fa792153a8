"""From the results to Markdown: every figure of docs/performance.md is made here."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from pathlib import Path

from . import plot
from .operations_scale import ANSWER_SECONDS
from .processes import EMPTY, JAVASCRIPT, OURS, PYTHON, ROOT
from .results import (
    FEW,
    MANY,
    Deployment,
    Executions,
    Fleets,
    JobRun,
    Listing,
    Messages,
    Phase,
    Results,
    Synthesis,
    added,
    at,
    line,
    median,
    ratio,
    steady,
)

PAGE = ROOT / "docs" / "performance.md"
IMAGE = ROOT / "docs" / "images" / "synthesis.svg"

_BEGIN, _END = "<!-- figures: made by `make bench` -->", "<!-- end of figures -->"

# CloudFormation takes no more: of a template in S3, where the cdk command puts it.
_RESOURCES_IN_A_STACK = 500
_BYTES_OF_A_TEMPLATE = 1_000_000
# So many monitors are to fit into one stack.
_MONITORS_IN_A_STACK = 110


def write(results: Results, page: Path = PAGE, image: Path = IMAGE) -> None:
    """Put the figures into the page, between its marks, and draw the image."""
    page.write_text(with_figures(page.read_text(), results))
    plot.draw(results, image)


def with_figures(text: str, results: Results) -> str:
    """The page with the figures of some results."""
    before, rest = text.split(_BEGIN)
    _, after = rest.split(_END)
    return f"{before}{_BEGIN}\n\n{figures(results)}\n\n{_END}{after}"


def figures(results: Results) -> str:
    """All figures, as Markdown."""
    synthesis = results["synthesis"]
    sections = [
        _where(results),
        "### Limits",
        _limits(results),
        "### Synthesis",
        "Whole processes, from the start of Python or Node.js to its end, in seconds.",
        _whole_processes(synthesis),
        "![Seconds by number of monitors](images/synthesis.svg)",
        _straightness(synthesis[OURS]),
        "### One more monitor",
        _one_more(synthesis),
        "### Peak memory",
        "In MiB, all processes together.",
        _memory(synthesis),
        "### A report over many executions",
        _reporting(results),
        "### Import and cold start",
        _imports(results),
    ]
    if deployment := results["deployment"]:
        sections += ["### Deployment", _deployment(deployment)]
    if results["demo"]:
        sections += ["### `make demo`", _demo(results["demo"])]
    sections += ["### Executions", _executions(results["executions"])]
    sections += ["### `clarify-monitors list`", _listing(results["listing"])]
    sections += ["### Fleets", _fleets(results["fleets"])]
    return "\n\n".join(sections)


def _where(results: Results) -> str:
    environment = results["environment"]
    versions = ", ".join(f"{name} {version}" for name, version in environment["versions"].items())
    return (
        f"Measured on {environment['date']}: {environment['cpus']} CPUs ({environment['cpu']}), "
        f"{environment['system']}, {versions}. Medians of {results['rounds']} rounds."
    )


def _limits(results: Results) -> str:
    """The figures that are to stay below something."""
    synthesis = results["synthesis"]
    ours, by_hand, javascript = synthesis[OURS], synthesis[PYTHON], synthesis[JAVASCRIPT]
    messages = _messages(ours)
    rows: list[tuple[str, float, float, str]] = [
        ("calls into the jsii kernel, one more monitor", added(_calls(messages)), 2, "{:.1f}"),
        ("kB sent to it, one more monitor", added(_sent(messages)) / 1000, 8, "{:.1f}"),
        ("time of one more monitor ÷ Python by hand", steady(ours) / steady(by_hand), 0.4, "{:.2f}"),
        ("time of one more monitor ÷ JavaScript by hand", steady(ours) / steady(javascript), 2.5, "{:.2f}"),
        ("process with 1 monitor ÷ Python by hand", _quotient(ours, by_hand, 1), 0.85, "{:.2f}"),
        (f"process with {MANY} monitors ÷ Python by hand", _quotient(ours, by_hand, MANY), 0.6, "{:.2f}"),
        ("resources, one more monitor", added(ours["resources"]), 4, "{:.0f}"),
        ("resources, once per stack", at(ours["resources"], 0), 20, "{:.0f}"),
        (
            f"kB of the template of {_MONITORS_IN_A_STACK} monitors",
            at(ours["template_bytes"], _MONITORS_IN_A_STACK) / 1000,
            _BYTES_OF_A_TEMPLATE / 1000,
            "{:.0f}",
        ),
        ("import ÷ import of the CDK's parts that any monitor needs", ratio(results["imports"]), 1.3, "{:.2f}"),
        ("cold start ÷ making its two boto3 clients", ratio(results["cold_start"]["compiled"]), 1.1, "{:.2f}"),
        (
            f"seconds of a report over {results['reporting']['executions']:,} executions",
            median(results["reporting"]["seconds"]),
            20,
            "{:.1f}",
        ),
        ("kB of the functions' code, zipped", results["cold_start"]["asset_bytes"] / 1000, 50, "{:.1f}"),
    ]
    if deployment := results["deployment"]:
        slowest = max(each["seconds_until_known"] for each in deployment["baselines"].values())
        rows.append(("seconds from a baselining job's end until CloudFormation knows", slowest, 15, "{:.1f}"))
    if results["demo"]:
        rows.append(("seconds of `make demo`", sum(phase["seconds"] for phase in results["demo"]), 180, "{:.0f}"))
    rows += _limits_of_executions(results["executions"])
    rows += _limits_of_listing(results["listing"])
    rows += _limits_of_fleets(results["fleets"])
    return _table(
        ["figure", "measured", "limit", "exceeded"],
        (
            [what, form.format(value), f"{limit:g}", "" if float(form.format(value)) <= limit else "**exceeded**"]
            for what, value, limit, form in rows
        ),
    )


def _limits_of_executions(executions: Executions) -> list[tuple[str, float, float, str]]:
    bias, shap = executions["bias"], executions["shap"]
    rows: list[tuple[str, float, float, str]] = []
    if executions["whole_seconds"] is not None:
        rows.append(("seconds of a bias execution over 10,000 records", executions["whole_seconds"], 10, "{:.1f}"))
    if "1000" in shap:
        rows.append(("seconds of SHAP values of 1,000 records", shap["1000"]["analysis_seconds"], 30, "{:.1f}"))
    if largest := bias.get("1000000"):
        seconds = largest["analysis_seconds"]
        rows.append(("seconds of the analysis of 1,000,000 records", seconds, 120, "{:.0f}"))
        growth = seconds / bias["100000"]["analysis_seconds"]
        rows.append(("the same ÷ the analysis of 100,000 records", growth, 20, "{:.1f}"))
        if (kib := largest["peak_memory_kib"]) is not None:
            rows.append(("MB of memory, 1,000,000 records", kib * 1024 / 1e6, 1000, "{:.0f}"))
    if executions["start_seconds"]:
        rows.append(("seconds of the start of the embedded AWS", median(executions["start_seconds"]), 3, "{:.1f}"))
    return rows


def _limits_of_listing(listing: Listing) -> list[tuple[str, float, float, str]]:
    many = f"of {listing['schedules']} monitors"
    rows: list[tuple[str, float, float, str]] = [
        (f"seconds of `clarify-monitors list` {many}", median(listing["seconds"]), 15, "{:.1f}"),
        ("its requests under way at once", listing["most_at_once"], 8, "{:.0f}"),
    ]
    if (kib := listing["peak_memory_kib"]) is not None:
        rows.append((f"MiB of `clarify-monitors list` {many}", kib / 1024, 200, "{:.0f}"))
    return rows


def _limits_of_fleets(fleets: Fleets) -> list[tuple[str, float, float, str]]:
    (count, seconds) = max(fleets["seconds"].items(), key=lambda item: int(item[0]))
    rows: list[tuple[str, float, float, str]] = [
        (f"seconds of the synthesis of {int(count):,} monitors", median(seconds), 12, "{:.1f}")
    ]
    if (kib := fleets["peak_memory_kib"][count]) is not None:
        rows.append((f"MB of memory, {int(count):,} monitors", kib * 1024 / 1e6, 1000, "{:.0f}"))
    if deployment := fleets["deployment"]:
        rows.append(("seconds of the deployment of a fleet", deployment["seconds"], 120, "{:.0f}"))
    return rows


def _whole_processes(synthesis: dict[str, Synthesis]) -> str:
    apps = [synthesis[name] for name in (OURS, PYTHON, JAVASCRIPT)]

    def row(count: str) -> list[str]:
        ours, by_hand, javascript = (median(app["seconds"][count]) for app in apps)
        times = [f"{seconds:.2f}" for seconds in (ours, by_hand, javascript)]
        return [count, *times, f"{ours / by_hand:.2f}", f"{ours / javascript:.2f}"]

    empty = median(synthesis[EMPTY]["seconds"]["0"])
    return _table(
        ["monitors", OURS, PYTHON, JAVASCRIPT, f"÷ {PYTHON}", f"÷ {JAVASCRIPT}"],
        map(row, apps[0]["seconds"]),
    ) + (f"\n\nAn app with one empty stack, in Python: {empty:.2f} s.")


def _straightness(ours: Synthesis) -> str:
    points = {float(count): median(samples) for count, samples in ours["seconds"].items() if int(count) >= FEW}
    slope, intercept, r_squared = line(points)
    return (
        f"From {FEW} to {MANY} monitors the time of this library is {intercept:.2f} s + {1000 * slope:.1f} ms for each "
        f"monitor (R² = {r_squared:.4f})."
    )


def _one_more(synthesis: dict[str, Synthesis]) -> str:
    def row(name: str) -> list[str]:
        app = synthesis[name]
        sizes = [f"{added(app[size]) / 1000:.1f}" for size in ("template_bytes", "compact_bytes")]
        cells = [name, f"{1000 * steady(app):.1f}", f"{added(app['resources']):.0f}", *sizes]
        if app["messages"] is None:
            return [*cells, "", "", ""]
        calls, sent, received = (added(of(app["messages"])) for of in (_calls, _sent, _received))
        return [*cells, f"{calls:.1f}", f"{sent / 1000:.1f}", f"{received / 1000:.1f}"]

    resources = synthesis[OURS]["resources"]
    room = (_RESOURCES_IN_A_STACK - at(resources, 0)) / added(resources)
    indented, compact = (
        math.floor((_BYTES_OF_A_TEMPLATE - at(size, 0)) / added(size))
        for size in (synthesis[OURS]["template_bytes"], synthesis[OURS]["compact_bytes"])
    )
    return _table(
        ["app", "ms", "resources", "template, kB", "not indented", "calls into jsii", "kB sent", "kB received"],
        map(row, (OURS, PYTHON, JAVASCRIPT)),
    ) + (
        f"\n\nThe difference between stacks of {FEW} and {MANY} monitors, divided by {MANY - FEW}. Together with "
        f"what is there once per stack, {math.floor(room)} monitors have the {_RESOURCES_IN_A_STACK} resources that "
        f"CloudFormation allows. A template of 1 MB holds {indented} as the CDK writes it by default, and {compact} "
        "without indentation."
    )


def _memory(synthesis: dict[str, Synthesis]) -> str:
    counts = list(synthesis[OURS]["peak_memory_kib"])
    rows = [
        [name, *(_mebibytes(synthesis[name]["peak_memory_kib"][count]) for count in counts)]
        for name in (OURS, PYTHON, JAVASCRIPT)
    ]
    empty = _mebibytes(synthesis[EMPTY]["peak_memory_kib"]["0"])
    return _table(["monitors", *counts], rows) + f"\n\nAn app with one empty stack, in Python: {empty}."


def _reporting(results: Results) -> str:
    found = results["reporting"]
    return (
        f"{found['executions']:,} executions of a bias monitor with three groups, against an AWS that takes 20 ms for "
        f"an answer: {median(found['seconds']):.1f} s and {found['requests']:,} requests until the page is written, "
        f"{median(found['seconds_again']):.1f} s and {found['requests_again']} requests for the same report again, as "
        f"what has finished is kept. {found['peak_memory_kib'] / 1024:.0f} MiB at most, with all that this AWS holds; "
        f"the page has {found['bytes'] / 1e6:.1f} MB."
    )


def _mebibytes(kib: int | None) -> str:
    return "" if kib is None else f"{kib / 1024:.0f}"


def _imports(results: Results) -> str:
    cold_start = results["cold_start"]
    pairs = [
        ("`import cdk_clarify_monitors`; `aws_cdk`, `aws_iam`, `constructs`", results["imports"]),
        ("the function until its first answer; boto3's clients of S3 and SageMaker", cold_start["compiled"]),
        ("the same, with code of ours that is not compiled, as on Lambda", cold_start["uncompiled"]),
    ]
    return _table(
        ["ours; what it is compared with", "ours, s", "other, s", "÷"],
        (
            [what, f"{median(pair['ours']):.3f}", f"{median(pair['reference']):.3f}", f"{ratio(pair):.2f}"]
            for what, pair in pairs
        ),
    )


def _deployment(deployment: Deployment) -> str:
    rows = (
        [
            f"`{name}`",
            f"{baseline['job_seconds']:.1f}",
            f"{baseline['seconds_until_known']:.1f}",
            f"{baseline['looks']}",
            f"{2 + 2 * baseline['looks']}",
        ]
        for name, baseline in deployment["baselines"].items()
    )
    again = deployment["again"]
    return (
        _table(["baseline", "job, s", "until known, s", "looks = state transitions", "Lambda invocations"], rows)
        + f"\n\nThe whole deployment: {deployment['lambda_invocations']} Lambda invocations, "
        f"{deployment['state_machine_attempts']} state transitions. The same app deployed again: "
        f"{again['lambda_invocations']} invocations, {again['state_machine_attempts']} transitions, "
        f"{again['baselining_jobs']} jobs."
    )


def _demo(phases: Sequence[Phase]) -> str:
    return _table(["step", "s"], ([phase["title"], f"{phase['seconds']:.1f}"] for phase in phases))


def _fleets(fleets: Fleets) -> str:
    points: dict[float, float] = {int(count): median(seconds) for count, seconds in fleets["seconds"].items()}
    slope, intercept, fit = line(points)
    table = _table(
        ["monitors", "s", "MiB"],
        (
            [f"{count:,}", f"{seconds:.2f}", _mebibytes(fleets["peak_memory_kib"][f"{count:.0f}"])]
            for count, seconds in points.items()
        ),
    )
    growth = (
        f"In three accounts and two regions, two stacks in each: {intercept:.1f} s + {1000 * slope:.1f} ms for each "
        f"monitor (R² = {fit:.4f})."
    )
    deployment = fleets["deployment"]
    if not deployment:
        return f"{table}\n\n{growth}"
    return (
        f"{table}\n\n{growth} Deployed, with constraints given: {deployment['monitors']} monitors in "
        f"{deployment['accounts']} accounts and {deployment['regions']} regions take {deployment['seconds']:.0f} s in "
        "embedded AWSs on one machine."
    )


def _executions(executions: Executions) -> str:
    def row(kind: str, count: str, run: JobRun) -> list[str]:
        merge, kib = run["merge_seconds"], run["peak_memory_kib"]
        return [
            f"{kind}, {int(count):,} records",
            "" if merge is None else f"{merge:.1f}",
            f"{run['analysis_seconds']:.1f}",
            "" if kib is None else f"{kib * 1024 / 1e6:.0f}",
        ]

    kinds = (("bias", executions["bias"]), ("SHAP", executions["shap"]))
    rows = [row(kind, count, run) for kind, runs in kinds for count, run in runs.items()]
    table = _table(["execution", "merge, s", "analysis, s", "MB"], rows)
    if not executions["start_seconds"] or executions["whole_seconds"] is None:
        return table
    return (
        f"{table}\n\nThe bias execution over 10,000 records in the embedded AWS, from the call to its end: "
        f"{executions['whole_seconds']:.1f} s. `EmbeddedAws()` starts in {median(executions['start_seconds']):.1f} s."
    )


def _listing(listing: Listing) -> str:
    kib = listing["peak_memory_kib"]
    memory = "" if kib is None else f"{kib / 1024:.0f} MiB, "
    return (
        f"{listing['schedules']} monitors with {listing['executions']} executions each, against a SageMaker that takes "
        f"{1000 * ANSWER_SECONDS:.0f} ms for an answer: {median(listing['seconds']):.1f} s, "
        f"{memory}{listing['requests']} requests, at most "
        f"{listing['most_at_once']} at once."
    )


def _quotient(one: Synthesis, other: Synthesis, monitors: int) -> float:
    return median(one["seconds"][str(monitors)]) / median(other["seconds"][str(monitors)])


def _messages(synthesis: Synthesis) -> dict[str, Messages]:
    assert synthesis["messages"] is not None  # noqa: S101  of an app in Python
    return synthesis["messages"]


def _calls(messages: dict[str, Messages]) -> dict[str, int]:
    return {count: each["calls"] for count, each in messages.items()}


def _sent(messages: dict[str, Messages]) -> dict[str, int]:
    return {count: each["request_bytes"] for count, each in messages.items()}


def _received(messages: dict[str, Messages]) -> dict[str, int]:
    return {count: each["response_bytes"] for count, each in messages.items()}


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---", *("---:" for _ in head[1:])], *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
