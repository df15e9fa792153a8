"""What DataConfig and its parts refuse."""

from __future__ import annotations

import numpy as np
import pytest

from cdk_clarify_monitors import DataConfig, SegmentationConfig, TimeSeriesDataConfig, TimeSeriesJSONDatasetFormat
from tests.config.refusals import TYPE, VALUE, Refusal, check_message, each
from tests.support.monitors.calls import HEADERS, URI, data, series

REFUSALS: list[Refusal] = [
    # ---------------------------------------------------------------- DataConfig
    (TYPE, "'s3_data_input_path' must be given, got None", lambda: data(s3_data_input_path=None)),
    (TYPE, "'s3_data_input_path' must be a string, got 5: write '5'", lambda: data(s3_data_input_path=5)),
    (VALUE, "'s3_data_input_path' must not be empty, got ''", lambda: data(s3_data_input_path="")),
    (
        VALUE,
        (
            "'s3_data_input_path' must be the URI of something in S3, got 'data.csv': write "
            "s3://bucket/key, or use DataConfig.from_asset for a local file"
        ),
        lambda: data(s3_data_input_path="data.csv"),
    ),
    (
        VALUE,
        (
            "'s3_data_input_path' must be an S3 URI with a bucket of 3 to 63 letters, digits, dots, hyphens "
            "and underscores, a letter or digit first and last, got 's3://'"
        ),
        lambda: data(s3_data_input_path="s3://"),
    ),
    (
        VALUE,
        (
            "'s3_data_input_path' must be an S3 URI with a bucket of 3 to 63 letters, digits, dots, hyphens "
            "and underscores, a letter or digit first and last, got 's3:///key'"
        ),
        lambda: data(s3_data_input_path="s3:///key"),
    ),
    (
        VALUE,
        (
            "'s3_data_input_path' must be the URI of something in S3, got 'https://b/k': write "
            "s3://bucket/key, or use DataConfig.from_asset for a local file"
        ),
        lambda: data(s3_data_input_path="https://b/k"),
    ),
    (
        VALUE,
        f"'s3_data_input_path' must have at most 1024 characters, got 's3://b/{'x' * 191}…: it has 1025",
        lambda: data(s3_data_input_path="s3://b/" + "x" * 1018),
    ),
    (
        VALUE,
        "'s3_output_path' must be the URI of something in S3, got 'out': write s3://bucket/key",
        lambda: data(s3_output_path="out"),
    ),
    (
        VALUE,
        "'s3_analysis_config_output_path' must be the URI of something in S3, got 'c': write s3://bucket/key",
        lambda: data(s3_analysis_config_output_path="c"),
    ),
    (TYPE, "'label' must be a name (string) or a zero-based index (integer), got 1.5", lambda: data(label=1.5)),
    (TYPE, "'label' must be a name (string) or a zero-based index (integer), got True", lambda: data(label=True)),
    (VALUE, "'label' must be at least 0, got -1", lambda: data(label=-1)),
    (
        VALUE,
        "'label' must be one of the headers ['y', 'age', 'sex'], got 'z': correct the name or add it to 'headers'",
        lambda: data(label="z", headers=HEADERS),
    ),
    (
        VALUE,
        "'label' must be an index into the 3 headers ['y', 'age', 'sex'], got 3: count columns from 0",
        lambda: data(label=3, headers=HEADERS),
    ),
    (
        TYPE,
        "'label' must be a JMESPath expression (string) with dataset_type 'application/jsonlines', got 0",
        lambda: data(label=0, dataset_type="application/jsonlines"),
    ),
    (TYPE, "'headers' must be a list, got 'y': write ['y']", lambda: data(headers="y")),
    (
        TYPE,
        "'headers' must be a list, got array(['a'], dtype='<U1'): call its .tolist()",
        lambda: data(headers=np.array(["a"])),
    ),
    (TYPE, "'headers[1]' must be a string, got 5: write '5'", lambda: data(headers=["y", 5])),
    (VALUE, "'headers[0]' must not be empty, got ''", lambda: data(headers=["", "y"])),
    (VALUE, "'headers' must have at least one item, got []", lambda: data(headers=[])),
    (VALUE, "'headers' must name 'a' only once, got ['a', 'b', 'a']", lambda: data(headers=["a", "b", "a"])),
    (TYPE, "'features' must be a string, got ['f']", lambda: data(features=["f"])),
    (
        VALUE,
        (
            "'features' must be given with dataset_type 'application/json', got None: write the JMESPath "
            "expression that finds the features"
        ),
        lambda: data(dataset_type="application/json"),
    ),
    (
        VALUE,
        (
            "'dataset_type' must be one of 'text/csv', 'application/jsonlines', 'application/json', "
            "'application/x-parquet', 'application/x-image', got 'text/tsv': did you mean 'text/csv'?"
        ),
        lambda: data(dataset_type="text/tsv"),
    ),
    (TYPE, "'dataset_type' must not be None (its default is 'text/csv'), got None", lambda: data(dataset_type=None)),
    (
        VALUE,
        (
            "'dataset_type' must be 'application/json' with 'time_series_data_config', got 'text/csv': "
            "Clarify reads time series from JSON only"
        ),
        lambda: data(time_series_data_config=series()),
    ),
    (
        VALUE,
        (
            "'s3_compression_type' must be 'None', got 'Gzip': store the data set uncompressed: SageMaker "
            "unpacks Gzip in Pipe mode only, and Clarify reads files"
        ),
        lambda: data(s3_compression_type="Gzip"),
    ),
    (
        VALUE,
        "'s3_compression_type' must be one of 'None', 'Gzip', got 'Zip': did you mean 'Gzip'?",
        lambda: data(s3_compression_type="Zip"),
    ),
    (
        VALUE,
        (
            "'joinsource' must be one of the headers ['y', 'age', 'sex'], got 'id': correct the name or add "
            "it to 'headers'"
        ),
        lambda: data(joinsource="id", headers=HEADERS),
    ),
    (
        VALUE,
        "'facet_dataset_uri' must be the URI of something in S3, got 'f.csv': write s3://bucket/key",
        lambda: data(facet_dataset_uri="f.csv"),
    ),
    (
        VALUE,
        (
            "'facet_dataset_uri' must be left out: dataset_type 'application/jsonlines' does not support "
            "it, got 's3://bucket/data.csv': it goes with text/csv"
        ),
        lambda: data(facet_dataset_uri=URI, dataset_type="application/jsonlines"),
    ),
    (
        VALUE,
        (
            "'facet_headers' must be left out: dataset_type 'application/x-parquet' does not support it, "
            "got ['f']: it goes with text/csv"
        ),
        lambda: data(facet_headers=["f"], dataset_type="application/x-parquet"),
    ),
    (VALUE, "'facet_headers' must name 'f' only once, got ['f', 'f']", lambda: data(facet_headers=["f", "f"])),
    (
        VALUE,
        "'predicted_label_dataset_uri' must be the URI of something in S3, got 'p.csv': write s3://bucket/key",
        lambda: data(predicted_label_dataset_uri="p.csv"),
    ),
    (
        VALUE,
        (
            "'predicted_label_dataset_uri' must be left out: dataset_type 'application/x-parquet' does not "
            "support it, got 's3://bucket/data.csv': it goes with text/csv"
        ),
        lambda: data(predicted_label_dataset_uri=URI, dataset_type="application/x-parquet"),
    ),
    (
        VALUE,
        (
            "'predicted_label_headers' must be left out: dataset_type 'application/jsonlines' does not "
            "support it, got ['p']: it goes with text/csv"
        ),
        lambda: data(predicted_label_headers=["p"], dataset_type="application/jsonlines"),
    ),
    (
        VALUE,
        (
            "'predicted_label' must be one of the headers ['y', 'age', 'sex'], got 'p': correct the name or "
            "add it to 'headers'"
        ),
        lambda: data(predicted_label="p", headers=HEADERS),
    ),
    (
        VALUE,
        (
            "'predicted_label' must be left out: dataset_type 'application/x-image' does not support it, "
            "got 'p': it goes with text/csv, application/jsonlines, application/json, application/x-parquet"
        ),
        lambda: data(predicted_label="p", dataset_type="application/x-image"),
    ),
    (
        TYPE,
        "'predicted_label' must be a JMESPath expression (string) with dataset_type 'application/json', got 1",
        lambda: data(predicted_label=1, features="f", dataset_type="application/json"),
    ),
    (
        VALUE,
        (
            "'predicted_label' must be one of the predicted_label_headers ['id', 'q'], got 'p': correct the "
            "name or add it to 'predicted_label_headers'"
        ),
        lambda: data(
            predicted_label="p", headers=HEADERS, predicted_label_dataset_uri=URI, predicted_label_headers=["id", "q"]
        ),
    ),
    (
        VALUE,
        (
            "'excluded_columns' must be left out: dataset_type 'application/x-image' does not support it, "
            "got [0]: it goes with text/csv, application/jsonlines, application/json, application/x-parquet"
        ),
        lambda: data(excluded_columns=[0], dataset_type="application/x-image"),
    ),
    (
        VALUE,
        (
            "'excluded_columns[1]' must be one of the headers ['y', 'age', 'sex'], got 'z': correct the "
            "name or add it to 'headers'"
        ),
        lambda: data(excluded_columns=["y", "z"], headers=HEADERS),
    ),
    (TYPE, "'excluded_columns' must be a list, got 'age': write ['age']", lambda: data(excluded_columns="age")),
    (
        TYPE,
        (
            "'segmentation_config[0]' must be a SegmentationConfig, got {'name_or_index': 'age'}: make one "
            "with SegmentationConfig(…)"
        ),
        lambda: data(segmentation_config=[{"name_or_index": "age"}]),
    ),
    (
        VALUE,
        (
            "'segmentation_config[0].name_or_index' must be one of the headers ['y', 'age', 'sex'], got "
            "'z': correct the name or add it to 'headers'"
        ),
        lambda: data(segmentation_config=[SegmentationConfig("z", [["a"]])], headers=HEADERS),
    ),
    (
        TYPE,
        "'time_series_data_config' must be a TimeSeriesDataConfig, got {}: make one with TimeSeriesDataConfig(…)",
        lambda: data(time_series_data_config={}),
    ),
    # ---------------------------------------------------------------- SegmentationConfig
    (TYPE, "'name_or_index' must be given, got None", lambda: SegmentationConfig(None, [["a"]])),  # type: ignore[arg-type]
    (VALUE, "'segments' must have at least one item, got []", lambda: SegmentationConfig("a", [])),
    (TYPE, "'segments[0]' must be a list, got 'x': write ['x']", lambda: SegmentationConfig("a", ["x"])),
    (VALUE, "'segments[0]' must have at least one item, got []", lambda: SegmentationConfig("a", [[]])),
    (TYPE, "'segments[0][1]' must be a string or an integer, got 2.5", lambda: SegmentationConfig("a", [["x", 2.5]])),  # type: ignore[list-item]
    (TYPE, "'config_name' must be a string, got 7: write '7'", lambda: SegmentationConfig("a", [["x"]], 7)),  # type: ignore[arg-type]
    (
        VALUE,
        "'display_aliases' must have 1 items, one per segment, or 2 with the default segment, got ['p', 'q', 'r']",
        lambda: SegmentationConfig("a", [["x"]], "n", ["p", "q", "r"]),
    ),
    # ---------------------------------------------------------------- TimeSeriesDataConfig
    (VALUE, "'target_time_series' must not be empty, got ''", lambda: series(target_time_series="")),
    (
        VALUE,
        "'target_time_series' must be a JMESPath expression or an index above 0, got 0",
        lambda: TimeSeriesDataConfig(0, 1, 2),
    ),
    (
        VALUE,
        "'item_id' must be a JMESPath expression or an index above 0, got 0",
        lambda: TimeSeriesDataConfig(2, 0, 1),
    ),
    (
        TYPE,
        "'item_id' must be a JMESPath expression (string) as 'target_time_series' is, got 1",
        lambda: series(item_id=1),
    ),
    (
        TYPE,
        "'timestamp' must be an index (integer) as 'target_time_series' is, got 's'",
        lambda: TimeSeriesDataConfig(2, 3, "s"),
    ),
    (
        TYPE,
        "'related_time_series[1]' must be a JMESPath expression (string) as 'target_time_series' is, got 1",
        lambda: series(related_time_series=["a", 1]),
    ),
    (VALUE, "'related_time_series[0]' must not be empty, got ''", lambda: series(related_time_series=[""])),
    (TYPE, "'related_time_series' must be a list, got 'a': write ['a']", lambda: series(related_time_series="a")),
    (
        TYPE,
        "'static_covariates[0]' must be an index (integer) as 'target_time_series' is, got 'a'",
        lambda: TimeSeriesDataConfig(1, 2, 3, static_covariates=["a"]),
    ),
    (
        TYPE,
        "'dataset_format' must be given with JMESPath expressions, got None: say how the JSON is laid out",
        lambda: series(dataset_format=None),
    ),
    (
        TYPE,
        (
            "'dataset_format' must be a TimeSeriesJSONDatasetFormat, got 'columns': make one with "
            "TimeSeriesJSONDatasetFormat(…)"
        ),
        lambda: series(dataset_format="columns"),
    ),
    (
        VALUE,
        (
            "'dataset_format' must be None with indices, got <TimeSeriesJSONDatasetFormat.COLUMNS: 'columns'>: leave "
            "it out"
        ),
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
