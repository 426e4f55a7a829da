"""Runs of real cells: what a run tells, and every claim of better or worse with and without."""

import math

import numpy as np
import pytest

import anolyte
from anolyte.core.errors import AnolyteError, DataError, MissingProperty
from anolyte.core.result import decode, encode
from anolyte.laws.fracture import FilledFlaw
from anolyte.laws.growth import InterphaseGrowth
from anolyte.laws.voids import CONTACT_RIVALS, Together
from anolyte.materials.library import default
from anolyte.materials.protocol import Protocol, Step, current_ramp, cycling, pressure_sweep, strip
from anolyte.materials.stack import Conditions, Form, Interface, Layer, Surface
from anolyte.models.cell.assembly import assemble
from anolyte.models.cell.run import Run, run

HOUR = 3600.0
SERIES = (
    "time", "current_density", "voltage", "contact", "counter_contact", "void", "counter_void",
    "interphase", "counter_interphase", "bulk", "charge_transfer", "ohmic", "load",
    "stack_pressure", "temperature",
)  # fmt: skip


def go(*protocol, electrolyte="Li6PS5Cl", anode="Li", pressure=3e6, kelvin=298.15, laws=None,
       attach=None, **parts) -> Run:  # fmt: skip
    """A run of a cell; nothing in it may be NaN."""
    interface = Interface(electrolyte, anode, **parts)
    conditions = Conditions(stack_pressure=pressure, temperature=kelvin)
    assembly = assemble(interface, conditions, laws=laws, attach_pressure=attach)
    found = run(interface, conditions, Protocol.parse(*protocol), assembly=assembly)
    for name in SERIES:
        values = np.array(getattr(found, name))
        assert np.isfinite(values).all() and values.size == len(found.time), name
    assert found.balance is not None
    assert max(found.balance.charge, found.balance.lithium) < 1e-9
    if any(found.current_density):
        assert 0.0 <= found.balance.clipped < 1e-3
    assert all(r > 0.0 and math.isfinite(r) for r in found.resistance)
    return found


def law_of(name: str, electrolyte="Li6PS5Cl", anode="Li", **parts):
    """A law of a cell's named face as the data files have it."""
    device = assemble(Interface(electrolyte, anode, **parts), Conditions()).device
    return getattr(device.faces[0], name)


# --- what a run tells -----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def cycled() -> Run:
    return go(cycling("0.3 mA/cm2", time="1 h", cycles=3, rest="10 min"), pressure=5e6)


def test_a_run_tells_what_a_cycler_would_have_written(cycled) -> None:
    assert cycled.end is None and not cycled.events
    assert cycled.time[0] == 0.0 and cycled.time[-1] == pytest.approx(3 * (2 + 1 / 3) * HOUR)
    assert (np.diff(cycled.time) >= 0.0).all()
    assert set(np.round(cycled.current_density, 9)) == {-3.0, 0.0, 3.0}
    volts, current = np.array(cycled.voltage), np.array(cycled.current_density)
    assert (volts * current >= 0.0).all() and (volts[current == 0.0] == 0.0).all()
    parts = np.array(cycled.bulk) + np.array(cycled.charge_transfer) + np.array(cycled.ohmic)
    np.testing.assert_allclose(volts, parts, rtol=1e-9, atol=1e-15)
    assert max(cycled.cycles) == 2 and max(cycled.steps) == 11
    assert cycled.plated == pytest.approx(3 * 3.0 * HOUR)
    assert "symmetric" in cycled.cell and cycled.sources and cycled.rests_on


def test_resistance_at_rest_is_the_slope_of_the_voltage(cycled) -> None:
    small = go(Step(1e-3, duration=1.0), pressure=5e6)
    assert cycled.resistance[0] == pytest.approx(small.voltage[0] / 1e-3, rel=1e-6)
    assert cycled.resistance[1] > cycled.resistance[0]


def test_lithium_lost_is_what_both_interphases_hold(cycled) -> None:
    per = law_of("volume_per_charge")
    grown = cycled.interphase[-1] + cycled.counter_interphase[-1]
    assert cycled.lithium_lost == pytest.approx(grown / per, rel=1e-6)


def test_a_stack_of_lithium_on_both_sides_grows_by_its_voids(cycled) -> None:
    voids = np.array(cycled.void) + np.array(cycled.counter_void)
    np.testing.assert_allclose(cycled.stack_growth, voids, atol=1e-12)
    assert voids.max() > 1e-8


def test_a_run_is_saved_and_read_back(cycled, tmp_path) -> None:
    assert decode(Run, encode(cycled)) == cycled
    anolyte.save(cycled, tmp_path / "run.json")
    assert anolyte.load(tmp_path / "run.json") == cycled


def test_rows_are_one_a_time_in_habitual_units(cycled) -> None:
    rows = cycled.rows()
    assert len(rows) == len(cycled.time)
    assert rows[-1]["time [h]"] == pytest.approx(7.0)
    assert rows[0]["current_density [mA cm⁻²]"] == pytest.approx(0.3)
    assert {"step", "cycle", "voltage [V]"} <= set(rows[0])


def test_progress_is_told_step_by_step() -> None:
    told = []
    interface, conditions = Interface("Li6PS5Cl", "Li"), Conditions()
    run(interface, conditions, cycling(1.0, time=60.0, cycles=2),
        progress=lambda *x: told.append(x))  # fmt: skip
    assert [(d, t) for d, t, _ in told] == [(1, 4), (2, 4), (3, 4), (4, 4)]


def test_an_event_says_step_cycle_time_and_current() -> None:
    found = go(current_ramp("0.5 mA/cm2", "5 mA/cm2", "0.5 mA/cm2"), pressure=2e6)
    assert found.end is not None and found.events[-1] == found.end
    assert found.end.time == pytest.approx(found.time[-1])
    assert found.end.cycle == found.cycles[-1] and found.end.step == found.steps[-1]
    assert abs(found.end.current_density) == pytest.approx(5.0 * (found.end.cycle + 1))


# --- protocols on real cells ----------------------------------------------------------------------


def test_stripping_to_a_cut_off_stops_there_or_at_lost_contact() -> None:
    found = go(strip("1 mA/cm2", until="30 mV"))
    assert found.events[0].kind in ("cut-off", "contact loss")
    assert abs(found.voltage[-1]) <= 0.030 * (1 + 1e-4)


def test_a_pressure_sweep_shows_its_pressures_and_contact_grows_with_them() -> None:
    found = go(pressure_sweep("0.1 mA/cm2", ["2 MPa", "5 MPa", "10 MPa"]), pressure=2e6)
    pressures = [p for p in dict.fromkeys(found.stack_pressure)]
    assert pressures == [2e6, 5e6, 10e6]
    ends = [found.contact[max(i for i, c in enumerate(found.cycles) if c == k)] for k in range(3)]
    assert ends == sorted(ends)


def test_a_foil_ends_where_its_lithium_does() -> None:
    found = go(strip("0.1 mA/cm2", until="5 V"), form=Form(size="5 um"), pressure=10e6,
               laws={"volume_per_charge": 0.0})  # fmt: skip
    (event,) = found.events
    assert event.kind == "lithium exhausted"
    volume = law_of("molar_volume")
    assert event.time == pytest.approx(5e-6 * 96485.33212 / volume / 1.0, rel=1e-6)


def test_an_anode_free_cell_must_be_plated_first() -> None:
    bare = go("Strip at 0.1 mA/cm2 for 1 h", anode="anode-free")
    assert [e.kind for e in bare.events] == ["lithium exhausted"] and bare.time[-1] < 1e-3
    found = go(cycling("0.1 mA/cm2", charge="0.2 mAh/cm2", cycles=3, plate_first=True),
               anode="anode-free", pressure=5e6)  # fmt: skip
    assert len(found.efficiency) == 3
    assert all(0.5 < e < 1.0 for e in found.efficiency)  # the interphase keeps some
    ideal = go(cycling("0.1 mA/cm2", charge="0.2 mAh/cm2", cycles=2, plate_first=True),
               anode="anode-free", laws={"volume_per_charge": 0.0})  # fmt: skip
    assert ideal.efficiency == pytest.approx((1.0, 1.0), rel=1e-6)


def test_cold_and_hot_steps_are_numbers() -> None:
    for kelvin in (200.0, 450.0):
        found = go("Strip at 0.01 mA/cm2 for 1 min", Step(0.1, duration=60.0, temperature=kelvin))
        assert found.time[-1] > 0.0


def test_no_pressure_is_no_contact_and_no_nan() -> None:
    found = go("Strip at 0.1 mA/cm2 for 1 h", pressure=0.0)
    assert found.end is not None and found.contact[0] < 0.05


# --- refusals -------------------------------------------------------------------------------------


def test_hosts_without_a_potential_are_refused_with_those_that_have_one() -> None:
    with pytest.raises(MissingProperty) as caught:
        go("Rest for 1 h", anode="Mg")
    assert "Mg" in str(caught.value) and "graphite" in str(caught.value)


@pytest.mark.parametrize("anode", ["Si", "graphite", "In"])
def test_an_empty_host_is_no_counter_electrode(anode) -> None:
    with pytest.raises(MissingProperty, match="LiIn"):
        assemble(Interface("Li6PS5Cl", "Li"), Conditions(), counter=default().anode(anode))


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_a_temperature_far_below_every_law_is_refused_in_one_line() -> None:
    with pytest.raises(AnolyteError) as caught:
        go("Strip at 0.1 mA/cm2 for 1 h", kelvin=5.0)
    assert "\n" not in str(caught.value)


def test_a_rest_clips_nothing_to_speak_of() -> None:
    found = go("Rest for 10 h")
    assert found.balance is not None and 0.0 <= found.balance.clipped < 1e-3


def test_what_is_outside_its_range_is_told() -> None:
    hot = go("Rest for 1 h", kelvin=600.0)
    assert any("327 °C" in w for w in hot.warnings)
    pressed = go("Rest for 1 h", pressure=60e6)
    assert any("pressure 60 MPa is outside" in w for w in pressed.warnings)
    assert not go("Rest for 1 h", pressure=5e6).warnings
    film = go("Rest for 1 h", surface=Surface(film=Layer("Li2CO3", 1e-7)), electrolyte="LLZO")
    assert any("Li2CO3" in w for w in film.warnings)


def test_a_pair_without_a_plating_limit_says_so() -> None:
    found = go("Rest for 1 h", electrolyte="Li3YCl6")
    assert any("no plating limit" in w for w in found.warnings)
    assert not any(found.load)


# --- better or worse: each factor with and without ------------------------------------------------


def lasted(current=10.0, **options) -> float:
    """Hours that a cell can be stripped before contact is lost (or anything else ends it)."""
    found = go(Step(current, duration=300 * HOUR), **options)
    return found.time[-1] / HOUR


def strained(**options) -> tuple[float, float]:
    """Highest voltage and highest load of two cycles at 0.5 mA/cm2."""
    found = go(cycling("0.5 mA/cm2", time="1 h", cycles=2), **({"pressure": 5e6} | options))
    assert found.end is None
    return max(abs(v) for v in found.voltage), max(found.load)


def test_a_higher_current_is_worse() -> None:
    hours = [lasted(j) for j in (5.0, 10.0, 20.0)]
    assert hours[0] > 2.5 * hours[1] > 5.0 * hours[2]  # faster than the charge alone
    assert lasted(1.0, pressure=5e6) >= 200.0  # below the limit it is not contact that ends it


def test_a_lower_pressure_is_worse() -> None:
    hours = [lasted(10.0, pressure=p) for p in (5e6, 3e6, 1e6)]
    assert hours[0] > hours[1] > hours[2]


def test_larger_flaws_are_worse() -> None:
    volume = law_of("molar_volume")
    loads = [
        strained(laws={"flaw": FilledFlaw(0.23e6, size, volume)}, pressure=10e6)[1]
        for size in (1e-8, 4e-8)
    ]  # fmt: skip
    assert loads[1] == pytest.approx(2.0 * loads[0], rel=1e-9)  # a square root of the size
    ends = [
        go(current_ramp(), laws={"flaw": FilledFlaw(0.23e6, size, volume)}).end.cycle
        for size in (1e-7, 1e-6, 1e-5)
    ]
    assert ends == sorted(ends, reverse=True) and ends[0] > ends[-1]


def test_attaching_at_a_lower_pressure_is_worse() -> None:
    firm, loose = (strained(attach=p) for p in (20e6, 1e6))
    assert loose[0] > firm[0] and loose[1] > firm[1]
    assert lasted(attach=1e6) < lasted(attach=20e6)


def test_a_rougher_face_is_worse() -> None:
    smooth, rough = (strained(surface=Surface(roughness=r)) for r in (1e-8, 2e-5))
    assert rough[0] > smooth[0] and rough[1] > smooth[1]
    assert lasted(surface=Surface(roughness=2e-5)) < lasted(surface=Surface(roughness=1e-8))
    less, more = (go("Rest for 1 s", surface=Surface(contact=c)) for c in (0.3, 0.9))
    assert less.resistance[0] > more.resistance[0]


def test_a_residual_liquid_is_better() -> None:
    dry, wet = (strained(surface=Surface(liquid=x, contact=0.4)) for x in (0.0, 0.5))
    assert wet[0] < dry[0] and wet[1] < dry[1]
    assert lasted(surface=Surface(liquid=0.3)) > lasted()


def test_self_healing_is_better() -> None:
    voids = law_of("voids")
    none, some = ({"voids": Together((voids,), rate)} for rate in (0.0, 2e-4))
    assert lasted(laws=none) == pytest.approx(lasted(), rel=1e-9)
    assert lasted(laws=some) > 1.5 * lasted(laws=none)


def test_warmth_is_better_until_pressure_squeezes_lithium_through() -> None:
    """Contact lasts longer and resistance falls; pores let soft lithium through sooner."""
    assert lasted(10.0, kelvin=313.15) > lasted(10.0, kelvin=298.15) > lasted(10.0, kelvin=283.15)
    assert strained(kelvin=333.15)[0] < strained(kelvin=298.15)[0]
    rest = Step(0.0, duration=1e7)
    assert go(rest, pressure=10e6, kelvin=333.15).time[-1] < go(rest, pressure=10e6).time[-1]


def test_a_thinner_interphase_is_better() -> None:
    growth = law_of("growth")
    thick = InterphaseGrowth(25.0 * growth.constant, growth.activation_energy, growth.exponent)
    thin = InterphaseGrowth(growth.constant, growth.activation_energy, growth.exponent)
    worse, better = (strained(laws={"growth": law}) for law in (thick, thin))
    assert worse[0] > better[0] and worse[1] > better[1]
    lost = [go("Rest for 100 h", laws={"growth": law}).lithium_lost for law in (thick, thin)]
    assert lost[0] == pytest.approx(5.0 * lost[1], rel=1e-6)


def test_an_interphase_that_conducts_electrons_outgrows_one_that_does_not() -> None:
    interface, conditions = Interface("Li6PS5Cl", "Li"), Conditions()
    rest = Protocol.parse("Rest for 3000 h")
    end = {c: run(interface, conditions, rest, conducts=c).interphase[-1] for c in (False, True)}
    assert end[True] > 1.5 * end[False]


def test_a_longer_rest_grows_a_thicker_interphase_and_resistance() -> None:
    day, month = go("Rest for 1 day"), go("Rest for 30 days")
    assert month.interphase[-1] > day.interphase[-1]
    assert month.resistance[1] > day.resistance[1]


def test_a_thicker_electrolyte_is_worse() -> None:
    from anolyte.materials.stack import Sample

    thin, thick = (strained(sample=Sample(thickness=t)) for t in (1e-4, 1e-3))
    assert thick[0] > thin[0] and thick[1] == pytest.approx(thin[1], rel=1e-9)


def test_refilling_less_is_worse() -> None:
    protocol = cycling("0.8 mA/cm2", time="20 min", cycles=3)
    all_, none = (go(protocol, laws={"refill": r}) for r in (1.0, 0.0))
    assert max(none.void) > 1.5 * max(all_.void) and min(none.contact) < min(all_.contact)
    assert max(none.load) > max(all_.load)


@pytest.mark.parametrize("kind", CONTACT_RIVALS, ids=lambda k: k.__name__)
def test_every_form_of_contact_loss_runs_in_a_real_cell(kind) -> None:
    found = go(cycling(10.0, time=600.0, cycles=2), laws={"loss": kind(0.5e-6)})
    assert 0.0 < min(found.contact) < found.contact[0]


def test_unknown_law_of_a_face_is_refused() -> None:
    with pytest.raises((DataError, TypeError)):
        assemble(Interface("Li6PS5Cl", "Li"), Conditions(), laws={"frictoin": 1.0})
