"""Carries out an update: everything is checked and planned first; what is interrupted is taken up by the same call."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from cdk_clarify_monitors_operations._aws import Aws
from cdk_clarify_monitors_operations._errors import (
    ClarifyOperationsError,
    InvalidChange,
    NotFound,
    ScheduleFailed,
    ServiceError,
)
from cdk_clarify_monitors_operations._records import Record
from cdk_clarify_monitors_operations.data._files import Constraints, read_json, write_json
from cdk_clarify_monitors_operations.definitions._definition_changes import (
    Changes,
    changed_definition,
    changed_schedule_config,
    config_place,
    definition_name,
    document_of,
)
from cdk_clarify_monitors_operations.definitions._inputs import Removal
from cdk_clarify_monitors_operations.definitions._schedule_descriptions import (
    Descriptions,
    definitions_in_use,
    describe_definition,
    wait_while_pending,
)

_LOGGER = logging.getLogger(__name__)


@dataclass(frozen=True)
class PlannedCall(Record):
    """A request that changes something.

    Attributes:
        operation: The API's name of it, such as `UpdateMonitoringSchedule`.
        parameters: Its parameters.
    """

    operation: str
    parameters: Mapping[str, Any]


@dataclass(frozen=True)
class Change(Record):
    """What an update changes.

    Attributes:
        monitoring_schedule_name: The schedule's name.
        dry_run: Whether it was only planned.
        calls: The requests that change something, in order; empty if nothing needs to change.
        before: Schedule configuration and job definition before.
        after: The same afterwards.
        warnings: What could not be done, such as deleting the replaced job definition.
    """

    monitoring_schedule_name: str
    dry_run: bool
    calls: tuple[PlannedCall, ...]
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    warnings: tuple[str, ...] = ()


class ScheduleUpdate:
    """An update of one schedule."""

    def __init__(self, aws: Aws, described: Descriptions, tags: Mapping[str, str], changes: Changes) -> None:
        """Check and plan it. Nothing is changed yet.

        Raises:
            NothingToUpdate: No change is given.
            InvalidChange: A change cannot work.
        """
        self._aws, self._described, self._changes = aws, described, changes
        self._schedule = str(described.schedule["MonitoringScheduleName"])
        changes.check(described.kind, self._schedule)
        self._schedule_config = changed_schedule_config(described.schedule_config, changes)
        self._upload: tuple[str, dict[str, Any], str | None] | None = None
        self._request = described.request
        if changes.touches_definition:
            self._request = changed_definition(
                described,
                changes,
                role_arn=self._role_arn(),
                config_uri=self._config_uri(),
                constraints=self._constraints(),
            )
        self._new_name = None if self._request == described.request else definition_name(self._schedule, self._request)
        self._tags = [{"Key": key, "Value": value} for key, value in tags.items()]

    # The plan

    def _role_arn(self) -> str | None:
        role = self._changes.role
        if role is None or role.startswith("arn:"):
            return role
        found = self._aws.call("iam", "GetRole", RoleName=role.rpartition("/")[2])
        return str(found["Role"]["Arn"])

    def _config_uri(self) -> str | None:
        config = self._changes.analysis_config
        if config is None or isinstance(config, str):
            return config
        document = document_of(config)
        folder = self._changes.output_s3_uri or self._described.output_s3_uri
        if folder is None:
            raise InvalidChange("'output_s3_uri' must be given: the definition has no output to store the config in")
        key: Any = self._changes.output_kms_key or self._described.part("JobOutputConfig").get("KmsKeyId")
        uri = config_place(folder, self._schedule, document)
        self._upload = uri, document, None if isinstance(key, Removal) else key
        return uri

    def _constraints(self) -> str | None:
        given = self._changes.constraints
        if given is None or isinstance(given, Removal):
            return None
        if isinstance(given, Constraints):
            uri, document = given.file_s3_uri, given.body_dict
            if uri is None:
                raise InvalidChange("'constraints' must be in S3: save them first")
            if read_json(self._aws, uri) != document:
                raise InvalidChange(f"'constraints' have changes that are not in {uri} yet: save them first")
        else:
            uri, document = given, read_json(self._aws, given)
        section, other = "explanations", "post_training_bias_metrics"
        if self._described.kind == "ModelBias":
            section, other = other, section
        if section not in document and other in document:
            raise InvalidChange(
                f"'constraints' must be of the monitor's kind: {uri} has {other!r} and no {section!r}, so nothing "
                "would be compared",
                uri=uri,
            )
        return uri

    def _definition_call(self, name: str) -> PlannedCall:
        tags = {"Tags": self._tags} if self._tags else {}
        parameters = {"JobDefinitionName": name, **self._request, **tags}
        return PlannedCall(f"Create{self._described.kind}JobDefinition", parameters)

    def _schedule_call(self) -> PlannedCall:
        config: dict[str, Any] = {
            **({"ScheduleConfig": self._schedule_config} if self._schedule_config else {}),
            "MonitoringJobDefinitionName": self._new_name or self._described.definition_name,
            "MonitoringType": self._described.kind,
        }
        return PlannedCall(
            "UpdateMonitoringSchedule",
            {"MonitoringScheduleName": self._schedule, "MonitoringScheduleConfig": config},
        )

    def _delete_call(self, name: str) -> PlannedCall:
        return PlannedCall(f"Delete{self._described.kind}JobDefinition", {"JobDefinitionName": name})

    @property
    def _is_so_already(self) -> bool:
        return self._new_name is None and self._schedule_config == self._described.schedule_config

    def planned(self, *, delete_replaced: bool) -> Change:
        """Return what it will change."""
        calls: list[PlannedCall] = []
        if not self._is_so_already:
            if self._upload is not None:
                uri, document, _ = self._upload
                calls.append(PlannedCall("PutObject", {"uri": uri, "Body": document}))
            if self._new_name is not None:
                calls.append(self._definition_call(self._new_name))
            calls.append(self._schedule_call())
            if self._new_name is not None and delete_replaced:
                calls.append(self._delete_call(self._described.definition_name))
        return self._change(True, calls)

    def _change(self, dry_run: bool, calls: list[PlannedCall], warnings: tuple[str, ...] = ()) -> Change:
        before = {
            "ScheduleConfig": self._described.schedule_config,
            "JobDefinitionName": self._described.definition_name,
            **self._described.request,
        }
        after = {
            "ScheduleConfig": self._schedule_config,
            "JobDefinitionName": self._new_name or self._described.definition_name,
            **self._request,
        }
        return Change(self._schedule, dry_run, tuple(calls), before, after, warnings)

    # Carrying it out

    def carry_out(self, *, delete_replaced: bool, wait: Callable[[], None] | None) -> Change:
        """Do it.

        Args:
            delete_replaced: Whether to delete the definition that is replaced.
            wait: Waits for the schedule. None: do not wait, and delete nothing.

        Raises:
            ServiceError: Something was refused. If it was the update itself, the new definition is deleted again.
            ScheduleFailed: The schedule failed after the update; nothing is undone.
            WaitTimeout: It took too long; nothing is undone.
        """
        if self._is_so_already:
            return self._change(False, [])
        done: list[PlannedCall] = []
        if self._upload is not None:
            uri, document, key = self._upload
            write_json(self._aws, uri, document, key)
            done.append(PlannedCall("PutObject", {"uri": uri, "Body": document}))
        created = False
        if self._new_name is not None:
            call = self._definition_call(self._new_name)
            created = self._create_definition(call)
            done.append(call)
        update = self._schedule_call()
        try:
            self._aws.call("sagemaker", update.operation, **update.parameters)
        except ServiceError as error:
            if created and error.refused:
                self._take_back(error)
            raise
        done.append(update)
        warnings: tuple[str, ...] = ()
        if wait is not None:
            wait()
            if self._new_name is not None and delete_replaced:
                warnings = self._delete_replaced(done)
        return self._change(False, done, warnings)

    def _create_definition(self, call: PlannedCall) -> bool:
        """Create the definition; whether it was not there before."""
        try:
            self._aws.call("sagemaker", call.operation, **call.parameters)
        except ServiceError as error:
            if error.code != "ResourceInUse":
                raise
            # An earlier update was interrupted after it had made the definition.
            name = call.parameters["JobDefinitionName"]
            found = describe_definition(self._aws, self._described.kind, name, self._schedule)
            if Descriptions(self._described.schedule, found).request != self._request:
                raise
            return False
        return True

    def _take_back(self, error: ServiceError) -> None:
        assert self._new_name is not None  # noqa: S101 for the type checker
        call = self._delete_call(self._new_name)
        try:
            self._aws.call("sagemaker", call.operation, **call.parameters)
        except ClarifyOperationsError as second:
            error.add_note(f"The new job definition {self._new_name} could not be deleted again: {second}")

    def _delete_replaced(self, done: list[PlannedCall]) -> tuple[str, ...]:
        name = self._described.definition_name
        try:
            users = sorted({schedule for used, schedule in definitions_in_use(self._aws) if used == name})
            if users:
                return (f"The job definition {name} was kept: {', '.join(users)} uses it.",)
            call = self._delete_call(name)
            self._aws.call("sagemaker", call.operation, **call.parameters)
        except NotFound:  # somebody else has deleted it
            return ()
        except ClarifyOperationsError as error:
            warning = f"The replaced job definition {name} could not be deleted: {error}"
            _LOGGER.warning(warning)
            return (warning,)
        done.append(call)
        return ()


def wait_until_settled(aws: Aws, schedule: str) -> dict[str, Any]:
    """Wait until a schedule leaves the status Pending.

    Raises:
        ScheduleFailed: It is in status Failed then.
        ScheduleNotFound: It is gone.
        WaitTimeout: It took too long.
    """
    found = wait_while_pending(aws, schedule)
    check_not_failed(found)
    return found


def check_not_failed(description: Mapping[str, Any]) -> None:
    """Refuse a schedule in status Failed.

    Raises:
        ScheduleFailed: It is.
    """
    if description["MonitoringScheduleStatus"] == "Failed":
        name, reason = description["MonitoringScheduleName"], description.get("FailureReason")
        raise ScheduleFailed(
            f"The monitoring schedule {name} is Failed: {reason or 'SageMaker gives no reason'}",
            schedule=name,
            reason=reason,
        )
