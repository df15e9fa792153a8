"""BiasAnalysisConfig and ExplainabilityAnalysisConfig: what monitoring executions compute."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, Self

from ..._validation import InvalidType, InvalidValue, column, instance_of, list_of, text, text_or_integer, validated_by
from .bias_config import ALL, BiasConfig, facet_paths
from .column_references import check_facets, check_features
from .document import (
    AnalysisConfigSource,
    JsonConfig,
    errors_at,
    has_section,
    merge_documents,
    read_document,
    section_at,
)
from .explainability_config import AsymmetricShapleyValueConfig, ExplainabilityConfig, PDPConfig, SHAPConfig
from .model_config import ModelConfig

_HEADERS: Final = list_of(text(), unique=True)
_METHODS: Final = (SHAPConfig, PDPConfig, AsymmetricShapleyValueConfig)
# The keys of a predictor that an execution's job definition has in their place, and the names of labels.
_OF_OUTPUT: Final = {"label", "probability", "label_headers"}


def validate_explainability_config(argument: str, value: Any) -> object:
    """The rule for one explainability configuration, or a list of different ones."""
    configs = explainability_methods(value)
    if not configs:
        raise InvalidValue(argument, "have at least one item", value, "give a SHAPConfig, for instance")
    for config in configs:
        if not isinstance(config, _METHODS):
            must = "be a SHAPConfig, a PDPConfig, an AsymmetricShapleyValueConfig, or a list of them"
            raise InvalidType(argument, must, config)
        if isinstance(config, AsymmetricShapleyValueConfig) and config is not value:
            raise InvalidValue(argument, "be an AsymmetricShapleyValueConfig alone, not a list with one", value)
    kinds = [type(config) for config in configs]
    for kind in kinds:
        if kinds.count(kind) > 1:
            raise InvalidValue(argument, f"have no more than one {kind.__name__}", value, "remove the others")
    for config in configs:
        if isinstance(config, PDPConfig) and config.features is None and SHAPConfig not in kinds:
            remedy = "give PDPConfig(features=[...]), or a SHAPConfig beside it"
            raise InvalidValue(argument, "name the features to plot", config, remedy)
    return configs if isinstance(value, (list, tuple)) else value


def explainability_methods(config: Any) -> tuple[Any, ...]:
    """The explainability configurations of an `explainability_config`, which is one or a list of them."""
    return tuple(config) if isinstance(config, (list, tuple)) else (config,)


@dataclass(frozen=True)
class BiasAnalysisConfig(JsonConfig):
    """What the executions of a bias monitor compute: all metrics, whatever `bias_config` chooses for the baseline.

    Args:
        bias_config: The positive outcome and the facets.
        headers: Names of the data set's columns. Default: none.
        label: The ground truth: name or zero-based index of a column, or a JMESPath expression. Default: none.

    Raises:
        ValueError: A value is wrong.
        TypeError: A value is of the wrong type.
    """

    bias_config: BiasConfig = field(metadata=validated_by(instance_of(BiasConfig)))
    headers: Sequence[str] | None = field(default=None, metadata=validated_by(_HEADERS, "headers"))
    label: str | int | None = field(default=None, metadata=validated_by(column, "label"))

    def _check_together(self) -> None:
        if self.headers is not None:
            check_facets(self.bias_config, self.headers)
        # Equal configurations have one form: a choice of metrics is the baselining job's only.
        self._set("bias_config", replace(self.bias_config, pre_training_methods=ALL, post_training_methods=ALL))

    def to_analysis_config(self) -> dict[str, Any]:
        """The analysis_config.json of the monitoring executions, in JSON's types."""
        return merge_documents(self.bias_config.to_analysis_config(), self._to_json())

    @classmethod
    def from_analysis_config(cls, config: AnalysisConfigSource) -> Self:
        """Read what the executions compute from an existing analysis_config.json, a monitor's or a baselining job's.

        Args:
            config: The path of the file, or its content as a mapping.

        Raises:
            ValueError: A value is wrong, or a key is unknown. The message names the key with its path.
            TypeError: A value is missing or of the wrong type.
            OSError: The file cannot be read.
        """
        content = read_document(config)
        bias_config = BiasConfig._from_document(content)
        return errors_at(
            {**facet_paths(len(content["facet"])), "group_name": "group_variable"},
            lambda: cls._from_json(content, "", bias_config=bias_config),
        )


@dataclass(frozen=True)
class ExplainabilityAnalysisConfig(JsonConfig):
    """What the executions of an explainability monitor compute.

    Args:
        explainability_config: The method of explanation, or a list of different ones.
        model_config: The model that makes the predictions. Default: the monitored endpoint; batch transforms have no
            default.
        headers: Names of the features, without the label. Default: none.
        label_headers: Names of the labels that the model's scores belong to. Default: none.

    Raises:
        ValueError: A value is wrong.
        TypeError: A value is of the wrong type.
    """

    explainability_config: ExplainabilityConfig | Sequence[ExplainabilityConfig] = field(
        metadata=validated_by(validate_explainability_config)
    )
    model_config: ModelConfig | None = field(default=None, metadata=validated_by(instance_of(ModelConfig)))
    headers: Sequence[str] | None = field(default=None, metadata=validated_by(_HEADERS, "headers"))
    label_headers: Sequence[str | int] | None = field(default=None, metadata=validated_by(list_of(text_or_integer)))

    def _check_together(self) -> None:
        if self.headers is not None:
            check_features(explainability_methods(self.explainability_config), self.headers)

    def to_analysis_config(self) -> dict[str, Any]:
        """The analysis_config.json of the monitoring executions, in JSON's types."""
        label_headers = {} if self.label_headers is None else {"label_headers": list(self.label_headers)}
        return merge_documents(
            *(method.to_analysis_config() for method in explainability_methods(self.explainability_config)),
            {} if self.model_config is None else self.model_config.to_analysis_config(),
            {"predictor": label_headers} if label_headers else {},
            self._to_json(),
        )

    @classmethod
    def from_analysis_config(cls, config: AnalysisConfigSource) -> Self:
        """Read what the executions compute from an existing analysis_config.json, a monitor's or a baselining job's.

        Args:
            config: The path of the file, or its content as a mapping.

        Raises:
            ValueError: A value is wrong, or a key is unknown. The message names the key with its path.
            TypeError: A value is missing or of the wrong type.
            OSError: The file cannot be read.
        """
        content = read_document(config)
        methods = [method._from_document(content) for method in _METHODS if has_section(content, method._section)]
        if not methods:
            raise InvalidType(
                "methods", "have one of shap, pdp and asymmetric_shapley_value", section_at(content, "methods")
            )
        predictor = section_at(content, "predictor")
        # Without these, it is about the output of the monitored endpoint.
        names_model = predictor.keys() - _OF_OUTPUT
        paths = {name: path for method in methods for name, path in type(method)._paths(method._section).items()}
        return errors_at(
            {**paths, "explainability_config": "methods", "label_headers": "predictor.label_headers"},
            lambda: cls._from_json(
                content,
                "",
                explainability_config=methods[0] if len(methods) == 1 else methods,
                model_config=ModelConfig._from_document(content) if names_model else None,
                label_headers=predictor.get("label_headers"),
            ),
        )
