"""Data and configurations that are seldom met, and must neither fail nor mislead."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest

from cdk_clarify_monitors import (
    AsymmetricShapleyValueConfig,
    BiasConfig,
    DataConfig,
    ExplainabilityAnalysisConfig,
    ModelConfig,
    SHAPConfig,
    TimeSeriesDataConfig,
    TimeSeriesJSONDatasetFormat,
    TimeSeriesModelConfig,
)
from cdk_clarify_monitors._spec.analysis.analysis_spec import AnalysisSpec
from tests.support.monitors import calls
from tests.support.monitors.calls import HEADERS

MODEL = ModelConfig(endpoint_name="e")
FromText = Callable[..., DataConfig]


@pytest.fixture
def from_text(tmp_path: Path) -> FromText:
    """A configuration of a file with this content."""

    def make(content: str, name: str = "data.csv", **arguments: Any) -> DataConfig:
        path = tmp_path / name
        path.write_text(content, encoding="utf-8")
        return DataConfig.from_asset(cdk.Stack(), "Data", path, **arguments)

    return make


def analysed(data_config: DataConfig, bias_config: BiasConfig) -> AnalysisSpec:
    return calls.analysed_bias(data_config=data_config, bias_config=bias_config, model_config=MODEL)


def explained(**changes: Any) -> AnalysisSpec:
    given: dict[str, Any] = {
        "data_config": DataConfig("s3://bucket/data.csv", headers=HEADERS, label="y"),
        "model_config": MODEL,
        "explainability_config": SHAPConfig(baseline=[[1, 2]]),
    }
    return calls.explained(**{**given, **changes})


# ---------------------------------------------------------------- facets
def test_values_of_two_facets_in_one_flat_list_are_refused() -> None:
    with pytest.raises(TypeError, match=r"'facet_values_or_threshold\[0\]' must be a list with values of facet 'sex'"):
        BiasConfig([1], ["sex", "city"], ["F", "Rome"])


# ---------------------------------------------------------------- local files
def test_truth_values_in_words_are_one_with_those_in_numbers(from_text: FromText) -> None:
    data = from_text("y,member\ntrue,True\nfalse,False\n", label="y", headers=["y", "member"])

    assert analysed(data, BiasConfig([1], "member", [True])).baselining
    with pytest.raises(ValueError, match=r"'label_values_or_threshold\[0\]' must be one of the values \[True, False\]"):
        analysed(data, BiasConfig([2], "member", [True]))


def test_values_that_are_missing_do_not_count(from_text: FromText) -> None:
    data = from_text("y,age\n1,nan\n0,\n1,30\n0,50\n", label="y", headers=["y", "age"])

    with pytest.raises(ValueError, match="a threshold within the 30 to 50 of column 'age': no row is above it, got 60"):
        analysed(data, BiasConfig([0], "age", [60]))


def test_short_row_has_no_value_in_the_last_columns(from_text: FromText) -> None:
    data = from_text("y,age,sex\n1,30,F\n0\n1,50,M\n", label="y", headers=HEADERS)

    assert analysed(data, BiasConfig([0], "sex", ["F"])).baselining
    with pytest.raises(ValueError, match="must be one of the values"):
        analysed(data, BiasConfig([0], "sex", ["X"]))


def test_a_cell_that_is_too_large_for_csv_is_told(from_text: FromText) -> None:
    with pytest.raises(ValueError, match=r"'path' must be CSV, got .*: line 2: field larger than field limit"):
        from_text(f"y,age\n1,{'9' * (csv.field_size_limit() + 1)}\n", label="y")


def test_without_a_label_only_facets_are_compared_with_the_file(from_text: FromText) -> None:
    data = from_text("y,age\n1,30\n0,50\n", headers=["y", "age"])

    assert analysed(data, BiasConfig([7], "age", [40])).baselining
    with pytest.raises(ValueError, match=r"'facet_values_or_threshold\[0\]'"):
        analysed(data, BiasConfig([7], "age", [60]))


def test_large_json_document_is_not_checked(from_text: FromText) -> None:
    large = '{"a": "' + "x" * (20 * 1024 * 1024) + '"}'

    data = from_text(large, "data.json", features="not.there", headers=["age"])

    assert data.headers == ("age",)


# ---------------------------------------------------------------- Parquet
def _parquet(folder: Path) -> Path:
    arrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    path = folder / "data.parquet"
    parquet.write_table(arrow.table({"y": [1, 0], "age": [30, 50]}), path)
    return path


def test_columns_of_parquet_can_get_other_names(tmp_path: Path) -> None:
    data = DataConfig.from_asset(cdk.Stack(), "Data", _parquet(tmp_path), label="label", headers=["label", "years"])

    with pytest.raises(ValueError, match="must be a threshold within the 30 to 50 of column 'years'"):
        analysed(data, BiasConfig([1], "years", [60]))


def test_token_facet_is_not_looked_up_in_the_file(tmp_path: Path) -> None:
    data = DataConfig.from_asset(cdk.Stack(), "Data", _parquet(tmp_path))
    facet = cdk.Token.as_string({"Ref": "Facet"})

    assert analysed(data, BiasConfig([1], facet, [60])).baselining


# ---------------------------------------------------------------- explainability
def test_constraints_configure_executions_without_a_job() -> None:
    analysis = explained(baselining=False)

    assert analysis.baselining is None
    assert analysis.monitoring
    assert "shap" in analysis.monitoring["methods"]


def test_a_given_analysis_config_is_for_the_executions_only() -> None:
    given = ExplainabilityAnalysisConfig(SHAPConfig(baseline=[[5, 6]]), MODEL, headers=["age", "sex"])

    analysis = explained(analysis_config=given)

    assert analysis.baselining
    assert analysis.monitoring
    assert analysis.baselining["methods"]["shap"]["baseline"] == [[1, 2]]
    assert analysis.monitoring["methods"]["shap"]["baseline"] == [[5, 6]]


@pytest.mark.parametrize("covariates", [None, ["city"]])
def test_time_series_baseline_may_omit_static_covariates(covariates: list[str] | None) -> None:
    series = TimeSeriesDataConfig(
        target_time_series="t",
        item_id="i",
        timestamp="s",
        static_covariates=covariates,
        dataset_format=TimeSeriesJSONDatasetFormat.COLUMNS,
    )
    data = DataConfig("s3://bucket/d.json", dataset_type="application/json", time_series_data_config=series)
    model = ModelConfig(endpoint_name="e", time_series_model_config=TimeSeriesModelConfig("f"))
    config = AsymmetricShapleyValueConfig(baseline={"target_time_series": "zero"})

    analysis = explained(data_config=data, model_config=model, explainability_config=config)

    assert analysis.baselining
    assert analysis.baselining["methods"]["asymmetric_shapley_value"]["baseline"] == {"target_time_series": "zero"}
