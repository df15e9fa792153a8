"""The data that an execution looks for: where it should be, and what is there."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from cdk_clarify_monitors_operations._aws import Aws, S3Location, join_uri
from cdk_clarify_monitors_operations._errors import AccessDenied, InvalidChange, NotFound, ServiceError
from cdk_clarify_monitors_operations._records import Record
from cdk_clarify_monitors_operations.definitions._schedule_descriptions import (
    Descriptions,
    describe_schedule_and_definition,
)
from cdk_clarify_monitors_operations.definitions._time_offsets import window

CAPTURED: Final = "captured data"
GROUND_TRUTH: Final = "ground truth"

_HOUR: Final = timedelta(hours=1)
_DAY: Final = timedelta(days=1)
# To find out whether ids match, a little of each side will do.
_SAMPLED_FILES: Final = 3
_SAMPLED_BYTES: Final = 1024 * 1024


@dataclass(frozen=True)
class DataSearch(Record):
    """A place where an execution looked for data.

    Attributes:
        kind: `captured data` or `ground truth`.
        s3_uri: The folder; below it are folders for each hour, `yyyy/mm/dd/hh`.
        start: The first hour.
        end: The end of the last hour.
        files: How many files there are in these hours now; None if the caller may not list them.
        latest_hour: The latest hour that has files at all; None if there is none, or it is unknown.
        problem: Why it could not be read, or what is wrong with the location itself.
    """

    kind: str
    s3_uri: str
    start: datetime
    end: datetime
    files: int | None
    latest_hour: datetime | None = None
    problem: str | None = None

    def __str__(self) -> str:
        hours = f"{self.start:%Y-%m-%dT%H:%MZ} to {self.end:%Y-%m-%dT%H:%MZ}"
        where = f" below {self.s3_uri}" if self.s3_uri.startswith("s3://") else ""
        place = f"{self.kind}{where} from {hours}"
        if self.files is None:
            return f"{place}: {self.problem}"
        if self.files:
            return f"{place}: {self.files} {'file' if self.files == 1 else 'files'} now"
        latest = f"the latest are of {self.latest_hour:%Y-%m-%dT%H}:00Z" if self.latest_hour else "there never were any"
        return f"{place}: no files, {latest}" + (f" ({self.problem})" if self.problem else "")


@dataclass(frozen=True)
class FailureExplanation(Record):
    """Why an execution failed.

    Attributes:
        text: The explanation.
        reason: SageMaker's own words.
        searches: Where data was looked for, and what is there now.
    """

    text: str
    reason: str | None
    searches: tuple[DataSearch, ...]

    def __str__(self) -> str:
        return self.text


def explain(aws: Aws, schedule: str, scheduled: datetime | None, reason: str | None) -> FailureExplanation:
    """Explain the failure of an execution that started no job."""
    start = f"SageMaker says: {(reason or 'nothing').rstrip('.')}."
    if scheduled is None or reason is None or "no data" not in reason.lower():
        return FailureExplanation(start, reason, ())
    searches = tuple(searches_of(aws, describe_schedule_and_definition(aws, schedule), scheduled))
    lines = [f"{start} It looked for:", *(f"- {search}" for search in searches)]
    if searches and all(search.files for search in searches):
        lines.append("All of it is there now, so it came after the execution: labels that come late need offsets.")
    return FailureExplanation("\n".join(lines), reason, searches)


def searches_of(aws: Aws, described: Descriptions, scheduled: datetime) -> Iterator[DataSearch]:
    """Yield where an execution looks for data, and what is there now."""
    source = described.source
    try:
        start, end = window(scheduled, described.schedule_config, source)
    except InvalidChange:  # offsets that only the service can read
        start, end = scheduled - _HOUR, scheduled
    for kind, folder, problem in _folders(aws, described):
        yield _search(aws, kind, folder, start, end, problem)


def _folders(aws: Aws, described: Descriptions) -> Iterator[tuple[str, str | None, str | None]]:
    if described.endpoint_name is not None:
        yield from _endpoint_folders(aws, described.endpoint_name)
    elif (uri := described.source.get("DataCapturedDestinationS3Uri")) is not None:
        side = "output" if described.kind == "ModelBias" else "input"
        yield CAPTURED, uri if uri.rstrip("/").endswith(("/input", "/output")) else join_uri(uri, side), None
    if described.ground_truth_s3_uri is not None:
        yield GROUND_TRUTH, described.ground_truth_s3_uri, None


def _endpoint_folders(aws: Aws, endpoint: str) -> Iterator[tuple[str, str | None, str | None]]:
    try:
        found = aws.call("sagemaker", "DescribeEndpoint", EndpointName=endpoint)
    except NotFound:
        yield CAPTURED, None, f"the endpoint {endpoint} does not exist"
        return
    except ServiceError as error:
        yield CAPTURED, None, str(error)
        return
    capture = found.get("DataCaptureConfig")
    if capture is None:
        yield CAPTURED, None, f"the endpoint {endpoint} has no data capture"
        return
    off = capture["CaptureStatus"] != "Started"
    for variant in found.get("ProductionVariants") or [{"VariantName": "AllTraffic"}]:
        folder = join_uri(capture["DestinationS3Uri"], endpoint, variant["VariantName"])
        yield CAPTURED, folder, f"the data capture of {endpoint} is off" if off else None


def _search(aws: Aws, kind: str, folder: str | None, start: datetime, end: datetime, problem: str | None) -> DataSearch:
    if folder is None:
        return DataSearch(kind, "an unknown place", start, end, None, problem=problem)
    try:
        count = sum(1 for _ in _objects(aws, folder, start, end))
        latest = None if count else _latest_hour(aws, S3Location.of(folder))
    except ServiceError as error:
        return DataSearch(kind, folder, start, end, None, problem=str(error))
    return DataSearch(kind, folder, start, end, count, latest, problem)


def folders(start: datetime, end: datetime) -> Iterator[str]:
    """The folders of a window's hours: `yyyy/mm/dd` for a whole day, `yyyy/mm/dd/hh` for a part of one."""
    hour = start.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    end = max(end, hour + _HOUR)
    while hour < end:
        if hour.hour == 0 and hour + _DAY <= end:
            yield f"{hour:%Y/%m/%d}"
            hour += _DAY
        else:
            yield f"{hour:%Y/%m/%d/%H}"
            hour += _HOUR


def _objects(aws: Aws, folder: str, start: datetime, end: datetime) -> Iterator[str]:
    for name in folders(start, end):
        place = S3Location.of(join_uri(folder, name) + "/")
        for page in aws.pages("s3", "ListObjectsV2", Bucket=place.bucket, Prefix=place.key):
            for entry in page.get("Contents", ()):
                if not entry["Key"].endswith("/"):
                    yield f"s3://{place.bucket}/{entry['Key']}"


def _latest_hour(aws: Aws, folder: S3Location) -> datetime | None:
    """The latest hour with files: of the years, months, days and hours the last folder each."""
    parts: list[int] = []
    prefix = folder.key.rstrip("/") + "/" if folder.key.strip("/") else ""
    for digits in (4, 2, 2, 2):
        names = [
            name
            for page in aws.pages("s3", "ListObjectsV2", Bucket=folder.bucket, Prefix=prefix, Delimiter="/")
            for entry in page.get("CommonPrefixes", ())
            if (name := entry["Prefix"].removeprefix(prefix).rstrip("/")).isdigit() and len(name) == digits
        ]
        if not names:
            return None
        parts.append(int(max(names)))
        prefix += max(names) + "/"
    try:
        return datetime(*parts, tzinfo=UTC)  # type: ignore[arg-type,misc]
    except ValueError:  # folders that only look like dates
        return None


# ---------------------------------------------------------------- ids
def sampled_ids(aws: Aws, search: DataSearch) -> set[str]:
    """Some of the ids by which captured data and ground truth are joined."""
    ids: set[str] = set()
    for number, uri in enumerate(_objects(aws, search.s3_uri, search.start, search.end)):
        if number == _SAMPLED_FILES:
            break
        place = S3Location.of(uri)
        try:
            answer = aws.call(
                "s3", "GetObject", Bucket=place.bucket, Key=place.key, Range=f"bytes=0-{_SAMPLED_BYTES - 1}"
            )
        except AccessDenied:
            raise
        except ServiceError:  # an empty file has no range
            continue
        ids.update(_ids_of(answer["Body"].read(_SAMPLED_BYTES)))
    return ids


def _ids_of(content: bytes) -> Iterator[str]:
    for line in content.splitlines():
        try:
            record = json.loads(line)
        except ValueError:  # the last line of a range is cut off
            continue
        metadata: Any = record.get("eventMetadata") if isinstance(record, Mapping) else None
        if isinstance(metadata, Mapping) and (found := metadata.get("inferenceId") or metadata.get("eventId")):
            yield str(found)
