"""Clients of the emulator that runs this server, for what works with the permissions of a role."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Any

import boto3

from cdk_clarify_monitors_local.server._platform import Credentials

# A session's first client of a service costs a tenth of a second, further ones next to nothing. So all share one, one
# after the other, because sessions are not made for several threads.
_session, _session_lock = boto3.session.Session(), threading.Lock()


@dataclass(frozen=True)
class Clients:
    """How to reach the emulator.

    Attributes:
        endpoint_url: The emulator's address.
        ca_bundle: The certificate the emulator answers with, None without TLS.
    """

    endpoint_url: str
    ca_bundle: str | None

    def make(self, service: str, region: str, credentials: Credentials) -> Any:
        """Return a boto3 client.

        Args:
            service: The service's name.
            region: The region.
            credentials: Who asks.
        """
        client: Any = _session.client  # its overloads know literal names only
        with _session_lock:
            return client(
                service,
                region_name=region,
                endpoint_url=self.endpoint_url,
                verify=self.ca_bundle,
                aws_access_key_id=credentials.access_key,
                aws_secret_access_key=credentials.secret_key,
                aws_session_token=credentials.session_token or None,
            )
