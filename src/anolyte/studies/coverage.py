"""Which known compounds the embedded energies hold: by chemical system, and for every junction.

A junction is what touches: electrolyte | anode, electrolyte | layer, layer | anode, over all that
the library lists. A stack of three is covered when both its junctions are.
"""

from __future__ import annotations

import csv
import io
import itertools
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from anolyte.core.result import Result, quantity
from anolyte.core.units import ELEMENTARY_CHARGE, habitual
from anolyte.laws.molecular import molecular_rule
from anolyte.materials import formula
from anolyte.materials.library import DATA, Library, default
from anolyte.materials.phases import Coverage, Phases, embedded
from anolyte.materials.schema import Anode, Electrolyte, Interlayer, Material
from anolyte.models.reactions import between

EV = ELEMENTARY_CHARGE
NOTHING = 1e-6 * EV
"""J per atom below which nothing reacts."""


@dataclass(frozen=True)
class SystemCoverage:
    """One group of chemical systems: its known compounds, present and missing."""

    system: str
    present: tuple[str, ...]
    missing: tuple[str, ...]


@dataclass(frozen=True)
class CoverageResult(Result):
    """Coverage of every group of systems."""

    systems: tuple[SystemCoverage, ...]

    def rows(self) -> list[dict[str, Any]]:
        """One row a group."""
        return [
            {
                "system": s.system,
                "known": len(s.present) + len(s.missing),
                "present": len(s.present),
                "missing": ", ".join(s.missing),
            }
            for s in self.systems
        ]

    def to_markdown(self) -> str:
        """The table of the docs."""
        lines = ["| system | known | present | missing |", "| --- | --- | --- | --- |"]
        lines += [
            f"| {r['system']} | {r['known']} | {r['present']} | {r['missing'] or 'none'} |"
            for r in self.rows()
        ]
        return "\n".join(lines) + "\n"


def coverage(phases: Phases | None = None) -> CoverageResult:
    """The known compounds that a table of energies holds and lacks."""
    phases = phases or embedded()
    groups: dict[str, tuple[list[str], list[str]]] = {}
    with (DATA / "known_compounds.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            present, missing = groups.setdefault(row["system"], ([], []))
            held = phases.find(formula.parse(row["formula"])) is not None
            (present if held else missing).append(row["formula"])
    return CoverageResult(
        tuple(SystemCoverage(k, tuple(p), tuple(m)) for k, (p, m) in groups.items())
    )


class State(StrEnum):
    """What is known of a junction, from best to worst."""

    WHOLE = "whole"
    PART = "compounds missing"
    RULE = "by molecular rule"
    UNKNOWN = "unknown"
    LEFT_OUT = "not described"


@dataclass(frozen=True)
class Junction:
    """One junction of the library.

    Args:
        kind: electrolyte | anode, electrolyte | layer, layer | anode.
        left, right: Names.
        state: Whether a reaction is given, and on which ground.
        reaction: Closed, at the mixing ratio that releases most; `none` where nothing reacts.
        energy: Of it, J per atom.
        known: Known compounds of both chemical systems with lithium.
        missing: Those of them without an energy.
        lacking: Pairs of a cation and an anion without any compound: why there is no reaction.
    """

    kind: str
    left: str
    right: str
    state: State
    reaction: str = ""
    energy: float | None = quantity("energy_per_atom", default=None)
    known: int = 0
    missing: tuple[str, ...] = ()
    lacking: tuple[str, ...] = ()


@dataclass(frozen=True)
class LibraryCoverage(Result):
    """Every junction of electrolytes, layers and anodes of a library.

    Args:
        junctions: One a pair.
        left_out: Materials that phase equilibria do not describe, and why: their junctions.
    """

    junctions: tuple[Junction, ...]
    left_out: tuple[tuple[str, str], ...] = ()

    def rows(self) -> list[dict[str, Any]]:
        """One row a junction."""
        return [
            {
                "junction": j.kind,
                "left": j.left,
                "right": j.right,
                "state": j.state.value,
                "known": j.known,
                "present": j.known - len(j.missing),
                "missing": ", ".join(j.missing),
                "energy [eV/atom]": None
                if j.energy is None
                else habitual(j.energy, "energy_per_atom"),
                "reaction": j.reaction,
                "lacking": ", ".join(j.lacking),
            }
            for j in self.junctions
        ]

    @property
    def lacking(self) -> tuple[tuple[str, int], ...]:
        """What the energies lack, with the number of junctions that lack it."""
        count = Counter(f for j in self.junctions for f in (*j.missing, *j.lacking))
        return tuple(count.most_common())

    def stacks(self) -> Counter[State]:
        """How many stacks electrolyte | layer | anode are in each state, that of the worse end."""
        order = list(State)
        inner, outer = ({(j.left, j.right): order.index(j.state) for j in self.junctions
                         if j.kind == kind} for kind in KINDS[1:])  # fmt: skip
        reached: dict[str, Counter[int]] = {}
        for (layer, _), state in outer.items():
            reached.setdefault(layer, Counter())[state] += 1
        found: Counter[State] = Counter()
        for (_, layer), state in inner.items():
            for other, number in reached[layer].items():
                found[order[max(state, other)]] += number
        return found

    def to_csv(self) -> str:
        """The junctions that phase equilibria describe, without their reactions."""
        text = io.StringIO()
        columns = ["left", "right", "state", "known", "missing", "lacking"]
        writer = csv.DictWriter(text, columns, extrasaction="ignore", lineterminator="\n")
        writer.writeheader()
        writer.writerows(r for r in self.rows() if r["state"] in SPOKEN_OF)
        return text.getvalue()

    def to_markdown(self) -> str:
        """How many junctions and stacks are in which state, and what they lack."""
        counts = {k: Counter(j.state for j in self.junctions if j.kind == k) for k in KINDS}
        counts[STACK] = self.stacks()
        states = [
            (kind.replace("|", "\\|"), f"{n.total():,}", *(f"{n[s]:,}" for s in State))
            for kind, n in counts.items()
        ]
        lacking = [(name, f"{n:,}") for name, n in self.lacking] or [("nothing", "0")]
        return "\n".join(
            [
                *_table(("junction", "number", *State), states), "",
                *_table(("missing", "junctions"), lacking), "",
                *_table(("not described", "because it is"), self.left_out), "",
            ]
        )  # fmt: skip


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> list[str]:
    head = tuple(head)
    lines = [head, ("---",) * len(head), *rows]
    return [f"| {' | '.join(line)} |" for line in lines]


KINDS = ("electrolyte | anode", "electrolyte | layer", "layer | anode")
STACK = "electrolyte | layer | anode"
SPOKEN_OF = (State.WHOLE, State.PART, State.UNKNOWN)


def library_coverage(
    phases: Phases | None = None, library: Library | None = None
) -> LibraryCoverage:
    """The reaction of every junction of a library, and the known compounds it is judged with.

    A junction is unknown where the energies hold no compound at all of a cation and an anion in
    it, and not described where a neighbour is organic or has no chemical formula.
    """
    phases, lib = phases or embedded(), library or default()
    electrolytes, layers, anodes = lib.all(Electrolyte), lib.all(Interlayer), lib.all(Anode)
    left_out = {m.name: why for m in (*electrolytes, *layers, *anodes) if (why := _left_out(m))}
    held: dict[frozenset[str], tuple[tuple[str, ...], Coverage]] = {}

    def judge(kind: str, left: Material, right: Material) -> Junction:
        if left.name in left_out or right.name in left_out:
            return _by_rule(kind, left, right)
        touching = right.composition if right.formula else {}
        system = frozenset({*left.composition, *touching, "Li"})
        if system not in held:
            held[system] = phases.lacking(sorted(system)), phases.coverage(system)
        lacking, found = held[system]
        if lacking:
            return Junction(kind, left.name, right.name, State.UNKNOWN, lacking=lacking)
        worst = between(left, right, phases=phases).profiles[0].worst
        return Junction(
            kind, left.name, right.name, State.PART if found.missing else State.WHOLE,
            worst.reaction if worst.energy < -NOTHING else "none", min(worst.energy, 0.0),
            len(found.present) + len(found.missing), found.missing,
        )  # fmt: skip

    pairs = zip(KINDS, (electrolytes, electrolytes, layers), (anodes, layers, anodes), strict=True)
    junctions = (judge(k, *pair) for k, *sides in pairs for pair in itertools.product(*sides))
    return LibraryCoverage(tuple(junctions), tuple(left_out.items()))


def _left_out(material: Material) -> str:
    """What a material is that phase equilibria do not describe; empty where they do."""
    if isinstance(material, Anode) and material.plated:
        return ""
    if material.formula is None:
        parts = ", ".join(c.material for c in material.components)
        return f"a mixture: ask for its parts ({parts})" if parts else "of unknown formula"
    return "organic" if {"C", "H"} <= set(material.composition) else ""


def _by_rule(kind: str, left: Material, right: Material) -> Junction:
    """What a declared molecular rule says of an organic neighbour of an anode."""
    rule = molecular_rule(left.composition) if left.formula and isinstance(right, Anode) else None
    state, text = (State.RULE, str(rule.reaction)) if rule else (State.LEFT_OUT, "")
    return Junction(kind, left.name, right.name, state, text)
