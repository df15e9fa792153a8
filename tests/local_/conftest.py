"""Jobs to run the stand-in for the Clarify container on."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.local_.jobs import CREDIT, Job


@pytest.fixture
def job(tmp_path: Path) -> Job:
    """A job without data."""
    return Job(tmp_path)


@pytest.fixture
def credit_job(job: Job) -> Job:
    """A job on the applicants."""
    CREDIT.to_csv(job.data / "data.csv", header=False, index=False)
    return job
