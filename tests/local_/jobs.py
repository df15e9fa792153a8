"""A processing job's folders and its container, and a data set of loan applicants for it."""

from __future__ import annotations

import copy
import json
import os
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import joblib
import pandas as pd
import pytest
from sklearn.linear_model import LinearRegression

from cdk_clarify_monitors_local.container._analysis import analyze
from cdk_clarify_monitors_local.container._errors import CustomerError
from cdk_clarify_monitors_local.server._container import ContainerProcess

APPLICANTS = pd.DataFrame(
    {
        "approved": [1, 0, 1, 1, 0, 0, 1, 0, 1, 0, 1, 0],
        "age": [30, 25, 41, 52, 23, 36, 61, 29, 45, 33, 50, 27],
        "income": [50, 20, 70, 90, 25, 40, 85, 30, 60, 45, 75, 35],
        "gender": ["F", "F", "M", "M", "F", "M", "M", "F", "M", "F", "M", "F"],
    }
)
# Ten times the same: smclarify takes a label for a number if more than a twentieth of its values are different ones.
CREDIT = pd.concat([APPLICANTS] * 10, ignore_index=True)
FEATURES = ["age", "income", "gender"]

BIAS: dict[str, Any] = {
    "dataset_type": "text/csv",
    "headers": list(CREDIT.columns),
    "label": "approved",
    "label_values_or_threshold": [1],
    "facet": [{"name_or_index": "gender", "value_or_threshold": ["F"]}],
    "methods": {"report": {"name": "report", "title": "Credit"}, "pre_training_bias": {"methods": "all"}},
}


class WitnessedModel(LinearRegression):
    """A linear model that leaves a file for each call: named after the process, with the number of records in it."""

    def __init__(self, folder: str = "") -> None:
        super().__init__()
        self.folder = folder

    def predict(self, X: Any) -> Any:  # noqa: N803 (scikit-learn's name)
        Path(self.folder, f"{os.getpid()}-{uuid.uuid4()}").write_text(str(len(X)))
        return super().predict(X)


class Job:
    """A job's folders, and its container."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.data = root / "opt/ml/processing/input/data"
        self.config = root / "opt/ml/processing/input/config"
        self.output = root / "opt/ml/processing/output"
        self.models: dict[str, str] = {}
        for folder in (self.data, self.config):
            folder.mkdir(parents=True)

    def add_model(self, name: str, estimator: Any) -> None:
        path = self.root / f"{name}.joblib"
        joblib.dump(estimator, path)
        self.models[name] = str(path)

    def configure(self, config: Any) -> None:
        text = config if isinstance(config, str) else json.dumps(config)
        (self.config / "analysis_config.json").write_text(text)

    def start(self, config: Any, environment: Mapping[str, str] | None = None) -> ContainerProcess:
        """Start the container's process; without a configuration if that is None."""
        if config is not None:
            self.configure(config)
        return ContainerProcess(self.root, os.environ if environment is None else environment, self.models)

    def process(self, config: Any) -> tuple[int | None, str]:
        """Run the container's process; return its exit code and what it printed."""
        container = self.start(config)
        printed = "\n".join(container.lines())
        return container.wait(), printed

    def run(self, config: Any) -> dict[str, Any]:
        analyze(config, self.data, self.output, self.models)
        return self.analysis()

    def fail(self, config: Any) -> str:
        with pytest.raises(CustomerError) as raised:
            analyze(config, self.data, self.output, self.models)
        return str(raised.value)

    def analysis(self) -> dict[str, Any]:
        analysis: dict[str, Any] = json.loads((self.output / "analysis.json").read_text())
        return analysis

    def message(self) -> str:
        return (self.root / "opt/ml/output/message").read_text()


def bias(**changes: Any) -> dict[str, Any]:
    return {**copy.deepcopy(BIAS), **changes}


def metric(analysis: Mapping[str, Any], stage: str, facet: str, name: str) -> Any:
    """Return the value of a metric in analysis.json; the stage is `pre` or `post`."""
    (group,) = analysis[f"{stage}_training_bias_metrics"]["facets"][facet]
    (found,) = [entry["value"] for entry in group["metrics"] if entry["name"] == name]
    return found
