"""The analysis config that executions get is about captured data: the columns that the model gets, and no others."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest

from cdk_clarify_monitors import (
    AsymmetricShapleyValueConfig,
    BiasAnalysisConfig,
    BiasConfig,
    DataConfig,
    ExplainabilityAnalysisConfig,
    PDPConfig,
    SHAPConfig,
    TimeSeriesDataConfig,
    TimeSeriesJSONDatasetFormat,
)
from tests.support.monitors.calls import URI, analysed_bias, bias, data, explained, model, time_series_model

JSON, LINES, PARQUET = "application/json", "application/jsonlines", "application/x-parquet"
HEADERS = ["id", "y", "sex", "age", "zip", "p"]
PATHS = {"dataset_type": JSON, "features": "[*].f", "label": "[*].y"}


def told(data_config: DataConfig, config: Any = None, **arguments: Any) -> dict[str, Any]:
    """What the executions are told, by a bias monitor or, with a method, by an explainability monitor."""
    given = {"data_config": data_config, "model_config": model(), **arguments}
    if isinstance(config, BiasConfig):
        analysis = analysed_bias(**given, bias_config=config)
    else:
        analysis = explained(**given, explainability_config=config or SHAPConfig())
    assert analysis.monitoring is not None
    return dict(analysis.monitoring)


def told_headers(**arguments: Any) -> Any:
    return told(data(**arguments)).get("headers")


# ---------------------------------------------------------------- headers
@pytest.mark.parametrize("dataset_type", ["text/csv", PARQUET])
@pytest.mark.parametrize(
    ("arguments", "features"),
    [
        ({}, HEADERS),
        ({"label": "y"}, ["id", "sex", "age", "zip", "p"]),
        ({"label": 1, "joinsource": 0}, ["sex", "age", "zip", "p"]),
        ({"label": "y", "joinsource": "id", "predicted_label": "p"}, ["sex", "age", "zip"]),
        ({"label": 1, "joinsource": "id", "predicted_label": 5, "excluded_columns": [4]}, ["sex", "age"]),
        ({"label": "y", "excluded_columns": ["id", "zip", "p"]}, ["sex", "age"]),
        # The same column for several reasons, or twice.
        ({"label": "y", "joinsource": 0, "excluded_columns": [0, 1, 5], "predicted_label": "p"}, ["sex", "age", "zip"]),
        ({"label": "y", "excluded_columns": ["id", "id"]}, ["sex", "age", "zip", "p"]),
        ({"excluded_columns": []}, HEADERS),
    ],
)
def test_features_are_the_columns_that_the_model_gets(
    dataset_type: str, arguments: dict[str, Any], features: list[str]
) -> None:
    config = data(headers=HEADERS, dataset_type=dataset_type, **arguments)

    assert told(config)["headers"] == features
    bias = told(config, BiasConfig([1], "sex"))
    assert bias["headers"] == [name for name in HEADERS if name in features or (name == "y" and "label" in arguments)]


def test_columns_of_other_data_sets_are_not_missing() -> None:
    headers = ["id", "y", "sex", "age", "p"]
    others = {
        "facet_dataset_uri": URI,
        "facet_headers": ["id", "group"],
        "predicted_label_dataset_uri": URI,
        "predicted_label_headers": ["id", "p"],
        "predicted_label": "p",
        "excluded_columns": ["group"],
    }

    assert told_headers(headers=headers, label="y", joinsource="id", **others) == ["sex", "age", "p"]


def test_the_label_of_a_bias_monitor_stays_whatever_else_it_is() -> None:
    config = data(headers=["y", "sex"], label="y", joinsource=0, excluded_columns=["y"])

    assert told(config, BiasConfig([1], "sex"))["headers"] == ["y", "sex"]


def test_the_baselining_job_is_told_what_is_given() -> None:
    config = data(headers=HEADERS, label=1, joinsource=0)

    analysis = analysed_bias(data_config=config, bias_config=BiasConfig([1], 3), model_config=model())

    assert analysis.baselining is not None
    assert analysis.baselining["headers"] == HEADERS
    assert analysis.baselining["label"] == 1
    assert analysis.baselining["facet"] == [{"name_or_index": 3}]


def test_a_given_analysis_config_is_not_changed() -> None:
    config = data(headers=HEADERS, label="y", excluded_columns=["sex"])
    bias = BiasAnalysisConfig(BiasConfig([1], "sex"), HEADERS, "y")
    shap = ExplainabilityAnalysisConfig(SHAPConfig(), model(), HEADERS)

    assert told(config, BiasConfig([1], "sex"), analysis_config=bias) == bias.to_analysis_config()
    assert told(config, analysis_config=shap) == shap.to_analysis_config()


def test_headers_without_a_feature_are_refused() -> None:
    with pytest.raises(ValueError, match=r"'headers' must name a feature .*, got \['y', 'id'\]"):
        told_headers(headers=["y", "id"], label="y", joinsource="id")


# ---------------------------------------------------------------- JSON
@pytest.mark.parametrize(
    ("arguments", "features"),
    [
        ({"headers": ["age", "sex", "y"]}, ["age", "sex"]),
        ({"headers": ["age", "sex", "approved"]}, ["age", "sex"]),
        ({"headers": ["y", "age", "sex"]}, ["age", "sex"]),  # the label's own name tells more than the place
        ({"headers": ["age", "sex"], "label": None}, ["age", "sex"]),
        ({"headers": ["age", "sex", "y", "p"], "predicted_label": "[*].p"}, ["age", "sex"]),
        ({"headers": ["age", "sex", "y"], "predicted_label": "[*].p"}, ["age", "sex"]),
        ({"headers": ["id", "age", "sex", "y"], "joinsource": "id"}, ["age", "sex"]),
        ({"headers": ["id", "age", "sex", "approved"], "excluded_columns": [0]}, ["age", "sex"]),
        ({"headers": ["age", "sex", "approved"], "excluded_columns": ["approved"]}, ["age", "sex"]),
        ({"headers": ["age"]}, ["age"]),
        ({"headers": None}, None),
    ],
)
@pytest.mark.parametrize("dataset_type", [JSON, LINES])
def test_the_last_header_of_json_is_the_labels(
    dataset_type: str, arguments: dict[str, Any], features: list[str] | None
) -> None:
    assert told_headers(**{**PATHS, "dataset_type": dataset_type, **arguments}) == features


@pytest.mark.parametrize(
    ("method", "features"),
    [
        (SHAPConfig([[30, "F"]]), ["age", "sex"]),
        (SHAPConfig([[30, "F", 1]]), ["age", "sex", "member"]),
        (SHAPConfig([{"f": [30, "F"]}]), ["age", "sex"]),
        (SHAPConfig([{"f": [30, "F", 1]}]), ["age", "sex", "member"]),
        (SHAPConfig({"f": [[30, "F", 1], [40, "M", 0]]}), ["age", "sex", "member"]),
        (SHAPConfig({"g": [30, "F", 1]}), ["age", "sex"]),
        (SHAPConfig("s3://bucket/baseline.json"), ["age", "sex"]),
        (SHAPConfig(features_to_explain=["member"]), ["age", "sex", "member"]),
        (PDPConfig(features=[2]), ["age", "sex", "member"]),
        (PDPConfig(features=[0]), ["age", "sex"]),
    ],
)
def test_baseline_rows_tell_if_the_last_header_is_a_feature(method: Any, features: list[str]) -> None:
    config = told(data(**PATHS, headers=["age", "sex", "member"]), method)

    assert config["headers"] == features
    assert config["methods"] == method.to_analysis_config()["methods"]


@pytest.mark.parametrize(
    ("headers", "features", "with_label"),
    [
        (["age", "sex"], ["age", "sex"], ["age", "sex"]),
        (["age", "sex", "approved"], ["age", "sex"], ["age", "sex", "approved"]),
        (["age", "sex", "approved", "guessed"], ["age", "sex"], ["age", "sex", "approved"]),
        (["age", "sex", "p"], ["age", "sex"], ["age", "sex"]),
    ],
)
def test_a_local_json_file_tells_how_many_features_there_are(
    tmp_path: Path, headers: list[str], features: list[str], with_label: list[str]
) -> None:
    path = tmp_path / "data.jsonl"
    path.write_text("".join(json.dumps({"y": i % 2, "p": 1, "f": [30 + i, "FM"[i % 2]]}) + "\n" for i in range(9)))
    config = DataConfig.from_asset(
        cdk.Stack(), "Data", path, label="y", predicted_label="p", features="f", headers=headers
    )

    assert told(config)["headers"] == features
    assert told(config, BiasConfig([0], "sex"))["headers"] == with_label


def test_time_series_are_told_as_they_are_given() -> None:
    places = TimeSeriesDataConfig("t", "i", "s", dataset_format=TimeSeriesJSONDatasetFormat.COLUMNS)
    config = data(dataset_type=JSON, time_series_data_config=places, headers=["i", "s", "t"])

    monitoring = told(config, AsymmetricShapleyValueConfig(), model_config=time_series_model())

    assert monitoring["headers"] == ["i", "s", "t"]


# ---------------------------------------------------------------- indices
@pytest.mark.parametrize(
    ("given", "sent"),
    [(["age", 2], ["age", 0]), ([3, 4], [1, 2]), (["sex", 2, "zip"], ["sex", 0, "zip"])],
)
def test_features_are_counted_without_the_columns_before_them(given: list[Any], sent: list[Any]) -> None:
    config = data(headers=HEADERS, label=1, joinsource="id", predicted_label="p")

    monitoring = told(config, [SHAPConfig(features_to_explain=given), PDPConfig(features=given)])

    assert monitoring["methods"]["shap"]["features_to_explain"] == sent
    assert monitoring["methods"]["pdp"]["features"] == sent


def test_indices_shift_past_columns_that_are_not_captured() -> None:
    config = data(headers=HEADERS, label=1, excluded_columns=["id", "age"])

    monitoring = told(
        config, bias(facet_name=[2, "sex", 5], facet_values_or_threshold=[["F"], None, [1]], group_name=4)
    )

    assert monitoring == {
        "headers": ["y", "sex", "zip", "p"],
        "label": 0,
        "label_values_or_threshold": [1],
        "facet": [
            {"name_or_index": 1, "value_or_threshold": ["F"]},
            {"name_or_index": "sex"},
            {"name_or_index": 3, "value_or_threshold": [1]},
        ],
        "group_variable": 2,
    }


def test_indices_that_do_not_shift_are_sent_as_given() -> None:
    config = data(headers=["sex", "age", "y", "p"], label=2, predicted_label=3)

    bias = BiasConfig([1], 0, group_name=1)
    assert told(config, bias) == {**bias.to_analysis_config(), "headers": ["sex", "age", "y"], "label": 2}
    assert told(config, PDPConfig(features=[0, "age"]))["methods"]["pdp"]["features"] == [0, "age"]


def test_indices_are_counted_without_headers_too() -> None:
    config = data(label=0, excluded_columns=[2])

    assert told(config, PDPConfig(features=[1, 3]))["methods"]["pdp"]["features"] == [0, 1]
    monitoring = told(config, BiasConfig([1], 3, group_name="zip"))
    assert (monitoring["label"], monitoring["facet"]) == (0, [{"name_or_index": 2}])
    assert monitoring["group_variable"] == "zip"


def test_indices_that_cannot_be_counted_are_sent_as_given() -> None:
    config = data(label="y", excluded_columns=["id"])

    assert told(config, PDPConfig(features=[3]))["methods"]["pdp"]["features"] == [3]
    assert told(config, BiasConfig([1], 3))["facet"] == [{"name_or_index": 3}]


# ---------------------------------------------------------------- what captured data cannot have
@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        ({"excluded_columns": ["sex"]}, "excluded_columns"),
        ({"excluded_columns": [0, 2]}, "excluded_columns"),
        ({"joinsource": "sex"}, "joinsource"),
        ({"joinsource": 2}, "joinsource"),
        ({"predicted_label": "sex"}, "predicted_label"),
        ({"headers": None, "excluded_columns": ["sex"]}, "excluded_columns"),
        ({"headers": None, "joinsource": "sex"}, "joinsource"),
        ({"headers": ["id", "y", "age", "g"], "facet_dataset_uri": URI}, "facet_dataset_uri"),
        (
            {"headers": ["id", "y", "age", "g"], "facet_dataset_uri": URI, "facet_headers": ["id", "sex"]},
            "facet_dataset_uri",
        ),
        ({"headers": None, "facet_dataset_uri": URI, "facet_headers": ["id", "sex"]}, "facet_dataset_uri"),
        ({"dataset_type": PARQUET, "excluded_columns": ["sex"]}, "excluded_columns"),
        ({"dataset_type": LINES, "features": "f", "excluded_columns": ["sex"]}, "excluded_columns"),
        ({"dataset_type": LINES, "features": "f", "predicted_label": "a.sex"}, "predicted_label"),
    ],
)
@pytest.mark.parametrize(
    ("changes", "argument"),
    [
        ({"facet_name": "sex"}, "facet_name"),
        ({"facet_name": ["age", "sex"]}, "facet_name[1]"),
        ({"facet_name": "age", "group_name": "sex"}, "group_name"),
    ],
)
def test_a_facet_that_is_not_captured_is_refused(
    arguments: dict[str, Any], why: str, changes: dict[str, Any], argument: str
) -> None:
    config = data(**{"headers": HEADERS, "label": "y", **arguments})
    bias = BiasConfig(**{"label_values_or_threshold": [1], **changes})

    with pytest.raises(ValueError, match="must be a column of the captured data") as refused:
        told(config, bias)

    assert str(refused.value).startswith(f"'{argument}' must ")
    assert f", got 'sex': by '{why}' the model does not get it" in str(refused.value)
    assert "'analysis_config'" in str(refused.value)
    given = BiasAnalysisConfig(BiasConfig([1], "age"))
    assert told(config, bias, analysis_config=given) == given.to_analysis_config()


@pytest.mark.parametrize(
    ("arguments", "facet"),
    [
        ({"headers": HEADERS, "excluded_columns": ["sex"]}, 2),
        ({"headers": None, "excluded_columns": [2]}, 2),
        ({"headers": ["id", "y"], "facet_dataset_uri": URI, "facet_headers": ["id", "sex"]}, 3),
    ],
)
def test_a_facet_by_index_that_is_not_captured_is_refused(arguments: dict[str, Any], facet: int) -> None:
    with pytest.raises(ValueError, match=f"'facet_name' must be a column of the captured data.*, got {facet}: "):
        told(data(**arguments), BiasConfig([1], facet))


@pytest.mark.parametrize(
    "arguments",
    [
        {"headers": ["id", "y", "sex"], "facet_dataset_uri": URI, "facet_headers": ["id", "sex"]},
        {"headers": None, "facet_dataset_uri": URI},
        {"headers": None, "facet_dataset_uri": URI, "facet_headers": ["id", "group"]},
        {"headers": None, "excluded_columns": [2]},
    ],
)
def test_a_facet_that_captured_data_can_have_is_not_refused(arguments: dict[str, Any]) -> None:
    assert told(data(**arguments), BiasConfig([1], "sex"))["facet"] == [{"name_or_index": "sex"}]


@pytest.mark.parametrize(
    ("arguments", "feature", "why"),
    [
        ({"label": "y"}, "y", "label"),
        ({"label": 1}, "y", "label"),
        ({"label": "y"}, 1, "label"),
        ({"excluded_columns": ["zip"]}, 4, "excluded_columns"),
        ({"predicted_label": 5}, "p", "predicted_label"),
        ({"headers": None, "joinsource": 0}, 0, "joinsource"),
        ({"headers": None, "label": "y"}, "y", "label"),
        ({"dataset_type": LINES, "label": "a.y"}, "y", "label"),
    ],
)
@pytest.mark.parametrize(("method", "argument"), [(SHAPConfig, "features_to_explain"), (PDPConfig, "features")])
def test_a_feature_that_the_model_does_not_get_is_refused(
    arguments: dict[str, Any], feature: Any, why: str, method: Any, argument: str
) -> None:
    config = data(**{"headers": HEADERS, **arguments})

    with pytest.raises(ValueError, match="must be a feature that the model gets") as refused:
        told(config, method(**{argument: ["sex", feature]}))

    assert str(refused.value).startswith(f"'{argument}[1]' must ")
    assert f", got {feature!r}: by '{why}' it is none" in str(refused.value)


@pytest.mark.parametrize(
    ("arguments", "row"),
    [
        ({"label": "y", "joinsource": "id", "predicted_label": "p"}, ["F", 30]),
        ({"label": "y", "joinsource": "id", "predicted_label": "p"}, ["F", 30, "x", 1]),
        ({"excluded_columns": [0, 1]}, [1] * 6),
        ({"dataset_type": LINES, "label": "a.y"}, [1] * 6),
        ({"dataset_type": LINES, "label": "a.z"}, [1] * 4),
    ],
)
def test_a_row_that_is_not_one_value_per_feature_is_refused(arguments: dict[str, Any], row: list[Any]) -> None:
    with pytest.raises(ValueError, match=r"'baseline\[0\]' must have . values, one for each of the features \["):
        told(data(headers=HEADERS, **arguments), SHAPConfig([row]))


# ---------------------------------------------------------------- tokens
NAME = cdk.Token.as_string({"Ref": "Name"})
OTHER = cdk.Token.as_string({"Ref": "Other"})
NUMBER = cdk.Token.as_number({"Ref": "Number"})
LIST = cdk.Token.as_list({"Ref": "List"})


@pytest.mark.parametrize(
    ("arguments", "sent"),
    [
        ({"headers": ["id", NAME, "age", "sex"], "joinsource": NAME, "label": "id"}, ["age", "sex"]),
        ({"headers": ["id", NAME, "age", "sex"], "joinsource": "id"}, [NAME, "age", "sex"]),
        ({"headers": ["id", "age", "sex"], "joinsource": OTHER}, ["id", "age", "sex"]),
        ({"headers": ["id", "age", "sex"], "joinsource": NUMBER, "excluded_columns": ["id"]}, ["age", "sex"]),
        ({"headers": ["age", "sex"], "excluded_columns": LIST}, ["age", "sex"]),
        ({"headers": LIST, "joinsource": 0, "excluded_columns": ["age"]}, LIST),
        ({"headers": None, "excluded_columns": LIST}, None),
    ],
)
def test_what_is_known_at_deployment_only_is_left(arguments: dict[str, Any], sent: Any) -> None:
    config = data(**arguments)

    assert told(config).get("headers") == sent
    for facet in (NAME, NUMBER, "sex", 3 if len(arguments["headers"] or HEADERS) > 3 else "sex"):
        assert told(config, bias(facet_name=facet))["facet"]


@pytest.mark.parametrize("arguments", [{"joinsource": OTHER}, {"excluded_columns": LIST}])
def test_rows_may_leave_out_what_is_known_at_deployment_only(arguments: dict[str, Any]) -> None:
    config = data(headers=["id", "age", "sex"], **arguments)

    assert told(config, SHAPConfig([[30, "F"], [1, 30, "F"]]))
    with pytest.raises(ValueError, match=r"'baseline\[0\]' must have at most 3 values"):
        told(config, SHAPConfig([[1, 30, "F", 4]]))


def test_indices_into_token_headers_do_not_shift() -> None:
    config = data(headers=LIST, label=0, joinsource=1)

    monitoring = told(config, BiasConfig([1], 2))

    assert (monitoring["headers"], monitoring["label"]) == (LIST, 0)
    assert monitoring["facet"] == [{"name_or_index": 2}]
