"""The fingerprint of a baseline, and the names and keys that carry it."""

import re
from typing import Any, NamedTuple

from .baselining_job import CONFIG_FILE
from .canonical_json import digest
from .properties import AnalysisConfig, Baselining, ConfigAsset, Properties
from .s3_uri import S3Uri

_DIGITS = 16
_ID_DIGITS = 8
_PHYSICAL_ID = re.compile(rf"(?P<base_name>[a-zA-Z0-9][a-zA-Z0-9-]*-[0-9a-f]{{{_DIGITS}}})-[0-9a-f]{{{_ID_DIGITS}}}")


class BaselineFingerprint(NamedTuple):
    """The names of a baseline. Equal inputs give equal names, whatever else has changed."""

    job_base_name: str | None
    """Name of the baselining job without the number of a retry; None: there is no job."""
    monitoring_uri: S3Uri | None
    """Location of the monitoring executions' analysis config."""
    physical_resource_id: str

    @property
    def stem(self) -> str | None:
        """The former name of `job_base_name`, which scripts outside the functions use."""
        return self.job_base_name


def identify(
    properties: Properties, dataset: str | None = None, job_base_name: str | None = None
) -> BaselineFingerprint:
    """Compute the names of a baseline. What does not change its numbers has no effect: tags, role, network and so on.

    Args:
        properties: The custom resource's properties.
        dataset: Digest of the data set's objects.
        job_base_name: Base name from another version of the library.
    """
    prefix = properties.job_prefix
    if properties.baselining and not job_base_name:
        fingerprint = digest({**_inputs(properties.name, properties.baselining), "Dataset": dataset})
        job_base_name = f"{prefix}-{fingerprint[:_DIGITS]}"
    uri = monitoring_uri(properties, job_base_name)
    if job_base_name is None:
        return BaselineFingerprint(None, uri, f"{prefix}-{digest(str(uri))[:_DIGITS]}")
    return BaselineFingerprint(job_base_name, uri, _physical_resource_id(job_base_name, uri))


def _physical_resource_id(job_base_name: str, monitoring: S3Uri | None) -> str:
    """The id changes with the baseline and with the location of the monitoring config only."""
    return f"{job_base_name}-{digest(str(monitoring))[:_ID_DIGITS]}"


def monitoring_uri(properties: Properties, job_base_name: str | None) -> S3Uri | None:
    """Location of the monitoring executions' analysis config; None: the user provides it.

    Its key depends on the job, so that the file of a replaced baseline can be removed, and on the KMS key, because an
    existing file is never encrypted anew.
    """
    if properties.monitoring is None:
        return None
    config = _config_identity(properties.monitoring.analysis_config)
    content = digest([properties.name, job_base_name, properties.upload_kms_key_id, config])
    return properties.monitoring.location.join(content[:32], CONFIG_FILE)


def properties_digest(properties: Properties) -> str:
    """Digest of everything in the properties that identifies a baseline. The data set is not part of it."""
    return digest([identify(properties).physical_resource_id, _has_dataset_identity(properties)])


def base_name_in(physical_resource_id: str) -> str | None:
    """The job base name in a physical id; None: CloudFormation or the provider framework has made up the id."""
    match = _PHYSICAL_ID.fullmatch(physical_resource_id)
    return match["base_name"] if match else None


def job_name(job_base_name: str, number: int) -> str:
    """The name of the n-th job for a baseline."""
    return job_base_name if number == 1 else f"{job_base_name}-{number}"


def base_name_of(name: str) -> str:
    """The base name in a job's name."""
    match = re.fullmatch(rf"(.+-[0-9a-f]{{{_DIGITS}}})(-[1-9]\d*)?", name)
    return match[1] if match else name


def job_number(job_base_name: str, name: str) -> int | None:
    """The number in a job's name; None: the job is for another baseline."""
    if name == job_base_name:
        return 1
    match = re.fullmatch(rf"{re.escape(job_base_name)}-([1-9]\d*)", name)
    return int(match[1]) if match else None


def _inputs(name: str, baselining: Baselining) -> dict[str, Any]:
    """What the numbers of a baseline depend on, and where its files lie."""
    job = baselining.processing_job
    return {
        "Name": name,
        # Stacks of one name in two accounts may share a bucket; those in two regions have other images.
        "Account": _account_in(job["RoleArn"]),
        "AnalysisConfig": _config_identity(baselining.analysis_config),
        "Inputs": job["ProcessingInputs"],
        "Image": job["AppSpecification"],
        "Environment": job.get("Environment"),
        # Without trailing slashes, which make no other location.
        "ConfigLocation": str(baselining.config_location),
        "OutputLocation": str(baselining.output_location),
        "BaselineVersion": baselining.version,
    }


def _account_in(role_arn: object) -> str | None:
    match = re.match(r"arn:[^:]*:iam::(\d+):", str(role_arn))
    return match[1] if match else None


def _config_identity(config: AnalysisConfig) -> Any:
    """What stands for a config. No asset is read for it: a Delete needs names only."""
    return config.identity if isinstance(config, ConfigAsset) else config


def _has_dataset_identity(properties: Properties) -> bool:
    return properties.baselining is not None and properties.baselining.dataset_identity
