"""Silicon and graphite as half cells: balances, limits, hysteresis, holds, events."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import solve_ivp
from scipy.sparse import diags_array

from anolyte.core.errors import DataError
from anolyte.core.units import BOLTZMANN, ELEMENTARY_CHARGE, FARADAY
from anolyte.laws.diffusion import ArrheniusDiffusivity
from anolyte.laws.growth import InterphaseGrowth
from anolyte.laws.host_cycle import HostCycle
from anolyte.laws.host_data import read_host, read_make, read_window
from anolyte.laws.host_expansion import ShrinkageContact
from anolyte.laws.host_limits import interphase_area
from anolyte.laws.host_potential import Branches, Galleries, MeasuredPotential
from anolyte.laws.slab_field import SlabModes, SphereModes
from anolyte.materials.library import default
from anolyte.materials.protocol import Protocol, Step
from anolyte.materials.stack import Conditions, Form, Interface, Layer, Surface
from anolyte.models.cell import build, engine
from anolyte.models.cell.host_face import AsPressed, host_face
from anolyte.studies.cell import Cell

LIB = default()
DELITHIATE = "Delithiate at 0.1 mA/cm2 for 40 h or until 1.2 V"


def half_cell(anode="Si", form=None, *, counter="LiIn", capacity="2 mAh/cm2", **more) -> Cell:
    interface = Interface(
        LIB.electrolyte("Li6PS5Cl"), LIB.anode(anode), form=form or Form(), **more
    )
    conditions = Conditions(stack_pressure="20 MPa", areal_capacity=capacity)
    return Cell(interface=interface, conditions=conditions, counter=counter)


def field(cell: Cell):
    return cell.assemble().device.faces[0].interior


def slow(cell: Cell, **changes) -> dict:
    """Laws in which lithium spreads at once, so that the face shows the mean."""
    quick = replace(field(cell), diffusivity=ArrheniusDiffusivity(1e-6), **changes)
    return {"named.interior": quick}


FILM = Form(shape="film", size="1 um")
COMPOSITE = Form(shape="particles", size="2 um", electrolyte=0.4)
ROOMY = Form(shape="particles", size="2 um", electrolyte=0.3, free_volume=0.3)
CELLS = {"film": ("Si", FILM), "composite": ("Si", COMPOSITE), "graphite": ("graphite", COMPOSITE)}


# --- charge ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", CELLS)
def test_lithium_at_rest_is_the_charge_that_went_in(name) -> None:
    cell = half_cell(*CELLS[name])
    run = cell.run("Lithiate at 0.05 mA/cm2 for 3 h", "Rest for 5000 h")
    expected = 0.5 * 3 * 3600.0 / field(cell).capacity
    assert run.face_lithium[-1] == pytest.approx(expected, rel=1e-6)
    assert abs(run.balance.charge) < 1e-12 and abs(run.balance.lithium) < 1e-12


def test_a_film_of_a_known_thickness_holds_the_charge_of_its_volume() -> None:
    host = read_host(LIB.anode("Si"))
    expected = 1e-6 * host.need("density").si * host.need("specific_capacity").si
    assert field(half_cell("Si", FILM)).capacity == pytest.approx(expected)


@settings(max_examples=15, deadline=None)
@given(
    st.lists(st.tuples(st.floats(-3.0, 3.0), st.floats(60.0, 7200.0)), min_size=1, max_size=6),
    st.sampled_from(sorted(CELLS)),
)
def test_any_protocol_keeps_its_charge_and_its_numbers_finite(steps, name) -> None:
    words = [
        f"{'Delithiate' if j > 0 else 'Lithiate'} at {abs(j)} A/m^2 for {t} s"
        if abs(j) > 1e-3 else f"Rest for {t} s"
        for j, t in steps
    ]  # fmt: skip
    cell = half_cell(*CELLS[name])
    run = cell.run(*words)
    for series in (run.voltage, run.potential, run.face_lithium, run.growth, run.host_stress):
        assert np.isfinite(series).all()
    assert min(run.face_lithium) > -1e-6 and max(run.face_lithium) < 1.0 + 1e-6
    time, current = np.array(run.time), np.array(run.current_density)
    passed = -np.sum(np.diff(time) * current[1:]) / field(cell).capacity
    rested = cell.run(*words, "Rest for 80000 h")
    ended = {e.kind for e in rested.events} & {"contact loss", "crack", "open circuit"}
    if not ended:
        assert rested.face_lithium[-1] == pytest.approx(passed, abs=1e-6)


def test_full_and_empty_end_a_step_not_the_cell() -> None:
    cell = half_cell("graphite", COMPOSITE, capacity="0.5 mAh/cm2")
    run = cell.run(
        "Lithiate at 0.1 mA/cm2 for 40 h", "Delithiate at 0.1 mA/cm2 for 40 h", "Rest for 1 h"
    )
    assert [e.kind for e in run.events] == ["full of lithium", "no lithium at the face"]
    assert run.end is None and run.steps[-1] == 2
    assert run.face_lithium[-1] > 0.0  # what had not reached the face


# --- potential ------------------------------------------------------------------------------------


def test_a_slow_film_without_stress_shows_its_curve() -> None:
    cell = half_cell("graphite", FILM, capacity="0.3 mAh/cm2")
    run = replace(cell, laws=tuple(slow(cell).items())).run("Lithiate at 1 uA/cm2 for 50 h")
    law = field(cell).potential
    shown = law(np.array(run.face_lithium), 298.15)
    np.testing.assert_allclose(run.potential, shown, atol=1e-9)
    assert run.voltage[-1] == pytest.approx(run.potential[-1] - 0.62, abs=2e-3)


def test_filling_lies_below_emptying_by_the_branches() -> None:
    cell = half_cell("Si", COMPOSITE)
    laws = tuple(slow(cell).items())
    run = replace(cell, laws=laws).run(
        "Lithiate at 0.1 mA/cm2 for 12 h", "Delithiate at 0.1 mA/cm2 for 8 h"
    )
    law = field(cell).potential
    assert isinstance(law, Branches)
    share, volts = np.array(run.face_lithium), np.array(run.potential)
    half = np.array(run.current_density) < 0.0
    down = np.interp(0.4, share[half], volts[half])
    up = np.interp(0.4, share[~half][::-1], volts[~half][::-1])
    assert up - down == pytest.approx(float(law.emptying(0.4) - law.filling(0.4)), rel=0.03)


def test_stress_parts_the_branches_of_a_held_film() -> None:
    """The film's stress loop is that of the quasi-static cycle, and shifts the potential by it."""
    cell = half_cell("Si", FILM)
    laws = tuple(slow(cell).items())
    run = replace(cell, laws=laws).run(
        "Lithiate at 0.05 mA/cm2 for 8 h", "Delithiate at 0.05 mA/cm2 for 8 h or until 1.5 V"
    )
    stress, share = np.array(run.host_stress), np.array(run.face_lithium)
    assert stress.min() == pytest.approx(-1.75e9, rel=1e-6)
    assert stress.max() == pytest.approx(1.0e9, rel=1e-6)
    shift = np.array(run.potential) - field(cell).potential(share)
    np.testing.assert_allclose(shift, 110e-12 * stress, atol=1e-9)


@pytest.mark.parametrize("form", [FILM, COMPOSITE, ROOMY], ids=["film", "composite", "roomy"])
def test_stress_growth_and_contact_are_those_of_the_quasi_static_cycle(form) -> None:
    cell = half_cell("Si", form)
    interface, conditions = cell.interface, cell.conditions
    host = read_host(interface.anode)
    make = read_make(host, form)
    at = read_window(host, make, form, conditions.areal_capacity)
    top = 0.6 * host.content
    whole = ShrinkageContact(lambda p: 1.0 + 0.0 * np.asarray(p))
    known = HostCycle(
        host.expansion, make.growth, at.thickness, at.made, host.film(), None, make.adherent,
        conditions.stack_pressure, contact=whole,
    ).run(0.0, top, points=400, cycles=2)  # fmt: skip
    charge = 0.6 * field(cell).capacity / 3600.0  # A h/m2
    step = f"at 0.1 mA/cm2 for {charge!r} A*h/m^2"
    run = replace(cell, laws=tuple(slow(cell).items())).run(
        *[f"Lithiate {step}", f"Delithiate {step}"] * 2
    )
    content = np.array(run.face_lithium) * host.content
    legs = np.array(run.steps)
    table = np.array(known.content)
    for leg in range(4):
        inside = slice(400 * leg, 400 * (leg + 1))
        x, order = table[inside], 1 if leg % 2 == 0 else -1
        for mine, theirs, size in (
            (run.host_stress, known.stress, 3e7), (run.growth, known.growth, 2e-9)
        ):  # fmt: skip
            expected = np.interp(content[legs == leg], x[::order],
                                 np.array(theirs)[inside][::order])  # fmt: skip
            np.testing.assert_allclose(np.array(mine)[legs == leg], expected, atol=size)


def test_a_thicker_film_reaches_its_cut_off_earlier() -> None:
    """Diffusion: the same charge per volume, a longer way."""
    shares = []
    for size, current in (("0.2 um", 0.05), ("2 um", 0.5)):
        cell = half_cell("Si", Form(shape="film", size=size))
        run = cell.run(f"Lithiate at {current} mA/cm2 for 100 h or until -0.6 V", "Rest for 500 h")
        shares.append(run.face_lithium[-1])
    assert shares[0] > 1.2 * shares[1]


def test_half_cells_against_lithium_and_lithium_indium_differ_by_its_potential() -> None:
    volts = [half_cell("Si", FILM, counter=c).assemble().device.rest for c in ("Li", "LiIn")]
    assert volts[0] - volts[1] == pytest.approx(0.62, abs=1e-9)


# --- holds and cut-offs ---------------------------------------------------------------------------


def test_a_cut_off_is_met_from_the_side_of_the_current() -> None:
    run = half_cell("Si", FILM).run(
        "Lithiate at 0.02 mA/cm2 for 99 h or until -0.5 V",
        "Delithiate at 0.02 mA/cm2 for 99 h or until 0.3 V",
    )
    assert [e.kind for e in run.events] == ["cut-off", "cut-off"]
    first = [v for v, step in zip(run.voltage, run.steps, strict=True) if step == 0]
    assert first[-1] == pytest.approx(-0.5, abs=1e-4)
    assert run.voltage[-1] == pytest.approx(0.3, abs=1e-4)


def test_a_hold_ends_where_a_slow_current_would() -> None:
    """Held long at a voltage, a host holds what its curve says for that voltage."""
    cell = half_cell("graphite", Form(shape="film", size="0.5 um"), capacity="0.1 mAh/cm2")
    run = cell.run("Lithiate at 0.02 mA/cm2 for 40 h or until -0.5 V", "Hold at -0.5 V for 400 h")
    assert run.potential[-1] - 0.62 == pytest.approx(-0.5, abs=1e-4)
    law = field(cell).potential
    assert float(law(run.face_lithium[-1])) == pytest.approx(0.12, abs=1e-4)
    held = np.array(run.steps) == 1
    current = -np.array(run.current_density)[held]
    assert current[0] > 100 * abs(current[-1])
    assert (np.diff(current) <= 1e-3 * current[0]).all()


def test_a_hold_converges_with_its_intervals(monkeypatch) -> None:
    from anolyte.models.cell import hold

    found = []
    steps = ("Lithiate at 0.2 mA/cm2 for 4 h", "Hold at -0.5 V for 1 h", "Rest for 9000 h")
    for intervals in (15, 30, 60, 200):
        monkeypatch.setattr(hold, "HOST_INTERVALS", intervals)
        run = half_cell("Si", COMPOSITE).run(*steps)
        found.append(run.face_lithium[-1])
    errors = np.abs(np.array(found[:3]) - found[3])
    assert errors[0] > 3.0 * errors[1] > 9.0 * errors[2]
    assert errors[1] < 2e-3


def test_metal_cells_refuse_a_cut_off_without_size() -> None:
    for cut in ("0 V", "-0.5 V"):
        with pytest.raises(DataError, match="cut-off must be positive"):
            Cell("Li6PS5Cl", "Li").run(f"Strip at 0.1 mA/cm2 for 1 h until {cut}")


# --- levers of the form ---------------------------------------------------------------------------


def test_free_volume_takes_up_growth() -> None:
    step = "Lithiate at 0.1 mA/cm2 for 8 h"
    dense, roomy = (
        half_cell("Si", Form(shape="particles", size="1 um", electrolyte=0.3, free_volume=f)).run(
            step
        )
        for f in (0.0, 0.3)
    )
    assert roomy.growth[-1] < 0.7 * dense.growth[-1]


def test_prelithiation_leaves_less_room_and_gives_lithium_to_a_first_emptying() -> None:
    plain = half_cell("Si", COMPOSITE)
    before = half_cell("Si", replace(COMPOSITE, prelithiation=0.3))
    assert plain.run("Delithiate at 0.1 mA/cm2 for 1 h").events[0].kind in (
        "lithium exhausted", "no lithium at the face",
    )  # fmt: skip
    assert before.run("Delithiate at 0.1 mA/cm2 for 1 h").events == ()


def test_more_electrolyte_in_a_composite_carries_its_current_better() -> None:
    ohms = [
        half_cell("Si", replace(COMPOSITE, electrolyte=share)).run("Rest for 1 s").resistance[0]
        for share in (0.2, 0.4)
    ]
    assert ohms[0] > ohms[1]
    device = half_cell("Si", COMPOSITE).assemble().device
    kappa, layers = float(device.bulk.conductivity(298.15)), device.faces[0].layers
    expected = layers.thickness / (3.0 * kappa * 0.4**1.5)
    assert float(layers(298.15) - layers.films(298.15)) == pytest.approx(expected)


def test_an_interlayer_adds_its_resistance() -> None:
    layer = (Layer.parse("LiPON:1 um", LIB),)
    bare, covered = (half_cell("Si", FILM, layers=x).run("Rest for 1 s") for x in ((), layer))
    assert covered.resistance[0] > bare.resistance[0]


# --- the laws alone -------------------------------------------------------------------------------


def test_galleries_turn_round_their_own_sum() -> None:
    law = Galleries((0.3, 0.5, 0.2), (0.1, 0.2, 0.4), (0.2, 1.0, 2.0))
    share = np.linspace(0.002, 0.998, 300)
    for kelvin in (273.0, 298.15, 353.0):
        np.testing.assert_allclose(law.share(law(share, kelvin), kelvin), share, atol=1e-8)
    assert (np.diff(law(share)) < 0.0).all()


def test_one_ideal_gallery_is_nernst() -> None:
    share = np.array([0.1, 0.4, 0.9])
    kt = BOLTZMANN * 320.0 / ELEMENTARY_CHARGE
    expected = 0.3 + 1.5 * kt * np.log((1 - share) / share)
    found = Galleries((1.0,), (0.3,), (1.5,))(share, 320.0)
    np.testing.assert_allclose(found, expected, atol=1e-9)


def test_measured_points_go_on_as_dilute_solutions() -> None:
    law = MeasuredPotential((0.1, 0.9), (0.5, 0.1))
    kt = BOLTZMANN * 298.15 / ELEMENTARY_CHARGE
    assert float(law(0.05)) == pytest.approx(0.5 + kt * np.log(2.0))
    assert float(law(0.95)) == pytest.approx(0.1 - kt * np.log(2.0))
    assert (np.diff(law(np.linspace(0.0, 1.0, 500))) <= 0.0).all()


@given(st.floats(-1.0, 1.0), st.floats(-0.3, 0.3), st.floats(0.0, 1.0))
def test_memory_does_not_depend_on_how_a_charge_is_cut(memory, change, cut) -> None:
    law = Branches(MeasuredPotential((0, 1), (0.4, 0.0)), MeasuredPotential((0, 1), (0.6, 0.2)))
    whole = law.remembered(memory, change)
    parts = law.remembered(law.remembered(memory, change * cut), change * (1.0 - cut))
    assert float(whole) == pytest.approx(float(parts), abs=1e-12)
    assert -1.0 <= float(whole) <= 1.0
    goal = -1.0 if change > 0.0 else 1.0
    left = (memory - goal) * np.exp(-abs(change) / law.span)
    assert float(whole) - goal == pytest.approx(left, abs=1e-12)


@pytest.mark.parametrize(
    ("modes", "dimensions", "end"), [(SlabModes, 1, 3.0), (SphereModes, 3, 5.0)]
)
def test_long_currents_leave_the_gradient_of_slab_and_ball(modes, dimensions, end) -> None:
    size, pace, j = 3e-6, 2e-15, 0.7
    body = modes(size)
    state = body.advance(body.rest(3e4), j, 4e7, pace)
    assert float(state.mean) == pytest.approx(3e4 - dimensions * j * 4e7 / (FARADAY * size))
    drop = float(state.mean - body.surface(state))
    assert drop == pytest.approx(j * size / (end * FARADAY * pace), rel=1e-6)
    early = body.advance(body.rest(3e4), j, 1.0, pace)
    half_space = 2.0 * j / FARADAY * np.sqrt(1.0 / (np.pi * pace))
    assert float(3e4 - body.surface(early)) == pytest.approx(half_space, rel=0.05)


def test_a_ball_keeps_its_lithium() -> None:
    body, pace = SphereModes(2e-6), 1e-15
    state = body.rest(1e4)
    for j, t in ((0.5, 300.0), (-1.0, 150.0), (0.0, 1e7)):
        state = body.advance(state, j, t, pace)
    assert float(body.surface(state)) == pytest.approx(1e4, rel=1e-9)
    depth = np.linspace(0.0, 1.0, 5)
    np.testing.assert_allclose(body.profile(state, depth), 1e4, rtol=1e-9)


# --- impedance ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", CELLS)
def test_diffusion_in_a_spectrum_is_the_finite_element_of_its_shape(name) -> None:
    """Slab: coth(q) / q; ball: tanh(q) / (q - tanh(q)), with q^2 = i omega L^2 / D."""
    cell = half_cell(*CELLS[name])
    run = cell.run(
        "Lithiate at 0.1 mA/cm2 for 4 h", "Rest for 900 h", "Impedance from 0.001 mHz to 1 kHz"
    )
    inner, state, (spectrum,) = field(cell), run.face_lithium[-1], run.spectra
    depth, pace = inner.modes.thickness, float(inner.diffusivity(298.15))
    s = 2j * np.pi * np.array(spectrum.frequency)
    q = np.sqrt(s * depth**2 / pace)
    per = FARADAY * inner.full * inner.area
    memory = 0.0 if inner.adherent else -1.0  # the middle, or the branch of filling

    def curve(x):
        law = inner.potential
        return float(law.at(x, memory=memory) if isinstance(law, Branches) else law(x))

    slope = -(curve(state + 1e-3) - curve(state - 1e-3)) / 2e-3
    shape = 1.0 / np.tanh(q) / q if inner.modes.dimensions == 1 else np.tanh(q) / (q - np.tanh(q))
    expected = slope * depth / (per * pace) * shape
    if inner.adherent and inner.coupling is not None:
        expected = expected - inner.coupling(inner.held.elastic_slope(np.array([state]))) / (
            s * inner.capacity
        )
    other = sum(
        p.resistance for p in spectrum.processes if p.name not in ("diffusion", "void growth")
    )
    found = np.array(spectrum.real) + 1j * np.array(spectrum.imaginary)
    slow_enough = np.array(spectrum.frequency) < 30.0  # double layers have settled
    np.testing.assert_allclose(
        (found - other)[slow_enough], expected[slow_enough], rtol=2e-2,
        atol=1e-3 * other,
    )  # fmt: skip
    assert spectrum.voltage == pytest.approx(run.voltage[-1], abs=1e-6)


def test_a_slow_pulse_sees_the_resistance_of_the_spectrum() -> None:
    """One answer from two ways: the stepper's relaxation and the linearised modes."""
    cell = half_cell("Si", COMPOSITE)
    way = ("Lithiate at 0.1 mA/cm2 for 4.4 h", "Rest for 900 h")
    spectrum = cell.run(*way, "Impedance from 0.01 mHz to 1 kHz").spectra[0]
    run = cell.run(*way, "Lithiate at 0.001 mA/cm2 for 20 h", "Rest for 900 h")
    voltage, steps = np.array(run.voltage), np.array(run.steps)
    end, rested = voltage[steps == 2][-1], voltage[steps == 3][-1]
    expected = sum(p.resistance for p in spectrum.processes if p.name != "void growth")
    assert (rested - end) / 0.01 == pytest.approx(expected, rel=0.02)


# --- against another solution ---------------------------------------------------------------------


def finite_volumes(inner, steps, cells=300):
    """Share at the face at the end of steps (A/m2, s), by finite volumes and implicit steps."""
    pace, size = float(inner.diffusivity(298.15)), inner.modes.thickness
    edge = size * (1.0 - (1.0 - np.linspace(0.0, 1.0, cells + 1)) ** 2)  # fine at the face
    area = edge**2 if inner.modes.dimensions == 3 else np.ones_like(edge)
    power = inner.modes.dimensions
    volume = np.diff(edge**power) / power
    middle = 0.5 * (edge[1:] + edge[:-1])
    link = pace * area[1:-1] / np.diff(middle)
    lithium, found = np.full(cells, inner.made * inner.full), []
    for current, time in steps:
        into = -current / inner.area / FARADAY

        def slope(_, c, into=into):
            flow = np.concatenate([[0.0], link * np.diff(c), [area[-1] * into]])
            return np.diff(flow) / volume

        band = diags_array(np.ones((3, cells)), offsets=[-1, 0, 1], shape=(cells, cells))
        lithium = solve_ivp(
            slope, (0.0, time), lithium, method="BDF", rtol=1e-8, atol=1e-6, jac_sparsity=band
        ).y[:, -1]
        found.append((lithium[-1] + into / pace * (edge[-1] - middle[-1])) / inner.full)
    return found


@pytest.mark.parametrize(
    ("anode", "form", "size"),
    [
        ("Si", COMPOSITE, 1.5), ("graphite", COMPOSITE, 1.5),
        ("graphite", Form(shape="film", size="6 um"), 0.2),
    ],
)  # fmt: skip
def test_three_steps_are_those_of_finite_volumes_to_a_tenth_of_a_millivolt(
    anode, form, size
) -> None:
    cell = half_cell(anode, form)
    device = cell.assemble().device
    inner = device.faces[0].interior
    steps = ((-size, 14400.0), (0.0, 1800.0), (size, 7200.0))
    run = cell.run(
        f"Lithiate at {size} A/m^2 for 4 h",
        "Rest for 30 min",
        f"Delithiate at {size} A/m^2 for 2 h",
    )
    memory, ends = -1.0, np.flatnonzero(np.diff(run.steps, append=3))
    kappa = float(device.bulk.conductivity(298.15))
    for end, (current, time), share in zip(ends, steps, finite_volumes(inner, steps), strict=True):
        law, change = inner.potential, -current * time / inner.capacity
        expected = float(law(share)) if not isinstance(law, Branches) else 0.0
        if isinstance(law, Branches):
            memory = float(law.remembered(memory, change)) if change else memory
            low, high = float(law.filling(share)), float(law.emptying(share))
            expected = 0.5 * (low + high) + 0.5 * memory * (high - low)
        assert run.potential[end] == pytest.approx(expected, abs=1e-5)
        drop = -0.62 + current * device.bulk.thickness / kappa
        for face in device.faces:
            contact = float(face.conducting(face.loss.void(face.attached)))
            thermal = 2.0 * BOLTZMANN * 298.15 / ELEMENTARY_CHARGE
            exchange = float(face.transfer.exchange(298.15)) * contact
            drop += thermal * np.arcsinh(current / (2.0 * exchange))
            ohms = float(face.layers(298.15)) + float(face.constriction(contact, kappa))
            drop += current * ohms
        assert run.voltage[end] == pytest.approx(expected + drop, abs=1e-4)


# --- lithium that the interphase takes ------------------------------------------------------------


def growing(cell: Cell) -> Cell:
    """The cell with an interphase on its host that takes much lithium."""
    laws = (("named.growth", InterphaseGrowth(1e-22)), ("named.volume_per_charge", 4.7e-12))
    return replace(cell, laws=laws)


def test_the_interphase_takes_its_lithium_from_the_host_as_it_grows() -> None:
    cell = growing(half_cell("Si", COMPOSITE))
    run = cell.run("Lithiate at 0.2 mA/cm2 for 4 h", "Rest for 900 h")
    inner, rest = field(cell), np.array(run.steps) == 1
    taken = np.array(run.interphase) / 4.7e-12 / inner.capacity
    assert taken[-1] > 0.05
    passed = 2.0 * 14400.0 / inner.capacity
    assert run.face_lithium[-1] == pytest.approx(passed - taken[-1], abs=1e-6)
    share, late = np.array(run.face_lithium)[rest], np.array(run.time)[rest] > 100 * 3600.0
    np.testing.assert_allclose(share[late], passed - taken[rest][late], atol=1e-6)
    assert run.lithium_lost == pytest.approx(taken[-1] * inner.capacity, rel=1e-6)
    volume = inner.expansion(run.face_lithium[-1] * inner.content) / inner.expansion(0.0)
    assert run.growth[-1] == pytest.approx(inner.thickness * inner.buffer(volume), rel=1e-6)
    again = cell.run("Lithiate at 0.2 mA/cm2 for 4 h", "Rest for 900 h", "Rest for 1 s")
    assert again.potential[-1] == pytest.approx(run.potential[-1], abs=1e-6)  # no jump


def test_an_emptied_host_gives_back_less_by_what_its_interphase_holds() -> None:
    cell = growing(half_cell("Si", COMPOSITE))
    run = replace(cell, laws=(*cell.laws, *slow(cell).items())).run(
        "Lithiate at 0.2 mA/cm2 for 4 h", "Delithiate at 0.2 mA/cm2 for 9 h"
    )
    kinds = {e.kind for e in run.events}
    assert kinds & {"lithium exhausted", "no lithium at the face"}
    back = 2.0 * (run.events[0].time - 14400.0)
    assert back == pytest.approx(2.0 * 14400.0 - run.lithium_lost, rel=1e-4)


def test_a_face_of_particles_is_as_large_as_all_their_surfaces() -> None:
    """Exchange, interphase resistance and lithium in the interphase, per area of the cell."""
    cell = half_cell("Si", COMPOSITE)
    face, inner = cell.assemble().device.faces[0], field(cell)
    host = read_host(cell.interface.anode)
    make = read_make(host, COMPOSITE)
    at = read_window(host, make, COMPOSITE, cell.conditions.areal_capacity)
    area = interphase_area(host, make, COMPOSITE, at)
    assert area > 3.0
    film = half_cell("Si", FILM).assemble().device.faces[0]
    exchange = [float(f.transfer.exchange(298.15)) for f in (face, film)]
    assert exchange[0] == pytest.approx(area * exchange[1])
    assert inner.area == pytest.approx(3.0 * inner.dense / 1e-6)
    rods = field(half_cell("Si", replace(COMPOSITE, shape="rods")))
    assert rods.area == pytest.approx(3.0 * rods.dense / 1.5e-6)  # 4 / d, as rods have
    known = Pair(
        cell.assemble(), {"interphase_volume_per_charge": 2e-10, "interphase_conductivity": 1e-4}
    )
    made = host_face(cell.interface, known, cell.conditions)
    assert made.volume_per_charge == pytest.approx(2e-10 / area)
    assert made.interphase_conductivity == pytest.approx(1e-4 * area)


def test_a_prelithiated_host_can_give_what_it_holds() -> None:
    cell = half_cell("Si", replace(COMPOSITE, prelithiation=0.3))
    face = cell.assemble().device.faces[0]
    assert face.inventory == pytest.approx(0.3 * face.interior.capacity)


class Pair(build.Parameters):
    """Numbers of a pair with some of them known."""

    def __init__(self, assembly, known) -> None:
        p = assembly.parameters[0]
        super().__init__(p.electrolyte, p.anode, p.lib, p.pick, p.behind)
        self.known = known

    def pair(self, name, default=None):
        return self.known[name] if name in self.known else super().pair(name, default)


# --- contact --------------------------------------------------------------------------------------


def test_a_given_contact_is_that_of_the_host_and_adds_no_growth() -> None:
    whole, half = (
        half_cell("Si", COMPOSITE, surface=Surface(contact=share)).run(
            "Lithiate at 0.1 mA/cm2 for 4 h"
        )
        for share in (1.0, 0.5)
    )
    assert set(half.contact) == {0.5} and set(whole.contact) == {1.0}
    assert half.growth == whole.growth and max(half.void) == 0.0
    assert half.resistance[0] > whole.resistance[0]
    wet = half_cell("Si", COMPOSITE, surface=Surface(contact=0.5, liquid=0.6)).run("Rest for 1 s")
    assert whole.resistance[0] < wet.resistance[0] < half.resistance[0]


def shrinking(stiffness=5e8) -> Cell:
    cell = half_cell("Si", COMPOSITE)
    follows = ShrinkageContact(AsPressed(1.0), stiffness)
    return replace(cell, laws=(("named.interior", replace(field(cell), follows=follows)),))


def test_contact_that_shrinks_is_in_run_spectrum_and_resistance() -> None:
    run = shrinking().run(
        "Lithiate at 0.2 mA/cm2 for 4 h", "Delithiate at 0.2 mA/cm2 for 2.9 h", "Rest for 900 h",
        "Impedance from 0.001 mHz to 1 MHz",
    )  # fmt: skip
    (spectrum,) = run.spectra
    assert 0.1 < run.contact[-1] < 0.5
    assert spectrum.contact[0] == pytest.approx(run.contact[-1], rel=1e-9)
    assert spectrum.resistance == pytest.approx(run.resistance[1], rel=1e-6)
    assert run.resistance[1] > run.resistance[0]


def test_a_stiff_surrounding_loses_a_host_that_shrinks() -> None:
    run = shrinking(22e9).run("Lithiate at 0.2 mA/cm2 for 4 h", "Delithiate at 0.2 mA/cm2 for 4 h")
    assert run.end is not None and run.end.kind == "contact loss"


# --- as made --------------------------------------------------------------------------------------


def test_a_prelithiated_host_rests_on_the_branch_of_filling() -> None:
    cell = half_cell("Si", replace(COMPOSITE, prelithiation=0.3))
    law = field(cell).potential
    assert cell.run("Rest for 1 s").potential[0] == pytest.approx(float(law.filling(0.3)))


@pytest.mark.parametrize("name", ["LiC6", "Li15Si4", "Li22Si5", "LiAl", "LiIn"])
def test_a_host_named_full_of_lithium_rests_above_lithium_and_can_be_emptied(name) -> None:
    cell = half_cell(name, COMPOSITE, counter="Li" if name == "LiIn" else "LiIn")
    run = cell.run("Rest for 1 s", "Delithiate at 0.1 mA/cm2 for 2 h")
    assert run.potential[0] >= 0.0 and run.events == ()
    assert abs(run.growth[0]) < 1e-15 and max(run.growth) < 1e-15
    inner = field(cell)
    gone = 1.0 * 7200.0 / inner.capacity
    less = 1.0 - inner.expansion((inner.made - gone) * inner.content) / inner.expansion(
        inner.made * inner.content
    )
    assert run.growth[-1] == pytest.approx(-inner.thickness * inner.buffer.active * less, rel=1e-6)
    assert (np.diff(np.array(run.potential)) >= -1e-12).all()
    full = cell.run("Lithiate at 0.1 mA/cm2 for 1 h")
    assert [e.kind for e in full.events] == ["full of lithium"] and full.time[-1] < 60.0 * 60.0


def test_two_equal_reference_electrodes_rest_at_zero() -> None:
    run = half_cell("LiIn").run("Rest for 1 s", "Strip at 0.1 mA/cm2 for 1 h")
    assert run.voltage[0] == 0.0 and 0.0 < run.voltage[-1] < 0.01 and run.events == ()


# --- holds out of reach, and cut-offs already passed ----------------------------------------------


@pytest.mark.parametrize(("volts", "end"), [("5 V", 0.0), ("-5 V", 1.0)])
def test_a_voltage_out_of_reach_is_held_by_what_diffusion_leaves(volts, end) -> None:
    run = half_cell("Si", COMPOSITE).run(
        "Lithiate at 0.2 mA/cm2 for 4 h", f"Hold at {volts} for 100 h", "Rest for 100 h"
    )
    assert run.events == () and run.time[-1] == pytest.approx(204 * 3600.0)
    assert run.face_lithium[-1] == pytest.approx(end, abs=1e-3)
    assert np.isfinite(run.voltage).all()


def test_a_hold_may_turn_its_current_round_as_lithium_spreads() -> None:
    """Relaxation after a fast lithiation lifts the potential: first out, then the other way."""
    cell = half_cell("Si", COMPOSITE)
    run = cell.run("Lithiate at 2 mA/cm2 for 15 min", "Hold at -0.4 V for 50 h")
    held = np.array(run.steps) == 1
    assert run.voltage[-1] == pytest.approx(-0.4, abs=1e-5)
    assert run.potential[-1] == pytest.approx(0.22, abs=1e-4)
    assert abs(run.current_density[-1]) < 1e-3 < max(np.abs(np.array(run.current_density)[held]))


def test_a_hold_of_a_host_stops_at_its_current() -> None:
    run = half_cell("graphite", COMPOSITE).run(
        "Hold at -0.55 V for 50 h until 0.01 mA/cm2", "Rest for 1 h"
    )
    held = np.abs(np.array(run.current_density)[np.array(run.steps) == 0])
    assert run.time[-1] < 50 * 3600.0 and 0.03 < held[-1] <= 0.1


def test_a_cut_off_that_was_passed_before_is_told() -> None:
    run = half_cell("Si", COMPOSITE).run(
        "Lithiate at 0.2 mA/cm2 for 1 h", "Lithiate at 0.2 mA/cm2 for 1 h or until 0.3 V",
        "Delithiate at 0.2 mA/cm2 for 1 h or until 0 V",
    )  # fmt: skip
    assert [(e.kind, e.step) for e in run.events] == [("cut-off", 1), ("cut-off", 2)]
    (told,) = (w for w in run.warnings if "at once" in w)
    assert told.startswith("step 2 ")


def test_a_host_below_the_potential_of_lithium_is_told() -> None:
    gentle, hard = (
        half_cell("graphite", COMPOSITE).run(f"Lithiate at {j} mA/cm2 for 2 h") for j in (0.1, 30)
    )
    assert not any("plates" in w for w in gentle.warnings)
    assert any("plates" in w for w in hard.warnings)


def test_each_half_cell_of_a_batch_is_its_own_single_run() -> None:
    device = half_cell("Si", COMPOSITE).assemble().device
    steps = Protocol.parse(
        "Lithiate at 0.2 mA/cm2 for 4 h", "Hold at -0.45 V for 1 h", "Rest for 10 min",
        "Delithiate at 0.2 mA/cm2 for 20 h or until 0.2 V",
    )  # fmt: skip
    kelvin, scale = np.array([298.15, 298.15, 333.15]), np.array([1.0, 6.0, 0.5])
    many = engine.start(device, 20e6, kelvin, scale, 3)
    engine.simulate(device, steps, many, keep=False)
    for i in range(3):
        one = engine.start(device, 20e6, kelvin[i], scale[i], 1)
        engine.simulate(device, steps, one, keep=False)
        assert many.time[i] == pytest.approx(one.time[0], rel=1e-6)
        assert many.passed[i] == pytest.approx(one.passed[0], rel=1e-5)
        assert many.insides[0].modes.mean[i] == pytest.approx(
            one.insides[0].modes.mean[0], rel=1e-5
        )
        assert many.insides[0].memory[i] == pytest.approx(one.insides[0].memory[0], abs=1e-5)


def test_warmth_lets_lithium_spread_from_the_step_on() -> None:
    lith = "Lithiate at 0.3 mA/cm2 for 3 h"
    cold, warm = (
        half_cell("graphite", COMPOSITE).run(lith, f"Rest for 10 min at {t} C", "Rest for 1 s")
        for t in (-20, 60)
    )
    inner = field(half_cell("graphite", COMPOSITE))
    mean = 3.0 * 3 * 3600.0 / inner.capacity
    assert abs(warm.face_lithium[-1] - mean) <= abs(cold.face_lithium[-1] - mean)
    assert warm.potential[-1] == pytest.approx(
        float(inner.potential(warm.face_lithium[-1], 333.15)), abs=1e-9
    )


def test_a_half_cell_turned_round_is_the_same() -> None:
    device = half_cell("Si", COMPOSITE).assemble().device
    turned = replace(device, faces=device.faces[::-1])
    found = []
    for dev, sign in ((device, 1.0), (turned, -1.0)):
        steps = (
            Step(-2.0 * sign, duration=14400.0), Step(None, -0.45 * sign, duration=3600.0),
            Step(None, 5.0 * sign, duration=60.0), Step(8.0 * sign, duration=36000.0),
        )  # fmt: skip
        cells = engine.start(dev, 20e6, 298.15, 1.0, 1)
        out = engine.simulate(dev, Protocol(steps), cells)
        found.append((out, cells.insides[0 if sign > 0.0 else 1]))
    (one, first), (other, second) = found
    assert [str(e.kind) for e in one.events] == ["no lithium at the face"]
    assert [e.kind for e in other.events] == [e.kind for e in one.events]
    assert first.modes.mean[0] == pytest.approx(second.modes.mean[0], rel=1e-6)
    for a, b in zip(one.pieces, other.pieces, strict=True):
        np.testing.assert_allclose(a.voltage, -b.voltage, atol=1e-5)


def test_a_counter_foil_that_is_exhausted_in_a_hold_leaves_its_cell_and_others_alive() -> None:
    device = half_cell("Si", COMPOSITE).assemble().device
    foils = np.array([1500.0, 2500.0, 3000.0, 3500.0, 4500.0, np.inf])  # in either stage
    thin = replace(device.faces[1], inventory=foils)
    device = replace(device, faces=(device.faces[0], thin))
    cells = engine.start(device, 20e6, 298.15, 1.0, foils.size)
    steps = (Step(None, -0.45, duration=36000.0), Step(0.0, duration=60.0))
    out = engine.simulate(device, Protocol(steps), cells)
    assert [(e.cell, str(e.kind)) for e in out.events] == [
        (k, "lithium exhausted") for k in range(5)
    ]
    assert cells.alive.all() and cells.time[-1] == pytest.approx(36060.0)
    np.testing.assert_allclose(cells.passed[:-1], foils[:-1], rtol=1e-9)
    assert cells.passed[-1] > 6000.0 and (cells.time[:-1] < 36000.0).all()
