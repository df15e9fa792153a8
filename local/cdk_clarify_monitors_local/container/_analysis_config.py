"""Reads `analysis_config.json` and refuses what is wrong or not supported."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cdk_clarify_monitors_local.container._errors import CustomerError, unsupported

#: A column's name or index, or a JMESPath expression that locates it.
Locator = str | int

CSV, JSON, JSON_LINES = "text/csv", "application/json", "application/jsonlines"
JSON_TYPES = (JSON, JSON_LINES)
DATASET_TYPES = (CSV, JSON_LINES, JSON, "application/x-parquet")

_METHODS = ("pre_training_bias", "post_training_bias", "shap", "pdp", "report")
_AGGREGATIONS = ("mean_abs", "median", "mean_sq")

_KNOWN = {
    "": (
        "version", "dataset_type", "dataset_uri", "headers", "label", "predicted_label", "features",
        "label_values_or_threshold", "probability_threshold", "facet", "facet_dataset_uri", "facet_headers",
        "predicted_label_dataset_uri", "predicted_label_headers", "excluded_columns", "joinsource_name_or_index",
        "group_variable", "segment_config", "methods", "predictor",
    ),
    "methods": _METHODS,
    "methods.pre_training_bias": ("methods",),
    "methods.post_training_bias": ("methods",),
    "methods.report": ("name", "title"),
    "methods.shap": (
        "baseline", "num_clusters", "use_logit", "num_samples", "agg_method", "save_local_shap_values", "seed",
        "features_to_explain",
    ),
    "methods.pdp": ("grid_resolution", "features", "top_k_features"),
    "predictor": (
        "model_name", "endpoint_name", "endpoint_name_prefix", "instance_type", "initial_instance_count",
        "content_type", "accept_type", "content_template", "record_template", "custom_attributes",
        "accelerator_type", "label", "probability", "label_headers",
    ),
}  # fmt: skip

#: What Clarify knows and this stand-in does not, with what to do if that is not to try it in AWS.
_UNSUPPORTED: dict[str, dict[str, str | None]] = {
    "": {"time_series_data_config": None},
    "methods": {"asymmetric_shapley_value": None},
    "methods.shap": {"text_config": None, "image_config": None},
    "predictor": {
        "target_model": "Name a model of its own by 'model_name' here.",
        "time_series_predictor_config": None,
    },
}


@dataclass(frozen=True)
class Facet:
    """A sensitive attribute and the values that make up the group in question."""

    locator: Locator
    values: Sequence[Any] | None


@dataclass(frozen=True)
class Segments:
    """Parts of the data set that have metrics of their own."""

    name: str | None
    locator: Locator
    values: Sequence[Sequence[Any]]
    aliases: Sequence[str] | None


@dataclass(frozen=True)
class Predictor:
    """The model, the form of its requests and answers, and where in an answer the label and the score lie.

    Attributes:
        content_type: The form of requests: the configured one, else the data set's.
        accept_type: The form of answers: the configured one, else that of requests.
    """

    name: str
    label: Locator | None
    probability: Locator | None
    label_headers: Sequence[Any] | None
    content_type: str = CSV
    accept_type: str = CSV
    content_template: str | None = None
    record_template: str | None = None


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
    features: Sequence[Locator] | None


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
    segments: Sequence[Segments]
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
        segments=[_segments(part) for part in document.get("segment_config") or ()],
        predictor=_predictor(document.get("predictor"), dataset_type),
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
                raise unsupported(f"'{name}'", _UNSUPPORTED[path][key])
            if key not in known:
                raise CustomerError(f"analysis_config.json has an unknown parameter '{name}'.")


def _segments(part: Any) -> Segments:
    if not isinstance(part, Mapping) or "name_or_index" not in part:
        raise CustomerError(f"'segment_config' must have objects with 'name_or_index' and 'segments', got {part!r}.")
    for key in part:
        if key not in ("config_name", "name_or_index", "segments", "display_aliases"):
            raise CustomerError(f"analysis_config.json has an unknown parameter 'segment_config.{key}'.")
    values, aliases = part.get("segments"), part.get("display_aliases")
    if not isinstance(values, list) or not values or not all(isinstance(each, list) and each for each in values):
        raise CustomerError(
            f"'segment_config.segments' must be a list of lists of values or intervals, got {values!r}."
        )
    if aliases is not None and len(aliases) not in (len(values), len(values) + 1):
        raise CustomerError(
            f"'segment_config.display_aliases' must have {len(values)} items, one per segment, or {len(values) + 1} "
            f"with the default segment, got {aliases!r}."
        )
    return Segments(part.get("config_name"), part["name_or_index"], values, aliases)


def _predictor(part: Mapping[str, Any] | None, dataset_type: str) -> Predictor | None:
    if part is None:
        return None
    names = [part[key] for key in ("model_name", "endpoint_name") if part.get(key)]
    if len(names) != 1:
        raise CustomerError("'predictor' must have either 'model_name' or 'endpoint_name'.")
    content_type = _payload_type(part, "content_type", dataset_type if dataset_type in JSON_TYPES else CSV)
    return Predictor(
        name=names[0],
        label=part.get("label"),
        probability=part.get("probability"),
        label_headers=part.get("label_headers"),
        content_type=content_type,
        accept_type=_payload_type(part, "accept_type", content_type),
        content_template=_template(part, "content_template", content_type),
        record_template=_template(part, "record_template", content_type),
    )


def _payload_type(part: Mapping[str, Any], key: str, default: str) -> str:
    value = str(part.get(key) or default).lower()
    if value in (CSV, *JSON_TYPES):
        return value
    if key == "content_type" and value in ("image/jpeg", "image/jpg", "image/png", "application/x-npy"):
        raise unsupported(f"'predictor.{key}' {part[key]!r}: images")
    raise CustomerError(f"'predictor.{key}' must be one of {', '.join((CSV, *JSON_TYPES))}, got {part[key]!r}.")


def _template(part: Mapping[str, Any], key: str, content_type: str) -> str | None:
    template = part.get(key)
    if template is not None and not isinstance(template, str):
        raise CustomerError(f"'predictor.{key}' must be a string, got {template!r}.")
    is_needed = content_type == JSON or (content_type == JSON_LINES and key == "content_template")
    if template is None and is_needed and part.get("content_type"):
        raise CustomerError(f"'predictor.{key}' is needed with the content type {content_type}.")
    return template if is_needed else None


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
    if part.get("features_to_explain") == []:
        raise CustomerError("'methods.shap.features_to_explain' must have at least one feature; leave it out for all.")
    return Shap(
        baseline=part.get("baseline"),
        num_clusters=part.get("num_clusters"),
        use_logit=bool(part.get("use_logit", False)),
        num_samples=part.get("num_samples"),
        agg_method=agg_method,
        save_local_values=bool(part.get("save_local_shap_values", True)),
        seed=part.get("seed"),
        features=part.get("features_to_explain"),
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
