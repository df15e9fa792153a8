"""Data sets that lie in S3, and the facets and predicted labels that are data sets of their own.

Each is compared with the same analysis of one file with all columns.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pandas as pd
import pytest

from cdk_clarify_monitors_local import EmbeddedAws
from cdk_clarify_monitors_local.server import _forked_process
from tests.support.container.container_job import Job
from tests.support.container.credit import CREDIT, FEATURES, NUMBERS, bias, fitted, metric, post_training
from tests.support.container.credit import WitnessedModel as Model

pytestmark = pytest.mark.deploy

IDS = CREDIT.assign(id=[f"a{number}" for number in range(len(CREDIT))])
#: The predictions are those of the rule "an income above 40", which is not always right.
PREDICTED = IDS.assign(predicted=(CREDIT["income"] > 40).astype(int))

POST = {"post_training_bias": {"methods": ["DPPL", "AD", "CDDPL"]}}


class S3:
    """A bucket of the embedded AWS, and jobs that may read it."""

    def __init__(self, aws: EmbeddedAws) -> None:
        self._aws = aws
        self._client = aws.client("s3")
        self._bucket = f"data-{uuid4().hex[:8]}"
        self._client.create_bucket(Bucket=self._bucket, CreateBucketConfiguration={"LocationConstraint": aws.region})

    def put(self, key: str, table: pd.DataFrame, *, header: bool = False) -> str:
        """Write a table as CSV; return its URI."""
        self._client.put_object(Bucket=self._bucket, Key=key, Body=table.to_csv(index=False, header=header))
        return f"s3://{self._bucket}/{key}"

    def process(self, job: Job, config: Any) -> str:
        """Run the job's container; return its message, empty if all went well."""
        container = job.start(config, self._aws.environment)
        printed = "\n".join(container.lines())
        exit_code = container.wait()
        assert exit_code in (0, 1), printed
        return job.message() if exit_code else ""

    def analysis(self, job: Job, config: Any) -> dict[str, Any]:
        """Run the job's container; return analysis.json."""
        assert self.process(job, config) == ""
        return job.analysis()


@pytest.fixture(autouse=True, scope="module")
def libraries() -> None:
    _forked_process.prepare()


@pytest.fixture
def s3(aws: EmbeddedAws) -> S3:
    return S3(aws)


def shuffled(table: pd.DataFrame) -> pd.DataFrame:
    """Return the same rows in another order: by themselves they do not fit the data set any more."""
    return table.sample(frac=1, random_state=7).reset_index(drop=True)


def women_and_men(analysis: dict[str, Any]) -> Any:
    return metric(analysis, "pre", "gender", "DPL")


def expected_difference() -> Any:
    return pytest.approx(5 / 6 - 1 / 6)


# Facets

WITHOUT_GENDER = ["approved", *NUMBERS]


def test_facets_are_joined_by_a_column(s3: S3, job: Job) -> None:
    job.put_data(IDS[["id", *WITHOUT_GENDER]])
    facets = s3.put("facets.csv", shuffled(IDS[["gender", "id"]]))

    analysis = s3.analysis(
        job,
        bias(
            headers=["id", *WITHOUT_GENDER],
            joinsource_name_or_index="id",
            facet_dataset_uri=facets,
            facet_headers=["gender", "id"],
        ),
    )

    assert women_and_men(analysis) == expected_difference()


def test_facets_are_joined_row_by_row_without_a_join_column(s3: S3, job: Job) -> None:
    job.put_data(CREDIT[WITHOUT_GENDER])
    facets = s3.put("facets.csv", CREDIT[["gender"]])

    analysis = s3.analysis(job, bias(headers=WITHOUT_GENDER, facet_dataset_uri=facets, facet_headers=["gender"]))

    assert women_and_men(analysis) == expected_difference()


def test_facets_may_have_a_header_row(s3: S3, job: Job) -> None:
    job.put_data(CREDIT[WITHOUT_GENDER])
    facets = s3.put("facets.csv", CREDIT[["gender"]], header=True)

    analysis = s3.analysis(job, bias(headers=WITHOUT_GENDER, facet_dataset_uri=facets))

    assert women_and_men(analysis) == expected_difference()


def test_facets_of_another_data_set_do_not_reach_the_model(s3: S3, job: Job) -> None:
    job.put_data(IDS[["id", *WITHOUT_GENDER]])
    witnesses = job.root / "calls"
    witnesses.mkdir()
    job.add_model("credit", fitted(Model(str(witnesses))))  # it knows age and income only
    config = post_training(label=0) | {
        "headers": ["id", *WITHOUT_GENDER],
        "joinsource_name_or_index": "id",
        "facet_dataset_uri": s3.put("facets.csv", shuffled(IDS[["id", "gender"]])),
        "facet_headers": ["id", "gender"],
        "label_values_or_threshold": [0.5],
    }

    s3.analysis(job, config)

    assert [path.read_text() for path in witnesses.iterdir()] == [str(len(CREDIT))]


# Predicted labels


def post(**changes: Any) -> dict[str, Any]:
    return bias(methods=POST, group_variable="age", **changes)


@pytest.fixture
def in_one_file(s3: S3, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The metrics of the predictions when they are a column of the data set."""
    job = Job(tmp_path_factory.mktemp("one"))
    columns = ["id", *CREDIT.columns, "predicted"]
    job.put_data(PREDICTED[columns])
    config = post(headers=columns, predicted_label="predicted", joinsource_name_or_index="id")
    found: dict[str, Any] = s3.analysis(job, config)["post_training_bias_metrics"]
    return found


def put_shuffled(s3: S3) -> dict[str, Any]:
    uri = s3.put("predicted.csv", shuffled(PREDICTED[["id", "predicted"]]))
    return {"uri": uri, "predicted_label": "predicted", "headers": ["id", "predicted"]}


def put_with_the_identifier_last(s3: S3) -> dict[str, Any]:
    uri = s3.put("predicted.csv", shuffled(PREDICTED[["predicted", "id"]]))
    return {"uri": uri, "predicted_label": 0, "headers": ["predicted", "id"]}


def put_without_saying_which(s3: S3) -> dict[str, Any]:
    uri = s3.put("predicted.csv", shuffled(PREDICTED[["predicted", "id"]]))
    return {"uri": uri, "predicted_label": None, "headers": ["predicted", "id"]}


def put_among_other_columns(s3: S3) -> dict[str, Any]:
    other = PREDICTED.assign(score=PREDICTED["income"])
    uri = s3.put("predicted.csv", shuffled(other[["score", "id", "predicted", "age"]]))
    return {"uri": uri, "predicted_label": "predicted", "headers": ["score", "id", "predicted", "age"]}


def put_with_a_header_row(s3: S3) -> dict[str, Any]:
    uri = s3.put("predicted.csv", shuffled(PREDICTED[["id", "predicted"]]), header=True)
    return {"uri": uri, "predicted_label": "predicted", "headers": None}


def put_row_by_row(s3: S3) -> dict[str, Any]:
    return {"uri": s3.put("predicted.csv", PREDICTED[["predicted"]]), "predicted_label": 0, "headers": ["p"]}


def put_after_another_identifier(s3: S3) -> dict[str, Any]:
    other = PREDICTED.assign(number=range(len(PREDICTED)))
    uri = s3.put("predicted.csv", other[["number", "predicted"]])
    return {"uri": uri, "predicted_label": None, "headers": ["number", "predicted"]}


def put_under_the_label_s_name(s3: S3) -> dict[str, Any]:
    table = shuffled(PREDICTED[["id", "predicted"]]).rename(columns={"predicted": "approved"})
    return {"uri": s3.put("predicted.csv", table), "predicted_label": "approved", "headers": ["id", "approved"]}


def put_in_several_objects(s3: S3) -> dict[str, Any]:
    table = shuffled(PREDICTED[["id", "predicted"]])
    s3.put("predicted/a.csv", table[:50])
    uri = s3.put("predicted/b.csv", table[50:]).removesuffix("b.csv")
    return {"uri": uri, "predicted_label": "predicted", "headers": ["id", "predicted"]}


@pytest.mark.parametrize(
    "put",
    [
        put_shuffled,
        put_with_the_identifier_last,
        put_without_saying_which,
        put_among_other_columns,
        put_with_a_header_row,
        put_row_by_row,
        put_after_another_identifier,
        put_under_the_label_s_name,
        put_in_several_objects,
    ],
)
def test_predicted_labels_of_another_file_give_the_same_metrics(
    s3: S3, job: Job, in_one_file: dict[str, Any], put: Callable[[S3], dict[str, Any]]
) -> None:
    job.put_data(IDS[["id", *CREDIT.columns]])
    predictions = put(s3)
    config = post(
        headers=["id", *CREDIT.columns],
        joinsource_name_or_index="id",
        predicted_label_dataset_uri=predictions["uri"],
        predicted_label=predictions["predicted_label"],
        predicted_label_headers=predictions["headers"],
    )

    analysis = s3.analysis(job, {key: value for key, value in config.items() if value is not None})

    assert analysis["post_training_bias_metrics"] == in_one_file


def test_facets_and_predicted_labels_are_both_joined(s3: S3, job: Job, in_one_file: dict[str, Any]) -> None:
    job.put_data(IDS[["id", *WITHOUT_GENDER]])

    analysis = s3.analysis(
        job,
        post(
            headers=["id", *WITHOUT_GENDER],
            joinsource_name_or_index=0,
            facet_dataset_uri=s3.put("facets.csv", shuffled(IDS[["gender", "id"]])),
            facet_headers=["gender", "id"],
            predicted_label_dataset_uri=s3.put("predicted.csv", shuffled(PREDICTED[["id", "predicted"]])),
            predicted_label_headers=["id", "predicted"],
        ),
    )

    assert analysis["post_training_bias_metrics"] == in_one_file


# What does not fit


@pytest.mark.parametrize(
    ("facets", "message"),
    [
        (IDS[["id", "gender"]][1:], "Not every 'id' of the data set is in that of 'facet_dataset_uri'."),
        (
            pd.concat([IDS[["id", "gender"]], IDS[["id", "gender"]][:1]]),
            "A 'id' is in that of 'facet_dataset_uri' more than once.",
        ),
        (
            IDS[["id", "gender"]].rename(columns={"id": "number"})[1:],
            "The data set has 120 rows, that of 'facet_dataset_uri' has 119.",
        ),
        (IDS[["id", "age", "gender"]], "Both the data set and that of 'facet_dataset_uri' have age."),
    ],
)
def test_facets_that_do_not_fit_are_told(s3: S3, job: Job, facets: pd.DataFrame, message: str) -> None:
    job.put_data(IDS[["id", *WITHOUT_GENDER]])
    config = bias(
        headers=["id", *WITHOUT_GENDER],
        joinsource_name_or_index="id",
        facet_dataset_uri=s3.put("facets.csv", facets),
        facet_headers=list(facets.columns),
    )

    assert s3.process(job, config) == f"ClientError: {message}"


def test_a_join_column_with_a_value_twice_is_told(s3: S3, job: Job) -> None:
    twice = IDS.assign(id=["a0", *IDS["id"][:-1]])
    job.put_data(twice[["id", *WITHOUT_GENDER]])
    config = bias(
        headers=["id", *WITHOUT_GENDER],
        joinsource_name_or_index="id",
        facet_dataset_uri=s3.put("facets.csv", IDS[["id", "gender"]]),
        facet_headers=["id", "gender"],
    )

    assert s3.process(job, config) == "ClientError: A 'id' is in the data set more than once."


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"predicted_label": "score"}, "'predicted_label' is column 'score', but the data set has only id, predicted."),
        ({"predicted_label": 2}, "'predicted_label' is column 2, but the data set has 2 columns."),
        ({"predicted_label_headers": ["id"]}, "There are 1 headers, but predicted.csv has 2 columns."),
    ],
)
def test_predicted_labels_that_do_not_fit_are_told(s3: S3, job: Job, changes: dict[str, Any], message: str) -> None:
    job.put_data(IDS[["id", *CREDIT.columns]])
    config = post(
        headers=["id", *CREDIT.columns],
        joinsource_name_or_index="id",
        predicted_label_dataset_uri=s3.put("predicted.csv", PREDICTED[["id", "predicted"]]),
        predicted_label_headers=["id", "predicted"],
    )

    assert s3.process(job, config | changes) == f"ClientError: {message}"


def test_a_data_set_without_predicted_labels_is_told(s3: S3, job: Job) -> None:
    job.put_data(IDS[["id", *CREDIT.columns]])
    config = post(
        headers=["id", *CREDIT.columns],
        joinsource_name_or_index="id",
        predicted_label_dataset_uri=s3.put("predicted.csv", IDS[["id"]]),
        predicted_label_headers=["id"],
    )

    assert "has no column of predicted labels" in s3.process(job, config)


# Data sets in S3


def test_the_configuration_s_uri_counts_not_the_job_s_input(s3: S3, job: Job) -> None:
    job.put_data(CREDIT.assign(approved=1 - CREDIT["approved"]))
    s3.put("data/a.csv", CREDIT[:50])
    uri = s3.put("data/b.csv", CREDIT[50:]).removesuffix("b.csv")

    analysis = s3.analysis(job, bias(dataset_uri=uri))

    assert women_and_men(analysis) == expected_difference()


def test_a_uri_without_objects_is_told(s3: S3, job: Job) -> None:
    job.put_data(CREDIT)
    uri = s3.put("data.csv", CREDIT).replace("data.csv", "nothing/")

    assert s3.process(job, bias(dataset_uri=uri)) == f"ClientError: No S3 objects found under {uri}."


# Headers of JSON


def records(label: str) -> str:
    rows = [{"features": row[FEATURES].tolist(), label: int(row["approved"])} for _, row in CREDIT.iterrows()]
    return "\n".join(json.dumps(row) for row in rows)


@pytest.mark.parametrize(
    ("label", "headers"),
    [
        ("approved", FEATURES),
        ("approved", ["approved", *FEATURES]),
        ("approved", ["age", "approved", "income", "gender"]),
        ("approved", [*FEATURES, "approved"]),
        ("outcome", [*FEATURES, "approved"]),
    ],
)
def test_json_headers_may_name_the_label_or_not(
    s3: S3, job: Job, tmp_path_factory: pytest.TempPathFactory, label: str, headers: list[str]
) -> None:
    facets = [
        {"name_or_index": "gender", "value_or_threshold": ["F"]},
        {"name_or_index": "income", "value_or_threshold": [47.5]},
    ]
    table_job = Job(tmp_path_factory.mktemp("table"))
    table_job.put_data(CREDIT)
    (job.data / "data.jsonl").write_text(records(label))
    config = bias(facet=facets, dataset_type="application/jsonlines", features="features", label=label, headers=headers)

    analysis = s3.analysis(job, config)

    expected = s3.analysis(table_job, bias(facet=facets))
    assert analysis["pre_training_bias_metrics"]["facets"] == expected["pre_training_bias_metrics"]["facets"]
    named = "approved" if len(headers) > len(FEATURES) else "label"
    assert analysis["pre_training_bias_metrics"]["label"] == named


@pytest.mark.parametrize("count", [2, 5])
def test_json_headers_of_a_wrong_number_are_told(s3: S3, job: Job, count: int) -> None:
    (job.data / "data.jsonl").write_text(records("approved"))
    config = bias(
        dataset_type="application/jsonlines",
        features="features",
        headers=[f"column{number}" for number in range(count)],
    )

    assert s3.process(job, config) == f"ClientError: There are {count} headers, but the records have 3 features."


def test_json_without_a_label_has_no_header_for_it(s3: S3, job: Job) -> None:
    (job.data / "data.jsonl").write_text(records("approved"))
    config = {
        "dataset_type": "application/jsonlines",
        "features": "features",
        "headers": [*FEATURES, "approved"],
        "predictor": {"model_name": "credit", "instance_type": "ml.m5.large", "initial_instance_count": 1},
        "methods": {"shap": {}},
    }

    assert s3.process(job, config) == "ClientError: There are 4 headers, but the records have 3 features."
