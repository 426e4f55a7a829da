"""ZView / ZPlot `.z` files: a header, the names of nine columns, rows; no unit but Hz, s and ohm.

The row of names (`Freq(Hz) ... Z'(a) Z''(b) ...`) is followed by `End Comments` or not. Sweeps may
follow one another, with or without a header of their own. An area in the header is a claim.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from anolyte.measure.readers.base import Raw
from anolyte.measure.readers.blocks import Block, block, positive, to_number
from anolyte.measure.readers.columns import Table, recognise, records
from anolyte.measure.readers.moments import doubt, moment
from anolyte.measure.records import Claims, Recording

END, NAMES = "End Comments", "Z'(a)"
BEGINS = ("ZPLOT2 ASCII", "ZPLOTW DATA FILE")
OTHER = "Z60W DATA FILE"
"""What Autolab writes with the same columns; it has a reader of its own."""
USUAL = ("Freq(Hz)", "Ampl", "Bias", "Time(Sec)", "Z'(a)", "Z''(b)", "GD", "Err", "Range")
UNITS = {"Freq(Hz)": "Hz", "Time(Sec)": "s", "Z'(a)": "ohm", "Z''(b)": "ohm", "Bias": "V"}


@dataclass(frozen=True)
class ZView:
    """Reader of `.z` files of ZPlot and ZView.

    Columns: Freq(Hz), Ampl, Bias, Time(Sec), Z'(a), Z''(b), GD, Err, Range.
    """

    name: str = "ZView .z"

    def knows(self, raw: Raw) -> bool:
        """By its first line, its row of names, or the end of its header."""
        head = raw.head
        start = head.lstrip(' "').upper()
        if start.startswith(BEGINS):
            return True
        named = NAMES in head and "Ampl" in head
        return not start.startswith(OTHER) and (named or (END in head and "ZPLOT" in start))

    def read(self, raw: Raw) -> Recording:
        """All sweeps."""
        starts = [
            k + 1 for k, line in enumerate(raw.lines)
            if END in line or (NAMES in line and END not in "".join(raw.lines[k + 1 : k + 2]))
        ]  # fmt: skip
        if not starts:
            raise raw.wrong("neither 'End Comments' nor a row of names; was the header cut off?")
        header = raw.lines[: starts[0]]
        clock = _clock(header)
        doubts = doubt(_fact(header, "Date:"))
        names = _names(header)
        columns = {
            q: c for q, c in recognise(names, [UNITS.get(n, "") for n in names]).items()
            if q in ("frequency", "real", "imaginary", "time")
        }  # fmt: skip
        found = _rows(raw, starts, max((c.place for c in columns.values()), default=0) + 1)
        made = records(Table(raw.path, columns, found, clock=clock))
        return Recording(
            raw.path, self.name, made.spectra, claims=_claims(header), header=_shown(header),
            clock=clock, complete=found.complete, flags=(*made.flags, *doubts),
        )  # fmt: skip


def _names(header: list[str]) -> list[str]:
    """As the header has them, else the usual ones."""
    row = next((line for line in reversed(header) if NAMES in line), None)
    cells = [] if row is None else row.replace(",", " ").replace(" (", "(").strip(' "').split()
    return cells if len(cells) >= 6 else list(USUAL)


def _rows(raw: Raw, starts: list[int], width: int) -> Block:
    """The rows after each header, one after the other; a footer of text ends them."""
    parts = []
    for start, after in zip(starts, [*starts[1:], len(raw.lines)], strict=True):
        end = start
        while end < after and _numeric(raw.lines[end]):
            end += 1
        sample = next((line for line in raw.lines[start:end] if line.strip()), "")
        separator = next((s for s in (",", "\t", ";") if sample.count(s) >= 5), None)
        parts.append(block(raw, start + 1, end, width, separator))
    return Block(
        np.concatenate([p.values for p in parts]), np.concatenate([p.lines for p in parts]),
        all(p.complete for p in parts), tuple(f for p in parts for f in p.flags),
    )  # fmt: skip


def _numeric(line: str) -> bool:
    """Whether a line is a row, or empty: a footer begins with a word."""
    start = line.lstrip(' "\t')[:1]
    return not start or not start.isalpha() or line.lstrip()[:3].lower() in ("nan", "inf")


def _fact(header: list[str], *names: str) -> str:
    """The value of `name: value`, or nothing."""
    for line in header:
        for name in names:
            if name in line:
                return line.split(name, 1)[1].lstrip(" :").strip().strip('" ').split("  ")[0]
    return ""


def _clock(header: list[str]) -> float | None:
    date, time = _fact(header, "Date:"), _fact(header, "Time:")
    return moment(f"{date} {time}") if date else None


def _shown(header: list[str]) -> dict[str, str]:
    found = {"technique": _fact(header, "Experiment Type:"), "date": _fact(header, "Date:")}
    return {k: v for k, v in found.items() if v}


def _claims(header: list[str]) -> Claims:
    """The area that ZPlot wrote, cm2."""
    for line in header:
        if "Area" in line:
            area = to_number(line.split(":")[-1].strip(' "'))
            return Claims(area=positive(area, 1e-4))
    return Claims()
