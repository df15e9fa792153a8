"""The validator of S3 URIs."""

from __future__ import annotations

import os
from typing import Any

from .errors import InvalidType, InvalidValue
from .scalars import text
from .tokens import is_token
from .validated import Validator


def s3_uri(max_length: int = 1024, remedy: str = "write s3://bucket/key", *, room: int = 0) -> Validator:
    """The URI of an S3 object or prefix that the Lambda function accepts, too.

    Args:
        max_length: The most characters.
        remedy: The remedy for a value that is no S3 URI at all.
        room: How many of the characters are reserved for what is appended to the URI.
    """
    validate_text = text(max_length=max_length - room)

    def validate(argument: str, value: Any) -> str:
        if isinstance(value, os.PathLike):  # its string would be refused next
            raise InvalidType(argument, "be the URI of something in S3", value, remedy)
        uri: str = validate_text(argument, value)
        if is_token(uri):
            return uri
        if not uri.startswith("s3://"):
            raise InvalidValue(argument, "be the URI of something in S3", value, remedy)
        # Imported late, so that `import cdk_clarify_monitors` loads nothing of the Lambda function.
        from cdk_clarify_monitors_lambda.clarify_baseline.s3_uri import violation

        if must := violation(uri, room):
            raise InvalidValue(argument, must, value)
        return uri

    return validate
