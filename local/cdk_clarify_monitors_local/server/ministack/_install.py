"""What is plugged into MiniStack and what is mended in it, all of it."""

from __future__ import annotations

from cdk_clarify_monitors_local.server._clock import Clock
from cdk_clarify_monitors_local.server.cloudformation._inert_types import INERT_TYPES
from cdk_clarify_monitors_local.server.cloudformation._resource_types import resource_types
from cdk_clarify_monitors_local.server.ministack import (
    _alarm_actions,
    _clocks,
    _lambda_logs,
    _rule_metrics,
    _sagemaker,
    _step_functions,
)
from cdk_clarify_monitors_local.server.ministack._alarms import MiniStackAlarms
from cdk_clarify_monitors_local.server.ministack._private_names import check_private_names
from cdk_clarify_monitors_local.server.ministack.accounts import _access, _bucket_owners
from cdk_clarify_monitors_local.server.ministack.cloudformation import (
    _conditions,
    _custom_resources,
    _generated_names,
    _missing_types,
    _resource_handlers,
)
from cdk_clarify_monitors_local.server.sagemaker import ControlPlane


def install(control_plane: ControlPlane, alarms: MiniStackAlarms, clock: Clock, *, asks_every: float) -> None:
    """Plug SageMaker into MiniStack and close its gaps.

    Args:
        control_plane: SageMaker.
        alarms: Evaluates alarms.
        clock: Dates metrics, alarms and events.
        asks_every: How many seconds lie at most between two attempts that Step Functions makes at a steady rate.

    Raises:
        MiniStackChangedError: The installed MiniStack is not the one this was written for.
    """
    check_private_names()
    _generated_names.end_in_random_text()  # first: others take names from there
    _sagemaker.serve(control_plane)
    _sagemaker.serve_runtime(control_plane)
    _sagemaker.name_resources_for_iam()
    _sagemaker.deny_as_sagemaker_does()
    for resource_type in resource_types(control_plane):
        _resource_handlers.register(resource_type)
    for inert_type in INERT_TYPES:
        _resource_handlers.register_inert(inert_type)
    _missing_types.say_whose_limit_it_is()
    _resource_handlers.refuse_to_delete_full_buckets()
    _bucket_owners.check_expected_bucket_owners()
    _resource_handlers.tell_the_cidr_block_of_a_vpc()
    _custom_resources.delete_after_failed_create()
    _custom_resources.limit_responses()
    _conditions.resolve_pseudo_parameters()
    _lambda_logs.keep_log_records_of_python_functions()
    _access.begin_one_by_one()
    _access.take_the_transport_for_secure()
    _access.give_roles_random_keys()
    _step_functions.ask_more_often(asks_every)
    _step_functions.limit_inputs()
    _clocks.date_metrics_alarms_and_events(clock)
    _clocks.keep_all_metrics()
    alarms.install()
    _alarm_actions.install(clock)
    _rule_metrics.publish()
