"""What an endpoint is made of, as long as it lives: its configuration and its models may be deleted meanwhile."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cdk_clarify_monitors_local.server._platform import Scope


@dataclass(frozen=True)
class Variant:
    """A production variant.

    Attributes:
        name: Its name.
        weight: Its share of the requests, in relation to the others'.
        model: Its model's name.
        role_arn: The model's role; None if it has none.
    """

    name: str
    weight: float
    model: str
    role_arn: str | None


@dataclass(frozen=True, eq=False)
class Deployment:
    """What an endpoint is made of.

    Attributes:
        scope: Its account and region.
        endpoint: The endpoint's name.
        variants: Its production variants.
        data_capture: Its DataCaptureConfig, None if it captures nothing.
    """

    scope: Scope
    endpoint: str
    variants: Sequence[Variant]
    data_capture: Mapping[str, Any] | None

    @property
    def main_model(self) -> str | None:
        """The name of the model of the variant that gets most requests; None if it has none."""
        return max(self.variants, key=lambda variant: variant.weight).model or None if self.variants else None
