"""A baselining job: its locations in S3 and its CreateProcessingJob request."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from .canonical_json import digest
from .properties import Baselining
from .s3_uri import S3Uri

CONFIG_FILE = "analysis_config.json"  # no other name is known to work with Clarify
_CONSTRAINTS_FILE = "analysis.json"  # the file with the suggested constraints in a baselining job's output
_CONFIG_FOLDER = "/opt/ml/processing/input/config"


class BaseliningJob(NamedTuple):
    """A job for a baseline, whether it exists or not."""

    baselining: Baselining
    name: str

    @property
    def output_folder(self) -> S3Uri:
        """Folder of its results."""
        return self.baselining.output_location.join(self.name)

    @property
    def constraints_uri(self) -> S3Uri:
        """Location of the constraints that it suggests."""
        return self.baselining.output_location.join(self.name, _CONSTRAINTS_FILE)

    @property
    def overridden_constraints_uri(self) -> S3Uri | None:
        """Location of the constraints with the user's own limits; None: there are no such limits."""
        overrides = self.baselining.constraints_overrides
        if not overrides:
            return None
        return self.output_folder.join(f"constraints-{digest(list(overrides))[:16]}", _CONSTRAINTS_FILE)

    @property
    def config_folder(self) -> S3Uri:
        """Folder of its analysis config."""
        return self.baselining.config_location.join(self.name)

    @property
    def config_uri(self) -> S3Uri:
        """Location of its analysis config."""
        return self.baselining.config_location.join(self.name, CONFIG_FILE)

    def create_request(self, tags: Sequence[Mapping[str, str]]) -> dict[str, Any]:
        """The CreateProcessingJob request."""
        job = self.baselining.processing_job_with_output(self.output_folder)
        config = {
            "InputName": "analysis_config",
            "S3Input": {
                "S3Uri": str(self.config_uri),
                "LocalPath": _CONFIG_FOLDER,
                "S3DataType": "S3Prefix",
                "S3InputMode": "File",
                "S3DataDistributionType": "FullyReplicated",
                "S3CompressionType": "None",
            },
        }
        return {
            **job,
            "ProcessingJobName": self.name,
            "ProcessingInputs": [*job["ProcessingInputs"], config],
            **({"Tags": list(tags)} if tags else {}),
        }
