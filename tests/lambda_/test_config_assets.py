"""Analysis configs that lie in files of the cloud assembly: when these are read, and when they are not."""

import json
from typing import Any

import pytest

from cdk_clarify_monitors_lambda.clarify_baseline.model.fingerprint import BaselineFingerprint, identify
from cdk_clarify_monitors_lambda.clarify_baseline.properties import Properties
from tests.support.simulation.simulated_aws import Fault, Plan, RefusedError, SimulatedAws, split
from tests.support.simulation.simulated_cloudformation import Disturbance, Stack, document, properties

BUCKET = "cdk-hnb659fds-assets-123456789012-us-west-2"
MONITORING, BASELINING = {"label": "target", "methods": {}}, {"label": "target", "headers": ["é", None]}


def _key(content: Any) -> str:
    return f"{len(json.dumps(content))}.json"


def asset_properties(
    monitoring: Any = MONITORING, baselining: Any = BASELINING, header: Any = "x", **changes: Any
) -> dict[str, Any]:
    """Properties with both configs in files; the baselining config has a token."""
    doc = document(**changes)
    for part, content in (("Monitoring", monitoring), ("Baselining", baselining)):
        del doc[part]["AnalysisConfig"]
        doc[part]["AnalysisConfigAsset"] = {"Bucket": None, "Key": _key(content)}
    buckets = {f"/{part}/AnalysisConfigAsset/Bucket": BUCKET for part in ("Monitoring", "Baselining")}
    return properties(doc, Tokens={"String": {**buckets, "/Baselining/AnalysisConfig/headers/1": header}})


def publish(aws: SimulatedAws, *contents: Any) -> None:
    for content in contents or (MONITORING, BASELINING):
        aws.put_file(f"s3://{BUCKET}/{_key(content)}", json.dumps(content, indent=2).encode())


def reads(aws: SimulatedAws) -> list[str]:
    """The keys of the assets that were read."""
    return [given["Key"] for name, given in aws.calls if name == "GetObject" and given["Bucket"] == BUCKET]


def _fingerprint(**changes: Any) -> BaselineFingerprint:
    return identify(Properties.parse(asset_properties(**changes)))


def test_configs_are_written_with_tokens_filled_in(aws: SimulatedAws, stack: Stack) -> None:
    publish(aws)

    assert stack.create(asset_properties(header="ß"))

    assert aws.json(stack.data["AnalysisConfigS3Uri"]) == MONITORING
    assert aws.json(stack.data["BaseliningAnalysisConfigS3Uri"]) == {"label": "target", "headers": ["é", "ß"]}
    assert sorted(reads(aws)) == sorted([_key(MONITORING), _key(BASELINING)])
    assert aws.violations == []


def test_configs_that_are_there_are_not_read_again(aws: SimulatedAws, stack: Stack) -> None:
    publish(aws)
    assert stack.create(asset_properties())
    before = len(reads(aws))

    assert stack.update(asset_properties(**{"Baselining/TimeoutSeconds": 1200}))

    assert len(reads(aws)) == before
    assert len(aws.jobs) == 1


def test_a_rollback_does_without_the_former_asset(aws: SimulatedAws, stack: Stack) -> None:
    publish(aws)
    assert stack.create(asset_properties())
    other = {**MONITORING, "other": 1}
    publish(aws, other)
    del aws.objects[BUCKET, _key(MONITORING)]
    del aws.objects[BUCKET, _key(BASELINING)]

    assert not stack.update(asset_properties(other, header="y"), Disturbance(fails_at_last=True))

    assert stack.must_roll_back_from is None
    assert len(aws.jobs) == 1, "the baselining config could not be read"
    assert aws.violations == []


def test_a_delete_reads_no_asset(aws: SimulatedAws, stack: Stack) -> None:
    publish(aws)
    assert stack.create(asset_properties(**{"Baselining/RemoveOutputs": True}))
    config = split(stack.data["AnalysisConfigS3Uri"])
    aws.missing_buckets.add(BUCKET)
    before = len(reads(aws))

    assert stack.delete()

    assert len(reads(aws)) == before
    assert config not in aws.objects, "its place follows from the asset's key"


def test_a_delete_stops_the_job_without_the_asset(aws: SimulatedAws, stack: Stack) -> None:
    publish(aws)
    aws.plans.append(Plan(seconds=3000))
    aws.world.after(60, lambda: aws.missing_buckets.add(BUCKET))

    assert not stack.create(asset_properties(), Disturbance(fails_after=100))

    assert aws.live_jobs() == []
    assert aws.violations == []


@pytest.mark.parametrize("missing", [MONITORING, BASELINING])
def test_a_missing_asset_fails_the_deployment_at_once(aws: SimulatedAws, stack: Stack, missing: Any) -> None:
    publish(aws)
    del aws.objects[BUCKET, _key(missing)]
    started = aws.world.now

    assert not stack.create(asset_properties())

    (failure,) = stack.failures
    assert failure.reason.startswith(f"There is no s3://{BUCKET}/{_key(missing)}, an asset that")
    assert aws.world.now - started < 60
    stack.settle()
    assert aws.jobs == {}


class ClosedBucket(SimulatedAws):
    """The assets' bucket may not be read, for a while."""

    opens_at: float = float("inf")

    def _GetObject(self, params: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        if params["Bucket"] == BUCKET and self.world.now < self.opens_at:
            raise RefusedError("AccessDenied", "no identity-based policy allows the s3:GetObject action")
        return super()._GetObject(params)


def test_a_refusal_that_lasts_names_the_asset() -> None:
    aws = ClosedBucket()
    publish(aws)
    stack = Stack(aws)

    assert not stack.create(asset_properties())

    (failure,) = stack.failures
    assert f"GetObject (s3://{BUCKET}/{_key(BASELINING)}) was refused: AccessDenied: no identity" in failure.reason
    assert aws.jobs == {}


def test_a_refusal_of_a_new_policy_is_waited_for() -> None:
    aws = ClosedBucket()
    aws.opens_at = aws.world.now + 45
    publish(aws)
    stack = Stack(aws)

    assert stack.create(asset_properties()), stack.failures

    assert len(aws.jobs) == 1
    assert aws.violations == []


@pytest.mark.parametrize("kind", ["throttle", "internal", "reset", "lost"])
def test_accidents_while_an_asset_is_read_change_nothing(aws: SimulatedAws, stack: Stack, kind: str) -> None:
    publish(aws)
    aws.faults.append(Fault(kind, "GetObject", count=4))

    assert stack.create(asset_properties()), stack.failures

    assert len(aws.jobs) == 1
    assert aws.violations == []


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"{", "is no JSON"),
        (b"\xff", "is no JSON"),
        (b"[]", "is not the analysis config of these properties"),
        (b"{}", "is not the analysis config of these properties: KeyError"),
        (b'{"headers": ["x"]}', "is not the analysis config of these properties: IndexError"),
        (b'{"headers": ["x", "taken"]}', "place /headers/1 is taken"),
    ],
)
def test_a_file_that_is_another_fails_the_deployment(
    aws: SimulatedAws, stack: Stack, content: bytes, message: str
) -> None:
    publish(aws)
    aws.objects[BUCKET, _key(BASELINING)] = content

    assert not stack.create(asset_properties())

    (failure,) = stack.failures
    assert message in failure.reason
    assert f"s3://{BUCKET}/{_key(BASELINING)}" in failure.reason
    assert aws.jobs == {}


def test_another_key_or_token_makes_another_baseline() -> None:
    base_names = {_fingerprint(**changes).job_base_name for changes in ({}, {"baselining": {"x": 1}}, {"header": "y"})}
    configs = {_fingerprint(**changes).monitoring_uri for changes in ({}, {"monitoring": {"x": 1}})}

    assert len(base_names) == 3
    assert len(configs) == 2


def test_another_bucket_makes_the_same_baseline() -> None:
    bootstrapped_anew = json.loads(json.dumps(asset_properties()).replace("hnb659fds", "other"))

    assert identify(Properties.parse(bootstrapped_anew)) == _fingerprint()


@pytest.mark.parametrize(
    "change",
    [
        {"Bucket": "no bucket", "Key": "x.json"},
        {"Bucket": BUCKET, "Key": "../x.json"},
        {"Bucket": BUCKET},
        "s3://bucket/x.json",
    ],
)
def test_a_malformed_asset_is_refused(change: Any) -> None:
    doc = document()
    del doc["Monitoring"]["AnalysisConfig"]
    doc["Monitoring"]["AnalysisConfigAsset"] = change

    with pytest.raises(ValueError, match=r"AnalysisConfigAsset must|malformed"):
        Properties.parse(properties(doc))


def test_a_config_can_move_to_an_asset_and_back(aws: SimulatedAws, stack: Stack) -> None:
    publish(aws)
    assert stack.create(properties())
    inline = stack.data

    assert stack.update(asset_properties())
    assert stack.update(properties())

    assert stack.data == inline
    assert len(aws.jobs) == 2
    assert aws.violations == []
