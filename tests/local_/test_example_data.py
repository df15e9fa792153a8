"""The example's data set is what its script makes, and its model predicts it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import joblib
import pandas as pd


def test_the_data_set_is_what_the_script_makes(make_data: Any, tmp_path: Path) -> None:
    make_data.patients().to_csv(tmp_path / "train.csv", index=False)

    assert make_data.TRAINING_DATA.read_bytes() == (tmp_path / "train.csv").read_bytes()


def test_the_data_set_is_the_one_described(make_data: Any) -> None:
    data = pd.read_csv(make_data.TRAINING_DATA)

    assert list(data.columns) == ["age", "sex", "bmi", "bp", "s1", "s2", "s3", "s4", "s5", "s6", "target"]
    assert len(data) == 442
    assert set(data["sex"]) == {1, 2}
    assert set(data["target"]) == {0, 1}


def test_the_model_predicts_from_plain_numbers(make_data: Any, diabetes_model: Path) -> None:
    data = pd.read_csv(make_data.TRAINING_DATA)
    model = joblib.load(diabetes_model)

    predicted = model.predict(data.drop(columns="target").to_numpy())

    assert (predicted == data["target"]).mean() > 0.7
    assert not hasattr(model, "feature_names_in_")
