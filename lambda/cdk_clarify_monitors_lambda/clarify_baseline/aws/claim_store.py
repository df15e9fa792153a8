"""The claims in S3; what a claim is: model/claim.py."""

import json
from typing import NamedTuple

from ..model.canonical_json import json_file
from ..model.claim import FILE_PREFIX, Claim
from ..model.s3_uri import S3Uri
from .errors import is_denied, is_key_refused
from .storage import NO_OBJECT, SSE_S3, Storage, sse_kms


class StoredClaim(NamedTuple):
    """The object at a claim's location."""

    etag: str = NO_OBJECT
    claim: Claim | None = None
    """None: there is no object, this version does not understand it, or its key cannot be used."""
    is_readable: bool = True


class ClaimStore:
    """Reads and writes claims."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage

    def read(self, uri: S3Uri) -> StoredClaim:
        """Read a claim. One whose KMS key cannot be used any more is unreadable, but can be overwritten."""
        try:
            stored = self._storage.read(uri)
        except Exception as error:
            if not is_key_refused(error):
                raise
            return StoredClaim(self._storage.etag(uri) or NO_OBJECT, is_readable=False)
        if stored is None:
            return StoredClaim()
        try:
            return StoredClaim(stored.etag, Claim.from_json(json.loads(stored.body)))
        except (ValueError, KeyError, TypeError, IndexError):
            return StoredClaim(stored.etag)

    def of_other_links(self, uri: S3Uri) -> list[Claim]:
        """The claims of the other resources of a chain."""
        start = S3Uri(uri.bucket, uri.key.rpartition("/")[0] + f"/{FILE_PREFIX}")
        other_uris = [other for other in self._storage.list_prefix(start) if other != uri]
        return [stored.claim for other in other_uris if (stored := self.read(other)).claim]

    def write(self, uri: S3Uri, claim: Claim, kms_key_id: str | None, over: StoredClaim) -> StoredClaim:
        """Write a claim, if the object has not changed since it was read.

        Some buckets refuse every encryption but the one with the configs' KMS key.
        """
        body = json_file(claim.to_json())
        try:
            etag = self._storage.write(uri, body, SSE_S3, over.etag)
        except Exception as error:
            if not is_denied(error):
                raise
            etag = self._storage.write(uri, body, sse_kms(kms_key_id), over.etag)
        return StoredClaim(etag, claim)

    def remove(self, uri: S3Uri) -> None:
        """Remove a claim: a waiter that looks for it starts nothing any more."""
        self._storage.delete(uri)
