"use strict";

const { CfnResource, Fn, Stack, Stage, Token, Tokenization, aws_iam } = require("aws-cdk-lib");

const { isIntrinsic, member, referencesIn } = require("./template-parts");

/**
 * The models, the endpoints and their configurations that an app makes.
 *
 * @typedef {import("constructs").IConstruct} IConstruct
 *
 * @typedef {"Endpoint" | "EndpointConfig" | "Model"} Kind
 *
 * A resource of the app, and how it was found.
 * @typedef {object} FoundResource
 * @property {CfnResource} resource
 * @property {boolean} byReference whether a token refers to it; false: it has the same name
 *
 * What a name that is known at deployment only stands for.
 * @typedef {object} Named
 * @property {string | null} arn of the resource; null: the resource is not known
 * @property {boolean} isArn whether the name is the ARN itself
 * @property {string | null} elsewhere the account and region of the resource, if they are others than the stack's
 *
 * The resources of an app by kind and name, as JSON: in an app with as many endpoints as monitors, none is looked at by each.
 * @typedef {Record<Kind, Map<string | undefined, CfnResource[]>>} ByName
 *
 * Where an endpoint captures its data.
 * @typedef {object} Capture
 * @property {CfnResource} config of the endpoint
 * @property {string[]} modes what it captures: Input, Output; none: nothing
 * @property {string} [uri]
 * @property {string} [key] that encrypts them
 */

const PREFIX = "AWS::SageMaker::";
/** @type {Kind[]} */
const KINDS = ["Endpoint", "EndpointConfig", "Model"];
const CAPTURE = "DataCaptureConfig";
const ARNS = ["Ref", "EndpointArn", "ModelArn"];
// What IAM takes for a wildcard or a policy variable; tokens look like the latter.
const SPECIAL = /[*?]|\$\{(?!Token\[)/g;

/** @type {WeakMap<IConstruct, { byName: ByName, awaited: Map<CfnResource, CfnResource[]> }>} */
const settled = new WeakMap(); // apps and stages in which nothing is made any more

/**
 * What a name stands for: `Ref` of a model or an endpoint is its ARN as SageMaker writes it, in lower case.
 *
 * @param {Stack} stack
 * @param {Kind} kind
 * @param {string} name a token
 * @returns {Named}
 */
function named(stack, kind, name) {
  const found = referencesIn(stack, name).filter(({ target }) => isOfKind(target, kind));
  if (found.length !== 1) return { arn: null, isArn: false, elsewhere: null };
  const [{ target, displayName }] = found;
  const arn = /** @type {CfnResource} */ (target).ref;
  const isWhole = Tokenization.reverseCompleteString(name) === found[0];
  return { arn, isArn: isWhole && ARNS.includes(displayName), elsewhere: elsewhere(stack, Stack.of(target)) };
}

/**
 * The account and region of another stack, if they are known to be others.
 *
 * @param {Stack} here
 * @param {Stack} there
 */
function elsewhere(here, there) {
  const differs = (/** @type {string} */ ours, /** @type {string} */ theirs) =>
    ours !== theirs && !Token.isUnresolved(ours) && !Token.isUnresolved(theirs);
  const isElsewhere = differs(here.account, there.account) || differs(here.region, there.region);
  return isElsewhere ? `${there.account}, ${there.region}` : null;
}

/**
 * The resource that a name stands for, if the app makes it.
 *
 * @param {IConstruct} user who has the name
 * @param {Kind} kind
 * @param {string} name
 * @param {(construct: IConstruct) => boolean} skips constructs that have no such resource inside
 * @returns {FoundResource | undefined}
 */
function find(user, kind, name, skips) {
  const referred = referencesIn(user, name).find(({ target }) => isOfKind(target, kind));
  if (referred) return { resource: /** @type {CfnResource} */ (referred.target), byReference: true };
  const stack = Stack.of(user);
  const root = rootOf(user);
  const resources = (settled.get(root)?.byName ?? byName(root, skips))[kind].get(JSON.stringify(stack.resolve(name))) ?? [];
  // The same parameter in two stacks need not have the same value.
  const isOnlyHere = Token.isUnresolved(name);
  const candidates = resources.filter((resource) => {
    const other = Stack.of(resource);
    return other === stack || (!isOnlyHere && other.account === stack.account && other.region === stack.region);
  });
  const resource = candidates.find((each) => Stack.of(each) === stack) ?? candidates[0];
  return resource && { resource, byReference: false };
}

/**
 * Look for resources once for all monitors of an app, or stage. To be called where nothing is made any more until the end of
 * the synthesis, which is that of the call from Python: at validation, or when the CDK looks for references.
 *
 * @param {IConstruct} user
 * @param {(construct: IConstruct) => boolean} skips constructs that have no such resource inside
 */
function settle(user, skips) {
  const root = rootOf(user);
  if (settled.has(root)) return;
  settled.set(root, { byName: byName(root, skips), awaited: new Map() });
  queueMicrotask(() => settled.delete(root));
}

/** @param {IConstruct} construct */
function rootOf(construct) {
  return Stage.of(construct) ?? construct.node.root;
}

/**
 * @param {IConstruct} root
 * @param {(construct: IConstruct) => boolean} skips
 * @returns {ByName}
 */
function byName(root, skips) {
  /** @type {ByName} */
  const found = { Endpoint: new Map(), EndpointConfig: new Map(), Model: new Map() };
  for (const [kind, resource] of resourcesIn(root, skips)) {
    const name = JSON.stringify(Stack.of(resource).resolve(member(resource, `${kind}Name`)));
    if (name !== undefined) found[kind].set(name, [...(found[kind].get(name) ?? []), resource]);
  }
  return found;
}

/**
 * Whether CloudFormation makes one resource after another one. To be asked at validation, when the CDK has written down
 * what depends on what.
 *
 * @param {CfnResource} later
 * @param {CfnResource} earlier
 * @returns {boolean}
 */
function waitsFor(later, earlier) {
  const seen = new Set([later]);
  for (const resource of seen) {
    if (resource === earlier) return true;
    for (const each of awaitedBy(resource)) seen.add(each);
  }
  return false;
}

/**
 * What CloudFormation makes before a resource, as far as the resource itself says it.
 *
 * @param {CfnResource} resource
 * @returns {CfnResource[]}
 */
function awaitedBy(resource) {
  const known = settled.get(rootOf(resource))?.awaited.get(resource);
  if (known) return known;
  const referred = referencesIn(resource, /** @type {any} */ (resource)._toCloudFormation()).map(({ target }) => target);
  const awaited = [...resource.obtainDependencies(), ...referred].filter((each) => CfnResource.isCfnResource(each));
  const found = [...new Set(/** @type {CfnResource[]} */ (awaited))];
  settled.get(rootOf(resource))?.awaited.set(resource, found);
  return found;
}

/**
 * Where an endpoint captures its data, as far as the app says it.
 *
 * @param {IConstruct} user who reads them
 * @param {string} endpointName
 * @param {(construct: IConstruct) => boolean} skips
 * @returns {Capture | undefined} undefined: the configuration is not of this app, belongs to a stack that must not be
 *   referred to, or is decided by the deployment
 */
function capturedData(user, endpointName, skips) {
  const endpoint = find(user, "Endpoint", endpointName, skips);
  const configName = endpoint && member(endpoint.resource, "EndpointConfigName");
  const config = configName && find(endpoint.resource, "EndpointConfig", configName, skips)?.resource;
  if (!config || isIntrinsic(Stack.of(config).resolve(member(config, CAPTURE)))) return undefined;
  const uri = text(member(config, CAPTURE, "DestinationS3Uri"));
  const modes = uri ? capturedModes(config) : [];
  if (!uri || !modes.length) return { config, modes };
  const key = text(member(config, CAPTURE, "KmsKeyId") ?? keyOfBucket(config, uri));
  if (!endpoint.byReference && [uri, key].some((each) => refersToOthers(user, each))) return undefined;
  return { config, modes, uri, key };
}

/**
 * A property that is a string. Raw resources and overrides may have a function of CloudFormation in its place.
 *
 * @param {any} value
 * @returns {string | undefined}
 */
function text(value) {
  return value === undefined ? undefined : Token.asString(value);
}

/**
 * What an endpoint captures: requests (Input), responses (Output); both, where only the deployment knows.
 *
 * @param {CfnResource} config
 * @returns {string[]}
 */
function capturedModes(config) {
  if (member(config, CAPTURE, "EnableCapture") === false) return [];
  const options = Stack.of(config).resolve(member(config, CAPTURE, "CaptureOptions"));
  const modes = Array.isArray(options) ? options.map((each) => each?.CaptureMode ?? each?.captureMode) : [undefined];
  const isKnown = modes.every((mode) => typeof mode === "string");
  return isKnown ? modes.flatMap((mode) => (mode === "InputAndOutput" ? ["Input", "Output"] : [mode])) : ["Input", "Output"];
}

/**
 * The key that encrypts a bucket's objects, if the app makes the bucket.
 *
 * @param {IConstruct} scope
 * @param {string} uri
 */
function keyOfBucket(scope, uri) {
  const bucket = referencesIn(scope, uri).map(({ target }) => target).find(isBucket);
  const rule = ["BucketEncryption", "ServerSideEncryptionConfiguration", "0", "ServerSideEncryptionByDefault"];
  return bucket && member(bucket, ...rule, "KMSMasterKeyID");
}

/**
 * Whether a value refers to a stack that depends on the user's own: to refer to it in turn would be a circle.
 *
 * @param {IConstruct} user
 * @param {any} value
 */
function refersToOthers(user, value) {
  const stack = Stack.of(user);
  return referencesIn(user, value).some(({ target }) => Stack.of(target) !== stack && dependsOn(Stack.of(target), stack));
}

/**
 * Whether a stack depends on another one, by what users said or by references.
 *
 * @param {Stack} later
 * @param {Stack} earlier
 */
function dependsOn(later, earlier) {
  const seen = new Set([later]);
  for (const stack of seen) {
    if (stack === earlier) return true;
    const elements = stack.node.findAll().filter((each) => CfnResource.isCfnResource(each) && Stack.of(each) === stack);
    const referred = elements
      .filter((each) => !each.node.scopes.some(isRole)) // a job's role may be what asks
      .flatMap((each) => referencesIn(each, /** @type {any} */ (each)._toCloudFormation()));
    for (const each of [...stack.dependencies, ...referred.map(({ target }) => Stack.of(target))]) seen.add(each);
  }
  return false;
}

/** @param {IConstruct} construct */
function isRole(construct) {
  return construct instanceof aws_iam.Role;
}

/**
 * @param {IConstruct} construct
 * @returns {construct is CfnResource}
 */
function isBucket(construct) {
  return CfnResource.isCfnResource(construct) && construct.cfnResourceType === "AWS::S3::Bucket";
}

/**
 * The statements to read what is below an S3 URI.
 *
 * @param {IConstruct} user who reads
 * @param {string} uri
 * @param {string | undefined} key that encrypts it: an ARN, an id or an alias
 * @returns {import("./nag").Statement[]}
 */
function readStatements(user, uri, key) {
  const isKnown = uri.startsWith("s3://");
  const path = isKnown
    ? uri.slice("s3://".length).replace(/\/+$/, "").replace(SPECIAL, escaped)
    : Fn.select(1, Fn.split("s3://", uri));
  const bucket = isKnown ? path.split("/")[0] : Fn.select(2, Fn.split("/", uri));
  const { partition } = Stack.of(user);
  return [
    { Effect: "Allow", Action: "s3:GetObject", Resource: `arn:${partition}:s3:::${path}/*` },
    { Effect: "Allow", Action: "s3:ListBucket", Resource: `arn:${partition}:s3:::${bucket}` },
    ...(key ? [decryptStatement(user, key)] : []),
  ];
}

/**
 * @param {IConstruct} user
 * @param {string} key
 */
function decryptStatement(user, key) {
  const stack = Stack.of(user);
  const statement = { Effect: "Allow", Action: "kms:Decrypt" };
  const [, alias] = key.match(/(?:^|:)(alias\/.*)$/) ?? [];
  if (alias) {
    // https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-resource-aliases
    const Resource = stack.formatArn({ service: "kms", resource: "key", resourceName: "*" });
    return { ...statement, Resource, Condition: { "ForAnyValue:StringEquals": { "kms:ResourceAliases": alias } } };
  }
  const [reference] = referencesIn(user, key);
  const isArn = key.startsWith("arn:") || reference?.displayName === "Arn";
  return { ...statement, Resource: isArn ? key : stack.formatArn({ service: "kms", resource: "key", resourceName: key }) };
}

/** @param {string} special */
function escaped(special) {
  return special === "${" ? "${$}{" : `\${${special}}`;
}

/**
 * @param {IConstruct} construct
 * @param {(construct: IConstruct) => boolean} skips
 * @returns {Iterable<[Kind, CfnResource]>}
 */
function* resourcesIn(construct, skips) {
  for (const child of construct.node.children) {
    const kind = KINDS.find((each) => isOfKind(child, each));
    if (kind) yield [kind, /** @type {CfnResource} */ (child)];
    else if (!skips(child) && !Stage.isStage(child)) yield* resourcesIn(child, skips);
  }
}

/**
 * @param {any} construct
 * @param {Kind} kind
 */
function isOfKind(construct, kind) {
  return CfnResource.isCfnResource(construct) && construct.cfnResourceType === PREFIX + kind;
}

module.exports = { capturedData, find, named, readStatements, settle, waitsFor };
