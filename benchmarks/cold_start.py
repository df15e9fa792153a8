"""The cold start of the custom resource's function: what its own code adds to the two clients that it needs."""

from __future__ import annotations

import io
import shutil
import tempfile
import zipfile
from pathlib import Path

from . import snippets
from .processes import ROOT
from .progress import Progress
from .results import ColdStart

_ASSET = ROOT / "lambda" / "cdk_clarify_monitors_lambda"
_NOT_IN_THE_ASSET = ("__pycache__", "*.pyc", "py.typed")
# Import paths for code outside the functions.
_NOT_IN_THE_ASSET_EITHER = ("identity.py", "properties.py", "s3_uri.py")

# A deletion is answered without a request to AWS, but takes all of the way there.
_OURS = """\
import handler
handler.on_event(
    {
        "RequestType": "Delete", "ResourceType": "Custom::ClarifyBaseline", "RequestId": "r", "StackId": "s",
        "LogicalResourceId": "l", "PhysicalResourceId": "p", "ResourceProperties": {"Baseline": "{}"},
    },
    None,
)
"""
_REFERENCE = """\
import boto3
boto3.client("sagemaker")
boto3.client("s3")
"""
_AWS = {"AWS_ACCESS_KEY_ID": "none", "AWS_SECRET_ACCESS_KEY": "none", "AWS_DEFAULT_REGION": "eu-west-1"}
# On Lambda the code's folder is read-only: what is not compiled there is compiled at each cold start.
_READ_ONLY = {"PYTHONDONTWRITEBYTECODE": "1"}


def measure(rounds: int, progress: Progress) -> ColdStart:
    """Measure both in turn: with bytecode of our code, and without."""
    with tempfile.TemporaryDirectory() as folder:
        compiled, uncompiled = Path(folder) / "compiled", Path(folder) / "uncompiled"
        for copy in (compiled, uncompiled):
            shutil.copytree(_ASSET, copy, ignore=shutil.ignore_patterns(*_NOT_IN_THE_ASSET))
            for name in _NOT_IN_THE_ASSET_EITHER:
                (copy / "clarify_baseline" / name).unlink()
        return {
            "asset_bytes": _zipped_bytes(uncompiled),
            "compiled": snippets.measure(
                "cold start",
                snippets.Snippet(_OURS, compiled, _AWS),
                snippets.Snippet(_REFERENCE, compiled, _AWS),
                rounds,
                progress,
            ),
            "uncompiled": snippets.measure(
                "cold start, not compiled",
                snippets.Snippet(_OURS, uncompiled, _AWS | _READ_ONLY),
                snippets.Snippet(_REFERENCE, uncompiled, _AWS | _READ_ONLY),
                rounds,
                progress,
            ),
        }


def _zipped_bytes(folder: Path) -> int:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(folder.rglob("*")):
            archive.write(file, file.relative_to(folder))
    return buffer.tell()
