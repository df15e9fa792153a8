"""What a Delete removes, what it keeps, and that it does not stumble."""

import itertools
from typing import Any

import pytest

from tests.support.simulation.simulated_aws import OPERATIONS, Fault, Plan, RefusedError, SimulatedAws, split
from tests.support.simulation.simulated_cloudformation import Disturbance, Stack, document, properties, variant

REMOVE = {"Baselining/RemoveOutputs": True}


def test_delete_keeps_the_results(aws: SimulatedAws, stack: Stack) -> None:
    stack.create(variant(1))
    files = set(aws.protected)

    assert stack.delete()

    assert files <= set(aws.objects)
    assert not [key for _, key in aws.objects if "/request-" in key], "no claim is left"


def test_all_that_the_monitor_wrote_goes_and_nothing_else(aws: SimulatedAws, stack: Stack) -> None:
    for uri in (
        "s3://monitor/baseline/analysis.json",
        "s3://monitor/baseline/other/analysis.json",
        "s3://monitor/config/analysis_config.json",
        "s3://monitor/baselining-config/Stack-Monitor-1A2B3C4D/notes.txt",
        "s3://data/train/part-0.csv",
    ):
        aws.put_file(uri)
    others = set(aws.objects)
    aws.plans.append(Plan(seconds=20, status="Failed", failure_reason="boom"))
    stack.create(variant(1, **REMOVE))
    stack.create(variant(1, **REMOVE))
    assert set(aws.objects) > others

    assert stack.delete()

    assert set(aws.objects) == others
    assert aws.violations == []


def test_a_replaced_baseline_goes_after_the_update(aws: SimulatedAws, stack: Stack) -> None:
    stack.create(variant(1, **REMOVE))
    old = [split(uri) for name, uri in stack.data.items() if name.endswith("S3Uri")]

    assert stack.update(variant(2, **REMOVE))

    assert not [where for where in old if where in aws.objects]
    assert aws.violations == []  # what the new definition points at is still there


def test_what_old_and_new_share_stays(aws: SimulatedAws, stack: Stack) -> None:
    # Given an update that changes the monitoring config only: both have the same baseline
    stack.create(variant(1, **REMOVE))
    old = stack.data

    assert stack.update(variant(1, **REMOVE, **{"Monitoring/AnalysisConfig": {"label": "other"}}))

    assert len(aws.jobs) == 1
    assert stack.data["ConstraintsS3Uri"] == old["ConstraintsS3Uri"]
    assert stack.data["AnalysisConfigS3Uri"] != old["AnalysisConfigS3Uri"]
    assert split(old["AnalysisConfigS3Uri"]) not in aws.objects
    assert aws.violations == []


@pytest.mark.parametrize("new_id", [False, True])
def test_a_rolled_back_update_takes_nothing_with_it(aws: SimulatedAws, stack: Stack, new_id: bool) -> None:
    stack.create(variant(1, **REMOVE))
    disturbance = Disturbance(fails_at_last=True, rolls_back_under_new_id=new_id)

    assert not stack.update(variant(1, **REMOVE, **{"Monitoring/AnalysisConfig": {"label": "other"}}), disturbance)
    assert not stack.update(variant(2, **REMOVE), disturbance)

    assert aws.violations == []
    assert len([key for _, key in aws.objects if key.endswith("/analysis.json")]) == 1


def test_many_files_go_in_several_polls(aws: SimulatedAws, stack: Stack) -> None:
    stack.create(variant(1, **REMOVE))
    for number in range(1000):
        aws.put_file(f"{stack.data['ConstraintsS3Uri']}.shap/{number}.csv")

    assert stack.delete()

    assert aws.objects == {}


@pytest.mark.parametrize("accident", ["NoSuchBucket", "AccessDenied"])
@pytest.mark.parametrize("options", [{}, REMOVE])
def test_a_bucket_that_is_gone_or_closed_does_not_keep_a_delete(
    aws: SimulatedAws, stack: Stack, accident: str, options: dict[str, bool]
) -> None:
    aws.plans.append(Plan(seconds=3000))
    stack.send(stack.event("Create", variant(1, **options)))
    aws.world.run_until(aws.world.now + 200)
    for operation in ("GetObject", "PutObject", "ListObjectsV2", "DeleteObject"):
        aws.faults.append(Fault(accident, operation, 10_000))
    response = stack.answer_to(stack.event("Delete", variant(1, **options), physical_id="Stack-Baseline-1ABC"))
    assert response.is_success, response.reason
    assert aws.live_jobs() == []


def test_what_cannot_be_deleted_is_left_behind(aws: SimulatedAws, stack: Stack) -> None:
    stack.create(variant(1, **REMOVE))
    aws.faults.append(Fault("AccessDenied", "DeleteObject", 10_000))

    assert stack.delete()


def test_deletes_without_a_baseline_touch_nothing(aws: SimulatedAws, stack: Stack) -> None:
    stack.create(properties(document(Baselining=None)))
    aws.calls.clear()

    assert stack.delete()

    assert aws.calls == []


def test_a_delete_of_what_never_was_succeeds(aws: SimulatedAws, stack: Stack) -> None:
    response = stack.answer_to(stack.event("Delete", variant(1), physical_id="Stack-Baseline-1ABC"))
    assert response.is_success
    assert response.physical_resource_id == "Stack-Baseline-1ABC"


def test_the_claim_goes_with_a_baseline_that_was_answered(aws: SimulatedAws, stack: Stack) -> None:
    stack.create(variant(1))
    assert [key for _, key in aws.objects if "/request-" in key]

    stack.delete()

    assert not [key for _, key in aws.objects if "/request-" in key]


def test_other_job_names_may_be_out_of_reach(aws: SimulatedAws, stack: Stack) -> None:
    # Given an update to another base_job_name: the function may now look for jobs of the new name only
    stack.create(variant(1, NamePrefix="old"))
    describe = aws._DescribeProcessingJob

    def narrow(params: dict[str, str]) -> dict[str, object]:
        if params["ProcessingJobName"].startswith("old-"):
            raise RefusedError("AccessDeniedException", "not authorized")
        return describe(params)

    aws._DescribeProcessingJob = narrow  # type: ignore[method-assign]

    assert stack.update(variant(1, NamePrefix="new")), stack.failures
    assert stack.data["BaseliningJobName"].startswith("new-")
    assert stack.delete()


@pytest.mark.parametrize(
    "physical_id", ["Stack-Baseline-1ABCDEFGHIJK", "Stack-Monitor-1A2B3C4D-0123456789abcdef-01234567"]
)
@pytest.mark.parametrize("s3", ["no claim", "no bucket", "closed"])
@pytest.mark.parametrize("changes", list(itertools.product([False, True], repeat=3)))
def test_a_delete_of_what_was_never_made_is_a_success(
    aws: SimulatedAws, stack: Stack, changes: tuple[bool, ...], s3: str, physical_id: str
) -> None:
    dataset_identity, remove_outputs, is_link = changes
    options: dict[str, Any] = {
        "Baselining/DatasetIdentity": dataset_identity,
        "Baselining/RemoveOutputs": remove_outputs,
    }
    if is_link:
        options["Baselining/Link"] = 2
    if s3 == "no bucket":
        aws.missing_buckets.add("monitor")
    if s3 == "closed":
        aws.faults = [
            Fault("AccessDenied", operation, count=10_000) for operation in OPERATIONS if "Job" not in operation
        ]

    response = stack.answer_to(stack.event("Delete", variant(1, **options), physical_id=physical_id))

    assert response.is_success, response.reason
    assert aws.jobs == {}
    assert aws.violations == []
