"""Lays a report out as a page: what needs attention first, and in words that need no knowledge of the metrics."""

from __future__ import annotations

import base64
import functools
import hashlib
import importlib.resources
import json
import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final

from cdk_clarify_monitors_operations._errors import NotSupported
from cdk_clarify_monitors_operations.data._constraint_check import NDCG_THRESHOLD, lower_end
from cdk_clarify_monitors_operations.data._metric_meanings import BIAS_RULE, METRICS, NDCG_MEANING
from cdk_clarify_monitors_operations.report import _words as words
from cdk_clarify_monitors_operations.report._charts import (
    LEFT,
    RIGHT,
    WIDTH,
    Line,
    TimeAxis,
    draw_bars,
    draw_line,
    milliseconds,
)
from cdk_clarify_monitors_operations.report._contents import ReportContents
from cdk_clarify_monitors_operations.report._numbers import (
    AttributionSeries,
    BiasSeries,
    FeatureSeries,
    ReportedExecution,
    ReportedViolation,
)
from cdk_clarify_monitors_operations.report._reading import Unreadable

if TYPE_CHECKING:
    import jinja2


_KINDS: Final = {"ModelBias": "Bias monitor", "ModelExplainability": "Feature attribution monitor"}
_OUTCOMES: Final = {
    # The class of the style sheet, and what it is called.
    "CompletedWithViolations": ("violations", "with violations"),
    "Completed": ("ok", "without violations"),
    "Failed": ("failed", "failed"),
    "Stopped": ("stopped", "stopped"),
    "NoData": ("no-data", "had no data"),
    "Running": ("running", "under way"),
}
_WITH_RESULTS: Final = ("Completed", "CompletedWithViolations")
_WITHOUT_RESULTS: Final = ("Failed", "Stopped", "NoData")
_SHOWN_VIOLATIONS: Final = 3  # executions; the earlier ones can be unfolded
_SHOWN_SENTENCES: Final = 6  # of an execution
_SHOWN_FEATURES: Final = 12
_SHOWN_DETAILS: Final = 20
_WIDE: Final = 900
_NEAR: Final = 0.05  # so close to the limit of nDCG is worth a word


# ---------------------------------------------------------------- the page
def render(report: ReportContents) -> str:
    """Return a report as HTML."""
    view = _View(report)
    return render_template("report.html.jinja", view=view.content(), data=view.data())


def render_template(name: str, **content: Any) -> str:
    """Return a page; all that is put into it is escaped, but what is marked as HTML.

    Raises:
        NotSupported: Jinja is not installed.
    """
    from markupsafe import Markup

    script = _text("report.js")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    page: str = (
        _environment()
        .get_template(name)
        .render(
            style=Markup(_text("report.css")),  # noqa: S704 (our own file)
            script=Markup(script),  # noqa: S704
            script_hash=f"'sha256-{digest}'",
            **content,
        )
    )
    return page + "\n"


@functools.cache
def _environment() -> jinja2.Environment:
    try:
        import jinja2
    except ImportError as error:
        raise NotSupported("A report's page needs Jinja: pip install 'cdk-clarify-monitors[report]'") from error
    return jinja2.Environment(
        loader=jinja2.PackageLoader(__package__, "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@functools.cache
def _text(name: str) -> str:
    return importlib.resources.files(__package__).joinpath(name).read_text(encoding="utf-8")


def script_data(document: Any) -> Any:
    """Return a JSON document that can stand in an HTML page: no text in it ends the script."""
    from markupsafe import Markup

    text = json.dumps(document, separators=(",", ":"), ensure_ascii=True)
    for character in "<>&":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return Markup(text)  # noqa: S704 (escaped)


# ---------------------------------------------------------------- what is on it
class _View:
    def __init__(self, report: ReportContents) -> None:
        self._report, self._numbers = report, report.numbers
        self._executions = report.numbers.executions
        self._axis = TimeAxis([execution.scheduled_time for execution in self._executions])
        self._gaps = [n for n, execution in enumerate(self._executions) if execution.outcome in _WITHOUT_RESULTS]
        self._finished = [execution for execution in self._executions if execution.outcome != "Running"]
        self._has_results = any(execution.outcome in _WITH_RESULTS for execution in self._executions)

    def data(self) -> Any:
        """What the script needs: times and outcomes."""
        return script_data(
            {
                "domain": list(self._axis.domain),
                "times": [milliseconds(moment) for moment in self._axis.times],
                "labels": [words.time(moment) for moment in self._axis.times],
                "outcomes": [_outcome(execution.outcome) for execution in self._executions],
            }
        )

    def content(self) -> Mapping[str, Any]:
        """What the template shows."""
        report = self._report
        days = list(_by_execution(self._numbers.violations))
        return {
            "name": report.monitoring_schedule_name,
            "kind": _KINDS.get(report.monitoring_type, report.monitoring_type),
            "verdict": self._verdict(),
            "verdict_alarms": bool(self._finished) and self._finished[-1].outcome == "CompletedWithViolations",
            "lead": self._lead(),
            "banner": list(_banner(report)),
            "legend": list(self._legend()),
            "strip_size": "large"
            if len(self._executions) <= 50
            else "medium"
            if len(self._executions) <= 150
            else "small",
            "strip_width": max(420, 67 * len(self._executions)),
            "cells": [_cell(execution) for execution in self._executions],
            "first": words.time(self._executions[0].scheduled_time) if self._executions else "",
            "last": words.time(self._executions[-1].scheduled_time) if len(self._executions) > 1 else "",
            "failures": list(self._failures()),
            "violations": days[:_SHOWN_VIOLATIONS],
            "older_violations": days[_SHOWN_VIOLATIONS:],
            "no_violations": self._no_violations(),
            "labels": [self._label(series) for series in self._numbers.attributions] if self._has_results else [],
            "ndcg_meaning": NDCG_MEANING,
            "groups": list(self._groups()) if self._has_results else [],
            "bias_intro": f"{BIAS_RULE} That is AWS's rule for all metrics, Disparate Impact included, although its "
            "fair value is 1: a ratio that falls towards 0, which is less fair, never violates it.",
            "volume": self._volume(),
            "volume_note": self._volume_note() if self._has_results else "No execution has results.",
            "facts": list(self._facts()),
        }

    # Above all

    def _verdict(self) -> str:
        if not self._executions:
            if self._report.unreadable:
                return "No execution could be listed."
            is_narrowed = self._report.since is not None or self._report.until is not None
            return f"There are no executions {'in this period' if is_narrowed else 'yet'}."
        if not self._finished:
            return "The first execution is under way."
        newest = self._finished[-1]
        count = newest.violations
        texts = {
            "CompletedWithViolations": "found violations" if not count else f"found {words.count(count, 'violation')}",
            "Completed": "found no violations",
            "Failed": f"failed: {newest.reason or 'SageMaker gives no reason'}",
            "Stopped": f"was stopped{f': {newest.reason}' if newest.reason else ''}",
            "NoData": "had no data to analyse",
        }
        return f"The newest execution {texts[newest.outcome]}{'' if texts[newest.outcome].endswith('.') else '.'}"

    def _lead(self) -> str:
        if not self._executions:
            return ""
        counts = Counter(execution.outcome for execution in self._executions)
        total = len(self._executions)
        first, last = (
            words.time(execution.scheduled_time) for execution in (self._executions[0], self._executions[-1])
        )
        if total == 1:
            return f"One execution, of {first}: {_OUTCOMES[self._executions[0].outcome][1]}."
        parts = [f"{counts[outcome]:,} {_OUTCOMES[outcome][1]}" for outcome in _OUTCOMES if counts[outcome]]
        return f"{total:,} executions from {first} to {last}: {', '.join(parts)}."

    def _legend(self) -> Iterator[dict[str, Any]]:
        counts = Counter(execution.outcome for execution in self._executions)
        for outcome, (css, label) in _OUTCOMES.items():
            if counts[outcome]:
                yield {"css": css, "label": label, "count": f"{counts[outcome]:,}"}
        unread = sum(bool(execution.unreadable) for execution in self._executions)
        if unread:
            yield {"css": "ok unread", "label": "not read completely", "count": f"{unread:,}"}

    def _failures(self) -> Iterator[dict[str, str]]:
        for execution in reversed(self._executions):
            if execution.outcome in _WITHOUT_RESULTS:
                yield {
                    "due": words.time(execution.scheduled_time),
                    "outcome": _outcome(execution.outcome),
                    "reason": execution.reason or "SageMaker gives no reason",
                }

    def _no_violations(self) -> str:
        with_results = [execution for execution in self._executions if execution.violations is not None]
        if not with_results:
            return "No execution has results."
        if self._report.baseline is None:
            return "Nothing is compared: the monitor has no baseline."
        return f"None in {words.count(len(with_results), 'execution')} with results."

    # Feature attributions

    def _label(self, series: AttributionSeries) -> Mapping[str, Any]:
        measured = [(n, value) for n, value in enumerate(series.ndcg) if value is not None]
        newest = measured[-1] if measured else None
        lowest = min((value for _, value in measured), default=None)
        line = Line(
            series.ndcg,
            violations=series.violations,
            gaps=self._gaps,
            floor=NDCG_THRESHOLD,
            height=150,
            extra=(0.8,),
        )
        name = self._report._names.name(series.label)
        what = f"nDCG of the prediction of {name}"
        return {
            "name": name,
            "violations": len(series.violations),
            "violates_now": newest is not None and newest[0] in series.violations,
            "newest": words.number(newest[1] if newest else None),
            "status": _drift_status(series, newest, lowest),
            "alarms": newest is not None and newest[1] < NDCG_THRESHOLD + _NEAR,
            "wide": self._chart(line, what, draw_line(self._axis, line, _WIDE), _WIDE),
            "narrow": self._chart(line, what, draw_line(self._axis, line)),
            "features": [self._feature(feature) for feature in series.features],
            "shown": _SHOWN_FEATURES,
        }

    def _feature(self, series: FeatureSeries) -> Mapping[str, Any]:
        line = Line(series.values, gaps=(), baseline=series.baseline, height=36, axes=False)
        rank = next((rank for rank in reversed(series.ranks) if rank is not None), None)
        newest = next((value for value in reversed(series.values) if value is not None), None)
        before = series.baseline_rank
        moved = f"{before}" if before is not None else words.DASH
        if rank is not None and before is not None and rank != before:
            moved = f"{before} {'▲' if rank < before else '▼'} {abs(rank - before)}"
        readouts = [
            "" if value is None else f"{words.number(value)}, rank {place}"
            for value, place in zip(series.values, series.ranks, strict=True)
        ]
        chart = self._chart(line, f"attribution of {series.feature}", draw_line(self._axis, line), readouts=readouts)
        return {
            "name": series.feature,
            "rank": words.DASH if rank is None else rank,
            "moved": moved,
            "was_ranked": before is not None,
            "newest": words.number(newest),
            "baseline": words.number(series.baseline),
            "chart": {**chart, "is_spark": True, "left": 4, "right": 4},
        }

    # Bias

    def _groups(self) -> Iterator[Mapping[str, Any]]:
        groups: dict[tuple[str, str], list[BiasSeries]] = defaultdict(list)
        for series in self._numbers.bias:
            groups[series.facet, series.facet_value].append(series)
        entries = [self._group(facet, value, members) for (facet, value), members in groups.items()]
        yield from sorted(entries, key=lambda entry: -int(entry["urgency"]))

    def _group(self, facet: str, value: str, members: Sequence[BiasSeries]) -> Mapping[str, Any]:
        drawn = [series for series in members if series.violations or any(v is not None for v in series.values)]
        attention = sorted((series for series in drawn if series.violations), key=_urgency, reverse=True)
        calm = sorted((series for series in drawn if not series.violations), key=_metric_order)
        now = sum(self._violates_now(series) for series in attention)
        parts = [words.count(now, "metric violates", "metrics violate") + " the baseline now"] if now else []
        if len(attention) > now:
            parts.append(f"{len(attention) - now} {'more ' if now else ''}did earlier")
        compared = [series for series in calm if series.baseline is not None]
        summary = f"{words.count(len(calm), 'metric')} without violations: {words.listed([c.metric for c in calm], 21)}"
        if len(compared) < len(calm):
            summary += f" ({len(calm) - len(compared)} without a baseline)"
        return {
            "facet": facet,
            "value": value,
            "summary": "; ".join(parts) or "no violations",
            "urgency": now * 1000 + len(attention),
            "attention": [self._metric(series) for series in attention],
            "calm": [self._metric(series) for series in calm],
            "calm_summary": summary,
            "is_open": not attention and len(calm) <= 3,
            "not_computed": list(_not_computed(series for series in members if series not in drawn)),
        }

    def _violates_now(self, series: BiasSeries) -> bool:
        newest = max(
            (n for n, execution in enumerate(self._executions) if execution.violations is not None), default=None
        )
        return newest in series.violations

    def _metric(self, series: BiasSeries) -> Mapping[str, Any]:
        meaning = METRICS.get(series.metric)
        band = None if series.baseline is None else abs(series.baseline)
        line = Line(
            series.values,
            violations=series.violations,
            unknown=sorted(series.errors),
            gaps=self._gaps,
            baseline=series.baseline,
            baseline_name=self._limit_name(series),
            band=band,
            fair=meaning.fair if meaning and meaning.fair else None,
            never_negative=meaning is not None and meaning.range.startswith("0"),
        )
        newest = next(((n, v) for n, v in reversed([*enumerate(series.values)]) if v is not None), None)
        readouts = [
            words.number(value) if value is not None else f"no value: {series.errors[n]}" if n in series.errors else ""
            for n, value in enumerate(series.values)
        ]
        what = f"{series.metric} of {series.facet} = {series.facet_value}"
        return {
            "name": series.metric,
            "title": meaning.title if meaning else "",
            "violations": len(series.violations),
            "violates_now": self._violates_now(series),
            "newest": words.number(newest[1] if newest else None),
            "baseline": words.number(series.baseline) if series.baseline is not None else "none",
            "limit_name": line.baseline_name,
            "status": self._status(series),
            "meaning": meaning.meaning if meaning else "A metric that this report has no words for.",
            "unfair": meaning.unfair if meaning else "",
            "range": meaning.range if meaning else "",
            "note": _limit_note(series),
            "chart": self._chart(line, what, draw_line(self._axis, line), readouts=readouts),
        }

    def _limit_name(self, series: BiasSeries) -> str:
        """Return what the constraint is: the baseline, or a limit of the user's own in its place."""
        suggested = self._report._suggested
        if suggested is None or not suggested.body_dict:  # there are none; or what was suggested is gone
            return "baseline"
        group = lower_end(series.facet_value) or series.facet_value
        values = [
            each.value
            for each in suggested.bias_metrics()
            if (each.stage, each.facet, each.name) == (series.stage, series.facet, series.metric)
            and (lower_end(each.facet_value) or each.facet_value) == group
        ]
        return "baseline" if series.baseline in values else "own limit"

    def _status(self, series: BiasSeries) -> str:
        if not series.violations:
            return ""
        newest = self._executions[series.violations[-1]].scheduled_time
        if len(series.violations) == 1:
            return f"Violated {words.time(newest)}"
        return f"Violated in {len(series.violations)} executions, last {words.time(newest)}"

    # Charts

    def _chart(
        self, line: Line, what: str, svg: str, width: int = WIDTH, readouts: Sequence[str] | None = None
    ) -> dict[str, Any]:
        from markupsafe import Markup

        shown = readouts if readouts is not None else ["" if v is None else words.number(v) for v in line.values]
        return {
            "svg": Markup(svg),  # noqa: S704 (numbers and times only)
            "alt": self._alternative(line, what),
            "readouts": ";".join(text.replace(";", ",") for text in shown),
            "marks": ",".join(map(str, line.violations)),
            "left": LEFT,
            "right": RIGHT,
            "width": width,
            "is_spark": False,
        }

    def _alternative(self, line: Line, what: str) -> str:
        """The chart in words."""
        values = [value for value in line.values if value is not None]
        finite = [value for value in values if math.isfinite(value)]
        parts = [f"{what}: {words.count(len(values), 'value')}"]
        if finite:
            parts.append(f"from {words.number(min(finite))} to {words.number(max(finite))}")
            parts.append(f"the newest {words.number(values[-1])}")
        if len(finite) < len(values):
            parts.append(f"{len(values) - len(finite)} infinite")
        if line.baseline is not None:
            parts.append(f"{line.baseline_name} {words.number(line.baseline)}")
        if line.floor is not None:
            parts.append(f"limit {words.number(line.floor)}")
        if line.violations:
            shown = words.listed([words.time(self._axis.times[n]) for n in reversed(line.violations)], 3)
            parts.append(f"{words.count(len(line.violations), 'violation')}: {shown}")
        return ", ".join(parts)

    # Data, and where it comes from

    def _volume(self) -> Mapping[str, Any] | None:
        sizes = [execution.input_bytes for execution in self._executions]
        measured = [execution for execution in self._executions if execution.input_bytes is not None]
        if not measured:
            return None
        line = Line([None if size is None else float(size) for size in sizes])
        readouts = [
            ""
            if execution.input_bytes is None
            else f"{words.size(execution.input_bytes)} in {words.count(execution.input_files or 0, 'file')}"
            for execution in self._executions
        ]
        files = words.count(measured[-1].input_files or 0, "file")

        def chart(width: int) -> dict[str, Any]:
            svg = draw_bars(self._axis, [None if size is None else float(size) for size in sizes], 110, width)
            drawn = self._chart(line, "size of the data in bytes", svg, width, readouts)
            newest = f"{words.size(measured[-1].input_bytes)} in {files}"
            return {**drawn, "alt": f"Size of the data, {words.count(len(measured), 'execution')}, newest {newest}"}

        return {
            "newest": words.size(measured[-1].input_bytes),
            "files": files,
            "wide": chart(_WIDE),
            "narrow": chart(WIDTH),
        }

    def _volume_note(self) -> str:
        measured = [execution for execution in self._executions if execution.input_bytes is not None]
        with_results = [execution for execution in self._executions if execution.violations is not None]
        note = "Clarify does not say how many records it analysed."
        if not measured:
            return f"{note} Where its jobs read their data, nothing is left to be measured."
        note += " These are the files where its jobs read their data, as they were when this was first read"
        missing = len(with_results) - len(measured)
        return f"{note}; of {words.count(missing, 'execution')} nothing is left there." if missing > 0 else f"{note}."

    def _facts(self) -> Iterator[dict[str, str]]:
        report = self._report
        yield {"name": "Monitoring schedule", "value": report.monitoring_schedule_name}
        yield {"name": "Endpoint", "value": report.endpoint_name or "none: it monitors a batch transform"}
        yield {"name": "Region", "value": report.region}
        yield {"name": "Job definition", "value": report.job_definition_name}
        yield {"name": "Baseline", "value": report.baseline or "none: nothing is compared"}
        since, until = (time and words.time(time) for time in (report.since, report.until))
        period = " ".join([*([f"from {since}"] if since else []), *([f"until {until}"] if until else [])]) or "all"
        yield {
            "name": "Executions asked for",
            "value": period + (f", the newest {report.limit}" if report.limit else ""),
        }


# ---------------------------------------------------------------- parts
def _outcome(outcome: str) -> str:
    label = _OUTCOMES[outcome][1]
    return f"completed {label}" if label.startswith("with") else label


def _cell(execution: ReportedExecution) -> dict[str, str]:
    text = f"{words.time(execution.scheduled_time)}: {_outcome(execution.outcome)}"
    if execution.violations:
        text += f" ({execution.violations})"
    if execution.reason:
        text += f". {execution.reason}"
    if execution.unreadable:
        text += f". Could not be read: {', '.join(execution.unreadable)}"
    css = _OUTCOMES[execution.outcome][0]
    return {"css": f"{css} unread" if execution.unreadable else css, "text": text}


def _by_execution(violations: Iterable[ReportedViolation]) -> Iterator[dict[str, Any]]:
    for due, group in groupby(violations, key=lambda violation: violation.scheduled_time):
        sentences = [_marked_up(violation.sentence) for violation in group]
        shown = len(sentences) if len(sentences) <= _SHOWN_SENTENCES + 2 else _SHOWN_SENTENCES
        yield {"due": words.time(due), "sentences": sentences[:shown], "more": sentences[shown:]}


def _marked_up(sentence: str) -> Any:
    """A sentence as HTML: what stands between backquotes is code."""
    from markupsafe import Markup, escape

    parts = sentence.split("`")
    if len(parts) % 2 == 0:  # a name with a backquote in it
        return escape(sentence)
    codes = [Markup("<code>{}</code>").format(part) if n % 2 else escape(part) for n, part in enumerate(parts)]
    codes[0] = escape(parts[0][:1].upper() + parts[0][1:])
    return Markup("").join(codes)


def _banner(report: ReportContents) -> Iterator[dict[str, Any]]:
    """Why the report is not complete: each reason once, with what it concerns."""
    if report.truncated:
        newest = words.count(len(report.numbers.executions), "newest execution").removeprefix("1 ")
        text = f"Not all of it: only the {newest}, as the limit says; there are older ones."
        yield {"text": text, "details": []}
    alike: dict[tuple[str, str], list[Unreadable]] = defaultdict(list)
    for entry in report.unreadable:
        alike[entry.what, _general(entry)].append(entry)
    for (what, _), entries in alike.items():
        reason = entries[0].reason
        if len(entries) == 1:
            place = f" of the execution of {words.time(entries[0].scheduled_time)}" if entries[0].scheduled_time else ""
            yield {"text": f"Could not be read: {what}{place}. {reason}", "details": []}
            continue
        details = [f"{words.time(entry.scheduled_time)}: {entry.reason}" for entry in entries[:_SHOWN_DETAILS]]
        if len(entries) > _SHOWN_DETAILS:
            details.append(f"and {len(entries) - _SHOWN_DETAILS} more, which the numbers of this report name")
        yield {
            "text": f"Could not be read: {what} of {words.count(len(entries), 'execution')}. {reason}",
            "details": details,
        }


def _general(unreadable: Unreadable) -> str:
    """A reason without what differs from execution to execution."""
    return "".join(character for character in unreadable.reason.split("s3://")[0] if not character.isdigit())[:60]


def _urgency(series: BiasSeries) -> tuple[int, int, str]:
    return series.violations[-1], len(series.violations), series.metric


def _metric_order(series: BiasSeries) -> tuple[bool, int, str]:
    names = list(METRICS)
    is_known = series.metric in METRICS
    is_pre = series.stage == "pre-training"
    return is_pre, names.index(series.metric) if is_known else len(names), series.metric


def _not_computed(all_series: Iterable[BiasSeries]) -> Iterator[str]:
    by_reason: dict[str, list[str]] = defaultdict(list)
    for series in all_series:
        reason = next(reversed(series.errors.values()), "no execution has a value")
        by_reason[reason].append(series.metric)
    for reason, metrics in by_reason.items():
        yield f"Not computed: {words.listed(sorted(metrics), 21)} ({reason})"


def _limit_note(series: BiasSeries) -> str:
    if not series.other_limits:
        return ""
    _, limit = max(series.other_limits.items())
    return f"Some violations were found against another limit, the newest of them {words.number(limit)}."


def _drift_status(series: AttributionSeries, newest: tuple[int, float] | None, lowest: float | None) -> str:
    if newest is None or lowest is None:
        return "There is nothing to compare: the baseline or the executions lack this label."
    if newest[0] in series.violations:
        return f"Below the limit of {NDCG_THRESHOLD}: the ranking has drifted from the baseline's."
    if newest[1] < NDCG_THRESHOLD + _NEAR:
        return f"Close to the limit of {NDCG_THRESHOLD}: {words.number(newest[1] - NDCG_THRESHOLD)} above it."
    return f"The lowest was {words.number(lowest)}." if series.violations else ""
