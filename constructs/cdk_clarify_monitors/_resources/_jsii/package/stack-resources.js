"use strict";

const { CfnMapping, CfnResource, Fn, Lazy, PropertyInjectors, RemovalPolicy, Stack, Stage, Token, aws_iam, aws_s3 } = require("aws-cdk-lib");
const { Construct } = require("constructs");

const { FnSub } = require("./fn-sub");
const { makeFunctions } = require("./functions");
const { acknowledge, wildcards } = require("./nag");
const { reserveSecurityGroupId } = require("./network");
const { named } = require("./serving");
const { templateSizes } = require("./template-sizes");

const BUCKET = "ClarifyMonitorBucket";
const GUARD = "ClarifyScheduleGuard";
const IMAGE = "ClarifyImage";
const PROVIDER = "ClarifyBaselineProvider";

// The CDK divides a policy that is too long between its statements.
const ROLES_PER_STATEMENT = 50;

const ACCESS_LOGS =
  "Where access is logged is for the account to decide, by CloudTrail data events or a bucket of its own: a monitor " +
  "that is given a 'bucket' uses that one.";
const JOB_WILDCARDS =
  "The policy names what the monitor's jobs read, write and call, each down to the prefix that is known: SageMaker " +
  "and Clarify choose the rest of a name when a job runs. '*' alone stands for actions without a resource level; " +
  "see docs/security.md of cdk-clarify-monitors.";
const HANDLER_WILDCARDS =
  "The names of all monitors of this stack start like this: CloudFormation cleans a removed monitor up after the " +
  "permissions for it would be gone; see docs/security.md of cdk-clarify-monitors.";

/**
 * @typedef {import("./functions").FunctionsDocument} FunctionsDocument
 * @typedef {import("./functions").FunctionsNetwork} FunctionsNetwork
 * @typedef {import("./monitor-resources").MonitorResources} MonitorResources
 * @typedef {import("./nag").Statement} Statement
 */

/** @type {WeakMap<Stack, StackResources>} */
const all = new WeakMap();
/** @type {WeakMap<import("constructs").IConstruct, number>} of each app */
const numbers = new WeakMap();
let numbered = 0;
/** @type {WeakMap<import("constructs").IConstruct, Map<string, MonitorResources>>} of each app */
const schedules = new WeakMap();

/** What a stack has once for all of its monitors, made when the first of them needs it. */
class StackResources {
  /**
   * What Python has to know of a stack; nothing is made.
   *
   * @param {Stack} stack
   * @returns {string} JSON: literals or tokens, as the app has them
   */
  static describe(stack) {
    const { account, partition, region } = stack;
    return JSON.stringify({
      account,
      region,
      partition,
      app: numberOf(stack.node.root),
      // A nested stack has no name before it is deployed, and counts as a part of its parent.
      name: withName(stack).stackName,
      bucketName: stackResourcesOf(stack).bucketName,
      imageAccount: Token.isUnresolved(region) ? Fn.findInMap(IMAGE, region, "account") : "",
      imageUri: Token.isUnresolved(region) ? Fn.findInMap(IMAGE, region, "uri") : "",
    });
  }

  /**
   * The path of a construct in the stack that is named in `describe`; ends in a slash if it is not the stack itself.
   *
   * @param {Construct} scope
   * @returns {string}
   */
  static pathPrefix(scope) {
    const stack = withName(Stack.of(scope));
    return scope === stack ? "" : `${scope.node.path}/`.slice(stack.node.path ? stack.node.path.length + 1 : 0);
  }

  /**
   * What an organisation has to say about the arguments of monitors of some kind: found as the CDK finds it for its own
   * constructs, in the scope or around it.
   *
   * @param {Construct} scope
   * @param {string} uniqueId the kind's `PROPERTY_INJECTION_ID`
   * @returns {import("aws-cdk-lib").IPropertyInjector | undefined}
   */
  static propertyInjector(scope, uniqueId) {
    for (const each of scope.node.scopes.reverse()) {
      const injector = PropertyInjectors.hasPropertyInjectors(each) && PropertyInjectors.of(each).for(uniqueId);
      if (injector) return injector;
    }
    return undefined;
  }

  /**
   * Which monitor's schedule has a name by now, in the stack or in another one of the same account and region.
   *
   * @param {Stack} stack
   * @param {string} name
   * @returns {string} JSON: its path, and whether account and region are certainly the same; `null` if there is none
   */
  static scheduleOwner(stack, name) {
    const resources = stackResourcesOf(stack);
    const here = [...resources.monitors].find((monitor) => isInTree(monitor) && monitor.monitoringScheduleName === name);
    const monitor = here ?? resources.schedules.get(resources.scheduleKey(name));
    if (!monitor || !isInApp(monitor) || monitor.monitoringScheduleName !== name) return "null";
    return JSON.stringify({ path: monitor.node.path, isCertain: here !== undefined || !resources.isAnywhere });
  }

  /**
   * Whether a role takes permissions. An immutable one only says that it did; its class is not public.
   *
   * @param {import("aws-cdk-lib").aws_iam.IRole} role
   */
  static takesPermissions(role) {
    const arn = "arn:aws:iam::111111111111:role/immutable";
    const immutable = aws_iam.Role.fromRoleArn(new Stack(), "Immutable", arn, { mutable: false });
    return role.constructor !== immutable.constructor;
  }

  /**
   * What names of models and endpoints stand for that are known at deployment only.
   *
   * @param {Stack} stack
   * @param {string} names JSON, a list of kinds and names
   * @returns {string} JSON, a list of `Named`
   */
  static named(stack, names) {
    /** @type {["Endpoint" | "Model", string][]} */
    const list = JSON.parse(names);
    return JSON.stringify(list.map(([kind, name]) => named(stack, kind, name)));
  }

  /**
   * The id of a security group that a monitor makes later.
   *
   * @returns {string} a token
   */
  static securityGroupId() {
    return reserveSecurityGroupId();
  }

  /**
   * Say what the mapping of regions to images is to have, which is made with the first monitor.
   *
   * @param {Stack} stack
   * @param {string} rows JSON
   */
  static useImages(stack, rows) {
    stackResourcesOf(stack).images = JSON.parse(rows);
  }

  /**
   * Say what the functions behind the baselines are to be made of. They are made with the first monitor that needs them.
   *
   * @param {Stack} stack
   * @param {string} document JSON, a `FunctionsDocument`
   * @param {FunctionsNetwork | Record<string, never>} network
   */
  static useFunctions(stack, document, network) {
    const resources = stackResourcesOf(stack);
    resources.functions = JSON.parse(document);
    resources.network = "vpc" in network ? /** @type {FunctionsNetwork} */ (network) : undefined;
  }

  /**
   * How large the template of a stack is by now.
   *
   * @param {Stack} stack
   * @param {string[]} ids of which children of the stack have one in their own id
   * @returns {string} JSON: resources and bytes of the whole template, then those of the children with each of these ids
   */
  static sizes(stack, ids) {
    return JSON.stringify(templateSizes(stack, ids));
  }

  /** @param {Stack} stack */
  constructor(stack) {
    this.stack = stack;
    this.fnSub = new FnSub();
    this.fnSub.register(stack.partition, "AWS::Partition");
    this.fnSub.register(stack.region, "AWS::Region");
    this.fnSub.register(stack.account, "AWS::AccountId");
    /** The name of the default bucket, which is made when a monitor writes to it. */
    this.bucketName = Lazy.uncachedString({ produce: () => this.bucket.bucketName });
    // Users may give it another logical id afterwards.
    const bucketId = () => /** @type {CfnResource} */ (this.bucket.node.defaultChild).logicalId;
    this.fnSub.register(this.bucketName, Lazy.uncachedString({ produce: () => this.stack.resolve(bucketId()) }));
    /** @type {Set<MonitorResources>} */
    this.monitors = new Set();
    const root = stack.node.root;
    if (!schedules.has(root)) schedules.set(root, new Map());
    /** @type {Map<string, MonitorResources>} the monitors of the app, by account, region and name of the schedule */
    this.schedules = /** @type {Map<string, MonitorResources>} */ (schedules.get(root));
    /** Whether account or region are known at deployment only. */
    this.isAnywhere = Token.isUnresolved(stack.account) || Token.isUnresolved(stack.region);
    /** @type {FunctionsDocument | undefined} */
    this.functions = undefined;
    /** @type {FunctionsNetwork | undefined} */
    this.network = undefined;
    /** @type {Record<string, Record<string, string>> | undefined} */
    this.images = undefined;
    /** @private @type {Statement[]} by the numbers that Python gives them */
    this.statements = [];
    /** @private @type {Statement[]} the same with `Fn::Sub` */
    this.short = [];
    /** @private @type {Set<number>} */
    this.allowed = new Set();
    /** @private @type {Set<string>} */
    this.passed = new Set();
    /** @private @type {{ statement: import("aws-cdk-lib").aws_iam.PolicyStatement, count: number } | undefined} */
    this.passRole = undefined;
  }

  /**
   * Remember a monitor of the stack.
   *
   * @param {MonitorResources} monitor
   */
  add(monitor) {
    this.monitors.add(monitor);
    const key = this.scheduleKey(monitor.monitoringScheduleName);
    const other = this.schedules.get(key);
    // The first one of a name keeps it, unless it was removed or renamed.
    if (other && isInApp(other) && other.monitoringScheduleName === monitor.monitoringScheduleName) return;
    this.schedules.set(key, monitor);
  }

  /**
   * What a schedule's name is once for. Stacks of unknown account or region are compared within a stage only: others are
   * likely to go elsewhere.
   *
   * @param {string} name
   */
  scheduleKey(name) {
    const { account, region } = this.stack;
    return [account, region, this.isAnywhere ? Stage.of(this.stack)?.node.path : "", name].join("\n");
  }

  // ------------------------------------------------------------------------------------------------------ statements
  /**
   * Remember statements that several monitors may need, so that each is sent here once.
   *
   * @param {Record<string, Statement>} statements by their numbers
   */
  remember(statements) {
    for (const [number, statement] of Object.entries(statements)) this.statements[Number(number)] ??= statement;
  }

  /**
   * Remembered statements in IAM's JSON, as policies have them that the CDK does not divide: with `Fn::Sub`.
   *
   * @param {number[]} numbers
   */
  shortStatements(numbers) {
    return numbers.map((number) => (this.short[number] ??= this.fnSub.render(this.statements[number])));
  }

  /**
   * A value as the template has it.
   *
   * @param {any} value
   */
  resolve(value) {
    return this.fnSub.resolve(this.stack, value);
  }

  /**
   * Remembered statements in IAM's JSON.
   *
   * @param {number[]} numbers
   */
  longStatements(numbers) {
    return numbers.map((number) => this.statements[number]);
  }

  // ------------------------------------------------------------------------------------------------------- resources
  /**
   * The bucket of the monitors that are given none: encrypted, private, over TLS only, and kept when the stack is deleted.
   *
   * Its logical id is the construct's: it stands in the template many times, and the CDK computes others each time anew.
   */
  get bucket() {
    return getOrCreate(this.stack, BUCKET, (id) => {
      const bucket = new aws_s3.Bucket(this.stack, id, {
        blockPublicAccess: aws_s3.BlockPublicAccess.BLOCK_ALL,
        encryption: aws_s3.BucketEncryption.S3_MANAGED,
        enforceSSL: true,
        minimumTLSVersion: 1.2,
        removalPolicy: RemovalPolicy.RETAIN,
      });
      /** @type {import("aws-cdk-lib").CfnResource} */ (bucket.node.defaultChild).overrideLogicalId(id);
      // What keeps unencrypted access out has to stay as long as the bucket.
      bucket.policy?.applyRemovalPolicy(RemovalPolicy.RETAIN);
      acknowledge(bucket, { "AwsSolutions-S1": ACCESS_LOGS });
      this.introduceBucket();
      return bucket;
    });
  }

  /** The table of Clarify's images, in a stack whose region is not known. */
  makeImageMapping() {
    const mapping = this.images;
    // Not lazy, in so many words: else the CDK advises it at each synthesis, as the reference to the table is not its own.
    if (mapping) getOrCreate(this.stack, IMAGE, (id) => new CfnMapping(this.stack, id, { lazy: false, mapping }));
  }

  /**
   * The ARN of a managed policy that the jobs' roles have in common.
   *
   * @param {string} name
   * @param {Statement[]} statements
   */
  managedPolicyArn(name, statements) {
    const policy = getOrCreate(this.stack, name, (id) => {
      const made = new aws_iam.CfnManagedPolicy(this.stack, id, { policyDocument: policyDocument(statements) });
      acknowledgeJobs(made, statements);
      return made;
    });
    return policy.ref;
  }

  /** The construct around the functions behind the baselines. */
  get provider() {
    return getOrCreate(this.stack, PROVIDER, (id) => this.makeProvider(new Construct(this.stack, id)));
  }

  /** The token of the custom resources: the framework's function, which calls ours. */
  get serviceToken() {
    return /** @type {import("aws-cdk-lib").custom_resources.Provider} */ (this.provider.node.findChild("Framework"))
      .serviceToken;
  }

  /** @private */
  get handlerRole() {
    return /** @type {import("aws-cdk-lib").aws_iam.Role} */ (this.provider.node.findChild("HandlerRole"));
  }

  /**
   * What holds CloudFormation up while a schedule is busy that it is about to delete.
   *
   * SageMaker refuses to delete a schedule while one of its executions is under way; CloudFormation neither waits nor
   * tries again. This resource depends on every schedule, so CloudFormation turns to it before it deletes any of them.
   * Updates of a schedule are held up by the monitor's own custom resource, which comes before the schedule.
   *
   * @returns {import("aws-cdk-lib").CfnResource}
   */
  get scheduleGuard() {
    return getOrCreate(this.stack, GUARD, (id) => {
      // The order does not depend on that of the monitors.
      const names = () => this.baselined().map((monitor) => monitor.monitoringScheduleName).sort();
      const properties = { ServiceToken: this.serviceToken, Schedules: Lazy.uncachedAny({ produce: names }) };
      return new CfnResource(this.stack, id, { type: "Custom::ClarifyScheduleGuard", properties });
    });
  }

  /**
   * The monitors that are still in the tree and have a custom resource.
   *
   * @private
   */
  baselined() {
    return [...this.monitors].filter((monitor) => monitor.baseline !== undefined && isInTree(monitor));
  }

  // ----------------------------------------------------------------------------------------- permissions of handlers
  /**
   * Let the handlers do more; what they may do already is not added again.
   *
   * @param {number[]} numbers
   */
  allow(numbers) {
    const added = numbers.filter((number) => !this.allowed.has(number));
    for (const number of added) {
      this.allowed.add(number);
      this.handlerRole.addToPolicy(policyStatement(this.statements[number]));
    }
    acknowledge(this.handlerRole, wildcards(this.stack, this.longStatements(added), HANDLER_WILDCARDS));
  }

  /**
   * Let the handlers pass a role to SageMaker: that very role and no other.
   *
   * @param {string} arn
   */
  allowToPass(arn) {
    if (this.passed.has(arn)) return;
    this.passed.add(arn);
    // What a synthesis has seen takes no more.
    if (!this.passRole || this.passRole.count === ROLES_PER_STATEMENT || this.passRole.statement.frozen) {
      const statement = new aws_iam.PolicyStatement({
        actions: ["iam:PassRole"],
        resources: [arn],
        conditions: { StringEquals: { "iam:PassedToService": "sagemaker.amazonaws.com" } },
      });
      this.handlerRole.addToPolicy(statement);
      this.passRole = { statement, count: 1 };
    } else {
      this.passRole.statement.addResources(arn);
      this.passRole.count += 1;
    }
  }

  /**
   * Let the handlers delete what a monitor wrote.
   *
   * @param {number[]} numbers
   * @returns {import("aws-cdk-lib").aws_iam.Policy} a policy of its own: a custom resource that depends on it is deleted
   *   while the rights are still there
   */
  allowRemoval(numbers) {
    const policy = getOrCreate(this.provider, "RemovalPolicy", (id) => {
      return new aws_iam.Policy(this.provider, id, { roles: [this.handlerRole] });
    });
    policy.addStatements(...this.longStatements(numbers).map(policyStatement));
    acknowledge(policy, wildcards(this.stack, this.longStatements(numbers), HANDLER_WILDCARDS));
    return policy;
  }

  /**
   * @private
   * @param {Construct} scope
   */
  makeProvider(scope) {
    makeFunctions(scope, /** @type {FunctionsDocument} */ (this.functions), this.network, () => this.renamedSchedules());
    this.introduceBucket();
    return scope;
  }

  /**
   * Tell the handlers which bucket is this stack's own, so that they tell S3 whose it has to be; of the two, whichever is
   * made first waits for the other.
   *
   * @private
   */
  introduceBucket() {
    const provider = this.stack.node.tryFindChild(PROVIDER);
    if (!provider || !this.stack.node.tryFindChild(BUCKET)) return;
    for (const id of ["OnEvent", "IsComplete"]) {
      const handler = /** @type {import("aws-cdk-lib").aws_lambda.Function} */ (provider.node.findChild(id));
      handler.addEnvironment("DEFAULT_BUCKET", this.bucket.bucketName);
      handler.addEnvironment("DEFAULT_BUCKET_OWNER", this.stack.account);
    }
  }

  /**
   * The ARNs of schedules that have other names than they were given: what the handlers may ask for was written before.
   *
   * @private
   */
  renamedSchedules() {
    const names = this.baselined().filter((each) => each.isRenamed).map((each) => each.monitoringScheduleName);
    // Some of SageMaker's ARNs are in lower case, whatever the name: https://github.com/boto/boto/issues/4606
    const written = names.flatMap((name) => (Token.isUnresolved(name) ? [name] : [name, name.toLowerCase()]));
    const resourceOf = /** @param {string} resourceName */ (resourceName) =>
      this.stack.formatArn({ service: "sagemaker", resource: "monitoring-schedule", resourceName });
    return [...new Set(written)].sort().map(resourceOf);
  }
}

/**
 * @param {Stack} stack
 * @returns {StackResources}
 */
function stackResourcesOf(stack) {
  let found = all.get(stack);
  if (!found) all.set(stack, (found = new StackResources(stack)));
  return found;
}

/**
 * The child with a fixed id; it is made if it is not there.
 *
 * @template {import("constructs").IConstruct} T
 * @param {Construct} scope
 * @param {string} id
 * @param {(id: string) => T} make
 * @returns {T}
 */
function getOrCreate(scope, id, make) {
  return /** @type {T | undefined} */ (scope.node.tryFindChild(id)) ?? make(id);
}

/** @param {Statement} statement */
function policyStatement(statement) {
  return aws_iam.PolicyStatement.fromJson(statement);
}

/** @param {Statement[]} statements */
function policyDocument(statements) {
  return new aws_iam.PolicyDocument({ minimize: false, statements: statements.map(policyStatement) });
}

/**
 * Accept the wildcards of a policy of the jobs. On the resource that has the policy, because users may add policies of
 * their own to the role.
 *
 * @param {import("constructs").IConstruct} resource
 * @param {Statement[]} statements
 * @param {{ resolve: (value: any) => any }} stack the stack that resolves the tokens in them
 */
function acknowledgeJobs(resource, statements, stack = Stack.of(resource)) {
  acknowledge(resource, wildcards(stack, statements, JOB_WILDCARDS));
}

/**
 * The stack around a stack that has a name of its own.
 *
 * @param {Stack} stack
 * @returns {Stack}
 */
function withName(stack) {
  const parent = stack.nestedStackParent;
  return Token.isUnresolved(stack.stackName) && parent ? withName(parent) : stack;
}

/**
 * What Python knows an app by, of which it has no object yet.
 *
 * @param {import("constructs").IConstruct} app
 */
function numberOf(app) {
  if (!numbers.has(app)) numbers.set(app, (numbered += 1));
  return numbers.get(app);
}

/** @param {MonitorResources} monitor */
function isInTree(monitor) {
  return monitor.node.scope?.node.tryFindChild(monitor.node.id) === monitor;
}

/**
 * Whether neither a monitor nor something around it was removed.
 *
 * @param {import("constructs").IConstruct} construct
 * @returns {boolean}
 */
function isInApp(construct) {
  const { scope } = construct.node;
  return !scope || (scope.node.tryFindChild(construct.node.id) === construct && isInApp(scope));
}

module.exports = { StackResources, acknowledgeJobs, policyDocument, policyStatement, stackResourcesOf };
