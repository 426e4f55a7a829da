"""The VTF law of a conductivity, fitted with its temperature T0 free."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anolyte.core.result import quantity
from anolyte.core.units import BOLTZMANN
from anolyte.numerics import separable
from anolyte.numerics.separable import Separated, stacked

Array = NDArray[Any]
LARGEST = 700.0
"""Logarithm beyond which a number overflows."""


@dataclass(frozen=True)
class Vogel:
    r"""The VTF law $\sigma = B\,T^{-1/2} \exp[-E_v / k_B(T - T_0)]$.

    Args:
        prefactor: B, S K^(1/2)/m.
        prefactor_error: Of ln B.
        energy: E_v, J.
        energy_error: Standard deviation, J.
        temperature: T0, K.
        low, high: Interval of T0, K; 0 where the straight line is inside it.
        aicc: Akaike's criterion.
    """

    prefactor: float
    prefactor_error: float
    energy: float = quantity("energy")
    energy_error: float = quantity("energy")
    temperature: float = quantity("temperature")
    low: float = quantity("temperature")
    high: float = quantity("temperature")
    aicc: float = math.inf

    def __call__(self, temperature: Any) -> Any:
        """Conductivity, S/m."""
        t = np.asarray(temperature, dtype=float)
        drop = self.energy / (BOLTZMANN * (t - self.temperature))
        return self.prefactor / np.sqrt(t) * np.exp(-drop)


def columns(temperature: Array) -> separable.Columns:
    r"""Base of the VTF law of $\ln(\sigma\sqrt T)$: a constant and $-1/k_B(T - T_0)$.

    Args:
        temperature: K, (N,).
    """

    def of(values: Array) -> Array:
        x = -1.0 / (BOLTZMANN * (temperature[None, :] - values[:, None]))
        return stacked(values, np.ones_like(temperature), x)

    return of


def solve(
    temperature: Array, conductivity: Array, weight: Array, level: float, highest: float
) -> Separated:
    """The law's least squares, T0 scanned from zero.

    Args:
        temperature: K, (N,).
        conductivity: S/m, (N,).
        weight: One over the relative errors, (N,).
        level: Of the interval of T0.
        highest: Share of the lowest temperature up to which T0 is sought.
    """
    y = np.log(conductivity) + 0.5 * np.log(temperature)
    grid = np.linspace(0.0, highest * float(temperature.min()), 160)
    return separable.fit(columns(temperature), y, weight, grid, level)


def law(found: Separated, coldest: float) -> Vogel | None:
    """What a solution says; T0 lies between zero and the coldest point. None: no number can hold
    its prefactor, as of points that all stand at about one temperature.

    Args:
        found: From `solve`.
        coldest: K.
    """
    if not abs(float(found.coefficients[0])) < LARGEST:
        return None
    low = 0.0 if found.low is None else max(found.low, 0.0)
    high = coldest if found.high is None else min(found.high, coldest)
    return Vogel(
        math.exp(float(found.coefficients[0])), found.error(0), float(found.coefficients[1]),
        found.error(1), found.parameter or 0.0, low, high, found.aicc,
    )  # fmt: skip


def carried(
    found: Separated, temperature: float, level: float, count: int = 400
) -> tuple[float, float]:
    """Interval of the conductivity at a temperature, S/m, from curves that fit about as well.

    Args:
        found: From `solve`.
        temperature: K.
        level: Share of intervals that hold the truth.
        count: Curves drawn, of a fixed seed.
    """
    coefficients, glass = found.draws(count, 0)
    room = np.maximum(temperature - glass, 1e-3)
    logs = coefficients[:, 0] - coefficients[:, 1] / (BOLTZMANN * room)
    logs = logs - 0.5 * math.log(temperature)
    low, high = np.quantile(logs, [0.5 - level / 2.0, 0.5 + level / 2.0])
    return math.exp(float(min(low, 300.0))), math.exp(float(min(high, 300.0)))
