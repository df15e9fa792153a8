"""Captured data and ground truth, as a test has them, and as they are put into S3."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import groupby
from typing import Any
from uuid import uuid4

from cdk_clarify_monitors_local.captures._capture_format import (
    TextContentTypes,
    capture_key,
    capture_record,
    ground_truth_key,
    ground_truth_record,
)

_TEXT = TextContentTypes(csv=["text/csv"], json=["application/json", "application/jsonlines"])


@dataclass(frozen=True)
class Capture:
    """A request to an endpoint and its answer, for captured data.

    Attributes:
        request: The request's body, e.g. `34,0,51.5`.
        response: The answer's body, e.g. `0.81`.
        time: When the request was sent, with a time zone.
        inference_id: The id that the caller gave; ground truth is joined by it, or else by `event_id`.
        content_type: The request's content type.
        accept: The answer's content type.
        event_id: The invocation's own id. Default: a new UUID.
    """

    request: str
    response: str
    time: datetime
    inference_id: str | None = None
    content_type: str = "text/csv"
    accept: str = "text/csv"
    event_id: str = field(default_factory=lambda: str(uuid4()))

    def __post_init__(self) -> None:
        if self.time.tzinfo is None:
            raise ValueError(f"'time' must have a time zone, e.g. datetime.now(UTC), got {self.time!r}")

    def record(self) -> str:
        """Return its line in a file."""
        return capture_record(
            _TEXT.capture(self.content_type, self.request.encode()),
            _TEXT.capture(self.accept, self.response.encode()),
            event_id=self.event_id,
            inference_id=self.inference_id,
            inference_time=self.time,
        )


def capture_files(captures: Iterable[Capture], endpoint: str, variant: str) -> Iterator[tuple[str, str]]:
    """Yield key and content of each file: one for each minute."""

    def minute(capture: Capture) -> str:
        return f"{capture.time.astimezone(UTC):%Y-%m-%dT%H:%M}"

    for _, group in groupby(sorted(captures, key=lambda capture: capture.time), minute):
        together = list(group)
        key = capture_key(endpoint, variant, together[0].time, str(uuid4()))
        yield key, "".join(capture.record() for capture in together)


def ground_truth_file(labels: Mapping[str, Any], collected: datetime) -> tuple[str, str]:
    """Return key and content of a file of labels.

    Raises:
        ValueError: The time has no time zone.
    """
    if collected.tzinfo is None:
        raise ValueError(f"'collected' must have a time zone, e.g. datetime.now(UTC), got {collected!r}")
    content = "".join(_ground_truth(event_id, label) for event_id, label in labels.items())
    return ground_truth_key(collected, str(uuid4())), content


def _ground_truth(event_id: str, label: Any) -> str:
    if isinstance(label, Mapping | list):
        return ground_truth_record(event_id, json.dumps(label), "JSON")
    return ground_truth_record(event_id, str(label))
