"""A certificate for the embedded AWS, which clients take for their authority as well."""

from __future__ import annotations

import shutil
import ssl
import subprocess
from dataclasses import dataclass
from pathlib import Path

CERTIFICATE = "server.crt"
KEY = "server.key"


@dataclass(frozen=True)
class Certificate:
    """A certificate and its private key."""

    path: Path
    key_path: Path


def make_certificate(directory: Path) -> Certificate:
    """Make a self-signed certificate for 127.0.0.1 in a folder.

    Raises:
        FileNotFoundError: The openssl command is missing.
    """
    openssl = shutil.which("openssl")
    if openssl is None:
        raise FileNotFoundError("The openssl command is needed for the certificate that IAM enforcement works with.")
    certificate = Certificate(directory / CERTIFICATE, directory / KEY)
    subprocess.run(  # noqa: S603 (a fixed command)
        [
            openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
            "-keyout", str(certificate.key_path), "-out", str(certificate.path),
            "-subj", "/CN=clarify-local",
            "-addext", "basicConstraints=critical,CA:FALSE",
            "-addext", "keyUsage=critical,digitalSignature,keyEncipherment",
            "-addext", "extendedKeyUsage=serverAuth",
            "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
        ],
        check=True,
        capture_output=True,
    )  # fmt: skip
    certificate.key_path.chmod(0o600)
    return certificate


def client_context(certificate: Path) -> ssl.SSLContext:
    """Return a context that trusts this certificate only."""
    return ssl.create_default_context(cafile=str(certificate))
