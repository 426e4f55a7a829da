"""Numbers of the elements and their statistics over a composition: features for plain models.

The scheme is that of Ward et al. (npj Comput. Mater. 2016, 2, 16028): mean, mean deviation, least,
greatest and range of each property over the atoms of a formula, and norms of the composition. The
properties are those that pymatgen's table of the elements holds.

Range: two polymorphs have the same features, apart from their volume where a structure is given.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from anolyte.atoms.learned.labels import Labelled
from anolyte.core.errors import DataError, MissingExtra
from anolyte.materials import formula

Array = NDArray[np.float64]
PROPERTIES = (
    "atomic number", "group", "row", "mass", "electronegativity", "atomic radius",
    "mean ionic radius", "Mendeleev number", "ionization energy", "electron affinity",
    "s valence", "p valence", "d valence", "melting point", "molar volume",
)  # fmt: skip
NORMS = (2, 3, 5)


@lru_cache(maxsize=256)
def element(symbol: str) -> tuple[float, ...]:
    """The `PROPERTIES` of an element; what the table does not hold is 0.

    Raises:
        DataError: No such element.
        MissingExtra: pymatgen is not installed.
    """
    try:
        from pymatgen.core import Element
    except ImportError as error:
        raise MissingExtra(
            "pymatgen is not installed: pip install 'anolyte[structures]'"
        ) from error
    try:
        e = Element(symbol)
    except ValueError:
        raise DataError(f"no such element: {symbol}") from None
    row = (
        e.Z, e.group, e.row, e.atomic_mass, e.X, e.atomic_radius, e.average_ionic_radius,
        e.mendeleev_no, e.ionization_energy, e.electron_affinity, *_valence(e),
        e.melting_point, e.molar_volume,
    )  # fmt: skip
    return tuple(_number(x) for x in row)


@lru_cache(maxsize=4096)
def statistics(text: str) -> tuple[float, ...]:
    """Statistics of the elements of a formula.

    Raises:
        FormulaError: Not a formula.
        DataError: An element that is not known.
        MissingExtra: pymatgen is not installed.
    """
    amounts = formula.parse(text)
    share = np.array(list(amounts.values())) / sum(amounts.values())
    table = np.array([element(e) for e in amounts])
    mean = share @ table
    spread = share @ np.abs(table - mean)
    low, high = table.min(axis=0), table.max(axis=0)
    norms = [len(amounts), *(float((share**p).sum()) ** (1.0 / p) for p in NORMS)]
    return tuple(np.concatenate([mean, spread, low, high, high - low, norms]).tolist())


def features(data: Labelled) -> Array:
    """One row a material; with structures, their volume an atom as well."""
    rows = np.array([statistics(f) for f in data.formulas])
    if not data.crystals:
        return rows
    return np.column_stack([rows, [c.volume / len(c.symbols) for c in data.crystals]])


def _valence(e: object) -> tuple[float, float, float]:
    """Electrons in the outermost s, p and d shells of an element."""
    shells = {"s": 0.0, "p": 0.0, "d": 0.0}
    for _, kind, electrons in getattr(e, "full_electronic_structure", ()):
        if kind in shells:  # the last of a kind is the outermost
            shells[kind] = float(electrons)
    return shells["s"], shells["p"], shells["d"]


def _number(value: object) -> float:
    try:
        found = float(value)  # pyright: ignore[reportArgumentType]
    except (TypeError, ValueError):
        return 0.0
    return found if np.isfinite(found) else 0.0
