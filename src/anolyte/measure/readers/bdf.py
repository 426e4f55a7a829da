"""The Battery Data Format: traces read and written, `Test Time / s, Voltage / V, Current / A, ...`.

The format is that of the Battery Data Alliance (https://github.com/battery-data-alliance/
battery-data-format, Apache-2.0; terms of its ontology 1.3.0): the first row has preferred labels
or machine-readable names, units are fixed. A positive current charges the cell. Columns of
impedance are not read: the format does not yet say how spectra are laid out.
"""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from anolyte.core.errors import DataError, MissingExtra
from anolyte.measure.readers.base import Raw
from anolyte.measure.readers.cells import grid, recording, table, traced
from anolyte.measure.readers.heads import cut
from anolyte.measure.records import Array, Recording, Trace

ZIPPED = b"\x1f\x8b"
PARQUET = b"PAR1"
CELSIUS = 273.15
HOUR = 3600.0


@dataclass(frozen=True)
class Term:
    """One column of the format.

    Args:
        label: Preferred label.
        name: Machine-readable name.
        header: What the engine of columns calls it.
    """

    label: str
    name: str
    header: str


NEEDED = (
    Term("Test Time / s", "test_time_second", "time [s]"),
    Term("Voltage / V", "voltage_volt", "voltage [V]"),
    Term("Current / A", "current_ampere", "current [A]"),
)
CYCLE = Term("Cycle Count / 1", "cycle_count", "cycle")
STEPS = (
    Term("Step Count / 1", "step_count", "step"),
    Term("Step ID", "step_id", "step"),
    Term("Step Index / 1", "step_index", "step"),
)
CLOCK = Term("Unix Time / s", "unix_time_second", "unixtime [s]")
TEMPERATURES = (
    Term("Surface Temperature / degC", "surface_temperature_celsius", "temperature [degC]"),
    Term("Temperature T1 / degC", "temperature_t1_celsius", "temperature [degC]"),
    Term("Ambient Temperature / degC", "ambient_temperature_celsius", "temperature [degC]"),
    Term("Temperature / degC", "temperature_celsius", "temperature [degC]"),  # of older files
)
PRESSURES = (
    Term("Applied Pressure / Pa", "applied_pressure_pa", "pressure [Pa]"),
    Term("Surface Pressure / Pa", "surface_pressure_pa", "pressure [Pa]"),
)
CHARGES = (
    Term("Step Net Capacity / Ah", "step_net_capacity_ah", "net capacity [Ah]"),
    Term("Cycle Net Capacity / Ah", "cycle_net_capacity_ah", "net capacity [Ah]"),
    Term("Net Capacity / Ah", "net_capacity_ah", "net capacity [Ah]"),
)
OLDER = (Term("Step Capacity / Ah", "step_capacity_ah", "capacity [Ah]"),)
"""Charges of earlier versions of the format that published files still have."""
PAIRS = (
    Term("Charging Capacity / Ah", "charging_capacity_ah", "charge capacity [Ah]"),
    Term("Discharging Capacity / Ah", "discharging_capacity_ah", "discharge capacity [Ah]"),
)


@dataclass(frozen=True)
class BatteryDataFormat:
    """Reader of `.bdf`, `.bdf.csv`, `.bdf.gz` and `.bdf.parquet` (with pyarrow)."""

    name: str = "Battery Data Format"

    def knows(self, raw: Raw) -> bool:
        """By the three required columns."""
        if raw.data.startswith(PARQUET):
            end = int.from_bytes(raw.data[-8:-4], "little") + 8  # the names stand at the end
            names = raw.data[-end:].lower()
            return all({t.label.lower().encode() in names, t.name.encode() in names} != {False}
                       for t in NEEDED)  # fmt: skip
        if raw.data.startswith(ZIPPED):
            first = _unzipped(raw.data, 65_536)
            return first is not None and _needed(Raw(raw.path, first))
        return not raw.binary and _needed(raw)

    def read(self, raw: Raw) -> Recording:
        """One trace."""
        if raw.data.startswith(PARQUET):
            raw = _parquet(raw)
        elif raw.data.startswith(ZIPPED):
            data = _unzipped(raw.data, raw.room + 1)
            if data is None:
                raise raw.wrong("a damaged gzip file; copy it again from the instrument")
            if len(data) > raw.room:
                raise raw.wrong("too large when unpacked; unpack it and export a part of it")
            raw = replace(raw, data=data)
        names = cut(raw.lines[0], ",")
        found = grid(raw, 0, ",", names)
        made, flags = traced(table(found, headers(names)))
        return recording(raw, self.name, made, found.complete, flags)


def _needed(raw: Raw) -> bool:
    names = {
        n.casefold() for n in cut(raw.text[:65_536].replace("\r", "\n").split("\n", 1)[0], ",")
    }
    return all({t.label.casefold(), t.name} & names for t in NEEDED)


def _unzipped(data: bytes, most: int) -> bytes | None:
    """The first bytes of a gzip file; None where it is damaged from the start."""
    found, left = [], most
    with suppress(OSError, EOFError, zlib.error), gzip.open(io.BytesIO(data)) as stream:
        while left > 0 and (part := stream.read(min(left, 1 << 20))):
            found.append(part)
            left -= len(part)
    return b"".join(found) or None


def headers(names: list[str]) -> list[str]:
    """What each column is called in the engine; of columns for the same quantity the first term.

    >>> headers(["Test Time / s", "voltage_volt", "Current / A", "Step ID", "Step Count / 1"])
    ['time [s]', 'voltage [V]', 'current [A]', '', 'step']
    """
    found = {n.casefold(): k for k, n in reversed(list(enumerate(names)))}
    made = [""] * len(names)
    groups: list[tuple[Term, ...]] = [*((t,) for t in NEEDED), (CYCLE,), STEPS, (CLOCK,),
                                      TEMPERATURES, PRESSURES, CHARGES]  # fmt: skip
    for group in groups:
        for term in group:
            place = found.get(term.label.casefold(), found.get(term.name))
            if place is not None:
                made[place] = term.header
                break
    if not any(t.header in made for t in CHARGES):
        pair = [found.get(t.label.casefold(), found.get(t.name)) for t in PAIRS]
        older = PAIRS if None not in pair else (*PAIRS, *OLDER)
        for term in older:
            place = found.get(term.label.casefold(), found.get(term.name))
            if place is not None:
                made[place] = term.header
    return made


def _parquet(raw: Raw) -> Raw:
    """The table of a parquet file as CSV."""
    try:
        from pyarrow import csv as arrow_csv
        from pyarrow import parquet
    except ImportError as error:
        raise MissingExtra(
            f"{raw.path}: a parquet file needs pyarrow: pip install pyarrow, or save it as CSV"
        ) from error
    try:
        told = parquet.read_metadata(io.BytesIO(raw.data))
        if 8 * told.num_rows * told.num_columns > raw.room:  # bytes of a number
            raise raw.wrong("more numbers than a file of its size holds; copy it again")
        read = parquet.read_table(io.BytesIO(raw.data))
        kept = [n for n in read.column_names if "," not in n and "\n" not in n]
        out = io.BytesIO()
        options: Any = arrow_csv.WriteOptions(quoting_style="none")
        plain = [n for n in kept if not str(read.schema.field(n).type).endswith("string")]
        arrow_csv.write_csv(read.select(plain), out, options)
    except DataError:
        raise
    except Exception as error:  # pyarrow raises whatever its readers do
        raise raw.wrong(
            f"a damaged parquet file ({type(error).__name__}); copy it again from the instrument"
        ) from error
    return Raw(raw.path, out.getvalue().replace(b'"', b""))


def write_bdf(trace: Trace | Recording, path: Path | str) -> None:
    """A trace as a file of the Battery Data Format: CSV, or parquet where the path ends so.

    Numbers are written with all their digits: reading the file gives the same trace to rounding.
    A step is written as `Step Count / 1` where it never falls, else as `Step ID`; the charge as
    that of the step, of the cycle or since the start, whichever it begins anew with. The clock is
    written as the instrument had it, which the format wants to be UTC. Spectra are not written.

    Args:
        trace: What to write, or a recording that has it.
        path: Of the file; one that exists is replaced.

    Raises:
        DataError: A recording without a trace; a path that cannot be written.
        MissingExtra: A parquet file, and pyarrow is not installed.

    >>> import tempfile, anolyte.measure.readers.base as base
    >>> made = Trace(np.arange(3.0), np.array([3.1, 3.2, 3.3]), np.full(3, 1e-3))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_bdf(made, f"{folder}/a.bdf.csv")
    ...     again = BDF[0].read(base.Raw.of(f"{folder}/a.bdf.csv")).trace
    >>> bool(np.all(again.voltage == made.voltage))
    True
    """
    if isinstance(trace, Recording):
        if trace.trace is None:
            raise DataError(
                f"{trace.file}: no trace over time to write; the Battery Data Format has no spectra"
            )
        trace = trace.trace
    columns, where = _columns(trace), Path(path)
    try:
        if where.suffix.lower() == ".parquet":
            _write_parquet(columns, where)
        else:
            with where.open("w", encoding="utf-8", newline="") as stream:
                stream.write(",".join(columns) + "\n")
                series = [v.tolist() for v in columns.values()]
                stream.writelines(
                    ",".join(map(repr, row)) + "\n" for row in zip(*series, strict=True)
                )
    except OSError as error:
        raise DataError(f"{where}: cannot be written ({error.strerror or error})") from None


def _columns(trace: Trace) -> Mapping[str, Array]:
    """Label to numbers in the units of the format."""
    found = {t.label: getattr(trace, n) for t, n in zip(NEEDED, ("time", "voltage", "current"),
                                                       strict=True)}  # fmt: skip
    if trace.clock is not None and len(trace):
        found[CLOCK.label] = trace.clock + (trace.time - trace.time[0])
    if trace.cycle is not None:
        found[CYCLE.label] = trace.cycle
    if trace.step is not None:
        counted = bool(np.all(np.diff(trace.step) >= 0))
        found[STEPS[0 if counted else 1].label] = trace.step
    if trace.temperature is not None:
        found[TEMPERATURES[0].label] = trace.temperature - CELSIUS
    if trace.stack_pressure is not None:
        found[PRESSURES[0].label] = trace.stack_pressure
    if trace.charge is not None:
        found[_charge(trace).label] = trace.charge / HOUR
    return {k: np.asarray(v) for k, v in found.items()}


def _charge(trace: Trace) -> Term:
    """Whether the charge starts anew with the step, with the cycle, or never."""
    size = np.abs(np.asarray(trace.charge))
    for term, counter in zip(CHARGES, (trace.step, trace.cycle), strict=False):
        if counter is None:
            continue
        starts = np.flatnonzero(np.diff(counter)) + 1
        if starts.size and np.all(size[starts] <= 0.5 * size[starts - 1]):
            return term
    return CHARGES[-1]


def _write_parquet(columns: Mapping[str, Array], where: Path) -> None:
    try:
        import pyarrow as arrow
        from pyarrow import parquet
    except ImportError as error:
        raise MissingExtra(
            f"{where}: a parquet file needs pyarrow: pip install pyarrow, or write a .bdf.csv"
        ) from error
    parquet.write_table(arrow.table({k: arrow.array(v) for k, v in columns.items()}), where)


BDF = (BatteryDataFormat(),)
"""The reader of the Battery Data Format."""
