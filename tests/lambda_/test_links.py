"""Options that decide how long a deployment waits, in any order: each keeps its promise.

The properties are those that the constructs write; CloudFormation updates the links of a chain in their order, and
deletes those that are no longer there afterwards, the last one first.
"""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Mapping
from typing import Any

import aws_cdk as cdk
import pytest

from cdk_clarify_monitors import BaselineOptions
from tests.support.monitors.builders import FEATURE_FLAGS, bias_monitor
from tests.support.simulation.simulated_aws import Plan, SimulatedAws, split
from tests.support.simulation.simulated_cloudformation import Properties, Response, Stack, variant
from tests.support.templates.iam import ACCOUNT, REGION, Template

HOUR = 3600
WAYS = {
    f"{'wait' if wait else 'go on'}, {minutes} min": BaselineOptions(wait=wait, timeout=cdk.Duration.minutes(minutes))
    for wait, minutes in itertools.product((True, False), (20, 120, 180))
}
CHANGES = [(old, new) for old, new in itertools.permutations(WAYS, 2)]


@pytest.fixture(scope="module")
def chains() -> dict[tuple[str, str], dict[str, Properties]]:
    """The custom resources of a monitor, in their order, for each way to wait and two versions of a baseline."""
    found = {}
    for (way, options), version in itertools.product(WAYS.items(), "12"):
        app = cdk.App(context=FEATURE_FLAGS, analytics_reporting=False)
        stack = cdk.Stack(app, "Loans", env=cdk.Environment(account=ACCOUNT, region=REGION))
        bias_monitor(stack, baseline=BaselineOptions(wait=options.wait, timeout=options.timeout, version=version))
        resources = Template(app.synth().get_stack_by_name("Loans").template).of_type("Custom::ClarifyBaseline")
        found[way, version] = dict(sorted(resources.items(), key=lambda item: _number(item[0])))
    return found


def _number(logical_id: str) -> int:
    found = re.fullmatch(r"BiasBaseline(\d?)[0-9A-F]{8}", logical_id)
    assert found
    return int(found[1] or 1)


class Chain:
    """A stack with the custom resources of one monitor."""

    def __init__(self, aws: SimulatedAws) -> None:
        self.aws, self.stack = aws, Stack(aws)
        self.present: dict[str, tuple[Properties, Response]] = {}

    def _send(self, id_: str, kind: str, properties: Properties, **more: Any) -> Response:
        return self.stack.answer_to(self.stack.event(kind, properties, **more) | {"LogicalResourceId": id_})

    def deploy(self, wanted: Mapping[str, Properties]) -> str | None:
        """Create or update the stack.

        Returns:
            Why it has failed and was rolled back, or None.
        """
        before, done = dict(self.present), []
        for id_, properties in wanted.items():
            old = before.get(id_)
            if old and old[0] == properties:
                continue
            done.append(id_)
            answer = self._change(id_, properties, old)
            if not answer.is_success:
                self._roll_back(before, done, wanted)
                return answer.reason
            self.present[id_] = properties, answer
        for id_ in done:
            if id_ in before and before[id_][1].physical_resource_id != self.present[id_][1].physical_resource_id:
                self._delete(id_, *before[id_])
        for id_ in [each for each in reversed(before) if each not in wanted]:
            self._delete(id_, *self.present.pop(id_))
        return None

    def _change(self, id_: str, properties: Properties, old: tuple[Properties, Response] | None) -> Response:
        if old is None:
            return self._send(id_, "Create", properties)
        return self._send(id_, "Update", properties, old=old[0], physical_id=old[1].physical_resource_id)

    def _roll_back(
        self, before: Mapping[str, tuple[Properties, Response]], done: list[str], wanted: Mapping[str, Properties]
    ) -> None:
        failed = dict(self.present)
        for id_ in [each for each in done if each in before]:
            old, answer = before[id_]
            back = self._send(id_, "Update", old, old=wanted[id_], physical_id=answer.physical_resource_id)
            assert back.is_success, back.reason
            self.present[id_] = old, back
        for id_ in reversed(done):
            if id_ not in before:
                made = self.present.pop(id_)[1] if id_ in self.present else None
                self._delete(id_, wanted[id_], made)
            elif failed[id_][1].physical_resource_id != before[id_][1].physical_resource_id:
                self._delete(id_, *failed[id_])

    def _delete(self, id_: str, properties: Properties, answer: Response | None) -> None:
        physical_id = answer.physical_resource_id if answer else "Loans-Baseline-1ABCDEFGHIJK"
        assert self._send(id_, "Delete", properties, physical_id=physical_id).is_success

    def destroy(self) -> None:
        for id_ in reversed(list(self.present)):
            self._delete(id_, *self.present.pop(id_))

    @property
    def data(self) -> Mapping[str, str]:
        """What the job definition gets: the last link's answer."""
        return list(self.present.values())[-1][1].data


@pytest.fixture
def chain(aws: SimulatedAws) -> Chain:
    return Chain(aws)


Chains = Mapping[tuple[str, str], Mapping[str, Properties]]


@pytest.mark.parametrize("way", WAYS)
def test_a_deployment_waits_as_long_as_it_was_told(aws: SimulatedAws, chain: Chain, chains: Chains, way: str) -> None:
    aws.plans.append(Plan(seconds=100 * HOUR))
    sent = aws.world.now

    reason = chain.deploy(chains[way, "1"])

    options, waited = WAYS[way], aws.world.now - sent
    assert options.timeout
    if options.wait:
        assert reason
        assert "has not completed in" in reason
        assert abs(waited - options.timeout.to_seconds()) < 120 * len(chains[way, "1"])
        assert aws.live_jobs() == []
    else:
        assert reason is None
        assert waited < 60
        assert aws.live_jobs() == [chain.data["BaseliningJobName"]]


@pytest.mark.parametrize("way", WAYS)
def test_the_place_in_line_is_waited_for_whatever_the_way(
    aws: SimulatedAws, chain: Chain, chains: Chains, way: str
) -> None:
    options = WAYS[way]
    assert options.timeout
    aws.quota = 1
    aws.plans.append(Plan(seconds=options.timeout.to_seconds() * 0.9))
    chain.stack.start(variant(1, Name="Another"))

    assert chain.deploy(chains[way, "1"]) is None

    aws.world.run_until(aws.world.now + HOUR)
    assert aws.live_jobs() == []
    assert split(chain.data["ConstraintsS3Uri"]) in aws.objects


@pytest.mark.parametrize(("old", "new"), CHANGES)
def test_another_way_to_wait_runs_no_job_and_stops_none(
    aws: SimulatedAws, chain: Chain, chains: Chains, old: str, new: str
) -> None:
    aws.plans.append(Plan(seconds=900 if WAYS[old].wait else 20 * HOUR))
    chain.deploy(chains[old, "1"])
    live = aws.live_jobs()

    reason = chain.deploy(chains[new, "1"])

    assert len(aws.jobs) == 1
    assert aws.live_jobs() == live
    assert (reason is not None) == (WAYS[new].wait and not WAYS[old].wait), reason
    if reason:
        assert "It goes on, because an earlier deployment did not wait for it." in reason


@pytest.mark.parametrize(("old", "new"), CHANGES)
def test_a_new_baseline_can_be_waited_for_in_another_way(
    aws: SimulatedAws, chain: Chain, chains: Chains, old: str, new: str
) -> None:
    chain.deploy(chains[old, "1"])
    aws.world.run_until(aws.world.now + HOUR)
    first = chain.data["ConstraintsS3Uri"]
    aws.plans.append(Plan(seconds=900))

    assert chain.deploy(chains[new, "2"]) is None

    aws.world.run_until(aws.world.now + HOUR)
    assert aws.live_jobs() == []
    assert len(aws.jobs) == 2
    assert chain.data["ConstraintsS3Uri"] != first
    assert split(chain.data["ConstraintsS3Uri"]) in aws.objects
    assert split(first) in aws.objects


@pytest.mark.parametrize(("old", "new"), CHANGES)
def test_a_job_that_fails_is_paid_for_once(aws: SimulatedAws, chain: Chain, chains: Chains, old: str, new: str) -> None:
    chain.deploy(chains[old, "1"])
    aws.world.run_until(aws.world.now + HOUR)
    first = dict(chain.data)
    aws.plans.append(Plan(seconds=600, status="Failed", failure_reason="AlgorithmError: boom"))

    reason = chain.deploy(chains[new, "2"])

    aws.world.run_until(aws.world.now + 2 * HOUR)
    assert aws.live_jobs() == []
    assert len(aws.jobs) == 2
    if WAYS[new].wait:
        assert reason
        assert "boom" in reason
        assert chain.data == first


@pytest.mark.parametrize(("old", "new"), [(old, new) for old, new in CHANGES if WAYS[new].wait and not WAYS[old].wait])
def test_a_rollback_does_not_run_the_job_that_failed(
    aws: SimulatedAws, chain: Chain, chains: Chains, old: str, new: str
) -> None:
    aws.plans.append(Plan(seconds=900, status="Failed", failure_reason="AlgorithmError: boom"))
    chain.deploy(chains[old, "1"])
    first = dict(chain.data)

    reason = chain.deploy(chains[new, "1"])

    assert reason
    assert "boom" in reason
    assert len(aws.jobs) == 1
    assert chain.data == first


@pytest.mark.parametrize("way", [way for way, options in WAYS.items() if options.wait])
@pytest.mark.parametrize("late", range(-20, 40, 4))
def test_a_job_that_fails_between_two_links_is_told(
    aws: SimulatedAws, chain: Chain, chains: Chains, way: str, late: int
) -> None:
    if len(chains[way, "1"]) == 1:
        late -= 60  # there are no two
    first_link = json.loads(next(iter(chains[way, "1"].values()))["Baseline"])
    seconds = first_link["Baselining"]["TimeoutSeconds"] + late
    aws.plans += [Plan(seconds=seconds, status="Failed", failure_reason="AlgorithmError: boom"), Plan(seconds=60)]

    reason = chain.deploy(chains[way, "1"])

    assert reason
    assert "boom" in reason
    assert len(aws.jobs) == 1


@pytest.mark.parametrize("way", WAYS)
def test_after_a_failure_the_next_deployment_tries_again(
    aws: SimulatedAws, chain: Chain, chains: Chains, way: str
) -> None:
    aws.plans.append(Plan(seconds=600, status="Failed", failure_reason="AlgorithmError: boom"))
    chain.deploy(chains[way, "1"])
    aws.world.run_until(aws.world.now + 900)
    other = next(each for each, options in WAYS.items() if options.wait and each != way)

    assert chain.deploy(chains[other, "1"]) is None

    assert len(aws.jobs) == 2
    assert split(chain.data["ConstraintsS3Uri"]) in aws.objects


@pytest.mark.parametrize("way", WAYS)
def test_a_destroyed_chain_leaves_nothing_running(aws: SimulatedAws, chain: Chain, chains: Chains, way: str) -> None:
    aws.plans.append(Plan(seconds=1000 if WAYS[way].wait else 50 * HOUR))
    chain.deploy(chains[way, "1"])

    chain.destroy()

    assert aws.live_jobs() == []
    assert aws.violations == []


@pytest.mark.parametrize("minutes", [20, 120])
@pytest.mark.parametrize(
    "plan",
    [Plan(seconds=100 * HOUR), Plan(seconds=60), Plan(seconds=60, status="Failed")],
    ids=["still running", "completed", "failed"],
)
def test_a_failed_update_leaves_the_unawaited_job_alone(
    aws: SimulatedAws, chain: Chain, chains: Chains, minutes: int, plan: Plan
) -> None:
    aws.plans += [plan, Plan(seconds=30, status="Failed")]
    chain.deploy(chains[f"go on, {minutes} min", "1"])
    before, job = dict(chain.data), chain.data["BaseliningJobName"]
    aws.world.run_until(aws.world.now + HOUR)
    live, status = aws.live_jobs(), aws.jobs[job].status

    assert chain.deploy(chains["wait, 120 min", "2"])

    assert chain.data == before
    assert aws.count("CreateProcessingJob") == 2
    assert (aws.live_jobs(), aws.jobs[job].status) == (live, status)


def test_a_rollback_to_an_unawaited_failed_job_needs_no_key(aws: SimulatedAws, stack: Stack) -> None:
    key = "arn:aws:kms:us-west-2:123456789012:key/a"
    goes_on = {"Baselining/HandOver": "WhenStarted", "UploadKmsKeyId": key}
    aws.plans += [Plan(seconds=60, status="Failed"), Plan(seconds=30, status="Failed")]
    assert stack.create(variant(1, **goes_on))
    aws.world.run_until(aws.world.now + HOUR)
    aws.refused_keys = {key}

    assert not stack.update(variant(2))

    assert stack.must_roll_back_from is None
    assert aws.count("CreateProcessingJob") == 2


def test_an_unawaited_job_is_stopped_once_it_is_replaced(aws: SimulatedAws, chain: Chain, chains: Chains) -> None:
    aws.plans.append(Plan(seconds=100 * HOUR))
    chain.deploy(chains["go on, 20 min", "1"])

    assert chain.deploy(chains["wait, 20 min", "2"]) is None

    assert aws.live_jobs() == []


@pytest.mark.parametrize("way", [way for way in WAYS if "20 min" not in way.split(", ")])
def test_every_link_is_updated_where_the_first_one_is(way: str) -> None:
    found = []
    for remove_outputs in (False, True):
        app = cdk.App(context=FEATURE_FLAGS, analytics_reporting=False)
        stack = cdk.Stack(app, "Loans", env=cdk.Environment(account=ACCOUNT, region=REGION))
        options = WAYS[way]
        bias_monitor(
            stack,
            baseline=BaselineOptions(wait=options.wait, timeout=options.timeout, remove_outputs=remove_outputs),
        )
        found.append(Template(app.synth().get_stack_by_name("Loans").template).of_type("Custom::ClarifyBaseline"))

    assert found[0].keys() == found[1].keys()
    assert not [id_ for id_, properties in found[0].items() if found[1][id_]["Baseline"] == properties["Baseline"]]
