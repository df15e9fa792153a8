"""The claims in S3; what a claim is: model/claim.py."""

import json
from typing import NamedTuple

from ..model.canonical_json import document
from ..model.claim import FILE_PREFIX, Claim
from ..model.s3_uri import S3Uri
from .errors import is_denied, is_key_refused
from .storage import NOTHING, SSE_S3, Storage, sse_kms


class Found(NamedTuple):
    """What lies at a claim's place."""

    etag: str = NOTHING
    claim: Claim | None = None
    """None if nothing lies there, nothing that this version understands, or nothing that may be read."""
    is_readable: bool = True


class Claims:
    """The claims in S3."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage

    def read(self, place: S3Uri) -> Found:
        """What lies there. A claim that an older version wrote with a key that has gone is overwritten unread."""
        try:
            content = self._storage.read(place)
        except Exception as error:
            if not is_key_refused(error):
                raise
            return Found(self._storage.etag(place) or NOTHING, is_readable=False)
        if content is None:
            return Found()
        try:
            return Found(content.etag, Claim.from_json(json.loads(content.body)))
        except (ValueError, KeyError, TypeError, IndexError):
            return Found(content.etag)

    def of_other_links(self, place: S3Uri) -> list[Claim]:
        """The claims of the other resources that may wait for the same job."""
        start = S3Uri(place.bucket, place.key.rpartition("/")[0] + f"/{FILE_PREFIX}")
        others = [uri for uri in self._storage.starting_with(start) if uri != place]
        return [found.claim for uri in others if (found := self.read(uri)).claim]

    def write(self, place: S3Uri, claim: Claim, kms_key_id: str | None, over: Found) -> Found:
        """Write the claim over what was found, unless somebody else was quicker.

        Args:
            place: Where.
            claim: The claim.
            kms_key_id: The key of the configs: some buckets take nothing that is encrypted otherwise.
            over: What it replaces.

        Returns:
            What lies there now.
        """
        body = document(claim.to_json())
        try:
            etag = self._storage.write(place, body, SSE_S3, over.etag)
        except Exception as error:
            if not is_denied(error):
                raise
            etag = self._storage.write(place, body, sse_kms(kms_key_id), over.etag)
        return Found(etag, claim)

    def remove(self, place: S3Uri) -> None:
        """Remove the claim: whoever holds it is called off."""
        self._storage.delete(place)
