r"""Whether spectra show a short: the total below the bulk's resistance, or an arc that collapsed.

$$ R_\mathrm{total} + 2 s < R_b = \frac{L}{\sigma(T) A} $$

A cell cannot have less resistance than its electrolyte unless electrons pass beside the ions. The
expected resistance comes from the same cell when it was fresh, carried to the temperature, or from
the library, whose spread is then its error. Spectra see soft shorts that the voltage hides, and the
other way round; use both.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from anolyte.core.errors import MissingProperty
from anolyte.core.result import Result, quantity
from anolyte.core.units import show
from anolyte.measure.detectors import Alarm, ArcCollapse, BelowBulk, ContactLoss, Detector, Sample
from anolyte.measure.processes.conductivity import Published
from anolyte.measure.resistance import CellResistance
from anolyte.measure.series.arrhenius import ArrheniusResult
from anolyte.measure.setup import Setup

HOTTER = 5.0
"""Kelvins outside a measured series from which a carried conductivity is told."""


@dataclass(frozen=True)
class ShortTest(Result):
    """What the whole resistance of a cell says of a short.

    Args:
        short: Whether the total lies below what the electrolyte alone must have.
        basis: Where the expected resistance comes from.
        deviations: Standard deviations asked for.
        total, total_error: Of the cell, ohm.
        expected, expected_error: Of its electrolyte, ohm.
        least_path: Resistance of the electronic path beside the ions, at most this, ohm; None: no
            short.
        warnings: One sentence each.
    """

    short: bool
    basis: str
    deviations: float
    total: float = quantity("resistance")
    total_error: float = quantity("resistance")
    expected: float = quantity("resistance")
    expected_error: float = quantity("resistance")
    least_path: float | None = quantity("resistance", default=None)
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Expected:
    """Resistance that an electrolyte must have.

    Args:
        resistance: Of the cell's electrolyte.
        basis: Where it comes from, in words.
        warnings: What speaks against it.
    """

    resistance: CellResistance
    basis: str
    warnings: tuple[str, ...] = ()


def fresh(result: ArrheniusResult, setup: Setup) -> Expected:
    """From the conductivity of the same cell when fresh, over temperature.

    Args:
        result: Of a conductivity.
        setup: Area, thickness and the temperature to carry it to.

    Raises:
        MissingProperty: Area, thickness or temperature is not given, or the series is not of a
            conductivity.
    """
    if result.of != "conductivity":
        raise MissingProperty("the fresh series must be of a conductivity, not of a resistance")
    temperature = setup.need("temperature")
    value = setup.need("thickness") / (float(result(temperature)) * setup.need("area"))
    told = ()
    if not result.coldest - HOTTER <= temperature <= result.hottest + HOTTER:
        told = (f"the fresh conductivity is extrapolated to {show(temperature, 'temperature')}",)
    relative = result.deviation(temperature)
    error = value * relative if math.isfinite(relative) else 0.0
    return Expected(CellResistance(value, error), "the same cell when fresh", told)


def from_library(reports: Published, setup: Setup) -> Expected:
    """From published conductivities; the highest one counts, since a pellet may be that good.

    Args:
        reports: What the library says at the temperature.
        setup: Area and thickness.

    Raises:
        MissingProperty: Area or thickness is not given.
    """
    scale = setup.need("thickness") / setup.need("area")
    best, usual = scale / reports.high, scale / reports.value
    return Expected(
        CellResistance(best, 0.5 * abs(usual - best)),
        f"the best published conductivity of {reports.electrolyte}",
        ("a published conductivity stands in for the fresh cell's; measure the cell when fresh",),
    )


def total_below_bulk(
    total: CellResistance, expected: Expected, deviations: float = 2.0
) -> ShortTest:
    """Whether the whole resistance of a spectrum lies below the electrolyte's.

    Args:
        total: At low frequency, of everything, ohm.
        expected: From `fresh`, `from_library`, or a resistance with its basis.
        deviations: Standard deviations by which it must lie below.

    >>> bulk = Expected(CellResistance(254.65, 2.0), "the same cell when fresh")
    >>> total_below_bulk(CellResistance(180.0, 1.0), bulk).short
    True
    >>> total_below_bulk(CellResistance(475.0, 1.0), bulk).short
    False
    """
    e = expected.resistance
    detector = BelowBulk(e.value, e.sigma or 0.0, deviations)
    relative = (total.sigma or 0.0) / total.value if total.value > 0.0 else 0.0
    _, alarm = detector.feed(detector.start(), Sample(0, total.value, relative))
    told = [*expected.warnings]
    path = None
    if alarm is not None:
        told.insert(0, alarm.text)
        path = total.value * e.value / (e.value - total.value)
    if total.sigma is None or e.sigma is None:
        told.append("an error is not known; the test counts it as none")
    return ShortTest(
        alarm is not None, expected.basis, deviations, total.value, total.sigma or 0.0, e.value,
        e.sigma or 0.0, path, tuple(told),
    )  # fmt: skip


@dataclass(frozen=True)
class SeriesAlarms(Result):
    """What the detectors saw in a series of spectra.

    Args:
        alarms: In order.
        spectra: How many were looked at.
    """

    alarms: tuple[Alarm, ...]
    spectra: int

    def rows(self) -> list[dict[str, Any]]:
        """One row an alarm."""
        from dataclasses import asdict

        return [asdict(a) for a in self.alarms]


def watch_series(
    samples: Sequence[Sample], detectors: Sequence[Detector[Any]] | None = None
) -> SeriesAlarms:
    """The alarms of a finished series, as a watch would have given them.

    Args:
        samples: Of one arc, in order of time.
        detectors: Which; None: arc collapse and contact loss.

    >>> made = [Sample(k, 120.0, 0.01) for k in range(6)] + [Sample(6, 20.0, 0.01)]
    >>> [(a.detector, a.number) for a in watch_series(made).alarms]
    [('arc collapse', 6)]
    """
    chosen: Sequence[Detector[Any]] = detectors or (ArcCollapse(), ContactLoss())
    states = [d.start() for d in chosen]
    alarms = []
    for sample in samples:
        for k, detector in enumerate(chosen):
            states[k], alarm = detector.feed(states[k], sample)
            if alarm is not None:
                alarms.append(alarm)
    return SeriesAlarms(tuple(alarms), len(samples))
