"""A synthesized app deployed in this process: what a template's references resolve to, and what the Lambda code does.

Custom resources run the code out of the synthesized asset, with the events that CloudFormation and CDK's provider
framework (https://docs.aws.amazon.com/cdk/api/v2/docs/aws-cdk-lib.custom_resources-readme.html) send.
"""

import importlib
import io
import json
import os
import re
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stdout
from functools import cached_property
from pathlib import Path
from types import ModuleType
from typing import Any
from unittest import mock

from tests.support.templates.pretend_aws import PretendAws

# `${Name}` in a text of Fn::Sub; `${!` is a literal `${`.
PLACEHOLDER = re.compile(r"\$\{([^!}]+)}")
_LONGEST_ANSWER = 4096  # bytes that CloudFormation takes from a custom resource
_POLLS = 10  # is_complete asks for no more here
_PARTITIONS = {"cn-": ("aws-cn", "amazonaws.com.cn"), "us-gov-": ("aws-us-gov", "amazonaws.com")}
# By the end of the type's name: Ref of these is an ARN, that of others a name.
_REF_IS_ARN = ("JobDefinition", "MonitoringSchedule", "StateMachine", "ManagedPolicy")


class DeploymentFailed(Exception):  # noqa: N818  what CloudFormation calls it
    """CloudFormation, or the provider framework, would not go on."""


class Cloud:
    """An account in a region, to deploy stacks into."""

    def __init__(self, account: str, region: str) -> None:
        self.account, self.region = account, region
        self.partition, self.url_suffix = next(
            (names for prefix, names in _PARTITIONS.items() if region.startswith(prefix)), ("aws", "amazonaws.com")
        )
        self.aws = PretendAws()
        self.stacks: dict[str, Stack] = {}

    def deploy(self, assembly: str | Path, name: str, **parameters: str) -> "Stack":
        """Deploy a stack of a cloud assembly.

        Args:
            assembly: The assembly's folder.
            name: The stack's name.
            parameters: The stack's parameters: as on CloudFormation's command line, all of them are strings.

        Raises:
            DeploymentFailed: CloudFormation or the provider framework would refuse something.
        """
        stack = Stack(self, Path(assembly), name, parameters)
        self.stacks[name] = stack
        stack.create_custom_resources()
        return stack


class Stack:
    """A deployed stack."""

    def __init__(self, cloud: Cloud, assembly: Path, name: str, parameters: Mapping[str, str]) -> None:
        self.cloud, self.name = cloud, name
        self.template = json.loads((assembly / f"{name}.template.json").read_text())
        files = json.loads((assembly / f"{name}.assets.json").read_text())["files"].values()
        places = [
            (destination, assembly / file["source"]["path"])
            for file in files
            for destination in file["destinations"].values()
        ]
        self._assets = {destination["objectKey"]: path for destination, path in places}
        self._given = parameters
        self._answers: dict[str, dict[str, Any]] = {}
        self._processes: dict[str, _LambdaProcess] = {}
        for destination, path in places:
            if path.is_file():  # as the cdk command publishes it
                bucket = self.value({"Fn::Sub": destination["bucketName"]})
                cloud.aws.objects[bucket, destination["objectKey"]] = path.read_bytes()

    # ---------------------------------------------------------------- what is there
    def logical_ids(self, type_: str) -> list[str]:
        """The logical ids of the resources of a type."""
        return [id_ for id_, resource in self.template["Resources"].items() if resource["Type"] == type_]

    def properties(self, type_: str) -> Any:
        """The resolved properties of the only resource of a type; None if there is none."""
        ids = self.logical_ids(type_)
        assert len(ids) <= 1, f"{type_}: {ids}"
        return self.value(self.template["Resources"][ids[0]]["Properties"]) if ids else None

    @property
    def outputs(self) -> dict[str, Any]:
        """The stack's outputs."""
        return {name: self.value(output["Value"]) for name, output in self.template.get("Outputs", {}).items()}

    @property
    def exports(self) -> dict[str, Any]:
        """The stack's exports."""
        outputs = self.template.get("Outputs", {}).values()
        return {self.value(o["Export"]["Name"]): self.value(o["Value"]) for o in outputs if "Export" in o}

    # ---------------------------------------------------------------- references
    def value(self, x: Any) -> Any:
        """A part of the template with everything resolved.

        Raises:
            DeploymentFailed: A reference leads nowhere.
        """
        if isinstance(x, list):
            return [v for v in (self.value(item) for item in x) if v is not _NO_VALUE]
        if not isinstance(x, dict):
            return x
        if len(x) == 1 and (function := next(iter(x))).startswith(("Ref", "Fn::")):
            return self._intrinsic(function, x[function])
        return {k: v for k, v in ((k, self.value(item)) for k, item in x.items()) if v is not _NO_VALUE}

    def _intrinsic(self, function: str, argument: Any) -> Any:
        if function == "Fn::GetAtt":
            logical_id, attribute = argument.split(".", 1) if isinstance(argument, str) else argument
            return self._attribute(logical_id, attribute)
        if function == "Fn::Sub":
            text, extra = argument if isinstance(argument, list) else (argument, {})
            extra = self.value(extra)
            return PLACEHOLDER.sub(lambda m: str(extra[m[1]] if m[1] in extra else self._sub(m[1])), text)
        argument = self.value(argument)
        if function == "Ref":
            return self._reference(argument)
        if function == "Fn::Join":
            return argument[0].join(map(_as_text, argument[1]))
        if function == "Fn::Select":
            return argument[1][int(argument[0])]
        if function == "Fn::Split":
            return argument[1].split(argument[0])
        if function == "Fn::FindInMap":
            return self.template["Mappings"][argument[0]][argument[1]][argument[2]]
        if function == "Fn::ImportValue":
            return next(s.exports[argument] for s in self.cloud.stacks.values() if argument in s.exports)
        if function == "Fn::GetStackOutput":
            return self.cloud.stacks[argument["StackName"]].outputs[argument["OutputName"]]
        raise DeploymentFailed(f"{function} is not known here")

    def _sub(self, name: str) -> Any:
        return self._attribute(*name.split(".", 1)) if "." in name else self._reference(name)

    def _reference(self, name: str) -> Any:
        if name in self._pseudo_parameters:
            return self._pseudo_parameters[name]
        if name in self.template.get("Parameters", {}):
            return self._parameter(name)
        type_ = self._type(name)
        if name in self._custom_resources:
            return self._create(name)["PhysicalResourceId"]
        return self._arn(name, type_) if type_.endswith(_REF_IS_ARN) else self._physical_name(name)

    def _attribute(self, logical_id: str, attribute: str) -> Any:
        type_ = self._type(logical_id)
        if logical_id in self._custom_resources:
            data = self._create(logical_id)["Data"]
            if attribute not in data:
                raise DeploymentFailed(f"{logical_id} has no attribute {attribute}, it answered {sorted(data)}")
            return data[attribute]
        if attribute.endswith("Arn"):
            return self._arn(logical_id, type_)
        return f"{self._physical_name(logical_id)}.{attribute}"

    def _parameter(self, name: str) -> Any:
        declared = self.template["Parameters"][name]
        value = self._given.get(name, declared.get("Default"))
        if value is None:
            raise DeploymentFailed(f"the parameter {name} must have a value")
        is_list = declared["Type"].startswith(("CommaDelimitedList", "List<"))
        return [item.strip() for item in value.split(",")] if is_list else value

    def _type(self, logical_id: str) -> str:
        if logical_id not in self.template["Resources"]:
            raise DeploymentFailed(f"the template has no resource {logical_id}")
        return str(self.template["Resources"][logical_id]["Type"])

    def _physical_name(self, logical_id: str) -> str:
        return f"{self.name}-{logical_id}".lower()

    def _arn(self, logical_id: str, type_: str) -> str:
        name, cloud = self._physical_name(logical_id), self.cloud
        if type_ == "AWS::S3::Bucket":
            return f"arn:{cloud.partition}:s3:::{name}"
        if type_ == "AWS::IAM::Role":
            return f"arn:{cloud.partition}:iam::{cloud.account}:role/{name}"
        _, service, kind = type_.split("::")
        kind = re.sub(r"(?<=[a-z])(?=[A-Z])", "-", kind).lower()
        return f"arn:{cloud.partition}:{service.lower()}:{cloud.region}:{cloud.account}:{kind}/{name}"

    @cached_property
    def _pseudo_parameters(self) -> dict[str, Any]:
        cloud = self.cloud
        return {
            "AWS::AccountId": cloud.account,
            "AWS::NoValue": _NO_VALUE,
            "AWS::Partition": cloud.partition,
            "AWS::Region": cloud.region,
            "AWS::StackId": f"arn:{cloud.partition}:cloudformation:{cloud.region}:{cloud.account}:stack/{self.name}/0",
            "AWS::StackName": self.name,
            "AWS::URLSuffix": cloud.url_suffix,
        }

    # ---------------------------------------------------------------- custom resources
    def create_custom_resources(self) -> None:
        """Create those that are not there yet."""
        for logical_id in self._custom_resources:
            self._create(logical_id)

    @cached_property
    def _custom_resources(self) -> list[str]:
        types = {id_: r["Type"] for id_, r in self.template["Resources"].items()}
        return [id_ for id_, type_ in types.items() if type_.startswith("Custom::Clarify")]

    def _create(self, logical_id: str) -> dict[str, Any]:
        if logical_id not in self._answers:
            self._answers[logical_id] = self._framework(logical_id)
        return self._answers[logical_id]

    def _framework(self, logical_id: str) -> dict[str, Any]:
        """What the provider framework answers to CloudFormation's Create."""
        resource = self.template["Resources"][logical_id]
        properties = _as_strings(self.value(resource["Properties"]))
        framework = self._function(properties["ServiceToken"])["Environment"]["Variables"]
        event = {
            "RequestType": "Create",
            "RequestId": f"request-{logical_id}",
            "ResponseURL": "...",
            "StackId": self._pseudo_parameters["AWS::StackId"],
            "LogicalResourceId": logical_id,
            "ResourceType": resource["Type"],
            "ServiceToken": properties["ServiceToken"],
            "ResourceProperties": properties,
        }
        event |= {"PhysicalResourceId": event["RequestId"]} | self._invoke(
            framework["USER_ON_EVENT_FUNCTION_ARN"], event
        )
        for _ in range(_POLLS):
            result = self._invoke(framework["USER_IS_COMPLETE_FUNCTION_ARN"], event)
            if result["IsComplete"]:
                break
            if result.get("Data"):
                raise DeploymentFailed('the provider framework takes no "Data" unless "IsComplete"')
        else:
            raise DeploymentFailed(f"{logical_id} is not complete after {_POLLS} polls")
        answer = {
            "PhysicalResourceId": event["PhysicalResourceId"],
            "Data": {**event.get("Data", {}), **result.get("Data", {})},
        }
        if len(json.dumps(answer).encode()) > _LONGEST_ANSWER:
            raise DeploymentFailed(f"{logical_id} answers more than {_LONGEST_ANSWER} bytes")
        return answer

    def _function(self, arn: str) -> Any:
        """The resolved properties of the function with an ARN."""
        (id_,) = (f for f in self.logical_ids("AWS::Lambda::Function") if self._arn(f, "AWS::Lambda::Function") == arn)
        return self.value(self.template["Resources"][id_]["Properties"])

    def _invoke(self, arn: str, event: Mapping[str, Any]) -> dict[str, Any]:
        if arn not in self._processes:
            function = self._function(arn)
            variables = {
                "AWS_REGION": self.cloud.region,
                "AWS_DEFAULT_REGION": self.cloud.region,
                "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
                "AWS_SECRET_ACCESS_KEY": "example",
                **function.get("Environment", {}).get("Variables", {}),
            }
            code = self._assets[function["Code"]["S3Key"]]
            self._processes[arn] = _LambdaProcess(code, function["Handler"], variables)
        with self.cloud.aws.answering():
            return self._processes[arn].invoke(event)


_NO_VALUE = object()


def _as_text(x: Any) -> str:
    return x if isinstance(x, str) else json.dumps(x)


def _as_strings(x: Any) -> Any:
    """Properties as CloudFormation hands them to a custom resource: every scalar is a string."""
    if isinstance(x, dict):
        return {k: _as_strings(v) for k, v in x.items()}
    return [_as_strings(v) for v in x] if isinstance(x, list) else _as_text(x)


class _LambdaProcess:
    """A function's code, loaded as Lambda does: its folder is first on the path, nothing else of ours is loaded.

    Like Lambda's, the process stays for the next invocation.
    """

    def __init__(self, code: Path, handler: str, variables: Mapping[str, str]) -> None:
        self._code, self._handler, self._variables = code, handler, variables
        self._names = {path.stem for path in code.iterdir()}
        self._modules: dict[str, ModuleType] = {}

    def invoke(self, event: Mapping[str, Any]) -> dict[str, Any]:
        """Call the handler with an event that went through JSON, and so does its answer."""
        module, _, name = self._handler.rpartition(".")
        with self._loaded():
            result = getattr(importlib.import_module(module), name)(json.loads(json.dumps(event)), None)
        return dict(json.loads(json.dumps(result)))

    @contextmanager
    def _loaded(self) -> Iterator[None]:
        others = self._take_out()
        sys.modules.update(self._modules)
        sys.path.insert(0, str(self._code))
        importlib.invalidate_caches()
        try:
            with (
                mock.patch.dict(os.environ, self._variables, clear=True),
                mock.patch.object(time, "sleep"),
                redirect_stdout(io.StringIO()),  # the function's log
            ):
                yield
        finally:
            sys.path.remove(str(self._code))
            self._modules = self._take_out()
            sys.modules.update(others)

    def _take_out(self) -> dict[str, ModuleType]:
        ours = [name for name in sys.modules if name.partition(".")[0] in self._names]
        return {name: sys.modules.pop(name) for name in ours}
