"""DataCapture: where and how an endpoint captures the data that a monitor analyses."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Final, Self

from .._lazy_module import LazyModule
from .._validation import (
    BUCKET,
    GRANTEE,
    KEY,
    InvalidValue,
    Validated,
    integer,
    is_token,
    list_of,
    one_of,
    text,
    validated_by,
)

if TYPE_CHECKING:
    from aws_cdk import aws_iam as iam
    from aws_cdk import aws_kms as kms
    from aws_cdk import aws_s3 as s3
    from aws_cdk import aws_sagemaker as sagemaker
else:
    iam = LazyModule("aws_cdk.aws_iam")
    kms = LazyModule("aws_cdk.aws_kms")
    s3 = LazyModule("aws_cdk.aws_s3")
    sagemaker = LazyModule("aws_cdk.aws_sagemaker")

# https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DataCaptureConfig.html
_MAX_URI_LENGTH: Final = 512
_LONGEST_BUCKET: Final = "b" * 63
# https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CaptureContentTypeHeader.html
_CONTENT_TYPES: Final = list_of(
    text(
        pattern=r"[a-zA-Z0-9](-*[a-zA-Z0-9])*/[a-zA-Z0-9](-*[a-zA-Z0-9.])*",
        form="a content type such as text/csv",
        max_length=256,
    ),
    unique=True,
    may_be_empty=True,
    max_items=10,
)
# What IAM takes for a wildcard or a policy variable; tokens look like the latter.
_SPECIAL: Final = re.compile(r"[*?]|\$(?=\{(?!Token\[))")

_MODES_OF_THE_SDK: Final = {"REQUEST": "'Input'", "RESPONSE": "'Output'", "InputAndOutput": "'Input' and 'Output'"}


def _prefix(argument: str, value: Any) -> str:
    prefix: str = text()(argument, value)
    if is_token(prefix):
        return prefix
    from cdk_clarify_monitors_lambda.clarify_baseline.s3_uri import violation

    uri = f"s3://{_LONGEST_BUCKET}/{prefix.rstrip('/')}"
    if prefix.startswith(("/", "s3://")) or not prefix.strip("/"):
        form = "be a key prefix, without the bucket and without a slash first"
        raise InvalidValue(argument, form, value, "write 'data-capture', for instance")
    if must := violation(uri):
        raise InvalidValue(argument, must, value)
    if len(uri) > _MAX_URI_LENGTH:
        most = _MAX_URI_LENGTH - len(uri) + len(prefix.rstrip("/"))
        raise InvalidValue(argument, f"have at most {most} characters", value, f"it has {len(prefix)}")
    return prefix.rstrip("/")


def _mode(argument: str, value: Any) -> str:
    if isinstance(value, str) and value in _MODES_OF_THE_SDK:
        raise InvalidValue(argument, "be one of 'Input', 'Output'", value, f"write {_MODES_OF_THE_SDK[value]}")
    return str(one_of("Input", "Output")(argument, value))


@dataclass(frozen=True)
class DataCapture(Validated):
    """Where and how an endpoint captures its requests and answers, which are all that a monitor's executions read.

    Pass `data_capture_config=capture.data_capture_config` to the endpoint's configuration and `data_capture=capture` to
    the monitor, and call `capture.grant_write(role)` for the endpoint's execution role.

    See https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-data-capture-endpoint.html.

    Args:
        bucket: The bucket that the endpoint writes to.
        prefix: The prefix of the keys. SageMaker appends the names of endpoint and variant, and the hour, so endpoints
            may share a prefix.
        sampling_percentage: The percentage of requests that is captured, 1 to 100. Default: 100.
        capture_options: `Input` for requests, `Output` for responses. Bias monitors need both, feature attribution
            monitors the requests. Default: both.
        csv_content_types: Content types that are captured as CSV text. Default: text/csv.
        json_content_types: Content types that are captured as JSON text, `application/jsonlines` for one. What is in
            neither list is captured in base64, which executions cannot read; nothing is in both. Default:
            application/json.
        kms_key: Key that encrypts captured data. Default: the bucket's.

    Raises:
        ValueError: A value is wrong.
        TypeError: A value is of the wrong type.
    """

    bucket: s3.IBucket = field(metadata=validated_by(BUCKET))
    prefix: str = field(metadata=validated_by(_prefix))
    _: KW_ONLY
    sampling_percentage: int = field(default=100, metadata=validated_by(integer(1, 100)))
    capture_options: Sequence[str] = field(
        default=("Input", "Output"), metadata=validated_by(list_of(_mode, unique=True))
    )
    csv_content_types: Sequence[str] = field(default=("text/csv",), metadata=validated_by(_CONTENT_TYPES))
    json_content_types: Sequence[str] = field(default=("application/json",), metadata=validated_by(_CONTENT_TYPES))
    kms_key: kms.IKey | None = field(default=None, metadata=validated_by(KEY))

    _instead_of: ClassVar[Mapping[str, str]] = {
        "destinations3uri": "write DataCapture(bucket, 'prefix')",
        "s3uri": "write DataCapture(bucket, 'prefix')",
        "bucketname": "write DataCapture(s3.Bucket.from_bucket_name(self, 'Bucket', {value}), 'prefix')",
        "enablecapture": "leave it out: an endpoint without data capture gets no data_capture_config",
        "initialsamplingpercentage": "write sampling_percentage={value}",
        "kmskeyid": "write kms_key=kms.Key.from_key_arn(self, 'Key', {value})",
        "encryptionkey": "write kms_key={value}",
        "capturemodes": "write capture_options={value}",
        "sagemakersession": "leave it out: account and region are those of the stack's env",
    }

    def __deepcopy__(self, memo: object) -> Self:
        """The object itself: it is immutable, and a construct cannot be copied."""
        return self

    def _check_together(self) -> None:
        if not self.csv_content_types and not self.json_content_types:
            must = "have at least one item without 'json_content_types'"
            raise InvalidValue("csv_content_types", must, self.csv_content_types, "executions read CSV and JSON only")
        self._check_content_types()

    def _check_content_types(self) -> None:
        """Refuse a content type that is there twice, in whatever case: SageMaker could not tell how to capture it."""
        lists: dict[str, str] = {}
        for name in ("csv_content_types", "json_content_types"):
            types: Sequence[str] = getattr(self, name)
            for i, content_type in enumerate(types):
                other = None if is_token(content_type) else lists.setdefault(content_type.casefold(), name)
                if other == name and content_type.casefold() in map(str.casefold, types[:i]):
                    raise InvalidValue(name, f"name {content_type!r} only once", types, "case makes no difference")
                if other not in (name, None):
                    must = f"have other content types than '{other}'"
                    remedy = f"it is captured as CSV or as JSON: write {other}=[…] without it, or leave it out here"
                    raise InvalidValue(f"{name}[{i}]", must, content_type, remedy)

    @property
    def s3_uri(self) -> str:
        """The S3 URI below which the endpoint captures its data."""
        return f"s3://{self.bucket.bucket_name}/{self.prefix}"

    @property
    def encryption_key(self) -> kms.IKey | None:
        """The key that encrypts captured data: the given one, or else the bucket's; None: the CDK knows no key."""
        return self.kms_key or self.bucket.encryption_key

    @property
    def data_capture_config(self) -> sagemaker.CfnEndpointConfig.DataCaptureConfigProperty:
        """The `data_capture_config` of the endpoint's `CfnEndpointConfig`."""
        config = sagemaker.CfnEndpointConfig
        return config.DataCaptureConfigProperty(
            enable_capture=True,
            capture_options=[config.CaptureOptionProperty(capture_mode=mode) for mode in self.capture_options],
            initial_sampling_percentage=self.sampling_percentage,
            destination_s3_uri=self.s3_uri,
            kms_key_id=self.kms_key.key_arn if self.kms_key else None,
            capture_content_type_header=config.CaptureContentTypeHeaderProperty(
                csv_content_types=[*self.csv_content_types] or None,
                json_content_types=[*self.json_content_types] or None,
            ),
        )

    def grant_write(self, grantee: iam.IGrantable) -> iam.Grant:
        """Let a role write captured data and use the key: the execution role of the endpoint's model.

        Args:
            grantee: The role.

        Raises:
            TypeError: It is not a grantee.
        """
        GRANTEE("grantee", grantee)
        objects = _SPECIAL.sub(lambda special: f"${{{special[0]}}}", self.prefix)
        grant = self.bucket.grant_put(grantee, f"{objects}/*")
        # S3 asks for both in the writer's name, Decrypt for uploads in several parts.
        uses = self.kms_key.grant(grantee, "kms:Decrypt", "kms:GenerateDataKey") if self.kms_key else None
        return grant.combine(uses) if uses else grant
