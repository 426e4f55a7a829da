r"""What a series says of each arc: how its resistance follows thickness, pressure, heat and time.

$$ \ln(R A) = a + \alpha \ln L + \beta \ln P + \frac{E_a}{k_B T} + \ln T
   + r\,\frac{t - t_0}{t_1 - t_0} $$

One regression an arc, with the terms of whatever was varied: a pellet of several thicknesses gives
$\alpha$ (1 inside the electrolyte, 0 on a face), pressures give $\beta$ (0 or about -0.5 for
contact), temperatures the energy, time the rise $r$ of the logarithm over the series.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anolyte.core.errors import DataError
from anolyte.core.result import Result, quantity
from anolyte.core.units import BOLTZMANN
from anolyte.measure.arcs import Arc
from anolyte.measure.setup import Setup

Array = NDArray[Any]
UNKNOWN_ERROR = 0.05
"""Relative error of a resistance whose fit gave none, where no point is to spare to judge it."""
REPEATS = 0.01
"""Least relative error of a resistance: 0.2 K move one of 0.5 eV by as much."""
UNRESOLVED = 0.10
"""The same where a neighbour overlaps, or the arc peaks beyond the sweep: a fit may give it part of
the other."""
OUTLIER, ROUNDS = 2.5, 30
"""Residuals beyond so many median ones count less; times the weights are renewed."""
VARIED = {"thickness": 0.02, "pressure": 0.02, "energy": 1.0 / 300.0, "rise": 1e-6}
"""Spread over the largest from which a setting was varied: gauges and thermometers jitter (1 K)."""


@dataclass(frozen=True)
class ArcEvidence:
    """What a series says of one arc; None: it was not varied.

    Args:
        name: Of the arc.
        thickness, thickness_error: Exponent of R in the thickness of the pellet.
        pressure, pressure_error: Exponent of R in the stack pressure.
        energy, energy_error: Activation energy of R/T, J.
        rise, rise_error: Of ln R from the first to the last spectrum in time.
    """

    name: str
    thickness: float | None = None
    thickness_error: float = 0.0
    pressure: float | None = None
    pressure_error: float = 0.0
    energy: float | None = quantity("energy", default=None)
    energy_error: float = quantity("energy", default=0.0)
    rise: float | None = None
    rise_error: float = 0.0


@dataclass(frozen=True)
class SeriesEvidence(Result):
    """What a series says of all arcs.

    Args:
        arcs: One an arc.
        varied: Names of what was varied.
        spectra: How many there were.
    """

    arcs: tuple[ArcEvidence, ...]
    varied: tuple[str, ...] = ()
    spectra: int = 0

    def of(self, name: str) -> ArcEvidence | None:
        """The evidence on an arc by its name; None: nothing."""
        return next((a for a in self.arcs if a.name == name), None)

    def rows(self) -> list[dict[str, Any]]:
        """One row an arc."""
        from dataclasses import asdict

        return [asdict(a) for a in self.arcs]

    def joined(self, other: SeriesEvidence) -> SeriesEvidence:
        """With what another series (of the same cell, other things varied) says."""
        from dataclasses import replace

        out = []
        for name in dict.fromkeys([a.name for a in (*self.arcs, *other.arcs)]):
            mine, more = self.of(name), other.of(name)
            if mine is None or more is None:
                out.append(mine or more)
                continue
            new = {
                k: getattr(more, k)
                for what in _TERMS
                if getattr(mine, what) is None and getattr(more, what) is not None
                for k in (what, f"{what}_error")
            }
            out.append(replace(mine, **new))
        varied = tuple(dict.fromkeys((*self.varied, *other.varied)))
        return SeriesEvidence(tuple(out), varied, self.spectra + other.spectra)


_TERMS = ("thickness", "pressure", "energy", "rise")


def evidence(
    series: Sequence[Sequence[Arc]], setups: Sequence[Setup], times: Sequence[float] | None = None
) -> SeriesEvidence:
    """How each arc follows what was varied; arcs go together by their names.

    Args:
        series: Arcs of each spectrum, of one circuit.
        setups: Cell of each spectrum: thickness, stack pressure, temperature.
        times: s, one a spectrum; None: time is not looked at.

    Raises:
        DataError: Numbers of spectra and setups that differ, an arc that is missing somewhere.
    """
    if len(series) != len(setups) or (times is not None and len(times) != len(series)):
        raise DataError(f"evidence: {len(series)} spectra beside {len(setups)} setups")
    columns = _columns(setups, times)
    names = [a.name for a in series[0]] if series else []
    found = []
    for name in names:
        arcs = [next((a for a in one if a.name == name), None) for one in series]
        present = [a for a in arcs if a is not None]
        if len(present) < len(arcs):
            raise DataError(f"evidence: arc {name} is missing in some spectra; fit one circuit")
        found.append(_one(name, present, columns, setups))
    return SeriesEvidence(tuple(found), tuple(columns), len(series))


def _columns(setups: Sequence[Setup], times: Sequence[float] | None) -> dict[str, Array]:
    """The terms of what was varied; nothing where a spectrum lacks it."""
    raw = {
        "thickness": [s.thickness for s in setups],
        "pressure": [s.stack_pressure for s in setups],
        "energy": [s.temperature for s in setups],
        "rise": list(times) if times is not None else [None],
    }
    out = {}
    for name, values in raw.items():
        if any(v is None for v in values):
            continue
        v = np.array(values, dtype=float)
        still = v.size < 2 or np.ptp(v) <= VARIED[name] * np.abs(v).max()
        if still or (name != "rise" and v.min() <= 0):
            continue
        out[name] = {
            "thickness": lambda v: np.log(v),
            "pressure": lambda v: np.log(v),
            "energy": lambda v: 1.0 / (BOLTZMANN * v),
            "rise": lambda v: (v - v.min()) / np.ptp(v),
        }[name](v)
    return out


def _one(
    name: str, arcs: list[Arc], columns: dict[str, Array], setups: Sequence[Setup]
) -> ArcEvidence:
    """Weighted regression; errors are never smaller than those of the fits."""
    finite = all(0.0 < a.resistance < math.inf for a in arcs)  # a blocking end has no resistance
    if not columns or not finite or len(arcs) < len(columns) + 1:
        return ArcEvidence(name)
    y = np.log([a.resistance for a in arcs])
    if all(s.area for s in setups):
        y = y + np.log([s.area or 1.0 for s in setups])
    if "energy" in columns:
        y = y - np.log([s.temperature or 1.0 for s in setups])
    known = all(a.resistance_error for a in arcs)
    sigma = np.array([_error(a) for a in arcs])
    matrix = np.column_stack([np.ones_like(y), *columns.values()]) / sigma[:, None]
    size = np.sqrt((matrix**2).sum(axis=0))
    solution, covariance = _robust(matrix / size, y / sigma, known)
    values = {}
    for k, term in enumerate(columns, 1):
        values[term] = float(solution[k] / size[k])
        values[f"{term}_error"] = math.sqrt(max(float(covariance[k, k]), 0.0)) / float(size[k])
    return ArcEvidence(name, **values)


def _error(arc: Arc) -> float:
    """Relative error of an arc's resistance, no smaller than cells and fits repeat it."""
    least = REPEATS if arc.resolved and arc.in_sweep else UNRESOLVED
    return max(arc.resistance_error or UNKNOWN_ERROR, least)


def _robust(matrix: Array, y: Array, known: bool) -> tuple[Array, Array]:
    """Least squares in which points far out (arcs that changed places in a fit) count less.

    Args:
        matrix, y: Divided by the errors of the points.
        known: Whether the errors are those of fits; then the covariance is never smaller than
            they say.
    """
    spare = y.size - matrix.shape[1]
    weight, solution, residual = np.ones_like(y), np.zeros(matrix.shape[1]), y
    for k in range(ROUNDS):
        root = np.sqrt(weight)
        solution = np.linalg.lstsq(matrix * root[:, None], y * root, rcond=1e-12)[0]
        residual = y - matrix @ solution
        if spare < 2:  # with so few points an outlier cannot be told
            break
        size, least = np.abs(residual), 1e-9 * float(np.abs(y).max())
        if k < ROUNDS // 2:  # towards the least sum of residuals, which outliers hardly pull
            weight = 1.0 / np.maximum(size, least)
        else:
            middle = max(1.4826 * float(np.median(size)), least)
            weight = 1.0 / np.maximum(size / (OUTLIER * middle), 1.0) ** 2
    scale = float(weight @ residual**2) / spare if spare > 0 else 1.0
    if known:
        scale = max(scale, 1.0)
    return solution, np.linalg.pinv((matrix * weight[:, None]).T @ matrix) * scale
