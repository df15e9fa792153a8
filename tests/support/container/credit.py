"""Loan applicants for the stand-in for the Clarify container: data, models, configurations, and what comes of them."""

from __future__ import annotations

import copy
import os
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sklearn.compose import make_column_transformer
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

APPLICANTS = pd.DataFrame(
    {
        "approved": [1, 0, 1, 1, 0, 0, 1, 0, 1, 0, 1, 0],
        "age": [30, 25, 41, 52, 23, 36, 61, 29, 45, 33, 50, 27],
        "income": [50, 20, 70, 90, 25, 40, 85, 30, 60, 45, 75, 35],
        "gender": ["F", "F", "M", "M", "F", "M", "M", "F", "M", "F", "M", "F"],
    }
)
# Ten times the same: smclarify takes a label for a number if more than a twentieth of its values are different ones.
CREDIT = pd.concat([APPLICANTS] * 10, ignore_index=True)
FEATURES = ["age", "income", "gender"]
NUMBERS = ["age", "income"]

_PREDICTOR = {"model_name": "credit", "instance_type": "ml.m5.large", "initial_instance_count": 1}
_BIAS: dict[str, Any] = {
    "dataset_type": "text/csv",
    "headers": list(CREDIT.columns),
    "label": "approved",
    "label_values_or_threshold": [1],
    "facet": [{"name_or_index": "gender", "value_or_threshold": ["F"]}],
    "methods": {"report": {"name": "report", "title": "Credit"}, "pre_training_bias": {"methods": "all"}},
}


# Models


class WitnessedModel(LinearRegression):
    """A linear model that leaves a file for each call: named after the process, with the number of records in it."""

    def __init__(self, folder: str = "") -> None:
        super().__init__()
        self.folder = folder

    def predict(self, X: Any) -> Any:  # noqa: N803 (scikit-learn's name)
        Path(self.folder, f"{os.getpid()}-{uuid.uuid4()}").write_text(str(len(X)))
        return super().predict(X)


def fitted(estimator: Any) -> Any:
    """Fit an estimator to age and income."""
    return estimator.fit(CREDIT[NUMBERS].to_numpy(), CREDIT["approved"].to_numpy())


def with_encoded_gender(estimator: Any) -> Any:
    """Put before an estimator what makes numbers of the genders."""
    return make_pipeline(make_column_transformer((OneHotEncoder(), [2]), remainder="passthrough"), estimator)


def income_model() -> Any:
    """A model whose probability depends on the income alone and crosses 0.5 at 47.5."""
    model = with_encoded_gender(LogisticRegression())
    model.fit(CREDIT[FEATURES].to_numpy(), CREDIT["approved"].to_numpy())
    regression = model[-1]
    regression.coef_ = np.array([[0.0, 0.0, 0.0, 0.1]])
    regression.intercept_ = np.array([-4.75])
    return model


# Configurations


def bias(**changes: Any) -> dict[str, Any]:
    """Ask for the bias metrics of the data."""
    return {**copy.deepcopy(_BIAS), **changes}


def post_training(**predictor: Any) -> dict[str, Any]:
    """Ask for bias metrics of a model's predictions."""
    return bias(predictor={**_PREDICTOR, **predictor}, methods={"post_training_bias": {"methods": ["DPPL", "AD"]}})


def shap_config(**changes: Any) -> dict[str, Any]:
    """Ask for the SHAP values of age and income."""
    return {
        "dataset_type": "text/csv",
        "headers": ["approved", *NUMBERS],
        "label": "approved",
        "predictor": dict(_PREDICTOR),
        "methods": {"shap": {"baseline": [[35, 50]], "num_samples": 100, "seed": 3, **changes}},
    }


# Results


def metric(analysis: Mapping[str, Any], stage: str, facet: str, name: str) -> Any:
    """Return the value of a metric in analysis.json; the stage is `pre` or `post`."""
    (group,) = analysis[f"{stage}_training_bias_metrics"]["facets"][facet]
    (found,) = [entry["value"] for entry in group["metrics"] if entry["name"] == name]
    return found
