"""A processing job's data: from S3 into the container's folders, and from there to S3."""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from boto3.exceptions import Boto3Error
from botocore.exceptions import BotoCoreError, ClientError

from cdk_clarify_monitors_local.server import _buckets
from cdk_clarify_monitors_local.server._errors import JobFailedError
from cdk_clarify_monitors_local.server.processing._processing_job import ProcessingJob

_INPUT_FORMS = (("S3DataType", ("S3Prefix", "ManifestFile")), ("S3InputMode", ("File",)))


def download(s3: Any, job: ProcessingJob, root: Path) -> None:
    """Bring a job's inputs into its container.

    Args:
        s3: An S3 client with the credentials of the job's role.
        job: The job.
        root: The container's root folder.

    Raises:
        JobFailedError: An input is missing, may not be read, or is of a form that is not supported here.
    """
    for entry in job.request.get("ProcessingInputs", ()):
        source = entry.get("S3Input")
        if source is None:
            raise JobFailedError(f"ClientError: The embedded AWS cannot read input '{entry['InputName']}': not S3.")
        for name, supported in _INPUT_FORMS:
            if source.get(name, supported[0]) not in supported:
                raise JobFailedError(
                    f"ClientError: The embedded AWS reads inputs with {name} {' or '.join(supported)} only, not "
                    f"{source[name]}."
                )
        target = _inside(root, source["LocalPath"])
        target.mkdir(parents=True, exist_ok=True)
        try:
            if source.get("S3DataType") == "ManifestFile":
                _download_manifest(s3, source, target)
            else:
                _download_prefix(s3, job, source, target)
        except (ClientError, BotoCoreError) as error:
            what_to_do = _buckets.hint(error, [source["S3Uri"]])
            raise JobFailedError(f"ClientError: Data download failed:{error}{what_to_do}") from error


def _download_prefix(s3: Any, job: ProcessingJob, source: Mapping[str, Any], target: Path) -> None:
    bucket, prefix = _buckets.split(source["S3Uri"])
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
    keys = [entry["Key"] for page in pages for entry in page.get("Contents", ()) if not entry["Key"].endswith("/")]
    if not keys:
        raise JobFailedError(
            f'ClientError: Data download failed:No S3 objects found under S3 URL "{source["S3Uri"]}" given in '
            "input data source. Please ensure that the bucket exists in the selected region "
            f"({job.scope.region}), that objects exist under that S3 prefix, and that the role "
            f'"{job.request["RoleArn"]}" has "s3:ListBucket" permissions on bucket "{bucket}". '
            + _buckets.how_to_put(source["S3Uri"])
        )
    folder = prefix[: prefix.rfind("/") + 1]
    for key in keys:
        below = key.removeprefix(f"{prefix}/" if key.startswith(f"{prefix}/") else folder)
        path = _inside(target, below)
        path.parent.mkdir(parents=True, exist_ok=True)
        s3.download_file(bucket, key, str(path))
        if source.get("S3CompressionType") == "Gzip":
            path.write_bytes(gzip.decompress(path.read_bytes()))


def _download_manifest(s3: Any, source: Mapping[str, Any], target: Path) -> None:
    """Bring the objects that a manifest lists: a prefix, then what each key has after it."""
    bucket, key = _buckets.split(source["S3Uri"])
    body = s3.get_object(Bucket=bucket, Key=key)["Body"].read()
    try:
        head, *names = json.loads(body)
        prefix = head["prefix"]
        objects = [(f"{prefix}{name}", name or prefix.rpartition("/")[2]) for name in names]
    except (ValueError, TypeError, KeyError) as error:
        raise JobFailedError(
            f"ClientError: Data download failed:{source['S3Uri']} is not a manifest: {error}"
        ) from error
    for uri, name in objects:
        object_bucket, object_key = _buckets.split(uri)
        path = _inside(target, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        s3.download_file(object_bucket, object_key, str(path))


def make_output_folders(job: ProcessingJob, root: Path) -> None:
    """Make the folders that a job's container writes its results to.

    Raises:
        JobFailedError: One would lie outside of the container.
    """
    for output in job.outputs:
        _inside(root, output["LocalPath"]).mkdir(parents=True, exist_ok=True)


def upload(s3: Any, job: ProcessingJob, root: Path) -> None:
    """Bring a job's results from its container to S3.

    Args:
        s3: An S3 client with the credentials of the job's role.
        job: The job.
        root: The container's root folder.

    Raises:
        JobFailedError: They may not be written.
    """
    for output in job.outputs:
        bucket, prefix = _buckets.split(output["S3Uri"].rstrip("/"))
        folder = _inside(root, output["LocalPath"])
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                key = "/".join(part for part in (prefix, path.relative_to(folder).as_posix()) if part)
                try:
                    s3.upload_file(str(path), bucket, key)
                except (ClientError, BotoCoreError, Boto3Error) as error:
                    what_to_do = _buckets.hint(error, [output["S3Uri"]])
                    raise JobFailedError(f"ClientError: Data upload failed:{error}{what_to_do}") from error


def _inside(root: Path, path: str) -> Path:
    """Return where a path of the container lies under the job's folder.

    Raises:
        JobFailedError: It would lie outside.
    """
    found = (root / path.lstrip("/")).resolve()
    if not found.is_relative_to(root.resolve()):
        raise JobFailedError(f"ClientError: The path {path} leaves the container's folder.")
    return found
