"""Captured data of every format become the table that is analysed, or the execution fails and says why."""

from __future__ import annotations

import base64
import json
import shutil
import sys
import tracemalloc
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from cdk_clarify_monitors_local.container._errors import AlgorithmError, CustomerError
from cdk_clarify_monitors_local.container.monitoring._contract import Contract
from cdk_clarify_monitors_local.container.monitoring._merge import merge
from cdk_clarify_monitors_local.container.monitoring._records import records
from cdk_clarify_monitors_local.container.monitoring._table import load

SAMPLES = Path(__file__).parents[1] / "support/recorded/executions/samples"
CAPTURE = {"sagemakerCaptureJson": {"captureIndexNames": ["endpointInput", "endpointOutput"]}}
MERGED = {"sagemakerMergeJson": {"captureIndexNames": ["endpointInput", "endpointOutput"]}}
HEADERS = ["age", "sex", "income", "approved"]


def side(mode: str, data: str, encoding: str, content_type: str | None = None) -> dict[str, str]:
    types = {"CSV": "text/csv", "JSON": "application/json", "BASE64": "application/octet-stream"}
    return {
        "observedContentType": content_type or types[encoding],
        "mode": mode,
        "data": data,
        "encoding": encoding,
    }


def record(
    request: str,
    response: str | None,
    label: str | None = None,
    *,
    encoding: str = "CSV",
    output_encoding: str | None = None,
    label_encoding: str = "CSV",
    time: str | None = "2026-03-01T10:05:00Z",
    event_id: str = "e-1",
    inference_id: str | None = None,
) -> dict[str, Any]:
    captured = {"endpointInput": side("INPUT", request, encoding)}
    if response is not None:
        captured["endpointOutput"] = side("OUTPUT", response, output_encoding or encoding)
    metadata = {"eventId": event_id}
    if inference_id is not None:
        metadata["inferenceId"] = inference_id
    if time is not None:
        metadata["inferenceTime"] = time
    truth = {} if label is None else {"groundTruthData": {"data": label, "encoding": label_encoding}}
    return {**truth, "captureData": captured, "eventMetadata": metadata, "eventVersion": "0"}


class Data:
    """The data folder of a monitoring container, and its environment."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.folder = root / "opt/ml/processing/input_data"
        self.environment = {
            "dataset_source": "/opt/ml/processing/input_data",
            "dataset_format": json.dumps(MERGED),
            "start_time": "2026-03-01T10:00:00Z",
            "end_time": "2026-03-01T11:00:00Z",
        }

    def put(self, content: Any, name: str = "loans/AllTraffic/2026/03/01/10/file.jsonl") -> None:
        """Write a file: text, or records as JSON Lines."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if not isinstance(content, str):
            content = "".join(json.dumps(item) + "\n" for item in content)
        path.write_text(content)

    def put_truth(self, content: Any, name: str = "2026/03/01/10/0000.jsonl") -> None:
        path = self.root / "opt/ml/processing/groundtruth" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if not isinstance(content, str):
            content = "".join(json.dumps(item) + "\n" for item in content)
        path.write_text(content)

    def load(
        self,
        headers: Sequence[str] | None = HEADERS,
        label: str | int | None = "approved",
        *,
        is_bias: bool = True,
        **environment: str,
    ) -> Any:
        return load(Contract(self.root, {**self.environment, **environment}), headers, label, is_bias=is_bias)

    def table(self, *args: Any, **kwargs: Any) -> dict[str, list[Any]]:
        found: pd.DataFrame = self.load(*args, **kwargs).table
        return {str(name): found[name].tolist() for name in found.columns}

    def run_merge(self, **environment: str) -> Path:
        """Run the merge job; return the folder of its output."""
        variables = {
            "dataset_source": "/opt/ml/processing/input_data",
            "ground_truth_source": "/opt/ml/processing/groundtruth",
            "output_path": "/opt/ml/processing/output",
            **environment,
        }
        config = self.root / "opt/ml/config/processingjobconfig.json"
        config.parent.mkdir(parents=True, exist_ok=True)
        config.write_text(json.dumps({"ProcessingJobName": "groundtruth-merge-202603011100-0123456789abcdef01234567"}))
        merge(Contract(self.root, variables))
        return self.root / "opt/ml/processing/output"

    def merge(self, **environment: str) -> dict[str, list[dict[str, Any]]]:
        """Run the merge job; return the records of each merged file, by its folder."""
        output = self.run_merge(**environment)
        return {
            path.relative_to(output).parent.as_posix(): [json.loads(line) for line in path.read_text().splitlines()]
            for path in sorted(output.rglob("*.jsonl"))
        }


@pytest.fixture
def data(tmp_path: Path) -> Data:
    return Data(tmp_path)


# What endpoints capture


def test_csv_with_a_score(data: Data) -> None:
    data.put([record("34,0,51.5\n", "0.81\n", "1"), record("58,1,20.0", "0.5", "0")])

    assert data.table() == {
        "age": [34, 58],
        "sex": [0, 1],
        "income": [51.5, 20.0],
        "approved": [1, 0],
        "predicted_label": [1, 0],  # a score of exactly 0.5 is not above the threshold
    }


def test_csv_of_many_rows(data: Data) -> None:
    data.put([record("34,0,51.5\n58,1,20.0\n", "0.81\n0.12\n", "1\n0\n")])

    assert data.table()["predicted_label"] == [1, 0]


def test_the_label_may_be_the_first_header(data: Data) -> None:
    data.put([record("34,0,51.5", "0.81", "1")])

    table = data.table(["approved", "age", "sex", "income"])

    assert list(table.items())[:2] == [("approved", [1]), ("age", [34])]


def test_the_label_may_be_an_index_and_headers_missing(data: Data) -> None:
    data.put([record("34,0", "0.81", "1")])

    assert data.table(None, 0) == {"feature_0": [1], "feature_1": [34], "feature_2": [0], "predicted_label": [1]}
    assert data.load(None, 0).label == "feature_0"


def test_headers_of_features_only(data: Data) -> None:
    data.put([record("34,0,51.5", "0.81", "1")])

    assert data.load(HEADERS[:3], "approved").label == "approved"


@pytest.mark.parametrize(
    ("attributes", "response", "predicted"),
    [
        ({"probability_threshold_attribute": "0.8"}, "0.81", 1),
        ({"probability_threshold_attribute": "0.9"}, "0.81", 0),
        ({"probability_attribute": "1"}, "0,0.81", 1),
        ({"inference_attribute": "0"}, "0,0.81", 0),
        ({"inference_attribute": "0", "probability_attribute": "1"}, "0,0.81", 0),
        (
            {"inference_attribute": "0", "probability_attribute": "1", "probability_threshold_attribute": "0.5"},
            "0,0.8",
            1,
        ),
        ({"inference_attribute": "0", "probability_attribute": "1"}, '"[7, 8, 9]","[0.1, 0.7, 0.2]"', 8),
        ({"inference_attribute": "0", "probability_attribute": "1"}, "\"['7','8']\",\"[0.1,0.9]\"", 8),
    ],
)
def test_predictions_in_csv(data: Data, attributes: Mapping[str, str], response: str, predicted: int) -> None:
    data.put([record("34,0,51.5", response, "1")])

    assert data.table(**attributes)["predicted_label"] == [predicted]


def test_text_features_and_labels_stay_text(data: Data) -> None:
    data.put([record('34,"New York, NY",x', "yes", "no"), record("58,Rome,7", "no", "yes")])

    table = data.table(inference_attribute="0")

    assert table["sex"] == ["New York, NY", "Rome"]
    assert table["income"] == ["x", "7"]
    assert (table["approved"], table["predicted_label"]) == (["no", "yes"], ["yes", "no"])


def test_one_json_document_of_many_records(data: Data) -> None:
    request = {"instances": [{"features": [34, 0, 51.5]}, {"features": [58, 1, 20.0]}]}
    response = {"predictions": [{"score": 0.81, "label": 1}, {"score": 0.12, "label": 0}]}
    truth = {"instances": [{"label": 1}, {"label": 1}]}
    data.put(
        [record(json.dumps(request), json.dumps(response), json.dumps(truth), encoding="JSON", label_encoding="JSON")]
    )
    attributes = {"features_attribute": "instances[*].features"}

    by_label = data.table(label="instances[*].label", **attributes, inference_attribute="predictions[*].label")
    by_score = data.table(
        label="instances[*].label",
        **attributes,
        probability_attribute="predictions[*].score",
        probability_threshold_attribute="0.9",
    )

    assert by_label["predicted_label"] == [1, 0]
    assert by_score["predicted_label"] == [0, 0]
    assert by_label["approved"] == [1, 1]
    assert by_label["income"] == [51.5, 20.0]


def test_json_lines_of_one_record_or_many(data: Data) -> None:
    lines = '{"features":[34,0,51.5]}\n{"features":[58,1,20.0]}'
    answers = '{"score":0.81}\n{"score":0.12}\n'
    data.put(
        [
            record(lines, answers, '{"label":1}\n{"label":0}', encoding="JSON", label_encoding="JSON"),
            record('{"features":[20,1,9]}', '{"score":0.6}', '{"label":0}', encoding="JSON", label_encoding="JSON"),
        ]
    )

    table = data.table(label="label", features_attribute="features", probability_attribute="score")

    assert (table["age"], table["approved"], table["predicted_label"]) == ([34, 58, 20], [1, 0, 0], [1, 0, 1])


def test_scores_of_all_classes_in_json(data: Data) -> None:
    answer = {"classes": ["low", "high"], "scores": [0.3, 0.7]}
    data.put([record('{"features":[34,0,51.5]}', json.dumps(answer), "high", encoding="JSON", label_encoding="CSV")])
    attributes = {"features_attribute": "features", "probability_attribute": "scores"}

    assert data.table(**attributes, inference_attribute="classes")["predicted_label"] == ["high"]
    assert data.table(**attributes)["predicted_label"] == [1]


@pytest.mark.parametrize(
    ("request_", "features"),
    [
        ({"row": {"values": [34, 0, 51.5]}}, "row.values"),
        ({"age": 34, "sex": 0, "income": 51.5}, "[age, sex, income]"),
        ({"rows": [{"v": [34, 0, 51.5]}]}, "rows[*].v"),
        ({"rows": [{"age": 34, "rest": [0, 51.5]}]}, "rows[*].[age, rest[0], rest[1]]"),
        ([34, 0, 51.5], "@"),
    ],
)
@pytest.mark.parametrize(
    ("answer", "attributes", "predicted"),
    [
        ({"result": {"scores": [0.1, 0.2, 0.7]}}, {"probability_attribute": "result.scores"}, 2),
        ({"result": [{"class": 7, "p": 0.4}]}, {"inference_attribute": "result[0].class"}, 7),
        ({"result": [{"p": 0.4}]}, {"probability_attribute": "result[*].p"}, 0),
        (
            {"labels": ["a", "b", "c"], "scores": [0.1, 0.7, 0.2]},
            {"inference_attribute": "labels", "probability_attribute": "scores"},
            "b",
        ),
        (0.81, {"probability_attribute": "@"}, 1),
    ],
)
def test_json_may_be_nested(
    data: Data, request_: Any, features: str, answer: Any, attributes: dict[str, str], predicted: Any
) -> None:
    label = "a" if isinstance(predicted, str) else "1"
    data.put([record(json.dumps(request_), json.dumps(answer), label, encoding="JSON")])

    table = data.table(features_attribute=features, **attributes)

    assert (table["age"], table["sex"], table["income"]) == ([34], [0], [51.5])
    assert table["predicted_label"] == [predicted]


def test_base64_is_decoded(data: Data) -> None:
    def encoded(text: str) -> str:
        return base64.b64encode(text.encode()).decode()

    data.put([record(encoded("34,0,51.5\n"), encoded("0.81"), "1", encoding="BASE64")])
    assert data.table()["income"] == [51.5]

    data.put(
        [record('{"features":[34,0,51.5]}', encoded('{"p": [0.9]}'), "1", encoding="JSON", output_encoding="BASE64")]
    )
    assert data.table(features_attribute="features", probability_attribute="p")["predicted_label"] == [1]


def test_only_records_in_the_window_count(data: Data) -> None:
    times = {
        "2026-03-01T09:59:59Z": "1,0,0",
        "2026-03-01T10:00:00Z": "2,0,0",
        "2026-03-01T10:59:59.999Z": "3,0,0",
        "2026-03-01T11:00:00Z": "4,0,0",
        "2026-03-01T12:30:00+02:00": "5,0,0",
    }
    data.put([record(row, "0.9", "1", time=time) for time, row in times.items()])
    data.put([record("6,0,0", "0.9", "1", time=None)], "loans/AllTraffic/2026/03/01/10/other.jsonl")

    assert data.table()["age"] == [2, 3, 5, 6]


def test_a_line_may_hold_several_records(data: Data) -> None:
    data.put([[record("34,0,51.5", "0.81", "1"), record("58,1,20.0", "0.1", "0")]])

    assert data.table()["age"] == [34, 58]


def test_columns_can_be_excluded_from_the_features(data: Data) -> None:
    data.put([record("34,0,51.5", "0.81", "1")])

    dataset = data.load(exclude_features_attribute="0, income")

    assert list(dataset.features) == ["sex"]
    assert "age" in dataset.table


def test_types_do_not_depend_on_where_a_part_begins(data: Data, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cdk_clarify_monitors_local.container.monitoring._table._CHUNK", 2)
    rows = ["1,1,5", "2,2,6", "3,0.5,x", "4,3,7", "5,4,8"]
    data.put([record(row, "0.9", "1") for row in rows])

    table = data.table()

    assert table["sex"] == [1.0, 2.0, 0.5, 3.0, 4.0]
    assert table["income"] == ["5", "6", "x", "7", "8"]


def test_explanations_need_features_only(data: Data) -> None:
    data.put([record("34,0,51.5", None)])

    dataset = data.load(HEADERS[:3], None, is_bias=False, dataset_format=json.dumps(CAPTURE))

    assert list(dataset.features) == ["age", "sex", "income"]


@pytest.mark.parametrize(
    ("dataset_format", "content", "attributes"),
    [
        ({"csv": {"header": False}}, "34,0,51.5\n58,1,20.0\n", {}),
        ({"csv": {"header": True}}, "a,b,c\n34,0,51.5\n58,1,20.0\n", {}),
        ({"json": {"line": True}}, '{"f":[34,0,51.5]}\n{"f":[58,1,20.0]}\n', {"features_attribute": "f"}),
        ({"json": {"line": False}}, '[{"f":[34,0,51.5]},\n {"f":[58,1,20.0]}]', {"features_attribute": "[*].f"}),
    ],
)
def test_the_input_of_batch_transforms(
    data: Data, dataset_format: Any, content: str, attributes: Mapping[str, str]
) -> None:
    data.put(content, "schedule/2026/03/01/10/id/data.csv")

    table = data.table(HEADERS[:3], None, is_bias=False, dataset_format=json.dumps(dataset_format), **attributes)

    assert table == {"age": [34, 58], "sex": [0, 1], "income": [51.5, 20.0]}


def parquet(data: Data, columns: Mapping[str, list[Any]]) -> None:
    path = data.folder / "my-schedule/2026/03/01/10/id/data.parquet"
    path.parent.mkdir(parents=True)
    pd.DataFrame(columns).to_parquet(path)


def test_the_parquet_input_of_batch_transforms_keeps_its_types(data: Data) -> None:
    parquet(data, {"a": [34, 58], "b": ["007", "8"], "c": [1.5, None], "d": [True, False]})

    table = data.table(["age", "zip", "income", "own"], None, is_bias=False, dataset_format='{"parquet": {}}')

    assert (table["age"], table["zip"], table["own"]) == ([34, 58], ["007", "8"], [True, False])
    assert table["income"][0] == 1.5
    assert pd.isna(table["income"][1])


@pytest.mark.parametrize("names", [("SageMakerInferenceId", "SageMakerInferenceTime"), ("id", "time")])
def test_the_parquet_output_of_batch_transforms_is_merged(data: Data, names: tuple[str, str]) -> None:
    """By the names that JSON has for ids and times, wherever they are; without them they come last, as in CSV."""
    ids: dict[str, list[Any]] = {names[0]: ["i-1", "i-2", "i-3"], names[1]: ["2026-03-01T10:00:00Z"] * 3}
    first = ids if names[0].startswith("SageMaker") else {}
    columns: dict[str, list[Any]] = {
        "age": [34, 58, 20],
        "sex": ["0", "1", "01"],
        "income": [51.5, 20.0, 9.0],
        "score": [0.9, 0.2, 0.7],
    }
    parquet(data, {**first, **columns, **ids})
    data.put_truth(
        [
            {"groundTruthData": {"data": label, "encoding": "CSV"}, "eventMetadata": {"eventId": event}}
            for event, label in [("i-1", "1"), ("i-3", "0"), ("unknown", "1")]
        ]
    )

    ((folder, merged),) = data.merge(dataset_format='{"parquet": {}}').items()

    analysed = Data(data.root / "second")
    analysed.put(merged, f"{folder}/part.jsonl")
    assert analysed.table(probability_attribute="0") == {
        "age": [34, 20],
        "sex": ["0", "01"],
        "income": [51.5, 9.0],
        "approved": [1, 0],
        "predicted_label": [1, 1],
    }


def test_parquet_needs_the_library_that_reads_it(data: Data, monkeypatch: pytest.MonkeyPatch) -> None:
    parquet(data, {"age": [34], "sex": ["0"], "income": [51.5], "score": [0.9], "id": ["i-1"], "time": ["now"]})
    monkeypatch.setitem(sys.modules, "pyarrow", None)  # as where it is not installed

    with pytest.raises(AlgorithmError, match=r"^Parquet needs pyarrow, which is not installed: pip install pyarrow$"):
        data.merge(dataset_format='{"parquet": {}}')


@pytest.mark.parametrize(
    ("content", "message"),
    [("no parquet", "data.parquet is not Parquet: "), ({"score": [0.9], "id": ["i-1"]}, "has no inference id beside")],
)
def test_parquet_that_cannot_be_merged(data: Data, content: Any, message: str) -> None:
    if isinstance(content, str):
        data.put(content, "my-schedule/2026/03/01/10/id/data.parquet")
    else:
        parquet(data, content)

    with pytest.raises(AlgorithmError, match=message):
        data.merge(dataset_format='{"parquet": {}}')


# Merging


def test_the_samples_are_merged(data: Data) -> None:
    """Records with inference id, without, of many rows, and one without a label."""
    shutil.copytree(SAMPLES / "capture/endpoint/my-endpoint", data.folder / "my-endpoint")
    shutil.copytree(SAMPLES / "ground-truth", data.root / "opt/ml/processing/groundtruth")

    merged = data.merge()

    folder = "my-endpoint/AllTraffic/2026/03/01/10"
    assert list(merged) == [folder]
    (expected,) = (SAMPLES / "output/merge" / folder).glob("*.jsonl")
    assert merged[folder][0] == json.loads(expected.read_text())
    assert [item["eventMetadata"].get("inferenceId") for item in merged[folder]] == ["r-0", None, "r-2", "r-3"]


def test_ids_join_as_sagemaker_joins_them(data: Data) -> None:
    data.put(
        [
            record("1,0,0", "0.9", event_id="e-1", inference_id="i-1"),
            record("2,0,0", "0.9", event_id="e-2"),
            record("3,0,0", "0.9", event_id="e-3", inference_id="i-3"),  # its label has the event id: not joined
            record("4,0,0", "0.9", event_id="e-4", inference_id="i-1"),  # an id used again
        ]
    )
    truth = [
        {
            "groundTruthData": {"data": label, "encoding": "CSV"},
            "eventMetadata": {"eventId": event},
            "eventVersion": "0",
        }
        for event, label in [("i-1", "1"), ("e-2", "0"), ("e-3", "1"), ("unknown", "1")]
    ]
    data.put_truth(truth)
    data.put_truth(truth, "2026/03/01/09/again.jsonl")

    (merged,) = data.merge().values()

    joined = [(item["captureData"]["endpointInput"]["data"], item["groundTruthData"]["data"]) for item in merged]
    assert joined == [("1,0,0", "1"), ("2,0,0", "0"), ("4,0,0", "1")]


@pytest.mark.parametrize(
    ("dataset_format", "name", "content"),
    [
        ({"csv": {"header": False}}, "data.csv.out", None),
        ({"csv": {"header": True}}, "data.csv.out", "age,sex,income,score,id,time\n"),
        ({"json": {"line": True}}, "data.jsonl.out", None),
        ({"json": {"line": False}}, "data.json.out", None),
    ],
)
def test_the_output_of_batch_transforms_is_merged(
    data: Data, dataset_format: Any, name: str, content: str | None
) -> None:
    text = (content or "") + (SAMPLES / "transform-output" / name).read_text()
    data.put(text, f"my-schedule/2026/03/01/10/manifest-id/{name}")
    is_document = dataset_format == {"json": {"line": False}}
    label = '{"instances": [{"label": 1}]}' if is_document else "1"
    data.put_truth(
        [
            {
                "groundTruthData": {"data": label, "encoding": "JSON" if is_document else "CSV"},
                "eventMetadata": {"eventId": "77777777-7777-4777-8777-777777777777"},
                "eventVersion": "0",
            }
        ]
    )

    merged = data.merge(dataset_format=json.dumps(dataset_format))

    folder = "my-schedule/2026/03/01/10"
    assert list(merged) == [folder]
    if "csv" in dataset_format:
        (expected,) = (SAMPLES / "output/merge" / folder).glob("*.jsonl")
        assert merged[folder] == [json.loads(expected.read_text())]
    analysed = Data(data.root / "second")
    analysed.put(merged[folder], f"{folder}/part.jsonl")
    attributes = {
        "data.csv.out": {"probability_attribute": "0"},
        "data.jsonl.out": {"features_attribute": "features", "inference_attribute": "predicted_label"},
        "data.json.out": {
            "features_attribute": "instances[*].features",
            "inference_attribute": "predictions[*].predicted_label",
        },
    }[name]
    table = analysed.table(label="instances[*].label" if is_document else "approved", **attributes)
    assert table == {"age": [34], "sex": [0], "income": [51.5], "approved": [1], "predicted_label": [1]}


def test_merged_files_of_other_executions_are_not_read(data: Data) -> None:
    data.put([record("1,0,0", "0.9", event_id="e-1")])
    data.put_truth(
        [
            {
                "groundTruthData": {"data": "1", "encoding": "CSV"},
                "eventMetadata": {"eventId": "e-1"},
                "eventVersion": "0",
            }
        ]
    )
    data.merge()
    output = data.root / "opt/ml/processing/output"
    shutil.rmtree(data.folder)
    shutil.copytree(output, data.folder)
    data.put([record("2,0,0", "0.9", "1")], "loans/AllTraffic/2026/03/01/10/part-00000-other.c000.jsonl")
    config = data.root / "opt/ml/config/processingjobconfig.json"
    config.write_text(json.dumps({"ProcessingJobName": "model-bias-monitoring-202603011100-0123456789abcdef01234567"}))

    assert data.table()["age"] == [1]


# Bad input


@pytest.mark.parametrize(
    ("records", "headers", "environment", "message"),
    [
        ([record("34,0", "0.81", "1")], HEADERS, {}, "Headers in config do not match with the number of columns"),
        (
            [record("34,0,51.5", "0.81", "1"), record("34,0", "0.81", "1")],
            None,
            {},
            "Headers in config do not match with the number of columns",
        ),
        ([record("34,0,51.5", "high", "1")], HEADERS, {}, "Could not convert string to float."),
        ([record("34,0,51.5", "0,0.81", "1")], HEADERS, {}, "A prediction has 2 columns: say which"),
        ([record("34,0,51.5", "0.81", "1")], HEADERS, {"inference_attribute": "3"}, "InferenceAttribute is column 3"),
        ([record("34,0,51.5", "0.81", "1")], HEADERS, {"inference_attribute": "score"}, "the index of a column"),
        (
            [record("34,0,51.5", "0.81", "1")],
            HEADERS,
            {"inference_attribute": "score"},
            "if the model answers JSON Lines, send application/jsonlines",
        ),
        ([record("", "0.81", "1")], HEADERS, {}, "Data must contain features."),
        (
            [record('{"a":1}', '{"s":1}', "1", encoding="JSON")],
            HEADERS,
            {"features_attribute": "f"},
            "Data must contain",
        ),
        (
            [record("{", '{"s":1}', "1", encoding="JSON")],
            HEADERS,
            {"features_attribute": "f"},
            "neither JSON nor JSON Lines",
        ),
        (
            [record('{"f":[34,0,51.5]}', '{"s":1}', "1", encoding="JSON")],
            HEADERS,
            {"features_attribute": "f", "inference_attribute": "label"},
            "locates nothing in a prediction",
        ),
        (
            [record('{"f":[34,0,51.5]}', '{"s":1}', "1", encoding="JSON")],
            HEADERS,
            {"features_attribute": "f[", "inference_attribute": "s"},
            "FeaturesAttribute is not a JMESPath expression",
        ),
        ([record("34,0,51.5\n58,1,20.0", "0.81", "1\n0")], HEADERS, {}, "2 rows of features, but 1 predictions"),
        ([record("34,0,51.5\n58,1,20.0", "0.81\n0.1", "1")], HEADERS, {}, "2 rows of features, but 1 labels"),
        ([record("34,0,51.5", "0.81", "1,2")], HEADERS, {}, "Ground truth must be the label alone"),
        (
            [record("34,0,51.5", "0.81", "{}", label_encoding="JSON")],
            HEADERS,
            {},
            "locates nothing in the ground truth",
        ),
        ([record("34,0,51.5", None, "1")], HEADERS, {}, "has a record without endpointOutput"),
        ([record("/w==", "0.81", "1", encoding="BASE64", output_encoding="CSV")], HEADERS, {}, "list the content type"),
        ([record("34,0,51.5", "0.81", "1", time="soon")], HEADERS, {}, "inferenceTime is not a time: 'soon'"),
        ([record("34,0,51.5", "0.81")], HEADERS, {}, "Headers must contain label."),
        ([{"a": 1}], HEADERS, {}, "has a record without captureData"),
    ],
)
def test_what_cannot_be_analysed(
    data: Data, records: Any, headers: Any, environment: dict[str, str], message: str
) -> None:
    data.put(records)

    with pytest.raises(CustomerError, match=None) as raised:
        data.load(headers, "approved", is_bias=True, **environment)

    assert message in str(raised.value)


@pytest.mark.parametrize("label", [9, -1])
def test_a_label_that_is_no_column(data: Data, label: int) -> None:
    data.put([record("34,0,51.5", "0.81", "1")])

    with pytest.raises(CustomerError, match=r"Headers must contain label\."):
        data.load(HEADERS, label)


def test_an_excluded_column_that_is_none(data: Data) -> None:
    data.put([record("34,0,51.5", "0.81", "1")])

    with pytest.raises(CustomerError, match="'ExcludeFeaturesAttribute' is column 'wage'"):
        data.load(exclude_features_attribute="wage")


def test_nothing_in_the_window(data: Data) -> None:
    data.put([record("34,0,51.5", "0.81", "1", time="2026-03-01T11:00:00Z")])

    with pytest.raises(AlgorithmError, match="Could not find any json file under directory"):
        data.load()


@pytest.mark.parametrize(
    ("captured", "truth", "message"),
    [
        ("no json\n", [], "Line 1 of file.jsonl is not JSON"),
        ('{"a": 1}\n[1]\n', [], "without captureData or eventId"),
        ("[1]\n", [], "Line 1 of file.jsonl is not a JSON object"),
        ([record("1,0,0", "0.9")], "age,sex\n", "Line 1 of 0000.jsonl is not JSON"),
        ([record("1,0,0", "0.9")], [{"eventMetadata": {"eventId": "e-1"}}], "without groundTruthData or eventId"),
        (
            [record("1,0,0", "0.9")],
            [{"groundTruthData": {"data": "1"}, "eventMetadata": "e"}],
            "without groundTruthData",
        ),
        (
            [record("1,0,0", "0.9")],
            [{"groundTruthData": {"data": {"y": 1}, "encoding": "JSON"}, "eventMetadata": {"eventId": "e-1"}}],
            "0000.jsonl has groundTruthData whose 'data' is no text",
        ),
    ],
)
def test_what_cannot_be_merged(data: Data, captured: Any, truth: Any, message: str) -> None:
    data.put(captured)
    data.put_truth(truth)

    with pytest.raises(AlgorithmError, match=message):
        data.merge()


@pytest.mark.parametrize(
    ("dataset_format", "content"),
    [
        ({"csv": {"header": False}}, "0.81\n"),
        ({"json": {"line": True}}, '{"SageMakerOutput": 0.81}\n'),
        ({"json": {"line": False}}, "[0.81]"),
    ],
)
def test_batch_transforms_without_inference_id(data: Data, dataset_format: Any, content: str) -> None:
    data.put(content, "my-schedule/2026/03/01/10/id/data.out")

    with pytest.raises(AlgorithmError, match="the transform job needs GenerateInferenceId and a JoinSource"):
        data.merge(dataset_format=json.dumps(dataset_format))


# However much there is, little is held


def peak_memory(work: Callable[[], object]) -> int:
    """Return how many bytes a piece of work holds at most."""
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_records_are_streamed(data: Data) -> None:
    def read() -> None:
        for _ in records(Contract(data.root, data.environment), with_prediction=True):
            pass

    read()  # what is compiled and cached at first
    data.put([record("34,0,51.5", "0.81", "1")] * 300)
    few = peak_memory(read)
    data.put([record("34,0,51.5", "0.81", "1")] * 3000)

    assert peak_memory(read) < 1.5 * few


def test_merging_holds_the_labels_alone(data: Data) -> None:
    data.put_truth([{"groundTruthData": {"data": "1", "encoding": "CSV"}, "eventMetadata": {"eventId": "r-1"}}])
    captures = [record("34,0,51.5", "0.81", inference_id="r-1", event_id=f"e-{number}") for number in range(3000)]

    def merge_some(count: int) -> int:
        data.put(captures[:count])
        return peak_memory(data.run_merge)

    merge_some(1)
    assert merge_some(3000) < 1.5 * merge_some(300)


def test_rows_are_packed_into_columns_as_they_come(data: Data, monkeypatch: pytest.MonkeyPatch) -> None:
    """A row of ten features is 80 bytes in columns, and about 700 as text in lists."""
    rows = "\n".join(",".join(f"{place}.{number:05}" for place in range(10)) for number in range(1000)) + "\n"
    headers = [f"f{place}" for place in range(10)]
    monkeypatch.setattr("cdk_clarify_monitors_local.container.monitoring._table._CHUNK", 1000)

    def read(thousands: int) -> int:
        data.put([record(rows, None)] * thousands)
        return peak_memory(lambda: data.load(headers, None, is_bias=False))

    added = read(6) - read(3)
    assert added / 3_000 < 300
