"""What a baseline was computed from, and the names that follow from it."""

import re
from typing import Any, NamedTuple

from .baselining_job import CONFIG_FILE
from .canonical_json import digest
from .properties import AnalysisConfig, Baselining, ConfigAsset, Properties
from .s3_uri import S3Uri

_DIGITS = 16
_ID_DIGITS = 8
_PHYSICAL_ID = re.compile(rf"(?P<stem>[a-zA-Z0-9][a-zA-Z0-9-]*-[0-9a-f]{{{_DIGITS}}})-[0-9a-f]{{{_ID_DIGITS}}}")


class Identity(NamedTuple):
    """The names of one baseline: equal inputs have equal names, whatever else changed."""

    stem: str | None
    """Name of the baselining job, but for the number of a retry."""
    monitoring_uri: S3Uri | None
    """Where the monitoring executions' analysis config lies."""
    physical_resource_id: str


def identify(properties: Properties, dataset: str | None = None, stem: str | None = None) -> Identity:
    """Name a baseline.

    Args:
        properties: What it is made from. What does not change the numbers does not count: tags, times, keys, the role,
            the network, the instances.
        dataset: Digest of the data set's objects, if they count.
        stem: The stem, if it is known: another version of the library may have made it.
    """
    prefix = properties.job_prefix
    if properties.baselining and not stem:
        fingerprint = digest({**_inputs(properties.name, properties.baselining), "Dataset": dataset})
        stem = f"{prefix}-{fingerprint[:_DIGITS]}"
    uri = monitoring_uri(properties, stem)
    return Identity(stem, uri, physical_resource_id(stem, uri) if stem else f"{prefix}-{digest(str(uri))[:_DIGITS]}")


def physical_resource_id(stem: str, monitoring: S3Uri | None) -> str:
    """CloudFormation's id: it changes with what is computed and with the place of the monitoring config, only then."""
    return f"{stem}-{digest(str(monitoring))[:_ID_DIGITS]}"


def monitoring_uri(properties: Properties, stem: str | None) -> S3Uri | None:
    """Where the monitoring executions' analysis config lies, if there is one.

    The stem takes part, so that the file of a replaced baseline can go without harm to the new one. So does the
    KMS key: a file that exists is not written again, and would stay encrypted with the old key.
    """
    if properties.monitoring is None:
        return None
    config = _content(properties.monitoring.analysis_config)
    content = digest([properties.name, stem, properties.upload_kms_key_id, config])
    return properties.monitoring.location.join(content[:32], CONFIG_FILE)


def properties_digest(properties: Properties) -> str:
    """Digest of all that a baseline is identified by and that stands in the properties: all but the data set."""
    return digest([identify(properties).physical_resource_id, _dataset_identity(properties)])


def stem_in(physical_resource_id: str) -> str | None:
    """The stem in an id of our making; None for one that CloudFormation or the framework made up."""
    found = _PHYSICAL_ID.fullmatch(physical_resource_id)
    return found["stem"] if found else None


def job_name(stem: str, number: int) -> str:
    """The name of the n-th job for one baseline."""
    return stem if number == 1 else f"{stem}-{number}"


def job_stem(name: str) -> str:
    """The stem in a job's name."""
    found = re.fullmatch(rf"(.+-[0-9a-f]{{{_DIGITS}}})(-[1-9]\d*)?", name)
    return found[1] if found else name


def job_number(stem: str, name: str) -> int | None:
    """The number in a job's name; None: it is a job for another baseline."""
    if name == stem:
        return 1
    found = re.fullmatch(r"-([1-9]\d*)", name.removeprefix(stem)) if name.startswith(stem) else None
    return int(found[1]) if found else None


def _inputs(name: str, baselining: Baselining) -> dict[str, Any]:
    """What the numbers of a baseline depend on, and where they lie."""
    job = baselining.processing_job
    return {
        "Name": name,
        # Stacks of one name in two accounts may share a bucket; those in two regions have other images.
        "Account": _account_in(job["RoleArn"]),
        "AnalysisConfig": _content(baselining.analysis_config),
        "Inputs": job["ProcessingInputs"],
        "Image": job["AppSpecification"],
        "Environment": job.get("Environment"),
        # Both locations without their trailing slashes: they make no other baseline.
        "ConfigLocation": str(baselining.config_location),
        "OutputLocation": str(baselining.output_location),
        "BaselineVersion": baselining.version,
    }


def _account_in(role_arn: object) -> str | None:
    found = re.match(r"arn:[^:]*:iam::(\d+):", str(role_arn))
    return found[1] if found else None


def _content(config: AnalysisConfig) -> Any:
    """What a config is known by. None is read for it: whoever deletes a baseline needs its names, not its files."""
    return config.identity if isinstance(config, ConfigAsset) else config


def _dataset_identity(properties: Properties) -> bool:
    return properties.baselining is not None and properties.baselining.dataset_identity
