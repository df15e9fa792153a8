"""Writes what an endpoint captures.

SageMaker writes a file about once a minute. Here each record is there as soon as its invocation is answered: the file
of the minute is written again with one more record.
"""

from __future__ import annotations

import random
import threading
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from botocore.exceptions import ClientError

from cdk_clarify_monitors_local.captures._capture_format import (
    CapturedPayload,
    TextContentTypes,
    capture_key,
    capture_record,
    hour_path,
)
from cdk_clarify_monitors_local.server import _buckets
from cdk_clarify_monitors_local.server.serving._model_process import Response

_FILE_SPAN = timedelta(minutes=1)
_FILE_RECORDS = 500  # what is written again and again must not grow without limit


@dataclass
class _File:
    key: str
    began: datetime
    lines: list[str] = field(default_factory=list)
    etag: str | None = None

    def takes(self, moment: datetime) -> bool:
        same_hour = hour_path(moment) == hour_path(self.began)
        return same_hour and moment - self.began < _FILE_SPAN and len(self.lines) < _FILE_RECORDS


class DataCapture:
    """Captures the invocations of a production variant.

    Args:
        endpoint: The endpoint's name.
        variant: The variant's name.
        config: The endpoint's DataCaptureConfig.
        s3: An S3 client with the credentials of the model's role.
    """

    def __init__(self, endpoint: str, variant: str, config: Mapping[str, Any], s3: Any) -> None:
        self._endpoint, self._variant = endpoint, variant
        self._s3 = s3
        self._percentage: int = config["InitialSamplingPercentage"]
        self._bucket, self._prefix = _buckets.split(config["DestinationS3Uri"].rstrip("/"))
        modes = {option["CaptureMode"] for option in config["CaptureOptions"]}
        self._has_input = bool(modes & {"Input", "InputAndOutput"})
        self._has_output = bool(modes & {"Output", "InputAndOutput"})
        header = config.get("CaptureContentTypeHeader", {})
        self._as_text = TextContentTypes(header.get("CsvContentTypes", ()), header.get("JsonContentTypes", ()))
        key = config.get("KmsKeyId")
        self._encryption = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": key} if key else {}
        self._lock = threading.Lock()
        self._file: _File | None = None

    def capture(
        self, content_type: str, body: bytes, response: Response, inference_id: str | None, moment: datetime
    ) -> None:
        """Capture an invocation, or leave it out of the sample.

        Args:
            content_type: The request's content type.
            body: The request's body.
            response: What was answered.
            inference_id: The id that the caller gave the invocation. None: none.
            moment: When it was.

        Raises:
            ClientError: It may not be written.
        """
        if random.random() * 100 >= self._percentage:  # noqa: S311 (a sample)
            return
        line = capture_record(
            self._payload(self._has_input, content_type, body),
            self._payload(self._has_output, response.content_type, response.body),
            event_id=str(uuid.uuid4()),
            inference_id=inference_id,
            inference_time=moment,
        )
        with self._lock:
            if self._file is None or not self._file.takes(moment):
                self._file = self._new_file(moment)
            self._append(line, moment)

    def _payload(self, wanted: bool, content_type: str, body: bytes) -> CapturedPayload | None:
        return self._as_text.capture(content_type, body) if wanted else None

    def _new_file(self, moment: datetime) -> _File:
        key = capture_key(self._endpoint, self._variant, moment, str(uuid.uuid4()))
        return _File("/".join(filter(None, (self._prefix, key))), moment)

    def _append(self, line: str, moment: datetime) -> None:
        assert self._file is not None  # noqa: S101 (for the type checker)
        try:
            self._put(self._file, line)
        except ClientError as error:
            if error.response["Error"]["Code"] not in ("PreconditionFailed", "NoSuchKey"):
                raise
            # Somebody has deleted or changed the file: its records must not come back.
            self._file = self._new_file(moment)
            self._put(self._file, line)

    def _put(self, file: _File, line: str) -> None:
        condition = {} if file.etag is None else {"IfMatch": file.etag}
        body = "".join([*file.lines, line]).encode()
        answer = self._s3.put_object(
            Bucket=self._bucket,
            Key=file.key,
            Body=body,
            ContentType="application/json",
            **self._encryption,
            **condition,
        )
        file.lines.append(line)
        file.etag = answer["ETag"]
