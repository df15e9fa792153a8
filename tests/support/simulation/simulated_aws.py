"""SageMaker's processing jobs and S3's objects, in virtual time, behind real boto3 clients.

Every request is checked with botocore's own service model. Faults can be put in the way of any call, and
events can be put between any two of them.
"""

import contextlib
import copy
import hashlib
import heapq
import io
import itertools
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, get_args

import boto3
import botocore.exceptions
import botocore.response
import botocore.validate

Service = Literal["s3", "sagemaker"]
_SESSION = boto3.Session(
    aws_access_key_id="AKIDEXAMPLE",
    aws_secret_access_key="example",  # noqa: S106
    region_name="us-west-2",
)
# Dear to make, and without state.
_CLIENTS: dict[str, Any] = {service: _SESSION.client(service) for service in get_args(Service)}
_VALIDATOR = botocore.validate.ParamValidator()
_JOB_NAME = re.compile(r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}")
_STEM = re.compile(r"(.+-[0-9a-f]{16})(-\d+)?")
_STATUS = {"NoSuchKey": 404, "NoSuchBucket": 404, "AccessDenied": 403, "AccessDeniedException": 403}
# What a baseline calls.
OPERATIONS = (
    "CreateProcessingJob",
    "DescribeProcessingJob",
    "StopProcessingJob",
    "PutObject",
    "GetObject",
    "ListObjectsV2",
    "DeleteObject",
)
# Of tests.support.templates.iam, where templates are resolved.
_PSEUDO = {"Partition": "aws", "AccountId": "111111111111", "Region": "eu-central-1"}
STOPPING_SECONDS = 40
CALL_SECONDS = 0.02


class World:
    """Virtual time, and what will happen when."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0
        self._events: list[tuple[float, int, Callable[[], object]]] = []
        self._count = itertools.count()

    def time(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        """Let time go by; what is due meanwhile happens, for nothing in AWS waits for a function that sleeps."""
        if not 0 <= seconds <= 15:
            raise AssertionError(f"a function must not sleep {seconds} s")
        self.run_until(self.now + seconds)

    def after(self, seconds: float, happens: Callable[[], object]) -> None:
        heapq.heappush(self._events, (self.now + seconds, next(self._count), happens))

    def run_until(self, end: float, done: Callable[[], bool] = lambda: False) -> None:
        while not done() and self._events and self._events[0][0] <= end:
            at, _, happens = heapq.heappop(self._events)
            self.now = max(self.now, at)
            happens()
        if not done():
            self.now = max(self.now, end)

    def forget_all(self) -> None:
        self._events.clear()

    def run_next(self) -> None:
        """The next event comes early: it could as well have come in the middle of this call."""
        if self._events:
            heapq.heappop(self._events)[2]()


@dataclass
class Plan:
    """What becomes of a job."""

    seconds: float = 120.0
    status: str = "Completed"
    writes_constraints: bool = True
    failure_reason: str = ""
    exit_message: str = ""


@dataclass
class Job:
    request: dict[str, Any]
    plan: Plan
    started_at: float
    computed_from: dict[str, Any]
    stopped_at: float | None = None
    status: str = "InProgress"

    @property
    def is_live(self) -> bool:
        return self.status == "InProgress"


@dataclass
class Fault:
    """An accident that befalls calls of one operation, or of all.

    kind: throttle | internal | reset | lost (the call has its effect, the answer gets lost) | or an error's code
    """

    kind: str
    operation: str | None = None
    count: int = 1
    until: float = float("inf")
    message: str = "injected"
    status: int = 400
    """The HTTP status of an error with a code."""


@dataclass
class SimulatedAws:
    world: World = field(default_factory=World)
    objects: dict[tuple[str, str], bytes] = field(default_factory=dict)
    puts: list[dict[str, Any]] = field(default_factory=list)
    jobs: dict[str, Job] = field(default_factory=dict)
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    protected: dict[tuple[str, str], bytes] = field(default_factory=dict)
    """Files that a live job definition points at, with what must be in them."""
    plans: list[Plan] = field(default_factory=list)
    """Of the next jobs; then all succeed."""
    missing_buckets: set[str] = field(default_factory=set)
    encrypted: dict[tuple[str, str], str | None] = field(default_factory=dict)
    """The KMS keys of objects."""
    refused_keys: set[str] = field(default_factory=set)
    """KMS keys that are disabled, gone, or closed to us."""
    metrics: dict[str, Any] = field(default_factory=dict)
    """What jobs measure: the part of analysis.json that has constraints."""
    create_seconds: float = 0.0
    """So long the next call of CreateProcessingJob takes; others go on meanwhile."""
    executing: dict[str, float] = field(default_factory=dict)
    """Schedules, with the time at which an execution that is under way ends."""
    quota: int = 4
    role_ready_at: float = 0.0
    before_call: Callable[[str], None] = lambda operation: None
    _call_number: int = 0

    def client(self, service: Service) -> Any:
        client = _CLIENTS[service]
        client._make_api_call = lambda operation, params: self._call(client, operation, params)
        return client

    # -------------------------------------------------------------- for tests
    def live_jobs(self) -> list[str]:
        self._settle()
        return [name for name, job in self.jobs.items() if job.is_live]

    def count(self, operation: str) -> int:
        return sum(name == operation for name, _ in self.calls)

    def json(self, uri: str) -> Any:
        self._settle()
        return json.loads(self.objects[split(uri)])

    def delete_ended_jobs(self) -> list[str]:
        """Let somebody tidy up with DeleteProcessingJob: the records go, their names are free again."""
        self._settle()
        ended = [name for name, job in self.jobs.items() if job.status in ("Completed", "Failed", "Stopped")]
        for name in ended:
            del self.jobs[name]
        return ended

    def put_file(self, uri: str, body: bytes = b"x") -> None:
        self.objects[split(uri)] = body

    def publish(self, assembly: str) -> None:
        """Put the file assets of a cloud assembly where `cdk deploy` would put them."""
        for manifest in Path(assembly).glob("*.assets.json"):
            for file in json.loads(manifest.read_text())["files"].values():
                path = Path(assembly, file["source"]["path"])
                for place in file["destinations"].values() if path.is_file() else ():
                    bucket = re.sub(r"\$\{AWS::(\w+)\}", lambda name: _PSEUDO[name[1]], place["bucketName"])
                    self.objects[bucket, place["objectKey"]] = path.read_bytes()

    @contextlib.contextmanager
    def interrupted(self, number: int, by: Callable[[], None]) -> Iterator[None]:
        """Something else happens right before the n-th call from now on."""
        count = itertools.count()

        def interrupt(operation: str) -> None:
            if next(count) == number:
                by()

        before, self.before_call = self.before_call, interrupt
        try:
            yield
        finally:
            self.before_call = before

    # -------------------------------------------------------------- calls
    def _call(self, client: Any, operation: str, params: dict[str, Any]) -> dict[str, Any]:
        model = client.meta.service_model.operation_model(operation)
        report = _VALIDATOR.validate(params, model.input_shape)
        if report.has_errors():
            raise botocore.exceptions.ParamValidationError(report=report.generate_report())
        self.before_call(operation)
        self.world.now += CALL_SECONDS
        self.calls.append((operation, params))
        self._settle()
        fault = self._fault(operation)
        if fault and fault.kind != "lost":
            raise self._error(client, operation, fault)
        try:
            answer: dict[str, Any] = getattr(self, f"_{operation}")(copy.deepcopy(params))
        except RefusedError as refusal:
            raise self._client_error(client, operation, refusal.code, str(refusal)) from None
        if fault:
            raise botocore.exceptions.ReadTimeoutError(endpoint_url="https://aws.example")
        return {"ResponseMetadata": {"HTTPStatusCode": 200}, **answer}

    def _fault(self, operation: str) -> Fault | None:
        for fault in self.faults:
            if fault.operation in (None, operation) and fault.count > 0 and self.world.now < fault.until:
                fault.count -= 1
                return fault
        return None

    def _error(self, client: Any, operation: str, fault: Fault) -> Exception:
        if fault.kind == "reset":
            return botocore.exceptions.ConnectionClosedError(endpoint_url="https://aws.example")
        codes = {"throttle": ("ThrottlingException", 400), "internal": ("InternalFailure", 500)}
        code, status = codes.get(fault.kind, (fault.kind, fault.status))
        return self._client_error(client, operation, code, fault.message, status)

    @staticmethod
    def _client_error(client: Any, operation: str, code: str, message: str, status: int | None = None) -> Exception:
        response = {
            "Error": {"Code": code, "Message": message},
            "ResponseMetadata": {"HTTPStatusCode": status or _STATUS.get(code, 400)},
        }
        error: Exception = client.exceptions.from_code(code)(response, operation)
        return error

    # -------------------------------------------------------------- SageMaker
    def _CreateProcessingJob(self, params: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        taken, self.create_seconds = self.create_seconds, 0.0
        self.world.run_until(self.world.now + taken)
        name, now = params["ProcessingJobName"], self.world.now
        if not _JOB_NAME.fullmatch(name):
            raise RefusedError("ValidationException", f"Value '{name}' at 'processingJobName' failed to satisfy")
        if now < self.role_ready_at:
            raise RefusedError("ValidationException", f"Could not assume role {params['RoleArn']}. Please ensure ...")
        if name in self.jobs:
            raise RefusedError("ResourceInUse", "Job name must be unique within an AWS account and region")
        used = sum(job.status in ("InProgress", "Stopping") for job in self.jobs.values())
        if used + 1 > self.quota:
            raise RefusedError(
                "ResourceLimitExceeded",
                f"The account-level service limit 'ml.m5.xlarge for processing job usage' is {self.quota} Instances, "
                f"with current utilization of {used} Instances and a request delta of 1 Instances. Please ...",
            )
        config = next(i["S3Input"]["S3Uri"] for i in params["ProcessingInputs"] if i["InputName"] == "analysis_config")
        if split(config) not in self.objects:
            self.violations.append(f"{name} was started before its config was there")
        stem = stem_of(name)
        if twins := [n for n, job in self.jobs.items() if job.is_live and stem_of(n) == stem]:
            self.violations.append(f"{name} was started while {twins} runs for the same inputs")
        computed_from = {"config": json.loads(self.objects.get(split(config), b"null")), "job": comparable(params)}
        self.jobs[name] = Job(params, self.plans.pop(0) if self.plans else Plan(), now, computed_from)
        return {"ProcessingJobArn": f"arn:aws:sagemaker:us-west-2:123456789012:processing-job/{name}"}

    def _DescribeProcessingJob(self, params: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        job = self._job(params["ProcessingJobName"])
        ended = job.status not in ("InProgress", "Stopping")
        return {
            **job.request,
            "ProcessingJobStatus": job.status,
            **({"FailureReason": job.plan.failure_reason} if ended and job.plan.failure_reason else {}),
            **({"ExitMessage": job.plan.exit_message} if ended and job.plan.exit_message else {}),
            **({"ProcessingEndTime": datetime.fromtimestamp(self.world.now, UTC)} if ended else {}),
        }

    def _StopProcessingJob(self, params: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        job = self._job(params["ProcessingJobName"])
        if not job.is_live:
            raise RefusedError("ValidationException", f"The request was rejected: the job is in status {job.status}")
        job.status, job.stopped_at = "Stopping", self.world.now
        return {}

    def _DescribeMonitoringSchedule(self, params: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        name, now = params["MonitoringScheduleName"], self.world.now
        if name not in self.executing:
            raise RefusedError("ResourceNotFound", f"Monitoring Schedule {name} not found")
        arn = "arn:aws:sagemaker:us-west-2:123456789012:processing-job/model-monitoring-1"
        status = "InProgress" if now < self.executing[name] else "Completed"
        last = {"MonitoringScheduleName": name, "MonitoringExecutionStatus": status, "ProcessingJobArn": arn}
        return {"MonitoringScheduleName": name, "LastMonitoringExecutionSummary": last}

    def _job(self, name: str) -> Job:
        if name not in self.jobs:
            raise RefusedError("ValidationException", f"Could not find requested job with name: {name}")
        return self.jobs[name]

    def _settle(self) -> None:
        """Let happen what should have happened by now."""
        for job in self.jobs.values():
            if job.is_live and self.world.now >= job.started_at + job.plan.seconds:
                job.status = job.plan.status
                if job.status == "Completed" and job.plan.writes_constraints:
                    output = job.request["ProcessingOutputConfig"]["Outputs"][0]["S3Output"]["S3Uri"]
                    self._write(
                        *split(f"{output}/analysis.json"), json.dumps({**job.computed_from, **self.metrics}).encode()
                    )
                    self._write(*split(f"{output}/report.html"), b"report")
            if job.stopped_at is not None and self.world.now >= job.stopped_at + STOPPING_SECONDS:
                job.status = "Stopped"

    # -------------------------------------------------------------- S3
    def _PutObject(self, params: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        self._check_bucket(params)
        there = self.objects.get((params["Bucket"], params["Key"]))
        if "IfNoneMatch" in params and there is not None:
            raise RefusedError("PreconditionFailed", "At least one of the pre-conditions you specified did not hold")
        if "IfMatch" in params and there is None:
            raise RefusedError("NoSuchKey", "The specified key does not exist.")
        if "IfMatch" in params and there is not None and params["IfMatch"] != etag(there):
            raise RefusedError("PreconditionFailed", "At least one of the pre-conditions you specified did not hold")
        key = params.get("SSEKMSKeyId")
        if key in self.refused_keys:
            raise RefusedError("KMS.DisabledException", f"{key} is disabled.")
        self.puts.append(params)
        self.encrypted[params["Bucket"], params["Key"]] = key
        self._write(params["Bucket"], params["Key"], params["Body"])
        return {"ETag": etag(params["Body"])}

    def _write(self, bucket: str, key: str, body: bytes) -> None:
        if "//" in key or key.startswith("/"):
            self.violations.append(f"a double slash in the key {key}")
        if self.protected.get((bucket, key), body) != body:
            self.violations.append(f"{key} was overwritten while a live definition points at it")
        self.objects[bucket, key] = body

    def _GetObject(self, params: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        self._check_bucket(params)
        body = self.objects.get((params["Bucket"], params["Key"]))
        if body is None:
            raise RefusedError("NoSuchKey", "The specified key does not exist.")
        if (key := self.encrypted.get((params["Bucket"], params["Key"]))) in self.refused_keys:
            raise RefusedError("AccessDenied", f"not authorized to perform: kms:Decrypt on resource: {key}")
        stream = botocore.response.StreamingBody(io.BytesIO(body), len(body))
        return {"Body": stream, "ContentLength": len(body), "ETag": etag(body)}

    def _ListObjectsV2(self, params: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        self._check_bucket(params)
        prefix, size = params.get("Prefix", ""), params.get("MaxKeys", 1000)
        after = params.get("ContinuationToken", "")
        found = [
            {"Key": key, "Size": len(body), "ETag": etag(body)}
            for (bucket, key), body in sorted(self.objects.items())
            if bucket == params["Bucket"] and key.startswith(prefix) and key > after
        ]
        more = len(found) > size
        page = {"KeyCount": min(size, len(found)), "IsTruncated": more}
        return {
            **page,
            **({"Contents": found[:size]} if found else {}),
            **({"NextContinuationToken": found[size - 1]["Key"]} if more else {}),
        }

    def _DeleteObject(self, params: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        self._check_bucket(params)
        where = params["Bucket"], params["Key"]
        if where in self.protected:
            self.violations.append(f"{where[1]} was deleted while a live definition points at it")
        self.objects.pop(where, None)
        return {}

    def _check_bucket(self, params: dict[str, Any]) -> None:
        if params["Bucket"] in self.missing_buckets:
            raise RefusedError("NoSuchBucket", "The specified bucket does not exist")


class RefusedError(Exception):
    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def bias_metrics(*names: str, value: float = 0.25) -> dict[str, Any]:
    """The part of analysis.json that has bias metrics of one group."""
    metrics = [{"name": name, "description": name, "value": value} for name in names]
    group = {"value_or_threshold": "(40, 79]", "metrics": metrics}
    return {"post_training_bias_metrics": {"label": "approved", "facets": {"age": [group]}}}


def etag(body: bytes) -> str:
    return f'"{hashlib.sha256(body).hexdigest()[:32]}"'


def split(uri: str) -> tuple[str, str]:
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    return bucket, key


def stem_of(job_name: str) -> str:
    found = _STEM.fullmatch(job_name)
    return found[1] if found else job_name


def comparable(request: dict[str, Any]) -> dict[str, Any]:
    """A CreateProcessingJob request without the name, and without what carries it or does not count."""
    request = {key: value for key, value in copy.deepcopy(request).items() if key not in ("ProcessingJobName", "Tags")}
    request["ProcessingInputs"] = [i for i in request["ProcessingInputs"] if i["InputName"] != "analysis_config"]
    del request["ProcessingOutputConfig"]["Outputs"][0]["S3Output"]["S3Uri"]
    return request
