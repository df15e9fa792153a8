"""Runs the command `clarify-monitors`."""

from __future__ import annotations

import importlib.util
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
    try:
        from cdk_clarify_monitors_operations.command._cli import INTERRUPTED, cli
        from cdk_clarify_monitors_operations.terminal._encoding import replace_lacking_characters

        replace_lacking_characters()
        cli.main(prog_name="clarify-monitors")
    except KeyboardInterrupt:  # before the command has begun
        sys.exit(130)
    except SystemExit as end:
        if end.code == INTERRUPTED:
            # Python would wait for the requests under way, a minute each at the worst.
            sys.stdout.flush()
            os._exit(INTERRUPTED)
        raise


if __name__ == "__main__":
    main()
