"use strict";

const { Validations } = require("aws-cdk-lib");

/**
 * Answers to findings of cdk-nag 3 on what the library makes, so that users need not give them.
 *
 * They are kept as the CDK keeps acknowledgements of any validation, so cdk-nag is no dependency. Each answer is for one
 * finding on one construct: what users add to it is still checked.
 *
 * @typedef {import("constructs").IConstruct} IConstruct
 * @typedef {Record<string, any>} Statement a policy statement in IAM's JSON
 */

/**
 * Accept findings on a construct and on what is inside it.
 *
 * @param {IConstruct} construct
 * @param {Record<string, string>} reasons why each finding is accepted, by its id
 */
function acknowledge(construct, reasons) {
  // What Validations.of(construct).acknowledge(…) does for one finding at a time. A CDK without Validations is one that
  // cdk-nag 3 does not run with.
  if (Validations && Object.keys(reasons).length > 0) {
    construct.node.addMetadata(Validations.ACKNOWLEDGED_RULES_METADATA_KEY, reasons);
  }
}

/**
 * The findings of wildcards in the resources of statements, all accepted for one reason.
 *
 * @param {{ resolve: (value: any) => any }} stack the stack that resolves the tokens in them
 * @param {Statement[]} statements
 * @param {string} reason
 * @returns {Record<string, string>}
 */
function wildcards(stack, statements, reason) {
  const resources = statements
    .filter(({ Effect }) => Effect === "Allow")
    .flatMap(({ Resource }) => Resource)
    .map((resource) => flat(stack.resolve(resource)))
    .filter((resource) => resource.includes("*"));
  return Object.fromEntries(resources.map((resource) => [`AwsSolutions-IAM5[Resource::${resource}]`, reason]));
}

/**
 * A resolved value as cdk-nag shows it: with `<LogicalId>` in the place of a reference.
 *
 * @param {any} value
 * @returns {string}
 */
function flat(value) {
  if (typeof value === "string") return value.replaceAll("${", "<").replaceAll("}", ">");
  const [[name, argument]] = Object.entries(value);
  if (name === "Fn::Join") return argument[1].map(flat).join(argument[0]);
  if (name === "Fn::GetAtt") return `<${argument[0]}.${argument[1]}>`;
  if (name === "Ref") return `<${argument}>`;
  if (name === "Fn::Sub" && typeof argument === "string") return flat(argument);
  return JSON.stringify(value);
}

module.exports = { acknowledge, wildcards };
