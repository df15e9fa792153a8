"""Whether Clarify reads a number as a value or as a threshold, which rows that selects, and what is said of it.

AWS's own library for the metrics is the judge of each column here.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, cast

import aws_cdk as cdk
import pandas as pd
import pytest
from smclarify.bias import report
from smclarify.bias.metrics import common

from cdk_clarify_monitors import BiasConfig, DataConfig, ModelConfig, ModelPredictedLabelConfig, Threshold, Values
from cdk_clarify_monitors._spec.analysis.analysis_spec import Note
from tests.support.monitors import calls

MODEL = ModelConfig(endpoint_name="e")
AGES = [20 + i % 63 for i in range(1500)]

FromColumn = Callable[..., DataConfig]


@pytest.fixture
def from_column(tmp_path: Path) -> FromColumn:
    """The configuration of a CSV file with a label in words and a column of these cells."""
    stack = cdk.Stack()

    def make(cells: Sequence[Any], **arguments: Any) -> DataConfig:
        path = tmp_path / "data.csv"
        rows = (f"{'no' if i % 3 else 'yes'},{cell}" for i, cell in enumerate(cells))
        path.write_text("\n".join(["y,column", *rows]) + "\n")
        return DataConfig.from_asset(stack, f"Data{len(stack.node.children)}", path, label="y", **arguments)

    return make


def said(data: DataConfig, values: Any) -> list[Note]:
    bias = BiasConfig(["yes"], "column", values)
    return list(calls.analysed_bias(data_config=data, bias_config=bias, model_config=MODEL).notes)


def selected_by_smclarify(path: Path, values: Sequence[Any]) -> tuple[bool, int, int]:
    """Whether values are a threshold, how many rows they select, and how many have a value."""
    series = pd.read_csv(path)["column"]
    if isinstance(series.dtype, pd.StringDtype):
        series = series.astype(object)
    values = list(values)  # which it may change to numbers
    is_threshold = common.series_datatype(series, values) is common.DataType.CONTINUOUS
    try:
        _, typed = common.ensure_series_data_type(series, values)
        if is_threshold:
            found = report._continuous_data_idx(typed, report._interval_index(typed, values))
        else:
            found = report._categorical_data_idx(typed, values)
    except Exception:  # it raises Exception itself
        return is_threshold, 0, int(series.count())
    return is_threshold, int(found.sum()), int(series.count())


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """Without smclarify's log, for as long as a test runs: another one may read a log."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


COLUMNS: dict[str, Sequence[Any]] = {
    "few whole numbers": [1, 2] * 100,
    "three whole numbers": [1, 2, 3] * 100,
    "few rows": [0, 1] * 20,
    "one row more": [*[0, 1] * 20, 1],
    "ages": AGES,
    "ages of few": AGES[:300],
    "decimal numbers": ["0.0", "1.0"] * 100,
    "one decimal number": [*[0, 1] * 100, "1.0"],
    "exponents": ["1e1", "2"] * 100,
    "infinity": ["inf", "2"] * 100,
    "gaps": [1, 2, ""] * 100,
    "gaps in words": [1, 2, "NA"] * 100,
    "negative numbers": [-5, -1] * 10,
    "negative numbers and zero": [-5, -1, 0] * 10,
    "signs and spaces": [" 1", "+2 "] * 100,
    "zeros in front": ["01", "02"] * 100,
    "words": ["F", "M", "X"] * 20,
    "words and numbers": ["a", "1"] * 100,
    "words and gaps": ["a", "", "b"] * 20,
    "words like gaps": ["NA", "EU", "US"] * 20,
    "hexadecimal numbers": ["0x1", "5"] * 20,
    "underscores": ["1_0", "20"] * 100,
    "booleans": ["true", "false"] * 50,
    "booleans in capitals": ["TRUE", "False"] * 50,
    "booleans in no spelling": ["tRuE", "False"] * 50,
    "booleans and gaps": ["true", "false", ""] * 50,
    "booleans and numbers": ["true", "1", "0"] * 50,
}
VALUES: list[list[Any]] = [
    [0], [1], [2], [1.0], [0.5], [1.5], [40], [82], [-5], [-1], [-6], ["1"], ["1.0"], ["40"], [True], [False], ["true"],
    ["False"], ["F"], ["f"], ["a"], ["NA"], ["EU"], ["5"], ["1_0"], ["TRUE"], [1, 2], [1, 2, 3], ["F", "M"], ["F", 1],
    [1, "2"], ["a", "1"], [True, False], [20, 21, 22],
]  # fmt: skip


def normalized(value: Any) -> object:
    text = str(value).strip()
    if text.lower() in ("true", "false"):
        return float(text.lower() == "true")
    try:
        return text if "_" in text else float(text)
    except ValueError:
        return text


@pytest.mark.parametrize("name", COLUMNS)
def test_what_passes_selects_some_rows_but_not_all(name: str, from_column: FromColumn, tmp_path: Path) -> None:
    data, cells = from_column(COLUMNS[name]), {*map(normalized, COLUMNS[name])}

    for values in VALUES:
        is_threshold, rows, all_rows = selected_by_smclarify(tmp_path / "data.csv", values)
        try:
            said(data, values)
        except ValueError:
            # Unless what is selected was not meant: 40 by 40.5, true by "false", or what some of the values are.
            is_meant = len({*map(type, values)}) == 1 and {*map(normalized, values)} <= cells
            assert not 0 < rows < all_rows or not (is_threshold or is_meant) or values in (["False"], ["1.0"]), values
        else:
            assert 0 < rows < all_rows, values


def messages(data: DataConfig, values: Any) -> list[str]:
    return [note.message for note in said(data, values)]


# ---------------------------------------------------------------- what is said
def test_a_number_among_many_is_said_to_be_a_value(from_column: FromColumn) -> None:
    (note,) = said(from_column(AGES), [40])

    assert note.id == "value-or-threshold"
    assert note.is_warning
    assert note.message == (
        "'facet_values_or_threshold': 40 selects 24 of 1500 rows: the column 'column' is read as "
        "values, because its 63 different whole numbers are fewer than 5 % of the 1500 rows; to say "
        "so, write Values([40]); if the 996 rows above 40 were meant, write the column with a decimal point "
        "(1.0), or list the values"
    )


def test_a_number_in_few_rows_is_said_to_be_a_threshold(from_column: FromColumn) -> None:
    (note,) = said(from_column([0, 1] * 20), [0])

    assert note.is_warning
    assert note.message == (
        "'facet_values_or_threshold': 0 selects 20 of 40 rows: the column 'column' is read as "
        "numbers above a threshold, because its 2 different whole numbers are 5 % of the 40 rows or "
        "more; to say so, write Threshold(0); if rows equal to 0 were meant, write the column in words"
    )


def test_the_smaller_of_two_values_is_an_information(from_column: FromColumn) -> None:
    (note,) = said(from_column([1, 2] * 100), [1])

    assert not note.is_warning
    assert "1 selects 100 of 200 rows" in note.message


@pytest.mark.parametrize(
    ("cells", "values"),
    [
        ([1, 2] * 100, [2]),  # as a threshold, it would select no one
        (AGES, [40, 41]),
        (AGES, Values([40])),
        (AGES[:300], Threshold(40)),
        (AGES[:300], [40.5]),  # no value of the column
        (["F", "M"] * 20, ["F"]),
        (["true", "false"] * 20, [True]),
        ([1, 2] * 100, None),
    ],
)
def test_what_can_mean_one_thing_only_is_not_mentioned(
    cells: Sequence[Any], values: Any, from_column: FromColumn
) -> None:
    assert said(from_column(cells), values) == []


def test_every_facet_and_the_label_are_looked_at(tmp_path: Path) -> None:
    path = tmp_path / "data.csv"
    path.write_text("y,age,sex\n" + "".join(f"{i % 3},{age},{1 + i % 2}\n" for i, age in enumerate(AGES)))
    data = DataConfig.from_asset(cdk.Stack(), "Data", path, label="y")
    bias = BiasConfig([1], ["age", "sex"], [[40], [1]])

    notes = calls.analysed_bias(data_config=data, bias_config=bias, model_config=MODEL).notes

    found = [(note.message.split(":")[0], note.is_warning) for note in notes]
    arguments = ["'facet_values_or_threshold[0]'", "'facet_values_or_threshold[1]'", "'label_values_or_threshold'"]
    assert found == list(zip(arguments, [True, False, True], strict=True))


# ---------------------------------------------------------------- what selects no one, or everyone
@pytest.mark.parametrize(
    ("cells", "values", "message"),
    [
        (
            ["1.0", "0.0"] * 100,
            [1],
            "'facet_values_or_threshold[0]' must be a threshold within the 0 to 1 of column 'column': no row is above "
            "it, got 1: Clarify reads it as a threshold, because its numbers have a decimal point; "
            "give [0.0], below the greatest number, as a threshold, or write the column in words or without "
            "decimal points",
        ),
        (
            [1, 2, ""] * 100,
            [2],
            "'facet_values_or_threshold[0]' must be a threshold within the 1 to 2 of column 'column': no row is above "
            "it, got 2: Clarify reads it as a threshold, because some of its rows have no value; give [1.0], below the "
            "greatest number, as a threshold, or fill its gaps, or write the column in words",
        ),
        (
            AGES,
            [40.5],
            "'facet_values_or_threshold[0]' must be one of the values [20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, "
            "32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, 52, 53, "
            "54, 55, 56, 57, 58, 59, 60, 61, 62, 63, 64, 65, 66, 67, 68, 69… of column 'column', got "
            "40.5: it is no threshold either: its 63 different whole numbers are fewer than 5 % of "
            "the 1500 rows; write the column with a decimal point (1.0), or list the values",
        ),
        (
            AGES[:300],
            [19],
            "'facet_values_or_threshold[0]' must be a threshold within the 20 to 82 of column 'column': all rows are "
            "above it, got 19: give a greater one",
        ),
        (
            AGES[:300],
            ["old"],
            "'facet_values_or_threshold[0]' must be a number: Clarify compares column 'column' with a threshold, got "
            "'old': its 63 different whole numbers are 5 % of the 300 rows or more; give one number",
        ),
        (
            AGES[:300],
            None,
            "'facet_values_or_threshold' must be given for column 'column', which Clarify compares "
            "with a threshold, got None: its 63 different whole numbers are 5 % of the 300 rows or "
            "more; give one number, or write the column in words",
        ),
        (
            ["NA", "EU"] * 20,
            ["NA"],
            "'facet_values_or_threshold' must be about a column with different values, and column 'column' has only "
            "['EU'], got ['NA']: choose another column or data file",
        ),
        (
            ["NA", "EU", "US"] * 20,
            ["NA"],
            "'facet_values_or_threshold[0]' must be one of the values ['EU', 'US'] of column "
            "'column', got 'NA': pandas, which Clarify reads files with, takes it for a missing value: write "
            "another word",
        ),
        (
            ["true", "false"] * 20,
            ["false"],
            "'facet_values_or_threshold[0]' must be one of the values [True, False] of column 'column', got 'false': "
            "write True or False, without quotes",
        ),
        (
            [1, 2, 3] * 100,
            [1, "2"],
            "'facet_values_or_threshold[1]' must be one of the values [1, 2, 3] of column 'column', "
            "got '2': write it as the column has it",
        ),
        (
            AGES[:300],
            Values([40]),
            "'facet_values_or_threshold' must be several values, or about another column: Clarify compares column "
            "'column' with a single number, got Values([40]): its 63 different whole numbers are 5 % "
            "of the 300 rows or more; write the column in words",
        ),
        (
            AGES,
            Threshold(40),
            "'facet_values_or_threshold' must be values of column 'column', which Clarify does not compare with a "
            "threshold, got Threshold(40): its 63 different whole numbers are fewer than 5 % of the "
            "1500 rows; write the column with a decimal point (1.0), or list the values",
        ),
        (
            ["F", "M"] * 20,
            Threshold(40),
            "'facet_values_or_threshold' must be values of column 'column', which Clarify does not compare with a "
            "threshold, got Threshold(40): it holds no numbers, or not only; list the values",
        ),
    ],
)
def test_a_message_tells_the_reading_and_the_remedy(
    cells: Sequence[Any], values: Any, message: str, from_column: FromColumn
) -> None:
    with pytest.raises(ValueError, match="must") as refused:
        said(from_column(cells), values)

    assert str(refused.value) == message


# ---------------------------------------------------------------- predicted labels
def predicted(folder: Path, rows: Sequence[tuple[Any, Any]], label: Any, **arguments: Any) -> None:
    path = folder / "data.csv"
    path.write_text("y,p,sex\n" + "".join(f"{y},{p},{'FM'[i // 2 % 2]}\n" for i, (y, p) in enumerate(rows)))
    data = DataConfig.from_asset(cdk.Stack(), "Data", path, label="y", predicted_label="p")
    calls.analysed_bias(data_config=data, bias_config=BiasConfig(label, "sex", ["F"]), **arguments)


def test_predicted_labels_are_read_as_the_labels_are(tmp_path: Path) -> None:
    predicted(tmp_path, [(0, 0), (1, 1)] * 100, [1])
    with pytest.raises(ValueError, match="'predicted_label' must be a column that Clarify reads as it reads the label"):
        predicted(tmp_path, [(0, "0.0"), (1, "1.0")] * 100, [1])
    with pytest.raises(ValueError, match="'predicted_label' must be a column with positive labels"):
        predicted(tmp_path, [(0, 0), (1, 0), (1, 2)] * 100, [1])


def test_scores_are_not_compared_with_labels(tmp_path: Path) -> None:
    scores = ModelPredictedLabelConfig(probability_threshold=0.5)

    predicted(tmp_path, [(0, "0.25"), (1, "0.75")] * 100, [1], model_predicted_label_config=scores)


# ---------------------------------------------------------------- other formats
def test_json_lines_and_parquet_are_read_by_their_own_types(tmp_path: Path) -> None:
    records = [{"y": ["yes", "no"][i % 2], "f": [age, str(age), [True, None][i % 2]]} for i, age in enumerate(AGES)]
    lines = tmp_path / "data.jsonl"
    lines.write_text("".join(json.dumps(record) + "\n" for record in records))
    headers = ["column", "text", "flag", "y"]
    data = DataConfig.from_asset(cdk.Stack(), "Data", lines, label="y", features="f", headers=headers)
    assert "40 selects 24 of 1500 rows" in messages(data, [40])[0]
    few = tmp_path / "few.jsonl"
    few.write_text("".join(json.dumps(record) + "\n" for record in records[:300]))
    data = DataConfig.from_asset(cdk.Stack(), "Data", few, label="y", features="f", headers=headers)
    assert "the column 'column' is read as numbers above a threshold" in messages(data, [40])[0]

    table = tmp_path / "data.parquet"
    texts = [*map(str, AGES[:300])]
    columns = {"y": ["yes", "no"] * 150, "column": pd.Categorical(texts), "text": texts}
    pd.DataFrame(columns).to_parquet(table)
    data = DataConfig.from_asset(cdk.Stack(), "Data", table, label="y")
    assert messages(data, Values(["40"])) == []
    with pytest.raises(ValueError, match=r"Threshold\(40\)"):
        said(data, Threshold(40))
    text = BiasConfig(["yes"], "text", Threshold(40))
    assert calls.analysed_bias(data_config=data, bias_config=text, model_config=MODEL).notes == []


# ---------------------------------------------------------------- what is sent
def test_values_and_threshold_do_not_change_the_config() -> None:
    meant = BiasConfig(Threshold(0), ["age", "sex", "region"], [Threshold(40), Values(["F"]), None])
    plain = BiasConfig([0], ["age", "sex", "region"], [[40], ["F"], None])

    assert meant.to_analysis_config() == plain.to_analysis_config()
    assert BiasConfig(Values([1]), "age", Threshold(40)).to_analysis_config() == {
        "label_values_or_threshold": [1],
        "facet": [{"name_or_index": "age", "value_or_threshold": [40]}],
    }


def test_what_is_meant_can_be_compared_and_printed() -> None:
    meant: list[Any] = [Threshold(40), Values([40])]
    assert meant == [Threshold(40), Values((40,))]
    assert meant[0] != meant[1]
    assert len({Threshold(40), Threshold(40), Values([40]), Values((40,))}) == 2
    assert repr(BiasConfig(Values([1]), "age", Threshold(40))).startswith(
        "BiasConfig(label_values_or_threshold=Values([1]), facet_name='age', facet_values_or_threshold=Threshold(40)"
    )


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Threshold(cast(Any, "40")), "'number' must be a number, got '40'"),
        (lambda: Threshold(True), "'number' must be a number, got True"),
        (lambda: Threshold(float("inf")), "'number' must be a finite number, got inf"),
        (lambda: Values(cast(Any, 1)), "'values' must be a list, got 1: write [1]"),
        (lambda: Values([]), "'values' must have at least one item, got []"),
        (lambda: BiasConfig([1], "age", [Threshold(40)]), "write Threshold(40) without the list"),
        (lambda: BiasConfig([1], ["age", "sex"], Threshold(40)), "must have 2 items, one list or None for each of"),
        (lambda: BiasConfig([1], ["age", "sex"], [40, Threshold(1)]), "'facet_values_or_threshold[0]' must be a list"),
    ],
)
def test_wrong_use_is_refused(make: Callable[[], object], message: str) -> None:
    with pytest.raises((ValueError, TypeError)) as refused:
        make()

    assert message in str(refused.value)
