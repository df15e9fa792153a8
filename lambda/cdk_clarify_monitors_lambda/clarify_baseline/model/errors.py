"""Why a deployment fails, in words for the one who deploys."""

from collections.abc import Sequence

_MAX_REASON = 980  # CloudFormation's console shows about a thousand characters, the framework adds its own after them


class BaselineError(Exception):
    """Why the deployment fails, in words for the one who deploys."""

    def __init__(self, reason: str | Sequence[str], *details: str) -> None:
        """Keep within what CloudFormation shows: the reasons are cut, the details are not.

        Args:
            reason: What went wrong; often a service's own words. Of several reasons none pushes out another.
            details: Sentences that always follow.
        """
        tail = " ".join(details)
        reasons = [" ".join(each.split()) for each in ([reason] if isinstance(reason, str) else reason)]
        head = " ".join(_cut(reasons, max(_MAX_REASON - len(tail) - len(reasons), 100)))
        super().__init__(f"{head} {tail}".strip()[:_MAX_REASON])


class SupersededError(BaselineError):
    """Another request of CloudFormation for the same resource has taken over."""


def _cut(texts: Sequence[str], room: int) -> list[str]:
    """The texts, cut to so many characters in all: each has an equal share, and what the shorter ones leave over."""
    cut = list(texts)
    for position, index in enumerate(sorted(range(len(texts)), key=lambda each: len(texts[each]))):
        share = room // (len(texts) - position)
        if len(texts[index]) > share:
            cut[index] = f"{texts[index][: share - 1]}…"
        room -= len(cut[index])
    return cut
