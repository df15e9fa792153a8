"""A deployment writes constraints with limits of the user's own into a folder, by whose name the client knows them."""

from __future__ import annotations

import pytest

from cdk_clarify_monitors_lambda.clarify_baseline.model.baselining_job import BaseliningJob
from cdk_clarify_monitors_lambda.clarify_baseline.properties import Properties
from cdk_clarify_monitors_operations._monitor_results import _folder_of_job
from tests.support.simulation.simulated_cloudformation import document, properties

DPPL, CI = {"Metric": "DPPL", "AtMost": 0.1}, {"Metric": "CI", "AtMost": 0.5, "Facet": "age", "FacetValue": "é"}


@pytest.mark.parametrize("limits", [[DPPL], [CI], [DPPL, CI], []])
def test_the_client_finds_the_job_of_constraints(limits: list[dict[str, object]]) -> None:
    parsed = Properties.parse(properties(document(**{"Baselining/ConstraintsOverrides": limits})))
    assert parsed.baselining
    job = BaseliningJob(parsed.baselining, "loans-0123456789abcdef-2")
    uri = job.overridden_constraints_uri or job.constraints_uri

    assert _folder_of_job(str(uri)) == (str(job.output_folder), bool(limits))
