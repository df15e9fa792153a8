"""A job of the stand-in for the Clarify container: its folders, and its process."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import joblib
import pandas as pd
import pytest

from cdk_clarify_monitors_local.container._analysis import analyze
from cdk_clarify_monitors_local.container._errors import CustomerError
from cdk_clarify_monitors_local.server.processing._container import ContainerProcess


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

    def put_data(self, table: pd.DataFrame) -> None:
        """Make a table the data set: CSV without a header row."""
        table.to_csv(self.data / "data.csv", header=False, index=False)

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
