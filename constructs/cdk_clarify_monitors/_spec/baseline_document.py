"""What the custom resource is told: the document that `clarify_baseline/properties.py` of the Lambda function reads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .._config.baseline_options import BaselineOptions, wait_durations
from . import api_requests as _requests

if TYPE_CHECKING:
    from .api_requests import JobIdentity
    from .monitor_spec import Plan

_VERSION = 1
_AT_TIMEOUT = "AtTimeout"
_WHEN_STARTED = "WhenStarted"
_WHEN_STARTED_OR_AT_TIMEOUT = "WhenStartedOrAtTimeout"


def baseline_documents(plan: Plan, options: BaselineOptions, identity: JobIdentity) -> list[dict[str, Any]]:
    """The documents of a chain of custom resources; none if there is nothing for them to do.

    All are for the same job. When its time is up, one resource hands over to the next.

    Args:
        plan: The monitor.
        options: How the baselining job runs.
        identity: What all requests of the monitor have in common.
    """
    document = _document(plan, options, identity)
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
        if is_last and plan.analysis.constraints_overrides:
            # It is the one that tells the job definition where the constraints are.
            baselining["ConstraintsOverrides"] = plan.analysis.constraints_overrides
        if not is_last:
            baselining["HandOver"] = _AT_TIMEOUT if options.wait else _WHEN_STARTED_OR_AT_TIMEOUT
        elif not options.wait:
            baselining["HandOver"] = _WHEN_STARTED
        chain.append({**document, "Baselining": baselining})
    return chain


def _document(plan: Plan, options: BaselineOptions, identity: JobIdentity) -> dict[str, Any]:
    names, places, analysis = plan.names, plan.places, plan.analysis
    document: dict[str, Any] = {"Version": _VERSION, "Name": names.unique}
    if names.job_prefix != names.unique:
        document["NamePrefix"] = names.job_prefix
    if places.monitoring_configs:
        document["Monitoring"] = {
            "Location": places.monitoring_configs.location.uri,
            "AnalysisConfig": analysis.monitoring,
        }
    if plan.baselined and places.baselining_configs and places.baselining_results:
        results = places.baselining_results.location.uri
        baselining = document["Baselining"] = {
            "AnalysisConfig": analysis.baselining,
            "ProcessingJob": _requests.processing_job(identity, plan.settings, options, plan.baselined, results),
        }
        if places.baselining_configs != places.baselining_results:
            baselining["ConfigLocation"] = places.baselining_configs.location.uri
        if options.version:
            baselining["BaselineVersion"] = options.version
        if options.dataset_identity:
            baselining["DatasetIdentity"] = True
    if identity.output_kms_key_arn:
        document["UploadKmsKeyId"] = identity.output_kms_key_arn
    return document
