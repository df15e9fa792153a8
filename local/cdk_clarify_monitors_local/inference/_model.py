"""The model behind an endpoint or a batch transform."""

from __future__ import annotations

from typing import Any

import joblib
import numpy as np
import pandas as pd

from cdk_clarify_monitors_local.container._errors import CustomerError
from cdk_clarify_monitors_local.container.model._model import ask, scores
from cdk_clarify_monitors_local.inference import _payloads
from cdk_clarify_monitors_local.inference._errors import InferenceError
from cdk_clarify_monitors_local.inference._payloads import Prediction


class InferenceModel:
    """An estimator that answers requests.

    Args:
        path: Its joblib file.
        name: The model's name, for messages.

    Raises:
        InferenceError: The file cannot be loaded.
    """

    def __init__(self, path: str, name: str) -> None:
        self._name = name
        try:
            self._estimator = joblib.load(path)
        except Exception as error:  # whatever unpickling someone's class may raise
            raise InferenceError(500, f"The model '{name}' cannot be loaded from {path}: {error}") from error

    def answer(self, content_type: str, accept: str, body: bytes) -> tuple[str, bytes]:
        """Return the content type and the body of the answer to a request.

        Raises:
            InferenceError: The request cannot be read, or the model fails.
        """
        form = _payloads.response_type(content_type, accept)
        features = self._in_order(_payloads.read(content_type, body))
        try:
            return _payloads.write(form, self._predictions(features, form))
        except CustomerError as error:
            reason = str(error)
            if _payloads.has_header_row(content_type, body):
                reason = f"{reason.removesuffix('.')}. A request has no header row."
            raise InferenceError(400, reason) from error

    def _in_order(self, features: pd.DataFrame) -> pd.DataFrame:
        """Put features that came by their names into the model's order."""
        names = getattr(self._estimator, "feature_names_in_", None)
        if names is None or not all(isinstance(column, str) for column in features.columns):
            return features
        missing = [str(name) for name in names if name not in features.columns]
        if missing:
            raise InferenceError(400, f"The request lacks the features {', '.join(missing)}.")
        return features[list(names)]

    def _predictions(self, features: pd.DataFrame, form: str) -> list[Prediction]:
        scored = hasattr(self._estimator, "predict_proba")
        rows: Any = scores(self._estimator, features, self._name).tolist() if scored else [[]] * len(features)
        # CSV shows scores alone, where there are some.
        labels = [None] * len(features) if scored and form == _payloads.CSV else self._labels(features)
        return [Prediction(label, row) for label, row in zip(labels, rows, strict=True)]

    def _labels(self, features: pd.DataFrame) -> list[Any]:
        labels: list[Any] = np.asarray(ask(self._estimator, "predict", features, self._name)).tolist()
        return labels
