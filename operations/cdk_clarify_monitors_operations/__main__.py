"""Runs the command `clarify-monitors`."""

from __future__ import annotations

import importlib.util
import io
import os
import sys

_NEEDED = ("boto3", "click", "rich")


def main() -> None:
    """Run the command."""
    missing = [name for name in _NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        sys.exit(
            f"clarify-monitors needs packages that are not installed ({', '.join(missing)}): "
            "pip install 'cdk-clarify-monitors[operations]'"
        )
    from cdk_clarify_monitors_operations.command._cli import INTERRUPTED, cli

    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # what its encoding lacks is no reason to fail
            stream.reconfigure(errors="backslashreplace")
    try:
        cli.main(prog_name="clarify-monitors")
    except SystemExit as end:
        if end.code == INTERRUPTED:
            # Python would wait for the requests under way, a minute each at the worst.
            sys.stdout.flush()
            os._exit(INTERRUPTED)
        raise


if __name__ == "__main__":
    main()
