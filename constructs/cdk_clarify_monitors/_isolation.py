"""Network isolation, where it contradicts what the jobs do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk

if TYPE_CHECKING:
    from constructs import Construct

    from ._config.network_config import NetworkConfig


def warn_of_isolation(
    scope: Construct, network_config: NetworkConfig | None, predictors: Sequence[Mapping[str, Any]]
) -> None:
    """Warn if isolated containers are asked to call a model.

    Isolation has to be off for that, in the job and in the model. It is no error: the same jobs may work with another
    version of the container.

    Source: [Clarify jobs in a VPC](https://docs.aws.amazon.com/sagemaker/latest/dg/clarify-vpc.html#clarify-vpc-model).

    Args:
        scope: The monitor.
        network_config: The network of its jobs.
        predictors: The models or endpoints that its jobs ask.
    """
    if network_config is None or not network_config.enable_network_isolation:
        return
    if predictors:
        cdk.Annotations.of(scope).add_warning_v2(
            "cdk-clarify-monitors:network-isolation",
            "the jobs run in network isolation ('enable_network_isolation' of 'network_config'), where Clarify can "
            "call neither a model nor an endpoint: turn it off and give the jobs a VPC, or give the predictions "
            "('predicted_label' or 'predicted_label_dataset_uri' of 'data_config') in place of 'model_config'",
        )
