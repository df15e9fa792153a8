"""SHAPConfig, PDPConfig and AsymmetricShapleyValueConfig: how a prediction is explained by its features."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Final, Self

from ..._validation import (
    FrozenMapping,
    InvalidType,
    InvalidValue,
    Validator,
    boolean,
    column,
    data_value,
    floating,
    instance_of,
    integer,
    is_token,
    json_value,
    list_of,
    one_of,
    s3_uri,
    text,
    validated_by,
)
from .document import AnalysisConfigSection, JsonConfig, Schema

# https://docs.aws.amazon.com/sagemaker/latest/dg/clarify-processing-job-configure-analysis.html, text_config
_LANGUAGES: Final = {
    "afrikaans": "af",
    "albanian": "sq",
    "arabic": "ar",
    "armenian": "hy",
    "basque": "eu",
    "bengali": "bn",
    "bulgarian": "bg",
    "catalan": "ca",
    "chinese": "zh",
    "croatian": "hr",
    "czech": "cs",
    "danish": "da",
    "dutch": "nl",
    "english": "en",
    "estonian": "et",
    "finnish": "fi",
    "french": "fr",
    "german": "de",
    "greek": "el",
    "gujarati": "gu",
    "hebrew": "he",
    "hindi": "hi",
    "hungarian": "hu",
    "icelandic": "is",
    "indonesian": "id",
    "irish": "ga",
    "italian": "it",
    "japanese": "ja",
    "kannada": "kn",
    "kyrgyz": "ky",
    "latvian": "lv",
    "ligurian": "lij",
    "lithuanian": "lt",
    "luxembourgish": "lb",
    "macedonian": "mk",
    "malayalam": "ml",
    "marathi": "mr",
    "multi-language": "xx",
    "nepali": "ne",
    "norwegian bokmål": "nb",
    "persian": "fa",
    "polish": "pl",
    "portuguese": "pt",
    "romanian": "ro",
    "russian": "ru",
    "sanskrit": "sa",
    "serbian": "sr",
    "setswana": "tn",
    "sinhala": "si",
    "slovak": "sk",
    "slovenian": "sl",
    "spanish": "es",
    "swedish": "sv",
    "tagalog": "tl",
    "tamil": "ta",
    "tatar": "tt",
    "telugu": "te",
    "thai": "th",
    "turkish": "tr",
    "ukrainian": "uk",
    "urdu": "ur",
    "vietnamese": "vi",
    "yoruba": "yo",
}


@dataclass(frozen=True)
class TextConfig(JsonConfig):
    """How SHAP divides text features.

    Args:
        granularity: What gets a SHAP value: `token`, `sentence` or `paragraph`.
        language: The text's language, as a lower-case English name or ISO code, or `multi-language`.
        max_top_tokens: How many tokens with the greatest SHAP values the report has. Default: Clarify's, 50.

    Raises:
        ValueError: Clarify does not know a value.
        TypeError: A value is of the wrong type.
    """

    granularity: str = field(
        metadata=validated_by(one_of("token", "sentence", "paragraph"), "granularity", any_case=True)
    )
    language: str = field(metadata=validated_by(one_of(*_LANGUAGES, *_LANGUAGES.values()), "language", any_case=True))
    max_top_tokens: int | None = field(default=None, metadata=validated_by(integer(1), "max_top_tokens"))


_DEBUG: Final[Mapping[str, Validator]] = {
    "image_names": list_of(text()),
    "class_ids": list_of(integer(0)),
    "sample_from": integer(0),
    "sample_to": integer(0),
}


def _debug(argument: str, value: Any) -> FrozenMapping:
    """The images and classes to explain."""
    if not isinstance(value, Mapping):
        raise InvalidType(argument, f"be a dict with {', '.join(_DEBUG)}", value)
    for key in value:
        if key not in _DEBUG:
            raise InvalidValue(argument, f"have no other keys than {', '.join(_DEBUG)}", value, f"remove {key!r}")
    return FrozenMapping((key, _DEBUG[key](f"{argument}['{key}']", item)) for key, item in value.items())


@dataclass(frozen=True)
class ImageConfig(JsonConfig):
    """How SHAP divides images. For each argument, None means Clarify's own default.

    Args:
        model_type: `IMAGE_CLASSIFICATION` or `OBJECT_DETECTION`. Default: Clarify's own.
        num_segments: Approximate number of segments. Clarify's default: 20.
        feature_extraction_method: How features are extracted from the image. Clarify's default: `segmentation`.
        segment_compactness: Weight of closeness relative to colour, an integer. Clarify's default: 5.
        max_objects: Number of objects to explain, for object detection. Clarify's default: 3.
        iou_threshold: Overlap above which a detected object counts as the same, 0.0 to 1.0, for object detection.
            Clarify's default: 0.5.
        context: Portion of the image around an object that is also masked, 0.0 to 1.0, for object detection. Clarify's
            default: 1.0.
        debug: Which images and classes are explained, as Clarify reads it: `image_names`, `class_ids`, `sample_from`,
            `sample_to`. Default: all.

    Raises:
        ValueError: A value is wrong.
        TypeError: A value is of the wrong type.
    """

    model_type: str | None = field(
        default=None, metadata=validated_by(one_of("IMAGE_CLASSIFICATION", "OBJECT_DETECTION"), "model_type")
    )
    num_segments: int | None = field(default=None, metadata=validated_by(integer(1), "num_segments"))
    feature_extraction_method: str | None = field(
        default=None, metadata=validated_by(text(), "feature_extraction_method")
    )
    segment_compactness: int | None = field(default=None, metadata=validated_by(integer(), "segment_compactness"))
    max_objects: int | None = field(default=None, metadata=validated_by(integer(1), "max_objects"))
    iou_threshold: float | None = field(default=None, metadata=validated_by(floating(0, 1), "iou_threshold"))
    context: float | None = field(default=None, metadata=validated_by(floating(0, 1), "context"))
    debug: Mapping[str, Any] | None = field(default=None, metadata=validated_by(_debug, "debug"))

    @classmethod
    def _schema(cls) -> Schema:
        return {**super()._schema(), "debug": dict.fromkeys(_DEBUG)}

    @classmethod
    def _from_json(cls, part: Mapping[str, Any], path: str, **arguments: Any) -> Self:
        kind = part.get("model_type")
        return super()._from_json({**part, "model_type": kind.upper() if isinstance(kind, str) else kind}, path)


def _shap_baseline(argument: str, value: Any) -> object:
    """An S3 URI, a list of rows (lists of values, or JSON objects), or one JSON object."""
    if isinstance(value, str):
        return s3_uri()(argument, value)
    if isinstance(value, Mapping):
        return json_value(argument, value)
    return list_of(_row)(argument, value)


def _row(argument: str, value: Any) -> object:
    if isinstance(value, Mapping):
        return json_value(argument, value)
    if isinstance(value, str) or not isinstance(value, Sequence):
        raise InvalidType(
            argument, "be a row: a list of values, or a JSON object", value, "a baseline is a list of rows"
        )
    row = json_value(argument, list(value))
    for i, item in enumerate(value):
        if isinstance(item, (list, tuple, Mapping)):
            raise InvalidType(f"{argument}[{i}]", "be a string, a number or None", item)
    return row


@dataclass(frozen=True)
class SHAPConfig(AnalysisConfigSection):
    """Explains predictions by SHAP values, computed with Kernel SHAP.

    See https://docs.aws.amazon.com/sagemaker/latest/dg/clarify-processing-job-configure-analysis.html.

    Args:
        baseline: The values that replace features: the S3 URI of a data set, or a list of rows with only the features,
            in the data set's format (lists for CSV, objects for JSON Lines and JSON). Default: Clarify computes a
            baseline by clustering the data set.
        num_samples: Number of samples per explained record. The monitor warns if the number may be too small to
            determine the values, given how the shap library draws samples. Default: Clarify chooses by the number of
            features.
        agg_method: How a feature's SHAP values of all records are aggregated: `mean_abs`, `median` or `mean_sq`.
            Default: Clarify's, `mean_abs`.
        use_logit: Whether SHAP values are log-odds. Default: no.
        save_local_shap_values: Whether the SHAP values of each record are stored. Default: yes.
        seed: Makes the values reproducible. Default: none.
        num_clusters: Number of clusters, if Clarify computes the baseline. Default: Clarify's own.
        text_config: How text features are divided. Default: none.
        image_config: How images are divided. Default: none.
        features_to_explain: Names or indices of the features that get SHAP values, for tabular data only. Default: all.

    Raises:
        ValueError: A value is wrong, or two of them do not go together.
        TypeError: A value is of the wrong type.
    """

    baseline: str | Sequence[Any] | Mapping[str, Any] | None = field(
        default=None, metadata=validated_by(_shap_baseline, "baseline")
    )
    num_samples: int | None = field(default=None, metadata=validated_by(integer(1), "num_samples"))
    agg_method: str | None = field(
        default=None, metadata=validated_by(one_of("mean_abs", "median", "mean_sq"), "agg_method", any_case=True)
    )
    use_logit: bool = field(default=False, metadata=validated_by(boolean, "use_logit"))
    save_local_shap_values: bool = field(default=True, metadata=validated_by(boolean, "save_local_shap_values"))
    seed: int | None = field(default=None, metadata=validated_by(integer(), "seed"))
    num_clusters: int | None = field(default=None, metadata=validated_by(integer(1), "num_clusters"))
    text_config: TextConfig | None = field(
        default=None, metadata=validated_by(instance_of(TextConfig), "text_config", TextConfig)
    )
    image_config: ImageConfig | None = field(
        default=None, metadata=validated_by(instance_of(ImageConfig), "image_config", ImageConfig)
    )
    features_to_explain: Sequence[str | int] | None = field(
        default=None, metadata=validated_by(list_of(column), "features_to_explain")
    )

    _section: ClassVar[str] = "methods.shap"

    def _check_together(self) -> None:
        if self.num_clusters is not None and self.baseline is not None:
            must = "be left out with 'baseline'"
            raise InvalidValue("num_clusters", must, self.num_clusters, "clusters make the baseline if there is none")
        for name in ("text_config", "image_config"):
            if self.features_to_explain is not None and getattr(self, name) is not None:
                must = f"be left out with '{name}'"
                raise InvalidValue("features_to_explain", must, self.features_to_explain, "it is for tabular data only")

    @classmethod
    def _from_json(cls, part: Mapping[str, Any], path: str, **arguments: Any) -> Self:
        # Clarify's default is another than the SDK's, which is the class's.
        return super()._from_json({"save_local_shap_values": False, **part}, path, **arguments)


@dataclass(frozen=True)
class PDPConfig(AnalysisConfigSection):
    """Explains predictions by partial dependence plots.

    See https://docs.aws.amazon.com/sagemaker/latest/dg/clarify-processing-job-configure-analysis.html.

    Args:
        features: Names or indices of the features to plot. Required without a `SHAPConfig`. Default: those with the
            greatest SHAP values.
        grid_resolution: Number of buckets that a numeric feature's range is divided into.
        top_k_features: Number of features to plot, if Clarify chooses them.

    Raises:
        ValueError: A value is wrong.
        TypeError: A value is of the wrong type.
    """

    features: Sequence[str | int] | None = field(default=None, metadata=validated_by(list_of(column), "features"))
    grid_resolution: int = field(default=15, metadata=validated_by(integer(1), "grid_resolution"))
    top_k_features: int = field(default=10, metadata=validated_by(integer(1), "top_k_features"))

    _section: ClassVar[str] = "methods.pdp"


def _time_series_baseline(argument: str, value: Any) -> object:
    """An S3 URI, or what stands in for each kind of series."""
    if isinstance(value, str):
        return s3_uri()(argument, value)
    if not isinstance(value, Mapping):
        raise InvalidType(argument, "be an S3 URI or a dict", value)
    rules = {
        "target_time_series": one_of("zero", "mean"),
        "related_time_series": one_of("zero", "mean"),
        "static_covariates": _covariates,
    }
    for key in value:
        if key not in rules:
            raise InvalidValue(argument, f"have no other keys than {', '.join(rules)}", value, f"remove {key!r}")
    return FrozenMapping((key, rules[key](f"{argument}['{key}']", item)) for key, item in value.items())


def _covariates(argument: str, value: Any) -> object:
    if not isinstance(value, Mapping):
        raise InvalidType(argument, "be a dict of lists, by item id", value)
    for item_id, values in value.items():
        list_of(data_value)(f"{argument}[{item_id!r}]", values)
    return json_value(argument, value)


@dataclass(frozen=True)
class AsymmetricShapleyValueConfig(AnalysisConfigSection):
    """Explains forecasts by asymmetric Shapley values.

    See https://docs.aws.amazon.com/sagemaker/latest/dg/clarify-processing-job-configure-analysis.html.

    Args:
        direction: `chronological`, `anti_chronological` or `bidirectional`.
        granularity: `timewise` or, with direction `chronological` only, `fine_grained`.
        num_samples: Number of samples, required with and only allowed for `fine_grained`. Default: none.
        baseline: The values that replace series: an S3 URI, or a dict with `target_time_series` and
            `related_time_series` (`zero` or `mean`), and `static_covariates` (a list of values per item id). Default:
            Clarify's own.

    Raises:
        ValueError: A value is wrong, or two of them do not go together.
        TypeError: A value is of the wrong type.
    """

    direction: str = field(
        default="chronological",
        metadata=validated_by(
            one_of("chronological", "anti_chronological", "bidirectional"), "direction", any_case=True
        ),
    )
    granularity: str = field(
        default="timewise", metadata=validated_by(one_of("timewise", "fine_grained"), "granularity", any_case=True)
    )
    num_samples: int | None = field(default=None, metadata=validated_by(integer(1), "num_samples"))
    baseline: str | Mapping[str, Any] | None = field(
        default=None, metadata=validated_by(_time_series_baseline, "baseline")
    )

    _section: ClassVar[str] = "methods.asymmetric_shapley_value"

    @classmethod
    def _from_json(cls, part: Mapping[str, Any], path: str, **arguments: Any) -> Self:
        baseline = part.get("baseline")
        if isinstance(baseline, Mapping):
            words = {key: value.lower() for key, value in baseline.items() if isinstance(value, str)}
            part = {**part, "baseline": {**baseline, **words}}
        return super()._from_json(part, path, **arguments)

    def _check_together(self) -> None:
        if is_token(self.granularity):
            return
        if self.granularity == "timewise":
            if self.num_samples is not None:
                must = "be left out with granularity 'timewise'"
                raise InvalidValue("num_samples", must, self.num_samples, "it is for 'fine_grained' only")
            return
        if self.num_samples is None:
            raise InvalidValue("num_samples", "be given with granularity 'fine_grained'", None)
        if self.direction != "chronological" and not is_token(self.direction):
            raise InvalidValue("direction", "be 'chronological' with granularity 'fine_grained'", self.direction)


ExplainabilityConfig = SHAPConfig | PDPConfig | AsymmetricShapleyValueConfig
