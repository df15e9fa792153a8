"""SageMaker's rules that several arguments keep: names, instances and times.

See https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_Types.html.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from .cdk_types import has_member
from .errors import InvalidType, InvalidValue
from .scalars import integer, text
from .tokens import is_token
from .validated import Validator

_NAME: Final = r"[a-zA-Z0-9](-*[a-zA-Z0-9])*"
_NAME_FORM: Final = "letters, digits and hyphens, no hyphen first or last"

# Of an endpoint, a model, a job or a schedule.
NAME: Final = text(pattern=_NAME, form=_NAME_FORM, max_length=63)


def _name_of(kind: str, remedies: Mapping[str, str]) -> Validator:
    """The name of a model or an endpoint, or a construct of one: an L1, one of the library's alpha, or an imported one.

    Args:
        kind: The kind of resource, in lower case.
        remedies: What to do with constructs of other kinds, by the names of their classes.
    """

    def validate(argument: str, value: Any) -> str:
        if not has_member(value, "__jsii_type__"):
            _check_no_arn(argument, value, kind)
            return str(NAME(argument, value))
        # An L1 has as `endpoint_name` what it was given, which is None if CloudFormation makes the name up.
        is_l1 = hasattr(type(value), "cfn_resource_type")
        name = getattr(value, f"attr_{kind}_name" if is_l1 else f"{kind}_name", None)
        if name is None:
            must, cls = f"be the name of a SageMaker {kind}, or a construct that has one", type(value).__name__
            raise InvalidType(argument, must, value, remedies.get(cls, f"pass a Cfn{kind.title()}"))
        return str(NAME(argument, name))

    return validate


def _check_no_arn(argument: str, value: Any, kind: str) -> None:
    _, separator, name = value.rpartition(f":{kind}/") if isinstance(value, str) else ("", "", "")
    if separator and not is_token(value):
        raise InvalidValue(argument, f"be the name of a {kind}, not its ARN", value, f"write {name!r}")


ENDPOINT_NAME: Final = _name_of(
    "endpoint",
    {
        "CfnEndpointConfig": "pass the CfnEndpoint that is made of it",
        "CfnModel": "pass the CfnEndpoint that serves it; a model is for ModelConfig(model_name=…)",
    },
)
MODEL_NAME: Final = _name_of(
    "model",
    {
        "CfnEndpoint": "write endpoint_name= in place of model_name= for an endpoint",
        "CfnEndpointConfig": "pass the CfnModel that it serves",
        "CfnModelPackage": "pass a CfnModel that is made of it",
    },
)

# What a name is to begin with, which is cut to what fits.
NAME_BASE: Final = text(pattern=_NAME, form=_NAME_FORM)

INSTANCE_TYPE: Final = text(pattern=r"ml\..+", form="an instance type of SageMaker's, like ml.m5.xlarge")
INSTANCE_COUNT: Final = integer(1, 100)
VOLUME_SIZE_IN_GB: Final = integer(1, 16384)

# A day for monitoring executions, nine days for other processing jobs.
MAX_RUNTIME_IN_SECONDS: Final = integer(1, 86_400)
MAX_RUNTIME_OF_JOB_IN_SECONDS: Final = integer(1, 777_600)
# Of an execution's data, relative to its schedule.
TIME_OFFSET: Final = text(pattern=".?P.*", form="a duration in ISO 8601 such as -PT1H", max_length=15)
