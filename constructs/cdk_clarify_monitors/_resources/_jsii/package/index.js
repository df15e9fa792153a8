"use strict";

const { JsonAssets } = require("./json-assets");
const { ModelBiasMonitorConstruct, ModelExplainabilityMonitorConstruct, MonitorResources } = require("./monitor-resources");
const { name, version } = require("./package.json");
const { StackResources } = require("./stack-resources");

const types = {
  JsonAssets,
  ModelBiasMonitorConstruct,
  ModelExplainabilityMonitorConstruct,
  MonitorResources,
  StackResources,
};

// As jsii's compiler does it: objects of these classes are known by their own names before they are complete, where
// Python is called meanwhile (property injectors).
for (const type of Object.values(types)) {
  Object.defineProperty(type, Symbol.for("jsii.rtti"), { value: { fqn: `${name}.${type.name}`, version } });
}

module.exports = types;
