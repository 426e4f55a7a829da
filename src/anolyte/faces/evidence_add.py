"""`anolyte evidence add`: one measurement more in a file of your own, checked before it is written.

In a terminal it asks for what is missing; elsewhere it names what is missing and stops. The file is
written whole under another name and then put in place, so that an interrupted call changes nothing.
"""

from __future__ import annotations

import csv
import io
import math
import re
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from anolyte.core.errors import DataError
from anolyte.core.provenance import KNOWN
from anolyte.faces import export
from anolyte.faces.console import Page, print_json
from anolyte.faces.evidence import one, value
from anolyte.materials import references
from anolyte.materials.evidence import COLUMNS, METHODS, evidence, parse, read
from anolyte.materials.records import QUANTITIES, Record
from anolyte.materials.schema import Anode, Electrolyte
from anolyte.materials.strategy import strategies
from anolyte.studies.files import write_whole
from anolyte.studies.query import check_material, one_of, same_material

OPTIONAL = {
    "before": "the untreated value of the same source, in the same unit",
    "strategy": "the strategy whose effect it is (`anolyte strategies` lists them)",
}
ASKED = ("quantity", "value", "unit", "source", "known", "electrolyte", "anode")
MAY_BE_EMPTY = ("electrolyte", "anode")
TRIES = 3
_QUESTION = {
    "quantity": "what was measured (for example interfacial_resistance)",
    "value": "its value (of the treated interface, if it was treated)",
    "unit": "unit (for example ohm*cm^2, mA/cm^2, %)",
    "source": "source: a citation key, doi:... or own:...",
    "known": f"how you know it ({', '.join(KNOWN)})",
    "electrolyte": "electrolyte: a name or formula (empty: none)",
    "anode": "anode: a name or formula (empty: none)",
    "protocol": "protocol: cell type, step size and time, cut-off, hold ('not stated' if so)",
    "cycle": "number of the cycle",
    "current_density": "current density (for example 0.1 mA/cm^2)",
}
Cells = dict[str, str]


def main(path: Path, pairs: Sequence[str], *, json: bool) -> None:
    """Add one row to a file of your own."""
    cells = given(pairs)
    own = read(path) if path.exists() else ()
    others = (*evidence(), *own)
    record = _asked(cells, others) if on_terminal() else _checked(cells, others)
    _append(path, cells)
    if json:
        print_json({"file": str(path), "record": export.plain(record)})
        return
    _show(record, path, len(own) + 1)


def on_terminal() -> bool:
    """Whether there is someone to ask."""
    return sys.stdin.isatty() and sys.stdout.isatty()


def given(pairs: Iterable[str]) -> Cells:
    """The cells that `--set column=value` gives.

    >>> given(["value=4.1", "unit=ohm*cm^2"])
    {'value': '4.1', 'unit': 'ohm*cm^2'}
    """
    cells: Cells = {}
    for pair in pairs:
        column, equals, text = pair.partition("=")
        if not equals:
            raise DataError(f"--set '{pair[:60]}': write column=value")
        column = one_of("column", column, COLUMNS)
        if not text.isprintable():
            raise DataError(f"--set {column}: only text that can be printed, on one line")
        if column in cells:
            raise DataError(f"--set {column}: given twice")
        cells[column] = text.strip()
    return cells


# --- what is missing ------------------------------------------------------------------------------


def missing(cells: Cells) -> list[str]:
    """Columns that must be given yet; electrolyte and anode may be given as empty."""
    lacking = [c for c in ASKED if not cells.get(c) and not (c in MAY_BE_EMPTY and c in cells)]
    about = QUANTITIES.get(cells.get("quantity", ""))
    needs = about.needs if about else ()
    return lacking + [c for c in needs if not cells.get(c)]


def _checked(cells: Cells, others: Sequence[Record]) -> Record:
    """The record, without anyone to ask.

    Raises:
        DataError: What is missing or wrong, in one line.
    """
    _mend_words(cells)
    if lacking := missing(cells):
        raise DataError(
            f"missing: {', '.join(lacking)}; give each as --set column=value{_hint(lacking)}"
        )
    if wrong := _wrong(cells, others):
        raise DataError("; ".join(f"{column}: {message}" for column, message in wrong))
    return _parsed(cells)


def _hint(lacking: Sequence[str]) -> str:
    empty = [c for c in lacking if c in MAY_BE_EMPTY]
    return f" ({' and '.join(f'{c}=' for c in empty)} where there is none)" if empty else ""


def _ask_optional(cells: Cells) -> None:
    """Ask for what a row can do without, and without which it ranks no remedy."""
    import typer

    about = QUANTITIES.get(cells.get("quantity", ""))
    for column, question in OPTIONAL.items():
        if column not in cells and about is not None and about.better:
            cells[column] = typer.prompt(f"{question} (enter: none)", default="")


def _asked(cells: Cells, others: Sequence[Record]) -> Record:
    """The record, asking for what is missing and again for what is wrong."""
    import typer

    wrong: list[tuple[str, str]] = []
    for _ in range(TRIES):
        while lacking := missing(cells):
            _ask(cells, lacking[0])
        if "id" not in cells:
            cells["id"] = typer.prompt("id", default=propose_id(cells, others))
        if "where" not in cells:
            cells["where"] = typer.prompt("where in the source (Table 1, abstract)", default="")
        _ask_optional(cells)
        wrong = _wrong(cells, others)
        if not wrong:
            return _parsed(cells)
        for column, message in wrong:
            typer.echo(f"  {column}: {message}")
        for column in dict.fromkeys(c for c, _ in wrong):
            cells.pop(column, None)
            if column not in missing(cells) and column != "id":
                _ask(cells, column)
    raise DataError(f"not added: {'; '.join(f'{c}: {m}' for c, m in wrong)}")


def _ask(cells: Cells, column: str) -> None:
    import typer

    empty = {"default": "", "show_default": False} if column in MAY_BE_EMPTY else {}
    cells[column] = str(typer.prompt(_QUESTION.get(column, column), **empty)).strip()
    try:
        _mend_words(cells)
    except DataError as error:
        typer.echo(f"  {error}")
        cells.pop(column)


def _mend_words(cells: Cells) -> None:
    """Words written a little otherwise (`interfacial resistance`) as the file has them."""
    for column, known in (("quantity", QUANTITIES), ("known", KNOWN), ("method", METHODS)):
        if cells.get(column):
            cells[column] = one_of(column, cells[column], known)


# --- what is wrong --------------------------------------------------------------------------------


def _wrong(cells: Cells, others: Sequence[Record]) -> list[tuple[str, str]]:
    """Column and message of everything that forbids the row; a missing id is filled in."""
    cells.setdefault("id", propose_id(cells, others))
    found = [(p.column, p.message) for p in parse(cells)[1]]
    for column, cls in (("electrolyte", Electrolyte), ("anode", Anode)):
        if cells.get(column):
            try:
                check_material(cells[column], cls)
            except DataError as error:
                found.append((column, str(error)))
    if not re.fullmatch(r"[a-z0-9_]{1,80}", cells["id"]):
        found.append(("id", f"'{cells['id'][:40]}': small letters, digits and _ only"))
    if any(r.id == cells["id"] for r in others):
        found.append(("id", f"'{cells['id']}' is taken"))
    key = cells.get("source", "")
    if key and key not in references.all_references() and not key.startswith(("doi:", "own:")):
        found.append(("source", f"'{key[:40]}' is no citation key here: write doi:... or own:..."))
    record = parse(cells)[0]
    twin = next((r for r in others if record and repeats(record, r)), None)
    if twin is not None:
        found.append(("value", f"{twin.source.key} already gives {value(twin)} of this quantity: "
                      f"see {twin.id}"))  # fmt: skip
    return found


def repeats(new: Record, old: Record) -> bool:
    """Whether source, quantity and value stand there already, and nothing tells the rows apart.

    Only what both rows say can tell them apart: another material, layer, cycle, current or
    temperature.
    """
    if (new.source.key, new.quantity) != (old.source.key, old.quantity):
        return False
    if not math.isclose(new.value.si, old.value.si, rel_tol=1e-6):
        return False
    apart = [
        bool(new.electrolyte and old.electrolyte)
        and not same_material(new.electrolyte, old.electrolyte, Electrolyte),
        bool(new.anode and old.anode) and not same_material(new.anode, old.anode, Anode),
        bool(new.layers and old.layers) and new.layers != old.layers,
        bool(new.current and old.current) and new.current != old.current,
        bool(new.temperature and old.temperature) and new.temperature != old.temperature,
        new.cycle is not None and old.cycle is not None and new.cycle != old.cycle,
    ]
    return not any(apart)


def propose_id(cells: Cells, others: Iterable[Record]) -> str:
    """A free id: electrolyte, layer or treatment, quantity, source."""
    quantity = "".join(word[:3] for word in cells.get("quantity", "").split("_"))
    layer = cells.get("layers", "").split(":")[0].split(";")[0]
    parts = (cells.get("electrolyte", ""), layer or cells.get("strategy", ""), quantity,
             cells.get("source", ""))  # fmt: skip
    base = "_".join(s for p in parts if (s := _slug(p))) or "record"
    taken = {r.id for r in others}
    number = 1
    while (name := base if number == 1 else f"{base}_{number}") in taken:
        number += 1
    return name


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", text.casefold()).strip("_")[:30]


def _parsed(cells: Cells) -> Record:
    record, problems = parse(cells)
    if record is None:
        raise DataError("; ".join(f"{p.column}: {p.message}" for p in problems))
    return record


# --- the file -------------------------------------------------------------------------------------


def _append(path: Path, cells: Cells) -> None:
    """The file with one row more, written whole."""
    if not path.exists():
        write_whole(path, _line(COLUMNS) + _line([cells.get(c, "") for c in COLUMNS]))
        return
    with path.open(encoding="utf-8", newline="") as file:
        text = file.read()
    header = next(csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline="")))
    lacking = [c for c, cell in cells.items() if cell and c not in header]
    if lacking:
        raise DataError(f"{path}: its first line lacks the column {', '.join(lacking)}")
    end = "\r\n" if "\r\n" in text else "\n"
    gap = "" if text.endswith("\n") else end
    row = _line([cells.get(c, "") for c in header]).removesuffix("\n") + end
    write_whole(path, text + gap + row)


def _line(cells: Iterable[str]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow(cells)
    return text.getvalue()


# --- what was understood --------------------------------------------------------------------------


def _show(record: Record, path: Path, count: int) -> None:
    page = Page()
    page.line("Understood as", "dim")
    one(record)
    page.line()
    key = record.source.key
    if key not in references.all_references() and not key.startswith(("doi:", "own:")):
        page.line(f"note: no bibliography entry for {key}", "dim")
    if record.strategy and record.strategy not in {s.name for s in strategies()}:
        page.line(f"note: no strategy is called {record.strategy}: it will rank no remedy", "dim")
    page.line(f"added to {path} ({count} row{'' if count == 1 else 's'}); use it with "
              f"`anolyte evidence --file {path}`", "green")  # fmt: skip
