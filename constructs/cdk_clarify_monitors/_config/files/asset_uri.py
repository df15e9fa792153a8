"""AssetUri: the S3 URI of a local file that is deployed as an asset."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from constructs import Construct


class AssetUri(str):
    """The S3 URI of an asset, together with the local file that it is made of.

    The file travels in the URI, so that `dataclasses.replace` keeps the two together, and a new URI drops the file.

    Attributes:
        path: The local file.
        scope: The construct that the asset is made in.
    """

    __slots__ = ("path", "scope")

    path: Path
    scope: Construct

    def __new__(cls, uri: str, path: Path, scope: Construct) -> Self:
        """Make a URI that knows its file."""
        self = super().__new__(cls, uri)
        self.path, self.scope = path, scope
        return self

    def __deepcopy__(self, memo: object) -> Self:
        return self  # as every string; a construct cannot be copied
