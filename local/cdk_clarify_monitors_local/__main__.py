"""The command `clarify-local`: deploys CDK apps with Clarify monitors into an AWS on this machine."""

from __future__ import annotations

import importlib.util
import sys

_NEEDED = ("boto3", "joblib", "ministack", "pandas", "rich", "shap", "sklearn", "smclarify")


def main() -> None:
    """Run the command."""
    missing = [name for name in _NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        sys.exit(
            f"clarify-local needs packages that are not installed ({', '.join(missing)}): "
            "pip install 'cdk-clarify-monitors[local]'"
        )
    try:
        from cdk_clarify_monitors_local import _cli
        from cdk_clarify_monitors_operations.terminal._encoding import replace_lacking_characters

        replace_lacking_characters()
        sys.exit(_cli.run(sys.argv[1:]))
    except KeyboardInterrupt:  # before the command has begun, or at its end
        sys.exit(130)


if __name__ == "__main__":
    main()
