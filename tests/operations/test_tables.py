"""What `clarify-monitors` prints fits: at any width whole words, in any encoding a sign for each sign."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest
from rich.console import Console
from rich.text import Text

from cdk_clarify_monitors_operations import Constraints, ConstraintViolations, drift
from cdk_clarify_monitors_operations.command._violations import show_violations
from cdk_clarify_monitors_operations.data._metric_meanings import METRICS
from cdk_clarify_monitors_operations.data._prediction_names import PredictionNames
from cdk_clarify_monitors_operations.terminal import _encoding, _tables
from cdk_clarify_monitors_operations.terminal._console import say
from cdk_clarify_monitors_operations.terminal._output import Output
from cdk_clarify_monitors_operations.terminal._wrapping import Wrapped
from tests.operations.account import HOUR, Account
from tests.operations.command import clarify_monitors

LONG = "beta-monitor-with-a-rather-long-name-that-fills-63-characters-x"
HEADINGS = ("name", "type", "newest execution (UTC)", "value")
ROWS = [
    (LONG, "ModelExplainability", "2026-03-02 12:00", "0.6250"),
    ("überwachung-kredit", "ModelBias", "-", "-Infinity"),
    ("信用-監視", "ModelBias", "-", "1"),
]


class Stream(io.TextIOWrapper):
    """A stream of an encoding."""

    def __init__(self, encoding: str = "utf-8") -> None:
        self.written = io.BytesIO()
        super().__init__(self.written, encoding=encoding, newline="\n")

    @property
    def text(self) -> str:
        self.flush()
        return self.written.getvalue().decode(self.encoding)


def printed(width: int, encoding: str = "utf-8", rows: Any = ROWS) -> str:
    stream = Stream(encoding)
    console = Console(file=stream, width=width, color_system=None)
    cells = [[Text(value) for value in row] for row in rows]
    console.print(_tables.table(console, HEADINGS, cells, [False, False, False, True]))
    return stream.text


@pytest.mark.parametrize("width", [40, 60, 73, 74, 80, 100, 200, 100_000])
def test_a_table_fits_and_breaks_no_word(width: int) -> None:
    shown = printed(width)

    lines = shown.splitlines()
    assert max(Text(line.rstrip()).cell_len for line in lines) <= width
    assert "".join(shown.split()).count("ModelExplainability") == 1
    for token in shown.split():
        assert any(token in value.split() or value.endswith(token) or token[-1] == "-" for value in _words())
    is_table = lines[0].startswith("name") and "type" in lines[0]
    assert is_table == (width >= 74)


def _words() -> list[str]:
    return [*(value for row in ROWS for value in row), *HEADINGS]


def test_columns_of_numbers_are_aligned_right() -> None:
    for width in (80, 200, 100_000):
        lines = [line for line in printed(width).splitlines() if re.search(r"(value|6250|Infinity|1)$", line)]
        assert (len(lines), len({Text(line).cell_len for line in lines})) == (4, 1)


def test_what_does_not_fit_is_told_row_by_row() -> None:
    first, *_ = printed(60).split("\n\n")
    assert re.split(r"  +", first.splitlines()[-1].strip()) == ["value", "0.6250"]
    narrow = printed(40).splitlines()
    assert narrow[0].strip() == "name"
    assert narrow[1].startswith("  beta-")


def test_no_rows_are_no_error() -> None:
    assert printed(80, rows=[]).split() == ["name", "type", "newest", "execution", "(UTC)", "value"]
    assert printed(20, rows=[]).strip() == ""


# ---------------------------------------------------------------- encodings
SIGNS = "✓ Completed … ✗ 0 to ∞ • \N{MINUS SIGN}1 ≥ 0 “x” █"


@pytest.mark.parametrize(
    ("encoding", "shown"),
    [
        ("utf-8", SIGNS),
        ("cp1252", "+ Completed … x 0 to Infinity • -1 >= 0 “x” #"),
        ("ascii", '+ Completed ... x 0 to Infinity * -1 >= 0 "x" #'),
        ("latin-1", '+ Completed ... x 0 to Infinity * -1 >= 0 "x" #'),
    ],
)
def test_signs_are_those_of_the_encoding(encoding: str, shown: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert _encoding.encodable(Text(SIGNS), encoding).plain == shown
    stream = Stream(encoding)
    monkeypatch.setattr("sys.stdout", stream)
    monkeypatch.setattr("sys.stderr", Stream(encoding))
    _encoding.replace_lacking_characters()
    print(SIGNS)  # noqa: T201 (what is written without being laid out)
    assert stream.text == f"{shown}\n"


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "latin-1", "utf-8"])
@pytest.mark.parametrize("name", ["überwachung", "信用-監視", "emoji-😀", "combining-é"])
def test_names_of_any_language_are_shown(name: str, encoding: str) -> None:
    stream = Stream(encoding)
    console = Console(file=stream, width=60, color_system=None)
    console.print(Wrapped(name))
    say(console, Text.assemble((name, "red"), " is Scheduled"))

    lines = stream.text.splitlines()
    assert lines[1].endswith(" is Scheduled")
    if encoding == "utf-8":
        assert lines[0] == name
    else:
        assert lines[0].encode(encoding).decode("unicode_escape" if encoding == "ascii" else encoding)
        assert "?" not in stream.text


def test_a_style_stays_with_what_is_replaced() -> None:
    found = _encoding.encodable(Text.assemble(("✓ done", "green"), " …"), "ascii")
    assert (found.plain, found.spans[0][:2]) == ("+ done ...", (0, 1))


# ---------------------------------------------------------------- violations
def attributions(*labels: str, **values: float) -> dict[str, Any]:
    return {"explanations": {"kernel_shap": {label: {"global_shap_values": values} for label in labels}}}


@pytest.mark.parametrize(
    ("labels", "header", "named"),
    [
        (["label0"], "approved", ["approved"]),
        (["label0"], None, ["label0"]),
        (["label0", "label1"], "approved", ["approved, output 0 (label0)", "approved, output 1 (label1)"]),
        (["no", "yes"], "approved", ["no", "yes"]),
    ],
)
def test_violations_have_headers_and_meanings(
    labels: list[str], header: str | None, named: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    stream = Stream()
    monkeypatch.setattr("sys.stdout", stream)
    found = drift(attributions(*labels, a=0.7, b=0.5, c=0.05), attributions(*labels, a=0.05, b=0.2, c=0.7)).violations
    violations = ConstraintViolations({"violations": found}).violations()

    show_violations(Output(json=False), violations, PredictionNames(header, len(labels)))

    heading, *rows = stream.text.split("\n\n")[0].splitlines()
    assert re.split("  +", heading) == ["prediction of", "metric", "value", "limit"]
    assert [re.split("  +", row) for row in rows] == [
        [name, "nDCG of the SHAP ranking", "0.6876", "at least 0.9"] for name in named
    ]
    assert "how well the current ranking of the features agrees" in stream.text


def test_a_metric_is_explained_once(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("boto3.Session", lambda **_: account.session)
    job = account.add_execution("credit", HOUR, "CompletedWithViolations")
    entries = [
        {
            "facet": "sex",
            "facet_value": group,
            "metric_name": "DPPL",
            "constraint_check_type": "bias_drift_check",
            "description": "Metric value 0.3 doesn't meet the baseline constraint requirement -0.1",
        }
        for group in ("1", "2")
    ]
    place = f"s3://monitor/results/credit-endpoint/credit/{HOUR:%Y/%m/%d/%H}/constraint_violations.json"
    account.put_json(place, {"violations": entries})

    ended = clarify_monitors("violations", "credit")

    assert (job is not None, ended.code) == (True, 2)
    assert ended.out.count(f"DPPL: {METRICS['DPPL'].title}. {METRICS['DPPL'].meaning}\n") == 1
    assert "farther from 0" in ended.out
    assert [line.split()[:6] for line in ended.out.splitlines()[1:3]] == [
        ["2024-05-02", "03:00", "sex", group, "DPPL", "0.3000"] for group in ("1", "2")
    ]
    assert [each["metric"] for each in clarify_monitors("violations", "credit", "--json").json] == ["DPPL", "DPPL"]


def test_a_label_has_its_header_from_the_baselining_job(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("boto3.Session", lambda **_: account.session)
    definition = account.aws["job_definitions"]["ModelExplainability"]["shap-def"]
    definition["ModelExplainabilityBaselineConfig"] = {"BaseliningJobName": "base"}
    job = account._job("base", HOUR, {})
    job["ProcessingInputs"] = [
        {
            "InputName": "analysis_config",
            "S3Input": {"S3Uri": "s3://monitor/base.json", "LocalPath": "/in", "S3DataType": "S3Prefix"},
        }
    ]
    account.aws["processing_jobs"]["base"] = [job]
    account.put_json("s3://monitor/base.json", {"headers": ["approved", "a"], "label": 0})
    folder = f"s3://monitor/results/credit-endpoint/credit/{HOUR:%Y/%m/%d/%H}"
    account.put_json(f"{folder}/analysis.json", attributions("label0", a=0.5, b=0.25))
    account.add_execution("shap", HOUR)

    shown, document = clarify_monitors("analysis", "shap"), clarify_monitors("analysis", "shap", "--json")

    assert "approved       a            0.5000" in shown.out
    assert "label0" in document.out
    assert Constraints(document.json).feature_attributions()[0].label == "label0"
