r"""Conductivity from resistances: of one pellet, of pellets of several thicknesses, beside reports.

$$ \sigma = \frac{L}{R A}, \qquad R A = \frac{L}{\sigma} + R_\mathrm{faces} $$

With several thicknesses the slope is free of the faces, which are left as the intercept.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from anolyte.core.errors import AnolyteError, DataError
from anolyte.core.result import Result, quantity
from anolyte.core.units import show
from anolyte.laws.conduction import conductivity as published_law
from anolyte.materials import library
from anolyte.materials.library import Library
from anolyte.measure.resistance import CellResistance, TotalResistance
from anolyte.measure.setup import Setup
from anolyte.numerics import separable
from anolyte.numerics.separable import stacked

FAR = 3.0
"""Factor between a measured and a published conductivity from which it is told."""


@dataclass(frozen=True)
class Published:
    """What the library says of the electrolyte.

    Args:
        electrolyte: Its name.
        law: How it was brought to the temperature.
        sources: Citation keys.
        extrapolated: Outside the range in which the law was measured.
        value: S/m.
        low, high: Spread of the reports, S/m.
        temperature: K.
    """

    electrolyte: str
    law: str
    sources: tuple[str, ...]
    extrapolated: bool
    value: float = quantity("conductivity")
    low: float = quantity("conductivity")
    high: float = quantity("conductivity")
    temperature: float = quantity("temperature")


@dataclass(frozen=True)
class ThicknessResult(Result):
    """What pellets of several thicknesses say.

    Args:
        pellets: How many.
        faces: Resistance of both faces together, by the intercept.
        conductivity, conductivity_error: By the slope, S/m.
        low, high: Its interval at `level`, S/m.
        level: Share of intervals that hold the truth.
        published: What the library says; None: not asked or not known.
        warnings: One sentence each.
    """

    pellets: int
    faces: TotalResistance
    level: float
    conductivity: float = quantity("conductivity")
    conductivity_error: float = quantity("conductivity")
    low: float = quantity("conductivity")
    high: float = quantity("conductivity")
    published: Published | None = None
    warnings: tuple[str, ...] = ()


def published(setup: Setup, lib: Library | None = None) -> Published | str:
    """The electrolyte's conductivity in the library at the temperature of the setup.

    Args:
        setup: With electrolyte and temperature.
        lib: Where to look; None: the package's library.

    Returns:
        The value with its range, or a sentence that says why there is none.

    >>> found = published(Setup(electrolyte="LLZTO", temperature=298.15))
    >>> isinstance(found, Published) and found.low <= found.value <= found.high
    True
    """
    if setup.electrolyte is None:
        return "no electrolyte is named, so no published conductivity stands beside the measured"
    if setup.temperature is None:
        return "no temperature is given, so no published conductivity stands beside the measured"
    try:
        material = (lib or library.default()).electrolyte(setup.electrolyte)
        found = published_law(material, setup.temperature)
    except AnolyteError as error:
        return f"no published conductivity: {error}"
    return Published(
        material.name, found.law, found.sources, found.extrapolated, found.value, found.low,
        found.high, setup.temperature,
    )  # fmt: skip


def beside(measured: float, reports: Published, what: str = "conductivity") -> str:
    """A sentence where a measured conductivity is far from the reports; empty where it is not.

    Args:
        measured: S/m.
        reports: What the library says.
        what: Name of the measured number.

    >>> told = Published("X", "as measured", (), False, 0.1, 0.05, 0.2, 298.15)
    >>> beside(0.3, told)
    ''
    >>> beside(0.01, told)[:60]
    'conductivity 0.1 mS cm⁻¹ is 10 times below the published 1 m'
    """
    if not measured > 0.0 or reports.low / FAR <= measured <= reports.high * FAR:
        return ""
    ratio = reports.value / measured
    side = "below" if ratio > 1.0 else "above"
    return (
        f"{what} {show(measured, 'conductivity')} is {max(ratio, 1.0 / ratio):.3g} times {side} "
        f"the published {show(reports.value, 'conductivity')} of {reports.electrolyte} "
        f"({show(reports.low, 'conductivity')} to {show(reports.high, 'conductivity')}); check "
        "area, thickness and which arcs were counted"
    )


def conductivity_by_thickness(
    resistances: Sequence[CellResistance], setups: Sequence[Setup], level: float = 0.90
) -> ThicknessResult:
    """Conductivity without the faces, from pellets of several thicknesses.

    Args:
        resistances: Of electrolyte and faces together, ohm, one a pellet; weights are one over the
            standard deviations where all have one.
        setups: Area and thickness of each.
        level: Of the interval.

    Raises:
        DataError: Fewer than two thicknesses, or a resistance that does not rise with thickness.
        MissingProperty: An area or thickness is not given.

    >>> cells = [Setup(area=1e-4, thickness=t) for t in (1e-3, 2e-3, 3e-3)]
    >>> made = [CellResistance(100.0 * k + 7.0) for k in (1, 2, 3)]
    >>> found = conductivity_by_thickness(made, cells)
    >>> round(found.faces.value, 9), round(found.conductivity, 6)
    (0.0007, 0.1)
    """
    length = np.array([s.need("thickness") for s in setups], dtype=float)
    area = np.array([s.need("area") for s in setups], dtype=float)
    if len(resistances) != length.size or np.unique(length).size < 2:
        raise DataError("conductivity by thickness: at least two pellets of different thickness")
    y = np.array([r.value for r in resistances]) * area
    sigma = [r.sigma for r in resistances]
    known = all(s is not None for s in sigma)
    weight = 1.0 / (np.array(sigma, dtype=float) * area) if known else np.full(y.size, 1 / y.mean())
    line = separable.fit(lambda g: stacked(g, np.ones_like(length), length), y, weight)
    slope, spare = float(line.coefficients[1]), y.size - 2
    if not slope > 0.0:
        raise DataError("the resistance does not rise with thickness: these arcs are of the faces")
    error = line.error(1) if spare > 0 else math.nan
    width = separable.student(level, spare) * error if spare > 0 else math.nan
    told = []
    if spare < 1:
        told.append("two pellets make a line without a test; measure a third thickness")
    if float(line.coefficients[0]) < -2.0 * (line.error(0) if spare > 0 else 0.0):
        told.append("the faces come out negative: the pellets differ by more than their thickness")
    return ThicknessResult(
        pellets=y.size, level=level,
        faces=TotalResistance(float(line.coefficients[0]), line.error(0) if spare > 0 else None),
        conductivity=1.0 / slope, conductivity_error=error / slope**2,
        low=1.0 / (slope + width), high=1.0 / max(slope - width, 1e-300),
        published=_if_known(setups[0]), warnings=tuple(told),
    )  # fmt: skip


def _if_known(setup: Setup) -> Published | None:
    found: Any = published(setup)
    return found if isinstance(found, Published) else None
