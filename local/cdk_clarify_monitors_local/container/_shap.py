"""Feature attributions by Kernel SHAP."""

from __future__ import annotations

import math
import time
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import joblib
import numpy as np
import pandas as pd
from joblib.externals.loky import get_reusable_executor
from shap.utils._legacy import kmeans

from cdk_clarify_monitors_local.container._analysis_config import Shap
from cdk_clarify_monitors_local.container._dataset import Dataset
from cdk_clarify_monitors_local.container._errors import CustomerError, unsupported
from cdk_clarify_monitors_local.container._kernel_shap import KernelShap, sufficient_samples
from cdk_clarify_monitors_local.container._model import Model
from cdk_clarify_monitors_local.container._progress import Progress, say
from cdk_clarify_monitors_local.container._storage import read_objects

_DEFAULT_CLUSTERS = 12
_PROBE = 10  # records explained before deciding whether more processes pay
_PROCESS_START = 3.0  # seconds that a further process takes until it has imported the libraries
_SUM = 1e-6  # relative error of the sum of a record's SHAP values
_SUM_NEAR_ZERO = 1e-9  # and its absolute one
_PARTS = 10  # that each process gets one after the other, so that all of them end at about the same time

Array = np.ndarray[Any, np.dtype[Any]]

_AGGREGATE: dict[str, Callable[[Array], Array]] = {
    "mean_abs": lambda values: np.asarray(np.abs(values).mean(axis=0)),
    "median": lambda values: np.asarray(np.median(values, axis=0)),
    "mean_sq": lambda values: np.asarray(np.square(values).mean(axis=0)),
}


@dataclass(frozen=True)
class Explanation:
    """SHAP values.

    Attributes:
        local: One per record, feature and score.
        expected: The model's score for the baseline, one per score.
        features: The features' names.
        scores: The scores' names.
        baseline: The baseline, if it had to be made up.
        warnings: What a reader of the values has to know.
    """

    local: Array
    expected: Array
    features: Sequence[str]
    scores: Sequence[str]
    baseline: pd.DataFrame | None
    warnings: Sequence[str]

    def summary(self, agg_method: str) -> dict[str, Any]:
        """Return the `kernel_shap` of analysis.json."""
        aggregate = _AGGREGATE[agg_method]
        return {
            name: {
                "expected_value": float(self.expected[index]),
                "global_shap_values": {
                    feature: float(value)
                    for feature, value in zip(self.features, aggregate(self.local[:, :, index]), strict=True)
                },
            }
            for index, name in enumerate(self.scores)
        }

    def table(self) -> pd.DataFrame:
        """Return the local values as Clarify writes them: a column per feature and score."""
        return pd.DataFrame(
            {
                f"{feature}_{score}": self.local[:, row, index]
                for index, score in enumerate(self.scores)
                for row, feature in enumerate(self.features)
            }
        )


class _Attribution(NamedTuple):
    """The SHAP values of a record, and whether the samples determine them."""

    values: Array
    determined: bool


class _Codes:
    """Text columns as numbers and back: Kernel SHAP compares and mixes numbers only."""

    def __init__(self, *tables: pd.DataFrame) -> None:
        together = pd.concat(tables, ignore_index=True)
        self._columns = together.columns
        self._values: dict[str, pd.Index] = {
            name: pd.Index(together[name].unique())
            for name in together.columns
            if not pd.api.types.is_numeric_dtype(together[name])
        }

    @property
    def any(self) -> bool:
        return bool(self._values)

    def encode(self, table: pd.DataFrame) -> Array:
        coded = {name: self._values[name].get_indexer(pd.Index(table[name])) for name in self._values}
        return table.assign(**coded).to_numpy(dtype=float)

    def decode(self, numbers: Array) -> pd.DataFrame:
        table = pd.DataFrame(numbers, columns=self._columns)
        for name, values in self._values.items():
            table[name] = values.take(table[name].astype(int).to_numpy())
        return table


def explain(config: Shap, dataset: Dataset, model: Model) -> Explanation:
    """Explain every record.

    Args:
        config: How.
        dataset: The data.
        model: What.

    Raises:
        CustomerError: The baseline does not fit the data, or a score has no SHAP values.
    """
    features = dataset.model_input
    given = _given_baseline(config, features)
    codes = _Codes(features, *([given] if given is not None else []))
    if given is None and codes.any:
        raise unsupported("a SHAP baseline by clustering when there are features that are not numbers; give a baseline")
    records = codes.encode(features)
    background = codes.encode(given) if given is not None else _clusters(config, records)
    count = model.scores(features.head(1)).shape[1]
    explainer = _Explainer(model, codes, background, config)
    say(f"SHAP: {len(records)} records, {len(features.columns)} features")
    progress = Progress("SHAP", len(records), "records")
    attributions = []
    for attribution in _attributions(explainer, records):
        attributions.append(attribution)
        progress.advance()
    undetermined = sum(not each.determined for each in attributions)
    messages = [_undetermined(config, records, undetermined)] if undetermined else []
    for message in messages:
        say(f"SHAP: {message}")
    return Explanation(
        local=np.stack([each.values for each in attributions]).reshape(len(records), records.shape[1], count),
        expected=np.atleast_1d(explainer.expected_value),
        features=list(features.columns),
        scores=model.score_names(count),
        baseline=codes.decode(background) if given is None else None,
        warnings=messages,
    )


def _undetermined(config: Shap, records: Array, count: int) -> str:
    samples = "the default number of" if config.num_samples is None else str(config.num_samples)
    features = records.shape[1]
    return (
        f"{samples} samples ('num_samples') do not determine the SHAP values of {count} of {len(records)} records, "
        f"which have the values of least norm among those that fit the samples. For {features} features, "
        f"{sufficient_samples(features)} samples are sufficient."
    )


def _attributions(explainer: _Explainer, records: Array) -> Iterator[_Attribution]:
    """Yield the SHAP values of each record, computed on all cores if that is sooner done."""
    numbered = list(enumerate(records))
    started = time.monotonic()
    yield from explainer.explain(numbered[:_PROBE])
    rest = numbered[_PROBE:]
    left = (time.monotonic() - started) / _PROBE * len(rest)
    processes = joblib.cpu_count()
    if left - left / processes < _PROCESS_START:
        yield from explainer.explain(rest)
        return
    say(f"SHAP: about {left:.0f} s of work for {processes} processes")
    size = math.ceil(len(rest) / (processes * _PARTS))
    parts = [rest[start : start + size] for start in range(0, len(rest), size)]
    run = joblib.Parallel(n_jobs=processes, return_as="generator")
    try:
        for attributions in run(joblib.delayed(explainer.explain_part)(part) for part in parts):
            yield from attributions
    finally:
        # Or they wait five minutes for more to do, and this process, at its end, for theirs.
        get_reusable_executor().shutdown(wait=True)


class _Explainer:
    """Kernel SHAP, record by record, so that the order and the number of processes do not change the values."""

    def __init__(self, model: Model, codes: _Codes, background: Array, config: Shap) -> None:
        self._model = model
        self._codes = codes
        self._background = background
        self._link = "logit" if config.use_logit else "identity"
        self._samples: int | str = config.num_samples or "auto"
        self._seed = config.seed or 0
        self._kernel: KernelShap | None = None
        self._told: set[str] = set()

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_kernel": None}  # made anew in each process

    @property
    def expected_value(self) -> Array:
        return np.asarray(self._explainer().expected_value)

    def explain(self, numbered: Iterable[tuple[int, Array]]) -> Iterator[_Attribution]:
        """Yield the values of each of some records, which have their numbers in the data set with them.

        Raises:
            CustomerError: A score is not finite.
            ArithmeticError: Values do not add up to the score: they are no SHAP values.
        """
        kernel = self._explainer()
        for number, record in numbered:
            np.random.seed(self._seed + number)  # shap draws from this generator
            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always")
                values = np.asarray(kernel.shap_values(record, nsamples=self._samples, l1_reg=False, silent=True))
            for warning in caught:
                self._tell(str(warning.message).splitlines()[0])
            self._check_sum(number, values)
            yield _Attribution(values, kernel.determined)

    def explain_part(self, numbered: Iterable[tuple[int, Array]]) -> list[_Attribution]:
        """Return the same, for a process of its own."""
        return list(self.explain(numbered))

    def _check_sum(self, number: int, values: Array) -> None:
        kernel = self._explainer()
        expected = np.atleast_1d(kernel.expected_value)
        score = np.atleast_1d(kernel.link.f(kernel.fx))
        total = expected + values.reshape(len(values), -1).sum(axis=0)
        if not (np.isfinite(total) & np.isfinite(score)).all():
            raise CustomerError(
                f"Record {number + 1} of the data set has no SHAP values: the model's scores for it, for the baseline "
                "and for what is between them must be finite."
            )
        # Apart from rounding in proportion to the two scores, which may both be zero.
        if not np.allclose(total, score, rtol=_SUM, atol=_SUM * float(np.abs(expected).max()) + _SUM_NEAR_ZERO):
            raise ArithmeticError(
                f"the SHAP values of record {number + 1} and the expected value add up to {total.tolist()}, but the "
                f"score is {score.tolist()}: they are wrong, and nothing is written"
            )

    def _tell(self, warning: str) -> None:
        """Say once what shap says for each record."""
        if warning not in self._told:
            self._told.add(warning)
            say(f"SHAP: {warning}")

    def _explainer(self) -> KernelShap:
        if self._kernel is None:
            self._kernel = KernelShap(self._scores, self._background, link=self._link)
        return self._kernel

    def _scores(self, numbers: Array) -> Array:
        scores = self._model.scores(self._codes.decode(numbers))
        return scores[:, 0] if scores.shape[1] == 1 else scores


def _given_baseline(config: Shap, features: pd.DataFrame) -> pd.DataFrame | None:
    baseline = config.baseline
    if baseline is None:
        return None
    if isinstance(baseline, str):
        contents = [content for _, content in read_objects(baseline)]
        table = pd.concat([pd.read_csv(content, header=None) for content in contents], ignore_index=True)
    else:
        rows = [baseline] if isinstance(baseline, dict) else baseline
        table = pd.DataFrame([_row(row, features.columns) for row in rows])
    if table.shape[1] != features.shape[1]:
        raise CustomerError(
            f"The SHAP baseline has {table.shape[1]} values in a row, but there are {features.shape[1]} features: "
            f"{', '.join(map(str, features.columns))}."
        )
    table.columns = features.columns
    missing = table.isna().any(axis=0)
    return table.fillna(features.mean(numeric_only=True)) if missing.any() else table


def _row(row: Any, names: pd.Index) -> list[Any]:
    """Return a row of the baseline: a list, or a JSON record with a list or with a value for each feature."""
    if isinstance(row, list):
        return row
    if isinstance(row, dict):
        if all(name in row for name in names):
            return [row[name] for name in names]
        lists = [value for value in row.values() if isinstance(value, list)]
        if len(lists) == 1:
            return list(lists[0])
    raise CustomerError(f"The SHAP baseline has a row that is neither a list nor a record of the features: {row!r}.")


def _clusters(config: Shap, records: Array) -> Array:
    count = min(config.num_clusters or _DEFAULT_CLUSTERS, len(records))
    return np.asarray(kmeans(records, count).data)
