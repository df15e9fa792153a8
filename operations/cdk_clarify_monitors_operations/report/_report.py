"""A report over the executions of a monitor, and how it is made."""

from __future__ import annotations

import functools
import json
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from cdk_clarify_monitors_operations._aws import Aws, S3Location
from cdk_clarify_monitors_operations._errors import ClarifyOperationsError, InvalidArgument, NoBaseline
from cdk_clarify_monitors_operations._monitor_results import MonitorResults
from cdk_clarify_monitors_operations.data._files import Constraints
from cdk_clarify_monitors_operations.data._prediction_names import PredictionNames, is_generated
from cdk_clarify_monitors_operations.report._cache import ResultCache, default_cache_directory
from cdk_clarify_monitors_operations.report._contents import ReportContents
from cdk_clarify_monitors_operations.report._files import put_object, write_atomically
from cdk_clarify_monitors_operations.report._numbers import (
    ReportNumbers,  # noqa: F401  in the annotations of the constructor, which are looked up here
    checked,
    numbers_of,
)
from cdk_clarify_monitors_operations.report._page import render
from cdk_clarify_monitors_operations.report._reading import Unreadable, list_all, read_results


@dataclass(frozen=True)
class MonitorReport(ReportContents):
    """The results of a monitor's executions: as a page, as numbers.

    The same executions give the same bytes.

    Attributes:
        monitoring_schedule_name: The monitor's schedule.
        monitoring_type: `ModelBias` or `ModelExplainability`.
        endpoint_name: The endpoint that is monitored; None for a batch transform.
        job_definition_name: The job definition.
        region: The region.
        baseline: Where the baseline comes from; None if nothing is compared.
        since: The time from which on executions were asked for; None for no bound.
        until: The time before which they were asked for; None for no bound.
        limit: The largest number of executions that was asked for; None for all.
        truncated: Whether there are older executions that the limit leaves out.
        unreadable: What could not be read, and why.
        numbers: The numbers.
    """

    _aws: Aws = field(repr=False, compare=False)
    _kms_key: str | None = field(default=None, repr=False, compare=False)

    def html(self) -> str:
        """Return the page: one file that loads nothing from elsewhere.

        Raises:
            NotSupported: The libraries for it are not installed: `pip install 'cdk-clarify-monitors[report]'`.
        """
        return self._html

    @functools.cached_property
    def _html(self) -> str:
        return render(self)

    def save(self, path_or_s3_uri: str | os.PathLike[str]) -> tuple[str, str]:
        """Store page and numbers side by side; each is stored completely or not at all.

        In S3 they are encrypted with the KMS key of the monitor's results.

        Args:
            path_or_s3_uri: A file whose name ends in `.html`, whose numbers get the same name with `.json`; or a
                folder, for `report.html` and `report.json`. A folder that does not exist is made.

        Returns:
            Where the page and where the numbers are.

        Raises:
            InvalidArgument: It is neither a path nor an S3 URI.
            AccessDenied: The caller may not write there.
            NotSupported: The libraries for the page are not installed.
        """
        page, numbers = self.html().encode(), (json.dumps(self.to_dict(), indent=1) + "\n").encode()
        if isinstance(path_or_s3_uri, str) and path_or_s3_uri.startswith("s3:"):
            return self._upload(path_or_s3_uri, page, numbers)
        if not isinstance(path_or_s3_uri, str | os.PathLike) or not os.fspath(path_or_s3_uri):
            raise InvalidArgument(f"'path_or_s3_uri' must be a path or an S3 URI, got {path_or_s3_uri!r}")
        path = Path(path_or_s3_uri)
        if path.suffix.lower() not in (".html", ".htm") or path.is_dir():
            path /= "report.html"
        path.parent.mkdir(parents=True, exist_ok=True)
        beside = path.with_suffix(".json")
        # The numbers first: a page that is there has its numbers beside it.
        write_atomically(beside, numbers)
        write_atomically(path, page)
        return str(path), str(beside)

    def _upload(self, uri: str, page: bytes, numbers: bytes) -> tuple[str, str]:
        place = S3Location.of(uri, "path_or_s3_uri")
        key = place.key
        if not key.lower().endswith((".html", ".htm")):
            key = f"{key.rstrip('/')}/report.html".lstrip("/")
        page_place = S3Location(place.bucket, key)
        numbers_place = S3Location(place.bucket, f"{key.rpartition('.')[0]}.json")
        put_object(self._aws, numbers_place, numbers, "application/json", self._kms_key)
        put_object(self._aws, page_place, page, "text/html; charset=utf-8", self._kms_key)
        return str(page_place), str(numbers_place)


def monitor_report(
    monitor: MonitorResults,
    aws: Aws,
    *,
    since: datetime | None,
    until: datetime | None,
    limit: int | None,
    cache_directory: str | os.PathLike[str] | None,
    progress: Callable[[int, int], object] | None,
) -> MonitorReport:
    """Read a monitor's executions and compute its report; `ClarifyModelMonitor.report` says what the arguments are."""
    if limit is not None and (isinstance(limit, bool) or not isinstance(limit, int) or limit < 1):
        raise InvalidArgument(f"'limit' must be a whole number of 1 or more, got {limit!r}")
    asked = monitor.list_executions(since=since, until=until, limit=None if limit is None else limit + 1)
    executions, truncated, unreadable = list_all(asked, limit)
    baseline, missing = _baseline(monitor)
    unreadable += missing
    directory = default_cache_directory() if cache_directory is None else Path(cache_directory)
    cache = ResultCache(directory, aws.service_url)
    suggested = monitor.overridden_constraints()
    results = list(read_results(aws, executions, baseline, suggested, cache, progress))
    numbers = numbers_of(results, baseline)
    return MonitorReport(
        monitoring_schedule_name=monitor.monitoring_schedule_name,
        monitoring_type=monitor.monitoring_type,
        endpoint_name=monitor.endpoint_name,
        job_definition_name=monitor.job_definition_name,
        region=aws.region,
        baseline=_baseline_name(monitor),
        since=since,
        until=until,
        limit=limit,
        truncated=truncated,
        unreadable=[*unreadable, *(each for result in results for each in result.unreadable)],
        numbers=numbers,
        _aws=aws,
        _kms_key=monitor.output_kms_key,
        _suggested=suggested,
        _names=_names(monitor, [each.label for each in numbers.attributions]),
    )


def _names(monitor: MonitorResults, labels: Sequence[str]) -> PredictionNames:
    config = monitor.baseline_analysis_config() if any(map(is_generated, labels)) else {}
    return PredictionNames.of(config, len(labels))


def _baseline(monitor: MonitorResults) -> tuple[Constraints | None, list[Unreadable]]:
    try:
        return checked(monitor.suggested_constraints()), []
    except NoBaseline:
        return None, []
    except ClarifyOperationsError as error:
        return None, [Unreadable("the baseline", str(error))]


def _baseline_name(monitor: MonitorResults) -> str | None:
    if monitor.baselining_job_name is not None:
        return f"processing job {monitor.baselining_job_name}"
    return monitor.constraints_s3_uri
