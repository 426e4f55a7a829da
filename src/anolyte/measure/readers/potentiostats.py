"""Text files of potentiostats: VersaStudio, CH Instruments, Autolab, Parstat, PowerSuite, PalmSens.

(BioLogic, Gamry and ZView have files of their own.) Layouts were taken from the sample files of
impedance.py (MIT) and, for PalmSens, of PSData-in-python (MIT). Currents keep the sign of the
file.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from anolyte.measure.readers.base import Raw
from anolyte.measure.readers.blocks import Block, block, positive, to_number
from anolyte.measure.readers.cells import (
    Grid,
    found_header,
    grid,
    has_header,
    table,
    when,
    with_column,
)
from anolyte.measure.readers.columns import Table, kinds, recognise, records
from anolyte.measure.readers.heads import keys
from anolyte.measure.readers.moments import doubt
from anolyte.measure.readers.palmsens import PALMSENS
from anolyte.measure.records import Claims, Recording


def _recording(
    raw: Raw, name: str, made: Table, claims: Claims | None = None,
    header: Mapping[str, str] | None = None, extra: Sequence[str] = (),
) -> Recording:  # fmt: skip
    """All that one table holds."""
    found = records(made)
    clock = made.clock
    if clock is None and found.trace is not None:
        clock = found.trace.clock
    return Recording(
        raw.path, name, found.spectra, found.trace, claims=claims or Claims(),
        header=header or {}, clock=clock,
        complete=made.block.complete, flags=(*found.flags, *extra),
    )  # fmt: skip


# --- VersaStudio --------------------------------------------------------------------------------

VERSA_NAMES = {
    "E(V)": "voltage [V]", "I(A)": "current [A]", "Elapsed Time(s)": "time [s]",
    "Frequency(Hz)": "frequency [Hz]", "Z Real": "Re(Z) [ohm]", "Z Imag": "Im(Z) [ohm]",
    "Segment #": "step",
}  # fmt: skip


@dataclass(frozen=True)
class VersaStudio:
    """Reader of VersaStudio's .par: blocks `<Segment1>` with a line `Definition=` of names."""

    name: str = "VersaStudio .par"

    def knows(self, raw: Raw) -> bool:
        """By its first block."""
        return not raw.binary and "<Application>" in raw.head and "Name=VersaStudio" in raw.head

    def read(self, raw: Raw) -> Recording:
        """The spectra of all segments, and what was written without a frequency as a trace."""
        facts, blocks = _versa_parts(raw)
        clock = when(f"{facts.get('DateAcquired', '')} {facts.get('TimeAcquired', '')}")
        header = {k: facts[k] for k in ("Type", "Comment") if facts.get(k)}
        claims = Claims(
            area=_typed(facts.get("Working Electrode Area (cm2)"), 1e-4),
            mass=_typed(facts.get("Mass (g)"), 1e-3),
        )
        whole = _versa_table(raw, blocks, clock)
        return _recording(
            raw, self.name, whole, claims, header, doubt(facts.get("DateAcquired", ""))
        )


def _versa_parts(raw: Raw) -> tuple[dict[str, str], list[tuple[list[str], int, int]]]:
    """Facts of the blocks, and of each segment its names, first and last line."""
    facts: dict[str, str] = {}
    blocks: list[tuple[list[str], int, int]] = []
    names: list[str] | None = None
    for number, line in enumerate(raw.lines, 1):
        if names is not None and (line.startswith("</Segment") or line.startswith("<")):
            blocks[-1] = (names, blocks[-1][1], number - 1)
            names = None
        elif line.startswith("Definition="):
            names = [n.strip() for n in line.split("=", 1)[1].split(",")]
            blocks.append((names, number + 1, len(raw.lines)))
        elif names is None and "=" in line:
            key, _, value = line.partition("=")
            facts.setdefault(key.strip(), value.strip())
    if not blocks:
        raise raw.wrong("no segment with data; was the measurement run?")
    return facts, blocks


def _versa_table(raw: Raw, blocks: list[tuple[list[str], int, int]], clock: float | None) -> Table:
    """All segments in one table; their names are the same."""
    names = blocks[0][0]
    columns = recognise([VERSA_NAMES.get(n, "") for n in names])
    wanted = [c.place for c in columns.values()]
    width = max(wanted, default=0) + 1
    found: list[Block] = []
    for own, first, last in blocks:
        if own[:width] != names[:width]:
            raise raw.wrong("this segment has other columns than the first", first - 1)
        found.append(block(raw, first, last, width, ",", wanted=wanted))
    joined = Block(
        np.concatenate([b.values for b in found]), np.concatenate([b.lines for b in found]),
        found[-1].complete, tuple(f for b in found for f in b.flags),
    )  # fmt: skip
    return Table(raw.path, columns, joined, clock=clock)


def _typed(text: str | None, factor: float) -> float | None:
    """A number that somebody typed, in SI; None: none, not positive, or infinite."""
    return positive(to_number((text or "").replace(",", ".")), factor)


# --- CH Instruments -----------------------------------------------------------------------------

CHI_FACT = re.compile(r"^([A-Za-z][^=]{1,40}?)\s*=\s*([-+0-9.eE]+)\s*$")
SIGN_UNKNOWN = (
    "the file does not say whether oxidation or reduction was written as a positive current; "
    "compare with the instrument's setting"
)


@dataclass(frozen=True)
class ChInstruments:
    """Reader of text of CH Instruments: a date, the technique, facts, then `Freq/Hz, Z'/ohm, ...`.

    Sweeps of potential have no time; it follows from the scan rate. A potential that was held
    stands in the header alone.
    """

    name: str = "CH Instruments"

    def knows(self, raw: Raw) -> bool:
        """By the line of its model."""
        return not raw.binary and "Instrument Model:" in raw.head and "Data Source:" in raw.head

    def read(self, raw: Raw) -> Recording:
        """One spectrum, or one trace."""
        facts = {m[1]: m[2] for line in raw.lines[:80] if (m := CHI_FACT.match(line.strip()))}
        lines = [line.strip() for line in raw.lines[:3]]
        clock = when(lines[0]) if lines else None
        header = {"technique": lines[1]} if len(lines) > 1 and lines[1] else {}
        found, names = self._grid(raw)
        made = table(found, names, clock=clock)
        extra = [*doubt(lines[0])] if lines else []
        if "trace" not in kinds(made.columns) and "spectra" not in kinds(made.columns):
            made, told = _completed(raw, made, facts, header.get("technique", ""))
            extra += told
        if "frequency" not in made.columns and not made.rest:
            extra.append(SIGN_UNKNOWN)
        return _recording(raw, self.name, made, header=header, extra=extra)

    def _grid(self, raw: Raw) -> tuple[Grid, list[str]]:
        for at, line in enumerate(raw.lines[:400]):
            names = [c.strip() for c in line.split(",")]
            if len(names) >= 2 and all("/" in n for n in names[:2]):
                found = grid(raw, at, ",", names)
                numbers = np.array([r.lstrip()[:1] in "+-.0123456789" for r in found.rows], bool)
                return found.chosen(numbers), [_chi_name(n) for n in names]
        raise raw.wrong("no row of names such as Freq/Hz, Z'/ohm; was the measurement exported?")


def _chi_name(name: str) -> str:
    """Names of the first channel; differences of two channels are none of ours."""
    return "" if name.startswith(("Z/", "Phase")) else name.replace('Z"', "Z''")


def _completed(
    raw: Raw, made: Table, facts: Mapping[str, str], technique: str
) -> tuple[Table, list[str]]:
    """A table with what its header says instead of a column: a held potential, or an open circuit.

    Raises:
        DataError: Neither time nor scan rate, or a current that the header does not give with sign.
    """
    if "time" not in made.columns:
        return _swept(raw, made, facts)
    if "voltage" in made.columns and "open circuit" in technique.lower():
        return replace(made, rest=True), ["no current in the file: an open circuit"]
    held = to_number(facts.get("Init E (V)", ""))
    if "current" in made.columns and np.isfinite(held):
        told = f"the voltage is the potential of {held:g} V that was held, not a measured one"
        return with_column(made, "voltage", np.full(len(made.block.values), held)), [told]
    raise raw.wrong("no voltage or no current among its columns; export time, potential, current")


def _swept(raw: Raw, made: Table, facts: Mapping[str, str]) -> tuple[Table, list[str]]:
    """A sweep of potential with the time of its scan rate."""
    voltage = made.get("voltage")
    rate = _typed(facts.get("Scan Rate (V/s)"), 1.0)
    if voltage is None or "current" not in made.columns or rate is None:
        raise raw.wrong("no time and no scan rate; export time, potential and current")
    time = np.append(0.0, np.cumsum(np.abs(np.diff(voltage)))) / rate
    return with_column(made, "time", time), [f"the time follows from the scan rate of {rate:g} V/s"]


# --- Autolab ------------------------------------------------------------------------------------

Z60W = '"Z60W Data File'
NOVA = ({"we(1)potential", "potentialapplied"}, {"we(1)current"}, {"time", "correctedtime"})


@dataclass(frozen=True)
class Autolab:
    """Reader of Autolab: FRA's `Z60W Data File`, and NOVA's tables of `WE(1).Potential (V)`."""

    name: str = "Autolab"

    def knows(self, raw: Raw) -> bool:
        """By its first words, or by the names of NOVA."""
        return not raw.binary and (raw.head.startswith(Z60W) or has_header(raw, NOVA, set()))

    def read(self, raw: Raw) -> Recording:
        """One spectrum, or one trace."""
        if raw.head.startswith(Z60W):
            return self._sweep(raw)
        found = found_header(raw, NOVA, set())
        if found is None:
            raise raw.wrong("no row of names with WE(1).Potential (V) and WE(1).Current (A)")
        return _recording(raw, self.name, table(found, _nova(found.names)))

    def _sweep(self, raw: Raw) -> Recording:
        at = next((k for k, n in enumerate(raw.lines[:40]) if "Freq" in n and "Z'(a)" in n), None)
        if at is None:
            raise raw.wrong("no row of names with Freq (Hz), Z'(a), Z''(b)")
        names = ["freq [Hz]", "", "", "", "Z' [ohm]", "Z'' [ohm]"]
        numbers = block(raw, at + 2, len(raw.lines), 6, ",")
        made = Table(raw.path, recognise(names), numbers)
        promised = raw.lines[at - 1].strip()
        extra = []
        if re.fullmatch("[0-9]{1,9}", promised) and int(promised) > len(numbers.values):
            extra.append(f"{promised} points were announced and {len(numbers.values)} are there")
        done = _recording(raw, self.name, made, extra=extra)
        return replace(done, complete=done.complete and not extra)


def _nova(names: Sequence[str]) -> list[str]:
    """NOVA's names; the measured potential, not the applied one, where both are there."""
    own = keys(names)
    both = "we(1)potential" in own
    return ["" if k == "potentialapplied" and both else n for k, n in zip(own, names, strict=True)]


# --- Parstat and PowerSuite ---------------------------------------------------------------------

PARSTAT = ({"potential"}, {"current"}, {"elapsedtime"}, {"frequency"}, {"zre"}, {"zim"})
POWERSUITE = ({"frequency"}, {"zre"}, {"zimg"})


@dataclass(frozen=True)
class Parstat:
    """Reader of Parstat's tables: potential, current, elapsed time, and Z where there is one."""

    name: str = "Parstat"

    def knows(self, raw: Raw) -> bool:
        """By the names of its columns."""
        return not raw.binary and has_header(raw, PARSTAT, set())

    def read(self, raw: Raw) -> Recording:
        """Spectra from rows with a frequency, a trace from those without."""
        found = found_header(raw, PARSTAT, set())
        if found is None:
            raise raw.wrong("no row of names such as Elapsed Time (s), Zre (ohms), Zim (ohms)")
        return _recording(raw, self.name, table(found, found.names))


@dataclass(frozen=True)
class PowerSuite:
    """Reader of PowerSuite's three columns `Frequency, Zre, Zimg`, without units: Hz and ohm."""

    name: str = "PowerSuite"

    def knows(self, raw: Raw) -> bool:
        """By the names of its columns."""
        return not raw.binary and has_header(raw, POWERSUITE, set())

    def read(self, raw: Raw) -> Recording:
        """One spectrum."""
        found = found_header(raw, POWERSUITE, set())
        if found is None:
            raise raw.wrong("no row of names Frequency, Zre, Zimg")
        names = {"frequency": "frequency [Hz]", "zre": "Zre [ohm]", "zimg": "Zim [ohm]"}
        return _recording(
            raw, self.name, table(found, [names.get(k, "") for k in keys(found.names)])
        )


POTENTIOSTATS = (
    VersaStudio(), ChInstruments(), PALMSENS, Autolab(), Parstat(), PowerSuite(),
)  # fmt: skip
"""Readers of potentiostats' text; no file is known by two of them."""
