"""The custom resource that runs the baselining job and puts the analysis configs in their place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
from constructs import Construct, IConstruct

from ._custom_resource_document import render, summary
from ._handler_permissions import HandlerAccess, handler_policy, removal_policy

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ._stack import StackEnvironment

RESOURCE_TYPE = "Custom::ClarifyBaseline"


class Baseline:
    """The custom resource, and what it answers.

    CloudFormation gives a custom resource one hour. A baseline that may take longer is a chain of them, so that each
    finds the job of the one before it.
    """

    def __init__(
        self,
        scope: Construct,
        environment: StackEnvironment,
        *,
        documents: Sequence[Mapping[str, Any]],
        schedule_inputs: Mapping[str, Any],
        tags: Sequence[Mapping[str, str]],
        access: HandlerAccess,
    ) -> None:
        """Make the custom resource, or the chain of them.

        Args:
            scope: The monitor.
            environment: The monitor's stack.
            documents: What the Lambda function gets, one document for each of the chain.
            schedule_inputs: What CloudFormation updates the schedule for, if it changes. The Lambda function is asked
                then, too, and waits until no execution is in the way.
            tags: The tags of the job, `{"Key", "Value"}`, apart from those of `tag`.
            access: What the Lambda function needs.
        """
        self._provider = environment.baseline_provider
        self._provider.allow(handler_policy(environment, access))
        if access.job_pattern:
            self._provider.allow_to_pass(access.job_role_arn)
        self._substituted = environment.substituted
        self._stack_tags, self._tags = environment.tags, tags
        self._answers: dict[str, str] = {}
        self._chain: list[cdk.CustomResource] = []
        for document in documents:
            inputs = schedule_inputs if document is documents[-1] else None
            self._append(scope, document, inputs)
        if removal := removal_policy(environment, access):
            self.wait_for(self._provider.allow_removal(removal))

    def answer(self, attribute: str) -> str:
        """One of the strings that the Lambda function answers with."""
        if attribute not in self._answers:
            self._answers[attribute] = self._chain[-1].get_att_string(attribute)
        return self._answers[attribute]

    def wait_for(self, construct: IConstruct) -> None:
        """Start the job after a construct is made, with what is added to it later."""
        self._chain[0].node.add_dependency(construct)

    def tag(self, tags: Any) -> None:
        """Give the baselining job tags that are known at synthesis only; it has the stack's tags already.

        CloudFormation tags what it creates; the job is created by the Lambda function.
        """
        for link in self._chain:
            resource = link.node.default_child
            assert isinstance(resource, cdk.CfnResource)  # noqa: S101  a custom resource has one
            resource.add_property_override("Tags", tags)

    def _append(self, scope: Construct, document: Mapping[str, Any], schedule_inputs: Mapping[str, Any] | None) -> None:
        text, tokens = render(document)
        properties: dict[str, Any] = {"Baseline": text, "StackTags": self._stack_tags}
        if self._tags:
            properties["Tags"] = self._tags
        if tokens:
            properties["Tokens"] = self._substituted(tokens)
        if schedule_inputs:
            properties["ScheduleInputs"] = summary(schedule_inputs, tokens)
        number = len(self._chain) + 1
        link = cdk.CustomResource(
            scope,
            "Baseline" if number == 1 else f"Baseline{number}",
            resource_type=RESOURCE_TYPE,
            service_token=self._provider.service_token,
            properties=properties,
        )
        if self._chain:
            link.node.add_dependency(self._chain[-1])
        self._chain.append(link)
