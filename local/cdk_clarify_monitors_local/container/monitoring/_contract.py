"""The contract between the monitoring service and its containers: what a job's environment says."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

#: The variable with the name of the model behind the endpoint; the stand-in cannot ask SageMaker for it.
ENDPOINT_MODEL = "CLARIFY_LOCAL_ENDPOINT_MODEL"
JOB_CONFIG = "opt/ml/config/processingjobconfig.json"


@dataclass(frozen=True)
class Contract:
    """The variables of a monitoring job.

    Attributes:
        root: The container's root folder.
        environment: All variables.
    """

    root: Path
    environment: Mapping[str, str]

    def path(self, variable: str) -> Path | None:
        """Return the path that a variable names, below the root; None without the variable."""
        value = self.environment.get(variable)
        return None if value is None else self.root / value.lstrip("/")

    @property
    def is_merge(self) -> bool:
        """Whether captured data are to be merged with ground truth."""
        return "ground_truth_source" in self.environment

    @property
    def is_analysis(self) -> bool:
        """Whether captured data are to be analysed."""
        return "dataset_source" in self.environment and not self.is_merge

    @property
    def dataset_format(self) -> Mapping[str, Any]:
        """The format of the captured data, e.g. `{"csv": {"header": False}}`."""
        found: Mapping[str, Any] = json.loads(self.environment.get("dataset_format") or "{}")
        return found

    @property
    def window(self) -> tuple[datetime, datetime] | None:
        """The first and the last moment, exclusive, of what is to be analysed."""
        start, end = (self.environment.get(name) for name in ("start_time", "end_time"))
        return None if start is None or end is None else (datetime.fromisoformat(start), datetime.fromisoformat(end))

    @property
    def endpoint_model(self) -> str | None:
        """The name of the model behind the endpoint; None for batch transforms."""
        return self.environment.get(ENDPOINT_MODEL)

    @property
    def features(self) -> str | None:
        """FeaturesAttribute of the job definition."""
        return self.environment.get("features_attribute")

    @property
    def inference(self) -> str | None:
        """InferenceAttribute."""
        return self.environment.get("inference_attribute")

    @property
    def probability(self) -> str | None:
        """ProbabilityAttribute."""
        return self.environment.get("probability_attribute")

    @property
    def threshold(self) -> float | None:
        """ProbabilityThresholdAttribute."""
        text = self.environment.get("probability_threshold_attribute")
        return None if text is None else float(text)

    @property
    def excluded_features(self) -> list[str | int]:
        """ExcludeFeaturesAttribute: columns by name or index."""
        names = [name.strip() for name in self.environment.get("exclude_features_attribute", "").split(",")]
        return [int(name) if name.isdecimal() else name for name in names if name]

    @property
    def part_id(self) -> str | None:
        """What the names of an execution's merged files contain; None for a job that no schedule has started.

        Files of other executions, of the same or of another schedule, lie in the same folders.
        """
        try:
            name = json.loads((self.root / JOB_CONFIG).read_text())["ProcessingJobName"]
        except (OSError, ValueError, KeyError):
            return None
        return part_id(name.rpartition("-")[2]) if "-monitoring-" in name or name.startswith("groundtruth-") else None


def part_id(suffix: str) -> str:
    """Return the UUID in the names of merged files, from what the names of an execution's jobs end with.

    A job's name is cut off where it would be too long, so the beginning of the suffix decides.
    """
    digest = hashlib.md5(suffix[:18].encode(), usedforsecurity=False).digest()
    return str(uuid.UUID(bytes=digest, version=4))
