"""ModelConfig and ModelPredictedLabelConfig: the model that makes predictions, and how to read them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Final, Self

from ..._lazy_module import LazyModule
from ..._validation import (
    InvalidType,
    InvalidValue,
    column,
    floating,
    instance_of,
    integer,
    is_token,
    list_of,
    one_of,
    string_mapping,
    text,
    text_or_integer,
    validated_by,
)
from ..._validation.sagemaker import ENDPOINT_NAME, INSTANCE_TYPE, MODEL_NAME
from .document import AnalysisConfigSection, JsonConfig, Schema, errors_at, section_at

if TYPE_CHECKING:
    from aws_cdk import aws_sagemaker as sagemaker
else:
    sagemaker = LazyModule("aws_cdk.aws_sagemaker")

_PREFIX: Final = text(
    pattern=r"[a-zA-Z0-9]-*[a-zA-Z0-9][a-zA-Z0-9-]*",
    form="letters, digits and hyphens, at least two of them letters or digits, no hyphen first",
    max_length=63,
)
_MAX_TEMPLATE_ENTRIES: Final = 100
_TABLE_TYPES: Final = ("text/csv", "application/jsonlines", "application/json", "application/x-parquet")
_CONTENT_TYPES: Final = (*_TABLE_TYPES, "image/jpeg", "image/png", "application/x-npy")


def _content_template(argument: str, value: Any) -> object:
    """A template of a request: a string, or an object of strings."""
    if not isinstance(value, Mapping):
        return text()(argument, value)
    if not value:
        raise InvalidValue(argument, "have at least one entry", value)
    return string_mapping(_MAX_TEMPLATE_ENTRIES, text(), text())(argument, value)


def _place(argument: str, value: Any) -> object:
    """Where the label or the scores are in the model's output; a number between them is meant for a threshold."""
    if isinstance(value, float) and not is_token(value) and 0 < value < 1:
        must = "be a name (string) or a zero-based index (integer)"
        raise InvalidType(argument, must, value, f"a threshold is given as probability_threshold={value}")
    return column(argument, value)


@dataclass(frozen=True)
class TimeSeriesModelConfig(JsonConfig):
    """Where a forecasting model's output holds the forecast.

    Args:
        forecast: JMESPath expression that finds the forecast.

    Raises:
        ValueError: The expression is empty.
        TypeError: It is not a string.
    """

    forecast: str = field(metadata=validated_by(text(), "forecast"))


@dataclass(frozen=True)
class ModelConfig(AnalysisConfigSection):
    """The model that makes the predictions: a running endpoint, or a model of which Clarify creates a temporary one.

    See https://docs.aws.amazon.com/sagemaker/latest/dg/clarify-processing-job-configure-analysis.html.

    Args:
        model_name: The SageMaker model: its name, or a `CfnModel` of the app, which the baselining job then waits for.
            The attribute is always the name. Needs `instance_count` and `instance_type`. Default: none.
        instance_count: Number of instances of the temporary endpoint. Default: none.
        instance_type: Their type, such as `ml.c5.xlarge`. Default: none.
        accept_type: Format of the model's output: `text/csv`, `application/jsonlines`, `application/json` or
            `application/x-parquet`. Default: the same as `content_type`.
        content_type: Format of the model's input: one of these or `image/jpeg`, `image/png`, `application/x-npy`.
            Default: the same as the data set's.
        content_template: Template of a request, a string or an object of strings. For `application/jsonlines` with the
            placeholder `$features`, for `application/json` with `$record` or `$records`. Default: none.
        record_template: Template of a record in the request, for `application/json`. Default: none.
        custom_attributes: Sent to the model with every request, at most 1024 ASCII characters. Default: none.
        accelerator_type: Elastic Inference accelerator of the temporary endpoint. Default: none.
        endpoint_name_prefix: Prefix of the temporary endpoint's name. Default: Clarify's own.
        target_model: The model to call on a multi-model endpoint. Default: none.
        endpoint_name: A running endpoint instead of a temporary one: a `CfnEndpoint` or its name. Default: none.
        time_series_model_config: Where the forecast is, for the explainability of forecasts. Default: none.

    Raises:
        ValueError: A value is wrong, or not exactly one of model and endpoint is given.
        TypeError: A value is of the wrong type.
    """

    model_name: str | sagemaker.CfnModel | None = field(default=None, metadata=validated_by(MODEL_NAME, "model_name"))
    instance_count: int | None = field(default=None, metadata=validated_by(integer(1), "initial_instance_count"))
    instance_type: str | None = field(default=None, metadata=validated_by(INSTANCE_TYPE, "instance_type"))
    accept_type: str | None = field(
        default=None, metadata=validated_by(one_of(*_TABLE_TYPES), "accept_type", any_case=True)
    )
    content_type: str | None = field(
        default=None, metadata=validated_by(one_of(*_CONTENT_TYPES), "content_type", any_case=True)
    )
    content_template: str | Mapping[str, str] | None = field(
        default=None, metadata=validated_by(_content_template, "content_template")
    )
    record_template: str | None = field(default=None, metadata=validated_by(text(), "record_template"))
    custom_attributes: str | None = field(
        default=None,
        metadata=validated_by(text(pattern=r"[\x20-\x7e]*", form="ASCII", max_length=1024), "custom_attributes"),
    )
    accelerator_type: str | None = field(default=None, metadata=validated_by(text(), "accelerator_type"))
    endpoint_name_prefix: str | None = field(default=None, metadata=validated_by(_PREFIX, "endpoint_name_prefix"))
    target_model: str | None = field(default=None, metadata=validated_by(text(), "target_model"))
    endpoint_name: str | sagemaker.CfnEndpoint | sagemaker.IEndpoint | None = field(
        default=None, metadata=validated_by(ENDPOINT_NAME, "endpoint_name")
    )
    time_series_model_config: TimeSeriesModelConfig | None = field(
        default=None,
        metadata=validated_by(
            instance_of(TimeSeriesModelConfig), "time_series_predictor_config", TimeSeriesModelConfig
        ),
    )

    _section: ClassVar[str] = "predictor"

    def _check_together(self) -> None:
        self._check_model_or_endpoint()
        self._check_templates()
        if self.time_series_model_config is not None:
            for name in ("accept_type", "content_type"):
                value = getattr(self, name)
                if value not in (None, "application/json", "application/jsonlines") and not is_token(value):
                    must = "be 'application/json' or 'application/jsonlines' with 'time_series_model_config'"
                    raise InvalidValue(name, must, value)

    def _check_model_or_endpoint(self) -> None:
        model = {name: getattr(self, name) for name in ("model_name", "instance_count", "instance_type")}
        missing = [name for name, value in model.items() if value is None]
        if self.endpoint_name is None:
            for name in missing:
                remedy = "give model_name, instance_count and instance_type together, or endpoint_name"
                raise InvalidValue(name, "be given without 'endpoint_name'", None, remedy)
            return
        if not missing:
            remedy = "give either endpoint_name or model_name, instance_count and instance_type"
            raise InvalidValue("endpoint_name", "be left out with 'model_name'", self.endpoint_name, remedy)
        if self.endpoint_name_prefix is not None:
            must = "be left out with 'endpoint_name'"
            raise InvalidValue("endpoint_name_prefix", must, self.endpoint_name_prefix, "no endpoint is created then")
        for name in model:
            self._set(name, None)  # the SDK ignores an incomplete model beside an endpoint

    def _check_templates(self) -> None:
        if self.content_type == "application/jsonlines":
            self._check_template("content_template", "$features", "$features")
        if self.content_type == "application/json":
            self._check_template("content_template", "$record", "$records or $record")
            self._check_template("record_template", "$", "$features, $features_kvp, or ${A} for a feature A")

    def _check_template(self, name: str, needed: str, placeholders: str) -> None:
        template = getattr(self, name)
        texts = template.values() if isinstance(template, Mapping) else [template]
        if template is None or not any(needed in text or is_token(text) for text in texts):
            must = f"have the placeholder {placeholders} with content_type '{self.content_type}'"
            raise InvalidValue(name, must, template)


@dataclass(frozen=True)
class ModelPredictedLabelConfig(AnalysisConfigSection):
    """Where the predictions are in the model's output.

    See https://docs.aws.amazon.com/sagemaker/latest/dg/clarify-processing-job-configure-analysis.html.

    Args:
        label: Index or JMESPath expression of the predicted label. Default: the output is one score or label.
        probability: Index or JMESPath expression of the scores. Default: none.
        probability_threshold: A score above it is a positive prediction; a float, 0.0 to 1.0. Default: Clarify's, 0.5.
        label_headers: Names of the labels that the scores belong to. Default: none.

    Raises:
        ValueError: A value is wrong.
        TypeError: A value is of the wrong type. Clarify does not accept an integer as threshold: write `1.0`, not `1`.
    """

    label: str | int | None = field(default=None, metadata=validated_by(_place, "label"))
    probability: str | int | None = field(default=None, metadata=validated_by(_place, "probability"))
    probability_threshold: float | None = field(default=None, metadata=validated_by(floating(0, 1)))
    label_headers: Sequence[str | int] | None = field(
        default=None, metadata=validated_by(list_of(text_or_integer), "label_headers")
    )

    _section: ClassVar[str] = "predictor"
    _further_keys: ClassVar[Schema] = {"probability_threshold": None}

    def to_analysis_config(self) -> dict[str, Any]:
        """This configuration as Clarify reads it: in the predictor, except for the threshold.

        Returns:
            An analysis_config.json with only this configuration, in JSON's types.
        """
        threshold = self.probability_threshold
        return {
            **({} if threshold is None else {"probability_threshold": threshold}),
            **({"predictor": predictor} if (predictor := self._to_json()) else {}),
        }

    @classmethod
    def _from_document(cls, content: Mapping[str, Any]) -> Self:
        paths = {"probability_threshold": "probability_threshold"}
        threshold = content.get("probability_threshold")
        return errors_at(
            paths,
            lambda: cls._from_json(section_at(content, "predictor"), "predictor", probability_threshold=threshold),
        )
