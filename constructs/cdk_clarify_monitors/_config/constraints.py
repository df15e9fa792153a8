"""Constraints: the file that the results of monitoring executions are compared with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Self

from .._validation import InvalidType, Validated, json_value, s3_uri, validated_by


def _content(argument: str, value: Any) -> object:
    if not isinstance(value, Mapping):
        raise InvalidType(argument, "be a dict", value)
    return json_value(argument, value)


@dataclass(frozen=True)
class Constraints(Validated):
    """An existing constraints file in S3, used instead of a baselining job.

    Args:
        body_dict: The file's content, or None. Dashboards have lines for these values; the monitor reads the file
            itself.
        constraints_file_s3_uri: S3 URI of the file.

    Raises:
        ValueError: The URI is wrong.
        TypeError: A value is of the wrong type.
    """

    body_dict: Mapping[str, Any] | None = field(metadata=validated_by(_content, optional=True))
    constraints_file_s3_uri: str = field(metadata=validated_by(s3_uri()))

    # The SDK's.
    _members_instead: ClassVar[Mapping[str, str]] = {
        **dict.fromkeys(
            ("from_file_path", "from_string"),
            "bring the file to S3, and write Constraints(content, 's3://bucket/constraints.json')",
        ),
        "save": "the file is in S3 already; to change it, write constraints_overrides=[BiasConstraint(…)]",
    }

    @classmethod
    def from_s3_uri(cls, constraints_file_s3_uri: str) -> Self:
        """Constraints from the S3 URI of their file; nothing is downloaded."""
        return cls(body_dict={}, constraints_file_s3_uri=constraints_file_s3_uri)
