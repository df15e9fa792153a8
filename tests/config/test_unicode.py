"""Half a character is refused wherever a text is given: no template and no file in UTF-8 can hold it."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest

from cdk_clarify_monitors import (
    AsymmetricShapleyValueConfig,
    BaselineOptions,
    BiasAnalysisConfig,
    Constraints,
    DataConfig,
    ExplainabilityAnalysisConfig,
    ImageConfig,
    ModelPredictedLabelConfig,
    PDPConfig,
    SegmentationConfig,
    SHAPConfig,
    TimeSeriesModelConfig,
)
from tests.support.monitors.builders import bias_monitor, explainability_monitor
from tests.support.monitors.calls import HEADERS, batch, bias, data, endpoint, model, settings

BAD = "a\ud800"
LATE = f"{cdk.Token.as_string({'Ref': 'Parameter'})}\udfff"

REFUSED: dict[str, Any] = {
    "s3_data_input_path": lambda text: data(s3_data_input_path=f"s3://bucket/{text}"),
    "label": lambda text: data(label=text),
    "headers[1]": lambda text: data(headers=["y", text]),
    "features": lambda text: data(dataset_type="application/jsonlines", features=text),
    "joinsource": lambda text: data(joinsource=text),
    "excluded_columns[0]": lambda text: data(excluded_columns=[text]),
    "predicted_label": lambda text: data(predicted_label=text),
    "label_values_or_threshold[0]": lambda text: bias(label_values_or_threshold=[text]),
    "facet_name": lambda text: bias(facet_name=text),
    "facet_values_or_threshold[0][0]": lambda text: bias(
        facet_name=["a", "b"], facet_values_or_threshold=[[text], None]
    ),
    "group_name": lambda text: bias(group_name=text),
    "content_template": lambda text: model(content_type="application/jsonlines", content_template=f"$features{text}"),
    "target_model": lambda text: model(target_model=text),
    "probability": lambda text: ModelPredictedLabelConfig(probability=text),
    "label_headers[0]": lambda text: ModelPredictedLabelConfig(label_headers=[text]),
    "forecast": lambda text: TimeSeriesModelConfig(text),
    "baseline[0][0]": lambda text: SHAPConfig([[text]]),
    "baseline[0]['a']": lambda text: SHAPConfig([{"a": text}]),
    "baseline[0]": lambda text: SHAPConfig([{text: 1}]) if "Token" not in text else SHAPConfig([{f"\ud800{1}": 1}]),
    "features_to_explain[0]": lambda text: SHAPConfig(features_to_explain=[text]),
    "features[0]": lambda text: PDPConfig([text]),
    "feature_extraction_method": lambda text: ImageConfig("IMAGE_CLASSIFICATION", feature_extraction_method=text),
    "baseline['static_covariates']['i'][0]": lambda text: AsymmetricShapleyValueConfig(
        baseline={"static_covariates": {"i": [text]}}
    ),
    "segments[0][0]": lambda text: SegmentationConfig("age", [[text]]),
    "body_dict['a']['b'][0]": lambda text: Constraints({"a": {"b": [text]}}, "s3://bucket/x"),
    "destination": lambda text: endpoint(destination=text),
    "inference_attribute": lambda text: batch(inference_attribute=text),
    "version": lambda text: BaselineOptions(version=text),
    "env['A']": lambda text: settings(env={"A": text}),
    "tags['a']": lambda text: settings(tags={"a": text}),
}
# Of these the first names the list of its class.
ALSO = {
    "headers[0]": lambda text: BiasAnalysisConfig(bias(), headers=[text]),
    "label_headers[0]": lambda text: ExplainabilityAnalysisConfig(SHAPConfig([[1]]), model(), label_headers=[text]),
}
ALL = [*REFUSED.items(), *ALSO.items()]


@pytest.mark.parametrize("text", [BAD, LATE], ids=["alone", "beside a token"])
@pytest.mark.parametrize(("argument", "make"), ALL)
def test_half_a_character_is_refused(argument: str, make: Any, text: str) -> None:
    with pytest.raises(ValueError, match=r"must be encodable as UTF-8, got .*surrogate") as refused:
        make(text)
    assert str(refused.value).startswith(f"'{argument}' must ")
    str(refused.value).encode()


@pytest.mark.parametrize(("argument", "make"), ALL)
def test_whole_characters_of_all_languages_are_not(argument: str, make: Any) -> None:
    assert "UTF-8" not in _refusal(make, "日本😀\ufffe")


def _refusal(make: Any, text: str) -> str:
    """What another rule says; "" if nothing."""
    try:
        make(text)
    except ValueError as refusal:
        return str(refusal)
    return ""


def test_half_a_character_in_a_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "analysis_config.json"
    path.write_text(json.dumps({"dataset_type": "text/csv", "headers": [BAD, *HEADERS]}))
    with pytest.raises(ValueError, match=r"'headers\[0\]' must be encodable as UTF-8"):
        DataConfig.from_analysis_config(str(path), "s3://bucket/x")


def test_a_changed_copy_is_checked_too() -> None:
    with pytest.raises(ValueError, match="'label' must be encodable"):
        dataclasses.replace(data(label="y"), label=BAD)


@pytest.mark.parametrize(
    ("make", "changes"),
    [
        (bias_monitor, {"ground_truth_input": f"s3://bucket/{BAD}"}),
        (bias_monitor, {"endpoint_input": BAD}),
        (bias_monitor, {"monitor_schedule_name": BAD}),
        (bias_monitor, {"base_job_name": BAD}),
        (bias_monitor, {"id": BAD}),
        (explainability_monitor, {"model_scores": BAD}),
        (explainability_monitor, {"constraints": f"s3://bucket/{BAD}"}),
    ],
)
def test_half_a_character_leaves_nothing_behind(make: Any, changes: Any) -> None:
    stack = cdk.Stack(cdk.App(), "Stack")
    with pytest.raises(ValueError, match=f"'{next(iter(changes))}' must be encodable"):
        make(stack, **changes)
    assert stack.node.children == []


@pytest.mark.parametrize("changes", [{"id": BAD}, {"path": "train\udc80.csv"}])
def test_half_a_character_makes_no_asset(changes: dict[str, str]) -> None:
    stack = cdk.Stack(cdk.App(), "Stack")
    arguments = {"id": "Data", "path": "train.csv", **changes}
    with pytest.raises(ValueError, match=f"'{next(iter(changes))}' must be encodable"):
        DataConfig.from_asset(stack, arguments["id"], arguments["path"])
    assert stack.node.children == []


@pytest.mark.parametrize("changes", [{"id": BAD}, {"description": BAD}])
def test_half_a_character_makes_no_rule(changes: dict[str, Any]) -> None:
    monitor = bias_monitor(cdk.Stack(cdk.App(), "Stack"))
    children = [child.node.id for child in monitor.node.children]
    with pytest.raises(ValueError, match=f"'{next(iter(changes))}' must be encodable"):
        monitor.on_violations(changes.pop("id", "Rule"), **changes)
    assert [child.node.id for child in monitor.node.children] == children
