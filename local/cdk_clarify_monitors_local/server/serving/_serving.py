"""Answers invocations of endpoints."""

from __future__ import annotations

import logging
import random
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from cdk_clarify_monitors_local.server._clients import Clients
from cdk_clarify_monitors_local.server._clock import Clock
from cdk_clarify_monitors_local.server._errors import ApiError
from cdk_clarify_monitors_local.server._models import ModelFiles
from cdk_clarify_monitors_local.server._platform import Platform, Scope
from cdk_clarify_monitors_local.server.cloudwatch import _cloudwatch_logs
from cdk_clarify_monitors_local.server.serving._data_capture import DataCapture
from cdk_clarify_monitors_local.server.serving._deployment import Deployment, Variant
from cdk_clarify_monitors_local.server.serving._model_process import ModelProcess, Response

_log = logging.getLogger("sagemaker")


@dataclass(frozen=True)
class Invocation:
    """A request of an endpoint.

    Attributes:
        content_type: The body's content type.
        accept: The content types that the caller accepts; empty for any.
        body: The body.
        inference_id: The id that the caller gave it. None: none.
        target_variant: The production variant that is to answer. None: any.
    """

    content_type: str
    accept: str
    body: bytes
    inference_id: str | None = None
    target_variant: str | None = None


class Serving:
    """Runs the endpoints that are asked.

    Args:
        platform: The emulator.
        clients: How to reach it.
        models: The files of the models that are known.
        clock: Dates what is captured.
    """

    def __init__(self, platform: Platform, clients: Clients, models: ModelFiles, clock: Clock) -> None:
        self.models = models
        self._platform = platform
        self._clients = clients
        self._clock = clock
        self._lock = threading.Lock()
        self._running: dict[tuple[Scope, str], _RunningEndpoint] = {}

    def invoke(self, deployment: Deployment, invocation: Invocation) -> tuple[str, Response]:
        """Return the name of the variant that answers, and its answer.

        Raises:
            ApiError: The model cannot answer, or there is no such variant.
        """
        return self._endpoint(deployment).invoke(invocation)

    def end(self, scope: Scope, endpoint: str) -> None:
        """End what runs for an endpoint that is deleted or updated."""
        with self._lock:
            running = self._running.pop((scope, endpoint), None)
        if running is not None:
            running.close()

    def end_all(self) -> None:
        """End what runs for all endpoints."""
        for scope, endpoint in list(self._running):
            self.end(scope, endpoint)

    def _endpoint(self, deployment: Deployment) -> _RunningEndpoint:
        key = (deployment.scope, deployment.endpoint)
        with self._lock:
            running = self._running.get(key)
            if running is None or running.deployment is not deployment:
                if running is not None:
                    running.close()
                running = _RunningEndpoint(deployment, self._platform, self._clients, self.models, self._clock)
                self._running[key] = running
        return running


class _RunningEndpoint:
    def __init__(
        self, deployment: Deployment, platform: Platform, clients: Clients, models: ModelFiles, clock: Clock
    ) -> None:
        self.deployment = deployment
        self._clock = clock
        self._variants = {
            variant.name: _RunningVariant(deployment, variant, platform, clients, models)
            for variant in deployment.variants
        }

    def close(self) -> None:
        for variant in self._variants.values():
            variant.container.abort()  # a model that hangs must not be in the way of a deletion
            variant.container.close()

    def invoke(self, invocation: Invocation) -> tuple[str, Response]:
        name = self._chosen(invocation.target_variant)
        variant = self._variants[name]
        moment = self._clock.now()
        response = variant.container.ask(invocation.content_type, invocation.accept, invocation.body)
        if not response.ok:
            raise self._model_error(name, response)
        variant.capture(invocation, response, moment)
        return name, response

    def _chosen(self, target: str | None) -> str:
        variants = self.deployment.variants
        if target is None:
            weights = [variant.weight for variant in variants]
            return random.choices(variants, weights if any(weights) else None)[0].name  # noqa: S311 (traffic)
        if target not in self._variants:
            raise ApiError("ValidationError", f"Variant {target} not found for Request")  # the wording is inferred
        return target

    def _model_error(self, variant: str, response: Response) -> ApiError:
        scope, endpoint = self.deployment.scope, self.deployment.endpoint
        text = response.body.decode(errors="replace")
        kind = "client" if response.status < 500 else "server"
        group = f"/aws/sagemaker/Endpoints/{endpoint}"
        _log.warning("endpoint %s: %s", endpoint, text)
        self._variants[variant].log(variant, [text])
        return ApiError(
            "ModelError",
            f'Received {kind} error ({response.status}) from primary with message "{text}". See '
            f"https://{scope.region}.console.aws.amazon.com/cloudwatch/home?region={scope.region}"
            f"#logEventViewer:group={group} in account {scope.account} for more information.",
            424,
            {
                "OriginalStatusCode": response.status,
                "OriginalMessage": text,
                "LogStreamArn": f"arn:aws:logs:{scope.region}:{scope.account}:log-group:{group}",
            },
        )


class _RunningVariant:
    def __init__(
        self, deployment: Deployment, variant: Variant, platform: Platform, clients: Clients, models: ModelFiles
    ) -> None:
        self.container = ModelProcess(variant.model, models)
        self._deployment = deployment
        self._variant = variant
        self._platform = platform
        self._clients = clients
        config: Mapping[str, Any] | None = deployment.data_capture
        self._data_capture = (
            None if config is None else DataCapture(deployment.endpoint, variant.name, config, self._client("s3"))
        )

    def capture(self, invocation: Invocation, response: Response, moment: Any) -> None:
        """Capture an invocation; as with SageMaker, one that cannot be captured is answered nevertheless."""
        if self._data_capture is None:
            return
        try:
            self._data_capture.capture(
                invocation.content_type, invocation.body, response, invocation.inference_id, moment
            )
        except (ClientError, BotoCoreError) as error:
            destination = (self._deployment.data_capture or {}).get("DestinationS3Uri")
            text = f"Nothing is captured at {destination}: {error}"
            _log.warning("endpoint %s: %s", self._deployment.endpoint, text)
            self.log(f"{self._variant.name}/data-log", [text])

    def log(self, stream: str, lines: list[str]) -> None:
        group = f"/aws/sagemaker/Endpoints/{self._deployment.endpoint}"
        _cloudwatch_logs.write(self._client("logs"), group, stream, lines)

    def _client(self, service: str) -> Any:
        scope, role = self._deployment.scope, self._variant.role_arn
        credentials = (
            self._platform.owner_credentials(scope)
            if role is None
            else self._platform.role_credentials(scope, role, "SageMaker")
        )
        return self._clients.make(service, scope.region, credentials)
