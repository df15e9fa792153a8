/**
 * Loaded into the cdk command, which asks CloudFormation every two or five seconds how far it is, because AWS counts
 * such questions. The embedded AWS does not, and deploys in less time than that. And when the process that runs the
 * command is killed, the embedded AWS ends, and the command would try for minutes to reach it.
 *
 * The periods: https://github.com/aws/aws-cdk-cli, packages/@aws-cdk/toolkit-lib, lib/util/promises.ts and
 * lib/api/stack-events/stack-activity-monitor.ts.
 */
"use strict";

const PERIODS = [2000, 5000]; // milliseconds
const OFTENER = 20;

// The app that the command starts is none of our business.
process.env.NODE_OPTIONS = process.env.NODE_OPTIONS.slice(0, process.env.NODE_OPTIONS.lastIndexOf("--require"));

const wait = globalThis.setTimeout;
const soon = (callback, delay, ...parameters) =>
  wait(callback, PERIODS.includes(delay) ? delay / OFTENER : delay, ...parameters);
globalThis.setTimeout = Object.assign(soon, wait); // with what util.promisify makes of it

const parent = process.ppid;
setInterval(() => process.ppid === parent || process.exit(1), 1000).unref();
