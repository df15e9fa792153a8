"""SageMaker Clarify monitors as AWS CDK constructs, with baselines that are computed during the deployment."""

from typing import TYPE_CHECKING

from ._base.dashboard import ClarifyDashboard
from ._base.interfaces import IClarifyMonitor, IModelBiasMonitor, IModelExplainabilityMonitor
from ._config.analysis.analysis_config import BiasAnalysisConfig, ExplainabilityAnalysisConfig
from ._config.analysis.bias_config import BiasConfig
from ._config.analysis.data_config import DataConfig
from ._config.analysis.explainability_config import (
    AsymmetricShapleyValueConfig,
    ExplainabilityConfig,
    ImageConfig,
    PDPConfig,
    SHAPConfig,
    TextConfig,
)
from ._config.analysis.model_config import ModelConfig, ModelPredictedLabelConfig, TimeSeriesModelConfig
from ._config.analysis.segmentation_config import SegmentationConfig
from ._config.analysis.time_series_data_config import TimeSeriesDataConfig, TimeSeriesJSONDatasetFormat
from ._config.analysis.values import Threshold, Values
from ._config.baseline_options import BaselineOptions
from ._config.bias_constraint import BiasConstraint
from ._config.bias_metric_threshold import BiasMetricThreshold
from ._config.constraints import Constraints
from ._config.data_capture import DataCapture
from ._config.monitor_input import BatchTransformInput, EndpointInput, MonitoringDatasetFormat
from ._config.network_config import NetworkConfig
from ._config.schedule_expression import CronExpressionGenerator
from ._fleets.monitor_fleet import MonitorFleet
from ._fleets.table_file import read_rows
from ._monitors.model_bias_monitor import ModelBiasMonitorConstruct
from ._monitors.model_explainability_monitor import ModelExplainabilityMonitorConstruct
from ._monitors.other_spellings import IMPORTS as _IMPORTS
from ._observability.alarms import BiasMetricAlarms, MonitorAlarms
from ._resources.baseline_functions import BaselineFunctions
from ._resources.monitor import ClarifyMonitor
from ._version import __version__

__all__ = [
    # the monitors
    "ModelBiasMonitorConstruct",
    "ModelExplainabilityMonitorConstruct",
    "ClarifyMonitor",
    "IClarifyMonitor",
    "IModelBiasMonitor",
    "IModelExplainabilityMonitor",
    # alarms and dashboards
    "BiasMetricThreshold",
    "MonitorAlarms",
    "BiasMetricAlarms",
    "ClarifyDashboard",
    # what is monitored
    "EndpointInput",
    "DataCapture",
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
    "Values",
    "Threshold",
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
    # many monitors
    "MonitorFleet",
    "read_rows",
]

if not TYPE_CHECKING:

    def __getattr__(name: str) -> object:
        """Say what to import in place of a name of the SDK: Python tells only that it is not there."""
        if name in _IMPORTS:
            raise ImportError(f"There is no {name!r} in {__name__}: {_IMPORTS[name]}", name=__name__)
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}", name=name)
