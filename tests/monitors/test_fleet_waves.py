"""A fleet in CDK Pipelines: waves whose baselining jobs stay within SageMaker's quotas."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import jsii
import pytest
from aws_cdk import aws_codecommit as codecommit
from aws_cdk import pipelines

from cdk_clarify_monitors import BaselineOptions, MonitorFleet
from cdk_clarify_monitors._fleets.waves import beyond_one_pipeline
from tests.support.monitors.builders import ENVIRONMENT
from tests.support.monitors.fleets import ACCOUNTS, ENVIRONMENTS, fleet, row, synthesize

XLARGE = "ml.m5.xlarge"
GIVEN = "s3://data/constraints/analysis.json"

# Fourteen jobs in one account, four in the other one, and two monitors without.
ROWS = [
    *(row(f"loans-{number}") for number in range(14)),
    *(row(f"cards-{number}", ACCOUNTS[1]) for number in range(4)),
    *(row(f"homes-{number}", ACCOUNTS[1], constraints=GIVEN) for number in range(2)),
]


@pytest.fixture
def staged(app: cdk.App) -> MonitorFleet:
    """The rows in five stacks for each account."""
    return fleet(app, ROWS, stacks_per_environment=5, in_stages=True)


def started(made: MonitorFleet, wave: list[cdk.Stage], instance_type: str = XLARGE) -> Counter[str]:
    """The instances of the baselining jobs of a wave, by account."""
    found: Counter[str] = Counter()
    for monitor in made.monitors:
        stack = cdk.Stack.of(monitor)
        if cdk.Stage.of(stack) in wave and monitor._monitor_spec.baselined:
            settings, options = monitor._monitor_spec.settings, monitor._monitor_spec.settings.baseline
            if ((options and options.instance_type) or settings.instance_type) == instance_type:
                found[stack.account] += (options and options.instance_count) or settings.instance_count
    return found


@pytest.mark.parametrize("quota", [5, 6, 9, 14, 1000])
def test_no_wave_starts_more_jobs_than_may_run(staged: MonitorFleet, quota: int) -> None:
    waves = staged.waves(max_instances=quota)
    assert [max(started(staged, wave).values(), default=0) <= quota for wave in waves] == [True] * len(waves)
    names = [stage.node.id for wave in waves for stage in wave]
    assert sorted(names) == sorted(cdk.Stage.of(stack).node.id for stack in staged.stacks)  # type: ignore[union-attr]
    assert (len(waves) == 1) == (quota >= 14)


def test_the_quota_is_that_of_each_account(staged: MonitorFleet) -> None:
    (wave,) = staged.waves(max_instances=14)
    assert started(staged, wave) == {ACCOUNTS[0]: 14, ACCOUNTS[1]: 4}


def test_a_stack_above_the_quota_is_refused_with_what_suffices(app: cdk.App) -> None:
    made = fleet(app, ROWS, stacks_per_environment=1, in_stages=True)
    with pytest.raises(ValueError, match="max_instances") as refused:
        made.waves(max_instances=5)
    message, _, number = str(refused.value).rpartition("=")
    assert message == (
        "'max_instances' must be 14 or more for ml.m5.xlarge, got 5: Loans-111111111111-eu-central-1-1 starts so many "
        "at once; ask AWS for a larger quota, or write stacks_per_environment"
    )
    another = cdk.App(analytics_reporting=False)
    assert fleet(another, ROWS, stacks_per_environment=int(number), in_stages=True).waves(max_instances=5)


def test_a_job_above_the_quota_is_refused(app: cdk.App) -> None:
    made = fleet(app, [row("loans", instance_count=4)], in_stages=True)
    with pytest.raises(ValueError, match=r"must be 4 or more for ml\.m5\.xlarge, got 3") as refused:
        made.waves(max_instances=3)
    assert str(refused.value).endswith("; ask AWS for a larger quota")


def test_quotas_are_given_by_instance_type(app: cdk.App) -> None:
    small = BaselineOptions(instance_type="ml.m5.large", instance_count=2)
    rows = [row(f"loans-{number}", baseline=small if number % 2 else None) for number in range(8)]
    made = fleet(app, rows, stacks_per_environment=4, in_stages=True)
    waves = made.waves(max_instances={XLARGE: 100, "ml.m5.large": 4})
    assert all(started(made, wave, "ml.m5.large").total() <= 4 for wave in waves)
    assert sum(started(made, wave, "ml.m5.large").total() for wave in waves) == 8
    assert len(waves) > 1
    with pytest.raises(ValueError, match=r"must have the quota of ml\.m5\.large, which monitors use"):
        made.waves(max_instances={XLARGE: 100})


@pytest.mark.parametrize(
    ("quota", "message"),
    [
        (0, "'max_instances' must be at least 1, got 0"),
        ("20", "'max_instances' must be an integer, or a mapping of instance types to integers, got '20'"),
        (True, "'max_instances' must be an integer, or a mapping"),
        ({XLARGE: 0}, r"'max_instances\['ml.m5.xlarge'\]' must be at least 1"),
        ({XLARGE: "2"}, r"'max_instances\['ml.m5.xlarge'\]' must be an integer, got '2': write 2"),
    ],
    ids=str,
)
def test_a_quota_is_a_number_of_instances(staged: MonitorFleet, quota: Any, message: str) -> None:
    with pytest.raises((ValueError, TypeError), match=message):
        staged.waves(max_instances=quota)


def test_instances_have_to_be_known_at_synthesis(app: cdk.App) -> None:
    count = cdk.Token.as_number(cdk.Lazy.any(_Two()))
    made = fleet(app, [row("cards"), row("loans", instance_count=count)], in_stages=True)
    with pytest.raises(ValueError, match=r"'rows\[1\], instance_count' must be known at synthesis"):
        made.waves(max_instances=5)


@jsii.implements(cdk.IStableAnyProducer)
class _Two:
    def produce(self) -> Any:
        return 2


def test_waves_need_stages(app: cdk.App) -> None:
    with pytest.raises(ValueError, match=r"write MonitorFleet\(…, in_stages=True\)"):
        fleet(app, ROWS).waves(max_instances=20)


def test_a_fleet_without_rows_is_one_wave(app: cdk.App) -> None:
    (wave,) = fleet(app, [], in_stages=True).waves(max_instances=1)
    assert len(wave) == 4


def test_a_fleet_without_environments_has_no_waves(app: cdk.App) -> None:
    assert fleet(app, [], environments=[], in_stages=True).waves(max_instances=1) == []


def test_a_fleet_can_be_moved_into_a_pipeline(tmp_path: Path) -> None:
    """Stages change the descriptions of functions, which have their paths: that is no replacement."""
    plain, staged = synthesize(tmp_path / "plain", ROWS), synthesize(tmp_path / "staged", ROWS, in_stages=True)
    assert plain.keys() == staged.keys()
    for name, template in staged.items():
        assert template.replace(f"(Loans/{name}/Monitors/", f"(Loans/{name.removeprefix('Loans-')}/") == plain[name]


# By hand: 2 actions a stack in stages of 50; the pipeline itself has 4 stages and 5 actions.
@pytest.mark.parametrize(
    ("waves", "told"),
    [
        ([], None),
        ([497], None),
        ([498], "24 stages and 1001 actions"),
        ([1] * 46, None),
        ([1] * 47, "51 stages and 99 actions"),
        ([25] * 19, None),
        ([26] * 24, "52 stages and 1253 actions"),
        ([0] * 100, None),
    ],
    ids=str,
)
def test_more_than_one_pipeline_takes_is_told(waves: list[int], told: str | None) -> None:
    message = beyond_one_pipeline(waves)
    assert message is None if told is None else f"take {told}: CodePipeline has quotas of 50 stages and" in str(message)


def test_a_fleet_beyond_one_pipeline_is_warned_of(app: cdk.App) -> None:
    made = fleet(app, [], environments=ENVIRONMENTS[:1], stacks_per_environment=500, in_stages=True)
    made.waves(max_instances=1)
    (warning,) = (str(entry.data) for entry in made.node.metadata if entry.type == "aws:cdk:warning")
    assert "24 stages and 1005 actions" in warning
    assert warning.endswith("[ack: cdk-clarify-monitors:pipeline]")


def test_a_pipeline_deploys_the_waves_one_after_the_other(app: cdk.App) -> None:
    stack = cdk.Stack(app, "Pipeline", env=ENVIRONMENT)
    source = codecommit.Repository.from_repository_name(stack, "Repository", "fleet")
    step = pipelines.ShellStep(
        "Synth", input=pipelines.CodePipelineSource.code_commit(source, "main"), commands=["npx cdk synth"]
    )
    pipeline = pipelines.CodePipeline(stack, "Fleet", synth=step, cross_account_keys=True)
    made = fleet(stack, ROWS, stacks_per_environment=5, in_stages=True)
    waves = made.waves(max_instances=6)
    for number, stages in enumerate(waves, 1):
        wave = pipeline.add_wave(f"Wave{number}")
        for stage in stages:
            wave.add_stage(stage)

    template = app.synth().get_stack_by_name("Pipeline").template
    (resource,) = (each for each in template["Resources"].values() if each["Type"] == "AWS::CodePipeline::Pipeline")
    assert len(waves) == 3
    for stage, stages in zip(resource["Properties"]["Stages"][-3:], waves, strict=True):
        deployed = [each for each in stage["Actions"] if each["Name"].endswith("Deploy")]
        names = sorted(each["Configuration"]["StackName"] for each in deployed)
        assert names == sorted(stage.node.id for stage in stages)
        assert {each["RunOrder"] for each in deployed} == {2}  # all at once, after their change sets
        assert max(started(made, stages).values(), default=0) <= 6
