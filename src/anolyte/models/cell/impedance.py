r"""Impedance of a cell at any operating current: its own equations, linearised.

With the charge of double layers and dielectrics as further states a cell is $y' = f(y, j)$,
$V = g(y, j)$. A small alternating current on top of an operating current $j$ is answered by

$$ Z(\omega) = \frac{\partial g}{\partial j} + \frac{\partial g}{\partial y}
   \left(i\omega - \frac{\partial f}{\partial y}\right)^{-1} \frac{\partial f}{\partial j}
   = d + \sum_k \frac{r_k}{i\omega - \lambda_k} $$

with exact derivatives (complex step) and one eigen-decomposition for all frequencies. Under a given
current the faces do not feel each other, so $Z = Z_\mathrm{bulk} + Z_A + Z_B$. The states of a face
are the voltages $v$ of constriction, interphase and films, the overpotential $\eta$, the void $h$:

$$ \tau \dot v = j R(a) - v, \qquad C a\,\dot\eta = j - j_F(\eta, a), \qquad
   \dot h = \frac{V_\mathrm{Li}}{F}\left[\max(j_F, 0) - \chi \max(-j_F, 0)\,g(h)\right] - v(h, a) $$

Contact that is lost takes the charge of its double layer along, so $C a$ stands before the
derivative. Both dielectrics are homogeneous, so their time constants know no geometry: constriction
is part of the electrolyte and relaxes with its $\varepsilon/\kappa$, hence only together with the
bulk arc; the interphase has $\varepsilon_s/\sigma_s$ however thick it is.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from anolyte.core.errors import DataError
from anolyte.core.result import Result, quantity
from anolyte.core.units import BOLTZMANN, ELEMENTARY_CHARGE
from anolyte.laws.space_charge import VACUUM_PERMITTIVITY
from anolyte.laws.voids import CLOSED, stripping_speed
from anolyte.materials.protocol import Protocol
from anolyte.models.cell import engine
from anolyte.models.cell.faces import Array, FaceLaws, FaceState, Surroundings

if TYPE_CHECKING:
    from anolyte.models.cell.run import Assembly

STEP = 1e-30
"""Imaginary step of the derivatives; so small that its square vanishes."""
SMALLEST_VOID = 1e-15
"""m; nothing, but laws whose loss of contact begins vertically still have a slope there."""
PERIODS = 10.0
"""A state may change by the inverse of this within one period, else a point is not trusted."""
YOUNG = 1.0
"""s; an interphase counts as at least so old when its rate of growth is judged."""
PER_DECADE = 10
REFERENCES = ("eckhardt2022dynamic", "eckhardt2022incompatibility")
"""On what one dimension misses: voids pass displacement current, and patterns matter."""
SIDES = ("named", "counter")


# --- What stores charge -------------------------------------------------------------------------


@dataclass(frozen=True)
class GrainBoundaries:
    """Grain boundaries as a second arc of the electrolyte, where they were measured.

    Args:
        share: Of the electrolyte's resistance.
        time_constant: s.
    """

    share: Any = quantity("fraction")
    time_constant: Any = quantity("time")


@dataclass(frozen=True)
class Storage:
    """What stores charge in a cell; numbers or arrays over cells.

    Args:
        double_layers: Of the named and the counter face, F/m2 of contact.
        permittivity: Of the electrolyte, relative; None: not known, so that electrolyte and
            constriction are resistances at every frequency.
        interphases: Relative permittivities; None: a resistance at every frequency.
        films: Capacitances of contamination and layers, F/m2; None: likewise.
        grains: Grain boundaries; None: not told apart from the grains.
        warnings: What is assumed or missing.
    """

    double_layers: tuple[Any, Any]
    permittivity: Any = None
    interphases: tuple[Any, Any] = (None, None)
    films: tuple[Any, Any] = (None, None)
    grains: GrainBoundaries | None = None
    warnings: tuple[str, ...] = ()


def storage(assembly: Assembly) -> Storage:
    """The storage of charge of a cell from its materials and pairs.

    Raises:
        MissingProperty: No file knows a double-layer capacitance.
    """
    told: list[str] = []
    electrolyte = assembly.device.bulk.electrolyte
    named = assembly.parameters[0]
    layers, interphases = [], []
    for p in assembly.parameters:
        pair = f"{p.electrolyte.name} | {p.anode.name}"
        layers.append(p.pair("double_layer_capacitance"))
        if p.used["double layer capacitance"].source.how == "assumed":
            told.append(
                f"{pair}: the double-layer capacitance is assumed; resistances do not depend on "
                "it, frequencies of arcs do"
            )
        own = p.pair("interphase_permittivity", math.nan)
        known = bool(np.all(np.isfinite(own)))
        if not known and p.electrolyte.has("relative_permittivity"):
            own, known = p.of(p.electrolyte, "relative_permittivity"), True
            told.append(f"{pair}: the interphase's permittivity is taken to be the electrolyte's")
        interphases.append(own if known else None)
    permittivity = None
    if electrolyte.has("relative_permittivity"):
        permittivity = named.of(electrolyte, "relative_permittivity")
    else:
        told.append(
            f"{electrolyte.name}: relative permittivity unknown; electrolyte and constriction "
            "show as a resistance at every frequency"
        )
    return Storage(
        (layers[0], layers[1]), permittivity, (interphases[0], interphases[1]),
        warnings=tuple(dict.fromkeys(told)),
    )  # fmt: skip


# --- The linear system --------------------------------------------------------------------------


@dataclass(frozen=True)
class Modes:
    r"""An impedance as a sum of poles, $Z = d + \sum_k r_k/(i\omega - \lambda_k)$; cells first.

    Args:
        poles: 1/s, shape (cells, modes); a resistance beside a capacitance is one mode.
        residues: ohm m2/s.
        direct: ohm m2, shape (cells,).

    >>> arc = Modes(np.array([[-10.0]]), np.array([[30.0]]), np.array([1.0]))
    >>> arc([10.0 / (2.0 * np.pi)]).tolist()
    [[(2.5-1.5j)]]
    """

    poles: Any
    residues: Any
    direct: Any

    def __call__(self, frequency: Any) -> Any:
        """ohm m2 at frequencies in Hz, shape (cells, frequencies)."""
        s = 2j * np.pi * np.asarray(frequency, dtype=float)
        found = np.repeat(self.direct[:, None] + 0j, s.size, axis=1)
        for k in range(self.poles.shape[1]):
            found += self.residues[:, k, None] / (s - self.poles[:, k, None])
        return found

    def __add__(self, other: Modes) -> Modes:
        return Modes(
            np.concatenate([self.poles, other.poles], axis=1),
            np.concatenate([self.residues, other.residues], axis=1),
            self.direct + other.direct,
        )


@dataclass(frozen=True)
class Linear:
    """dy/dt = A y + b j, V = c y + d j around an operating point; cells first.

    Args:
        matrix: A, 1/s, shape (cells, states, states).
        drive: b, shape (cells, states).
        read: c, shape (cells, states).
        direct: d, ohm m2, shape (cells,).
    """

    matrix: Any
    drive: Any
    read: Any
    direct: Any

    def modes(self) -> Modes:
        """The eigen-decomposition.

        Time constants differ by twenty orders of magnitude. The states are ordered from fast to
        slow and what stores charge in a dielectric feeds nothing back, so that LAPACK's balancing
        splits it off and each small eigenvalue keeps its digits.
        """
        poles, vectors = np.linalg.eig(self.matrix)
        into = np.linalg.solve(vectors, self.drive[..., None] + 0j)[..., 0]
        out = np.einsum("cs,csk->ck", self.read, vectors)
        return Modes(poles, out * into, self.direct)


# --- One face as a dynamic system ---------------------------------------------------------------


@dataclass(frozen=True)
class Face:
    """A face as y' = f(y, j), V = g(y, j); arrays over cells.

    The states, along the last axis: voltages of those of constriction, interphase and films that
    store charge (V), overpotential (V), void (m).

    Args:
        laws: Its laws.
        around: Pressure, temperature, conductivity of the electrolyte.
        thickness: Of the interphase, m.
        double_layer: F/m2 of contact.
        times: Time constants of constriction, interphase and films, s; None: no capacitance is
            known.
    """

    laws: FaceLaws
    around: Surroundings
    thickness: Array
    double_layer: Any
    times: tuple[Any, Any, Any] = (None, None, None)

    def resistances(self, void: Any) -> tuple[Any, Any, Any]:
        """Area resistances of constriction, interphase and films, ohm m2."""
        share = self.laws.conducting(void)
        constriction = self.laws.constriction(share, self.around.conductivity)
        interphase = self.thickness / (self.laws.interphase_conductivity * share)
        return constriction, interphase, self.laws.layers(self.around.temperature) + 0.0 * share

    def faradaic(self, overpotential: Any, share: Any) -> Any:
        """Current density of charge transfer, A/m2 of the whole face: `laws.transfer` inverted."""
        thermal = 2.0 * BOLTZMANN * self.around.temperature / ELEMENTARY_CHARGE
        exchange = self.laws.transfer.exchange(self.around.temperature)
        return 2.0 * exchange * share * np.sinh(overpotential / thermal)

    def void_speed(self, void: Any, faradaic: Any) -> Any:
        """dh/dt, m/s, as the stepper has it.

        Without a current half of it counts as stripping and half as plating: what a small
        alternating current about zero does on average over a period.
        """
        laws, pressure = self.laws, self.around.pressure
        strips = 0.5 * faradaic * (1.0 + np.sign(np.real(faradaic)))
        plates = strips - faradaic
        closing = laws.voids.closing(pressure, self.around.temperature)
        refill = laws.refill * plates * (1.0 - np.exp(-void / CLOSED))
        opening = stripping_speed(strips - refill, laws.molar_volume)
        return opening - closing(void, laws.loss(void), pressure)

    def rates(self, y: Any, current: Any) -> Any:
        """dy/dt at states of shape (cells, states) and a current of the face in A/m2."""
        *stored, overpotential, void = np.moveaxis(np.asarray(y), -1, 0)
        share = self.laws.conducting(void)
        faradaic = self.faradaic(overpotential, share)
        known = [(r, t) for r, t in zip(self.resistances(void), self.times, strict=True)
                 if t is not None]  # fmt: skip
        found = [(current * r - v) / t for (r, t), v in zip(known, stored, strict=True)]
        found.append((current - faradaic) / (self.double_layer * share))
        found.append(self.void_speed(void, faradaic))
        return np.stack(np.broadcast_arrays(*found), axis=-1)

    def voltage(self, y: Any, current: Any) -> Any:
        """What the face adds to the voltage, V, with the sign of its own current."""
        *stored, overpotential, void = np.moveaxis(np.asarray(y), -1, 0)
        found = overpotential + sum(stored)
        for resistance, time in zip(self.resistances(void), self.times, strict=True):
            found = found + (current * resistance if time is None else 0.0)
        return found

    def relaxed(self, void: Any, current: Any) -> Any:
        """The states at a void and a current with everything else at rest."""
        share = self.laws.conducting(void)
        found = [current * r for r, t in zip(self.resistances(void), self.times, strict=True)
                 if t is not None]  # fmt: skip
        found.append(self.laws.transfer(current, share, self.around.temperature))
        return np.stack(np.broadcast_arrays(*found, void), axis=-1)

    def linear(self, void: Any, current: Any) -> Linear:
        """The linear system around a void and a current, shape (cells,) each."""
        y = self.relaxed(void, current)
        rates, voltages = [], []
        for k in range(y.shape[-1] + 1):
            moved = y + 1j * STEP * (np.arange(y.shape[-1]) == k)
            j = current + 1j * STEP * (k == y.shape[-1])
            rates.append(self.rates(moved, j).imag / STEP)
            voltages.append(np.broadcast_to(self.voltage(moved, j).imag / STEP, current.shape))
        # voids in units of 1 nm: with volts and nanometres the eigenvectors are well scaled
        unit = np.where(np.arange(y.shape[-1]) == y.shape[-1] - 1, CLOSED, 1.0)
        matrix = np.stack(rates[:-1], axis=-1) * unit / unit[:, None]
        read = np.stack(voltages[:-1], axis=-1) * unit
        return Linear(matrix, rates[-1] / unit, read, voltages[-1])

    def transfer_resistance(self, void: Any, current: Any) -> Any:
        """Differential resistance of charge transfer, ohm m2."""
        share = self.laws.conducting(void)
        return self.laws.transfer(current + 1j * STEP, share, self.around.temperature).imag / STEP

    def slow(self, void: Any, current: Any) -> tuple[Any, Any, Any, Any]:
        """Slopes of the quasi-static face: dV/dj, dV/dh, and of dh/dt after j and h."""
        h, j, i = void, current, 1j * STEP

        def voltage(h: Any, j: Any) -> Any:
            return self.voltage(self.relaxed(h, j), j).imag / STEP

        return (
            voltage(h + 0 * i, j + i),
            voltage(h + i, j + 0 * i),
            self.void_speed(h + 0 * i, j + i).imag / STEP,
            self.void_speed(h + i, j + 0 * i).imag / STEP,
        )


# --- The cell at an operating point -------------------------------------------------------------


@dataclass(frozen=True)
class OperatingPoint:
    """Cells at one state and current; arrays over cells.

    Args:
        device: The laws.
        storage: What stores charge.
        states: Of the named and the counter face; `void` and `age` matter.
        current: A/m2, positive strips the named side.
        pressure: Pa.
        temperature: K.
    """

    device: engine.Device
    storage: Storage
    states: tuple[FaceState, FaceState]
    current: Array
    pressure: Array
    temperature: Array

    @cached_property
    def conductivity(self) -> Array:
        """Of the electrolyte, S/m."""
        found = self.device.bulk.conductivity(self.temperature)
        return np.broadcast_to(found, self.current.shape)

    @cached_property
    def dielectric_time(self) -> Array | None:
        """Time constant of the electrolyte's grains, s."""
        if self.storage.permittivity is None:
            return None
        grains = 0.0 if self.storage.grains is None else self.storage.grains.share
        return self.storage.permittivity * VACUUM_PERMITTIVITY * (1.0 - grains) / self.conductivity

    @cached_property
    def faces(self) -> tuple[Face, Face]:
        """Both faces as dynamic systems."""
        around = Surroundings(self.pressure, self.temperature, self.conductivity)
        found = []
        stored = self.storage
        for laws, state, layer, permittivity, capacitance in zip(
            self.device.faces, self.states, stored.double_layers, stored.interphases, stored.films,
            strict=True,
        ):  # fmt: skip
            interphase, ohms = None, laws.layers(self.temperature)
            if permittivity is not None and np.all(np.isfinite(laws.interphase_conductivity)):
                interphase = permittivity * VACUUM_PERMITTIVITY / laws.interphase_conductivity
            films = None if capacitance is None or not np.all(ohms) else capacitance * ohms
            thickness = laws.growth.thickness(state.age)
            times = (self.dielectric_time, interphase, films)
            found.append(Face(laws, around, thickness, layer, times))
        return found[0], found[1]

    def sides(self) -> tuple[tuple[Face, Array, Array], ...]:
        """Each face with its void and its own current."""
        pairs = zip(self.faces, self.states, (1.0, -1.0), strict=True)
        return tuple(
            (face, np.maximum(state.void, SMALLEST_VOID), sign * self.current)
            for face, state, sign in pairs
        )

    def contact(self, side: int, index: int) -> float:
        """Share of one face that conducts."""
        share = self.faces[side].laws.conducting(self.states[side].void)
        return float(np.broadcast_to(share, self.current.shape)[index])

    @cached_property
    def electrolyte(self) -> Modes:
        """The electrolyte between the faces."""
        resistance = self.device.bulk.thickness / self.conductivity
        grains = self.storage.grains
        share = 0.0 if grains is None else grains.share
        parts = [((1.0 - share) * resistance, self.dielectric_time)]
        if grains is not None:
            parts.append((share * resistance, grains.time_constant))
        none = np.zeros((resistance.size, 0))
        found = Modes(none, none, np.zeros(resistance.size))
        for ohms, time in parts:
            if time is None:
                found = replace(found, direct=found.direct + ohms)
                continue
            pole = np.broadcast_to(-1.0 / time, ohms.shape)[:, None]
            found = found + Modes(pole, -pole * ohms[:, None], 0.0)
        return found

    @cached_property
    def modes(self) -> Modes:
        """The whole cell."""
        found = self.electrolyte
        for face, void, current in self.sides():
            found = found + face.linear(void, current).modes()
        return found

    @cached_property
    def voltage(self) -> Array:
        """Quasi-static voltage, V."""
        (one, first, j), (other, second, i) = self.sides()
        ohmic = self.current * self.device.bulk.thickness / self.conductivity
        named = one.voltage(one.relaxed(first, j), j)
        return self.device.rest + ohmic + named - other.voltage(other.relaxed(second, i), i)

    @cached_property
    def resistance(self) -> Array:
        """dV/dj with frozen voids, ohm m2."""
        found = self.device.bulk.thickness / self.conductivity
        for face, void, current in self.sides():
            found = found + face.slow(void, current)[0]
        return found

    @cached_property
    def least_frequency(self) -> Array:
        """Hz below which the cell changes too much within a period to have an impedance.

        Ten times the rate at which voids change, relative to themselves (at least 1 nm), and at
        which growing interphases raise the resistance of the cell.
        """
        rate = np.zeros(self.current.shape)
        for (face, void, current), state in zip(self.sides(), self.states, strict=True):
            change = np.abs(face.void_speed(void, current)) / np.maximum(void, CLOSED)
            growth = face.laws.growth
            age = np.maximum(state.age, YOUNG)
            grows = growth.thickness(age + 1j * STEP).imag / STEP * growth.ageing(self.temperature)
            share = face.laws.conducting(void) * face.laws.interphase_conductivity
            rate = np.maximum(rate, np.maximum(change, grows / share / self.resistance))
        return PERIODS * rate


def operating_point(
    device: engine.Device,
    storage: Storage,
    states: tuple[FaceState, FaceState],
    current: Any,
    pressure: Any,
    temperature: Any,
) -> OperatingPoint:
    """Cells at one state and current; numbers are taken for every cell.

    Raises:
        DataError: A number that no cell can have.
    """
    cells = states[0].void.size

    def wide(value: Any, name: str, least: float) -> Array:
        array = np.array(np.broadcast_to(np.asarray(value, dtype=float), cells))
        if not (np.isfinite(array).all() and (array >= least).all()):
            raise DataError(f"impedance: {name} {value} is not possible")
        return array

    return OperatingPoint(
        device, storage, states,
        wide(current, "current density in A/m2", -math.inf),
        wide(pressure, "stack pressure in Pa", 0.0),
        wide(temperature, "temperature in K", 1.0),
    )  # fmt: skip


# --- The answer ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Process:
    """One process of a spectrum.

    Args:
        name: Electrolyte, grain boundaries, constriction, charge transfer, interphase, films and
            layers, void growth.
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
        index: Which cell of a batch; for all of them see `operating_point(...).modes`.
        time: s since the start of a protocol.

    Raises:
        DataError: Frequencies or conditions that cannot be.
        MissingProperty: No double-layer capacitance is known.

    >>> from anolyte.materials.library import default
    >>> from anolyte.materials.stack import Conditions, Interface
    >>> from anolyte.models.cell.faces import begin
    >>> from anolyte.models.cell.run import assemble
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
    point = operating_point(device, kept, states, current, pressure, temperature)
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
        storing = face.double_layer * face.laws.conducting(void)
        found.append(arc("charge transfer", side, transfer, storing * transfer))
        names = ("constriction", "interphase", "films and layers")
        for name, ohms, time in zip(names, face.resistances(void), face.times, strict=True):
            if name == "constriction" or at(ohms) > 0.0:
                found.append(arc(name, side, ohms, time))
        found.append(_void_growth(side, *(at(x) for x in face.slow(void, current)[1:])))
    return tuple(found)


def _void_growth(side: str, rise: float, opening: float, slope: float) -> Process:
    """Z = rise * opening / (i omega - slope) as a process."""
    elastance = rise * opening
    pull = max(-slope, 0.0)
    capacitance = math.inf if elastance == 0.0 else 1.0 / elastance
    resistance = 0.0 if elastance == 0.0 else math.copysign(math.inf, elastance)
    if pull > 0.0:
        return Process("void growth", side, elastance / pull, 1.0 / pull, capacitance)
    return Process("void growth", side, resistance, math.inf, capacitance)


def _doubts(point: OperatingPoint, index: int) -> tuple[str, ...]:
    """Where the picture of separate processes does not hold."""
    told = []
    for face in point.faces:
        if face.times[2] is None and np.any(face.laws.layers(point.temperature)):
            told.append("films and layers: no capacitance known; a resistance at every frequency")
    if point.dielectric_time is None:
        return tuple(told)
    bulk = float(np.broadcast_to(point.dielectric_time, point.current.shape)[index])
    for (face, void, current), side in zip(point.sides(), SIDES, strict=True):
        constriction = face.resistances(void)[0]
        share = face.laws.conducting(void)
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
        states = _states_after(outcome, lived, k)
        hertz = frequencies(*ends, per_decade)
        found.append(
            impedance(
                cell, states, piece.current, piece.pressure, piece.temperature, hertz,
                stored=kept, index=index, time=float(piece.start[index] + piece.times[index, -1]),
            )
        )  # fmt: skip
    return tuple(found)


def _states_after(
    outcome: engine.Outcome, lived: list[engine.Piece], k: int
) -> tuple[FaceState, FaceState]:
    """Voids and ages at the end of a piece: ages are counted back from the end of the protocol."""
    found = []
    for side, (laws, final) in enumerate(
        zip(outcome.device.faces, outcome.cells.states, strict=True)
    ):
        age = final.age
        for later in lived[k + 1 :]:
            age = age - laws.growth.ageing(later.temperature) * later.times[:, -1]
        void = lived[k].faces[side].void[:, -1]
        found.append(replace(final, void=void, age=np.maximum(age, 0.0)))
    return found[0], found[1]
