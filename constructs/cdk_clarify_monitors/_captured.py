"""The columns that captured data have: those of the data set, without the ones that the model does not get."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ._checks import has_token, is_token, plain
from ._data_config import JSON, JSON_LINES, DataConfig
from ._explainability_config import PDPConfig, SHAPConfig
from ._json_file import JsonFile, found_by_path, place_by_path


@dataclass(frozen=True)
class CapturedColumns:
    """The columns of a data set, and which of them captured data do not have.

    Attributes:
        given: Names of the data set's columns; None: not known.
        missing: The arguments that say that a column is not captured, by its index, or by its name where that is all
            that is known.
        certain: Whether it is known of each of the columns; False: some will be known at deployment only.
    """

    given: Sequence[str] | None
    missing: Mapping[str | int, str]
    certain: bool

    @property
    def headers(self) -> list[str] | None:
        """Names of the captured columns, as far as they are known."""
        if self.given is None or is_token(self.given):
            return None if self.given is None else list(self.given)
        return [header for i, header in enumerate(self.given) if i not in self.missing]

    def why_missing(self, column: str | int) -> str | None:
        """The argument that says that a column is not captured; None: none does."""
        return None if is_token(column) else self.missing.get(_place(column, self.given))

    def renumbered(self, column: Any) -> Any:
        """A column as captured data count it; a name stays as it is, and so does what cannot be counted."""
        by_name = self.given is None and any(isinstance(place, str) for place in self.missing)
        if not isinstance(column, int) or by_name or is_token(self.given):
            return column
        return column - sum(isinstance(place, int) and place < column for place in self.missing)


def captured_columns(data_config: DataConfig, *, with_label: bool, methods: Sequence[Any] = ()) -> CapturedColumns:
    """The columns of captured data.

    Args:
        data_config: The data set.
        with_label: Whether they are merged with the ground truth, and have the label.
        methods: The explainability configurations, which tell something about the features of JSON.
    """
    headers, label = data_config.headers, data_config.label
    columns: list[tuple[str, Any]] = [("excluded_columns", column) for column in data_config.excluded_columns or ()]
    columns.append(("joinsource", data_config.joinsource))
    in_json = data_config.dataset_type in (JSON, JSON_LINES) and data_config.time_series_data_config is None
    if not in_json:
        if data_config.predicted_label_dataset_uri is None:
            columns.append(("predicted_label", data_config.predicted_label))
        columns.append(("label", label))
    places = [(argument, _place(column, headers)) for argument, column in columns if column is not None]
    missing: dict[str | int, str] = {}
    for argument, place in places:
        if not is_token(place):
            missing.setdefault(place, argument)
    labels = _labels_in_json(data_config, methods, missing) if in_json else {}
    for argument, place in labels.items():
        missing.setdefault(place, argument)
    if with_label and label is not None:
        missing.pop(labels.get("label", _place(label, headers)), None)
    unknown = is_token(headers) or any(
        is_token(place) or (isinstance(place, str) and has_token(headers)) for _, place in places
    )
    return CapturedColumns(headers, missing, certain=not unknown)


def _place(column: Any, headers: Sequence[str] | None) -> Any:
    """The index of a column, or its name if that is all that is known."""
    if isinstance(column, str) and headers is not None and column in headers:
        return headers.index(column)
    return column


def _labels_in_json(data_config: DataConfig, methods: Sequence[Any], missing: Mapping[Any, str]) -> dict[str, int]:
    """Which headers of JSON are the label's and the predicted label's: those of their names, or else the last ones.

    Headers name the features first, then the label, then the predicted label, but neither has to be named. How many
    are named, the file or the rows of a SHAP baseline may tell; otherwise the label is.
    """
    headers, found = data_config.headers, dict[str, int]()
    if headers is None or is_token(headers):
        return found
    label, predicted = data_config.label, data_config.predicted_label
    named = {"predicted_label": place_by_path(predicted, headers), "label": place_by_path(label, headers)}
    if isinstance(data_config._file, JsonFile) and data_config._file.width is not None:
        left = len(headers) - data_config._file.width
    else:
        left = (label is not None) + (named["predicted_label"] is not None)
        others = sum(place in range(len(headers)) for place in missing)
        in_rows = {len(headers) - others - length for length in _lengths_of_rows(methods, data_config.features)}
        most = (label is not None) + (predicted is not None)
        if named["label"] is None and len(in_rows) == 1 and in_rows <= {*range(most + 1)}:
            left = in_rows.pop()
    for argument, expression, before in (("predicted_label", predicted, label is not None), ("label", label, 0)):
        if expression is None or not left:
            continue
        place = named[argument]
        unnamed = [i for i in range(len(headers)) if i not in found.values()]
        if place is None and left > before and len(unnamed) > 1:
            place = None if _is_explained(unnamed[-1], headers, methods) else unnamed[-1]
        if place is not None:
            found[argument] = place
            left -= 1
    return found


def _lengths_of_rows(methods: Sequence[Any], features: str | None) -> set[int]:
    """The numbers of values in the rows of a SHAP baseline, which are lists, or objects with the features in them."""
    lengths = set()
    for method in methods:
        if not isinstance(method, SHAPConfig) or method.text_config is not None or isinstance(method.baseline, str):
            continue
        baseline = plain(method.baseline)
        for row in baseline if isinstance(baseline, list) else [baseline]:
            values = row if isinstance(row, list) else found_by_path(row, features)
            several = values if isinstance(values, list) and values and isinstance(values[0], list) else [values]
            lengths |= {len(each) for each in several if isinstance(each, list) and not is_token(each)}
    return lengths


def _is_explained(place: int, headers: Sequence[str], methods: Sequence[Any]) -> bool:
    """Whether a column is among the features to explain or to plot."""
    features = [feature for method in methods for _, feature in features_of(method)]
    return any(_place(feature, headers) == place for feature in features)


def features_of(method: Any) -> list[tuple[str, str | int]]:
    """The features that an explainability configuration names, each with its place among the arguments."""
    argument = {SHAPConfig: "features_to_explain", PDPConfig: "features"}.get(type(method))
    if argument is None:
        return []
    return [(f"{argument}[{i}]", feature) for i, feature in enumerate(getattr(method, argument) or ())]
