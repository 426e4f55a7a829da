"""What instruments wrote: a `Spectrum`, a `Trace` over time, a table of cycles, a `Recording`.

Everything is SI and of the whole cell (ohm, ampere, coulomb); areas and thicknesses belong to the
`Setup`. Records are made by readers or from arrays, checked once at birth, and never changed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from anolyte.core.errors import DataError

Array = NDArray[Any]
FEWEST = 5
"""Points of a spectrum; fewer say nothing of a process."""


@dataclass(frozen=True, eq=False)
class Spectrum:
    """One impedance spectrum of a whole cell.

    Args:
        frequency: Hz, (N,), from high to low.
        impedance: ohm, complex (N,); capacitive processes have negative imaginary parts.
        file: Where it was read.
        number: Which spectrum of its file, from 0.
        lines: Line of each point in its file, (N,); None: not from a file of lines.
        time: At its start since the start of its recording, s.
        clock: At its start, s since 1970-01-01 UTC as the instrument's clock had it.
        temperature, stack_pressure: During it, K and Pa, where the instrument wrote them.
        voltage, current: Operating point, V and A; None: not written.
        cycle: Number of the cycle or loop, as the instrument counts.
        flags: What a reader found odd, each a sentence that names its lines.
    """

    frequency: Array
    impedance: Array
    file: str = ""
    number: int = 0
    lines: Array | None = None
    time: float | None = None
    clock: float | None = None
    temperature: float | None = None
    stack_pressure: float | None = None
    voltage: float | None = None
    current: float | None = None
    cycle: int | None = None
    flags: tuple[str, ...] = ()

    @classmethod
    def of(cls, frequency: Any, impedance: Any, **facts: Any) -> Self:
        """A spectrum from numbers in any order, checked and sorted from high to low frequency.

        Args:
            frequency: Hz, (N,).
            impedance: ohm, complex (N,).
            facts: Other fields.

        Raises:
            DataError: Lengths that differ, too few points, numbers that are not finite,
                frequencies that are not positive or come twice; the line or point is named.

        >>> Spectrum.of([1, 10, 100, 1e3, 1e4], [5 - 1j, 4 - 2j, 3 - 1j, 2, 1]).frequency.max()
        np.float64(10000.0)
        """
        f = np.asarray(frequency, dtype=float)
        z = np.asarray(impedance, dtype=complex)
        where = f"{facts.get('file') or 'spectrum'}"
        if number := facts.get("number"):
            where += f", spectrum {number + 1}"
        if f.ndim != 1 or f.shape != z.shape:
            raise DataError(
                f"{where}: {f.size} frequencies beside {z.size} impedances; one of each a point"
            )
        lines = facts.get("lines")
        place = _places(lines)
        _refuse(~(np.isfinite(f) & np.isfinite(z)), where, place, "a number is missing or infinite")
        _refuse(f <= 0.0, where, place, "the frequency is not positive")
        if f.size < FEWEST:
            raise DataError(f"{where}: {f.size} points are no spectrum; at least {FEWEST} needed")
        order = np.argsort(-f, kind="stable")
        f, z = f[order], z[order]
        if lines is not None:
            facts["lines"] = np.asarray(lines)[order]
            place = _places(facts["lines"])
        _refuse(np.append(np.diff(f) == 0.0, False), where, place, "the frequency comes twice")
        return cls(frequency=f, impedance=z, **facts)

    def __repr__(self) -> str:
        f = self.frequency
        return f"Spectrum({self.name!r}, {f.size} points, {f.max():.3g} to {f.min():.3g} Hz)"

    @property
    def name(self) -> str:
        """File, and which spectrum of it."""
        return f"{self.file} #{self.number + 1}" if self.number else (self.file or "spectrum")

    def place(self, point: int) -> str:
        """Where a point stands, for messages: its line, else its frequency."""
        at = f"{self.frequency[point]:.4g} Hz"
        return at if self.lines is None else f"line {int(self.lines[point])} ({at})"

    def keep(self, chosen: Array) -> Spectrum:
        """The spectrum with only the chosen points.

        Args:
            chosen: Boolean, (N,), or indices.
        """
        from dataclasses import replace

        lines = None if self.lines is None else self.lines[chosen]
        return replace(
            self, frequency=self.frequency[chosen], impedance=self.impedance[chosen], lines=lines
        )

    def to_frame(self) -> Any:
        """A pandas DataFrame: frequency [Hz], real [Ω], imaginary [Ω]."""
        import pandas as pd

        return pd.DataFrame(
            {
                "frequency [Hz]": self.frequency,
                "real [Ω]": np.real(self.impedance),
                "imaginary [Ω]": np.imag(self.impedance),
            }
        )

    @classmethod
    def from_frame(cls, frame: Any, **facts: Any) -> Self:
        """The spectrum of a DataFrame with the columns that `to_frame` writes."""
        columns = ["frequency [Hz]", "real [Ω]", "imaginary [Ω]"]
        if missing := [c for c in columns if c not in frame.columns]:
            raise DataError(f"data frame: no column {missing[0]!r}; columns are {columns}")
        f, re, im = (frame[c].to_numpy(float) for c in columns)
        return cls.of(f, re + 1j * im, **facts)


def _places(lines: Any) -> Callable[[int], str]:
    """How a point is called in messages; nothing is made for points that need none."""
    if lines is None:
        return lambda k: f"point {k + 1}"
    return lambda k: f"line {int(lines[k])}"


def _refuse(bad: Array, where: str, place: Callable[[int], str], what: str) -> None:
    """Refuse bad points, the first few of them named."""
    if not bad.any():
        return
    found = [place(int(k)) for k in np.flatnonzero(bad)]
    more = f" and {len(found) - 3} more" if len(found) > 3 else ""
    raise DataError(
        f"{where}: {', '.join(found[:3])}{more}: {what}; take the point out of the file"
    )


@dataclass(frozen=True, eq=False)
class Trace:
    """What a cycler or potentiostat wrote over time; a voltammogram is one.

    Args:
        time: s, (N,), never falling.
        voltage: V, (N,).
        current: A, (N,); positive oxidises the working electrode, as instruments write it: it
            strips lithium from a plated anode, and charges a cell whose cathode is the working
            electrode.
        cycle, step: Integers as the instrument counts, (N,); None: not written.
        charge: Passed since the start of the step or cycle as the instrument counted it, C, (N,);
            signed as the current: it falls while the current is negative.
        temperature: K, (N,).
        stack_pressure: Pa, (N,).
        file: Where it was read.
        clock: At its start, s since 1970-01-01 UTC as the instrument's clock had it.
        lines: Line of each row in its file, (N,).
        flags: What a reader found odd, each a sentence.
    """

    time: Array
    voltage: Array
    current: Array
    cycle: Array | None = None
    step: Array | None = None
    charge: Array | None = None
    temperature: Array | None = None
    stack_pressure: Array | None = None
    file: str = ""
    clock: float | None = None
    lines: Array | None = None
    flags: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        where = self.file or "trace"
        size = np.size(self.time)
        for name in _SERIES:
            value = getattr(self, name)
            if value is not None and np.shape(value) != (size,):
                raise DataError(f"{where}: {np.size(value)} values of {name} beside {size} times")
        place = _places(self.lines)
        for name in ("time", "voltage", "current"):
            bad = ~np.isfinite(np.asarray(getattr(self, name), dtype=float))
            _refuse(bad, where, place, f"{name} is missing or infinite")
        if size > 1:
            _refuse(np.append(False, np.diff(self.time) < 0.0), where, place, "time runs backwards")

    def __len__(self) -> int:
        return int(np.size(self.time))

    def __repr__(self) -> str:
        span = f", {self.time[0]:.6g} to {self.time[-1]:.6g} s" if len(self) else ""
        return f"Trace({self.file or 'trace'!r}, {len(self)} rows{span})"

    def part(self, chosen: Any) -> Trace:
        """The rows of a slice, a mask or indices (in order of time)."""
        from dataclasses import replace

        values = {n: getattr(self, n) for n in (*_SERIES, "lines")}
        return replace(self, **{n: v[chosen] for n, v in values.items() if v is not None})

    def to_frame(self) -> Any:
        """A pandas DataFrame, one row a time."""
        import pandas as pd

        columns = {label: getattr(self, name) for name, label in _SERIES.items()}
        return pd.DataFrame({k: v for k, v in columns.items() if v is not None})

    @classmethod
    def from_frame(cls, frame: Any, **facts: Any) -> Self:
        """The trace of a DataFrame with the columns that `to_frame` writes."""
        needed = [_SERIES[n] for n in ("time", "voltage", "current")]
        if missing := [c for c in needed if c not in frame.columns]:
            raise DataError(f"data frame: no column {missing[0]!r}; columns are {needed}")
        found = {n: frame[c].to_numpy() for n, c in _SERIES.items() if c in frame.columns}
        return cls(**found, **facts)


_SERIES = {
    "time": "time [s]", "voltage": "voltage [V]", "current": "current [A]", "cycle": "cycle",
    "step": "step", "charge": "charge [C]", "temperature": "temperature [K]",
    "stack_pressure": "stack pressure [Pa]",
}  # fmt: skip


@dataclass(frozen=True, eq=False)
class CycleTable:
    """One row a cycle, as a cycler sums up or a person types.

    Args:
        cycle: Number, (N,), rising.
        charge, discharge: Capacity, C, or C/kg where `specific`, (N,).
        specific: Whether capacities are per mass of active material.
        file: Where it was read.
    """

    cycle: Array
    charge: Array
    discharge: Array
    specific: bool = False
    file: str = ""
    flags: tuple[str, ...] = ()

    def part(self, chosen: Any) -> CycleTable:
        """The cycles of a slice, a mask or indices (in their order)."""
        from dataclasses import replace

        columns = {n: getattr(self, n)[chosen] for n in ("cycle", "charge", "discharge")}
        return replace(self, **columns)


@dataclass(frozen=True)
class Claims:
    """What a file's header says of the cell; nothing of it is used until the user repeats it.

    Args:
        area: m2.
        thickness: m.
        mass: Of active material, kg.
        temperature: K.
    """

    area: float | None = None
    thickness: float | None = None
    mass: float | None = None
    temperature: float | None = None


@dataclass(frozen=True, eq=False)
class Recording:
    """All that one file holds.

    Args:
        file: Its path as it was given.
        format: Name of the reader that knew it.
        spectra: In the order of the file.
        trace: What was written over time beside them; None: nothing.
        cycles: A table of cycles; None: none.
        claims: What the header says of the cell.
        header: Other facts of the header that people look for (instrument, technique, comment).
        clock: Start, s since 1970-01-01 UTC as the instrument's clock had it.
        complete: False where the last line was cut short (a file that is still being written).
        flags: What the reader found odd, each a sentence.
    """

    file: str
    format: str
    spectra: tuple[Spectrum, ...] = ()
    trace: Trace | None = None
    cycles: CycleTable | None = None
    claims: Claims = field(default_factory=Claims)
    header: Mapping[str, str] = field(default_factory=dict)
    clock: float | None = None
    complete: bool = True
    flags: tuple[str, ...] = ()
