"""Answers of a model's container: what the predictor's `label` and `probability` locate in them.

A real container answers in a form of its own. The stand-in's answer is `{"predicted_label": …, "score": …}` for each
record, in each line (JSON Lines) or in the list `predictions` (JSON), and the scores alone as CSV.
"""

from __future__ import annotations

from typing import Any, Literal

import jmespath
from jmespath.exceptions import JMESPathError

from cdk_clarify_monitors_local.container._analysis_config import JSON, JSON_TYPES, Locator, Predictor
from cdk_clarify_monitors_local.container._errors import CustomerError

#: A part of an answer: the predicted label, all scores, or the score of this index.
Part = Literal["label", "scores"] | int

_SHAPES = {
    JSON: '{"predictions":[{"predicted_label":…,"score":…},…]}',
    "application/jsonlines": '{"predicted_label":…,"score":…} in each line',
}


class AnswerParts:
    """What a predictor locates in the answers of its model.

    Args:
        predictor: The predictor.
        score_count: How many scores the model gives for a record; 0: it gives predictions only.

    Attributes:
        label: What `label` locates; None: it is not configured.
        probability: What `probability` locates; None: it is not configured.
        warnings: What the stand-in had to guess.

    Raises:
        CustomerError: A location is no JMESPath expression.
    """

    def __init__(self, predictor: Predictor, score_count: int) -> None:
        self._form = predictor.accept_type
        self._score_count = score_count
        self.warnings: list[str] = []
        self.label = self._part("label", predictor.label, "label")
        self.probability = self._part("probability", predictor.probability, "scores")
        if self._form in JSON_TYPES and self.label is None and self.probability is None:
            self.warnings.append(
                "The predictor has neither 'label' nor 'probability', which say where the prediction is in an answer "
                f"of type {self._form}: the score is taken, or the prediction of a model without scores."
            )

    @property
    def is_label_a_score(self) -> bool:
        """Whether `label` locates scores."""
        return self.label not in (None, "label")

    def _part(self, parameter: str, locator: Locator | None, expected: Part) -> Part | None:
        if locator is None:
            return None
        if self._form not in JSON_TYPES:
            return expected  # how the columns of CSV follow each other is up to the container
        scores = [f"score {index}" for index in range(self._score_count)]
        document: dict[str, Any] = {"predicted_label": "label"}
        if scores:
            document["score"] = scores if len(scores) > 1 else scores[0]
        try:
            found = jmespath.search(str(locator), {"predictions": [document]} if self._form == JSON else document)
        except JMESPathError as error:
            raise CustomerError(f"'predictor.{parameter}' is not a JMESPath expression: {error}") from error
        part = self._named(found, scores)
        if part is None:
            taken = "score" if expected == "scores" else "prediction"
            self.warnings.append(
                f"'predictor.{parameter}' ({locator}) locates nothing in the stand-in's answers, "
                f"{_SHAPES[self._form]}; its {taken} is taken. Only AWS shows whether your container's answers have it."
            )
        return expected if part is None else part

    def _named(self, found: Any, scores: list[str]) -> Part | None:
        while isinstance(found, list) and len(found) == 1:
            found = found[0]
        if found == "label":
            return "label"
        if scores and found in (scores, scores[0] if len(scores) == 1 else scores):
            return "scores"
        return scores.index(found) if found in scores else None
