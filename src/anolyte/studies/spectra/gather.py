"""From files and folders to a series of spectra, each with the setup that holds for it.

What a spectrum was taken at is looked for in this order: a table that the user keeps beside the
files (`conditions.csv`), the file itself, what was said of all of them, and the file's name. Where
a number comes from stands with it; one that was read from a file's name is flagged, and so is a
name that says otherwise.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from anolyte.core.errors import AnolyteError, DataError
from anolyte.core.units import show
from anolyte.measure.readers import read
from anolyte.measure.records import Recording, Spectrum
from anolyte.measure.setup import Setup
from anolyte.studies.spectra.conditions import FIELDS, TABLE, from_names, of_tables

SKIPPED = (".html", ".json", ".jsonl", ".png", ".yaml", ".yml", ".md", ".db", ".py")
"""Suffixes of what is no measurement; passed over in folders without a word."""

SAID, CLOCK = "said", "the instrument's clock"
"""What a time counts from, where it is not the file's own start."""
SAME = {"temperature": 1.0, "stack_pressure": 0.02, "thickness": 0.02, "time": 0.0}
"""What settings differ by that are meant to be one: kelvins, else relative. Thermometers and load
cells scatter, and a law through their scatter means nothing."""
_ORDER = ("temperature", "stack_pressure", "thickness")
"""What spectra are sorted by where their times are not known."""


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
        known = [v for m in self.measured if (v := m.at(name)) is not None]
        return len(known) == len(self.measured) and distinct(name, known) >= least


def distinct(name: str, values: Iterable[float]) -> int:
    """How many settings values are of, where near ones are meant to be one.

    >>> distinct("temperature", [298.1, 298.3, 313.0]), distinct("stack_pressure", [5e6, 5.01e6])
    (2, 1)
    """
    found: list[float] = []
    for value in sorted(values):
        near = SAME[name] if name == "temperature" else SAME[name] * abs(value)
        if not found or value - found[-1] > near:
            found.append(value)
    return len(found)


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
    setup, paths = setup or Setup(), [Path(p) for p in paths]
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
        raise DataError(f"no impedance spectrum in {_names(paths)}{why}")
    known, odd = of_tables(table, [Path(r.file) for r in holding])
    guessed = from_names([Path(r.file) for r in holding])
    found = [
        m for r in holding
        for m in _measured(r, setup, known.get(Path(r.file), {}), guessed[Path(r.file)])
    ]  # fmt: skip
    told += [*odd, *_unheeded(holding, setup, known, guessed)]
    told += [f for r in holding for f in (*r.flags, *setup.doubts(r.claims))]
    told += [f for m, _ in found for f in m.spectrum.flags]
    measured, mixed = _timed(found)
    return Series(measured, _once([*told, *mixed]), len(holding))


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


def _names(paths: Sequence[Path]) -> str:
    every = [str(p) for p in paths]
    return ", ".join(every[:3]) + (f" and {len(every) - 3} more" if len(every) > 3 else "")


def natural(path: Path) -> tuple[Any, ...]:
    """A key that sorts names as people do.

    >>> sorted(map(Path, ["c10.z", "c9.z"]), key=natural)[0].name
    'c9.z'
    """
    parts = re.split(r"(\d+)", path.name.lower())
    return tuple((0, int(p), "") if p.isdigit() else (1, 0, p) for p in parts)


def _measured(
    recording: Recording, setup: Setup, row: Mapping[str, float], guessed: Mapping[str, float]
) -> list[tuple[Measured, str]]:
    """The spectra of a file with what holds for each, and what its time counts from."""
    name, found = Path(recording.file).name, []
    for spectrum in recording.spectra:
        own = {n: getattr(spectrum, n) for n in ("temperature", "stack_pressure")}
        facts = {n: v for n, v in own.items() if v is not None}
        origins = dict.fromkeys(facts, recording.file) | dict.fromkeys(row, TABLE)
        facts |= row
        only = {n: v for n, v in guessed.items() if n not in facts and _silent(setup, n)}
        origins |= dict.fromkeys(only, "the file's name")
        facts |= only
        told = facts.pop("time", None)
        time, since = (told, SAID) if told is not None else _clocked(spectrum, recording)
        origins = {n: v for n, v in origins.items() if n != "time"}
        own_setup = replace(setup, **facts, origins={**setup.origins, **origins})
        label = spectrum.name.replace(recording.file, name)
        found.append((Measured(spectrum, own_setup, time, label, tuple(only)), since))
    return found


def _clocked(spectrum: Spectrum, recording: Recording) -> tuple[float | None, str]:
    """When a spectrum began, and from when that counts: the instrument's clock, or its file."""
    if spectrum.clock is not None:
        return spectrum.clock, CLOCK
    if recording.clock is not None:
        return recording.clock + (spectrum.time or 0.0), CLOCK
    return spectrum.time, recording.file


def _unheeded(
    holding: Sequence[Recording], setup: Setup, known: Mapping[Path, Mapping[str, float]],
    guessed: Mapping[Path, Mapping[str, float]],
) -> list[str]:  # fmt: skip
    """Where files' names say otherwise than what was said of all."""
    told = []
    for name in ("temperature", "stack_pressure", "thickness"):
        given = getattr(setup, name)
        if given is None:
            continue
        others = [
            Path(r.file).name for r in holding
            if name not in known.get(Path(r.file), {})
            and all(getattr(s, name, None) is None for s in r.spectra)
            and abs(guessed[Path(r.file)].get(name, given) / given - 1.0) > 1e-3
        ]  # fmt: skip
        if others:
            more = f" and {len(others) - 1} more" if len(others) > 1 else ""
            text = show(given, FIELDS[name])
            told.append(
                f"{others[0]}{more}: the name says another {name.replace('_', ' ')} than the "
                f"{text} that was given ({setup.origins.get(name, 'for all')}), which is used"
            )
    return told


def _silent(setup: Setup, name: str) -> bool:
    return name == "time" or getattr(setup, name) is None


def _timed(found: Sequence[tuple[Measured, str]]) -> tuple[tuple[Measured, ...], list[str]]:
    """By time from the first of them, where all are known and count alike; else by what varies."""
    times = [m.time for m, _ in found if m.time is not None]
    since = {s for _, s in found}
    if len(times) == len(found) and len(since) == 1:
        shifted = [replace(m, time=(m.time or 0.0) - min(times)) for m, _ in found]
        return tuple(sorted(shifted, key=lambda m: m.time or 0.0)), []
    plain = [replace(m, time=None) for m, _ in found]
    settings = {n: [v for m in plain if (v := m.at(n)) is not None] for n in _ORDER}
    varied = [n for n, known in settings.items() if len(known) == len(plain)]
    told = []
    if SAID in since or not any(distinct(n, settings[n]) > 1 for n in varied):
        mixed = "times are not compared: some were said, others are those of a clock or of one file"
        told = [mixed] if len(times) == len(found) and since & {SAID, CLOCK} else []
    return tuple(sorted(plain, key=lambda m: [m.at(n) or 0.0 for n in varied])), told


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
