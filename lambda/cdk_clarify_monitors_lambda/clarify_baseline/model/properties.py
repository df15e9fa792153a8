"""The custom resource's properties, as CloudFormation hands them over."""

import copy
import json
import math
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from enum import StrEnum
from typing import Any, NamedTuple, Self, TypeAlias

from .canonical_json import digest
from .cfn_request import CfnRequest
from .s3_uri import S3Uri

_FORMAT = 1
# https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateProcessingJob.html
_NAME = re.compile(r"[a-zA-Z0-9](-*[a-zA-Z0-9])*")
_MAX_NAME = 63
_MAX_JOB_PREFIX = 39  # the constructs cut it to this length; fingerprint and number of a job follow
_INTEGER = re.compile(r"-?\d+")
_CONFIG, _ASSET = "AnalysisConfig", "AnalysisConfigAsset"
_BELOW_CONFIG = re.compile(rf"/(?P<part>Monitoring|Baselining)/{_CONFIG}(?P<pointer>/.*)", re.DOTALL)


class HandOver(StrEnum):
    """When a resource of a chain answers before the job has ended."""

    AT_TIMEOUT = "AtTimeout"
    WHEN_STARTED = "WhenStarted"
    WHEN_STARTED_OR_AT_TIMEOUT = "WhenStartedOrAtTimeout"

    @property
    def is_when_started(self) -> bool:
        """True if the job only has to have started."""
        return self is not HandOver.AT_TIMEOUT

    @property
    def is_at_timeout(self) -> bool:
        """True if the next resource of the chain goes on waiting."""
        return self is not HandOver.WHEN_STARTED


class ConfigAsset(NamedTuple):
    """An analysis config that is too large for the properties: a file asset of the CDK."""

    location: S3Uri
    """Location of the published file."""
    tokens: Mapping[str, Any]
    """Values of CDK tokens by their JSON pointers in the file."""

    @property
    def identity(self) -> list[Any]:
        """Stands for the content: the key is a hash of it, and the bucket does not matter."""
        return [self.location.key, self.tokens]

    def fill(self, content: Any) -> dict[str, Any]:
        """The config: the file's content with the values of the tokens.

        Raises:
            ValueError: File and tokens do not belong together.
        """
        try:
            config = dict(content)
            for pointer, value in self.tokens.items():
                _put(config, pointer, value)
        except (KeyError, TypeError, IndexError, ValueError) as error:
            raise ValueError(f"{self.location} is not the analysis config of these properties: {error!r}") from error
        return config


AnalysisConfig: TypeAlias = "Mapping[str, Any] | ConfigAsset"


class Monitoring(NamedTuple):
    """The analysis config that the monitoring executions read."""

    location: S3Uri
    analysis_config: AnalysisConfig


class Baselining(NamedTuple):
    """The processing job that suggests the constraints."""

    analysis_config: AnalysisConfig
    config_location: S3Uri
    processing_job: Mapping[str, Any]
    """CreateProcessingJob request without name, tags and analysis config; its output is a prefix."""
    output_location: S3Uri
    version: str | None
    dataset_identity: bool
    timeout_seconds: int
    hand_over: HandOver | None
    link: int
    """The resource's place in the chain of those that wait for the job in turn."""
    remove_outputs: bool
    constraints_overrides: tuple[Mapping[str, Any], ...] = ()
    """Limits in place of suggested constraints, sorted: `constraints.with_overrides`."""

    @property
    def dataset(self) -> str:
        """The data set's S3 URI."""
        return str(self.processing_job["ProcessingInputs"][0]["S3Input"]["S3Uri"])

    def processing_job_with_output(self, folder: S3Uri) -> dict[str, Any]:
        """The CreateProcessingJob request with its output in this folder."""
        config = self.processing_job["ProcessingOutputConfig"]
        output, *rest = config["Outputs"]
        output = {**output, "S3Output": {**output["S3Output"], "S3Uri": str(folder)}}
        return {**self.processing_job, "ProcessingOutputConfig": {**config, "Outputs": [output, *rest]}}


class Properties(NamedTuple):
    """The validated properties: everything that a baseline is made from."""

    name: str
    """The monitor's name, unique in account and region."""
    job_prefix: str
    """Prefix of the baselining jobs' names."""
    monitoring: Monitoring | None
    baselining: Baselining | None
    upload_kms_key_id: str | None
    tags: Sequence[Mapping[str, str]]
    schedule_name: str
    """The monitoring schedule's name."""
    baseline_values: Sequence[Mapping[str, str]]
    """What dashboards show of the baseline: `constraints.baseline_value`."""

    @classmethod
    def parse(cls, properties: Mapping[str, Any]) -> Self:
        """Read and validate the properties of a CloudFormation event.

        Raises:
            ValueError: This version of the library does not write such properties.
        """
        try:
            document = _with_tokens(_document(properties["Baseline"]), properties.get("Tokens") or {})
            json.dumps(document, ensure_ascii=False).encode()  # refuses what no file in UTF-8 can hold
            return cls(
                name=_name(document["Name"], "Name"),
                job_prefix=_name(document.get("NamePrefix") or document["Name"], "NamePrefix", _MAX_JOB_PREFIX),
                monitoring=_monitoring(document.get("Monitoring")),
                baselining=_baselining(document.get("Baselining")),
                upload_kms_key_id=document.get("UploadKmsKeyId"),
                tags=_tags(properties.get("StackTags") or [], properties.get("Tags") or []),
                schedule_name=_name(document.get("Schedule") or document["Name"], "Schedule"),
                baseline_values=list(map(dict, properties.get("BaselineValues") or [])),
            )
        except (KeyError, TypeError, AttributeError, IndexError) as error:
            raise ValueError(f"the custom resource's properties are malformed: {error!r}") from error


def old_properties(request: CfnRequest) -> Properties | None:
    """An Update's old properties; None: there are none, or another version of the library has written them."""
    try:
        return None if request.old_properties is None else Properties.parse(request.old_properties)
    except ValueError:
        return None


def monitor_name(properties: Mapping[str, Any]) -> str | None:
    """The monitor's name, for the log: also from properties that are invalid as a whole."""
    try:
        return str(json.loads(properties["Baseline"])["Name"])
    except (ValueError, KeyError, TypeError):
        return None


def _document(text: str) -> dict[str, Any]:
    document = json.loads(text, parse_constant=_refuse_constant)
    if document["Version"] != _FORMAT:
        raise ValueError(f"the custom resource's properties have the unknown version {document['Version']!r}")
    return dict(document)


def _refuse_constant(constant: str) -> float:
    raise ValueError(f"{constant} is no JSON")


def _with_tokens(document: dict[str, Any], tokens: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Fill in the values of CDK tokens, by type and JSON pointer, where the document has null.

    Those of a config that is an asset are kept with the asset.
    """
    document = copy.deepcopy(document)
    for kind, values in tokens.items():
        for pointer, text in values.items():
            value, below = _token_value(kind, text, pointer), _BELOW_CONFIG.fullmatch(pointer)
            if below and _ASSET in document[below["part"]]:
                document[below["part"]][_ASSET].setdefault("Tokens", {})[below["pointer"]] = value
            else:
                _put(document, pointer, value)
    return document


def _put(document: Any, pointer: str, value: Any) -> None:
    *parents, last = [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]]
    parent = document
    for part in parents:
        parent = parent[int(part) if isinstance(parent, list) else part]
    key = int(last) if isinstance(parent, list) else last
    if parent[key] is not None:
        raise ValueError(f"the token's place {pointer} is taken")
    parent[key] = value


def _token_value(kind: str, value: Any, path: str) -> str | int | float | list[str]:
    if kind == "String" and isinstance(value, str):
        return value
    if kind == "List" and isinstance(value, list) and all(isinstance(item, str) for item in value):
        return value
    if kind == "Number" and isinstance(value, str):
        with suppress(ValueError):
            number = int(value) if _INTEGER.fullmatch(value) else float(value)
            if math.isfinite(number):
                return number
    raise ValueError(f"the token at {path} must be a {kind}, got {value!r}")


def _name(name: str, what: str, max_length: int = _MAX_NAME) -> str:
    if not _NAME.fullmatch(name) or len(name) > max_length:
        raise ValueError(f"{what} must have letters, digits and inner hyphens, at most {max_length}, got {name!r}")
    return name


def _monitoring(document: Mapping[str, Any] | None) -> Monitoring | None:
    if document is None:
        return None
    return Monitoring(S3Uri.parse(document["Location"], "Monitoring.Location"), _analysis_config(document))


def _analysis_config(document: Mapping[str, Any]) -> AnalysisConfig:
    if _ASSET not in document:
        return dict(document[_CONFIG])
    asset = document[_ASSET]
    return ConfigAsset(S3Uri.parse(f"s3://{asset['Bucket']}/{asset['Key']}", _ASSET), asset.get("Tokens", {}))


def _baselining(document: Mapping[str, Any] | None) -> Baselining | None:
    if document is None:
        return None
    output = document["ProcessingJob"]["ProcessingOutputConfig"]["Outputs"][0]["S3Output"]["S3Uri"]
    return Baselining(
        analysis_config=_analysis_config(document),
        config_location=S3Uri.parse(document.get("ConfigLocation") or output, "Baselining.ConfigLocation"),
        processing_job=document["ProcessingJob"],
        output_location=S3Uri.parse(output, "the baselining job's output"),
        version=document.get("BaselineVersion"),
        dataset_identity=bool(document.get("DatasetIdentity")),
        timeout_seconds=int(document["TimeoutSeconds"]),
        hand_over=HandOver(document["HandOver"]) if document.get("HandOver") else None,
        link=int(document.get("Link", 1)),
        remove_outputs=bool(document.get("RemoveOutputs")),
        # Sorted: the file that they make is the same in any order, and so is its key.
        constraints_overrides=tuple(sorted(map(dict, document.get("ConstraintsOverrides") or ()), key=digest)),
    )


def _tags(stack: Sequence[Mapping[str, str]], monitor: Sequence[Mapping[str, str]]) -> list[Mapping[str, str]]:
    # CDK renders a stack's tags with capitals and a resource's without: both come as they are.
    pairs = ({name.capitalize(): text for name, text in tag.items()} for tag in (*stack, *monitor))
    merged = {tag["Key"]: tag["Value"] for tag in pairs}
    return [{"Key": key, "Value": value} for key, value in merged.items()]
