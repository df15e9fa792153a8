"""The analysis of captured data, and its comparison with the constraints."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cdk_clarify_monitors_local.container import _analysis
from cdk_clarify_monitors_local.container._analysis_config import AnalysisConfig, parse
from cdk_clarify_monitors_local.container._dataset import Dataset
from cdk_clarify_monitors_local.container._errors import CustomerError
from cdk_clarify_monitors_local.container._progress import say
from cdk_clarify_monitors_local.container.monitoring._contract import Contract
from cdk_clarify_monitors_local.container.monitoring._records import answer_type
from cdk_clarify_monitors_local.container.monitoring._table import PREDICTED_LABEL, load
from cdk_clarify_monitors_operations import drift
from cdk_clarify_monitors_operations.data._constraint_check import limits_without_effect

_BIAS_SECTIONS = ("post_training_bias_metrics", "pre_training_bias_metrics")
_ALL_METRICS = {"pre_training_bias": {"methods": "all"}, "post_training_bias": {"methods": "all"}}


def analyze(document: Any, contract: Contract, models: Mapping[str, str]) -> str:
    """Analyse captured data and compare the result with the constraints, if there are any.

    Args:
        document: The content of the analysis config.
        contract: What the job's environment says.
        models: The joblib file of each model, by the model's name.

    Returns:
        The message for the job's ExitMessage.

    Raises:
        CustomerError: The configuration, the data, the model or the constraints are wrong, or not supported.
        AlgorithmError: There are no data, or they cannot be read.
    """
    if not isinstance(document, Mapping):
        raise CustomerError("analysis_config.json must be a JSON object.")
    is_bias = "shap" not in (document.get("methods") or {}) and "pdp" not in (document.get("methods") or {})
    config = parse(_complete(document, contract, is_bias=is_bias))
    constraints = _constraints(contract, is_bias=is_bias)
    dataset = load(contract, config.headers, config.label, is_bias=is_bias)
    say(f"Captured data: {len(dataset.table)} records, columns {', '.join(dataset.table.columns)}")
    _check_columns(config, dataset)
    output = contract.path("output_path") or contract.root / "opt/ml/processing/output"
    _analysis.compute(config, dataset, models, output)
    if constraints is None:
        return "Completed: Job completed successfully with no violations."
    return _compare(constraints, output)


def _complete(document: Mapping[str, Any], contract: Contract, *, is_bias: bool) -> dict[str, Any]:
    """Add what a configuration of executions leaves to the container and to the job definition's attributes."""
    completed = {**document, "dataset_type": "text/csv"}
    if is_bias:
        methods = document.get("methods") or {}
        return {**completed, "predicted_label": PREDICTED_LABEL, "methods": {**_ALL_METRICS, **methods}}
    predictor = document.get("predictor") or {}
    if not isinstance(predictor, Mapping):
        return completed  # refused by whoever reads it
    known = {
        # Of an endpoint the model need not be named: it is the one that answers there.
        "model_name": None if "endpoint_name" in predictor else contract.endpoint_model,
        "accept_type": answer_type(contract),
        "label": contract.inference,
        "probability": contract.probability,
    }
    filled = {**{name: value for name, value in known.items() if value is not None}, **predictor}
    if "model_name" in filled or "endpoint_name" in filled:
        completed["predictor"] = filled
    return completed


def _check_columns(config: AnalysisConfig, dataset: Dataset) -> None:
    for facet in config.facets:
        try:
            dataset.column(facet.locator, "facet")
        except CustomerError as error:
            raise CustomerError(f"Unable to locate the facet. {error}") from error


def _constraints(contract: Contract, *, is_bias: bool) -> dict[str, Any] | None:
    path = contract.path("baseline_constraints")
    if path is None:
        return None
    try:
        document = json.loads(path.read_text())
    except (OSError, ValueError) as error:
        raise CustomerError(f"The constraints file {path.name} cannot be read: {error}") from error
    sections = _BIAS_SECTIONS if is_bias else ("explanations",)
    if not isinstance(document, dict) or not any(document.get(section) for section in sections):
        what = "bias metrics" if is_bias else "feature attributions"
        has = ", ".join(document) if isinstance(document, dict) else "no JSON object"
        raise CustomerError(f"The constraints file {path.name} has no {what}, only {has}: it is of another monitor.")
    return document


def _compare(constraints: Mapping[str, Any], output: Path) -> str:
    current = json.loads((output / "analysis.json").read_text())
    try:
        violations = drift(constraints, current).violations
    except (TypeError, ValueError) as error:
        raise CustomerError(f"The constraints cannot be compared: {error}") from error
    for limit in limits_without_effect(constraints):
        say(f"Warning: no value can violate the constraint {limit}.")
    if not violations:
        return "Completed: Job completed successfully with no violations."
    text = json.dumps({"version": "1.0", "violations": violations}, indent=4, ensure_ascii=False)
    (output / "constraint_violations.json").write_text(text, encoding="utf-8")
    for violation in violations:
        say(f"Violation: {json.dumps(violation)}")
    return f"CompletedWithViolations: Job completed successfully with {len(violations)} violations."
