"""Reads `analysis_config.json` and refuses what is wrong or not supported."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cdk_clarify_monitors_local.container._errors import CustomerError, unsupported

#: A column's name or index, or a JMESPath expression that locates it.
Locator = str | int

DATASET_TYPES = ("text/csv", "application/jsonlines", "application/json", "application/x-parquet")

_METHODS = ("pre_training_bias", "post_training_bias", "shap", "pdp", "report")
_AGGREGATIONS = ("mean_abs", "median", "mean_sq")

_KNOWN = {
    "": (
        "version", "dataset_type", "dataset_uri", "headers", "label", "predicted_label", "features",
        "label_values_or_threshold", "probability_threshold", "facet", "facet_dataset_uri", "facet_headers",
        "predicted_label_dataset_uri", "predicted_label_headers", "excluded_columns", "joinsource_name_or_index",
        "group_variable", "methods", "predictor",
    ),
    "methods": _METHODS,
    "methods.pre_training_bias": ("methods",),
    "methods.post_training_bias": ("methods",),
    "methods.report": ("name", "title"),
    "methods.shap": (
        "baseline", "num_clusters", "use_logit", "num_samples", "agg_method", "save_local_shap_values", "seed",
    ),
    "methods.pdp": ("grid_resolution", "features", "top_k_features"),
    "predictor": (
        "model_name", "endpoint_name", "endpoint_name_prefix", "instance_type", "initial_instance_count",
        "content_type", "accept_type", "content_template", "record_template", "custom_attributes",
        "accelerator_type", "label", "probability", "label_headers",
    ),
}  # fmt: skip

#: What Clarify knows and this stand-in does not.
_UNSUPPORTED = {
    "": ("segment_config", "time_series_data_config"),
    "methods": ("asymmetric_shapley_value",),
    "methods.shap": ("text_config", "image_config", "features_to_explain"),
    "predictor": ("target_model", "time_series_predictor_config"),
}

#: What only shapes the wire to and from the shadow endpoint, which is not there.
WIRE_FORMAT = (
    "content_type", "accept_type", "content_template", "record_template", "custom_attributes", "accelerator_type",
)  # fmt: skip


@dataclass(frozen=True)
class Facet:
    """A sensitive attribute and the values that make up the group in question."""

    locator: Locator
    values: Sequence[Any] | None


@dataclass(frozen=True)
class Predictor:
    """The model, and where in its answer the label and the score lie."""

    name: str
    label: Locator | None
    probability: Locator | None
    label_headers: Sequence[Any] | None
    wire_format: Sequence[str]


@dataclass(frozen=True)
class Shap:
    """How to compute SHAP values."""

    baseline: Any
    num_clusters: int | None
    use_logit: bool
    num_samples: int | None
    agg_method: str
    save_local_values: bool
    seed: int | None


@dataclass(frozen=True)
class PartialDependence:
    """How to compute partial dependence plots."""

    features: Sequence[Locator] | None
    grid_resolution: int
    top_k_features: int


@dataclass(frozen=True)
class AnalysisConfig:
    """The whole configuration."""

    dataset_type: str
    dataset_uri: str | None
    headers: Sequence[str] | None
    features: str | None
    label: Locator | None
    label_values: Sequence[Any] | None
    predicted_label: Locator | None
    predicted_label_dataset_uri: str | None
    predicted_label_headers: Sequence[str] | None
    probability_threshold: float | None
    facets: Sequence[Facet]
    facet_dataset_uri: str | None
    facet_headers: Sequence[str] | None
    excluded_columns: Sequence[Locator]
    join_source: Locator | None
    group_variable: Locator | None
    predictor: Predictor | None
    pre_training_metrics: Sequence[str] | None
    post_training_metrics: Sequence[str] | None
    shap: Shap | None
    partial_dependence: PartialDependence | None
    title: str


def parse(document: Any) -> AnalysisConfig:
    """Turn the file's content into a configuration.

    Raises:
        CustomerError: It is not a valid configuration, or one that is not supported.
    """
    if not isinstance(document, Mapping):
        raise CustomerError("analysis_config.json must be a JSON object.")
    _check_keys(document)
    methods = document.get("methods")
    if not methods:
        raise CustomerError("'methods' in analysis_config.json must name at least one analysis.")
    dataset_type = str(document.get("dataset_type", "")).lower()
    if dataset_type == "application/x-image":
        raise unsupported("images")
    if dataset_type not in DATASET_TYPES:
        raise CustomerError(
            f"'dataset_type' must be one of {', '.join(DATASET_TYPES)}, got {document.get('dataset_type')!r}."
        )
    config = AnalysisConfig(
        dataset_type=dataset_type,
        dataset_uri=document.get("dataset_uri"),
        headers=document.get("headers"),
        features=document.get("features"),
        label=document.get("label"),
        label_values=document.get("label_values_or_threshold"),
        predicted_label=document.get("predicted_label"),
        predicted_label_dataset_uri=document.get("predicted_label_dataset_uri"),
        predicted_label_headers=document.get("predicted_label_headers"),
        probability_threshold=document.get("probability_threshold"),
        facets=[Facet(facet["name_or_index"], facet.get("value_or_threshold")) for facet in document.get("facet", ())],
        facet_dataset_uri=document.get("facet_dataset_uri"),
        facet_headers=document.get("facet_headers"),
        excluded_columns=document.get("excluded_columns", ()),
        join_source=document.get("joinsource_name_or_index"),
        group_variable=document.get("group_variable"),
        predictor=_predictor(document.get("predictor")),
        pre_training_metrics=_metrics(methods.get("pre_training_bias")),
        post_training_metrics=_metrics(methods.get("post_training_bias")),
        shap=_shap(methods.get("shap")),
        partial_dependence=_partial_dependence(methods.get("pdp"), methods.get("shap")),
        title=(methods.get("report") or {}).get("title", "Analysis Report"),
    )
    _check_bias(config)
    if (config.shap or config.partial_dependence) and config.predictor is None:
        raise CustomerError("SHAP values and partial dependence plots need a 'predictor'.")
    return config


def _check_keys(document: Mapping[str, Any]) -> None:
    for path, known in _KNOWN.items():
        part: Any = document
        for key in path.split(".") if path else ():
            part = part.get(key) if isinstance(part, Mapping) else None
        if part is None:
            continue
        if not isinstance(part, Mapping):
            raise CustomerError(f"'{path}' in analysis_config.json must be an object, got {part!r}.")
        for key in part:
            name = f"{path}.{key}" if path else key
            if key in _UNSUPPORTED.get(path, ()):
                raise unsupported(f"'{name}'")
            if key not in known:
                raise CustomerError(f"analysis_config.json has an unknown parameter '{name}'.")


def _predictor(part: Mapping[str, Any] | None) -> Predictor | None:
    if part is None:
        return None
    names = [part[key] for key in ("model_name", "endpoint_name") if part.get(key)]
    if len(names) != 1:
        raise CustomerError("'predictor' must have either 'model_name' or 'endpoint_name'.")
    return Predictor(
        name=names[0],
        label=part.get("label"),
        probability=part.get("probability"),
        label_headers=part.get("label_headers"),
        wire_format=[key for key in WIRE_FORMAT if key in part],
    )


def _metrics(part: Mapping[str, Any] | None) -> Sequence[str] | None:
    if part is None:
        return None
    methods = part.get("methods", "all")
    return [methods] if isinstance(methods, str) else list(methods)


def _shap(part: Mapping[str, Any] | None) -> Shap | None:
    if part is None:
        return None
    agg_method = part.get("agg_method", "mean_abs")
    if agg_method not in _AGGREGATIONS:
        raise CustomerError(f"'methods.shap.agg_method' must be one of {', '.join(_AGGREGATIONS)}, got {agg_method!r}.")
    if part.get("baseline") is not None and part.get("num_clusters") is not None:
        raise CustomerError("'methods.shap' has both 'baseline' and 'num_clusters'; give one of them.")
    return Shap(
        baseline=part.get("baseline"),
        num_clusters=part.get("num_clusters"),
        use_logit=bool(part.get("use_logit", False)),
        num_samples=part.get("num_samples"),
        agg_method=agg_method,
        save_local_values=bool(part.get("save_local_shap_values", True)),
        seed=part.get("seed"),
    )


def _partial_dependence(part: Mapping[str, Any] | None, shap: Mapping[str, Any] | None) -> PartialDependence | None:
    if part is None:
        return None
    if not part.get("features") and shap is None:
        raise CustomerError("'methods.pdp.features' is needed, as there is no 'methods.shap' to rank the features by.")
    return PartialDependence(
        features=part.get("features"),
        grid_resolution=int(part.get("grid_resolution", 15)),
        top_k_features=int(part.get("top_k_features", 10)),
    )


def _check_bias(config: AnalysisConfig) -> None:
    if config.pre_training_metrics is None and config.post_training_metrics is None:
        return
    if config.label is None:
        raise CustomerError("Bias metrics need 'label'.")
    if not config.label_values:
        raise CustomerError("Bias metrics need 'label_values_or_threshold'.")
    if not config.facets:
        raise CustomerError("Bias metrics need at least one 'facet'.")
    sources = (config.predictor, config.predicted_label, config.predicted_label_dataset_uri)
    if config.post_training_metrics is not None and not any(source is not None for source in sources):
        raise CustomerError(
            "Post-training bias metrics need predicted labels: give 'predictor', 'predicted_label' or "
            "'predicted_label_dataset_uri'."
        )
