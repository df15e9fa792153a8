"""SageMaker Clarify monitors as AWS CDK constructs, with baselines that are computed during the deployment."""

from ._analysis_config import BiasAnalysisConfig, ExplainabilityAnalysisConfig
from ._baseline_options import BaselineOptions
from ._bias_config import BiasConfig
from ._bias_constraint import BiasConstraint
from ._constraints import Constraints
from ._data_config import DataConfig, SegmentationConfig, TimeSeriesDataConfig, TimeSeriesJSONDatasetFormat
from ._explainability_config import (
    AsymmetricShapleyValueConfig,
    ExplainabilityConfig,
    ImageConfig,
    PDPConfig,
    SHAPConfig,
    TextConfig,
)
from ._model_bias_monitor import ModelBiasMonitorConstruct
from ._model_config import ModelConfig, ModelPredictedLabelConfig, TimeSeriesModelConfig
from ._model_explainability_monitor import ModelExplainabilityMonitorConstruct
from ._monitor_input import BatchTransformInput, EndpointInput, MonitoringDatasetFormat
from ._network_config import NetworkConfig
from ._resources.baseline_functions import BaselineFunctions
from ._resources.monitor import ClarifyMonitor
from ._schedule_expression import CronExpressionGenerator
from ._version import __version__

__all__ = [
    # the monitors
    "ModelBiasMonitorConstruct",
    "ModelExplainabilityMonitorConstruct",
    "ClarifyMonitor",
    # what is monitored
    "EndpointInput",
    "BatchTransformInput",
    "MonitoringDatasetFormat",
    # what the baseline is computed from
    "DataConfig",
    "SegmentationConfig",
    "TimeSeriesDataConfig",
    "TimeSeriesJSONDatasetFormat",
    "ModelConfig",
    "ModelPredictedLabelConfig",
    "TimeSeriesModelConfig",
    "BaselineOptions",
    "Constraints",
    "BiasConstraint",
    # what is analysed
    "BiasConfig",
    "BiasAnalysisConfig",
    "SHAPConfig",
    "TextConfig",
    "ImageConfig",
    "PDPConfig",
    "AsymmetricShapleyValueConfig",
    "ExplainabilityConfig",
    "ExplainabilityAnalysisConfig",
    # when and where
    "CronExpressionGenerator",
    "NetworkConfig",
    "BaselineFunctions",
    "__version__",
]
