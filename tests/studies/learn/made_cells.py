"""Cells whose numbers are known, and what would be measured of them."""

import numpy as np

from anolyte.studies.cell import Cell
from anolyte.studies.learn import Drawn, Ramp, Resistances
from anolyte.studies.learn.rivals import LIBRARY

HOUR = 3600.0


def sulfide(**options):
    """Li | Li6PS5Cl | Li under 5 MPa."""
    given = {"thickness": "0.5 mm", "pressure": "5 MPa", "current": "0.3 mA/cm2",
             "capacity": "0.3 mAh/cm2"}  # fmt: skip
    return Cell("Li6PS5Cl", "Li", **(given | options))


def truth(cell, seed):
    """One draw of the numbers, as a pick of one cell."""
    names = tuple(sorted(LIBRARY.asks(cell).values))
    scores = np.random.default_rng([seed, 7]).standard_normal((1, len(names)))
    return Drawn(names, scores)


def rows(cell, hours, *, error=0.03, bulk=False, pressure=None, temperature=None, freedom=5.0):
    """Resistances to be measured at some hours."""
    n, c = len(hours), cell.conditions
    return Resistances(
        "bulk" if bulk else "interface", (1.0,) * n, (error,) * n,
        tuple(HOUR * h for h in hours),
        tuple(pressure or (c.stack_pressure,) * n), tuple(temperature or (c.temperature,) * n),
        bulk=bulk, age=HOUR, freedom=freedom,
    )  # fmt: skip


def ramp(cell, **options):
    """A ramp from 0.1 to 3 mA/cm2, outcome open."""
    levels = tuple(float(j) for j in np.arange(1.0, 31.0, 1.0))
    return Ramp("ramp", levels, survived=30, failed=False,
                pressure=cell.conditions.stack_pressure, **options)  # fmt: skip


def measured(observation, device, pick, rng):
    """The observation as a cell of known numbers gives it, with its error."""
    predicted = observation.predict(device, pick, 1)
    return observation.at(observation.repeated(predicted, rng)[0])
