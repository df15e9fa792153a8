"""Trains the model that answers in clarify-local: `python train.py` writes model.joblib.

On AWS your endpoint answers with its own model; nothing of this is deployed.
"""

from pathlib import Path

import joblib
import pandas as pd
from sklearn.linear_model import LogisticRegression

import settings


def train(file: Path) -> None:
    """Write a model of the training data. It takes the features in the order of their columns."""
    data = pd.read_csv(settings.TRAINING_DATA)
    features = data.drop(columns=settings.LABEL).to_numpy()
    joblib.dump(LogisticRegression().fit(features, data[settings.LABEL]), file)


if __name__ == "__main__":
    train(Path("model.joblib"))
