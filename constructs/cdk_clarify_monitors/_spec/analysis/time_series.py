"""Checks that data set, model and method of explanation agree about time series."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..._config.analysis.data_config import DataConfig
from ..._config.analysis.explainability_config import AsymmetricShapleyValueConfig
from ..._config.analysis.model_config import ModelConfig
from ..._validation import InvalidValue, is_token


def check_time_series(data_config: DataConfig, model_config: ModelConfig, methods: Sequence[Any]) -> None:
    """Require time series in data set, model and method, or in none of them.

    Raises:
        ValueError: Only some of them are about time series, or the baseline does not fit the static covariates.
    """
    asymmetric = next((method for method in methods if isinstance(method, AsymmetricShapleyValueConfig)), None)
    configs = {
        "data_config": ("time_series_data_config", data_config.time_series_data_config),
        "model_config": ("time_series_model_config", model_config.time_series_model_config),
    }
    for name, (member, value) in configs.items():
        if asymmetric is not None and value is None:
            raise InvalidValue(name, f"have a '{member}' with an AsymmetricShapleyValueConfig", None)
        if asymmetric is None and value is not None:
            remedy = "explain time series with an AsymmetricShapleyValueConfig"
            raise InvalidValue(name, f"have no '{member}' with SHAP or PDP", value, remedy)
    time_series = data_config.time_series_data_config
    if asymmetric is not None and time_series is not None and isinstance(asymmetric.baseline, Mapping):
        _check_covariates(asymmetric.baseline.get("static_covariates"), time_series.static_covariates)


def _check_covariates(values_by_item: Mapping[str, Any] | None, covariates: Sequence[str | int] | None) -> None:
    """Require one baseline value for each static covariate of each item."""
    argument = "baseline['static_covariates']"
    if values_by_item is None or is_token(covariates):
        return
    if covariates is None:
        must = "be left out: 'time_series_data_config' has no 'static_covariates'"
        raise InvalidValue(argument, must, values_by_item)
    for item_id, values in values_by_item.items():
        if len(values) != len(covariates) and not is_token(values):
            must = f"have one value for each of the static covariates {list(covariates)}"
            raise InvalidValue(f"{argument}[{item_id!r}]", must, values)
