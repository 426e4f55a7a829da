"""Levels of electrons against vacuum: atoms, metals, molecules, and gaps of phases."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from anolyte.core.errors import MissingProperty
from anolyte.core.provenance import Source, Value
from anolyte.core.units import si
from anolyte.materials import formula

DATA = Path(__file__).parent / "data"
GAP_SIGMA = {"measured": 0.3, "computed": 0.5, "estimated": 0.7, "assumed": 1.0}
"""eV, own choice, where a table states none: samples, methods and polymorphs differ."""


@dataclass(frozen=True)
class AtomicLevel:
    """First ionization energy and electron affinity of an atom, J."""

    ionization: Value
    affinity: Value

    @property
    def electronegativity(self) -> float:
        r"""Mulliken's, $\chi = (I + A)/2$, J."""
        return 0.5 * (self.ionization.si + self.affinity.si)


@dataclass(frozen=True)
class MolecularLevel:
    """Frontier orbitals of a molecule or chain against vacuum, J.

    Args:
        homo: Highest filled.
        lumo: Lowest empty; None: not known.
        method: Of the computation or measurement; levels of two methods do not compare.
    """

    name: str
    kind: str
    homo: Value
    lumo: Value | None
    method: str


def _rows(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _value(number: str, sigma: float | None, source: Source, note: str = "") -> Value:
    error = None if sigma is None else si(sigma, "energy")
    return Value(si(f"{number} eV", "energy"), source, error, note=note)


@lru_cache(maxsize=1)
def atoms() -> Mapping[str, AtomicLevel]:
    """By element; one without a known affinity is left out.

    >>> round(atoms()["Li"].electronegativity / 1.602176634e-19, 3)
    3.005
    """
    return {
        r["element"]: AtomicLevel(
            _value(r["ionization_eV"], None,
                   Source(r["ionization_source"], "", "measured", r["ionization_known"])),
            _value(r["affinity_eV"], None,
                   Source(r["affinity_source"], "", r["affinity_how"], r["affinity_known"]),
                   r["note"]),
        )
        for r in _rows("element_levels.csv") if r["affinity_eV"]
    }  # fmt: skip


@lru_cache(maxsize=1)
def work_functions() -> Mapping[str, Value]:
    """Of polycrystalline elements, J, by formula."""
    return {
        r["material"]: _value(
            r["work_function_eV"], float(r["sigma_eV"]),
            Source(r["source"], r["where"], r["how"], r["known"]), r["note"],
        )
        for r in _rows("work_functions.csv")
    }  # fmt: skip


@lru_cache(maxsize=1)
def molecules() -> Mapping[str, MolecularLevel]:
    """Frontier orbitals by name."""
    found = {}
    for r in _rows("molecular_levels.csv"):
        source = Source(r["source"], r["where"], r["how"], r["known"])
        homo, lumo = (_value(r[k], float(r["sigma_eV"]), source, r["note"]) if r[k] else None
                      for k in ("homo_eV", "lumo_eV"))  # fmt: skip
        assert homo is not None, f"{r['name']}: a level to align is needed"
        found[r["name"]] = MolecularLevel(r["name"], r["kind"], homo, lumo, r["method"])
    return found


@lru_cache(maxsize=1)
def _gaps() -> Mapping[str, Value]:
    found: dict[str, Value] = {}
    for r in _rows("conductors.csv"):
        if r["property"] == "band_gap":
            source = Source(r["source"], r["where"], r["how"], r["known"])
            key = formula.write(formula.reduced(formula.parse(r["formula"]))[0])
            found.setdefault(key, _value(r["value"], GAP_SIGMA[r["how"]], source, r["note"]))
    return found


def band_gap(amounts: Mapping[str, float]) -> Value:
    """Gap of a phase, J, from the table of how phases conduct.

    Raises:
        MissingProperty: None is in the table; a composition alone does not tell it.
    """
    name = formula.write(formula.reduced(amounts)[0])
    try:
        return _gaps()[name]
    except KeyError:
        raise MissingProperty(f"no band gap of {name} is known; give your own") from None
