"""The metrics that Clarify publishes about an execution, from its analysis.json.

Sources: the metrics of
[bias drift](https://docs.aws.amazon.com/sagemaker/latest/dg/clarify-model-monitor-bias-drift-cw.html) and of
[feature attribution drift](https://docs.aws.amazon.com/sagemaker/latest/dg/clarify-model-monitor-feature-attribution-drift-cw.html).
They say that values are "provided by the analysis configuration"; how several values, none, or a column given by its
index look is not documented: here as in analysis.json.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_STAGES = {"pre_training_bias_metrics": "Pre-training", "post_training_bias_metrics": "Post-Training"}
_INFINITY = 2.348543e108
_NUMBERS = {"Infinity": _INFINITY, "-Infinity": -_INFINITY}


@dataclass(frozen=True)
class Metric:
    """One value of a metric.

    Attributes:
        name: Its name.
        value: Its value.
        dimensions: Its dimensions.
    """

    name: str
    value: float
    dimensions: Mapping[str, str]


def namespace(*, is_bias: bool, of_endpoint: bool) -> str:
    """Return the namespace of a monitor's metrics."""
    source = "Endpoints" if of_endpoint else "ModelMonitoring"
    return f"aws/sagemaker/{source}/{'bias' if is_bias else 'explainability'}-metrics"


def clarify_metrics(
    analysis: Mapping[str, Any], config: Mapping[str, Any], *, endpoint: str | None, schedule: str
) -> Iterator[Metric]:
    """Yield what Clarify publishes; nothing for a metric without a value.

    Args:
        analysis: The content of analysis.json.
        config: The content of the analysis config.
        endpoint: The endpoint's name; None for batch transforms.
        schedule: The schedule's name.
    """
    common = {**({} if endpoint is None else {"Endpoint": endpoint}), "MonitoringSchedule": schedule}
    for name, value, dimensions in (*_bias(analysis, config), *_shap(analysis)):
        number = _NUMBERS.get(value, value) if isinstance(value, str) else value
        # CloudWatch takes no dimension without a value.
        if isinstance(number, int | float) and all(text.strip() for text in dimensions.values()):
            yield Metric(name, float(number), {**common, **dimensions})


def _bias(analysis: Mapping[str, Any], config: Mapping[str, Any]) -> Iterator[tuple[str, Any, dict[str, str]]]:
    for section, stage in _STAGES.items():
        results = analysis.get(section) or {}
        label = config.get("label")
        about = {
            "BiasStage": stage,
            "Label": label if isinstance(label, str) else str(results.get("label")),
            "LabelValue": _value(config.get("label_values_or_threshold"), results.get("label_value_or_threshold")),
        }
        for facet, groups in (results.get("facets") or {}).items():
            values = _values_of_facet(config, facet)
            for group in groups:
                value = _value(values, group.get("value_or_threshold"))
                for metric in group.get("metrics", ()):
                    dimensions = {**about, "Facet": facet, "FacetValue": value}
                    yield f"bias_metric_{metric['name']}", metric.get("value"), dimensions


def _shap(analysis: Mapping[str, Any]) -> Iterator[tuple[str, Any, dict[str, str]]]:
    for label, result in ((analysis.get("explanations") or {}).get("kernel_shap") or {}).items():
        about = {"ExplainabilityMethod": "KernelShap", "Label": label}
        for feature, value in (result.get("global_shap_values") or {}).items():
            yield f"feature_{feature}", value, {**about, "ValueType": "GlobalShapValues"}
        yield "ExpectedValue", result.get("expected_value"), {**about, "ValueType": "ExpectedValue"}


def _values_of_facet(config: Mapping[str, Any], facet: str) -> Sequence[Any] | None:
    """Return the values or thresholds that the analysis config has for a facet of analysis.json."""
    headers = config.get("headers") or ()
    configured = config.get("facet") or ()
    for part in [configured] if isinstance(configured, Mapping) else configured:
        name = part.get("name_or_index")
        if isinstance(name, int) and name < len(headers):
            name = headers[name]
        if name == facet:
            values: Sequence[Any] | None = part.get("value_or_threshold")
            return values
    return None


def _value(configured: Any, analysed: object) -> str:
    if not isinstance(configured, list):
        configured = [] if configured is None else [configured]
    return str(configured[0]) if len(configured) == 1 else str(analysed)
