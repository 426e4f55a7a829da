"""Columns of capacity by cycle: a table of cycles."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from anolyte.core.errors import DataError
from anolyte.measure.records import Array, CycleTable

if TYPE_CHECKING:
    from anolyte.measure.readers.columns import Column, Table


def cycles(table: Table) -> CycleTable:
    """Capacities by cycle.

    Raises:
        DataError: Cycle numbers that do not rise, or missing numbers.
    """
    number = table.whole("cycle")
    if number is None:
        raise DataError(f"{table.file}: the cycle numbers have gaps; give each row one")
    if (bad := np.flatnonzero(np.diff(number) <= 0)).size:
        raise DataError(
            f"{table.place(int(bad[0]) + 1)}: the cycle number does not rise; one row a cycle"
        )
    charge, discharge, flags = _capacities(table)
    specific = any(c.dimension == "specific charge" for c in _capacity_columns(table))
    return CycleTable(
        cycle=number, charge=charge, discharge=discharge, specific=specific, file=table.file,
        flags=flags,
    )  # fmt: skip


def _capacity_columns(table: Table) -> list[Column]:
    names = ("charge capacity", "discharge capacity")
    found = [table.columns[n] for n in names if n in table.columns]
    return found or [table.columns["charge"]]


def _capacities(table: Table) -> tuple[Array, Array, tuple[str, ...]]:
    """Charge and discharge; what the file lacks is NaN and said."""
    found = _capacity_columns(table)
    if len({c.dimension for c in found}) > 1:
        raise DataError(f"{table.file}: one capacity is per mass and one is not; give both alike")
    if found[0].dimension == "areal charge":
        raise DataError(
            f"{table.file}: '{found[0].header}' is per area, and the area that it was divided by "
            "is not known for sure; export it in mAh or mAh/g"
        )
    nothing = np.full(len(table.block.values), np.nan)
    if len(found) == 2:
        values = [table.get(c.quantity) for c in found]
        charge, discharge = (nothing if v is None else v for v in values)
        return charge, discharge, ()
    own = table.get(found[0].quantity)
    own = nothing if own is None else own
    if found[0].quantity == "charge capacity":
        return own, nothing, ("no discharge capacity in the file",)
    told = f"no charge capacity in the file; '{found[0].header}' is taken as that of discharge"
    return nothing, own, (told,)
