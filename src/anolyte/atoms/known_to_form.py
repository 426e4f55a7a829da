r"""Tier 3: compounds that are known to form but have neither a measured enthalpy nor a structure.

A hull that leaves them out is wrong in a known direction. Their energy is estimated from where the
computed compounds of the table lie against the hull of everything else at their composition,

$$ E = E_\text{hull of the others} + m_n, \qquad \sigma = s_n $$

with m_n the median of that distance over the computed compounds of n elements and s_n half of the
range that holds 68 % of them, no less than that of any energy from memory. The hull's reaction is
the anchor, so that its errors are shared, and its volumes are taken for the compound's.
Nothing about the compound itself is known but that it exists; every answer that uses such an
energy names it as recalled and estimated.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from anolyte.atoms.assemble import SIGMA_RECALLED, Anchor, Key, key, spell
from anolyte.materials.formula import parse

Row = dict[str, str]
# Keys are rounded to six places: less is no part of a reaction (atom fraction).
TRACE = 1e-5
# Compounds from which a median and a spread are taken.
ENOUGH = 20


@dataclass(frozen=True)
class Placing:
    """Where compounds of so many elements lie against the hull of all others, eV per atom."""

    median: float
    half: float
    count: int


@dataclass(frozen=True, eq=False)
class _Lowest:
    """The lowest solid or fluid of every composition."""

    keys: tuple[Key, ...]
    rows: tuple[Row, ...]
    energies: np.ndarray
    sigmas: np.ndarray

    @classmethod
    def of(cls, rows: Iterable[Row]) -> _Lowest:
        best: dict[Key, Row] = {}
        for row in rows:
            name = key(row["formula"])
            if name not in best or _energy(row) < _energy(best[name]):
                best[name] = row
        chosen = tuple(best.values())
        return cls(
            tuple(best), chosen, np.array([_energy(r) for r in chosen]),
            np.array([float(r["sigma_eV_per_atom"] or 0.0) for r in chosen]),
        )  # fmt: skip

    def decompose(self, name: Key) -> tuple[float, list[tuple[int, float]]] | None:
        """Energy of the hull of the others at a composition, and their atom fractions."""
        from scipy.optimize import linprog

        share = dict(name)
        elements = frozenset(share)
        usable = [
            i for i, k in enumerate(self.keys) if k != name and elements.issuperset(e for e, _ in k)
        ]
        matrix = np.array([[dict(self.keys[i]).get(e, 0.0) for i in usable] for e in share])
        answer = linprog(
            self.energies[usable], A_eq=matrix, b_eq=list(share.values()), method="highs"
        )
        if not answer.success:
            return None
        parts = [(i, float(y)) for i, y in zip(usable, answer.x, strict=True) if y > TRACE]
        return float(answer.fun), parts


def placings(rows: Iterable[Row]) -> Mapping[int, Placing]:
    """Median and spread of the distance to the hull of the others, by number of elements.

    Numbers of elements with too few computed compounds are left out.
    """
    lowest = _Lowest.of(rows)
    found: dict[int, list[float]] = {}
    for name, row, energy in zip(lowest.keys, lowest.rows, lowest.energies, strict=True):
        if row["how"] == "computed" and (hull := lowest.decompose(name)):
            found.setdefault(len(name), []).append(float(energy) - hull[0])
    return {n: _placing(values) for n, values in found.items() if len(values) >= ENOUGH}


def _placing(values: Sequence[float]) -> Placing:
    low, middle, high = np.quantile(values, (0.16, 0.50, 0.84))
    return Placing(float(middle), float(high - low) / 2.0, len(values))


def known_to_form(rows: Sequence[Row], known: Iterable[str], kind: str) -> list[Row]:
    """Rows of phases.csv for known compounds that the other tiers do not hold.

    Args:
        rows: The rows of tiers 1 and 2.
        known: Formulas of compounds that are known to form.
        kind: What the energies are.

    Returns:
        One row a composition; compounds with an element that the table lacks are left out.
    """
    lowest, where = _Lowest.of(rows), placings(rows)
    if not where:
        return []
    held = set(lowest.keys)
    missing = {key(f): f for f in known if key(f) not in held}
    made = []
    for name, formula in missing.items():
        if hull := lowest.decompose(name):
            placing = where[min(where, key=lambda n: abs(n - len(name)))]
            made.append(_row(formula, hull, placing, lowest, kind))
    return made


def _row(
    formula: str,
    hull: tuple[float, list[tuple[int, float]]],
    placing: Placing,
    lowest: _Lowest,
    kind: str,
) -> Row:
    energy, parts = hull
    anchors = [
        (Anchor(lowest.rows[i]["formula"], "", dict(lowest.keys[i]), 0.0, 0.0, 0.0), y)
        for i, y in parts
    ]
    volume = _volume(formula, [(lowest.rows[i], y) for i, y in parts])
    carried = sum((y * lowest.sigmas[i]) ** 2 for i, y in parts)
    sigma = max(SIGMA_RECALLED, np.hypot(placing.half, np.sqrt(carried)))
    return {
        "formula": formula,
        "name": "known to form",
        "energy_eV_per_atom": f"{energy + placing.median:.6f}",
        "sigma_eV_per_atom": f"{sigma:.6f}",
        "kind": kind,
        "how": "estimated",
        "known": "recalled",
        "source": "recalled",
        "where": "memory: the compound exists",
        "anchor": spell(formula, anchors),
        "volume_A3_per_fu": volume,
        "volume_source": "recalled" if volume else "",
        "volume_known": "recalled" if volume else "",
        "note": (
            f"no enthalpy and no structure at hand: the hull of the others {placing.median:+.3f} "
            f"eV/atom, where {placing.count} computed compounds lie"
        ),
        "state": "solid",
    }


def _volume(formula: str, parts: Sequence[tuple[Row, float]]) -> str:
    """Volume of a formula unit: that of what it is estimated from, where all of it is solid."""
    if any(row["state"] != "solid" or not row["volume_A3_per_fu"] for row, _ in parts):
        return ""
    an_atom = sum(y * float(row["volume_A3_per_fu"]) / _atoms(row["formula"]) for row, y in parts)
    return f"{an_atom * _atoms(formula):.3f}"


def _atoms(formula: str) -> float:
    return sum(parse(formula).values())


def _energy(row: Row) -> float:
    return float(row["energy_eV_per_atom"])
