"""A report over all executions: its numbers, what is kept of them, and that it never passes for more than it is."""

from __future__ import annotations

import itertools
import json
import math
import re
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from benchmarks.made_up_monitor import FIRST, MadeUpMonitor
from cdk_clarify_monitors_operations import (
    AccessDenied,
    ClarifyModelMonitor,
    InvalidArgument,
    MonitorReport,
    drift,
)
from cdk_clarify_monitors_operations.report._charts import WIDTH, Line, TimeAxis, draw_line
from tests.operations.account import HOUR, KEY, Account

HOURS, DAY = timedelta(hours=1), timedelta(days=1)
Report = Callable[..., MonitorReport]


@pytest.fixture
def report(account: Account, tmp_path: Path) -> Report:
    """Makes reports of the bias monitor `credit`."""

    def make(name: str = "credit", **arguments: Any) -> MonitorReport:
        arguments.setdefault("cache_directory", tmp_path / "cache")
        return ClarifyModelMonitor.attach(name, account.session).report(**arguments)

    return make


def made_up(monitor: MadeUpMonitor, cache: Path, **arguments: Any) -> MonitorReport:
    return ClarifyModelMonitor.attach(monitor.name, monitor.session).report(cache_directory=cache, **arguments)


def analysis(facets: dict[str, dict[str, dict[str, Any]]], stage: str = "post") -> dict[str, Any]:
    """An analysis.json: facet, group, metric, value."""
    return {
        f"{stage}_training_bias_metrics": {
            "label": "y",
            "label_value_or_threshold": "1",
            "facets": {
                facet: [
                    {
                        "value_or_threshold": group,
                        "metrics": [
                            {"name": name, "description": name, "value": value} for name, value in metrics.items()
                        ],
                    }
                    for group, metrics in groups.items()
                ]
                for facet, groups in facets.items()
            },
        }
    }


def shap(**values: float) -> dict[str, Any]:
    return {"explanations": {"kernel_shap": {"label0": {"global_shap_values": values}}}}


class Past:
    """The executions of a monitor of an account, one an hour."""

    def __init__(self, account: Account, baseline: dict[str, Any], kind: str = "ModelBias") -> None:
        self._account, self._baseline, self._due = account, baseline, HOUR
        self._name = "credit" if kind == "ModelBias" else "shap"
        account.put_json(f"s3://monitor/{kind}.json", baseline)
        account.aws["executions"].setdefault(self._name, [])

    def place(self, due: datetime) -> str:
        return f"s3://monitor/results/credit-endpoint/credit/{due:%Y/%m/%d/%H}"

    def completed(self, current: dict[str, Any], violations: list[dict[str, Any]] | None = None) -> str:
        found = drift(self._baseline, current).violations if violations is None else violations
        self._account.put_json(f"{self.place(self._due)}/analysis.json", current)
        if found:
            self._account.put_json(f"{self.place(self._due)}/constraint_violations.json", {"violations": found})
        self._add("CompletedWithViolations" if found else "Completed")
        return self.place(self._due - timedelta(hours=1))

    def failed(self, reason: str = "Job inputs had no data", *, status: str = "Failed", with_job: bool = False) -> None:
        self._add(status, reason=reason, with_job=with_job)

    def _add(self, status: str, **more: Any) -> None:
        self._account.add_execution(self._name, self._due, status, **more)
        # SageMaker lists the newest first.
        executions = self._account.aws["executions"][self._name]
        executions.insert(0, executions.pop())
        self._due += timedelta(hours=1)


# ---------------------------------------------------------------- numbers
def test_each_metric_has_a_series_with_gaps(account: Account, report: Report) -> None:
    past = Past(account, analysis({"sex": {"2": {"DPPL": 0.1, "DI": 0.8}}}))
    past.completed(analysis({"sex": {"2": {"DPPL": 0.05, "DI": 0.9}}}))
    past.failed()
    past.completed(analysis({"sex": {"2": {"DPPL": -0.3, "DI": "Infinity"}}}))
    past.completed(analysis({"sex": {"2": {"DPPL": None, "DI": 0.1}}}))

    made = report()

    series = {each.metric: each for each in made.numbers.bias}
    assert series["DPPL"].values == [0.05, None, -0.3, None]
    assert series["DPPL"].baseline == 0.1
    assert series["DPPL"].violations == [2]
    assert series["DPPL"].errors == {3: "no value"}
    assert series["DI"].values == [0.9, None, math.inf, 0.1]
    assert series["DI"].violations == [0, 2]  # 0.9 is fairer than 0.8, but farther from 0
    assert [each.outcome for each in made.numbers.executions] == [
        "CompletedWithViolations",
        "NoData",
        "CompletedWithViolations",
        "Completed",
    ]
    assert [each.violations for each in made.numbers.executions] == [1, None, 2, 0]
    assert made.complete


def test_violations_are_sentences_newest_first(account: Account, report: Report) -> None:
    past = Past(account, analysis({"sex": {"2": {"DPPL": 0.1}}}))
    past.completed(analysis({"sex": {"2": {"DPPL": 0.2}}}))
    past.completed(analysis({"sex": {"2": {"DPPL": 0.3}}}))

    assert [each.sentence for each in report().numbers.violations] == [
        "`sex 2` gets `1` 0.30 less often than the rest; at training 0.10",
        "`sex 2` gets `1` 0.20 less often than the rest; at training 0.10",
    ]


def test_a_group_whose_upper_end_moves_is_one(account: Account, report: Report) -> None:
    past = Past(account, analysis({"age": {"(65, 90]": {"DPPL": 0.1}}}))
    past.completed(analysis({"age": {"(65, 88]": {"DPPL": 0.2}}}))
    past.completed(analysis({"age": {"(65, 93]": {"DPPL": 0.05}}}))

    (series,) = report().numbers.bias

    assert series.facet_value == "(65, 90]"
    assert series.values == [0.2, 0.05]
    assert series.violations == [0]


def test_groups_that_begin_alike_stay_apart(account: Account, report: Report) -> None:
    groups = {"(0, 10]": {"DPPL": 0.1}, "(0, 20]": {"DPPL": 0.2}}
    past = Past(account, analysis({"age": groups}))
    past.completed(analysis({"age": groups}))

    assert [(each.facet_value, each.values) for each in report().numbers.bias] == [
        ("(0, 10]", [0.1]),
        ("(0, 20]", [0.2]),
    ]


def test_without_a_baseline_nothing_is_compared(account: Account, report: Report) -> None:
    past = Past(account, {})
    past.completed(analysis({"sex": {"2": {"DPPL": 0.2}}}))
    account.aws["job_definitions"]["ModelBias"]["credit-def"]["ModelBiasBaselineConfig"] = {}

    made = report()

    assert made.complete
    assert made.baseline is None
    assert made.numbers.bias[0].baseline is None
    assert "Nothing is compared: the monitor has no baseline." in made.html()


def test_a_violation_of_another_baseline_keeps_its_limit(account: Account, report: Report) -> None:
    past = Past(account, analysis({"sex": {"2": {"DPPL": 0.5}}}))
    old = drift(analysis({"sex": {"2": {"DPPL": 0.1}}}), analysis({"sex": {"2": {"DPPL": 0.2}}})).violations
    past.completed(analysis({"sex": {"2": {"DPPL": 0.2}}}), old)

    made = report()

    assert made.numbers.bias[0].violations == [0]
    assert made.numbers.bias[0].other_limits == {0: 0.1}
    assert "against another limit" in made.html()
    assert made.numbers.violations[0].sentence.endswith("; the limit was 0.10")


def test_a_limit_of_ones_own_is_not_called_the_baseline(account: Account, report: Report) -> None:
    past = Past(account, analysis({"sex": {"2": {"DPPL": 0.1, "AD": 0.3}}}))
    account.objects["s3://monitor/job/analysis.json"] = account.objects.pop("s3://monitor/ModelBias.json")
    account.put_json(
        "s3://monitor/job/constraints-0123456789abcdef/analysis.json",
        analysis({"sex": {"2": {"DPPL": 0.5, "AD": 0.3}}}),
    )
    definition = account.aws["job_definitions"]["ModelBias"]["credit-def"]
    uri = "s3://monitor/job/constraints-0123456789abcdef/analysis.json"
    definition["ModelBiasBaselineConfig"] = {"ConstraintsResource": {"S3Uri": uri}}
    past.completed(analysis({"sex": {"2": {"DPPL": 0.2, "AD": 0.2}}}))

    page = report().html()

    assert "<span>own limit 0.500</span>" in page
    assert "<span>baseline 0.300</span>" in page
    assert "own limit 0.500" in page.split('aria-label="DPPL of sex = 2')[1].split('"')[0]


def test_attributions_are_ranked_and_drift_shows_early(account: Account, report: Report) -> None:
    past = Past(account, shap(age=0.5, income=0.3, debt=0.1), "ModelExplainability")
    past.completed(shap(age=0.5, income=0.3, debt=0.1))
    past.completed(shap(age=0.2, income=0.3, debt=0.1))
    past.failed()
    past.completed(shap(age=0.1, income=0.3, debt=0.2))

    made = report("shap")

    (label,) = made.numbers.attributions
    assert label.ndcg == [1.0, pytest.approx(0.9001540), None, pytest.approx(0.8293121)]
    assert label.violations == [3]
    assert [each.feature for each in label.features] == ["income", "debt", "age"]
    assert [(each.baseline_rank, each.ranks) for each in label.features] == [
        (2, [2, 1, None, 1]),
        (3, [3, 3, None, 2]),
        (1, [1, 2, None, 3]),
    ]


def test_ndcg_close_to_the_limit_is_spoken_of(account: Account, report: Report) -> None:
    past = Past(account, shap(age=0.5, income=0.3, debt=0.1), "ModelExplainability")
    past.completed(shap(age=0.2, income=0.3, debt=0.1))

    assert "Close to the limit of 0.9" in report("shap").html()


def test_the_numbers_are_json_without_infinity(account: Account, report: Report) -> None:
    past = Past(account, analysis({"sex": {"2": {"DI": 0.8}}}))
    past.completed(analysis({"sex": {"2": {"DI": "Infinity"}}}))

    found = json.loads(json.dumps(report().to_dict(), allow_nan=False))

    assert found["numbers"]["bias"][0]["values"] == ["Infinity"]
    assert found["complete"] is True
    assert found["numbers"]["executions"][0]["scheduled_time"] == "2024-05-02T03:00:00+00:00"


def test_period_and_limit_are_of_the_executions(account: Account, report: Report) -> None:
    past = Past(account, analysis({"sex": {"2": {"DPPL": 0.1}}}))
    for number in range(5):
        past.completed(analysis({"sex": {"2": {"DPPL": number / 100}}}))

    assert report(since=HOUR + timedelta(hours=1), until=HOUR + timedelta(hours=3)).numbers.bias[0].values == [
        0.01,
        0.02,
    ]
    assert report(limit=2).numbers.bias[0].values == [0.03, 0.04]
    assert report(limit=2).truncated
    assert not report(limit=5).truncated


def test_the_size_of_the_data_is_what_lies_there(account: Account, report: Report) -> None:
    past = Past(account, analysis({"sex": {"2": {"DPPL": 0.1}}}))
    past.completed(analysis({"sex": {"2": {"DPPL": 0.05}}}))
    (job,) = account.aws["processing_jobs"].values()
    inputs = {"endpoint_input_1": "s3://monitor/merge/03", "constraints": "s3://monitor/ModelBias.json"}
    job[0]["ProcessingInputs"] = [
        {"InputName": name, "S3Input": {"S3Uri": uri, "LocalPath": "/in", "S3DataType": "S3Prefix"}}
        for name, uri in inputs.items()
    ]
    for part in ("a", "b"):
        account.put(f"s3://monitor/merge/03/{part}.jsonl", "{}")

    made = report()

    assert made.numbers.executions[0].input_files == 2
    assert made.numbers.executions[0].input_bytes == 2  # the fake's objects have one byte each


def test_data_that_is_gone_is_unknown(account: Account, report: Report) -> None:
    past = Past(account, analysis({"sex": {"2": {"DPPL": 0.1}}}))
    past.completed(analysis({"sex": {"2": {"DPPL": 0.05}}}))

    made = report()

    assert made.numbers.executions[0].input_bytes is None
    assert "nothing is left to be measured" in made.html()
    assert made.complete


@pytest.mark.parametrize("limit", [0, -1, True, 2.5, "3"])
def test_a_limit_that_is_none_is_refused(report: Report, limit: Any) -> None:
    with pytest.raises(InvalidArgument, match="'limit' must be a whole number of 1 or more"):
        report(limit=limit)


# ---------------------------------------------------------------- what cannot be read
def test_a_report_says_what_it_could_not_read(account: Account, report: Report) -> None:
    past = Past(account, analysis({"sex": {"2": {"DPPL": 0.1}}}))
    place = past.completed(analysis({"sex": {"2": {"DPPL": 0.2}}}))
    past.completed(analysis({"sex": {"2": {"DPPL": 0.05}}}))
    del account.objects[f"{place}/analysis.json"]

    made = report()

    assert not made.complete
    assert [each.what for each in made.unreadable] == ["analysis.json"]
    assert made.numbers.bias[0].values == [0.2, 0.05]  # what the violation says
    assert made.numbers.bias[0].violations == [0]
    page = made.html()
    assert "This report is not complete" in page
    assert page.index("This report is not complete") < page.index(">Executions</h2>")
    assert "does not exist, although the processing job" in page


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("{", "is no JSON"),
        ("[]", "must be a JSON object"),
        ('{"post_training_bias_metrics": {"facets": {"sex": [{}]}}}', "not as Clarify writes"),
        ('{"post_training_bias_metrics": {"facets": {"sex": 3}}}', "not as Clarify writes"),
    ],
)
def test_a_damaged_file_is_told(account: Account, report: Report, content: str, reason: str) -> None:
    past = Past(account, analysis({"sex": {"2": {"DPPL": 0.1}}}))
    place = past.completed(analysis({"sex": {"2": {"DPPL": 0.05}}}))
    account.put(f"{place}/analysis.json", content)

    made = report()

    assert reason in made.unreadable[0].reason
    assert made.numbers.executions[0].unreadable == ("analysis.json",)


def test_many_alike_are_one_line_with_their_number(account: Account, report: Report) -> None:
    past = Past(account, analysis({"sex": {"2": {"DPPL": 0.1}}}))
    for _ in range(30):
        del account.objects[f"{past.completed(analysis({'sex': {'2': {'DPPL': 0.05}}}))}/analysis.json"]

    page = report().html()

    assert page.count("Could not be read: analysis.json of 30 executions") == 1
    assert "and 10 more" in page


def test_a_baseline_that_cannot_be_read_is_told(account: Account, report: Report) -> None:
    past = Past(account, analysis({"sex": {"2": {"DPPL": 0.1}}}))
    past.completed(analysis({"sex": {"2": {"DPPL": 0.05}}}))
    account.deny("GetObject", Key="ModelBias.json")

    made = report()

    assert [each.what for each in made.unreadable] == ["the baseline"]
    assert made.numbers.bias[0].values == [0.05]


def test_a_list_that_ends_early_is_told(account: Account, report: Report) -> None:
    past = Past(account, analysis({"sex": {"2": {"DPPL": 0.1}}}))
    for _ in range(3):
        past.failed()
    account.aws["page_size"] = {"ListMonitoringExecutions": 2}
    account.deny("ListMonitoringExecutions")
    account.aws["failures"][-1]["nth"] = 2

    made = report()

    assert [each.what for each in made.unreadable] == ["the list of older executions"]
    assert len(made.numbers.executions) == 2


def test_a_list_whose_connection_breaks_is_told(tmp_path: Path) -> None:
    from botocore.exceptions import ResponseStreamingError

    monitor = MadeUpMonitor(executions=150)
    answer, pages = monitor._ListMonitoringExecutions, itertools.count()

    def breaks(request: Any) -> Any:
        if next(pages):
            raise ResponseStreamingError(error="broken")
        return answer(request)

    monitor._ListMonitoringExecutions = breaks  # type: ignore[method-assign]

    made = made_up(monitor, tmp_path)

    assert [each.what for each in made.unreadable] == ["the list of older executions"]
    assert 0 < len(made.numbers.executions) < 150


def test_without_any_list_there_is_no_report(account: Account, report: Report) -> None:
    account.deny("ListMonitoringExecutions")

    with pytest.raises(AccessDenied):
        report()


def test_a_truncated_report_says_so(account: Account, report: Report) -> None:
    past = Past(account, analysis({"sex": {"2": {"DPPL": 0.1}}}))
    past.failed()
    past.failed()

    made = report(limit=1)

    assert not made.complete
    page = unescape(made.html())
    assert "Not all of it: only the newest execution, as the limit says; there are older ones." in page


def test_a_connection_that_breaks_costs_one_execution(tmp_path: Path) -> None:
    from botocore.exceptions import ResponseStreamingError

    monitor = MadeUpMonitor(executions=4)
    answer = monitor._GetObject

    def breaks(request: Any) -> Any:
        if "2026/03/03" in request.url:
            raise ResponseStreamingError(error="broken")
        return answer(request)

    monitor._GetObject = breaks  # type: ignore[method-assign]

    made = made_up(monitor, tmp_path)

    assert {each.scheduled_time for each in made.unreadable} == {FIRST + DAY}
    assert len(made.numbers.executions) == 4


def test_no_executions_make_a_report_too(report: Report) -> None:
    made = report()

    assert made.complete
    assert "There are no executions yet." in made.html()
    assert "There are no executions in this period." in report(since=HOUR).html()
    assert "Not computed" not in made.html()


def test_one_execution_is_spoken_of_as_one(account: Account, report: Report) -> None:
    Past(account, analysis({"sex": {"2": {"DPPL": 0.1}}})).completed(analysis({"sex": {"2": {"DPPL": 0.05}}}))

    assert "One execution, of 02 May 2024, 03:00 UTC: without violations." in report().html()


def test_a_value_that_is_not_the_newest_alarms_nobody(account: Account, report: Report) -> None:
    past = Past(account, analysis({"sex": {"2": {"DPPL": 0.1}}}))
    past.completed(analysis({"sex": {"2": {"DPPL": 0.3}}}))
    past.completed(analysis({"sex": {"2": {"DPPL": None}}}))

    page = report().html()

    assert "1 did earlier" in page
    assert '<b class="alarm">' not in page


@pytest.mark.parametrize(("step", "count"), [(HOURS, 49), (HOURS, 100), (DAY, 3), (DAY, 6), (DAY, 400), (7 * DAY, 60)])
@pytest.mark.parametrize("width", [WIDTH, 900])
def test_no_date_stands_twice_below_a_chart(step: timedelta, count: int, width: int) -> None:
    axis = TimeAxis([FIRST + number * step for number in range(count)])

    labels = re.findall(r"<text[^>]*>([^<]*[A-Z][^<]*)<", draw_line(axis, Line([0.5] * count), width))

    assert labels
    assert len(set(labels)) == len(labels)


# ---------------------------------------------------------------- what is kept
def test_what_has_finished_is_read_once(tmp_path: Path) -> None:
    monitor = MadeUpMonitor(executions=12)
    first = made_up(monitor, tmp_path)
    monitor.requests.clear()

    second = made_up(monitor, tmp_path)

    assert second.to_dict() == first.to_dict()
    assert second.html() == first.html()
    assert monitor.requests["GetObject"] == 1  # the baseline
    assert monitor.requests["DescribeProcessingJob"] == monitor.requests["ListObjectsV2"] == 0


def test_what_runs_or_was_not_read_is_read_again(account: Account, report: Report) -> None:
    past = Past(account, analysis({"sex": {"2": {"DPPL": 0.1}}}))
    place = past.completed(analysis({"sex": {"2": {"DPPL": 0.05}}}))
    past.failed("", status="InProgress", with_job=True)
    kept = account.objects.pop(f"{place}/analysis.json")
    assert not report().complete
    account.objects[f"{place}/analysis.json"] = kept

    made = report()

    assert made.complete
    assert made.numbers.bias[0].values == [0.05, None]
    assert [each.outcome for each in made.numbers.executions] == ["Completed", "Running"]


@pytest.mark.parametrize("damage", ["", "{", "[]", "null", '{"identity": 1}', "truncate", "flip"])
def test_a_damaged_entry_is_read_again(tmp_path: Path, damage: str) -> None:
    monitor = MadeUpMonitor(executions=3)
    first = made_up(monitor, tmp_path)
    for entry in tmp_path.rglob("*.json"):
        content = entry.read_text()
        damaged = {"truncate": content[:-40], "flip": content.replace('"value":0.', '"value":0.9', 1)}
        entry.write_text(damaged.get(damage, damage))

    second = made_up(monitor, tmp_path)

    assert second.to_dict() == first.to_dict()


def test_entries_of_other_accounts_and_places_do_not_count(tmp_path: Path) -> None:
    mine, other = MadeUpMonitor(executions=3), MadeUpMonitor(executions=3)
    made_up(mine, tmp_path)
    for summary in other.summaries:
        summary["ProcessingJobArn"] = summary["ProcessingJobArn"].replace("123456789012", "210987654321")

    made_up(other, tmp_path)

    assert other.requests["GetObject"] >= 4


def test_a_folder_that_cannot_be_written_keeps_nothing(tmp_path: Path) -> None:
    occupied = tmp_path / "file"
    occupied.write_text("")

    assert made_up(MadeUpMonitor(executions=3), occupied / "cache").complete


def test_the_default_folder_is_the_users(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from cdk_clarify_monitors_operations.report import _cache

    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))

    assert _cache.default_cache_directory() == tmp_path / "cdk-clarify-monitors" / "executions"


# ---------------------------------------------------------------- many at once
def test_at_most_eight_requests_are_under_way(tmp_path: Path) -> None:
    monitor = MadeUpMonitor(executions=40, seconds=0.002)

    made_up(monitor, tmp_path)

    assert 1 < monitor.most_at_once <= 8


def test_jobs_are_described_several_at_once(tmp_path: Path) -> None:
    """Each answer waits for another request: one after the other, they would never come."""
    monitor = MadeUpMonitor(executions=4)
    together, answer = threading.Barrier(2, timeout=30), monitor._DescribeProcessingJob

    def waits(request: Any) -> Any:
        together.wait()
        return answer(request)

    monitor._DescribeProcessingJob = waits  # type: ignore[method-assign]

    assert made_up(monitor, tmp_path).complete
    assert monitor.requests["DescribeProcessingJob"] == 4


def test_progress_counts_the_executions(tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []

    made_up(MadeUpMonitor(executions=3), tmp_path, progress=lambda done, all_: told.append((done, all_)))

    assert told == [(1, 3), (2, 3), (3, 3)]


# ---------------------------------------------------------------- saving
def test_page_and_numbers_lie_side_by_side(tmp_path: Path) -> None:
    made = made_up(MadeUpMonitor(executions=2), tmp_path / "cache")

    assert made.save(tmp_path / "new" / "credit.html") == (
        str(tmp_path / "new" / "credit.html"),
        str(tmp_path / "new" / "credit.json"),
    )
    assert made.save(str(tmp_path / "folder"))[0] == str(tmp_path / "folder" / "report.html")
    assert (tmp_path / "new" / "credit.html").read_text() == made.html()
    assert json.loads((tmp_path / "new" / "credit.json").read_text()) == made.to_dict()
    assert sorted(each.name for each in (tmp_path / "new").iterdir()) == ["credit.html", "credit.json"]


def test_a_save_that_fails_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = made_up(MadeUpMonitor(executions=2), tmp_path / "cache")
    (tmp_path / "out").mkdir()
    page = tmp_path / "out" / "credit.html"
    page.write_text("old")

    def fails(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", fails)

    with pytest.raises(OSError, match="No space left"):
        made.save(page)
    assert [(each.name, each.read_text()) for each in (tmp_path / "out").iterdir()] == [("credit.html", "old")]


@pytest.mark.parametrize(
    ("uri", "page"),
    [
        ("s3://reports/credit.html", "s3://reports/credit.html"),
        ("s3://reports/a/b/", "s3://reports/a/b/report.html"),
        ("s3://reports/a.b/c", "s3://reports/a.b/c/report.html"),
        ("s3://reports", "s3://reports/report.html"),
    ],
)
def test_in_s3_the_monitors_key_encrypts(account: Account, report: Report, uri: str, page: str) -> None:
    places = report().save(uri)

    assert places == (page, page.replace(".html", ".json"))
    sent = account.sent("PutObject")
    assert [each["ContentType"] for each in sent] == ["application/json", "text/html; charset=utf-8"]
    assert {each["SSEKMSKeyId"] for each in sent} == {KEY}


@pytest.mark.parametrize("place", ["", None, 3, "s3:/x", "s3://"])
def test_a_place_that_is_none_is_refused(report: Report, place: Any) -> None:
    with pytest.raises(InvalidArgument, match="'path_or_s3_uri' must be"):
        report().save(place)


def test_times_are_utc_whatever_the_machine_has(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import time

    pages = []
    for zone in ("UTC", "Asia/Tokyo"):
        monkeypatch.setenv("TZ", zone)
        time.tzset()
        pages.append(made_up(MadeUpMonitor(executions=5), tmp_path, since=datetime(2026, 3, 2, tzinfo=UTC)).html())
    monkeypatch.delenv("TZ")
    time.tzset()

    assert pages[0] == pages[1]
