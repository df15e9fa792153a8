"""The analysis configs of monitoring executions, derived from those of the baselining job.

Executions read captured data. The SDK tells them the columns of the baselining job's data set, which may have more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from ._analysis_config import BiasAnalysisConfig, ExplainabilityAnalysisConfig
from ._bias_config import BiasConfig
from ._captured import CapturedColumns, captured_columns
from ._checks import InvalidValue, has_token, is_token
from ._columns import check_captured_facets
from ._data_config import DataConfig
from ._explainability_config import PDPConfig, SHAPConfig
from ._model_config import ModelConfig


def derived_bias_config(data_config: DataConfig, bias_config: BiasConfig) -> BiasAnalysisConfig:
    """What the executions of a bias monitor compute of captured data and the ground truth.

    Raises:
        ValueError: If captured data do not have a facet or a group.
    """
    check_captured_facets(data_config, bias_config)
    captured = captured_columns(data_config, with_label=True)
    facets, group = bias_config.facet_name, bias_config.group_name
    counted = replace(
        bias_config,
        facet_name=[*map(captured.renumbered, facets)] if isinstance(facets, tuple) else captured.renumbered(facets),
        group_name=captured.renumbered(group),
    )
    return BiasAnalysisConfig(counted, captured.headers, captured.renumbered(data_config.label))


def derived_explainability_config(
    data_config: DataConfig,
    methods: Sequence[Any],
    model_config: ModelConfig,
    label_headers: Sequence[str | int] | None,
) -> ExplainabilityAnalysisConfig:
    """What the executions of an explainability monitor compute of captured data.

    Raises:
        ValueError: If no column of the data set is a feature, or which one is the label will be known at deployment
            only: one header too many would give every attribution to the wrong feature.
    """
    _check_that_label_is_known(data_config)
    captured = captured_columns(data_config, with_label=False, methods=methods)
    headers = captured.headers
    if headers is not None and not headers:
        must = "name a feature beside the columns that the model does not get"
        raise InvalidValue("headers", must, data_config.headers, "add the features, or leave 'headers' out")
    counted = [_counted(method, captured) for method in methods]
    return ExplainabilityAnalysisConfig(
        counted if len(counted) > 1 else counted[0], model_config, headers, label_headers
    )


def _check_that_label_is_known(data_config: DataConfig) -> None:
    label, headers = data_config.label, data_config.headers
    if label is None or headers is None:
        return
    if is_token(headers) or (
        not isinstance(label, int) and label not in headers and (is_token(label) or has_token(headers))
    ):
        argument, value = ("label", label) if is_token(label) else ("headers", headers)
        remedy = "use the literal, or the very same token in 'label' and in 'headers'"
        raise InvalidValue(
            argument, "be known at synthesis, where the label is taken out of the headers", value, remedy
        )


def _counted(method: Any, captured: CapturedColumns) -> Any:
    """An explainability configuration with the features as captured data count them."""
    argument = {SHAPConfig: "features_to_explain", PDPConfig: "features"}.get(type(method))
    features = getattr(method, argument) if argument else None
    if argument is None or features is None or is_token(features):
        return method
    return replace(method, **{argument: [*map(captured.renumbered, features)]})
