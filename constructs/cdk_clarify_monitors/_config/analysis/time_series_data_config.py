"""TimeSeriesDataConfig: where a JSON data set holds its time series."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum

from ..._validation import InvalidType, InvalidValue, column, instance_of, list_of, validated_by
from .document import JsonConfig


class TimeSeriesJSONDatasetFormat(Enum):
    """How a JSON file holds time series.

    `COLUMNS`: an object with one array per field. `ITEM_RECORDS`: one record per item, with its time series inside.
    `TIMESTAMP_RECORDS`: one record per item and point in time.
    """

    COLUMNS = "columns"
    ITEM_RECORDS = "item_records"
    TIMESTAMP_RECORDS = "timestamp_records"


@dataclass(frozen=True)
class TimeSeriesDataConfig(JsonConfig):
    """Where a JSON data set holds its time series.

    All locations have the same form: JMESPath expressions (strings) or indices (integers).

    Args:
        target_time_series: The series that is forecast.
        item_id: The items' ids.
        timestamp: The points in time.
        related_time_series: Other series that the forecast uses. Default: none.
        static_covariates: Features of the items that do not change over time. Default: none.
        dataset_format: How the file holds the series. Required with JMESPath expressions, not allowed with indices.

    Raises:
        ValueError: A value is missing or wrong.
        TypeError: A value is of the wrong type, or of another type than `target_time_series`.
    """

    target_time_series: str | int = field(metadata=validated_by(column, "target_time_series"))
    item_id: str | int = field(metadata=validated_by(column, "item_id"))
    timestamp: str | int = field(metadata=validated_by(column, "timestamp"))
    related_time_series: Sequence[str] | Sequence[int] | None = field(
        default=None, metadata=validated_by(list_of(column, may_be_empty=True), "related_time_series")
    )
    static_covariates: Sequence[str] | Sequence[int] | None = field(
        default=None, metadata=validated_by(list_of(column, may_be_empty=True), "static_covariates")
    )
    dataset_format: TimeSeriesJSONDatasetFormat | None = field(
        default=None,
        metadata=validated_by(
            instance_of(TimeSeriesJSONDatasetFormat), "dataset_format", TimeSeriesJSONDatasetFormat, any_case=True
        ),
    )

    def _check_together(self) -> None:
        by_path = isinstance(self.target_time_series, str)
        kind = "a JMESPath expression (string)" if by_path else "an index (integer)"
        for name in ("target_time_series", "item_id", "timestamp"):
            value = getattr(self, name)
            if isinstance(value, str) is not by_path:
                raise InvalidType(name, f"be {kind} as 'target_time_series' is", value)
            if value == 0:
                # The SDK takes 0 for "not given", so nobody can have used it.
                raise InvalidValue(name, "be a JMESPath expression or an index above 0", value)
        for name in ("related_time_series", "static_covariates"):
            values = getattr(self, name)
            self._set(name, values or None)  # an empty list says the same as none, as in the SDK
            for i, value in enumerate(values or ()):
                if isinstance(value, str) is not by_path:
                    raise InvalidType(f"{name}[{i}]", f"be {kind} as 'target_time_series' is", value)
        if by_path and self.dataset_format is None:
            raise InvalidType(
                "dataset_format", "be given with JMESPath expressions", None, "say how the JSON is laid out"
            )
        if not by_path and self.dataset_format is not None:
            raise InvalidValue("dataset_format", "be None with indices", self.dataset_format, "leave it out")
