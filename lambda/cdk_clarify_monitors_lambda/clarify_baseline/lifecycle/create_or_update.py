"""A Create or an Update is received: it takes the claim (model/claim.py)."""

from collections.abc import Callable
from typing import TypeVar

from ..aws import Services
from ..aws.claim_store import StoredClaim
from ..aws.errors import AWS_ERRORS, describe, is_transient
from ..aws.retry_policy import RETRY_POLICY
from ..model.cfn_request import CfnRequest
from ..model.claim import Claim, claim_location
from ..model.errors import BaselineError, SupersededError
from ..model.properties import Properties, old_properties
from ..model.s3_uri import S3Uri
from .claim_builder import ClaimBuilder, RequestContext

_T = TypeVar("_T")
# For so long Lambda tries to deliver an event.
# https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
_DELIVERY_SECONDS = 6 * 3600


class CreateOrUpdate:
    """Takes the claim, and does nothing else.

    If the provider framework fails right after on_event, it swallows CloudFormation's Delete: a job that was started
    here would run on.
    """

    def __init__(self, services: Services) -> None:
        self._claims, self._sleep, self._log = services.claims, services.sleep, services.log
        self._builder = ClaimBuilder(services)

    def claim(self, request: CfnRequest) -> Claim:
        """Take the claim. A request that is delivered again gets the same claim.

        Raises:
            BaselineError: The properties are invalid, or AWS refuses.
        """
        try:
            properties = Properties.parse(request.properties)
            old = old_properties(request)
            if old is None and request.old_properties is not None:
                self._log.write("old properties are not understood")
            return RETRY_POLICY.run(lambda: self._claim(request, properties, old), self._pause)
        except ValueError as error:
            raise BaselineError(str(error)) from error
        except AWS_ERRORS as error:
            raise BaselineError(describe(error)) from error

    def _pause(self, error: BaseException, seconds: float) -> None:
        self._log.write("waiting", reason=describe(error), seconds=seconds)
        self._sleep(seconds)

    def _claim(self, request: CfnRequest, properties: Properties, old: Properties | None) -> Claim:
        uri, old_uri = claim_location(request, properties), claim_location(request, old)
        moved_from = None if old_uri == uri else old_uri
        stored = self._claims.read(uri) if uri else StoredClaim()
        current = stored.claim
        if moved_from and not current:
            former = self._unless_refused("the former claim cannot be read", self._claims.read, moved_from)
            current = former.claim if former else None
        if current and current.request_id == request.request_id:
            claim = current
        else:
            if current and uri:
                self._check_is_newest(request, current, uri, stored, properties)
            other_links = self._claims.of_other_links(uri) if uri else []
            claim = self._builder.build(RequestContext(request, properties, old, current, other_links))
            if uri:
                self._claims.write(uri, claim, properties.upload_kms_key_id, stored)
        if moved_from:  # a waiter that looks there finds that it has lost its claim
            self._unless_refused("the former claim cannot be removed", self._claims.remove, moved_from)
        return claim

    def _check_is_newest(
        self, request: CfnRequest, current: Claim, uri: S3Uri, stored: StoredClaim, properties: Properties
    ) -> None:
        """Refuse a request that is delivered late.

        Raises:
            SupersededError: It has lost the claim, a newer Delete holds it, or a Delete has overtaken the request.
        """
        has_lost_claim = request.request_id in current.former_requests
        is_deleted = current.is_of_delete and current.started_at > request.received_at
        is_overtaken = (
            request.kind == "Create"
            and current.has_overtaken_create
            and request.received_at - current.started_at < _DELIVERY_SECONDS
        )
        if is_overtaken:  # one Create, not those that a later deployment may send
            self._claims.write(uri, current.without_create(request), properties.upload_kms_key_id, stored)
        if has_lost_claim or is_deleted or is_overtaken:
            raise SupersededError(
                "CloudFormation has sent a newer request for this resource.",
                "If this is the newest one, deploy once more.",
            )

    def _unless_refused(self, event: str, call: Callable[[S3Uri], _T], uri: S3Uri) -> _T | None:
        """Make a call for the former location, which may be deleted or no longer permitted."""
        try:
            return call(uri)
        except AWS_ERRORS as error:
            if is_transient(error):
                raise
            self._log.write(event, reason=describe(error))
            return None
