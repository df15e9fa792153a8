"""The custom resource that runs the baselining job and puts the analysis configs in their place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
from constructs import Construct, IConstruct

from ._custom_resource_document import render, values
from ._handler_permissions import HandlerAccess, handler_policy, removal_policy

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ._baseline_options import BaselineOptions
    from ._stack import StackEnvironment

RESOURCE_TYPE = "Custom::ClarifyBaseline"

_AT_TIMEOUT = "AtTimeout"


class Baseline:
    """The custom resource, and what it answers.

    CloudFormation gives a custom resource one hour. A baseline that may take longer is a chain of them, all with the
    same document, so that each finds the job of the one before it: when its time is up, one hands over to the next.
    """

    def __init__(
        self,
        scope: Construct,
        environment: StackEnvironment,
        document: Mapping[str, Any],
        options: BaselineOptions,
        access: HandlerAccess,
        schedule_inputs: Sequence[Any],
        tags: Sequence[Mapping[str, str]],
    ) -> None:
        """Make the custom resource, or the chain of them.

        Args:
            scope: The monitor.
            environment: The monitor's stack.
            document: What the Lambda function gets: see its `properties` module.
            options: How long to wait for the job.
            access: What the Lambda function needs for it.
            schedule_inputs: What CloudFormation updates the schedule for, if it changes: the Lambda function is asked
                then, too, and waits until no execution is in the way.
            tags: The tags of the job, `{"Key", "Value"}`, apart from those of `tag`.
        """
        self._provider = environment.baseline_provider
        self._provider.allow(handler_policy(environment, access))
        if access.job_pattern:
            self._provider.allow_to_pass(access.job_role_arn)
        self._stack_tags, self._tags = environment.tags, tags
        self._chain: list[cdk.CustomResource] = []
        self._answers: dict[str, str] = {}
        _, tokens = render(document)
        known = values(tokens)  # need not be repeated
        before_schedule = {"ScheduleInputs": [each for each in schedule_inputs if each not in known]}
        if "Baselining" not in document:
            self._append(scope, document, before_schedule)
            return
        *handing_over, last = options.waits
        for seconds in handing_over:
            self._append(scope, _link(document, options, seconds, _AT_TIMEOUT, first=not self._chain), {})
        hand_over = None if options.wait else "WhenStarted"
        self._append(scope, _link(document, options, last, hand_over, first=not self._chain), before_schedule)
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

    def _append(self, scope: Construct, document: Mapping[str, Any], properties: Mapping[str, Any]) -> None:
        text, tokens = render(document)
        number = len(self._chain) + 1
        link = cdk.CustomResource(
            scope,
            "Baseline" if number == 1 else f"Baseline{number}",
            resource_type=RESOURCE_TYPE,
            service_token=self._provider.service_token,
            properties={
                "Baseline": text,
                "StackTags": self._stack_tags,
                **({"Tags": self._tags} if self._tags else {}),
                **({"Tokens": tokens} if tokens else {}),
                **properties,
            },
        )
        if self._chain:
            link.node.add_dependency(self._chain[-1])
        self._chain.append(link)


def _link(
    document: Mapping[str, Any], options: BaselineOptions, seconds: int, hand_over: str | None, *, first: bool
) -> dict[str, Any]:
    """The document for one link of the chain."""
    baselining = {**document["Baselining"], "TimeoutSeconds": seconds}
    if hand_over:
        baselining["HandOver"] = hand_over
    if options.remove_outputs and first:
        # Later links go when a shorter time is enough; what they point at is the first one's, too.
        baselining["RemoveOutputs"] = True
    link = {**document, "Baselining": baselining}
    if hand_over == _AT_TIMEOUT:
        del link["Schedule"]  # the last link waits for it
    return link
