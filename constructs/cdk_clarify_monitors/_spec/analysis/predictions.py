"""Checks of how predictions are read out of the model's output."""

from __future__ import annotations

from collections.abc import Iterator

from ..._config.analysis.data_config import DataConfig
from ..._config.analysis.model_config import ModelConfig, ModelPredictedLabelConfig
from ..._config.dataset_types import JSON, JSON_LINES
from ..._config.files.column_profile import ColumnType
from ..._validation import InvalidType, format_value
from .analysis_spec import Note


def check_places(argument: str, predicted_label_config: ModelPredictedLabelConfig, model_config: ModelConfig) -> None:
    """Refuse an index into the output of a model that answers JSON, where only a JMESPath expression finds something.

    Args:
        argument: The argument that the configuration is of.
        predicted_label_config: Where the predictions are in the output.
        model_config: The model. What it answers is checked only if it says so: the data set's format may be another.

    Raises:
        TypeError: A place is an index.
    """
    form = model_config.accept_type or model_config.content_type
    if form not in (JSON, JSON_LINES):
        return
    for name in ("label", "probability"):
        place = getattr(predicted_label_config, name)
        if isinstance(place, int):
            must = f"be a JMESPath expression (string) for a model that answers '{form}'"
            remedy = "write the name that it has in an answer, such as 'score'"
            raise InvalidType(f"{argument}.{name}", must, place, remedy)


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
