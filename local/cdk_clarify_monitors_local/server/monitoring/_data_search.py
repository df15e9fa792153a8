"""Looks for the data of an execution: captured data, ground truth, merged data, in the folders of hours."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from cdk_clarify_monitors_local.server import _buckets
from cdk_clarify_monitors_local.server.monitoring._plan import ExecutionPlan

_HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class DataFolder:
    """Data for a job.

    Attributes:
        uri: Where they lie: what keys begin with, or a manifest.
        path: Where they go, below the folder of the container for them.
        is_manifest: Whether the URI is that of a manifest.
    """

    uri: str
    path: str
    is_manifest: bool = False


def hours(start: datetime, end: datetime) -> Iterator[datetime]:
    """Yield the hours that a window touches."""
    hour = start.replace(minute=0, second=0, microsecond=0)
    while hour < end:
        yield hour
        hour += _HOUR


class DataSearch:
    """Looks into S3 with the rights of a role.

    Args:
        s3: A client.
        plan: The execution.
    """

    def __init__(self, s3: Any, plan: ExecutionPlan) -> None:
        self._s3 = s3
        self._hours = [f"{hour:%Y/%m/%d/%H}" for hour in hours(plan.start, plan.end)]

    def by_variant(self, uri: str, endpoint: str) -> list[DataFolder]:
        """Return the hours of an endpoint that have files, of all variants, below a URI."""
        found = []
        bucket, prefix = _buckets.split(f"{uri.rstrip('/')}/{endpoint}/")
        pages = self._s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix, Delimiter="/")
        variants = [entry["Prefix"] for page in pages for entry in page.get("CommonPrefixes", ())]
        for variant in sorted(variants):
            path = f"{endpoint}/{variant.rstrip('/').rpartition('/')[2]}"
            found += self.by_hour(f"{uri.rstrip('/')}/{path}", path)
        return found

    def by_hour(self, uri: str, path: str = "") -> list[DataFolder]:
        """Return the hours that have files, below a URI."""
        start = f"{path}/" if path else ""
        return [
            DataFolder(f"{uri.rstrip('/')}/{hour}", f"{start}{hour}")
            for hour in self._hours
            if next(self._keys(f"{uri.rstrip('/')}/{hour}/"), None) is not None
        ]

    def manifests(self, uri: str, path: str) -> list[DataFolder]:
        """Return the manifests of a batch transform's capture, each with a folder of its own."""
        found = []
        for hour in self._hours:
            bucket, prefix = _buckets.split(f"{uri.rstrip('/')}/{hour}/")
            for key in self._keys(f"s3://{bucket}/{prefix}"):
                name = key.rpartition("/")[2].removesuffix(".json")
                found.append(DataFolder(f"s3://{bucket}/{key}", f"{path}/{hour}/{name}", is_manifest=True))
        return found

    def _keys(self, uri: str) -> Iterator[str]:
        bucket, prefix = _buckets.split(uri)
        for page in self._s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
            for entry in page.get("Contents", ()):
                if not entry["Key"].endswith("/") and entry["Size"]:
                    yield entry["Key"]


def at_most(folders: Sequence[DataFolder], count: int) -> list[DataFolder]:
    """Return not more than so many folders: those of whole days, months or years where there are too many hours.

    A processing job has ten inputs. How SageMaker reads longer windows is not documented. Manifests stay.
    """
    found = list(folders)
    for _ in range(4):
        if len(found) <= count or any(folder.is_manifest for folder in found):
            break
        parents = {
            folder.path.rpartition("/")[0]: DataFolder(folder.uri.rpartition("/")[0], folder.path.rpartition("/")[0])
            for folder in found
        }
        found = list(parents.values())
    return found
