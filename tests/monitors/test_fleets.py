"""A fleet: which stack a row's monitor is in, and what another row, or one less, changes."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest

from cdk_clarify_monitors import MonitorFleet
from tests.support.monitors.builders import ENVIRONMENT, FEATURE_FLAGS, bias_monitor
from tests.support.monitors.fleets import ACCOUNTS, ENVIRONMENTS, build_monitor, fleet, resources, row, synthesize
from tests.support.templates.lint import findings

ROWS = [*(row(f"loans-{number}") for number in range(6)), row("cards-1", ACCOUNTS[1]), row("cards-2", ACCOUNTS[1])]
STACKS = [f"Loans-{account}-eu-central-1-{number}" for account in ACCOUNTS for number in (1, 2)]

Synthesize = Callable[..., dict[str, str]]


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The templates of a fleet of eight rows."""
    return synthesize(tmp_path_factory.mktemp("before"), ROWS)


def schedules(template: str) -> list[str]:
    """The logical ids of the monitors' schedules."""
    return sorted(
        id_ for id_, each in resources(template).items() if each["Type"] == "AWS::SageMaker::MonitoringSchedule"
    )


def changed(before: dict[str, str], after: dict[str, str]) -> list[str]:
    return [name for name in before if after[name] != before[name]]


def replacing(before: str, after: str) -> dict[str, Any]:
    """What a change does to the resources that are there before and after, but for policies and the order of things."""
    old, new = resources(before), resources(after)
    in_place = {"AWS::IAM::Policy": {"PolicyDocument"}, "Custom::ClarifyScheduleGuard": {"Schedules"}}
    found = {}
    for id_ in old.keys() & new.keys():
        properties = [each[id_].get("Properties", {}) for each in (old, new)]
        names = {
            name for name in {*properties[0], *properties[1]} if properties[0].get(name) != properties[1].get(name)
        }
        if old[id_]["Type"] != new[id_]["Type"] or names - in_place.get(old[id_]["Type"], set()):
            found[id_] = names
    return found


# ---------------------------------------------------------------- stacks
def test_each_environment_has_all_of_its_stacks(before: dict[str, str]) -> None:
    assert list(before) == STACKS
    assert sum(len(schedules(template)) for template in before.values()) == len(ROWS)


def test_a_stack_without_rows_can_be_deployed(tmp_path: Path) -> None:
    """Or its monitors would go on when the last row is gone."""
    templates = synthesize(tmp_path, [])
    assert list(templates) == STACKS
    for template in templates.values():
        assert [each["Type"] for each in resources(template).values()] == ["AWS::CloudFormation::WaitConditionHandle"]
        assert findings(template, "eu-central-1") == []


def test_cfn_lint_finds_nothing_in_a_stack_of_a_fleet(before: dict[str, str]) -> None:
    assert findings(before[STACKS[0]], "eu-central-1") == []


def test_the_monitors_are_in_the_order_of_the_rows(app: cdk.App) -> None:
    made = fleet(app, ROWS)
    assert [monitor.node.id for monitor in made.monitors] == [each["endpoint"] for each in ROWS]
    assert [stack.stack_name for stack in made.stacks] == STACKS


def test_the_stacks_depend_on_nothing_of_each_other(app: cdk.App, before: dict[str, str]) -> None:
    assert [stack.dependencies for stack in fleet(app, ROWS).stacks] == [[]] * 4
    assert not any("Fn::ImportValue" in template or '"Export"' in template for template in before.values())


def test_what_monitors_share_is_once_in_a_stack(before: dict[str, str]) -> None:
    for template in before.values():
        types = [each["Type"] for each in resources(template).values()]
        assert types.count("AWS::S3::Bucket") <= 1
        assert types.count("AWS::StepFunctions::StateMachine") <= 1


def test_all_stacks_of_an_environment_publish_one_asset_of_code(tmp_path: Path) -> None:
    synthesize(tmp_path, ROWS)
    manifests = [json.loads(path.read_text()) for path in tmp_path.glob("*.assets.json")]
    code = {id_ for each in manifests for id_, file in each["files"].items() if file["source"]["packaging"] == "zip"}
    assert len(manifests) == 4
    assert len(code) == 2  # ours, and that of the CDK's provider framework


# ---------------------------------------------------------------- placement
def test_a_key_is_in_the_same_stack_for_ever(app: cdk.App) -> None:
    """A change of these numbers moves the monitors of everybody."""
    rows = [row(key) for key in ("loans", "cards", "mortgages/at", "Кредиты", "x" * 200)]
    made = fleet(app, rows, stacks_per_environment=7, build_monitor=lambda stack, id_, _: bias_monitor(stack, id_))
    numbers = [int(cdk.Stack.of(monitor).node.id.rpartition("-")[2]) for monitor in made.monitors]
    assert numbers == [2, 7, 3, 2, 3]


def test_tables_with_the_same_rows_are_the_same_fleet(tmp_path: Path, before: dict[str, str]) -> None:
    shuffled = random.Random(7).sample(ROWS, len(ROWS))  # noqa: S311
    assert synthesize(tmp_path, (dict(each) for each in shuffled)) == before


def test_one_stack_more_takes_rows_and_moves_no_other_ones(app: cdk.App) -> None:
    def places(prefix: str, number: int) -> dict[str, str]:
        made = MonitorFleet(
            app,
            prefix,
            rows=[row(f"loans-{number}") for number in range(30)],
            key="endpoint",
            environments=ENVIRONMENTS[:1],
            stacks_per_environment=number,
            build_monitor=build_monitor,
        )
        return {monitor.node.id: cdk.Stack.of(monitor).node.id for monitor in made.monitors}

    three, four = places("Three", 3), places("Four", 4)
    moved = {id_: place for id_, place in four.items() if place != three[id_]}
    assert set(moved.values()) == {"111111111111-eu-central-1-4"}
    assert 2 <= len(moved) <= 14


# ---------------------------------------------------------------- changes of the table
@pytest.mark.parametrize("position", [0, 4, len(ROWS)])
def test_a_row_added_changes_its_own_stack_only(tmp_path: Path, before: dict[str, str], position: int) -> None:
    after = synthesize(tmp_path, [*ROWS[:position], row("another"), *ROWS[position:]])
    (name,) = changed(before, after)
    old, new = resources(before[name]), resources(after[name])
    assert old.keys() < new.keys()
    assert sorted(new[id_]["Type"] for id_ in new.keys() - old.keys()) == [
        "AWS::IAM::Role",
        "AWS::SageMaker::ModelBiasJobDefinition",
        "AWS::SageMaker::MonitoringSchedule",
        "Custom::ClarifyBaseline",
    ]
    assert replacing(before[name], after[name]) == {}
    for id_ in schedules(before[name]):  # not even an update
        assert new[id_] == old[id_]


@pytest.mark.parametrize("removed", range(len(ROWS)))
def test_a_row_removed_changes_its_own_stack_only(tmp_path: Path, before: dict[str, str], removed: int) -> None:
    after = synthesize(tmp_path, [*ROWS[:removed], *ROWS[removed + 1 :]])
    (name,) = changed(before, after)
    gone = set(schedules(before[name])) - set(schedules(after[name]))
    assert len(gone) == 1
    assert replacing(before[name], after[name]) == {}


def test_a_row_moved_changes_the_stacks_of_both_accounts(tmp_path: Path, before: dict[str, str]) -> None:
    after = synthesize(tmp_path, [{**ROWS[0], "account": ACCOUNTS[1]}, *ROWS[1:]])
    left, entered = changed(before, after)
    assert len(schedules(before[left])) - len(schedules(after[left])) == 1
    assert len(schedules(after[entered])) - len(schedules(before[entered])) == 1
    assert left[-1] == entered[-1]  # the number is the key's
    assert {**replacing(before[left], after[left]), **replacing(before[entered], after[entered])} == {}


def test_another_environment_changes_no_stack(tmp_path: Path, before: dict[str, str]) -> None:
    more = [cdk.Environment(account="000000000000", region="eu-west-1"), *ENVIRONMENTS]
    after = synthesize(tmp_path, ROWS, environments=more)
    assert changed(before, after) == []
    assert len(after) == 6


# ---------------------------------------------------------------- full stacks
def too_many(count: int, stacks: int) -> str:
    app = cdk.App(context=FEATURE_FLAGS, analytics_reporting=False)
    with pytest.raises(ValueError, match="stacks_per_environment") as refused:
        fleet(app, (row(f"loans-{number}") for number in range(count)), stacks_per_environment=stacks)
    assert [child.node.id for child in app.node.children] == ["Tree"] * len(app.node.children)
    return str(refused.value)


def test_a_full_stack_is_refused_with_the_number_that_suffices() -> None:
    message = too_many(111, 1)
    assert message == (
        "'stacks_per_environment' must be larger, got 1: stack 1 in 111111111111/eu-central-1 would have 111 "
        "monitors, and 110 fit; 2 stacks suffice"
    )


def test_the_number_that_suffices_is_the_smallest() -> None:
    assert too_many(1000, 1).endswith("would have 1000 monitors, and 110 fit; 12 stacks suffice")
    assert too_many(1000, 11).endswith("; 12 stacks suffice")


def full(folder: Path, build: Any, stacks: int, count: int = 8) -> dict[str, str]:
    return synthesize(
        folder, [row(f"loans-{n}") for n in range(count)], build_monitor=build, stacks_per_environment=stacks
    )


def with_resources(stack: cdk.Stack, id_: str, row: Any) -> Any:
    """A monitor with sixty resources beside it."""
    for number in range(60):
        cdk.CfnWaitConditionHandle(stack, f"{id_}Handle{number}")
    return build_monitor(stack, id_, row)


def with_much_inside(stack: cdk.Stack, id_: str, row: Any) -> Any:
    """A monitor with a large resource in it."""
    monitor = build_monitor(stack, id_, row)
    cdk.CfnWaitConditionHandle(monitor, "Handle").add_metadata("Text", "x" * 200_000)
    return monitor


@pytest.mark.parametrize(
    ("build", "enough", "limit"),
    [
        pytest.param(with_resources, 2, "with 533 resources (CloudFormation takes 500)", id="resources"),
        pytest.param(with_much_inside, 3, "bytes (it takes 1000000)", id="bytes"),
    ],
)
def test_what_users_add_counts_at_synthesis(tmp_path: Path, build: Any, enough: int, limit: str) -> None:
    with pytest.raises(RuntimeError) as refused:
        full(tmp_path / "one", build, 1)
    message = str(refused.value)
    assert "'stacks_per_environment' must be larger, got 1: Loans-111111111111-eu-central-1-1 has 8 monitors" in message
    assert limit in message
    assert message.endswith(f"; {enough} stacks suffice")
    assert len(full(tmp_path / "enough", build, enough)) == 2 * enough


def test_what_belongs_to_no_row_is_in_every_stack(tmp_path: Path) -> None:
    """Dividing the rows does not divide it: with half of them each, two stacks would still be too large."""

    def build(stack: cdk.Stack, id_: str, row: Any) -> Any:
        if not stack.node.try_find_child("Handle0"):
            for number in range(400):
                cdk.CfnWaitConditionHandle(stack, f"Handle{number}")
        return build_monitor(stack, id_, row)

    rows = [row("l"), *(row(f"loans-{number}") for number in range(39))]  # one key is a part of all ids
    with pytest.raises(RuntimeError, match=r"has 40 monitors with 581 resources.*; 3 stacks suffice"):
        synthesize(tmp_path / "one", rows, build_monitor=build, stacks_per_environment=1)
    assert synthesize(tmp_path / "enough", rows, build_monitor=build, stacks_per_environment=3)


def test_a_monitor_too_large_for_any_stack_is_said(tmp_path: Path) -> None:
    def build(stack: cdk.Stack, id_: str, row: Any) -> Any:
        monitor = build_monitor(stack, id_, row)
        cdk.CfnWaitConditionHandle(monitor, "Handle").add_metadata("Text", "x" * 1_000_000)
        return monitor

    with pytest.raises(RuntimeError, match="no number of stacks suffices: one monitor is too large"):
        full(tmp_path, build, 1, count=1)


# ---------------------------------------------------------------- what builds
def test_an_error_of_a_monitor_names_its_row(app: cdk.App) -> None:
    with pytest.raises(ValueError, match="'instance_count' must be at least 1") as refused:
        fleet(app, [row("loans"), row("cards", instance_count=0)])
    assert refused.value.__notes__ == ["This was the monitor 'cards' of rows[1]."]
    assert app.node.try_find_child("Loans") is None
    assert len(fleet(app, [row("loans"), row("cards")]).monitors) == 2


@pytest.mark.parametrize("answer", [None, "monitor", 7])
def test_what_builds_has_to_return_the_monitor(app: cdk.App, answer: object) -> None:
    with pytest.raises(TypeError, match=f"'build_monitor' must return the monitor that it makes, got {answer!r}"):
        fleet(app, [row("loans")], build_monitor=lambda *_: answer)


def test_what_builds_gets_the_row_as_it_was_given(app: cdk.App) -> None:
    got = []

    def build(stack: cdk.Stack, id_: str, row: Any) -> Any:
        got.append((stack.account, id_, row))
        return bias_monitor(stack, id_)

    given = row("loans/at", team=["a", "b"])
    fleet(app, [given], build_monitor=build)
    assert got == [(ACCOUNTS[0], "loans--at", given)]


def test_tags_reach_all_monitors_of_a_fleet(app: cdk.App) -> None:
    made = fleet(app, [row("loans")])
    cdk.Tags.of(made).add("team", "risk")
    stack = cdk.Stack.of(made.monitors[0])
    template = app.synth().get_stack_by_name(stack.stack_name).template
    (schedule,) = schedules(json.dumps(template))
    assert template["Resources"][schedule]["Properties"]["Tags"] == [{"Key": "team", "Value": "risk"}]


# ---------------------------------------------------------------- arguments
@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"stacks_per_environment": 0}, "'stacks_per_environment' must be at least 1, got 0"),
        ({"stacks_per_environment": "2"}, "'stacks_per_environment' must be an integer, got '2': write 2"),
        ({"key": ""}, "'key' must not be empty"),
        ({"key": ["endpoint"]}, "'key' must be a string"),
        ({"build_monitor": "build"}, "'build_monitor' must be a function of a stack, an id and a row"),
        ({"in_stages": "yes"}, "'in_stages' must be True or False"),
        ({"environments": ENVIRONMENT}, "'environments' must be a list"),
        ({"environments": ["111111111111"]}, r"'environments\[0\]' must be an Environment"),
        ({"environments": [cdk.Environment(account="111111111111")]}, r"'environments\[0\].region' must be a string"),
        ({"environments": [cdk.Environment(region="eu-west-1")]}, r"'environments\[0\].account' must be a string"),
        (
            {"environments": [cdk.Environment(account="1", region="eu-west-1")]},
            r"'environments\[0\].account' must be twelve digits, got '1'",
        ),
        (
            {"environments": [cdk.Environment(account="111111111111", region="Frankfurt")]},
            r"'environments\[0\].region' must be a region, such as 'eu-central-1', got 'Frankfurt'",
        ),
        (
            {"environments": [cdk.Environment(account=cdk.Aws.ACCOUNT_ID, region="eu-west-1")]},
            r"'environments\[0\].account' must be a literal",
        ),
        ({"environments": [*ENVIRONMENTS, ENVIRONMENTS[0]]}, "'environments' must have each account and region once"),
        ({"keys": "endpoint"}, "MonitorFleet has no such argument"),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, dict) else "",
)
def test_a_wrong_argument_is_refused(app: cdk.App, changes: dict[str, Any], message: str) -> None:
    with pytest.raises((ValueError, TypeError), match=message):
        fleet(app, [], **changes)
    assert app.node.try_find_child("Loans") is None


@pytest.mark.parametrize("id_", ["1loans", "loans_at", "loans at", "", "é", "x" * 120])
def test_an_id_that_no_stack_can_have_is_refused(app: cdk.App, id_: str) -> None:
    with pytest.raises(ValueError, match="'id' must "):
        MonitorFleet(
            app,
            id_,
            rows=[],
            key="endpoint",
            environments=ENVIRONMENTS,
            stacks_per_environment=1,
            build_monitor=build_monitor,
        )


def test_an_id_that_is_taken_is_refused(app: cdk.App) -> None:
    fleet(app, [row("loans")])
    with pytest.raises(ValueError, match="'id' must be unique in"):
        fleet(app, [])


@pytest.mark.parametrize("in_stages", [False, True])
def test_fleets_whose_stacks_would_be_the_same_are_refused(app: cdk.App, in_stages: bool) -> None:
    """Wherever they are in the app: the deployment of one would delete the monitors of the other."""
    beta, production = cdk.Stage(app, "Beta"), cdk.Stage(app, "Production")
    fleet(beta, [row("loans")])
    with pytest.raises(
        ValueError, match="'id' must be unique in 111111111111/eu-central-1, got 'Loans': Beta/Loans has"
    ):
        fleet(production, [], in_stages=in_stages)
    elsewhere = [cdk.Environment(account="333333333333", region="eu-central-1")]
    assert fleet(production, [], environments=elsewhere)
    beta.node.try_remove_child("Loans")
    assert fleet(cdk.Stage(app, "Gamma"), [], in_stages=in_stages)
