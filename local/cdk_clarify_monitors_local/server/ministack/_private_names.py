"""Every private name of MiniStack that is used here, and whether the installed MiniStack has it.

To be read beside MiniStack's source when its pinned version changes: no other file knows a module of MiniStack.
"""

from __future__ import annotations

import importlib
from typing import Any

APP = "ministack.app"
CONCURRENCY = "ministack.core.concurrency"
IAM_ACTIONS = "ministack.core.iam_actions"
IAM_EVALUATOR = "ministack.core.iam_evaluator"
LAMBDA_RUNTIME = "ministack.core.lambda_runtime"
LAMBDA_SERVICE = "ministack.services.lambda_svc"
RESPONSES = "ministack.core.responses"
ROUTER = "ministack.core.router"
CHANGE_SETS = "ministack.services.cloudformation.changesets"
CUSTOM_RESOURCE = "ministack.services.cloudformation.custom_resource"
ENGINE = "ministack.services.cloudformation.engine"
HANDLERS = "ministack.services.cloudformation.handlers"
PROVISIONERS = "ministack.services.cloudformation.provisioners"
STACKS = "ministack.services.cloudformation.stacks"
WAIT_CONDITIONS = "ministack.services.cloudformation.wait_conditions"
CLOUDWATCH = "ministack.services.cloudwatch"
EC2 = "ministack.services.ec2"
EVENT_BRIDGE = "ministack.services.eventbridge"
IAM = "ministack.services.iam"
S3 = "ministack.services.s3"
STEP_FUNCTIONS = "ministack.services.stepfunctions"
STS = "ministack.services.sts"

PRIVATE_NAMES: dict[str, tuple[str, ...]] = {
    APP: (
        "AUTH",
        "SERVICE_HANDLERS",
        "SERVICE_REGISTRY",
        "_credential_failure",
        "_loaded_modules",
        "app",
        "detect_service",
    ),
    CONCURRENCY: ("run_reentrant",),
    IAM_ACTIONS: (
        "SERVICE_TO_IAM_NAMESPACE",
        "access_denied_response",
        "extract_iam_action",
        "extract_resource_arn",
        "identity_denial_message",
    ),
    IAM_EVALUATOR: (
        "AmbiguousAccessKeyError",
        "AuthError",
        "enforce",
        "find_iam_access_key_account",
        "pin_request_origin",
    ),
    LAMBDA_RUNTIME: ("_PYTHON_WORKER_SCRIPT", "execution_credentials"),
    LAMBDA_SERVICE: ("execution_credentials",),
    RESPONSES: ("AccountScopedDict", "error_response_json", "get_account_id", "get_region", "request_scope"),
    ROUTER: ("SERVICE_PATTERNS", "detect_service", "extract_access_key_id"),
    CHANGE_SETS: ("_evaluate_conditions", "validate_template_support"),
    CUSTOM_RESOURCE: ("deliver_response", "register_token"),
    ENGINE: ("_evaluate_conditions", "_resolve_refs", "validate_template_support"),
    HANDLERS: ("_evaluate_conditions", "validate_template_support"),
    PROVISIONERS: (
        "_NAME_SEED",
        "_REPLACING_PROPERTIES",
        "_RESOURCE_HANDLERS",
        "_STACK_TAG_PROPERTY",
        "_cr_stack_id",
        "_custom_resource_create",
        "_custom_resource_delete",
        "_physical_name",
        "_provision_resource",
        "_update_resource",
    ),
    STACKS: (
        "_add_event",
        "_evaluate_conditions",
        "_provision_resource",
        "_roll_back_operation",
        "_update_resource",
    ),
    WAIT_CONDITIONS: ("has_handle",),
    CLOUDWATCH: (
        "_alarms",
        "_calc_stats",
        "_dims_from_list",
        "_dims_key",
        "_dispatch_alarm_actions",
        "_evaluate_alarm",
        "_evaluate_all_alarms",
        "_evaluate_parent_alarms",
        "_evict_old_metrics",
        "_metrics",
        "_record_history",
        "_stat_value",
        "_store_datum",
        "cloudformation_put_metric_alarm",
        "record_metric",
        "time",
    ),
    EC2: ("_vpcs",),
    EVENT_BRIDGE: (
        "_dispatch_event",
        "_dispatch_to_lambda",
        "_invoke_target",
        "_matches_pattern_view",
        "_now_ts",
        "_pattern_event_view",
        "_put_events",
        "_rules",
    ),
    IAM: ("_roles",),
    S3: ("_bucket_owner_account", "_buckets", "_error", "_parse_bucket_key", "handle_request"),
    STEP_FUNCTIONS: ("_find_matching_retrier", "_start_execution"),
    STS: ("_sessions", "register_session"),
}


class MiniStackChangedError(RuntimeError):
    """The installed MiniStack lacks a name that is needed here."""


def missing_names() -> list[str]:
    """Return the private names that the installed MiniStack does not have, as `module.name`."""
    missing = []
    for module, names in PRIVATE_NAMES.items():
        try:
            loaded = importlib.import_module(module)
        except ImportError:
            missing.append(module)
            continue
        missing += [f"{module}.{name}" for name in names if not hasattr(loaded, name)]
    return missing


def check_private_names() -> None:
    """Refuse a MiniStack that is not the one this was written for.

    Raises:
        MiniStackChangedError: Names every private name that is gone.
    """
    missing = missing_names()
    if missing:
        raise MiniStackChangedError(
            f"This version of MiniStack does not have {', '.join(missing)}. Install the version that the extra "
            "[local] of cdk-clarify-monitors pins, or adapt server/ministack/."
        )


def private(module: str, name: str) -> Any:
    """Return a private name of MiniStack.

    Args:
        module: One of the modules above.
        name: One of the module's `PRIVATE_NAMES`.

    Raises:
        KeyError: The name is not in the list, so nothing would notice that it is gone.
    """
    if name not in PRIVATE_NAMES[module]:
        raise KeyError(f"{module}.{name}")
    return getattr(importlib.import_module(module), name)


def module_values(module: str) -> list[Any]:
    """Return the values of all names of a module."""
    return list(vars(importlib.import_module(module)).values())


def replace(module: str, name: str, value: Any) -> None:
    """Put something else in the place of a private name.

    Args:
        module: As for `private`.
        name: As for `private`.
        value: What MiniStack finds from now on. Modules that have imported the name keep what they have.

    Raises:
        KeyError: As for `private`.
    """
    private(module, name)
    setattr(importlib.import_module(module), name, value)
