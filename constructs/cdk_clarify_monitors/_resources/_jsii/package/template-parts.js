"use strict";

const { CfnResource, DefaultTokenResolver, Reference, Stack, StringConcat, Token, Tokenization } = require("aws-cdk-lib");

/**
 * What resources of an app will be in its templates: their properties, and what they refer to.
 *
 * @typedef {import("constructs").IConstruct} IConstruct
 */

/**
 * What is at a path of a resource's properties, as far as the app knows it.
 *
 * @param {CfnResource} resource
 * @param {...string} path
 * @returns {any}
 */
function member(resource, ...path) {
  const { rawOverrides, cfnProperties } = /** @type {any} */ (resource);
  const override = path.reduce((part, name) => part?.[name], rawOverrides.Properties);
  if (override !== undefined) return override;
  return path.reduce((part, name) => {
    const plain = Tokenization.isResolvable(part) ? Stack.of(resource).resolve(part) : part;
    // As CloudFormation has it, or as the L1 construct has it.
    return plain?.[name] ?? plain?.[camelCase(name)];
  }, cfnProperties);
}

/**
 * A property's name in CloudFormation as an L1 construct has it: `VolumeSizeInGB`, `KMSMasterKeyID` as `volumeSizeInGb`,
 * `kmsMasterKeyId`.
 *
 * @param {string} name
 */
function camelCase(name) {
  return name
    .replace(/^[A-Z]+(?=[A-Z][a-z])|^[A-Z]/, (start) => start.toLowerCase())
    .replace(/(?<=[A-Z])[A-Z]+$/, (end) => end.toLowerCase());
}

/**
 * Whether a resolved value is an intrinsic function of CloudFormation, so that only the deployment knows it.
 *
 * @param {any} value
 * @returns {boolean}
 */
function isIntrinsic(value) {
  if (value === null || typeof value !== "object") return false;
  const names = Object.keys(value);
  return names.length === 1 && /^(Ref|Fn::\w+)$/.test(names[0]);
}

/**
 * The references to resources in a value.
 *
 * @param {IConstruct} scope
 * @param {any} value
 * @returns {Reference[]}
 */
function referencesIn(scope, value) {
  if (typeof value === "string" && !Token.isUnresolved(value)) return [];
  const resolver = new ReferenceCollector();
  Tokenization.resolve(value, { scope, resolver, preparing: false });
  return resolver.found;
}

class ReferenceCollector extends DefaultTokenResolver {
  constructor() {
    super(new StringConcat());
    /** @type {Reference[]} */
    this.found = [];
  }

  /**
   * @override
   * @param {import("aws-cdk-lib").IResolvable} token
   * @param {import("aws-cdk-lib").IResolveContext} context
   * @param {import("aws-cdk-lib").IPostProcessor} postProcessor
   */
  resolveToken(token, context, postProcessor) {
    if (!Reference.isReference(token)) return super.resolveToken(token, context, postProcessor);
    this.found.push(token);
    return "reference";
  }
}

module.exports = { camelCase, isIntrinsic, member, referencesIn };
