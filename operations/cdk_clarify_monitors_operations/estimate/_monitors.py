"""The monitors of a stack, as far as its template tells what they will use."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from cdk_clarify_monitors_operations._records import Record
from cdk_clarify_monitors_operations.estimate._assembly import AssembledStack
from cdk_clarify_monitors_operations.estimate._template import Unknown

_BASELINE: Final = "Custom::ClarifyBaseline"
#: SageMaker stops a processing job after a day, if nothing else is said.
_DAY: Final = 86_400
#: What SageMaker monitors with ground truth only.
_MERGING: Final = ("ModelBias", "ModelQuality")

Document = Mapping[str, Any]


@dataclass(frozen=True)
class Cluster(Record):
    """Instances of a job, or of the endpoint that it makes for its own time.

    Attributes:
        instance_type: Their type; None if it is known at deployment only.
        instance_count: How many; None likewise.
    """

    instance_type: str | None
    instance_count: int | None


@dataclass(frozen=True)
class Baselining(Record):
    """The job that a deployment runs where the baseline's inputs have changed.

    Attributes:
        cluster: Its instances.
        endpoint: Those of the endpoint that it makes of the model; None: it makes none.
        longest: The most seconds that it can run.
    """

    cluster: Cluster
    endpoint: Cluster | None
    longest: int


@dataclass(frozen=True)
class AssembledMonitor(Record):
    """A monitor.

    Attributes:
        monitoring_schedule_name: Its name, or what stands for it in the template.
        stack: Its stack.
        region: Its region; None if the app does not name one.
        monitoring_type: `ModelBias` or `ModelExplainability`, or another one of SageMaker's.
        expression: Its schedule; None for SageMaker's daily default.
        jobs: The jobs of an execution: two where captured data are merged with ground truth first.
        cluster: The instances of each job.
        endpoint: Those of the endpoint that an execution makes of the model; None: it makes none.
        max_runtime_in_seconds: When SageMaker stops each job; None: the schedule's limit.
        captured: What it reads: account and region, and the endpoint or where batch transforms capture.
        baselining: The baselining job; None: none runs.
        unknown: What the template does not tell.
    """

    monitoring_schedule_name: str
    stack: str
    region: str | None
    monitoring_type: str
    expression: str | None
    jobs: int
    cluster: Cluster
    endpoint: Cluster | None
    max_runtime_in_seconds: int | None
    captured: str
    baselining: Baselining | None
    unknown: tuple[str, ...]


def monitors_of(stack: AssembledStack) -> Iterator[AssembledMonitor]:
    """Yield the monitors of a stack: all monitoring schedules with a job definition in the same stack."""
    documents = _documents(stack)
    resolve = stack.template.resolve
    for logical_id, resource in stack.template.resources("AWS::SageMaker::MonitoringSchedule"):
        properties = resource["Properties"]
        config = properties.get("MonitoringScheduleConfig") or {}
        mentioned = stack.template.mentioned(config.get("MonitoringJobDefinitionName"))
        definition = next(filter(None, map(stack.template.resource, mentioned)), None)
        name = str(resolve(properties.get("MonitoringScheduleName") or f"${{{logical_id}}}"))
        found = (
            _without_definition(stack, name, config)
            if definition is None
            else _monitor(stack, name, config, definition["Properties"], documents)
        )
        if "Condition" in resource:
            found = replace(found, unknown=(f"the condition {resource['Condition']}: taken as true", *found.unknown))
        yield found


def _without_definition(stack: AssembledStack, name: str, config: Document) -> AssembledMonitor:
    kind = str(stack.template.resolve(config.get("MonitoringType") or "DataQuality"))
    why = "its job definition is not in the stack"
    return AssembledMonitor(
        name,
        stack.name,
        stack.region,
        kind,
        None,
        1,
        Cluster(None, None),
        None,
        None,
        name,
        None,
        (f"what it runs: {why}",),
    )


def _monitor(
    stack: AssembledStack, name: str, config: Document, definition: Document, documents: Mapping[str, Document]
) -> AssembledMonitor:
    resolve = stack.template.resolve
    kind = str(resolve(config.get("MonitoringType")))
    unknown: list[str] = []
    when = resolve(config.get("ScheduleConfig")) or {}
    expression = when if isinstance(when, Unknown) else when.get("ScheduleExpression")
    if isinstance(expression, Unknown):
        unknown.append(f"its schedule, {expression}: taken as daily")
        expression = None
    job_input = definition.get(f"{kind}JobInput") or {}
    read = job_input.get("EndpointInput") or job_input.get("BatchTransformInput") or {}
    document = next((documents[each] for each in stack.template.mentioned(definition) if each in documents), {})
    if not document and any(each in _custom_resources(stack) for each in stack.template.mentioned(definition)):
        unknown.append("its baselining job: another version of the library made the custom resource")
    endpoint = None
    if kind == "ModelExplainability":
        monitoring = document.get("Monitoring")
        if monitoring is None:
            unknown.append(
                "whether executions make an endpoint of the model: their analysis config is not in the assembly"
            )
        else:
            endpoint = _shadow_endpoint(stack, monitoring)
    cluster = _cluster(resolve((definition.get("JobResources") or {}).get("ClusterConfig") or {}))
    if None in (cluster.instance_type, cluster.instance_count):
        unknown.append("its instances")
    runtime = resolve((definition.get("StoppingCondition") or {}).get("MaxRuntimeInSeconds"))
    return AssembledMonitor(
        monitoring_schedule_name=name,
        stack=stack.name,
        region=stack.region,
        monitoring_type=kind,
        expression=expression,
        jobs=2 if "GroundTruthS3Input" in job_input or kind in _MERGING else 1,
        cluster=cluster,
        endpoint=endpoint,
        max_runtime_in_seconds=_number(runtime),
        captured=f"{stack.environment} {resolve(read.get('EndpointName') or read.get('DataCapturedDestinationS3Uri'))}",
        baselining=_baselining(stack, document),
        unknown=tuple(unknown),
    )


def _custom_resources(stack: AssembledStack) -> set[str]:
    return {logical_id for logical_id, _ in stack.template.resources(_BASELINE)}


def _documents(stack: AssembledStack) -> dict[str, Document]:
    """The documents of custom resources by logical id; of a chain of them, each has the times of all."""
    found: dict[str, dict[str, Any]] = {}
    times: defaultdict[str, int] = defaultdict(int)
    for logical_id, resource in stack.template.resources(_BASELINE):
        properties = stack.template.resolve(resource["Properties"])
        document = _document(properties.get("Baseline"))
        if document is None:
            continue
        for values in (properties.get("Tokens") or {}).values():
            for pointer, value in values.items():
                _put(document, pointer, value)
        found[logical_id] = document
        times[document["Name"]] += int((document.get("Baselining") or {}).get("TimeoutSeconds") or 0)
    return {logical_id: {**document, "TotalTimeout": times[document["Name"]]} for logical_id, document in found.items()}


def _document(text: Any) -> dict[str, Any] | None:
    """The document of a custom resource; None if it is not one of this version's."""
    try:
        document = json.loads(text)
    except (TypeError, ValueError):
        return None
    return document if isinstance(document, dict) and "Name" in document else None


def _put(document: Any, pointer: str, value: Any) -> None:
    """Put a value into the place that is left for it, a JSON pointer."""
    *folders, last = (step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:])
    place = document
    for step in folders:
        place = place[int(step)] if isinstance(place, list) else place.setdefault(step, {})
    place[int(last) if isinstance(place, list) else last] = value


def _baselining(stack: AssembledStack, document: Document) -> Baselining | None:
    baselining = document.get("Baselining")
    if baselining is None:
        return None
    job = baselining["ProcessingJob"]
    runtime = _number((job.get("StoppingCondition") or {}).get("MaxRuntimeInSeconds")) or _DAY
    waits = "WhenStarted" not in str(baselining.get("HandOver"))
    return Baselining(
        _cluster(job["ProcessingResources"]["ClusterConfig"]),
        _shadow_endpoint(stack, baselining),
        min(runtime, document["TotalTimeout"]) if waits else runtime,
    )


def _shadow_endpoint(stack: AssembledStack, part: Document) -> Cluster | None:
    predictor = _analysis_config(stack, part).get("predictor") or {}
    if "model_name" not in predictor:
        return None
    return _cluster(
        {
            "InstanceType": predictor.get("instance_type"),
            "InstanceCount": predictor.get("initial_instance_count"),
        }
    )


def _analysis_config(stack: AssembledStack, part: Document) -> Document:
    """The analysis config of a part of a document: in it, or in a file of the assembly."""
    config: Document | None = part.get("AnalysisConfig")
    if config is not None:
        return config
    key = str((part.get("AnalysisConfigAsset") or {}).get("Key"))
    document: Document = json.loads(stack.assets[key].read_text(encoding="utf-8"))
    return document


def _cluster(config: Document | Unknown) -> Cluster:
    if isinstance(config, Unknown):
        return Cluster(None, None)
    instance_type = config.get("InstanceType")
    return Cluster(
        None if instance_type is None or isinstance(instance_type, Unknown) else str(instance_type),
        _number(config.get("InstanceCount")),
    )


def _number(value: Any) -> int | None:
    """A number, which a parameter has as a text; None if it is not known."""
    try:
        return None if value is None else int(value)
    except ValueError:  # an unknown value, or none that CloudFormation takes
        return None
