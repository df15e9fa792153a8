"""Resource types that nobody here has."""

from __future__ import annotations

from typing import Any

from cdk_clarify_monitors_local.server.ministack._private_names import (
    CHANGE_SETS,
    ENGINE,
    HANDLERS,
    private,
    replace,
)

_UNRECOGNIZED = "Unrecognized resource types"


def say_whose_limit_it_is() -> None:
    """Say of a template with unknown resource types that AWS may know them, and what to do."""
    validate = private(ENGINE, "validate_template_support")

    def validate_template_support(*args: Any, **kwargs: Any) -> None:
        try:
            validate(*args, **kwargs)
        except ValueError as error:
            if _UNRECOGNIZED not in str(error):
                raise
            raise ValueError(
                f"{error}. This is a limit of clarify-local: the embedded AWS lacks these types, even if AWS has them. "
                "Keep them in a stack of their own, and deploy the one with the monitors by `--stack NAME`."
            ) from error

    for module in (ENGINE, CHANGE_SETS, HANDLERS):  # the first one's, imported by the others
        replace(module, "validate_template_support", validate_template_support)
