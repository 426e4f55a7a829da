"""From a folder of measured files to what can be learnt from."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from anolyte.core.errors import AnolyteError, DataError
from anolyte.core.units import show
from anolyte.measure.readers import read
from anolyte.measure.records import Recording
from anolyte.measure.setup import PLACEHOLDERS, Setup
from anolyte.measure.traces.ramp import SHORT, CriticalRamp, critical_current
from anolyte.studies.learn.cycled import Cycled, of_trace
from anolyte.studies.learn.observations import NEEDS, Data, Observation, Ramp, Resistances
from anolyte.studies.spectra import SpectraStudy
from anolyte.studies.spectra.gather import SKIPPED, gather
from anolyte.studies.spectra.result import SpectraResult, SpectrumStudy
from anolyte.studies.spectra.trends import VOLUME

if TYPE_CHECKING:
    from anolyte.studies.cell import Cell

SCATTER = 0.03
"""Relative error of a resistance beside that of its fit: temperature, area, neighbours' arcs."""
ELSEWHERE = 0.02
"""Relative difference of an area or a thickness from which a file is of another cell."""
CONDITIONS = "conditions.csv"
INTERFACE, BULK = "interface resistance", "resistance of the electrolyte"


@dataclass(frozen=True)
class Reading:
    """How a folder is read.

    Args:
        setup: The cell that was measured, of its cell.yaml.
        cell: The same as a cell.
        circuit: Of all spectra; None: chosen by the data.
        scatter: Relative error of resistances beside that of the fits.
        age: Of the cell at its first spectrum, s; None: not known.
        ramp_error: By how much critical currents of cells that are meant to be alike differ.
    """

    setup: Setup
    cell: Cell
    circuit: str | None = None
    scatter: float = SCATTER
    age: float | None = None
    ramp_error: float = 0.3

    def __call__(self, folder: Path) -> Data:
        """What the files of a folder (or one file) say.

        Raises:
            DataError: Nothing to learn from, or a file that is of another cell; one line.
            MissingProperty: The area of the electrodes is not given.
        """
        self.setup.need("area")
        files, told = _files(folder), []
        recordings: list[Recording] = []
        for path in files:
            try:
                recordings.append(read(path))
            except AnolyteError as error:
                told.append(f"passed over: {error}")
        for recording in recordings:
            self._refuse_another(recording)
        seen: list[Observation] = []
        spectra = [Path(r.file) for r in recordings if r.spectra]
        if spectra:
            found, remarks = self._spectra(spectra)
            seen += found
            told += remarks
        for recording in recordings:
            if recording.trace is not None and not recording.spectra:
                try:
                    carried = self._carried(recording)
                except DataError as error:
                    told.append(f"passed over: {error}")
                    continue
                age = _since(recording, recordings)
                seen.append(replace(carried, age=age or 0.0))
                if age is None:
                    told.append(
                        f"{carried.name}: when it began is not known; taken as of a new cell"
                    )
        if not seen:
            why = f" ({told[0]})" if told else ""
            raise DataError(f"{folder}: nothing to learn from{why}; {NEEDS}")
        return Data(tuple(seen), tuple(dict.fromkeys(told)), len(recordings), str(folder))

    def _refuse_another(self, recording: Recording) -> None:
        """A file whose head names another area, thickness or chemistry is no file of this cell."""
        for name, kind in (("area", "area"), ("thickness", "length")):
            own, theirs = getattr(self.setup, name), getattr(recording.claims, name)
            if own is None or theirs is None or _placeholder(name, theirs):
                continue
            if abs(theirs / own - 1.0) > ELSEWHERE:
                raise DataError(
                    f"{recording.file}: its head says {name} {show(theirs, kind)}, the cell has "
                    f"{show(own, kind)}; take it out of the folder, or correct cell.yaml"
                )
        for text in recording.header.values():
            if other := _other_electrolyte(text, self.cell):
                raise DataError(
                    f"{recording.file}: its head speaks of {other}, the cell is "
                    f"{self.cell.interface}; take it out of the folder, or correct cell.yaml"
                )

    def _spectra(self, files: Sequence[Path]) -> tuple[list[Observation], list[str]]:
        series = gather(files, self.setup)
        found = SpectraStudy(self.circuit)(series, lib=self.cell.lib)
        return resistances(found, self.cell, scatter=self.scatter, age=self.age)

    def _carried(self, recording: Recording) -> Ramp | Cycled:
        """A ramp, or else half cycles of one current."""
        assert recording.trace is not None
        try:
            found = critical_current(recording.trace, self.setup)
        except DataError:  # no ramp
            found = None
        if found is not None and len(found.levels) > 1:
            return of_ramp(found, self.cell, error=self.ramp_error)
        name = f"cycling {Path(recording.file).name}" if recording.file else "cycling"
        return of_trace(recording.trace, self.setup, self.cell, name)


def _files(folder: Path) -> list[Path]:
    """Files that may hold a measurement.

    Raises:
        DataError: No such folder, or nothing in it.
    """
    if folder.is_file():
        return [folder]
    if not folder.is_dir():
        raise DataError(f"{folder}: no such folder; name the one with the instrument's files")
    found = [
        p for p in sorted(folder.rglob("*"))
        if p.is_file() and p.name != CONDITIONS and not p.name.startswith(".")
        and p.suffix.lower() not in SKIPPED
    ]  # fmt: skip
    if not found:
        raise DataError(f"{folder}: is empty; {NEEDS}")
    return found


def _since(recording: Recording, all_of_them: Sequence[Recording]) -> float | None:
    """How old the cell was at the start of a file, s, by the instruments' clocks.

    It counts from the first spectrum; None: spectra or the file have no clock.
    """
    clocks = [r.clock for r in all_of_them if r.spectra]
    known = [c for c in clocks if c is not None]
    if not clocks:
        return 0.0  # nothing was done before that we know of
    if recording.clock is None or not known:
        return None
    return max(0.0, recording.clock - min(known))


def _placeholder(name: str, value: float) -> bool:
    return name == "area" and any(abs(value / p - 1.0) < 1e-6 for p in PLACEHOLDERS)


def _other_electrolyte(text: str, cell: Cell) -> str:
    """The name of an electrolyte of the library in a head that is not the cell's; else empty."""
    from anolyte.materials.library import default

    lib = cell.lib or default()
    own = cell.interface.electrolyte
    for word in re.findall(r"[A-Za-z][A-Za-z0-9.()]{3,}", text):
        try:
            found = lib.electrolyte(word)
        except AnolyteError:
            continue
        if not any(c.isdigit() for c in word) and word != found.name:
            continue  # a word of prose that happens to be a formula
        if found.name != own.name and found.composition != own.composition:
            return found.name
    return ""


def resistances(
    found: SpectraResult, cell: Cell, *, scatter: float = SCATTER, age: float | None = None
) -> tuple[list[Observation], list[str]]:
    """Fitted spectra as resistances of both interfaces and of the electrolyte.

    Args:
        found: Of `fit_spectra`.
        cell: Whose conditions hold where spectra do not say.
        scatter: Relative error beside that of the fits.
        age: Of the cell at the first spectrum, s; None: not known.
    """
    good = sorted(found.good, key=lambda s: s.time or 0.0)
    told = [*found.skipped, *found.warnings]
    if len(good) < len(found.spectra):
        left = len(found.spectra) - len(good)
        told.append(f"{left} of {len(found.spectra)} spectra are not used: no good fit")
    if shorted := [s for s in good if s.shorted]:
        told.append(
            f"{len(shorted)} of {len(found.spectra)} spectra are not used: they look shorted, as "
            f"{shorted[0].label}"
        )
    if len(good) > 1 and any(s.time is None for s in good):
        told.append("times of the spectra are not known; they are taken as of one moment")
    first = min((s.time or 0.0 for s in found.spectra), default=0.0)  # used or not
    seen: list[Observation] = []
    for name, bulk in ((INTERFACE, False), (BULK, True)):
        rows = [(s, *v) for s in good if (v := _area_resistance(s, bulk=bulk)) is not None]
        if rows:
            seen.append(_series(name, rows, cell, bulk=bulk, scatter=scatter, age=age, first=first))
        else:
            told.append(f"{name}: no arc of the spectra is one")
    return seen, told


def _series(
    name: str, rows: Sequence[tuple[SpectrumStudy, float, float]], cell: Cell, *, bulk: bool,
    scatter: float, age: float | None, first: float,
) -> Resistances:  # fmt: skip
    c = cell.conditions
    return Resistances(
        name,
        tuple(value for _, value, _ in rows),
        tuple(float(np.hypot(error, scatter)) for _, _, error in rows),
        tuple((s.time or 0.0) - first for s, _, _ in rows),
        tuple(_near(s.setup.stack_pressure, c.stack_pressure, 0.02) for s, _, _ in rows),
        tuple(_near(s.setup.temperature, c.temperature, 0.003) for s, _, _ in rows),
        bulk=bulk, age=age,
    )  # fmt: skip


def _near(value: float | None, usual: float, share: float) -> float:
    """A reading; the cell's own value where there is none, or it scatters about it."""
    return usual if value is None or abs(value / usual - 1.0) < share else value


def _area_resistance(study: SpectrumStudy, *, bulk: bool) -> tuple[float, float] | None:
    """Area resistance of the electrolyte or of both interfaces, ohm m2, and its relative error."""
    if study.processes is None or study.shorted:
        return None
    errors = {a.name: a.resistance_error or 0.0 for a in study.arcs}
    chosen = [
        p for p in study.processes.processes
        if p.resistance > 0.0 and p.best != "diffusion" and (p.best in VOLUME) == bulk
    ]  # fmt: skip
    total = sum(p.resistance for p in chosen)
    if not total > 0.0:
        return None
    error = float(np.sqrt(sum((p.resistance * errors.get(p.name, 0.0)) ** 2 for p in chosen)))
    return total * study.setup.need("area"), error / total


def of_ramp(found: CriticalRamp, cell: Cell, *, error: float = 0.3) -> Ramp:
    """A measured ramp as an observation.

    Raises:
        DataError: The ramp has no area.
    """
    if found.area is None:
        raise DataError(f"{found.file}: a ramp without the electrodes' area; give it in cell.yaml")
    c, area = cell.conditions, found.area
    levels = tuple(level.current / area for level in found.levels)
    survived = sum(found.survived is not None and level.current <= found.survived * 1.001
                   for level in found.levels)  # fmt: skip
    failed = found.failed is not None and found.ending == SHORT
    if not failed and found.failed is not None:  # cut short: the levels before say "at least"
        levels = levels[: max(survived, 2)]
    usual = found.levels[0]
    return Ramp(
        f"ramp {Path(found.file).name}" if found.file else "ramp", levels, survived=survived,
        failed=failed and survived < len(levels), half_cycle=found.step_time,
        half_cycles=usual.half_cycles, error=error,
        pressure=found.stack_pressure or c.stack_pressure,
        temperature=found.temperature or c.temperature,
    )  # fmt: skip


def read_data(folder: Path | str, cell: Cell, setup: Setup, **options: object) -> Data:
    """What the files of a folder say of a cell; options of `Reading`."""
    return Reading(setup, cell, **options)(Path(folder))  # type: ignore[arg-type]
