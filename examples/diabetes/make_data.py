#!/usr/bin/env python3
"""Makes the example's data set and model from scikit-learn's diabetes data: 442 patients, ten measurements each.

The disease's progression within a year becomes a label: 1 (fast) above 140, the data's median being 140.5, else 0.
`sex` is 1 or 2 in the original data, which do not say which is which.

    python examples/diabetes/make_data.py                        # writes train.csv beside this file
    python examples/diabetes/make_data.py --model build/model    # trains a model and writes that, too

The data: Efron, Hastie, Johnstone and Tibshirani, "Least Angle Regression", Annals of Statistics 2004.
https://scikit-learn.org/stable/datasets/toy_dataset.html#diabetes-dataset
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import joblib
import pandas as pd
from sklearn.datasets import load_diabetes
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

TRAINING_DATA = Path(__file__).with_name("train.csv")
LABEL = "target"
FAST_PROGRESSION = 140


def patients() -> pd.DataFrame:
    """Return the data set: ten features and the label."""
    data: pd.DataFrame = load_diabetes(as_frame=True, scaled=False).frame
    data[LABEL] = (data[LABEL] > FAST_PROGRESSION).astype(int)
    return data.astype({"age": int, "sex": int, "s1": int, "s6": int})


def trained_model() -> Any:
    """Return a model that gives the probability of fast progression, trained without the features' names.

    It gets the features as an endpoint gets them: a list of numbers.
    """
    data = patients()
    model = make_pipeline(StandardScaler(), LogisticRegression())
    return model.fit(data.drop(columns=LABEL).to_numpy(dtype=float), data[LABEL].to_numpy())


def main() -> None:
    """Write the files."""
    parser = argparse.ArgumentParser(description="Make the example's data set and model.")
    parser.add_argument("--model", type=Path, help="write a trained model to this joblib file")
    arguments = parser.parse_args()
    patients().to_csv(TRAINING_DATA, index=False)
    if arguments.model:
        arguments.model.parent.mkdir(parents=True, exist_ok=True)
        joblib.dump(trained_model(), arguments.model)


if __name__ == "__main__":
    main()
