"""The short names of Clarify's bias metrics: all that the baselining job and each execution compute."""

from typing import Final

# https://docs.aws.amazon.com/sagemaker/latest/dg/clarify-measure-data-bias.html
PRE_TRAINING: Final = ("CI", "DPL", "KL", "JS", "LP", "TVD", "KS", "CDDL")
# https://docs.aws.amazon.com/sagemaker/latest/dg/clarify-measure-post-training-bias.html
POST_TRAINING: Final = ("DPPL", "DI", "DCA", "DCR", "RD", "DAR", "DRR", "AD", "TE", "CDDPL", "FT", "SD", "GE")
# Without a group variable they are null.
OF_GROUPS: Final = ("CDDL", "CDDPL")
