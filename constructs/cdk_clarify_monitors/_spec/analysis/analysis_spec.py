"""AnalysisSpec: the resolved analysis of a monitor."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple


class Note(NamedTuple):
    """What is to be said about a monitor at synthesis.

    Attributes:
        id: The id, to acknowledge it.
        message: What is said.
        is_warning: Whether it is a warning; False: an information.
    """

    id: str
    message: str
    is_warning: bool = True


@dataclass(frozen=True)
class AnalysisSpec:
    """The resolved analysis of a monitor.

    Attributes:
        baselining: The analysis config of the baselining job; None: there is no baselining job.
        monitoring: The analysis config of the executions; None: it is in S3 at `monitoring_uri`.
        monitoring_uri: The S3 URI of the executions' analysis config, if the user gave one; else None.
        attributes: Where the baselining job finds features and predictions, by argument of `EndpointInput`: the default
            of arguments that the endpoint or batch transform input leaves open.
        predictors: The models and endpoints that the jobs invoke, by their keys in an analysis config; empty: none, or
            one that only an analysis config in S3 names.
        constraints_overrides: The user's limits in place of suggested constraints, as in `Custom::ClarifyBaseline`.
        notes: What is to be said about the analysis at synthesis.
    """

    baselining: Mapping[str, Any] | None
    monitoring: Mapping[str, Any] | None
    monitoring_uri: str | None
    attributes: Mapping[str, str | float]
    predictors: Sequence[Mapping[str, Any]]
    constraints_overrides: Sequence[Mapping[str, Any]] = ()
    notes: Sequence[Note] = ()


def dataset_uris(config: Mapping[str, Any] | None) -> Iterator[str]:
    """Yield the S3 URIs of the data sets that an analysis config refers to."""
    config = config or {}
    methods = config.get("methods", {})
    yield from (
        uri
        for uri in (
            config.get("facet_dataset_uri"),
            config.get("predicted_label_dataset_uri"),
            methods.get("shap", {}).get("baseline"),
            methods.get("asymmetric_shapley_value", {}).get("baseline"),
        )
        if isinstance(uri, str)
    )
