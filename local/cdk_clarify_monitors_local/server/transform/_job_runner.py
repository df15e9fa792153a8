"""Runs transform jobs: S3 in, the stand-in for the model's container, S3 out."""

from __future__ import annotations

import gzip
import json
import logging
import threading
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from cdk_clarify_monitors_local.captures._capture_format import batch_capture_key, manifest
from cdk_clarify_monitors_local.server import _buckets
from cdk_clarify_monitors_local.server._clients import Clients
from cdk_clarify_monitors_local.server._errors import JobFailedError
from cdk_clarify_monitors_local.server._models import ModelFiles
from cdk_clarify_monitors_local.server._platform import Platform
from cdk_clarify_monitors_local.server.cloudwatch import _cloudwatch_logs
from cdk_clarify_monitors_local.server.serving._model_process import ModelProcess, Response
from cdk_clarify_monitors_local.server.transform import _records
from cdk_clarify_monitors_local.server.transform._records import Processing
from cdk_clarify_monitors_local.server.transform._transform_job import TransformJob

_log = logging.getLogger("sagemaker")

_LOG_GROUP = "/aws/sagemaker/TransformJobs"
_MAX_PAYLOAD = 6  # MB, the default
_LOOKS_FOR_STOP_EVERY = 0.05  # seconds


class TransformJobRunner:
    """Runs each job in a thread, with the permissions of its model's role.

    Args:
        platform: The emulator.
        clients: How to reach it.
        models: The files of the models that are known.
    """

    def __init__(self, platform: Platform, clients: Clients, models: ModelFiles) -> None:
        self._platform = platform
        self._clients = clients
        self._models = models

    def start(self, job: TransformJob) -> None:
        """Start a job and return at once."""
        threading.Thread(target=self._run, args=(job,), name=job.name, daemon=True).start()

    def _run(self, job: TransformJob) -> None:
        self._announce(job)
        try:
            job.begin()
            self._transform(job)
            job.finish("Stopped" if job.stop_requested.is_set() else "Completed")
        except JobFailedError as error:
            job.finish("Failed", str(error))
        except (ClientError, BotoCoreError) as error:
            job.finish("Failed", f"ClientError: {error}{_buckets.hint(error, _uris(job))}")
        except Exception:
            _log.exception("transform job %s", job.name)
            job.finish("Failed", "InternalServerError: We encountered an internal error. Please try again.")
        _log.info("transform job %s: %s %s", job.name, job.status, job.failure_reason or "")
        if job.failure_reason:
            stream = f"{job.name}/data-log"
            _cloudwatch_logs.write(self._client(job, "logs"), _LOG_GROUP, stream, [job.failure_reason])
        self._announce(job)

    def _transform(self, job: TransformJob) -> None:
        model = ModelProcess(job.request["ModelName"], self._models)
        ended = threading.Event()

        def abort_when_stopped() -> None:
            while not ended.wait(_LOOKS_FOR_STOP_EVERY):
                if job.stop_requested.is_set():
                    model.abort()

        threading.Thread(target=abort_when_stopped, daemon=True).start()
        try:
            _Transform(job, model, self._client(job, "s3")).run()
        except JobFailedError:
            if not job.stop_requested.is_set():
                raise
        finally:
            ended.set()
            model.close()

    def _client(self, job: TransformJob, service: str) -> Any:
        if job.role_arn is None:
            credentials = self._platform.owner_credentials(job.scope)
        else:
            credentials = self._platform.role_credentials(job.scope, job.role_arn, "SageMaker")
        return self._clients.make(service, job.scope.region, credentials)

    def _announce(self, job: TransformJob) -> None:
        self._platform.publish(job.scope, "SageMaker Transform Job State Change", job.arn, job.describe())


class _Transform:
    def __init__(self, job: TransformJob, model: ModelProcess, s3: Any) -> None:
        self._job = job
        self._model = model
        self._s3 = s3
        self._input: Mapping[str, Any] = job.request["TransformInput"]
        self._output: Mapping[str, Any] = job.request["TransformOutput"]
        self._processing = Processing.of(job.request, job.started)

    def run(self) -> None:
        objects = self._objects()
        bucket, prefix = _buckets.split(self._output["S3OutputPath"].rstrip("/"))
        for source, key, name in objects:
            body = self._s3.get_object(Bucket=source, Key=key)["Body"].read()
            if self._input.get("CompressionType") == "Gzip":
                body = gzip.decompress(body)
            try:
                output = self._transformed(body)
            except ValueError as error:
                raise JobFailedError(f"ClientError: s3://{source}/{key}: {error}") from error
            if self._job.stop_requested.is_set():
                return
            target = "/".join(filter(None, (prefix, f"{name}.out")))
            self._put(bucket, target, output, self._output.get("KmsKeyId"))
        self._capture(objects)

    def _objects(self) -> list[tuple[str, str, str]]:
        """Return bucket, key and name of each input."""
        source = self._input["DataSource"]["S3DataSource"]
        bucket, prefix = _buckets.split(source["S3Uri"])
        if source["S3DataType"] == "ManifestFile":
            return self._listed(json.loads(self._s3.get_object(Bucket=bucket, Key=prefix)["Body"].read()))
        pages = self._s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
        keys = [entry["Key"] for page in pages for entry in page.get("Contents", ()) if not entry["Key"].endswith("/")]
        if not keys:
            raise JobFailedError(
                f'ClientError: No S3 objects found under S3 URL "{source["S3Uri"]}" given in input data source. '
                f"{_buckets.how_to_put(source['S3Uri'])}"
            )
        folder = prefix[: prefix.rfind("/") + 1]
        return [
            (bucket, key, key.removeprefix(f"{prefix}/" if key.startswith(f"{prefix}/") else folder)) for key in keys
        ]

    def _listed(self, document: Any) -> list[tuple[str, str, str]]:
        head, *names = document
        found = []
        for name in names:
            bucket, key = _buckets.split(head["prefix"] + name)
            found.append((bucket, key, name or key.rpartition("/")[2]))
        return found

    def _transformed(self, body: bytes) -> bytes:
        content_type = self._input.get("ContentType", "")
        split_type = self._input.get("SplitType", "None")
        records = _records.split(body, split_type)
        wanted = [self._processing.model_input(content_type, record) for record in records]
        is_document = content_type.partition(";")[0].strip() == "application/json"  # several make no document
        one_by_one = is_document or self._job.request.get("BatchStrategy") == "SingleRecord"
        max_bytes = self._job.request.get("MaxPayloadInMB", _MAX_PAYLOAD) * 1024 * 1024
        by_line = self._output.get("AssembleWith", "None") == "Line"
        results: list[bytes] = []
        for batch in _records.batches(wanted, one_by_one, max_bytes or len(body) + 1):
            if self._job.stop_requested.is_set():
                return b""
            response = self._ask(content_type, b"\n".join(wanted[number] for number in batch))
            if not by_line and not self._processing.looks_at_output:
                results.append(response.body)  # as it came
                continue
            answers = self._answers(response, len(batch), whole=split_type == "None")
            results += [
                self._processing.result(content_type, records[number], response.content_type, answer)
                for number, answer in zip(batch, answers, strict=True)
            ]
        return _records.assemble(results, by_line)

    def _ask(self, content_type: str, body: bytes) -> Response:
        response = self._model.ask(content_type, self._output.get("Accept", ""), body)
        if not response.ok:
            text = response.body.decode(errors="replace")
            kind = "ClientError" if response.status < 500 else "AlgorithmError"
            raise JobFailedError(f"{kind}: Bad HTTP status received from algorithm: {response.status}: {text}")
        return response

    def _answers(self, response: Response, count: int, *, whole: bool) -> Sequence[bytes]:
        body = response.body.rstrip(b"\n")
        answers = [body] if whole or count == 1 else body.split(b"\n")
        if len(answers) != count:
            raise JobFailedError(
                f"ClientError: The model answered {len(answers)} records to {count}; set BatchStrategy to SingleRecord."
            )
        return answers

    def _capture(self, objects: Sequence[tuple[str, str, str]]) -> None:
        config = self._job.request.get("DataCaptureConfig")
        if config is None:
            return
        if len(objects) == 1:
            given = manifest(f"s3://{objects[0][0]}/{objects[0][1]}", [""])
        else:
            # Where all the keys begin alike; of several inputs no manifest was seen.
            given = manifest(_common_prefix(objects), _below_common_prefix(objects))
        names = [f"{name}.out" for _, _, name in objects]
        written = manifest(f"{self._output['S3OutputPath'].rstrip('/')}/", names)
        bucket, prefix = _buckets.split(config["DestinationS3Uri"].rstrip("/"))
        for side, content in (("input", given), ("output", written)):
            key = batch_capture_key(side, self._job.started, str(uuid.uuid4()))
            self._put(bucket, "/".join(filter(None, (prefix, key))), content.encode(), config.get("KmsKeyId"))

    def _put(self, bucket: str, key: str, body: bytes, kms_key: str | None) -> None:
        encryption = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": kms_key} if kms_key else {}
        self._s3.put_object(Bucket=bucket, Key=key, Body=body, **encryption)


def _uris(job: TransformJob) -> list[str]:
    captured = job.request.get("DataCaptureConfig", {}).get("DestinationS3Uri")
    source = job.request["TransformInput"]["DataSource"]["S3DataSource"]["S3Uri"]
    return [source, job.request["TransformOutput"]["S3OutputPath"], *([captured] if captured else [])]


def _common_prefix(objects: Sequence[tuple[str, str, str]]) -> str:
    bucket, key, name = objects[0]
    return f"s3://{bucket}/{key.removesuffix(name)}"


def _below_common_prefix(objects: Sequence[tuple[str, str, str]]) -> list[str]:
    prefix = _common_prefix(objects)
    return [f"s3://{bucket}/{key}".removeprefix(prefix) for bucket, key, _ in objects]
