"""`Custom::ClarifyBaseline`: from CloudFormation's events to the lifecycle, and back to responses."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from .aws import Services
from .aws.claim_store import ClaimStore
from .aws.log import Log
from .aws.processing_jobs import JobAttempts, ProcessingJobs
from .aws.schedules import Schedules
from .aws.storage import Storage
from .lifecycle.baseline_waiter import BaselineWaiter
from .lifecycle.create_or_update import CreateOrUpdate
from .lifecycle.delete_handler import DeleteHandler
from .model.cfn_request import CfnRequest
from .model.claim import Claim
from .model.properties import monitor_name

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sagemaker import SageMakerClient

_T = TypeVar("_T")
_CLAIM = "Claim"  # the framework adds what on_event returns to the event of is_complete


class CustomResource:
    """The custom resource."""

    def __init__(
        self,
        *,
        sagemaker: "SageMakerClient",
        s3: "S3Client",
        clock: Callable[[], float],
        sleep: Callable[[float], None],
    ) -> None:
        self._jobs, self._storage, self._schedules = ProcessingJobs(sagemaker), Storage(s3), Schedules(sagemaker)
        self._clock, self._sleep = clock, sleep

    def on_event(self, event: Mapping[str, Any]) -> dict[str, Any]:
        """Receive a request.

        Returns:
            The physical id, and what is_complete needs.
        """
        request = CfnRequest.from_event(event, self._clock())
        services = self._services(request)
        if request.kind == "Delete":
            services.log.write("requested")
            return request.on_event_response(request.physical_resource_id)
        claim = self._logged(services, lambda: CreateOrUpdate(services).claim(request))
        services.log.write("requested", job=claim.job_name, physical_resource_id=claim.physical_resource_id)
        return {**request.on_event_response(claim.physical_resource_id), _CLAIM: claim.to_json()}

    def is_complete(self, event: Mapping[str, Any]) -> dict[str, Any]:
        """Advance a request by one step.

        Returns:
            Whether the request is done, and the resource's attributes if so.
        """
        request = CfnRequest.from_event(event, self._clock())
        services = self._services(request)
        if request.kind == "Delete":
            return {"IsComplete": self._logged(services, lambda: DeleteHandler(services).poll(request))}
        claim = Claim.from_json(event[_CLAIM])
        data = self._logged(services, lambda: BaselineWaiter(services).poll(request, claim))
        if data is None:
            return {"IsComplete": False}
        services.log.write("complete", **data)
        return {"IsComplete": True, "Data": data}

    def _services(self, request: CfnRequest) -> Services:
        log = Log.for_request(request, baseline=monitor_name(request.properties))
        claims = ClaimStore(self._storage)
        attempts = JobAttempts(self._jobs, self._storage)
        return Services(self._jobs, attempts, self._storage, self._schedules, claims, self._clock, self._sleep, log)

    @staticmethod
    def _logged(services: Services, step: Callable[[], _T]) -> _T:
        try:
            return step()
        except Exception as error:
            services.log.write("failed", reason=str(error))
            raise
