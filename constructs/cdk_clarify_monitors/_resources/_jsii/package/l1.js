"use strict";

const { camelCase } = require("./template-parts");

/**
 * From SageMaker's API to the properties of CDK's L1 constructs.
 *
 * CloudFormation keeps the API's names at the API's depth, so a request is written once, in the API's PascalCase.
 *
 * @typedef {Record<string, any>} ApiRequest
 */

// Free-form maps: their keys are the user's, not the API's.
const FREE_FORM = new Set(["Environment"]);

/**
 * A request as the properties of an L1 construct.
 *
 * @param {ApiRequest} request
 * @returns {any}
 */
function toProperties(request) {
  return Object.fromEntries(Object.entries(request).map(([name, value]) => [camelCase(name), property(name, value)]));
}

/**
 * @param {string} name
 * @param {any} value
 * @returns {any}
 */
function property(name, value) {
  if (Array.isArray(value)) return value.map((item) => property("", item));
  return isObject(value) && !FREE_FORM.has(name) ? toProperties(value) : value;
}

// What was rendered in full: types with the names of the members of requests.
const complete = new Set();

/**
 * Refuse a request that an L1 construct does not render in full: it drops in silence what it has no property for.
 *
 * @param {any} resource the construct that was made of the request
 * @param {ApiRequest} request
 */
function checkRendered(resource, request) {
  const shape = `${resource.cfnResourceType} ${shapeOf(request)}`;
  if (complete.has(shape)) return;
  const missing = firstMissing(request, resource.renderProperties(resource.cfnProperties));
  if (missing) throw new Error(`${resource.cfnResourceType} of this version of aws-cdk-lib has no property ${missing}`);
  complete.add(shape);
}

/**
 * @param {any} request
 * @param {any} rendered
 * @returns {string | undefined} the path of the first member that is not rendered
 */
function firstMissing(request, rendered) {
  for (const [name, value] of Object.entries(request)) {
    if (rendered?.[name] === undefined) return name;
    const below = value !== null && typeof value === "object" ? firstMissing(value, rendered[name]) : undefined;
    if (below !== undefined) return `${name}.${below}`;
  }
  return undefined;
}

/**
 * @param {any} request
 * @returns {string} the names of its members, in their order
 */
function shapeOf(request) {
  if (!isObject(request)) return "";
  return `{${Object.entries(request).map(([name, value]) => name + shapeOf(value))}}`;
}

/** @param {any} value */
function isObject(value) {
  return value !== null && typeof value === "object";
}

module.exports = { checkRendered, toProperties };
