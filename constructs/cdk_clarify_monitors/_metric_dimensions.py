"""The dimensions of a monitor's metrics: what CloudWatch calls that which an analysis config names.

AWS documents the values as "provided by the analysis configuration", and shows one number without more: facet `Age`,
value `40`. How several values are written is not documented, and a column that is given by its index may have its name
there or not; such values are never made up here. Sources:
[bias](https://docs.aws.amazon.com/sagemaker/latest/dg/clarify-model-monitor-bias-drift-cw.html) and its
[violations](https://docs.aws.amazon.com/sagemaker/latest/dg/clarify-model-monitor-bias-drift-violations.html),
[feature attributions](https://docs.aws.amazon.com/sagemaker/latest/dg/clarify-model-monitor-feature-attribution-drift-cw.html).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, Literal

from ._bias_metrics import PRE_TRAINING
from ._checks import (
    InvalidValue,
    Rule,
    column,
    data_value,
    given,
    has_token,
    is_token,
    one_of,
    text,
    text_or_integer,
)

BiasStage = Literal["Pre-training", "Post-Training"]

_AS_SHOWN: Final = "give it as CloudWatch shows it"


def bias_dimensions(
    config: Mapping[str, Any] | None,
    metric: str,
    *,
    facet: str | int | None,
    facet_value: str | float | None,
    label: str | int | None,
    label_value: str | float | None,
    bias_stage: BiasStage | None,
) -> dict[str, str]:
    """The dimensions of a bias metric.

    Args:
        config: The analysis config of the executions; None: it is in S3, and its content not known.
        metric: The metric's short name.
        facet: The facet; None: the only one.
        facet_value: Its value or threshold; None: the only one.
        label: The label; None: the config's.
        label_value: Its value or threshold; None: the only one.
        bias_stage: Whether it is about the data or about the predictions; None: whatever has the metric.

    Raises:
        ValueError: A value is not among those of the config, or there is no one value that is meant without saying.
        TypeError: A value is of the wrong type.
    """
    config = config or {}
    facets = {each["name_or_index"]: each.get("value_or_threshold") for each in config.get("facet", ())}
    facet_name = _name("facet", facet, _names(facets), column)
    values = next(iter(facets.values())) if len(facets) == 1 else facets.get(facet_name)
    return {
        "BiasStage": _bias_stage(metric, bias_stage),
        "Label": _name("label", label, _names([config["label"]] if "label" in config else []), column),
        "LabelValue": _value("label_value", label_value, config.get("label_values_or_threshold")),
        "Facet": facet_name,
        "FacetValue": _value("facet_value", facet_value, values),
    }


def shap_dimensions(
    config: Mapping[str, Any] | None,
    value_type: Literal["GlobalShapValues", "ExpectedValue"],
    *,
    label: str | int | None,
    feature: str | None = None,
) -> dict[str, str]:
    """The dimensions of a metric of feature attributions.

    Args:
        config: The analysis config of the executions; None: it is in S3, and its content not known.
        value_type: What is measured.
        label: The label that the score stands for; None: the only one.
        feature: The feature; None: the metric is about none.

    Raises:
        ValueError: A value is not among those of the config, the config has no SHAP, or there are several labels.
        TypeError: A value is of the wrong type.
    """
    labels = None
    if config is not None:
        if "shap" not in config["methods"]:
            must = "have a SHAPConfig where metrics are asked for"
            raise InvalidValue(
                "explainability_config", must, [*config["methods"]], "Clarify publishes SHAP values only"
            )
        headers = config.get("predictor", {}).get("label_headers")
        if headers:
            labels = _names(map(_text, headers))
        elif not given(label):
            labels = ["label0"]  # a placeholder; there may be more of them, one for each of the model's scores
    if feature is not None:
        _name("feature", feature, _names((config or {}).get("headers", ())), text())
    return {
        "ExplainabilityMethod": "KernelShap",
        "Label": _name("label", label, labels, text_or_integer),
        "ValueType": value_type,
    }


def _bias_stage(metric: str, stage: BiasStage | None) -> str:
    before = text()("metric", metric) in PRE_TRAINING
    if stage is None:
        return "Pre-training" if before else "Post-Training"
    if before and stage == "Post-Training":
        raise InvalidValue("bias_stage", f"be 'Pre-training' for metric {metric!r}, which is about the data", stage)
    return str(one_of("Pre-training", "Post-Training")("bias_stage", stage))


def _names(known: Iterable[Any]) -> list[str] | None:
    """What is known by name; None: nothing, or only by an index or at deployment."""
    names = [*known]
    return names if names and not is_token(names) and all(isinstance(name, str) for name in names) else None


def _name(argument: str, name: Any, known: Sequence[str] | None, rule: Rule) -> str:
    """A name that is among the known ones, by default the only one."""
    if not given(name):
        if known is not None and len(known) == 1:
            return known[0]
        raise InvalidValue(argument, "be given", name, f"one of {known}" if known else _AS_SHOWN)
    written = _text(rule(argument, name))
    if known is not None and not is_token(name) and not has_token(known) and written not in known:
        raise InvalidValue(argument, f"be one of the monitor's own, {known}", name)
    return written


def _value(argument: str, value: Any, known: Sequence[Any] | None) -> str:
    """A value or threshold. Strings stand for themselves, numbers have to be the known one. None: nothing is known."""
    if given(value):
        data_value(argument, value)
        if isinstance(value, str) or known is None or is_token(value) or is_token(known) or has_token(known):
            return _text(value)
    elif known is None or is_token(known):
        raise InvalidValue(argument, "be given", value, _AS_SHOWN)
    if len(known) > 1:
        raise InvalidValue(argument, f"be a string for the values {[*known]}", value, _AS_SHOWN)
    if given(value) and value != known[0]:
        raise InvalidValue(argument, f"be the monitor's own, {known[0]!r}", value)
    return _text(known[0])


def _text(value: Any) -> str:
    if isinstance(value, float) and is_token(value):
        from aws_cdk import Token  # only whoever gave a token needs CDK here

        return Token.as_string(value)
    return str(value)
