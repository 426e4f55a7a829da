"""Hosts over a cycle: what the levers do, what is not known, and that plated lithium is silent."""

import json
import time
from dataclasses import replace

import pytest

from anolyte.core.errors import DataError, MissingProperty
from anolyte.core.provenance import Source, Value
from anolyte.core.result import Concern, Level, decode, find_type
from anolyte.laws import host_limits
from anolyte.laws.contact import PlasticContact
from anolyte.laws.host_expansion import RIGID, Fixture
from anolyte.materials.criteria import criteria
from anolyte.materials.library import default
from anolyte.materials.references import all_references
from anolyte.materials.schema import Anode
from anolyte.materials.stack import Conditions, Form, Interface
from anolyte.models.silicon import HostCycling, HostCyclingResult

SILICON = Interface("Li6PS5Cl", "Si")


def run(form: Form | None = None, anode: str = "Si", **conditions) -> HostCyclingResult:
    interface = Interface("Li6PS5Cl", anode, form=form or Form())
    return HostCycling()(interface, Conditions(**conditions))


def by_label(result: HostCyclingResult) -> dict[str, Level]:
    return {f.label: f.level for f in result.findings(criteria())}


def level(result: HostCyclingResult, label: str = "breathing electrode") -> Level:
    return by_label(result)[label]


# --- who is asked -------------------------------------------------------------------------------


@pytest.mark.parametrize("anode", [a.name for a in default().all(Anode) if a.plated])
def test_plated_lithium_is_no_host_and_the_headline_stays_with_others(anode: str) -> None:
    result = run(anode=anode)
    assert result.findings(criteria()) == ()
    assert result.host == ""
    assert result.rows()


def test_an_alloy_with_more_lithium_than_its_host_takes_is_stripped_like_the_metal() -> None:
    assert run(anode="Li0.9Mg0.1").findings(criteria()) == ()


def test_every_host_of_the_library_is_answered_and_read_back() -> None:
    for anode in default().all(Anode):
        result = run(anode=anode.name)
        assert all(f.concern == Concern.VOLUME and f.reason for f in result.findings(criteria()))
        data = json.loads(json.dumps(result.to_dict()))
        assert decode(find_type(data["type"]), data) == result
    assert set(HostCycling.references) <= set(all_references())


def test_the_gravest_known_finding_comes_last() -> None:
    found = run().findings(criteria())
    assert (found[-1].label, found[-1].level) == ("breathing electrode", Level.BAD)
    assert Level.UNKNOWN in {f.level for f in found}  # the size is not said


def test_a_host_without_a_capacity_says_what_to_add() -> None:
    with pytest.raises(MissingProperty, match="specific capacity"):
        HostCycling()(Interface("Li6PS5Cl", default().anode("Bi", as_printed=True)), Conditions())


def test_what_is_not_known_is_named_and_the_rest_is_answered() -> None:
    result = run(anode="Sn")
    assert result.growth is not None
    assert result.compression is None
    assert any("Sn has no flow stress" in text for text in result.missing)


@pytest.mark.parametrize(
    "form", [Form(free_volume=1.0), Form(carbon=0.7, free_volume=0.4), Form(electrolyte=1.0)]
)
def test_a_form_without_room_for_the_host_is_refused(form: Form) -> None:
    with pytest.raises(DataError, match="no room for the host"):
        run(form)


def test_no_charge_and_no_room_for_charge_are_refused() -> None:
    with pytest.raises(MissingProperty, match="areal capacity"):
        run(areal_capacity=0.0)
    with pytest.raises(MissingProperty, match="full as made"):
        run(Form(prelithiation=1.0))


# --- levers -------------------------------------------------------------------------------------


def test_a_film_swells_by_what_its_charge_fills() -> None:
    thick, full = run(Form(shape="film", size="10 um")), run()
    assert thick.growth == pytest.approx(full.growth, rel=1e-6)
    assert thick.electrode_swing is not None and full.electrode_swing is not None
    assert thick.electrode_swing < 0.5 * full.electrode_swing
    porous = run(Form(shape="film", size="10 um", carbon=0.5))  # half as much host: twice the way
    assert porous.expansion == pytest.approx(2.0 * thick.expansion)
    short = run(Form(shape="film", size="0.5 um"))
    assert any("less than the charge" in w for w in short.warnings)
    assert short.electrode_swing == pytest.approx(2.8)


def test_free_volume_and_carbon_lower_the_swing_and_its_level() -> None:
    bare = run(Form(size="50 nm"))
    swings = [bare.electrode_swing]
    for form in (Form(size="50 nm", free_volume=0.3), Form(size="50 nm", free_volume=0.6),
                 Form(size="50 nm", free_volume=0.6, carbon=0.2)):  # fmt: skip
        swings.append(run(form).electrode_swing)
    assert swings == sorted(swings, reverse=True)
    assert level(bare) == Level.BAD
    assert level(run(Form(size="50 nm", free_volume=0.6))) in (Level.GOOD, Level.CAUTION)


def test_prelithiation_lowers_the_swing() -> None:
    assert run(Form(size="100 nm", prelithiation=0.2)).electrode_swing < run(
        Form(size="100 nm")
    ).electrode_swing  # fmt: skip


def test_graphite_breathes_far_less_than_silicon() -> None:
    graphite, silicon = run(anode="graphite"), run()
    assert graphite.electrode_swing < 0.1 * silicon.electrode_swing
    assert graphite.growth < 0.6 * silicon.growth
    assert level(graphite) == Level.CAUTION


def test_small_particles_hold_together_and_large_ones_crack() -> None:
    sizes = {"20 nm": "holds together", "150 nm": "may crack", "5 um": "cracks"}
    for size, label in sizes.items():
        result = run(Form(shape="particles", size=size))
        assert label in by_label(result)
        assert result.critical_low < result.critical_size < result.critical_high
        relative = default().anode("Si").need("fracture_toughness")
        spread = relative.sigma / relative.si  # the size goes with the square of toughness
        assert result.critical_high / result.critical_size == pytest.approx((1 + spread) ** 2)
        assert result.critical_low / result.critical_size == pytest.approx((1 - spread) ** 2)


def test_pressure_raises_the_critical_size_and_the_contact_kept() -> None:
    form = Form(shape="particles", size="100 nm", electrolyte=0.3)
    loose, pressed = run(form, stack_pressure=2e6), run(form, stack_pressure=50e6)
    assert pressed.critical_size > loose.critical_size
    assert pressed.contact_low > 20.0 * loose.contact_low
    assert loose.contact_high == 1.0
    assert level(loose, "loses contact") == Level.CAUTION


def test_contact_without_any_pressure_is_not_predicted() -> None:
    result = run(stack_pressure=0.0)
    assert result.contact_low is None
    assert any("without stack pressure" in w for w in result.warnings)


def test_any_contact_law_can_be_passed() -> None:
    form = Form(shape="particles", size="100 nm", electrolyte=0.3)
    interface = replace(SILICON, form=form)
    rough = HostCycling(contact=PlasticContact(50e6))(interface, Conditions())
    assert rough.contact_high == pytest.approx(1.0 - 2.718281828 ** (-0.1))


def test_a_stiff_fixture_swings_and_a_press_does_not() -> None:
    press = HostCycling()(SILICON, Conditions())
    bolted = HostCycling(fixture=RIGID)(SILICON, Conditions())
    soft = HostCycling(fixture=Fixture(1e12))(SILICON, Conditions())
    assert set(press.trace.pressure) == {5e6}
    swing = max(bolted.trace.pressure) - 5e6
    assert swing == pytest.approx(press.rigid_swing)
    assert 0.0 < max(soft.trace.pressure) - 5e6 < 0.1 * swing


def test_a_film_is_held_at_its_flow_stresses_and_rods_with_room_are_not() -> None:
    film = run(Form(shape="film", size="1 um"))
    assert (film.compression, film.tension) == pytest.approx((-1.75e9, 1.0e9))
    assert 0.17 < film.hysteresis < 0.33
    assert level(film, "stress hysteresis") == Level.CAUTION
    rods = run(Form(shape="rods", size="100 nm", free_volume=0.8))
    assert rods.compression == 0.0


def test_the_interphase_grows_on_a_plane_or_on_every_particle() -> None:
    columns = run(Form(shape="columns", size="1 um", free_volume=0.3))
    mixed = run(Form(shape="particles", size="1 um", electrolyte=0.3))
    pure = run(Form(shape="particles", size="1 um"))
    assert columns.area_factor == pytest.approx(0.7)
    assert pure.area_factor == 1.0
    assert mixed.area_factor == pytest.approx(6.0 * 1.19 * 3.8 ** (2 / 3), rel=0.02)


# --- lithium, with the growth of an interphase known ----------------------------------------------


class Known:
    """What a pair file would say of an interphase on silicon."""

    numbers = {"growth_constant": 2e-22, "interphase_volume_per_charge": 2.5e-10}

    def has(self, name: str) -> bool:
        return name in self.numbers

    def need(self, name: str) -> Value:
        return Value(self.numbers[name], Source("anolyte", known="recalled"))


@pytest.fixture
def grown(monkeypatch) -> None:
    monkeypatch.setattr(host_limits.pairs, "contact", lambda *_: Known())


def test_lithium_balances_and_more_surface_loses_more_of_it(grown) -> None:
    plane = run(Form(shape="film", size="3 um"))
    mixed = run(Form(shape="particles", size="200 nm", electrolyte=0.3))
    for result in (plane, mixed):
        balance = result.balance
        assert abs(balance.residual) <= 1e-12 * balance.charged
        assert balance.charged == pytest.approx(3.6e4)
        assert 0.0 <= result.efficiency_low <= result.efficiency_high <= 1.0
        assert 0.0 <= result.retention_low <= result.retention_high <= 1.0
    assert mixed.efficiency_high < plane.efficiency_high
    assert mixed.retention_high < plane.retention_high


def test_prelithiation_pays_for_the_first_cycle(grown) -> None:
    form = Form(shape="particles", size="200 nm", electrolyte=0.3)
    before, after = run(form), run(replace(form, prelithiation=0.2))
    assert after.efficiency_high > before.efficiency_high
    assert after.balance.prelithiation > 0.0


def test_a_first_cycle_without_current_is_not_told(grown) -> None:
    result = run(current_density=0.0)
    assert any("last for ever" in text for text in result.missing)


def test_a_number_of_the_whole_cycle_stands_in_and_says_so() -> None:
    result = run()
    assert result.balance is None
    assert result.efficiency_high == pytest.approx(0.85)
    assert "recalled" in result.efficiency_basis


# --- coating ------------------------------------------------------------------------------------


def coated(modulus: str, toughness: str) -> Form:
    from anolyte.materials.schema import Interlayer
    from anolyte.materials.stack import Layer

    def entry(value: str) -> list[dict[str, str]]:
        return [{"value": value, "source": "anolyte", "known": "recalled", "how": "assumed"}]

    shell = Interlayer.model_validate(
        {"name": "shell", "class": "coating", "properties": {
            "youngs_modulus": entry(modulus), "fracture_toughness": entry(toughness)}}
    )  # fmt: skip
    return Form(shape="particles", size="100 nm", coating=Layer(shell, 5e-9))


def test_a_brittle_shell_cracks_early_and_a_tough_one_presses() -> None:
    brittle, tough = run(coated("150 GPa", "1 MPa*m^0.5")), run(coated("1 GPa", "99 MPa*m^0.5"))
    bare = run(Form(shape="particles", size="100 nm"))
    assert 0.0 < brittle.shell_cracks < 0.2
    assert brittle.critical_size == pytest.approx(bare.critical_size)
    assert tough.shell_cracks == 1.0
    assert tough.critical_size > bare.critical_size
    assert any("its shell of shell cracks" in f.reason for f in brittle.findings(criteria()))


# --- speed --------------------------------------------------------------------------------------


def test_one_call_is_quick_enough_to_be_run_for_every_remedy() -> None:
    model, conditions = HostCycling(), Conditions()
    model(SILICON, conditions)
    took = []
    for _ in range(30):
        start = time.perf_counter()
        model(SILICON, conditions).findings(criteria())
        took.append(time.perf_counter() - start)
    assert min(took) < 5e-3  # about 1.5 ms on an idle core
