"""Rows of a fleet that cannot be: the message has the row, by file and line if it is of a file, and the column."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from constructs import Construct

from cdk_clarify_monitors import read_rows
from tests.support.monitors.builders import bias_monitor
from tests.support.monitors.fleets import ACCOUNTS, build_monitor, fleet, row

HEADER = "endpoint,account,region,facet"
ROW = "loans,111111111111,eu-central-1,age"


def refusal(app: cdk.App, rows: Any, **changes: Any) -> str:
    with pytest.raises((ValueError, TypeError)) as refused:
        fleet(app, rows, **changes)
    assert app.node.try_find_child("Loans") is None
    return str(refused.value)


# ---------------------------------------------------------------- single cells
@pytest.mark.parametrize(
    ("cells", "message"),
    [
        ({"endpoint": ""}, "'rows[1], column endpoint' must not be empty, got ''"),
        ({"endpoint": None}, "'rows[1], column endpoint' must be a string, got None"),
        ({"endpoint": 17}, "'rows[1], column endpoint' must be a string, got 17: write '17'"),
        (
            {"endpoint": " loans"},
            "'rows[1], column endpoint' must not begin or end with white space, got ' loans': write 'loans'",
        ),
        (
            {"account": 222222222222},
            "'rows[1], column account' must be a string, got 222222222222: write the twelve digits in quotes",
        ),
        (
            {"account": "333333333333"},
            "'rows[1], column account' must be an account of 'environments', got '333333333333': it has 111111111111, "
            "222222222222; add a cdk.Environment, or correct the row",
        ),
        *(
            (
                {"account": shortened},
                f"'rows[1], column account' must be an account of 'environments', got {shortened!r}: an account has "
                "twelve digits, which spreadsheets shorten unless the column is text: correct the row",
            )
            for shortened in ("11111111111", "1.11111E+11", "1111-1111-1111")
        ),
        (
            {"region": "eu-west-1"},
            "'rows[1], column region' must be a region of 'environments', got 'eu-west-1': it has eu-central-1; add a "
            "cdk.Environment, or correct the row",
        ),
        (
            {"endpoint": "a\0b"},
            "'rows[1], column endpoint' must have no control characters, got 'a\\x00b': character 1 is",
        ),
        (
            {"endpoint": "a\nb"},
            "'rows[1], column endpoint' must have no control characters, got 'a\\nb': character 1 is",
        ),
        ({"endpoint": "a\u2028b"}, "'rows[1], column endpoint' must have no control characters"),
        ({"region": "eu-central-1 "}, "'rows[1], column region' must not begin or end with white space"),
    ],
    ids=str,
)
def test_a_wrong_cell_is_named_by_row_and_column(app: cdk.App, cells: dict[str, Any], message: str) -> None:
    assert refusal(app, [row("cards"), {**row("loans"), **cells}]).startswith(message)


@pytest.mark.parametrize("column", ["endpoint", "account", "region"])
def test_a_column_that_a_row_lacks_is_named(app: cdk.App, column: str) -> None:
    cells = row("loans")
    del cells[column]
    found = refusal(app, [cells])
    assert found == f"'rows[0], column {column}' must be given, got None: the row's columns are {', '.join(cells)}"


def test_a_token_is_no_key(app: cdk.App) -> None:
    assert "'rows[0], column endpoint' must be a literal" in refusal(app, [row(cdk.Aws.STACK_NAME)])


# ---------------------------------------------------------------- tables
@pytest.mark.parametrize("rows", [None, 7, "fleet.csv", Path("fleet.csv"), row("loans"), b"endpoint"], ids=repr)
def test_what_is_no_table_is_refused(app: cdk.App, rows: Any) -> None:
    message = refusal(app, rows)
    assert message.startswith("'rows' must be an iterable of rows")
    assert message.endswith("write rows=read_rows('fleet.csv')")


@pytest.mark.parametrize("rows", [["loans"], [("loans", "cards")], ["ab"], [None]], ids=repr)
def test_a_row_has_to_be_a_mapping(app: cdk.App, rows: Any) -> None:
    assert refusal(app, iter(rows)).startswith("'rows[0]' must be a mapping of columns to values")


def test_cells_beyond_the_header_are_refused(app: cdk.App) -> None:
    rows = csv.DictReader([HEADER, f"{ROW},40,income"])
    message = "'rows[0]' must have no more cells than the header has, got ['40', 'income']: quote a cell with a comma"
    assert refusal(app, rows) == message


def test_the_number_of_stacks_is_a_literal(app: cdk.App) -> None:
    count = cdk.Token.as_number({"Ref": "Count"})
    assert refusal(app, [], stacks_per_environment=count).startswith("'stacks_per_environment' must be a literal, got")


ELSEWHERE: dict[str, Callable[[cdk.Stack, str, Any], Any]] = {
    "another id": lambda stack, id_, row: build_monitor(stack, "Monitor", row),
    "an id that only begins so": lambda stack, id_, row: build_monitor(stack, f"{id_}2", row),
    "another app": lambda stack, id_, row: build_monitor(cdk.Stack(cdk.App(), "Mine"), id_, row),
    "another stack": lambda stack, id_, row: build_monitor(cdk.Stack(cdk.App.of(stack), "Mine"), id_, row),
}


@pytest.mark.parametrize("build", ELSEWHERE.values(), ids=ELSEWHERE.keys())
def test_a_monitor_is_made_where_its_row_says(app: cdk.App, build: Any) -> None:
    message = refusal(app, [row("loans")], build_monitor=build, stacks_per_environment=1)
    assert message.startswith(
        "'build_monitor' must make the monitor in the stack, and with the id, that it is called with, got '"
    )
    assert message.endswith("': that is Loans-111111111111-eu-central-1-1/loans")


@pytest.mark.parametrize("nested", [True, False])
def test_a_monitor_may_be_inside_what_has_its_id(app: cdk.App, nested: bool) -> None:
    def build(stack: cdk.Stack, id_: str, row: Any) -> Any:
        return build_monitor(cdk.NestedStack(stack, id_) if nested else Construct(stack, id_), "Bias", row)  # type: ignore[arg-type]

    (made,) = fleet(app, [row("loans")], build_monitor=build).monitors
    assert made.node.path.endswith("/loans/Bias")


def test_an_error_of_a_generator_is_its_own(app: cdk.App) -> None:
    def rows() -> Iterator[Any]:
        yield row("loans")
        raise OSError("no network")

    with pytest.raises(OSError, match="no network"):
        fleet(app, rows())
    assert app.node.try_find_child("Loans") is None


# ---------------------------------------------------------------- one monitor twice
def test_a_key_may_be_in_each_account_once(app: cdk.App) -> None:
    rows = [row("loans"), row("loans", ACCOUNTS[1]), row("cards"), row("loans")]
    assert refusal(app, rows) == (
        "'rows[3], column endpoint' must be unique in 111111111111/eu-central-1, got 'loans': rows[0] has it already"
    )
    assert len(fleet(app, rows[:3]).monitors) == 3


def test_keys_that_constructs_spell_alike_are_one(app: cdk.App) -> None:
    assert "must be unique in" in refusal(app, [row("loans/at"), row("loans--at")])


@pytest.mark.parametrize("column", ["monitor_schedule_name", "base_job_name"])
@pytest.mark.parametrize("other", ["nightly", "Nightly"])
def test_a_name_may_be_in_each_account_once(app: cdk.App, column: str, other: str) -> None:
    rows = [
        row("loans", **{column: "nightly"}),
        row("loans", ACCOUNTS[1], **{column: "nightly"}),
        {**row("cards"), column: None},
        {**row("homes"), column: None},
        row("boats", **{column: other}),
    ]
    assert refusal(app, rows) == (
        f"'rows[4], column {column}' must be unique in 111111111111/eu-central-1, got {other!r}: rows[0] has it already"
    )
    assert len(fleet(app, rows[:4]).monitors) == 4


@pytest.mark.parametrize("argument", ["monitor_schedule_name", "base_job_name"])
@pytest.mark.parametrize("second", ["cards", "homes", "boats", "planes", "trains"])
def test_names_that_are_built_from_rows_count(app: cdk.App, argument: str, second: str) -> None:
    """Wherever the two are: in one stack, where the library looks too, or in two."""

    def build(stack: cdk.Stack, id_: str, row: Any) -> Any:
        return bias_monitor(stack, id_, **{argument: row["title"]})

    message = refusal(app, [row("loans", title="nightly"), row(second, title="nightly")], build_monitor=build)
    match = re.fullmatch(
        r"'rows\[(\d)\], column title' must be unique in 111111111111/eu-central-1, got 'nightly': rows\[(\d)\] has it "
        "already",
        message,
    )
    assert match
    assert sorted(match.groups()) == ["0", "1"]


def test_a_name_that_is_in_no_column_is_said_by_argument(app: cdk.App) -> None:
    def build(stack: cdk.Stack, id_: str, row: Any) -> Any:
        return bias_monitor(stack, id_, monitor_schedule_name=f"{row['endpoint'][:4]}-nightly")

    message = refusal(app, [row("loans-at"), row("loans-be")], build_monitor=build)
    assert "column monitor_schedule_name' must be unique in" in message
    assert "got 'loan-nightly'" in message


# ---------------------------------------------------------------- files
def written(folder: Path, content: str | bytes, name: str = "fleet.csv") -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def test_rows_of_csv_are_strings_by_column(tmp_path: Path) -> None:
    (found,) = read_rows(written(tmp_path, f"{HEADER}\n{ROW}\n"))
    assert found == {"endpoint": "loans", "account": "111111111111", "region": "eu-central-1", "facet": "age"}


@pytest.mark.parametrize(
    "content",
    [
        f"\ufeff{HEADER}\r\n{ROW}\r\n",
        f"\n{HEADER}\n\n\n{ROW}",
        f'{HEADER}\n"loans","111111111111","eu-central-1","age"\n\n',
        f"   \n{HEADER}\n,,,\n{ROW}\n , ,,\n,,,\n",
        f"{HEADER}\r{ROW}\r",
    ],
    ids=["excel", "empty-lines", "quoted", "lines-of-commas", "old-mac"],
)
def test_csv_may_be_written_in_many_ways(tmp_path: Path, content: str) -> None:
    assert read_rows(written(tmp_path, content)) == read_rows(written(tmp_path, f"{HEADER}\n{ROW}\n", "plain.CSV"))


def test_rows_of_yaml_have_values_of_yaml(tmp_path: Path) -> None:
    content = "# fleet\n- {endpoint: loans, facets: [1, 2]}\n-\n  endpoint: cards\n  facets: []\n"
    for name in ("fleet.yaml", "fleet.yml"):
        rows = read_rows(written(tmp_path, content, name))
        assert rows == [{"endpoint": "loans", "facets": [1, 2]}, {"endpoint": "cards", "facets": []}]


@pytest.mark.parametrize(("name", "content"), [("a.csv", ""), ("b.csv", HEADER), ("c.yaml", ""), ("d.yaml", "[]")])
def test_an_empty_table_has_no_rows(tmp_path: Path, name: str, content: str) -> None:
    assert read_rows(written(tmp_path, content, name)) == []


def test_messages_name_file_and_line(app: cdk.App, tmp_path: Path) -> None:
    path = written(tmp_path, f'{HEADER}\n{ROW}\n\n"cards",111111111111,eu-central-1,"a\nb"\n{ROW}\n')
    assert refusal(app, read_rows(path)) == (
        "'fleet.csv line 6, column endpoint' must be unique in 111111111111/eu-central-1, got 'loans': fleet.csv line "
        "2 has it already"
    )
    path = written(tmp_path, "- {endpoint: loans, account: 011111111111}\n", "fleet.yaml")
    message = refusal(app, read_rows(path))  # octal, in YAML
    assert message.startswith("'fleet.yaml line 1, column account' must be a string, got 1227133513: write the twelve")


def test_an_error_of_a_monitor_names_file_and_line(app: cdk.App, tmp_path: Path) -> None:
    rows = read_rows(written(tmp_path, f"{HEADER},instance_type\n{ROW},m5\n"))

    def build(stack: cdk.Stack, id_: str, row: Any) -> Any:
        return build_monitor(stack, id_, {name: cell for name, cell in row.items() if name != "facet"})

    with pytest.raises(ValueError, match="'instance_type' must be") as refused:
        fleet(app, rows, build_monitor=build)
    assert refused.value.__notes__ == ["This was the monitor 'loans' of fleet.csv line 2."]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        (
            "fleet.csv",
            f"{HEADER}\nloans,1\n",
            "'fleet.csv line 2' must have 4 cells, as the header has, got ['loans', '1']",
        ),
        ("fleet.csv", f"{HEADER}\n\n{ROW},\n", "'fleet.csv line 3' must have 4 cells, as the header has"),
        ("fleet.csv", "a,b,a\n", "'fleet.csv line 1' must name each column once, got ['a', 'b', 'a']: column 3 is 'a'"),
        ("fleet.csv", "a,,b\n", "'fleet.csv line 1' must name each column, got ['a', '', 'b']: column 2 is ''"),
        (
            "fleet.csv",
            "endpoint;account\nloans;1\n",
            "'fleet.csv line 1' must have its cells separated by commas, got 'endpoint;account'",
        ),
        ("fleet.csv", f'{HEADER}\n"loans,1', "'fleet.csv line 2' must be CSV, got '\"loans,1': unexpected end of data"),
        ("fleet.csv", f'{HEADER}\n"a"b,1,2,3\n', "'fleet.csv line 2' must be CSV, got '\"a\"b,1,2,3'"),
        # What Python takes for the end of a line, CSV does not.
        ("fleet.csv", f'{HEADER}\na\u2028b,1,2,3\n"a"b,1', "'fleet.csv line 3' must be CSV, got '\"a\"b,1'"),
        (
            "fleet.csv",
            "endpoint\taccount\nloans\t1\n",
            "'fleet.csv line 1' must have its cells separated by commas, got 'endpoint\\taccount'",
        ),
        (
            "fleet.csv",
            "endpoint, account\nloans, 1\n",
            "'fleet.csv line 1' must have no white space around columns, got ' account': write 'account'",
        ),
        ("fleet.yaml", "- {a: 1}\n- {<<: {2: 3}, a: 1}\n", "'fleet.yaml line 2' must have strings as columns, got 2"),
        ("fleet.yaml", b"- {a: b\x01}\n", "'path' must be a file in YAML, got 'fleet.yaml': unacceptable character"),
        ("fleet.yaml", "- *nowhere\n", "'path' must be a file in YAML, got 'fleet.yaml': found undefined alias"),
        ("fleet.yaml", "- &a {me: *a}\n", "'path' must be a file in YAML, got 'fleet.yaml': found unconstructable"),
        ("fleet.csv", b"endpoint\nm\xfcller\n", "'path' must be a file in UTF-8"),
        ("fleet.yaml", "endpoint: loans\n", "'fleet.yaml' must be a list of mappings, got {'endpoint': 'loans'}"),
        ("fleet.yaml", "loans\n", "'fleet.yaml' must be a list of mappings, got 'loans'"),
        (
            "fleet.yaml",
            "- {a: 1}\n- loans\n",
            "'fleet.yaml line 2' must be a mapping of columns to values, got 'loans'",
        ),
        ("fleet.yaml", "- a: 1\n  a: 2\n", "'fleet.yaml line 1' must name each column once, got ['a', 'a']"),
        ("fleet.yaml", "- {1: loans}\n", "'fleet.yaml line 1' must have strings as columns, got 1: put it into quotes"),
        ("fleet.yaml", "- {on: loans}\n", "'fleet.yaml line 1' must have strings as columns, got True: put it into"),
        ("fleet.yaml", "- {a: [1}\n", "'path' must be a file in YAML, got 'fleet.yaml'"),
        ("fleet.yaml", "- {a: !!python/name:os.system }\n", "'path' must be a file in YAML, got 'fleet.yaml'"),
        ("fleet.yaml", "- {a: 1}\n---\n- {a: 2}\n", "'path' must be a file in YAML, got 'fleet.yaml'"),
        ("fleet.xlsx", "", "'path' must end in .csv, .yaml, .yml"),
        ("fleet", "", "'path' must end in .csv, .yaml, .yml"),
    ],
    ids=str,
)
def test_a_file_that_is_no_table_is_refused(tmp_path: Path, name: str, content: str | bytes, message: str) -> None:
    with pytest.raises((ValueError, TypeError)) as refused:
        read_rows(written(tmp_path, content, name))
    assert str(refused.value).startswith(message)


@pytest.mark.parametrize("path", [None, 7, b"fleet.csv", ["fleet.csv"]], ids=repr)
def test_what_is_no_path_is_refused(path: Any) -> None:
    with pytest.raises(TypeError, match="'path' must be the path of a file, got"):
        read_rows(path)


def test_rows_of_yaml_may_share_what_they_have_in_common(app: cdk.App, tmp_path: Path) -> None:
    common = "account: '111111111111', region: eu-central-1"
    content = f"- &loans {{endpoint: loans, {common}}}\n- {{<<: *loans, endpoint: cards}}\n"
    rows = read_rows(written(tmp_path, content, "fleet.yaml"))
    assert [each["endpoint"] for each in rows] == ["loans", "cards"]
    assert len(fleet(app, rows).monitors) == 2
    path = written(tmp_path, f"{content}- *loans\n", "fleet.yaml")
    assert refusal(cdk.App(analytics_reporting=False), read_rows(path)) == (
        "'fleet.yaml item 3, column endpoint' must be unique in 111111111111/eu-central-1, got 'loans': fleet.yaml "
        "line 1 has it already"
    )


def test_a_file_that_is_not_there_is_said_by_python(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_rows(tmp_path / "fleet.csv")


def test_yaml_takes_pyyaml(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "yaml", None)
    with pytest.raises(ModuleNotFoundError) as refused:
        read_rows(written(tmp_path, "[]", "fleet.yaml"))
    assert refused.value.__notes__ == ["Reading fleet.yaml takes PyYAML: pip install pyyaml"]
