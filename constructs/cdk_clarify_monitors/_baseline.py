"""The custom resource that runs the baselining job and puts the analysis configs in their place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aws_cdk as cdk

from ._batch import Batch
from ._config_assets import add_config_assets, move_out
from ._custom_resource_document import Tokens, detach, summary, to_text
from ._handler_permissions import HandlerAccess, handler_policy, removal_policy

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from constructs import Construct, IConstruct

    from ._stack import StackEnvironment

RESOURCE_TYPE = "Custom::ClarifyBaseline"


class Baseline:
    """The custom resource, and what it answers.

    CloudFormation gives a custom resource one hour. A baseline that may take longer is a chain of them, so that each
    finds the job of the one before it.
    """

    def __init__(
        self,
        batch: Batch,
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
            batch: Makes the monitor's resources.
            scope: The monitor.
            environment: The monitor's stack.
            documents: What the Lambda function gets, one document for each of the chain.
            schedule_inputs: What CloudFormation updates the schedule for, if it changes. The Lambda function is asked
                then, too, and waits until no execution is in the way.
            tags: The tags of the job, `{"Key", "Value"}`, apart from those of `tag`.
            access: What the Lambda function needs.
        """
        self._scope = scope
        self._ids = ["Baseline", *(f"Baseline{number}" for number in range(2, len(documents) + 1))]
        self._answers: dict[str, str] = {}
        provider = environment.baseline_provider
        # One for all links: they have the same configs.
        assets = add_config_assets(environment, documents[0])
        provider.allow(batch, handler_policy(environment, access, [asset.location for asset in assets]))
        links: list[str] = []
        for id_, document in zip(self._ids, documents, strict=True):
            tokens: Tokens = {}
            literal = detach(document, None, tokens)
            move_out(literal, tokens, assets)
            properties: dict[str, Any] = {
                "ServiceToken": provider.service_token,
                "Baseline": to_text(literal),
                "StackTags": environment.tags,
            }
            if tags:
                properties["Tags"] = tags
            if tokens:
                properties["Tokens"] = environment.substituted(tokens)
            if schedule_inputs and document is documents[-1]:
                properties["ScheduleInputs"] = summary(schedule_inputs, tokens)
            link = batch.new("aws-cdk-lib.CfnResource", scope, id_, {"type": RESOURCE_TYPE, "properties": properties})
            if links:
                batch.call(link, "addDependency", links[-1])
            links.append(link)
        if removal := removal_policy(environment, access):
            policy = provider.allow_removal(batch, removal)
            batch.call(batch.get(links[0], "node"), "addDependency", policy)
        self._last = links[-1]

    def answer_in(self, batch: Batch, attribute: str) -> str:
        """One of the strings that the Lambda function answers with, in the batch that makes the custom resource."""
        return batch.call(self._last, "getAtt", attribute)

    def answer(self, attribute: str) -> str:
        """The same when the custom resource is made."""
        if attribute not in self._answers:
            batch = Batch()
            reference = batch.call(batch.child(self._scope, self._ids[-1]), "getAtt", attribute)
            self._answers[attribute] = batch.answer(batch.call(reference, "toString"))
        return self._answers[attribute]

    def wait_for(self, construct: IConstruct) -> None:
        """Start the job after a construct is made, with what is added to it later."""
        self._link(self._ids[0]).node.add_dependency(construct)

    def tag(self, tags: Any) -> None:
        """Give the baselining job tags that are known at synthesis only; it has the stack's tags already.

        CloudFormation tags what it creates; the job is created by the Lambda function.
        """
        for id_ in self._ids:
            self._link(id_).add_property_override("Tags", tags)

    def _link(self, id_: str) -> cdk.CfnResource:
        link = self._scope.node.find_child(id_)
        assert isinstance(link, cdk.CfnResource)  # noqa: S101  the constructor has made it
        return link
