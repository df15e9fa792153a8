"""The stand-in for the Clarify container reads every form of data set that Clarify reads."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.support.container.container_job import Job
from tests.support.container.credit import CREDIT, FEATURES, bias, income_model, metric, post_training

RECORDS = [{"features": row[FEATURES].tolist(), "approved": int(row["approved"])} for _, row in CREDIT.iterrows()]


def write_jsonlines(job: Job) -> dict[str, Any]:
    (job.data / "data.jsonl").write_text("\n".join(json.dumps(record) for record in RECORDS))
    return {"dataset_type": "application/jsonlines", "features": "features", "label": "approved"}


def write_jsonlines_label_last(job: Job) -> dict[str, Any]:
    write_jsonlines(job)
    text = (job.data / "data.jsonl").read_text().replace('"approved"', '"outcome"')
    (job.data / "data.jsonl").write_text(text)
    headers = [*FEATURES, "approved"]
    return {"dataset_type": "application/jsonlines", "features": "features", "label": "outcome", "headers": headers}


def write_json(job: Job) -> dict[str, Any]:
    (job.data / "data.json").write_text(json.dumps({"instances": RECORDS}))
    return {
        "dataset_type": "application/json",
        "features": "instances[*].features",
        "label": "instances[*].approved",
    }


def write_parquet(job: Job) -> dict[str, Any]:
    CREDIT.to_parquet(job.data / "data.parquet")
    return {"dataset_type": "application/x-parquet"}


def write_csv_with_header_row(job: Job) -> dict[str, Any]:
    CREDIT.to_csv(job.data / "data.csv", index=False)
    return {}


def write_csv_that_names_its_columns(job: Job) -> dict[str, Any]:
    CREDIT.to_csv(job.data / "data.csv", index=False)
    return {"headers": None}


def write_csv_without_any_names(job: Job) -> dict[str, Any]:
    job.put_data(CREDIT)
    return {"headers": None, "label": 0, "facet": [{"name_or_index": 3, "value_or_threshold": ["F"]}]}


def write_several_files(job: Job) -> dict[str, Any]:
    CREDIT[:5].to_csv(job.data / "part-0.csv", index=False, header=False)
    (job.data / "deeper").mkdir()
    CREDIT[5:].to_csv(job.data / "deeper" / "part-1.csv", index=False, header=False)
    return {}


@pytest.mark.parametrize(
    "write",
    [
        write_jsonlines,
        write_jsonlines_label_last,
        write_json,
        write_parquet,
        write_csv_with_header_row,
        write_csv_that_names_its_columns,
        write_csv_without_any_names,
        write_several_files,
    ],
)
def test_every_form_of_data_gives_the_same_metrics(job: Job, write: Callable[[Job], dict[str, Any]]) -> None:
    config = {key: value for key, value in bias(**write(job)).items() if value is not None}

    analysis = job.run(config)

    (facet,) = analysis["pre_training_bias_metrics"]["facets"]
    assert metric(analysis, "pre", facet, "DPL") == pytest.approx(5 / 6 - 1 / 6)


def test_excluded_and_join_columns_do_not_reach_the_model(credit_job: Job) -> None:
    extended = CREDIT.assign(id=range(len(CREDIT)), note="x")
    credit_job.put_data(extended)
    credit_job.add_model("credit", income_model())
    config = post_training()
    config |= {
        "headers": list(extended.columns),
        "joinsource_name_or_index": "id",
        "excluded_columns": ["note"],
    }

    analysis = credit_job.run(config)

    assert metric(analysis, "post", "gender", "DPPL") == pytest.approx(5 / 6 - 1 / 6)


def test_no_data_set_is_told(job: Job) -> None:
    assert "The job has no data set" in job.fail(bias())
