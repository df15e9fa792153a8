"""Strategies for all configuration objects that stand in an analysis_config.json, with every kind of value."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from cdk_clarify_monitors import (
    AsymmetricShapleyValueConfig,
    BiasAnalysisConfig,
    BiasConfig,
    DataConfig,
    ExplainabilityAnalysisConfig,
    ImageConfig,
    ModelConfig,
    ModelPredictedLabelConfig,
    PDPConfig,
    SegmentationConfig,
    SHAPConfig,
    TextConfig,
    TimeSeriesDataConfig,
    TimeSeriesJSONDatasetFormat,
    TimeSeriesModelConfig,
)
from cdk_clarify_monitors._config.bias_metrics import PRE_TRAINING

# Surrogates are no text in UTF-8, and "${Token[" would be a token.
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="$#"), min_size=1, max_size=12)
integers = st.integers(-(10**20), 10**20)
numbers = integers | st.floats(-1e200, 1e200)
values = texts | st.just("") | numbers | st.booleans()
positive = st.integers(1, 10**6)
columns = texts | st.integers(0, 50)
uris = st.from_regex(r"s3://[a-z]{3,10}(/[a-zA-Z0-9 ä=+.-]{1,10}){0,3}", fullmatch=True)
names = st.from_regex(r"[a-zA-Z0-9](-?[a-zA-Z0-9]){0,20}", fullmatch=True)
json_values = st.recursive(
    st.none() | values,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=5,
)


def lists(item: st.SearchStrategy[Any], **options: Any) -> st.SearchStrategy[Any]:
    return st.lists(item, **{"min_size": 1, "max_size": 4, **options})


def headers() -> st.SearchStrategy[Any]:
    return lists(texts, unique=True)


def made(cls: type[Any], *required: str, **arguments: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Objects of a class: the required arguments always, any of the others."""
    optional = {name: arguments[name] for name in arguments if name not in required}
    fixed = {name: arguments[name] for name in required}
    return st.fixed_dictionaries(fixed, optional=optional).map(lambda given: cls(**given))


@st.composite
def segmentations(draw: st.DrawFn) -> SegmentationConfig:
    segments = draw(lists(lists(texts | integers)))
    count = len(segments) + draw(st.integers(0, 1))
    aliases = draw(st.none() | lists(texts, min_size=count, max_size=count))
    return SegmentationConfig(draw(columns), segments, draw(st.none() | texts), aliases)


time_series = made(
    TimeSeriesDataConfig,
    "target_time_series",
    "item_id",
    "timestamp",
    "dataset_format",
    target_time_series=texts,
    item_id=texts,
    timestamp=texts,
    related_time_series=lists(texts),
    static_covariates=lists(texts),
    dataset_format=st.sampled_from(TimeSeriesJSONDatasetFormat),
)
tables = made(
    DataConfig,
    "s3_data_input_path",
    s3_data_input_path=uris,
    label=columns,
    features=texts,
    joinsource=columns,
    facet_dataset_uri=uris,
    facet_headers=headers(),
    predicted_label_dataset_uri=uris,
    predicted_label_headers=headers(),
    excluded_columns=lists(columns, min_size=0),
    segmentation_config=lists(segmentations(), min_size=0),
)
documents = made(
    DataConfig,
    "s3_data_input_path",
    "features",
    "dataset_type",
    s3_data_input_path=uris,
    features=texts,
    label=texts,
    predicted_label=texts,
    headers=headers(),
    dataset_type=st.sampled_from(["application/json", "application/jsonlines"]),
    time_series_data_config=st.none(),
)
forecasts = made(
    DataConfig,
    "s3_data_input_path",
    "dataset_type",
    "time_series_data_config",
    s3_data_input_path=uris,
    headers=headers(),
    dataset_type=st.just("application/json"),
    time_series_data_config=time_series,
)


@st.composite
def biases(draw: st.DrawFn) -> BiasConfig:
    several = draw(st.booleans())
    facet = draw(lists(columns) if several else columns)
    facet_values = lists(values)
    if several:
        facet_values = lists(st.none() | facet_values, min_size=len(facet), max_size=len(facet))
    group = draw(st.none() | columns)
    metrics = [name for name in PRE_TRAINING if group is not None or name != "CDDL"]
    chosen = lists(st.sampled_from(metrics), unique=True)
    return BiasConfig(
        draw(lists(values)),
        facet,
        draw(st.none() | facet_values),
        group,
        pre_training_methods=draw(st.none() | st.just("all") | chosen),
        post_training_methods=draw(st.just("all") | st.just(["DPPL", "DI"])),
    )


details: dict[str, Any] = {
    "accept_type": st.sampled_from(["text/csv", "application/jsonlines", "application/json"]),
    "content_type": st.sampled_from(
        ["text/csv", "image/jpeg", "image/png", "application/x-npy", "application/x-parquet"]
    ),
    "content_template": texts | st.dictionaries(texts, texts, min_size=1, max_size=3),
    "record_template": texts,
    "custom_attributes": st.from_regex(r"[ -#%-~]{1,20}", fullmatch=True),
    "accelerator_type": texts,
    "target_model": texts,
}
models = made(
    ModelConfig,
    "model_name",
    "instance_count",
    "instance_type",
    model_name=names,
    instance_count=positive,
    instance_type=st.just("ml.m5.xlarge"),
    endpoint_name_prefix=st.just("shadow-"),
    **details,
)
endpoints = made(ModelConfig, "endpoint_name", endpoint_name=names, model_name=names, **details)
forecasters = made(
    ModelConfig,
    "endpoint_name",
    "time_series_model_config",
    endpoint_name=names,
    time_series_model_config=texts.map(TimeSeriesModelConfig),
    content_type=st.none(),
)
predicted_labels = made(
    ModelPredictedLabelConfig,
    label=columns,
    probability=columns,
    probability_threshold=st.floats(0, 1),
    label_headers=lists(texts | integers),
)
image_configs = made(
    ImageConfig,
    model_type=st.sampled_from(["IMAGE_CLASSIFICATION", "OBJECT_DETECTION"]),
    num_segments=positive,
    feature_extraction_method=texts,
    segment_compactness=positive,
    max_objects=positive,
    iou_threshold=st.floats(0, 1),
    context=st.floats(0, 1),
    debug=st.just({"image_names": ["a"], "class_ids": [0, 1], "sample_from": 2}),
)
text_configs = st.builds(
    TextConfig,
    st.sampled_from(["token", "sentence", "paragraph"]),
    st.sampled_from(["en", "norwegian bokmål", "multi-language"]),
    st.none() | positive,
)
common = {
    "num_samples": positive,
    "agg_method": st.sampled_from(["mean_abs", "median", "mean_sq"]),
    "use_logit": st.booleans(),
    "save_local_shap_values": st.booleans(),
    "seed": integers,
}
baselines = (
    uris | lists(lists(st.none() | values) | st.dictionaries(texts, json_values)) | st.dictionaries(texts, json_values)
)
shaps = (
    made(SHAPConfig, baseline=baselines, features_to_explain=lists(columns), **common)
    | made(SHAPConfig, num_clusters=positive, text_config=text_configs, **common)
    | made(SHAPConfig, baseline=baselines, image_config=image_configs, **common)
)
pdps = made(PDPConfig, "features", features=lists(columns), grid_resolution=positive, top_k_features=positive)
replacements = st.fixed_dictionaries(
    {},
    optional={
        "target_time_series": st.sampled_from(["zero", "mean"]),
        "related_time_series": st.sampled_from(["zero", "mean"]),
        "static_covariates": st.dictionaries(texts, lists(values)),
    },
)
asymmetrics = made(
    AsymmetricShapleyValueConfig,
    direction=st.sampled_from(["chronological", "anti_chronological", "bidirectional"]),
    baseline=uris | replacements,
) | st.builds(
    AsymmetricShapleyValueConfig,
    granularity=st.just("fine_grained"),
    num_samples=positive,
    baseline=st.none() | uris | replacements,
)
bias_analyses = made(BiasAnalysisConfig, "bias_config", bias_config=biases(), label=columns)
explainability_analyses = made(
    ExplainabilityAnalysisConfig,
    "explainability_config",
    explainability_config=shaps | pdps | asymmetrics | st.tuples(shaps, pdps).map(list),
    model_config=models | endpoints | forecasters,
    label_headers=lists(texts),
)

data_configs = tables | documents | forecasts
configurations = (
    biases()
    | models
    | endpoints
    | forecasters
    | predicted_labels
    | shaps
    | pdps
    | asymmetrics
    | bias_analyses
    | explainability_analyses
)
