"""What a sample of draws says: quantiles, and whose error makes the variance."""

from __future__ import annotations

import numpy as np

from anolyte.numerics.phase_table import Array

LOW, MIDDLE, HIGH = 0.05, 0.5, 0.95
STILL = 1e-12
"""A variance no larger than this is none."""


def quantiles(values: Array) -> tuple[float, float, float]:
    """5, 50 and 95 % of values that may be infinite: each is one of them.

    >>> quantiles(np.array([1.0, 2.0, np.inf]))
    (1.0, 2.0, inf)
    """
    found = np.quantile(values, (LOW, MIDDLE, HIGH), method="inverted_cdf")
    return float(found[0]), float(found[1]), float(found[2])


def variance_shares(normal: Array, values: Array) -> tuple[Array, float] | None:
    r"""Share of the variance of some values that each of their independent causes makes.

    A least-squares fit $V = \bar V + \sum_j \beta_j z_j + \epsilon$; the share of a cause is
    $S_j = \beta_j^2\,\mathrm{Var}(z_j) / \mathrm{Var}(V)$. Shares are freed of what a fit explains
    by chance: the squared standard error of each coefficient, and the degrees of freedom.

    Args:
        normal: Independent standard normal numbers, (draws, causes).
        values: (draws,); the infinite ones are left out.

    Returns:
        The shares (causes,) and that of the whole fit; None where nothing varies, or too few draws
        are left (fewer than two a cause).

    Range: what is not linear (a change of products) is in neither.

    >>> z = np.random.default_rng(0).standard_normal((1000, 2))
    >>> share, whole = variance_shares(z, 3.0 * z[:, 0] + 4.0 * z[:, 1])
    >>> bool(share[0] < share[1]), round(whole, 6)
    (True, 1.0)
    """
    finite = np.isfinite(values)
    causes, y = normal[finite], values[finite]
    free = len(y) - causes.shape[1] - 1
    if free <= causes.shape[1] or y.var() < STILL:
        return None
    causes, y = causes - causes.mean(axis=0), y - y.mean()
    slope = np.linalg.lstsq(causes, y, rcond=None)[0]
    left = float(((y - causes @ slope) ** 2).sum()) / free
    share = (slope**2 - left / (causes**2).sum(axis=0)) * causes.var(axis=0) / y.var()
    return np.maximum(share, 0.0), float(max(1.0 - left / y.var(ddof=1), 0.0))
