"""Names of what a model predicts, for people: an analysis calls the model's outputs `label0` and so on."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

_OUTPUT: Final = re.compile(r"label(\d+)")


def is_generated(label: str) -> bool:
    """Whether a label is the number of an output, and no label header of the user's own."""
    return _OUTPUT.fullmatch(label) is not None


@dataclass(frozen=True)
class PredictionNames:
    """The names of a model's outputs.

    Attributes:
        header: The header of the label that the model predicts; None if it is not known.
        outputs: How many outputs the analyses have.
    """

    header: str | None = None
    outputs: int = 1

    @classmethod
    def of(cls, analysis_config: Mapping[str, Any], outputs: int = 1) -> PredictionNames:
        """Return the names that an analysis config gives: that of a baselining job, which is told the label."""
        headers, label = analysis_config.get("headers") or [], analysis_config.get("label")
        if isinstance(label, int):
            label = headers[label] if 0 <= label < len(headers) else None
        return cls(None if label is None else str(label), outputs)

    def name(self, label: str) -> str:
        """Return the name of an output, such as `approved`; without a header the label itself."""
        output = _OUTPUT.fullmatch(label)
        if output is None or self.header is None:
            return label
        return self.header if self.outputs == 1 else f"{self.header}, output {output[1]} ({label})"

    def phrase(self, label: str) -> str:
        """Return what the output is in a sentence, such as `the prediction of approved`."""
        output = _OUTPUT.fullmatch(label)
        if output is None or self.header is not None:
            return f"the prediction of {self.name(label)}"
        return "the prediction" if self.outputs == 1 else f"the prediction, output {output[1]} ({label})"
