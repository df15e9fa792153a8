"""Random histories of a stack, with random accidents: what must hold after every operation."""

import json
import os
from typing import Any

import hypothesis.strategies as st
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tests.support.simulation.simulated_aws import OPERATIONS, Fault, Plan, SimulatedAws, split
from tests.support.simulation.simulated_cloudformation import (
    Disturbance,
    Properties,
    Stack,
    expected_constraints,
    variant,
)

KEYS = tuple(f"arn:aws:kms:us-west-2:123456789012:key/{name}" for name in "ab")

variants = st.integers(1, 3)
keys = st.none() | st.sampled_from(KEYS)
seconds = st.integers(0, 120)
disturbances = st.builds(
    Disturbance,
    fails_after=st.none() | st.integers(1, 60).map(float),
    fails_at_last=st.sampled_from((False, False, True)),
    duplicate_after=st.none() | st.integers(0, 60).map(float),
    rolls_back_under_new_id=st.booleans(),
)
plans = st.sampled_from(
    (
        Plan(seconds=20),
        Plan(seconds=60),
        Plan(seconds=10_000),
        Plan(seconds=30, status="Failed", failure_reason="AlgorithmError: boom", exit_message="traceback"),
        Plan(seconds=30, status="Stopped"),
        Plan(seconds=30, writes_constraints=False),
    )
)


class Histories(RuleBasedStateMachine):
    """One stack, one account."""

    changes: dict[str, Any] = {}  # noqa: RUF012

    def __init__(self) -> None:
        super().__init__()
        self.aws = SimulatedAws()
        self.stack = Stack(self.aws)
        self.answers: dict[str, dict[str, str]] = {}

    @initialize(plan=plans)
    def first_job(self, plan: Plan) -> None:
        self.aws.plans.append(plan)

    # -------------------------------------------------------------- the stack
    @precondition(lambda self: self.stack.properties is None)
    @rule(number=variants, key=keys, disturbance=disturbances)
    def create(self, number: int, key: str | None, disturbance: Disturbance) -> None:
        if self.stack.create(self.properties(number, key), disturbance):
            self.check_answer()
        self.check_nothing_runs()

    @precondition(lambda self: self.stack.properties and not self.stack.must_roll_back_from)
    @rule(number=variants, key=keys, disturbance=disturbances)
    def update(self, number: int, key: str | None, disturbance: Disturbance) -> None:
        self.stack.update(self.properties(number, key), disturbance)
        if not self.stack.must_roll_back_from:
            self.check_answer()
            self.check_nothing_runs()

    @precondition(lambda self: self.stack.must_roll_back_from)
    @rule()
    def continue_rollback(self) -> None:
        if self.stack.continue_rollback():
            self.check_answer()
            self.check_nothing_runs()

    @precondition(lambda self: self.stack.properties)
    @rule(duplicate_after=st.none() | st.integers(0, 5))
    def delete(self, duplicate_after: int | None) -> None:
        assert self.stack.delete(duplicate_after)
        self.check_nothing_runs()

    # -------------------------------------------------------------- accidents
    @rule(
        kind=st.sampled_from(("throttle", "internal", "reset", "lost")),
        operation=st.none() | st.sampled_from(OPERATIONS),
        count=st.integers(1, 4),
    )
    def calls_fail(self, kind: str, operation: str | None, count: int) -> None:
        self.aws.faults.append(Fault(kind, operation, count))

    @rule(operation=st.none() | st.sampled_from(OPERATIONS), lasts=st.integers(5, 50))
    def calls_are_denied(self, operation: str | None, lasts: int) -> None:
        self.aws.faults.append(Fault("AccessDenied", operation, 10_000, self.aws.world.now + lasts))

    @rule(lasts=st.integers(10, 100))
    def role_is_new(self, lasts: int) -> None:
        self.aws.role_ready_at = self.aws.world.now + lasts

    @rule(lasts=st.sampled_from((60, 600, 5000)))
    def quota_is_exhausted(self, lasts: int) -> None:
        self.aws.quota = 0
        self.aws.world.after(lasts, lambda: setattr(self.aws, "quota", 4))

    @rule(plan=plans)
    def next_job(self, plan: Plan) -> None:
        self.aws.plans.append(plan)

    @rule(after=seconds)
    def running_job_vanishes(self, after: int) -> None:
        def vanish() -> None:
            for name in self.aws.live_jobs():
                del self.aws.jobs[name]

        self.aws.world.after(after, vanish)

    @rule(after=seconds)
    def ended_jobs_are_deleted(self, after: int) -> None:
        self.aws.world.after(after, self.aws.delete_ended_jobs)

    @rule(gone=st.sets(st.sampled_from(KEYS)))
    def keys_go_away(self, gone: set[str]) -> None:
        self.aws.refused_keys = gone

    @rule(takes=st.integers(1, 100))
    def the_next_create_call_is_slow(self, takes: int) -> None:
        self.aws.create_seconds = takes

    @rule()
    def results_vanish(self) -> None:
        for where in [w for w in self.aws.objects if w[1].endswith("/analysis.json")]:
            del self.aws.objects[where]
            self.aws.protected.pop(where, None)

    @rule(after=seconds)
    def time_goes_by(self, after: int) -> None:
        self.aws.world.run_until(self.aws.world.now + after)

    # -------------------------------------------------------------- what must hold
    @invariant()
    def nothing_forbidden_has_happened(self) -> None:
        assert self.aws.violations == []

    @invariant()
    def failures_say_why(self) -> None:
        for failure in self.stack.failures:
            assert 0 < len(failure.reason) < 1000
            if "boom" in failure.reason:
                assert "Stack-Monitor-1A2B3C4D-" in failure.reason

    def teardown(self) -> None:
        self.stack.settle()
        self.nothing_forbidden_has_happened()
        if not self.stack.must_roll_back_from:
            self.check_nothing_runs()

    def check_nothing_runs(self) -> None:
        assert self.aws.live_jobs() == []

    def check_answer(self) -> None:
        properties, data = self.stack.properties, self.stack.data
        assert properties is not None
        document = json.loads(properties["Baseline"])
        if split(data["ConstraintsS3Uri"]) in self.aws.objects:  # it may have vanished since
            assert self.aws.json(data["ConstraintsS3Uri"]) == expected_constraints(properties)
        assert self.aws.json(data["BaseliningAnalysisConfigS3Uri"]) == document["Baselining"]["AnalysisConfig"]
        assert self.aws.json(data["AnalysisConfigS3Uri"]) == document["Monitoring"]["AnalysisConfig"]
        before = self.answers.get(properties["Baseline"])
        if before and split(before["ConstraintsS3Uri"]) in self.aws.objects:
            assert data == before, "equal inputs, equal answers"
        self.answers[properties["Baseline"]] = data

    def properties(self, number: int, key: str | None) -> Properties:
        return variant(number, **({"UploadKmsKeyId": key} if key else {}), **self.changes)


class HistoriesThatRemoveOutputs(Histories):
    changes = {"Baselining/RemoveOutputs": True}  # noqa: RUF012


PROFILE = settings(
    max_examples=int(os.environ.get("HISTORIES", "60")),
    stateful_step_count=40,
    deadline=None,
    phases=(Phase.generate, Phase.shrink) if "HISTORIES" not in os.environ else (Phase.generate,),
    derandomize="HISTORIES" not in os.environ,
    suppress_health_check=list(HealthCheck),
)
TestHistories = Histories.TestCase
TestHistories.settings = PROFILE
TestHistoriesThatRemoveOutputs = HistoriesThatRemoveOutputs.TestCase
TestHistoriesThatRemoveOutputs.settings = PROFILE
