"""Binary files that need a package of their own: Neware .nda and .ndax, Zahner .ism.

fastnda (BSD-3-Clause) and zahner_analysis (MIT) do the unpacking; they are imported only when such
a file is read, and named with their pip line where they are missing.
"""

from __future__ import annotations

import io
import logging
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from anolyte.core.errors import MissingExtra
from anolyte.measure.readers.base import Raw
from anolyte.measure.readers.blocks import positive
from anolyte.measure.readers.whole import signed
from anolyte.measure.records import Array, Claims, Recording, Spectrum, Trace

NDA = b"NEWARE"
ZIP = b"PK\x03\x04"
HINT = "pip install 'anolyte[files]'"
MILLI, HOUR, CELSIUS = 1e-3, 3600.0, 273.15
SLOWEST, FASTEST = 1e-7, 1e9
"""Hz, of any spectrum."""
MOST_POINTS = 100_000
"""Points of a spectrum; more is no .ism file."""


@dataclass(frozen=True)
class NewarePacked:
    """Reader of .nda and .ndax through fastnda."""

    name: str = "Neware .nda/.ndax"

    def knows(self, raw: Raw) -> bool:
        """By the magic bytes, or by the parts of the packed file."""
        return raw.data.startswith(NDA) or _ndax(raw)

    def read(self, raw: Raw) -> Recording:
        """One trace."""
        try:
            import fastnda
        except ImportError as error:
            raise MissingExtra(
                f"{raw.path}: a Neware .nda/.ndax file needs fastnda: {HINT}"
            ) from error
        if _ndax(raw):
            _small(raw)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / ("file.ndax" if raw.data.startswith(ZIP) else "file.nda")
            path.write_bytes(raw.data)
            try:
                with _said("fastnda") as flags:
                    frame = fastnda.read(path, cycle_mode="raw")
                    about = _about(fastnda, path)
            except Exception as error:  # the package raises whatever its parsers do
                reason = " ".join(str(error).split())[:80]
                raise raw.wrong(
                    f"a damaged or unknown Neware file ({type(error).__name__}: {reason}); export "
                    "it as CSV from BTSDA"
                ) from error
        if not len(frame):
            raise raw.wrong("no record in the file; was the test started?")
        made = _neware(raw, {c: frame[c] for c in frame.columns})
        mass = about.pop("active mass", None)
        claims = Claims(mass=positive(float(mass or 0.0)))
        header = {k: str(v) for k, v in about.items()}
        return Recording(
            raw.path, self.name, trace=made, claims=claims, header=header, clock=made.clock,
            flags=tuple(flags),
        )  # fmt: skip


@contextmanager
def _said(name: str) -> Iterator[list[str]]:
    """What a package tells its log, as flags instead of lines on the screen."""
    heard: list[str] = []

    class Ear(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if record.levelno >= logging.WARNING:
                heard.append(f"{name}: {' '.join(record.getMessage().split())[:160]}")

    log, ear = logging.getLogger(name), Ear()
    before = log.propagate
    log.addHandler(ear)
    log.propagate = False
    try:
        yield heard
    finally:
        log.removeHandler(ear)
        log.propagate = before


def _ndax(raw: Raw) -> bool:
    """Whether it is a zip with Neware's parts."""
    if not raw.data.startswith(ZIP):
        return False
    try:
        with zipfile.ZipFile(io.BytesIO(raw.data)) as packed:
            names = {n.rsplit("/", 1)[-1].lower() for n in packed.namelist()}
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return False
    return "versioninfo.xml" in names or "data.ndc" in names


def _small(raw: Raw) -> None:
    with zipfile.ZipFile(io.BytesIO(raw.data)) as packed:
        if sum(i.file_size for i in packed.infolist()) > raw.room:
            raise raw.wrong("too large when unpacked; export a part of it as CSV from BTSDA")


def _about(fastnda: Any, path: Path) -> dict[str, Any]:
    """Mass, remarks and version, where the file has them in a known place."""
    found: dict[str, Any] = {}
    with suppress(Exception):  # a file without these facts is still a file
        for key, value in fastnda.read_metadata(path).items():
            if key == "active_mass_mg" and 0.0 < float(value) < 1e6:
                found["active mass"] = float(value) * 1e-6
            elif isinstance(value, str) and value.strip():
                found[key.replace("_", " ")] = value.strip()[:200]
    return found


def _neware(raw: Raw, frame: Mapping[str, Any]) -> Trace:
    """The trace of fastnda's columns."""

    def get(name: str) -> Array | None:
        return np.asarray(frame[name].to_numpy(), dtype=float) if name in frame else None

    time, voltage, current = get("total_time_s"), get("voltage_V"), get("current_mA")
    if time is None or voltage is None or current is None:
        raise raw.wrong(
            "no time, voltage or current among its columns; export it as CSV from BTSDA"
        )
    flags: list[str] = []
    good = np.isfinite(time) & np.isfinite(voltage) & np.isfinite(current)
    if not good.all():
        flags.append(f"{int((~good).sum())} records without a number were left out")
    clock, charge = get("unix_time_s"), get("capacity_mAh")
    series = {
        "voltage": voltage, "current": current * MILLI,
        "cycle": get("cycle_count"), "step": get("step_count"),
        "charge": signed(None if charge is None else charge * MILLI * HOUR, current),
        "temperature": _temperature(frame, get),
    }  # fmt: skip
    kept = {k: v[good] for k, v in series.items() if v is not None}
    for name in ("cycle", "step"):
        if name in kept and np.isfinite(kept[name]).all():
            kept[name] = kept[name].astype(int)
        else:
            kept.pop(name, None)
    start = (
        None if clock is None or not len(clock) or not np.isfinite(clock[0]) else float(clock[0])
    )
    time, told = _rising(time[good])
    return Trace(time=time, file=raw.path, clock=start, flags=(*flags, *told), **kept)


def _temperature(frame: Mapping[str, Any], get: Any) -> Array | None:
    """Of the first sensor, K."""
    for name in frame:
        if name.startswith("aux") and "temperature" in name and "setpoint" not in name:
            found = get(name)
            return None if found is None or not np.isfinite(found).any() else found + CELSIUS
    return None


def _rising(time: Array) -> tuple[Array, tuple[str, ...]]:
    """Times that never fall; records that were swapped by less than a second are put level."""
    back = np.diff(time)
    if not (back < 0.0).any() or back.min() < -1.0:
        return time, ()
    told = f"{int((back < 0.0).sum())} records were up to {-back.min():.3g} s before the one above"
    return np.maximum.accumulate(time), (told + ": taken at the same time",)


# --- Zahner -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Zahner:
    """Reader of .ism spectra of Thales through zahner_analysis."""

    name: str = "Zahner .ism"

    def knows(self, raw: Raw) -> bool:
        """By its numbers: a count, then as many positive frequencies and impedances.

        The file has no magic bytes: two integers of six bytes (version, points less one), then
        arrays of big-endian numbers.
        """
        data = raw.data
        count = int.from_bytes(data[6:12], "big") + 1
        if not 2 <= count <= MOST_POINTS or len(data) < 12 + 16 * count or data[:2] != b"\0\0":
            return False
        f, z = np.frombuffer(data, ">f8", 2 * count, 12).reshape(2, count)
        good = np.isfinite(f) & np.isfinite(z) & (f >= SLOWEST) & (f <= FASTEST) & (z >= 0.0)
        return bool(good.all())

    def read(self, raw: Raw) -> Recording:
        """One spectrum."""
        try:
            from zahner_analysis.file_import.ism_import import IsmImport
        except ImportError as error:
            raise MissingExtra(
                f"{raw.path}: a Zahner .ism file needs zahner_analysis: {HINT}"
            ) from error
        try:
            read = IsmImport(raw.data)
            f = np.asarray(read.getFrequencyArray(), dtype=float)
            z = np.asarray(read.getComplexImpedanceArray(), dtype=complex)
            clock = read.getMeasurementStartDateTime()
        except Exception as error:  # the package raises whatever its parsers do
            raise raw.wrong(
                f"a damaged .ism file ({type(error).__name__}); export it from Thales as text"
            ) from error
        start = _seconds(clock)
        spectrum = Spectrum.of(f, z, file=raw.path, clock=start)
        header = {"system": read.system, "comment": read.comment_1, "voltage": read.voltage,
                  "current": read.current, "temperature": read.temperature}  # fmt: skip
        flags = () if len(f) == read.numberOfSamples else (
            f"{read.numberOfSamples - len(f)} points of the sweep's start, measured twice, "
            "were left out",
        )  # fmt: skip
        return Recording(
            raw.path, self.name, (spectrum,), claims=Claims(area=_area(read.electrodeArea)),
            header={k: str(v).strip() for k, v in header.items() if str(v).strip()}, clock=start,
            flags=flags,
        )  # fmt: skip


def _seconds(moment: Any) -> float | None:
    """A date without zone as if UTC; Thales' clock as it stood."""
    from datetime import UTC

    with suppress(ValueError, OverflowError, AttributeError):
        return float(moment.replace(tzinfo=UTC).timestamp())
    return None


def _area(text: str) -> float | None:
    """The area that somebody typed, m2; in cm2 as Thales asks for it."""
    with suppress(ValueError):
        value = float(text.lower().replace("cm2", "").replace("cm^2", "").replace(",", ".").strip())
        return positive(value, 1e-4)
    return None


PACKED = (NewarePacked(), Zahner())
"""Readers that need a package of their own."""
