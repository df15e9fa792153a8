"use strict";

const { CfnResource, Lazy, Names, Stack, Stage, aws_ec2 } = require("aws-cdk-lib");

const { camelCase, isIntrinsic, member, referencesIn } = require("./template-parts");

/**
 * The network that jobs run in: the part of it that the app makes.
 *
 * @typedef {import("constructs").IConstruct} IConstruct
 *
 * @typedef {object} Network
 * @property {IConstruct[]} paths what has to be there before jobs in the subnets reach anything: routes and endpoints
 * @property {CfnResource | undefined} closed the VPC, if from one of the subnets no route leads out
 * @property {(string | undefined)[]} services that the VPC has endpoints of; undefined: one that only the deployment knows
 */

const PREFIX = "AWS::EC2::";
// What may be the target of a route. From SageMaker's jobs none leads out by an internet gateway: they have no public address.
const TARGETS = [
  "CarrierGatewayId",
  "CoreNetworkArn",
  "EgressOnlyInternetGatewayId",
  "GatewayId",
  "InstanceId",
  "LocalGatewayId",
  "NatGatewayId",
  "NetworkInterfaceId",
  "TransitGatewayId",
  "VpcEndpointId",
  "VpcPeeringConnectionId",
];
const UNKNOWN = "<unknown>";

// The rules of security groups. Without any of its own, a group lets everything out.
const DIRECTIONS = [
  {
    type: "SecurityGroupIngress",
    peers: ["SourceSecurityGroupId", "SourceSecurityGroupName"],
    ranges: ["CidrIp", "CidrIpv6", "SourcePrefixListId"],
    isOpen: false,
  },
  {
    type: "SecurityGroupEgress",
    peers: ["DestinationSecurityGroupId"],
    ranges: ["CidrIp", "CidrIpv6", "DestinationPrefixListId"],
    isOpen: true,
  },
];
// By which the CDK says that a group lets nothing out.
const NOBODY = "255.255.255.255/32";
// Spark takes any of the ports that need no privilege, unless it is told otherwise.
const [FIRST_PORT, LAST_PORT] = [1024, 65_535];

/** @type {Map<string, import("aws-cdk-lib").aws_ec2.ISecurityGroup>} */
const reserved = new Map();

/**
 * The id of a security group that is made later, with `makeSecurityGroup`.
 *
 * @returns {string} a token
 */
function reserveSecurityGroupId() {
  /** @type {string} */
  const id = Lazy.uncachedString({ produce: () => reserved.get(id)?.securityGroupId });
  return id;
}

/**
 * The security group of a monitor's jobs, as other constructs make theirs: all goes out, nothing comes in.
 *
 * @param {IConstruct & import("constructs").Construct} scope
 * @param {import("aws-cdk-lib").aws_ec2.IVpc} vpc
 * @param {string} id that was reserved
 * @param {boolean} isShared whether several instances work on one job, which talk to each other
 */
function makeSecurityGroup(scope, vpc, id, isShared) {
  const name = Names.uniqueResourceName(scope, { maxLength: 180 });
  const group = new aws_ec2.SecurityGroup(scope, "SecurityGroup", {
    vpc,
    description: `Automatic security group for the jobs of Clarify monitor ${name}`,
  });
  // https://docs.aws.amazon.com/sagemaker/latest/dg/clarify-vpc.html#clarify-vpc-security-group
  if (isShared) group.addIngressRule(group, aws_ec2.Port.allTraffic(), "Instances of one job");
  reserved.set(id, group);
  return group;
}

/**
 * The rules of some security groups, which are resources of their own where they name other groups.
 *
 * @param {import("aws-cdk-lib").aws_ec2.ISecurityGroup[]} groups
 * @returns {IConstruct[]}
 */
function rulesOf(groups) {
  const elements = groups.flatMap((group) => group.node.findAll());
  return [...ofType(elements, "SecurityGroupIngress"), ...ofType(elements, "SecurityGroupEgress")];
}

/**
 * Whether the app makes all security groups of the jobs, and no rule lets the instances of one job talk to each other.
 *
 * @param {IConstruct} user
 * @param {any} groupIds
 */
function areApart(user, groupIds) {
  const groups = targetsOf(user, groupIds, "SecurityGroup");
  if (!Array.isArray(groupIds) || groups.length === 0 || groups.length < new Set(groupIds).size) return false;
  const all = (Stage.of(user) ?? user.node.root).node.findAll();
  return DIRECTIONS.some(({ type, peers, ranges, isOpen }) => {
    const inline = groups.map((group) => ({ group, rules: [Stack.of(group).resolve(member(group, type)) ?? []].flat() }));
    if (isOpen && inline.some(({ rules }) => rules.length === 0)) return false;
    const lettingInline = inline.some(({ group, rules }) => {
      const isPeer = referencesIn(group, member(group, type)).length > 0;
      return rules.some((rule) => isIntrinsic(rule) || lets((name) => rule[name] ?? rule[camelCase(name)], ranges, isPeer));
    });
    const own = ofType(all, type).filter((rule) => ["GroupId", "GroupName"].some((name) => refersTo(rule, name, groups)));
    const letting = own.some((rule) => {
      const isPeer = peers.some((name) => refersTo(rule, name, groups));
      return lets((name) => Stack.of(rule).resolve(member(rule, name)), ranges, isPeer);
    });
    return !lettingInline && !letting;
  });
}

/**
 * Whether a rule may let the instances of one job talk: those of its protocol and ports that Spark needs, or of which the app
 * does not know enough.
 *
 * @param {(name: string) => any} read a property of the rule
 * @param {string[]} ranges properties that may have the jobs' addresses
 * @param {boolean} isPeer whether the rule is about the jobs' own groups
 */
function lets(read, ranges, isPeer) {
  const addresses = ranges.map(read).filter((range) => range !== undefined && range !== NOBODY);
  if (!isPeer && addresses.length === 0) return false;
  const [protocol, from, to] = ["IpProtocol", "FromPort", "ToPort"].map(read);
  if (["tcp", "6", 6].includes(protocol)) return !(from > FIRST_PORT) && !(to < LAST_PORT);
  return !["udp", "17", 17, "icmp", "1", 1, "icmpv6", "58", 58].includes(protocol);
}

/**
 * What the app says of the network around some subnets; nothing of subnets that are imported.
 *
 * @param {IConstruct} user
 * @param {any} subnetIds
 * @returns {Network}
 */
function networkOf(user, subnetIds) {
  const subnets = targetsOf(user, subnetIds, "Subnet");
  if (subnets.length === 0) return { paths: [], closed: undefined, services: [] };
  const all = (Stage.of(user) ?? user.node.root).node.findAll();
  const associations = ofType(all, "SubnetRouteTableAssociation").filter((each) => refersTo(each, "SubnetId", subnets));
  const tables = associations.flatMap((each) => targetsOf(each, member(each, "RouteTableId"), "RouteTable"));
  const routes = ofType(all, "Route").filter((each) => refersTo(each, "RouteTableId", tables));
  const vpcs = subnets.flatMap((each) => targetsOf(each, member(each, "VpcId"), "VPC"));
  const endpoints = ofType(all, "VPCEndpoint").filter((each) => refersTo(each, "VpcId", vpcs));
  const isClosed = (/** @type {CfnResource} */ subnet) => {
    const own = associations.filter((each) => refersTo(each, "SubnetId", [subnet]));
    const itsTables = own.flatMap((each) => targetsOf(each, member(each, "RouteTableId"), "RouteTable"));
    return itsTables.length > 0 && !routes.some((each) => refersTo(each, "RouteTableId", itsTables) && leadsOut(each));
  };
  return {
    paths: [...associations, ...routes, ...endpoints.map(whole)],
    closed: subnets.some(isClosed) ? vpcs[0] : undefined,
    services: endpoints.map(serviceOf),
  };
}

/** @param {CfnResource} route */
function leadsOut(route) {
  return TARGETS.some((name) => {
    const target = member(route, name);
    if (target === undefined) return false;
    const isInternetGateway = targetsOf(route, target, "InternetGateway").length > 0 || /^(igw-|local$)/.test(target);
    return name !== "GatewayId" || !isInternetGateway;
  });
}

/**
 * An endpoint with what belongs to it, such as its security group.
 *
 * @param {CfnResource} endpoint
 * @returns {IConstruct}
 */
function whole(endpoint) {
  const { scope } = endpoint.node;
  return scope instanceof aws_ec2.VpcEndpoint ? scope : endpoint;
}

/**
 * The service that an endpoint is of, without region: `ecr.api`.
 *
 * @param {CfnResource} endpoint
 */
function serviceOf(endpoint) {
  const name = literal(Stack.of(endpoint).resolve(member(endpoint, "ServiceName")));
  // com.amazonaws.REGION.SERVICE, in China cn.com.amazonaws; and with FIPS.
  return name.match(/amazonaws\.[^.]+\.(.+?)(?:-fips)?$/)?.[1] ?? (name.includes(UNKNOWN) ? undefined : name);
}

/**
 * A text with what only the deployment knows left out.
 *
 * @param {any} value
 * @returns {string}
 */
function literal(value) {
  if (typeof value === "string") return value;
  const [separator, parts] = value?.["Fn::Join"] ?? [];
  if (Array.isArray(parts)) return parts.map(literal).join(separator);
  const text = [value?.["Fn::Sub"]].flat()[0];
  return typeof text === "string" ? text.replace(/\$\{[^}]*\}/g, UNKNOWN) : UNKNOWN;
}

/**
 * @param {IConstruct[]} constructs
 * @param {string} type
 * @returns {CfnResource[]}
 */
function ofType(constructs, type) {
  return /** @type {CfnResource[]} */ (constructs.filter((each) => isOfType(each, type)));
}

/**
 * @param {CfnResource} resource
 * @param {string} property
 * @param {CfnResource[]} targets
 */
function refersTo(resource, property, targets) {
  return referencesIn(resource, member(resource, property)).some(({ target }) => targets.some((each) => each === target));
}

/**
 * The resources of a type that a value refers to.
 *
 * @param {IConstruct} scope
 * @param {any} value
 * @param {string} type
 * @returns {CfnResource[]}
 */
function targetsOf(scope, value, type) {
  return ofType([...new Set(referencesIn(scope, value).map(({ target }) => target))], type);
}

/**
 * @param {any} construct
 * @param {string} type
 */
function isOfType(construct, type) {
  return CfnResource.isCfnResource(construct) && construct.cfnResourceType === PREFIX + type;
}

module.exports = { areApart, makeSecurityGroup, networkOf, reserveSecurityGroupId, rulesOf };
