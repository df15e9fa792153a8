"""The builders under their old name: harnesses outside of this repository import them from here."""

from tests.support.monitors.builders import *  # noqa: F403
