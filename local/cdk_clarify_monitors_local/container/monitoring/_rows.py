"""Features, predicted labels and labels of captured records, row by row."""

from __future__ import annotations

import ast
import csv
import functools
import json
from collections.abc import Sequence
from typing import Any, NamedTuple

import jmespath
from jmespath.exceptions import JMESPathError

from cdk_clarify_monitors_local.container._errors import CustomerError
from cdk_clarify_monitors_local.container.monitoring._contract import Contract
from cdk_clarify_monitors_local.container.monitoring._parquet import PARQUET
from cdk_clarify_monitors_local.container.monitoring._records import CSV, Payload, Record

_DEFAULT_THRESHOLD = 0.5
_MISMATCH = "Headers in config do not match with the number of columns in the dataset."

_MAX_SHOWN = 100  # characters of a record in a message


class Rows(NamedTuple):
    """The rows of a record.

    The lists are of one length; without a need for them, `predicted` and `labels` are empty. Values that are typed have
    their types from where they come from: text is none that spells a number.
    """

    features: list[list[Any]]
    predicted: list[Any]
    labels: list[Any]
    is_typed: bool = False


class RowReader:
    """Finds features, predictions and labels in records.

    Args:
        contract: Where they are.
        label: The label's name or JMESPath expression, in the analysis config.
        feature_count: How many features there are; None if the headers do not tell.
        with_prediction: Whether predictions are needed.
    """

    def __init__(
        self, contract: Contract, label: str | int | None, feature_count: int | None, *, with_prediction: bool
    ) -> None:
        self._features = contract.features
        self._inference = contract.inference
        self._probability = contract.probability
        self._threshold = contract.threshold
        self._label = label
        self._count = feature_count
        self._with_prediction = with_prediction

    def rows(self, record: Record) -> Rows:
        """Return the rows of a record.

        Raises:
            CustomerError: They cannot be found.
        """
        features, predicted = self._features_and_predictions(record)
        if self._with_prediction:
            _check_count("predictions", predicted, features)
        labels = [] if record.label is None else self._labels(record.label)
        if record.label is not None:
            _check_count("labels", labels, features)
        return Rows(features, predicted, labels, record.features.encoding == PARQUET)

    def _features_and_predictions(self, record: Record) -> tuple[list[list[Any]], list[Any]]:
        is_joined = self._with_prediction and record.prediction is record.features
        if record.features.encoding in (CSV, PARQUET):
            cells = _cells(record.features)
            if is_joined:
                split = len(cells[0]) - 1 if self._count is None else self._count
                return [row[:split] for row in cells], self._of_csv([row[split:] for row in cells])
            return cells, self._predictions(record.prediction, len(cells))
        documents = _documents(record.features)
        features = [row for document in documents for row in self._json_features(document)]
        if is_joined:
            return features, self._of_json([_output_of(each) for each in documents], documents, len(features))
        return features, self._predictions(record.prediction, len(features))

    def _predictions(self, payload: Payload | None, rows: int) -> list[Any]:
        if payload is None or not self._with_prediction:
            return []
        if payload.encoding == CSV:
            return self._of_csv(_cells(payload))
        answers = _documents(payload)
        return self._of_json(answers, answers, rows)

    # Features

    def _json_features(self, document: Any) -> list[list[Any]]:
        found = document if self._features is None else _search(self._features, document, "FeaturesAttribute")
        if isinstance(found, list) and found:
            if all(isinstance(item, list) for item in found):
                return found
            if not any(isinstance(item, list | dict) for item in found):
                return [found]
        shown = _shown(document)
        if self._features is None:
            raise CustomerError(
                f"Data must contain features. A captured record is no list of them, {shown}: FeaturesAttribute "
                "('features_attribute' of the input, or 'features' of the data) says where in it they are."
            )
        raise CustomerError(
            f"Data must contain features. FeaturesAttribute ({self._features}) locates no list of them in a captured "
            f"record, {shown}."
        )

    # Predictions

    def _of_csv(self, rows: Sequence[Sequence[Any]]) -> list[Any]:
        inference, probability = _index(self._inference), _index(self._probability)
        if inference is None and probability is None:
            return [self._predicted(None, _only(row)) for row in rows]
        return [
            self._predicted(
                None if inference is None else _cell(row, inference, "InferenceAttribute"),
                None if probability is None else _cell(row, probability, "ProbabilityAttribute"),
            )
            for row in rows
        ]

    def _of_json(self, outputs: Sequence[Any], documents: Sequence[Any], rows: int) -> list[Any]:
        """Return the predicted labels in answers to a request of so many rows: one document each, or one for all."""
        predicted: list[Any] = []
        for output, document in zip(outputs, documents, strict=True):
            label, score = (
                None if path is None else _search_both(path, output, document, name)
                for path, name in (
                    (self._inference, "InferenceAttribute"),
                    (self._probability, "ProbabilityAttribute"),
                )
            )
            predicted += self._of_document(label, score, output, is_single=len(outputs) == rows)
        return predicted

    def _of_document(self, label: Any, score: Any, output: Any, *, is_single: bool) -> list[Any]:
        """Return the predicted labels in one document.

        Lists in the answer for a single row are its classes and their scores, else they have an item for each row.
        """
        if label is None and score is None:
            score = output
        if is_single and not _is_nested(label) and not _is_nested(score):
            return [self._predicted(label, score)]
        several = label if label is not None else score
        if not isinstance(several, list):
            return [self._predicted(label, score)]
        labels = label if label is not None else [None] * len(several)
        scores = score if score is not None else [None] * len(several)
        if not isinstance(scores, list) or len(scores) != len(labels):
            raise CustomerError("InferenceAttribute and ProbabilityAttribute locate lists of different lengths.")
        return [self._predicted(one, its) for one, its in zip(labels, scores, strict=True)]

    def _predicted(self, label: Any, score: Any) -> Any:
        """Return the predicted label: the label itself, the one with the highest score, or 1 for a high score."""
        label, score = _list_of(label), _list_of(score)
        if isinstance(score, list):
            if not score:
                raise CustomerError("ProbabilityAttribute locates an empty list.")
            if len(score) == 1 and not isinstance(label, list):
                return self._above(score[0])
            best = max(range(len(score)), key=lambda place: _number(score[place]))
            if isinstance(label, list):
                if len(label) != len(score):
                    raise CustomerError(f"There are {len(label)} predicted labels, but {len(score)} scores.")
                return label[best]
            return best if label is None else label
        if isinstance(label, list):
            if len(label) != 1:
                raise CustomerError(f"InferenceAttribute locates {len(label)} labels: their scores are needed, too.")
            label = label[0]
        if label is not None and (score is None or self._threshold is None):
            return label
        return self._above(score)

    def _above(self, score: Any) -> int:
        threshold = _DEFAULT_THRESHOLD if self._threshold is None else self._threshold
        return 1 if _number(score) > threshold else 0

    # Labels

    def _labels(self, truth: Payload) -> list[Any]:
        if truth.encoding == CSV:
            rows = _cells(truth)
            for row in rows:
                if len(row) != 1:
                    raise CustomerError(f"Ground truth must be the label alone, but a row of it has {len(row)} values.")
            return [row[0] for row in rows]
        labels: list[Any] = []
        for document in _documents(truth):
            if isinstance(document, dict):
                found = _search(str(self._label), document, "label")
                if found is None:
                    raise CustomerError(f"'label' ({self._label}) locates nothing in the ground truth.")
            else:
                found = document
            labels += found if isinstance(found, list) else [found]
        return labels


def check_width(row: Sequence[Any], count: int) -> None:
    """Check the number of features in a row.

    Raises:
        CustomerError: It is another, with Clarify's own words.
    """
    if len(row) != count:
        raise CustomerError(f"{_MISMATCH} There are {count} features, but a captured record has {len(row)}.")


# CSV and Parquet


def _cells(payload: Payload) -> list[list[Any]]:
    text = payload.text
    if payload.encoding == PARQUET:
        return [json.loads(text)]
    if '"' not in text:
        rows = [line.split(",") for line in text.splitlines() if line.strip()]
    else:
        rows = [row for row in csv.reader(text.splitlines()) if row]
    if not rows:
        raise CustomerError("Data must contain features. A captured record is empty.")
    return rows


def _shown(document: Any) -> str:
    text = json.dumps(document, ensure_ascii=False)
    return text if len(text) <= _MAX_SHOWN else f"{text[:_MAX_SHOWN]}…"


def _index(attribute: str | None) -> int | None:
    if attribute is None:
        return None
    if not attribute.strip().isdecimal():
        raise CustomerError(
            f"For CSV and Parquet, attributes of predictions are the index of a column, not {attribute!r}. Captured "
            "data have the content type of the requests: if the model answers JSON Lines, send application/jsonlines."
        )
    return int(attribute)


def _cell(row: Sequence[Any], index: int, name: str) -> Any:
    if index >= len(row):
        raise CustomerError(f"{name} is column {index}, but a prediction has {len(row)}.")
    return row[index]


def _only(row: Sequence[Any]) -> Any:
    if len(row) != 1:
        raise CustomerError(
            f"A prediction has {len(row)} columns: say which has the label (InferenceAttribute) or the score "
            "(ProbabilityAttribute)."
        )
    return row[0]


def _list_of(value: Any) -> Any:
    """Return the list that a cell of CSV spells, as in `"['cat','dog']"`."""
    if not isinstance(value, str) or not value.lstrip().startswith("["):
        return value
    try:
        return list(ast.literal_eval(value.strip()))
    except (ValueError, SyntaxError):
        return value


def _number(value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError) as error:
        raise CustomerError(f"Could not convert string to float. A score is {value!r}.") from error


# JSON


def _documents(payload: Payload) -> list[Any]:
    """Return the JSON documents of a text: one, or one a line."""
    try:
        return [json.loads(payload.text)]
    except ValueError as error:
        lines = [line for line in payload.text.split("\n") if line.strip()]
        if len(lines) > 1:
            try:
                return [json.loads(line) for line in lines]
            except ValueError:
                pass
        raise CustomerError(f"Captured data or ground truth is neither JSON nor JSON Lines: {error}") from error


def _is_nested(value: Any) -> bool:
    return isinstance(value, list) and any(isinstance(item, list) for item in value)


def _output_of(document: Any) -> Any:
    return document.get("SageMakerOutput", document) if isinstance(document, dict) else document


def _search_both(path: str, output: Any, document: Any, name: str) -> Any:
    found = _search(path, output, name)
    if found is None and output is not document:
        found = _search(path, document, name)
    if found is None:
        raise CustomerError(f"{name} ({path}) locates nothing in a prediction.")
    return found


def _search(path: str, document: Any, name: str) -> Any:
    try:
        return _compiled(path).search(document)
    except JMESPathError as error:
        raise CustomerError(f"{name} is not a JMESPath expression: {error}") from error


@functools.cache
def _compiled(path: str) -> Any:
    return jmespath.compile(path)


def _check_count(what: str, values: Sequence[Any], features: Sequence[Any]) -> None:
    if len(values) != len(features):
        raise CustomerError(f"A captured record has {len(features)} rows of features, but {len(values)} {what}.")
