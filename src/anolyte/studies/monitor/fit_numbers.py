"""Resistances of a fit with their errors: of the electrolyte, of an arc, of the whole cell."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from anolyte.measure.arcs import Arc
from anolyte.measure.circuits.result import FitResult


def inner_resistance(fit: FitResult, inner: Sequence[Arc]) -> tuple[float, float]:
    """Resistance of the electrolyte, ohm, and its relative error: of the sum where arcs overlap."""
    value = sum(a.resistance for a in inner) + max(fit.high_frequency, 0.0)
    if not (math.isfinite(value) and value > 0.0):
        return 0.0, 0.0
    error = {s.names: s.error for s in fit.sums}.get(tuple(a.name for a in inner))
    own = math.hypot(*(arc_error(a) * a.resistance for a in inner), 0.0)
    return value, own / value if error is None else error


def arc_error(arc: Arc) -> float:
    """Relative standard deviation of a resistance; infinite where the fit does not know it."""
    return math.inf if arc.resistance_error is None else arc.resistance_error


def total_error(fit: FitResult) -> float:
    """Relative standard deviation of the resistance at low frequency."""
    count = len(fit.parameters)
    slopes = np.array(
        [p.value if p.kind == "resistance" and math.isfinite(p.value) else 0.0
         for p in fit.parameters]
    )  # fmt: skip
    covariance = np.array(fit.covariance)
    if covariance.shape != (count, count) or not fit.low_frequency > 0.0:
        return fit.noise
    variance = float(slopes @ covariance @ slopes)
    return math.sqrt(variance) / fit.low_frequency if variance >= 0.0 else math.inf
