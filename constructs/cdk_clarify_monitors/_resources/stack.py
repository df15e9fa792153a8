"""What the monitors of one stack share, as far as Python has to know it; `stack-resources.js` makes it."""

from __future__ import annotations

import json
from functools import cached_property
from importlib import resources
from typing import TYPE_CHECKING, Any, NamedTuple, cast

import aws_cdk as cdk
import jsii

from .._spec.clarify_image import ClarifyImage, check_region, image_mapping
from .._spec.s3_layout import MonitorBucket
from .._spec.stack_environment import StackEnvironment
from .._validation import SCOPE, InvalidValue, has_token, is_token, stack_of
from . import _jsii
from .functions_network import network_policy
from .kept_files import KeptFiles

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from aws_cdk import aws_ec2 as ec2
    from aws_cdk import aws_iam as iam
    from aws_cdk import aws_s3 as s3
    from constructs import Construct

    from .._config.analysis.data_config import DataConfig
    from .._permissions.statements import Statement
    from .functions_network import FunctionsNetwork

PROVIDER_ID = "ClarifyBaselineProvider"
_BUCKET_ID = "ClarifyMonitorBucket"

# Every property of a construct is a call into jsii, so they are asked for once. Constructs live as long as jsii's own
# table of objects, which is as long as the process.
_stacks: dict[Construct, MonitoredStack] = {}
_kept: dict[int, KeptFiles] = {}  # of each app


class _StackResources(metaclass=jsii.JSIIMeta, jsii_type=f"{_jsii.ASSEMBLY}.StackResources"):
    """The class in JavaScript."""

    @classmethod
    def call(cls, method: str, *arguments: Any) -> Any:
        """Call one of its static methods."""
        return jsii.sinvoke(cls, method, [*arguments])


def property_injector(scope: Construct, unique_id: str) -> Any:
    """The property injector in or around a construct for constructs of some kind; None: there is none.

    Args:
        scope: The construct.
        unique_id: The `PROPERTY_INJECTION_ID` of the kind.
    """
    SCOPE("scope", scope)
    return _StackResources.call("propertyInjector", scope, unique_id)


def takes_permissions(role: iam.IRole) -> bool:
    """Whether a role takes permissions; an immutable one says that it does, and drops them."""
    return cast("bool", _StackResources.call("takesPermissions", role))


class MonitoredStack:
    """A stack that has monitors, or is asked whether it may have."""

    def __init__(self, stack: cdk.Stack) -> None:
        self.stack: cdk.Stack = stack
        self.functions_network: FunctionsNetwork | None = None
        self.statements: StatementNumbers = StatementNumbers()
        self._described = json.loads(_StackResources.call("describe", stack))
        self.kept: KeptFiles = _kept.setdefault(self._described["app"], KeptFiles())
        self._path_prefixes: dict[Construct, str] = {}
        self._named: dict[tuple[str, str], dict[str, Any]] = {}
        self._has_images = False
        self._has_functions = False

    @classmethod
    def of(cls, scope: Construct) -> MonitoredStack:
        """The stack around a construct.

        Raises:
            ValueError: There is none.
            TypeError: It is no construct.
        """
        SCOPE("scope", scope)
        if scope not in _stacks:
            stack = stack_of(scope)
            if stack not in _stacks:
                _stacks[stack] = cls(stack)
            _stacks[scope] = _stacks[stack]
        return _stacks[scope]

    @cached_property
    def environment(self) -> StackEnvironment:
        """Its environment.

        Raises:
            ValueError: Its region is known and has no Clarify image.
        """
        described = self._described
        region = described["region"]
        check_region(region)
        uri, account = described["imageUri"], described["imageAccount"]
        image = ClarifyImage(account, uri) if is_token(region) else ClarifyImage.of(region)
        names = ("name", "account", "region", "partition")
        return StackEnvironment(
            **{name: described[name] for name in names}, bucket_name=described["bucketName"], image=image
        )

    def path_of(self, scope: Construct, id_: str) -> str:
        """The path that a construct will have in the stack that `environment.name` is the name of."""
        if scope not in self._path_prefixes:
            self._path_prefixes[scope] = _StackResources.call("pathPrefix", scope)
        return self._path_prefixes[scope] + id_.replace("/", "--")  # as constructs do it

    def arns_of(self, names: Iterable[tuple[str, str]]) -> dict[str, str]:
        """The ARNs of models and endpoints of the app whose names are tokens, by their names.

        Args:
            names: Kinds (Model or Endpoint) and names.

        Raises:
            ValueError: What is given as a name is the ARN, or belongs to another account or region.
        """
        tokens = [(kind, name) for kind, name in names if is_token(name)]
        if unknown := [each for each in dict.fromkeys(tokens) if each not in self._named]:
            answer = json.loads(_StackResources.call("named", self.stack, json.dumps(unknown)))
            self._named |= dict(zip(unknown, answer, strict=True))
        for kind, name in tokens:
            if self._named[kind, name]["isArn"]:
                argument = f"{kind.lower()}_name"
                must, remedy = "be a name, not the ARN", f"pass attr_{argument} of the Cfn{kind}"
                raise InvalidValue(argument, must, name, remedy)
            if there := self._named[kind, name]["elsewhere"]:
                must = f"be of the monitor's account and region ({', '.join(self.location)})"
                raise InvalidValue(f"{kind.lower()}_name", must, there, "put the monitor into a stack there")
        return {name: arn for kind, name in tokens if (arn := self._named[kind, name]["arn"])}

    def monitor_bucket(self, given: s3.IBucket | None, data_config: DataConfig | None) -> MonitorBucket:
        """The bucket for what a monitor writes.

        Args:
            given: The bucket that the monitor is given; None: the default bucket, which is this stack's.
            data_config: What the baselining job reads; None: there is no job.
        """
        if given:
            return MonitorBucket(name=given.bucket_name, environment_path=self.environment.path)
        aliases = self.bucket_aliases(data_config.s3_data_input_path) if data_config else []
        return MonitorBucket(name=self.environment.bucket_name, aliases=aliases)

    def bucket_aliases(self, uri: str) -> list[str]:
        """Other tokens of the default bucket's name, if there is a bucket already, and the URI has a token at all."""
        bucket = self.stack.node.try_find_child(_BUCKET_ID) if is_token(uri) else None
        return [cast("s3.Bucket", bucket).bucket_name] if bucket else []

    def canonical(self, uri: str) -> str:
        """A URI with the name of the default bucket as monitors spell it, if it is in that bucket."""
        for alias in self.bucket_aliases(uri):
            self.kept.learn(alias, self.environment.bucket_name)
            uri = uri.replace(f"s3://{alias}", f"s3://{self.environment.bucket_name}")
        return uri

    def check_schedule_name(self, name: str | None) -> str:
        """Refuse a name that another monitor's schedule has in this account and region.

        Returns:
            A warning of one that has it where account and region are known at deployment only; empty: there is none.

        Raises:
            ValueError: It is taken.
        """
        owner = None if name is None else json.loads(_StackResources.call("scheduleOwner", self.stack, name))
        if owner is None:
            return ""
        if owner["isCertain"]:
            remedy = f"{owner['path']} has it; give each monitor of an account and region another, or none"
            raise InvalidValue("monitor_schedule_name", "be the name of one schedule only", name, remedy)
        return (
            f"'monitor_schedule_name' {name!r} is that of {owner['path']}, too: in one account and region only one of "
            "the two can be deployed; give each monitor another, or none"
        )

    def check_asset(self, data_config: DataConfig) -> None:
        """Refuse a data set that is an asset of another account or region: jobs could not read it there.

        Raises:
            ValueError: It is, as far as the app knows.
        """
        if (scope := data_config._asset_scope) is None:
            return
        here, there = self.location, self.of(scope).location
        if any(theirs != ours for theirs, ours in zip(there, here, strict=True) if not has_token((theirs, ours))):
            must = f"have its asset in the monitor's account and region ({', '.join(here)})"
            raise InvalidValue("data_config", must, there, "make it with DataConfig.from_asset in the monitor's stack")

    def check_vpc(self, vpc: ec2.IVpc) -> None:
        """Refuse a VPC of another region: jobs could not run there.

        Raises:
            ValueError: It is, as far as the app knows.
        """
        (_, here), there = self.location, vpc.env.region
        if there != here and not has_token((there, here)):
            remedy = "put the monitor into a stack there"
            raise InvalidValue("vpc", f"be of the monitor's region ({here})", there, remedy)

    def security_group_id(self) -> str:
        """The id of a security group that the next monitor makes."""
        return cast("str", _StackResources.call("securityGroupId"))

    def prepare_images(self) -> None:
        """See to it that the table of images can be made, if the region is not known."""
        if is_token(self.environment.region) and not self._has_images:
            _StackResources.call("useImages", self.stack, json.dumps(image_mapping()))
            self._has_images = True

    def prepare_functions(self) -> None:
        """See to it that the functions behind the baselines can be made."""
        if self._has_functions:
            return
        network = self._functions_network_around
        document = {
            "code": str(resources.files("cdk_clarify_monitors_lambda")),
            "network": network_policy(self.environment) if network else [],
        }
        _StackResources.call("useFunctions", self.stack, json.dumps(document), network.references if network else {})
        self._has_functions = True

    def forget_functions(self) -> None:
        """Prepare the functions again, if they are not made yet: they run elsewhere."""
        self._has_functions = False

    def sizes(self, ids: Sequence[str] = ()) -> list[TemplateSize]:
        """How large its template is by now, and what children of the stack with some ids in their own take of that."""
        sizes = json.loads(_StackResources.call("sizes", self.stack, [*ids]))
        return [TemplateSize(*size) for size in sizes]

    @property
    def has_functions(self) -> bool:
        """Whether the functions are made already."""
        return self.stack.node.try_find_child(PROVIDER_ID) is not None

    @property
    def _functions_network_around(self) -> FunctionsNetwork | None:
        """Where the functions run: like those of the stack around it, unless the stack was told otherwise itself."""
        if self.functions_network is None and (parent := self.stack.nested_stack_parent):
            return self.of(parent)._functions_network_around
        return self.functions_network

    @property
    def location(self) -> tuple[str, str]:
        """Its account and region."""
        return self._described["account"], self._described["region"]


class TemplateSize(NamedTuple):
    """How large a template, or a part of it, is.

    Attributes:
        resources: Its resources.
        bytes: Its bytes, as the CDK writes it.
    """

    resources: int
    bytes: int


class StatementNumbers:
    """Policy statements by numbers, so that each is sent once though many monitors of a stack need it."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self._unsent: dict[int, Statement] = {}

    def of(self, statements: Iterable[Statement]) -> list[int]:
        """The numbers of some statements."""
        numbers = []
        for statement in statements:
            text = repr(statement)
            if text not in self._numbers:
                self._numbers[text] = len(self._numbers)
                self._unsent[self._numbers[text]] = statement
            numbers.append(self._numbers[text])
        return numbers

    @property
    def unsent(self) -> dict[int, Statement]:
        """The statements that were not sent yet, by their numbers."""
        return self._unsent

    def mark_sent(self) -> None:
        """Remember that all statements were sent."""
        self._unsent = {}
