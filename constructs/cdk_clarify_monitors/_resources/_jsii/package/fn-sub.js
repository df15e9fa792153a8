"use strict";

const { Token, Tokenization } = require("aws-cdk-lib");

// As the CDK writes a token in a string, and recognizes it.
const TOKEN = /\$\{Token\[[a-zA-Z0-9:._-]+\]\}/g;
const LITERAL = /\$\{(?!Token\[[a-zA-Z0-9:._-]+\]\})/g;
const PARTITION = /^arn:aws[a-z-]*:/;

/**
 * Writes texts with deploy-time values as `Fn::Sub`.
 *
 * The CDK writes them as `Fn::Join`, which takes three times the room: a template has a megabyte at most, and more than
 * half of a monitor's part of it would be the pieces of ARNs.
 */
class FnSub {
  constructor() {
    /** @private @type {Map<string, string>} */
    this.names = new Map();
    /** @private @type {Map<string, string>} what was rendered, by its token */
    this.forms = new Map();
  }

  /**
   * A value as the template has it.
   *
   * @param {import("aws-cdk-lib").Stack} stack
   * @param {any} value
   */
  resolve(stack, value) {
    const form = this.forms.get(value);
    // To resolve the names alone takes a fraction of the time.
    return form === undefined ? stack.resolve(value) : { "Fn::Sub": form.replace(TOKEN, (name) => stack.resolve(name)) };
  }

  /**
   * @param {string} token the token, or a literal, which needs no name
   * @param {string} name of a pseudo parameter, or the logical id of what `Ref` gives the value of
   */
  register(token, name) {
    if (Token.isUnresolved(token)) this.names.set(token, `\${${name}}`);
  }

  /**
   * A JSON value in which tokens of `Fn::Sub` stand for texts all of whose tokens are registered.
   *
   * @param {any} value
   * @returns {any}
   */
  render(value) {
    if (typeof value === "string") return this.renderText(value);
    if (Array.isArray(value)) return value.map((item) => this.render(item));
    if (value === null || typeof value !== "object" || Tokenization.isResolvable(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, this.render(member)]));
  }

  /**
   * @private
   * @param {string} text
   */
  renderText(text) {
    const tokens = text.match(TOKEN);
    // A reference alone is shorter yet, and a list that is a token has to stay one.
    if (!tokens || text === tokens[0] || !tokens.every((token) => this.names.has(token))) return text;
    const form = text
      .replace(LITERAL, "${!")
      // Where the partition is known it is the stack's; the form without it is what cfn-lint asks for.
      .replace(PARTITION, "arn:${AWS::Partition}:")
      .replace(TOKEN, (token) => /** @type {string} */ (this.names.get(token)));
    const token = Token.asString({ "Fn::Sub": form });
    this.forms.set(token, form);
    return token;
  }
}

module.exports = { FnSub };
