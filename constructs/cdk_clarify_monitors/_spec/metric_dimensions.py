"""Resolves the CloudWatch dimensions of the metrics that a monitor's executions publish.

AWS documents the values as "provided by the analysis configuration", and shows one number without more: facet `Age`,
value `40`. How CloudWatch writes several values, or a column that is given by its index, is not documented; such
dimensions are never guessed. Sources:
[bias](https://docs.aws.amazon.com/sagemaker/latest/dg/clarify-model-monitor-bias-drift-cw.html) and its
[violations](https://docs.aws.amazon.com/sagemaker/latest/dg/clarify-model-monitor-bias-drift-violations.html),
[feature attributions](https://docs.aws.amazon.com/sagemaker/latest/dg/clarify-model-monitor-feature-attribution-drift-cw.html).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, Literal

from .._config.bias_metrics import OF_GROUPS, POST_TRAINING, PRE_TRAINING
from .._validation import (
    InvalidValue,
    Validator,
    column,
    data_value,
    has_token,
    is_given,
    is_token,
    one_of,
    text,
    text_or_integer,
)

BiasStage = Literal["Pre-training", "Post-Training"]

_METRIC: Final = one_of(*PRE_TRAINING, *POST_TRAINING)
_DIMENSION: Final = text(max_length=255)
_AS_SHOWN: Final = "give it as CloudWatch shows it"


def published_bias_metrics(config: Mapping[str, Any] | None) -> tuple[str, ...]:
    """The short names of the metrics that executions publish.

    Args:
        config: The analysis config of the executions; None: it is in S3, and its content is unknown.
    """
    is_of_groups = config is None or "group_variable" in config
    return tuple(name for name in (*PRE_TRAINING, *POST_TRAINING) if is_of_groups or name not in OF_GROUPS)


def baseline_bias_metrics(config: Mapping[str, Any]) -> tuple[str, ...]:
    """The short names of the metrics that a baselining job computes.

    Args:
        config: The analysis config of the job.
    """

    def is_computed(metric: str) -> bool:
        stage = "pre_training_bias" if metric in PRE_TRAINING else "post_training_bias"
        chosen = config["methods"].get(stage, {}).get("methods", ())
        return chosen == "all" or metric in chosen or has_token(chosen)

    return tuple(filter(is_computed, published_bias_metrics(config)))


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
        config: The analysis config of the executions; None: it is in S3, and its content is unknown.
        metric: The metric's short name.
        facet: The facet; None: the only one.
        facet_value: Its value or threshold; None: the only one.
        label: The label; None: the config's.
        label_value: Its value or threshold; None: the only one.
        bias_stage: Whether the metric is about the data or the predictions; None: the stage that has the metric.

    Raises:
        ValueError: The metric is not published, a value is not in the config, or one is left out for which the config
            has none or several.
        TypeError: A value is of the wrong type.
    """
    _check_published(config, metric)
    config = config or {}
    facets = {part["name_or_index"]: part.get("value_or_threshold") for part in config.get("facet", ())}
    facet_name = _name("facet", facet, _literal_names(facets), column)
    values = next(iter(facets.values())) if len(facets) == 1 else facets.get(facet_name)
    return {
        "BiasStage": _bias_stage(metric, bias_stage),
        "Label": _name("label", label, _literal_names([config["label"]] if "label" in config else []), column),
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
        config: The analysis config of the executions; None: it is in S3, and its content is unknown.
        value_type: What is measured.
        label: The label that the score stands for; None: the only one.
        feature: The feature; None: the metric is about none.

    Raises:
        ValueError: A value is not in the config, the config has no SHAP, or has several labels and none was given.
        TypeError: A value is of the wrong type.
    """
    labels = None if config is None else _shap_labels(config, label)
    if feature is not None:
        _name("feature", feature, _literal_names((config or {}).get("headers", ())), text())
    return {
        "ExplainabilityMethod": "KernelShap",
        "Label": _name("label", label, labels, text_or_integer),
        "ValueType": value_type,
    }


def _shap_labels(config: Mapping[str, Any], label: object) -> list[str] | None:
    """The labels that an analysis config names; None: unknown."""
    if "shap" not in config["methods"]:
        must = "have a SHAPConfig where metrics are asked for"
        raise InvalidValue("explainability_config", must, [*config["methods"]], "Clarify publishes SHAP values only")
    headers = config.get("predictor", {}).get("label_headers")
    if headers:
        return _literal_names(map(_as_text, headers))
    # Clarify numbers labels without names, one for each score of the model. How many there are is unknown.
    return None if is_given(label) else ["label0"]


def _check_published(config: Mapping[str, Any] | None, metric: str) -> None:
    if not is_token(_METRIC("metric", metric)) and metric not in (published := published_bias_metrics(config)):
        must = f"be one that the monitor publishes, {', '.join(published)}"
        raise InvalidValue("metric", must, metric, "CDDL and CDDPL need a 'group_name' in 'bias_config'")


def _bias_stage(metric: str, stage: BiasStage | None) -> str:
    is_pre_training = metric in PRE_TRAINING
    if stage is None:
        return "Pre-training" if is_pre_training else "Post-Training"
    if is_pre_training and stage == "Post-Training":
        raise InvalidValue("bias_stage", f"be 'Pre-training' for metric {metric!r}, which is about the data", stage)
    return str(one_of("Pre-training", "Post-Training")("bias_stage", stage))


def _literal_names(columns: Iterable[Any]) -> list[str] | None:
    """The columns, if all are literal names; None: some are indices or tokens, or there are none."""
    names = [*columns]
    return names if names and not is_token(names) and all(isinstance(name, str) for name in names) else None


def _name(argument: str, name: Any, choices: Sequence[str] | None, validator: Validator) -> str:
    """The name to use: one of the choices, by default the only one. None as choices: unknown."""
    if not is_given(name):
        if choices is not None and len(choices) == 1:
            return choices[0]
        raise InvalidValue(argument, "be given", name, f"one of {choices}" if choices else _AS_SHOWN)
    dimension = _dimension(argument, validator(argument, name))
    if choices is not None and not is_token(name) and not has_token(choices) and dimension not in choices:
        raise InvalidValue(argument, f"be one of the monitor's own, {choices}", name)
    return dimension


def _value(argument: str, value: Any, choices: Sequence[Any] | None) -> str:
    """The value or threshold to use: a string as it is, or the number of the config. None as choices: unknown."""
    if is_given(value):
        data_value(argument, value)
        if isinstance(value, str) or is_token(value) or _is_unresolved(choices):
            return _dimension(argument, value)
    if choices is None or is_token(choices):
        raise InvalidValue(argument, "be given", value, _AS_SHOWN)
    if len(choices) > 1:
        raise InvalidValue(argument, f"be a string for the values {[*choices]}", value, _AS_SHOWN)
    if is_given(value) and value != choices[0]:
        raise InvalidValue(argument, f"be the monitor's own, {choices[0]!r}", value)
    return _as_text(choices[0])


def _is_unresolved(choices: Sequence[Any] | None) -> bool:
    return choices is None or is_token(choices) or has_token(choices)


def _dimension(argument: str, value: Any) -> str:
    """A value as the value of a dimension, whose length the CDK limits."""
    return str(_DIMENSION(argument, _as_text(value)))


def _as_text(value: Any) -> str:
    if isinstance(value, float) and is_token(value):
        from aws_cdk import Token  # a number token comes from the CDK, so the CDK is loaded already

        return Token.as_string(value)
    return str(value)
