"use strict";

const { Annotations, Arn, CfnResource, Lazy, ResolutionTypeHint, Stack, TagManager, TagType, Token, aws_ec2, aws_sagemaker } = require("aws-cdk-lib");
const { Construct, Dependable } = require("constructs");

const { addUserStatement, allowGivenRole, laterPolicies, makeJobRole, mayReadMore } = require("./job-role");
const { checkRendered, toProperties } = require("./l1");
const { areApart, makeSecurityGroup, networkOf, rulesOf } = require("./network");
const { capturedData, find, readStatements, settle, waitsFor } = require("./serving");
const { StackResources, acknowledgeJobs, stackResourcesOf } = require("./stack-resources");
const { oversized, tooManyTags } = require("./validations");

const ROLE_ARN = "/Baselining/ProcessingJob/RoleArn";
const SCHEDULE = "/Schedule";
const INJECTED = "a property injector is to be asked first"; // Python knows the message

/**
 * @typedef {import("./job-role").JobPolicy} JobPolicy
 * @typedef {import("./l1").ApiRequest} ApiRequest
 * @typedef {import("./nag").Statement} Statement
 *
 * What Python has decided. Statements stand as numbers, each is sent once for all monitors of a stack.
 * @typedef {object} MonitorDocument
 * @property {"ModelBias" | "ModelExplainability"} type
 * @property {string | null} injectionId under which property injectors are looked for; null: they were asked already
 * @property {string} arnType what stands before the name in the ARNs of job definitions
 * @property {string} name the default name of the schedule
 * @property {boolean} usesBucket whether the monitor writes to the stack's default bucket
 * @property {ApiRequest} definition without what only the resources know: role, config, constraints
 * @property {ApiRequest} schedule without the name of the job definition
 * @property {string | null} configUri of the executions' analysis config; null: the custom resource's answer
 * @property {string | null} constraintsUri null: the custom resource's answer, if there is a baselining job
 * @property {JobPolicy} jobs
 * @property {BaselineDocument | null} baseline
 * @property {Record<string, Statement>} statements those that the stack does not have yet, by their numbers
 * @property {Serving} serving
 * @property {JobNetwork | null} network null: no VPC
 * @property {Warning[]} warnings
 *
 * What serves the model that is monitored.
 * @typedef {object} Serving
 * @property {string | null} endpoint that is monitored; null: batch transform jobs are
 * @property {["Endpoint" | "Model", string][]} asked what the jobs ask for predictions
 * @property {string[]} reads what the executions read of the endpoint's data: requests (Input), responses (Output)
 * @property {boolean} isCaptureKnown whether the user said where data are captured
 * @property {string | null} capturedTo the S3 URI of the given `DataCapture`
 *
 * The VPC of the jobs.
 * @typedef {object} JobNetwork
 * @property {boolean} isDistributed whether several instances work on one job
 * @property {string[]} services that the jobs call
 *
 * The custom resource, or a chain of them.
 * @typedef {object} BaselineDocument
 * @property {boolean} runsJob
 * @property {{ text: [string, string], tokens: Record<string, Record<string, any>> }[]} links the JSON texts, in two parts
 *   with a place for the schedule's name between, and the deploy-time values in them
 * @property {any[]} scheduleInputs
 * @property {number[]} handler statements that the functions need
 * @property {number[]} removal statements to delete what the monitor wrote
 *
 * @typedef {object} Warning
 * @property {string} id
 * @property {string} message
 * @property {Statement} [statement] that the message ends in
 * @property {boolean} [isInfo] whether it is an information only
 *
 * @typedef {object} References
 * @property {import("aws-cdk-lib").aws_iam.IRole} [role]
 * @property {import("aws-cdk-lib").aws_s3.IBucket} [bucket]
 * @property {import("aws-cdk-lib").aws_ec2.IVpc} [vpc]
 * @property {import("aws-cdk-lib").aws_ec2.ISecurityGroup[]} [securityGroups]
 */

/** A Clarify monitor: a role, a baseline, a job definition and a schedule. */
class MonitorResources extends Construct {
  /**
   * @param {Construct} scope
   * @param {string} id
   * @param {string} text JSON, a `MonitorDocument`
   * @param {References} references
   */
  constructor(scope, id, text, references) {
    /** @type {MonitorDocument} */
    const document = JSON.parse(text);
    if (document.injectionId && StackResources.propertyInjector(scope, document.injectionId)) throw new Error(INJECTED);
    super(scope, id);
    const stack = Stack.of(this);
    // What belongs to another environment without a name of its own is refused here, before anything else is made.
    stack.resolve([references.role?.roleArn, references.bucket?.bucketArn]);
    /** @private */
    this.stackResources = stackResourcesOf(stack);
    this.stackResources.remember(document.statements);
    this.stackResources.makeImageMapping();
    /** @private */
    this.network = document.network;
    /** @private */
    this.securityGroups = this.findSecurityGroups(references, document.definition);
    this.bucket = references.bucket ?? (document.usesBucket ? this.stackResources.bucket : undefined);
    /** The tags of the baselining job; the other resources have their own. */
    this.tags = new TagManager(
      TagType.STANDARD,
      "AWS::SageMaker::ProcessingJob",
      document.definition.Tags?.map((/** @type {any} */ tag) => ({ key: tag.Key, value: tag.Value })),
    );
    /** @private */
    this.serving = document.serving;
    /** @private @type {string | undefined} the statements whose wildcards are accepted */
    this.acknowledged = undefined;
    /** @type {import("aws-cdk-lib").aws_iam.IRole} */
    this.role = references.role ?? makeJobRole(this, this.stackResources, document.jobs, (isSettled) => this.captureStatements(isSettled));
    /** @private */
    this.findsCapture = !references.role && !!document.serving.endpoint && !document.serving.isCaptureKnown;
    /** @private */
    this.defaultName = document.name;
    /** @private */
    this.decidedName = document.schedule.MonitoringScheduleName;
    const roleArn = this.role.roleArn;
    /** @private @type {string[]} the values of the baseline that dashboards show, as JSON */
    this.baselineValues = [];
    this.baseline = document.baseline ? this.makeBaseline(document.baseline, roleArn) : undefined;
    this.definition = this.makeDefinition(document, roleArn);
    // Neither Ref nor an attribute of the resource is the name; its ARN ends in it.
    this.jobDefinitionName = Arn.extractResourceName(this.definition.attrJobDefinitionArn, document.arnType);
    this.schedule = this.makeSchedule(document.schedule);
    this.monitoringScheduleNameToken = Lazy.uncachedString({ produce: () => this.monitoringScheduleName });
    if (this.baseline) this.stackResources.scheduleGuard.node.addDependency(this.schedule);
    if (document.baseline?.runsJob) this.stackResources.allowToPass(roleArn);
    if (references.role) allowGivenRole(this, this.stackResources, references.role, document.jobs);
    this.stackResources.add(this);
    this.warn(document.warnings);
    this.node.addValidation({ validate: () => tooManyTags(stack, this.tagged()) });
    this.node.addValidation({ validate: () => this.warnOfServing() });
    this.node.addValidation({ validate: () => this.warnOfNetwork() });
  }

  get grantPrincipal() {
    return this.role.grantPrincipal;
  }

  /** The connections of the jobs. */
  get connections() {
    if (!this.securityGroups) throw new Error(`${this.node.path} has no connections: its jobs are in no VPC that it was given as 'vpc'`);
    return new aws_ec2.Connections({ securityGroups: this.securityGroups });
  }

  /** The name of the schedule as its resource has it by now: users may change it there. */
  get monitoringScheduleName() {
    const override = /** @type {any} */ (this.schedule).rawOverrides.Properties?.MonitoringScheduleName;
    return Token.asString(override ?? this.schedule.monitoringScheduleName);
  }

  get isRenamed() {
    return this.monitoringScheduleName !== this.decidedName;
  }

  get monitoringScheduleArn() {
    return this.schedule.attrMonitoringScheduleArn;
  }

  get jobDefinitionArn() {
    return this.definition.attrJobDefinitionArn;
  }

  get baseliningJobName() {
    return this.baselineAttribute("BaseliningJobName");
  }

  get suggestedConstraintsS3Uri() {
    return this.baselineAttribute("ConstraintsS3Uri");
  }

  get analysisConfigS3Uri() {
    return this.baselineAttribute("AnalysisConfigS3Uri");
  }

  /**
   * One of the strings that the Lambda function answers with.
   *
   * @private
   * @param {string} attribute
   */
  baselineAttribute(attribute) {
    if (!this.baseline) throw new Error(`there is no custom resource that answers ${attribute}`);
    return Token.asString(this.baseline.getAtt(attribute));
  }

  // ------------------------------------------------------------------------------------------------------------ role
  /**
   * A statement of the user's own, for the role.
   *
   * @param {import("aws-cdk-lib").aws_iam.PolicyStatement} statement
   */
  addToRolePolicy(statement) {
    addUserStatement(this, this.role, statement);
  }

  // --------------------------------------------------------------------------------------------------------- serving
  /**
   * Where the endpoint's data are captured, as far as the app says it by now.
   *
   * @private
   */
  get capture() {
    const { endpoint } = this.serving;
    return endpoint ? capturedData(this, endpoint, isMonitor) : undefined;
  }

  /**
   * What the jobs need to read the captured data that the app knows of; none if the user has said where they are.
   *
   * @private
   * @param {boolean} isSettled whether nothing is made any more
   * @returns {Statement[]}
   */
  captureStatements(isSettled) {
    if (this.findsCapture && isSettled) settle(this, isMonitor);
    const capture = this.findsCapture ? this.capture : undefined;
    if (!capture?.uri) return [];
    const statements = readStatements(this, capture.uri, capture.key);
    const text = JSON.stringify(statements);
    const policed = this.role.node.defaultChild;
    if (policed && this.acknowledged !== text) acknowledgeJobs(policed, statements);
    this.acknowledged = text;
    return this.stackResources.fnSub.render(statements);
  }

  /**
   * Warn of captured data that the jobs may not read, and of resources that nothing waits for. At synthesis, because both
   * may be made, or allowed, after the monitor.
   *
   * @private
   * @returns {string[]} no errors
   */
  warnOfServing() {
    settle(this, isMonitor);
    const problem = this.captureProblem();
    if (problem) Annotations.of(this).addWarningV2("cdk-clarify-monitors:data-capture", problem);
    this.warnOfUnawaited();
    return [];
  }

  /**
   * What is wrong with the data that the executions are to read.
   *
   * @private
   * @returns {string | undefined}
   */
  captureProblem() {
    const { capture } = this;
    const { capturedTo, reads } = this.serving;
    if (capture && reads.some((mode) => !capture.modes.includes(mode))) {
      const what = capture.modes.length === 0 ? "nothing" : capture.modes.includes("Input") ? "no responses" : "no requests";
      return (
        `the endpoint captures ${what}: turn on data capture of requests and responses (DataCaptureConfig) in ` +
        `${capture.config.node.path}, which is all that executions read`
      );
    }
    if (capture?.uri && capturedTo && !isSame(capture.config, capture.uri, capturedTo)) {
      return (
        `the endpoint captures its data elsewhere than the given 'data_capture' says: write ` +
        `data_capture_config=capture.data_capture_config in ${capture.config.node.path}, with the same DataCapture`
      );
    }
    if (this.findsCapture && !capture && !mayReadMore(Stack.of(this), this.role)) {
      return (
        "the executions will be denied s3:GetObject and s3:ListBucket where the endpoint captures its data: give that place " +
        "as 'data_capture_s3_uri', or grant it with capture_bucket.grant_read(monitor)"
      );
    }
    return undefined;
  }

  /**
   * Warn of models and endpoints of the stack that nothing waits for.
   *
   * @private
   */
  warnOfUnawaited() {
    const { endpoint, asked } = this.serving;
    const first = this.node.tryFindChild("Baseline") ?? this.schedule;
    /** @type {["Endpoint" | "Model", string, any][]} */
    const needed = asked.map(([kind, name]) => [kind, name, first]);
    if (endpoint) needed.push(["Endpoint", endpoint, this.schedule]);
    for (const [kind, name, later] of needed) {
      const found = find(this, kind, name, isMonitor);
      if (!found || found.byReference || Stack.of(found.resource) !== Stack.of(this) || waitsFor(later, found.resource)) continue;
      const what = kind.toLowerCase();
      const message =
        `nothing makes the monitor wait for the ${what} ${found.resource.node.path}, which this stack makes: call ` +
        `monitor.node.add_dependency(${what}), or pass its attr_${what}_name in place of its name`;
      Annotations.of(this).addWarningV2(`cdk-clarify-monitors:${what}-dependency`, message);
    }
  }

  // --------------------------------------------------------------------------------------------------------- network
  /**
   * @private
   * @param {References} references
   * @param {ApiRequest} definition which has the id of the group that is made here
   */
  findSecurityGroups({ securityGroups, vpc }, definition) {
    if (securityGroups || !vpc || !this.network) return securityGroups;
    const [id] = definition.NetworkConfig.VpcConfig.SecurityGroupIds;
    return [makeSecurityGroup(this, vpc, id, this.network.isDistributed)];
  }

  /**
   * The subnets of the jobs, as far as the app makes them, and what is around them.
   *
   * @private
   */
  surroundings() {
    return networkOf(this, this.vpcConfig?.subnets);
  }

  /** @private */
  get vpcConfig() {
    return /** @type {any} */ (this.definition.networkConfig)?.vpcConfig;
  }

  /**
   * What the stack makes of the network: the baselining job starts when it is there.
   *
   * @private
   * @returns {import("constructs").IDependable}
   */
  waysOut() {
    const ways = /** @type {import("constructs").IDependable} */ ({});
    const roots = () => {
      if (!this.network) return [];
      const all = [...rulesOf(this.securityGroups ?? []), ...this.surroundings().paths];
      // What another stack has is there: this one refers to its subnets.
      return all.filter((each) => Stack.of(each) === Stack.of(this));
    };
    Dependable.implement(ways, { get dependencyRoots() { return roots(); } });
    return ways;
  }

  /**
   * Warn of services and instances that the jobs cannot reach. At synthesis, because endpoints and rules may be added after
   * the monitor.
   *
   * @private
   * @returns {string[]} no errors
   */
  warnOfNetwork() {
    if (!this.network) return [];
    // https://docs.aws.amazon.com/sagemaker/latest/dg/clarify-vpc.html#clarify-vpc-security-group
    if (this.network.isDistributed && areApart(this, this.vpcConfig?.securityGroupIds)) {
      const message =
        "no rule of the security groups of the jobs lets the instances of one job talk to each other, which Spark needs: " +
        "call group.connections.allow_internally(ec2.Port.all_traffic())";
      Annotations.of(this).addWarningV2("cdk-clarify-monitors:security-groups", message);
    }
    const { closed, services } = this.surroundings();
    const missing = this.network.services.filter((service) => !services.includes(service));
    if (!closed || services.includes(undefined) || missing.length === 0) return [];
    const message =
      `no route leads out of the subnets of the jobs in the VPC ${(closed.node.scope ?? closed).node.path}, which has no endpoints for ` +
      `${missing.join(", ")}: add them (vpc.add_interface_endpoint; vpc.add_gateway_endpoint for s3), or choose subnets ` +
      `with a NAT gateway`;
    Annotations.of(this).addWarningV2("cdk-clarify-monitors:vpc-endpoints", message);
    return [];
  }

  // -------------------------------------------------------------------------------------------------------- baseline
  /**
   * The last of the chain of custom resources.
   *
   * @private
   * @param {BaselineDocument} document
   * @param {string} roleArn
   * @returns {CfnResource}
   */
  makeBaseline(document, roleArn) {
    const resources = this.stackResources;
    resources.allow(document.handler);
    const links = document.links.map((_, index) => this.makeLink(document, index, roleArn));
    links.slice(1).forEach((link, index) => link.addDependency(links[index]));
    if (document.removal.length > 0) links[0].node.addDependency(resources.allowRemoval(document.removal));
    links[0].node.addDependency(laterPolicies(this, this.role), this.waysOut());
    return links[links.length - 1];
  }

  /**
   * @private
   * @param {BaselineDocument} document
   * @param {number} index
   * @param {string} roleArn
   * @returns {CfnResource}
   */
  makeLink({ links, runsJob, scheduleInputs }, index, roleArn) {
    const stack = Stack.of(this);
    const { fnSub, serviceToken } = this.stackResources;
    const { text, tokens } = links[index];
    const strings = runsJob ? { ...tokens.String, [ROLE_ARN]: roleArn } : { ...tokens.String };
    const rendered = fnSub.render({ ...tokens, String: strings });
    const link = new CfnResource(this, index === 0 ? "Baseline" : `Baseline${index + 1}`, {
      type: "Custom::ClarifyBaseline",
      properties: {
        ServiceToken: serviceToken,
        Baseline: Lazy.uncachedString({ produce: () => text.join(this.writtenName()) }),
        StackTags: stack.tags.renderedTags,
        Tags: Lazy.uncachedAny({ produce: () => this.renderTags() }),
        Tokens: Lazy.uncachedAny({ produce: () => this.withScheduleName(rendered) }),
        // All that makes CloudFormation update the schedule: the function is asked then, too, and waits for executions.
        ...(index === links.length - 1 && {
          ScheduleInputs: runsJob ? scheduleInputs : [...scheduleInputs, roleArn],
          BaselineValues: Lazy.uncachedAny({ produce: () => this.baselineValues.map((each) => JSON.parse(each)) }, { omitEmptyArray: true }),
        }),
      },
    });
    const parts = () => [text, rendered, scheduleInputs, stack.tags.renderTags(), this.renderTags(), this.baselineValues];
    link.node.addValidation({ validate: () => oversized(link, parts()) });
    return link;
  }

  /**
   * A value of the baseline, which the custom resource answers: a number, or what hides a line that has none.
   *
   * @param {string} text JSON, as `constraints.baseline_value` of the functions reads it
   * @param {string} access JSON, the statements that the functions need to read it
   * @returns {number} a token
   */
  baselineValue(text, access) {
    const { statements, handler } = JSON.parse(access);
    this.stackResources.remember(statements);
    this.stackResources.allow(handler);
    if (!this.baselineValues.includes(text)) this.baselineValues.push(text);
    const attribute = `Value${this.baselineValues.indexOf(text) + 1}`;
    const value = /** @type {CfnResource} */ (this.baseline).getAtt(attribute, ResolutionTypeHint.NUMBER);
    return Token.asNumber({
      creationStack: value.creationStack,
      typeHint: ResolutionTypeHint.NUMBER,
      /** @param {import("aws-cdk-lib").IResolveContext} context */
      resolve: (context) => {
        if (outermost(context.scope) === outermost(this)) return value;
        throw new Error(
          `${context.scope.node.path} shows values of the baseline of ${this.node.path}: make the dashboard in ` +
            `the stack of the monitor. What CloudFormation exports to other stacks could not change with the baseline`,
        );
      },
    });
  }

  /**
   * The name of the schedule in a document's text.
   *
   * @private
   */
  writtenName() {
    const name = this.monitoringScheduleName;
    if (name === this.defaultName) return ",";
    return `,"Schedule":${Token.isUnresolved(name) ? null : JSON.stringify(name)},`;
  }

  /**
   * @private
   * @param {Record<string, Record<string, any>>} tokens
   */
  withScheduleName(tokens) {
    const name = this.monitoringScheduleName;
    const strings = { ...tokens.String, ...(Token.isUnresolved(name) && { [SCHEDULE]: name }) };
    const { String: _, ...others } = tokens;
    const found = Object.keys(strings).length > 0 ? { ...others, String: strings } : others;
    return Object.keys(found).length > 0 ? found : undefined;
  }

  /**
   * CloudFormation tags what it creates; the job is created by the Lambda function. It has the stack's tags already.
   *
   * @private
   */
  renderTags() {
    return this.tags.renderTags()?.map((/** @type {any} */ tag) => ({ Key: tag.key, Value: tag.value }));
  }

  // --------------------------------------------------------------------------------------------- definition, schedule
  /**
   * @private
   * @param {MonitorDocument} document
   * @param {string} roleArn
   */
  makeDefinition({ type, definition, configUri, constraintsUri, baseline }, roleArn) {
    const constraints = constraintsUri ?? (baseline?.runsJob ? this.suggestedConstraintsS3Uri : undefined);
    const specification = `${type}AppSpecification`;
    const request = {
      ...definition,
      [specification]: { ...definition[specification], ConfigUri: configUri ?? this.analysisConfigS3Uri },
      ...(constraints && { [`${type}BaselineConfig`]: { ConstraintsResource: { S3Uri: constraints } } }),
      RoleArn: roleArn,
    };
    const properties = toProperties(request);
    const made =
      type === "ModelBias"
        ? new aws_sagemaker.CfnModelBiasJobDefinition(this, "JobDefinition", properties)
        : new aws_sagemaker.CfnModelExplainabilityJobDefinition(this, "JobDefinition", properties);
    checkRendered(made, request);
    return made;
  }

  /**
   * @private
   * @param {ApiRequest} schedule
   */
  makeSchedule(schedule) {
    const config = { ...schedule.MonitoringScheduleConfig, MonitoringJobDefinitionName: this.jobDefinitionName };
    const request = { ...schedule, MonitoringScheduleConfig: config };
    const made = new aws_sagemaker.CfnMonitoringSchedule(this, "Resource", toProperties(request));
    checkRendered(made, request);
    return made;
  }

  // ----------------------------------------------------------------------------------------------- what is said of it
  /**
   * @private
   * @param {Warning[]} warnings
   */
  warn(warnings) {
    const annotations = Annotations.of(this);
    for (const { id, message, statement, isInfo } of warnings) {
      const shown = statement ? `${message}: ${JSON.stringify(Stack.of(this).resolve(statement))}` : message;
      if (!isInfo) annotations.addWarningV2(`cdk-clarify-monitors:${id}`, shown);
      else if (annotations.addInfoV2) annotations.addInfoV2(`cdk-clarify-monitors:${id}`, shown);
      else annotations.addInfo(shown); // the lowest CDK has no information that can be acknowledged
    }
  }

  /**
   * @private
   * @returns {[string, import("aws-cdk-lib").TagManager | undefined][]}
   */
  tagged() {
    return [
      ["monitoring schedule", this.schedule.tags],
      ["job definition", this.definition.tags],
      ["baselining job", this.baseline && this.tags],
    ];
  }
}

/**
 * Whether two values are the same in a stack's template.
 *
 * @param {import("constructs").IConstruct} scope
 * @param {...any} values
 */
function isSame(scope, ...values) {
  return new Set(values.map((value) => JSON.stringify(Stack.of(scope).resolve(value)))).size === 1;
}

/**
 * The stack around a construct that is nested in no other.
 *
 * @param {import("constructs").IConstruct} construct
 */
function outermost(construct) {
  let stack = Stack.of(construct);
  while (stack.nestedStackParent) stack = stack.nestedStackParent;
  return stack;
}

/** @param {import("constructs").IConstruct} construct */
function isMonitor(construct) {
  return construct instanceof MonitorResources;
}

// The CDK's messages name a construct's class in JavaScript.
class ModelBiasMonitorConstruct extends MonitorResources {}
class ModelExplainabilityMonitorConstruct extends MonitorResources {}

module.exports = { ModelBiasMonitorConstruct, ModelExplainabilityMonitorConstruct, MonitorResources };
