"""Monitors that run: captured data, ground truth, executions, and the clock that they are dated by."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from cdk_clarify_monitors_local import _admin_paths
from cdk_clarify_monitors_local._account import Account
from cdk_clarify_monitors_local.captures._captures import Capture, capture_files, ground_truth_file

_TIMES = ("ScheduledTime", "CreationTime", "LastModifiedTime")


class Monitoring:
    """The part of an embedded AWS that runs monitoring schedules."""

    _s3: tuple[Account, Any] | None = None

    def _here(self) -> Account:
        raise NotImplementedError

    @property
    def now(self) -> datetime:
        """The time of its clock, in UTC."""
        return datetime.fromisoformat(self._here().request("GET", _admin_paths.CLOCK)["now"])

    def advance(self, by: timedelta) -> list[dict[str, Any]]:
        """Move its clock forward, and run each schedule as often as it becomes due.

        Schedules run only when the clock is moved. Overdue schedules run first. Schedules with the expression `NOW` run
        once, even if the clock moves by zero.

        Args:
            by: The duration.

        Returns:
            The MonitoringExecutionSummary of each execution, in order. All executions have ended.

        Raises:
            EmbeddedAwsError: `by` is negative.
        """
        answer = self._here().request(
            "POST", _admin_paths.CLOCK, {"seconds": by.total_seconds()}, takes_as_long_as_it_takes=True
        )
        return [_summary(found) for found in answer["executions"]]

    def execute_schedule(self, name: str, *, scheduled_time: datetime | None = None) -> dict[str, Any]:
        """Run one execution of a monitoring schedule now, and wait for its end.

        Args:
            name: The schedule's name.
            scheduled_time: Its scheduled time, with a time zone; the offsets of its window are relative to this time.
                It may be ahead of the clock: then the execution begins before its `ScheduledTime`. Default: the next
                full hour.

        Returns:
            Its MonitoringExecutionSummary, as boto3 would.

        Raises:
            EmbeddedAwsError: There is no such schedule, or it is not a Clarify monitor's.
            ValueError: `scheduled_time` has no time zone.
        """
        if scheduled_time is not None and scheduled_time.tzinfo is None:
            raise ValueError(f"'scheduled_time' must have a time zone, e.g. tzinfo=UTC, got {scheduled_time!r}")
        account = self._here()
        document = {
            "account": account.id,
            "region": account.region,
            "schedule": name,
            "scheduled_time": None if scheduled_time is None else scheduled_time.astimezone(UTC).isoformat(),
        }
        answer = account.request("POST", _admin_paths.EXECUTIONS, document, takes_as_long_as_it_takes=True)
        return _summary(answer)

    def put_captures(
        self, s3_uri: str, endpoint: str, captures: Iterable[Capture], *, variant: str = "AllTraffic"
    ) -> list[str]:
        """Write invocations of an endpoint as its data capture would.

        Args:
            s3_uri: The destination of the data capture.
            endpoint: The endpoint's name.
            captures: The invocations.
            variant: The production variant.

        Returns:
            The URIs of the files, one for each minute.
        """
        return [self._put(s3_uri, *file) for file in capture_files(captures, endpoint, variant)]

    def put_ground_truth(self, s3_uri: str, labels: Mapping[str, Any], *, collected: datetime | None = None) -> str:
        """Write labels where a bias monitor looks for them.

        Args:
            s3_uri: The monitor's ground truth.
            labels: The label of each invocation, by its inference id or event id. A mapping or a list is written as
                JSON, anything else as CSV.
            collected: When they were collected, with a time zone; this decides the folder of the hour. Default: the
                clock's time.

        Returns:
            The file's URI.
        """
        return self._put(s3_uri, *ground_truth_file(labels, collected or self.now))

    def _put(self, s3_uri: str, key: str, content: str) -> str:
        bucket, _, prefix = s3_uri.removeprefix("s3://").rstrip("/").partition("/")
        whole = f"{prefix}/{key}" if prefix else key
        account = self._here()
        if self._s3 is None or self._s3[0] != account:
            self._s3 = account, account.client("s3")  # a client takes a tenth of a second
        self._s3[1].put_object(Bucket=bucket, Key=whole, Body=content.encode())
        return f"s3://{bucket}/{whole}"


def _summary(answer: Mapping[str, Any]) -> dict[str, Any]:
    """Return a summary with moments as boto3 has them."""
    return {name: datetime.fromtimestamp(value, UTC) if name in _TIMES else value for name, value in answer.items()}
