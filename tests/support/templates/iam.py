"""Roles as a template defines them, and IAM's answer to what may be done with one.

The answer is that of the embedded AWS's evaluator, which knows nothing of how the policies came about.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ministack.core.iam_evaluator import EvalContext, evaluate, parse_policy_document

from tests.support.templates.deployment import PLACEHOLDER

ACCOUNT, REGION = "111111111111", "eu-central-1"

Statement = dict[str, Any]


@dataclass(frozen=True)
class Request:
    """Something that a role does.

    Attributes:
        action: The action.
        resource: The ARN of what it is done to.
        context: The condition keys that AWS sends along.
        why: What for.
        source: Where AWS says that it takes this.
    """

    action: str
    resource: str
    context: Mapping[str, Any] = field(default_factory=dict)
    why: str = ""
    source: str = ""

    def __str__(self) -> str:
        return f"{self.action} on {self.resource}" + (f" with {dict(self.context)}" if self.context else "")


def allows(statements: list[Statement], request: Request) -> bool:
    """Whether a policy allows a request."""
    context = EvalContext(
        principal_arn=f"arn:aws:sts::{ACCOUNT}:assumed-role/role/session",
        principal_type="AssumedRole",
        principal_account=ACCOUNT,
        action=request.action,
        resource_arn=request.resource,
        region=REGION,
        service_context={key.lower(): value for key, value in request.context.items()},
    )
    policy = parse_policy_document({"Version": "2012-10-17", "Statement": statements})
    return bool(evaluate(context, [policy]).decision == "Allow")


def reductions(statements: list[Statement]) -> Iterator[tuple[str, list[Statement]]]:
    """The policies that have one action, one resource or one value of a condition less, each with what it lacks."""
    for number, statement in enumerate(statements):
        for path in _places(statement):
            reduced = copy.deepcopy(statements)
            *parents, name = path[:-1]
            place: Any = reduced[number]
            for parent in parents:
                place = place[parent]
            values = as_list(place[name])
            lost = values.pop(path[-1])
            place[name] = values
            if not values:
                del reduced[number]
            yield f"{lost} of {json.dumps(statement)}", reduced


def without_conditions(statements: list[Statement]) -> Iterator[tuple[str, list[Statement]]]:
    """The policies in which one statement that allows has lost its condition."""
    for number, statement in enumerate(statements):
        if statement["Effect"] == "Allow" and "Condition" in statement:
            bare = {key: value for key, value in statement.items() if key != "Condition"}
            yield json.dumps(statement), [*statements[:number], bare, *statements[number + 1 :]]


def _places(statement: Statement) -> Iterator[list[Any]]:
    if statement["Effect"] != "Allow":
        return
    for name in ("Action", "Resource"):
        yield from ([name, index] for index in range(len(as_list(statement[name]))))
    for operator, keys in statement.get("Condition", {}).items():
        for key, values in keys.items():
            if len(as_list(values)) > 1:
                yield from (["Condition", operator, key, index] for index in range(len(values)))


def as_list(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list) else [value]


@dataclass
class Template:
    """A synthesized template with its references resolved: logical ids stand for the names of resources.

    Attributes:
        content: The template.
        partition: The partition that it is deployed to.
    """

    content: Mapping[str, Any]
    partition: str = "aws"

    def of_type(self, type_: str) -> dict[str, dict[str, Any]]:
        """The resolved properties of the resources of a type."""
        return {
            id_: self.resolve(resource.get("Properties", {}))
            for id_, resource in self.content["Resources"].items()
            if resource["Type"] == type_
        }

    def role(self, prefix: str) -> list[Statement]:
        """All statements of the only role whose logical id starts like this."""
        (id_,) = (id_ for id_ in self.of_type("AWS::IAM::Role") if id_.startswith(prefix))
        return [statement for policy in self.policies(id_) for statement in policy["Statement"]]

    def policies(self, role: str) -> list[dict[str, Any]]:
        """The documents of a role, its own and those attached to it."""
        return [*self.inline(role), *self.managed(role)]

    def inline(self, role: str) -> list[dict[str, Any]]:
        """The documents that are part of a role, however they are written."""
        own = self.of_type("AWS::IAM::Role")[role].get("Policies", ())
        named = (policy for policy in self.of_type("AWS::IAM::Policy").values() if role in policy["Roles"])
        return [policy["PolicyDocument"] for policy in (*own, *named)]

    def managed(self, role: str) -> list[dict[str, Any]]:
        """The documents of the managed policies that a role has."""
        arns = self.of_type("AWS::IAM::Role")[role].get("ManagedPolicyArns", ())
        policies = self.of_type("AWS::IAM::ManagedPolicy")
        return [
            policy["PolicyDocument"]
            for id_, policy in policies.items()
            if id_ in arns or role in policy.get("Roles", ())
        ]

    def resolve(self, value: Any) -> Any:
        """A value as CloudFormation would have it."""
        match value:
            case {"Ref": name}:
                return self._ref(name)
            case {"Fn::GetAtt": [id_, attribute]}:
                return self._attribute(id_, attribute)
            case {"Fn::Join": [delimiter, items]}:
                return delimiter.join(self.resolve(items))
            case {"Fn::Sub": str() as text}:
                resolved = PLACEHOLDER.sub(lambda found: self._ref(found[1]), text)
                return resolved.replace("${!", "${")
            case {"Fn::Split": [delimiter, text]}:
                return self.resolve(text).split(delimiter)
            case {"Fn::Select": [index, items]}:
                return self.resolve(items)[int(index)]
            case {"Fn::FindInMap": [mapping, first, second]}:
                return self.content["Mappings"][mapping][self.resolve(first)][self.resolve(second)]
            case dict():
                return {key: self.resolve(item) for key, item in value.items()}
            case list():
                return [self.resolve(item) for item in value]
        return value

    def _ref(self, name: str) -> str:
        pseudo = {
            "AWS::AccountId": ACCOUNT,
            "AWS::Partition": self.partition,
            "AWS::Region": REGION,
            "AWS::URLSuffix": "amazonaws.com",
        }
        if name in self.content.get("Parameters", {}):
            return str(self.content["Parameters"][name].get("Default", name))
        if name not in pseudo and self.content["Resources"][name]["Type"] == "AWS::S3::Bucket":
            return name.lower()
        return pseudo.get(name, name)

    def _attribute(self, id_: str, attribute: str) -> str:
        if attribute != "Arn":
            return f"{id_}.{attribute}"
        here = f"{REGION}:{ACCOUNT}"
        part = {
            "AWS::IAM::Role": f"iam::{ACCOUNT}:role/{id_}",
            "AWS::KMS::Key": f"kms:{here}:key/{id_}",
            "AWS::Lambda::Function": f"lambda:{here}:function:{id_}",
            "AWS::Logs::LogGroup": f"logs:{here}:log-group:{id_}:*",
            "AWS::S3::Bucket": f"s3:::{id_.lower()}",
        }[self.content["Resources"][id_]["Type"]]
        return f"arn:{self.partition}:{part}"


# Synthesizes the app of a stack, and returns the stack's template.
Synthesize = Callable[..., Template]
