"""A certificate for the embedded AWS, which clients take for their authority as well."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from cdk_clarify_monitors_local._errors import EmbeddedAwsError


def make_certificate(directory: Path) -> Path:
    """Make a self-signed certificate for 127.0.0.1 in a folder, with its key beside it.

    Raises:
        EmbeddedAwsError: The openssl command is missing.
    """
    openssl = shutil.which("openssl")
    if openssl is None:
        raise EmbeddedAwsError("The openssl command is needed for the certificate that IAM enforcement works with.")
    certificate = directory / "server.crt"
    subprocess.run(  # noqa: S603 (a fixed command)
        [
            openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
            "-keyout", str(key_of(certificate)), "-out", str(certificate),
            "-subj", "/CN=clarify-local",
            "-addext", "basicConstraints=critical,CA:FALSE",
            "-addext", "keyUsage=critical,digitalSignature,keyEncipherment",
            "-addext", "extendedKeyUsage=serverAuth",
            "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
        ],
        check=True,
        capture_output=True,
    )  # fmt: skip
    key_of(certificate).chmod(0o600)
    return certificate


def key_of(certificate: Path) -> Path:
    """Return where a certificate's private key lies."""
    return certificate.with_suffix(".key")
