"""What the deployment of a monitor may fail of, and what only others can allow.

Each warning is as `monitor-resources.js` takes it: an id, a message, and a statement that the message ends in.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from .._config.constraints import Constraints
from .._config.dataset_types import CSV, JSON_LINES, WITH_COLUMNS
from .._config.schedule_expression import runs_once, uncovered
from .._permissions.job_policy import DATA_KEY_ACTIONS, READ_KEY_ACTIONS, VOLUME_KEY_ACTIONS, allow_to_ask, asked
from .._spec.analysis.constraint_overrides import given_limits_without_effect
from .._spec.clarify_image import REGIONS_WITHOUT_RESOURCE_TYPES
from .._spec.local_storage import has_local_storage, local_storage_in_gb
from .._validation import is_token

if TYPE_CHECKING:
    from aws_cdk import aws_s3 as s3

    from .._permissions.job_policy import JobAccess
    from .._permissions.keys import EncryptionKey
    from .._spec.monitor_spec import MonitorSpec
    from .._spec.stack_environment import StackEnvironment

_TIME_FOLDERS = re.compile(r"/(?:19|20)\d\d/\d\d/\d\d(?:/\d\d)?/?$")
_DATA_FILE = re.compile(r"[^/]/[^/]+\.(?:csv|jsonl?|parquet)$", re.IGNORECASE)

# Of what a message lists.
_SHOWN = 3

DeploymentWarning = dict[str, Any]


def deployment_warnings(
    spec: MonitorSpec, environment: StackEnvironment, access: JobAccess
) -> Iterator[DeploymentWarning]:
    """The warnings of a monitor.

    Args:
        spec: What it is to be.
        environment: Its stack's environment.
        access: What its jobs touch.
    """
    settings = spec.settings
    for note in spec.analysis.notes:
        yield {"id": note.id, "message": note.message, **({} if note.is_warning else {"isInfo": True})}
    if environment.region in REGIONS_WITHOUT_RESOURCE_TYPES:
        message = (
            f"CloudFormation's published schemas have no {spec.kind.monitoring_type}JobDefinition in "
            f"{environment.region}: the deployment fails there unless AWS has added it since"
        )
        yield {"id": "region", "message": message}
    if access.predictors and settings.network_config and settings.network_config.enable_network_isolation:
        # No error: the same jobs may work with another version of the container. Source:
        # https://docs.aws.amazon.com/sagemaker/latest/dg/clarify-vpc.html#clarify-vpc-model
        message = (
            "the jobs run in network isolation ('enable_network_isolation' of 'network_config'), where Clarify can "
            "call neither a model nor an endpoint: turn it off and give the jobs a VPC, or give the predictions "
            "('predicted_label' or 'predicted_label_dataset_uri' of 'data_config') in place of 'model_config'"
        )
        yield {"id": "network-isolation", "message": message}
    elif settings.is_distributed and settings.network_config and settings.network_config.enable_network_isolation:
        # No error: AWS says of training jobs that isolated instances of one job are connected; of these jobs, nothing.
        message = (
            "the jobs run in network isolation ('enable_network_isolation' of 'network_config') on several instances, "
            "which Spark has to connect: turn it off, or take one instance"
        )
        yield {"id": "network-isolation", "message": message}
    yield from _volumes_beside_local_storage(spec)
    yield from _unjoined_records(spec)
    yield from _fewer_endpoint_instances(spec)
    yield from _features_not_found(spec)
    yield from _named_columns_of_csv(spec)
    yield from _data_left_out(spec)
    yield from _limits_without_effect(spec)
    yield from _folders_of_times(spec)
    yield from _unknown_names(environment, access)
    yield from _foreign_keys(environment, access.data_keys, DATA_KEY_ACTIONS)
    yield from _foreign_keys(environment, access.read_keys, READ_KEY_ACTIONS)
    yield from _foreign_keys(environment, access.volume_keys, VOLUME_KEY_ACTIONS)
    written = ["s3:DeleteObject", "s3:GetObject", "s3:ListBucket", "s3:PutObject"]
    if settings.bucket:
        yield from _foreign_bucket(environment, settings.bucket, "given 'bucket'", written)
    if settings.data_capture:
        read = ["s3:GetObject", "s3:ListBucket"]
        yield from _foreign_bucket(environment, settings.data_capture.bucket, "bucket of 'data_capture'", read)


def _volumes_beside_local_storage(spec: MonitorSpec) -> Iterator[DeploymentWarning]:
    """Volumes that SageMaker refuses for instance types with disks of their own.

    No error: accounts that demand a key of every request get one that is refused, and types may change.
    """
    settings, options = spec.settings, spec.settings.baseline if spec.baselined else None
    clusters = {("instance_type", "volume_size_in_gb"): (settings.instance_type, settings.volume_size_in_gb)}
    if options and (options.instance_type or options.volume_size_in_gb):
        cluster = (
            options.instance_type or settings.instance_type,
            options.volume_size_in_gb or settings.volume_size_in_gb,
        )
        clusters[("baseline.instance_type", "baseline.volume_size_in_gb")] = cluster
    for (type_argument, size_argument), (instance_type, size) in clusters.items():
        if is_token(instance_type) or not has_local_storage(instance_type):
            continue
        about = f"{type_argument!r} {instance_type!r} has local storage, which its hardware encrypts"
        if settings.volume_kms_key:
            message = f"{about}: SageMaker refuses 'volume_kms_key' with it; leave the key out, or choose another type"
            yield {"id": "local-storage", "message": message}
        local = local_storage_in_gb(instance_type)
        if local is not None and not is_token(size) and size > local:
            message = (
                f"{type_argument!r} {instance_type!r} has {local} GB of local storage in place of a volume: SageMaker "
                f"refuses {size_argument!r} {size}; give at most {local}, or choose another type"
            )
            yield {"id": "local-storage", "message": message}


def _unjoined_records(spec: MonitorSpec) -> Iterator[DeploymentWarning]:
    """Jobs that have to tell which records belong together, without a column that says so.

    No error: it depends on the files. Source: `joinsource_name_or_index` in the
    [analysis config](https://docs.aws.amazon.com/sagemaker/latest/dg/clarify-processing-job-configure-analysis.html).
    """
    data_config = spec.baselined
    if data_config is None or data_config.joinsource is not None or data_config.dataset_type not in WITH_COLUMNS:
        return
    count = spec.settings.baselining_instance_count
    reasons = [
        *([f"the baselining job runs on {count} instances"] if not is_token(count) and count > 1 else []),
        *(
            f"'{name}' is a data set of its own"
            for name in ("facet_dataset_uri", "predicted_label_dataset_uri")
            if getattr(data_config, name) is not None
        ),
    ]
    if reasons:
        message = (
            f"Clarify joins records by the column 'joinsource' of 'data_config', which is not given, though "
            f"{' and '.join(reasons)}: give it, unless each data set is one file with the records in the same order"
        )
        yield {"id": "joinsource", "message": message}


def _fewer_endpoint_instances(spec: MonitorSpec) -> Iterator[DeploymentWarning]:
    """Jobs on more instances than the endpoint that they make of the model and ask all at once.

    An information: it depends on the model. Source:
    [parallel jobs](https://docs.aws.amazon.com/sagemaker/latest/dg/clarify-processing-job-run.html).
    """
    settings = spec.settings
    counts = {"baselining job": settings.baselining_instance_count, "executions": settings.instance_count}
    configs = {"baselining job": spec.analysis.baselining, "executions": spec.analysis.monitoring}
    for jobs, count in counts.items():
        asked = ((configs[jobs] or {}).get("predictor") or {}).get("initial_instance_count")
        if asked is None or is_token(asked) or is_token(count) or count <= asked:
            continue
        message = (
            f"the {jobs} on {count} instances will ask an endpoint of {asked}: AWS recommends as many for the endpoint "
            f"('instance_count' of 'model_config')"
        )
        yield {"id": "endpoint-instances", "message": message, "isInfo": True}


def _features_not_found(spec: MonitorSpec) -> Iterator[DeploymentWarning]:
    """Jobs over JSON Lines that are not told where the features are.

    No error: AWS's schema and the SDK ask for none, and an endpoint may take another format than the data set's.
    Source: `FeaturesAttribute` in the
    [parameters](https://docs.aws.amazon.com/sagemaker/latest/dg/clarify-config-json-monitor-bias-parameters.html).
    """
    data_config, asked = spec.baselined, _predictor(spec).get("content_type")
    is_jsonlines = data_config is not None and data_config.dataset_type == JSON_LINES
    ((_, monitored), *_) = spec.monitored.request.items()
    if (is_jsonlines or asked == JSON_LINES) and not monitored.get("FeaturesAttribute"):
        message = (
            "executions over JSON Lines need to know where the features are: give 'features' of 'data_config', or "
            "'features_attribute' of the input, unless the endpoint takes another format"
        )
        yield {"id": "features", "message": message}
    elif is_jsonlines and data_config and data_config.features is None:
        message = (
            "the baselining job needs to know where JSON Lines have the features: give 'features' of 'data_config', as "
            f"'features_attribute' {monitored['FeaturesAttribute']!r} is for the executions only"
        )
        yield {"id": "features", "message": message}


def _named_columns_of_csv(spec: MonitorSpec) -> Iterator[DeploymentWarning]:
    """Attributes of the input that name a column of a model's answers in CSV, which have indices only.

    No error: the monitored endpoint may answer otherwise than the model of the baselining job.
    """
    predictor = _predictor(spec)
    if (predictor.get("accept_type") or predictor.get("content_type")) != CSV:
        return
    ((_, monitored), *_) = spec.monitored.request.items()
    for argument, key in (
        ("inference_attribute", "InferenceAttribute"),
        ("probability_attribute", "ProbabilityAttribute"),
    ):
        place = monitored.get(key)
        if place and not is_token(place) and not place.isdecimal():
            message = (
                f"{argument!r} {place!r} finds nothing in answers in CSV, which 'model_config' says the model gives: "
                "their columns have no names; write an index such as '0', unless the endpoint answers otherwise"
            )
            yield {"id": "prediction-place", "message": message}


def _predictor(spec: MonitorSpec) -> Mapping[str, Any]:
    predictor: Mapping[str, Any] = (spec.analysis.baselining or spec.analysis.monitoring or {}).get("predictor") or {}
    return predictor


def _data_left_out(spec: MonitorSpec) -> Iterator[DeploymentWarning]:
    """Offsets by which data of some time are in no execution.

    No error: a sample may be meant. AWS does not say what an execution has if only one of the offsets is given.
    """
    settings = spec.settings
    if runs_once(settings.schedule_cron_expression):
        return
    ((_, monitored), *_) = spec.monitored.request.items()
    start, end = settings.data_analysis_start_time, settings.data_analysis_end_time
    if settings.schedule_cron_expression is None and (start or end):
        message = (
            "'data_analysis_start_time' and 'data_analysis_end_time' have no effect without "
            "'schedule_cron_expression', beside which SageMaker takes them: give it, or leave them out"
        )
        yield {"id": "offsets", "message": message}
        start = end = None
    windows = {
        "'start_time_offset' and 'end_time_offset'": (monitored.get("StartTimeOffset"), monitored.get("EndTimeOffset")),
        "'data_analysis_start_time' and 'data_analysis_end_time'": (start, end),
    }
    for arguments, (start, end) in windows.items():
        if found := uncovered(settings.schedule_cron_expression, start, end):
            message = (
                f"by {arguments}, {start!r} and {end!r}, an execution has {found}: records are left out unless the two "
                "are as far apart as two executions"
            )
            yield {"id": "offsets", "message": message}


def _limits_without_effect(spec: MonitorSpec) -> Iterator[DeploymentWarning]:
    """Limits of a given constraints file that cannot be violated. No error: SageMaker takes the file."""
    constraints = spec.settings.constraints
    if isinstance(constraints, Constraints) and (found := given_limits_without_effect(constraints.body_dict)):
        shown = ", ".join(found[:_SHOWN]) + (f", and {len(found) - _SHOWN} more" if len(found) > _SHOWN else "")
        yield {"id": "limits", "message": f"'constraints' has limits that are never violated: {shown}"}


def _folders_of_times(spec: MonitorSpec) -> Iterator[DeploymentWarning]:
    """Prefixes that end in the folder of a day or an hour, which SageMaker appends itself, or in a file.

    No error: a prefix may well be called so.
    """
    places = {
        "data_capture_s3_uri": spec.settings.data_capture_s3_uri,
        "data_captured_destination_s3_uri": spec.monitored.captured,
        "ground_truth_input": spec.monitored.ground_truth,
    }
    for argument, uri in places.items():
        if uri is None or is_token(uri):
            continue
        if match := _TIME_FOLDERS.search(uri):
            remedy = f"write {uri[: match.start()]!r}"
        elif _DATA_FILE.search(uri):
            remedy = f"write {uri.rpartition('/')[0]!r}"
        else:
            continue
        message = (
            f"{argument!r} {uri!r} is read as a prefix of folders like 2026/03/02/09, one for each hour: {remedy}, "
            "unless such folders lie below it"
        )
        yield {"id": "hours", "message": message}


def _unknown_names(environment: StackEnvironment, access: JobAccess) -> Iterator[DeploymentWarning]:
    """What the role needs to ask something of an unknown name, which CloudFormation cannot write in lower case."""
    for kind, name in dict.fromkeys(map(asked, access.predictors)):
        if is_token(name) and name not in access.arns:
            message = (
                f"the name of the {kind.lower()} that the jobs ask is known at deployment only. In the ARN, SageMaker "
                "writes it in lower case, and IAM compares with case: if the name has capitals, add this statement to "
                "the role, with the name in lower case"
            )
            arn = environment.arn("sagemaker", f"{kind.lower()}/<name in lower case>")
            yield {"id": f"{kind.lower()}-name", "message": message, "statement": allow_to_ask(kind, [arn])}


def _foreign_keys(
    environment: StackEnvironment, keys: Sequence[EncryptionKey], actions: Sequence[str]
) -> Iterator[DeploymentWarning]:
    """What the policies of other accounts' keys need: there a role's own policy is not enough."""
    for key in keys:
        if not is_token(key.arn) and environment.is_foreign(key.arn.split(":")[4]):
            yield {
                "id": "key",
                "message": f"the key {key.arn} belongs to another account: add this statement to its policy by hand",
                "statement": _for_account(environment, actions, "*"),
            }


def _foreign_bucket(
    environment: StackEnvironment, bucket: s3.IBucket, what: str, actions: Sequence[str]
) -> Iterator[DeploymentWarning]:
    """What the policy of another account's bucket needs. Source: [granting cross-account bucket permissions][1].

    [1]: https://docs.aws.amazon.com/AmazonS3/latest/userguide/example-walkthroughs-managing-access-example2.html
    """
    if environment.is_foreign(bucket.env.account):
        arn = bucket.bucket_arn
        yield {
            "id": "bucket",
            "message": f"the {what} belongs to another account: add this statement to its policy by hand",
            "statement": _for_account(environment, actions, [arn, f"{arn}/*"]),
        }


def _for_account(environment: StackEnvironment, actions: Sequence[str], resource: str | list[str]) -> dict[str, Any]:
    root = f"arn:{environment.partition}:iam::{environment.account}:root"
    return {"Effect": "Allow", "Principal": {"AWS": root}, "Action": [*actions], "Resource": resource}
