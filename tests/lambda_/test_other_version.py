"""An update from another version of the library, which names jobs otherwise: the baseline is kept.

`events/deployed-by-1d4c721.json` is what that commit's constructs and functions made of the monitors below.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_s3 as s3

from cdk_clarify_monitors import BaselineOptions
from tests.support.monitors.builders import FEATURE_FLAGS, bias_monitor, data_config, explainability_monitor
from tests.support.simulation.simulated_aws import Fault, Job, Plan, SimulatedAws, split
from tests.support.simulation.simulated_cloudformation import Properties, Response, Stack
from tests.support.templates.iam import ACCOUNT, REGION, Template

RECORDED: dict[str, Any] = json.loads(Path(__file__, "../events/deployed-by-1d4c721.json").resolve().read_text())
WIDE = ["approved", "age", *[f"column_{number:04d}" for number in range(1500)]]

MONITORS: dict[str, Callable[[cdk.Stack], object]] = {
    "bias": lambda stack: bias_monitor(stack),
    "explainability": lambda stack: explainability_monitor(stack),
    "tracked data set": lambda stack: bias_monitor(stack, baseline=BaselineOptions(dataset_identity=True)),
    "given bucket": lambda stack: bias_monitor(
        stack, bucket=s3.Bucket.from_bucket_name(stack, "Given", "given-bucket")
    ),
    "given places": lambda stack: bias_monitor(
        stack,
        data_config=data_config(
            s3_output_path="s3://models/loans/", s3_analysis_config_output_path="s3://configs/loans"
        ),
    ),
    "chain": lambda stack: bias_monitor(stack, baseline=BaselineOptions(timeout=cdk.Duration.hours(2))),
    "wide": lambda stack: bias_monitor(stack, data_config=data_config(headers=WIDE)),
}


class Upgrade:
    """A stack that the other version has deployed, and the same app as this version synthesizes it."""

    def __init__(self, title: str) -> None:
        recorded = RECORDED[title]
        self.aws = SimulatedAws()
        self.stack = Stack(self.aws)
        self.aws.objects = {split(uri): body.encode() for uri, body in recorded["objects"].items()}
        self.aws.protected = {place: body for place, body in self.aws.objects.items() if "request-" not in place[1]}
        for name in recorded["jobs"]:
            self.aws.jobs[name] = Job({"ProcessingJobName": name}, Plan(seconds=0), 0.0, {}, status="Completed")
        self.old = recorded["resources"]
        app = cdk.App(context=FEATURE_FLAGS, analytics_reporting=False)
        scope = cdk.Stack(app, "Loans", env=cdk.Environment(account=ACCOUNT, region=REGION))
        MONITORS[title](scope)
        assembly = app.synth()
        self.aws.publish(assembly.directory)
        template = Template(assembly.get_stack_by_name("Loans").template)
        self.new: dict[str, Properties] = template.of_type("Custom::ClarifyBaseline")
        self.present = {id_: dict(resource) for id_, resource in self.old.items()}
        self._reached: dict[str, tuple[Properties, Response]] = {}

    def send(self, kind: str, id_: str, properties: Properties, **more: Any) -> Response:
        answer = self.stack.answer_to(self.stack.event(kind, properties, **more) | {"LogicalResourceId": id_})
        assert answer.is_success, answer.reason
        return answer

    def update(self, change: Callable[[Properties], Properties] = lambda properties: properties) -> list[Response]:
        """Update all links of the chain as CloudFormation does, with the clean-up afterwards."""
        answers = {}
        for id_, properties in sorted(self.new.items()):
            wanted, present = change(properties), self.present[id_]
            answers[id_] = self.send(
                "Update", id_, wanted, old=present["Properties"], physical_id=present["PhysicalResourceId"]
            )
        for id_, answer in answers.items():
            present = self.present[id_]
            if answer.physical_resource_id != present["PhysicalResourceId"]:
                self.send("Delete", id_, present["Properties"], physical_id=present["PhysicalResourceId"])
            self.present[id_] = {
                "Properties": change(self.new[id_]),
                "PhysicalResourceId": answer.physical_resource_id,
                "Data": answer.data,
            }
        return list(answers.values())

    def fail_first_update(self, plan: Plan, *, data_change: bool = False) -> list[str]:
        """Update to other inputs until a link, or what comes after the last one, fails; name the links reached."""
        self.aws.plans.append(plan)
        if data_change:
            self.aws.put_file("s3://data/train.csv", b"other data")
        self._reached = {}
        for id_, properties in sorted(self.new.items()):
            present, wanted = self.present[id_], _other_version(properties)
            event = self.stack.event(
                "Update", wanted, old=present["Properties"], physical_id=present["PhysicalResourceId"]
            )
            self._reached[id_] = wanted, self.stack.answer_to(event | {"LogicalResourceId": id_})
            if not self._reached[id_][1].is_success:
                break
        return list(self._reached)

    def roll_back(self) -> list[Response]:
        """Lead the links back to the properties of the other version, and clean up."""
        answers = []
        for id_, (properties, _) in self._reached.items():
            present = self.present[id_]
            answers.append(
                self.send(
                    "Update",
                    id_,
                    present["Properties"],
                    old=properties,
                    physical_id=present["PhysicalResourceId"],
                )
            )
            present["PhysicalResourceId"] = answers[-1].physical_resource_id
        for id_, (properties, answer) in self._reached.items():
            if answer.is_success and answer.physical_resource_id != self.present[id_]["PhysicalResourceId"]:
                self.send("Delete", id_, properties, physical_id=answer.physical_resource_id)
        return answers

    def destroy(self) -> None:
        """Delete all links."""
        for id_ in sorted(self.present, reverse=True):
            present = self.present[id_]
            self.send("Delete", id_, present["Properties"], physical_id=present["PhysicalResourceId"])


def _other_job_settings(properties: Properties) -> Properties:
    document = json.loads(properties["Baseline"])
    document["Baselining"]["ProcessingJob"]["RoleArn"] = f"arn:aws:iam::{ACCOUNT}:role/another"
    tokens = json.loads(json.dumps(properties.get("Tokens", {})))
    tokens.get("String", {}).pop("/Baselining/ProcessingJob/RoleArn", None)
    return {**properties, "Baseline": json.dumps(document), **({"Tokens": tokens} if tokens else {})}


def _other_version(properties: Properties) -> Properties:
    document = json.loads(properties["Baseline"])
    document["Baselining"]["BaselineVersion"] = "another"
    return {**properties, "Baseline": json.dumps(document)}


@pytest.fixture(params=MONITORS)
def upgrade(request: pytest.FixtureRequest) -> Upgrade:
    return Upgrade(request.param)


def _constraints(upgrade: Upgrade) -> set[str]:
    return {resource["Data"]["ConstraintsS3Uri"] for resource in upgrade.old.values()}


def test_the_same_inputs_keep_their_baseline(upgrade: Upgrade) -> None:
    answers = upgrade.update()

    assert upgrade.aws.count("CreateProcessingJob") == 0
    assert {answer.data["ConstraintsS3Uri"] for answer in answers} == _constraints(upgrade)
    assert upgrade.aws.violations == []


def test_it_is_kept_by_the_updates_after_that(upgrade: Upgrade) -> None:
    upgrade.update()
    answers = upgrade.update(_other_job_settings)

    assert upgrade.aws.count("CreateProcessingJob") == 0
    assert {answer.data["ConstraintsS3Uri"] for answer in answers} == _constraints(upgrade)
    assert upgrade.aws.violations == []


def test_it_is_found_again_by_a_rollback(upgrade: Upgrade) -> None:
    upgrade.update()
    for id_, properties in sorted(upgrade.new.items()):
        present = upgrade.present[id_]
        upgrade.send(
            "Update",
            id_,
            _other_version(properties),
            old=present["Properties"],
            physical_id=present["PhysicalResourceId"],
        )
    jobs = upgrade.aws.count("CreateProcessingJob")
    assert jobs == 1

    for id_, properties in sorted(upgrade.new.items()):
        answer = upgrade.send(
            "Update",
            id_,
            properties,
            old=_other_version(properties),
            physical_id=upgrade.present[id_]["PhysicalResourceId"],
        )
        assert answer.data["ConstraintsS3Uri"] in _constraints(upgrade)

    assert upgrade.aws.count("CreateProcessingJob") == jobs
    assert upgrade.aws.violations == []


@pytest.mark.parametrize("data_change", [False, True], ids=["same data", "other data"])
@pytest.mark.parametrize("fails", [False, True], ids=["another resource fails", "the job fails"])
def test_a_first_update_to_other_inputs_rolls_back_to_it(upgrade: Upgrade, fails: bool, data_change: bool) -> None:
    upgrade.fail_first_update(Plan(seconds=30, status="Failed" if fails else "Completed"), data_change=data_change)

    answers = upgrade.roll_back()

    assert upgrade.aws.count("CreateProcessingJob") == 1
    assert {answer.data["ConstraintsS3Uri"] for answer in answers} == _constraints(upgrade)
    assert upgrade.aws.violations == []


def test_a_second_try_after_the_rollback_keeps_it(upgrade: Upgrade) -> None:
    upgrade.fail_first_update(Plan(seconds=30, status="Failed"))
    upgrade.roll_back()

    answers = upgrade.update()

    assert upgrade.aws.count("CreateProcessingJob") == 1
    assert {answer.data["ConstraintsS3Uri"] for answer in answers} == _constraints(upgrade)


# Of a wide data set the config is in an asset now, which only the first update compares with the other version's.
@pytest.mark.parametrize("title", [title for title in MONITORS if title != "wide"])
def test_a_later_update_back_to_its_inputs_finds_it(title: str) -> None:
    upgrade = Upgrade(title)
    upgrade.update(_other_version)

    answers = upgrade.update()

    assert upgrade.aws.count("CreateProcessingJob") == 1
    assert {answer.data["ConstraintsS3Uri"] for answer in answers} == _constraints(upgrade)
    assert upgrade.aws.violations == []


def test_a_rollback_that_has_failed_mixes_up_no_baselines() -> None:
    upgrade = Upgrade("bias")
    (id_,) = upgrade.fail_first_update(Plan(seconds=30))
    present, other = upgrade.present[id_], _other_version(upgrade.new[id_])
    back = {"old": other, "physical_id": present["PhysicalResourceId"]}
    upgrade.aws.faults.append(Fault("ValidationException", "ListObjectsV2"))
    event = upgrade.stack.event("Update", present["Properties"], **back) | {"LogicalResourceId": id_}
    assert not upgrade.stack.answer_to(event).is_success

    continued = upgrade.send("Update", id_, present["Properties"], **back)
    again = upgrade.update(_other_version)

    assert continued.data["ConstraintsS3Uri"] in _constraints(upgrade)
    assert again[0].data["ConstraintsS3Uri"] not in _constraints(upgrade)


def test_a_delete_after_the_rollback_leaves_nothing_running(upgrade: Upgrade) -> None:
    upgrade.fail_first_update(Plan(seconds=9000))
    upgrade.roll_back()

    upgrade.destroy()

    assert upgrade.aws.live_jobs() == []
    assert {split(uri) for uri in _constraints(upgrade)} <= upgrade.aws.objects.keys()


def test_other_inputs_are_computed_anew(upgrade: Upgrade) -> None:
    answers = upgrade.update(_other_version)

    assert upgrade.aws.count("CreateProcessingJob") == 1
    assert not {answer.data["ConstraintsS3Uri"] for answer in answers} & _constraints(upgrade)


def test_a_delete_after_the_update_leaves_nothing_running(upgrade: Upgrade) -> None:
    upgrade.update()

    upgrade.destroy()

    assert upgrade.aws.live_jobs() == []
    assert not [key for _, key in upgrade.aws.objects if "request-" in key]
