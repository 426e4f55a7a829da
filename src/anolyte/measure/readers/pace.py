"""The unit of a time whose header has none, by a column of dates beside it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from anolyte.measure.readers.moments import day_first, moment
from anolyte.measure.readers.names import Unit
from anolyte.measure.records import Array

if TYPE_CHECKING:
    from anolyte.measure.readers.columns import Column, Table

UNITS = {"milliseconds": 1e-3, "minutes": 60.0, "hours": 3600.0, "days": 86400.0}
NEAR = 0.03
"""Share by which dates may go faster or slower than the time; they are written to the second."""
LOOKED_AT = 40
"""Rows whose dates are read."""
SHORTEST = 30.0
"""s between first and last date, below which dates to the second say little."""


def timed(table: Table) -> tuple[Table, tuple[str, ...]]:
    """The table with the unit of its time, where the header has none and the dates show one.

    >>> from anolyte.measure.readers.blocks import Block
    >>> from anolyte.measure.readers.columns import Table, recognise
    >>> dates = [f"2026-04-02 00:{k:02d}:00" for k in range(10)]
    >>> rows = Block(np.column_stack([np.arange(10.0), np.full(10, np.nan)]), np.arange(10))
    >>> made = Table("a.txt", recognise(["Time", "Date"]), rows, lambda place: dates)
    >>> float(timed(made)[0].get("time")[-1]), timed(made)[1][0][:48]
    (540.0, "no unit in the header of 'Time': taken as minute")
    """
    own, dated = table.columns.get("time"), table.columns.get("clock")
    if own is None or dated is None or not own.assumed or len(table.block.values) < 3:
        return table, ()
    rows = np.unique(np.linspace(0, len(table.block.values) - 1, LOOKED_AT).astype(int))
    time, clock = own.si(table.block.values)[rows], _clock(table, dated, rows)
    with np.errstate(all="ignore"):
        moved, gone = time - time[0], clock - clock[0]
        good = np.isfinite(moved) & (moved > 0.0) & (gone > SHORTEST)
        pace = float(np.median(gone[good] / moved[good])) if good.any() else 1.0
    for name, factor in UNITS.items():
        if abs(pace / factor - 1.0) < NEAR:
            known = replace(own, unit=Unit(factor), assumed=False)
            told = f"no unit in the header of '{own.header}': taken as {name}, as the dates show"
            return replace(table, columns={**table.columns, "time": known}), (told,)
    return table, ()


def _clock(table: Table, dated: Column, rows: Array) -> Array:
    """Dates of some rows, s."""
    found = dated.si(table.block.values)[rows]
    if np.isfinite(found).any() or table.texts is None:
        return found
    cells = table.texts(dated.place)
    order = day_first(cells)
    return np.array([moment(cells[int(k)], order) for k in rows], dtype=float)
