"""A local data file as data set: the asset, and what the file tells about the rest of the configuration."""

from __future__ import annotations

import copy
import dataclasses
import json
import re
import sys
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk.assertions import Template

from cdk_clarify_monitors import BiasConfig, DataConfig, ModelConfig, ModelPredictedLabelConfig
from cdk_clarify_monitors._spec.analysis.analysis_spec import AnalysisSpec
from tests.support.monitors.calls import analysed_bias, bias

MODEL = ModelConfig(endpoint_name="e")
ROWS = ["y,age,sex", "1,30,F", "0,40,M", "1,50,F", "0,60,X"]
RECORDS = [{"y": 1, "f": [30, "F"]}, {"y": 0, "f": [40, "M"]}]


@pytest.fixture
def stack(tmp_path: Path) -> cdk.Stack:
    return cdk.Stack(cdk.App(outdir=str(tmp_path / "cdk.out"), analytics_reporting=False), "Stack")


@pytest.fixture
def from_rows(stack: cdk.Stack, tmp_path: Path) -> Callable[..., DataConfig]:
    """A configuration of a file with these lines."""

    def make(lines: list[str], name: str = "data.csv", **arguments: Any) -> DataConfig:
        path = tmp_path / name
        path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        return DataConfig.from_asset(stack, "Data", path, **arguments)

    return make


def analysed(data_config: DataConfig, *bias: Any) -> AnalysisSpec:
    return analysed_bias(data_config=data_config, bias_config=BiasConfig(*bias), model_config=MODEL)


FromRows = Callable[..., DataConfig]


def test_the_data_set_is_the_asset(from_rows: FromRows, stack: cdk.Stack) -> None:
    config = from_rows(ROWS, label="y", s3_output_path="s3://bucket/out", excluded_columns=["sex"])

    bucket = "cdk-hnb659fds-assets-${AWS::AccountId}-${AWS::Region}"
    uri = stack.resolve(config.s3_data_input_path)
    assert uri["Fn::Join"][1][1] == {"Fn::Sub": bucket}
    assert uri["Fn::Join"][1][2].endswith(".csv")
    assert config.headers == ("y", "age", "sex")
    assert config.s3_output_path == "s3://bucket/out"
    assert not Template.from_stack(stack).to_json().get("Resources")


def test_the_file_takes_no_part_in_comparisons(from_rows: FromRows) -> None:
    config = from_rows(ROWS)

    assert config == DataConfig(config.s3_data_input_path, headers=["y", "age", "sex"])
    assert hash(config) == hash(dataclasses.replace(config))
    assert "_file" not in repr(config)
    assert config.to_analysis_config() == {"dataset_type": "text/csv", "headers": ["y", "age", "sex"]}


def test_a_changed_copy_is_still_checked_by_the_file(from_rows: FromRows) -> None:
    config = dataclasses.replace(from_rows(ROWS, label="y"), s3_output_path="s3://bucket/out")

    assert config.s3_output_path == "s3://bucket/out"
    with pytest.raises(ValueError, match=r"'facet_values_or_threshold\[0\]' must be one of the values"):
        analysed(config, [1], "sex", ["W"])


def test_a_change_that_does_not_fit_the_file_is_refused(from_rows: FromRows) -> None:
    config = from_rows(ROWS, label="y")

    with pytest.raises(ValueError, match="'headers' must have one name for each of the 3 columns"):
        dataclasses.replace(config, headers=["y", "age"])
    with pytest.raises(ValueError, match="'headers' must be the names in the header row"):
        dataclasses.replace(config, headers=["label", "years", "gender"], label="label")


def test_the_file_of_another_data_set_says_nothing(from_rows: FromRows) -> None:
    config = dataclasses.replace(from_rows(ROWS, label="y"), s3_data_input_path="s3://bucket/other.csv")

    assert analysed(config, [1], "sex", ["W"]).baselining is not None
    assert config._asset_scope is None


def test_copies_know_where_the_asset_is_made(from_rows: FromRows, stack: cdk.Stack) -> None:
    config = from_rows(ROWS, label="y")

    assert config._asset_scope is stack
    assert dataclasses.replace(config, s3_output_path="s3://bucket/out")._asset_scope is stack
    assert copy.deepcopy(config)._asset_scope is stack


@pytest.mark.parametrize(
    ("first", "message"),
    [
        ("Y,age,sex", "'label' must be in the header row ['Y', 'age', 'sex'] of {}, got 'y': write 'Y'"),
        ("z,age,sex", "got 'y': correct the name, or give 'headers' if the file has no such row"),
        ("y;age;sex", "got 'y': separate the columns by commas, not by ';': Clarify reads no other file"),
        ("y\tage\tsex", "got 'y': separate the columns by commas, not by '\\t': Clarify reads no other file"),
        (",y,age", "['', 'y', 'age'], got '{}': pandas writes an index without a name"),
        ("y,,age", "['y', '', 'age'], got '{}': pandas writes an index without a name"),
    ],
)
def test_a_header_row_without_the_label_says_why(from_rows: FromRows, first: str, message: str) -> None:
    separator = next(each for each in ";\t," if each in first)

    with pytest.raises(ValueError, match="header row") as refused:
        from_rows([first, separator.join("123"), separator.join("456")], label="y")

    path = re.search(r"[^' ]*data\.csv", str(refused.value))
    assert path is not None
    assert message.format(path[0]) in str(refused.value)


@pytest.mark.parametrize(
    ("labels", "config", "is_told"),
    [
        (["yes", "no"], ModelPredictedLabelConfig(probability_threshold=0.5), True),
        ([">50K", "<=50K"], ModelPredictedLabelConfig(probability=0, probability_threshold=0.8), True),
        (["yes", "no"], ModelPredictedLabelConfig(label=0, probability_threshold=0.5), False),
        (["yes", "no"], ModelPredictedLabelConfig(label_headers=["yes"], probability_threshold=0.5), True),
        (["yes", "no"], ModelPredictedLabelConfig(), False),  # the model may answer with labels
        (["1", "0"], ModelPredictedLabelConfig(probability_threshold=0.5), False),
        (["true", "false"], ModelPredictedLabelConfig(probability_threshold=0.5), False),
    ],
)
def test_a_threshold_beside_labels_of_text_is_told(
    from_rows: FromRows, labels: list[str], config: ModelPredictedLabelConfig, *, is_told: bool
) -> None:
    rows = ["y,sex", *(f"{label},{sex}" for label in labels * 25 for sex in "FM")]
    positive = {"1": 1, "true": True}.get(labels[0], labels[0])
    analysis = analysed_bias(
        data_config=from_rows(rows, label="y"),
        bias_config=BiasConfig([positive], "sex", ["F"]),
        model_config=MODEL,
        model_predicted_label_config=config,
    )

    assert [note.id for note in analysis.notes if note.id != "value-or-threshold"] == ["predicted-labels"] * is_told


@pytest.mark.parametrize(
    ("positive", "config", "is_told"),
    [
        ([15], None, True),
        ([15.5], ModelPredictedLabelConfig(), True),
        ([-3], None, True),
        ([2, 3], ModelPredictedLabelConfig(probability_threshold=0.5), True),
        ([15], ModelPredictedLabelConfig(probability=1, probability_threshold=0.8), True),
        ([1.5], None, True),
        ([15], ModelPredictedLabelConfig(label=0), False),
        ([2, 3], ModelPredictedLabelConfig(label_headers=["1", "2", "3"]), True),  # executions do not know them
        (["gold", "silver"], ModelPredictedLabelConfig(label_headers=["gold", "silver", "bronze"]), True),
        (["gold"], ModelPredictedLabelConfig(label=0, label_headers=["gold", "silver"]), False),
        ([1], ModelPredictedLabelConfig(label_headers=["1"]), False),
        ([1], None, False),
        ([0], None, False),
        ([0.5], None, False),
        ([1, 2], None, False),
        (["gold"], None, False),  # the model may answer with labels
        ([True], None, False),
    ],
)
def test_positive_labels_that_no_score_becomes_are_told(
    positive: list[Any], config: ModelPredictedLabelConfig | None, *, is_told: bool
) -> None:
    analysis = analysed_bias(
        data_config=DataConfig("s3://bucket/train.csv", headers=["y", "sex"], label="y"),
        bias_config=BiasConfig(positive, "sex", ["F"]),
        model_config=MODEL,
        model_predicted_label_config=config,
    )

    assert [note.id for note in analysis.notes] == ["predicted-labels"] * is_told


def test_nothing_is_created_if_the_file_does_not_fit(from_rows: FromRows, stack: cdk.Stack) -> None:
    with pytest.raises(ValueError, match="'label' must be in the header row"):
        from_rows(ROWS, label="z")

    assert stack.node.try_find_child("Data") is None


# ---------------------------------------------------------------- header rows
@pytest.mark.parametrize(
    ("lines", "arguments", "headers"),
    [
        (ROWS, {}, ("y", "age", "sex")),
        (ROWS, {"headers": ["y", "age", "sex"]}, ("y", "age", "sex")),
        (ROWS[1:], {"headers": ["y", "age", "sex"]}, ("y", "age", "sex")),
        (ROWS[1:], {"headers": ["label", "alter", "größe"]}, ("label", "alter", "größe")),
        (ROWS[1:], {}, None),  # no names
        (["a,b", "c,d"], {}, None),  # names or values: it cannot be told
        (["a,b", "c,d"], {"label": "b"}, ("a", "b")),
        (["a,b", "c,d"], {"label": 1}, None),
        (["NA,F", "1,M"], {"headers": ["a", "b"]}, ("a", "b")),  # a missing value is no name
        (["a,b", "a,c"], {"headers": ["a", "x"]}, ("a", "x")),  # a value that is a name, too
        (["\ufeffa,b", "", "1,2"], {}, ("a", "b")),  # a byte order mark and an empty line
        (['"a, b",c', '1,"2\n3"'], {}, ("a, b", "c")),
    ],
)
def test_a_header_row_gives_the_headers_if_it_is_one(
    from_rows: FromRows, lines: list[str], arguments: dict[str, Any], headers: tuple[str, ...] | None
) -> None:
    assert from_rows(lines, **arguments).headers == headers


@pytest.mark.parametrize(
    ("first", "headers"),
    [
        ("Y,Age,Sex", ["y", "age", "sex"]),
        ("y,age,sex", ["y", "Age", "sex"]),
        ("y, age, sex", ["y", "age", "sex"]),
        ("y,age_in_years,sex", ["y", "Age in years", "sex"]),
        ("Sex,Age,Y", ["y", "age", "sex"]),  # in another order, too
        ("Straße,Age,Y", ["STRASSE", "age", "y"]),
        ("#,Age,Y", ["#", "age", "y"]),
        ("ageInYears,y,sex", ["age_in_years", "y", "sex"]),
        ("\u200by,age,sex", ["y", "age", "sex"]),
        ("y,age,sex", ["y", "age", "sex\u00a0"]),
    ],
)
@pytest.mark.parametrize("rows", [["1,30,F", "0,40,M"], ["yes,old,F", "no,young,M"]])
def test_a_header_row_in_another_spelling_is_refused(
    from_rows: FromRows, first: str, headers: list[str], rows: list[str]
) -> None:
    with pytest.raises(ValueError, match="must be spelled as in the header row") as refused:
        from_rows([first, *rows], headers=headers)

    assert str(refused.value).startswith("'headers' must ")
    assert str(first.split(",")) in str(refused.value)
    assert f", got {headers}: " in str(refused.value)
    assert from_rows([first, *rows], "other.csv", headers=first.split(",")).headers == tuple(first.split(","))


@pytest.mark.parametrize("headers", [["y", "age", "gender"], ["label", "years", "gender"]])
def test_a_header_row_in_other_words_is_refused(from_rows: FromRows, headers: list[str]) -> None:
    with pytest.raises(ValueError, match=r"'headers' must be the names in the header row \['y', 'age', 'sex'\]"):
        from_rows(ROWS, headers=headers)


def test_headers_that_are_tokens_are_not_compared_with_the_file(from_rows: FromRows) -> None:
    token = cdk.Token.as_string({"Ref": "Name"})

    config = from_rows(ROWS, headers=["Y", token, "sex"])

    assert config.headers == ("Y", token, "sex")
    names = cdk.Token.as_list({"Ref": "Names"})
    assert dataclasses.replace(config, headers=names).headers == tuple(names)


@pytest.mark.parametrize(
    ("lines", "arguments", "argument"),
    [
        ([], {}, "path"),
        (ROWS, {"label": "z"}, "label"),
        (ROWS, {"label": 3}, "label"),
        (ROWS, {"headers": ["y", "age"]}, "headers"),
        (ROWS, {"headers": ["age", "y", "sex"]}, "headers"),  # would name every column wrongly
        (ROWS, {"headers": ["y", "age", "sex"], "label": "z"}, "label"),
        (ROWS, {"excluded_columns": ["z"]}, "excluded_columns[0]"),
        (["a,b,a", "1,2,3"], {"label": "a"}, "path"),
        (["a,b", "1,2,3"], {}, "path"),
    ],
)
def test_a_file_that_does_not_fit_is_refused(
    from_rows: FromRows, lines: list[str], arguments: dict[str, Any], argument: str
) -> None:
    with pytest.raises(ValueError, match="must") as refused:
        from_rows(lines, **arguments)

    assert str(refused.value).startswith(f"'{argument}' must ")


def test_another_encoding_than_utf8_is_refused(stack: cdk.Stack, tmp_path: Path) -> None:
    path = tmp_path / "data.csv"
    path.write_bytes("name,größe\n".encode("latin-1"))

    with pytest.raises(ValueError, match="'path' must be encoded in UTF-8"):
        DataConfig.from_asset(stack, "Data", path)


def test_a_missing_file_and_an_unknown_suffix_are_refused(stack: cdk.Stack, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"'path' must be a file, got '.*none.csv'"):
        DataConfig.from_asset(stack, "Data", tmp_path / "none.csv")
    with pytest.raises(ValueError, match=r"'path' must end in \.csv, \.jsonl, \.json, \.parquet, got '.*'"):
        DataConfig.from_asset(stack, "Data", tmp_path / "data.xlsx")
    with pytest.raises(ValueError, match="'path' must be a file"):
        DataConfig.from_asset(stack, "Data", tmp_path, dataset_type="text/csv")


# ---------------------------------------------------------------- values
@pytest.mark.parametrize(
    "bias",
    [
        ([0], "sex"),
        ([0], "sex", ["F"]),
        ([0], "sex", ["F", "M"]),
        (["0"], 2, ["X"]),
        ([False], "sex"),
        ([0.0], "age", [40]),
        ([0.5], "age", [45.5]),
        ([0.5], "age", [30]),
        ([0], ["sex", "age"], [["F"], [50]]),
        ([0], "age", [30, 40]),
        ([0], "sex", ["${Token[TOKEN.1]}"]),
    ],
)
def test_values_that_the_file_has_pass(from_rows: FromRows, bias: tuple[Any, ...]) -> None:
    assert analysed(from_rows(ROWS, label="y"), *bias).baselining is not None


@pytest.mark.parametrize(
    ("bias", "argument", "shown"),
    [
        (([0], "sex", ["f"]), "facet_values_or_threshold[0]", "'f'"),
        (([0], "sex", ["F", "W"]), "facet_values_or_threshold[1]", "'W'"),
        (([0], "sex", ["F", "M", "X"]), "facet_values_or_threshold", "['F', 'M', 'X']"),
        (
            ([0], "sex", [40]),
            "facet_values_or_threshold[0]",
            "40: it is no threshold either: the column is not numeric",
        ),
        (
            ([0], "sex", ["F", 40]),
            "facet_values_or_threshold[1]",
            "40: it is no threshold either: the column is not num",
        ),
        (([0], ["sex", "age"]), "facet_values_or_threshold[1]", "None"),
        (([1], "sex"), "label_values_or_threshold[0]", "1"),
        (([0], "age", [61]), "facet_values_or_threshold[0]", "61"),
        (([0], "age", [29.5]), "facet_values_or_threshold[0]", "29.5"),
        (
            ([0], "age", [30, 31]),
            "facet_values_or_threshold[1]",
            "31: it is no threshold either: a threshold stands alone",
        ),
        (
            ([0], "age", [9, 8]),
            "facet_values_or_threshold[0]",
            "9: it is no threshold either: a threshold stands alone",
        ),
        (([0], ["age", "sex"], [[40], ["W"]]), "facet_values_or_threshold[1][0]", "'W'"),
        ((["yes"], "sex"), "label_values_or_threshold[0]", "'yes'"),
        (([2], "sex"), "label_values_or_threshold[0]", "2"),
        (([0, 1], "sex"), "label_values_or_threshold", "[0, 1]"),
    ],
)
def test_values_that_the_file_does_not_have_are_refused(
    from_rows: FromRows, bias: tuple[Any, ...], argument: str, shown: str
) -> None:
    config = from_rows(ROWS, label="y")

    with pytest.raises(ValueError, match="must") as refused:
        analysed(config, *bias)

    assert str(refused.value).startswith(f"'{argument}' must ")
    assert f", got {shown}" in str(refused.value)


def test_a_column_with_one_value_has_nothing_to_compare(from_rows: FromRows) -> None:
    config = from_rows(["y,sex", "1,F", "0,F", "1,"], label="y")

    with pytest.raises(ValueError, match="'facet_values_or_threshold' must be about a column with different values"):
        analysed(config, [0], "sex")


def test_columns_of_another_data_set_are_not_looked_for(from_rows: FromRows) -> None:
    facets: dict[str, Any] = {"facet_dataset_uri": "s3://bucket/facets.csv", "facet_headers": ["id", "group"]}

    data = from_rows(ROWS, label="y", **facets)
    values = {"label_values_or_threshold": [0], "facet_values_or_threshold": [["A"], ["B"]]}
    config = bias(facet_name=["group", 2], **values)
    given = "s3://bucket/analysis_config.json"
    assert analysed_bias(data_config=data, bias_config=config, model_config=MODEL, analysis_config=given).baselining


# ---------------------------------------------------------------- JSON
def test_json_lines_are_checked_by_their_paths(from_rows: FromRows) -> None:
    lines = [json.dumps(record) for record in RECORDS]
    config = from_rows(lines, "data.jsonl", label="y", features="f", headers=["age", "sex", "y"])

    assert config.dataset_type == "application/jsonlines"
    assert analysed(config, [0], "sex", ["F"]).baselining is not None
    with pytest.raises(ValueError, match=r"'facet_values_or_threshold\[0\]' must be one of the values \['F', 'M'\]"):
        analysed(config, [0], "sex", ["W"])
    with pytest.raises(ValueError, match=r"'label_values_or_threshold\[0\]' must be a threshold within the 0 to 1 of"):
        analysed(config, [5], "sex")


def test_a_json_document_is_checked_by_its_paths(from_rows: FromRows) -> None:
    document = json.dumps({"items": RECORDS})
    config = from_rows([document], "data.json", label="items[*].y", features="items[*].f")

    assert config.dataset_type == "application/json"
    with pytest.raises(ValueError, match=r"'label_values_or_threshold\[0\]' must be a threshold"):
        analysed(config, [5], 1)


@pytest.mark.parametrize(
    ("arguments", "argument"),
    [
        ({"label": "z", "features": "f"}, "label"),
        ({"label": "y", "features": "g.h"}, "features"),
        ({"label": "y", "features": "f", "headers": ["age"]}, "headers"),
        ({"label": "y", "features": "f", "headers": ["age", "sex", "y", "p"]}, "headers"),
        ({"features": "f", "headers": ["age", "sex", "y"]}, "headers"),
    ],
)
def test_json_that_does_not_fit_is_refused(from_rows: FromRows, arguments: dict[str, Any], argument: str) -> None:
    with pytest.raises(ValueError, match="must") as refused:
        from_rows([json.dumps(record) for record in RECORDS], "data.jsonl", **arguments)

    assert str(refused.value).startswith(f"'{argument}' must ")


@pytest.mark.parametrize("lines", [[], ["{"], ["\udcff"]])
def test_what_is_no_json_is_refused(stack: cdk.Stack, tmp_path: Path, lines: list[str]) -> None:
    path = tmp_path / "data.jsonl"
    path.write_text("\n".join(lines), encoding="utf-8", errors="surrogateescape")

    with pytest.raises(ValueError, match="'path' must be"):
        DataConfig.from_asset(stack, "Data", path, features="f")


@pytest.mark.parametrize(
    "arguments",
    [
        {"label": "y || `0`", "features": "f[?@ != `1`]"},  # more than paths
        {"label": "y", "features": "f", "headers": ["y", "age", "sex"]},  # which header is the label's?
        {"label": "y"},
    ],
)
def test_what_cannot_be_told_about_json_is_not_refused(from_rows: FromRows, arguments: dict[str, Any]) -> None:
    config = from_rows([json.dumps(record) for record in RECORDS], "data.jsonl", **arguments)

    assert analysed(config, [0], "sex", ["W"]).baselining is not None


# ---------------------------------------------------------------- Parquet
def parquet(tmp_path: Path) -> Path:
    arrow = pytest.importorskip("pyarrow")
    path = tmp_path / "data.parquet"
    table = arrow.table({"y": [True, False, None], "age": [30, 40, 50], "sex": ["F", "M", "F"]})
    arrow.parquet = pytest.importorskip("pyarrow.parquet")
    arrow.parquet.write_table(table, path)
    return path


def test_parquet_is_checked_by_its_columns(stack: cdk.Stack, tmp_path: Path) -> None:
    config = DataConfig.from_asset(stack, "Data", parquet(tmp_path), label="y")

    assert config.headers == ("y", "age", "sex")
    assert analysed(config, [0], ["sex", "age"], [["F"], [30]]).baselining is not None
    with pytest.raises(ValueError, match=r"'facet_values_or_threshold\[0\]' must be one of the values \['F', 'M'\]"):
        analysed(config, [0], "sex", ["W"])


def test_parquet_with_other_columns_is_refused(stack: cdk.Stack, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="'label' must be one of the headers"):
        DataConfig.from_asset(stack, "Data", parquet(tmp_path), label="z")
    with pytest.raises(ValueError, match="'headers' must be the columns"):
        DataConfig.from_asset(stack, "Data", parquet(tmp_path), headers=["age", "y", "sex"])
    (tmp_path / "data.parquet").write_text("y,age")
    with pytest.raises(ValueError, match="'path' must be Parquet"):
        DataConfig.from_asset(stack, "Data", tmp_path / "data.parquet")


def test_parquet_is_not_checked_without_pyarrow(
    stack: cdk.Stack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = parquet(tmp_path)
    for name in [name for name in sys.modules if name.startswith("pyarrow")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(sys, "path", [])
    monkeypatch.setattr(sys, "meta_path", [])

    config = DataConfig.from_asset(stack, "Data", path, label="z")

    assert config.headers is None


# ---------------------------------------------------------------- size
@pytest.mark.slow
@pytest.mark.no_cover  # a tracer would count each line of each row
def test_a_large_file_is_read_in_little_memory(from_rows: FromRows) -> None:
    lines = ["id,y,age,sex", *(f"user-{i:08},{i % 2},{i / 7},{'FMX'[i % 3]}" for i in range(150_000))]
    config = from_rows(lines, label="y")
    del lines

    tracemalloc.start()
    with pytest.raises(ValueError, match=r"'facet_values_or_threshold\[1\]\[0\]' must be a threshold within the 0 to"):
        analysed(config, [1], ["id", "age"], [["user-00000001"], [-1]])
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert peak < 100_000_000
