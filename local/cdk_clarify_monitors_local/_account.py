"""The account that an embedded AWS is: its address, its key, and how to talk to it."""

from __future__ import annotations

import json
import os
import re
import ssl
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import botocore.session

from cdk_clarify_monitors_local import _admin_paths
from cdk_clarify_monitors_local._errors import EmbeddedAwsError

_REQUEST_TIMEOUT = 30.0  # seconds
_REFUSED = 400


class _Session(boto3.session.Session):
    """A session whose clients talk to an account."""

    # What botocore has read of the services: without it, each session's first client of SageMaker takes 0.2 s.
    _services = botocore.session.get_session().get_component("data_loader")

    def __init__(self, account: Account) -> None:
        core = botocore.session.get_session()
        core.register_component("data_loader", self._services)
        super().__init__(
            botocore_session=core,
            aws_access_key_id=account.access_key,
            aws_secret_access_key=account.secret_key,
            region_name=account.region,
        )
        self._services.search_paths[:] = dict.fromkeys(self._services.search_paths)  # each session adds boto3's
        self._place = {
            "endpoint_url": account.endpoint_url,
            "verify": str(account.certificate) if account.certificate else None,
        }

    def client(self, *args: Any, **kwargs: Any) -> Any:
        return super().client(*args, **{**self._place, **kwargs})


@dataclass(frozen=True)
class Account:
    """Where an embedded AWS answers, and to whom.

    Attributes:
        id: The account's id.
        region: The region of its session.
        endpoint_url: Its address.
        directory: The folder that holds all that it writes.
        access_key: The key that it answers to, known to its owner only. The cdk command remembers which account a key
            belongs to.
        secret_key: The key's secret.
        token: Opens what is not AWS: its health, faults, models, its end.
        certificate: The certificate it answers with, None without TLS.
    """

    id: str
    region: str
    endpoint_url: str
    directory: Path
    access_key: str
    secret_key: str
    token: str
    certificate: Path | None

    @property
    def log_path(self) -> Path:
        """Its log."""
        return self.directory / "log.txt"

    @property
    def trust(self) -> dict[str, str]:
        """The variables that make clients trust its certificate."""
        if self.certificate is None:
            return {}
        return dict.fromkeys(("AWS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE"), str(self.certificate))

    def environment(self) -> dict[str, str]:
        """Return this process's environment, with AWS clients pointed at the account."""
        return {
            **without_aws(os.environ),
            **self.trust,
            "AWS_ACCESS_KEY_ID": self.access_key,
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_DEFAULT_REGION": self.region,
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_ENDPOINT_URL": self.endpoint_url,
            "AWS_REGION": self.region,
            "AWS_SECRET_ACCESS_KEY": self.secret_key,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "NO_PROXY": "127.0.0.1,localhost",
            "no_proxy": "127.0.0.1,localhost",
        }

    def session(self) -> boto3.session.Session:
        """Return a boto3 session."""
        return _Session(self)

    def client(self, service: str, region: str | None = None) -> Any:
        """Return a boto3 client."""
        client: Any = self.session().client  # its overloads know literal names only
        return client(service, region_name=region or self.region)

    def ping(self) -> None:
        """See whether it is there.

        Raises:
            OSError: It does not answer, or with an error.
        """
        self.request("GET", _admin_paths.HEALTH)

    def request(
        self, method: str, path: str, document: Any = None, *, takes_as_long_as_it_takes: bool = False
    ) -> dict[str, Any]:
        """Make a request of the server itself, not of AWS; return its answer.

        Raises:
            EmbeddedAwsError: It refuses the request.
            OSError: It does not answer, or with an error.
        """
        request = urllib.request.Request(  # noqa: S310 (our own server)
            self.endpoint_url + path,
            method=method,
            data=None if document is None else json.dumps(document).encode(),
            headers={_admin_paths.TOKEN_HEADER: self.token},
        )
        handlers: list[urllib.request.BaseHandler] = [urllib.request.ProxyHandler({})]
        if self.certificate is not None:
            context = ssl.create_default_context(cafile=str(self.certificate))
            handlers.append(urllib.request.HTTPSHandler(context=context))
        timeout = None if takes_as_long_as_it_takes else _REQUEST_TIMEOUT
        try:
            with urllib.request.build_opener(*handlers).open(request, timeout=timeout) as response:
                answer: dict[str, Any] = (
                    json.loads(response.read() or b"{}") if path.startswith(_admin_paths.PREFIX) else {}
                )
        except urllib.error.HTTPError as error:
            if error.code != _REFUSED:
                raise
            raise EmbeddedAwsError(json.loads(error.read())["message"]) from error
        return answer


def is_account_id(text: str) -> bool:
    """Whether a text has the form of an account's id."""
    return re.fullmatch(r"[0-9]{12}", text) is not None


def without_aws(environment: Mapping[str, str]) -> dict[str, str]:
    """Leave out what points at another AWS account."""
    return {name: value for name, value in environment.items() if not name.startswith(("AWS_", "MINISTACK_"))}
