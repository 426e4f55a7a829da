"""Cells carried through protocols: parts of the voltage, events at their hour, conservation."""

import dataclasses
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anolyte.core.units import BOLTZMANN, ELEMENTARY_CHARGE, FARADAY
from anolyte.laws.creep import PowerLawCreep
from anolyte.laws.extrusion import PorePenetration
from anolyte.laws.fracture import FilledFlaw, OverpotentialLimit
from anolyte.laws.growth import InterphaseGrowth
from anolyte.laws.kinetics import ChargeTransfer
from anolyte.laws.voids import (
    CONTACT_RIVALS,
    CreepClosing,
    FittedLimit,
    HyperbolicLoss,
    Together,
    VacancyDiffusion,
)
from anolyte.materials.library import default
from anolyte.materials.protocol import Protocol, Step, cycling
from anolyte.models.cell import ends, engine
from anolyte.models.cell.build import Bulk
from anolyte.models.cell.faces import FaceLaws
from anolyte.models.cell.interior import PlatedMetal

VOLUME = 13.0e-6
SPEED = VOLUME / FARADAY
HOUR = 3600.0
DEPTH = 0.5e-6
THERMAL = 2.0 * BOLTZMANN * 298.15 / ELEMENTARY_CHARGE
CREEP = CreepClosing(PowerLawCreep(7.7e-3, 6.56, 6e-20), 20e-6)


def nothing(contact, conductivity):
    """No constriction."""
    return 0.0 * contact


def face(**changes) -> FaceLaws:
    """A face on which nothing happens but what a test asks for: no closing, no resistance."""
    laws = {
        "voids": VacancyDiffusion(0.0, VOLUME), "loss": HyperbolicLoss(DEPTH),
        "transfer": ChargeTransfer(1e12), "constriction": nothing,
        "growth": InterphaseGrowth(0.0), "flaw": None, "molar_volume": VOLUME,
    }  # fmt: skip
    return FaceLaws(**(laws | changes))


def bulk(resistance: float) -> Bulk:
    """An electrolyte of an area resistance at 25 C, ohm m2."""
    argyrodite = default().electrolyte("Li6PS5Cl")
    one = Bulk(argyrodite, 1.0)
    return Bulk(argyrodite, resistance * float(one.conductivity(298.15)))


def device(one=None, other=None, resistance=1e-3, **options) -> engine.Device:
    one = one or face()
    return engine.Device(bulk(resistance), (one, other or one), **options)


RICH = {
    "voids": FittedLimit(0.5, 0.0137 * 10, 2.18, VOLUME, 8e-20, 6e-20),
    "transfer": ChargeTransfer(50.0, 5e-20),
    "constriction": lambda a, kappa: 20e-6 / kappa * (1.0 - np.sqrt(a)) / np.sqrt(a),
    "growth": InterphaseGrowth(2e-19, 1e-19, 2.0, 48 * HOUR, 2e-9),
    "interphase_conductivity": 3e-4, "volume_per_charge": 2.5e-10, "refill": 0.7,
    "layers": lambda kelvin: 1e-4, "attached": 0.8,
}  # fmt: skip


def carry(dev, *steps, cells=1, pressure=5e6, kelvin=298.15, scale=1.0, **options):
    """Outcome of some steps; nothing in it may be NaN."""
    made = engine.start(dev, pressure, kelvin, scale, cells)
    outcome = engine.simulate(dev, Protocol(tuple(steps)), made, **options)
    sound(outcome)
    return outcome


def sound(outcome) -> None:
    """No number that is none, no void or contact out of bounds."""
    for p in outcome.pieces:
        for seen in p.faces:
            for name in ("void", "contact", "interphase", "transfer", "ohmic"):
                assert np.isfinite(getattr(seen, name)).all(), name
            assert (seen.void >= 0.0).all() and (seen.contact <= 1.0 + 1e-12).all()
        assert np.isfinite(p.voltage).all() and np.isfinite(p.load).all()
    cells = outcome.cells
    for name in ("time", "least_contact", "most_voltage", "most_load", "plated", "passed"):
        assert np.isfinite(getattr(cells, name)).all(), name


def kinds(outcome, cell=0) -> list[engine.Event]:
    return [e.kind for e in outcome.events if e.cell == cell]


# --- voltage --------------------------------------------------------------------------------------


def test_the_voltage_is_the_sum_of_its_parts() -> None:
    dev = device(face(**RICH), face(**(RICH | {"attached": 0.5})))
    found = carry(dev, Step(3.0, duration=HOUR), Step(-5.0, duration=HOUR), Step(0.0, duration=9.0))
    for p in found.pieces:
        one, other = p.faces
        total = p.bulk + one.overpotential - other.overpotential
        np.testing.assert_allclose(p.voltage, total, rtol=1e-12, atol=1e-18)
    assert (found.pieces[2].voltage == 0.0).all()
    assert (found.pieces[0].voltage > 0.0).all() and (found.pieces[1].voltage < 0.0).all()


def test_parts_by_hand_on_a_face_that_does_not_move() -> None:
    """10 ohm cm2 electrolyte, 1 ohm cm2 layers, 5 nm of interphase, half contact."""
    laws = face(
        transfer=ChargeTransfer(20.0), layers=lambda kelvin: 1e-4, attached=0.5,
        growth=InterphaseGrowth(0.0, initial=5e-9), interphase_conductivity=1e-4, refill=0.0,
    )  # fmt: skip
    ideal = face(attached=1.0)
    (p,) = carry(device(ideal, laws), Step(8.0, duration=60.0)).pieces  # plating on `laws`
    resistance = 1e-3 + 1e-4 + 5e-9 / (1e-4 * 0.5)
    expected = 8.0 * resistance + THERMAL * math.asinh(8.0 / (2.0 * 20.0 * 0.5))
    np.testing.assert_allclose(p.voltage[0], expected, rtol=1e-6)


@settings(max_examples=25)
@given(st.floats(0.1, 30.0), st.floats(60.0, 2 * HOUR), st.floats(260.0, 350.0))
def test_reversing_the_current_of_a_symmetric_cell_reverses_its_voltage(j, time, kelvin) -> None:
    dev = device(face(**RICH))
    forth = carry(dev, Step(j, duration=time), Step(-j / 2, duration=time), kelvin=kelvin)
    back = carry(dev, Step(-j, duration=time), Step(j / 2, duration=time), kelvin=kelvin)
    for p, q in zip(forth.pieces, back.pieces, strict=True):
        np.testing.assert_allclose(p.voltage, -q.voltage, rtol=1e-12)
        np.testing.assert_array_equal(p.faces[0].void, q.faces[1].void)
        np.testing.assert_array_equal(p.faces[1].void, q.faces[0].void)
    assert [e.time for e in forth.events] == [e.time for e in back.events]


def test_rest_potential_shifts_the_voltage() -> None:
    plain, shifted = device(), device(face(interior=PlatedMetal(0.6)), face())
    v = [carry(d, Step(2.0, duration=9.0)).pieces[0].voltage for d in (plain, shifted)]
    np.testing.assert_allclose(v[1] - v[0], 0.6)


# --- one void, by hand ----------------------------------------------------------------------------


def test_contact_is_lost_when_faraday_says() -> None:
    """Nothing closes: h = s j t, and a = 1 / (1 + h/h0) falls to 5 % at h = 19 h0."""
    found = carry(device(), Step(10.0, duration=20 * HOUR))
    exact = 19.0 * DEPTH / (SPEED * 10.0)
    (event,) = found.events
    assert event.kind == engine.Event.CONTACT_LOSS and event.current == 10.0
    assert event.time == pytest.approx(exact, rel=1e-3)
    assert found.cells.end_time[0] == event.time and not found.cells.alive[0]
    assert found.pieces[0].faces[0].contact[0, -1] == pytest.approx(0.05, rel=1e-3)


def test_contact_is_lost_later_by_what_closes() -> None:
    dev = device(face(voids=VacancyDiffusion(6.0, VOLUME)))
    (event,) = carry(dev, Step(10.0, duration=20 * HOUR)).events
    assert event.time == pytest.approx(19.0 * DEPTH / (SPEED * 4.0), rel=1e-3)
    assert kinds(carry(dev, Step(5.9, duration=1000 * HOUR))) == []


@pytest.mark.parametrize("bound", [0.02, 0.2])
def test_the_least_contact_is_the_devices(bound) -> None:
    (event,) = carry(device(least_contact=bound), Step(10.0, duration=90 * HOUR)).events
    assert event.time == pytest.approx((1 / bound - 1) * DEPTH / (SPEED * 10.0), rel=1e-3)


def test_the_counter_side_loses_contact_while_the_named_one_is_plated() -> None:
    (event,) = carry(device(), Step(-10.0, duration=20 * HOUR)).events
    assert event.time == pytest.approx(19.0 * DEPTH / (SPEED * 10.0), rel=1e-3)


@pytest.mark.parametrize("refill", [0.0, 0.4, 1.0])
def test_a_cycle_leaves_the_voids_that_plating_does_not_fill(refill) -> None:
    dev = device(face(refill=refill))
    found = carry(dev, Step(10.0, duration=600.0), Step(-10.0, duration=600.0))
    opened = SPEED * 10.0 * 600.0
    void = [p.faces[0].void[0, -1] for p in found.pieces]
    assert void[0] == pytest.approx(opened, rel=1e-6)
    assert void[1] == pytest.approx((1.0 - refill) * opened, rel=1e-3, abs=1e-9)
    assert found.pieces[1].faces[1].void[0, -1] == pytest.approx(opened, rel=1e-6)


def test_a_face_begins_with_the_voids_of_its_attachment() -> None:
    for contact in (1.0, 0.3):
        (p,) = carry(device(face(attached=contact)), Step(0.0, duration=1.0)).pieces
        assert p.faces[0].contact[0, 0] == pytest.approx(contact)


# --- other events, by hand ------------------------------------------------------------------------


def test_the_cut_off_is_met_where_ohm_says() -> None:
    """R = R0 + Rc / a with a = 1 / (1 + h/h0): V = j (R0 + Rc (1 + s j t / h0))."""
    laws = face(growth=InterphaseGrowth(0.0, initial=1e-8), interphase_conductivity=1e-4)
    ideal = face()
    step = Step(10.0, duration=9 * HOUR, stop_voltage=0.0125)
    found = carry(device(laws, ideal, resistance=1e-3), step, Step(1.0, duration=60.0))
    # 10 A/m2 over 10 + 1 ohm cm2 are 11 mV; the film's share doubles and half again: 12.5 mV
    exact = 1.5 * DEPTH / (SPEED * 10.0)
    (event,) = found.events
    assert event.kind == engine.Event.CUT_OFF and found.cells.alive[0]
    assert event.time == pytest.approx(exact, rel=1e-5)
    assert found.cells.time[0] == pytest.approx(exact + 60.0, rel=1e-5)
    assert abs(found.pieces[0].voltage[0, -1]) == pytest.approx(0.0125, rel=1e-6)


def test_a_cell_beyond_ten_volts_is_open() -> None:
    for j, expected in ((0.99, []), (1.01, [engine.Event.OPEN])):
        assert kinds(carry(device(resistance=10.0), Step(j, duration=9.0))) == expected


@pytest.mark.parametrize("isolated", [0.0, 0.25])
def test_a_foil_is_exhausted_at_the_hour_of_its_charge(isolated) -> None:
    """20 um of lithium, 4.12 mAh/cm2; what is left behind without contact counts as gone."""
    foil = 20e-6 / SPEED
    dev = device(face(inventory=foil, isolated=isolated, voids=VacancyDiffusion(1e4, VOLUME)))
    found = carry(dev, Step(10.0, duration=90 * HOUR), Step(-2.0, duration=60.0))
    (event,) = found.events
    exact = foil / 10.0 / (1.0 + isolated)
    assert event.kind == engine.Event.EXHAUSTED and found.cells.alive[0]
    assert event.time == pytest.approx(exact, rel=1e-9)
    state = found.cells.states[0]
    assert state.dead[0] == pytest.approx(isolated * foil / (1.0 + isolated), rel=1e-9, abs=1e-9)
    again = carry(dev, Step(10.0, duration=0.999 * exact))
    assert again.events == []


def test_a_bare_collector_gives_back_what_was_plated_on_it() -> None:
    bare = face(inventory=0.0, voids=VacancyDiffusion(1e4, VOLUME))
    dev = device(bare, face(voids=VacancyDiffusion(1e4, VOLUME)))
    found = carry(dev, Step(-5.0, duration=1000.0), Step(10.0, duration=HOUR))
    (event,) = found.events
    assert event.kind == engine.Event.EXHAUSTED and event.step == 1
    assert event.time == pytest.approx(1500.0, rel=1e-9)
    assert kinds(carry(dev, Step(5.0, duration=HOUR))) == [engine.Event.EXHAUSTED]


def test_pressure_shorts_a_cell_at_its_life_also_at_rest_and_in_steps() -> None:
    laws = face(penetration=PorePenetration(100 * HOUR, 2.0))
    at_once = carry(device(laws), Step(0.0, duration=90 * HOUR), pressure=2e6)
    (event,) = at_once.events
    assert event.kind == engine.Event.EXTRUSION
    assert event.time == pytest.approx(25 * HOUR, rel=1e-12)
    parts = carry(
        device(laws), Step(0.0, duration=10 * HOUR, pressure=2e6),
        Step(0.0, duration=30 * HOUR, pressure=1e6), Step(0.0, duration=9 * HOUR, pressure=10e6),
    )  # fmt: skip
    assert parts.events[0].time == pytest.approx((40 + 0.3) * HOUR, rel=1e-12)


def test_a_filament_starts_at_the_overpotential_of_the_limit() -> None:
    """The plating face loses no contact, so the load is constant: below one it lasts for ever."""
    j0 = 20.0
    critical = 2.0 * j0 * math.sinh(0.012 / THERMAL)
    solid = VacancyDiffusion(1e4, VOLUME)
    dev = device(face(transfer=ChargeTransfer(j0), flaw=OverpotentialLimit(0.012), voids=solid))
    for factor, expected in ((0.999, []), (1.001, [engine.Event.CRACK])):
        found = carry(dev, Step(factor * critical, duration=HOUR))
        assert kinds(found) == expected
        assert found.cells.most_load[0] == pytest.approx(factor, abs=2e-3)


def test_a_filament_starts_where_voids_have_taken_the_contact() -> None:
    """Stripped first, then plated without refill: load = R j (1 + h/h0)^2 / limit."""
    laws = face(
        growth=InterphaseGrowth(0.0, initial=1e-8), interphase_conductivity=1e-4, refill=0.0,
        flaw=OverpotentialLimit(0.004),
    )  # fmt: skip
    void = SPEED * 10.0 * 300.0
    load = 10.0 * 1e-4 * (1.0 + void / DEPTH) ** 2 / 0.004
    found = carry(device(laws), Step(10.0, duration=300.0), Step(-10.0, duration=300.0))
    assert found.pieces[1].load[0, 0] == pytest.approx(load, rel=1e-4)
    assert (kinds(found) == [engine.Event.CRACK]) == (load > 1.0)
    assert found.pieces[0].load[0].max() == pytest.approx(0.25, rel=1e-3)


def test_the_first_of_two_events_counts() -> None:
    laws = face(growth=InterphaseGrowth(0.0, initial=1e-8), interphase_conductivity=1e-4)
    lost = 19.0 * DEPTH / (SPEED * 10.0)
    short = PorePenetration(0.9 * lost, 0.0)
    late = PorePenetration(1.1 * lost, 0.0)
    step = Step(10.0, duration=90 * HOUR)
    for life, expected in ((short, engine.Event.EXTRUSION), (late, engine.Event.CONTACT_LOSS)):
        (event,) = carry(device(dataclasses.replace(laws, penetration=life)), step).events
        assert event.kind == expected


# --- accuracy -------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def hours_of_loss() -> dict[int, float]:
    """When a face under rich laws loses contact, by the number of nodes."""
    dev = device(face(**(RICH | {"constriction": nothing})))
    step = Step(20.0, duration=20 * HOUR)
    return {
        n: carry(dev, step, nodes=n, tolerance=1e-8).events[0].time for n in (6, 10, 20, 40, 160)
    }


def test_the_time_of_an_event_converges_with_the_nodes(hours_of_loss) -> None:
    exact = hours_of_loss[160]
    errors = {n: abs(t - exact) / exact for n, t in hours_of_loss.items()}
    assert errors[20] < 2e-4
    assert errors[20] < errors[6] / 10.0 and errors[40] < errors[10] / 10.0


@pytest.mark.parametrize("voids", [RICH["voids"], CREEP, Together((CREEP,), 1e-5)], ids=str)
def test_the_default_tolerance_is_good_to_a_tenth_of_a_millivolt(voids) -> None:
    dev = device(face(**(RICH | {"voids": voids})))
    steps = cycling(3.0, time=HOUR, cycles=3).steps
    rough, fine = (carry(dev, *steps, pressure=0.5e6, tolerance=t) for t in (1e-4, 1e-9))
    assert [e.kind for e in rough.events] == [e.kind for e in fine.events]
    for p, q in zip(rough.pieces, fine.pieces, strict=True):
        if p.times.shape == q.times.shape and np.allclose(p.times, q.times, rtol=1e-3):
            alone = abs(p.voltage[0, -1] - q.voltage[0, -1])
            assert alone < max(1e-4, 1e-3 * abs(q.voltage[0, -1]))


# --- conservation ---------------------------------------------------------------------------------


def random_protocol(rng: np.random.Generator, steps: int = 12) -> Protocol:
    """Steps of current, rest, pressure and temperature as they come."""
    found = []
    for k in range(steps):
        current = 0.0 if rng.random() < 0.2 else float(rng.normal(0.0, 5.0))
        options = {"duration": float(rng.uniform(60.0, 2 * HOUR)), "cycle": k}
        if rng.random() < 0.3:
            options["pressure"] = float(rng.uniform(0.2e6, 20e6))
        if rng.random() < 0.3:
            options["temperature"] = float(rng.uniform(273.0, 353.0))
        if current and rng.random() < 0.3:
            options["stop_voltage"] = float(rng.uniform(0.02, 0.5))
        found.append(Step(current, **options))
    return Protocol(tuple(found))


WORLDS = {
    "excess": {},
    "interphase": {"volume_per_charge": 2.5e-10},
    "foil": {"inventory": 3e4},
    "isolated": {"inventory": 6e4, "isolated": 0.1},
    "bare collector": {"inventory": 0.0, "volume_per_charge": 0.0},
}


@pytest.mark.parametrize("world", WORLDS)
@pytest.mark.parametrize("seed", range(3))
def test_charge_and_lithium_are_conserved_on_random_protocols(world, seed) -> None:
    rng = np.random.default_rng(seed)
    one = face(**(RICH | {"volume_per_charge": 0.0} | WORLDS[world]))
    other = face(**RICH)
    found = carry(device(one, other), *random_protocol(rng).steps)
    cells, (named, counter) = found.cells, found.cells.states
    net = sum(float(p.current[0] * p.times[0, -1]) for p in found.pieces)
    passed = sum(float(abs(p.current[0]) * p.times[0, -1]) for p in found.pieces)
    plated = sum(float(max(-p.current[0], 0.0) * p.times[0, -1]) for p in found.pieces)
    assert named.stripped[0] == pytest.approx(net, abs=1e-9 * passed)
    assert counter.stripped[0] == pytest.approx(-net, abs=1e-9 * passed)
    assert cells.passed[0] == pytest.approx(passed) and cells.plated[0] == pytest.approx(plated)
    assert cells.time[0] == pytest.approx(sum(float(p.times[0, -1]) for p in found.pieces))
    for laws, state, side in ((one, named, 0), (other, counter, 1)):
        grown = found.pieces[-1].faces[side].interphase[0, -1] - 2e-9
        inside = grown / laws.volume_per_charge if laws.volume_per_charge else 0.0
        assert state.lost[0] == pytest.approx(inside, rel=1e-9, abs=1e-9 * passed)
        assert state.dead[0] >= 0.0
        metal = laws.inventory - state.stripped[0] - state.lost[0] - state.dead[0]
        assert metal >= -1e-9 * passed - 1e-4  # the shortest step may take a trace
    for before, after in zip(found.pieces[:-1], found.pieces[1:], strict=True):
        assert after.start[0] == pytest.approx(before.start[0] + before.times[0, -1])
        for a, b in zip(before.faces, after.faces, strict=True):
            assert b.void[0, 0] == a.void[0, -1]  # nothing jumps between steps
            assert b.interphase[0, 0] == pytest.approx(a.interphase[0, -1], rel=1e-9)


def test_a_foil_is_never_overdrawn_by_its_interphase() -> None:
    """An interphase that eats the foil while it is stripped: what is gone is not there twice."""
    laws = face(inventory=3.6e4, growth=InterphaseGrowth(1e-16), volume_per_charge=2.5e-10,
                voids=VacancyDiffusion(1e4, VOLUME))  # fmt: skip
    found = carry(device(laws, face()), Step(2.0, duration=20 * HOUR), Step(1.0, duration=HOUR))
    state = found.cells.states[0]
    used = float(state.stripped[0] + state.lost[0] + state.dead[0])
    assert engine.Event.EXHAUSTED in kinds(found)
    assert used <= 3.6e4 * (1.0 + 1e-9) + 1e-3


def test_voids_hold_what_was_stripped_and_not_closed() -> None:
    """Without closing and refill the void volume is the charge stripped from that side."""
    rng = np.random.default_rng(5)
    dev = device(face(refill=0.0, loss=HyperbolicLoss(1e-3)))
    found = carry(dev, *[dataclasses.replace(s, stop_voltage=None)
                         for s in random_protocol(rng, 30).steps])  # fmt: skip
    for side, sign in ((0, 1.0), (1, -1.0)):
        charge = sum(max(sign * float(p.current[0]), 0.0) * p.times[0, -1] for p in found.pieces)
        assert found.cells.states[side].void[0] == pytest.approx(SPEED * charge, rel=1e-9)


# --- pressure, temperature, scale -----------------------------------------------------------------


def test_pressure_and_temperature_of_a_step_hold_until_the_next() -> None:
    found = carry(
        device(face(**RICH)), Step(1.0, duration=9.0), Step(1.0, duration=9.0, pressure=1e6),
        Step(1.0, duration=9.0, temperature=350.0), Step(1.0, duration=9.0), pressure=7e6,
    )  # fmt: skip
    assert [float(p.pressure[0]) for p in found.pieces] == [7e6, 1e6, 1e6, 1e6]
    assert [float(p.temperature[0]) for p in found.pieces] == [298.15, 298.15, 350.0, 350.0]
    cold, warm = (p.voltage[0, -1] for p in found.pieces[1:3])
    assert warm < 0.6 * cold


def test_a_step_of_pressure_acts_from_its_own_start() -> None:
    dev = device(face(voids=FittedLimit(0.0, 1.0, 1.0, VOLUME)))
    found = carry(dev, Step(10.0, duration=600.0), Step(10.0, duration=600.0, pressure=6e6),
                  pressure=0.0)  # fmt: skip
    void = [p.faces[0].void[0, -1] for p in found.pieces]
    assert void[0] == pytest.approx(SPEED * 10 * 600, rel=1e-6)
    assert void[1] - void[0] == pytest.approx(SPEED * 4 * 600, rel=1e-6)


def test_the_interphase_ages_by_the_temperature_of_each_step() -> None:
    laws = face(**RICH)
    found = carry(device(laws), Step(0.0, duration=1e5), Step(0.0, duration=1e5, temperature=320.0))
    growth = RICH["growth"]
    age = 1e5 * (1.0 + float(growth.ageing(320.0)))
    assert found.pieces[1].faces[0].interphase[0, -1] == pytest.approx(float(growth.thickness(age)))


def test_a_scale_multiplies_every_current_and_a_charge_takes_its_time() -> None:
    dev = device(face(**RICH))
    steps = (Step(1.0, charge=3600.0), Step(-1.0, duration=60.0))
    found = carry(dev, *steps, cells=2, scale=[1.0, 4.0])
    np.testing.assert_allclose(found.pieces[0].current, [1.0, 4.0])
    np.testing.assert_allclose(found.pieces[0].times[:, -1], [HOUR, HOUR / 4])
    np.testing.assert_allclose(found.pieces[1].times[:, -1], [60.0, 60.0])


def test_a_time_and_a_charge_end_a_step_at_the_earlier_of_both() -> None:
    for charge, expected in ((3600.0, 360.0), (36000.0, 600.0)):
        found = carry(device(), Step(10.0, charge=charge, duration=600.0))
        assert found.cells.time[0] == pytest.approx(expected)


# --- batches --------------------------------------------------------------------------------------

MIXED = (
    Step(10.0, duration=HOUR), Step(-10.0, duration=HOUR), Step(0.0, duration=600.0),
    Step(30.0, duration=2 * HOUR, stop_voltage=0.2), Step(-30.0, charge=5e4, stop_voltage=0.2),
)  # fmt: skip
CELLS = 24


def mixed(index: np.ndarray, **options) -> engine.Outcome:
    """Some of many different cells: other laws, pressures, temperatures and currents each."""
    rng = np.random.default_rng(0)
    numbers = rng.lognormal(0.0, 0.8, (5, CELLS))[:, index]
    pressure, kelvin, scale = (
        rng.uniform(0.5e6, 10e6, CELLS)[index], rng.uniform(280.0, 330.0, CELLS)[index],
        rng.uniform(0.05, 1.5, CELLS)[index],
    )  # fmt: skip
    laws = face(**(RICH | {
        "voids": FittedLimit(0.5 * numbers[0], 0.14, 2.18, VOLUME, 8e-20, 6e-20),
        "loss": HyperbolicLoss(DEPTH * numbers[1]), "transfer": ChargeTransfer(50.0 * numbers[2]),
        "flaw": OverpotentialLimit(0.07 * numbers[3]), "inventory": 2e5 * numbers[4],
        "penetration": PorePenetration(4e6 * numbers[4], 2.27, 6e-20),
    }))  # fmt: skip
    return carry(device(laws), *MIXED, cells=len(index), pressure=pressure, kelvin=kelvin,
                 scale=scale, **options)  # fmt: skip


def same(batch: engine.Cells, alone: engine.Cells, cell: int, rtol=1e-10) -> None:
    """Whether all that a single cell says is what it said in the batch."""
    for f in dataclasses.fields(engine.Cells):
        if f.name in ("states", "insides"):
            continue
        a, b = getattr(alone, f.name)[0], getattr(batch, f.name)[cell]
        np.testing.assert_allclose(a, b, rtol=rtol, atol=1e-25, err_msg=f"{f.name} of {cell}")
    for one, many in zip(alone.states, batch.states, strict=True):
        for f in dataclasses.fields(one):
            a, b = getattr(one, f.name)[0], getattr(many, f.name)[cell]
            np.testing.assert_allclose(a, b, rtol=rtol, atol=1e-25, err_msg=f"{f.name} of {cell}")


@pytest.fixture(scope="module")
def batch() -> engine.Outcome:
    return mixed(np.arange(CELLS))


def test_the_mixed_batch_meets_many_fates(batch) -> None:
    fates = {engine.KINDS[k] for k in batch.cells.ended if k >= 0}
    assert {engine.Event.CRACK, engine.Event.CONTACT_LOSS} <= fates
    assert {e.kind for e in batch.events} >= fates | {engine.Event.CUT_OFF}
    assert (batch.cells.ended < 0).any()


def test_each_cell_of_a_batch_is_its_own_single_run(batch) -> None:
    for cell in range(CELLS):
        alone = mixed(np.array([cell]))
        same(batch.cells, alone.cells, cell)
        assert [dataclasses.replace(e, cell=cell) for e in alone.events] == [
            dataclasses.replace(e, time=pytest.approx(e.time, rel=1e-10))
            for e in batch.events if e.cell == cell
        ]  # fmt: skip


def test_each_cell_is_its_own_also_where_only_the_end_is_kept() -> None:
    """Maps keep no steps: what a cell is told must not hang on who else is in its batch."""
    many = mixed(np.arange(CELLS), keep=False, nodes=10).cells
    for cell in range(CELLS):
        alone = mixed(np.array([cell]), keep=False, nodes=10).cells
        for name in ("ended", "end_time", "end_cycle", "least_contact", "most_load", "plated"):
            a, b = getattr(alone, name)[0], getattr(many, name)[cell]
            np.testing.assert_allclose(a, b, rtol=1e-10, err_msg=f"{name} of cell {cell}")


def test_what_only_ends_are_kept_of_is_what_happens_to_whole_runs(batch) -> None:
    coarse = mixed(np.arange(CELLS), keep=False, nodes=10).cells
    np.testing.assert_array_equal(coarse.ended, batch.cells.ended)
    np.testing.assert_array_equal(coarse.end_cycle, batch.cells.end_cycle)
    lasting = batch.cells.ended >= 0
    np.testing.assert_allclose(coarse.end_time[lasting], batch.cells.end_time[lasting], rtol=2e-3)
    np.testing.assert_allclose(coarse.least_contact, batch.cells.least_contact, atol=2e-3)
    for name in ("end_contact", "end_current", "passed", "plated"):
        a, b = getattr(coarse, name), getattr(batch.cells, name)
        np.testing.assert_allclose(a, b, rtol=2e-2, err_msg=name)


def test_a_look_at_both_ends_tells_what_a_close_look_tells(monkeypatch) -> None:
    """The short cut of maps against every step of every cell seen at all nodes."""
    short = mixed(np.arange(CELLS), keep=False, nodes=10).cells
    monkeypatch.setattr(engine.Device, "plain", False)
    long = mixed(np.arange(CELLS), keep=False, nodes=10).cells
    for name in ("ended", "end_cycle", "end_time", "end_current", "end_contact", "time", "passed"):
        a, b = getattr(short, name), getattr(long, name)
        np.testing.assert_allclose(a, b, rtol=1e-6, err_msg=name)
    np.testing.assert_allclose(short.least_contact, long.least_contact, rtol=1e-6)
    for name in ("most_load", "most_voltage"):  # may peak where a film has grown on filling voids
        a, b = getattr(short, name), getattr(long, name)
        assert (a <= b * (1.0 + 1e-12)).all()
        np.testing.assert_allclose(a, b, rtol=0.1, err_msg=name)
    for one, other in zip(short.states, long.states, strict=True):
        alive = short.alive
        np.testing.assert_allclose(one.void[alive], other.void[alive], rtol=1e-5, atol=1e-13)
        np.testing.assert_allclose(one.age, other.age, rtol=1e-6)


@pytest.mark.parametrize("limit, cracks", [(3.8e-3, True), (4.6e-3, False)])
def test_a_load_that_peaks_between_the_ends_of_a_step_is_not_overlooked(limit, cracks) -> None:
    """A film grows while voids fill: at both ends the load is lower than between them."""
    laws = face(
        transfer=ChargeTransfer(1e9), attached=0.4, refill=1.0, flaw=OverpotentialLimit(limit),
        growth=InterphaseGrowth(2e-16), interphase_conductivity=1e-3,
    )  # fmt: skip
    step = Step(3.0, duration=1600.0)
    dev = device(face(attached=1.0), laws)
    free = device(face(attached=1.0), dataclasses.replace(laws, flaw=OverpotentialLimit(1.0)))
    load = carry(free, step).pieces[0].load[0] / limit
    assert load[0] < 0.9 and load[-1] < 0.9 and (load.max() > 1.0) == cracks
    for cells in (1, 3):
        found = carry(dev, step, keep=False, nodes=10, cells=cells).cells
        assert (found.alive != cracks).all()


def test_one_long_step_ends_in_a_map_when_it_does_in_a_run() -> None:
    """A hundred hours seen at a few nodes: the end is sought between them."""
    lives = np.array([2.0, 5.0, 9.0, 14.0, 40.0])  # currents, A/m2
    dev = device(face(**(RICH | {"voids": VacancyDiffusion(1.0, VOLUME)})))
    options = {"cells": lives.size, "scale": lives}
    exact = carry(dev, Step(1.0, duration=100 * HOUR), **options).cells
    found = carry(dev, Step(1.0, duration=100 * HOUR), keep=False, nodes=10, **options).cells
    assert (exact.ended >= 0).sum() >= 4
    np.testing.assert_array_equal(found.ended, exact.ended)
    np.testing.assert_allclose(found.end_time, exact.end_time, rtol=5e-3)


def test_some_cells_taken_from_a_batch_and_put_back() -> None:
    dev = device(face(**(RICH | {"loss": HyperbolicLoss(DEPTH * np.arange(1.0, 5.0))})))
    cells = engine.start(dev, np.arange(4.0), 298.15, 1.0, 4)
    walk = engine.Walk(dev, cells, engine.Outcome(dev, cells), False, 1e-4, np.zeros(1))
    rows = np.array([0, 2])
    part = ends.only(walk, cells, rows)
    np.testing.assert_array_equal(part.device.faces[0].loss.depth, DEPTH * np.array([1.0, 3.0]))
    np.testing.assert_array_equal(part.faces[1].columns.loss.depth, DEPTH * np.array([[1.0], [3]]))
    np.testing.assert_array_equal(part.cells.pressure, [0.0, 2.0])
    assert part.faces[0].table.shape == (2, walk.faces[0].table.shape[1])
    assert part.faces[0].laws is part.device.faces[0]  # one object stays one
    assert part.device.bulk is dev.bulk  # numbers alone are not copied
    part.cells.states[0].void[:] = [7.0, 8.0]
    part.cells.plated = np.array([1.0, 2.0])
    kept = cells.states[0].void[1]
    ends.put(cells, rows, part.cells)
    assert list(cells.states[0].void) == [7.0, kept, 8.0, cells.states[0].void[3]]
    assert list(cells.plated) == [1.0, 0.0, 2.0, 0.0]


@pytest.mark.parametrize("keep", [True, False])
def test_extremes_are_those_until_the_end(keep) -> None:
    """The counter side cracks at once; the contact that would have been lost later is not seen."""
    dev = device(face(transfer=ChargeTransfer(20.0), flaw=OverpotentialLimit(1e-4)))
    cells = carry(dev, Step(10.0, duration=5000.0), keep=keep).cells
    assert engine.KINDS[cells.ended[0]] == engine.Event.CRACK and cells.end_time[0] < 1.0
    assert cells.least_contact[0] > 0.99
    assert cells.passed[0] < 10.0 and cells.time[0] < 1.0


def test_the_dead_stay_as_they_were() -> None:
    dev = device(face(attached=np.array([1.0, 0.055])))
    found = carry(dev, Step(10.0, duration=900.0), Step(-10.0, duration=900.0),
                  Step(0.0, duration=HOUR, temperature=330.0), cells=2)  # fmt: skip
    cells = found.cells
    assert list(cells.alive) == [True, False]
    assert len([e for e in found.events if e.cell == 1]) == 1
    alone = carry(device(face(attached=0.055)), Step(10.0, duration=900.0)).cells
    assert cells.time[1] == alone.time[0] < 900.0
    assert cells.plated[1] == 0.0 and cells.passed[1] == pytest.approx(10.0 * alone.time[0])
    assert cells.states[0].void[1] == alone.states[0].void[0]
    assert cells.states[0].age[1] == alone.states[0].age[0]
    assert cells.time[0] == 900.0 * 2 + HOUR


# --- held voltage ---------------------------------------------------------------------------------


@pytest.fixture
def few(monkeypatch):
    """Fewer intervals in a hold."""
    from anolyte.models.cell import hold

    def call(intervals):
        monkeypatch.setattr(hold, "INTERVALS", intervals)

    return call


@pytest.mark.parametrize("volts", [0.02, -0.02, 0.0])
def test_a_hold_draws_the_current_of_ohm_where_nothing_moves(few, volts) -> None:
    few(6)
    solid = face(voids=VacancyDiffusion(1e9, VOLUME), layers=lambda kelvin: 2e-4)
    found = carry(device(solid, resistance=1e-3), Step(None, volts, duration=HOUR))
    for p in found.pieces:
        assert p.current[0] == pytest.approx(volts / 1.4e-3, rel=1e-6, abs=1e-7)
        np.testing.assert_allclose(p.voltage, volts, rtol=1e-5, atol=1e-9)
    assert found.cells.time[0] == pytest.approx(HOUR, rel=1e-9)


def charge_of_hold(intervals, few) -> float:
    """Charge of an hour at 50 mV against R0 + Rc (1 + s q / h0): half a square, solved."""
    few(intervals)
    laws = face(growth=InterphaseGrowth(0.0, initial=1e-7), interphase_conductivity=1e-4)
    found = carry(device(laws, face()), Step(None, 0.05, duration=HOUR), tolerance=1e-9)
    return float(found.cells.states[0].stripped[0])


def test_a_hold_against_a_rising_resistance_is_second_order_in_its_intervals(few) -> None:
    r, c = 1e-3 + 1e-3, 1e-3 * SPEED / DEPTH
    exact = (-r + math.sqrt(r * r + 2.0 * c * 0.05 * HOUR)) / c
    rough, fine = (abs(charge_of_hold(n, few) / exact - 1.0) for n in (12, 24))
    assert rough < 0.05
    assert rough / fine > 2.8


def test_a_hold_ends_where_its_current_has_fallen(few) -> None:
    few(20)
    laws = face(growth=InterphaseGrowth(0.0, initial=1e-7), interphase_conductivity=1e-4)
    step = Step(None, 0.05, duration=9 * HOUR, stop_current=10.0)
    found = carry(device(laws, face()), step)
    assert found.cells.time[0] < 9 * HOUR
    last = found.pieces[-1]
    assert last.current[0] == pytest.approx(10.0, rel=0.3)


def test_each_cell_of_a_batch_ends_its_hold_where_it_would_alone(few) -> None:
    few(12)
    step = Step(None, 0.05, duration=9 * HOUR, stop_current=12.0)
    films = np.array([0.5e-7, 2e-7])

    def held(film, cells):
        laws = face(growth=InterphaseGrowth(0.0, initial=film), interphase_conductivity=1e-4)
        return carry(device(laws, face()), step, Step(1.0, duration=60.0), cells=cells).cells

    both = held(films, 2)
    alone = [held(float(film), 1) for film in films]
    assert alone[0].time[0] > 1.5 * alone[1].time[0]
    np.testing.assert_allclose(both.time, [c.time[0] for c in alone], rtol=1e-9)
    assert both.alive.all()  # what is through with a hold goes on with the next step


def test_a_foil_that_is_exhausted_in_a_hold_is_told_once(few) -> None:
    few(12)
    dev = device(face(inventory=3.6e4, voids=VacancyDiffusion(1e4, VOLUME)), face())
    found = carry(dev, Step(None, 0.02, duration=2 * HOUR))
    assert kinds(found) == [engine.Event.EXHAUSTED]
    assert found.events[0].time == pytest.approx(3.6e4 / 20.0, rel=1e-6)
    assert found.cells.states[0].stripped[0] == pytest.approx(3.6e4, rel=1e-6)


# --- failures -------------------------------------------------------------------------------------


def test_a_cell_that_cannot_be_followed_fails_alone() -> None:
    """In a batch it is one failed cell; the others go on as if alone."""
    laws = face(voids=Together((VacancyDiffusion(0.1, VOLUME),), np.array([0.0, math.nan])))
    made = engine.start(device(laws), 5e6, 298.15, 1.0, 2)
    found = engine.simulate(device(laws), Protocol((Step(1.0, duration=HOUR),)), made)
    assert list(found.cells.alive) == [True, False]
    assert engine.KINDS[found.cells.ended[1]] == engine.Event.FAILED
    assert np.isfinite(found.cells.states[0].void).all()
    good = face(voids=Together((VacancyDiffusion(0.1, VOLUME),), 0.0))
    alone = carry(device(good), Step(1.0, duration=HOUR)).cells
    assert found.cells.states[0].void[0] == alone.states[0].void[0]


@pytest.mark.parametrize("kind", CONTACT_RIVALS, ids=lambda k: k.__name__)
@pytest.mark.parametrize("voids", [RICH["voids"], CREEP, VacancyDiffusion(1.0, VOLUME)],
                         ids=lambda law: type(law).__name__)  # fmt: skip
@pytest.mark.parametrize("flaw", [OverpotentialLimit(0.05), FilledFlaw(1e6, 1e-6, VOLUME)],
                         ids=lambda law: type(law).__name__)  # fmt: skip
def test_any_rival_can_stand_in_the_place_of_another(kind, voids, flaw) -> None:
    dev = device(face(**(RICH | {"loss": kind(DEPTH), "voids": voids, "flaw": flaw})))
    found = carry(dev, *cycling(2.0, time=HOUR, cycles=2).steps, pressure=3e6)
    assert found.cells.time[0] > 0.0 and found.cells.least_contact[0] < 1.0
