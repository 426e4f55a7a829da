r"""Intervals that hold what they promise: conformal scaling of the spread of an ensemble.

With the mean m and the spread s of the members and labels y that they were not trained on, the
scores are $|y - m|/(s + s_0)$; q is the $\lceil (n + 1)(1 - a) \rceil$-th smallest of the n
scores, and

$$ m \pm q\,(s + s_0) $$

holds a new label with the probability 1 - a at least, if it comes from where the others came.

Range: on average over materials like those of the calibration. It does not promise that the wide
intervals are those of the bad predictions; the rank correlation of error and width is shown.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from anolyte.core.errors import DataError

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Intervals:
    """How spreads become half widths.

    Args:
        factor: q.
        floor: $s_0$, in the unit of the target.
        level: Share of new labels that they hold.
        count: Labels of the calibration.
    """

    factor: float
    floor: float
    level: float
    count: int

    def half_width(self, spread: Array) -> Array:
        """Of the interval about each mean."""
        return self.factor * (spread + self.floor)


def calibrate(errors: Array, spread: Array, level: float = 0.9) -> Intervals:
    """Intervals from labels that were held out.

    Args:
        errors: Label minus mean of the members.
        spread: Of the members.
        level: Share of new labels that the intervals shall hold.

    Raises:
        DataError: Too few labels for such a level.

    >>> calibrate(np.arange(1.0, 20.0), np.zeros(19), 0.9).half_width(np.zeros(1))
    array([18.])
    """
    known = np.isfinite(errors) & np.isfinite(spread)
    errors, spread = np.abs(errors[known]), spread[known]
    rank = math.ceil((len(errors) + 1) * level)
    if not 0.0 < level < 1.0 or rank > len(errors):
        raise DataError(f"{len(errors)} held-out labels cannot calibrate intervals of {level:.0%}")
    # Members may agree by chance: half the usual spread, or else the errors, keep scores finite.
    floor = 0.5 * float(np.median(spread)) or float(np.median(errors)) or 1.0
    scores = np.sort(errors / (spread + floor))
    return Intervals(float(scores[rank - 1]), floor, level, len(errors))


def coverage(errors: Array, half_width: Array) -> float:
    """Share of the labels that lie within their intervals."""
    known = np.isfinite(errors) & np.isfinite(half_width)
    return float((np.abs(errors[known]) <= half_width[known]).mean())


def rank_correlation(errors: Array, half_width: Array) -> float:
    """Spearman's, between the size of the errors and the widths; 0: widths tell nothing.

    >>> round(rank_correlation(np.array([0.1, -0.5, 0.9]), np.array([1.0, 2.0, 3.0])), 6)
    1.0
    """
    from scipy.stats import spearmanr

    known = np.isfinite(errors) & np.isfinite(half_width)
    answer: float = spearmanr(np.abs(errors[known]), half_width[known])[0]  # pyright: ignore
    return float(answer)
