"""Capacity per cycle from whatever holds it: a table, a trace, a data frame, arrays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anolyte.core.errors import DataError
from anolyte.measure.records import CycleTable, Trace
from anolyte.measure.setup import Setup
from anolyte.measure.traces.half_cycles import Splitting, flowing, pieces, spans

Array = NDArray[Any]


@dataclass(frozen=True, eq=False)
class Capacities:
    """Capacity over cycles.

    Args:
        cycle: Numbers, rising, (N,).
        capacity: C, or C/kg where `specific`, (N,).
        specific: Whether it is per mass.
        file: Where it was read.
        warnings: A sentence each.
    """

    cycle: Array
    capacity: Array
    specific: bool = False
    file: str = ""
    warnings: tuple[str, ...] = ()


def capacities(data: CycleTable | Trace | Any, *, of_charge: bool = False) -> Capacities:
    """Capacity over cycles.

    Args:
        data: A table of cycles, a trace, a DataFrame, or a pair of arrays (cycles, C).
        of_charge: Take the charge instead of the discharge.

    Raises:
        DataError: No cycle, capacities that are not positive, cycles that do not rise.
    """
    warnings: tuple[str, ...] = ()
    if isinstance(data, Trace):
        data = cycle_table(data)
        warnings = data.flags
    if isinstance(data, CycleTable):
        values = data.charge if of_charge else data.discharge
        found = Capacities(np.asarray(data.cycle), np.asarray(values, float), data.specific,
                           data.file, warnings or data.flags)  # fmt: skip
    elif hasattr(data, "columns"):
        found = _frame(data, of_charge=of_charge)
    else:
        cycle, capacity = data
        found = Capacities(np.asarray(cycle), np.asarray(capacity, dtype=float))
    return _checked(found)


def _checked(found: Capacities) -> Capacities:
    where = found.file or "table of cycles"
    if found.cycle.size == 0 or found.cycle.shape != found.capacity.shape:
        raise DataError(
            f"{where}: {found.cycle.size} cycles beside {found.capacity.size} capacities"
        )
    if (np.diff(found.cycle.astype(float)) <= 0.0).any():
        k = int(np.argmax(np.diff(found.cycle.astype(float)) <= 0.0))
        raise DataError(
            f"{where}: cycle {found.cycle[k + 1]:g} after {found.cycle[k]:g}: sort them"
        )
    bad = ~(np.isfinite(found.capacity) & (found.capacity > 0.0))
    if bad.any():
        k = int(np.argmax(bad))
        raise DataError(
            f"{where}: capacity {found.capacity[k]:g} in cycle {found.cycle[k]:g}; take the cycle "
            "out"
        )
    return found


def _frame(frame: Any, *, of_charge: bool) -> Capacities:
    """Columns by name: one with 'cycle', one with 'discharge' (or 'charge', or 'capacity')."""
    names = {str(c).lower(): c for c in frame.columns}
    cycle = next((c for n, c in names.items() if n.startswith("cycle")), None)
    words = ("charge", "capacity") if of_charge else ("discharge", "capacity", "retention")
    found = next((c for w in words for n, c in names.items()
                  if n.startswith(w) and c != cycle), None)  # fmt: skip
    if cycle is None or found is None:
        raise DataError(
            f"data frame: columns are {list(frame.columns)}; needed are one that begins with "
            f"'cycle' and one that begins with {' or '.join(repr(w) for w in words)}"
        )
    text = str(found).lower().replace(" ", "")
    specific = "/g" in text or "g⁻¹" in text or "g-1" in text or "/kg" in text
    scale = 3600.0 if specific else 3.6 if "mah" in text else 1.0
    return Capacities(
        frame[cycle].to_numpy(), frame[found].to_numpy(float) * scale, specific
    )  # fmt: skip


def cycle_table(
    trace: Trace, setup: Setup | None = None, splitting: Splitting | None = None
) -> CycleTable:
    """Charge and discharge of each cycle of a trace, by integration.

    Positive current charges. Cycles are those the instrument counted; where it counted none, a
    cycle is a charge and the discharge after it. The last cycle is left out where it has only one
    of both.

    Args:
        trace: Current over time.
        setup: Brings the mass, and with it capacities per mass.
        splitting: What counts as rest; None: the defaults.

    Raises:
        DataError: Not one whole cycle.
    """
    splitting = splitting or Splitting()
    current = np.asarray(trace.current, dtype=float)
    parts = pieces(current, splitting)
    lasts = spans(np.asarray(trace.time, dtype=float), parts)
    passed = np.where(flowing(current, splitting), current * lasts, 0.0)
    number = _numbers(trace, parts, current)
    cycles = np.unique(number[passed != 0.0])
    charge = np.array([passed[(number == n) & (passed > 0.0)].sum() for n in cycles])
    discharge = np.array([-passed[(number == n) & (passed < 0.0)].sum() for n in cycles])
    whole = (charge > 0.0) & (discharge > 0.0)
    flags: tuple[str, ...] = ()
    if not whole.all():
        flags = (f"{int((~whole).sum())} cycles have no charge or no discharge and are left out",)
    if not whole.any():
        raise DataError(f"{trace.file or 'trace'}: not one cycle has both a charge and a discharge")
    mass = None if setup is None else setup.mass
    scale = 1.0 if mass is None else 1.0 / mass
    return CycleTable(
        cycle=cycles[whole].astype(int), charge=charge[whole] * scale,
        discharge=discharge[whole] * scale, specific=mass is not None, file=trace.file, flags=flags,
    )  # fmt: skip


def _numbers(trace: Trace, parts: list[Array], current: Array) -> Array:
    """Cycle of each row."""
    if trace.cycle is not None and np.ptp(np.asarray(trace.cycle, float)) > 0.0:
        return np.asarray(trace.cycle, float)
    number = np.zeros(current.size)
    count, last = 0, 0.0
    first = np.sign(current[parts[0][0]]) if parts else 1.0
    for part in parts:
        sign = np.sign(current[part[0]])
        if sign != last and sign == first:
            count += 1
        number[part] = count
        last = sign
    return number
