"""The JSON files of monitors in S3: constraints and analyses, and violations of constraints."""

from __future__ import annotations

import json
import os
import re
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Final, Self, TypeVar

from cdk_clarify_monitors_operations._aws import Aws, S3Location
from cdk_clarify_monitors_operations._errors import InvalidArgument, InvalidFile, NotFound, NotSupported, ResultMissing
from cdk_clarify_monitors_operations._records import Record, or_empty, to_json

if TYPE_CHECKING:
    import boto3
else:
    from cdk_clarify_monitors_operations._aws import boto3

_File = TypeVar("_File", bound="MonitoringFile")

#: The largest file that is read: Clarify's own have a few hundred kilobytes.
MAX_FILE_BYTES: Final = 64 * 1024 * 1024


# ---------------------------------------------------------------- what is in them
@dataclass(frozen=True)
class BiasMetric(Record):
    """A bias metric of an analysis.

    Attributes:
        stage: `pre-training` or `post-training`.
        facet: The facet's name.
        facet_value: The group, such as `F` or `(100, 225]`.
        name: The metric's short name, such as `DPPL`.
        value: Its value; infinite where Clarify writes Infinity, None where it could not be computed.
        error: Why it could not be computed.
        description: Its long name, such as `Disparate Impact (DI)`.
    """

    stage: str
    facet: str
    facet_value: str
    name: str
    value: float | None
    error: str | None = None
    description: str | None = None


@dataclass(frozen=True)
class FeatureAttribution(Record):
    """A global SHAP value of an analysis."""

    label: str
    feature: str
    value: float


@dataclass(frozen=True)
class Violation(Record):
    """A violation of a constraint.

    Attributes:
        check: `bias_drift_check` or `feature_attribution_drift_check`.
        metric: The metric's short name, or `shap`.
        description: Clarify's sentence.
        facet: The facet's name; None for feature attributions.
        facet_value: The group; None for feature attributions.
        label: The label; None for bias.
        value: The measured value, from Clarify's sentence; None if the sentence has none.
        limit: The value that it is compared with, also from the sentence.
        scheduled_time: When the execution was due; None if the file was read by its URI.
        job_name: The execution's processing job.
    """

    check: str
    metric: str
    description: str
    facet: str | None = None
    facet_value: str | None = None
    label: str | None = None
    value: float | None = None
    limit: float | None = None
    scheduled_time: datetime | None = None
    job_name: str | None = None


_NUMBER: Final = r"(-?(?:Infinity|\d+(?:\.\d+)?(?:[eE][+-]?\d+)?))"
_SENTENCES: Final = (
    re.compile(rf"Metric value {_NUMBER} doesn't meet the baseline constraint requirement {_NUMBER}"),
    re.compile(rf"Feature attribution drift {_NUMBER} exceeds threshold {_NUMBER}"),
    re.compile(rf"Value {_NUMBER} does not meet the constraint requirement()"),
)


# ---------------------------------------------------------------- files
class MonitoringFile:
    """A JSON file of a monitor in S3.

    Attributes:
        body_dict: Its content.
        file_s3_uri: Its location in S3; None if it is not in S3 yet.
        kms_key: The key that `save` encrypts it with; None for the bucket's default.
    """

    body_dict: dict[str, Any]
    file_s3_uri: str | None
    kms_key: str | None
    _DEFAULT_NAME: ClassVar[str]

    def __init__(
        self,
        body_dict: dict[str, Any],
        file_s3_uri: str | None = None,
        kms_key: str | None = None,
        session: boto3.Session | None = None,
    ) -> None:
        if not isinstance(body_dict, dict):
            raise InvalidFile(f"'body_dict' must be a dict, got {type(body_dict).__name__}", uri=file_s3_uri)
        self.body_dict, self.file_s3_uri, self.kms_key = body_dict, file_s3_uri, kms_key
        self._aws = Aws(session)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.file_s3_uri!r})"

    def to_dict(self) -> dict[str, Any]:
        """Return content and place."""
        return {"file_s3_uri": self.file_s3_uri, "kms_key": self.kms_key, "body_dict": self.body_dict}

    @classmethod
    def from_s3_uri(cls, uri: str, kms_key: str | None = None, session: boto3.Session | None = None) -> Self:
        """Read a file. S3 decrypts it.

        Args:
            uri: The file's S3 URI.
            kms_key: The key that `save` encrypts it with.
            session: A boto3 session. Default: one from the environment.

        Raises:
            ResultMissing: There is no such file.
            AccessDenied: The caller may not read it, or it does not exist and the caller may not list the bucket.
            InvalidFile: It is not a JSON object, or is larger than 64 MiB.
        """
        return cls._read_by(Aws(session), uri, kms_key)

    @classmethod
    def _read_by(cls, aws: Aws, uri: str, kms_key: str | None = None) -> Self:
        file = cls(read_json(aws, uri), uri, kms_key)
        file._aws = aws
        return file

    @classmethod
    def from_string(
        cls,
        text: str,
        kms_key: str | None = None,
        file_name: str | None = None,
        session: boto3.Session | None = None,
        *,
        s3_uri: str | None = None,
    ) -> Self:
        """Store a text as a file in S3. It is checked first.

        Args:
            text: The JSON text.
            kms_key: The key that encrypts it. Default: the bucket's.
            file_name: The file's name. Default: the usual name of such a file.
            session: A boto3 session. Default: one from the environment.
            s3_uri: Where to store it. Default: below `monitoring/` in SageMaker's default bucket, which must exist.

        Raises:
            InvalidArgument: It is not a text.
            InvalidFile: The text is not a JSON object. Nothing is stored.
        """
        if not isinstance(text, str):
            raise InvalidArgument(f"'text' must be a JSON text, got {text!r}")
        aws = Aws(session)
        file = cls(parse_json(text, "the text"), s3_uri, kms_key, aws.session)
        if s3_uri is None:
            account = aws.call("sts", "GetCallerIdentity")["Account"]
            name = file_name or cls._DEFAULT_NAME
            file.file_s3_uri = f"s3://sagemaker-{aws.region}-{account}/monitoring/{uuid.uuid4()}/{name}"
        _write(aws, file.file_s3_uri, text, kms_key)
        return file

    @classmethod
    def from_file_path(
        cls,
        path: str | os.PathLike[str],
        kms_key: str | None = None,
        file_name: str | None = None,
        session: boto3.Session | None = None,
        *,
        s3_uri: str | None = None,
    ) -> Self:
        """Store a local file in S3. It is checked first.

        Args:
            path: The local file.
            kms_key: The key that encrypts it. Default: the bucket's.
            file_name: Its name in S3. Default: that of the local file.
            session: A boto3 session. Default: one from the environment.
            s3_uri: Where to store it. Default: as in `from_string`.

        Raises:
            InvalidFile: It cannot be read, or is not a JSON object. Nothing is stored.
        """
        try:
            text = Path(path).read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            raise InvalidFile(f"{path} cannot be read: {error}", uri=str(path)) from error
        return cls.from_string(text, kms_key, file_name or Path(path).name, session, s3_uri=s3_uri)

    def save(self, new_save_location_s3_uri: str | None = None) -> str:
        """Store the content in S3.

        Args:
            new_save_location_s3_uri: The new location, which the object remembers. Default: its present location.

        Returns:
            The file's S3 URI.

        Raises:
            InvalidArgument: It has no location yet, and none is given.
        """
        uri = new_save_location_s3_uri or self.file_s3_uri
        if uri is None:
            raise InvalidArgument("'new_save_location_s3_uri' must be given: the file is not in S3 yet")
        _write(self._aws, uri, json.dumps(self.body_dict), self.kms_key)
        self.file_s3_uri = uri
        return uri


class Statistics(MonitoringFile):
    """A `statistics.json`, which SageMaker's other monitors write; Clarify has none."""

    _DEFAULT_NAME = "statistics.json"


class Constraints(MonitoringFile):
    """An `analysis.json`: what a baselining job suggested, or what an execution found."""

    _DEFAULT_NAME = "constraints.json"

    def bias_metrics(self) -> list[BiasMetric]:
        """The bias metrics.

        Raises:
            InvalidFile: The file does not have Clarify's structure.
        """
        return list(self._parsed(self._bias_metrics))

    def feature_attributions(self) -> list[FeatureAttribution]:
        """The global SHAP values.

        Raises:
            InvalidFile: The file does not have Clarify's structure.
        """
        return list(self._parsed(self._feature_attributions))

    def set_bias_limit(self, metric: str, value: float, *, facet: str, facet_value: str | None = None) -> None:
        """Change the limit of a bias metric. `save` stores it.

        Args:
            metric: The metric's short name, such as `DPPL`.
            value: The limit. A later value violates it if it is farther from 0.
            facet: The facet's name.
            facet_value: The group. Default: all groups of the facet.

        Raises:
            InvalidArgument: The file has no such metric.
            InvalidFile: The file does not have Clarify's structure.
        """
        if isinstance(value, bool) or not isinstance(value, int | float) or value != value:
            raise InvalidArgument(f"'value' must be a number, got {value!r}")

        def entries() -> Iterator[dict[str, Any]]:
            for stage in ("post_training_bias_metrics", "pre_training_bias_metrics"):
                facets = or_empty(or_empty(self.body_dict.get(stage)).get("facets"))
                for group in or_empty(facets.get(facet)):
                    if facet_value is None or str(group["value_or_threshold"]) == facet_value:
                        yield from (entry for entry in group["metrics"] if entry["name"] == metric)

        found = self._parsed(entries)
        if not found:
            known = sorted({(each.facet, each.facet_value, each.name) for each in self.bias_metrics()})
            shown = ", ".join(f"{name} of {facet_name} {group}" for facet_name, group, name in known[:20]) or "none"
            raise InvalidArgument(
                f"There is no metric {metric!r} of facet {facet!r}, value {facet_value!r}; there are: {shown}",
                uri=self.file_s3_uri,
            )
        for entry in found:
            entry["value"] = to_json(float(value))
            entry.pop("error", None)

    def set_monitoring(self, enable_monitoring: bool, feature_name: str | None = None) -> None:
        """Switch the check of a data-quality monitor's constraints on or off, as in the SDK.

        Args:
            enable_monitoring: Whether it is checked.
            feature_name: The feature. Default: all.

        Raises:
            NotSupported: The file is one of Clarify's, which has no such switch.
            InvalidArgument: It has no such feature.
        """
        if "monitoring_config" not in self.body_dict:
            raise NotSupported(
                "Clarify's constraints have no switches: 'monitoring_config' is in the constraints of data-quality "
                "monitors only. Change a limit with set_bias_limit.",
                uri=self.file_s3_uri,
            )
        flag = "Enabled" if enable_monitoring else "Disabled"
        if feature_name is None:
            self.body_dict["monitoring_config"]["evaluate_constraints"] = flag
            return
        features = [f for f in self.body_dict.get("features", []) if f.get("name") == feature_name]
        if not features:
            names = ", ".join(str(f.get("name")) for f in self.body_dict.get("features", [])) or "none"
            raise InvalidArgument(f"'feature_name' must be one of: {names}, got {feature_name!r}", uri=self.file_s3_uri)
        for feature in features:
            kinds = [k for k in ("string_constraints", "num_constraints") if k in feature] or ["string_constraints"]
            for kind in kinds:
                overrides = feature.setdefault(kind, {}).setdefault("monitoring_config_overrides", {})
                overrides["evaluate_constraints"] = flag

    def _parsed(self, read: Any) -> Any:
        try:
            return list(read())
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise InvalidFile(
                f"{self.file_s3_uri or 'The file'} is not as Clarify writes an analysis.json: {error!r}",
                uri=self.file_s3_uri,
            ) from error

    def _bias_metrics(self) -> Iterator[BiasMetric]:
        for stage in ("pre-training", "post-training"):
            section = or_empty(self.body_dict.get(f"{stage.replace('-', '_')}_bias_metrics"))
            for facet, groups in or_empty(section.get("facets")).items():
                for group in groups:
                    for metric in group["metrics"]:
                        value = metric.get("value")
                        yield BiasMetric(
                            stage,
                            facet,
                            str(group["value_or_threshold"]),
                            metric["name"],
                            None if value is None else float(value),
                            metric.get("error"),
                            metric.get("description"),
                        )

    def _feature_attributions(self) -> Iterator[FeatureAttribution]:
        labels = or_empty(or_empty(self.body_dict.get("explanations")).get("kernel_shap"))
        for label, explanation in labels.items():
            for feature, value in explanation["global_shap_values"].items():
                yield FeatureAttribution(label, feature, float(value))


class ConstraintViolations(MonitoringFile):
    """A `constraint_violations.json`."""

    _DEFAULT_NAME = "constraint_violations.json"

    def violations(self) -> list[Violation]:
        """The violations, with the numbers of their sentences.

        Raises:
            InvalidFile: The file does not have Clarify's structure.
        """
        try:
            entries = self.body_dict["violations"]
            if not isinstance(entries, list):
                # An empty object would pass for a list without violations.
                raise TypeError(f"'violations' is a {type(entries).__name__}, not a list")
            return [_violation(entry) for entry in entries]
        except (AttributeError, KeyError, TypeError) as error:
            raise InvalidFile(
                f"{self.file_s3_uri or 'The file'} is not as Clarify writes a constraint_violations.json: {error!r}",
                uri=self.file_s3_uri,
            ) from error


def _violation(entry: Mapping[str, Any]) -> Violation:
    description = entry["description"]
    if not isinstance(description, str):
        raise TypeError(f"'description' is a {type(description).__name__}, not a text")
    numbers = next((match.groups() for form in _SENTENCES if (match := form.search(description))), ("", ""))
    value, limit = (float(number) if number else None for number in numbers)
    return Violation(
        check=entry.get("constraint_check_type", ""),
        metric=entry.get("metric_name", ""),
        description=description,
        facet=_text(entry.get("facet")),
        facet_value=_text(entry.get("facet_value")),
        label=_text(entry.get("label")),
        value=value,
        limit=limit,
    )


def _text(value: object) -> str | None:
    return None if value is None else str(value)


# ---------------------------------------------------------------- reading and writing
def read_file(kind: type[_File], aws: Aws, uri: str, kms_key: str | None = None) -> _File:
    """Read a file as `from_s3_uri` does, with clients that exist already."""
    return kind._read_by(aws, uri, kms_key)


def read_json(aws: Aws, uri: str) -> dict[str, Any]:
    """Read a JSON object from S3.

    Raises:
        ResultMissing: There is no such file.
        AccessDenied: The caller may not read it.
        InvalidFile: It is not a JSON object, or is too large.
    """
    place = S3Location.of(uri)
    try:
        answer = aws.call("s3", "GetObject", Bucket=place.bucket, Key=place.key)
    except NotFound as error:
        raise ResultMissing(f"{uri} does not exist ({error.code})", uri=uri, reason=error.reason) from error
    size = answer.get("ContentLength", 0)
    if size > MAX_FILE_BYTES:
        raise InvalidFile(
            f"{uri} has {size} bytes, more than the {MAX_FILE_BYTES} that are read: Clarify writes no such file",
            uri=uri,
        )
    return parse_json(answer["Body"].read(), uri)


def parse_json(text: str | bytes, name: str) -> dict[str, Any]:
    """Parse a JSON object.

    Raises:
        InvalidFile: It is none.
    """
    try:
        content = text.decode("utf-8-sig") if isinstance(text, bytes) else text
        document = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise InvalidFile(f"{name} is no JSON: {error}", uri=name) from error
    if not isinstance(document, dict):
        raise InvalidFile(f"{name} must be a JSON object, but is a {type(document).__name__}", uri=name)
    return document


def write_json(aws: Aws, uri: str, document: Mapping[str, Any], kms_key: str | None) -> None:
    """Store a JSON document in S3."""
    _write(aws, uri, json.dumps(document), kms_key)


def _write(aws: Aws, uri: str | None, text: str, kms_key: str | None) -> None:
    place = S3Location.of(uri)
    encryption = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": kms_key} if kms_key else {}
    aws.call("s3", "PutObject", Bucket=place.bucket, Key=place.key, Body=text.encode(), **encryption)
