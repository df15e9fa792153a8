"use strict";

const { createHash } = require("crypto");
const { writeFileSync } = require("fs");
const { join, relative } = require("path");

const { Construct } = require("constructs");

const MOST_TAGS = 50; // of a resource in SageMaker
const BASELINE = "Custom::ClarifyBaseline";

// https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html
const LARGEST_INPUT = 262144;
// Of an event apart from the properties: CloudFormation's presigned URL, ids, and what the function has noted.
const EVENT = 8192;
const LARGEST_PROPERTIES = (LARGEST_INPUT - EVENT) / 2;
// Of a value that is known at deployment only: a name, an ARN, an S3 URI.
const UNKNOWN = 256;

// What Python writes for the result of a step or for one of its own objects; see _batch.py. The CDK's own tokens have
// no "@" in them.
const REFERENCE = /\$\{Token\[@(step|object)\.(\d+)\]\}/g;
const NOTHING_BUT_A_REFERENCE = new RegExp(`^${REFERENCE.source}$`);

/** Several calls to the CDK in one message from Python. */
class Batch {
  /**
   * Take steps one after the other.
   *
   * @param script JSON: a list of [verb, target, argument …], where results of steps before may stand for any value
   * @param objects what JSON cannot express
   * @returns JSON: the result of each step if it is a string, else null
   */
  static run(script, objects) {
    const results = taken(script, objects);
    return JSON.stringify(results.map((result) => (typeof result === "string" ? result : null)));
  }
}

/** A construct that is made together with what is in it. */
class BatchedConstruct extends Construct {
  /** @param script as above; the construct itself is the first of the objects */
  constructor(scope, id, script, objects) {
    super(scope, id);
    taken(script, [this, ...objects]);
    this.node.addValidation({ validate: () => tooManyTags(this) });
    for (const child of this.node.children) {
      if (child.cfnResourceType === BASELINE) child.node.addValidation({ validate: () => oversized(child) });
    }
  }
}

/**
 * The error if a resource of a monitor has too many tags together with the stack's, which CloudFormation adds to what it
 * makes, and the Lambda function to the baselining job. At synthesis, because aspects add tags, too.
 */
function tooManyTags(monitor) {
  const stack = named("aws-cdk-lib.Stack").of(monitor);
  const [schedule, definition, baseline] = ["Resource", "JobDefinition", "Baseline"].map((id) =>
    monitor.node.tryFindChild(id),
  );
  const tagged = [
    ["monitoring schedule", schedule?.tags.renderedTags],
    ["job definition", definition?.tags.renderedTags],
    ["baselining job", baseline?.rawOverrides.Properties?.Tags ?? baseline?.cfnProperties.Tags],
  ];
  const ofStack = keysOf(stack, ...around(stack).map(({ tags }) => tags.renderedTags));
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

/** A stack and, if it is nested, those around it, whose tags its resources get, too. */
function around(stack) {
  return stack ? [stack, ...around(stack.nestedStackParent)] : [];
}

/** The keys of lists of tags, each once. CDK writes a resource's tags without capitals and a stack's with them. */
function keysOf(stack, ...lists) {
  const tags = lists.flatMap((list) => stack.resolve(list) ?? []);
  return [...new Set(tags.map((tag) => tag.Key ?? tag.key))];
}

function taken(script, objects) {
  const results = [];
  const found = (kind, number) => (kind === "step" ? results : objects)[number];

  // Takes what comes from JSON, and changes it where it stands.
  function meant(value) {
    if (typeof value === "string") {
      if (!value.includes("${Token[@")) return value;
      const whole = NOTHING_BUT_A_REFERENCE.exec(value);
      return whole ? found(whole[1], whole[2]) : value.replace(REFERENCE, (_, kind, number) => found(kind, number));
    }
    if (value !== null && typeof value === "object") {
      for (const key of Object.keys(value)) value[key] = meant(value[key]);
    }
    return value;
  }

  for (const step of JSON.parse(script)) {
    const [verb, target, ...rest] = meant(step);
    results.push(VERBS[verb](typeof target === "string" ? named(target) : target, ...rest));
  }
  return results;
}

const VERBS = {
  new: (type, ...values) => new type(...values),
  call: (target, method, ...values) => target[method](...values),
  get: (target, property) => target[property],
};

/** A JSON file of the cloud assembly, which is published with its stacks. */
class JsonAsset {
  /**
   * Add a file to the assets of a stack.
   *
   * It is written where staged assets lie, also if staging is off: there is no other file that it was made from.
   *
   * @param stack the stack
   * @param text the file's content
   * @returns the location, as the stack's synthesizer gives it
   */
  static add(stack, text) {
    const hash = createHash("sha256").update(text).digest("hex");
    const stage = named("aws-cdk-lib.Stage").of(stack);
    const path = join(stage.assetOutdir, `asset.${hash}.json`);
    writeFileSync(path, text);
    const fileName = relative(stage.outdir, path);
    return stack.synthesizer.addFileAsset({ fileName, packaging: "file", sourceHash: hash });
  }
}

const known = new Map([["cdk-clarify-monitors.JsonAsset", JsonAsset]]);

/** The class with a name as jsii writes it, such as aws-cdk-lib.aws_iam.CfnRole. */
function named(name) {
  if (!known.has(name)) {
    const [library, ...path] = name.split(".");
    known.set(name, path.reduce((scope, member) => scope[member], require(library)));
  }
  return known.get(name);
}

/** What keeps a baseline from being updated: the size of its properties, as far as that is known at synthesis. */
function oversized(resource) {
  const { Resources } = named("aws-cdk-lib.Stack").of(resource).resolve(resource._toCloudFormation());
  const [{ Properties }] = Object.values(Resources ?? { none: {} });
  const size = bytes(Properties ?? {});
  if (size <= LARGEST_PROPERTIES) return [];
  const sizes = Object.entries(Properties).map(([name, value]) => [name, bytes(value)]);
  const largest = sizes.sort((one, other) => other[1] - one[1]).slice(0, 3);
  return [
    `the properties have up to ${size} bytes (${largest.map(([name, each]) => `${name} ${each}`).join(", ")}), the limit ` +
      `is ${LARGEST_PROPERTIES}: an update sends old and new ones through Step Functions, which takes ${LARGEST_INPUT}; ` +
      "use fewer or shorter tags, environment variables and deploy-time values",
  ];
}

/** The bytes of a resolved value as JSON, where CloudFormation makes a string of every scalar. */
function bytes(value) {
  if (Array.isArray(value)) return 2 + sum(value.map((item) => bytes(item) + 1));
  if (value === null || typeof value !== "object") return quoted(String(value));
  const members = Object.entries(value);
  if (members.length === 1 && /^(Ref|Fn::\w+)$/.test(members[0][0])) return 2 + substituted(...members[0]);
  return 2 + sum(members.map(([name, member]) => quoted(name) + 1 + bytes(member) + 1));
}

/** The bytes of what an intrinsic function gives. */
function substituted(name, argument) {
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

function quoted(text) {
  return Buffer.byteLength(JSON.stringify(text));
}

function sum(numbers) {
  return numbers.reduce((total, number) => total + number, 0);
}

module.exports = { Batch, BatchedConstruct };
