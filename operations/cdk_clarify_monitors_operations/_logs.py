"""The logs of a processing job: the lines of all its instances, merged by time, and followed live."""

from __future__ import annotations

import heapq
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from cdk_clarify_monitors_operations._aws import Aws
from cdk_clarify_monitors_operations._errors import NotFound
from cdk_clarify_monitors_operations._records import Record

LOG_GROUP: Final = "/aws/sagemaker/ProcessingJobs"


@dataclass(frozen=True)
class LogLine(Record):
    """A line of a processing job's log.

    Attributes:
        time: When it was written.
        stream: The log stream, which names the instance.
        message: The text.
    """

    time: datetime
    stream: str
    message: str


def log_lines(aws: Aws, job_name: str) -> Iterator[LogLine]:
    """Yield the lines that a job has written so far, oldest first."""
    streams = [_Stream(aws, name) for name in _streams(aws, job_name)]
    return heapq.merge(*(stream.new_lines() for stream in streams), key=_place)


def follow_log(aws: Aws, job_name: str, is_over: Callable[[], bool]) -> Iterator[LogLine]:
    """Yield a job's lines as they come, until the job is over and all its lines are read."""
    streams: dict[str, _Stream] = {}
    over = False
    for pause in aws.pauses():
        for name in _streams(aws, job_name):
            streams.setdefault(name, _Stream(aws, name))
        yield from sorted((line for stream in streams.values() for line in stream.new_lines()), key=_place)
        if over:
            return
        # What is written between the last reading and the job's end is read in one more round.
        over = is_over()
        if not over:
            time.sleep(pause)


def _place(line: LogLine) -> tuple[datetime, str]:
    """Lines of one stream stay in their order, even if they were written in the same millisecond."""
    return line.time, line.stream


def _streams(aws: Aws, job_name: str) -> list[str]:
    try:
        return [
            stream["logStreamName"]
            for page in aws.pages(
                "logs",
                "DescribeLogStreams",
                logGroupName=LOG_GROUP,
                logStreamNamePrefix=f"{job_name}/",
                orderBy="LogStreamName",
            )
            for stream in page.get("logStreams", ())
        ]
    except NotFound:  # no job has written anything in this account and region yet
        return []


class _Stream:
    """A log stream, read from its beginning on."""

    def __init__(self, aws: Aws, name: str) -> None:
        self._aws, self._name = aws, name
        self._token: str | None = None

    def new_lines(self) -> Iterator[LogLine]:
        """Yield the lines that were not read yet."""
        while True:
            answer = self._aws.call(
                "logs",
                "GetLogEvents",
                logGroupName=LOG_GROUP,
                logStreamName=self._name,
                startFromHead=True,
                nextToken=self._token,
            )
            for event in answer.get("events", ()):
                moment = datetime.fromtimestamp(event["timestamp"] / 1000, UTC)
                yield LogLine(moment, self._name, event["message"])
            previous, self._token = self._token, answer.get("nextForwardToken")
            if self._token is None or self._token == previous:  # the end, for now
                return
