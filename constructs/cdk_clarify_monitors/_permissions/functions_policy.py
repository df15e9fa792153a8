"""What the custom resource's functions may do for one monitor.

Statements that are the same for all monitors of a stack are written the same, so that CDK keeps one of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from .._spec.s3_location import S3Location, starting_with
from .._spec.stack_environment import StackEnvironment
from .keys import OBJECT_ACTIONS, EncryptionKey, key_statements
from .statements import Statement, allow, list_bucket_statements, object_arns, sagemaker_arns

if TYPE_CHECKING:
    from .._config.baseline_options import BaselineOptions
    from .._spec.monitor_spec import MonitorSpec


@dataclass(frozen=True, kw_only=True)
class HandlerAccess:
    """What the functions touch for one monitor. Keys of S3 locations are patterns.

    Args:
        configs: The analysis configs.
        claims: The objects that tell which request is in charge.
        results: The baselining jobs' results.
        listed: What is looked for by listing the bucket.
        suggested: The constraints among the results that limits of the user's own are put into.
        overridden: The files that come of it.
        removes: Whether configs and results are deleted with the baseline.
        dataset: The data set, where its identity counts.
        job_pattern: The names of the baselining jobs; None: there is no job.
        schedule: The names of the monitoring schedules.
        keys: The keys that encrypt configs and claims.
    """

    configs: Sequence[S3Location]
    claims: Sequence[S3Location]
    results: Sequence[S3Location]
    listed: Sequence[S3Location]
    suggested: Sequence[S3Location]
    overridden: Sequence[S3Location]
    removes: bool
    dataset: S3Location | None
    job_pattern: str | None
    schedule: str
    keys: Sequence[EncryptionKey]

    @classmethod
    def of(cls, spec: MonitorSpec, options: BaselineOptions, keys: Sequence[EncryptionKey]) -> Self:
        """What the functions touch for a planned monitor."""
        names, s3_layout, data = spec.names, spec.s3_layout, spec.baselined
        overrides = spec.analysis.constraints_overrides
        return cls(
            configs=s3_layout.config_patterns,
            claims=s3_layout.claim_patterns,
            results=s3_layout.result_patterns,
            listed=s3_layout.listed_patterns,
            suggested=s3_layout.suggested_patterns if overrides else [],
            overridden=s3_layout.overridden_patterns if overrides else [],
            removes=options.remove_outputs,
            dataset=starting_with(data.s3_data_input_path) if data and options.dataset_identity else None,
            job_pattern=names.job_pattern if data else None,
            schedule=spec.settings.monitor_schedule_name or names.schedule_pattern,
            keys=keys,
        )


def handler_policy(
    environment: StackEnvironment, access: HandlerAccess, assets: Sequence[S3Location] = ()
) -> list[Statement]:
    """The statements that the functions need for one monitor.

    Args:
        environment: The monitor's stack.
        access: What the functions touch.
        assets: The analysis configs that are assets of the CDK.
    """
    statements = [
        allow("s3:PutObject", object_arns(environment, [*access.configs, *access.claims, *access.overridden])),
        # Whether a file is there is asked by listing its key: that needs no right to read it.
        *list_bucket_statements(environment, [*access.listed, *([access.dataset] if access.dataset else [])]),
        allow(
            "sagemaker:DescribeMonitoringSchedule", sagemaker_arns(environment, "monitoring-schedule", access.schedule)
        ),
    ]
    if access.job_pattern:
        statements += [
            allow("s3:GetObject", object_arns(environment, [*access.claims, *access.suggested])),
            *([] if access.removes else [allow("s3:DeleteObject", object_arns(environment, access.claims))]),
            allow(
                [
                    "sagemaker:AddTags",
                    "sagemaker:CreateProcessingJob",
                    "sagemaker:DescribeProcessingJob",
                    "sagemaker:StopProcessingJob",
                ],
                sagemaker_arns(environment, "processing-job", access.job_pattern),
            ),
        ]
    if assets:
        # A bucket of the CDK with a key has a key policy for whoever may read it.
        patterns = [asset.as_pattern() for asset in assets]
        statements.append(allow("s3:GetObject", object_arns(environment, patterns)))
    statements += key_statements(environment, access.keys, OBJECT_ACTIONS)
    return statements


def reading_policy(environment: StackEnvironment, spec: MonitorSpec) -> list[Statement]:
    """The statements to read values of the baseline, if the functions may not anyway."""
    if spec.analysis.constraints_overrides:
        return []
    return [allow("s3:GetObject", object_arns(environment, spec.s3_layout.suggested_patterns))]


def removal_policy(environment: StackEnvironment, access: HandlerAccess) -> list[Statement]:
    """The statements to delete what one monitor wrote, if that is wanted."""
    if not access.removes:
        return []
    return [allow("s3:DeleteObject", object_arns(environment, [*access.claims, *access.configs, *access.results]))]
