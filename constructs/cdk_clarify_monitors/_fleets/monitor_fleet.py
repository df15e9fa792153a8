"""MonitorFleet: a monitor for each row of a table, over accounts and regions."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

import aws_cdk as cdk
from constructs import Construct, IConstruct

from .._resources.monitor import ClarifyMonitor
from .._validation import (
    ID,
    SCOPE,
    InvalidType,
    InvalidValue,
    NamedArguments,
    boolean,
    check_free,
    instance_of,
    integer,
    is_token,
    list_of,
    text,
)
from .capacity import CapacityValidation, check_count
from .fleet_stack import FleetStack
from .placement import place
from .rows import Environment, FleetRow, Row, UniqueNames, check_rows
from .waves import InstanceQuota, beyond_one_pipeline, waves

BuildMonitor = Callable[[cdk.Stack, str, Row], ClarifyMonitor]

_PREFIX = text(pattern="[A-Za-z][A-Za-z0-9-]*", form="a letter, then letters, digits and hyphens: stacks are named so")
_ACCOUNT = text(pattern="[0-9]{12}", form="twelve digits")
_REGION = text(pattern="[a-z]{2,}(-[a-z]+)+-[0-9]+", form="a region, such as 'eu-central-1'")
_ENVIRONMENTS = list_of(instance_of(cdk.Environment), may_be_empty=True)
_LONGEST_STACK_NAME = 128


class MonitorFleet(NamedArguments, Construct):
    """A monitor for each row of a table, in a fixed number of stacks for each account and region.

    The row's key alone decides which stack a monitor is in. Adding or removing a row changes only the stack of that
    row, by one monitor's resources; all other templates stay the same, byte for byte. The stacks do not depend on each
    other, so a stack that fails is rolled back alone.

    Every stack always exists, even without a row. Otherwise the `cdk` command would forget the stack, and its monitors
    would stay in the account.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002  CDK's name
        *,
        rows: Iterable[Row],
        key: str,
        environments: Sequence[cdk.Environment],
        stacks_per_environment: int,
        build_monitor: BuildMonitor,
        in_stages: bool = False,
    ) -> None:
        """Make the stacks and their monitors.

        Args:
            scope: The app; with `in_stages` the stack of the pipeline.
            id: The construct's id. The stacks are named `<id>-<account>-<region>-<number>`, wherever the fleet is in
                the app, so two fleets in an account and region need different ids.
            rows: The table: a list, a generator, or the result of `read_rows`. Each row is a mapping with the columns
                `account`, `region` and the one that `key` names, and whatever else `build_monitor` needs.
            key: The column whose value identifies a monitor within its account and region: a string, such as the
                endpoint's name. A new key is a new monitor.
            environments: The accounts and regions that rows may name, as literals. Remove one only after its stacks are
                destroyed.
            stacks_per_environment: The number of stacks for each of them. It never changes on its own. If you change
                it, some monitors move to another stack, which creates them anew.
            build_monitor: Called with the stack, the id of the monitor and the row. Creates the monitor with this id in
                this stack, and returns it. The ids of other constructs that it creates should contain this id.
            in_stages: Whether each stack has its own `cdk.Stage`, as CDK Pipelines require; see `waves`. The templates
                are the same except for paths in descriptions and metadata. Default: False.

        Raises:
            ValueError: A row names no environment of the fleet, or the same monitor as another row; or a stack would
                have too many monitors. The message has the number of stacks that suffices.
            TypeError: An argument or a value is of the wrong type.
        """
        SCOPE("scope", scope)
        _PREFIX("id", ID("id", id))
        text()("key", key)
        if is_token(_COUNT("stacks_per_environment", stacks_per_environment)):
            raise InvalidValue(
                "stacks_per_environment", "be a literal", stacks_per_environment, "stacks are made of it"
            )
        boolean("in_stages", in_stages)
        if not callable(build_monitor):
            must = "be a function of a stack, an id and a row"
            raise InvalidType("build_monitor", must, build_monitor, "it makes and returns the row's monitor")
        locations = _check_environments(environments, id, stacks_per_environment)
        fleet_rows = check_rows(rows, key, locations)
        placed = place(fleet_rows, stacks_per_environment)
        check_count(placed, fleet_rows, stacks_per_environment)
        check_free(scope, id)
        fleets = _check_stack_names(scope, id, locations)
        super().__init__(scope, id)
        self._stacks: list[FleetStack] = []
        names = UniqueNames()
        try:
            for location in locations:
                for number in range(1, stacks_per_environment + 1):
                    rows_of_stack = placed.get((location, number), [])
                    self._add_stack(id, location, number, rows_of_stack, build_monitor, names, in_stages=in_stages)
        except Exception:
            scope.node.try_remove_child(id)  # half a fleet
            raise
        for fleet_stack in self._stacks:
            validation = CapacityValidation(fleet_stack, self._stacks, stacks_per_environment)
            fleet_stack.stack.node.add_validation(validation)
        monitors = {
            row: monitor
            for fleet_stack in self._stacks
            for row, monitor in zip(fleet_stack.rows, fleet_stack.monitors, strict=True)
        }
        self._monitors = [monitors[row] for row in fleet_rows]
        fleets.append((self, locations))

    @property
    def stacks(self) -> list[cdk.Stack]:
        """The stacks, by environment and number."""
        return [fleet_stack.stack for fleet_stack in self._stacks]

    @property
    def monitors(self) -> list[ClarifyMonitor]:
        """The monitors, in the order of the rows."""
        return [*self._monitors]

    def waves(self, *, max_instances: int | Mapping[str, int]) -> list[list[cdk.Stage]]:
        """The stages in waves for CDK Pipelines: within a wave, the baselining jobs stay within SageMaker's quotas.

        The stacks of a wave are deployed at the same time, each with all of its baselining jobs at once. Reserve some
        instances for the jobs of executions. A warning says if there are more stages or actions than CodePipeline takes
        in one pipeline.

        Args:
            max_instances: How many instances of a type the baselining jobs may use at once in an account and region,
                like the quota `ml.m5.xlarge for processing job usage`: one number for every type, or a mapping by type.

        Returns:
            The waves, each for `pipeline.add_wave`.

        Raises:
            ValueError: A single stack starts more, or the fleet is not `in_stages`.
            TypeError: It is neither an integer nor a mapping of instance types to integers.
        """
        quota = InstanceQuota(max_instances)
        stages = [[fleet_stack.stage for fleet_stack in wave] for wave in waves(self._stacks, quota)]
        if any(stage is None for wave in stages for stage in wave):
            raise InvalidValue("in_stages", "be True for waves", False, "write MonitorFleet(…, in_stages=True)")
        if message := beyond_one_pipeline([len(wave) for wave in stages]):
            cdk.Annotations.of(self).add_warning_v2("cdk-clarify-monitors:pipeline", message)
        return [[stage for stage in wave if stage is not None] for wave in stages]

    def _add_stack(
        self,
        prefix: str,
        environment: Environment,
        number: int,
        rows: Sequence[FleetRow],
        build_monitor: BuildMonitor,
        names: UniqueNames,
        *,
        in_stages: bool,
    ) -> None:
        account, region = environment
        short = f"{account}-{region}-{number}"
        name = f"{prefix}-{short}"
        env = cdk.Environment(account=account, region=region)
        stage = cdk.Stage(self, name, env=env) if in_stages else None
        stack = cdk.Stack(stage or self, "Monitors" if stage else short, env=env, stack_name=name)
        # CloudFormation takes no empty stack, and the `cdk` command deletes one.
        cdk.CfnWaitConditionHandle(stack, "ClarifyFleet")
        monitors = [_build(name, stack, row, build_monitor, names) for row in rows]
        self._stacks.append(FleetStack(name, environment, stack, stage, rows, monitors))


_COUNT = integer(minimum=1)
_fleets: dict[IConstruct, list[tuple[MonitorFleet, Collection[Environment]]]] = {}  # of each app


def _check_stack_names(
    scope: Construct, id_: str, locations: Collection[Environment]
) -> list[tuple[MonitorFleet, Collection[Environment]]]:
    """Refuse stacks whose names another fleet's have: to a deployment they are the same. Returns the app's fleets."""
    fleets = _fleets.setdefault(scope.node.root, [])
    for other, theirs in fleets:
        around = other.node.scope
        if other.node.id != id_ or around is None or around.node.try_find_child(id_) is not other:
            continue
        if shared := [location for location in locations if location in theirs]:
            must = f"be unique in {'/'.join(shared[0])}"
            remedy = f"{other.node.path} has stacks of these names there: give each fleet another id"
            raise InvalidValue("id", must, id_, remedy)
    return fleets


def _check_environments(environments: Sequence[cdk.Environment], prefix: str, stacks: int) -> list[Environment]:
    checked: list[Environment] = []
    for number, environment in enumerate(_ENVIRONMENTS("environments", environments)):
        location = []
        for name, validate in (("account", _ACCOUNT), ("region", _REGION)):
            argument, value = f"environments[{number}].{name}", getattr(environment, name)
            if is_token(validate(argument, value)):
                raise InvalidValue(argument, "be a literal", value, "stacks are named after it")
            location.append(value)
        account, region = location
        if (account, region) in checked:
            raise InvalidValue(
                "environments", "have each account and region once", f"{account}/{region}", "it is there twice"
            )
        longest = f"{prefix}-{account}-{region}-{stacks}"
        if len(longest) > _LONGEST_STACK_NAME:
            must = f"leave the names of stacks at most {_LONGEST_STACK_NAME} characters"
            raise InvalidValue("id", must, prefix, f"{longest} has {len(longest)}")
        checked.append((account, region))
    return checked


def _build(
    name: str, stack: cdk.Stack, row: FleetRow, build_monitor: BuildMonitor, names: UniqueNames
) -> ClarifyMonitor:
    try:
        monitor: ClarifyMonitor = build_monitor(stack, row.construct_id, row.values)
        if not isinstance(monitor, ClarifyMonitor):
            raise InvalidType("build_monitor", "return the monitor that it makes", monitor)
        made = monitor._monitor_spec.names
        if made.stack_name != name or not f"{made.path}/".startswith(f"{row.construct_id}/"):
            must = "make the monitor in the stack, and with the id, that it is called with"
            path = f"{made.stack_name}/{made.path}"
            raise InvalidValue("build_monitor", must, path, f"that is {name}/{row.construct_id}")
    except Exception as error:
        if isinstance(error, InvalidValue) and error.argument == "monitor_schedule_name":
            _add_names(names, row, {error.argument: error.value})
        error.add_note(f"This was the monitor {row.key!r} of {row.where}.")
        raise
    spec = monitor._monitor_spec
    _add_names(names, row, {"monitor_schedule_name": spec.schedule_name, "base_job_name": spec.settings.base_job_name})
    return monitor


def _add_names(names: UniqueNames, row: FleetRow, arguments: Mapping[str, object]) -> None:
    for argument, name in arguments.items():
        names.add(row, argument, name, row.cell_with(name, default=argument))
