"""The embedded AWS to make requests of, and jobs to run the stand-in for the Clarify container on."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cdk_clarify_monitors_local import EmbeddedAws
from tests.local_.processing_job import prepare
from tests.support.container.container_job import Job
from tests.support.container.credit import CREDIT, NUMBERS, WitnessedModel, fitted

# The embedded AWS


@pytest.fixture
def aws(embedded_aws: EmbeddedAws) -> Iterator[EmbeddedAws]:
    """The embedded AWS of all tests of this process, without the faults of others."""
    yield embedded_aws
    embedded_aws.clear_faults()


@pytest.fixture
def own_aws(diabetes_model: Path) -> Iterator[EmbeddedAws]:
    """One that no other test has jobs in."""
    with EmbeddedAws(models={"diabetes-model": diabetes_model}) as aws:
        yield aws


@pytest.fixture
def sagemaker(aws: EmbeddedAws) -> Any:
    """A client of it."""
    return aws.client("sagemaker")


@pytest.fixture
def job_request(aws: EmbeddedAws, make_data: Any) -> dict[str, Any]:
    """A complete request for a processing job; role, bucket and data exist."""
    return prepare(aws, make_data.TRAINING_DATA)


# The container


@pytest.fixture
def job(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Job:
    """A job without data, which works on one core however slow the machine is."""
    monkeypatch.setattr("cdk_clarify_monitors_local.container.attributions._shap._PROCESS_START", math.inf)
    return Job(tmp_path)


@pytest.fixture
def credit_job(job: Job) -> Job:
    """A job on the applicants."""
    job.put_data(CREDIT)
    return job


@pytest.fixture
def numeric_job(job: Job) -> Job:
    """A job on the applicants' age and income."""
    job.put_data(CREDIT[["approved", *NUMBERS]])
    return job


@pytest.fixture
def witnessed_job(numeric_job: Job, tmp_path: Path) -> tuple[Job, Path]:
    """A job whose model tells who asks it, and the folder where it does."""
    folder = tmp_path / "calls"
    folder.mkdir()
    numeric_job.add_model("credit", fitted(WitnessedModel(str(folder))))
    return numeric_job, folder
