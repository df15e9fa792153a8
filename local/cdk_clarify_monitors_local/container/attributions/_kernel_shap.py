"""Kernel SHAP whose values are the same on every processor, also where its equations have no unique solution."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import shap

# Singular values below this part of the greatest are zero but for rounding. With 2 to 100 features, the least that was
# not zero was 1e-7, and the greatest that should have been was 2e-16.
_NEGLIGIBLE = 1e-12
_ROUNDING = 1e-10  # a SHAP value that is so small a part of the greatest is none

Array = np.ndarray[Any, np.dtype[Any]]


def sufficient_samples(features: int) -> int:
    """The number of samples from which on the SHAP values of a record are determined, whatever the random numbers.

    From there on, shap evaluates each feature alone and each feature left out; below, it draws all subsets at random.
    """
    return max(1, math.ceil(2 * (features - 1) * sum(1 / size for size in range(1, features)) - 1e-6))


class KernelShap(shap.KernelExplainer):  # type: ignore[misc]  # shap has no types
    """shap's explainer with another solution of its equations.

    shap solves them with numpy.linalg.solve, which tells only by rounding errors that there is no unique solution: the
    processor decides whether shap learns so and takes the solution of least norm, or gets numbers like 1e11.

    Attributes:
        determined: Whether the last record's values are the only solution; False: they are the one of least norm.
    """

    determined = True

    def explain(self, incoming_instance: Any, **options: Any) -> Any:
        """Explain one record."""
        self.determined = True
        return super().explain(incoming_instance, **options)

    def solve(self, fraction_evaluated: float, dim: int) -> tuple[Array, Array]:
        """Solve the equations for one of the model's scores, as shap does without regularization."""
        used = slice(self.nsamplesAdded)  # shap reserves more than it finds different subsets for
        masks, weights = self.maskMatrix[used], self.kernelWeights[used]
        expected = self.link.f(self.fnull[dim])
        total = self.link.f(self.fx[dim]) - expected
        # The values add up to the total: the last one is what the others leave of it.
        rows = masks[:, :-1] - masks[:, -1:]
        effects = self.linkfv(self.ey[used, dim]) - expected - masks[:, -1] * total
        if not np.isfinite(effects).all():
            return np.full(self.M, np.nan), np.ones(self.M)
        weighted = weights[:, None] * rows
        others, _, rank, _ = np.linalg.lstsq(weighted.T @ rows, weighted.T @ effects, rcond=_NEGLIGIBLE)
        self.determined = self.determined and bool(rank == self.M - 1)
        values = np.append(others, total - others.sum())
        values[np.abs(values) < _ROUNDING * np.abs(values).max()] = 0
        return values, np.ones(self.M)
