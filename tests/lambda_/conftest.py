"""Fixtures of the custom resource's tests."""

import pytest

from tests.support.simulation.simulated_aws import SimulatedAws
from tests.support.simulation.simulated_cloudformation import Stack


@pytest.fixture
def aws() -> SimulatedAws:
    return SimulatedAws()


@pytest.fixture
def stack(aws: SimulatedAws) -> Stack:
    return Stack(aws)
