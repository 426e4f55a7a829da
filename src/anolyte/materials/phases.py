"""Reference energies: which phases exist and how stable they are.

One `Phases` table holds energies of one kind. The embedded table is formation enthalpies at 298 K,
anchored to experiment; the user's own entries are another kind and never join it in one hull.
Energies are in eV per atom, the unit of every phase diagram.
"""

from __future__ import annotations

import csv
import hashlib
import io
import itertools
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anolyte.core.errors import DataError, MissingPhases
from anolyte.core.memo import kept
from anolyte.core.provenance import Source
from anolyte.core.units import ANGSTROM3_TO_MOLAR
from anolyte.materials import formula

DATA = Path(__file__).parent / "data"
WAYS_TO_ADD = (
    "add them with --entries FILE (CSV with columns formula, energy_eV_per_atom, source; or a JSON "
    "list of pymatgen entries), in your own copy of the embedded table (`anolyte materials "
    "--phases` prints it), or by a pull request with their source"
)

ANIONS = frozenset({"O", "S", "F", "Cl", "Br", "I", "N"})
"""Elements each of which must have a compound with every cation of a system."""

Key = tuple[tuple[str, float], ...]


def composition_key(composition: Mapping[str, float]) -> Key:
    """Atomic fractions to six places: what makes two compositions one."""
    n = sum(composition.values())
    return tuple(sorted((e, round(x / n, 6)) for e, x in composition.items()))


@dataclass(frozen=True, slots=True)
class Phase:
    """One row of the table.

    Args:
        formula: As the field writes it.
        energy: eV per atom, relative to the table's own elements or absolute, one kind a table.
        sigma: Standard deviation of `energy`, eV per atom, or None.
        source: Where the energy comes from.
        volume: m3 per mole of formula units, or None.
        volume_source: Where the volume comes from.
        state: solid | liquid | gas.
        name: Polymorph or mineral name.
        anchor: The reaction that ties a computed energy to measured ones.
    """

    formula: str
    energy: float
    sigma: float | None
    source: Source
    volume: float | None = None
    volume_source: Source | None = None
    state: str = "solid"
    name: str = ""
    anchor: str = ""
    note: str = ""

    @property
    def composition(self) -> dict[str, float]:
        """Element amounts."""
        return formula.parse(self.formula)


@dataclass(frozen=True)
class Phases:
    """A table of phases of one kind of energy.

    Args:
        rows: The phases; of several with one composition the lowest counts.
        kind: What the energies are; two kinds are never mixed.
        origin: Where the table was read.
    """

    rows: tuple[Phase, ...]
    kind: str
    origin: str = "embedded"

    def __repr__(self) -> str:
        return f"Phases({len(self.rows)} phases, kind={self.kind!r}, origin={self.origin!r})"

    @cached_property
    def compositions(self) -> tuple[dict[str, float], ...]:
        """Element amounts of every phase."""
        return tuple(p.composition for p in self.rows)

    @cached_property
    def elements(self) -> tuple[str, ...]:
        """The elements of the table, sorted."""
        return tuple(sorted({e for c in self.compositions for e in c}))

    @cached_property
    def fractions(self) -> NDArray[np.float64]:
        """Atomic fractions, (phases, elements)."""
        column = {e: i for i, e in enumerate(self.elements)}
        table = np.zeros((len(self.rows), len(self.elements)))
        for row, composition in enumerate(self.compositions):
            n = formula.atoms(composition)
            for element, amount in composition.items():
                table[row, column[element]] = amount / n
        return table

    @cached_property
    def energies(self) -> NDArray[np.float64]:
        """eV per atom, (phases,)."""
        return np.array([p.energy for p in self.rows])

    @cached_property
    def atoms(self) -> NDArray[np.float64]:
        """Atoms per formula unit, (phases,)."""
        return np.array([formula.atoms(c) for c in self.compositions])

    def to_frame(self) -> Any:
        """A pandas DataFrame, one row a phase, with the columns that `read_entries` reads."""
        import pandas as pd

        return pd.DataFrame(
            [
                {
                    "formula": p.formula, "energy_eV_per_atom": p.energy,
                    "sigma_eV_per_atom": p.sigma, "state": p.state, "name": p.name,
                    "volume_A3_per_fu": None if p.volume is None else p.volume / ANGSTROM3_TO_MOLAR,
                    "kind": self.kind, "source": p.source.key, "known": p.source.known,
                }
                for p in self.rows
            ]
        )  # fmt: skip

    @cached_property
    def digest(self) -> str:
        """SHA-256 of what the numbers depend on."""
        text = io.StringIO()
        text.write(self.kind)
        for p in self.rows:
            text.write(f"{p.formula},{p.energy!r},{p.sigma!r},{p.volume!r};")
        return hashlib.sha256(text.getvalue().encode()).hexdigest()

    def vector(self, composition: Mapping[str, float]) -> NDArray[np.float64]:
        """Atomic fractions of a composition in the table's element order.

        Raises:
            MissingPhases: An element that the table does not hold.
        """
        missing = [e for e in composition if e not in self.elements]
        if missing:
            raise MissingPhases(
                f"the reference energies ({self.origin}) hold no phase with {', '.join(missing)}; "
                + WAYS_TO_ADD,
                missing,
            )
        n = formula.atoms(composition)
        return np.array([composition.get(e, 0.0) / n for e in self.elements])

    @cached_property
    def _keys(self) -> tuple[Key, ...]:
        return tuple(composition_key(c) for c in self.compositions)

    @cached_property
    def _lowest(self) -> dict[Key, Phase]:
        """Composition to its phase of lowest energy."""
        found: dict[Key, Phase] = {}
        for phase, key in zip(self.rows, self._keys, strict=True):
            if key not in found or phase.energy < found[key].energy:
                found[key] = phase
        return found

    def find(self, composition: Mapping[str, float]) -> Phase | None:
        """The lowest-energy phase of exactly this composition."""
        return self._lowest.get(composition_key(composition))

    def without(self, *formulas: str) -> Phases:
        """The table with these phases removed."""
        drop = {composition_key(formula.parse(f)) for f in formulas}
        return self._subset([i for i, key in enumerate(self._keys) if key not in drop])

    def with_energy(self, phase: Phase, energy: float) -> Phases:
        """The table with another energy (eV per atom) for one of its phases."""
        changed = replace(phase, energy=energy)
        part = self._subset(range(len(self.rows)))
        rows = tuple(changed if row is phase else row for row in self.rows)
        object.__setattr__(part, "rows", rows)
        return part

    def __getstate__(self) -> dict[str, object]:
        """What travels to another process: the table without the answers kept with it."""
        return {k: v for k, v in self.__dict__.items() if not k.startswith("_kept_")}

    def within(self, elements: Iterable[str]) -> Phases:
        """The phases made of nothing but these elements."""
        allowed = frozenset(elements)

        def find() -> Phases:
            outside = [e not in allowed for e in self.elements]
            inside = ~self.fractions[:, outside].any(axis=1)
            return self._subset(np.flatnonzero(inside).tolist())

        return kept(self, "within", allowed, find)

    def _subset(self, rows: Sequence[int]) -> Phases:
        """Some of the rows, without reading their formulas again."""
        part = replace(self, rows=tuple(self.rows[i] for i in rows))
        for name in ("compositions", "_keys"):
            if name in self.__dict__:
                part.__dict__[name] = tuple(self.__dict__[name][i] for i in rows)
        return part

    def coverage(self, elements: Iterable[str]) -> Coverage:
        """Which known compounds of a chemical system the table holds, and which it lacks."""
        wanted = frozenset(elements)
        present, missing = [], []
        for text, made_of, held in self._known:
            if made_of <= wanted:
                (present if held else missing).append(text)
        return Coverage(tuple(sorted(wanted)), tuple(present), tuple(missing))

    @cached_property
    def _known(self) -> tuple[tuple[str, frozenset[str], bool], ...]:
        """Known compounds, what they are made of, and whether the table holds them."""
        return tuple(
            (text, frozenset(composition), self.find(composition) is not None)
            for text, composition in known_compounds().items()
            if len(composition) > 1
        )

    def lacking(self, elements: Iterable[str]) -> tuple[str, ...]:
        """Elements of a system that are no phase, pairs of cation and anion without a compound.

        Pairs of which nature knows no compound are not missed.
        """
        elements = tuple(elements)
        held = [set(c) for c in self.within(elements).compositions]
        found = [e for e in elements if {e} not in held]
        anions = [e for e in elements if e in ANIONS]
        cations = [e for e in elements if e not in ANIONS and e != "H"]
        for anion, cation in itertools.product(anions, cations):
            if (cation, anion) in no_compounds():
                continue
            if not any({anion, cation} <= c for c in held):
                found.append(f"{cation}-{anion} compounds")
        return tuple(found)

    def require(self, composition: Mapping[str, float]) -> Coverage:
        """Refuse a chemistry that the table does not cover; else what it lacks.

        A composition is covered when the table holds every element as such and, for every pair of
        a cation and an anion in it, at least one compound.

        Raises:
            MissingPhases: With the phases that are missing and the ways to add them.
        """
        self.vector(composition)
        if lacking := self.lacking(composition):
            raise MissingPhases(
                f"the reference energies ({self.origin}) do not cover "
                f"{'-'.join(sorted(composition))}: missing {', '.join(lacking)}; {WAYS_TO_ADD}",
                lacking,
            )
        return self.coverage(composition)


@dataclass(frozen=True, slots=True)
class Coverage:
    """The known compounds of a chemical system: those present and those missing in a table."""

    elements: tuple[str, ...]
    present: tuple[str, ...]
    missing: tuple[str, ...]

    @property
    def share(self) -> float:
        """Present share of the known compounds; 1 where none is known."""
        known = len(self.present) + len(self.missing)
        return len(self.present) / known if known else 1.0


@lru_cache(maxsize=1)
def known_compounds() -> Mapping[str, Mapping[str, float]]:
    """The compounds known to exist in the systems that the table is meant to cover."""
    with (DATA / "known_compounds.csv").open(encoding="utf-8", newline="") as file:
        return {row["formula"]: formula.parse(row["formula"]) for row in csv.DictReader(file)}


@lru_cache(maxsize=1)
def no_compounds() -> frozenset[tuple[str, str]]:
    """Pairs of a cation and an anion of which no binary compound is known."""
    with (DATA / "no_compounds.csv").open(encoding="utf-8", newline="") as file:
        return frozenset((row["cation"], row["anion"]) for row in csv.DictReader(file))


@lru_cache(maxsize=1)
def embedded() -> Phases:
    """The package's own table: `phases.csv`."""
    path = DATA / "phases.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    kinds = {row["kind"] for row in rows}
    if len(kinds) != 1:
        raise DataError(f"phases.csv mixes kinds of energy: {', '.join(sorted(kinds))}")
    return Phases(tuple(_row(row) for row in rows), kinds.pop())


def _row(row: Mapping[str, str]) -> Phase:
    volume = _optional(row.get("volume_A3_per_fu", ""))
    return Phase(
        formula=row["formula"],
        energy=float(row["energy_eV_per_atom"]),
        sigma=_optional(row["sigma_eV_per_atom"]),
        source=Source(row["source"], row["where"], row["how"], row["known"]),
        volume=None if volume is None else volume * ANGSTROM3_TO_MOLAR,
        volume_source=Source(row["volume_source"], known=row["volume_known"] or "recalled")
        if volume is not None
        else None,
        state=row.get("state") or "solid",
        name=row.get("name", ""),
        anchor=row.get("anchor", ""),
        note=row.get("note", ""),
    )


def _optional(text: str) -> float | None:
    value = float(text) if text else None
    return value if value is None or math.isfinite(value) else None


def merge(first: Phases, second: Sequence[Phase], kind: str, origin: str) -> Phases:
    """A table with further rows of the same kind.

    Raises:
        DataError: The kinds differ.
    """
    if kind != first.kind:
        raise DataError(
            f"{origin}: energies of kind '{kind}' cannot join a table of kind '{first.kind}': "
            "one hull needs one kind; give a complete set of your own (elements included)"
        )
    return replace(first, rows=first.rows + tuple(second), origin=f"{first.origin} + {origin}")
