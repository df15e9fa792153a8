"""What the custom resource is told: the document that `clarify_baseline/properties.py` of the Lambda function reads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .._config.baseline_options import BaselineOptions, wait_durations
from . import api_requests

if TYPE_CHECKING:
    from .api_requests import JobContext
    from .monitor_spec import MonitorSpec

_VERSION = 1
_AT_TIMEOUT = "AtTimeout"
_WHEN_STARTED = "WhenStarted"
_WHEN_STARTED_OR_AT_TIMEOUT = "WhenStartedOrAtTimeout"


def baseline_documents(spec: MonitorSpec, options: BaselineOptions, context: JobContext) -> list[dict[str, Any]]:
    """The documents of a chain of custom resources; none if there is nothing for them to do.

    All are for the same job. When its time is up, one resource hands over to the next.

    Args:
        spec: The monitor.
        options: How the baselining job runs.
        context: What all requests of the monitor have in common.
    """
    document = _document(spec, options, context)
    if "Baselining" not in document:
        return [document] if "Monitoring" in document else []
    chain, times = [], wait_durations(options)
    for number, seconds in enumerate(times, 1):
        is_first, is_last = number == 1, number == len(times)
        baselining = {**document["Baselining"], "TimeoutSeconds": seconds}
        if options.remove_outputs:
            # Later links go when a shorter time is enough; what they point at is the first one's, too. They say so all
            # the same: a link that CloudFormation does not update would go on pointing at a job that has been retried.
            baselining["RemoveOutputs"] = is_first
        if not is_first:
            baselining["Link"] = number
        if is_last and spec.analysis.constraints_overrides:
            # It is the one that tells the job definition where the constraints are.
            baselining["ConstraintsOverrides"] = spec.analysis.constraints_overrides
        if not is_last:
            baselining["HandOver"] = _AT_TIMEOUT if options.wait else _WHEN_STARTED_OR_AT_TIMEOUT
        elif not options.wait:
            baselining["HandOver"] = _WHEN_STARTED
        chain.append({**document, "Baselining": baselining})
    return chain


def _document(spec: MonitorSpec, options: BaselineOptions, context: JobContext) -> dict[str, Any]:
    names, s3_layout, analysis = spec.names, spec.s3_layout, spec.analysis
    document: dict[str, Any] = {"Version": _VERSION, "Name": names.unique}
    if names.job_prefix != names.unique:
        document["NamePrefix"] = names.job_prefix
    if s3_layout.monitoring_configs:
        document["Monitoring"] = {
            "Location": s3_layout.monitoring_configs.location.uri,
            "AnalysisConfig": analysis.monitoring,
        }
    if spec.baselined and s3_layout.baselining_configs and s3_layout.baselining_results:
        results = s3_layout.baselining_results.location.uri
        baselining = document["Baselining"] = {
            "AnalysisConfig": analysis.baselining,
            "ProcessingJob": api_requests.processing_job(context, spec.settings, options, spec.baselined, results),
        }
        if s3_layout.baselining_configs != s3_layout.baselining_results:
            baselining["ConfigLocation"] = s3_layout.baselining_configs.location.uri
        if options.version:
            baselining["BaselineVersion"] = options.version
        if options.dataset_identity:
            baselining["DatasetIdentity"] = True
    if context.output_kms_key_arn:
        document["UploadKmsKeyId"] = context.output_kms_key_arn
    return document
