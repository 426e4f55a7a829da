"""The materials that names refer to, and everything known of one of them."""

from __future__ import annotations

import sys
from typing import Any

from anolyte.core.errors import DataError, UnknownMaterial
from anolyte.faces import views
from anolyte.faces.console import Page, print_json
from anolyte.materials import references
from anolyte.materials.library import DATA, Library
from anolyte.materials.schema import PROPERTIES, Anode, Electrolyte, Interlayer, Material

KINDS: dict[str, type[Material]] = {
    "electrolyte": Electrolyte,
    "anode": Anode,
    "interlayer": Interlayer,
}


def phases() -> None:
    """The embedded reference energies as they lie in the package: CSV on standard output."""
    sys.stdout.write((DATA / "phases.csv").read_text(encoding="utf-8"))


def listing(lib: Library, family: str | None, *, json: bool) -> None:
    """Every material with the counts of its numbers, by kind and class."""
    chosen = _chosen(lib, family)
    if json:
        print_json({"materials": [_short(kind, m) for kind, m in chosen]})
        return
    page = Page()
    for kind in KINDS:
        own = [m for k, m in chosen if k == kind]
        if not own:
            continue
        page.heading(f"{len(own)} {kind}s")
        page.columns(
            [_row(m) for m in sorted(own, key=lambda m: (m.family, m.name.casefold()))],
            head=("name", "class", "numbers", "read", "2nd hand", "recalled", "formula"),
            right=(2, 3, 4, 5),
        )
    page.line()
    page.line("`anolyte materials NAME` shows one with all its numbers and sources.", "dim")


def _chosen(lib: Library, family: str | None) -> list[tuple[str, Material]]:
    """Materials of a kind (electrolyte) or of a class (sulfide)."""
    every = [(kind, m) for kind, cls in KINDS.items() for m in lib.all(cls)]
    if family is None:
        return every
    wanted = family.casefold().rstrip("s")
    found = [(k, m) for k, m in every if wanted in (k, m.family.rstrip("s"))]
    if not found:
        known = sorted({*KINDS, *(m.family for _, m in every)})
        raise DataError(f"--class '{family[:40]}': no such class; known: {', '.join(known)}")
    return found


def _row(m: Material) -> tuple[str, ...]:
    counts = views.known_counts([m])
    numbers = [str(n) if n else "" for n in (sum(counts.values()), *counts.values())]
    return (m.name, m.family, *numbers, m.formula or "")


def _short(kind: str, m: Material) -> dict[str, Any]:
    return {
        "name": m.name,
        "kind": kind,
        "class": m.family,
        "formula": m.formula,
        "aliases": list(m.aliases),
        "origin": m.origin,
        "numbers": views.known_counts([m]),
    }


def one(lib: Library, name: str, *, json: bool) -> None:
    """A material, in every place of a cell in which the library knows it."""
    found = []
    for kind, cls in KINDS.items():
        try:
            material = getattr(lib, kind)(name, as_printed=True)
        except UnknownMaterial:
            continue
        if material.origin != "formula":
            found.append((kind, cls.__name__, material))
    if not found:
        lib.electrolyte(name, as_printed=True)  # raises with near names, unless it is a formula
        raise UnknownMaterial(
            f"'{name[:60]}' is a formula outside the library: nothing but its composition is known"
        )
    if json:
        print_json({"materials": [_whole(kind, m) for kind, _, m in found]})
        return
    for kind, _, material in found:
        _show(kind, material)


def _whole(kind: str, m: Material) -> dict[str, Any]:
    """All that is known, every number in SI with its unit."""
    from anolyte.core.units import KINDS as QUANTITIES

    numbers = {}
    for name in m.properties:
        unit = QUANTITIES[PROPERTIES[name]].si
        numbers[name] = [
            {
                "value": v.si, "unit": unit, "sigma": v.sigma,
                "temperature": None if v.temperature is None
                else {"value": v.temperature, "unit": "K"},
                "source": v.source.key, "where": v.source.where, "how": v.source.how,
                "known": v.source.known, "note": v.note,
            }
            for v in m.values(name)
        ]  # fmt: skip
    return _short(kind, m) | {"properties": numbers, "notes": list(m.notes)}


def _show(kind: str, m: Material) -> None:
    page = Page()
    page.line(f"{m.name} ({kind}, {m.family})", "bold")
    if m.title:
        page.line(m.title)
    about = [
        ("formula", m.formula),
        ("also called", ", ".join(m.aliases)),
        ("as printed", m.as_printed),
        ("from", "" if m.origin == "library" else m.origin),
    ]
    page.columns([(k, v) for k, v in about if v], styles=("dim",))
    for c in m.components:
        page.line(f"  {100 * c.volume_fraction:.3g}% {c.material} ({c.source})")
    last = ""
    rows = []
    for name, value, note, source, known in views.property_rows(m):
        rows.append(("" if name == last else name, value, f"{source} [{known}]"))
        if note:
            rows.append(("", "", note))
        last = name
    if rows:
        page.heading("Numbers; of several the first is used")
        page.columns(rows)
    if m.advantages or m.issues or m.notes:
        page.heading("Notes")
        page.bullets([*m.advantages, *m.issues, *m.notes])
    keys = dict.fromkeys(r.split(",")[0] for _, _, _, r, _ in views.property_rows(m))
    page.heading("Sources")
    page.columns([(k, references.cite(k)) for k in dict.fromkeys([*keys, *m.references])])
    page.line()
