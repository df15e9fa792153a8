"""From CloudFormation's events to the steps of a baseline, and back to the provider framework's answers."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from .aws.claim_store import Claims
from .aws.job_attempts import Attempts
from .aws.log import Log
from .aws.processing_jobs import Jobs
from .aws.schedules import Schedules
from .aws.services import Services
from .aws.storage import Storage
from .lifecycle.baseline_waiter import Deployment
from .lifecycle.create_or_update import Takeover
from .lifecycle.delete_handler import Removal
from .model.cfn_request import Request
from .model.claim import Claim
from .model.properties import name_in

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sagemaker import SageMakerClient

_T = TypeVar("_T")
_CLAIM = "Claim"  # what on_event answers, the framework adds to the event that is_complete gets


class CustomResource:
    """`Custom::ClarifyBaseline`."""

    def __init__(
        self,
        *,
        sagemaker: "SageMakerClient",
        s3: "S3Client",
        clock: Callable[[], float],
        sleep: Callable[[float], None],
    ) -> None:
        self._jobs, self._storage, self._schedules = Jobs(sagemaker), Storage(s3), Schedules(sagemaker)
        self._clock, self._sleep = clock, sleep

    def on_event(self, event: Mapping[str, Any]) -> dict[str, Any]:
        """Take a request on.

        Returns:
            The physical id, and what the waiter has to know.
        """
        request = Request.of(event, self._clock())
        services = self._services(request)
        if request.kind == "Delete":
            services.log.write("requested")
            return request.taken_on(request.physical_resource_id)
        claim = self._logged(services, lambda: Takeover(services).claim(request))
        services.log.write("requested", job=claim.job_name, physical_resource_id=claim.physical_resource_id)
        return {**request.taken_on(claim.physical_resource_id), _CLAIM: claim.to_json()}

    def is_complete(self, event: Mapping[str, Any]) -> dict[str, Any]:
        """Go one step further.

        Returns:
            Whether the request is done, and the resource's attributes if so.
        """
        request = Request.of(event, self._clock())
        services = self._services(request)
        if request.kind == "Delete":
            return {"IsComplete": self._logged(services, lambda: Removal(services).poll(request))}
        claim = Claim.from_json(event[_CLAIM])
        data = self._logged(services, lambda: Deployment(services).poll(request, claim))
        if data is None:
            return {"IsComplete": False}
        services.log.write("complete", **data)
        return {"IsComplete": True, "Data": data}

    def _services(self, request: Request) -> Services:
        log = Log.of(request, baseline=name_in(request.properties))
        claims = Claims(self._storage)
        attempts = Attempts(self._jobs, self._storage)
        return Services(self._jobs, attempts, self._storage, self._schedules, claims, self._clock, self._sleep, log)

    @staticmethod
    def _logged(services: Services, step: Callable[[], _T]) -> _T:
        try:
            return step()
        except Exception as error:
            services.log.write("failed", reason=str(error))
            raise
