"""Levers with and without: signs, agreement with single runs, refusals, and the pages' code."""

import re
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import numpy as np
import pytest

import anolyte
from anolyte.core.errors import DataError, MissingProperty
from anolyte.core.result import Number, decode, find_type
from anolyte.core.units import BOLTZMANN, ELEMENTARY_CHARGE, FARADAY, habitual
from anolyte.faces.figures import levers as figures
from anolyte.laws.conduction import conductivity
from anolyte.laws.contact import PlasticContact
from anolyte.laws.plating import IslandPlating
from anolyte.laws.polymerisation import GeometricMixing, LaidDry, PolymerisedFilm
from anolyte.laws.space_charge import VACUUM_PERMITTIVITY, debye_length
from anolyte.materials.protocol import Protocol, cycling
from anolyte.materials.references import bibtex
from anolyte.materials.stack import Surface
from anolyte.models.cell.contact import held
from anolyte.studies import levers as L
from anolyte.studies.cell import Cell

COARSE = L.fine_ramp(1.0, 60.0, 1.15)
DRAWS = 8


@pytest.fixture(scope="module")
def sulfide() -> Cell:
    return Cell("Li6PS5Cl", "Li", thickness="0.5 mm", pressure="3 MPa", current="0.5 mA/cm2")


@pytest.fixture(scope="module")
def soft() -> Cell:
    """So little pressure that contact is poor and stays so."""
    return Cell("Li6PS5Cl", "Li", thickness="0.5 mm", pressure="0.3 MPa", current="0.1 mA/cm2")


@pytest.fixture(scope="module")
def garnet() -> Cell:
    return Cell("LLZTO", "Li", thickness="0.5 mm", pressure="1 MPa", current="0.2 mA/cm2")


@pytest.fixture(scope="module")
def collector() -> Cell:
    return Cell("Li6PS5Cl", "anode-free", pressure="3 MPa", current="0.5 mA/cm2")


@lru_cache(maxsize=128)
def usual(cell: Cell, chosen: tuple[L.Lever, ...]) -> L.LeverResult:
    return L.levers(cell, chosen=chosen, ramp=COARSE, draws=DRAWS)


def ran(cell: Cell, *chosen: L.Lever, **more) -> L.LeverResult:
    if not more:
        return usual(cell, chosen)
    return L.levers(cell, chosen=chosen, **({"ramp": COARSE, "draws": DRAWS} | more))


def change(cell: Cell, lever: L.Lever, measure: L.Measure) -> tuple[float, ...]:
    """Without, with, and with more of it."""
    effect = ran(cell, lever).outcome(lever).effect(measure)
    return tuple(n.si for n in (effect.without, effect.treated, effect.twice) if n is not None)


# --- signs ----------------------------------------------------------------------------------------

BETTER = (
    ("sulfide", L.LIQUID, L.CRITICAL), ("sulfide", L.LIQUID, L.CONTACT),
    ("sulfide", L.HEALING, L.CRITICAL), ("sulfide", L.HEALING, L.CONTACT),
    ("sulfide", L.PRESSURE, L.CRITICAL), ("sulfide", L.PRESSURE, L.FRESH),
    ("sulfide", L.WARMTH, L.FRESH), ("sulfide", L.WARMTH, L.WHOLE),
    ("sulfide", L.THINNER, L.WHOLE), ("sulfide", L.PULSED, L.CONTACT),
    ("sulfide", L.ATTACHED, L.FRESH), ("soft", L.PRESSED, L.FRESH), ("soft", L.PRESSED, L.FACE),
    ("sulfide", L.SLOWER, L.CONTACT), ("sulfide", L.POLYMER, L.CONTACT),
    ("garnet", L.CLEANED, L.FACE), ("garnet", L.WETTING, L.CONTACT),
)  # fmt: skip
COARSER = replace(L.ROUGHNESS, amount=5e-6, twice=10e-6)
WORSE = (
    ("sulfide", L.WARMTH, L.INTERPHASE), ("sulfide", COARSER, L.FRESH),
    ("sulfide", L.POLYMER, L.FACE),
)  # fmt: skip
NOTHING = (
    ("sulfide", L.CLEANED, L.FACE), ("sulfide", L.CLEANED, L.CRITICAL),
    ("sulfide", L.THINNER, L.CRITICAL), ("sulfide", L.THINNER, L.FACE),
    ("sulfide", L.SLOWER, L.CRITICAL), ("sulfide", L.SPACE_CHARGE, L.FACE),
    ("sulfide", L.SPACE_CHARGE, L.CRITICAL), ("garnet", L.THINNER, L.FACE),
)  # fmt: skip


def named(case) -> str:
    return f"{case[0]}-{case[1].name}-{case[2].name}" if isinstance(case, tuple) else str(case)


@pytest.mark.parametrize("case", BETTER, ids=named)
def test_it_gets_better_and_never_worse(case, request) -> None:
    cell, lever, measure = case
    effect = ran(request.getfixturevalue(cell), lever).outcome(lever).effect(measure)
    assert effect.better >= 0.25 and effect.worse == 0.0, effect
    assert "better" in effect.sign


@pytest.mark.parametrize("case", WORSE, ids=named)
def test_it_gets_worse_and_never_better(case, request) -> None:
    cell, lever, measure = case
    effect = ran(request.getfixturevalue(cell), lever).outcome(lever).effect(measure)
    assert effect.worse >= 0.5 and effect.better <= 0.15, effect
    assert "worse" in effect.sign


@pytest.mark.parametrize("case", NOTHING, ids=named)
def test_no_effect_is_said_to_be_none(case, request) -> None:
    cell, lever, measure = case
    effect = ran(request.getfixturevalue(cell), lever).outcome(lever).effect(measure)
    assert effect.sign == "no effect"
    assert effect.better == effect.worse == 0.0


@pytest.mark.parametrize(
    ("cell", "lever", "measure", "up"),
    [
        ("sulfide", L.LIQUID, L.CONTACT, True), ("sulfide", L.PRESSURE, L.CRITICAL, True),
        ("sulfide", L.WARMTH, L.INTERPHASE, True), ("sulfide", L.THINNER, L.WHOLE, False),
        ("sulfide", COARSER, L.FRESH, True), ("sulfide", L.POLYMER, L.FACE, True),
    ],
    ids=lambda x: getattr(x, "name", str(x)),
)  # fmt: skip
def test_twice_as_much_goes_further(cell, lever, measure, up, request) -> None:
    values = change(request.getfixturevalue(cell), lever, measure)
    assert list(values) == sorted(values, reverse=not up) and len(set(values)) == 3


def test_a_bad_angle_is_worse_than_none_and_a_good_one_better(soft) -> None:
    poor = replace(L.WETTING, amount=float(np.radians(110.0)))
    plain, bad = change(soft, poor, L.FRESH)
    same, good = change(soft, L.WETTING, L.FRESH)
    right = change(soft, replace(L.WETTING, amount=np.pi / 2.0), L.FRESH)[1]
    assert plain == same and good < plain < bad
    assert right == pytest.approx(plain, rel=1e-5)  # at 90 degrees gaps neither draw nor resist


def test_conversion_trades_flow_for_resistance(soft) -> None:
    """Half converted it still flows into voids; converted in full it only keeps what it had."""
    result = ran(soft, L.POLYMER, replace(L.POLYMER, name="liquid", amount=0.0))
    half, liquid = (o.effect(L.CRITICAL) for o in result.outcomes)
    assert liquid.treated.si >= half.treated.si >= half.twice.si >= half.without.si
    dry = L.Polymerised(
        PolymerisedFilm(GeometricMixing(0.5, 0.01), LaidDry(PlasticContact(2.3e6)), 5e-6)
    )
    outside = replace(L.POLYMER, name="laid on dry", face=dry, amount=1.0, twice=None)
    inside = replace(L.POLYMER, amount=1.0, twice=None)
    ends = {lever.name: change(soft, lever, L.FRESH)[1] for lever in (inside, outside)}
    assert ends[inside.name] < ends[outside.name]


# --- the same as single runs ----------------------------------------------------------------------

ON_CELLS = (L.LIQUID, L.ATTACHED, L.PRESSURE, L.WARMTH, L.THINNER, L.INTERLAYER, L.CLEANED)


@pytest.mark.parametrize("lever", ON_CELLS, ids=lambda x: x.name)
def test_with_and_without_are_what_single_cells_give(sulfide, lever) -> None:
    outcome = ran(sulfide, lever).outcome(lever)
    steps = cycling(5.0, charge=3.6e4, cycles=20)
    for cell, side in ((sulfide, "without"), (lever(sulfide), "treated")):
        found = {m: getattr(outcome.effect(m), side) for m in L.MEASURES[:7]}
        ramp = cell.critical_current(COARSE, draws=0)
        assert found[L.CRITICAL].si == pytest.approx(ramp.current_density, rel=1e-5)
        rest = cell.run("Rest for 1 h")
        assert found[L.WHOLE].si == pytest.approx(rest.resistance[1], rel=1e-4)
        c = cell.conditions
        face = held(cell.assemble(), c.stack_pressure, c.temperature, 1)["total"]
        assert found[L.FACE].si == pytest.approx(face[0], rel=1e-4)
        lived = cell.run(steps)
        end = None if lived.end is None else lived.end.time
        assert (found[L.LIFE] is None) == (end is None)
        assert end is None or found[L.LIFE].si == pytest.approx(end, rel=0.01)
        grown = cell.assemble().device.faces[0].growth(3.6e6, c.temperature)
        assert found[L.INTERPHASE].si == pytest.approx(float(grown), rel=1e-5)


def test_what_changes_the_protocol_is_run_with_it(sulfide) -> None:
    pulsed = L.PULSED(replace(sulfide, protocol=COARSE)).protocol
    assert pulsed is not None and len(pulsed) == 8 * len(COARSE)
    assert pulsed.duration == pytest.approx(2.0 * COARSE.duration)
    charge = [sum(s.current_density * s.duration for s in p.steps if s.current_density > 0.0)
              for p in (pulsed, COARSE)]  # fmt: skip
    assert charge[0] == pytest.approx(charge[1])
    outcome = ran(sulfide, L.PULSED).outcome(L.PULSED)
    alone = sulfide.critical_current(pulsed, draws=0).current_density
    assert outcome.effect(L.CRITICAL).treated.si == pytest.approx(alone, rel=1e-5)
    pressed = L.PRESSED(replace(sulfide, protocol=COARSE)).protocol
    assert pressed.steps[0].pressure == 25e6 and pressed.steps[1].pressure == 3e6
    assert pressed.steps[2:] == COARSE.steps


def test_without_is_the_same_beside_every_lever(sulfide) -> None:
    result = ran(sulfide, L.LIQUID, L.PRESSURE, L.CLEANED)
    for measure in L.MEASURES[:7]:
        assert len({o.effect(measure).without for o in result.outcomes}) == 1


def test_a_lever_that_does_nothing_has_no_effect_at_all(sulfide) -> None:
    idle = L.Lever("idle", "nothing", "number", 1.0, 2.0)
    for effect in ran(sulfide, idle).outcomes[0].effects:
        assert effect.without == effect.treated == effect.twice
        assert effect.sign == "no effect"


def test_a_lever_of_ones_own(sulfide) -> None:
    """Twice the void depth, by its law."""

    def deeper(laws, side, amount):
        return replace(laws, loss=type(laws.loss)(laws.loss.depth * amount))

    own = L.Lever("deeper voids", "times the depth", "number", 2.0, 4.0, face=deeper)
    plain, treated, more = change(sulfide, own, L.CONTACT)
    assert plain < treated < more


def test_thickness_takes_its_share_of_the_resistance_and_nothing_else(sulfide) -> None:
    whole, half, quarter = change(sulfide, L.THINNER, L.WHOLE)
    bulk = 5e-4 / conductivity(sulfide.interface.electrolyte, 298.15).value
    assert whole - half == pytest.approx(bulk / 2.0, rel=1e-4)
    assert half - quarter == pytest.approx(bulk / 4.0, rel=1e-4)


def test_a_polymer_film_adds_its_own_resistance_to_a_face_in_full_contact(sulfide) -> None:
    full = replace(sulfide, interface=replace(sulfide.interface, surface=Surface(contact=1.0)))
    bare = change(full, L.THINNER, L.FRESH)[0]
    _, half, whole = change(sulfide, L.POLYMER, L.FRESH)
    film = L.ALL[L.ALL.index(L.POLYMER)].face.film
    assert half - bare == pytest.approx(film.film_resistance(0.5), rel=1e-3)
    assert whole - bare == pytest.approx(film.film_resistance(1.0), rel=1e-3)


def test_a_cleaned_garnet_loses_what_untreated_faces_showed(garnet) -> None:
    before, after = change(garnet, L.CLEANED, L.FACE)
    untreated = garnet.assemble().used["surface film resistance"].si
    assert before - after == pytest.approx(untreated, rel=1e-5)


# --- islands and collectors -----------------------------------------------------------------------


def test_islands_are_for_bare_collectors(sulfide, collector) -> None:
    outcome = ran(sulfide, L.ISLANDS).outcomes[0]
    assert "bare collector" in outcome.reason and outcome.effects == ()
    with pytest.raises(DataError, match="bare collector"):
        outcome.effect(L.FRESH)
    effects = ran(collector, L.ISLANDS).outcomes[0]
    assert effects.effect(L.EFFICIENCY).worse >= 0.8
    assert effects.effect(L.FRESH).worse > 0.5 and effects.effect(L.FRESH).better == 0.0


def test_the_first_efficiency_is_what_interphase_and_islands_take(collector) -> None:
    """(1 - side/q)(1 - f), by the engine and by the balance of lithium."""
    charge = collector.conditions.areal_capacity
    plain, treated, more = change(collector, L.ISLANDS, L.EFFICIENCY)
    swept = L.first_plating(collector, 20e-6, charges=(charge,))
    wide = L.first_plating(collector, 40e-6, charges=(charge,))
    assert treated == pytest.approx(swept.islands_efficiency[0], abs=1e-3)
    assert more == pytest.approx(wide.islands_efficiency[0], abs=1e-3)
    assert plain == pytest.approx(swept.film_efficiency[0], abs=1e-3)
    assert plain > treated > more


def test_first_plating_goes_from_lone_islands_to_a_film(collector) -> None:
    found = L.first_plating(collector)
    law = IslandPlating(1.0 / (20e-6) ** 2, np.pi / 2.0, 13.0e-6)
    left = np.subtract(found.charge, found.side_charge)
    np.testing.assert_allclose(found.islands, law.coverage(left), rtol=1e-6)
    assert set(found.film) == {1.0}
    assert list(found.islands) == sorted(found.islands)
    assert list(found.islands_efficiency) == sorted(found.islands_efficiency)
    gap = np.subtract(found.film_efficiency, found.islands_efficiency)
    assert gap[0] == pytest.approx(0.05, abs=2e-3) and gap[-1] < 2e-3
    assert all(0.0 <= s <= q for s, q in zip(found.side_charge, found.charge, strict=True))


# --- temperature ----------------------------------------------------------------------------------


def test_the_sweep_is_what_single_cells_give(sulfide) -> None:
    swept = L.temperature_sweep(sulfide, (283.15, 318.15), ramp=COARSE, draws=4)
    for k, kelvin in enumerate(swept.temperature):
        cell = replace(sulfide, conditions=replace(sulfide.conditions, temperature=kelvin))
        ramp = cell.critical_current(COARSE, draws=4)
        assert swept.critical[k] == pytest.approx(ramp.current_density, rel=1e-6)
        assert (swept.low[k], swept.high[k]) == pytest.approx((ramp.low, ramp.high), rel=1e-6)
        face = held(cell.assemble(), 3e6, kelvin, 1)["total"][0]
        assert swept.face[k] == pytest.approx(face, rel=1e-4)
        assert swept.whole[k] == pytest.approx(cell.run("Rest for 1 h").resistance[1], rel=1e-4)


def test_conductivity_follows_its_activation_energy(sulfide) -> None:
    found = L.temperature_sweep(sulfide, ramp=COARSE, draws=2)
    energy = sulfide.interface.electrolyte.need("activation_energy").si
    kelvin, sigma = np.array(found.temperature), np.array(found.conductivity)
    slope = np.polyfit(1.0 / kelvin, np.log(sigma * kelvin), 1)[0]
    assert -slope * BOLTZMANN == pytest.approx(energy, rel=1e-6)
    assert list(found.fresh) == sorted(found.fresh, reverse=True)
    assert found.doubts == ("",) * 9


def test_what_lies_outside_a_range_is_told_at_its_temperature() -> None:
    found = L.temperature_sweep(Cell("PEO", "Li"), (303.15, 343.15, 473.15), ramp=COARSE, draws=2)
    cold, warm, melted = found.doubts
    assert "conductivity law" in cold and warm == "" and "Li: above" in melted
    assert len(found.rows()) == 3 and found.rows()[0]["doubts"] == cold


# --- space charge ---------------------------------------------------------------------------------


def test_space_charge_is_negligible_until_a_layer_is_empty(sulfide) -> None:
    """As the abstract of klerk2018space has it: negligible but for layers depleted of ions."""
    weak, strong = L.space_charge(sulfide, 0.1), L.space_charge(sulfide, 0.5)
    assert 0.0 < weak.resistance < 1e-8  # 1e-4 ohm cm2
    assert strong.resistance > 1e-3
    assert any("extrapolation" in w for w in weak.warnings)
    exact = debye_length(15.0 * VACUUM_PERMITTIVITY, 0.5 * weak.lithium, 298.15)
    assert weak.debye_length == pytest.approx(float(exact))
    assert weak.lithium == pytest.approx(6.0 * 1838.0 / 0.26850, rel=1e-3)
    width = np.sqrt(2.0 * 15.0 * VACUUM_PERMITTIVITY * 0.1 / (FARADAY * weak.lithium))
    assert weak.depletion_width == pytest.approx(width)
    assert ELEMENTARY_CHARGE * 0.1 > BOLTZMANN * 298.15


def test_space_charge_without_a_permittivity_says_what_to_add() -> None:
    cell = Cell("PEO", "Li")
    with pytest.raises(MissingProperty, match="permittivity"):
        L.space_charge(cell, 0.1)
    assert "permittivity" in ran(cell, L.SPACE_CHARGE).outcomes[0].reason


# --- results --------------------------------------------------------------------------------------


def test_a_result_has_a_row_a_lever_and_survives_a_file(sulfide, tmp_path) -> None:
    told = []
    result = ran(sulfide, L.LIQUID, L.CLEANED, L.ISLANDS, progress=lambda *x: told.append(x))
    assert told == [(1, 3, L.LIQUID.name), (2, 3, L.CLEANED.name), (3, 3, L.ISLANDS.name)]
    rows = result.rows()
    assert [r["lever"] for r in rows] == [L.LIQUID.name, L.CLEANED.name, L.ISLANDS.name]
    assert rows[1]["critical current density: sign"] == "no effect"
    assert rows[2]["does not apply"] and rows[2]["critical current density: sign"] == ""
    assert len({tuple(r) for r in rows}) == 1 and len(result.to_frame()) == 3
    anolyte.save(result, tmp_path / "levers.json")
    assert anolyte.load(tmp_path / "levers.json") == result
    for other in (L.space_charge(sulfide, 0.1), L.temperature_sweep(sulfide, (298.15,), draws=2)):
        assert decode(find_type(other.to_dict()["type"]), other.to_dict()) == other
    with pytest.raises(DataError, match="was not run"):
        result.outcome(L.WARMTH)


def test_what_a_lever_brings_in_of_doubts_is_told(sulfide) -> None:
    outcome = ran(sulfide, L.INTERLAYER).outcomes[0]
    assert any("no growth of an interphase" in d for d in outcome.doubts)
    assert ran(sulfide, L.LIQUID).outcomes[0].doubts == ()


def test_an_own_protocol_is_what_the_time_to_the_end_is_of(sulfide) -> None:
    hard = Protocol.parse("Strip at 1 mA/cm2 for 100 h")
    outcome = ran(sulfide, L.SLOWER, protocol=hard).outcomes[0].effect(L.LIFE)
    alone = sulfide.run(hard).end
    assert alone is not None and outcome.without.si == pytest.approx(alone.time, rel=0.01)
    assert outcome.treated is None or outcome.treated.si > 2.0 * outcome.without.si


def test_same_seed_same_answer_and_another_seed_the_same_best_values(sulfide) -> None:
    one, again, other = (ran(sulfide, L.PRESSURE, seed=s) for s in (1, 1, 2))
    assert one == again and one != other
    assert [e.treated for e in one.outcomes[0].effects] == [
        e.treated for e in other.outcomes[0].effects
    ]


def test_mistakes_are_refused_in_one_line(sulfide) -> None:
    for make in (
        lambda: L.levers(sulfide, draws=0),
        lambda: L.levers(Cell("Li6PS5Cl", "Li", current="0 mA/cm2")),
    ):
        with pytest.raises(DataError) as caught:
            make()
        assert "\n" not in str(caught.value)
    with pytest.raises(MissingProperty, match="plated metal"):
        L.levers(Cell("Li6PS5Cl", "Si"))


def test_every_lever_has_a_basis_and_sources_that_exist() -> None:
    assert len({lever.name for lever in L.ALL}) == len(L.ALL)
    for lever in L.ALL:
        assert lever.changes and lever.basis
        bibtex(lever.references)
        assert str(Number(lever.amount, lever.kind))


@pytest.mark.parametrize(
    ("better", "worse", "word"),
    [(0.0, 0.0, "no effect"), (0.05, 0.09, "no effect"), (1.0, 0.0, "better"),
     (0.7, 0.05, "mostly better"), (0.3, 0.0, "sometimes better"), (0.5, 0.5, "mixed"),
     (0.0, 0.95, "worse"), (0.2, 0.6, "mixed"), (0.0, 0.2, "sometimes worse")],
)  # fmt: skip
def test_signs_in_words(better, worse, word) -> None:
    assert L.Effect("x", None, None, None, better, worse).sign == word


def test_figures_hold_what_they_were_given(sulfide, collector) -> None:
    result = ran(sulfide, L.LIQUID, L.THINNER, L.ISLANDS)
    drawn = figures.levers(result)
    assert list(drawn.layout.yaxis.ticktext) == [o.text for o in result.outcomes[:2]]
    assert "applies" in figures.levers(ran(sulfide, L.ISLANDS)).layout.annotations[0].text
    swept = L.temperature_sweep(sulfide, (283.15, 303.15), ramp=COARSE, draws=2)
    assert figures.temperature(swept).data[0].y[0] == pytest.approx(10.0 * swept.conductivity[0])
    assert len(figures.first_plating(L.first_plating(collector)).data) == 4


# --- pages ----------------------------------------------------------------------------------------

DOCS = Path(__file__).parents[2] / "docs"
BLOCK = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PAGES = ("howto/simulate.md", "howto/levers.md", "models/critical.md")


def run_page(page: str) -> dict[str, object]:
    """All blocks of a page one after the other, as a reader would type them."""
    blocks = BLOCK.findall((DOCS / page).read_text(encoding="utf-8"))
    assert blocks
    space: dict[str, object] = {}
    for number, block in enumerate(blocks):
        exec(compile(block, f"{page}, block {number + 1}", "exec"), space)
    return space


def digits(value: float | None, kind: str) -> str:
    return "lasts" if value is None else f"{float(f'{habitual(value, kind):.2g}'):g}"


def told(outcome: L.LeverOutcome, measure: L.Measure) -> str:
    """A cell of the page: with, with more of it, and the sign."""
    effect = outcome.effect(measure)
    if effect.sign == "no effect":
        return "-"
    ends = [effect.treated] if outcome.twice is None else [effect.treated, effect.twice]
    values = ", ".join(digits(None if n is None else n.si, measure.kind) for n in ends)
    return f"{values}: {effect.sign}"


COLUMNS = (L.CRITICAL, L.FRESH, L.FACE, L.WHOLE, L.CONTACT, L.INTERPHASE, L.LIFE)


def lever_table(result: L.LeverResult) -> list[str]:
    first = next(o for o in result.outcomes if o.effects)
    plain = [digits(n and n.si, m.kind) for m in COLUMNS for n in [first.effect(m).without]]
    lines = [f"| none | {' | '.join(plain)} |"]
    for outcome in result.outcomes:
        amount = f"{outcome.amount}" + ("" if outcome.twice is None else f", {outcome.twice}")
        cells = [told(outcome, m) for m in COLUMNS] if outcome.effects else ["not for a foil"] * 7
        lines.append(f"| {outcome.lever} {amount} | {' | '.join(cells)} |")
    return lines


def sweep_table(found: L.TemperatureSweep) -> list[str]:
    return [
        f"| {kelvin - 273.15:.0f} | {digits(found.conductivity[k], 'conductivity')} | "
        + " | ".join(
            digits(x[k], "area_resistance") for x in (found.fresh, found.face, found.whole)
        )
        + " | "
        + " | ".join(
            digits(x[k], "current_density") for x in (found.critical, found.low, found.high)
        )
        + " |"
        for k, kelvin in enumerate(found.temperature)
    ]


def plating_table(found: L.FirstPlating) -> list[str]:
    return [
        f"| {habitual(q, 'areal_capacity'):g} | {100 * a:.2g} | {100 * e:.1f} | {100 * f:.1f} |"
        for q, a, e, f in zip(
            found.charge,
            found.islands,
            found.islands_efficiency,
            found.film_efficiency,
            strict=True,
        )
    ]


def layer_table(layers: list[L.SpaceCharge]) -> list[str]:
    return [f"| {x.potential:g} | {digits(x.resistance, 'area_resistance')} |" for x in layers]


@pytest.mark.parametrize("page", [PAGES[0], PAGES[2]])
def test_the_code_of_a_page_runs(page, tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    run_page(page)


def test_the_numbers_of_the_levers_page_are_those_of_its_code(tmp_path, monkeypatch) -> None:
    """A line that is missing is printed: paste it."""
    monkeypatch.chdir(tmp_path)
    space = run_page("howto/levers.md")
    text = (DOCS / "howto/levers.md").read_text(encoding="utf-8")
    lines = [
        *lever_table(space["result"]), *lever_table(space["garnet"]),
        *sweep_table(space["sweep"]), *plating_table(space["plating"]),
        *layer_table(space["layers"]),
    ]  # fmt: skip
    missing = [line for line in lines if line not in text]
    assert not missing, "\n".join(missing)
