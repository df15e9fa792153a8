"""The simulated cloudformation under its old name: harnesses outside of this repository import it from here."""

from tests.support.simulation.simulated_cloudformation import *  # noqa: F403
