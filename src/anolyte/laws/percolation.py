r"""Whether a phase of an interphase forms a connected path."""

from __future__ import annotations

from collections.abc import Sequence


def path_probability(fraction: float, thresholds: Sequence[tuple[float, float]]) -> float:
    r"""Probability that a phase of volume fraction f percolates, the morphology being unknown.

    Each morphology m has a percolation threshold that is uniform over its range
    $[a_m, b_m]$; morphologies are equally likely:

    $$ P(f) = \frac1M \sum_m \min\left(1, \max\left(0, \frac{f - a_m}{b_m - a_m}\right)\right) $$

    Args:
        fraction: Volume fraction of the phase, 0 to 1.
        thresholds: Range of the threshold for each morphology.

    Returns:
        0 to 1; monotone in the fraction.

    Assumes that morphologies are equally likely: no measurement of interphases gives their
    weights.

    >>> path_probability(0.16, [(0.1, 0.2), (0.2, 0.3)])
    0.3
    """
    shares = []
    for low, high in thresholds:
        if high <= low:
            shares.append(1.0 if fraction >= low else 0.0)
        else:
            shares.append(min(1.0, max(0.0, (fraction - low) / (high - low))))
    return round(sum(shares) / len(shares), 12) if shares else 0.0
