"""What DataConfig and its parts refuse."""

from __future__ import annotations

import numpy as np
import pytest

from cdk_clarify_monitors import DataConfig, SegmentationConfig, TimeSeriesDataConfig, TimeSeriesJSONDatasetFormat
from tests.config.calls import HEADERS, URI, data, series
from tests.config.refusals import TYPE, VALUE, Refusal, check_message, each

REFUSALS: list[Refusal] = [
    # ---------------------------------------------------------------- DataConfig
    (TYPE, "s3_data_input_path", "None", lambda: data(s3_data_input_path=None)),
    (TYPE, "s3_data_input_path", "5", lambda: data(s3_data_input_path=5)),
    (VALUE, "s3_data_input_path", "''", lambda: data(s3_data_input_path="")),
    (VALUE, "s3_data_input_path", "'data.csv'", lambda: data(s3_data_input_path="data.csv")),
    (VALUE, "s3_data_input_path", "'s3://'", lambda: data(s3_data_input_path="s3://")),
    (VALUE, "s3_data_input_path", "'s3:///key'", lambda: data(s3_data_input_path="s3:///key")),
    (VALUE, "s3_data_input_path", "'https://b/k'", lambda: data(s3_data_input_path="https://b/k")),
    (VALUE, "s3_data_input_path", "'s3://b/xxx", lambda: data(s3_data_input_path="s3://b/" + "x" * 1018)),
    (VALUE, "s3_output_path", "'out'", lambda: data(s3_output_path="out")),
    (VALUE, "s3_analysis_config_output_path", "'c'", lambda: data(s3_analysis_config_output_path="c")),
    (TYPE, "label", "1.5", lambda: data(label=1.5)),
    (TYPE, "label", "True", lambda: data(label=True)),
    (VALUE, "label", "-1", lambda: data(label=-1)),
    (VALUE, "label", "'z'", lambda: data(label="z", headers=HEADERS)),
    (VALUE, "label", "3", lambda: data(label=3, headers=HEADERS)),
    (TYPE, "label", "0", lambda: data(label=0, dataset_type="application/jsonlines")),
    (TYPE, "headers", "'y'", lambda: data(headers="y")),
    (TYPE, "headers", "array(", lambda: data(headers=np.array(["a"]))),
    (TYPE, "headers[1]", "5", lambda: data(headers=["y", 5])),
    (VALUE, "headers[0]", "''", lambda: data(headers=["", "y"])),
    (VALUE, "headers", "[]", lambda: data(headers=[])),
    (VALUE, "headers", "['a', 'b', 'a']", lambda: data(headers=["a", "b", "a"])),
    (TYPE, "features", "['f']", lambda: data(features=["f"])),
    (VALUE, "features", "None", lambda: data(dataset_type="application/json")),
    (VALUE, "dataset_type", "'text/tsv'", lambda: data(dataset_type="text/tsv")),
    (TYPE, "dataset_type", "None", lambda: data(dataset_type=None)),
    (VALUE, "dataset_type", "'text/csv'", lambda: data(time_series_data_config=series())),
    (VALUE, "s3_compression_type", "'Gzip'", lambda: data(s3_compression_type="Gzip")),
    (VALUE, "s3_compression_type", "'Zip'", lambda: data(s3_compression_type="Zip")),
    (VALUE, "joinsource", "'id'", lambda: data(joinsource="id", headers=HEADERS)),
    (VALUE, "facet_dataset_uri", "'f.csv'", lambda: data(facet_dataset_uri="f.csv")),
    (VALUE, "facet_dataset_uri", f"'{URI}'", lambda: data(facet_dataset_uri=URI, dataset_type="application/jsonlines")),
    (VALUE, "facet_headers", "['f']", lambda: data(facet_headers=["f"], dataset_type="application/x-parquet")),
    (VALUE, "facet_headers", "['f', 'f']", lambda: data(facet_headers=["f", "f"])),
    (VALUE, "predicted_label_dataset_uri", "'p.csv'", lambda: data(predicted_label_dataset_uri="p.csv")),
    (
        VALUE,
        "predicted_label_dataset_uri",
        f"'{URI}'",
        lambda: data(predicted_label_dataset_uri=URI, dataset_type="application/x-parquet"),
    ),
    (
        VALUE,
        "predicted_label_headers",
        "['p']",
        lambda: data(predicted_label_headers=["p"], dataset_type="application/jsonlines"),
    ),
    (VALUE, "predicted_label", "'p'", lambda: data(predicted_label="p", headers=HEADERS)),
    (VALUE, "predicted_label", "'p'", lambda: data(predicted_label="p", dataset_type="application/x-image")),
    (
        TYPE,
        "predicted_label",
        "1",
        lambda: data(predicted_label=1, features="f", dataset_type="application/json"),
    ),
    (
        VALUE,
        "predicted_label",
        "'p'",
        lambda: data(
            predicted_label="p", headers=HEADERS, predicted_label_dataset_uri=URI, predicted_label_headers=["id", "q"]
        ),
    ),
    (VALUE, "excluded_columns", "[0]", lambda: data(excluded_columns=[0], dataset_type="application/x-image")),
    (VALUE, "excluded_columns[1]", "'z'", lambda: data(excluded_columns=["y", "z"], headers=HEADERS)),
    (TYPE, "excluded_columns", "'age'", lambda: data(excluded_columns="age")),
    (TYPE, "segmentation_config[0]", "{", lambda: data(segmentation_config=[{"name_or_index": "age"}])),
    (
        VALUE,
        "segmentation_config[0].name_or_index",
        "'z'",
        lambda: data(segmentation_config=[SegmentationConfig("z", [["a"]])], headers=HEADERS),
    ),
    (TYPE, "time_series_data_config", "{}", lambda: data(time_series_data_config={})),
    # ---------------------------------------------------------------- SegmentationConfig
    (TYPE, "name_or_index", "None", lambda: SegmentationConfig(None, [["a"]])),  # type: ignore[arg-type]
    (VALUE, "segments", "[]", lambda: SegmentationConfig("a", [])),
    (TYPE, "segments[0]", "'x'", lambda: SegmentationConfig("a", ["x"])),
    (VALUE, "segments[0]", "[]", lambda: SegmentationConfig("a", [[]])),
    (TYPE, "segments[0][1]", "2.5", lambda: SegmentationConfig("a", [["x", 2.5]])),  # type: ignore[list-item]
    (TYPE, "config_name", "7", lambda: SegmentationConfig("a", [["x"]], 7)),  # type: ignore[arg-type]
    (VALUE, "display_aliases", "['p', 'q', 'r']", lambda: SegmentationConfig("a", [["x"]], "n", ["p", "q", "r"])),
    # ---------------------------------------------------------------- TimeSeriesDataConfig
    (VALUE, "target_time_series", "''", lambda: series(target_time_series="")),
    (VALUE, "target_time_series", "0", lambda: TimeSeriesDataConfig(0, 1, 2)),
    (VALUE, "item_id", "0", lambda: TimeSeriesDataConfig(2, 0, 1)),
    (TYPE, "item_id", "1", lambda: series(item_id=1)),
    (TYPE, "timestamp", "'s'", lambda: TimeSeriesDataConfig(2, 3, "s")),
    (TYPE, "related_time_series[1]", "1", lambda: series(related_time_series=["a", 1])),
    (VALUE, "related_time_series[0]", "''", lambda: series(related_time_series=[""])),
    (TYPE, "related_time_series", "'a'", lambda: series(related_time_series="a")),
    (TYPE, "static_covariates[0]", "'a'", lambda: TimeSeriesDataConfig(1, 2, 3, static_covariates=["a"])),
    (TYPE, "dataset_format", "None", lambda: series(dataset_format=None)),
    (TYPE, "dataset_format", "'columns'", lambda: series(dataset_format="columns")),
    (
        VALUE,
        "dataset_format",
        "'columns'",
        lambda: TimeSeriesDataConfig(1, 2, 3, dataset_format=TimeSeriesJSONDatasetFormat.COLUMNS),
    ),
]


@each(REFUSALS)
def test_the_message_names_the_argument_and_shows_the_value(refusal: Refusal) -> None:
    check_message(refusal)


def test_a_long_value_is_cut_short() -> None:
    with pytest.raises(ValueError, match="must name 'a' only once") as refused:
        DataConfig(URI, headers=["a"] * 10_000)

    assert len(str(refused.value)) < 300


def test_an_array_is_refused_by_the_name_of_its_argument() -> None:
    with pytest.raises(TypeError, match=r"'headers' must be a list, got .*: call its \.tolist\(\)"):
        DataConfig(s3_data_input_path="s3://data/train.csv", headers=np.array(["label", "age"]))  # type: ignore[arg-type]
