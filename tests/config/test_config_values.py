"""Configuration objects are values: frozen, independent of what they were made of, and equal if they say the same."""

from __future__ import annotations

import ast
import copy
import dataclasses
import pickle
from pathlib import Path
from typing import Any

import pytest

import cdk_clarify_monitors
from cdk_clarify_monitors import (
    AsymmetricShapleyValueConfig,
    BatchTransformInput,
    BiasConfig,
    Constraints,
    DataConfig,
    EndpointInput,
    ModelConfig,
    ModelPredictedLabelConfig,
    NetworkConfig,
    SegmentationConfig,
    SHAPConfig,
    TimeSeriesDataConfig,
    TimeSeriesJSONDatasetFormat,
)

URI = "s3://bucket/data.csv"


def test_columns_may_be_named_and_counted_in_one_list() -> None:
    """The type checker reads this, too: a list that is made elsewhere has its items' type."""
    columns: list[str | int] = ["sex", 3]

    assert BiasConfig([1], columns).facet_name == ("sex", 3)
    assert DataConfig(URI, headers=["sex", "a", "b", "c"], excluded_columns=columns).excluded_columns == ("sex", 3)


def test_a_configuration_cannot_be_changed() -> None:
    config = DataConfig(URI, headers=["a"])

    with pytest.raises(dataclasses.FrozenInstanceError):
        config.headers = ["b"]  # type: ignore[misc]
    with pytest.raises(AttributeError):
        config.headers.append("b")  # type: ignore[union-attr]


def test_later_changes_of_what_was_given_change_nothing() -> None:
    row: list[Any] = [1, {"x": 1}]
    covariates = {"i": [1, 2]}
    format_ = {"Csv": {"Header": True}}
    shap = SHAPConfig(baseline=[{"features": row}])
    asymmetric = AsymmetricShapleyValueConfig(baseline={"static_covariates": covariates})
    batch = BatchTransformInput(URI, "/opt/x", format_)
    before = [repr(config) for config in (shap, asymmetric, batch)]

    row.append(2)
    row[1]["x"] = 2
    covariates["i"].clear()
    format_["Csv"]["Header"] = False

    assert [repr(config) for config in (shap, asymmetric, batch)] == before


def test_what_is_written_is_not_shared_with_the_configuration() -> None:
    config = DataConfig(URI, headers=["a", "b"])

    config.to_analysis_config()["headers"].append("c")

    assert config.to_analysis_config()["headers"] == ["a", "b"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (BiasConfig([1], ["a"], [["x"]]), BiasConfig([1], "a", ["x"])),
        (BiasConfig([1], ["a", "b"], [None, None]), BiasConfig([1], ["a", "b"])),
        (BiasConfig((1,), ("a", "b")), BiasConfig([1], ["a", "b"])),
        (DataConfig(URI, segmentation_config=[], label=""), DataConfig(URI)),
        (ModelConfig(endpoint_name="e", model_name="ignored"), ModelConfig(endpoint_name="e")),
        (
            TimeSeriesDataConfig("t", "i", "s", [], [], TimeSeriesJSONDatasetFormat.COLUMNS),
            TimeSeriesDataConfig("t", "i", "s", dataset_format=TimeSeriesJSONDatasetFormat.COLUMNS),
        ),
        (SHAPConfig({"a": [1]}), SHAPConfig(baseline={"a": (1,)})),
        (
            NetworkConfig(subnets=("subnet-1",), security_group_ids=["sg-1"]),
            NetworkConfig(None, ["sg-1"], ["subnet-1"]),
        ),
    ],
)
def test_what_says_the_same_is_equal(one: object, other: object) -> None:
    assert one == other
    assert hash(one) == hash(other)


@pytest.mark.parametrize(
    ("config", "argument"),
    [
        (DataConfig(URI, s3_output_path="", features="", joinsource="", facet_dataset_uri=""), "features"),
        (ModelPredictedLabelConfig(label="", probability=""), "label"),
        (ModelConfig(endpoint_name="e", content_type="", target_model=""), "content_type"),
        (SegmentationConfig("a", [["x"]], config_name=""), "config_name"),
        (EndpointInput("e", "/opt/x", start_time_offset=""), "start_time_offset"),
    ],
)
def test_an_empty_string_counts_as_not_given(config: Any, argument: str) -> None:
    assert getattr(config, argument) is None


@pytest.mark.parametrize(
    "argument",
    ["features_attribute", "inference_attribute", "probability_attribute", "exclude_features_attribute"],
)
def test_an_empty_attribute_counts_as_given(argument: str) -> None:
    config = EndpointInput("e", "/opt/x", **{argument: ""})  # type: ignore[arg-type]

    assert getattr(config, argument) == ""


@pytest.mark.parametrize("argument", ["facet_name", "label_values_or_threshold"])
def test_a_refusal_can_be_copied_and_pickled(argument: str) -> None:
    given: dict[str, Any] = {"label_values_or_threshold": [1], "facet_name": "age", argument: [{}]}
    with pytest.raises(TypeError) as refused:
        BiasConfig(**given)

    for again in (copy.copy(refused.value), pickle.loads(pickle.dumps(refused.value))):  # noqa: S301  our own
        assert type(again) is type(refused.value)
        assert str(again) == str(refused.value)
        assert str(again).startswith(f"'{argument}[0]' must ")


def test_constraints_need_not_have_their_content() -> None:
    assert Constraints(None, URI).body_dict is None
    assert Constraints(None, URI).constraints_file_s3_uri == URI


@pytest.mark.parametrize("layer", ["_validation", "_config", "_spec"])
def test_layer_imports_without_the_cdk(layer: str) -> None:
    """`aws_cdk` takes seconds to import; these layers import it in functions, or for type checkers only."""
    modules = [*Path(cdk_clarify_monitors.__file__).parent.joinpath(layer).rglob("*.py")]
    assert len(modules) > 5
    for module in modules:
        for node in ast.parse(module.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            else:
                names = [node.module or ""] if isinstance(node, ast.ImportFrom) and not node.level else []
            assert not [name for name in names if name.startswith(("aws_cdk", "constructs", "jsii"))], module
