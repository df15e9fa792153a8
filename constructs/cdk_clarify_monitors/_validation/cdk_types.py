"""Validators of arguments that are CDK constructs."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Any, Final

from .._lazy_module import LazyModule
from .errors import InvalidType, InvalidValue, format_value
from .scalars import text
from .tokens import is_token
from .validated import Validator

if TYPE_CHECKING:
    import aws_cdk as cdk
    import constructs
else:
    cdk = LazyModule("aws_cdk")


def _construct(interface: str, member: str, factories: dict[str, str]) -> Validator:
    """A construct that implements an interface of the CDK: an L1 does not, and would fail only where it is used.

    Args:
        interface: The interface.
        member: A member that only constructs with this interface have.
        factories: How to make one of something else, by how that starts: a string, or the name of its class.
    """

    def validate(argument: str, value: Any) -> Any:
        if not has_member(value, member):
            raise InvalidType(argument, f"be {interface}", value, _remedy(value, factories))
        return value

    return validate


def has_member(value: object, member: str) -> bool:
    """Whether the value's class has a member: reading one of a construct itself is a call into JavaScript.

    A construct that was imported is a proxy of jsii's, whose class finds members when they are needed.
    """
    classes = type(value).__mro__
    is_proxy = any("__getattr__" in vars(cls) and cls.__module__.startswith("jsii.") for cls in classes)
    return is_proxy or any(member in vars(cls) for cls in classes)


def _remedy(value: object, factories: dict[str, str]) -> str:
    if isinstance(value, Enum):
        value = value.value
    start = value if isinstance(value, str) else type(value).__name__
    # What fits nothing else is taken for a name.
    factory = next(factory for prefix, factory in factories.items() if start.startswith(prefix))
    return f"wrap it: {factory.replace('{value}', format_value(value))}"


def SCOPE(argument: str, value: Any) -> Any:  # noqa: N802  a validator without options, like the others here
    """A construct that others are made in."""
    if not (has_member(value, "node") and has_member(value, "__jsii_type__")):
        raise InvalidType(argument, "be a construct", value, "pass the stack, which is 'self' in its own methods")
    return value


def ID(argument: str, value: Any) -> str:  # noqa: N802
    """The id of a construct."""
    identifier: str = text()(argument, value)
    if is_token(identifier):
        raise InvalidValue(argument, "be a literal", identifier, "it is a part of the template's logical ids")
    return identifier


def stack_of(scope: constructs.Construct) -> cdk.Stack:
    """The stack around a construct.

    Raises:
        ValueError: There is none.
    """
    try:
        return cdk.Stack.of(scope)
    except RuntimeError:
        raise InvalidValue("scope", "be a stack or in one", scope, "make a cdk.Stack for it") from None


def check_free(scope: Any, id_: str) -> None:
    """Refuse an id that another construct has.

    Raises:
        ValueError: It is taken.
    """
    try:
        is_free = scope.node.try_find_child(id_) is None
    except RuntimeError:  # a member of all of JavaScript's objects, such as 'constructor', is a child for the CDK
        is_free = False
    if not is_free:
        raise InvalidValue("id", f"be unique in {scope.node.path!r}", id_, "give each construct another id")


ROLE: Final = _construct(
    "an iam.IRole",
    "role_arn",
    {
        "Cfn": "iam.Role.from_role_arn(self, 'Role', role.attr_arn)",
        "arn:": "iam.Role.from_role_arn(self, 'Role', {value})",
        "": "iam.Role.from_role_arn(…), or iam.Role.from_role_name(…)",
    },
)
GRANTEE: Final = _construct(
    "an iam.IGrantable",
    "grant_principal",
    {
        "Cfn": "iam.Role.from_role_arn(self, 'Role', role.attr_arn)",
        "arn:": "iam.Role.from_role_arn(self, 'Role', {value})",
        "": "iam.Role.from_role_name(…), or iam.AccountPrincipal(…) for an account",
    },
)
KEY: Final = _construct(
    "a kms.IKey",
    "key_arn",
    {
        "Cfn": "kms.Key.from_cfn_key(…)",
        "alias/": "kms.Alias.from_alias_name(self, 'Key', {value})",
        "arn:": "kms.Key.from_key_arn(self, 'Key', {value})",
        "": "kms.Key.from_key_arn(…), or kms.Alias.from_alias_name(…) for an alias",
    },
)
BUCKET: Final = _construct(
    "an s3.IBucket",
    "bucket_arn",
    {
        "Cfn": "s3.Bucket.from_cfn_bucket(…)",
        "arn:": "s3.Bucket.from_bucket_arn(self, 'Bucket', {value})",
        "s3://": "s3.Bucket.from_bucket_name(self, 'Bucket', '<the name between s3:// and />')",
        "": "s3.Bucket.from_bucket_name(…)",
    },
)
VPC: Final = _construct(
    "an ec2.IVpc",
    "select_subnets",
    {
        "Cfn": "ec2.Vpc.from_vpc_attributes(…)",
        "vpc-": "ec2.Vpc.from_lookup(self, 'Vpc', vpc_id={value})",
        "": "ec2.Vpc.from_lookup(…)",
    },
)
SECURITY_GROUP: Final = _construct(
    "an ec2.ISecurityGroup",
    "add_ingress_rule",
    {
        "Cfn": "ec2.SecurityGroup.from_security_group_id(self, 'SecurityGroup', group.attr_group_id)",
        "sg-": "ec2.SecurityGroup.from_security_group_id(self, 'SecurityGroup', {value})",
        "": "ec2.SecurityGroup.from_security_group_id(…)",
    },
)
