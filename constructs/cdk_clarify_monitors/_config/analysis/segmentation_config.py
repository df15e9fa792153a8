"""SegmentationConfig: segments of a column that Clarify computes metrics for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from ..._validation import InvalidValue, column, is_token, list_of, text, text_or_integer, validated_by
from .document import JsonConfig


@dataclass(frozen=True)
class SegmentationConfig(JsonConfig):
    """Segments of a column; Clarify also computes its metrics for each of them.

    Args:
        name_or_index: The column, by name or zero-based index.
        segments: One list per segment: values of a categorical column, or intervals of a continuous one as strings
            (`["[1, 4]", "(5, 6]"]` is one segment). All other values make up the default segment.
        config_name: A name for these segments. Default: none.
        display_aliases: Names for the segments in the report, one each and optionally one for the default segment.
            Default: Clarify's own.

    Raises:
        ValueError: A value is wrong, or the number of aliases does not fit the segments.
        TypeError: A value is of the wrong type.
    """

    name_or_index: str | int = field(metadata=validated_by(column, "name_or_index"))
    segments: Sequence[Sequence[str | int]] = field(
        metadata=validated_by(list_of(list_of(text_or_integer)), "segments")
    )
    config_name: str | None = field(default=None, metadata=validated_by(text(), "config_name"))
    display_aliases: Sequence[str] | None = field(
        default=None, metadata=validated_by(list_of(text()), "display_aliases")
    )

    def _check_together(self) -> None:
        aliases, count = self.display_aliases, len(self.segments)
        if aliases is not None and not is_token(aliases) and len(aliases) not in (count, count + 1):
            must = f"have {count} items, one per segment, or {count + 1} with the default segment"
            raise InvalidValue("display_aliases", must, aliases)
