r"""The probability of each class of process for each arc, from capacitance, series and order.

$$ p(c) \propto \pi_c\,\frac{\Phi\frac{x - a_c}{w} - \Phi\frac{x - b_c}{w}}{b_c - a_c}
   \prod_e \mathcal N(e;\, \mu_{c,e},\, s_{c,e}^2 + \sigma_e^2), \qquad w^2 = w_c^2 + \sigma_x^2 $$

with the decimal logarithm x of the normalised capacitance, the band [a, b] of a class, its prior
$\pi$, and one factor for each thing that a series says. Arcs in order of time constant are a chain:
a slow arc of a fast class costs a factor, and so do two arcs of one class; the probabilities are
the marginals of the whole chain, summed exactly.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anolyte.core.result import quantity
from anolyte.core.units import ELEMENTARY_CHARGE
from anolyte.materials.processes import KINDS, ProcessClass
from anolyte.measure.arcs import Arc
from anolyte.measure.processes.evidence import ArcEvidence

Array = NDArray[Any]
DECADE = math.log(10.0)


@dataclass(frozen=True)
class ProcessSettings:
    """What a scientist may want otherwise; bands and priors are in `processes.yaml`.

    Args:
        again: Factor on two neighbouring arcs of one class.
        backwards: Factor on an arc whose class should be faster than that of the arc before it.
        surprise: Probability that a capacitance lies anywhere in twenty decades, whatever the
            class; it keeps an odd number from being called certain.
        unknown_faces: Decades by which a capacitance of one face is uncertain where the electrodes
            are not given (one face or two: a factor of two).
        alike: Energies that differ by less are called equal, J; fits know them better than cells
            repeat them.
        vague: Standard deviation of an energy above which nothing is said of it, J.
        lowest_exponent, highest_exponent: Of R in the pressure, for the constriction warning.
        doubtful: Probability of the best class below which the arc is called undecided.
        permittivity: Of an interphase, lowest and highest, for its thickness.
        slight: Share of the bulk's resistance below which a series resistance is not mentioned.
        left_in: Classes that `processes.yaml` leaves out and that count here.
    """

    again: float = 0.2
    backwards: float = 0.05
    surprise: float = 1e-4
    unknown_faces: float = 0.15
    alike: float = quantity("energy", default=0.02 * ELEMENTARY_CHARGE)
    vague: float = quantity("energy", default=0.1 * ELEMENTARY_CHARGE)
    lowest_exponent: float = -0.7
    highest_exponent: float = -0.3
    doubtful: float = 0.8
    permittivity: tuple[float, float] = (5.0, 30.0)
    slight: float = 0.05
    left_in: tuple[str, ...] = ()


@dataclass(frozen=True)
class Normalised:
    """A capacitance in both normalisations.

    Args:
        line: C L/A, F/m.
        face: n C/A, F/m2.
        error: Of the decimal logarithm, of both.
        face_error: Further, of the face's alone.
    """

    line: float = quantity("line_capacitance")
    face: float = quantity("area_capacitance")
    error: float = 0.0
    face_error: float = 0.0


@dataclass(frozen=True)
class ReferenceEnergy:
    """Activation energy that the others are held against, J."""

    value: float = quantity("energy")
    error: float = quantity("energy", default=0.0)


def capacitance_weight(c: ProcessClass, n: Normalised, s: ProcessSettings) -> float:
    """Density of a normalised capacitance in a class, per decade.

    Args:
        c: The class.
        n: The capacitance.
        s: Settings.
    """
    volume = c.normalised_by == "volume"
    x = math.log10(n.line if volume else n.face)
    width = math.hypot(c.width, n.error, 0.0 if volume else n.face_error)
    low, high = c.band
    inside = 0.5 * (
        math.erfc((low - x) / (width * math.sqrt(2.0)))
        - math.erfc((high - x) / (width * math.sqrt(2.0)))
    )
    return (1.0 - s.surprise) * max(inside, 0.0) / (high - low) + s.surprise / 20.0


def evidence_weight(c: ProcessClass, e: ArcEvidence | None, bulk: ReferenceEnergy | None) -> float:
    """Likelihood of what a series says of an arc in a class.

    Args:
        c: The class.
        e: What the series says; None: nothing.
        bulk: Energy of the bulk, which other energies are held against; None: not known.
    """
    if e is None:
        return 1.0
    told: dict[str, tuple[float | None, float]] = {
        "thickness": (e.thickness, e.thickness_error),
        "pressure": (e.pressure, e.pressure_error),
        "rise": (e.rise, e.rise_error),
        "energy_above_bulk": (None, 0.0),
    }
    if e.energy is not None and bulk is not None:
        told["energy_above_bulk"] = (e.energy - bulk.value, math.hypot(e.energy_error, bulk.error))
    weight = 1.0
    for name, (value, error) in told.items():
        if value is not None:
            mean, spread = c.expected[name].numbers(KINDS[name])
            weight *= _normal(value, mean, math.hypot(spread, error))
    return weight


def _normal(value: float, mean: float, spread: float) -> float:
    """Density in units of the spread's kind; far out it falls no further than a rare outlier."""
    z = (value - mean) / spread
    return (math.exp(-0.5 * z * z) + 1e-6) / spread


def allowed(c: ProcessClass, arc: Arc, sides: tuple[bool, ...]) -> bool:
    """Whether an arc's shape and the cell's electrodes admit a class.

    Args:
        c: The class.
        arc: The arc.
        sides: For each electrode whether it blocks; empty: not known.
    """
    if arc.shape not in c.shapes:
        return False
    if c.electrodes == "any" or not sides:
        return True
    return any(blocks == (c.electrodes == "blocking") for blocks in sides)


def marginals(weights: Array, orders: Sequence[int], s: ProcessSettings) -> Array:
    """Probabilities of classes for arcs in order of time constant.

    Args:
        weights: Of each class for each arc by itself, (arcs, classes).
        orders: Place of each class in time constant, (classes,).
        s: Settings.

    Returns:
        (arcs, classes), every row summing to one.

    >>> marginals(np.array([[1.0, 1.0]]), [0, 1], ProcessSettings())
    array([[0.5, 0.5]])
    """
    place = np.asarray(orders)
    step = np.where(place[None, :] > place[:, None], 1.0, s.backwards)
    step = np.where(place[None, :] == place[:, None], s.again, step)
    count, kinds = weights.shape
    # rows are scaled so that nothing underflows; scales cancel in the marginals
    w = weights / weights.max(axis=1, keepdims=True)
    forward, backward = np.empty((count, kinds)), np.ones((count, kinds))
    forward[0] = w[0]
    for k in range(1, count):
        row = w[k] * (forward[k - 1] @ step)
        forward[k] = row / row.max()
    for k in range(count - 2, -1, -1):
        row = step @ (w[k + 1] * backward[k + 1])
        backward[k] = row / row.max()
    both = forward * backward
    return both / both.sum(axis=1, keepdims=True)
