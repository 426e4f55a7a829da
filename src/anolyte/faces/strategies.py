"""`anolyte strategies`: what can be done to an interface, what it sets, and what it gave."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from anolyte.core.errors import DataError
from anolyte.core.result import Concern
from anolyte.faces import export
from anolyte.faces.console import Page, print_json
from anolyte.faces.evidence import conditions, folded, origin, stack, value
from anolyte.materials import library, references
from anolyte.materials.evidence import evidence
from anolyte.materials.records import Record
from anolyte.materials.scope import Scope
from anolyte.materials.stack import Cell, Interface
from anolyte.materials.strategy import FAMILIES, Change, Condition, Strategy, find, strategies
from anolyte.studies.query import one_of

KINDS = ("action", "computational", "observational")


@dataclass(frozen=True)
class Asked:
    """What a list of strategies is narrowed to."""

    concern: str | None = None
    electrolyte: str | None = None
    anode: str | None = None
    family: str | None = None
    kind: str | None = None


def main(
    name: str | None,
    asked: Asked,
    *,
    files: Sequence[Path],
    folders: Sequence[Path] = (),
    json: bool,
    csv: bool,
) -> None:
    """Show one strategy, or those that are asked for."""
    export.only_one(json=json, csv=csv)
    if name is not None and asked != Asked():
        raise DataError(f"'{name[:60]}' is one strategy: leave the other options out")
    held = [f / "evidence.csv" for f in folders if (f / "evidence.csv").is_file()]
    measured = by_strategy(evidence([*held, *files]))
    own = tuple(folders)
    lib = library.Library(own) if own else library.default()
    chosen = (find(name, own),) if name is not None else select(strategies(own), asked, lib)
    if json:
        print_json({"strategies": [_whole(s, measured.get(s.name, ())) for s in chosen]})
    elif csv:
        export.print_csv([row(s, measured.get(s.name, ())) for s in chosen], COLUMNS)
    elif name is not None:
        one(chosen[0], measured.get(name, ()))
    else:
        table(chosen, measured, asked, lib)


def select(known: Iterable[Strategy], asked: Asked, lib: library.Library) -> tuple[Strategy, ...]:
    """The strategies that match every word that is given.

    Raises:
        DataError: A word that nothing is called by, or an unknown material.
    """
    known = tuple(known)
    if asked.concern is not None:
        concern = Concern(one_of("concern", asked.concern, tuple(Concern)))
        known = tuple(s for s in known if concern in s.mends)
    if asked.family is not None:
        family = one_of("family", asked.family, FAMILIES)
        known = tuple(s for s in known if s.family == family)
    if asked.kind is not None:
        kind = one_of("kind", asked.kind, KINDS)
        known = tuple(s for s in known if s.kind == kind)
    if (cell := _cell(asked, lib)) is not None:
        return tuple(s for s in known if s.applies(cell))
    if asked.electrolyte is not None:
        electrolyte = lib.electrolyte(asked.electrolyte, as_printed=True)
        return tuple(s for s in known if s.applies_to.electrolytes.match(electrolyte))
    if asked.anode is not None:
        anode = lib.anode(asked.anode, as_printed=True)
        return tuple(s for s in known if s.applies_to.anodes.match(anode))
    return known


def by_strategy(records: Iterable[Record]) -> dict[str, tuple[Record, ...]]:
    """Strategy name to the records that measured it."""
    found: dict[str, list[Record]] = {}
    for record in records:
        if record.strategy:
            found.setdefault(record.strategy, []).append(record)
    return {name: tuple(own) for name, own in found.items()}


def tally(records: Iterable[Record]) -> tuple[int, int]:
    """Measured records and their papers; what is recalled or computed does not count."""
    counted = [r for r in records if r.counts]
    return len(counted), len({r.source.key for r in counted})


# --- for programs ---------------------------------------------------------------------------------

COLUMNS = ("name", "title", "family", "kind", "status", "mends", "worsens", "sets", "electrolytes",
           "anodes", "records", "papers", "mechanism", "mechanism basis", "references")  # fmt: skip


def row(s: Strategy, measured: Iterable[Record]) -> dict[str, Any]:
    """A strategy as one flat row."""
    records, papers = tally(measured)
    return {
        "name": s.name, "title": s.title, "family": s.family, "kind": s.kind, "status": s.status,
        "mends": "; ".join(s.mends), "worsens": "; ".join(t.concern for t in s.worsens),
        "sets": "; ".join(change(c) for c in s.sets),
        "electrolytes": "; ".join(s.applies_to.electrolytes.root),
        "anodes": "; ".join(s.applies_to.anodes.root), "records": records, "papers": papers,
        "mechanism": s.mechanism, "mechanism basis": s.mechanism_basis,
        "references": "; ".join(s.references),
    }  # fmt: skip


def _whole(s: Strategy, measured: Iterable[Record]) -> dict[str, Any]:
    records, papers = tally(measured)
    return s.model_dump(mode="json") | {
        "measured": {"records": records, "papers": papers, "ids": [r.id for r in measured]}
    }


# --- words ----------------------------------------------------------------------------------------


def change(c: Change) -> str:
    """What is set, and to what; an assumed value is marked."""
    amount = f"× {c.times:g}" if c.times is not None else _plain(c.value)
    where = " next to the anode" if c.what == "layer" and c.side == "anode" else ""
    what = c.what.replace("_", " ").replace(".", " ")
    return f"{what} {amount}{where}{'*' if c.how == 'assumed' else ''}"


def _plain(given: Any) -> str:
    if isinstance(given, bool):
        return "yes" if given else "no"
    return str(given).replace(":", " ", 1)


def scope(s: Scope) -> str:
    """Which materials are meant, in words."""
    said = []
    for pattern in s.root:
        head, _, rest = pattern.partition(":")
        if head == "class":
            said.append(f"{rest}s" if rest != "metal" else "metals")
        elif head == "contains":
            said.append(f"with {rest.replace('+', ' and ')}")
        else:
            said.append({"plated": "plated lithium"}.get(pattern, pattern))
    return ", ".join(said)


def when(c: Condition) -> str:
    """A condition in words."""
    said = [scope(s) for s in (c.electrolytes, c.anodes) if s is not None and not s.is_any]
    for field, bound in c.model_dump(exclude_none=True, exclude={"electrolytes", "anodes"}).items():
        said.append(f"{field.replace('_', ' ')} {bound}")
    return ", ".join(said) or "anywhere"


# --- pages ----------------------------------------------------------------------------------------


def table(
    chosen: Sequence[Strategy],
    measured: Mapping[str, Sequence[Record]],
    asked: Asked,
    lib: library.Library,
) -> None:
    """Two lines a strategy, by family."""
    page = Page()
    cell = _cell(asked, lib)
    for family in FAMILIES:
        own = [s for s in chosen if s.family == family]
        if own:
            page.heading(f"{family} ({len(own)})")
            page.columns([r for s in own for r in _rows(s, measured.get(s.name, ()), cell)])
    page.line()
    if not chosen:
        page.line("no strategy matches; `anolyte strategies` without options lists all")
        return
    counted = sum(bool(tally(measured.get(s.name, ()))[0]) for s in chosen)
    for_whom = " | ".join(x for x in (asked.electrolyte, asked.anode) if x)
    suits = f" that apply to {for_whom}" if for_whom else ""
    what = "strategy" if len(chosen) == 1 else "strategies"
    page.line(f"{len(chosen)} {what}{suits}, {counted} with measured cases")
    page.line("* assumed, not measured; `anolyte strategies NAME` tells all of one", "dim")


def _cell(asked: Asked, lib: library.Library) -> Cell | None:
    """The cell that is asked for, where both sides are named."""
    if not (asked.electrolyte and asked.anode):
        return None
    electrolyte = lib.electrolyte(asked.electrolyte, as_printed=True)
    return Cell(Interface(electrolyte, lib.anode(asked.anode, as_printed=True)))


def _rows(s: Strategy, measured: Sequence[Record], cell: Cell | None) -> Iterable[tuple[str, str]]:
    """Name and title; how often it was measured, what it mends and sets; what speaks against."""
    records, papers = tally(measured)
    count = f"  {_some(records, 'record')}, {_some(papers, 'paper')}" if records else ""
    sets = "; ".join(change(c) for c in s.sets) or f"{s.kind}: changes nothing by itself"
    mends = f"for {', '.join(s.mends)}: " if s.mends else ""
    status = "" if s.status == "reported" else f" ({s.status})"
    rows = [(folded(s.name), f"{s.title}{status}"), (count, mends + sets)]
    if cell is not None:
        rows += [("", f"not here: {c.because}") for c in s.contraindicated(cell)]
    return rows


def _some(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"


def one(s: Strategy, measured: Sequence[Record]) -> None:
    """Everything of one strategy."""
    page = Page()
    page.line(f"{s.title} ({s.name})", "bold")
    page.line(f"{s.family}; {s.kind}; {s.status}")
    page.heading("How it works")
    page.columns([(f"{s.mechanism} [{_BASIS[s.mechanism_basis]}]",)])
    page.heading("Where")
    places = [("electrolytes", scope(s.applies_to.electrolytes)),
              ("anodes", scope(s.applies_to.anodes)), ("mends", ", ".join(s.mends)),
              ("made by", s.process)]  # fmt: skip
    page.columns([p for p in places if p[1]], styles=("dim",))
    if s.sets:
        page.heading("What it sets on an interface (* assumed)")
        page.columns([(change(c), _because(c)) for c in s.sets])
    _sentences(page, s)
    page.heading("Measured")
    page.columns([_case(r) for r in measured] or [("no measurement of it in the evidence",)])
    if any(r.doubt for r in measured):
        page.line("(!) is doubted: `anolyte evidence ID` says why", "dim")
    keys = dict.fromkeys([*s.references, *(r.source.key for r in measured)])
    page.heading("Sources")
    page.columns([(k, references.cite(k)) for k in keys])


_BASIS = {
    "review": "as the review says",
    "paper": "as the paper says",
    "inferred": "general knowledge, not stated by the source",
}


def _sentences(page: Page, s: Strategy) -> None:
    """Benefits, limits, what it costs, and when not to use it."""
    costs = [f"{t.concern}: {t.because} ({t.source}, {_known(t.known)})" for t in s.worsens]
    against = [
        f"{when(c.when)}: {c.because} ({c.source}, {_known(c.known)})" for c in s.contraindications
    ]
    for head, texts in (
        ("Benefits", s.benefits), ("Limits", s.limits), ("Trade-offs", costs),
        ("Not to be used where", against), ("Notes", s.notes),
    ):  # fmt: skip
        if texts:
            page.heading(head)
            page.bullets(texts)


def _known(known: str) -> str:
    return known.replace("_", "-")


def _because(c: Change) -> str:
    place = f"{c.source}, {c.where}" if c.where else c.source
    how = "assumed, not measured" if c.how == "assumed" else c.how
    return f"{how}; {place} [{_known(c.known)}]{'; ' + c.note if c.note else ''}"


def _case(r: Record) -> tuple[str, str]:
    around = conditions(r)
    about = f"{stack(r)}{', ' + around if around else ''}; {origin(r)}  {r.id}"
    return (f"{r.quantity.replace('_', ' ')}\n  {value(r)}", about)
