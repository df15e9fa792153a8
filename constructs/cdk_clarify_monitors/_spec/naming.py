"""The names of a monitor's things: unique in account and region, the same at each synthesis, never made of tokens."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from functools import cached_property

MAX_LENGTH = 63  # of the names of jobs and schedules in SageMaker

_PART_LENGTH = 24
_HASH_LENGTH = 8
# To this length the SageMaker Python SDK cuts a base name, so that a suffix fits.
_BASE_LENGTH = 39

# How the names of the jobs start that SageMaker runs for monitoring schedules, of whatever kind. No permission may be
# for a pattern that one of them matches. Those of Clarify not seen but concluded from `model-quality-monitoring-…`.
EXECUTION_PREFIXES = (
    "data-quality-monitoring-",
    "groundtruth-merge-",
    "model-bias-monitoring-",
    "model-explainability-monitoring-",
    "model-quality-monitoring-",
)


@dataclass(frozen=True)
class MonitorNames:
    """The names of one monitor.

    Lower case throughout: some of SageMaker's ARNs are, whatever the name (boto/boto3#4606).

    Args:
        stack_name: The name of the stack, a literal.
        path: The path of the construct in the stack.
        base_job_name: How the user wants the names to start.
    """

    stack_name: str
    path: str
    base_job_name: str | None = None

    @cached_property
    def stack_prefix(self) -> str:
        """How the names of all monitors of this stack start, and those of no other stack, but for upper and lower case.

        Permissions are for this prefix: a stack name that is cut or loses characters here gets a hash of all of it, and
        so does one that SageMaker's own names start with.
        """
        slug = _slug(self.stack_name)
        if slug != self.stack_name.lower() or _starts_as_executions(slug):
            slug = f"{slug[: _PART_LENGTH - _HASH_LENGTH]}{_hash(self.stack_name)}"
        return f"{slug}-"

    @cached_property
    def unique(self) -> str:
        """The monitor's own name."""
        return f"{self.stack_prefix}{_slug(self.path)}-{self._hash}"

    @property
    def schedule(self) -> str:
        """The default name of the schedule."""
        if not self.base_job_name:
            return self.unique
        return f"{self.base_job_name[: MAX_LENGTH - _HASH_LENGTH - 1].rstrip('-')}-{self._hash}"

    @property
    def schedule_pattern(self) -> str:
        """The default names of the schedules: for all monitors of the stack, where it can be. See `job_pattern`."""
        return self.schedule if self.base_job_name else f"{self.stack_prefix}*"

    @property
    def job_prefix(self) -> str:
        """How the names of the baselining jobs start; a hyphen and the fingerprint follow."""
        prefix = (self.base_job_name or self.unique)[:_BASE_LENGTH].rstrip("-")
        if not _starts_as_executions(prefix):
            return prefix
        return f"{prefix[: _BASE_LENGTH - _HASH_LENGTH - 1].rstrip('-')}-{self._hash}"

    @property
    def job_pattern(self) -> str:
        """The names of the baselining jobs: for all monitors of the stack that share one way of naming.

        A permission for the pattern outlives one monitor: its clean-up comes after the permissions were updated.
        """
        return f"{self.job_prefix}-*" if self.base_job_name else f"{self.stack_prefix}*"

    @cached_property
    def _hash(self) -> str:
        return _hash(f"{self.stack_name}/{self.path}")


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:_HASH_LENGTH]


def _starts_as_executions(prefix: str) -> bool:
    """Whether names that start like this, and go on with a hyphen, are those of monitoring executions too."""
    start = f"{prefix.lower()}-"
    return any(each.startswith(start) or start.startswith(each) for each in EXECUTION_PREFIXES)


def _slug(text: str) -> str:
    """A part of a name: letters and digits, so that a hyphen always ends it."""
    return re.sub(r"[^a-z0-9]", "", text.lower())[:_PART_LENGTH] or "x"
