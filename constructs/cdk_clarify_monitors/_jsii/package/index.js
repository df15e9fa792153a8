"use strict";

const { Construct } = require("constructs");

const MOST_TAGS = 50; // of a resource in SageMaker

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

const known = new Map();

/** The class with a name as jsii writes it, such as aws-cdk-lib.aws_iam.CfnRole. */
function named(name) {
  if (!known.has(name)) {
    const [library, ...path] = name.split(".");
    known.set(name, path.reduce((scope, member) => scope[member], require(library)));
  }
  return known.get(name);
}

module.exports = { Batch, BatchedConstruct };
