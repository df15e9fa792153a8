"""Arguments that take one of a few strings: each that AWS documents is accepted and written as it is, no other is.

sdk_choices.json was read out of the SDK's source; SageMaker's own come from botocore's model of its API.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import botocore.session
import pytest
from smclarify.bias import metrics

from cdk_clarify_monitors import (
    AsymmetricShapleyValueConfig,
    BiasConstraint,
    DataConfig,
    ImageConfig,
    ModelConfig,
    MonitoringDatasetFormat,
    SHAPConfig,
    TextConfig,
    TimeSeriesDataConfig,
    TimeSeriesJSONDatasetFormat,
)
from cdk_clarify_monitors._spec.metric_dimensions import bias_dimensions
from tests.support.monitors.calls import URI, batch, endpoint, model, watched

SDK: dict[str, list[str]] = json.loads((Path(__file__).parent / "sdk_choices.json").read_text("utf-8"))["choices"]

METRICS = [*metrics.__all__]
# The SDK's constructor takes it not, its schema of the document and AWS's page do.
PARQUET = "application/x-parquet"
STAGES = ["Pre-training", "Post-Training"]


@cache
def api(shape: str) -> list[str]:
    """The values of a string in SageMaker's API."""
    service: Any = botocore.session.get_session().get_service_model("sagemaker")
    return [*service.shape_for(shape).enum]


def _data(dataset_type: Any) -> DataConfig:
    return DataConfig(URI, dataset_type=dataset_type, features="f")


def _model(**arguments: Any) -> ModelConfig:
    return model(content_template="$features $record", record_template="$features", **arguments)


def _forecast(**arguments: Any) -> AsymmetricShapleyValueConfig:
    needs: Any = {"num_samples": 5} if arguments.get("granularity") == "fine_grained" else {}
    return AsymmetricShapleyValueConfig(**arguments, **needs)


def _stage(stage: Any) -> str:
    rest: Any = dict.fromkeys(("facet", "facet_value", "label", "label_value"), "x")
    return bias_dimensions(None, "DPPL", bias_stage=stage, **rest)["BiasStage"]


def _input(name: str, key: str, *, is_batch: bool) -> Callable[[Any], Any]:
    def written(value: Any) -> Any:
        if is_batch:
            return watched(batch_transform_input=batch(**{name: value}))["BatchTransformInput"][key]
        return watched(endpoint_input=endpoint(**{name: value}))["EndpointInput"][key]

    return written


def _section(method: str, *path: str) -> Callable[[Any], Any]:
    def written(config: Any) -> Any:
        found = config.to_analysis_config()["methods"][method]
        for key in path:
            found = found[key]
        return found

    return written


# Argument, what Clarify or SageMaker takes for it, and the value as it is written.
Choice = tuple[str, list[str], Callable[[Any], Any]]


_shap, _series = _section("shap"), _section("asymmetric_shapley_value")
CHOICES: list[Choice] = [
    ("dataset_type", SDK["DataConfig.dataset_type"], lambda value: _data(value).to_analysis_config()["dataset_type"]),
    (
        "accept_type",
        [*SDK["ModelConfig.accept_type"], PARQUET],
        lambda value: _model(accept_type=value).to_analysis_config()["predictor"]["accept_type"],
    ),
    (
        "content_type",
        [*SDK["ModelConfig.content_type"], PARQUET],
        lambda value: _model(content_type=value).to_analysis_config()["predictor"]["content_type"],
    ),
    ("agg_method", SDK["SHAPConfig.agg_method"], lambda value: _shap(SHAPConfig(agg_method=value))["agg_method"]),
    (
        "granularity",
        SDK["TextConfig.granularity"],
        lambda value: _shap(SHAPConfig(text_config=TextConfig(value, "en")))["text_config"]["granularity"],
    ),
    (
        "language",
        SDK["TextConfig.language"],
        lambda value: _shap(SHAPConfig(text_config=TextConfig("token", value)))["text_config"]["language"],
    ),
    (
        "model_type",
        SDK["ImageConfig.model_type"],
        lambda value: _shap(SHAPConfig(image_config=ImageConfig(value)))["image_config"]["model_type"],
    ),
    (
        "direction",
        SDK["AsymmetricShapleyValueConfig.direction"],
        lambda value: _series(_forecast(direction=value))["direction"],
    ),
    (
        "granularity",
        SDK["AsymmetricShapleyValueConfig.granularity"],
        lambda value: _series(_forecast(granularity=value))["granularity"],
    ),
    *(
        (
            f"baseline['{series}']",
            SDK[f"AsymmetricShapleyValueConfig.baseline['{series}']"],
            lambda value, series=series: _series(_forecast(baseline={series: value}))["baseline"][series],
        )
        for series in ("target_time_series", "related_time_series")
    ),
    *(
        (name, api(shape), _input(name, key, is_batch=is_batch))
        for name, key, shape in (
            ("s3_input_mode", "S3InputMode", "ProcessingS3InputMode"),
            ("s3_data_distribution_type", "S3DataDistributionType", "ProcessingS3DataDistributionType"),
        )
        for is_batch in (False, True)
    ),
    ("metric", METRICS, lambda value: BiasConstraint(value, at_most=1.0).metric),
    ("bias_stage", STAGES, _stage),
]
RIGHT = [
    pytest.param(value, written, id=f"{argument}-{value}") for argument, values, written in CHOICES for value in values
]


@pytest.mark.parametrize(("value", "written"), RIGHT)
def test_a_documented_value_is_written_as_it_is(value: str, written: Callable[[Any], Any]) -> None:
    assert written(value) == value


def misspelt(values: list[str]) -> list[Any]:
    """Strings that are nearly a right one, and what is no string."""
    near = [other for value in values for other in (value[1:], value[:-1], f"{value}x", f" {value}", value.swapcase())]
    return [wrong for wrong in (*dict.fromkeys(near), 1, True, [values[0]]) if wrong and wrong not in values]


@pytest.mark.parametrize(("argument", "values", "written"), CHOICES, ids=[choice[0] for choice in CHOICES])
def test_another_value_is_refused_and_all_right_ones_are_named(
    argument: str, values: list[str], written: Callable[[Any], Any]
) -> None:
    for wrong in misspelt(values):
        with pytest.raises(ValueError, match=r" must be one of ") as refused:
            written(wrong)
        named = re.fullmatch(
            r"'(.+)' must be one of '(.+)', got (.+?)(: write .+|: did you mean .+)?", str(refused.value)
        )
        assert named
        assert (named[1], {*named[2].split("', '")}) == (argument, {*values})
        assert named[3] == repr(wrong)


def test_time_series_have_the_layouts_of_the_sdk() -> None:
    layouts = {layout.value: layout for layout in TimeSeriesJSONDatasetFormat}
    assert {*layouts} == {*SDK["TimeSeriesDataConfig.dataset_format"]}
    for value, layout in layouts.items():
        series = TimeSeriesDataConfig("t", "i", "s", dataset_format=layout)
        config = DataConfig(URI, dataset_type="application/json", time_series_data_config=series)
        assert config.to_analysis_config()["time_series_data_config"]["dataset_format"] == value


def test_captured_data_have_the_formats_of_the_api() -> None:
    service: Any = botocore.session.get_session().get_service_model("sagemaker")
    formats = service.shape_for("MonitoringDatasetFormat").members
    made = [MonitoringDatasetFormat.csv(), MonitoringDatasetFormat.json(), MonitoringDatasetFormat.parquet()]
    assert {name for each in made for name in each} == {*formats}
    for each in made:
        ((name, options),) = each.items()
        assert {*options} == {*formats[name].members}
        for option in options:
            for value in (True, False):
                given = {name: {option: value}}
                request = watched(batch_transform_input=batch(dataset_format=given))["BatchTransformInput"]
                assert request["DatasetFormat"] == given
