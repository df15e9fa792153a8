"""Steps of the resolution that bias and explainability monitors share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from ..._config.analysis.analysis_config import ExplainabilityAnalysisConfig
from ..._config.analysis.document import merge_documents
from ..._config.analysis.model_config import ModelConfig, ModelPredictedLabelConfig
from ..._validation import InvalidType, InvalidValue, is_given, is_token, s3_uri

# The keys of a `predictor` section that name a model or an endpoint.
_PREDICTOR_KEYS: Final = ("model_name", "endpoint_name", "endpoint_name_prefix")


def check_types(**arguments: tuple[object, type[Any]]) -> None:
    """Refuse arguments that are not of their class; each is a value and its class.

    Raises:
        TypeError: A value is of another class.
    """
    for name, (value, cls) in arguments.items():
        if value is not None and not isinstance(value, cls):
            raise InvalidType(name, f"be a {cls.__name__}", value, f"make one with {cls.__name__}(…)")


def resolve_analysis_config(value: object, cls: type[Any]) -> tuple[str | None, dict[str, Any] | None]:
    """Resolve an `analysis_config` argument.

    Returns:
        The S3 URI and the content, one of which is None; both, if none was given.

    Raises:
        ValueError: The S3 URI is wrong.
        TypeError: The value is neither a string nor of the class.
    """
    if not is_given(value):
        return None, None
    if isinstance(value, str):
        return str(s3_uri()("analysis_config", value)), None
    if not isinstance(value, cls):
        article = "an" if cls is ExplainabilityAnalysisConfig else "a"
        remedy = f"make one with {cls.__name__}(…)"
        raise InvalidType("analysis_config", f"be an S3 URI or {article} {cls.__name__}", value, remedy)
    return None, value.to_analysis_config()


def check_given_without_data_config(analysis_config: object, others: Mapping[str, object]) -> None:
    """Require an `analysis_config`, and nothing that goes with a `data_config`, where that was not given.

    Raises:
        ValueError: The analysis config is missing, or one of the others was given.
    """
    for name, value in others.items():
        if value is not None:
            must = f"be given with '{name}'"
            raise InvalidValue("data_config", must, None, f"say where the data set is, or leave '{name}' out")
    if analysis_config is None:
        remedy = "give it, or data_config and its kin for a baselining job"
        raise InvalidValue("analysis_config", "be given without 'data_config'", None, remedy)


def predictor_section(
    model_config: ModelConfig | None, predicted_label_config: ModelPredictedLabelConfig | None
) -> dict[str, Any]:
    """The part of an analysis config about the model and its output; without a model only the threshold."""
    labels = {} if predicted_label_config is None else predicted_label_config.to_analysis_config()
    if model_config is None:
        return _select(labels, "probability_threshold")
    return merge_documents(model_config.to_analysis_config(), labels)


def predictors_in(*documents: Mapping[str, Any] | None) -> list[Mapping[str, Any]]:
    """The models and endpoints that analysis configs name, without duplicates."""
    predictors: list[Mapping[str, Any]] = []
    for document in documents:
        predictor = _select((document or {}).get("predictor", {}), *_PREDICTOR_KEYS)
        if predictor and predictor not in predictors:
            predictors.append(predictor)
    return predictors


def to_attribute(column: str | int | float | None) -> str | None:
    """Convert an index or JMESPath expression to an attribute of an endpoint input, which is a string."""
    if isinstance(column, float) and is_token(column):
        from aws_cdk import Token  # a number token comes from the CDK, so the CDK is loaded already

        return Token.as_string(column)
    return None if column is None else str(column)


def _select(document: Mapping[str, Any], *keys: str) -> dict[str, Any]:
    return {key: document[key] for key in keys if key in document}
