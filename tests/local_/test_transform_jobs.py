"""Transform jobs read, ask the model, write and capture; what becomes of a record is another test's matter."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any
from uuid import uuid4

import joblib
import pytest
from sklearn.linear_model import LogisticRegression

from cdk_clarify_monitors_local import EmbeddedAws
from tests.support.embedded_aws.account import wait_for

pytestmark = pytest.mark.deploy

ROWS = [f"id-{number},{number / 10},0.5" for number in range(10)]
SHARED = {"TransformResources": {"InstanceType": "ml.m5.large", "InstanceCount": 1}}


class Batches:
    """A model with a file, and a bucket."""

    def __init__(self, aws: EmbeddedAws, file: Path) -> None:
        self.name = f"batch-{uuid4().hex[:8]}"
        self.sagemaker, self.s3 = aws.client("sagemaker"), aws.client("s3")
        joblib.dump(LogisticRegression().fit([[0.0, 1.0], [1.0, 0.0]], [0, 1]), file)
        aws.add_model(self.name, file)
        self.sagemaker.create_model(ModelName=self.name, PrimaryContainer={"Image": "image"})
        self.s3.create_bucket(Bucket=self.name, CreateBucketConfiguration={"LocationConstraint": aws.region})

    def put(self, key: str, text: str) -> None:
        self.s3.put_object(Bucket=self.name, Key=key, Body=text)

    def run(self, source: str = "in", content_type: str = "text/csv", **changes: Any) -> dict[str, Any]:
        """Run a job to its end, and return its description."""
        name = f"job-{uuid4().hex[:8]}"
        bucket = source if source.startswith("s3://") else f"s3://{self.name}/{source}"
        request: dict[str, Any] = {
            "TransformJobName": name,
            "ModelName": self.name,
            "TransformInput": {
                "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": bucket}},
                "ContentType": content_type,
                "SplitType": "Line",
            },
            "TransformOutput": {
                "S3OutputPath": f"s3://{self.name}/out/{name}",
                "Accept": content_type,
                "AssembleWith": "Line",
            },
        }
        self.sagemaker.create_transform_job(**{**SHARED, **request, **changes})
        return dict(wait_for("the job's end", lambda: self._ended(name)))

    def _ended(self, name: str) -> dict[str, Any] | None:
        job = dict(self.sagemaker.describe_transform_job(TransformJobName=name))
        return None if job["TransformJobStatus"] == "InProgress" else job

    def files(self, prefix: str) -> dict[str, str]:
        entries = self.s3.list_objects_v2(Bucket=self.name, Prefix=prefix).get("Contents", ())
        keys = [entry["Key"] for entry in entries]
        bodies = {key: self.s3.get_object(Bucket=self.name, Key=key)["Body"].read().decode() for key in keys}
        return {key.removeprefix(f"{prefix}/"): body for key, body in bodies.items()}


@pytest.fixture(scope="module")
def batches(embedded_aws: EmbeddedAws, tmp_path_factory: pytest.TempPathFactory) -> Batches:
    return Batches(embedded_aws, tmp_path_factory.mktemp("model") / "model.joblib")


def test_rows_are_joined_given_ids_and_captured(batches: Batches) -> None:
    batches.put("in/data.csv", "\n".join(ROWS))
    job = batches.run(
        "in/data.csv",
        DataProcessing={"InputFilter": "$[1:]", "JoinSource": "Input"},
        DataCaptureConfig={"DestinationS3Uri": f"s3://{batches.name}/capture", "GenerateInferenceId": True},
    )
    assert job["TransformJobStatus"] == "Completed"

    ((name, body),) = batches.files(f"out/{job['TransformJobName']}").items()
    assert name == "data.csv.out"
    rows = body.splitlines()
    assert [",".join(row.split(",")[:3]) for row in rows] == ROWS
    started = job["TransformStartTime"].astimezone(None)
    for row in rows:
        *_, score, inference_id, time = row.split(",")
        assert 0 < float(score) < 1
        assert re.fullmatch(r"[0-9a-f-]{36}", inference_id)
        assert time.endswith("Z")
        assert f":{started:%M:%S}" in time
    assert len({row.split(",")[-2] for row in rows}) == len(rows)

    captured = batches.files("capture")
    hour = f"{job['TransformStartTime'].utctimetuple().tm_hour:02}"
    sides = {key.partition("/")[0]: (key, json.loads(text)) for key, text in captured.items()}
    for key, _ in sides.values():
        assert re.fullmatch(rf"(input|output)/\d{{4}}/\d\d/\d\d/{hour}/[0-9a-f-]{{36}}\.json", key)
    assert sides["input"][1] == [{"prefix": f"s3://{batches.name}/in/data.csv"}, ""]
    assert sides["output"][1] == [{"prefix": f"s3://{batches.name}/out/{job['TransformJobName']}/"}, "data.csv.out"]


def test_each_file_below_a_prefix_has_an_output(batches: Batches) -> None:
    batches.put("several/a.jsonl", '{"features": [0.1, 0.9]}\n{"features": [0.9, 0.1]}\n')
    batches.put("several/deep/b.jsonl", '{"features": [0.5, 0.5]}')
    job = batches.run("several", "application/jsonlines", BatchStrategy="SingleRecord")
    files = batches.files(f"out/{job['TransformJobName']}")
    assert files.keys() == {"a.jsonl.out", "deep/b.jsonl.out"}
    assert [json.loads(line)["predicted_label"] for line in files["a.jsonl.out"].splitlines()] == [0, 1]


def test_a_document_is_joined_as_a_whole(batches: Batches) -> None:
    batches.put("document/data.json", '{"instances": [{"features": [0.1, 0.9]}, {"features": [0.9, 0.1]}]}')
    source = {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": f"s3://{batches.name}/document/data.json"}}
    job = batches.run(
        TransformInput={"DataSource": source, "ContentType": "application/json"},
        TransformOutput={"S3OutputPath": f"s3://{batches.name}/out/document", "Accept": "application/json"},
        DataProcessing={"JoinSource": "Input"},
    )
    assert job["TransformJobStatus"] == "Completed"
    document = json.loads(batches.files("out/document")["data.json.out"])
    assert list(document) == ["SageMakerOutput", "instances"]
    assert len(document["SageMakerOutput"]["predictions"]) == 2


@pytest.mark.parametrize(
    ("source", "changes", "reason"),
    [
        ("s3://no-such-bucket-17/data", {}, "clarify-local put FILE s3://no-such-bucket-17/data"),
        ("nothing-here", {}, 'No S3 objects found under S3 URL "s3://'),
        ("bad/data.csv", {}, "ClientError: Bad HTTP status received from algorithm: 400: The model"),
        ("bad/data.csv", {"DataProcessing": {"InputFilter": "$[7]"}}, "there is no index 7 among 1 values"),
    ],
)
def test_a_failed_job_says_why(source: str, changes: dict[str, Any], reason: str, batches: Batches) -> None:
    batches.put("bad/data.csv", "1")
    job = batches.run(source, **changes)
    assert job["TransformJobStatus"] == "Failed"
    assert reason in job["FailureReason"]


def test_a_model_without_a_file_says_how_to_name_one(batches: Batches) -> None:
    batches.put("in/data.csv", "\n".join(ROWS))
    name = f"fileless-{uuid4().hex[:8]}"
    batches.sagemaker.create_model(ModelName=name, PrimaryContainer={"Image": "image"})
    job = batches.run("in/data.csv", ModelName=name)
    assert f"--model {name}=FILE" in job["FailureReason"]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"ModelName": "no-such"}, 'Could not find model "arn:aws:sagemaker:eu-west-1:123456789012:model/no-such".'),
        ({"DataProcessing": {"InputFilter": "features"}}, "The JSONPath 'features' does not begin with $."),
    ],
)
def test_what_cannot_be_transformed_is_refused(changes: dict[str, Any], message: str, batches: Batches) -> None:
    with pytest.raises(batches.sagemaker.exceptions.ClientError) as raised:
        batches.run(**changes)
    assert message in raised.value.response["Error"]["Message"]
