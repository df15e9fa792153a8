"use strict";

const { Duration, Lazy, Stack, aws_ec2, aws_iam, aws_lambda, aws_logs, custom_resources } = require("aws-cdk-lib");

const { acknowledge, wildcards } = require("./nag");

// Between two questions whether a job has ended: what CloudFormation learns late at most.
const QUERY_INTERVAL_IN_SECONDS = 10;
const HANDLER_TIMEOUT_IN_MINUTES = 5;
// What is compiled there must not change the asset's hash; the others are for code outside the functions.
const NOT_IN_THE_ASSET = ["**/__pycache__", "**/*.pyc", "py.typed", "clarify_baseline/identity.py", "clarify_baseline/properties.py", "clarify_baseline/s3_uri.py"];
// What the functions' code is tested with, also by a CDK that does not know its name yet.
const RUNTIME = new aws_lambda.Runtime("python3.14", aws_lambda.RuntimeFamily.PYTHON, { supportsInlineCode: true });
const HTTPS = 443;

const NETWORK_WILDCARDS =
  "Lambda manages the interfaces of functions in a VPC, and takes no role that is confined to some of them.";
const FRAMEWORK_WILDCARDS = "The CDK's provider framework may invoke these functions of its own stack in any version.";
const FUNCTIONS = {
  "AwsSolutions-L1": "The functions run on the version of Python that this release of the library is made for.",
  "AwsSolutions-SF1": "The waiter does one thing, call a function until it is done. The function logs each call.",
  "AwsSolutions-SF2": "The waiter does one thing, call a function until it is done: there is no path to trace.",
};

/**
 * The Lambda functions behind the baselines.
 *
 * @typedef {import("constructs").Construct} Construct
 * @typedef {import("./nag").Statement} Statement
 *
 * What the functions behind the baselines are made of.
 * @typedef {object} FunctionsDocument
 * @property {string} code the folder of the handlers' code
 * @property {Statement[]} network what a role needs whose function runs in a VPC; none if it does not
 *
 * The VPC of the functions.
 * @typedef {object} FunctionsNetwork
 * @property {import("aws-cdk-lib").aws_ec2.IVpc} vpc
 * @property {import("aws-cdk-lib").aws_ec2.SubnetSelection} [vpcSubnets]
 * @property {import("aws-cdk-lib").aws_ec2.ISecurityGroup[]} [securityGroups]
 */

/**
 * Make the functions, their roles and their log group; the CDK's provider framework calls them.
 *
 * @param {Construct} scope
 * @param {FunctionsDocument} document
 * @param {FunctionsNetwork | undefined} vpcNetwork undefined: they run in no VPC
 * @param {() => string[]} scheduleArns of schedules that have other names than they were given
 */
function makeFunctions(scope, { code, network: vpcStatements }, vpcNetwork, scheduleArns) {
  const stack = Stack.of(scope);
  const logGroup = new aws_logs.LogGroup(scope, "Logs", { retention: aws_logs.RetentionDays.THREE_MONTHS });
  const logging = { Effect: "Allow", Action: ["logs:CreateLogStream", "logs:PutLogEvents"], Resource: logGroup.logGroupArn };
  const policy = { Version: "2012-10-17", Statement: [logging, ...vpcStatements] };
  const assumedBy = new aws_iam.ServicePrincipal("lambda.amazonaws.com");
  /** @param {string} id */
  const makeRole = (id) => {
    return new aws_iam.Role(scope, id, {
      assumedBy,
      inlinePolicies: { Function: aws_iam.PolicyDocument.fromJson(policy) },
    });
  };
  const role = makeRole("HandlerRole");
  new RenamedSchedulesPolicy(role, "RenamedSchedulesPolicy", scheduleArns);
  const network = vpcNetwork ? functionsIn(scope, vpcNetwork) : {};
  const common = {
    code: aws_lambda.Code.fromAsset(code, { exclude: NOT_IN_THE_ASSET }),
    runtime: RUNTIME,
    timeout: Duration.minutes(HANDLER_TIMEOUT_IN_MINUTES),
    role,
    logGroup,
    ...network,
  };
  const onEventHandler = new aws_lambda.Function(scope, "OnEvent", {
    ...common,
    handler: "handler.on_event",
    description: "Starts or stops the baselining job of a Clarify monitor",
  });
  const isCompleteHandler = new aws_lambda.Function(scope, "IsComplete", {
    ...common,
    handler: "handler.is_complete",
    description: "Waits for the baselining job of a Clarify monitor",
  });
  const framework = new custom_resources.Provider(scope, "Framework", {
    onEventHandler,
    isCompleteHandler,
    queryInterval: Duration.seconds(QUERY_INTERVAL_IN_SECONDS),
    totalTimeout: Duration.hours(1),
    logGroup,
    frameworkOnEventRole: makeRole("FrameworkOnEventRole"),
    frameworkCompleteAndTimeoutRole: makeRole("FrameworkCompleteRole"),
    ...network,
  });
  const invoked = [scope, framework]
    .flatMap(({ node }) => node.children)
    .filter((child) => child instanceof aws_lambda.Function)
    .map((each) => ({ Effect: "Allow", Resource: `${each.functionArn}:*` }));
  acknowledge(scope, {
    ...FUNCTIONS,
    ...wildcards(stack, invoked, FRAMEWORK_WILDCARDS),
    ...wildcards(stack, vpcStatements, NETWORK_WILDCARDS),
  });
}

/** Lets the handlers describe schedules whose names were changed in their L1 constructs; in no template if there are none. */
class RenamedSchedulesPolicy extends aws_iam.CfnPolicy {
  /**
   * @param {import("aws-cdk-lib").aws_iam.Role} role the handlers' role, which is the scope, too: what depends on the role
   *   depends on the policy
   * @param {string} id
   * @param {() => string[]} arns
   */
  constructor(role, id, arns) {
    const statement = { Effect: "Allow", Action: "sagemaker:DescribeMonitoringSchedule", Resource: Lazy.uncachedList({ produce: arns }) };
    super(role, id, {
      policyName: id,
      policyDocument: { Version: "2012-10-17", Statement: [statement] },
      roles: [role.roleName],
    });
    /** @private */
    this.arns = arns;
  }

  /** @override */
  shouldSynthesize() {
    return this.arns().length > 0;
  }
}

/**
 * The network of the functions, as they take it.
 *
 * @param {Construct} scope
 * @param {FunctionsNetwork} network
 */
function functionsIn(scope, { vpc, vpcSubnets, securityGroups }) {
  if (securityGroups) return { vpc, vpcSubnets, securityGroups };
  const group = new aws_ec2.SecurityGroup(scope, "SecurityGroup", {
    vpc,
    allowAllOutbound: false,
    description: "Functions that run the baselining jobs of Clarify monitors",
  });
  group.addEgressRule(aws_ec2.Peer.anyIpv4(), aws_ec2.Port.tcp(HTTPS), "AWS APIs");
  return { vpc, vpcSubnets, securityGroups: [group] };
}

module.exports = { makeFunctions };
