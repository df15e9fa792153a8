"""Checks of how predictions are read out of the model's output."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..._config.analysis.bias_config import BiasConfig
from ..._config.analysis.data_config import DataConfig
from ..._config.analysis.model_config import ModelConfig, ModelPredictedLabelConfig
from ..._config.analysis.values import plain
from ..._config.dataset_types import CSV, JSON, JSON_LINES
from ..._config.files.column_profile import ColumnType
from ..._validation import InvalidType, format_value, has_token, is_token
from .analysis_spec import Note


def check_places(
    argument: str, predicted_label_config: ModelPredictedLabelConfig, model_config: ModelConfig, dataset_type: str
) -> Iterator[Note]:
    """Refuse an index into answers in JSON, and a name in answers in CSV, whose columns have indices only.

    Args:
        argument: The argument that the configuration is of.
        predicted_label_config: Where the predictions are in the output.
        model_config: The model.
        dataset_type: The format of the data set, which the model's answers have, too, if it does not say otherwise.

    Returns:
        Notes on names where only the data set is known to be CSV, as the model may answer otherwise, and on indices
        that are text, of which AWS does not say how Clarify takes them.

    Raises:
        TypeError: A place is an index for JSON, or a name for CSV.
    """
    form = model_config.accept_type or model_config.content_type
    notes = []
    for name in ("label", "probability"):
        place = getattr(predicted_label_config, name)
        if isinstance(place, int) and form in (JSON, JSON_LINES):
            must = f"be a JMESPath expression (string) for a model that answers '{form}'"
            remedy = "write the name that it has in an answer, such as 'score'"
            raise InvalidType(f"{argument}.{name}", must, place, remedy)
        if not isinstance(place, str) or is_token(place) or (form or dataset_type) != CSV:
            continue
        if place.isdecimal():
            message = f"'{argument}.{name}' {place!r} is text, and columns of CSV have an index: write {int(place)}"
            notes.append(Note("prediction-place", message))
        elif form == CSV:
            must = "be a zero-based index (integer) for a model that answers 'text/csv', where columns have no names"
            raise InvalidType(f"{argument}.{name}", must, place, "write 0 for the first column of an answer")
        else:
            message = (
                f"'{argument}.{name}' {place!r} finds nothing in answers in CSV, the format of the data set: columns "
                "have no names there; write its index, or say what the model answers by 'accept_type' of 'model_config'"
            )
            notes.append(Note("prediction-place", message))
    return iter(notes)


def unlocated_predictions(
    predicted_label_config: ModelPredictedLabelConfig | None, model_config: ModelConfig, data_config: DataConfig
) -> Iterator[Note]:
    """A note on a model that answers JSON, where nothing says where the prediction is in an answer.

    No error: an answer may be a mere number, which is JSON, too.
    """
    form = model_config.accept_type or model_config.content_type or data_config.dataset_type
    config = predicted_label_config
    if form in (JSON, JSON_LINES) and (config is None or (config.label is None and config.probability is None)):
        message = (
            f"nothing says where the prediction is in an answer of the model, which is '{form}': give its JMESPath "
            "expression as 'label' or 'probability' of 'model_predicted_label_config', unless an answer is a number"
        )
        yield Note("prediction-place", message)


def threshold_beside_text(predicted_label_config: ModelPredictedLabelConfig, data_config: DataConfig) -> Iterator[Note]:
    """A note on a threshold, which makes 1 and 0 of a score, where a local data file has labels of text.

    No error: AWS does not say which label a score stands for then.
    """
    threshold, file, label = predicted_label_config.probability_threshold, data_config._file, data_config.label
    reads_label = predicted_label_config.label is not None or predicted_label_config.label_headers is not None
    if file is None or label is None or reads_label or threshold is None:
        return
    profile = file.profile_columns([label]).get(label)
    if profile is None or profile.type is not ColumnType.OBJECTS or profile.are_integers or profile.counts is None:
        return
    message = (
        f"'probability_threshold' {threshold} makes the labels 1 and 0 of a score, but column {label!r} has "
        f"{format_value(list(profile.counts))}, so no prediction is one of them: for a model that answers with labels, "
        "say where by 'label' of 'model_predicted_label_config'; for scores, write 1 and 0 into the data"
    )
    yield Note("predicted-labels", message)


def labels_that_no_score_becomes(
    predicted_label_config: ModelPredictedLabelConfig | None, bias_config: BiasConfig
) -> Iterator[Note]:
    """A note on positive labels that tell no predictions apart, where predictions are the 1 and 0 of a threshold.

    That is what a regression gets that does not say where its number is, and what the executions make of the scores of
    classes: an input has no attribute for 'label_headers'. No error: AWS does not say what an answer is taken for.
    """
    config = predicted_label_config
    if config is not None and config.label is not None:
        return
    headers = config.label_headers if config is not None else None
    values: Any = plain(bias_config.label_values_or_threshold)
    if is_token(values) or has_token(values) or is_token(headers) or any(value in (0, 1) for value in values):
        return
    is_text = any(isinstance(value, str) for value in values)
    if (is_text and headers is None) or (not is_text and len(values) == 1 and 0 < values[0] < 1):
        return  # the model may answer with labels; or a threshold between 0 and 1
    told = "" if headers is None else ", and they are not told the 'label_headers'"
    message = (
        f"'label_values_or_threshold' {format_value(list(values))} does not tell the predictions of executions apart: "
        f"they take an answer for a score, of which a threshold makes 1 and 0{told}; let the model answer with the "
        "label, or with the number of a regression, and say where by 'label' of 'model_predicted_label_config', which "
        "is 0 in CSV"
    )
    yield Note("predicted-labels", message)
