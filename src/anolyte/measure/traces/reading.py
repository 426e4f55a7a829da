"""What a cycling file says of a cell: by its electrodes a life, an efficiency, or a fade."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np

from anolyte.core.errors import DataError
from anolyte.core.result import Result
from anolyte.measure.records import CycleTable, Recording, Trace
from anolyte.measure.setup import BLOCKING, Setup
from anolyte.measure.traces.cycle_sums import cycle_table
from anolyte.measure.traces.efficiency import (
    LithiumInventory,
    PlatingEfficiency,
    ReservoirEfficiency,
    lithium_inventory,
    plating_efficiency,
    reservoir_efficiency,
)
from anolyte.measure.traces.half_cycles import flowing
from anolyte.measure.traces.overpotential import OverpotentialSplit
from anolyte.measure.traces.polarisation import SymmetricLife, symmetric_life
from anolyte.measure.traces.retention import FadeResult, FadeRules, fade
from anolyte.measure.traces.shorts import ShortDetector
from anolyte.measure.traces.voids import VoidCheck, find_voids


class CellKind(StrEnum):
    """How cycles are read."""

    SYMMETRIC = "symmetric"
    COLLECTOR = "collector"
    RESERVOIR = "reservoir"
    FULL = "full"


@dataclass(frozen=True, kw_only=True)
class CyclingReading(Result):
    """All that a cycling file says; what does not belong to the kind of cell is None.

    Args:
        file: Where it was read.
        kind: symmetric | collector | reservoir | full.
        because: How the kind was known.
        life: Of a symmetric cell.
        voids: Of a symmetric cell.
        overpotential: Of a symmetric cell with a spectrum.
        efficiency: On a collector.
        reservoir: On a collector, from a reservoir.
        inventory: Of a full cell.
        fade: Of a full cell.
        warnings: All of them, each once.
    """

    file: str
    kind: str
    because: str
    life: SymmetricLife | None = None
    voids: VoidCheck | None = None
    overpotential: OverpotentialSplit | None = None
    efficiency: PlatingEfficiency | None = None
    reservoir: ReservoirEfficiency | None = None
    inventory: LithiumInventory | None = None
    fade: FadeResult | None = None
    warnings: tuple[str, ...] = ()

    @property
    def results(self) -> tuple[Result, ...]:
        """Those there are, the headline first."""
        every = (self.life, self.overpotential, self.voids, self.efficiency, self.reservoir,
                 self.fade, self.inventory)  # fmt: skip
        return tuple(r for r in every if r is not None)

    def rows(self) -> list[dict[str, Any]]:
        """The rows of the headline."""
        return self.results[0].rows()


def read_cycling(
    record: Recording | Trace | CycleTable, setup: Setup | None = None,
    kind: CellKind | None = None, *, detector: ShortDetector | None = None,
    rules: FadeRules | None = None, conditioning: int = 0,
) -> CyclingReading:  # fmt: skip
    """What a cycling file says, by the kind of the cell.

    Args:
        record: A recording, a trace or a table of cycles.
        setup: The cell; its electrodes tell the kind.
        kind: How to read it; None: by the electrodes, else by the voltage.
        detector: How shorts are found; None: the defaults.
        rules: How fade is judged; None: the defaults.
        conditioning: Cycles before a reservoir.

    Raises:
        DataError: Nothing that cycles, or a kind that the file cannot be read as.
    """
    setup = setup or Setup()
    trace, table, file = _parts(record)
    chosen, because = (kind, "as asked") if kind else _kind(trace, table, setup, file)
    if chosen is CellKind.FULL:
        whole = table if trace is None or table is not None else cycle_table(trace, setup)
        found: dict[str, Any] = {"fade": fade(whole, rules)}
        found |= {} if whole is None else {"inventory": lithium_inventory(whole)}
    elif trace is None:
        raise DataError(f"{file}: a table of cycles is read as a full cell; there is no voltage")
    elif chosen is CellKind.SYMMETRIC:
        found = {"life": symmetric_life(trace, setup, detector=detector),
                 "voids": find_voids(trace, setup)}  # fmt: skip
    elif chosen is CellKind.COLLECTOR:
        found = {"efficiency": plating_efficiency(trace, setup)}
    else:
        found = {"reservoir": reservoir_efficiency(trace, setup, conditioning)}
    told = dict.fromkeys(w for r in found.values() for w in r.warnings)
    return CyclingReading(
        file=file, kind=str(chosen), because=because, warnings=tuple(told), **found
    )


def _parts(record: Any) -> tuple[Trace | None, CycleTable | None, str]:
    if isinstance(record, Trace):
        return record, None, record.file or "trace"
    if isinstance(record, CycleTable):
        return None, record, record.file or "table of cycles"
    if record.trace is None and record.cycles is None:
        what = f"{len(record.spectra)} spectra" if record.spectra else "nothing over time"
        raise DataError(f"{record.file}: holds {what} and no cycles; is it the right file?")
    return record.trace, record.cycles, record.file


def _kind(
    trace: Trace | None, table: CycleTable | None, setup: Setup, file: str
) -> tuple[CellKind, str]:
    """By the electrodes, else by the voltage."""
    if trace is None:
        return CellKind.FULL, "a table of cycles"
    if setup.electrodes is not None:
        sides = setup.sides
        if setup.symmetric:
            return CellKind.SYMMETRIC, f"electrodes {setup.electrodes}"
        if any(s in BLOCKING for s in sides):
            return CellKind.COLLECTOR, f"electrodes {setup.electrodes}"
        return CellKind.FULL, f"electrodes {setup.electrodes}"
    from anolyte.measure.traces.half_cycles import Splitting

    live = flowing(np.asarray(trace.current, float), Splitting())
    voltage, current = np.asarray(trace.voltage)[live], np.asarray(trace.current)[live]
    if voltage.size == 0:
        raise DataError(f"{file}: no current flows; is the column of the current the right one?")
    if float(np.mean(np.sign(voltage) == np.sign(current))) > 0.95:
        return CellKind.SYMMETRIC, "the voltage follows the sign of the current; give --electrodes"
    if float(np.median(voltage)) > 1.0:
        return CellKind.FULL, "the voltage stays above 1 V; give --electrodes"
    raise DataError(
        f"{file}: which cell is it? its voltage does not tell; give --electrodes 'Li|Li' or 'Cu|Li'"
    )
