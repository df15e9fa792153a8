"use strict";

const { CfnResource, Stack } = require("aws-cdk-lib");

/**
 * How large the template of a stack is by now.
 *
 * @param {Stack} stack
 * @param {string[]} ids of which children of the stack have one in their own id
 * @returns {number[][]} resources and bytes of the whole template, then those of the children with each of these ids
 */
function templateSizes(stack, ids) {
  const { _suppressTemplateIndentation: isCompact } = /** @type {any} */ (stack);
  const template = stack.resolve(/** @type {any} */ (stack)._toCloudFormation());
  const size = (/** @type {any} */ part) => Buffer.byteLength(JSON.stringify(part, undefined, isCompact ? 0 : 1));
  // As a word: a short id is a part of many others.
  const word = (/** @type {string} */ id) =>
    new RegExp(`(^|[^A-Za-z0-9])${id.replace(/[^A-Za-z0-9]/gu, (each) => `\\u{${each.codePointAt(0)?.toString(16)}}`)}($|[^a-z0-9])`, "u");
  const longestFirst = [...ids].sort((one, other) => other.length - one.length).map((id) => ({ id, pattern: word(id) }));
  const owner = (/** @type {import("constructs").IConstruct} */ child) => longestFirst.find(({ pattern }) => pattern.test(child.node.id))?.id;
  /** @type {Map<string | undefined, any[]>} */
  const owned = new Map(ids.map((id) => [id, []]));
  for (const child of stack.node.children) {
    for (const part of child.node.findAll()) {
      if (!CfnResource.isCfnResource(part) || Stack.of(part) !== stack) continue;
      owned.get(owner(child))?.push(template.Resources[stack.resolve(/** @type {any} */ (part).logicalId)]);
    }
  }
  const of = (/** @type {any[]} */ parts) => [parts.length, size(parts)];
  return [[Object.keys(template.Resources).length, size(template)], ...[...owned.values()].map(of)];
}

module.exports = { templateSizes };
