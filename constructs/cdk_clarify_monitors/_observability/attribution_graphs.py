"""What the graphs of an explainability monitor show: the attributions of all features, stacked, and expected values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from .._spec.metric_dimensions import shap_dimensions
from .._validation import InvalidValue, is_token, list_of, text, text_or_integer
from .graphs import EXPECTED_VALUE, FULL_WIDTH, METRICS_OF_A_GRAPH, BaselineValue, Graph, Line, Series, value_at

FEATURES: Final = list_of(text(), unique=True)
LABELS: Final = list_of(text_or_integer, unique=True)
_ARGUMENTS: Final = {"feature": "features", "label": "labels"}


def attribution_graphs(
    config: Mapping[str, Any] | None,
    features: Sequence[str] | None,
    labels: Sequence[str | int] | None,
    baseline: Mapping[str, Any],
    *,
    is_computed: bool = False,
) -> list[Graph]:
    """The graphs of an explainability monitor.

    Args:
        config: The analysis config of the executions; None: unknown.
        features: The features to show; None: all.
        labels: The labels to show; None: all.
        baseline: The content of a given constraints file; empty: unknown.
        is_computed: Whether there is a line for what the baselining job of the deployment computes.

    Raises:
        ValueError: There is no such feature or label, there are too many, or which there are is not known.
        TypeError: A value is of the wrong type.
    """
    names = _all_features(config) if features is None else FEATURES("features", features)
    if len(names) > METRICS_OF_A_GRAPH:
        must = f"have at most {METRICS_OF_A_GRAPH} items, which is what a graph of CloudWatch shows"
        raise InvalidValue("features", must, names, f"choose some of the {len(names)}")
    chosen: Sequence[str | int | None] = _all_labels(config) if labels is None else LABELS("labels", labels)
    graphs = []
    for label in chosen:
        try:
            series = [
                Series(f"feature_{name}", shap_dimensions(config, "GlobalShapValues", label=label, feature=name), name)
                for name in names
            ]
            expected = Series(EXPECTED_VALUE, shap_dimensions(config, "ExpectedValue", label=label), "expected value")
        except InvalidValue as error:
            raise error.with_argument(_ARGUMENTS.get(error.argument, error.argument)) from None
        of_label = f": {expected.dimensions['Label']}"
        width = FULL_WIDTH // 3
        graphs.append(Graph(f"Feature attributions{of_label}", series, is_stacked=True, width=2 * width))
        place = (("Label", expected.dimensions["Label"]),)
        computed = [Line(BaselineValue(EXPECTED_VALUE, place), "baseline")] if is_computed else []
        lines = [*computed, *_expected(baseline, expected)]
        graphs.append(Graph(f"Expected value{of_label}", [expected], lines, width=width))
    return graphs


def _all_features(config: Mapping[str, Any] | None) -> Sequence[str]:
    config = config or {}
    headers = config.get("headers")
    chosen = config.get("methods", {}).get("shap", {}).get("features_to_explain")
    if headers is None or is_token(headers):
        if chosen is None or is_token(chosen) or not all(isinstance(name, str) for name in chosen):
            remedy = "name those to show, such as features=['income', 'age']"
            raise InvalidValue("features", "be given where the monitor has no 'headers'", None, remedy)
        headers = chosen
    if chosen is None or is_token(chosen):
        return [*headers]
    return [name if isinstance(name, str) else headers[int(name)] for name in chosen]


def _all_labels(config: Mapping[str, Any] | None) -> Sequence[str | int | None]:
    headers = (config or {}).get("predictor", {}).get("label_headers")
    return [*headers] if headers and not is_token(headers) else [None]


def _expected(baseline: Mapping[str, Any], series: Series) -> list[Line]:
    """The line of the baseline's expected value. Attributions have none: executions are compared by their ranking."""
    value = value_at(baseline, "explanations", "kernel_shap", series.dimensions["Label"], "expected_value")
    return [Line(value, "baseline")] if isinstance(value, (int, float)) else []
