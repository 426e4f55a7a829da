"""What is of the whole cell and what of one electrode, and the sign of a charge.

A reader that meets columns of several electrodes takes one and says which. A charge has the sign
of its current: cyclers that write magnitudes for charge and discharge alike are told by a charge
that rises while the current is negative.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from anolyte.measure.readers.names import plain, tidy
from anolyte.measure.records import Array

if TYPE_CHECKING:
    from anolyte.measure.readers.columns import Column, Table

WORKING = re.compile(r"ewe(?!ec)")
WHOLE = re.compile(r"ecell|ewe[>|]?ece|<?ece\b|ece[/>|]")
COUNTER = re.compile(r"z(?:we)?ce\b|z\((?:we)?ce\)")


def electrodes(headers: Sequence[str], columns: Mapping[str, Column]) -> tuple[str, ...]:
    """Sentences on columns of other electrodes beside those that were taken.

    Args:
        headers: All names of the table.
        columns: Those that were taken, from `recognise`.

    >>> from anolyte.measure.readers.columns import recognise
    >>> names = ["Ewe/V", "Ecell/V", "I/mA"]
    >>> electrodes(names, recognise(names))[0][:54]
    "the voltage is 'Ewe/V', of the working electrode again"
    """
    told: list[str] = []
    plains = {h.strip(): plain(tidy(h)) for h in headers}
    voltage = columns.get("voltage")
    others = [f"'{h}'" for h, p in plains.items() if WHOLE.search(p)]
    if voltage is not None and others and WORKING.search(plains.get(voltage.header, "")):
        told.append(
            f"the voltage is '{voltage.header}', of the working electrode against the reference; "
            f"{', '.join(others)} is in the file too and was not read"
        )
    taken = {c.header for n in ("real", "modulus") if (c := columns.get(n)) is not None}
    counter = [f"'{h}'" for h, p in plains.items() if COUNTER.search(p) and h not in taken]
    if taken and counter:
        told.append(
            f"the impedance is '{min(taken)}', of the working electrode; "
            f"{', '.join(counter)[:150]} of the counter electrode or the cell is in the file too "
            "and was not read"
        )
    return tuple(told)


def signed(charge: Array | None, current: Array) -> Array | None:
    """A charge with the sign of its current, whether it was written so or as a magnitude.

    Where the charge rises at more rows of negative current than it falls, it is a magnitude, and
    its rows take the sign of the current; rows without current that of the current before them.

    Args:
        charge: As it was written, C, (N,); None: not written.
        current: A, (N,), with its sign.

    >>> signed(np.array([0.0, 1.0, 1.0, 0.0, 1.0]), np.array([1.0, 1.0, 0.0, -1.0, -1.0]))
    array([ 0.,  1.,  1.,  0., -1.])
    >>> signed(np.array([0.0, 1.0, 0.5]), np.array([1.0, 1.0, -1.0]))
    array([0. , 1. , 0.5])
    """
    if charge is None or not np.any(current < 0.0):
        return charge
    way = np.sign(current)
    outward = (way[1:] < 0.0) & (way[:-1] < 0.0)
    with np.errstate(all="ignore"):
        moves = np.sign(np.diff(charge))[outward]
        if np.any(charge < 0.0) or not np.nansum(moves) > 0.0:
            return charge
    some = np.flatnonzero(way)
    last = np.maximum.accumulate(np.where(way != 0.0, np.arange(len(way)), some[0]))
    return charge * way[last] + 0.0  # no minus zero


NET = re.compile(r"net|q-q", re.IGNORECASE)
"""In the name of a charge that has a sign by its definition."""


def passed(table: Table, current: Array) -> Array | None:
    """The charge passed, C, of the whole cell, signed; None where only per mass or area."""
    own = table.columns.get("charge")
    if own is not None and own.dimension == "charge":
        charge = table.get("charge")
        return charge if NET.search(own.header) else signed(charge, current)
    both = [table.columns.get(n) for n in ("charge capacity", "discharge capacity")]
    if any(c is None or c.dimension != "charge" for c in both):
        return None
    inward, outward = table.get("charge capacity"), table.get("discharge capacity")
    return None if inward is None or outward is None else inward - outward
