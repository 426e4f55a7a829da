"""From files and folders to a series of spectra, each with the setup that holds for it.

What a spectrum was taken at is looked for in this order: a table that the user keeps beside the
files (`conditions.csv`), the file itself, the file's name, and what was said of all of them. Where
a number comes from stands with it; one that was read from a file's name is flagged.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from anolyte.core.errors import AnolyteError, DataError
from anolyte.core.units import show, si
from anolyte.measure.readers import read
from anolyte.measure.records import Recording, Spectrum
from anolyte.measure.setup import Setup

TABLE = "conditions.csv"
SKIPPED = (".html", ".json", ".jsonl", ".png", ".yaml", ".yml", ".md", ".db", ".py")
"""Suffixes of what is no measurement; passed over in folders without a word."""

LEAST_DEGREES = 10.0
"""`5C` in a name is as often a rate as a temperature."""
_FIELDS = {
    "temperature": "temperature", "stack_pressure": "pressure", "thickness": "length",
    "area": "area", "pressing_pressure": "pressure", "time": "time",
}  # fmt: skip
_START, _NUMBER, _END = r"(?<![A-Za-z0-9.])", r"(-?\d{1,4}(?:[.,p]\d+)?)[ _]?", r"(?![A-Za-z0-9])"
_IN_NAMES = {
    "temperature": (re.compile(_START + _NUMBER + r"(°?C|degC|K)" + _END), (150.0, 700.0)),
    "stack_pressure": (re.compile(_START + _NUMBER + r"(MPa|kPa|GPa)" + _END), (0.0, 5e9)),
    "thickness": (re.compile(_START + _NUMBER + r"(mm|um|µm)" + _END), (1e-7, 2e-2)),
    "time": (re.compile(_START + _NUMBER + r"(h|min|d)" + _END), (0.0, 1e9)),
}
"""What a file's name may say, its unit needed, and between which values (SI) it is believed."""


@dataclass(frozen=True)
class Measured:
    """One spectrum of a series.

    Args:
        spectrum: As it was read.
        setup: The cell at the time.
        time: s since the first of the series; None: not known.
        label: What tells it from the others.
        from_name: Fields that only the file's name says.
    """

    spectrum: Spectrum
    setup: Setup
    time: float | None = None
    label: str = ""
    from_name: tuple[str, ...] = ()

    def at(self, name: str) -> float | None:
        """The value of what may vary along a series: a field of the setup, or the time."""
        return self.time if name == "time" else getattr(self.setup, name)


@dataclass(frozen=True)
class Series:
    """Spectra of one cell, or of several that differ in one thing.

    Args:
        measured: In the order they were taken.
        flags: What was odd about files and conditions, a sentence each.
        files: How many were read.
    """

    measured: tuple[Measured, ...]
    flags: tuple[str, ...] = ()
    files: int = 1

    def varies(self, name: str, least: int = 3) -> bool:
        """Whether enough different values of a condition are there to fit a law to."""
        values = [m.at(name) for m in self.measured]
        known = [v for v in values if v is not None]
        return len(known) == len(values) and len({round(v, 9) for v in known}) >= least


def gather(
    paths: Iterable[Path], setup: Setup | None = None, *, table: Path | None = None
) -> Series:
    """All spectra of files and folders.

    Args:
        paths: Files of instruments, or folders of them.
        setup: What holds for all.
        table: CSV with a column `file` and columns such as `temperature [C]`,
            `stack_pressure [MPa]`, `thickness [mm]`, `time [h]`; None: `conditions.csv` beside the
            files, where there is one.

    Raises:
        DataError: Nothing to read, a named file that cannot be read, a table that does not fit.
    """
    setup = setup or Setup()
    named, listed = _expand(paths)
    told: list[str] = []
    recordings: list[Recording] = []
    for path in (*named, *listed):
        try:
            recordings.append(read(path))
        except AnolyteError as error:
            if path in named:
                raise
            told.append(f"passed over: {error}")
    holding = [r for r in recordings if r.spectra]
    told += [f"{r.file}: holds no spectrum" for r in recordings if not r.spectra]
    if not holding:
        why = f" ({told[0]})" if told else ""
        raise DataError(f"no impedance spectrum in {_names(named, listed)}{why}")
    known = _table(table, [Path(r.file) for r in holding])
    measured = [m for r in holding for m in _measured(r, setup, known)]
    told += [f for r in holding for f in (*r.flags, *setup.doubts(r.claims))]
    told += [f for m in measured for f in m.spectrum.flags]
    return Series(_timed(measured), _once(told), len(holding))


def _expand(paths: Iterable[Path]) -> tuple[list[Path], list[Path]]:
    """Files that were named, and those found in folders that were."""
    named, listed = [], []
    for path in map(Path, paths):
        if path.is_dir():
            inside = [p for p in path.iterdir() if p.is_file() and not p.name.startswith(".")]
            inside = [p for p in inside if p.suffix.lower() not in SKIPPED and p.name != TABLE]
            listed += sorted(inside, key=natural)
        else:
            named.append(path)
    return named, listed


def _names(named: Sequence[Path], listed: Sequence[Path]) -> str:
    every = [str(p) for p in (*named, *listed)]
    return ", ".join(every[:3]) + (f" and {len(every) - 3} more" if len(every) > 3 else "") or "it"


def natural(path: Path) -> tuple[Any, ...]:
    """A key that sorts names as people do.

    >>> sorted(map(Path, ["c10.z", "c9.z"]), key=natural)[0].name
    'c9.z'
    """
    parts = re.split(r"(\d+)", path.name.lower())
    return tuple((0, int(p), "") if p.isdigit() else (1, 0, p) for p in parts)


def _measured(
    recording: Recording, setup: Setup, known: Mapping[str, Mapping[str, float]]
) -> list[Measured]:
    """The spectra of a file with what holds for each."""
    name = Path(recording.file).name
    row, guessed = known.get(name, {}), from_name(Path(name).stem)
    found = []
    for spectrum in recording.spectra:
        own = {n: getattr(spectrum, n) for n in ("temperature", "stack_pressure")}
        facts = {n: v for n, v in own.items() if v is not None}
        origins = dict.fromkeys(facts, recording.file) | dict.fromkeys(row, TABLE)
        facts |= row
        only = {n: v for n, v in guessed.items() if n not in facts and _silent(setup, n)}
        origins |= dict.fromkeys(only, "the file's name")
        facts |= only
        time = facts.pop("time", None)
        clock = spectrum.clock if spectrum.clock is not None else recording.clock
        if time is None and clock is not None and spectrum.clock is None:
            time = clock + (spectrum.time or 0.0)
        elif time is None:
            time = clock if clock is not None else spectrum.time
        origins = {n: v for n, v in origins.items() if n != "time"}
        own_setup = replace(setup, **facts, origins={**setup.origins, **origins})
        found.append(
            Measured(spectrum, own_setup, time, spectrum.name.replace(recording.file, name),
                     tuple(only))
        )  # fmt: skip
    return found


def _silent(setup: Setup, name: str) -> bool:
    return name == "time" or getattr(setup, name) is None


def from_name(stem: str) -> dict[str, float]:
    """What a file's name says, in SI; only numbers with a unit count.

    >>> from_name("LLZO_pellet3_60C_5MPa")
    {'temperature': 333.15, 'stack_pressure': 5000000.0}
    """
    found = {}
    for name, (pattern, (low, high)) in _IN_NAMES.items():
        hits = pattern.findall(stem.replace("_", " "))
        if len(hits) != 1:
            continue
        number, unit = hits[0]
        if unit.endswith("C") and abs(float(re.sub("[,p]", ".", number))) < LEAST_DEGREES:
            continue
        value = si(f"{number.replace('p', '.').replace(',', '.')} {unit}", _FIELDS[name])
        if low <= value <= high:
            found[name] = value
    return found


def _timed(measured: Sequence[Measured]) -> tuple[Measured, ...]:
    """Times from the first of them, where all are known; else the order they came in."""
    times = [m.time for m in measured]
    if any(t is None for t in times):
        return tuple(replace(m, time=None) for m in measured)
    first = min(t for t in times if t is not None)
    shifted = [replace(m, time=(m.time or 0.0) - first) for m in measured]
    return tuple(sorted(shifted, key=lambda m: m.time or 0.0))


def _table(table: Path | None, files: Sequence[Path]) -> dict[str, dict[str, float]]:
    """File name to conditions, of the user's table."""
    if table is None:
        beside = {f.parent / TABLE for f in files}
        table = next((t for t in sorted(beside) if t.is_file()), None)
    if table is None:
        return {}
    import csv

    try:
        with table.open(newline="", encoding="utf-8-sig") as file:
            rows = list(csv.reader(file))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise DataError(f"{table}: cannot be read as CSV ({error})") from None
    if not rows or "file" not in [c.strip() for c in rows[0]]:
        raise DataError(f"{table}: needs a header with a column 'file', as 'file,temperature [C]'")
    heads = [_head(table, c) for c in rows[0]]
    found: dict[str, dict[str, float]] = {}
    for number, row in enumerate(rows[1:], 2):
        if any(c.strip() for c in row):
            name, facts = _row(table, number, heads, row)
            found[name] = facts
    unknown = sorted(set(found) - {f.name for f in files})
    if unknown and len(unknown) == len(found):
        raise DataError(f"{table}: names none of the files, for example not '{unknown[0]}'")
    return found


def _head(table: Path, cell: str) -> tuple[str, str]:
    """Name and unit of a column."""
    match = re.fullmatch(r"\s*([A-Za-z_ ]+?)\s*(?:[\[(]\s*(.*?)\s*[\])])?\s*", cell)
    name = match.group(1).strip().lower().replace(" ", "_") if match else cell.strip()
    name = {"pressure": "stack_pressure"}.get(name, name)
    if match is None or (name != "file" and name not in _FIELDS):
        raise DataError(
            f"{table}, line 1: unknown column '{cell.strip()[:40]}'; known: file, "
            + ", ".join(_FIELDS)
        )
    return name, match.group(2) or ""


def _row(
    table: Path, number: int, heads: Sequence[tuple[str, str]], row: Sequence[str]
) -> tuple[str, dict[str, float]]:
    if len(row) != len(heads):
        raise DataError(f"{table}, line {number}: {len(row)} cells under {len(heads)} columns")
    name, facts = "", {}
    for (column, unit), cell in zip(heads, row, strict=True):
        if column == "file":
            name = Path(cell.strip()).name
        elif cell.strip():
            try:
                facts[column] = si(f"{cell.strip()} {unit}", _FIELDS[column])
            except AnolyteError as error:
                raise DataError(f"{table}, line {number}: {error}") from None
    return name, facts


def _once(told: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(told))


def condition_texts(measured: Sequence[Measured]) -> list[str]:
    """What tells each spectrum of a series from the others; its name where nothing does."""
    kinds = {"temperature": "temperature", "stack_pressure": "pressure", "thickness": "length",
             "time": "time"}  # fmt: skip
    varied = [n for n in kinds if len({m.at(n) for m in measured}) > 1]
    texts = [
        ", ".join(show(v, kinds[n]) for n in varied if (v := m.at(n)) is not None) or m.label
        for m in measured
    ]
    several = {t for t in texts if texts.count(t) > 1}
    named = zip(texts, measured, strict=True)
    return [f"{t} ({m.label})" if t in several and m.label != t else t for t, m in named]
