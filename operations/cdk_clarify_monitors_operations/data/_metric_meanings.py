"""What Clarify's bias metrics mean, in words that need no formula.

All of them compare one group, which the facet's values or threshold select, with everybody else: "the rest". Signs are
those of smclarify, AWS's own library, whose numbers are Clarify's; ranges are those of labels with two outcomes.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from cdk_clarify_monitors_operations._records import Record

#: How a bias metric is compared with the baseline, whatever the metric.
BIAS_RULE: Final = "A value violates the constraint if it is farther from 0 than the baseline's, whatever its sign."


@dataclass(frozen=True)
class MetricMeaning(Record):
    """What a bias metric means.

    Attributes:
        name: The short name, such as `DPPL`.
        title: The long name.
        stage: `pre-training` for metrics of the labels, `post-training` for those of predictions.
        meaning: What it measures, in a sentence.
        range: Its range.
        unfair: Which values are unfair, and to whom.
        fair: The value that is fair.
    """

    name: str
    title: str
    stage: str
    meaning: str
    range: str
    unfair: str
    fair: float = 0.0

    @property
    def greatest_distance(self) -> float:
        """The greatest distance from 0 that a value can have."""
        return _GREATEST_DISTANCES.get(self.range, math.inf)


_ONE_EITHER_WAY: Final = "\N{MINUS SIGN}1 to 1"
_UNBOUNDED: Final = "\N{MINUS SIGN}∞ to ∞"
_TO_ONE: Final = "0 to 1"
_TO_LN_2: Final = "0 to 0.69 (ln 2)"
_TO_SQRT_2: Final = "0 to 1.41 (√2)"
# Of the ranges that have an end on either side.
_GREATEST_DISTANCES: Final = {_ONE_EITHER_WAY: 1.0, _TO_ONE: 1.0, _TO_LN_2: math.log(2), _TO_SQRT_2: math.sqrt(2)}

_PRE: Final = (
    MetricMeaning(
        "CI",
        "Class Imbalance",
        "pre-training",
        "How much smaller the group is than the rest, as a share of all rows.",
        _ONE_EITHER_WAY,
        "Above 0 the group has fewer rows than the rest, so that a model learns less about it; below 0 the rest has.",
    ),
    MetricMeaning(
        "DPL",
        "Difference in Proportions of Labels",
        "pre-training",
        "How much less often the group has the positive label than the rest.",
        _ONE_EITHER_WAY,
        "Above 0 the labels are to the group's disadvantage, below 0 to that of the rest.",
    ),
    MetricMeaning(
        "KL",
        "Kullback-Leibler Divergence",
        "pre-training",
        "How far the distribution of the rest's labels diverges from that of the group's, in information lost.",
        "0 to ∞",
        "The larger, the more unlike are the labels; it does not say to whose disadvantage. Clarify leaves out labels "
        "that one side lacks, which can make it negative.",
    ),
    MetricMeaning(
        "JS",
        "Jensen-Shannon Divergence",
        "pre-training",
        "How far the labels' distributions of the group and of the rest diverge from their average.",
        _TO_LN_2,
        "The larger, the more unlike are the labels; it does not say to whose disadvantage.",
    ),
    MetricMeaning(
        "LP",
        "Lp-norm",
        "pre-training",
        "The distance between the proportions of labels in the group and in the rest.",
        _TO_SQRT_2,
        "The larger, the more unlike are the labels; it does not say to whose disadvantage.",
    ),
    MetricMeaning(
        "TVD",
        "Total Variation Distance",
        "pre-training",
        "The share of labels that would have to change for the group to have the same proportions as the rest.",
        _TO_ONE,
        "The larger, the more unlike are the labels; it does not say to whose disadvantage.",
    ),
    MetricMeaning(
        "KS",
        "Kolmogorov-Smirnov",
        "pre-training",
        "The largest difference between the group and the rest in the proportion of any label.",
        _TO_ONE,
        "The larger, the more unlike are the labels; it does not say to whose disadvantage.",
    ),
    MetricMeaning(
        "CDDL",
        "Conditional Demographic Disparity in Labels",
        "pre-training",
        "How much larger the group's share of negative labels is than its share of positive ones, averaged over the "
        "subgroups of the group variable.",
        _ONE_EITHER_WAY,
        "Above 0 the labels are to the group's disadvantage, below 0 to that of the rest.",
    ),
)

_POST: Final = (
    MetricMeaning(
        "DPPL",
        "Difference in Positive Proportions in Predicted Labels",
        "post-training",
        "How much less often the model predicts the positive label for the group than for the rest.",
        _ONE_EITHER_WAY,
        "Above 0 the predictions are to the group's disadvantage, below 0 to that of the rest.",
    ),
    MetricMeaning(
        "DI",
        "Disparate Impact",
        "post-training",
        "How often the model predicts the positive label for the group, divided by how often for the rest.",
        "0 to ∞",
        "1 is fair; below 1 the predictions are to the group's disadvantage, above 1 to that of the rest.",
        fair=1.0,
    ),
    MetricMeaning(
        "DCA",
        "Difference in Conditional Acceptance",
        "post-training",
        "Positive labels per predicted positive label: how much larger this ratio is for the rest than for the group.",
        _UNBOUNDED,
        "Away from 0 the model follows the labels of one side less than those of the other; AWS reads values above 0 "
        "as possible bias against the group, below 0 against the rest.",
    ),
    MetricMeaning(
        "DCR",
        "Difference in Conditional Rejection",
        "post-training",
        "Negative labels per predicted negative label: how much larger this ratio is for the group than for the rest.",
        _UNBOUNDED,
        "Away from 0 the model follows the labels of one side less than those of the other; AWS reads values above 0 "
        "as possible bias against the rest, below 0 against the group.",
    ),
    MetricMeaning(
        "RD",
        "Recall Difference",
        "post-training",
        "How much less often the model finds a positive label in the group than in the rest.",
        _ONE_EITHER_WAY,
        "Above 0 members of the group who deserve the positive label are missed more often, below 0 those of the rest.",
    ),
    MetricMeaning(
        "SD",
        "Specificity Difference",
        "post-training",
        "How much more often the model finds a negative label in the group than in the rest.",
        _ONE_EITHER_WAY,
        "Above 0 the rest is wrongly accepted more often, which AWS counts as bias against the group; below 0 the "
        "group is.",
    ),
    MetricMeaning(
        "DAR",
        "Difference in Acceptance Rates",
        "post-training",
        "How much less often a predicted positive label is right for the group than for the rest.",
        _ONE_EITHER_WAY,
        "Above 0 predicted acceptances of the group are wrong more often, below 0 those of the rest.",
    ),
    MetricMeaning(
        "DRR",
        "Difference in Rejection Rates",
        "post-training",
        "How much more often a predicted negative label is right for the group than for the rest.",
        _ONE_EITHER_WAY,
        "Below 0 predicted rejections of the group are wrong more often, to its disadvantage; above 0 those of the "
        "rest.",
    ),
    MetricMeaning(
        "AD",
        "Accuracy Difference",
        "post-training",
        "How much less often the prediction is right for the group than for the rest.",
        _ONE_EITHER_WAY,
        "Above 0 the model is worse for the group, below 0 for the rest.",
    ),
    MetricMeaning(
        "TE",
        "Treatment Equality",
        "post-training",
        "Wrong rejections per wrong acceptance: how much larger this ratio is for the group than for the rest.",
        _UNBOUNDED,
        "Above 0 errors hurt the group more than they favour it, compared with the rest; below 0 the other way round.",
    ),
    MetricMeaning(
        "CDDPL",
        "Conditional Demographic Disparity in Predicted Labels",
        "post-training",
        "How much larger the group's share of predicted negative labels is than its share of positive ones, averaged "
        "over the subgroups of the group variable.",
        _ONE_EITHER_WAY,
        "Above 0 the predictions are to the group's disadvantage, below 0 to that of the rest.",
    ),
    MetricMeaning(
        "FT",
        "Counterfactual Fliptest",
        "post-training",
        "Of the group, the share whom the model accepts although it rejects their nearest neighbours in the rest, less "
        "the share for whom it is the other way round.",
        _ONE_EITHER_WAY,
        "Below 0 the model is harder on the group than on people like them, above 0 easier. AWS's guide writes the "
        "sign the other way round; Clarify's own library computes this one.",
    ),
    MetricMeaning(
        "GE",
        "Generalized Entropy",
        "post-training",
        "How unequally the model's errors favour and harm people, over all rows: it does not depend on the group.",
        "0 to ∞",
        "The larger, the more unequal; it does not say to whose disadvantage. AWS's guide says that 0.5 is the most; "
        "Clarify's own library computes more where few are favoured and many harmed.",
    ),
)

#: The meaning of each metric, by its short name.
METRICS: Final[Mapping[str, MetricMeaning]] = MappingProxyType({each.name: each for each in (*_PRE, *_POST)})

#: What nDCG measures.
NDCG_MEANING: Final = (
    "nDCG says how well the current ranking of the features agrees with that of the baseline, the important ones "
    "counting most: 1 is the same ranking. Below 0.9 AWS reports a violation."
)
