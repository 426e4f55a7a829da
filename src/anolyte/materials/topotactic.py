r"""States of an electrolyte with lithium taken out or put in, the host kept (`topotactic.csv`).

The potential of such a step is that of an insertion electrode,

$$ V = -\frac{E(\mathrm{Li}_{x_2}H) - E(\mathrm{Li}_{x_1}H) - (x_2 - x_1)\,E(\mathrm{Li})}
   {(x_2 - x_1)\,e}, $$

and a row holds either the potential or the energy $E(\mathrm{Li}_{x_2}H) - E(\mathrm{Li}_{x_1}H) -
(x_2 - x_1)E(\mathrm{Li})$.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from pathlib import Path

from anolyte.core.errors import AnolyteError, DataError
from anolyte.core.provenance import HOW, KNOWN, Source
from anolyte.materials import formula

FILE = Path(__file__).parent / "data" / "topotactic.csv"
COLUMNS = (
    "electrolyte", "host", "side", "state", "potential_V", "energy_eV", "sigma_V",
    "decomposition_V", "how", "known", "source", "where", "note",
)  # fmt: skip
LITHIUM = "Li"
KEPT = 1e-6
"""Largest change of an element of the host, per formula unit."""


class Side(StrEnum):
    """Which way the lithium goes."""

    LITHIATION = "lithiation"
    DELITHIATION = "delithiation"


@dataclass(frozen=True, slots=True)
class TopotacticState:
    """One state, by one source.

    Args:
        electrolyte: Name in the library; the host's formula where it has none.
        host: Formula that the source began with.
        side: lithiation | delithiation.
        state: Formula with the lithium taken out or put in; empty: not known.
        potential: Of the step from the host, V vs Li/Li+; 0: none above lithium metal.
        sigma: Standard deviation, V; None: not told.
        decomposition: Where the same source lets the host decompose on this side, V.
        source: Where the potential comes from.
        note: What else is to be known.
    """

    electrolyte: str
    host: str
    side: Side
    state: str
    potential: float
    sigma: float | None
    decomposition: float | None
    source: Source
    note: str = ""

    @property
    def lithium(self) -> float | None:
        """Lithium put in per formula unit of the host (negative: taken out); None: not known."""
        return inserted(self.host, self.state) if self.state else None

    @property
    def energy(self) -> float | None:
        """Energy of the state above the host and lithium metal, eV per formula unit."""
        return None if self.lithium is None else -self.potential * self.lithium


def inserted(host: str, state: str) -> float:
    """Lithium put into a host to make a state, per formula unit; negative: taken out.

    Raises:
        DataError: The two differ in more than lithium, or not at all.

    >>> inserted("Li6PS5Cl", "Li11PS5Cl"), inserted("Li6PS5Cl", "Li4PS5Cl")
    (5.0, -2.0)
    """
    first, second = formula.parse(host), formula.parse(state)
    others = {*first, *second} - {LITHIUM}
    if changed := [e for e in others if abs(first.get(e, 0.0) - second.get(e, 0.0)) > KEPT]:
        raise DataError(
            f"'{state}' is no state of '{host}' with another lithium content: "
            f"{', '.join(sorted(changed))} changes too; write both per the same host"
        )
    change = second.get(LITHIUM, 0.0) - first.get(LITHIUM, 0.0)
    if abs(change) <= KEPT:
        raise DataError(f"'{state}' holds as much lithium as its host '{host}'")
    return change


def insertion_potential(energy: float, lithium: float) -> float:
    """Potential of a topotactic step, V vs Li/Li+.

    Args:
        energy: E(state) - E(host) - lithium * E(Li), eV per formula unit.
        lithium: Put in per formula unit; negative: taken out.

    Raises:
        DataError: No lithium moves.

    >>> insertion_potential(energy=4.48, lithium=-2.0)
    2.24
    """
    if abs(lithium) <= KEPT:
        raise DataError("a step that moves no lithium has no potential")
    return -energy / lithium


def read(path: Path) -> tuple[TopotacticState, ...]:
    """Every state of a file.

    Raises:
        DataError: The first row that cannot stand, with its line.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            if missing := sorted(set(COLUMNS) - set(reader.fieldnames or ())):
                raise DataError(f"{path}: the first line lacks the columns {', '.join(missing)}")
            return tuple(_state(row, f"{path.name}:{reader.line_num}") for row in reader)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise DataError(f"{path}: cannot be read as CSV ({error})") from None


@lru_cache(maxsize=1)
def embedded() -> tuple[TopotacticState, ...]:
    """The package's own states; of several of one step the first speaks, the others are rivals."""
    return read(FILE)


def states_of(
    name: str, composition: Mapping[str, float], states: tuple[TopotacticState, ...] | None = None
) -> tuple[TopotacticState, ...]:
    """The states of an electrolyte: by its name, or by its composition.

    >>> [s.state for s in states_of("", formula.parse("Li3PS4"))]
    ['LiPS4', 'Li8PS4']
    """
    return tuple(
        s
        for s in (embedded() if states is None else states)
        if s.electrolyte == name or formula.same(formula.parse(s.host), composition)
    )


def _state(row: Mapping[str, str | None], where: str) -> TopotacticState:
    cells = {k: (v or "").strip() for k, v in row.items() if k}
    try:
        side, lithium = Side(cells["side"]), None
        if cells["state"]:
            lithium = inserted(cells["host"], cells["state"])
            if (lithium > 0.0) != (side is Side.LITHIATION):
                raise DataError(f"'{cells['state']}' of '{cells['host']}' is no {side}")
        if cells["how"] not in HOW or cells["known"] not in KNOWN or not cells["source"]:
            raise DataError("how, known and source must say where the number comes from")
        return TopotacticState(
            electrolyte=cells["electrolyte"] or cells["host"], host=cells["host"], side=side,
            state=cells["state"], potential=_potential(cells, lithium),
            sigma=_number(cells["sigma_V"]), decomposition=_number(cells["decomposition_V"]),
            source=Source(cells["source"], cells["where"], cells["how"], cells["known"]),
            note=cells["note"],
        )  # fmt: skip
    except (AnolyteError, ValueError) as error:
        raise DataError(f"{where}: {error}") from None


def _potential(cells: Mapping[str, str], lithium: float | None) -> float:
    volts, energy = _number(cells["potential_V"]), _number(cells["energy_eV"])
    if (volts is None) == (energy is None):
        raise DataError("give either potential_V or energy_eV")
    if volts is not None:
        return volts
    if energy is None or lithium is None:
        raise DataError("an energy needs the formula of the state")
    return insertion_potential(energy, lithium)


def _number(text: str) -> float | None:
    return float(text) if text else None
