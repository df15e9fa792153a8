"""CloudFormation resource types that do nothing here, but that apps with monitors are likely to have.

Their `Ref` and attributes look like AWS's, so that templates which use them deploy; nothing else comes of them. Types
that could change what a test finds out, such as those of IAM, do not belong here.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import uuid4

from cdk_clarify_monitors_local.server._platform import Scope


@dataclass(frozen=True)
class InertType:
    """A resource type.

    In its texts `{id}` stands for 17 digits that no other resource has, `{address}` for an IPv4 address, `{name}` for
    the value of its name property or a generated name, `{account}`, `{region}` and `{now}` for what they say.

    Attributes:
        name: The type's name.
        ref: What `Ref` gives.
        attributes: What `Fn::GetAtt` gives.
        name_property: The property with its name, if `{name}` occurs.
    """

    name: str
    ref: str
    attributes: Mapping[str, str] = field(default_factory=dict)
    name_property: str = "Name"

    def make(self, scope: Scope, properties: Mapping[str, object], generated_name: str) -> tuple[str, dict[str, str]]:
        """Return the physical id and the attributes of a new resource."""
        digits = uuid4().hex[:17]
        values = {
            "id": digits,
            "address": ".".join(["203", "0", "113", str(int(digits, 16) % 254 + 1)]),  # reserved for documentation
            "name": properties.get(self.name_property) or generated_name,
            "account": scope.account,
            "region": scope.region,
            "now": str(time.time()),
        }
        return self.ref.format(**values), {name: text.format(**values) for name, text in self.attributes.items()}


def _with_id(name: str, prefix: str, attribute: str = "Id") -> InertType:
    return InertType(name, f"{prefix}-{{id}}", {attribute: f"{prefix}-{{id}}"})


def _sagemaker(kind: str, segment: str, ref: str = "{arn}", **attributes: str) -> InertType:
    arn = f"arn:aws:sagemaker:{{region}}:{{account}}:{segment}/{{name}}"
    names = {f"{kind}Arn": arn, **attributes}
    return InertType(f"AWS::SageMaker::{kind}", ref.replace("{arn}", arn), names, f"{kind}Name")


def _with_arn(name: str, arn: str, ref: str = "{arn}", name_property: str = "Name", **attributes: str) -> InertType:
    full = f"arn:aws:{arn}"
    return InertType(name, ref.replace("{arn}", full), {"Arn": full, **attributes}, name_property)


_DEFINITION = "arn:aws:sagemaker:{{region}}:{{account}}:{segment}/{{name}}"

INERT_TYPES = (
    # Networks
    InertType("AWS::EC2::EIP", "{address}", {"PublicIp": "{address}", "AllocationId": "eipalloc-{id}"}),
    _with_id("AWS::EC2::EIPAssociation", "eipassoc"),
    _with_id("AWS::EC2::EgressOnlyInternetGateway", "eigw"),
    _with_id("AWS::EC2::FlowLog", "fl"),
    InertType("AWS::EC2::NatGateway", "nat-{id}", {"NatGatewayId": "nat-{id}", "EniId": "eni-{id}"}),
    _with_id("AWS::EC2::NetworkAcl", "acl"),
    _with_id("AWS::EC2::NetworkAclEntry", "nacle"),
    InertType("AWS::EC2::PrefixList", "pl-{id}", {"PrefixListId": "pl-{id}", "OwnerId": "{account}", "Version": "1"}),
    _with_id("AWS::EC2::SecurityGroupEgress", "sgr"),
    _with_id("AWS::EC2::SecurityGroupIngress", "sgr"),
    _with_id("AWS::EC2::SubnetNetworkAclAssociation", "aclassoc", "AssociationId"),
    _with_id("AWS::EC2::TransitGatewayAttachment", "tgw-attach"),
    _with_id("AWS::EC2::VPCCidrBlock", "vpc-cidr-assoc"),
    InertType("AWS::EC2::VPCDHCPOptionsAssociation", "dopt-{id}"),
    _with_id("AWS::EC2::DHCPOptions", "dopt", "DhcpOptionsId"),
    _with_id("AWS::EC2::VPCPeeringConnection", "pcx"),
    _with_id("AWS::EC2::VPNGateway", "vgw", "VPNGatewayId"),
    _with_id("AWS::EC2::VPNGatewayRoutePropagation", "vgw-propagation"),
    # Around models and endpoints
    InertType(
        "AWS::ApplicationAutoScaling::ScalableTarget",
        "{name}|sagemaker:variant:DesiredInstanceCount|sagemaker",
        {"Id": "{name}|sagemaker:variant:DesiredInstanceCount|sagemaker"},
        "ResourceId",
    ),
    _with_arn(
        "AWS::ApplicationAutoScaling::ScalingPolicy",
        "autoscaling:{region}:{account}:scalingPolicy:{id}:policyName/{name}",
        name_property="PolicyName",
    ),
    InertType(
        "AWS::SageMaker::DataQualityJobDefinition",
        _DEFINITION.format(segment="data-quality-job-definition"),
        {"JobDefinitionArn": _DEFINITION.format(segment="data-quality-job-definition"), "CreationTime": "{now}"},
        "JobDefinitionName",
    ),
    InertType(
        "AWS::SageMaker::ModelQualityJobDefinition",
        _DEFINITION.format(segment="model-quality-job-definition"),
        {"JobDefinitionArn": _DEFINITION.format(segment="model-quality-job-definition"), "CreationTime": "{now}"},
        "JobDefinitionName",
    ),
    InertType(
        "AWS::SageMaker::FeatureGroup",
        "{name}",
        {"CreationTime": "{now}", "FeatureGroupStatus": "Created"},
        "FeatureGroupName",
    ),
    _sagemaker("Image", "image"),
    _sagemaker("ModelCard", "model-card", "{name}", ModelCardVersion="1", CreationTime="{now}"),
    _sagemaker("ModelPackage", "model-package", CreationTime="{now}", ModelPackageStatus="Completed"),
    _sagemaker("ModelPackageGroup", "model-package-group", CreationTime="{now}", ModelPackageGroupStatus="Completed"),
    # Neither the CDK nor cfn-lint knows it yet; what `Ref` gives is inferred.
    InertType("AWS::SageMaker::MonitoringScheduleAlert", "{name}", {}, "MonitoringAlertName"),
    _sagemaker("NotebookInstance", "notebook-instance", NotebookInstanceName="{name}"),
    _sagemaker("NotebookInstanceLifecycleConfig", "notebook-instance-lifecycle-config"),
    InertType("AWS::SageMaker::Pipeline", "{name}", {}, "PipelineName"),
    _sagemaker("StudioLifecycleConfig", "studio-lifecycle-config", "{name}"),
    # Around alarms and events
    _with_arn("AWS::Chatbot::MicrosoftTeamsChannelConfiguration", "chatbot::{account}:chat-configuration/teams/{id}"),
    _with_arn("AWS::Chatbot::SlackChannelConfiguration", "chatbot::{account}:chat-configuration/slack-channel/{id}"),
    InertType("AWS::CloudWatch::AnomalyDetector", "{id}", {"Id": "{id}"}),
    _with_arn("AWS::CloudWatch::CompositeAlarm", "cloudwatch:{region}:{account}:alarm:{name}", "{name}", "AlarmName"),
    _with_arn("AWS::Events::ApiDestination", "events:{region}:{account}:api-destination/{name}/{id}", "{name}"),
    _with_arn("AWS::Events::Archive", "events:{region}:{account}:archive/{name}", "{name}", "ArchiveName"),
    _with_arn(
        "AWS::Events::Connection",
        "events:{region}:{account}:connection/{name}/{id}",
        "{name}",
        SecretArn="arn:aws:secretsmanager:{region}:{account}:secret:events!connection/{name}/{id}",
    ),
    InertType("AWS::Events::EventBusPolicy", "{id}"),
    InertType("AWS::Logs::QueryDefinition", "{id}", {"QueryDefinitionId": "{id}"}),
    # What platforms add to each account
    InertType("AWS::Budgets::Budget", "{id}", {"Id": "{id}"}),
    _with_arn("AWS::CloudTrail::Trail", "cloudtrail:{region}:{account}:trail/{name}", "{name}", "TrailName"),
    _with_arn("AWS::Config::ConfigRule", "config:{region}:{account}:config-rule/{id}", "{name}", "ConfigRuleName"),
    _with_arn("AWS::ResourceGroups::Group", "resource-groups:{region}:{account}:group/{name}", "{name}"),
    InertType("AWS::SSM::Association", "{id}", {"AssociationId": "{id}"}),
    InertType("AWS::SSM::Document", "{name}"),
)
