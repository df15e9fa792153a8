"""Limits on both sides: the least and the greatest value pass, the ones beyond them are refused."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import aws_cdk as cdk
import pytest

from cdk_clarify_monitors import (
    AsymmetricShapleyValueConfig,
    BaselineOptions,
    BiasConstraint,
    CronExpressionGenerator,
    ImageConfig,
    ModelConfig,
    ModelPredictedLabelConfig,
    NetworkConfig,
    PDPConfig,
    SegmentationConfig,
    SHAPConfig,
    TimeSeriesModelConfig,
)
from tests.support.monitors.calls import (
    batch,
    bias,
    data,
    endpoint,
    explained_columns,
    model,
    schedule,
    series,
    settings,
)

DAY, HOUR, MINUTE = 86_400, 3_600, 60
# The call with a number, the least and the greatest that pass; None: there is no such limit.
Limit = tuple[Callable[[Any], object], int | None, int | None]


def _uri(length: int) -> str:
    return "s3://bucket/".ljust(length, "x")


def _text(name: str, make: Callable[..., object], most: int, text: Callable[[int], Any] = lambda n: "x" * n) -> Limit:
    return lambda n: make(**{name: text(n)}), None, most


def _entries(count: int) -> dict[str, str]:
    return {f"V{number}": "x" for number in range(count)}


def _vpc(groups: int = 1, subnets: int = 1) -> NetworkConfig:
    ids = [f"sg-{i}" for i in range(groups)], [f"subnet-{i}" for i in range(subnets)]
    return NetworkConfig(security_group_ids=ids[0], subnets=ids[1])


def _image(**arguments: Any) -> ImageConfig:
    return ImageConfig("OBJECT_DETECTION", **arguments)


def _window(seconds: int) -> None:
    schedule(data_analysis_start_time="-P2D", data_analysis_end_time=f"-PT{2 * DAY - seconds}S")


NUMBERS: dict[str, Limit] = {
    "SHAP's num_samples": (lambda n: SHAPConfig(num_samples=n), 1, None),
    "num_clusters": (lambda n: SHAPConfig(num_clusters=n), 1, None),
    "num_segments": (lambda n: _image(num_segments=n), 1, None),
    "max_objects": (lambda n: _image(max_objects=n), 1, None),
    "grid_resolution": (lambda n: PDPConfig(grid_resolution=n), 1, None),
    "top_k_features": (lambda n: PDPConfig(top_k_features=n), 1, None),
    "num_samples of a forecast": (
        lambda n: AsymmetricShapleyValueConfig(granularity="fine_grained", num_samples=n),
        1,
        None,
    ),
    "instances of the temporary endpoint": (lambda n: model(instance_count=n), 1, None),
    "instance_count": (lambda n: settings(instance_count=n), 1, 100),
    "instance_count of the baseline": (lambda n: BaselineOptions(instance_count=n), 1, 100),
    "volume_size_in_gb": (lambda n: settings(volume_size_in_gb=n), 1, 16_384),
    "volume_size_in_gb of the baseline": (lambda n: BaselineOptions(volume_size_in_gb=n), 1, 16_384),
    "max_runtime_in_seconds": (lambda n: settings(max_runtime_in_seconds=n), 1, DAY),
    "max_runtime_in_seconds of the baseline": (lambda n: BaselineOptions(max_runtime_in_seconds=n), 1, 9 * DAY),
    "an hourly bias execution": (lambda n: schedule("cron(0 * ? * * *)", max_runtime_in_seconds=n), 1, 30 * MINUTE),
    "an hourly explainability execution": (
        lambda n: schedule("cron(0 * ? * * *)", "ModelExplainability", max_runtime_in_seconds=n),
        1,
        HOUR,
    ),
    "an execution every hour from five": (
        lambda n: schedule("cron(0 5/1 ? * * *)", max_runtime_in_seconds=n),
        1,
        30 * MINUTE,
    ),
    "an execution every two hours": (lambda n: schedule("cron(0 3/2 ? * * *)", max_runtime_in_seconds=n), 1, 2 * HOUR),
    "an execution a day": (lambda n: schedule("cron(0 3 ? * * *)", max_runtime_in_seconds=n), 1, DAY),
    "hour": (CronExpressionGenerator.daily, 0, 23),
    "hour in a string": (lambda n: CronExpressionGenerator.daily(str(n)), 0, 23),
    "hour_interval": (CronExpressionGenerator.daily_every_x_hours, 1, 24),
    "starting_hour": (lambda n: CronExpressionGenerator.daily_every_x_hours(6, n), 0, 23),
    "hour in an expression": (lambda n: schedule(f"cron(0 {n} ? * * *)"), 0, 23),
    "interval in an expression": (lambda n: schedule(f"cron(0 0/{n} ? * * *)"), 1, 24),
    "index of the label": (lambda n: data(label=n), 0, None),
    "index among three headers": (lambda n: data(label=n, headers=["a", "b", "c"]), 0, 2),
    "index of an excluded column": (lambda n: data(excluded_columns=[n]), 0, None),
    "index of the facet": (lambda n: bias(facet_name=n), 0, None),
    "index of the group": (lambda n: bias(group_name=n), 0, None),
    "index of the join column": (lambda n: data(joinsource=n), 0, None),
    "index of the predicted label": (lambda n: data(predicted_label=n), 0, None),
    "index of a segment's column": (lambda n: SegmentationConfig(n, [["x"]]), 0, None),
    "index of a feature to explain": (lambda n: SHAPConfig(features_to_explain=[n]), 0, None),
    "index of a feature to plot": (lambda n: PDPConfig(features=[n]), 0, None),
    "index of the scores": (lambda n: ModelPredictedLabelConfig(probability=n), 0, None),
    "index of the scores' label": (lambda n: ModelPredictedLabelConfig(label=n), 0, None),
    "a limit of a metric": (lambda n: BiasConstraint("DPPL", at_most=n), 0, None),
    "a limit of DI": (lambda n: BiasConstraint("DI", at_most=n), 1, None),
    "timeout": (lambda n: BaselineOptions(timeout=cdk.Duration.seconds(n)), MINUTE, 12 * HOUR),
    "seconds of data in an execution": (_window, 0, DAY),
}

LENGTHS: dict[str, Limit] = {
    "characters of a forecast's place": (lambda n: TimeSeriesModelConfig("x" * n), 1, None),
    "monitor_schedule_name": _text("monitor_schedule_name", settings, 63),
    "model_name": _text("model_name", model, 63),
    "endpoint_name of a model": _text("endpoint_name", ModelConfig, 63),
    "endpoint_name": _text("endpoint_name", endpoint, 63),
    "endpoint_name_prefix": (lambda n: model(endpoint_name_prefix="x" * n), 2, 63),
    "custom_attributes": _text("custom_attributes", model, 1024),
    "version": _text("version", BaselineOptions, 256),
    **{
        f"{name} of {make.__name__}": _text(name, make, most)
        for make in (endpoint, batch)
        for name, most in {
            "destination": 256,
            "features_attribute": 256,
            "inference_attribute": 256,
            "probability_attribute": 256,
        }.items()
    },
    **{
        f"{name} of {make.__name__}": _text(name, make, 15, lambda n: "P".ljust(n, "1"))
        for make, names in (
            (endpoint, ("start_time_offset", "end_time_offset")),
            (batch, ("start_time_offset", "end_time_offset")),
            (settings, ("data_analysis_start_time", "data_analysis_end_time")),
        )
        for name in names
    },
    **{
        name: _text(name, make, most, _uri)
        for name, make, most in (
            ("s3_data_input_path", data, 1024),
            ("s3_output_path", data, 1024 - 100),  # what is appended needs room
            ("s3_analysis_config_output_path", data, 1024 - 100),
            ("facet_dataset_uri", data, 1024),
            ("predicted_label_dataset_uri", data, 1024),
            ("baseline", SHAPConfig, 1024),
            ("constraints", settings, 1024),
            ("output_s3_uri", settings, 512),
            ("data_capture_s3_uri", settings, 512),
            ("data_captured_destination_s3_uri", batch, 512),
        )
    },
    "name of a variable": (lambda n: settings(env={"x" * n: "x"}), 1, 256),
    "value of a variable": (lambda n: settings(env={"x": "x" * n}), 1, 256),
    "key of a tag": (lambda n: settings(tags={"x" * n: "x"}), 1, 128),
    "value of a tag": _text("tags", settings, 256, lambda n: {"x": "x" * n}),
    "id of a security group": (
        lambda n: NetworkConfig(security_group_ids=["sg-".ljust(n, "1")], subnets=["subnet-1"]),
        None,
        32,
    ),
    "id of a subnet": (
        lambda n: NetworkConfig(security_group_ids=["sg-1"], subnets=["subnet-".ljust(n, "1")]),
        None,
        32,
    ),
}

COUNTS: dict[str, Limit] = {
    "security groups": (lambda n: _vpc(groups=n), 1, 5),
    "subnets": (lambda n: _vpc(subnets=n), 1, 16),
    "variables": (lambda n: settings(env=_entries(n), enable_cloudwatch_metrics=None), None, 50),
    "variables beside that of the metrics": (lambda n: settings(env=_entries(n)), None, 49),
    "tags": (lambda n: settings(tags=_entries(n)), None, 50),
    "headers": (lambda n: data(headers=[f"h{i}" for i in range(n)]), 1, None),
    "values of the label": (lambda n: bias(label_values_or_threshold=[*range(n)]), 1, None),
    "facets": (lambda n: bias(facet_name=[f"f{i}" for i in range(n)]), 1, None),
    "values of the facet": (lambda n: bias(facet_values_or_threshold=[*range(n)]), 1, None),
    "segments": (lambda n: SegmentationConfig("a", [["x"]] * n), 1, None),
    "values of a segment": (lambda n: SegmentationConfig("a", [["x"] * n]), 1, None),
    "methods of explanation": (lambda n: explained_columns([SHAPConfig()] * n), 1, None),
    "rows of a baseline": (lambda n: SHAPConfig([[1]] * n), 1, None),
    "features to explain": (lambda n: SHAPConfig(features_to_explain=[*range(n)]), 1, None),
    "features to plot": (lambda n: PDPConfig(features=[*range(n)]), 1, None),
    "label headers": (lambda n: ModelPredictedLabelConfig(label_headers=[*range(n)]), 1, None),
    "characters of a name": (lambda n: endpoint(endpoint_name="e" * n), 1, None),
    "characters of a path": (lambda n: endpoint(destination="/" * n), 1, None),
    "characters of a header": (lambda n: data(headers=["h" * n]), 1, None),
}

LIMITS = {**NUMBERS, **LENGTHS, **COUNTS}


@pytest.mark.parametrize("limit", LIMITS.values(), ids=LIMITS)
def test_the_limits_themselves_pass_and_what_is_beyond_does_not(limit: Limit) -> None:
    call, least, most = limit
    for number, beyond in ((least, -1), (most, 1)):
        if number is None:
            continue
        call(number)
        with pytest.raises(ValueError, match=r"^'.+' must .+, got "):
            call(number + beyond)


@pytest.mark.parametrize("name", ["iou_threshold", "context"])
def test_a_portion_is_from_0_to_1(name: str) -> None:
    for portion in (0.0, 0.5, 1.0):
        assert getattr(_image(**{name: portion}), name) == portion
    for portion, limit in ((math.nextafter(0.0, -1), "least 0"), (math.nextafter(1.0, 2), "most 1")):
        with pytest.raises(ValueError, match=f"^'{name}' must be at {limit}, got "):
            _image(**{name: portion})


@pytest.mark.parametrize(
    "make",
    [
        lambda: settings(tags={"x": ""}),
        lambda: settings(env={}),
        lambda: settings(tags={}),
        lambda: settings(constraints_overrides=[]),
        lambda: data(excluded_columns=[]),
        lambda: data(segmentation_config=[]),
        lambda: series(related_time_series=[]),
        lambda: series(static_covariates=[]),
        lambda: endpoint(features_attribute=""),
    ],
)
def test_what_may_be_empty_is(make: Callable[[], object]) -> None:
    assert make()
