"""Draws the charts, as SVG: Vega does, so that nothing runs in the browser to show them.

Colours are variables of the page's style sheet, which has others for the dark. A chart has no title of its own: the
page gives it a name and a description.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from cdk_clarify_monitors_operations._errors import NotSupported

#: Where the plot begins and ends, in a chart of this width: the page's script finds times by it.
WIDTH, LEFT, RIGHT = 340, 40, 8
_TOP, _BOTTOM = 10, 20

_KINDS: Final = ("gaps", "dots", "violations", "unknowns", "infinites")

_DAY: Final = timedelta(days=1)
# Vega describes each part for screen readers, in numbers of pixels; the page has words.
_NOISE: Final = re.compile(
    r' (?:aria-[a-z]+|role|pointer-events|font-family|class|opacity)="[^"]*"|<path[^>]* d="(?:M0,0h0v0h0Z)?"[^>]*/>'
    r'|<path class="background"[^>]*/>'
)
_EMPTY_GROUP: Final = re.compile(r"<g(?: transform=\"translate\(0,0\)\")?(?:></g>|/>)")
_LONG_NUMBER: Final = re.compile(r"(\d+\.\d)\d+")
_GEOMETRY: Final = re.compile(r' (?:d|transform)="[^"]*"')
_ROOT: Final = re.compile(r"<svg [^>]*?(viewBox=\"[^\"]*\")>")


@dataclass(frozen=True)
class TimeAxis:
    """The times of all charts of a page, so that they are aligned.

    Attributes:
        times: When the executions were due, oldest first.
    """

    times: Sequence[datetime]

    @property
    def domain(self) -> tuple[int, int]:
        """The first and the last, in milliseconds."""
        if not self.times:
            return 0, 1
        first, last = milliseconds(self.times[0]), milliseconds(self.times[-1])
        return (first, last) if last > first else (first - 43_200_000, last + 43_200_000)

    @property
    def format(self) -> str | dict[str, str]:
        """How times are written along it: midnight as a date, and what is between two of them as a time."""
        span = self.times[-1] - self.times[0] if self.times else _DAY
        if span <= timedelta(0):
            return "%d %b, %H:%M"
        month = "%d %b" if span < 300 * _DAY else "%b %Y"
        days = dict.fromkeys(("date", "day", "week"), "%d %b")
        return {"minutes": "%H:%M", "hours": "%H:%M", **days, "month": month, "quarter": month, "year": "%b %Y"}


@dataclass(frozen=True)
class Line:
    """A series over time, and what it is compared with.

    Attributes:
        values: A value for each execution.
        violations: The numbers of the executions whose value is a violation.
        unknown: The numbers of the executions that have no value although they ran.
        gaps: The numbers of the executions that did not run to their end.
        baseline: Drawn as a dashed line.
        baseline_name: What it is called in words.
        band: The values that are allowed are shaded, from its negative to itself.
        floor: A limit from below, such as nDCG's; what is above it is shaded, up to 1.
        fair: A value that is fair, if it is not 0.
        height: Of the plot, in pixels.
        axes: Whether it has axes; a sparkline has none.
        never_negative: Whether there is nothing below 0.
        extra: Further values that have to be on it.
    """

    values: Sequence[float | None]
    violations: Sequence[int] = ()
    unknown: Sequence[int] = ()
    gaps: Sequence[int] = ()
    baseline: float | None = None
    baseline_name: str = "baseline"
    band: float | None = None
    floor: float | None = None
    fair: float | None = None
    height: int = 96
    axes: bool = True
    never_negative: bool = False
    extra: tuple[float, ...] = field(default=())

    @property
    def domain(self) -> tuple[float, float]:
        """The lowest and the highest value that it shows."""
        marks = (*self.values, self.baseline, self.fair, self.floor, *self.extra)
        shown = [value for value in marks if value is not None and math.isfinite(value)]
        shown.append(0.0 if self.floor is None else 1.0)
        low, high = min(shown), max(shown)
        if self.band is not None and math.isfinite(self.band):
            # All of the side of 0 where the values are; of the other one enough to see that it is allowed, too.
            glimpse = 0.0 if self.never_negative else 0.35 * max(self.band, high, -low)
            low = min(low, -min(self.band, glimpse) if low >= 0 else -self.band)
            high = max(high, min(self.band, glimpse) if high <= 0 else self.band)
        margin = (high - low) * 0.08 or 0.1
        return (low if self.never_negative and low == 0 else low - margin), high + margin


def milliseconds(moment: datetime) -> int:
    """Return a time as Vega has it."""
    return round(moment.astimezone(UTC).timestamp() * 1000)


def draw_line(axis: TimeAxis, line: Line, width: int = WIDTH) -> str:
    """Return a line chart as an SVG element."""
    low, high = line.domain
    marks = [*_limits(line, low, high), _gap_ticks(), *_series(line)]
    return _svg(
        axis,
        line.height,
        width,
        line.axes,
        _data(axis, line, low, high),
        [low, high],
        marks,
        _number_format(max(abs(low), abs(high))),
    )


def draw_bars(axis: TimeAxis, values: Sequence[float | None], height: int = 96, width: int = WIDTH) -> str:
    """Return a bar chart of amounts as an SVG element."""
    points = [
        {"t": milliseconds(moment), "v": value}
        for moment, value in zip(axis.times, values, strict=True)
        if value is not None
    ]
    plot = width - LEFT - RIGHT
    thickness = max(1, min(8, round(plot / (2 * max(1, len(axis.times))))))
    bar = {
        "type": "rule",
        "from": {"data": "points"},
        "encode": {
            "enter": {
                "x": {"scale": "x", "field": "t"},
                "y": {"scale": "y", "value": 0},
                "y2": {"scale": "y", "field": "v"},
                "stroke": {"value": "var(--accent)"},
                "strokeWidth": {"value": thickness},
            }
        },
    }
    highest = max((point["v"] for point in points), default=1) or 1
    data = [{"name": "points", "values": points}]
    # The first bar reaches half its thickness beyond the plot.
    return _svg(axis, height, width, True, data, [0, highest * 1.08], [bar], "~s", 6 + thickness // 2)


def _data(axis: TimeAxis, line: Line, low: float, high: float) -> list[dict[str, Any]]:
    """The line's points, and those that have a mark, by its kind."""
    violations, unknown, gaps = set(line.violations), set(line.unknown), set(line.gaps)
    few = len(axis.times) <= 45
    points: list[dict[str, Any]] = []
    marks: dict[str, list[dict[str, Any]]] = {kind: [] for kind in _KINDS}
    for number, (moment, value) in enumerate(zip(axis.times, line.values, strict=True)):
        t = milliseconds(moment)
        if value is not None and math.isinf(value):
            shape, edge = ("triangle-up", high) if value > 0 else ("triangle-down", low)
            marks["infinites"].append({"t": t, "edge": edge, "shape": shape, "violates": number in violations})
        elif value is not None:
            points.append({"t": t, "v": value})
            if number in violations:
                marks["violations"].append(points[-1])
            elif few or _is_alone(line.values, number):
                marks["dots"].append(points[-1])
            continue
        elif number in gaps:
            marks["gaps"].append({"t": t})
        elif number in unknown or number in violations:
            marks["unknowns"].append({"t": t, "edge": low})
        points.append({"t": t, "v": None})
    return [{"name": "points", "values": points}, *({"name": name, "values": found} for name, found in marks.items())]


def _is_alone(values: Sequence[float | None], number: int) -> bool:
    before = values[number - 1] if number else None
    after = values[number + 1] if number + 1 < len(values) else None
    return all(value is None or not math.isfinite(value) for value in (before, after))


def _limits(line: Line, low: float, high: float) -> list[dict[str, Any]]:
    """The shaded band, the zero line, the fair value, the baseline."""
    found: list[dict[str, Any]] = []
    band: tuple[float, float] | None = None
    if line.band is not None:
        band = max(-line.band, low), min(line.band, high)
    elif line.floor is not None:
        band = max(line.floor, low), 1.0
    if band is not None and band[1] > band[0]:
        found.append(
            {
                "type": "rect",
                "encode": {
                    "enter": {
                        "x": {"value": 0},
                        "x2": {"signal": "width"},
                        "y": {"scale": "y", "value": band[1]},
                        "y2": {"scale": "y", "value": band[0]},
                        "fill": {"value": "var(--band)"},
                    }
                },
            }
        )
    if line.floor is None:
        found.append(_rule(0.0, "var(--zero)"))
    else:
        found.append(_rule(line.floor, "var(--alarm)", 1.2))
    if line.fair is not None:
        found.append(_rule(line.fair, "var(--muted)", dash=[1, 3]))
    if line.baseline is not None and math.isfinite(line.baseline):
        found.append(_rule(line.baseline, "var(--baseline)", 1.4, dash=[5, 3]))
    return found


def _rule(value: float, stroke: str, width: float = 1, dash: Sequence[int] | None = None) -> dict[str, Any]:
    enter: dict[str, Any] = {
        "x": {"value": 0},
        "x2": {"signal": "width"},
        "y": {"scale": "y", "value": value},
        "stroke": {"value": stroke},
        "strokeWidth": {"value": width},
    }
    if dash:
        enter["strokeDash"] = {"value": list(dash)}
    return {"type": "rule", "encode": {"enter": enter}}


def _gap_ticks() -> dict[str, Any]:
    return {
        "type": "rule",
        "from": {"data": "gaps"},
        "encode": {
            "enter": {
                "x": {"scale": "x", "field": "t"},
                "y": {"signal": "height"},
                "y2": {"signal": "height - 5"},
                "stroke": {"value": "var(--muted)"},
                "strokeWidth": {"value": 1.5},
            }
        },
    }


def _series(line: Line) -> list[dict[str, Any]]:
    crowded = len(line.values) > 150
    path = {
        "type": "line",
        "from": {"data": "points"},
        "encode": {
            "enter": {
                "x": {"scale": "x", "field": "t"},
                "y": {"scale": "y", "field": "v"},
                "defined": {"signal": "isValid(datum.v)"},
                "stroke": {"value": "var(--accent)"},
                "strokeWidth": {"value": 1.2 if crowded else 1.8},
                "strokeJoin": {"value": "round"},
            }
        },
    }
    small = 8 if not line.axes else 14
    return [
        path,
        _symbols("dots", "circle", "var(--accent)", small),
        _symbols("violations", "diamond", "var(--alarm)", (26 if crowded else 62) if line.axes else 30),
        _symbols("unknowns", "cross", "var(--muted)", 30, at="edge"),
        {
            "type": "symbol",
            "from": {"data": "infinites"},
            "encode": {
                "enter": {
                    "x": {"scale": "x", "field": "t"},
                    "y": {"scale": "y", "field": "edge"},
                    "shape": {"field": "shape"},
                    "size": {"value": 56},
                    "fill": {"signal": "datum.violates ? 'var(--alarm)' : 'var(--accent)'"},
                }
            },
        },
    ]


def _symbols(data: str, shape: str, fill: str, size: float, at: str = "v") -> dict[str, Any]:
    return {
        "type": "symbol",
        "from": {"data": data},
        "encode": {
            "enter": {
                "x": {"scale": "x", "field": "t"},
                "y": {"scale": "y", "field": at},
                "shape": {"value": shape},
                "size": {"value": size},
                "fill": {"value": fill},
            }
        },
    }


def _number_format(largest: float) -> str:
    if largest >= 1000:
        return "~s"
    return ".0~e" if largest < 0.001 else ""


def _svg(
    axis: TimeAxis,
    height: int,
    width: int,
    axes: bool,
    data: Sequence[Mapping[str, Any]],
    domain: Sequence[float],
    marks: Sequence[Mapping[str, Any]],
    number_format: str,
    gap: int = 6,
) -> str:
    padding = (
        {"left": LEFT, "right": RIGHT, "top": _TOP, "bottom": _BOTTOM}
        if axes
        else {"left": 4, "right": 4, "top": 4, "bottom": 4}
    )
    spec: dict[str, Any] = {
        "width": width - padding["left"] - padding["right"],
        "height": height,
        "padding": padding,
        "autosize": "none",
        "data": list(data),
        "scales": [
            {"name": "x", "type": "utc", "domain": list(axis.domain), "range": "width"},
            {"name": "y", "type": "linear", "domain": list(domain), "range": "height", "zero": False},
        ],
        "axes": _axes(axis, number_format, width, gap) if axes else [],
        "marks": list(marks),
    }
    return _slim(_vega_to_svg(spec))


def _axes(axis: TimeAxis, number_format: str, width: int, gap: int) -> list[dict[str, Any]]:
    common: dict[str, Any] = {
        "aria": False,
        "labelColor": "var(--muted)",
        "labelFontSize": 10.5,
        "domain": False,
        "ticks": False,
    }
    bottom = {
        **common,
        "orient": "bottom",
        "scale": "x",
        "format": axis.format,
        "labelFlush": True,
        "labelOverlap": True,
        "labelPadding": 6,
        "tickCount": width // 70,
    }
    if len(set(axis.times)) == 1:
        bottom |= {"values": [milliseconds(axis.times[0])], "labelFlush": False}
    left = {
        **common,
        "orient": "left",
        "scale": "y",
        "tickCount": 4,
        "labelPadding": gap,
        "grid": True,
        "gridColor": "var(--grid)",
    }
    return [bottom, left | ({"format": number_format} if number_format else {})]


def _vega_to_svg(spec: dict[str, Any]) -> str:
    try:
        import vl_convert
    except ImportError as error:
        raise NotSupported(
            "A report's charts need vl-convert-python: pip install 'cdk-clarify-monitors[report]'"
        ) from error
    return str(vl_convert.vega_to_svg(spec))


def _slim(svg: str) -> str:
    """Leave out of Vega's SVG what the page does not need: most of it."""
    svg = _ROOT.sub(r'<svg \1 aria-hidden="true" focusable="false">', svg, count=1)
    head, _, body = svg.partition(">")
    body = _GEOMETRY.sub(lambda found: _LONG_NUMBER.sub(r"\1", found[0]), _NOISE.sub("", body))
    while _EMPTY_GROUP.search(body):
        body = _EMPTY_GROUP.sub("", body)
    return f"{head}>{body}"
