"""`anolyte compare`: the classes of electrolytes, and silicon anodes, side by side."""

from __future__ import annotations

import math
from collections.abc import Iterable
from pathlib import Path

from anolyte.core.result import Result
from anolyte.core.units import show
from anolyte.faces import export
from anolyte.faces.console import Page, print_json
from anolyte.faces.evidence import amount, number, unit_marks
from anolyte.studies.compare import ClassRow, ElectrolyteComparison, compare_electrolytes
from anolyte.studies.query import one_of
from anolyte.studies.silicon import SiliconComparison, SiliconRow, compare_silicon

WHAT = ("electrolytes", "silicon")


def main(what: str, *, files: Iterable[Path], json: bool, csv: bool, plot: Path | None) -> None:
    """Compare, and show."""
    from anolyte.materials.evidence import evidence

    export.only_one(json=json, csv=csv)
    records = evidence(files)
    result: Result
    if one_of("comparison", what, WHAT) == "electrolytes":
        result = compare_electrolytes(records)
    else:
        result = compare_silicon(records)
    if plot is not None:
        export.page(result, plot)
    if json:
        print_json(result.to_dict())
    elif csv:
        export.print_csv(result.rows())
    else:
        _show(result, plot)


def _show(result: Result, plot: Path | None) -> None:
    page = Page()
    if isinstance(result, ElectrolyteComparison):
        electrolytes(page, result)
    elif isinstance(result, SiliconComparison):
        silicon(page, result)
    if plot is not None:
        page.line(f"figure: {plot}", "dim")


# --- electrolytes ---------------------------------------------------------------------------------


def electrolytes(page: Page, result: ElectrolyteComparison) -> None:
    """Numbers in one table, then what the review says of each class."""
    page.line("Classes of solid electrolytes against lithium", "bold")
    page.heading("Ionic conductivity at 15 to 30 °C (S/cm), measured, of the library's materials")
    page.columns(
        [(c.name, f"{c.measured} of {c.materials}", _sci(c.conductivity_median), _range(c),
          _printed(c)) for c in result.classes],
        head=("class", "known of", "median", "range", "in the review"),
    )  # fmt: skip
    page.heading("Computed window (V vs Li/Li⁺) and fate against lithium")
    page.columns(
        [(c.name, _window(c, "reduction"), _window(c, "oxidation"), _fates(c))
         for c in result.classes],
        head=("class", "reduced below", "oxidised above", "against lithium"),
    )  # fmt: skip
    page.line()
    page.line("passivated: the products block electrons; unstable: they conduct them; open: it "
              "reacts, and whether that ends is not known", "dim")  # fmt: skip
    for c in result.classes:
        page.heading(c.name)
        page.columns(
            [(head, "; ".join(c.said(kind))) for head, kind in _NOTES if c.said(kind)],
            styles=("dim",),
        )  # fmt: skip
    page.line()
    places = dict.fromkeys(f"{n.source}, {n.where.split(' (')[0].split(';')[0]}"
                           for c in result.classes for n in c.notes)  # fmt: skip
    page.line(f"stated by: {'; '.join(places)}", "dim")
    page.line("the numbers of one material: `anolyte materials NAME`, `anolyte window NAME`", "dim")


_NOTES = (("good", "advantage"), ("bad", "disadvantage"), ("with the anode", "issue"))


def _sci(si: float | None) -> str:
    """S/cm, two digits."""
    return "-" if si is None else f"{si / 100.0:.1e}"


def _range(c: ClassRow) -> str:
    if c.conductivity_low is None:
        return "no measured value"
    ends = f"{_sci(c.conductivity_low)} to {_sci(c.conductivity_high)}"
    return f"{ends}\n{c.lowest} to {c.highest}"


def _printed(c: ClassRow) -> str:
    if not c.printed:
        return "-"
    low, high = min(c.printed), max(c.printed)
    return f"{low / 100.0:.0e}" if low == high else f"{low / 100.0:.0e} to {high / 100.0:.0e}"


def _window(c: ClassRow, side: str) -> str:
    low, high = getattr(c, f"{side}_low"), getattr(c, f"{side}_high")
    if low is None:
        return "no model"
    if math.isinf(high):
        return f"{low:.2f} to no limit"
    return f"{low:.2f}" if low == high else f"{low:.2f} to {high:.2f}"


def _fates(c: ClassRow) -> str:
    return ", ".join(f"{count} {fate}" for fate, count in c.fates)


# --- silicon --------------------------------------------------------------------------------------


def silicon(page: Page, result: SiliconComparison) -> None:
    """Pairs of capacities first, then single capacities, then retentions as printed."""
    page.line("Silicon anodes with solid electrolytes", "bold")
    groups = (
        ("Capacity kept, computed from two capacities of one source (mA h g⁻¹)",
         [s for s in result.systems if s.computed]),
        ("One capacity alone (mA h g⁻¹)",
         [s for s in result.systems if s.retention is None]),
        ("Capacity kept, as the source prints it",
         [s for s in result.systems if s.retention is not None and not s.computed]),
    )  # fmt: skip
    for title, own in groups:
        if own:
            page.heading(title)
            page.columns([row for s in own for row in _system(s)])
    page.line()
    page.line("fade: share lost each cycle if every cycle lost the same share. What mass the "
              "capacities count is often not stated: compare within a source.", "dim")  # fmt: skip
    page.line("`anolyte evidence ID` shows a record with its doubts", "dim")


def _system(s: SiliconRow) -> list[tuple[str, str, str]]:
    """Three short lines: what was cycled and what is left; the conditions; who says so."""
    kept = ""
    if s.retention is not None:
        sign = {"at_least": "≥ ", "at_most": "≤ ", "approx": "≈ "}.get(s.bound, "")
        kept = f"{sign}{100.0 * s.retention:.1f}%"
        if not s.computed:
            kept += f" after {s.last_cycle}"
    origin = f"{s.source} [{s.known.replace('_', '-')}]"
    lines = [(s.anode_as_printed, kept, _capacities(s)),
             (f"  | {s.electrolyte.replace('class:', 'class ')}", _fade(s), _conditions(s)),
             ("", "", f"{origin}  {', '.join(s.records)}")]  # fmt: skip
    lines += [("", "", f"(!) {doubt}") for doubt in s.doubts]
    return lines


def _capacities(s: SiliconRow) -> str:
    parts = [
        f"{number(value, 'specific_capacity')} in cycle {cycle}"
        for cycle, value in ((s.first_cycle, s.first), (s.last_cycle, s.last))
        if value is not None
    ]
    full = " (full cell)" if "full cell" in s.protocol else ""
    return ", ".join(parts) + full if parts else s.protocol


def _fade(s: SiliconRow) -> str:
    return "" if s.fade is None else f"fade {100.0 * s.fade:.2g}%"


def _conditions(s: SiliconRow) -> str:
    parts = [unit_marks(s.current) or "current not given as one number"]
    parts.append(show(s.temperature, "temperature") if s.temperature else "temperature not stated")
    if s.conductivity is not None:
        at = show(s.conductivity_temperature, "temperature") if s.conductivity_temperature else ""
        parts.append(f"electrolyte {amount(s.conductivity, 'conductivity')} {at and f'at {at}'}")
    return ", ".join(parts).strip()
