"""The simulated aws under its old name: harnesses outside of this repository import it from here."""

from tests.support.simulation.simulated_aws import *  # noqa: F403
