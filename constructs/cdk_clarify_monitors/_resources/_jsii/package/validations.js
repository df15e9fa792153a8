"use strict";

const { Stack } = require("aws-cdk-lib");

const { isIntrinsic } = require("./template-parts");

/** @typedef {import("aws-cdk-lib").TagManager} TagManager */

const MOST_TAGS = 50; // of a resource in SageMaker

// https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html
const LARGEST_INPUT = 262144;
// Of an event apart from the properties: CloudFormation's presigned URL, ids, and what the function has noted.
const EVENT = 8192;
const LARGEST_PROPERTIES = (LARGEST_INPUT - EVENT) / 2;
// Of a value that is known at deployment only: a name, an ARN, an S3 URI.
const UNKNOWN = 256;

/**
 * The error if a resource has too many tags together with the stack's, which CloudFormation adds to what it makes, and
 * the Lambda function to the baselining job. At synthesis, because aspects add tags, too.
 *
 * @param {Stack} stack
 * @param {[string, TagManager | undefined][]} tagged what has tags, and its tags
 * @returns {string[]}
 */
function tooManyTags(stack, tagged) {
  const ofStack = keysOf(stack, ...around(stack).map(({ tags }) => tags));
  for (const [what, tags] of tagged) {
    const own = keysOf(stack, tags);
    const count = new Set([...ofStack, ...own]).size;
    if (count > MOST_TAGS) {
      return [
        `'tags' must be at most ${MOST_TAGS} together with the stack's, got ${count} of the ${what}: ${own.length} by ` +
          `'tags' and Tags.of(…), ${ofStack.length} of the stack itself; remove ${count - MOST_TAGS} of them`,
      ];
    }
  }
  return [];
}

/**
 * A stack and, if it is nested, those around it, whose tags its resources get, too.
 *
 * @param {Stack | undefined} stack
 * @returns {Stack[]}
 */
function around(stack) {
  return stack ? [stack, ...around(stack.nestedStackParent)] : [];
}

/**
 * The keys of tags, each once. CDK writes a resource's tags without capitals and a stack's with them.
 *
 * @param {Stack} stack
 * @param {(TagManager | undefined)[]} managers
 * @returns {string[]}
 */
function keysOf(stack, ...managers) {
  const tags = managers.flatMap((manager) => stack.resolve(manager?.renderTags()) ?? []);
  return [...new Set(tags.map((tag) => tag.Key ?? tag.key))];
}

/**
 * What keeps a baseline from being updated: the size of its properties, as far as that is known at synthesis.
 *
 * @param {any} resource
 * @param {any[]} parts what the properties are made of
 * @returns {string[]}
 */
function oversized(resource, parts) {
  const text = JSON.stringify(parts);
  const most = Buffer.byteLength(text) + text.split("Token[").length * UNKNOWN;
  // Few come near the limit, and to resolve a resource costs as much as to synthesize it.
  if (most < LARGEST_PROPERTIES && Object.keys(resource.rawOverrides).length === 0) return [];
  const { Resources } = Stack.of(resource).resolve(resource._toCloudFormation());
  const [{ Properties }] = /** @type {any[]} */ (Object.values(Resources ?? { none: {} }));
  const size = bytes(Properties ?? {});
  if (size <= LARGEST_PROPERTIES) return [];
  const sizes = Object.entries(Properties).map(([name, value]) => ({ name, size: bytes(value) }));
  const largest = sizes.sort((one, other) => other.size - one.size).slice(0, 3);
  return [
    `the properties have up to ${size} bytes (${largest.map((each) => `${each.name} ${each.size}`).join(", ")}), the limit ` +
      `is ${LARGEST_PROPERTIES}: an update sends old and new ones through Step Functions, which takes ${LARGEST_INPUT}; ` +
      "use fewer or shorter tags, environment variables and deploy-time values",
  ];
}

/**
 * The bytes of a resolved value as JSON, where CloudFormation makes a string of every scalar.
 *
 * @param {any} value
 * @returns {number}
 */
function bytes(value) {
  if (Array.isArray(value)) return 2 + sum(value.map((item) => bytes(item) + 1));
  if (value === null || typeof value !== "object") return quoted(String(value));
  const members = Object.entries(value);
  if (isIntrinsic(value)) return 2 + bytesOfIntrinsic(...members[0]);
  return 2 + sum(members.map(([name, member]) => quoted(name) + 1 + bytes(member) + 1));
}

/**
 * The bytes of what an intrinsic function gives.
 *
 * @param {string} name
 * @param {any} argument
 * @returns {number}
 */
function bytesOfIntrinsic(name, argument) {
  if (name === "Fn::Join" && Array.isArray(argument[1])) {
    return sum(argument[1].map((part) => bytes(part) + quoted(argument[0])));
  }
  if (name === "Fn::Sub") {
    const [text, values] = Array.isArray(argument) ? argument : [argument, {}];
    return quoted(text) + (text.split("${").length - 1) * UNKNOWN + bytes(values);
  }
  if (name === "Fn::If") return Math.max(...argument.slice(1).map(bytes));
  return UNKNOWN;
}

/** @param {string} text */
function quoted(text) {
  return Buffer.byteLength(JSON.stringify(text));
}

/** @param {number[]} numbers */
function sum(numbers) {
  return numbers.reduce((total, number) => total + number, 0);
}

module.exports = { oversized, tooManyTags };
