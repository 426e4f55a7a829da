"""The materials that names refer to, and everything known of one of them."""

from __future__ import annotations

import sys
from typing import Any

from anolyte.core.errors import DataError, UnknownMaterial
from anolyte.core.near import near
from anolyte.faces import views
from anolyte.faces.console import Page, print_json
from anolyte.materials import references
from anolyte.materials.cathode import Cathode, cathode, cathodes, part_of
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
    for kind in dict.fromkeys(k for k, _ in chosen):
        own = [m for k, m in chosen if k == kind]
        page.heading(f"{len(own)} {kind}{'s' * (len(own) > 1)}")
        page.columns(
            [_row(m) for m in sorted(own, key=lambda m: (m.family, m.name.casefold()))],
            head=("name", "class", "numbers", "read", "2nd hand", "recalled", "formula"),
            right=(2, 3, 4, 5),
        )
    page.line()
    page.line("`anolyte materials NAME` shows one with all its numbers and sources.", "dim")


def _chosen(lib: Library, family: str | None) -> list[tuple[str, Material]]:
    """Materials of a kind (electrolyte) or of a class (sulfide)."""
    every: list[tuple[str, Material]] = [
        (kind, m) for kind, cls in KINDS.items() for m in lib.all(cls)
    ]
    every += [("cathode", m) for m in cathodes(lib)]
    if family is None:
        return every
    wanted = family.casefold().rstrip("s")
    found = [(k, m) for k, m in every if wanted in (k, m.family.rstrip("s"))]
    if not found:
        known = sorted({*(k for k, _ in every), *(m.family for _, m in every)})
        raise DataError(f"--class '{family[:40]}': no such class; {near(family, known)}")
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
    if (group := name.casefold().rstrip("s")) in (*KINDS, "cathode"):
        listing(lib, group, json=json)
        return
    found = _found(lib, name)
    if not found:
        try:
            lib.electrolyte(name, as_printed=True)
        except UnknownMaterial as error:  # it was sought among all kinds
            _raise_near(lib, name)
            told = str(error).replace("electrolyte", "material", 1)
            raise UnknownMaterial(told) from None
        raise UnknownMaterial(
            f"'{name[:60]}' is a formula outside the library: nothing but its composition is known"
        )
    if json:
        print_json({"materials": [_whole(kind, m) for kind, m in found]})
        return
    for kind, material in found:
        _show(kind, material)


def _raise_near(lib: Library, name: str) -> None:
    """Refuse a name that is nearly one of any kind's, with that one."""
    names = [n for _, m in _chosen(lib, None) for n in (m.name, *m.aliases)]
    if hint := near(name, names, otherwise=""):
        raise UnknownMaterial(f"no material '{name[:60]}'; {hint}")


def _found(lib: Library, name: str) -> list[tuple[str, Material]]:
    """What a name means in each place of a cell."""
    found: list[tuple[str, Material]] = []
    for kind in KINDS:
        try:
            material = getattr(lib, kind)(name, as_printed=True)
        except UnknownMaterial:
            continue
        if material.origin != "formula":
            found.append((kind, material))
    try:
        found.append(("cathode", cathode(name, lib)))
    except UnknownMaterial:
        if (passive := part_of((name,), lib)) is not None:
            found.append(("part", passive))
    return found


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
    whole = _short(kind, m) | {"properties": numbers, "notes": list(m.notes)}
    if isinstance(m, Cathode):
        mix = m.mix
        whole |= {"holds_lithium": m.holds_lithium, "mix": {
            name: {"value": getattr(mix, name), "unit": "1"}
            for name in ("active", "additives", "porosity")
        }}  # fmt: skip
    return whole


def _mixed(m: Cathode) -> list[tuple[str, str]]:
    """What a cathode brings, and the mix of its layer that is usual."""
    shares = [
        f"{value.value} {word} ({value.source}, {value.how}, {value.known.replace('_', '-')})"
        for word, value in (("active", m.active), ("carbon and binder", m.additives),
                            ("pores", m.porosity)) if value is not None
    ]  # fmt: skip
    return [("built", "with its lithium" if m.holds_lithium else "without lithium"),
            ("usual mix", "; ".join(shares))]  # fmt: skip


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
    if isinstance(m, Cathode):
        about += _mixed(m)
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
