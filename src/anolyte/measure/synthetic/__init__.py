"""Made measurements of which the truth is known; none of them is data of a real cell."""

from anolyte.measure.synthetic.files import write
from anolyte.measure.synthetic.made import (
    CIRCUIT,
    CLASSES,
    NAMES,
    Pellet,
    Series,
    Truth,
    disturb,
    frequencies,
    measure,
)
from anolyte.measure.synthetic.series import (
    PARTIAL,
    RampTruth,
    Short,
    ageing,
    cabled,
    cells,
    cold_start,
    drifting,
    pellets,
    pressures,
    ramp,
    soft_shorts,
    temperatures,
)

__all__ = [
    "CIRCUIT", "CLASSES", "NAMES", "PARTIAL", "Pellet", "RampTruth", "Series", "Short", "Truth",
    "ageing", "cabled", "cells", "cold_start", "disturb", "drifting", "frequencies", "measure",
    "pellets", "pressures", "ramp", "soft_shorts", "temperatures", "write",
]  # fmt: skip
