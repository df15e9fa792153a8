"""What SHAPConfig, PDPConfig, AsymmetricShapleyValueConfig and their parts refuse."""

from __future__ import annotations

import numpy as np

from cdk_clarify_monitors import AsymmetricShapleyValueConfig, ImageConfig, PDPConfig, SHAPConfig, TextConfig
from tests.config.refusals import INFINITY, NAN, TYPE, VALUE, Refusal, check_message, each

REFUSALS: list[Refusal] = [
    # ---------------------------------------------------------------- SHAPConfig and its parts
    (
        VALUE,
        "'baseline' must be the URI of something in S3, got 'b.csv': write s3://bucket/key",
        lambda: SHAPConfig(baseline="b.csv"),
    ),
    (VALUE, "'baseline' must have at least one item, got []", lambda: SHAPConfig(baseline=[])),
    (TYPE, "'baseline' must be a list, got 5: write [5]", lambda: SHAPConfig(baseline=5)),  # type: ignore[arg-type]
    (
        TYPE,
        "'baseline[0]' must be a row: a list of values, or a JSON object, got 35: a baseline is a list of rows",
        lambda: SHAPConfig(baseline=[35, 50000]),
    ),
    (
        TYPE,
        "'baseline[0]' must be a row: a list of values, or a JSON object, got 'a': a baseline is a list of rows",
        lambda: SHAPConfig(baseline=["a"]),
    ),
    (TYPE, "'baseline[0][1]' must be a string, a number or None, got [2]", lambda: SHAPConfig(baseline=[[1, [2]]])),
    (
        VALUE,
        "'baseline[0][0]' must be a finite number, got nan: JSON knows neither NaN nor Infinity",
        lambda: SHAPConfig(baseline=[[NAN]]),
    ),
    (
        VALUE,
        "'baseline[0]['f'][0]' must be a finite number, got inf: JSON knows neither NaN nor Infinity",
        lambda: SHAPConfig(baseline=[{"f": [INFINITY]}]),
    ),
    (
        TYPE,
        (
            "'baseline[0]['f']' must be something that JSON can express, got {1}: pass a list of them, in a fixed "
            "order: sorted(…)"
        ),
        lambda: SHAPConfig(baseline=[{"f": {1}}]),
    ),
    (TYPE, "'baseline[0]' must have strings as keys, got None", lambda: SHAPConfig(baseline=[{None: 1}])),
    (
        TYPE,
        "'baseline[0][0]' must be something that JSON can express, got np.int64(3): call its .tolist()",
        lambda: SHAPConfig(baseline=[[np.int64(3)]]),
    ),
    (VALUE, "'num_samples' must be at least 1, got 0", lambda: SHAPConfig(num_samples=0)),
    (TYPE, "'num_samples' must be an integer, got 1.0: write 1", lambda: SHAPConfig(num_samples=1.0)),  # type: ignore[arg-type]
    (
        VALUE,
        "'agg_method' must be one of 'mean_abs', 'median', 'mean_sq', got 'mean'",
        lambda: SHAPConfig(agg_method="mean"),
    ),
    (TYPE, "'use_logit' must be True or False, got 1", lambda: SHAPConfig(use_logit=1)),  # type: ignore[arg-type]
    (TYPE, "'use_logit' must not be None (its default is False), got None", lambda: SHAPConfig(use_logit=None)),  # type: ignore[arg-type]
    (
        TYPE,
        "'save_local_shap_values' must be True or False, got 'yes'",
        lambda: SHAPConfig(save_local_shap_values="yes"),  # type: ignore[arg-type]
    ),
    (TYPE, "'seed' must be an integer, got '1': write 1", lambda: SHAPConfig(seed="1")),  # type: ignore[arg-type]
    (VALUE, "'num_clusters' must be at least 1, got 0", lambda: SHAPConfig(num_clusters=0)),
    (
        VALUE,
        "'num_clusters' must be left out with 'baseline', got 2: clusters make the baseline if there is none",
        lambda: SHAPConfig(baseline=[[1]], num_clusters=2),
    ),
    (
        TYPE,
        "'text_config' must be a TextConfig, got {'language': 'en'}: make one with TextConfig(…)",
        lambda: SHAPConfig(text_config={"language": "en"}),  # type: ignore[arg-type]
    ),
    (
        TYPE,
        "'image_config' must be an ImageConfig, got 'x': make one with ImageConfig(…)",
        lambda: SHAPConfig(image_config="x"),  # type: ignore[arg-type]
    ),
    (VALUE, "'features_to_explain' must have at least one item, got []", lambda: SHAPConfig(features_to_explain=[])),
    (
        VALUE,
        "'features_to_explain' must be left out with 'text_config', got ['a']: it is for tabular data only",
        lambda: SHAPConfig(features_to_explain=["a"], text_config=TextConfig("token", "en")),
    ),
    (
        VALUE,
        "'features_to_explain' must be left out with 'image_config', got ['a']: it is for tabular data only",
        lambda: SHAPConfig(features_to_explain=["a"], image_config=ImageConfig("OBJECT_DETECTION")),
    ),
    (
        VALUE,
        "'granularity' must be one of 'token', 'sentence', 'paragraph', got 'Token': write 'token'",
        lambda: TextConfig("Token", "en"),
    ),
    (
        VALUE,
        (
            "'language' must be one of 'afrikaans', 'albanian', 'arabic', 'armenian', 'basque', 'bengali', "
            "'bulgarian', 'catalan', 'chinese', 'croatian', 'czech', 'danish', 'dutch', 'english', "
            "'estonian', 'finnish', 'french', 'german', 'greek', 'gujarati', 'hebrew', 'hindi', "
            "'hungarian', 'icelandic', 'indonesian', 'irish', 'italian', 'japanese', 'kannada', 'kyrgyz', "
            "'latvian', 'ligurian', 'lithuanian', 'luxembourgish', 'macedonian', 'malayalam', 'marathi', "
            "'multi-language', 'nepali', 'norwegian bokmål', 'persian', 'polish', 'portuguese', 'romanian', "
            "'russian', 'sanskrit', 'serbian', 'setswana', 'sinhala', 'slovak', 'slovenian', 'spanish', "
            "'swedish', 'tagalog', 'tamil', 'tatar', 'telugu', 'thai', 'turkish', 'ukrainian', 'urdu', "
            "'vietnamese', 'yoruba', 'af', 'sq', 'ar', 'hy', 'eu', 'bn', 'bg', 'ca', 'zh', 'hr', 'cs', "
            "'da', 'nl', 'en', 'et', 'fi', 'fr', 'de', 'el', 'gu', 'he', 'hi', 'hu', 'is', 'id', 'ga', "
            "'it', 'ja', 'kn', 'ky', 'lv', 'lij', 'lt', 'lb', 'mk', 'ml', 'mr', 'xx', 'ne', 'nb', 'fa', "
            "'pl', 'pt', 'ro', 'ru', 'sa', 'sr', 'tn', 'si', 'sk', 'sl', 'es', 'sv', 'tl', 'ta', 'tt', "
            "'te', 'th', 'tr', 'uk', 'ur', 'vi', 'yo', got 'klingon'"
        ),
        lambda: TextConfig("token", "klingon"),
    ),
    (
        VALUE,
        "'model_type' must be one of 'IMAGE_CLASSIFICATION', 'OBJECT_DETECTION', got 'CV'",
        lambda: ImageConfig("CV"),
    ),
    (VALUE, "'num_segments' must be at least 1, got 0", lambda: ImageConfig("OBJECT_DETECTION", num_segments=0)),
    (
        TYPE,
        "'feature_extraction_method' must be a string, got 1: write '1'",
        lambda: ImageConfig("OBJECT_DETECTION", feature_extraction_method=1),  # type: ignore[arg-type]
    ),
    (
        TYPE,
        "'segment_compactness' must be an integer, got 0.5",
        lambda: ImageConfig("OBJECT_DETECTION", segment_compactness=0.5),  # type: ignore[arg-type]
    ),
    (VALUE, "'max_objects' must be at least 1, got 0", lambda: ImageConfig("OBJECT_DETECTION", max_objects=0)),
    (
        TYPE,
        "'iou_threshold' must be a float, got 1: write 1.0",
        lambda: ImageConfig("OBJECT_DETECTION", iou_threshold=1),
    ),
    (VALUE, "'iou_threshold' must be at most 1, got 1.5", lambda: ImageConfig("OBJECT_DETECTION", iou_threshold=1.5)),
    (VALUE, "'context' must be at least 0, got -0.1", lambda: ImageConfig("OBJECT_DETECTION", context=-0.1)),
    # ---------------------------------------------------------------- PDPConfig, AsymmetricShapleyValueConfig
    (VALUE, "'features' must have at least one item, got []", lambda: PDPConfig(features=[])),
    (
        TYPE,
        "'features[0]' must be a name (string) or a zero-based index (integer), got None",
        lambda: PDPConfig(features=[None]),  # type: ignore[list-item]
    ),
    (VALUE, "'grid_resolution' must be at least 1, got 0", lambda: PDPConfig(grid_resolution=0)),
    (TYPE, "'top_k_features' must not be None (its default is 10), got None", lambda: PDPConfig(top_k_features=None)),  # type: ignore[arg-type]
    (
        VALUE,
        "'direction' must be one of 'chronological', 'anti_chronological', 'bidirectional', got 'back'",
        lambda: AsymmetricShapleyValueConfig("back"),
    ),
    (
        VALUE,
        "'direction' must be 'chronological' with granularity 'fine_grained', got 'bidirectional'",
        lambda: AsymmetricShapleyValueConfig("bidirectional", "fine_grained", 5),
    ),
    (
        VALUE,
        "'granularity' must be one of 'timewise', 'fine_grained', got 'coarse'",
        lambda: AsymmetricShapleyValueConfig(granularity="coarse"),
    ),
    (
        VALUE,
        "'num_samples' must be given with granularity 'fine_grained', got None",
        lambda: AsymmetricShapleyValueConfig(granularity="fine_grained"),
    ),
    (
        VALUE,
        "'num_samples' must be left out with granularity 'timewise', got 5: it is for 'fine_grained' only",
        lambda: AsymmetricShapleyValueConfig(num_samples=5),
    ),
    (
        VALUE,
        "'baseline' must be the URI of something in S3, got 'b': write s3://bucket/key",
        lambda: AsymmetricShapleyValueConfig(baseline="b"),
    ),
    (TYPE, "'baseline' must be an S3 URI or a dict, got []", lambda: AsymmetricShapleyValueConfig(baseline=[])),  # type: ignore[arg-type]
    (
        VALUE,
        (
            "'baseline' must have no other keys than target_time_series, related_time_series, "
            "static_covariates, got {'zero': 1}: remove 'zero'"
        ),
        lambda: AsymmetricShapleyValueConfig(baseline={"zero": 1}),
    ),
    (
        VALUE,
        "'baseline['target_time_series']' must be one of 'zero', 'mean', got 'one'",
        lambda: AsymmetricShapleyValueConfig(baseline={"target_time_series": "one"}),
    ),
    (
        VALUE,
        "'baseline['related_time_series']' must be one of 'zero', 'mean', got 0",
        lambda: AsymmetricShapleyValueConfig(baseline={"related_time_series": 0}),
    ),
    (
        TYPE,
        "'baseline['static_covariates']' must be a dict of lists, by item id, got [1]",
        lambda: AsymmetricShapleyValueConfig(baseline={"static_covariates": [1]}),
    ),
    (
        TYPE,
        "'baseline['static_covariates']['i1']' must be a list, got 1: write [1]",
        lambda: AsymmetricShapleyValueConfig(baseline={"static_covariates": {"i1": 1}}),
    ),
]


@each(REFUSALS)
def test_the_message_names_the_argument_and_shows_the_value(refusal: Refusal) -> None:
    check_message(refusal)
