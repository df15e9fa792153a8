"""The IAM evaluator under its old name: harnesses outside of this repository import it from here."""

from tests.support.templates.iam import *  # noqa: F403
