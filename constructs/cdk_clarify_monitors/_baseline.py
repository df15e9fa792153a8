"""The custom resource that runs the baselining job and puts the analysis configs in their place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
from constructs import Construct

from ._custom_resource_document import render
from ._handler_permissions import HandlerAccess, handler_policy

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ._stack import StackEnvironment

RESOURCE_TYPE = "Custom::ClarifyBaseline"


class Baseline:
    """The custom resource, and what it answers."""

    def __init__(
        self, scope: Construct, environment: StackEnvironment, document: Mapping[str, Any], access: HandlerAccess
    ) -> None:
        """Make the custom resource.

        Args:
            scope: The monitor.
            environment: The monitor's stack.
            document: What the Lambda function gets: see its `properties` module.
            access: What the Lambda function needs for it.
        """
        provider = environment.baseline_provider
        provider.allow(handler_policy(environment, access))
        text, tokens = render(document)
        self._resource = cdk.CfnResource(
            scope,
            "Baseline",
            type=RESOURCE_TYPE,
            properties={
                "ServiceToken": provider.service_token,
                "Baseline": text,
                "StackTags": environment.tags,
                **({"Tokens": tokens} if tokens else {}),
            },
        )

    def answer(self, attribute: str) -> str:
        """One of the strings that the Lambda function answers with."""
        return cdk.Token.as_string(self._resource.get_att(attribute))

    def tag_like(self, resource: cdk.ITaggable) -> None:
        """Give the baselining job the tags of a resource; it has the stack's tags already.

        CloudFormation tags what it creates; the job is created by the Lambda function. The tags are rendered when the
        app is synthesized, after `Tags.of(…)` had its say.
        """
        self._resource.add_property_override("Tags", resource.tags.rendered_tags)
