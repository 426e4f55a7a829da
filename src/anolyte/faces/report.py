"""One assessment as one self-contained page: readable offline, on a phone, and by `anolyte.load`.

The page holds the whole result as JSON, so that it can be read back and run again. It asks the
network for nothing, and every text in it is escaped.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from anolyte.core.errors import DataError
from anolyte.core.result import Level
from anolyte.core.units import KINDS, show
from anolyte.faces import figures, views
from anolyte.faces import three_windows as three
from anolyte.faces.figures import products as product_figures
from anolyte.faces.figures import reactions as reaction_figures
from anolyte.faces.figures import remedies as remedy_figures
from anolyte.faces.figures import three_windows as three_figures
from anolyte.faces.figures import window as window_figures
from anolyte.faces.figures import window_uncertainty as sampled_figures
from anolyte.faces.page import render, write
from anolyte.faces.uncertainties import MOST_ABSENCES, certainties, limit_rows, volts
from anolyte.materials import references
from anolyte.materials.phases import Phases
from anolyte.models.passivation import PassivationResult
from anolyte.models.reactions import Profile, ReactionsResult
from anolyte.models.transport import TransportResult
from anolyte.models.volume import VolumeResult
from anolyte.models.window import WindowResult
from anolyte.studies.assess import Assessment
from anolyte.studies.files import load
from anolyte.studies.remedies import Remedy
from anolyte.studies.three_windows import ThreeWindows
from anolyte.studies.window_beside import WindowBeside, beside

HOW_TO_READ = {
    "driving_force": "How to read this: at 0 the electrolyte is stable. Below the window it takes "
    "up lithium, above it gives lithium up; the more negative, the stronger the drive. The diamond "
    "is where the anode sits. Touch a corner for its reaction.",
    "ladder": "How to read this: each stair is one two-phase equilibrium; the green bar is the "
    "window, in which no lithium is exchanged.",
    "three_windows": "How to read this: the thermodynamic window is certain to be stable; the "
    "kinetic one holds where lithium moves first and the host breaks afterwards; measured ones "
    "hang on electrode and scan rate. Arrows point into the window that a paper measured; touch "
    "one for how.",
    "reactions": "How to read this: 0 is the right neighbour alone, 1 the left one alone; each "
    "kink is a balanced reaction. Open to lithium, energies and shares count the atoms other than "
    "lithium; broken lines show the part that mixing itself releases. Of several anode potentials "
    "the lowest is drawn.",
    "products": "How to read this: products in volume shares; an interphase in which the electron "
    "conductors do not connect stops growing.",
    "volume": "How to read this: positive swells. Products that need much less room than what they "
    "replace leave pores, much more press and crack.",
    "remedies": "How to read this: open circles are untreated, full ones treated; a dotted line "
    "means that the untreated value is the median of other papers. Touch a point for its source.",
}
"""What each figure says, by its name."""
_BANDS = HOW_TO_READ["driving_force"] + (
    " The blue band, the bar at the diamond and the shaded limits hold 5 to 95 % of the draws of "
    "the energies from their errors."
)


def report(result: Assessment, path: str | Path, phases: Phases | None = None) -> Path:
    """Write the page of an assessment.

    Args:
        result: What `anolyte.assess` answered.
        path: The HTML file; an older one is replaced whole or not at all.
        phases: The energies that it was made with, for error bars; None: the embedded table.

    Raises:
        DataError: Another kind of result, or a path that cannot be written.
    """
    _check(result)
    found = beside(result, phases)
    return write(path, "report.html.j2", result, context(result, found), drawn(result, found))


def page(result: Assessment, name: str = "report.html") -> str:
    """The HTML text of an assessment's page."""
    _check(result)
    found = beside(result)
    return render("report.html.j2", result, context(result, found), drawn(result, found), name)


def _check(result: Any) -> None:
    if not isinstance(result, Assessment):
        raise DataError(
            f"a report is written of an assessment, not of a {type(result).__name__}; "
            "use anolyte.assess(...)"
        )


def read_report(path: str | Path) -> Assessment:
    """The assessment inside a page.

    Raises:
        DataError: Unreadable, no page of anolyte's, or from a newer version.
    """
    result = load(path)
    if not isinstance(result, Assessment):
        raise DataError(f"{path}: holds a {type(result).__name__}, not an assessment")
    return result


def drawn(result: Assessment, found: WindowBeside) -> dict[str, Any]:
    """The figures of an assessment by name."""
    made = {}
    window = views.result_of(result, WindowResult)
    if window is not None:
        made["driving_force"] = (
            window_figures.driving_force(window) if found.sample is None
            else sampled_figures.driving_force(found.sample, window)
        )  # fmt: skip
        made["ladder"] = window_figures.ladder(window)
    if found.three is not None:
        made["three_windows"] = three_figures.three_windows(found.three, found.sample)
    for name, cls in (
        ("reactions", ReactionsResult), ("products", PassivationResult), ("volume", VolumeResult)
    ):  # fmt: skip
        part = views.result_of(result, cls)
        if part is not None and _worth_drawing(part):
            made[name] = figures.figure(part)
    if any(r.cases for r in views.usable(result)):
        made["remedies"] = remedy_figures.gains(result)
    return made


def _worth_drawing(part: Any) -> bool:
    if isinstance(part, ReactionsResult):
        return bool(part.profiles)
    if isinstance(part, PassivationResult):
        return any(p.volume_fraction is not None for p in part.products)
    return any(v is not None for v in (part.ratio, part.change, part.host_expansion))


# --- what the template shows ----------------------------------------------------------------------


def context(result: Assessment, found: WindowBeside) -> dict[str, Any]:
    """What the template shows, in words and rows."""
    keys = tuple(dict.fromkeys([*views.source_keys(result), *_more_sources(found)]))
    number = {key: i for i, key in enumerate(keys, start=1)}
    provenance = result.provenance
    return {
        "interface": views.interface(result.cell),
        "conditions": views.conditions(result.cell),
        "verdict": result.verdict,
        "worst": _colour(result),
        "findings": _findings(result, number),
        "remedies": [_remedy(r, number) for r in views.usable(result)],
        "forbidden": [(r.title, r.against[0]) for r in views.contraindicated(result)],
        "next_steps": result.next_steps,
        "window": _window(views.result_of(result, WindowResult)),
        "sample": _sample(found),
        "three": _three(found.three),
        "reactions": _reactions(views.result_of(result, ReactionsResult)),
        "products": _products(views.result_of(result, PassivationResult)),
        "volume": _volume(views.result_of(result, VolumeResult)),
        "transport": _transport(views.result_of(result, TransportResult)),
        "caveats": _caveats(result),
        "recalled": _recalled(result),
        "missing": result.missing,
        "references": [_reference(key) for key in keys],
        "bibtex": bibtex(keys),
        "inputs": _inputs(result),
        "properties": [
            (m.name, *row) for m in views.materials_of(result.cell)
            for row in views.property_rows(m)
        ],
        "version": provenance.version,
        "energies": provenance.energies,
        "energies_digest": provenance.energies_digest[:16],
        "environment": {"python": "", "numpy": "", "platform": ""} | dict(provenance.environment),
        "hints": HOW_TO_READ | ({} if found.sample is None else {"driving_force": _BANDS}),
    }  # fmt: skip


def _colour(result: Assessment) -> str:
    """Beside the verdict: the reaction at the anode decides, another bad concern dims it."""
    levels = {str(f.concern): f.level for f in result.headlines}
    reaction = levels.get("reaction", Level.UNKNOWN)
    return str(Level.CAUTION if reaction == Level.GOOD and views.is_bad(result) else reaction)


def _findings(result: Assessment, number: dict[str, int]) -> list[dict[str, Any]]:
    rows = []
    for head, others in views.findings(result):
        for f in (head, *others):
            rows.append(
                {
                    "concern": str(f.concern), "level": str(f.level), "reason": f.reason,
                    "label": "" if f.label == str(f.level) else f.label,
                    "basis": f.basis, "more": f is not head,
                    "sources": sorted(number[k] for k in f.sources if k in number),
                }
            )  # fmt: skip
    return rows


def _remedy(r: Remedy, number: dict[str, int]) -> dict[str, Any]:
    return {
        "title": r.title, "interface": r.interface, "wanted": ", ".join(r.wanted),
        "basis": r.basis, "backed": views.is_backed(r), "lines": views.remedy_lines(r, most=5),
        "assumed": ", ".join(r.assumed),
        "sources": sorted({number[c.source] for c in r.cases if c.source in number}),
    }  # fmt: skip


def _window(w: WindowResult | None) -> dict[str, Any] | None:
    if w is None:
        return None
    return {
        "limits": views.limits(w),
        "convention": views.convention(w),
        "at_anode": f"At {w.anode} ({w.anode_potential:.2f} V): {views.energy(w.driving_force)} "
        f"eV/atom, {w.products_at_anode}.",
        "alternatives": [
            (a.case, f"{a.reduction_limit:.2f}", f"{a.oxidation_limit:.2f}") for a in w.alternatives
        ],
        "ladder": [
            (potential, reaction, each, total, charge, side)
            for side, potential, each, total, charge, reaction in map(views.ladder_row, w.steps)
        ],
    }


def _more_sources(found: WindowBeside) -> tuple[str, ...]:
    parts = (found.sample, found.three)
    return tuple(key for part in parts if part is not None for key in part.sources)


def _sample(found: WindowBeside) -> dict[str, Any] | None:
    """The error bars as the terminal shows them."""
    u = found.sample
    if u is None:
        return {"unknown": found.unknown} if found.unknown else None
    return {
        "unknown": "",
        "draws": u.draws, "seed": u.seed,
        "limits": [row for x in (u.reduction, u.oxidation) for row in limit_rows(x)],
        "certain": certainties(u),
        "absences": [
            (a.formula, "measured" if a.measured else "", volts(a.reduction_limit),
             volts(a.oxidation_limit))
            for a in u.absences[:MOST_ABSENCES]
        ],
        "warnings": u.warnings,
    }  # fmt: skip


def _three(t: ThreeWindows | None) -> dict[str, Any] | None:
    if t is None:
        return None
    return {
        "rows": [three.row(name, t) for name in t.limits],
        "gaps": [
            (f"{g.side}, {g.inner} to {g.beyond}: {three.width(g)}", g.reasons)
            for g in t.gaps if not g.source
        ],
        "others": three.others(t),
    }  # fmt: skip


def _reactions(r: ReactionsResult | None) -> dict[str, Any] | None:
    if r is None:
        return None
    drawn = reaction_figures.lowest(r.profiles)
    return {
        "profiles": [_profile(p, drawn=p in drawn) for p in r.profiles],
        "molecular": r.molecular,
    }


def _profile(p: Profile, *, drawn: bool) -> dict[str, Any]:
    is_open = p.potential is not None
    rows = [views.kink_row(k, is_open=is_open) for k in p.kinks]
    least = min(p.kinks, key=lambda k: k.energy)
    quiet = abs(least.energy) < views.NEGLIGIBLE
    return {
        "title": views.profile_title(p),
        "summary": "no reaction" if quiet else f"strongest {views.energy(least.energy)} eV/atom",
        "open": drawn and not quiet,
        "rows": rows if is_open else [(r[0], r[1], r[3]) for r in rows],
        "head": ["x", "eV/atom", *(["of it by mixing"] if is_open else []), "reaction"],
        "numeric": [0, 1, 2] if is_open else [0, 1],
    }


def _products(p: PassivationResult | None) -> dict[str, Any] | None:
    if p is None:
        return None
    low, high = (show(x, "fraction") for x in (p.electron_path, p.electron_path_high))
    span = low if low == high else f"{low} to {high}"
    path = "" if p.character == "stable" else f"Probability of an electron path: {span}."
    return {
        "character": f"{p.junction}: {p.character}",
        "because": p.because,
        "path": path,
        "reaction": p.reaction,
        "rows": [
            (x.formula,
             "unknown" if x.volume_fraction is None else show(x.volume_fraction, "fraction"),
             product_figures.conducts(x))
            for x in p.products
        ],
    }  # fmt: skip


def _volume(v: VolumeResult | None) -> list[tuple[str, str]]:
    if v is None:
        return []
    rows = [
        ("products against what they replace (Pilling-Bedworth ratio)", _or(v.ratio, "number")),
        ("whole interface, lithium counted", _or(v.change, "fraction")),
    ]
    if v.host:
        rows.append((f"{v.host}, empty to full", _or(v.host_expansion, "fraction")))
    if v.swing is not None:
        rows.append(("the lithium face moves each half cycle by", show(v.swing, "length")))
    return rows + ([("unknown because", v.unknown)] if v.unknown else [])


def _transport(t: TransportResult | None) -> list[tuple[str, str]]:
    if t is None:
        return []
    c = t.conductivity
    span = f"{show(c.low, 'conductivity')} to {show(c.high, 'conductivity')}"
    beyond = ", outside the range of its law" if c.extrapolated else ""
    return [
        (f"{c.material} at {show(t.temperature, 'temperature')}", show(c.value, "conductivity")),
        ("range of the reports, or bounds of the composite", span),
        ("law", c.law + beyond),
        ("area resistance of the electrolyte", show(t.resistance, "area_resistance")),
        *(("of a layer", show(r, "area_resistance")) for r in t.layer_resistances),
        (f"ohmic drop at {show(t.current_density, 'current_density')}",
         f"{1000 * t.drop:.3g} mV"),
    ]  # fmt: skip


def _or(value: float | None, kind: str) -> str:
    return "unknown" if value is None else show(value, kind)


def _caveats(result: Assessment) -> list[str]:
    window = views.result_of(result, WindowResult)
    found = [f"Energies: {result.provenance.energies}."]
    if window is not None:
        found.append(f"Convention of the window: {views.convention(window)}.")
        if window.recalled:
            found.append(f"Product energies from memory, not read: {', '.join(window.recalled)}.")
    counts = views.known_counts(views.materials_of(result.cell))
    found.append(
        f"Numbers of these materials: {counts['read']} read, {counts['second_hand']} second-hand, "
        f"{counts['recalled']} from memory."
    )
    return found + [f"{w[:1].upper()}{w[1:]}." for w in result.warnings]


def _recalled(result: Assessment) -> list[tuple[str, str, str, str]]:
    return [
        (m.name, name, value, source)
        for m in views.materials_of(result.cell)
        for name, value, _, source, known in views.property_rows(m)
        if known.endswith("recalled")
    ]


def bibtex(keys: Iterable[str]) -> str:
    """The bibliography entries of keys, those that have one."""
    known = references.all_references()
    return "\n\n".join(known[key] for key in keys if key in known)


def _reference(key: str) -> dict[str, str]:
    doi = references.fields(key).get("doi", "")
    text = references.cite(key).removesuffix(f", doi:{doi}")
    return {"text": text, "doi": doi if re.fullmatch(r"10\.[^\s\"<>]+", doi) else ""}


def _inputs(result: Assessment) -> list[tuple[str, str]]:
    cell = result.cell
    rows = [
        (f"{kind} {m.name}", f"{m.formula or 'no formula'} ({m.family}), from {_origin(m)}")
        for kind, m in _roles(cell)
    ]
    i = cell.interface
    rows += [("additive", a.species) for a in i.additives]
    for obj in (cell.conditions, i.sample, i.surface, i.form):
        for name, field in type(obj).__dataclass_fields__.items():
            value, kind = getattr(obj, name), field.metadata.get("kind")
            if kind in KINDS and value is not None:
                rows.append((name.replace("_", " "), show(value, kind)))
    return rows


def _roles(cell: Any) -> list[tuple[str, Any]]:
    i = cell.interface
    layers = [("layer", x.material) for x in i.layers]
    return [("electrolyte", i.electrolyte), *layers, ("anode", i.anode)]


def _origin(material: Any) -> str:
    digest = f", sha256 {material.digest}" if material.digest else ""
    return {"library": "the library", "formula": "its formula alone"}.get(
        material.origin, f"{material.origin}{digest}"
    )
