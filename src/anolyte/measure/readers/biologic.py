"""BioLogic EC-Lab and BT-Lab `.mpt`: a header of so many lines, one table with tabs.

`Nb header lines : N` counts the row of column names as the last of the header. Files that were
exported without a header begin with that row. Header areas of 0.001 cm2 are placeholders; they end
in `Claims`, which nothing uses until the user repeats them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

import numpy as np

from anolyte.measure.readers.base import Raw
from anolyte.measure.readers.blocks import Block, block, positive, to_number
from anolyte.measure.readers.columns import Column, Columns, Table, kinds, recognise, records
from anolyte.measure.readers.moments import moment
from anolyte.measure.readers.names import Unit
from anolyte.measure.readers.whole import electrodes
from anolyte.measure.records import Claims, Recording

MAGIC = re.compile(r"^\s*(?:EC|BT)-Lab ASCII FILE", re.IGNORECASE)
COUNT = re.compile(r"^Nb header lines\s*:\s*(\d{1,9})", re.IGNORECASE)
LOOP = re.compile(
    r"^Loop\s+(\d{1,9})\s+from point number\s+(\d{1,9})\s+to\s+(\d{1,9})\b", re.IGNORECASE
)
OWN = ("freq/Hz", "Re(Z)/Ohm", "Ewe/V", "<Ewe>/V", "Ecell/V", "<I>/mA", "I/mA", "control/V",
       "control/mA", "(Q-Qo)/mA.h", "cycle number", "ox/red", "Ns changes")  # fmt: skip
"""Names of columns that only EC-Lab writes; two of them tell a file without a header."""
LONGEST = 2000
"""Lines of a header; real ones have 40 to 200."""
AREAS = {"cm": 1e-4, "mm": 1e-6, "m": 1.0, "um": 1e-12, "µm": 1e-12}
MASSES = {"kg": 1.0, "g": 1e-3, "mg": 1e-6, "ug": 1e-9, "µg": 1e-9}


@dataclass(frozen=True)
class BioLogic:
    """Reader of `.mpt` files of EC-Lab and BT-Lab, with a header or without."""

    name: str = "BioLogic .mpt"

    def knows(self, raw: Raw) -> bool:
        """By its first line: the title of the header, or names that only EC-Lab writes."""
        if MAGIC.match(raw.head):
            return True
        first = raw.head.replace("\r", "\n").split("\n", 1)[0]
        cells = [c.strip().strip('"') for c in first.split("\t")]
        return sum(c in OWN for c in cells) >= 2

    def read(self, raw: Raw) -> Recording:
        """Spectra where the table has frequencies, else what was written over time."""
        at = _names(raw)
        header, cells = raw.beginning[:at], raw.beginning[at].split("\t")
        if cells and not cells[-1].strip():
            cells = cells[:-1]  # each line ends with a tab
        facts = _facts(header)
        clock = _clock(facts)
        columns = recognise(cells)
        rest = "current" not in columns and "frequency" not in columns
        if not kinds(columns, rest):
            raise raw.wrong(f"not the columns of a measurement: {', '.join(cells)[:150]}", at + 1)
        wanted = [c.place for c in columns.values()]
        found = block(raw, at + 2, None, len(cells), "\t", {raw.beginning[at]}, wanted)
        columns, numbers = _loops(header, columns, found)

        def texts(place: int) -> list[str]:
            rows = (raw.lines[k - 1].split("\t") for k in numbers.lines)
            return [r[place] if place < len(r) else "" for r in rows]

        table = Table(raw.path, columns, numbers, texts, clock, rest=rest, month_first=True)
        made = records(table)
        flags = (*made.flags, *electrodes(cells, columns))
        if rest:
            flags = (*flags, "no current in the file: an open circuit")
        return Recording(
            raw.path, self.name, made.spectra, made.trace, made.cycles, _claims(facts),
            {k: v for k, v in facts.items() if k in SHOWN and v}, clock, found.complete, flags,
        )  # fmt: skip


def _names(raw: Raw) -> int:
    """Index of the line of column names."""
    for line in raw.beginning[:10]:
        if (told := COUNT.match(line)) is not None:
            at = int(told[1]) - 1
            if 0 <= at < len(raw.beginning) and kinds(
                recognise(raw.beginning[at].split("\t")), rest=True
            ):
                return at
            break
    for at, line in enumerate(raw.beginning[:LONGEST]):  # the header was edited, or is not there
        if "\t" in line and kinds(recognise(line.split("\t")), rest=True):
            return at
    raise raw.wrong(
        "no row of column names as 'freq/Hz' or 'time/s' with 'Ewe/V'; export again as text from "
        "EC-Lab with those columns"
    )


# --- header -------------------------------------------------------------------------------------

SHOWN = {
    "technique", "Device", "Comments", "Electrode material", "Initial state", "Electrolyte",
    "Electrode connection", "User", "Run on channel", "Acquisition started on", "File",
}  # fmt: skip


def _facts(header: list[str]) -> dict[str, str]:
    """`name : value` lines; the technique is the first line that stands alone."""
    facts: dict[str, str] = {}
    for line in header[:LONGEST]:
        name, mark, value = line.partition(" : ")
        if mark:
            name, value = name.strip(), value.strip()
            old = facts.get(name)
            facts[name] = f"{old}; {value}" if old and name == "Comments" else (old or value)
        elif line.strip() and not MAGIC.match(line) and ":" not in line:
            facts.setdefault("technique", line.strip())
    return facts


def _clock(facts: dict[str, str]) -> float | None:
    """When the technique, or the acquisition, was started."""
    for name in ("Technique started on", "Acquisition started on"):
        if name in facts and (found := moment(facts[name])) is not None:
            return found
    return None


def _claims(facts: dict[str, str]) -> Claims:
    """Area and mass as the header has them."""
    return Claims(
        area=_amount(facts.get("Electrode surface area"), AREAS),
        mass=_amount(facts.get("Mass of active material"), MASSES)
        or _amount(facts.get("Characteristic mass"), MASSES),
    )


def _amount(text: str | None, units: dict[str, float]) -> float | None:
    """SI value of `0.001 cm2`; None where it is none, or zero."""
    if text is None:
        return None
    number, _, unit = text.strip().partition(" ")
    value = to_number(number, comma="," in number)
    found = re.match(r"[a-zµ]+", unit.strip())
    known = units.get(found[0]) if found is not None else None
    return None if known is None else positive(value, known)


def _loops(header: list[str], columns: Columns, found: Block) -> tuple[Columns, Block]:
    """The loops of the header as a column of cycles, where the table has none.

    `Loop k from point number a to b` counts rows from 0.
    """
    told = [m for line in header if (m := LOOP.match(line)) is not None]
    if not told or "cycle" in columns or not len(found.values):
        return columns, found
    loops = np.zeros(len(found.values))
    for m in told:
        number, first, last = (int(g) for g in m.groups())
        loops[first : last + 1] = number
    values = np.column_stack([found.values, loops])
    place = values.shape[1] - 1
    added = Column(place, "cycle", "number", Unit(1.0), "Loop")
    return {**columns, "cycle": added}, replace(found, values=values)
