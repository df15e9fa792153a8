"""Derives the analysis configs of monitoring executions from the configuration of the baselining job.

The SDK passes on the columns of the baselining job's data set. Executions read captured data, which may have fewer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from ..._config.analysis.analysis_config import BiasAnalysisConfig, ExplainabilityAnalysisConfig
from ..._config.analysis.bias_config import BiasConfig
from ..._config.analysis.column_references import features_argument
from ..._config.analysis.data_config import DataConfig
from ..._config.analysis.model_config import ModelConfig
from ..._validation import InvalidValue, has_token, is_token
from .captured_columns import CapturedColumns, captured_columns
from .consistency import check_facets_captured


def bias_execution_config(data_config: DataConfig, bias_config: BiasConfig) -> BiasAnalysisConfig:
    """The analysis config of a bias monitor's executions, for captured data merged with the ground truth.

    Raises:
        ValueError: Captured data lack a facet or the group.
    """
    check_facets_captured(data_config, bias_config)
    captured = captured_columns(data_config, with_label=True)
    facets, group = bias_config.facet_name, bias_config.group_name
    captured_bias_config = replace(
        bias_config,
        facet_name=[*map(captured.to_captured, facets)] if isinstance(facets, tuple) else captured.to_captured(facets),
        group_name=captured.to_captured(group),
    )
    return BiasAnalysisConfig(captured_bias_config, captured.headers, captured.to_captured(data_config.label))


def explainability_execution_config(
    data_config: DataConfig,
    methods: Sequence[Any],
    model_config: ModelConfig,
    label_headers: Sequence[str | int] | None,
) -> ExplainabilityAnalysisConfig:
    """The analysis config of an explainability monitor's executions, for captured data.

    Raises:
        ValueError: The model receives none of the columns, or a token hides which header is the label's: with one
            header too many, every attribution would go to the wrong feature.
    """
    _check_label_is_resolved(data_config)
    captured = captured_columns(data_config, with_label=False, methods=methods)
    headers = captured.headers
    if headers is not None and not headers:
        must = "name a feature beside the columns that the model does not get"
        raise InvalidValue("headers", must, data_config.headers, "add the features, or leave 'headers' out")
    captured_methods = [_to_captured_features(method, captured) for method in methods]
    return ExplainabilityAnalysisConfig(
        captured_methods if len(captured_methods) > 1 else captured_methods[0], model_config, headers, label_headers
    )


def _check_label_is_resolved(data_config: DataConfig) -> None:
    label, headers = data_config.label, data_config.headers
    if label is None or headers is None:
        return
    if is_token(headers) or (
        not isinstance(label, int) and label not in headers and (is_token(label) or has_token(headers))
    ):
        argument, value = ("label", label) if is_token(label) else ("headers", headers)
        must = "be known at synthesis, where the label is taken out of the headers"
        remedy = "use the literal, or the very same token in 'label' and in 'headers'"
        raise InvalidValue(argument, must, value, remedy)


def _to_captured_features(method: Any, captured: CapturedColumns) -> Any:
    """Convert the features of an explainability configuration to columns of captured data."""
    argument = features_argument(method)
    features = getattr(method, argument) if argument else None
    if argument is None or features is None or is_token(features):
        return method
    return replace(method, **{argument: [*map(captured.to_captured, features)]})
