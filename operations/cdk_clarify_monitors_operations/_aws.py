"""The only door to AWS: clients are made when they are needed, and what AWS refuses becomes an error of this package.

boto3 is imported here, and only when a request is sent.
"""

from __future__ import annotations

import importlib
import itertools
import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, TypeVar

from cdk_clarify_monitors_operations._concurrency import AT_MOST
from cdk_clarify_monitors_operations._errors import AccessDenied, InvalidArgument, NotFound, ServiceError, WaitTimeout

if TYPE_CHECKING:
    import boto3
else:

    class _Boto3:
        """Stands for boto3, which is imported when it is used, or when somebody looks an annotation up."""

        def __getattr__(self, name: str) -> Any:
            return getattr(importlib.import_module("boto3"), name)

    boto3 = _Boto3()

_T = TypeVar("_T")

_DENIED: Final = frozenset(
    {"AccessDenied", "AccessDeniedException", "AuthorizationError", "Forbidden", "UnauthorizedOperation", "403"}
)
_MISSING: Final = frozenset(
    {"NoSuchKey", "NoSuchBucket", "NoSuchEntity", "ResourceNotFound", "ResourceNotFoundException", "404"}
)
# SageMaker answers so for processing jobs and endpoints, CloudFormation for resources. Other codes have such texts for
# something else, as S3 for an object whose key is gone.
_VALIDATION: Final = frozenset({"ValidationException", "ValidationError"})
_MISSING_TEXTS: Final = ("Could not find", "does not exist")

# SageMaker bears few requests a second: boto3's five attempts are soon used up. Its modes stay as they are configured:
# `adaptive` begins anew with one request in two seconds once it is throttled, which takes minutes for many monitors.
_ATTEMPTS: Final = 8

# Operations whose IAM action has another name.
_ACTIONS: Final = {"s3:ListObjectsV2": "s3:ListBucket"}

# The members of a request and of its answer that go from page to page.
_TOKENS: Final = {
    "s3": ("ContinuationToken", "NextContinuationToken"),
    "logs": ("nextToken", "nextToken"),
    "sagemaker": ("NextToken", "NextToken"),
}

# SageMaker's default bucket and the CDK's bucket for assets: each is named for the account that it belongs to. Once it
# is deleted, somebody else can make one of this name.
_REGION: Final = r"[a-z]{2}(-[a-z]+)+-\d+"
_NAMED_FOR_OWNER: Final = (
    re.compile(rf"sagemaker-{_REGION}-(?P<owner>\d{{12}})"),
    re.compile(rf"cdk-[a-z0-9]+-assets-(?P<owner>\d{{12}})-{_REGION}"),
)

_RESOURCES: Final = {
    "MonitoringScheduleName": "monitoring-schedule/{}",
    "JobDefinitionName": "job-definition/{}",
    "ProcessingJobName": "processing-job/{}",
    "EndpointName": "endpoint/{}",
    "ResourceArn": "{}",
    "PhysicalResourceId": "{}",
    "PolicySourceArn": "{}",
    "logStreamName": "log stream {}",
    "logGroupName": "log group {}",
}


class Aws:
    """An account and region, and how patiently to wait for it."""

    poll_interval: float
    timeout: float

    def __init__(
        self, session: boto3.Session | None = None, *, poll_interval: float = 5.0, timeout: float = 900.0
    ) -> None:
        for name, seconds in (("poll_interval", poll_interval), ("timeout", timeout)):
            if not seconds > 0:
                raise InvalidArgument(f"'{name}' must be a number of seconds above 0, got {seconds!r}")
        self.poll_interval, self.timeout = poll_interval, timeout
        self._session = session
        self._clients: dict[str, Any] = {}
        self._lock = threading.RLock()
        self._attempts_configured: bool | None = None
        self._slots = threading.BoundedSemaphore(AT_MOST)

    @property
    def session(self) -> boto3.Session:
        """The boto3 session; made of the environment if none was given."""
        with self._lock:
            if self._session is None:
                self._session = boto3.Session()
            return self._session

    @property
    def region(self) -> str:
        """The session's region."""
        return str(self._client("sagemaker").meta.region_name)

    @property
    def service_url(self) -> str:
        """The endpoint of SageMaker, which tells one AWS from another that has the same accounts."""
        return str(self._client("sagemaker").meta.endpoint_url)

    def _client(self, service: str) -> Any:
        # Threads can share clients, but not make them.
        with self._lock:
            if service not in self._clients:
                self._clients[service] = self._new_client(service)
            return self._clients[service]

    def _new_client(self, service: str) -> Any:
        from botocore.config import Config

        make: Callable[..., Any] = self.session.client
        if self._attempts_configured is None:
            # Only a client tells what environment, profile and session say of it.
            client = make(service)
            self._attempts_configured = "total_max_attempts" in client.meta.config.retries
            if self._attempts_configured:
                return client
        retries = None if self._attempts_configured else Config(retries={"total_max_attempts": _ATTEMPTS})
        return make(service, config=retries)

    def call(self, service: str, operation: str, /, **parameters: Any) -> dict[str, Any]:
        """Send a request; one of this object's waits while eight are under way.

        Args:
            service: boto3's name of the service.
            operation: The operation as the API names it, such as `DescribeMonitoringSchedule`.
            parameters: Its parameters; those that are None are left out.

        Raises:
            AccessDenied: The caller may not.
            NotFound: What it is about does not exist.
            InvalidArgument: botocore refuses the parameters.
            ServiceError: AWS refuses it for another reason.
        """
        from botocore import xform_name
        from botocore.exceptions import ClientError, ParamValidationError

        sent = {name: value for name, value in parameters.items() if value is not None}
        if service == "s3":
            sent |= _expected_owner(sent["Bucket"])
        send = getattr(self._client(service), xform_name(operation))
        try:
            with self._slots:
                answer: dict[str, Any] = send(**sent)
        except ClientError as error:
            raise _translated(service, operation, sent, error.response) from error
        except ParamValidationError as error:
            raise InvalidArgument(f"{service}:{operation} cannot be sent: {error}") from error
        return answer

    def pages(self, service: str, operation: str, /, **parameters: Any) -> Iterator[dict[str, Any]]:
        """Yield the answers of a listing, each page when it is asked for.

        Raises:
            ServiceError: As in `call`; or the service gives the same token twice.
        """
        sent_name, answered_name = _TOKENS[service]
        token: str | None = None
        while True:
            answer = self.call(service, operation, **parameters, **({sent_name: token} if token else {}))
            yield answer
            previous, token = token, answer.get(answered_name)
            if not token:
                return
            if token == previous:
                text = f"{service}:{operation} gives the same page again and again"
                raise ServiceError(text, action=f"{service}:{operation}", code="RepeatedToken", reason=text)

    def wait(
        self,
        ask: Callable[[], _T],
        is_done: Callable[[_T], bool],
        what: str,
        *,
        timeout: float | None = None,
        **subject: str | None,
    ) -> _T:
        """Ask again and again until the answer will do.

        Args:
            ask: Asks.
            is_done: Whether the answer will do.
            what: What is waited for, for the message.
            timeout: Seconds. Default: the timeout of all waits.
            subject: `schedule` or `job_name`, for the error.

        Raises:
            WaitTimeout: It took too long.
        """
        timeout = self.timeout if timeout is None else timeout
        end = time.monotonic() + timeout
        for pause in self.pauses():
            answer = ask()
            if is_done(answer):
                return answer
            left = end - time.monotonic()
            if left <= 0:
                break
            time.sleep(min(pause, left))
        raise WaitTimeout(f"{what} took longer than {timeout:g} seconds. Nothing was undone.", **subject)

    def pauses(self) -> Iterator[float]:
        """Yield the seconds between questions: the longer something takes, the longer the pauses, up to sixfold."""
        for number in itertools.count():
            yield self.poll_interval * min(max(1.0, number / 12), 6.0)


@dataclass(frozen=True)
class S3Location:
    """A place in S3."""

    bucket: str
    key: str

    @classmethod
    def of(cls, uri: object, argument: str = "uri") -> S3Location:
        """Take an S3 URI apart.

        Raises:
            InvalidArgument: It is none.
        """
        if not isinstance(uri, str) or not uri.startswith("s3://") or not uri[5:].split("/", 1)[0]:
            raise InvalidArgument(f"'{argument}' must be an S3 URI such as s3://bucket/key, got {uri!r}")
        bucket, _, key = uri[5:].partition("/")
        return cls(bucket, key)

    def __str__(self) -> str:
        return f"s3://{self.bucket}/{self.key}"


def join_uri(folder: str, *names: str) -> str:
    """Return the URI of something below a folder, whether or not the folder's URI ends in a slash."""
    return "/".join([folder.rstrip("/"), *(name.strip("/") for name in names)])


def utc(moment: datetime | None) -> datetime | None:
    """Return a time in UTC."""
    return None if moment is None else moment.astimezone(UTC)


def check_aware(name: str, moment: datetime | None) -> datetime | None:
    """Refuse a time without a time zone: it would mean another hour on each machine.

    Raises:
        InvalidArgument: It has none, or is no time.
    """
    if moment is None:
        return None
    if not isinstance(moment, datetime) or moment.tzinfo is None:
        raise InvalidArgument(
            f"'{name}' must be a datetime with a time zone, such as datetime.now(UTC), got {moment!r}"
        )
    return moment


def _expected_owner(bucket: str) -> dict[str, str]:
    found = next(filter(None, (form.fullmatch(bucket) for form in _NAMED_FOR_OWNER)), None)
    return {"ExpectedBucketOwner": found["owner"]} if found else {}


def _translated(service: str, operation: str, sent: Mapping[str, Any], response: Mapping[str, Any]) -> ServiceError:
    error = response.get("Error", {})
    code, text = str(error.get("Code", "Unknown")), str(error.get("Message", "") or "no message")
    action = _ACTIONS.get(f"{service}:{operation}", f"{service}:{operation}")
    resource = _resource(sent)
    subject = {
        "schedule": sent.get("MonitoringScheduleName"),
        "job_name": sent.get("ProcessingJobName"),
        "uri": resource if "Bucket" in sent else None,
    }
    if code in _DENIED:
        message = f"Access denied: the caller may not do {action} on {resource}. AWS says: {text}"
        if service == "s3" and operation == "GetObject":
            message += (
                f". S3 gives the same answer if the object does not exist and the caller lacks s3:ListBucket on the "
                f"bucket {sent['Bucket']}"
            )
        return AccessDenied(message, action=action, resource=resource, code=code, reason=text, **subject)
    is_missing = code in _MISSING or (code in _VALIDATION and any(each in text for each in _MISSING_TEXTS))
    kind = NotFound if is_missing else ServiceError
    return kind(
        f"{action} on {resource} was refused: {code}: {text}",
        action=action,
        code=code,
        reason=text,
        **subject,
        refused=400 <= response.get("ResponseMetadata", {}).get("HTTPStatusCode", 400) < 500,
    )


def _resource(sent: Mapping[str, Any]) -> str:
    if "Bucket" in sent:
        return f"s3://{sent['Bucket']}/{sent.get('Key', sent.get('Prefix', ''))}"
    for name, form in _RESOURCES.items():
        if name in sent:
            return form.format(sent[name])
    return "*"
