r"""Impedance of a cell at any operating current: its own equations, linearised.

With the charge of double layers and dielectrics as further states a cell is $y' = f(y, j)$,
$V = g(y, j)$. A small alternating current on top of an operating current $j$ is answered by

$$ Z(\omega) = \frac{\partial g}{\partial j} + \frac{\partial g}{\partial y}
   \left(i\omega - \frac{\partial f}{\partial y}\right)^{-1} \frac{\partial f}{\partial j}
   = d + \sum_k \frac{r_k}{i\omega - \lambda_k} $$

with exact derivatives (complex step) and one eigen-decomposition for all frequencies. Under a given
current the faces do not feel each other, so $Z = Z_\mathrm{bulk} + Z_A + Z_B$. The faces' equations
are in `models.cell.dynamics`, what stores charge in `models.cell.operating_point`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from anolyte.core.errors import DataError
from anolyte.core.result import Result, quantity
from anolyte.laws.space_charge import VACUUM_PERMITTIVITY
from anolyte.materials.protocol import Protocol
from anolyte.models.cell import engine
from anolyte.models.cell.faces import Array, FaceState
from anolyte.models.cell.interior import PlatedMetal
from anolyte.models.cell.operating_point import OperatingPoint, Storage, operating_point, storage

if TYPE_CHECKING:
    from anolyte.models.cell.assembly import Assembly

PER_DECADE = 10
REFERENCES = ("eckhardt2022dynamic", "eckhardt2022incompatibility")
"""On what one dimension misses: voids pass displacement current, and patterns matter."""
SIDES = ("named", "counter")
LEAST_PULL = 1e-15
"""1/s, once in thirty million years: what pulls a void back more slowly does not."""


@dataclass(frozen=True)
class Process:
    """One process of a spectrum.

    Args:
        name: Electrolyte, grain boundaries, constriction, charge transfer, interphase, films and
            layers, void growth, diffusion.
        face: Named or counter; empty: the electrolyte between them.
        resistance: Differential, of the process alone.
        time_constant: Zero where no capacitance is known; infinite where nothing pulls back.
        capacitance: Of the whole face; zero where not known.
    """

    name: str
    face: str
    resistance: float = quantity("area_resistance")
    time_constant: float = quantity("time")
    capacitance: float = quantity("area_capacitance")

    @property
    def frequency(self) -> float:
        """Apex of the arc, Hz; infinite where no capacitance is known."""
        return math.inf if self.time_constant == 0.0 else 0.5 / math.pi / self.time_constant


@dataclass(frozen=True)
class ImpedanceResult(Result):
    """A spectrum of a cell at one state and current.

    Args:
        cell: In words.
        trusted: Whether the cell changes little enough within a period of each frequency.
        frequency: From high to low.
        real, imaginary: Of the impedance; capacitive processes have negative imaginary parts.
        least_frequency: Below it points are not trusted.
        current_density, voltage, stack_pressure, temperature: The operating point.
        time: Since the start of the protocol.
        contact: Share of the named and the counter face that conducts.
        resistance: dV/dj with frozen voids, what the spectrum tends to before voids answer.
        processes: What the spectrum is made of.
    """

    cell: str
    trusted: tuple[bool, ...]
    frequency: tuple[float, ...] = quantity("frequency")
    real: tuple[float, ...] = quantity("area_resistance")
    imaginary: tuple[float, ...] = quantity("area_resistance")
    least_frequency: float = quantity("frequency")
    current_density: float = quantity("current_density")
    voltage: float = quantity("potential")
    stack_pressure: float = quantity("pressure")
    temperature: float = quantity("temperature")
    resistance: float = quantity("area_resistance")
    contact: tuple[float, float] = quantity("fraction")
    time: float = quantity("time", default=0.0)
    processes: tuple[Process, ...] = ()
    rests_on: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()

    concern: ClassVar[None] = None

    def process(self, name: str, face: str = "") -> Process:
        """One process by its name."""
        for found in self.processes:
            if (found.name, found.face) == (name, face):
                return found
        known = ", ".join(f"{p.name} {p.face}".strip() for p in self.processes)
        raise DataError(f"impedance: no process '{f'{name} {face}'.strip()}'; there are {known}")

    def rows(self) -> list[dict[str, Any]]:
        """One row a frequency."""
        return [
            {"frequency [Hz]": f, "real [Ω cm²]": re * 1e4, "imaginary [Ω cm²]": im * 1e4,
             "trusted": good}
            for f, re, im, good in zip(
                self.frequency, self.real, self.imaginary, self.trusted, strict=True
            )
        ]  # fmt: skip


def frequencies(low: float, high: float, per_decade: int = PER_DECADE) -> Array:
    """Frequencies of a sweep from high to low, evenly on a logarithmic scale, Hz.

    Raises:
        DataError: No range.

    >>> frequencies(0.1, 10.0, 1).tolist()
    [10.0, 1.0, 0.1]
    """
    if not 0.0 < low < high < math.inf:
        raise DataError(f"impedance: from {low:g} Hz to {high:g} Hz is no range of frequencies")
    return np.geomspace(high, low, int(round(math.log10(high / low) * per_decade)) + 1)


def impedance(
    cell: Assembly | engine.Device,
    states: tuple[FaceState, FaceState],
    current: Any,
    pressure: Any,
    temperature: Any,
    frequencies: Sequence[float] | Array,
    *,
    stored: Storage | None = None,
    insides: tuple[Any, Any] = (None, None),
    index: int = 0,
    time: float = 0.0,
) -> ImpedanceResult:
    """The spectrum of a cell at a state and a current.

    Args:
        cell: A cell that `assemble` made; or a device, with `stored`.
        states: Of the named and the counter face (`engine.Cells.states`, `faces.begin`).
        current: A/m2, positive strips the named side; zero: at rest.
        pressure: Pa.
        temperature: K.
        frequencies: Hz.
        stored: What stores charge; None: from the assembly's materials (`storage`).
        insides: What stands inside the electrodes (`engine.Cells.insides`); None: nothing, or as
            made and without diffusion in the spectrum.
        index: Which cell of a batch; for all of them see `operating_point(...).modes`.
        time: s since the start of a protocol.

    Raises:
        DataError: Frequencies or conditions that cannot be.
        MissingProperty: No double-layer capacitance is known.

    >>> from anolyte.materials.library import default
    >>> from anolyte.materials.stack import Conditions, Interface
    >>> from anolyte.models.cell.faces import begin
    >>> from anolyte.models.cell.assembly import assemble
    >>> lib = default()
    >>> made = assemble(Interface(lib.electrolyte("LLZO"), lib.anode("Li")), Conditions())
    >>> fresh = begin(made.device.faces[0], 1), begin(made.device.faces[1], 1)
    >>> found = impedance(made, fresh, 0.0, 5e6, 298.15, [1e6, 1e3, 1.0])
    >>> found.real[0] < found.real[-1]
    True
    """
    hertz = np.asarray(frequencies, dtype=float).ravel()
    if hertz.size == 0 or not (np.isfinite(hertz) & (hertz > 0.0)).all():
        raise DataError("impedance: frequencies are positive numbers in Hz")
    device, kept = _parts(cell, stored)
    point = operating_point(device, kept, states, current, pressure, temperature, insides)
    spectrum = point.modes(hertz)[index]
    least = float(point.least_frequency[index])
    return ImpedanceResult(
        cell=_name(cell),
        frequency=tuple(map(float, hertz)),
        real=tuple(map(float, spectrum.real)),
        imaginary=tuple(map(float, spectrum.imag)),
        trusted=tuple(bool(f >= least) for f in hertz),
        least_frequency=least,
        current_density=float(point.current[index]),
        voltage=float(point.voltage[index]),
        stack_pressure=float(point.pressure[index]),
        temperature=float(point.temperature[index]),
        resistance=float(point.resistance[index]),
        contact=(point.contact(0, index), point.contact(1, index)),
        time=time,
        processes=processes(point, index),
        rests_on=() if isinstance(cell, engine.Device) else cell.basis,
        warnings=(*kept.warnings, *_doubts(point, index)),
        sources=() if isinstance(cell, engine.Device) else cell.sources,
    )


def _parts(cell: Assembly | engine.Device, stored: Storage | None) -> tuple[engine.Device, Storage]:
    if isinstance(cell, engine.Device):
        if stored is None:
            raise DataError("impedance of a bare device needs `stored`: what stores charge in it")
        return cell, stored
    return cell.device, stored or storage(cell)


def _name(cell: Assembly | engine.Device) -> str:
    if isinstance(cell, engine.Device):
        return cell.bulk.electrolyte.name
    one, other = cell.parameters
    return f"{one.anode.name} | {cell.device.bulk.electrolyte.name} | {other.anode.name}"


def processes(point: OperatingPoint, index: int = 0) -> tuple[Process, ...]:
    """What the spectrum of one cell is made of.

    Void growth stands apart: an arc of its own where something pulls a void back, a bare
    capacitance where nothing does. Its capacitance is negative on a face that plates.
    """

    def at(value: Any) -> float:
        return float(np.broadcast_to(value, point.current.shape)[index])

    def arc(name: str, face: str, resistance: Any, time: Any) -> Process:
        ohms, tau = at(resistance), 0.0 if time is None else at(time)
        return Process(name, face, ohms, tau, tau / ohms if ohms > 0.0 else 0.0)

    total = point.device.bulk.thickness / point.conductivity
    grains = point.storage.grains
    share = 0.0 if grains is None else grains.share
    found = [arc("electrolyte", "", (1.0 - share) * total, point.dielectric_time)]
    if grains is not None:
        found.append(arc("grain boundaries", "", share * total, grains.time_constant))
    for (face, void, current), side in zip(point.sides(), SIDES, strict=True):
        transfer = face.transfer_resistance(void, current)
        storing = face.double_layer * face.share(void)
        found.append(arc("charge transfer", side, transfer, storing * transfer))
        names = ("constriction", "interphase", "films and layers")
        for name, ohms, time in zip(names, face.resistances(void), face.times, strict=True):
            if name == "constriction" or at(ohms) > 0.0:
                found.append(arc(name, side, ohms, time))
        found.append(_void_growth(side, *(at(x) for x in face.slow(void, current)[1:])))
    for answer, side in zip(point.answers, SIDES, strict=True):
        if answer is not None:
            numbers = (answer.resistance, answer.time, answer.capacitance)
            found.append(Process("diffusion", side, *(at(x) for x in numbers)))
    return tuple(found)


def _void_growth(side: str, rise: float, opening: float, slope: float) -> Process:
    """Z = rise * opening / (i omega - slope) as a process."""
    elastance = rise * opening
    pull = max(-slope, 0.0)
    capacitance = math.inf if elastance == 0.0 else 1.0 / elastance
    resistance = 0.0 if elastance == 0.0 else math.copysign(math.inf, elastance)
    if pull > LEAST_PULL:
        return Process("void growth", side, elastance / pull, 1.0 / pull, capacitance)
    return Process("void growth", side, resistance, math.inf, capacitance)


def _doubts(point: OperatingPoint, index: int) -> tuple[str, ...]:
    """Where the picture of separate processes does not hold."""
    told = []
    for face, side, answer in zip(point.faces, SIDES, point.answers, strict=True):
        if answer is None and not isinstance(face.laws.interior, PlatedMetal):
            told.append(
                f"{side} face: lithium diffuses inside the electrode; neither that nor the "
                "change of its potential with charge is in the spectrum"
            )
        if face.times[2] is None and np.any(face.laws.layers(point.temperature)):
            told.append("films and layers: no capacitance known; a resistance at every frequency")
    if point.dielectric_time is None:
        return tuple(told)
    bulk = float(np.broadcast_to(point.dielectric_time, point.current.shape)[index])
    for (face, void, current), side in zip(point.sides(), SIDES, strict=True):
        constriction = face.resistances(void)[0]
        share = face.share(void)
        ohms = face.transfer_resistance(void, current)
        if float((face.double_layer * share * ohms)[index]) < bulk:
            told.append(
                f"{side} face: charge transfer relaxes faster than the current lines constrict; "
                "their arcs then mix, and neither tells the contact"
            )
        # gaps of depth h / (1 - a) on the share 1 - a, with the permittivity of vacuum
        gap = VACUUM_PERMITTIVITY * (1.0 - share) ** 2 / void
        if float((gap * constriction)[index]) > bulk:
            told.append(
                f"{side} face: displacement current across the voids relaxes the constriction "
                "below the frequency of the bulk; it is not modelled"
            )
    return tuple(dict.fromkeys(told))


def spectra(
    cell: Assembly | engine.Device,
    protocol: Protocol,
    outcome: engine.Outcome,
    *,
    stored: Storage | None = None,
    index: int = 0,
    per_decade: int = PER_DECADE,
) -> tuple[ImpedanceResult, ...]:
    """The spectra that a protocol asks for, each at the end of its step.

    Args:
        cell: A cell that `assemble` made; or a device, with `stored`.
        protocol: What was done; steps with `impedance` have a spectrum at their current.
        outcome: What came of it, with its steps kept.
        stored: What stores charge; None: from the assembly's materials.
        index: Which cell of a batch.
        per_decade: Frequencies in a decade.

    A step that the cell did not live through has none.
    """
    if not any(step.impedance for step in protocol.steps):
        return ()
    kept = _parts(cell, stored)[1]
    lived = [p for p in outcome.pieces if not p.start[index] >= outcome.cells.end_time[index]]
    # a held voltage makes many pieces of one step; its spectrum belongs to the last
    last = {p.number: k for k, p in enumerate(lived)}
    found = []
    for number, k in last.items():
        ends, piece = protocol.steps[number].impedance, lived[k]
        kind = int(piece.event[index])
        if ends is None or (kind >= 0 and engine.KINDS[kind] in engine.ENDS_CELL):
            continue
        hertz = frequencies(*ends, per_decade)
        end = float(piece.start[index] + piece.times[index, -1])
        found.append(
            impedance(
                cell, piece.after, piece.current, piece.pressure, piece.temperature, hertz,
                stored=kept, insides=piece.insides_after, index=index, time=end,
            )
        )  # fmt: skip
    return tuple(found)
