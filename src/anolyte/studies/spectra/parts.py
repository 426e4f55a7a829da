"""The resistances of a spectrum as the parts of a voltage under current."""

from __future__ import annotations

import math

from anolyte.core.errors import DataError
from anolyte.measure.processes.assignment import UNDECIDED
from anolyte.measure.traces.overpotential import SpectrumParts
from anolyte.studies.spectra.result import SpectrumStudy

PARTS = {
    "bulk": "bulk", "second phase": "bulk", "ferroelectric bulk": "bulk",
    "grain boundary": "grain_boundary", "interphase": "interface", "constriction": "interface",
    "charge transfer": "charge_transfer",
}  # fmt: skip
"""Process to part. Diffusion is none: it grows with time, and is in what is left."""


def spectrum_parts(study: SpectrumStudy) -> SpectrumParts:
    """The resistances of one spectrum by what they are; the circuit's end at high frequency is
    counted to the bulk.

    Args:
        study: A spectrum that the gate passed and a circuit describes, with its processes.

    Raises:
        DataError: A fit that is not to be used, or an arc that could not be assigned.
    """
    if not study.good or study.fit is None or study.processes is None:
        raise DataError(f"{study.label}: its fit is not to be used; `fit eis` tells why")
    sums = dict.fromkeys(PARTS.values(), 0.0)
    high = study.fit.high_frequency
    if 0.0 < high < math.inf:
        sums["bulk"] += high
    for process in study.processes.processes:
        if process.best == UNDECIDED:
            raise DataError(
                f"{study.label}: {process.name} could not be assigned; give --area, --thickness "
                "and --electrodes"
            )
        if (part := PARTS.get(process.best)) is not None:
            sums[part] += process.resistance
    return SpectrumParts(**sums)
