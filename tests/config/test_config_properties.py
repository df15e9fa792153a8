"""Whatever values a configuration is made of: as JSON they are equal, and what was read back is equal, too."""

from __future__ import annotations

import copy
import json
import math
import pickle
from typing import Any

import pytest
from hypothesis import given, settings

from cdk_clarify_monitors import BiasConfig, DataConfig, SHAPConfig
from tests.config.configurations import configurations, data_configs, json_values


def same(left: Any, right: Any) -> bool:
    """Equality of JSON values, in which 1 and True, and 1 and 1.0, are different."""
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(same(left[key], right[key]) for key in left)
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(same, left, right))
    return type(left) is type(right) and bool(left == right)


@given(configurations)
def test_reading_what_was_written_gives_an_equal_configuration(config: Any) -> None:
    document = config.to_analysis_config()

    again = type(config).from_analysis_config(json.loads(json.dumps(document)))

    assert again == config
    assert same(again.to_analysis_config(), document)


@given(data_configs)
def test_a_data_set_is_read_back_with_its_places(config: DataConfig) -> None:
    document = json.loads(json.dumps(config.to_analysis_config()))

    again = DataConfig.from_analysis_config(document, s3_data_input_path=config.s3_data_input_path)

    assert again == config


@given(configurations | data_configs)
@settings(max_examples=50)
def test_a_configuration_can_be_hashed_copied_and_pickled(config: Any) -> None:
    assert hash(copy.deepcopy(config)) == hash(config)
    assert copy.deepcopy(config) == config
    assert pickle.loads(pickle.dumps(config)) == config  # noqa: S301  our own


@given(json_values)
def test_values_keep_their_types(value: Any) -> None:
    baseline = [{"v": value}]

    document = SHAPConfig(baseline=baseline).to_analysis_config()

    assert same(json.loads(json.dumps(document, allow_nan=False))["methods"]["shap"]["baseline"], baseline)


def test_values_are_told_apart_by_type() -> None:
    values: list[Any] = ["1", 1, 1.0, True, "", "Bokmål", 10**30, 0.1, -0.0]

    written = BiasConfig(values, "f", values).to_analysis_config()

    assert same(written["label_values_or_threshold"], values)
    assert same(written["facet"], [{"name_or_index": "f", "value_or_threshold": values}])
    assert math.copysign(1, written["label_values_or_threshold"][-1]) == -1


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_what_json_cannot_express_is_refused(value: float) -> None:
    with pytest.raises(ValueError, match="JSON knows neither NaN nor Infinity"):
        SHAPConfig(baseline={"a": [value]})


def test_integer_keys_become_text_as_in_every_json_document() -> None:
    config = SHAPConfig(baseline={1: "a"})  # type: ignore[dict-item]

    assert config.to_analysis_config()["methods"]["shap"]["baseline"] == {"1": "a"}
