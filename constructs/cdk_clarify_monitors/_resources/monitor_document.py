"""What Python has decided of a monitor, in the form that `monitor-resources.js` takes: its `MonitorDocument`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .._config.baseline_options import BaselineOptions
from .._permissions.functions_policy import HandlerAccess, handler_policy, removal_policy
from .._permissions.job_policy import PRINCIPAL, JobAccess, asked, own_policy, shared_policies, trust_conditions
from .._spec.api_requests import JobContext
from .._spec.baseline_document import baseline_documents
from .._spec.custom_resource_document import Tokens, detach, split_text, summary
from .._validation import is_token
from .config_assets import add_config_assets, move_out
from .deployment_warnings import deployment_warnings

# What jobs call from a VPC: for data, the image, and what they report; and for a model, as in
# https://docs.aws.amazon.com/sagemaker/latest/dg/clarify-vpc.html.
_SERVICES = ("s3", "ecr.api", "ecr.dkr", "logs", "monitoring")
_SERVICES_TO_ASK = ("sagemaker.api", "sagemaker.runtime")

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .._permissions.keys import EncryptionKey
    from .._spec.monitor_spec import MonitorSpec
    from .stack import MonitoredStack


def monitor_document(spec: MonitorSpec, stack: MonitoredStack, data_keys: Sequence[EncryptionKey]) -> dict[str, Any]:
    """The document of a monitor.

    Args:
        spec: What it is to be.
        stack: Its stack.
        data_keys: The keys that encrypt what is read and written.
    """
    environment, settings = stack.environment, spec.settings
    context = JobContext.of(environment, settings)
    predicting = [*dict.fromkeys(filter(lambda each: each[1], map(asked, spec.analysis.predictors)))]
    access = JobAccess.of(spec, data_keys, stack.arns_of(predicting))
    shared = shared_policies(environment, access)
    document = {
        "type": spec.kind.monitoring_type,
        "arnType": spec.kind.arn_type,
        "name": spec.names.unique,
        "usesBucket": spec.s3_layout.uses_bucket and settings.bucket is None,
        "definition": spec.definition(context),
        "schedule": spec.schedule(),
        "configUri": spec.analysis.monitoring_uri,
        "constraintsUri": settings.constraints_s3_uri,
        "jobs": {
            "principal": PRINCIPAL,
            "trust": trust_conditions(environment),
            "own": stack.statements.of(own_policy(environment, access)),
            "shared": {name: stack.statements.of(statements) for name, statements in shared.items()},
            # They refer to something that may depend on the role's own policy.
            "separatePolicy": is_token(settings.constraints_s3_uri),
        },
        "baseline": _baseline(spec, stack, context, data_keys),
        "serving": {
            "endpoint": spec.monitored.endpoint_name,
            "asked": predicting,
            "reads": spec.kind.reads,
            "isCaptureKnown": settings.captured_s3_uri is not None,
            "capturedTo": settings.data_capture.s3_uri if settings.data_capture else None,
        },
        "network": _network(spec),
        "warnings": [*deployment_warnings(spec, environment, access)],
    }
    return {**document, "statements": stack.statements.unsent}


def _network(spec: MonitorSpec) -> dict[str, Any] | None:
    """What is to be known of the jobs' VPC; None: they are in none."""
    network = spec.settings.network_config
    if network is None or network.subnets is None:
        return None
    services = [*_SERVICES, *(_SERVICES_TO_ASK if spec.analysis.predictors else ())]
    return {"isDistributed": spec.settings.is_distributed, "services": services}


def _baseline(
    spec: MonitorSpec, stack: MonitoredStack, context: JobContext, keys: Sequence[EncryptionKey]
) -> dict[str, Any] | None:
    """The custom resources; None if there is nothing for them to do."""
    environment, options = stack.environment, spec.settings.baseline or BaselineOptions()
    documents = baseline_documents(spec, options, context)
    if not documents:
        return None
    stack.prepare_functions()
    access = HandlerAccess.of(spec, options, keys)
    # One for all links: they have the same configs.
    assets = add_config_assets(stack.stack, documents[0])
    links = []
    for document in documents:
        tokens: Tokens = {}
        literal = detach(document, None, tokens)
        move_out(literal, tokens, assets)
        links.append({"text": split_text(literal, "Schedule"), "tokens": tokens})
    return {
        "runsJob": spec.baselined is not None,
        "links": links,
        "scheduleInputs": summary(spec.schedule_inputs(context), tokens),
        "handler": stack.statements.of(handler_policy(environment, access, [asset.location for asset in assets])),
        "removal": stack.statements.of(removal_policy(environment, access)),
    }
