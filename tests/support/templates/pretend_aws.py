"""SageMaker and S3, as far as a baseline needs them, behind botocore's own clients.

Calls go through the real clients, so botocore validates and serializes them with its model of the service. What would
go over the network is answered here.
"""

import io
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from functools import cache
from typing import Any
from unittest import mock

import boto3
import botocore.session
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.response import StreamingBody

_NOW = datetime(2024, 1, 2, 3, 4, 5, tzinfo=UTC)


_answering: ContextVar["PretendAws"] = ContextVar("_answering")


class _Refused(Exception):  # noqa: N818  an answer of AWS, no error of the test
    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.code, self.message, self.status = code, message, status


class PretendAws:
    """One account in one region.

    Attributes:
        objects: What lies in S3, by bucket and key.
        processing_jobs: The requests that created processing jobs, in order.
    """

    def __init__(self) -> None:
        self.objects: dict[tuple[str, str], bytes] = {}
        self.processing_jobs: list[dict[str, Any]] = []
        self._looks: dict[str, int] = {}
        self._answers: dict[str, Callable[[Mapping[str, Any]], dict[str, Any]]] = {
            "CreateProcessingJob": self._create_processing_job,
            "DescribeProcessingJob": self._describe_processing_job,
            "GetObject": self._get_object,
            "ListObjectsV2": self._list_objects,
            "PutObject": self._put_object,
        }

    @contextmanager
    def answering(self) -> Iterator[None]:
        """While this lasts, `boto3.client` makes clients that talk to this account."""
        token = _answering.set(self)
        try:
            with mock.patch.object(boto3, "DEFAULT_SESSION", _session()):
                yield
        finally:
            _answering.reset(token)

    def answer(self, operation: str, request: Mapping[str, Any]) -> tuple[AWSResponse, dict[str, Any]]:
        """What a client gets for a request that botocore has validated."""
        if operation not in self._answers:
            raise AssertionError(f"a call that no baseline needs: {operation}")
        try:
            status, parsed = 200, self._answers[operation](request)
        except _Refused as refusal:
            status, parsed = refusal.status, {"Error": {"Code": refusal.code, "Message": refusal.message}}
        metadata = {"RequestId": "request", "HTTPStatusCode": status, "HTTPHeaders": {}, "RetryAttempts": 0}
        return AWSResponse("https://pretend", status, HTTPHeaders(), None), {**parsed, "ResponseMetadata": metadata}

    # ---------------------------------------------------------------- SageMaker
    def _create_processing_job(self, request: Mapping[str, Any]) -> dict[str, Any]:
        name = request["ProcessingJobName"]
        if name in self._looks:
            raise _Refused("ResourceInUse", f"Job name must be unique within an AWS account and region: {name}")
        self.processing_jobs.append(dict(request))
        self._looks[name] = 0
        return {"ProcessingJobArn": f"arn:aws:sagemaker:us-west-2:123456789012:processing-job/{name}"}

    def _describe_processing_job(self, request: Mapping[str, Any]) -> dict[str, Any]:
        name = request["ProcessingJobName"]
        if name not in self._looks:
            raise _Refused("ValidationException", f"Could not find requested job with name: {name}")
        self._looks[name] += 1
        job = next(job for job in self.processing_jobs if job["ProcessingJobName"] == name)
        done = self._looks[name] > 1
        if done:
            (output,) = job["ProcessingOutputConfig"]["Outputs"]
            self.objects[split(f"{output['S3Output']['S3Uri'].rstrip('/')}/analysis.json")] = b"{}"
        return {**job, "ProcessingJobStatus": "Completed" if done else "InProgress", "CreationTime": _NOW}

    # ---------------------------------------------------------------- S3
    def _put_object(self, request: Mapping[str, Any]) -> dict[str, Any]:
        body = request["Body"]
        self.objects[request["Bucket"], request["Key"]] = body if isinstance(body, bytes) else body.read()
        return {"ETag": '"0"'}

    def _get_object(self, request: Mapping[str, Any]) -> dict[str, Any]:
        body = self.objects.get((request["Bucket"], request["Key"]))
        if body is None:
            raise _Refused("NoSuchKey", "The specified key does not exist.", 404)
        return {"Body": StreamingBody(io.BytesIO(body), len(body)), "ContentLength": len(body), "ETag": '"0"'}

    def _list_objects(self, request: Mapping[str, Any]) -> dict[str, Any]:
        start = (request["Bucket"], request.get("Prefix", ""))
        keys = [key for bucket, key in sorted(self.objects) if bucket == start[0] and key.startswith(start[1])]
        return {
            "IsTruncated": False,
            "KeyCount": len(keys),
            "Contents": [{"Key": key, "ETag": '"0"', "Size": 2, "LastModified": _NOW} for key in keys],
        }


def split(uri: str) -> tuple[str, str]:
    """Bucket and key of an S3 URI."""
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    return bucket, key


# ---------------------------------------------------------------- clients
class _Session(boto3.Session):
    """Makes each client once for all tests: that takes longer than everything else."""

    def __init__(self) -> None:
        session = botocore.session.Session()
        events = session.get_component("event_emitter")
        events.register_last("before-parameter-build", _note_parameters)
        events.register_first("before-call", _answer)
        super().__init__(botocore_session=session)
        self._clients: dict[tuple[str, str], Any] = {}

    def client(self, service_name: str, **kwargs: Any) -> Any:  # type: ignore[override]
        key = service_name, os.environ["AWS_REGION"]
        if key not in self._clients:
            self._clients[key] = super().client(service_name, **kwargs)  # type: ignore[call-overload]
        return self._clients[key]


_session = cache(_Session)


def _note_parameters(params: Mapping[str, Any], context: dict[str, Any], **_: Any) -> None:
    context["pretend_aws_parameters"] = params


def _answer(model: Any, context: Mapping[str, Any], **_: Any) -> tuple[AWSResponse, dict[str, Any]]:
    return _answering.get().answer(model.name, context["pretend_aws_parameters"])
