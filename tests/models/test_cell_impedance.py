"""Impedance: analytic arcs, limits, causality, and the nonlinear model shaken by hand."""

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from anolyte.core.errors import DataError
from anolyte.core.units import BOLTZMANN, ELEMENTARY_CHARGE
from anolyte.faces.figures.impedance import nyquist
from anolyte.laws.constriction import RIVALS as PATTERNS
from anolyte.laws.creep import PowerLawCreep
from anolyte.laws.diffusion import ArrheniusDiffusivity
from anolyte.laws.kinetics import ChargeTransfer
from anolyte.laws.slab_field import SlabModes
from anolyte.laws.space_charge import VACUUM_PERMITTIVITY
from anolyte.laws.voids import (
    CLOSED,
    CONTACT_RIVALS,
    CreepClosing,
    FittedLimit,
    HyperbolicLoss,
    Together,
    VacancyDiffusion,
)
from anolyte.materials.library import default
from anolyte.materials.protocol import Protocol, Step
from anolyte.materials.references import bibtex
from anolyte.materials.stack import Conditions, Interface
from anolyte.models.cell import build, dynamics, engine, faces, kernel
from anolyte.models.cell import impedance as imp
from anolyte.models.cell import operating_point as points
from anolyte.models.cell.alloy import AlloyField
from anolyte.models.cell.assembly import assemble

T, P = 298.15, 5e6
THERMAL = BOLTZMANN * T / ELEMENTARY_CHARGE
LITHIUM = 13.0e-6
CREEP = PowerLawCreep(1.4e-2, 6.6, 0.0)
DIFFUSION = VacancyDiffusion(0.5, LITHIUM)
CLOSURES = (
    FittedLimit(0.5, 0.14, 2.2, LITHIUM),
    DIFFUSION,
    CreepClosing(CREEP),
    CreepClosing(CREEP, 1e-6),
    Together((CreepClosing(CREEP, 1e-6), DIFFUSION), 1e-4),
)


def made(name: str = "Li6PS5Cl", **laws):
    library = default()
    interface = Interface(library.electrolyte(name), library.anode("Li"))
    return assemble(interface, Conditions(), laws=laws)


CELL = made(loss=HyperbolicLoss(2e-9))  # a depth at which a void that is at rest costs contact


def states(device: engine.Device, voids, age=3.6e5):
    return tuple(
        replace(faces.begin(laws, np.size(void)), void=np.atleast_1d(void).astype(float),
                age=np.full(np.size(void), float(age)))
        for laws, void in zip(device.faces, voids, strict=True)
    )  # fmt: skip


def at(cell, voids, current: float, stored=None, age=3.6e5, pressure=P) -> points.OperatingPoint:
    kept = stored or points.storage(cell)
    found = states(cell.device, voids, age)
    return points.operating_point(cell.device, kept, found, current, pressure, T)


def at_rest(cell, current: float, stored=None) -> points.OperatingPoint:
    """The named face strips below its limit, so that its void has come to rest."""
    law = cell.device.faces[0].voids
    void = -CLOSED * math.log1p(-current / float(law.limit(P, T)))
    return at(cell, (void, 0.0), current, stored)


def solved(linear: dynamics.Linear, frequency) -> np.ndarray:
    """The impedance by one linear solve a frequency."""
    found = []
    for f in frequency:
        system = 2j * np.pi * f * np.eye(linear.matrix.shape[-1]) - linear.matrix
        state = np.linalg.solve(system, linear.drive[..., None] + 0j)[..., 0]
        found.append(linear.direct + np.sum(linear.read * state, axis=1))
    return np.stack(found, axis=1)


# --- analytic arcs ------------------------------------------------------------------------------


@pytest.mark.parametrize("current", [0.0, 3.0, 100.0, -100.0, 3e4])
def test_a_double_layer_under_load_is_its_arc_to_rounding(current: float) -> None:
    exchange, layer, share = 70.0, 0.05, 0.4
    face = at(CELL, (0.0, 0.0), 0.0).faces[0]
    laws = replace(
        face.laws, loss=HyperbolicLoss(1e30), transfer=ChargeTransfer(exchange), attached=share,
        constriction=lambda contact, conductivity: 0.0 * contact, liquid=share,
    )  # fmt: skip
    bare = dynamics.Face(laws, face.around, np.zeros(1), layer)
    void = np.array([1e30 / 1e-9])  # no contact but through the liquid
    frequency = np.geomspace(1e7, 1e-3, 60)
    found = bare.linear(void, np.array([current])).modes()(frequency)[0]
    share = float(laws.conducting(void)[0])
    half = math.asinh(current / (2.0 * exchange * share))
    resistance = THERMAL / (exchange * share * math.cosh(half))
    arc = resistance / (1.0 + 2j * np.pi * frequency * resistance * layer * share)
    np.testing.assert_allclose(found, arc, rtol=1e-12)


def test_charge_transfer_falls_under_load() -> None:
    found = [at(CELL, (1e-9, 0.0), j) for j in (0.0, 100.0, 1e3, 1e4)]
    ohms = [imp.processes(p)[1].resistance for p in found]
    exchange = CELL.device.faces[0].transfer.exchange_current_density
    share = 1.0 / 1.5
    for j, value in zip((0.0, 100.0, 1e3, 1e4), ohms, strict=True):
        expected = THERMAL / (exchange * share * math.cosh(math.asinh(j / 2 / exchange / share)))
        assert value == pytest.approx(expected, rel=1e-9)
    assert ohms == sorted(ohms, reverse=True)


def test_twice_the_contact_is_half_the_resistance_and_twice_the_capacitance() -> None:
    void = 2e-9 * (1.0 / 0.4 - 1.0), 2e-9 * (1.0 / 0.8 - 1.0)
    few, many = (imp.processes(at(CELL, (h, 0.0), 0.0))[1] for h in void)
    assert few.name == many.name == "charge transfer"
    assert few.resistance / many.resistance == pytest.approx(2.0, rel=1e-9)
    assert many.capacitance / few.capacitance == pytest.approx(2.0, rel=1e-9)
    assert many.time_constant == pytest.approx(few.time_constant, rel=1e-9)


def test_a_growing_interphase_moves_its_resistance_alone() -> None:
    growth = replace(CELL.device.faces[0].growth, lag=0.0, exponent=2.0)
    cell = made(loss=HyperbolicLoss(2e-9), growth=growth)
    young, old = (imp.processes(at(cell, (1e-9, 0.0), 1.0, age=t)) for t in (1e5, 4e5))
    for before, after in zip(young, old, strict=True):
        assert after.time_constant == pytest.approx(before.time_constant, rel=1e-12)
        grown = 2.0 if before.name == "interphase" else 1.0
        if before.name != "void growth":
            assert after.resistance == pytest.approx(grown * before.resistance, rel=1e-9)


@pytest.mark.parametrize("pattern", PATTERNS)
def test_constriction_relaxes_with_the_bulk(pattern) -> None:
    cell = made(constriction=build.Constriction(pattern, 20e-6))
    parts = {(p.name, p.face): p for p in imp.processes(at(cell, (1e-6, 0.0), 0.0))}
    bulk, squeezed = parts["electrolyte", ""], parts["constriction", "named"]
    assert squeezed.resistance > 0.0
    assert squeezed.time_constant == bulk.time_constant
    conductivity = float(cell.device.bulk.conductivity(T))
    permittivity = points.storage(cell).permittivity * VACUUM_PERMITTIVITY
    assert bulk.time_constant == pytest.approx(permittivity / conductivity, rel=1e-12)


def test_an_interphase_relaxes_with_its_own_permittivity_and_conductivity() -> None:
    kept = replace(points.storage(CELL), interphases=(30.0, None))
    parts = {(p.name, p.face): p for p in imp.processes(at(CELL, (1e-9, 0.0), 0.0, kept))}
    own = float(CELL.device.faces[0].interphase_conductivity)
    expected = 30.0 * VACUUM_PERMITTIVITY / own
    assert parts["interphase", "named"].time_constant == pytest.approx(expected)
    assert parts["interphase", "counter"].time_constant == 0.0


def test_grain_boundaries_are_an_arc_of_their_own() -> None:
    kept = replace(points.storage(CELL), grains=points.GrainBoundaries(0.3, 1e-5))
    point = at(CELL, (0.0, 0.0), 0.0, kept)
    parts = {p.name: p for p in imp.processes(point) if not p.face}
    total = float(CELL.device.bulk.resistance(T))
    assert parts["grain boundaries"].resistance == pytest.approx(0.3 * total)
    assert parts["electrolyte"].resistance == pytest.approx(0.7 * total)
    whole = imp.processes(at(CELL, (0.0, 0.0), 0.0))[0]
    assert parts["electrolyte"].time_constant == pytest.approx(0.7 * whole.time_constant)
    z = point.electrolyte([1e-3, 1e6 / 2 / np.pi, 1e14])[0].real
    assert z[0] == pytest.approx(total) and z[2] == pytest.approx(0.0, abs=1e-6 * total)
    assert z[1] == pytest.approx(0.7 * total + 0.3 * total / 101.0, rel=1e-4)


# --- limits -------------------------------------------------------------------------------------


def resting_voltage(cell, current: float) -> float:
    """What the quasi-static model shows once its voids have come to rest."""
    device = cell.device
    conductivity = float(device.bulk.conductivity(T))
    around = faces.Surroundings(P, T, conductivity)
    total = current * device.bulk.thickness / conductivity
    point = at_rest(cell, current)
    for laws, state, sign in zip(device.faces, point.states, (1.0, -1.0), strict=True):
        film = laws.growth.thickness(state.age)[:, None]
        j = np.array([sign * current])
        seen = faces.trace(faces.columned(laws), state.void[:, None], film, j, around)
        total += sign * float(seen.overpotential[0, 0])
    return total


@pytest.mark.parametrize("permittivity", [15.0, None])
@pytest.mark.parametrize("current", [0.5, 2.0, 4.0])
def test_the_lowest_frequencies_give_the_slope_of_the_resting_voltage(
    current: float, permittivity: float | None
) -> None:
    step = 1e-4 * current
    slope = resting_voltage(CELL, current + step) - resting_voltage(CELL, current - step)
    kept = replace(points.storage(CELL), permittivity=permittivity)
    point = at_rest(CELL, current, kept)
    z = point.modes([1e-9])[0, 0]
    assert z.real == pytest.approx(slope / (2.0 * step), rel=1e-6)
    parts = imp.processes(point)
    assert sum(p.resistance for p in parts) == pytest.approx(z.real, rel=1e-6)
    assert z.real > point.resistance[0] * 1.001  # the void costs more than its present contact


def test_the_highest_frequencies_see_the_electrolyte_alone() -> None:
    point = at(CELL, (4e-9, 0.0), 2.0)
    parts = {(p.name, p.face): p.resistance for p in imp.processes(point)}
    squeezed = parts["constriction", "named"] + parts["constriction", "counter"]
    kept = replace(points.storage(CELL), permittivity=None)
    bare = at(CELL, (4e-9, 0.0), 2.0, kept).modes([1e13])[0, 0]
    assert bare == pytest.approx(parts["electrolyte", ""] + squeezed, rel=1e-6)
    # and with its capacitance: the geometric one of the pellet, in series with all others
    whole = point.modes([1e13])[0, 0] * 2j * np.pi * 1e13
    stores = [p.capacitance for p in imp.processes(point) if p.name != "void growth"]
    assert whole.real == pytest.approx(sum(1.0 / c for c in stores if c), rel=1e-6)
    pellet = points.storage(CELL).permittivity * VACUUM_PERMITTIVITY / CELL.device.bulk.thickness
    assert stores[0] == pytest.approx(pellet, rel=1e-12)


def test_frozen_voids_are_a_plateau() -> None:
    kept = replace(points.storage(CELL), permittivity=None, interphases=(None, None))
    point = at(CELL, (2e-8, 0.0), 50.0, kept)
    assert point.modes([1e3])[0, 0].real == pytest.approx(point.resistance[0], rel=1e-6)


# --- the same right-hand side as the stepper's ----------------------------------------------------


@pytest.mark.parametrize("loss", CONTACT_RIVALS)
@pytest.mark.parametrize("voids", CLOSURES, ids=lambda x: type(x).__name__)
def test_voids_grow_as_in_the_stepper(voids, loss) -> None:
    cell = made(voids=voids, loss=loss(0.5e-6), refill=0.7)
    for void, current in ((3e-10, 4.0), (2e-7, 20.0), (2e-7, -20.0), (4e-7, 0.0)):
        face = at(cell, (void, 0.0), current, pressure=1e6).faces[0]
        table = faces.coefficients(face.laws, 1e6, T, 1)[0]
        if current < 0.0:
            table[kernel.STEADY] += table[kernel.SPEED] * 0.7 * -current
        opening = table[kernel.SPEED] * max(current, 0.0)
        rate, slope = kernel.rate_and_slope(void, opening, table)
        h, j = np.array([void]), np.array([current])
        scale = abs(table[kernel.SPEED]) * max(abs(current), 1.0)
        assert face.void_speed(h, j)[0] == pytest.approx(rate, rel=1e-9, abs=1e-9 * scale)
        found = face.slow(h, j)[3][0]
        assert found == pytest.approx(slope, rel=1e-7, abs=1e-12 * scale / void)


def test_without_a_current_half_strips_and_half_plates() -> None:
    face = at(CELL, (1e-7, 0.0), 0.0).faces[0]
    h = np.array([1e-7])
    ups = [float(face.slow(h, np.array([j]))[2][0]) for j in (1e-9, 0.0, -1e-9)]
    assert ups[1] == pytest.approx(0.5 * (ups[0] + ups[2]), rel=1e-12)
    assert ups[2] < ups[0]


# --- the nonlinear model, shaken ------------------------------------------------------------------


class Shaken:
    """The nonlinear cell under a sine on top of its current, demodulated over whole periods."""

    def __init__(self, point: points.OperatingPoint, frequency: float, share: float = 1e-3) -> None:
        self.point, self.frequency = point, frequency
        self.mean = float(point.current[0])
        self.swing = share * (abs(self.mean) or 1.0)
        self.ohms = float(point.device.bulk.thickness / point.conductivity[0])
        assert point.dielectric_time is not None
        self.tau = float(point.dielectric_time[0])

    def current(self, t: float) -> np.ndarray:
        return np.array([self.mean + self.swing * math.sin(2 * np.pi * self.frequency * t)])

    def start(self) -> list[np.ndarray]:
        """Near the swing that the linear system has, so that no transient must die away."""
        s = 2j * np.pi * self.frequency
        first = self.mean * self.ohms + self.swing * (self.ohms / (1.0 + s * self.tau)).imag
        found = [np.array([first])]
        for (face, void, own), sign in zip(self.point.sides(), (1.0, -1.0), strict=True):
            linear = face.linear(void, own)
            size = linear.matrix.shape[-1]
            swing = np.linalg.solve(s * np.eye(size) - linear.matrix[0], linear.drive[0] + 0j)
            swing[-1] *= CLOSED
            found.append(face.relaxed(void, own)[0] + sign * self.swing * swing.imag)
        return found

    def impedance(self, settle: int = 1, periods: int = 2) -> complex:
        parts = self.start()
        cut = np.cumsum([p.size for p in parts])[:-1]
        y0 = np.concatenate(parts)
        units = [np.full(parts[0].size, 1e-3)]
        units += [np.append(np.full(p.size - 1, 1e-3), CLOSED) for p in parts[1:]]
        unit = np.concatenate(units)

        def rates(t: float, x: np.ndarray) -> np.ndarray:
            bulk, *sides = np.split(x * unit, cut)
            j = self.current(t)
            found = [(j * self.ohms - bulk) / self.tau]
            for (face, _, _), y, sign in zip(self.point.sides(), sides, (1.0, -1.0), strict=True):
                found.append(face.rates(y[None, :], sign * j)[0])
            return np.concatenate(found) / unit

        def voltage(t: float, x: np.ndarray) -> float:
            bulk, *sides = np.split(x * unit, cut)
            j, total = self.current(t), float(bulk[0])
            for (face, _, _), y, sign in zip(self.point.sides(), sides, (1.0, -1.0), strict=True):
                total += sign * float(face.voltage(y[None, :], sign * j)[0])
            return total

        period = 1.0 / self.frequency
        times = (settle + np.arange(64 * periods) / 64.0) * period
        with np.errstate(all="ignore"):
            run = solve_ivp(rates, (0.0, times[-1]), y0 / unit, method="Radau", t_eval=times,
                            rtol=1e-9, atol=1e-11, max_step=period / 20)  # fmt: skip
        shown = [voltage(t, x) for t, x in zip(times, run.y.T, strict=True)]
        phase, u = 2 * np.pi * self.frequency * times, times / period - settle
        basis = np.stack([np.ones_like(u), u, np.sin(phase), np.cos(phase)], axis=1)
        fit = np.linalg.lstsq(basis, np.array(shown), rcond=None)[0]
        return complex(fit[2], fit[3]) / self.swing


@pytest.mark.parametrize("frequency", [3e8, 1e7, 3e5, 0.1, 0.01, 1e-3])
def test_the_nonlinear_cell_answers_a_sine_as_predicted(frequency: float) -> None:
    point = at_rest(CELL, 4.0)
    found = point.modes([frequency])[0, 0]
    shaken = Shaken(point, frequency).impedance()
    assert shaken == pytest.approx(found, rel=1e-4)
    assert shaken.imag == pytest.approx(found.imag, rel=1e-3)


def test_the_compiled_stepper_answers_a_slow_sine_as_predicted() -> None:
    """The engine's own integrator, its current a staircase of a sine."""
    point = at_rest(CELL, 4.0)
    frequency, pieces, share = 0.01, 200, 1e-3
    middles = (np.arange(3 * pieces) + 0.5) / pieces
    current = 4.0 * (1.0 + share * np.sin(2 * np.pi * middles))
    steps = tuple(Step(float(j), duration=1.0 / pieces / frequency) for j in current)
    cells = engine.start(CELL.device, P, T, 1.0, 1)
    cells.states = point.states
    outcome = engine.simulate(CELL.device, Protocol(steps), cells, nodes=3, tolerance=1e-9)
    shown = [float(np.interp(0.5 * p.times[0, -1], p.times[0], p.voltage[0]))
             for p in outcome.pieces[pieces:]]  # fmt: skip
    phase = 2 * np.pi * middles[pieces:]
    basis = np.stack([np.ones_like(phase), phase, np.sin(phase), np.cos(phase)], axis=1)
    fit = np.linalg.lstsq(basis, np.array(shown), rcond=None)[0]
    measured, found = complex(fit[2], fit[3]) / (share * 4.0), point.modes([frequency])[0, 0]
    assert measured == pytest.approx(found, rel=1e-3)
    assert measured.imag == pytest.approx(found.imag, rel=5e-3)
    assert abs(found.imag) > 0.05 * abs(found)


# --- causality ------------------------------------------------------------------------------------


def misfit(frequency: np.ndarray, z: np.ndarray, per_decade: int = 6) -> float:
    """Largest residual of a linear fit by relaxations at fixed times (Boukamp's test)."""
    count = int(per_decade * math.log10(frequency.max() / frequency.min())) + 1
    taus = np.geomspace(0.1 / frequency.max(), 10.0 / frequency.min(), count + 2 * per_decade)
    s = 2j * np.pi * frequency
    columns = [np.ones_like(s), 1.0 / s, *(1.0 / (1.0 + s * tau) for tau in taus)]
    basis = np.stack(columns, axis=1) / np.abs(z)[:, None]
    split = np.concatenate([basis.real, basis.imag])
    target = np.concatenate([(z / np.abs(z)).real, (z / np.abs(z)).imag])
    fit = np.linalg.lstsq(split, target, rcond=1e-13)[0]
    return float(np.max(np.abs(split @ fit - target)))


@pytest.mark.parametrize("voids", CLOSURES, ids=lambda x: type(x).__name__)
@pytest.mark.parametrize("current", [30.0, 0.0, -30.0])
def test_spectra_are_causal(voids, current: float) -> None:
    cell = made(voids=voids)
    point = at(cell, (3e-7, 1e-7), current)
    poles = point.modes.poles
    drift = np.max(point.least_frequency)
    assert (poles.real <= 1e-9 * max(drift, 1e-12)).all()
    frequency = np.geomspace(1e9, 1e-3, 121)
    z = point.modes(frequency)[0]
    assert misfit(frequency, z) < 1e-3
    broken = z + 0.02 * np.abs(z) * np.exp(-(np.log10(frequency / 1e5) ** 2))  # real part alone
    assert misfit(frequency, broken) > 3e-3


# --- numerics -------------------------------------------------------------------------------------


def test_modes_equal_linear_solves_and_batches_equal_single_cells() -> None:
    draws = 64
    library = default()
    interface = Interface(library.electrolyte("Li6PS5Cl"), library.anode("Li"))
    many = assemble(interface, Conditions(), pick=build.Draws(draws, 3))
    rng = np.random.default_rng(0)
    voids = 10.0 ** rng.uniform(-11, -5.5, (2, draws))
    current = rng.uniform(-50.0, 50.0, draws)
    point = at(many, voids, current)
    frequency = np.geomspace(1e9, 1e-6, 31)
    z = point.modes(frequency)
    direct = point.electrolyte(frequency)
    for face, void, own in point.sides():
        direct = direct + solved(face.linear(void, own), frequency)
    assert np.isfinite(z).all()
    np.testing.assert_allclose(z, direct, rtol=1e-8)
    found = imp.impedance(many, point.states, current, P, T, frequency, index=7)
    np.testing.assert_allclose(np.array(found.real) + 1j * np.array(found.imaginary), z[7])
    mid = at(made(), (voids[0, :1], voids[1, :1]), current[0]).modes(frequency)[0]
    np.testing.assert_allclose(z[0], mid, rtol=1e-9)  # the first draw is the value itself


def test_a_face_without_voids_is_finite_for_every_law_of_loss() -> None:
    for loss in CONTACT_RIVALS:
        point = at(made(loss=loss(0.5e-6)), (0.0, 0.0), 5.0)
        assert np.isfinite(point.modes(np.geomspace(1e9, 1e-5, 15))).all()
        assert np.isfinite(point.least_frequency).all()


# --- what may be trusted --------------------------------------------------------------------------


def test_a_growing_void_is_flagged_and_a_resting_one_is_not() -> None:
    hertz = imp.frequencies(1e-4, 1e6)
    grows = imp.impedance(CELL, states(CELL.device, (1e-7, 0.0)), 20.0, P, T, hertz)
    face = at(CELL, (1e-7, 0.0), 20.0).faces[0]
    rate = float(face.void_speed(np.array([1e-7]), np.array([20.0]))[0]) / 1e-7
    assert grows.least_frequency == pytest.approx(10.0 * rate, rel=1e-9)
    assert grows.trusted[0] and not grows.trusted[-1]
    assert all(good == (f >= grows.least_frequency) for f, good in
               zip(grows.frequency, grows.trusted, strict=True))  # fmt: skip
    rests = at_rest(CELL, 4.0)
    assert rests.least_frequency[0] < 1e-4


def test_a_young_interphase_is_flagged() -> None:
    young, old = (at(made(), (0.0, 0.0), 0.0, age=t).least_frequency[0] for t in (0.0, 1e6))
    assert 0.0 < old < young < 1.0


def growing(periods: int) -> tuple[complex, complex]:
    """A stripped face at the least frequency: demodulated over some periods, and predicted."""
    void, j, share = 1e-6, np.array([10.0]), 1e-3
    point = at(made(), (void, 0.0), j[0])
    face, frequency = point.faces[0], float(point.least_frequency[0])
    half = 0.5 * periods / frequency
    begin = void - half * float(face.void_speed(np.array([void]), j)[0])
    times = (np.arange(64 * periods) / 64.0 - 0.5 * periods) / frequency

    def current(t: float) -> np.ndarray:
        return j * (1.0 + share * math.sin(2 * np.pi * frequency * t))

    run = solve_ivp(lambda t, h: face.void_speed(h, current(t)), (-half, half), [begin],
                    method="LSODA", rtol=1e-11, atol=1e-20, t_eval=times)  # fmt: skip
    shown = [
        face.voltage(face.relaxed(h, current(t)), current(t))[0]
        for t, h in zip(times, run.y.T, strict=True)
    ]
    u, phase = times * frequency, 2 * np.pi * frequency * times
    basis = np.stack([np.ones_like(u), u, u**2, u**3, np.sin(phase), np.cos(phase)], axis=1)
    fit = np.linalg.lstsq(basis, np.array(shown), rcond=None)[0]
    found = face.linear(np.array([void]), j).modes()([frequency])[0, 0]
    return complex(fit[4], fit[5]) / (share * j[0]), found


def test_at_the_least_frequency_a_drifting_cell_still_agrees() -> None:
    measured, predicted = growing(3)
    assert abs(measured - predicted) < 0.01 * abs(predicted)
    measured, predicted = growing(1)  # one period alone: the drift leaks into the other phase
    assert 0.01 * abs(predicted) < abs(measured - predicted) < 0.1 * abs(predicted)


# --- what a protocol asks for ---------------------------------------------------------------------


def test_spectra_are_taken_at_the_end_of_their_steps() -> None:
    cell = made()
    protocol = Protocol.parse(
        "Rest for 10 h",
        "Impedance from 0.1 Hz to 1 MHz",
        Step(10.0, duration=3600.0, impedance=(1.0, 1e6)),
        Step(-10.0, duration=1800.0, temperature=318.15, pressure=8e6),
        Step(None, 0.01, duration=600.0, impedance=(1.0, 1e5)),
        "Rest for 1 h",
    )
    cells = engine.start(cell.device, P, T, 1.0, 1)
    outcome = engine.simulate(cell.device, protocol, cells)
    found = imp.spectra(cell, protocol, outcome)
    assert [len(s.frequency) for s in found] == [71, 61, 51]
    assert [s.frequency[0] for s in found] == [1e6, 1e6, 1e5]
    assert found[0].current_density == 0.0 and found[1].current_density == 10.0
    assert [s.time for s in found] == pytest.approx([36001.0, 39601.0, 42001.0])
    assert found[2].temperature == 318.15 and found[2].stack_pressure == 8e6
    assert found[2].voltage == pytest.approx(0.01, abs=1e-4)
    for number, spectrum in ((2, found[0]), (3, found[1]), (5, found[2])):
        again = engine.start(cell.device, P, T, 1.0, 1)
        short = engine.simulate(cell.device, Protocol(protocol.steps[:number]), again)
        direct = imp.impedance(
            cell, short.cells.states, spectrum.current_density, spectrum.stack_pressure,
            spectrum.temperature, spectrum.frequency,
        )  # fmt: skip
        np.testing.assert_allclose(spectrum.real, direct.real, rtol=1e-9)
        np.testing.assert_allclose(spectrum.imaginary, direct.imaginary, rtol=1e-9)
    assert found[0].voltage == 0.0
    shown = outcome.pieces[2].voltage[0, -1]
    assert found[1].voltage == pytest.approx(shown, rel=1e-9)


def test_a_dead_cell_has_no_spectrum() -> None:
    cell = made()
    taken = (1.0, 1e5)
    protocol = Protocol(
        (Step(1.0, duration=60.0, impedance=taken), Step(500.0, duration=3.6e5, impedance=taken),
         Step(0.0, duration=60.0, impedance=taken)),
    )  # fmt: skip
    outcome = engine.simulate(cell.device, protocol, engine.start(cell.device, P, T, 1.0, 1))
    assert outcome.events and outcome.events[-1].kind in engine.ENDS_CELL
    assert len(imp.spectra(cell, protocol, outcome)) == 1


def test_a_protocol_without_impedance_needs_no_capacitances() -> None:
    device = CELL.device
    protocol = Protocol.parse("Rest for 1 h")
    outcome = engine.simulate(device, protocol, engine.start(device, P, T, 1.0, 1))
    assert imp.spectra(device, protocol, outcome) == ()


# --- the answer -----------------------------------------------------------------------------------


def spectrum(**changes) -> imp.ImpedanceResult:
    given = {"current": 4.0, "pressure": P, "temperature": T, "frequencies": [1e6, 1e2, 1e-2]}
    void = changes.pop("void", 1e-9)
    return imp.impedance(CELL, states(CELL.device, (void, 0.0)), **(given | changes))


def test_results_are_saved_and_read_again() -> None:
    found = spectrum()
    assert imp.ImpedanceResult.from_dict(found.to_dict()) == found
    rows = found.rows()
    assert rows[0]["frequency [Hz]"] == 1e6
    assert rows[2]["real [Ω cm²]"] == pytest.approx(1e4 * found.real[2])
    named = found.process("charge transfer", "named")
    assert 2 * np.pi * named.frequency * named.resistance * named.capacitance == pytest.approx(1.0)
    with pytest.raises(DataError, match="there are electrolyte"):
        found.process("diffusion")


def test_what_is_assumed_is_said() -> None:
    garnet = made("LLZO")
    told = points.storage(garnet).warnings
    assert any("double-layer capacitance is assumed" in line for line in told)
    assert "double layer capacitance" in garnet.basis
    polymer = made("PEO")
    kept = points.storage(polymer)
    assert kept.permittivity is None
    assert any("relative permittivity unknown" in line for line in kept.warnings)
    films = replace(CELL.device.faces[0], layers=lambda temperature: 1e-3)
    device = replace(CELL.device, faces=(films, CELL.device.faces[1]))
    found = [
        imp.impedance(device, states(device, (1e-9, 0.0)), 0.0, P, T, [1e9, 1e-2], stored=stored)
        for stored in (points.storage(CELL), replace(points.storage(CELL), films=(0.01, None)))
    ]
    assert any("films and layers" in line for line in found[0].warnings)
    assert not any("films and layers" in line for line in found[1].warnings)
    assert found[0].real[1] == pytest.approx(found[1].real[1], rel=1e-6)
    assert found[0].real[0] - found[1].real[0] == pytest.approx(1e-3, rel=1e-3)
    assert found[1].process("films and layers", "named").time_constant == pytest.approx(1e-5)


def test_diffusion_inside_an_electrode_is_told_to_be_left_out() -> None:
    field = made().device
    inside = replace(field.faces[0], interior=AlloyField(
        SlabModes(25e-6), ArrheniusDiffusivity(3e-15), 6.96e4, 2.4e4, 0.02
    ))  # fmt: skip
    device = replace(field, faces=(inside, field.faces[1]))
    stored = points.storage(CELL)
    found = imp.impedance(device, states(device, (0.0, 0.0)), 0.0, P, T, [1.0], stored=stored)
    assert sum("inside the electrode" in line for line in found.warnings) == 1
    assert found.voltage == pytest.approx(0.02)
    assert not any("inside the electrode" in line for line in spectrum().warnings)


def test_voids_that_pass_displacement_current_are_told() -> None:
    """A gap so thin that its capacitance holds the constriction below the bulk's frequency."""
    cell = made(loss=HyperbolicLoss(1e-12), constriction=build.Constriction(PATTERNS[0], 200e-6))
    found = [
        imp.impedance(cell, states(cell.device, (h, 0.0)), 0.0, P, T, [1.0]).warnings
        for h in (1e-10, 0.0)
    ]
    assert any("displacement current" in line for line in found[0])
    assert not any("displacement current" in line for line in found[1])


def test_a_void_that_nothing_pulls_back_resists_with_the_sign_of_its_face() -> None:
    cell = made(voids=VacancyDiffusion(0.5, LITHIUM))
    parts = imp.processes(at(cell, (3e-7, 3e-7), 30.0))
    grows, shrinks = (p for p in parts if p.name == "void growth")
    assert grows.resistance == math.inf and grows.capacitance > 0.0
    assert shrinks.resistance == -math.inf and shrinks.capacitance < 0.0
    assert grows.time_constant == shrinks.time_constant == math.inf


def test_swapped_time_constants_are_told() -> None:
    fast = replace(points.storage(CELL), double_layers=(1e-6, 1e-6))
    found = imp.impedance(
        CELL.device, states(CELL.device, (1e-9, 0.0)), 0.0, P, T, [1.0], stored=fast
    )
    assert any("relaxes faster than the current lines" in line for line in found.warnings)
    assert not any("relaxes faster" in line for line in spectrum().warnings)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"frequencies": []}, "positive numbers in Hz"),
        ({"frequencies": [1.0, -1.0]}, "positive numbers in Hz"),
        ({"temperature": -3.0}, "temperature"),
        ({"pressure": -1.0}, "stack pressure"),
        ({"current": math.nan}, "current density"),
    ],
)
def test_what_cannot_be_is_refused(changes, words: str) -> None:
    with pytest.raises(DataError, match=words):
        spectrum(**changes)


def test_a_bare_device_must_be_told_its_capacitances() -> None:
    with pytest.raises(DataError, match="stored"):
        imp.impedance(CELL.device, states(CELL.device, (0.0, 0.0)), 0.0, P, T, [1.0])
    with pytest.raises(DataError, match="no range"):
        imp.frequencies(1.0, 1.0)
    assert imp.frequencies(1e-1, 1e1).size == 21


def test_the_figure_marks_decades_and_what_is_not_trusted() -> None:
    bibtex((*imp.REFERENCES, "boukamp1995linear"))
    hertz = imp.frequencies(1e-4, 1e8)
    found = [
        replace(spectrum(current=j, frequencies=hertz, void=1e-7), time=3600.0) for j in (0.0, 20.0)
    ]
    figure = nyquist(found[1])
    curve, marks = figure.data
    assert figure.layout.yaxis.scaleanchor == "x"
    assert "Ω cm²" in figure.layout.xaxis.title.text
    assert len(curve.x) == 121 and len(marks.x) == 13
    np.testing.assert_allclose(curve.x, 1e4 * np.array(found[1].real))
    np.testing.assert_allclose(curve.y, -1e4 * np.array(found[1].imaginary))
    assert "1 MHz" in curve.text and "100 MHz" in marks.text
    hollow = [c == "white" for c in curve.marker.color]
    assert hollow == [not good for good in found[1].trusted] and any(hollow)
    both = nyquist(*found)
    names = [trace.name for trace in both.data if trace.name]
    assert len(both.data) == 4 and names[0].startswith("at rest") and "2 mA" in names[1]
    assert all("after 1 h" in name for name in names)
