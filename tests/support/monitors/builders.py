"""Monitors as the tests make them, and ways to look at what was synthesized."""

import json
from typing import Any

import aws_cdk as cdk
from aws_cdk import assertions

from cdk_clarify_monitors import (
    BiasConfig,
    DataConfig,
    ModelBiasMonitorConstruct,
    ModelConfig,
    ModelExplainabilityMonitorConstruct,
    ModelPredictedLabelConfig,
    SHAPConfig,
)
from tests.support.repository import ROOT

FEATURE_FLAGS: dict[str, Any] = json.loads((ROOT / "cdk.json").read_text())["context"]
# Without a copy of the functions' files, which hundreds of apps do not look at.
UNSTAGED = {**FEATURE_FLAGS, "aws:cdk:disable-asset-staging": True}

ENVIRONMENT = cdk.Environment(account="111111111111", region="eu-central-1")
HEADERS = ["approved", "age", "income", "debt"]


def data_config(**changes: Any) -> DataConfig:
    given = {"s3_data_input_path": "s3://data/train.csv", "headers": HEADERS, "label": "approved", **changes}
    return DataConfig(**given)


def model_config(**changes: Any) -> ModelConfig:
    return ModelConfig(**{"model_name": "loans", "instance_count": 1, "instance_type": "ml.m5.large", **changes})


def bias_arguments(**changes: Any) -> dict[str, Any]:
    """The arguments of a bias monitor that baselines; a change to None takes an argument away."""
    return {
        "endpoint_input": "loans-endpoint",
        "ground_truth_input": "s3://data/ground-truth",
        "data_config": data_config(),
        "bias_config": BiasConfig(label_values_or_threshold=[1], facet_name="age", facet_values_or_threshold=[40]),
        "model_config": model_config(),
        "model_predicted_label_config": ModelPredictedLabelConfig(probability_threshold=0.8),
        **changes,
    }


def explainability_arguments(**changes: Any) -> dict[str, Any]:
    """The arguments of an explainability monitor that baselines; a change to None takes an argument away."""
    return {
        "endpoint_input": "loans-endpoint",
        "data_config": data_config(),
        "explainability_config": SHAPConfig(baseline=[[35, 52_000, 9_000]], num_samples=200, agg_method="mean_abs"),
        "model_config": model_config(),
        **changes,
    }


def bias_monitor(scope: Any, id: str = "Bias", **changes: Any) -> ModelBiasMonitorConstruct:
    return ModelBiasMonitorConstruct(scope, id, **bias_arguments(**changes))


def explainability_monitor(
    scope: Any, id: str = "Explainability", **changes: Any
) -> ModelExplainabilityMonitorConstruct:
    return ModelExplainabilityMonitorConstruct(scope, id, **explainability_arguments(**changes))


def template_of(stack: cdk.Stack) -> assertions.Template:
    return assertions.Template.from_stack(stack)


def only(template: assertions.Template, type_: str) -> dict[str, Any]:
    """The properties of the only resource of a type."""
    (found,) = template.find_resources(type_).values()
    return dict(found["Properties"])


def document_of(template: assertions.Template) -> dict[str, Any]:
    """What the only custom resource asks for."""
    return dict(json.loads(only(template, "Custom::ClarifyBaseline")["Baseline"]))
