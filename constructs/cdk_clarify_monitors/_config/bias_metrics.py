"""Clarify's bias metrics: all that the baselining job and each execution compute, and the values that they can have."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Final

# https://docs.aws.amazon.com/sagemaker/latest/dg/clarify-measure-data-bias.html
PRE_TRAINING: Final = ("CI", "DPL", "KL", "JS", "LP", "TVD", "KS", "CDDL")
# https://docs.aws.amazon.com/sagemaker/latest/dg/clarify-measure-post-training-bias.html
POST_TRAINING: Final = ("DPPL", "DI", "DCA", "DCR", "RD", "DAR", "DRR", "AD", "TE", "CDDPL", "FT", "SD", "GE")
# Without a group variable they are null.
OF_GROUPS: Final = ("CDDL", "CDDPL")

# The value where groups fare alike, if it is not 0.
FAIR_VALUES: Final[Mapping[str, float]] = {"DI": 1}

_OTHER_RANGES: Final[Mapping[str, tuple[float, float]]] = {
    "KL": (0, math.inf),
    "JS": (0, math.log(2)),
    "LP": (0, math.sqrt(2)),
    "TVD": (0, 1),
    "KS": (0, 1),
    "DI": (0, math.inf),
    "DCA": (-math.inf, math.inf),
    "DCR": (-math.inf, math.inf),
    "TE": (-math.inf, math.inf),
    # AWS's guide says 0.5, and smclarify computes more where few are favoured and many harmed.
    "GE": (0, math.inf),
}
# The least and the greatest value of each metric, as smclarify computes it.
RANGES: Final[Mapping[str, tuple[float, float]]] = {
    name: _OTHER_RANGES.get(name, (-1, 1)) for name in (*PRE_TRAINING, *POST_TRAINING)
}


# A limit farther from 0 than this, of a metric whose values are not, is meant in percent. A smaller one may be meant
# for no limit at all.
_GREATEST_FRACTION: Final = 2
# Nobody means a group that fares ten times as well as the rest: 80 is meant for 0.8.
LEAST_PERCENTAGE_OF_DI: Final = 10


def greatest_distance(metric: str) -> float:
    """The greatest distance from 0 that a metric can have; infinite for one that is not known."""
    return max(map(abs, RANGES.get(metric, (math.inf,))))


def describe_range(metric: str) -> str:
    """The values that a metric can have, in words."""
    least, most = (f"{bound:.4g}".replace("inf", "infinity") for bound in RANGES[metric])
    return f"values of {metric} are {least} to {most}"


def is_percentage(limit: float) -> bool:
    """Whether a limit of a metric whose values are a share was meant in percent."""
    return abs(limit) > _GREATEST_FRACTION


def as_fraction(limit: float) -> str:
    """How to write a limit that was meant in percent."""
    return f"write {limit / 100:g} for {limit:g} %"
