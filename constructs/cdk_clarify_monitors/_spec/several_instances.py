"""What several instances of one job, which Clarify then runs on Spark, do not go together with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._validation import InvalidValue, is_token

if TYPE_CHECKING:
    from .._config.analysis.data_config import DataConfig
    from .._config.monitor_settings import MonitorSettings
    from .monitoring_target import MonitoringTarget

_JOINED = ("facet_dataset_uri", "predicted_label_dataset_uri")


def check_several_instances(
    settings: MonitorSettings, baselined: DataConfig | None, monitored: MonitoringTarget
) -> None:
    """Refuse what several instances of one job cannot work with.

    Args:
        settings: What both kinds of monitor are told.
        baselined: What the baselining job reads; None: there is no baselining job.
        monitored: What the executions watch.

    Raises:
        ValueError: Data sets could not be joined, or each instance would get a part of the files only.
    """
    # https://docs.aws.amazon.com/sagemaker/latest/dg/clarify-processing-job-configure-analysis.html
    others = [name for name in _JOINED if getattr(baselined, name, None) is not None]
    if baselined and others and baselined.joinsource is None and _are_several(settings.baselining_instance_count):
        count = settings.baselining_instance_count
        must = f"be given for {count} instances of the baselining job with {' and '.join(map(repr, others))}"
        remedy = "name the column by which both data sets tell their records apart, or take one instance"
        raise InvalidValue("data_config.joinsource", must, None, remedy)
    ((_, monitor_input), *_others) = monitored.request.items()
    distribution = monitor_input["S3DataDistributionType"]
    if _are_several(settings.instance_count) and distribution == "ShardedByS3Key":
        # https://docs.aws.amazon.com/sagemaker/latest/dg/clarify-processing-job-configure-parameters.html
        argument = "endpoint_input" if monitored.endpoint_name else "batch_transform_input"
        must = f"be 'FullyReplicated' for {settings.instance_count} instances of an execution"
        remedy = "Clarify needs all files on each of them and distributes the records itself"
        raise InvalidValue(f"{argument}.s3_data_distribution_type", must, distribution, remedy)


def _are_several(count: int) -> bool:
    return not is_token(count) and count > 1
