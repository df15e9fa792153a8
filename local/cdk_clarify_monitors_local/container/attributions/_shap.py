"""Feature attributions by Kernel SHAP."""

from __future__ import annotations

import math
import time
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import joblib
import numpy as np
import pandas as pd
from joblib.externals.loky import get_reusable_executor

from cdk_clarify_monitors_local.container._analysis_config import AnalysisConfig, Shap
from cdk_clarify_monitors_local.container._dataset import Dataset
from cdk_clarify_monitors_local.container._errors import CustomerError
from cdk_clarify_monitors_local.container._progress import Progress, say
from cdk_clarify_monitors_local.container.attributions._baseline import clustered_baseline, given_baseline
from cdk_clarify_monitors_local.container.attributions._kernel_shap import KernelShap, sufficient_samples
from cdk_clarify_monitors_local.container.model._model import Model

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
        expected: The model's score for the baseline, one per score. If not all features are explained, its mean over
            the records, each with the baseline's values of the explained ones.
        features: The names of the explained features.
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
                "global_shap_values": {
                    feature: float(value)
                    for feature, value in zip(self.features, aggregate(self.local[:, :, index]), strict=True)
                },
                "expected_value": float(self.expected[index]),
            }
            for index, name in enumerate(self.scores)
        }

    def of(self, rows: Array) -> Explanation:
        """Return the values of some records."""
        return replace(self, local=self.local[rows])

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
    """The SHAP values of a record, the score they add to, and whether the samples determine them."""

    values: Array
    expected: Array
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
    def is_category(self) -> list[bool]:
        """Which columns have codes."""
        return [name in self._values for name in self._columns]

    def encode(self, table: pd.DataFrame) -> Array:
        coded = {name: self._values[name].get_indexer(pd.Index(table[name])) for name in self._values}
        return table.assign(**coded).to_numpy(dtype=float)

    def decode(self, numbers: Array) -> pd.DataFrame:
        table = pd.DataFrame(numbers, columns=self._columns)
        for name, values in self._values.items():
            table[name] = values.take(table[name].astype(int).to_numpy())
        return table


def explain(config: AnalysisConfig, dataset: Dataset, model: Model) -> Explanation:
    """Explain every record.

    Args:
        config: How.
        dataset: The data.
        model: What.

    Raises:
        CustomerError: The baseline does not fit the data, or a score has no SHAP values.
    """
    options = config.shap
    if options is None:
        raise AssertionError("the configuration was not checked")
    features = dataset.model_input
    explained = _explained(options, dataset)
    given = given_baseline(config, features)
    codes = _Codes(features, *([given] if given is not None else []))
    records = codes.encode(features)
    if given is not None:
        background = codes.encode(given)
    else:
        background = clustered_baseline(records, codes.is_category, options.num_clusters, options.seed)
    count = model.explained_scores(features.head(1)).shape[1]
    explainer = _Explainer(model, codes, background, options, explained)
    say(f"SHAP: {len(records)} records, {len(explained)} features")
    progress = Progress("SHAP", len(records), "records")
    attributions = []
    for attribution in _attributions(explainer, records):
        attributions.append(attribution)
        progress.advance()
    undetermined = sum(not each.determined for each in attributions)
    messages = [_undetermined(options, len(explained), len(records), undetermined)] if undetermined else []
    for message in messages:
        say(f"SHAP: {message}")
    return Explanation(
        local=np.stack([each.values for each in attributions]).reshape(len(records), len(explained), count),
        expected=np.mean([each.expected for each in attributions], axis=0),
        features=[dataset.features[place] for place in explained],
        scores=model.score_names(count),
        baseline=codes.decode(background) if given is None else None,
        warnings=messages,
    )


def _explained(config: Shap, dataset: Dataset) -> list[int]:
    """Return the places of the features to explain among those that the model gets."""
    if config.features is None:
        return list(range(len(dataset.features)))
    names = {dataset.feature(feature, "methods.shap.features_to_explain") for feature in config.features}
    return [place for place, name in enumerate(dataset.features) if name in names]


def _undetermined(config: Shap, features: int, records: int, count: int) -> str:
    samples = "the default number of" if config.num_samples is None else str(config.num_samples)
    return (
        f"{samples} samples ('num_samples') do not determine the SHAP values of {count} of {records} records, "
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
    """Kernel SHAP, record by record, so that the order and the number of processes do not change the values.

    Features that are not explained keep the record's values. Clarify's documentation leaves open what it does with
    them; of a linear model, the values are the same either way.
    """

    def __init__(self, model: Model, codes: _Codes, background: Array, config: Shap, explained: Sequence[int]) -> None:
        self._model = model
        self._codes = codes
        self._background = background
        self._explained = list(explained)
        self._others = [place for place in range(background.shape[1]) if place not in explained]
        self._link = "logit" if config.use_logit else "identity"
        self._samples: int | str = config.num_samples or "auto"
        self._seed = config.seed or 0
        self._kernel: KernelShap | None = None
        self._told: set[str] = set()

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_kernel": None}  # made anew in each process

    def explain(self, numbered: Iterable[tuple[int, Array]]) -> Iterator[_Attribution]:
        """Yield the values of each of some records, which have their numbers in the data set with them.

        Raises:
            CustomerError: A score is not finite.
            ArithmeticError: Values do not add up to the score: they are no SHAP values.
        """
        for number, record in numbered:
            kernel = self._kernel_for(record)
            np.random.seed(self._seed + number)  # shap draws from this generator
            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always")
                values = np.asarray(kernel.shap_values(record, nsamples=self._samples, l1_reg=False, silent=True))
            for warning in caught:
                self._tell(str(warning.message).splitlines()[0])
            self._check_sum(kernel, number, values)
            yield _Attribution(values[self._explained], np.atleast_1d(kernel.expected_value), kernel.determined)

    def explain_part(self, numbered: Iterable[tuple[int, Array]]) -> list[_Attribution]:
        """Return the same, for a process of its own."""
        return list(self.explain(numbered))

    def _check_sum(self, kernel: KernelShap, number: int, values: Array) -> None:
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

    def _kernel_for(self, record: Array) -> KernelShap:
        if not self._others:
            if self._kernel is None:
                self._kernel = KernelShap(self._scores, self._background, link=self._link)
            return self._kernel
        background = self._background.copy()
        background[:, self._others] = record[self._others]
        return KernelShap(self._scores, background, link=self._link)

    def _scores(self, numbers: Array) -> Array:
        scores = self._model.explained_scores(self._codes.decode(numbers))
        return scores[:, 0] if scores.shape[1] == 1 else scores
