"""What `clarify-local` shows on a terminal and in a pipe: what runs now, metrics and their meaning, whole words."""

from __future__ import annotations

import io
import re
from datetime import UTC, datetime
from typing import Any

import pytest
from rich.console import Console, Group

from cdk_clarify_monitors_local.cdk._activity import Activity
from cdk_clarify_monitors_local.show._metrics import attributions, bias_metrics
from cdk_clarify_monitors_local.show._progress import Progress
from cdk_clarify_monitors_local.show._show import warnings_in
from cdk_clarify_monitors_operations import Constraints, LogLine
from cdk_clarify_monitors_operations.data._metric_meanings import METRICS
from cdk_clarify_monitors_operations.terminal._wrapping import Wrapped, shortened


class Terminal(io.StringIO):
    """A terminal, as far as its output goes."""

    def isatty(self) -> bool:
        return True


def printed(console: Console) -> str:
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def pipe(width: int = 80) -> Console:
    return Console(file=io.StringIO(), width=width)


def test_warnings_of_a_job_are_told_once() -> None:
    messages = ["Request: Warning: none", "Warning: no label", "Warning: no label", "Warning: least norm"]
    log = [LogLine(datetime(2026, 3, 2, tzinfo=UTC), "job/algo-1", message) for message in messages]

    assert warnings_in(log) == ["Warning: no label", "Warning: least norm"]


# ---------------------------------------------------------------- what runs now
def event(status: str, kind: str, resource: str, stack: str = "Credit") -> str:
    return f"{stack} |  3/35 | 1:32:50 PM | {status:<23} | {kind:<48} | {resource} "


BEGINS = event("CREATE_IN_PROGRESS", "AWS::CloudFormation::Stack", "Credit")
BUCKET = ("AWS::S3::Bucket", "My Bucket (MyBucket841287CD)")
BASELINE = ("Custom::ClarifyBaseline", "Team/Bias/Baseline (TeamBiasBaselineC1EE39BB)")
OTHER_BASELINE = ("Custom::ClarifyBaseline", "Reasons/Baseline (ReasonsBaselineDDC09828) Resource creation Initiated")
ROLE = ("AWS::IAM::Role", "Role")


@pytest.mark.parametrize(
    ("lines", "now"),
    [
        ([], "synthesizing the app"),
        (["a line of the app's own"], "synthesizing the app"),
        (["✨  Synthesis time: 5.1s"], "preparing the deployment"),
        (["Credit: start: Publishing Training Data (current_account-eu)"], "uploading Training Data"),
        (
            ["Prod/Credit (Prod-Credit): creating CloudFormation changeset..."],
            "creating the change set of Prod/Credit (Prod-Credit)",
        ),
        (["Credit: deploying... [1/1]", BEGINS], "deploying Credit"),
        (["Credit: destroying... [1/1]"], "destroying Credit"),
        ([BEGINS, event("CREATE_IN_PROGRESS", *BUCKET)], "creating My Bucket in Credit (AWS::S3::Bucket)"),
        ([event("UPDATE_IN_PROGRESS", *ROLE)], "updating Role in Credit (AWS::IAM::Role)"),
        ([event("DELETE_IN_PROGRESS", *BASELINE)], "deleting Team/Bias/Baseline in Credit (Custom::ClarifyBaseline)"),
        (
            [event("CREATE_IN_PROGRESS", *BUCKET), event("CREATE_IN_PROGRESS", *ROLE)],
            "creating Role and 1 more in Credit (AWS::IAM::Role)",
        ),
        (
            [event("CREATE_IN_PROGRESS", *BASELINE), event("CREATE_IN_PROGRESS", *BUCKET)],
            "baselining job of Team/Bias in Credit",
        ),
        (
            [event("CREATE_IN_PROGRESS", *BASELINE), event("CREATE_IN_PROGRESS", *OTHER_BASELINE)],
            "baselining jobs of Team/Bias, Reasons in Credit",
        ),
        ([event("UPDATE_IN_PROGRESS", *BASELINE)], "updating the baseline of Team/Bias in Credit"),
        (
            [
                "Credit: deploying... [1/1]",
                event("CREATE_IN_PROGRESS", *OTHER_BASELINE),
                event("CREATE_COMPLETE", *OTHER_BASELINE),
            ],
            "deploying Credit",
        ),
        (
            [
                "Credit: deploying... [1/1]",
                event("CREATE_IN_PROGRESS", *ROLE),
                event("CREATE_FAILED", "AWS::IAM::Role", "Role No | way"),
            ],
            "deploying Credit",
        ),
        # Of one moment, the end is told first.
        (
            ["Credit: deploying... [1/1]", event("CREATE_COMPLETE", *BUCKET), event("CREATE_IN_PROGRESS", *BUCKET)],
            "deploying Credit",
        ),
        ([event("ROLLBACK_IN_PROGRESS", "AWS::CloudFormation::Stack", "Credit why")], "rolling back Credit"),
        ([event("UPDATE_ROLLBACK_IN_PROGRESS", "AWS::CloudFormation::Stack", "Credit")], "rolling back Credit"),
        # A nested stack is a resource of its parent.
        (
            [event("CREATE_IN_PROGRESS", "AWS::CloudFormation::Stack", "Nested (NestedABC)")],
            "creating Nested in Credit (AWS::CloudFormation::Stack)",
        ),
    ],
)
def test_what_runs_now_is_told_from_the_cdk_commands_output(lines: list[str], now: str) -> None:
    activity = Activity()
    activity.begin("deploy", is_synthesized=False)
    for line in lines:
        activity.hear(line)

    assert activity.now == now


def test_another_command_begins_anew() -> None:
    activity = Activity()
    activity.begin("bootstrap", is_synthesized=False)
    assert activity.now.startswith("bootstrapping the account")
    activity.begin("deploy", is_synthesized=False)
    activity.hear(event("CREATE_IN_PROGRESS", *ROLE))
    activity.begin("deploy", is_synthesized=True)
    assert activity.now == "reading the synthesized app"


def test_a_pipe_gets_lines_without_what_cdk_prints() -> None:
    console = pipe()
    with Progress(console) as progress:
        progress.step("starting the embedded AWS")
        progress.begin("deploy", False)
        for line in ("Credit: deploying... [1/1]", event("CREATE_IN_PROGRESS", *BASELINE)):
            progress.hear(line)

    lines = printed(console).splitlines()
    assert lines[0] == "starting the embedded AWS …"
    assert lines[-1] == "baselining job of Team/Bias in Credit …"
    assert "[1/1]" not in printed(console)
    assert "\x1b" not in printed(console)


@pytest.mark.parametrize("environment", [{}, {"CI": "true"}, {"TERM": "dumb"}], ids=str)
def test_only_a_terminal_of_a_person_has_a_live_line(
    environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("CI", "TERM"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    console = Console(file=Terminal(), width=40, force_terminal=True)
    with Progress(console) as progress:
        progress.step("baselining job of Credit/Explainability in Credit")

    shown = printed(console)
    assert ("\x1b[?25l" in shown) == (not environment)  # it hides the cursor
    assert "baselining job of" in shown
    if environment:
        assert "Explainability in Credit …" in shown
    else:
        assert "baselining job of Credit/…" in shown
        assert shown.endswith("\x1b[2K")  # nothing is left


def test_a_live_line_has_signs_of_the_terminals_encoding(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("CI", "TERM"):  # which may say that no line is live
        monkeypatch.delenv(name, raising=False)

    class Ascii(Terminal):
        encoding = "ascii"

    console = Console(file=Ascii(), width=40, force_terminal=True)
    with Progress(console) as progress:
        progress.step("baselining job of Credit/Explainability")

    assert re.search("[-\\\\|/]\x1b\\[0m baselining", printed(console))


def test_all_that_cdk_prints_is_shown_if_asked_for() -> None:
    console = pipe()
    with Progress(console, verbose=True) as progress:
        progress.hear("Credit: deploying... [1/1]")

    assert "Credit: deploying... [1/1]\n" in printed(console)


def test_warnings_are_shown_once_without_asking() -> None:
    warning = [
        "WARNING Few samples",
        "in two lines (Annotation)",
        "   Credit/Reasons",
        "   Acknowledge with 'x'",
        "INFO no",
    ]
    console = pipe()
    with Progress(console) as progress:
        for line in ["Node.js 20.1.0 is past its end of life; use 22 or newer.", *warning] * 2:
            progress.hear(line)
        progress.hear("[Warning at /Credit] Old form")

    assert printed(console).splitlines() == [
        "Node.js 20.1.0 is past its end of life; use 22 or newer.",
        "WARNING Few samples",
        "in two lines (Annotation)",
        "   Credit/Reasons",
        "[Warning at /Credit] Old form",
    ]


# ---------------------------------------------------------------- metrics
def bias(*metrics: tuple[str, float | None, str | None], facet: str = "sex", group: str = "2") -> dict[str, Any]:
    found = [{"name": name, "value": value, **({"error": error} if error else {})} for name, value, error in metrics]
    return {
        "label": "approved",
        "label_value_or_threshold": "1",
        "facets": {facet: [{"value_or_threshold": group, "metrics": found}]},
    }


def shap(*labels: str) -> Constraints:
    values = {label: {"global_shap_values": {"age": 0.3, "debt_of_the_whole_household": -0.6}} for label in labels}
    return Constraints({"explanations": {"kernel_shap": values}})


def rendered(parts: list[Any], width: int = 80) -> str:
    console = pipe(width)
    console.print(Group(*parts))
    return printed(console)


def words(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.parametrize("width", [40, 80, 120])
def test_each_metric_has_its_value_and_its_meaning(width: int) -> None:
    document = {
        "pre_training_bias_metrics": bias(
            *((name, 0.25, None) for name in METRICS if METRICS[name].stage[:3] == "pre")
        ),
        "post_training_bias_metrics": bias(
            *((name, -0.5, None) for name in METRICS if METRICS[name].stage[:3] != "pre")
        ),
    }
    shown = rendered(bias_metrics(Constraints(document)), width)

    assert max(map(len, shown.splitlines())) <= width
    for name, metric in METRICS.items():
        value = "0.2500" if metric.stage == "pre-training" else "-0.5000"
        assert f"{value} {metric.title} ({name}). {metric.meaning}" in words(shown)
    assert "positive label is approved = 1. A fair value is 0, for DI 1." in words(shown)


def test_a_reason_stands_in_place_of_a_value() -> None:
    found = bias(("CDDL", None, "Group variable is empty"), ("CI", None, None), ("DPL", float("inf"), None))
    shown = words(rendered(bias_metrics(Constraints({"pre_training_bias_metrics": found}))))

    assert "(CDDL). Not computed: Group variable is empty. How much larger" in shown
    assert "(CI). Not computed: Clarify gives no reason. How much smaller" in shown
    assert "Infinity Difference in Proportions of Labels (DPL)." in shown


def test_what_names_a_group_variable_is_told() -> None:
    found = bias(("CDDL", None, "Group variable is empty or not provided"))
    shown = words(rendered(bias_metrics(Constraints({"pre_training_bias_metrics": found}))))

    assert "Group variable is empty or not provided. Name one by 'group_name' of BiasConfig. How" in shown


def test_a_meaning_is_told_for_the_first_group_only() -> None:
    groups = bias(("DI", 1.5, None), facet="age", group="old"), bias(("DI", 0.7, None), facet="sex", group="2")
    both = {"facets": {name: value for each in groups for name, value in each["facets"].items()}}
    shown = words(rendered(bias_metrics(Constraints({"post_training_bias_metrics": both}))))

    assert shown.count(METRICS["DI"].meaning) == 1
    assert "0.7000 Disparate Impact (DI)." in shown


@pytest.mark.parametrize(
    ("facet", "group", "named"),
    [("sex", "2", "group sex = 2"), ("age", "(40, 100]", "group age in (40, 100]"), ("zip", "a,b", "group zip = a,b")],
)
def test_a_group_is_named_by_its_facet(facet: str, group: str, named: str) -> None:
    document = {"post_training_bias_metrics": bias(("DI", 1.5, None), facet=facet, group=group)}
    assert f"Predictions of the model, {named}\n" in re.sub(" +\n", "\n", rendered(bias_metrics(Constraints(document))))


def test_an_unknown_metric_is_shown_by_its_name() -> None:
    shown = rendered(bias_metrics(Constraints({"post_training_bias_metrics": bias(("NEW", 0.5, None))})))
    assert "0.5000  NEW. " in shown


def test_a_limit_of_ones_own_is_not_a_suggested_one() -> None:
    def document(limit: float) -> Constraints:
        return Constraints({"post_training_bias_metrics": bias(("DPPL", limit, None), ("AD", 0.25, None))})

    shown = words(rendered(bias_metrics(document(0.1), document(0.0268))))

    assert "Constraints, with limits of your own" in shown
    assert "(DPPL). Your limit; suggested was 0.0268. How much less often" in shown
    assert shown.count("Your limit") == 1
    assert "Your limit" not in rendered(bias_metrics(document(0.1), Constraints({})))  # what was suggested is unknown


CONFIG = {"headers": ["approved", "age", "debt_of_the_whole_household"], "label": "approved"}


@pytest.mark.parametrize(
    ("labels", "config", "named"),
    [
        (["label0"], CONFIG, ["the prediction of approved"]),
        (["label0"], {**CONFIG, "label": 0}, ["the prediction of approved"]),
        (["label0"], {"label": "approved"}, ["the prediction of approved"]),
        (["label0"], {"label": 3}, ["the prediction"]),
        (["label0"], {}, ["the prediction"]),
        (["no", "yes"], CONFIG, ["the prediction of no", "the prediction of yes"]),
        (
            ["label0", "label1"],
            CONFIG,
            ["the prediction of approved, output 0 (label0)", "the prediction of approved, output 1 (label1)"],
        ),
    ],
)
def test_a_header_stands_in_place_of_label0(labels: list[str], config: dict[str, Any], named: list[str]) -> None:
    shown = rendered(attributions(shap(*labels), config, 80), 80)

    assert re.findall(r"each feature moves (.*?) \(global", words(shown)) == named
    first, second = re.findall(r"^ +([-\d.]+)  (\w+) +(█+)", shown, re.MULTILINE)[:2]
    assert (first[:2], second[:2]) == (("-0.6000", "debt_of_the_whole_household"), ("0.3000", "age"))
    assert len(first[2]) == 2 * len(second[2])


# ---------------------------------------------------------------- whole words
SEPARATORS = "/_,:-"  # where a name that is longer than a line may be broken
TEXTS = [
    "s3://a-bucket-with-a-long-name-5e8f1c/monitors/credit/2026/03/01/analysis.json is not there",
    "2026-03-01 11:00  monitor-of-the-credit-endpoint  ✗ CompletedWithViolations: see the report",
    "  • `sex 2` gets `1` 0.31 less often than the rest",
    "first\n\nthird   with blanks",
    "",
]


@pytest.mark.parametrize("width", [30, 40, 80, 120])
@pytest.mark.parametrize("text", TEXTS)
def test_no_line_breaks_a_word(text: str, width: int) -> None:
    console = pipe(width)
    console.print(Wrapped(text, indent=2))
    lines = printed(console).splitlines()

    assert max(map(len, lines), default=0) <= width
    assert "".join("".join(lines).split()) == "".join(text.split())
    for token in " ".join(lines).split():
        ends = [word for word in text.split() if re.search(f"(^|[{SEPARATORS}]){re.escape(token)}$", word)]
        assert ends or token[-1] in SEPARATORS
    assert not any(line.endswith(("✗", "•")) for line in lines)


@pytest.mark.parametrize("width", range(1, 60, 7))
def test_what_is_shortened_ends_with_a_whole_piece(width: int) -> None:
    text = "creating Provider/Framework/waiter-state-machine in Credit (AWS::StepFunctions::StateMachine)"
    short = shortened(text, width)

    assert len(short) <= max(width, 1)
    assert short[-1] == "…"
    assert re.match(r"\w", text[len(short) - 1 :]) is None or not re.search(r"\w$", short[:-1])


def test_what_fits_is_not_shortened() -> None:
    assert shortened("creating Role", 13) == "creating Role"
