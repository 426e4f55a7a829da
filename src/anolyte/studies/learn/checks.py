r"""Whether a learnt law explains the data: data that it makes against those that were measured.

For every draw the misfit of the data is compared with that of data which the same draw makes. Two
misfits are looked at: their size, $\sum_i z_i^2$ of errors cut at five, and where there are enough
numbers in a row their drift, $\sum_i z_i z_{i+1}$: errors of a right law do not know each other.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from anolyte.numerics.tempering import Array
from anolyte.studies.learn.cycled import Cycled
from anolyte.studies.learn.observations import Observation, Ramp, Resistances
from anolyte.studies.learn.result import Check, Predicted

IN_A_ROW = 5
"""Numbers from which a drift is looked for."""
CUT = 5.0
"""Standard errors beyond which one number counts no more: a single slip is no wrong law."""


def checks(
    observations: Sequence[Observation], predicted: Sequence[Array], seed: int = 0
) -> tuple[Check, ...]:
    """Posterior predictive checks of all observations.

    Args:
        observations: What was measured.
        predicted: The same by posterior draws, logarithms, (draws, count).
        seed: Of data that are made.
    """
    rng = np.random.default_rng([seed, 1])
    found = []
    for seen, rows in zip(observations, predicted, strict=True):
        ours = seen.surprise(rows)
        made = seen.repeated(rows, rng)
        theirs = _surprise_of(seen, made, rows)
        for what, misfit in _MISFITS.items():
            if what == "drift" and seen.count < IN_A_ROW:
                continue
            odd = float((misfit(theirs) >= misfit(ours)).mean())
            found.append(Check(seen.name, f"{what} of misfits", odd, seen.count))
    return tuple(found)


def _surprise_of(seen: Observation, made: Array, rows: Array) -> Array:
    if isinstance(seen, Ramp):
        return np.concatenate(
            [seen.at(m).surprise(r[None, :]) for m, r in zip(made, rows, strict=True)]
        )
    assert isinstance(seen, Resistances | Cycled)
    return (made - rows) / np.asarray(seen.error)


def _size(surprise: Array) -> Array:
    return np.minimum(surprise**2, CUT**2).sum(axis=1)


def _drift(surprise: Array) -> Array:
    z = np.clip(surprise, -CUT, CUT)
    return (z[:, 1:] * z[:, :-1]).sum(axis=1)


_MISFITS: dict[str, Any] = {"size": _size, "drift": _drift}


def beside(
    observations: Sequence[Observation], predicted: Sequence[Array]
) -> tuple[Predicted, ...]:
    """Each observation with 10, 50 and 90 % of its prediction."""
    out = []
    for seen, rows in zip(observations, predicted, strict=True):
        low, middle, high = (
            tuple(map(float, q)) for q in np.exp(np.percentile(rows, (10.0, 50.0, 90.0), axis=0))
        )
        if isinstance(seen, Resistances | Cycled):
            out.append(Predicted(seen.name, "area_resistance", seen.value, low, middle, high,
                                 seen.time))  # fmt: skip
        elif isinstance(seen, Ramp):
            measured = tuple(b for b in seen.bounds if 0.0 < b < np.inf)
            out.append(Predicted(seen.name, "current_density", measured, low, middle, high))
    return tuple(out)
