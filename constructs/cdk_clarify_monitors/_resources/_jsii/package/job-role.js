"use strict";

const { Annotations, CfnResource, Stack, aws_iam } = require("aws-cdk-lib");
const { Dependable } = require("constructs");

const { StackResources, acknowledgeJobs, policyStatement } = require("./stack-resources");

/**
 * The role that a monitor's jobs run under: one that is made here, or one that the user gave.
 *
 * @typedef {import("constructs").Construct} Construct
 * @typedef {import("aws-cdk-lib").aws_iam.IRole} IRole
 * @typedef {import("./nag").Statement} Statement
 *
 * What the jobs may do.
 * @typedef {object} JobPolicy
 * @property {string} principal
 * @property {Record<string, any>} trust conditions
 * @property {number[]} own statements of this monitor
 * @property {Record<string, number[]>} shared statements of the stack's managed policies, by their names
 * @property {boolean} separatePolicy whether a given role gets a policy of its own for them, as they refer to something that may
 *   depend on the role
 */

const CUSTOMIZED_ROLES = "@aws-cdk/iam:customizeRoles"; // where iam.Role.customizeRoles leaves its configuration
const POLICY_NAME = "ClarifyJobs";

/**
 * A new role with just the permissions that the jobs need.
 *
 * What is about this monitor is in an inline policy. What is the same for many, in managed policies of the stack: that
 * keeps the template small, and the CDK's list of changed permissions short.
 *
 * @param {Construct} monitor
 * @param {StackResources} stackResources
 * @param {JobPolicy} jobs
 * @param {(isSettled: boolean) => Statement[]} lateStatements what is known at synthesis only; its argument tells whether
 *   nothing is made any more
 */
function makeJobRole(monitor, stackResources, jobs, lateStatements) {
  // A role that is made elsewhere is to have all permissions, and no policy of this stack.
  const customized = monitor.node.tryGetContext(CUSTOMIZED_ROLES) !== undefined;
  const numbers = customized ? allStatements(jobs) : jobs.own;
  const own = stackResources.shortStatements(numbers);
  const shared = customized ? [] : Object.entries(jobs.shared);
  const role = new aws_iam.Role(monitor, "Role", {
    assumedBy: new aws_iam.ServicePrincipal(jobs.principal, { conditions: jobs.trust }),
    inlinePolicies: { [POLICY_NAME]: new JobPolicyDocument(own, lateStatements) },
    managedPolicies: shared.map(([name, statements]) => {
      const managedPolicyArn = stackResources.managedPolicyArn(name, stackResources.shortStatements(statements));
      return /** @type {any} */ ({ managedPolicyArn });
    }),
  });
  // A role that is reported and made has the policy twice, beside it as well; one that is not made has none.
  for (const place of [role.node.defaultChild, role.node.tryFindChild(POLICY_NAME)]) {
    if (place) acknowledgeJobs(place, own, stackResources);
  }
  return role;
}

/**
 * Add to a given role what the jobs need, and let the monitor wait for it. A role that takes nothing (imported as
 * immutable, or from another account) stays as it is; a warning lists what to add.
 *
 * @param {Construct} monitor
 * @param {StackResources} stackResources
 * @param {IRole} role
 * @param {JobPolicy} jobs
 */
function allowGivenRole(monitor, stackResources, role, jobs) {
  const stack = Stack.of(monitor);
  const statements = stackResources.longStatements(allStatements(jobs));
  // In the stack of the role, the policy would refer to what this stack makes, and this stack to the role.
  const isSeparate = jobs.separatePolicy || role.stack !== stack;
  const taken = isSeparate ? attachPolicy(monitor, role, statements) : addStatements(monitor, role, statements);
  if (!taken) {
    const message = "the given 'role' takes no permissions from here: add these statements to it by hand";
    const shown = JSON.stringify(stack.resolve(statements));
    Annotations.of(monitor).addWarningV2("cdk-clarify-monitors:role", `${message}: ${shown}`);
  }
}

/**
 * Add a statement of the user's own.
 *
 * @param {Construct} monitor
 * @param {IRole} role
 * @param {import("aws-cdk-lib").aws_iam.PolicyStatement} statement
 */
function addUserStatement(monitor, role, statement) {
  const { policyDependable } = role.addToPrincipalPolicy(statement);
  // The policy of a role of its own is a part of the monitor, which its baseline waits for.
  if (policyDependable && role.node.scope !== monitor) monitor.node.addDependency(policyDependable);
  if (StackResources.takesPermissions(role)) return;
  const message = "the role of the monitor takes no permissions from here: add this statement to it by hand";
  const shown = JSON.stringify(Stack.of(monitor).resolve(statement.toStatementJson()));
  Annotations.of(monitor).addWarningV2("cdk-clarify-monitors:role-statement", `${message}: ${shown}`);
}

/**
 * What is granted to a role later is in policies beside it: the job starts after it has them.
 *
 * @param {Construct} monitor
 * @param {IRole} role
 * @returns {import("constructs").IDependable}
 */
function laterPolicies(monitor, role) {
  const stack = Stack.of(monitor);
  const later = /** @type {import("constructs").IDependable} */ ({});
  Dependable.implement(later, {
    get dependencyRoots() {
      // Not all that is in the role: what users put there may refer to the monitor. A role of Python has no such children.
      const children = role.node.children;
      const isLater = (/** @type {import("constructs").IConstruct} */ { node }) => /^(DefaultPolicy|OverflowPolicy\d+)$/.test(node.id);
      return children.filter((child) => isLater(child) && Stack.of(child) === stack);
    },
  });
  return later;
}

/**
 * Whether a role may read objects in S3 by what others have added to it.
 *
 * @param {Stack} stack
 * @param {IRole} role
 */
function mayReadMore(stack, role) {
  const resource = /** @type {any} */ (role.node.defaultChild);
  if (!CfnResource.isCfnResource(resource)) return true; // a role that is made elsewhere
  /** @type {(list: any) => any[]} the CDK's lists resolve to nothing where they are empty */
  const resolved = (list) => stack.resolve(list) ?? [];
  const { policies, managedPolicyArns } = /** @type {any} */ (resource);
  const others = resolved(policies).filter(({ policyName }) => policyName !== POLICY_NAME);
  const managed = resolved(managedPolicyArns).filter((arn) => !/Clarify(Job|ShadowEndpoint)Policy/.test(arn?.Ref));
  const name = JSON.stringify(stack.resolve(role.roleName));
  const attached = stack.node
    .findAll()
    .filter((each) => each instanceof aws_iam.CfnPolicy || each instanceof aws_iam.CfnManagedPolicy)
    .filter((policy) => JSON.stringify(resolved(policy.roles)).includes(name))
    .map((policy) => stack.resolve(policy.policyDocument));
  return managed.length > 0 || /"(s3:(\*|Get\*|GetObject\*?)|\*)"/.test(JSON.stringify([others, attached]));
}

/** @param {JobPolicy} jobs */
function allStatements({ own, shared }) {
  return [...own, ...Object.values(shared).flat()];
}

/**
 * @param {Construct} monitor
 * @param {IRole} role
 * @param {Statement[]} statements
 * @returns {boolean} whether the role took them
 */
function addStatements(monitor, role, statements) {
  const results = statements.map((statement) => role.addToPrincipalPolicy(policyStatement(statement)));
  for (const { policyDependable } of results) {
    if (policyDependable) monitor.node.addDependency(policyDependable);
  }
  return StackResources.takesPermissions(role) && results.every(({ statementAdded }) => statementAdded);
}

/**
 * @param {Construct} monitor
 * @param {IRole} role
 * @param {Statement[]} statements
 * @returns {boolean} whether the role took it
 */
function attachPolicy(monitor, role, statements) {
  const policy = new aws_iam.Policy(monitor, "JobPolicy", { statements: statements.map(policyStatement) });
  role.attachInlinePolicy(policy);
  monitor.node.addDependency(policy);
  const resource = /** @type {import("aws-cdk-lib").aws_iam.CfnPolicy} */ (policy.node.defaultChild);
  acknowledgeJobs(resource, statements);
  return StackResources.takesPermissions(role) && (Stack.of(monitor).resolve(resource.roles) ?? []).length > 0;
}

/** The jobs' policy, with what is found when it is written. */
class JobPolicyDocument extends aws_iam.PolicyDocument {
  /**
   * @param {Statement[]} statements
   * @param {(isSettled: boolean) => Statement[]} lateStatements
   */
  constructor(statements, lateStatements) {
    super({ minimize: false, statements: statements.map(policyStatement) });
    /** @private */
    this.lateStatements = lateStatements;
  }

  /**
   * @override
   * @param {import("aws-cdk-lib").IResolveContext} context
   */
  resolve(context) {
    const document = super.resolve(context);
    // The CDK looks for references after all aspects.
    return { ...document, Statement: [...document.Statement, ...this.lateStatements(context.preparing)] };
  }
}

module.exports = { addUserStatement, allowGivenRole, laterPolicies, makeJobRole, mayReadMore };
