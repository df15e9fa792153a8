/**
 * What a function of the CDK needs of EC2's client, which Lambda has and this machine has not: the four calls by which
 * the feature flag restrictDefaultSecurityGroup closes a VPC's default security group, and opens it again.
 */
"use strict";

const crypto = require("crypto");
const http = require("http");
const https = require("https");

// What the SDK calls otherwise than EC2 does.
const WIRE_NAMES = { UserIdGroupPairs: "Groups" };

class EC2 {
  authorizeSecurityGroupEgress(input) {
    return call("AuthorizeSecurityGroupEgress", input);
  }

  authorizeSecurityGroupIngress(input) {
    return call("AuthorizeSecurityGroupIngress", input);
  }

  revokeSecurityGroupEgress(input) {
    return call("RevokeSecurityGroupEgress", input);
  }

  revokeSecurityGroupIngress(input) {
    return call("RevokeSecurityGroupIngress", input);
  }
}

async function call(action, input) {
  const body = new URLSearchParams({ Action: action, Version: "2016-11-15", ...Object.fromEntries(parameters(input)) });
  const { status, text } = await post(body.toString());
  if (status >= 400) {
    const [code, message] = ["Code", "Message"].map((tag) => new RegExp(`<${tag}>(.*?)</${tag}>`, "s").exec(text)?.[1]);
    throw Object.assign(new Error(message ?? text), { name: code ?? "EC2ServiceException" });
  }
  return {};
}

/** Flatten an input into EC2's query parameters: members are joined by dots, items are counted from one. */
function* parameters(value, path = []) {
  if (value === null || typeof value !== "object") {
    if (value !== undefined) yield [path.join("."), String(value)];
    return;
  }
  for (const [key, item] of Object.entries(value)) {
    yield* parameters(item, [...path, Array.isArray(value) ? Number(key) + 1 : (WIRE_NAMES[key] ?? key)]);
  }
}

function post(body) {
  const url = new URL(process.env.AWS_ENDPOINT_URL);
  const client = url.protocol === "https:" ? https : http;
  return new Promise((resolve, reject) => {
    const request = client.request(url, { method: "POST", headers: signed(url.host, body) }, (response) => {
      const chunks = [];
      response.on("data", (chunk) => chunks.push(chunk));
      response.on("end", () => resolve({ status: response.statusCode, text: Buffer.concat(chunks).toString() }));
    });
    request.on("error", reject);
    request.end(body);
  });
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html */
function signed(host, body) {
  const { AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: secret, AWS_SESSION_TOKEN: token } = process.env;
  const time = new Date().toISOString().replace(/[-:]|\.\d+/g, "");
  const headers = {
    "content-type": "application/x-www-form-urlencoded; charset=utf-8",
    host,
    "x-amz-date": time,
    ...(token ? { "x-amz-security-token": token } : {}),
  };
  const names = Object.keys(headers).join(";");
  const lines = Object.entries(headers).map(([name, value]) => `${name}:${value}\n`);
  const request = ["POST", "/", "", lines.join(""), names, hash(body)].join("\n");
  const scope = [time.slice(0, 8), process.env.AWS_REGION, "ec2", "aws4_request"];
  const text = ["AWS4-HMAC-SHA256", time, scope.join("/"), hash(request)].join("\n");
  const signature = hmac(scope.reduce(hmac, `AWS4${secret}`), text).toString("hex");
  return {
    ...headers,
    Authorization:
      `AWS4-HMAC-SHA256 Credential=${id}/${scope.join("/")}, SignedHeaders=${names}, Signature=${signature}`,
  };
}

function hash(text) {
  return crypto.createHash("sha256").update(text).digest("hex");
}

function hmac(key, text) {
  return crypto.createHmac("sha256", key).update(text).digest();
}

module.exports = { EC2 };
