"""Argument validation: validators, the base class of self-validating dataclasses, and the form of every error message.

The lowest layer of the library. It knows nothing of Clarify, and imports neither the CDK nor another layer.
"""

from .cdk_types import BUCKET, GRANTEE, ID, KEY, ROLE, SCOPE, SECURITY_GROUP, VPC, check_free, stack_of
from .columns import check_column, column
from .containers import list_of, string_mapping
from .errors import InvalidType, InvalidValue, format_value
from .frozen import FrozenMapping, to_json
from .json_values import check_depth, data_value, json_value
from .keywords import MembersOfClasses, NamedArguments, NamedMembers, names_arguments
from .limits import check_unicode
from .remedies import remedy_for_choice
from .s3_uri import s3_uri
from .scalars import boolean, floating, instance_of, integer, number, one_of, text, text_or_integer
from .tokens import STRING_TOKEN, has_token, is_token
from .validated import Argument, Validated, Validator, arguments_of, is_given, validated_by

__all__ = [
    # validators of single values
    "text",
    "integer",
    "floating",
    "number",
    "boolean",
    "one_of",
    "instance_of",
    "text_or_integer",
    "column",
    "data_value",
    "json_value",
    "s3_uri",
    "ROLE",
    "KEY",
    "BUCKET",
    "GRANTEE",
    "VPC",
    "SECURITY_GROUP",
    "SCOPE",
    "ID",
    # validators of collections
    "list_of",
    "string_mapping",
    # self-validating classes
    "Validator",
    "Validated",
    "NamedArguments",
    "NamedMembers",
    "MembersOfClasses",
    "Argument",
    "validated_by",
    "arguments_of",
    "names_arguments",
    # checks
    "is_given",
    "is_token",
    "has_token",
    "STRING_TOKEN",
    "check_free",
    "stack_of",
    "check_column",
    "check_depth",
    "check_unicode",
    # errors and their wording
    "InvalidValue",
    "InvalidType",
    "format_value",
    "remedy_for_choice",
    # frozen values
    "FrozenMapping",
    "to_json",
]
