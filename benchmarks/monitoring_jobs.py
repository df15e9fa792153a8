"""Runs the jobs of an execution in this process, and prints as JSON how long they took and how much memory.

`python -m benchmarks.monitoring_jobs FOLDER`: `executions.py` has filled it. Libraries are imported before, as they are
in the embedded AWS.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

from cdk_clarify_monitors_local.container.monitoring._analysis import analyze
from cdk_clarify_monitors_local.container.monitoring._contract import JOB_CONFIG, Contract
from cdk_clarify_monitors_local.container.monitoring._merge import merge

from .memory import peak_memory_kib

MODEL, CAPTURED, LABELS, CONFIG = "model.joblib", "captured", "labels", "analysis_config.json"


def main() -> None:
    """Run the jobs in the folder that the command line names."""
    root = Path(sys.argv[1])
    config = json.loads((root / CONFIG).read_text())
    job_config = root / JOB_CONFIG
    job_config.parent.mkdir(parents=True, exist_ok=True)
    job_config.write_text(json.dumps({"ProcessingJobName": "groundtruth-merge-202603011100-0123456789abcdef01234567"}))
    found: dict[str, Any] = {"merge_seconds": None}
    is_bias = (root / LABELS).exists()
    if is_bias:
        started = time.perf_counter()
        merge(Contract(root, {"dataset_source": CAPTURED, "ground_truth_source": LABELS, "output_path": "merged"}))
        found["merge_seconds"] = time.perf_counter() - started
    else:
        from cdk_clarify_monitors_local.container.attributions import _shap  # noqa: F401  ahead, as said
    indexes = {"captureIndexNames": ["endpointInput", "endpointOutput"]}
    environment = {
        "dataset_source": "merged" if is_bias else CAPTURED,
        "dataset_format": json.dumps({f"sagemaker{'Merge' if is_bias else 'Capture'}Json": indexes}),
        "output_path": "output",
    }
    started = time.perf_counter()
    analyze(config, Contract(root, environment), {"model": str(root / MODEL)})
    found["analysis_seconds"] = time.perf_counter() - started
    print(json.dumps({**found, "peak_memory_kib": peak_memory_kib()}))  # noqa: T201  what it is for


if __name__ == "__main__":
    main()
