"""Values of any type in any argument: taken, or refused with the library's own message, which shows no address."""

from __future__ import annotations

import decimal
import enum
import inspect
import json
import uuid
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import cdk_clarify_monitors as library
from cdk_clarify_monitors import BiasConfig, SHAPConfig
from cdk_clarify_monitors._validation.errors import InvalidArgument


class Color(enum.Enum):
    RED = "s3://bucket/key"


class Level(enum.IntEnum):
    HIGH = 3


class Opaque:
    """No text, no truth, no comparison, no length: as objects of other libraries can be."""

    __hash__ = None  # type: ignore[assignment]

    def _refuse(self, *_: object) -> Any:
        raise RuntimeError("an object's own trouble")

    __repr__ = __bool__ = __len__ = __eq__ = _refuse


DEEP: list[Any] = []
DEEP_OBJECT: dict[str, Any] = {}
for _ in range(3000):
    DEEP, DEEP_OBJECT = [DEEP], {"a": DEEP_OBJECT}
LOOP: list[Any] = []
LOOP.append(LOOP)

VALUES: list[Any] = [
    *(Color.RED, Level.HIGH, Opaque(), [Opaque()], {"a": Opaque()}, DEEP, DEEP_OBJECT, LOOP, [[LOOP]], {"a": LOOP}),
    *(np.array(["a", "b"]), np.array([1, 2]), np.array([]), np.int64(3), np.float64(0.5), np.bool_(True), np.str_("x")),
    *(pd.Series([1, 2]), pd.DataFrame({"a": [1]}), pd.Index(["a"]), pd.NA, pd.NaT, [pd.NA]),
    *(10**400, -(10**400), 10**5000, 1e308, float("inf"), float("nan"), 1j, decimal.Decimal("1.5")),
    *(object(), len, int, lambda: None, BiasConfig, uuid.UUID(int=1), b"abc", memoryview(b"x"), Path("x")),
    *(set(), {1}, {}, [], (), {"a": 1}.keys(), iter([1]), range(3), {1: 2}, [None], [[]]),
    *("\ud800", ["\ud800"], "a" * 100_000, "", "alias/x", True, 0, -1, 0.5),
]
REQUIRED: dict[str, dict[str, Any]] = {
    "DataConfig": {"s3_data_input_path": "s3://bucket/x"},
    "BiasConfig": {"label_values_or_threshold": [1], "facet_name": "a"},
    "ModelConfig": {"model_name": "m", "instance_count": 1, "instance_type": "ml.m5.large"},
    "SegmentationConfig": {"name_or_index": 0, "segments": [["a"]]},
    "TimeSeriesDataConfig": {"target_time_series": 1, "item_id": 2, "timestamp": 3},
    "TextConfig": {"granularity": "token", "language": "en"},
    "BiasConstraint": {"metric": "DPPL", "at_most": 1},
    "Constraints": {"body_dict": {}, "constraints_file_s3_uri": "s3://bucket/x"},
    "EndpointInput": {"endpoint_name": "e", "destination": "/x"},
    "BatchTransformInput": {
        "data_captured_destination_s3_uri": "s3://bucket/x",
        "destination": "/x",
        "dataset_format": {"Csv": {}},
    },
    "BiasAnalysisConfig": {"bias_config": BiasConfig([1], "a")},
    "ExplainabilityAnalysisConfig": {"explainability_config": SHAPConfig()},
    "TimeSeriesModelConfig": {"forecast": "x"},
    "SHAPConfig": {},
    "PDPConfig": {},
    "AsymmetricShapleyValueConfig": {},
    "ImageConfig": {},
    "ModelPredictedLabelConfig": {},
    "NetworkConfig": {},
    "BaselineOptions": {},
}
ARGUMENTS = [(name, argument) for name in REQUIRED for argument in inspect.signature(getattr(library, name)).parameters]
DOCUMENT: dict[str, Any] = {
    "dataset_type": "text/csv",
    "dataset_uri": "s3://bucket/x",
    "label_values_or_threshold": [1],
    "facet": [{"name_or_index": "a"}],
    "methods": {"shap": {}, "pdp": {"features": ["a"]}, "asymmetric_shapley_value": {}, "pre_training_bias": {}},
    "predictor": {"endpoint_name": "x"},
}


def check(attempt: Any) -> None:
    try:
        attempt()
    except InvalidArgument as error:
        message = str(error)
        assert " at 0x" not in message
        assert len(message) < 2500
        assert "an object's own trouble" not in message


@pytest.mark.parametrize(("name", "argument"), ARGUMENTS, ids=map("-".join, ARGUMENTS))
def test_any_value_is_taken_or_refused(name: str, argument: str) -> None:
    for value in VALUES:

        def attempt(value: Any = value) -> None:
            config = getattr(library, name)(**{**REQUIRED[name], argument: value})
            hash(config)
            if hasattr(config, "to_analysis_config"):
                json.dumps(config.to_analysis_config(), allow_nan=False)

        check(attempt)


READERS = [name for name in REQUIRED if hasattr(getattr(library, name), "from_analysis_config")]


@pytest.mark.parametrize("name", READERS)
def test_any_document_is_read_or_refused(name: str) -> None:
    read = getattr(library, name).from_analysis_config
    for value in VALUES:
        if not isinstance(value, (str, Path)):
            check(lambda value=value: read(value))
        for key in (*DOCUMENT, "version", "headers", "label", "segment_config", "time_series_data_config", "unknown"):
            check(lambda key=key, value=value: read({**DOCUMENT, key: value}))
        for key in (*DOCUMENT["methods"], "report", "unknown"):
            check(lambda key=key, value=value: read({**DOCUMENT, "methods": {**DOCUMENT["methods"], key: value}}))
