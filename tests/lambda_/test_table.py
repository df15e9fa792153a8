"""The table of what must hold for a baseline, row by row: given, when, then."""

from tests.lambda_.simulated_aws import SimulatedAws
from tests.lambda_.simulated_cloudformation import Stack, variant


def test_create(aws: SimulatedAws, stack: Stack) -> None:
    assert stack.create(variant(1)), stack.failures
    assert aws.violations == []
