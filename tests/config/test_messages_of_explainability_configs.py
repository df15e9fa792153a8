"""What SHAPConfig, PDPConfig, AsymmetricShapleyValueConfig and their parts refuse."""

from __future__ import annotations

import numpy as np

from cdk_clarify_monitors import AsymmetricShapleyValueConfig, ImageConfig, PDPConfig, SHAPConfig, TextConfig
from tests.config.refusals import INFINITY, NAN, TYPE, VALUE, Refusal, check_message, each

REFUSALS: list[Refusal] = [
    # ---------------------------------------------------------------- SHAPConfig and its parts
    (VALUE, "baseline", "'b.csv'", lambda: SHAPConfig(baseline="b.csv")),
    (VALUE, "baseline", "[]", lambda: SHAPConfig(baseline=[])),
    (TYPE, "baseline", "5", lambda: SHAPConfig(baseline=5)),  # type: ignore[arg-type]
    (TYPE, "baseline[0]", "35", lambda: SHAPConfig(baseline=[35, 50000])),
    (TYPE, "baseline[0]", "'a'", lambda: SHAPConfig(baseline=["a"])),
    (TYPE, "baseline[0][1]", "[2]", lambda: SHAPConfig(baseline=[[1, [2]]])),
    (VALUE, "baseline[0][0]", "nan", lambda: SHAPConfig(baseline=[[NAN]])),
    (VALUE, "baseline[0]['f'][0]", "inf", lambda: SHAPConfig(baseline=[{"f": [INFINITY]}])),
    (TYPE, "baseline[0]['f']", "{1}", lambda: SHAPConfig(baseline=[{"f": {1}}])),
    (TYPE, "baseline[0]", "None", lambda: SHAPConfig(baseline=[{None: 1}])),
    (TYPE, "baseline[0][0]", "int64(3)", lambda: SHAPConfig(baseline=[[np.int64(3)]])),
    (VALUE, "num_samples", "0", lambda: SHAPConfig(num_samples=0)),
    (TYPE, "num_samples", "1.0", lambda: SHAPConfig(num_samples=1.0)),  # type: ignore[arg-type]
    (VALUE, "agg_method", "'mean'", lambda: SHAPConfig(agg_method="mean")),
    (TYPE, "use_logit", "1", lambda: SHAPConfig(use_logit=1)),  # type: ignore[arg-type]
    (TYPE, "use_logit", "None", lambda: SHAPConfig(use_logit=None)),  # type: ignore[arg-type]
    (TYPE, "save_local_shap_values", "'yes'", lambda: SHAPConfig(save_local_shap_values="yes")),  # type: ignore[arg-type]
    (TYPE, "seed", "'1'", lambda: SHAPConfig(seed="1")),  # type: ignore[arg-type]
    (VALUE, "num_clusters", "0", lambda: SHAPConfig(num_clusters=0)),
    (VALUE, "num_clusters", "2", lambda: SHAPConfig(baseline=[[1]], num_clusters=2)),
    (TYPE, "text_config", "{'language': 'en'}", lambda: SHAPConfig(text_config={"language": "en"})),  # type: ignore[arg-type]
    (TYPE, "image_config", "'x'", lambda: SHAPConfig(image_config="x")),  # type: ignore[arg-type]
    (VALUE, "features_to_explain", "[]", lambda: SHAPConfig(features_to_explain=[])),
    (
        VALUE,
        "features_to_explain",
        "['a']",
        lambda: SHAPConfig(features_to_explain=["a"], text_config=TextConfig("token", "en")),
    ),
    (
        VALUE,
        "features_to_explain",
        "['a']",
        lambda: SHAPConfig(features_to_explain=["a"], image_config=ImageConfig("OBJECT_DETECTION")),
    ),
    (VALUE, "granularity", "'Token'", lambda: TextConfig("Token", "en")),
    (VALUE, "language", "'klingon'", lambda: TextConfig("token", "klingon")),
    (VALUE, "model_type", "'CV'", lambda: ImageConfig("CV")),
    (VALUE, "num_segments", "0", lambda: ImageConfig("OBJECT_DETECTION", num_segments=0)),
    (TYPE, "feature_extraction_method", "1", lambda: ImageConfig("OBJECT_DETECTION", feature_extraction_method=1)),  # type: ignore[arg-type]
    (TYPE, "segment_compactness", "0.5", lambda: ImageConfig("OBJECT_DETECTION", segment_compactness=0.5)),  # type: ignore[arg-type]
    (VALUE, "max_objects", "0", lambda: ImageConfig("OBJECT_DETECTION", max_objects=0)),
    (TYPE, "iou_threshold", "got 1: write 1.0", lambda: ImageConfig("OBJECT_DETECTION", iou_threshold=1)),
    (VALUE, "iou_threshold", "1.5", lambda: ImageConfig("OBJECT_DETECTION", iou_threshold=1.5)),
    (VALUE, "context", "-0.1", lambda: ImageConfig("OBJECT_DETECTION", context=-0.1)),
    # ---------------------------------------------------------------- PDPConfig, AsymmetricShapleyValueConfig
    (VALUE, "features", "[]", lambda: PDPConfig(features=[])),
    (TYPE, "features[0]", "None", lambda: PDPConfig(features=[None])),  # type: ignore[list-item]
    (VALUE, "grid_resolution", "0", lambda: PDPConfig(grid_resolution=0)),
    (TYPE, "top_k_features", "None", lambda: PDPConfig(top_k_features=None)),  # type: ignore[arg-type]
    (VALUE, "direction", "'back'", lambda: AsymmetricShapleyValueConfig("back")),
    (VALUE, "direction", "'bidirectional'", lambda: AsymmetricShapleyValueConfig("bidirectional", "fine_grained", 5)),
    (VALUE, "granularity", "'coarse'", lambda: AsymmetricShapleyValueConfig(granularity="coarse")),
    (VALUE, "num_samples", "None", lambda: AsymmetricShapleyValueConfig(granularity="fine_grained")),
    (VALUE, "num_samples", "5", lambda: AsymmetricShapleyValueConfig(num_samples=5)),
    (VALUE, "baseline", "'b'", lambda: AsymmetricShapleyValueConfig(baseline="b")),
    (TYPE, "baseline", "[]", lambda: AsymmetricShapleyValueConfig(baseline=[])),  # type: ignore[arg-type]
    (VALUE, "baseline", "{'zero': 1}", lambda: AsymmetricShapleyValueConfig(baseline={"zero": 1})),
    (
        VALUE,
        "baseline['target_time_series']",
        "'one'",
        lambda: AsymmetricShapleyValueConfig(baseline={"target_time_series": "one"}),
    ),
    (
        VALUE,
        "baseline['related_time_series']",
        "0",
        lambda: AsymmetricShapleyValueConfig(baseline={"related_time_series": 0}),
    ),
    (
        TYPE,
        "baseline['static_covariates']",
        "[1]",
        lambda: AsymmetricShapleyValueConfig(baseline={"static_covariates": [1]}),
    ),
    (
        TYPE,
        "baseline['static_covariates']['i1']",
        "got 1: write [1]",
        lambda: AsymmetricShapleyValueConfig(baseline={"static_covariates": {"i1": 1}}),
    ),
]


@each(REFUSALS)
def test_the_message_names_the_argument_and_shows_the_value(refusal: Refusal) -> None:
    check_message(refusal)
