"""Why a deployment fails, in words for the one who deploys."""

from collections.abc import Sequence

_MAX_REASON = 980  # CloudFormation's console shows about a thousand characters, the framework adds its own after them


class BaselineError(Exception):
    """The reason of a failed request."""

    def __init__(self, reason: str | Sequence[str], *details: str) -> None:
        """Fit the message into what CloudFormation shows: reasons share the room and are truncated, details are not."""
        tail = " ".join(details)
        reasons = [" ".join(text.split()) for text in ([reason] if isinstance(reason, str) else reason)]
        head = " ".join(_truncate(reasons, max(_MAX_REASON - len(tail) - len(reasons), 100)))
        super().__init__(f"{head} {tail}".strip()[:_MAX_REASON])


class SupersededError(BaselineError):
    """A newer request of CloudFormation for the same resource is in charge."""


def _truncate(texts: Sequence[str], room: int) -> list[str]:
    """Truncate to `room` characters in all: equal shares, and what shorter texts leave over."""
    truncated = list(texts)
    for position, index in enumerate(sorted(range(len(texts)), key=lambda index: len(texts[index]))):
        share = room // (len(texts) - position)
        if len(texts[index]) > share:
            truncated[index] = f"{texts[index][: share - 1]}…"
        room -= len(truncated[index])
    return truncated
