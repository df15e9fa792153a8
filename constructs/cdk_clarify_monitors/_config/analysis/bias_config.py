"""BiasConfig: which outcome is positive, and for which groups of people the metrics are computed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from typing import Any, ClassVar, Final, Self

from ..._validation import (
    InvalidType,
    InvalidValue,
    Validator,
    column,
    is_token,
    list_of,
    one_of,
    to_json,
    validated_by,
)
from ..bias_metrics import OF_GROUPS, POST_TRAINING, PRE_TRAINING
from .document import (
    AnalysisConfigSection,
    Schema,
    errors_at,
    has_section,
    join_path,
    require_object,
    section_at,
)
from .values import Threshold, Values, ValuesOrThreshold, ValuesOrThresholds, plain, values_or_threshold

# What stands for all values of one facet.
_GROUPS: Final = (list, tuple, Values, Threshold)

ALL: Final = "all"
# Where the document has the metrics to compute, by argument.
_METRICS: Final = {"pre_training_methods": "pre_training_bias", "post_training_methods": "post_training_bias"}


def _metrics(*names: str) -> Validator:
    """All metrics of a stage, or a list of some."""
    some = list_of(one_of(*names), unique=True)

    def validate(argument: str, value: Any) -> Any:
        return value if isinstance(value, str) and value == ALL else some(argument, value)

    return validate


def _one_or_more(rule: Validator) -> Validator:
    """A single value that keeps a rule, or a list of them."""
    several = list_of(rule)

    def either(argument: str, value: Any) -> Any:
        return several(argument, value) if isinstance(value, (list, tuple)) else rule(argument, value)

    return either


def _values_of_facets(argument: str, value: Any) -> Any:
    """Values of one facet, or a list with the values (or None) of each."""
    if isinstance(value, (list, tuple)) and any(item is None or isinstance(item, _GROUPS) for item in value):
        items = enumerate(value)
        return tuple(None if item is None else values_or_threshold(f"{argument}[{i}]", item) for i, item in items)
    return values_or_threshold(argument, value)


@dataclass(frozen=True)
class BiasConfig(AnalysisConfigSection):
    """What the bias metrics compare: the positive outcome for the sensitive groups (facets) of the data set.

    The data decides whether a single number is a value or a threshold. It is a value in a column of whole numbers with
    fewer distinct numbers than 5 % of the rows, and a threshold in other columns of numbers. Say what you mean with
    `Values` or `Threshold`; if the data set is a local file, this is checked. See [A number: value or
    threshold?](../concepts.md#a-number-value-or-threshold)

    See https://docs.aws.amazon.com/sagemaker/latest/dg/clarify-processing-job-configure-analysis.html.

    Args:
        label_values_or_threshold: Label values that are the positive outcome, or one threshold that positive labels are
            above: a list, `Values` or a `Threshold`.
        facet_name: The facets: one column, or a list of columns, each by name or zero-based index.
        facet_values_or_threshold: For one facet: the values of the sensitive group, or one threshold that it is above.
            A list, `Values` or a `Threshold`; for a list of facets one of these, or None, for each. Default: each
            value of a facet in turn.
        group_name: The column, by name or index, whose subgroups conditional demographic disparity is averaged over.
            Default: none.
        pre_training_methods: The metrics of the data that the baselining job computes and suggests constraints for:
            `all`, a list of short names such as CI and DPL, or None for none. Executions compute all metrics.
        post_training_methods: The metrics of the predictions, in the same form, such as DPPL and DI.

    Raises:
        ValueError: A value is wrong, there are not as many lists of values as facets, or no metric is left.
        TypeError: A value is of the wrong type.
    """

    label_values_or_threshold: ValuesOrThreshold = field(
        metadata=validated_by(values_or_threshold, "label_values_or_threshold")
    )
    facet_name: str | int | Sequence[str | int] = field(metadata=validated_by(_one_or_more(column)))
    facet_values_or_threshold: ValuesOrThresholds | None = field(default=None, metadata=validated_by(_values_of_facets))
    group_name: str | int | None = field(default=None, metadata=validated_by(column, "group_variable"))

    _: KW_ONLY
    pre_training_methods: str | Sequence[str] | None = field(
        default=ALL, metadata=validated_by(_metrics(*PRE_TRAINING), optional=True)
    )
    post_training_methods: str | Sequence[str] | None = field(
        default=ALL, metadata=validated_by(_metrics(*POST_TRAINING), optional=True)
    )

    _instead_of: ClassVar[Mapping[str, str]] = {
        "facet": "write facet_name={value}",
        "nameorindex": "write facet_name={value}",
        "valueorthreshold": "write facet_values_or_threshold={value}",
    }
    _further_keys: ClassVar[Schema] = {"methods": {key: {"methods": None} for key in _METRICS.values()}}

    def _check_together(self) -> None:
        self._check_metrics()
        names: Any = self.facet_name
        values: Any = self.facet_values_or_threshold
        if not isinstance(names, tuple):
            if isinstance(values, tuple) and any(value is None or isinstance(value, _GROUPS) for value in values):
                only = values[0] if len(values) == 1 and isinstance(values[0], (Values, Threshold)) else None
                remedy = f"write {only!r} without the list" if only else "or give a list of facets"
                raise InvalidType("facet_values_or_threshold", "be a flat list for the one facet", values, remedy)
            return
        if is_token(names):
            must = "be known when the app is synthesized: the analysis config has one entry for each facet"
            raise InvalidValue("facet_name", must, names)
        if values is not None:
            self._check_values_of_facets(names, values)
        # Equal configurations have one form: a list of one facet is that facet, and values of none are no values.
        if len(names) == 1:
            self._set("facet_name", names[0])
            self._set("facet_values_or_threshold", values[0] if values else None)
        elif values is not None and all(value is None for value in values):
            self._set("facet_values_or_threshold", None)

    def _check_metrics(self) -> None:
        if self.pre_training_methods is None and self.post_training_methods is None:
            must = "be given without 'pre_training_methods'"
            raise InvalidType("post_training_methods", must, None, "name at least one metric")
        for name in _METRICS:
            metrics = getattr(self, name)
            needing = [metric for metric in OF_GROUPS if isinstance(metrics, tuple) and metric in metrics]
            if needing and self.group_name is None:
                remedy = f"give it, or leave {needing[0]} out: it is computed by groups"
                raise InvalidValue("group_name", f"be given with {needing[0]} in '{name}'", None, remedy)

    def _check_values_of_facets(self, names: tuple[Any, ...], values: Any) -> None:
        if not isinstance(values, tuple) or len(values) != len(names):
            must = f"have {len(names)} items, one list or None for each of the facets {list(names)}"
            raise InvalidValue("facet_values_or_threshold", must, values)
        for i, (name, value) in enumerate(zip(names, values, strict=True)):
            if value is not None and not isinstance(value, _GROUPS):
                must = f"be a list with values of facet {name!r}, or None"
                raise InvalidType(f"facet_values_or_threshold[{i}]", must, value, f"write [{value!r}]")

    @classmethod
    def _schema(cls) -> Schema:
        return {**super()._schema(), "facet": {"name_or_index": None, "value_or_threshold": None}}

    def to_analysis_config(self) -> dict[str, Any]:
        """Convert this configuration to the form that Clarify reads.

        Returns:
            An analysis_config.json with only this configuration, in JSON's types; without methods if all are chosen.
        """
        content = super().to_analysis_config()
        is_choice = any(getattr(self, name) != ALL for name in _METRICS)
        return {**content, "methods": bias_methods(self)} if is_choice else content

    @classmethod
    def _from_document(cls, content: Mapping[str, Any]) -> Self:
        paths = {name: f"methods.{key}.methods" for name, key in _METRICS.items()}
        found = {
            name: section_at(content, f"methods.{key}").get("methods", ALL)
            for name, key in _METRICS.items()
            if has_section(content, f"methods.{key}")
        }
        # A method that is left out beside another is not computed; an execution's document has neither.
        methods = {name: found.get(name) for name in _METRICS} if found else {}
        return errors_at(paths, lambda: cls._from_json(content, "", **methods))

    def _to_json(self) -> dict[str, Any]:
        keys = ("name_or_index", "value_or_threshold")
        facets = [(name, plain(values)) for name, values in facets_of(self)]
        documents = [dict(zip(keys, map(to_json, facet), strict=True)) for facet in facets]
        return {
            **super()._to_json(),
            "label_values_or_threshold": to_json(plain(self.label_values_or_threshold)),
            "facet": [{k: v for k, v in document.items() if v is not None} for document in documents],
        }

    @classmethod
    def _from_json(cls, part: Mapping[str, Any], path: str, **arguments: Any) -> Self:
        where = join_path(path, "facet")
        facets = part.get("facet")
        if not isinstance(facets, (list, tuple)) or not facets:
            raise InvalidType(where, "be a list with at least one facet", facets)
        for i, facet in enumerate(facets):
            if require_object(facet, f"{where}[{i}]").get("name_or_index") is None:
                raise InvalidType(f"{where}[{i}].name_or_index", "be given", None)
        arguments["facet_name"] = [facet["name_or_index"] for facet in facets]
        arguments["facet_values_or_threshold"] = [facet.get("value_or_threshold") for facet in facets]
        return errors_at(
            facet_paths(len(facets), where), lambda: super(BiasConfig, cls)._from_json(part, path, **arguments)
        )


def bias_methods(config: BiasConfig) -> dict[str, Any]:
    """The methods of an analysis config that compute the metrics."""
    metrics = {key: to_json(getattr(config, name)) for name, key in _METRICS.items()}
    return {key: {"methods": chosen} for key, chosen in metrics.items() if chosen is not None}


def facet_paths(count: int, where: str = "facet") -> dict[str, str]:
    """Where a document has what the arguments about facets say."""
    paths = {}
    for argument, key in (("facet_name", "name_or_index"), ("facet_values_or_threshold", "value_or_threshold")):
        paths[argument] = where if count != 1 else f"{where}[0].{key}"
        paths |= {f"{argument}[{i}]": f"{where}[{i}].{key}" for i in range(count)}
    return paths


def facets_of(config: BiasConfig) -> list[tuple[str | int, ValuesOrThreshold | None]]:
    """Each facet with its values or threshold."""
    names: Any = config.facet_name
    values: Any = config.facet_values_or_threshold
    if not isinstance(names, tuple):
        return [(names, values)]
    return list(zip(names, values or [None] * len(names), strict=True))
