r"""The parts of the voltage under current, with the resistances of a spectrum at the same time.

$$ V(t) = I\,(R_\mathrm{b} + R_\mathrm{gb} + R_\mathrm{int}) + \eta_\mathrm{ct}(I) +
   \eta_\mathrm{rest}(t), \qquad
   \eta_\mathrm{ct} = n\,\frac{2 R T}{F}\operatorname{asinh}\frac{I}{2 I_0}, \quad
   I_0 = \frac{n R T}{F R_\mathrm{ct}} $$

with $n$ alike interfaces in series (two in a symmetric cell), the resistance of charge transfer
$R_\mathrm{ct}$ of all of them and symmetric Butler-Volmer kinetics. What is left is concentration
in the electrolyte, contact that was lost since the spectrum, or an error of either measurement.

Validity: both sides alike, so that no voltage is left at rest; the spectrum stands at rest and at
the time of the half cycle, at the same temperature and pressure. Resistances of the whole cell, not
of one interface.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anolyte.core.errors import DataError
from anolyte.core.result import Result, quantity
from anolyte.core.units import FARADAY, GAS_CONSTANT
from anolyte.measure.records import Trace
from anolyte.measure.resistance import CellResistance
from anolyte.measure.setup import Setup
from anolyte.measure.traces.half_cycles import HalfCycle, Splitting, half_cycles, pieces

TOLD = 0.05
"""Share of the voltage from which what is left is worth a word: what two instruments differ by."""


@dataclass(frozen=True, kw_only=True)
class SpectrumParts:
    """Resistances of the whole cell from one spectrum, ohm.

    Args:
        bulk, grain_boundary: Of the electrolyte.
        interface: Of both interphases together, ohmic.
        charge_transfer: Of both interfaces together, at rest.
        time: Of the spectrum on the clock of the trace, s; None: not known, and taken only where
            no spectrum has one.
    """

    bulk: float = quantity("resistance")
    grain_boundary: float = quantity("resistance", default=0.0)
    interface: float = quantity("resistance", default=0.0)
    charge_transfer: float = quantity("resistance", default=0.0)
    time: float | None = quantity("time", default=None)

    def __post_init__(self) -> None:
        for name in ("bulk", "grain_boundary", "interface", "charge_transfer"):
            value = getattr(self, name)
            value = value.value if isinstance(value, CellResistance) else value
            if not 0.0 <= value < math.inf:
                raise DataError(
                    f"{name.replace('_', ' ')} {value:g} ohm: must be finite and not negative"
                )
            object.__setattr__(self, name, float(value))

    @property
    def ohmic(self) -> float:
        """Bulk, grain boundary and interphase, ohm."""
        return self.bulk + self.grain_boundary + self.interface


@dataclass(frozen=True, kw_only=True)
class Share:
    """The parts of the voltage of one half cycle, V; signs as the current.

    Args:
        half_cycle: Number, from 1.
        current: A.
        bulk, grain_boundary, interface, charge_transfer: At this current.
        voltage_start, voltage_end: Measured, after the skipped time and at the end.
        rest_start, rest_end: What is left of both.
        spectrum_age: Time between the spectrum and the half cycle, s; None: the spectrum has none.
    """

    half_cycle: int
    current: float = quantity("current")
    bulk: float = quantity("potential")
    grain_boundary: float = quantity("potential")
    interface: float = quantity("potential")
    charge_transfer: float = quantity("potential")
    voltage_start: float = quantity("potential")
    voltage_end: float = quantity("potential")
    rest_start: float = quantity("potential")
    rest_end: float = quantity("potential")
    spectrum_age: float | None = quantity("time", default=None)


@dataclass(frozen=True, kw_only=True)
class OverpotentialSplit(Result):
    """The parts of the voltage, half cycle by half cycle.

    Args:
        file: Where the trace was read.
        shares: One a half cycle.
        temperature: K; None: not known, and not needed as nothing is charge transfer.
        warnings: A sentence each.
    """

    file: str
    shares: tuple[Share, ...]
    temperature: float | None = quantity("temperature")
    warnings: tuple[str, ...] = ()

    def rows(self) -> list[dict[str, Any]]:
        """One row a half cycle, in mV."""
        names = ("bulk", "grain_boundary", "interface", "charge_transfer", "rest_start",
                 "rest_end", "voltage_start", "voltage_end")  # fmt: skip
        return [
            {"half cycle": s.half_cycle, "current [mA]": s.current * 1e3}
            | {f"{n.replace('_', ' ')} [mV]": getattr(s, n) * 1e3 for n in names}
            for s in self.shares
        ]


def charge_transfer_overpotential(
    current: Any, resistance: float, temperature: float, interfaces: int = 2
) -> Any:
    r"""Overpotential of all alike interfaces in series, V.

    Args:
        current: A, any shape.
        resistance: Of charge transfer at rest, of all interfaces together, ohm.
        temperature: K.
        interfaces: n.

    >>> print(f"{charge_transfer_overpotential(1e-6, 100.0, 298.15):.6f}")
    0.000100
    """
    if resistance <= 0.0:
        return np.zeros_like(np.asarray(current, float))[()]
    thermal = GAS_CONSTANT * temperature / FARADAY
    exchange = interfaces * thermal / resistance
    return (
        interfaces * 2.0 * thermal * np.arcsinh(np.asarray(current, float) / (2.0 * exchange))[()]
    )


def split_overpotential(
    trace: Trace, spectra: SpectrumParts | tuple[SpectrumParts, ...], setup: Setup,
    splitting: Splitting | None = None,
) -> OverpotentialSplit:  # fmt: skip
    """The parts of the voltage of every half cycle, with the spectrum nearest in time.

    Args:
        trace: Current and voltage over time.
        spectra: Resistances from one spectrum or several.
        setup: The cell: its temperature and electrodes.
        splitting: How half cycles are told; None: the defaults.

    Raises:
        DataError: No spectrum, no current, or a voltage at rest among what is to be parted.
        MissingProperty: No temperature, or no pair of electrodes, where charge transfer has a
            resistance.
    """
    known = (spectra,) if isinstance(spectra, SpectrumParts) else tuple(spectra)
    if not known:
        raise DataError("no spectrum: the parts of a voltage need resistances of the same time")
    active = any(p.charge_transfer > 0.0 for p in known)
    temperature = setup.need("temperature") if active else setup.temperature
    interfaces = setup.interfaces if active else 1
    halves = half_cycles(trace, setup, splitting)
    shares = tuple(
        _share(h, _nearest(known, 0.5 * (h.start + h.end)), temperature, interfaces)
        for h in halves.half_cycles
    )
    _refuse_rest(shares, trace.file)
    return OverpotentialSplit(
        file=trace.file, shares=shares, temperature=temperature, warnings=_warnings(shares)
    )


def remainder(
    trace: Trace, parts: SpectrumParts, setup: Setup, splitting: Splitting | None = None
) -> NDArray[Any]:
    """What is left of the voltage at every row with current, V; NaN at rest, (N,).

    Args:
        trace: Current and voltage over time.
        parts: Resistances of the spectrum at its time.
        setup: The cell: its temperature and electrodes.
        splitting: What counts as rest; None: the defaults.
    """
    out = np.full(len(trace), math.nan)
    current = np.asarray(trace.current, float)
    active = parts.charge_transfer > 0.0
    temperature = setup.need("temperature") if active else 0.0
    for rows in pieces(current, splitting or Splitting()):
        i = current[rows]
        eta = charge_transfer_overpotential(
            i, parts.charge_transfer, temperature, setup.interfaces if active else 1
        )
        out[rows] = np.asarray(trace.voltage, float)[rows] - i * parts.ohmic - eta
    return out


def _nearest(known: tuple[SpectrumParts, ...], time: float) -> SpectrumParts:
    return min(known, key=lambda p: math.inf if p.time is None else abs(p.time - time))


def _refuse_rest(shares: tuple[Share, ...], file: str) -> None:
    """Voltages that stand against their current, and are more than it explains."""
    explained = [s.voltage_start - s.rest_start for s in shares]
    against = [
        s for s, part in zip(shares, explained, strict=True)
        if s.voltage_start * s.current < 0.0 and abs(s.voltage_start) > abs(part)
    ]  # fmt: skip
    if 4 * len(against) > len(shares):
        raise DataError(
            f"{file or 'trace'}: the voltage stands against the current in {len(against)} of "
            f"{len(shares)} half cycles; only cells with two alike sides have no voltage at rest "
            "among its parts"
        )


def _share(
    half: HalfCycle, parts: SpectrumParts, temperature: float | None, interfaces: int
) -> Share:
    i = half.current
    transfer = float(
        charge_transfer_overpotential(i, parts.charge_transfer, temperature or 0.0, interfaces)
    )
    rest = i * parts.ohmic + transfer
    age = None if parts.time is None else abs(parts.time - 0.5 * (half.start + half.end))
    return Share(
        half_cycle=half.number, current=i, bulk=i * parts.bulk,
        grain_boundary=i * parts.grain_boundary, interface=i * parts.interface,
        charge_transfer=transfer, voltage_start=half.voltage_start, voltage_end=half.voltage_end,
        rest_start=half.voltage_start - rest, rest_end=half.voltage_end - rest, spectrum_age=age,
    )  # fmt: skip


def _warnings(shares: tuple[Share, ...]) -> tuple[str, ...]:
    told = []
    below = [
        s.half_cycle for s in shares
        if s.rest_start * s.current < 0.0 and abs(s.rest_start) > TOLD * abs(s.voltage_start)
    ]  # fmt: skip
    if below:
        told.append(f"the voltage is below what the spectrum explains in {len(below)} half "
                    f"cycles, from number {below[0]} on: a short, warming, or a spectrum of "
                    "another time")  # fmt: skip
    grown = [
        s.half_cycle for s in shares
        if (s.rest_end - s.rest_start) * s.current > TOLD * abs(s.voltage_end * s.current)
    ]  # fmt: skip
    if grown:
        told.append(f"what is left grows within {len(grown)} half cycles, from number "
                    f"{grown[0]} on: concentration, or contact that is lost; its decay at rest "
                    "tells: contact does not come back within minutes")  # fmt: skip
    return tuple(told)
