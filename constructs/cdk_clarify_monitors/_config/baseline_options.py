"""What a user can decide about the baselining job, beyond what it computes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from .._lazy_module import LazyModule
from .._validation import InvalidType, InvalidValue, Validated, boolean, is_token, text, validated_by
from .._validation.sagemaker import INSTANCE_COUNT, INSTANCE_TYPE, MAX_RUNTIME_OF_JOB_IN_SECONDS, VOLUME_SIZE_IN_GB

if TYPE_CHECKING:
    import aws_cdk as cdk
else:
    cdk = LazyModule("aws_cdk")

_SHORTEST_TIMEOUT = 60
_LONGEST_TIMEOUT = 12 * 60 * 60
# A custom resource has one hour; what is left is for the framework to report a time-out before CloudFormation does.
_LONGEST_WAIT = 55 * 60


def _timeout(name: str, value: Any) -> Any:
    if not isinstance(value, cdk.Duration):
        raise InvalidType(name, "be a Duration", value, f"write {name}=cdk.Duration.minutes(30)")
    seconds = value.to_seconds(integral=False)
    if is_token(seconds):
        raise InvalidValue(name, "be known at synthesis", value, f"write {name}=cdk.Duration.minutes(30)")
    if not _SHORTEST_TIMEOUT <= seconds <= _LONGEST_TIMEOUT:
        raise InvalidValue(
            name, "be between 1 minute and 12 hours", f"{seconds:g} seconds", "for longer jobs use wait=False"
        )
    return value


@dataclass(frozen=True, kw_only=True)
class BaselineOptions(Validated):
    """How the baselining job runs, and what happens to its results.

    Args:
        version: Any text. If it changes, the deployment computes the baseline again although the other inputs look the
            same, such as for new data under the same URI. Default: none.
        timeout: How long the deployment waits for the job, including the wait for a free instance: 1 minute to 12
            hours. CloudFormation gives a custom resource [one
            hour](https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudformation-customresource.html):
            a longer wait is a chain of custom resources of 55 minutes each. Default: 55 minutes.
        wait: Whether the deployment waits for the job. If not, it continues as soon as the job has started. Executions
            find no constraints until the job has written them, and nothing in the stack shows whether the job fails.
            Default: True.
        instance_count: Instances of the baselining job. Default: the monitor's `instance_count`.
        instance_type: Instance type of the baselining job. Default: the monitor's `instance_type`.
        volume_size_in_gb: Storage of each instance in GB. Default: the monitor's `volume_size_in_gb`.
        max_runtime_in_seconds: SageMaker stops the baselining job after this many seconds, 1 to 777600 (nine days;
            an execution has one day). Default: the monitor's `max_runtime_in_seconds`.
        dataset_identity: Whether the ETags of the data set's objects are inputs of the baseline, so that the next
            update of the monitor computes a new baseline for new data under the same URI. CloudFormation updates the
            monitor only if the template has changed. Default: False.
        remove_outputs: Whether the results are deleted together with the baseline. Default: False: they are kept.

    Raises:
        ValueError: A value is out of its range.
        TypeError: A value is of another type.
    """

    version: str | None = field(default=None, metadata=validated_by(text(max_length=256)))
    timeout: cdk.Duration | None = field(default=None, metadata=validated_by(_timeout))
    wait: bool = field(default=True, metadata=validated_by(boolean))
    instance_count: int | None = field(default=None, metadata=validated_by(INSTANCE_COUNT))
    instance_type: str | None = field(default=None, metadata=validated_by(INSTANCE_TYPE))
    volume_size_in_gb: int | None = field(default=None, metadata=validated_by(VOLUME_SIZE_IN_GB))
    max_runtime_in_seconds: int | None = field(default=None, metadata=validated_by(MAX_RUNTIME_OF_JOB_IN_SECONDS))
    dataset_identity: bool = field(default=False, metadata=validated_by(boolean))
    remove_outputs: bool = field(default=False, metadata=validated_by(boolean))


def wait_durations(options: BaselineOptions) -> list[int]:
    """How long each custom resource of the chain waits for the job, in seconds."""
    seconds = int(options.timeout.to_seconds()) if options.timeout else _LONGEST_WAIT
    full, rest = divmod(seconds, _LONGEST_WAIT)
    return [_LONGEST_WAIT] * full + ([rest] if rest else [])
