"""The model: an estimator from a joblib file, asked directly instead of through a shadow endpoint."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import joblib
import numpy as np
import pandas as pd

from cdk_clarify_monitors_local.container._analysis_config import CSV, JSON_TYPES, Predictor
from cdk_clarify_monitors_local.container._errors import CustomerError
from cdk_clarify_monitors_local.container.model._model_answers import AnswerParts

_DEFAULT_THRESHOLD = 0.5


class Model:
    """A model, as the configuration's `predictor` describes it.

    What a real model's endpoint answers is up to its container. Here a classifier's score is the probability of its
    second class, or the probabilities of all classes when there are more than two or as many `label_headers`;
    any other estimator's score is its prediction.
    """

    def __init__(self, estimator: Any, predictor: Predictor) -> None:
        self._estimator = estimator
        self._predictor = predictor
        self._parts: AnswerParts | None = None

    def labels(self, features: pd.DataFrame, observed: pd.Series, threshold: float | None) -> pd.Series:
        """Return the predicted labels, of the same type as the observed ones.

        `label` without `probability_threshold` locates a label in the model's answer; otherwise the highest score's
        header is the label, or a single score is compared with the threshold (exclusive, default 0.5).

        Args:
            features: The model's input.
            observed: The labels in the data set.
            threshold: The configuration's `probability_threshold`.
        """
        headers = self._predictor.label_headers
        parts = self.answer_parts(features)
        if parts.is_label_a_score and parts.probability is None:
            raise CustomerError(
                "Predicted Label Column series data type is not the same as Label Column series. 'predictor.label' "
                f"({self._predictor.label}) locates scores: locate them by 'predictor.probability'."
            )
        answers_label = parts.label is not None and parts.probability is None and threshold is None
        if answers_label or not hasattr(self._estimator, "predict_proba"):
            return self._as_observed(self._ask("predict", features), observed)
        scores = self.scores(features)
        if scores.shape[1] > 1:
            names = np.asarray(headers if headers is not None else self._classes())
            return self._as_observed(names[scores.argmax(axis=1)], observed)
        above = scores[:, 0] > (_DEFAULT_THRESHOLD if threshold is None else threshold)
        positive, negative = _binary_names(headers, observed)
        return self._as_observed(np.where(above, positive, negative), observed)

    def scores(self, features: pd.DataFrame) -> np.ndarray[Any, np.dtype[np.float64]]:
        """Return the scores, one row per record and one column per score."""
        if not hasattr(self._estimator, "predict_proba"):
            return np.asarray(self._ask("predict", features), dtype=float).reshape(len(features), -1)
        headers = self._predictor.label_headers
        all_classes = headers is not None and len(headers) != 1
        probabilities = scores(self._estimator, features, self._predictor.name, all_classes=all_classes)
        if headers is not None and len(headers) != probabilities.shape[1]:
            raise CustomerError(
                f"There are {len(headers)} 'label_headers', but the model '{self._predictor.name}' gives "
                f"{probabilities.shape[1]} scores."
            )
        return probabilities

    def explained_scores(self, features: pd.DataFrame) -> np.ndarray[Any, np.dtype[np.float64]]:
        """Return what SHAP values and partial dependence explain, one row per record: what the predictor locates.

        Raises:
            CustomerError: That is a label, and labels are not numbers.
        """
        parts = self.answer_parts(features)
        part = parts.probability if parts.probability is not None else parts.label
        if part == "label" and self._predictor.accept_type in JSON_TYPES:
            labels = np.asarray(self._ask("predict", features))
            try:
                return labels.astype(float).reshape(len(features), -1)
            except ValueError as error:
                raise CustomerError(
                    f"'predictor.label' ({self._predictor.label}) locates labels that are not numbers ({labels[0]}): "
                    "locate the scores to explain."
                ) from error
        scores = self.scores(features)
        return scores[:, [part]] if isinstance(part, int) else scores

    def answer_parts(self, features: pd.DataFrame) -> AnswerParts:
        """Return what the predictor locates in the model's answers."""
        if self._parts is None:
            # A model without scores answers a prediction alone.
            has_scores = self._predictor.accept_type != CSV and hasattr(self._estimator, "predict_proba")
            count = self.scores(features.head(1)).shape[1] if has_scores else 0
            self._parts = AnswerParts(self._predictor, count)
        return self._parts

    def score_names(self, count: int) -> list[str]:
        """Return a name for each score: the label headers, else `label0` and so on."""
        headers = self._predictor.label_headers
        if headers is None or len(headers) != count:
            return [f"label{index}" for index in range(count)]
        return [str(header) for header in headers]

    def _ask(self, method: str, features: pd.DataFrame) -> Any:
        return ask(self._estimator, method, features, self._predictor.name)

    def _classes(self) -> Sequence[Any]:
        return list(self._estimator.classes_)

    def _as_observed(self, labels: Any, observed: pd.Series) -> pd.Series:
        try:
            return pd.Series(np.asarray(labels), index=observed.index).astype(observed.dtype)
        except (TypeError, ValueError) as error:
            raise CustomerError(
                f"The model '{self._predictor.name}' predicts labels that are not of the data set's type "
                f"({observed.dtype}): {error}"
            ) from error


def ask(estimator: Any, method: str, features: pd.DataFrame, name: str) -> Any:
    """Call a method of an estimator.

    Args:
        estimator: The estimator.
        method: The method's name.
        features: A row for each record.
        name: The model's name, for messages.

    Raises:
        CustomerError: It has no such method, takes another number of features, or fails.
    """
    if not hasattr(estimator, method):
        raise CustomerError(f"The model '{name}' has no method {method}().")
    names = getattr(estimator, "feature_names_in_", None)
    expected = getattr(estimator, "n_features_in_", features.shape[1])
    if expected != features.shape[1]:
        raise CustomerError(
            f"The model '{name}' takes {expected} features, but gets {features.shape[1]}: "
            f"{', '.join(map(str, features.columns))}."
        )
    try:
        if names is None:
            # As a real endpoint gets them: without names, in the data set's order.
            return getattr(estimator, method)(features.to_numpy())
        return getattr(estimator, method)(features.set_axis(list(names), axis=1))
    except Exception as error:
        raise CustomerError(f"The model '{name}' failed: {error}") from error


def scores(
    estimator: Any, features: pd.DataFrame, name: str, *, all_classes: bool = False
) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Return a classifier's scores, one row per record: of its second class, or of all classes if there are more.

    Args:
        estimator: The classifier.
        features: A row for each record.
        name: The model's name, for messages.
        all_classes: Whether also a classifier of two classes gives the score of each.

    Raises:
        CustomerError: As for `ask`.
    """
    probabilities = np.asarray(ask(estimator, "predict_proba", features, name), dtype=float)
    return probabilities[:, 1:] if probabilities.shape[1] == 2 and not all_classes else probabilities


def load(predictor: Predictor, models: Mapping[str, str]) -> Model:
    """Load the model that a configuration names.

    Raises:
        CustomerError: There is none of this name, or its file cannot be loaded.
    """
    path = models.get(predictor.name)
    if path is None:
        known = f"it has {', '.join(sorted(models))}" if models else "it has none"
        raise CustomerError(
            f'Could not find model "{predictor.name}" in the embedded AWS: {known}. '
            f"Give it one with `clarify-local … --model {predictor.name}=FILE`."
        )
    try:
        estimator = joblib.load(path)
    except Exception as error:  # whatever unpickling someone's class may raise
        raise CustomerError(f"The model '{predictor.name}' cannot be loaded from {path}: {error}") from error
    return Model(estimator, predictor)


def _binary_names(headers: Sequence[Any] | None, observed: pd.Series) -> tuple[Any, Any]:
    """Return the labels of a score above and not above the threshold: 1 and 0, or the header and the other label."""
    if not headers:
        return 1, 0
    others = [value for value in observed.dropna().unique() if str(value) != str(headers[0])]
    return headers[0], others[0] if len(others) == 1 else 0
