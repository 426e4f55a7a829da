"""Results as the rows and sentences that both the terminal and the page show."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

from anolyte.core.result import Finding, Level
from anolyte.core.units import ELEMENTARY_CHARGE, habitual, show
from anolyte.materials.schema import PROPERTIES, Material
from anolyte.materials.stack import Cell
from anolyte.models.reactions import Kink, Profile
from anolyte.models.window import LadderStep, WindowResult
from anolyte.studies.assess import Assessment
from anolyte.studies.cases import Case
from anolyte.studies.remedies import Remedy, Shift

NEXT_TO_NOTHING = 5e-4  # eV/atom: prints as 0.000
NEGLIGIBLE = NEXT_TO_NOTHING * ELEMENTARY_CHARGE  # J


def interface(cell: Cell) -> str:
    """Electrolyte | layers with their thickness | anode."""
    i = cell.interface
    layers = [f"{x.material.name} ({thickness(x.thickness)})" for x in i.layers]
    return " | ".join([i.electrolyte.name, *layers, i.anode.name])


def thickness(metres: float) -> str:
    """A length in nm below a micrometre."""
    return f"{metres * 1e9:.3g} nm" if metres < 1e-6 else show(metres, "length")


def conditions(cell: Cell) -> str:
    """The conditions on one line, as they were understood."""
    c = cell.conditions
    return (
        f"{show(c.current_density, 'current_density')}, {show(c.stack_pressure, 'pressure')}, "
        f"{show(c.temperature, 'temperature')}, {show(c.areal_capacity, 'areal_capacity')} a half "
        f"cycle, electrolyte {show(cell.interface.sample.thickness, 'length')} thick"
    )


def limits(w: WindowResult) -> str:
    """The window in words."""
    if math.isinf(w.oxidation_limit):
        return f"{w.reduction_limit:.2f} V vs Li/Li⁺ upwards, no oxidation limit"
    return f"{w.reduction_limit:.2f} to {w.oxidation_limit:.2f} V vs Li/Li⁺"


def convention(w: WindowResult) -> str:
    """Which energy the material was given, and how far above the hull it lies."""
    if w.energy_above_hull is None:
        return f"{w.convention}; energy above the hull not known (the phase has no energy here)"
    above = habitual(w.energy_above_hull, "energy_per_atom")
    where = "on the hull of these energies" if above < NEXT_TO_NOTHING else (
        f"{1000 * above:.0f} meV/atom above the hull of these energies")  # fmt: skip
    return f"{w.convention}; the phase lies {where}"


def ladder_row(step: LadderStep) -> tuple[str, ...]:
    """Side, potential, lithium of the step, lithium in all, capacity, reaction."""
    return (
        step.side,
        f"{step.potential:.2f}",
        f"{step.electrons:.3g}",
        f"{step.total:.3g}",
        f"{habitual(step.capacity, 'specific_capacity'):.0f}",
        step.reaction,
    )


def profile_title(p: Profile) -> str:
    """The junction and its condition."""
    if p.potential is None:
        return f"{p.left} | {p.right}, closed: nothing enters or leaves"
    what = f" ({p.plateau})" if p.plateau else ""
    return f"{p.left} | {p.right}, open to lithium at {p.potential:.2f} V vs Li/Li⁺{what}"


def kink_row(k: Kink, *, is_open: bool) -> tuple[str, ...]:
    """Mixing ratio, energy in all, the part due to mixing (open only), reaction."""
    mutual = energy(k.mutual) if is_open else ""
    return (f"{k.x:.3f}", energy(k.energy), mutual, k.reaction)


def energy(joules: float) -> str:
    """An energy per atom in eV with three decimals."""
    number = habitual(joules, "energy_per_atom")
    return "0.000" if abs(number) < NEXT_TO_NOTHING else f"{number:.3f}"


def some(names: Iterable[str], most: int = 6) -> str:
    """The first few names, and how many more there are."""
    names = tuple(names)
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def findings(result: Assessment) -> list[tuple[Finding, tuple[Finding, ...]]]:
    """Each concern's headline with the other findings on the same concern."""
    return [
        (head, tuple(f for f in result.details if f.concern == head.concern))
        for head in result.headlines
    ]


def result_of(result: Assessment, cls: type) -> Any:
    """The answer of one kind, or None."""
    return next((r for r in result.results if isinstance(r, cls)), None)


def source_keys(result: Assessment) -> tuple[str, ...]:
    """Citation keys of every model and number behind an assessment."""
    keys: dict[str, None] = {}
    for part in result.results:
        keys |= dict.fromkeys(getattr(part, "sources", ()))
    for finding in (*result.headlines, *result.details):
        keys |= dict.fromkeys(finding.sources)
    for remedy in result.remedies:
        if is_backed(remedy):
            keys |= dict.fromkeys(c.source for c in remedy.cases)
    return tuple(keys | dict.fromkeys(result.provenance.references))


def is_bad(result: Assessment) -> bool:
    """Whether a concern is bad."""
    return any(f.level == Level.BAD for f in result.headlines)


def materials_of(cell: Cell) -> tuple[Material, ...]:
    """The materials of an interface, electrolyte first."""
    i = cell.interface
    found = [i.electrolyte, *(x.material for x in i.layers), i.anode]
    return tuple({m.name: m for m in found}.values())


def property_rows(material: Material) -> list[tuple[str, str, str, str, str]]:
    """Property, value, conditions and doubts, source, how it is known."""
    rows = []
    for name, measurements in material.properties.items():
        kind = PROPERTIES[name]
        for m in measurements:
            v = m.to_value(kind)
            value = show(v.si, kind, digits=4)
            if v.sigma is not None:
                value += f" ± {_spread(v.sigma, kind)}"
            at = f"at {show(v.temperature, 'temperature')}" if v.temperature else ""
            about = "; ".join(t for t in (at, v.note) if t)
            where = f"{v.source.key}, {v.source.where}" if v.source.where else v.source.key
            known = v.source.known.replace("_", "-")
            rows.append((name.replace("_", " "), value, about, where, f"{v.source.how}, {known}"))
    return rows


def _spread(sigma: float, kind: str) -> str:
    """A standard deviation without its unit."""
    text = f"{sigma if kind == 'temperature' else habitual(sigma, kind):.2g}"
    return f"{float(text):.0f}" if "e+0" in text else text


def known_counts(materials: Iterable[Material]) -> dict[str, int]:
    """How many numbers were read, quoted second-hand or recalled."""
    counts = {"read": 0, "second_hand": 0, "recalled": 0}
    for material in materials:
        for measurements in material.properties.values():
            for m in measurements:
                counts[m.known] += 1
    return counts


def usable(result: Assessment) -> tuple[Remedy, ...]:
    """Remedies against which nothing is known, the best first."""
    return tuple(r for r in result.remedies if not r.against)


def contraindicated(result: Assessment) -> tuple[Remedy, ...]:
    """Remedies with a reason against them in this cell."""
    return tuple(r for r in result.remedies if r.against)


def case(c: Case) -> str:
    """A measured case: what, from what to what, where, and who says so."""
    what = c.quantity.replace("_", " ")
    known = {"read": "", "second_hand": ", second-hand", "recalled": ", recalled: not counted"}
    said = c.source + known[c.known]
    if c.before is None:
        return f"{what} {c.after} on {c.where} (no untreated value; {said})"
    if c.control == "same paper":
        return f"{what} {c.before} to {c.after} on {c.where} ({said})"
    return f"{what} {c.after} on {c.where} (others untreated: {c.before}; {said})"


def shift(s: Shift) -> str:
    """A concern that changes when a remedy is tried on the models."""
    label = f" ({s.label})" if s.label and s.label != str(s.after) else ""
    return f"{s.concern} {s.before} to {s.after}{label}"


def is_backed(r: Remedy) -> bool:
    """Whether a measured gain or a model speaks for a remedy."""
    gained = r.gain is not None and r.gain > 0.0
    return gained or r.seen or (r.mends_wanted and not r.general)


def remedy_short(r: Remedy) -> str:
    """The nearest measured case, else what the models say."""
    if r.cases:
        more = f" and {r.papers - 1} more" if r.papers > 1 else ""
        return case(r.cases[0]) + (more if r.cases[0].weight else "")
    return "models: " + "; ".join(shift(s) for s in r.mends)


def remedy_lines(r: Remedy, most: int = 2) -> list[tuple[str, str]]:
    """What speaks for a remedy and against it: kind of statement and text."""
    lines = [("measured", case(c)) for c in r.cases[:most]]
    shown = {c.source for c in r.cases[:most] if c.weight}
    if (more := r.papers - len(shown)) > 0:
        lines.append(("", f"and in {more} more paper{'s' if more > 1 else ''}"))
    if r.mends:
        lines.append(("models", "; ".join(shift(s) for s in r.mends)))
    if not r.cases and not r.mends_wanted:
        lines.append(("basis", r.basis))
    if r.untried:
        lines.append(("untried", r.untried))
    if r.sets:
        lines.append(("sets", "; ".join(r.sets)))
    costs = [*(shift(s) for s in r.worsens), *r.trade_offs]
    if costs:
        lines.append(("costs", "; ".join(costs)))
    return lines
