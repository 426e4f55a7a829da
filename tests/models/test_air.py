"""Air: balance, hand-calculated reactions, limits, and what is published of moisture."""

import math

import numpy as np
import pytest

from anolyte.core.errors import DataError, MissingProperty
from anolyte.core.units import ELEMENTARY_CHARGE, FARADAY, GAS_CONSTANT
from anolyte.laws import gibbs
from anolyte.laws.weathering import Exposure, oxidation_states
from anolyte.materials import formula, library
from anolyte.materials.atmosphere import RelativeHumidity, atmosphere
from anolyte.materials.energy_errors import EnergyErrors
from anolyte.materials.phases import embedded
from anolyte.materials.stack import Conditions
from anolyte.models.air import MOLAR_VOLUME, Air, AirResult, air

SOLIDS = (
    "Li6PS5Cl", "Li3PS4", "LGPS", "Li4SnS4", "Li7P3S11", "LLZO", "LLZTO", "Li3YCl6", "Li3InCl6",
    "Li3N", "LiPON", "Li", "Li3PO4",
)  # fmt: skip
ROOM = Conditions()


def quick(name: str, where: str = "dry room") -> AirResult:
    lib = library.default()
    solid = lib.anode(name) if name == "Li" else lib.electrolyte(name)
    return Air(atmosphere(where), draws=0)(solid, ROOM)


def table(where: str, product: float = 0.1) -> gibbs.GibbsPhases:
    pressures = atmosphere(where).pressures(298.15)
    kept = {g: p for g, p in pressures.items() if g in ("H2O", "CO2", "O2")}
    return gibbs.at(embedded(), 298.15, kept, product)


@pytest.mark.parametrize("name", SOLIDS)
def test_every_reaction_is_balanced(name):
    result = quick(name, "ambient")
    for attack in result.attacks:
        left = {result.formula: 1.0, **attack.taken} if attack.reaction else {}
        total: dict[str, float] = {}
        for side, sign in ((left, 1.0), (attack.products, -1.0)):
            for text, n in side.items():
                for element, count in formula.parse(text).items():
                    total[element] = total.get(element, 0.0) + sign * n * count
        assert max(map(abs, total.values()), default=0.0) < 1e-10, attack.case
        assert attack.driving_force <= 0.0 and (attack.reaction != "") == (attack.taken != {})


def test_hydrolysis_of_lithium_sulfide_by_hand():
    """Li2S + 2 H2O(g) = 2 LiOH + H2S at 0.1 Pa of H2S and the water of a dry room."""
    phases = table("dry room")
    g = {t: phases.find(formula.parse(t)).energy * formula.atoms(formula.parse(t))
         for t in ("Li2S", "LiOH")}  # fmt: skip
    gas = {t: phases.gas(t).energy * 3 for t in ("H2O", "H2S")}
    by_hand = 2 * g["LiOH"] + gas["H2S"] - g["Li2S"] - 2 * gas["H2O"]
    outcome = Exposure(phases, {"Li": 2.0, "S": 1.0}, ["H2O"], oxidation_states({"Li": 2, "S": 1}))
    found = outcome.outcome()
    assert found.driving_force * 3 == pytest.approx(by_hand, abs=1e-10)
    pressure = 0.1 * math.exp(-by_hand * FARADAY / (GAS_CONSTANT * 298.15))
    assert outcome.equilibrium_pressure("H2S", found) == pytest.approx(pressure, rel=1e-6)


def test_gas_per_gram_is_what_the_formula_holds():
    attack = quick("Li3PS4").attack("water")
    (release,) = attack.releases
    assert (release.gas, release.amount) == ("H2S", pytest.approx(4.0))
    assert release.volume == pytest.approx(4 * 22.711e-3 / 0.18003, rel=1e-3)
    assert pytest.approx(22.711e-3, rel=1e-4) == MOLAR_VOLUME
    lost = 4 * (34.08 - 18.015) / 180.03
    assert attack.mass_gain == pytest.approx(-lost, rel=1e-3)


@pytest.mark.parametrize("where", ["dry room", "ambient"])
@pytest.mark.parametrize("case", ["water", "water and carbon dioxide"])
def test_argyrodite_gives_off_all_its_sulfur(where, case):
    """By hand: 5 mol / 268.36 g/mol = 18.63 mmol/g, times 22.711 L/mol.

    What is given off does not hang on carbon dioxide, as measured (doi:10.1002/cphc.202400872).
    """
    (release,) = quick("Li6PS5Cl", where).attack(case).releases
    assert (release.gas, release.amount) == ("H2S", pytest.approx(5.0))
    assert release.volume / MOLAR_VOLUME == pytest.approx(18.631, rel=1e-4)
    assert release.volume == pytest.approx(0.42314, rel=1e-4)


@pytest.mark.parametrize("solid", ["Li3SbS4", "Sb2S5", "Li6PS5Cl", "Li4SnS4", "LiTi2O4", "LLZO"])
def test_by_exchange_never_more_is_driven_than_with_redox(solid):
    """Neither where nothing neutral balances the solid by itself (no Sb2S5 in the energies)."""
    composition = library.default().electrolyte(solid).composition
    for gases in (["H2O"], ["H2O", "CO2"]):
        exchange = Exposure(table("ambient"), composition, gases, oxidation_states(composition))
        free = Exposure(table("ambient"), composition, gases).outcome()
        assert free.driving_force <= exchange.outcome().driving_force + 1e-12
        assert exchange.outcome().driving_force > -1.0


@pytest.mark.parametrize("solid", ["LiH", "Al4C3"])
def test_a_solid_that_has_no_state_in_common_with_the_gas_reacts_with_redox(solid):
    """Hydrogen is -1 in a hydride and +1 in water, carbon -4 in a carbide and +4 in CO2."""
    result = Air(atmosphere("ambient"), draws=0)(library.default().electrolyte(solid), ROOM)
    attack = result.attack("water and carbon dioxide")
    assert not attack.exchange and attack.driving_force < 0.0
    assert attack.driving_force > -3.0 * ELEMENTARY_CHARGE


def test_errors_are_those_of_the_window(monkeypatch):
    """An error that all phases share through their anchors leaves no spread but the solids' own."""
    solid = library.default().electrolyte("Li3PS4")
    attack = Air(atmosphere("dry room"), draws=50)(solid, ROOM).attack("water")
    monkeypatch.setattr("anolyte.models.air.energy_errors", lambda t, _: _exact(t))
    sure = Air(atmosphere("dry room"), draws=50)(solid, ROOM).attack("water")
    assert attack.sigma > 0.01 * ELEMENTARY_CHARGE
    assert sure.sigma == pytest.approx(0.0, abs=1e-12 * ELEMENTARY_CHARGE)


def _exact(phases):
    return EnergyErrors(phases, (), np.zeros((len(phases.rows), 0)))


def test_supply_is_the_air_that_holds_the_water():
    attack = quick("Li3PS4").attack("water")
    moles = 4 / 0.18003  # of water per kg of solid
    water = atmosphere("dry room").pressures(298.15)["H2O"] / (GAS_CONSTANT * 298.15)
    assert attack.supply == pytest.approx(moles / water, rel=1e-3)


def test_onset_is_where_the_reaction_begins():
    result = quick("Li4SnS4")
    onset = result.attack("water").onset
    assert onset is not None
    for factor, happens in ((0.98, False), (1.02, True)):
        phases = gibbs.at(embedded(), 298.15, {"H2O": onset * factor}, 0.1)
        composition = formula.parse("Li4SnS4")
        outcome = Exposure(phases, composition, ["H2O"], oxidation_states(composition)).outcome()
        assert outcome.driven == happens


@pytest.mark.parametrize("name", ["Li3PS4", "LLZO", "Li4SnS4", "Li3YCl6"])
def test_wetter_is_never_better(name):
    solid = library.default().electrolyte(name)
    forces = [
        Air(atmosphere("ambient").moist(RelativeHumidity(h)), draws=0)(solid, ROOM)
        .attack("water").driving_force
        for h in (1e-6, 1e-3, 0.1, 0.5, 1.0)
    ]  # fmt: skip
    assert forces == sorted(forces, reverse=True)


def test_more_gases_never_drive_less():
    for name in ("Li6PS5Cl", "LLZO", "Li3N"):
        result = quick(name, "ambient")
        water, both, everything = (
            result.attack(c).driving_force for c in ("water", "water and carbon dioxide", "air")
        )
        assert everything <= both + 1e-25 and both <= water + 1e-25


def test_by_exchange_no_state_changes():
    for name in ("Li6PS5Cl", "LGPS", "Li4SnS4", "LLZO", "Li3YCl6"):
        result = quick(name, "ambient")
        states = oxidation_states(formula.parse(result.formula))
        assert states is not None and result.attack("water").exchange
        for text in result.attack("water").products:
            charge = sum(n * states[e] for e, n in formula.parse(text).items())
            assert abs(charge) < 0.03, text


def test_metal_reacts_with_redox():
    attack = quick("Li").attack("water")
    assert not attack.exchange and attack.releases[0].gas == "H2"
    assert "LiOH" in attack.products


@pytest.mark.parametrize(
    ("solid", "element", "state"),
    [("Li3P", "P", -3), ("LiFePO4", "Fe", 2), ("Li3La5Ti9O27", "Ti", 4), ("Li4SnS4", "Sn", 4)],
)  # fmt: skip
def test_oxidation_states(solid, element, state):
    states = oxidation_states(formula.parse(solid))
    assert states is not None and states[element] == pytest.approx(state)


@pytest.mark.parametrize("solid", ["Li", "Li15Si4", "LiSi", "Li22Sn5", "LiAl", "Li2O2"])
def test_metals_have_none(solid):
    assert oxidation_states(formula.parse(solid)) is None


def test_published_order_of_sulfides():
    """Li4SnS4 bears moisture better than Li3PS4 (kanazawa2018, abstract)."""
    force = {n: quick(n).attack("water").driving_force for n in ("Li4SnS4", "Li3PS4", "Li7P3S11")}
    assert force["Li4SnS4"] > 0.2 * force["Li3PS4"]
    assert force["Li3PS4"] > force["Li7P3S11"]  # 75 Li2S 25 P2S5 gives off least H2S (Muramatsu)


def test_garnet_carbonates_by_itself():
    """arXiv 1606.01807: water alone does little, carbonate makes it go; 2201.09348."""
    result = quick("LLZO", "ambient")
    carbonated = result.attack("water and carbon dioxide")
    assert "Li2CO3" in carbonated.products
    assert carbonated.driving_force < 1.5 * result.attack("water").driving_force < 0.0
    assert any("protons" in w for w in result.warnings)


def test_phosphate_bears_air():
    for attack in quick("Li3PO4", "wet").attacks:
        assert attack.reaction == ""


def test_draws_repeat_and_tell_the_spread():
    lib = library.default()
    runs = [Air(atmosphere("dry room"), draws=20, seed=3)(lib.electrolyte("LGPS"), ROOM)
            for _ in range(2)]  # fmt: skip
    assert runs[0] == runs[1]
    attack = runs[0].attack("water")
    assert 0.005 < attack.sigma / ELEMENTARY_CHARGE < 0.15 and attack.likelihood == 1.0
    assert AirResult.from_dict(runs[0].to_dict()).rows() == runs[0].rows()


def test_bad_questions():
    lib = library.default()
    with pytest.raises(MissingProperty):
        Air(atmosphere("ambient"))(lib.electrolyte("PEO"), ROOM)
    with pytest.raises(DataError, match="reach from"):
        air("Li3PS4", "glovebox", temperature="2000 C")
    with pytest.raises(DataError, match="water pressure"):
        air("Li3PS4", temperature="150 C")
    with pytest.raises(DataError, match="no atmosphere"):
        air("Li3PS4", "moon")
