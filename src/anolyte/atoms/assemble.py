"""Tiers 1 and 2 joined: measured formation enthalpies and computed energies tied to them.

Tier 1 is the measured formation enthalpy. Tier 2, for a phase without one, is the scheme of
Hautier et al., Phys. Rev. B 2012, 85, 155208 (errors of reaction energies are small):

    E(phase) = sum_i y_i E_exp(anchor_i) + [E_CHGNet(phase) - sum_i y_i E_CHGNet(anchor_i)]

per atom, with y_i the atom fractions of the anchors: phases that have both a measured enthalpy and
a computed energy, chosen by a linear programme as the combination of lowest computed energy in
which elements take part only as far as the balance needs them. Elements that are gases (and
iodine) are poor in CHGNet: their computed reference is the median of what measured binaries imply.
Needs numpy and scipy only.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np

from anolyte.materials.formula import parse

DATA = Path(__file__).parents[1] / "materials" / "data"
KIND = "experiment-anchored formation enthalpy, 298 K"
KJ_PER_MOL_PER_EV = 96.485332
# Root-mean-square errors of measured compounds predicted from the others (leave_one_out.py), where
# compounds alone are the anchors and where elements take part; eV/atom, rounded.
SIGMA_COMPOUNDS, SIGMA_ELEMENTS = 0.042, 0.102
# A recalled number is never known better than this (eV/atom).
SIGMA_RECALLED = 0.050
# Far above any reaction energy: an element in an anchor reaction is the last resort.
ELEMENT_PENALTY = 10.0
# A phase whose two formation energies differ by more has a wrong structure or a wrong enthalpy
# (or lies outside what CHGNet can do): it is no anchor for others.
ANCHOR_LIMIT = 0.25
BY_COMPOUNDS = ("H", "N", "O", "F", "Cl", "Br", "I")
# Cells from databases of computed structures are not measured volumes.
COMPUTED_CELLS = ("jain2013materials",)
SAME_ENERGY, SAME_VOLUME = 0.003, 0.03
COLUMNS: tuple[str, ...] = (
    "formula", "name", "energy_eV_per_atom", "sigma_eV_per_atom", "kind", "how", "known", "source",
    "where", "anchor", "volume_A3_per_fu", "volume_source", "volume_known", "note", "state",
)  # fmt: skip

Key = tuple[tuple[str, float], ...]
Item = TypeVar("Item", "Measured", "Computed")


@dataclass(frozen=True)
class Measured:
    """A row of enthalpies.csv, in eV per atom."""

    formula: str
    state: str
    label: str
    energy: float
    sigma: float
    row: Mapping[str, str]

    @property
    def recalled(self) -> bool:
        return self.row["known"] == "recalled"


@dataclass(frozen=True)
class Computed:
    """A row of computed.csv; `energy` is the CHGNet total in eV per atom."""

    formula: str
    name: str
    energy: float
    row: Mapping[str, str]


@dataclass(frozen=True, eq=False)
class Anchor:
    """A phase with a measured and a computed energy, eV per atom; `share` is atoms by element."""

    formula: str
    name: str
    share: Mapping[str, float]
    measured: float
    sigma: float
    computed: float

    @property
    def element(self) -> bool:
        return len(self.share) == 1


def key(formula: str) -> Key:
    """Atomic fractions to six places: what makes two formulas one composition.

    >>> key("P2S5") == key("P4S10")
    True
    """
    amounts = parse(formula)
    total = sum(amounts.values())
    return tuple(sorted((element, round(n / total, 6)) for element, n in amounts.items()))


def _share(formula: str) -> dict[str, float]:
    amounts = parse(formula)
    total = sum(amounts.values())
    return {element: n / total for element, n in amounts.items()}


def read_measured(path: Path) -> list[Measured]:
    """The enthalpies in file order, each known kind after the better one."""
    found = []
    for row in _rows(path):
        atoms = sum(parse(row["formula"]).values())
        scale = 1.0 / (atoms * KJ_PER_MOL_PER_EV)
        sigma = float(row["sigma_kJ_per_mol"] or 0.0) * scale
        if row["known"] == "recalled":
            sigma = max(sigma, SIGMA_RECALLED)
        state, _, label = row["phase"].partition(",")
        energy = float(row["dHf_kJ_per_mol"]) * scale
        found.append(Measured(row["formula"], state.strip(), label.strip(), energy, sigma, row))
    order = {"read": 0, "second_hand": 1, "recalled": 2}
    return sorted(found, key=lambda m: order[m.row["known"]])


def read_computed(path: Path) -> list[Computed]:
    """The computed energies that converged, lowest first within a composition."""
    found = [
        Computed(row["formula"], row["name"], float(row["energy_eV_per_atom"]), row)
        for row in _rows(path)
        if row["converged"] == "yes"
    ]
    return sorted(found, key=lambda c: (key(c.formula), c.energy))


def read_known(path: Path) -> list[str]:
    """Formulas of compounds that are known to form."""
    return [row["formula"] for row in _rows(path)]


def read_volumes(path: Path) -> list[dict[str, str]]:
    """Cell volumes of compositions, A3 a formula unit, with their source."""
    return _rows(path)


def distinct(computed: Sequence[Computed]) -> list[Computed]:
    """One structure of each that were entered twice: the better known one, lowest first.

    Equal means within 3 meV/atom and 3 % of volume at the same composition.
    """
    order = {"read": 0, "second_hand": 1, "recalled": 2}
    kept: dict[Key, list[Computed]] = {}
    for c in sorted(computed, key=lambda c: (order[c.row["known"]], c.row["source"], c.name)):
        group = kept.setdefault(key(c.formula), [])
        if not any(_same(c, other) for other in group):
            group.append(c)
    return sorted(
        (c for group in kept.values() for c in group), key=lambda c: (key(c.formula), c.energy)
    )


def _same(a: Computed, b: Computed) -> bool:
    columns = ("published_volume_A3_per_fu", "volume_A3_per_fu")
    # Soft crystals swell by chance when relaxed: published cells compare better.
    column = next(x for x in columns if a.row[x] and b.row[x])
    volumes = [float(x.row[column]) / sum(parse(x.formula).values()) for x in (a, b)]
    return abs(a.energy - b.energy) < SAME_ENERGY and abs(volumes[0] / volumes[1] - 1) < SAME_VOLUME


def assemble(measured: Sequence[Measured], computed: Sequence[Computed]) -> list[dict[str, str]]:
    """The rows of phases.csv: measured phases first, then computed ones by composition."""
    computed = distinct(computed)
    enthalpies, structures = _group(measured), _group(computed)
    matches = _matches(measured, computed)
    tied = _anchors(measured, matches)
    rows: list[dict[str, str]] = []
    for name, group in enthalpies.items():
        better = _better_than_recalled(group, structures.get(name, []), tied)
        if better is not None:
            rows.append(better)
        else:
            rows += [_tier1(m, matches[name].get(m.label)) for m in _polymorphs(group)]
    for name in sorted(set(structures) - set(enthalpies)):
        tier2 = (_tier2(c, tied) for c in structures[name])
        rows += [row for row in tier2 if row is not None]
    return rows


def anchors(measured: Sequence[Measured], computed: Sequence[Computed]) -> list[Anchor]:
    """The phases that tie computed energies to measured ones."""
    return _anchors(measured, _matches(measured, distinct(computed)))


def outliers(
    measured: Sequence[Measured], computed: Sequence[Computed], above: float = 0.1
) -> list[tuple[str, str, float, float]]:
    """Phases whose CHGNet formation energy is off by more than `above`, worst first.

    Returns:
        Formula, structure, measured formation enthalpy, CHGNet minus measured (eV/atom).
    """
    matches = _matches(measured, distinct(computed))
    off = _disagreement(_anchors(measured, matches, float("inf")))
    found = [(a.formula, a.name, a.measured, value) for a, value in off.items()]
    return sorted((row for row in found if abs(row[3]) > above), key=lambda row: -abs(row[3]))


def _better_than_recalled(
    group: Sequence[Measured], structures: Sequence[Computed], anchors: Sequence[Anchor]
) -> dict[str, str] | None:
    """A recalled enthalpy gives way to a computed energy that is known better."""
    if not structures or not all(m.recalled for m in group):
        return None
    row = _tier2(structures[0], anchors)
    if row is not None and float(row["sigma_eV_per_atom"]) < min(m.sigma for m in group):
        return row
    return None


def _polymorphs(group: Sequence[Measured]) -> list[Measured]:
    """The first row of a composition, and rows of differently named solids or other fluids.

    The first row in file order is the preferred one. A second polymorph that lies below it by
    less than their uncertainties is the same phase in another table.
    """
    solid = [m for m in group if m.state == "solid"]
    if not solid:
        return list({m.state: m for m in reversed(group)}.values())
    first, kept = solid[0], [solid[0]]
    fluid_reference = len(parse(first.formula)) == 1
    for m in solid[1:]:
        named = bool(_words(m.label)) and all(_words(m.label) != _words(k.label) for k in kept)
        below = m.energy < first.energy - (m.sigma + first.sigma)
        if named and not m.recalled and (m.energy > first.energy or below or fluid_reference):
            kept.append(m)
    return kept


def _matches(
    measured: Iterable[Measured], computed: Iterable[Computed]
) -> dict[Key, dict[str, Computed]]:
    """For each composition, which structure stands for which measured solid (by its label)."""
    structures = _group(computed)
    found: dict[Key, dict[str, Computed]] = {}
    for name, group in _group(measured).items():
        solid = [m for m in group if m.state == "solid"]
        found[name] = _match(solid, structures.get(name, [])) if solid else {}
    return found


def _match(measured: Sequence[Measured], computed: Sequence[Computed]) -> dict[str, Computed]:
    found: dict[str, Computed] = {}
    for m in measured:
        for c in computed:
            shared = _words(m.label) & _words(c.name.replace(c.formula, " "))
            if shared and m.label not in found:
                found[m.label] = c
    first, taken = measured[0], {c.name for c in found.values()}
    free = [c for c in computed if c.name not in taken]
    # An element whose structures all belong to other polymorphs (white P) has no structure.
    if first.label not in found and free and not (len(parse(first.formula)) == 1 and taken):
        found[first.label] = free[0]
    return found


def _words(text: str) -> set[str]:
    general = {"solid", "type", "structure", "ref", "elm", "crystal", "phase", "form"}
    return set(re.findall(r"[a-z0-9]{3,}", text.lower())) - general


def _anchors(
    measured: Iterable[Measured],
    matches: Mapping[Key, Mapping[str, Computed]],
    limit: float = ANCHOR_LIMIT,
) -> list[Anchor]:
    """Phases with a measured and a computed energy; the first row of a label, none recalled."""
    found: dict[tuple[Key, str], Anchor] = {}
    for m in measured:
        name = key(m.formula)
        structure = matches[name].get(m.label) if m.state == "solid" else None
        through_compounds = len(name) == 1 and name[0][0] in BY_COMPOUNDS
        if structure is None or m.recalled or through_compounds:
            continue
        share = _share(m.formula)
        anchor = Anchor(m.formula, structure.name, share, m.energy, m.sigma, structure.energy)
        found.setdefault((name, m.label), anchor)
    anchors = list(found.values())
    anchors += _elements_by_compounds(anchors)
    off = _disagreement(anchors)
    return [a for a in anchors if abs(off.get(a, 0.0)) <= limit]


def _disagreement(anchors: Sequence[Anchor]) -> dict[Anchor, float]:
    """CHGNet minus measured formation energy (eV/atom) of the compounds of known elements."""
    elements = {next(iter(a.share)): a.computed - a.measured for a in anchors if a.element}
    found = {}
    for a in anchors:
        if not a.element and set(a.share) <= set(elements):
            formation = a.computed - sum(x * elements[e] for e, x in a.share.items())
            found[a] = formation - a.measured
    return found


def _elements_by_compounds(anchors: Sequence[Anchor]) -> list[Anchor]:
    """References of the gaseous elements: the median of what measured binaries imply."""
    elements = {next(iter(a.share)): a.computed - a.measured for a in anchors if a.element}
    found = []
    for symbol in BY_COMPOUNDS:
        implied = []
        for a in anchors:
            others = set(a.share) - {symbol}
            if symbol in a.share and len(a.share) == 2 and others <= set(elements):
                rest = sum(a.share[e] * elements[e] for e in others)
                implied.append((a.computed - a.measured - rest) / a.share[symbol])
        if implied:
            label = f"{symbol} by {len(implied)} binaries"
            found.append(Anchor(symbol, label, {symbol: 1.0}, 0.0, 0.0, float(np.median(implied))))
    return found


def _tier1(m: Measured, structure: Computed | None) -> dict[str, str]:
    return _output(
        formula=m.formula,
        name=m.label if m.state == "solid" else m.state,
        energy=m.energy,
        sigma=m.sigma,
        how=m.row["how"],
        known=m.row["known"],
        source=m.row["source"],
        where=m.row["where"],
        note=m.row["note"],
        state=m.state,
        structure=structure,
    )


def _tier2(c: Computed, anchors: Sequence[Anchor]) -> dict[str, str] | None:
    """The computed phase tied to its anchors, or None if no anchors hold all its elements."""
    parts = reaction(c, anchors)
    if parts is None:
        return None
    energy = c.energy + sum(y * (a.measured - a.computed) for a, y in parts)
    base = SIGMA_ELEMENTS if any(a.element for a, _ in parts) else SIGMA_COMPOUNDS
    sigma = float(np.hypot(base, np.sqrt(sum((y * a.sigma) ** 2 for a, y in parts))))
    if c.row["known"] == "recalled":
        sigma = max(sigma, SIGMA_RECALLED)
    return _output(
        formula=c.formula,
        name=c.name,
        energy=energy,
        sigma=sigma,
        how="computed",
        known=c.row["known"],
        source="deng2023chgnet",
        where=f"{c.row['model']}; structure: {c.row['source']} {c.row['where']}".strip(),
        note=_doubt(c),
        state="solid",
        structure=c,
        anchor=spell(c.formula, parts),
    )


def _doubt(c: Computed) -> str:
    doubt = (
        "structure from memory: a wrong one lies too high" if c.row["known"] == "recalled" else ""
    )
    return "; ".join(part for part in (c.row["note"], doubt) if part)


def reaction(c: Computed, anchors: Sequence[Anchor]) -> list[tuple[Anchor, float]] | None:
    """Anchors and their atom fractions: lowest computed energy, elements as the last resort."""
    from scipy.optimize import linprog

    share = _share(c.formula)
    same = [a for a in anchors if key(a.formula) == key(c.formula) and not a.element]
    if same:
        return [(same[0], 1.0)]
    usable = [a for a in anchors if set(a.share) <= set(share)]
    elements = sorted(share)
    if not usable:
        return None
    matrix = np.array([[a.share.get(e, 0.0) for a in usable] for e in elements])
    cost = [a.computed + ELEMENT_PENALTY * a.element for a in usable]
    answer = linprog(cost, A_eq=matrix, b_eq=[share[e] for e in elements], method="highs")
    if not answer.success:
        return None
    return [(a, float(y)) for a, y in zip(usable, answer.x, strict=True) if y > 1e-9]


def spell(formula: str, parts: Sequence[tuple[Anchor, float]]) -> str:
    """The anchor reaction per formula unit, as `Li3PS4 = 1.5 Li2S + 0.5 P2S5`."""
    atoms = sum(parse(formula).values())
    terms = []
    for anchor, y in parts:
        amount = y * atoms / sum(parse(anchor.formula).values())
        terms.append(f"{amount:.4g} {anchor.formula}".removeprefix("1 "))
    return f"{formula} = {' + '.join(terms)}"


def _output(
    *,
    structure: Computed | None,
    energy: float,
    sigma: float,
    anchor: str = "",
    **words: str,
) -> dict[str, str]:
    volume, source, known = _volume(structure, words["formula"])
    return {
        **words,
        "energy_eV_per_atom": f"{energy:.6f}",
        "sigma_eV_per_atom": f"{sigma:.6f}",
        "kind": KIND,
        "anchor": anchor,
        "volume_A3_per_fu": volume,
        "volume_source": source,
        "volume_known": known,
    }


def _volume(structure: Computed | None, formula: str) -> tuple[str, str, str]:
    """Volume of a formula unit: the published cell, else the relaxed one, marked as computed."""
    if structure is None:
        return "", "", ""
    row = structure.row
    units = sum(parse(formula).values()) / sum(parse(structure.formula).values())
    if row["published_volume_A3_per_fu"] and row["source"] not in COMPUTED_CELLS:
        volume = float(row["published_volume_A3_per_fu"])
        return f"{volume * units:.3f}", row["source"], row["known"]
    return f"{float(row['volume_A3_per_fu']) * units:.3f}", "deng2023chgnet", row["known"]


def _group(items: Iterable[Item]) -> dict[Key, list[Item]]:
    groups: dict[Key, list[Item]] = {}
    for item in items:
        groups.setdefault(key(item.formula), []).append(item)
    return groups


def _rows(path: Path) -> list[dict[str, str]]:
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
