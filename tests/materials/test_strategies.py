"""The catalogue of remedies: complete, sourced, and each of them does something."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pytest

from anolyte.core.errors import DataError, MissingProperty
from anolyte.core.result import Concern
from anolyte.materials.library import DATA, default
from anolyte.materials.references import all_references
from anolyte.materials.schema import Anode, Electrolyte
from anolyte.materials.stack import Cell, Conditions, Interface, Surface
from anolyte.materials.strategy import (
    FAMILIES,
    Change,
    Contraindication,
    Strategy,
    find,
    strategies,
)

# What the review names, section by section.
REVIEW = """
sb_coating ta_doping li3n_liin_layer flexible_electrolyte surface_smoothing surface_coating
element_doping gb_modification nanorod_si composite_electrode sulfide_modification
interface_modelling cell_design lpscl_on_li3ycl6 halide_improvement crystalline_peo_interlayer
mg_al_in_peo pbo_peo inorganic_fillers residual_dmf lls_filler_pvdf supramolecular_12c4
paa_scavenger buffer_layer kanf_latp pegdme_pmma_insitu pdl_llzto composite_general stack_pressure
inorganic_si dense_contact si_n_mxene si_sio2_lpo_c si_on_llzao si_at_lpscl si_se_composite
si_cnt_c anode_free mgf2_film plss_layer si_sulfide_thermo tl_cgcnn_sei ge_to_sr_screening
charge_discharge_design passivating_interphase ti_lif_buffer fa_cs_layer sn_oct2_ecl_rop
pf_md_pores high_modulus lialo2_on_si si_mof acid_treatment in_situ_shield pvdfhfp_lif
lisi_hard_carbon in_situ_synthesis ppf40_coating f_diluent_coating ionic_liquid_coating
cu3p_coating graphene_coating li3ocl_coating aluminosilicate_coating mo6s8_coating clay_coating
mld_coating glc_at_lpscl columnar_si_2d_sei additives computation_guided wetting_layers
nano_prelithiation stable_sei semi_solid collaborative transition_layer fabrication
material_modification in_situ_simulation param_study self_healing
""".split()
ALL = strategies()
ACTIONS = [s for s in ALL if s.kind == "action"]
STUDIES = [s for s in ALL if s.kind != "action"]
ELECTROLYTES = default().all(Electrolyte)
ANODES = default().all(Anode)
CONDITIONS = Conditions(current_density="1 mA/cm2", stack_pressure="1 MPa", temperature="25 C")


def _name(strategy: Strategy) -> str:
    return strategy.name


def _cell(electrolyte: str, anode: str, **conditions: str) -> Cell:
    return Cell(Interface(electrolyte, anode), Conditions(**conditions))  # type: ignore[arg-type]


def _matching(strategy: Strategy) -> Iterator[Cell]:
    """Cells of library materials that a strategy is meant for, on a contaminated surface."""
    surface = Surface(film="Li2CO3:50 nm")  # type: ignore[arg-type]
    for electrolyte, anode in product(ELECTROLYTES, ANODES):
        cell = Cell(Interface(electrolyte, anode, surface=surface), CONDITIONS)
        if strategy.applies(cell):
            yield cell


def _treatable(strategy: Strategy) -> Cell:
    """The first of them whose materials have the properties that the strategy scales."""
    for cell in _matching(strategy):
        try:
            strategy.apply(cell)
        except MissingProperty:
            continue
        return cell
    raise AssertionError(f"{strategy.name} can be applied to no pair of the library")


def _alters(change: Change, cell: Cell) -> bool:
    try:
        return change.apply(cell, default()) != cell
    except MissingProperty:
        return False


def test_everything_that_the_review_names_is_here() -> None:
    assert len(REVIEW) == len(set(REVIEW)) == 82
    assert set(REVIEW) <= {s.name for s in ALL}


def test_ways_that_the_review_leaves_out_are_here() -> None:
    names = {s.name for s in ALL}
    assert {
        "thermal_surface_cleaning",
        "polishing",
        "al_doping",
        "halogen_rich_argyrodite",
    } <= names
    assert {"stack_pressure_lithium", "li_mg_alloy", "li_in_alloy_anode", "ag_c_layer"} <= names
    assert {"in_situ_polymer_layer", "ionic_liquid_interlayer", "lower_current"} <= names
    assert {
        "halogen_rich_argyrodite",
        "pulsed_current",
        "oxide_conversion_film",
        "alloying_metal_film",
    } <= names


def test_a_strategy_is_named_as_its_file() -> None:
    stems = {p.stem for p in (DATA / "strategies").glob("*.yaml")}
    assert stems == {s.name for s in ALL}


def test_every_family_of_regulation_is_filled() -> None:
    assert {s.family for s in ALL} == set(FAMILIES)


@pytest.mark.parametrize("strategy", ALL, ids=_name)
def test_it_applies_to_a_pair_of_the_library(strategy: Strategy) -> None:
    assert next(_matching(strategy), None) is not None


@pytest.mark.parametrize("strategy", ACTIONS, ids=_name)
def test_an_action_changes_an_input(strategy: Strategy) -> None:
    cell = _treatable(strategy)
    assert strategy.apply(cell) != cell


@pytest.mark.parametrize("strategy", ACTIONS, ids=_name)
def test_nothing_that_it_sets_is_idle(strategy: Strategy) -> None:
    for change in strategy.sets:
        assert any(_alters(change, cell) for cell in _matching(strategy)), change.what


@pytest.mark.parametrize("strategy", STUDIES, ids=_name)
def test_a_study_leaves_the_cell_alone(strategy: Strategy) -> None:
    cell = next(_matching(strategy))
    assert strategy.apply(cell) == cell


@pytest.mark.parametrize("strategy", ALL, ids=_name)
def test_every_statement_has_a_reference_that_exists(strategy: Strategy) -> None:
    stated = (*strategy.sets, *strategy.worsens, *strategy.contraindications)
    sources = {s.source for s in stated}
    assert strategy.references
    assert sources | set(strategy.references) <= set(all_references())
    assert sources - {"anolyte"} <= set(strategy.references)


@pytest.mark.parametrize("strategy", ACTIONS, ids=_name)
def test_an_assumed_value_says_so_and_is_never_called_read(strategy: Strategy) -> None:
    for change in strategy.sets:
        if change.how == "assumed":
            assert change.known == "recalled", change.what
            assert change.note, change.what


@pytest.mark.parametrize("strategy", ALL, ids=_name)
def test_what_it_costs_has_a_reason_and_what_it_mends_is_said_once(strategy: Strategy) -> None:
    assert all(trade.because for trade in strategy.worsens)
    assert len(set(strategy.mends)) == len(strategy.mends)


@pytest.mark.parametrize("name", ["acid_treatment", "thermal_surface_cleaning", "in_situ_shield"])
def test_cleaning_takes_the_carbonate_away(name: str) -> None:
    interface = Interface("LLZO", "Li", surface=Surface(film="Li2CO3:50 nm"))  # type: ignore[arg-type]
    assert interface.surface.film is not None
    treated = find(name).apply(interface)
    assert treated.surface.film is None
    assert treated.surface.cleaned


def test_a_film_on_lithium_lies_next_to_lithium_and_one_on_garnet_next_to_garnet() -> None:
    interface = Interface("LLZO", "Li", layers="LiF:10 nm")
    assert str(find("cu3p_coating").apply(interface)) == "LLZO | LiF | Cu3P | Li"
    assert str(find("mgf2_film").apply(interface)) == "LLZO | MgF2 | LiF | Li"
    assert str(find("inert_buffer_film").apply(Interface("LATP", "Li"))) == "LATP | BN | PEO | Li"


def test_a_stiffer_electrolyte_keeps_its_other_properties() -> None:
    before = Interface("LLZO", "Li").electrolyte
    after = find("high_modulus").apply(Interface("LLZO", "Li")).electrolyte
    assert after.need("youngs_modulus").si == pytest.approx(2 * before.need("youngs_modulus").si)
    kept = set(before.properties) - {"youngs_modulus"}
    assert kept
    assert all(after.properties[name] == before.properties[name] for name in kept)


def test_pressure_on_lithium_is_not_pressure_on_silicon() -> None:
    lithium, silicon = find("stack_pressure_lithium"), find("stack_pressure")
    on_li, on_si = _cell("Li6PS5Cl", "Li"), _cell("Li6PS5Cl", "Si")
    assert lithium.applies(on_li) and not lithium.applies(on_si)
    assert silicon.applies(on_si) and not silicon.applies(on_li)
    assert silicon.apply(on_si).conditions.stack_pressure == 50e6
    assert (
        lithium.apply(_cell("LLZO", "Li", stack_pressure="1 MPa")).conditions.stack_pressure == 5e6
    )
    assert silicon.contraindicated(on_li) and not silicon.contraindicated(on_si)


@pytest.mark.parametrize(
    ("name", "against", "fine"),
    [
        ("acid_treatment", _cell("Li6PS5Cl", "Li"), _cell("LLZO", "Li")),
        ("acid_treatment", _cell("Li3YCl6", "Li"), _cell("LLZTO", "Li")),
        ("thermal_surface_cleaning", _cell("PEO", "Li"), _cell("LLZO", "Li")),
        ("high_temperature_bonding", _cell("Li6PS5Cl", "Li"), _cell("LLZO", "Li")),
        ("molten_lithium_infusion", _cell("Li6PS5Cl", "Li"), _cell("LLZO", "Li")),
        ("semi_solid", _cell("Li6PS5Cl", "Li"), _cell("LLZO", "Li")),
        (
            "wetting_layers",
            _cell("LLZO", "Li", temperature="80 C"),
            _cell("LLZO", "Li", temperature="25 C"),
        ),
        (
            "crystalline_peo_interlayer",
            _cell("LLZO", "Li", temperature="61 C"),
            _cell("LLZO", "Li", temperature="59 C"),
        ),
    ],
)
def test_a_contraindication_holds_where_it_should(name: str, against: Cell, fine: Cell) -> None:
    strategy = find(name)
    reasons = strategy.contraindicated(against)
    assert reasons and all(r.because for r in reasons)
    assert not strategy.contraindicated(fine)


def _all_contraindications() -> list[tuple[str, Contraindication]]:
    return [(s.name, c) for s in ALL for c in s.contraindications]


@pytest.mark.parametrize(
    "written", _all_contraindications(), ids=lambda w: f"{w[0]}: {w[1].because[:20]}"
)
def test_every_contraindication_tells_cells_apart(written: tuple[str, Contraindication]) -> None:
    when = written[1].when
    mild, harsh = CONDITIONS, Conditions(temperature="300 C", stack_pressure="500 MPa")
    cells = [Cell(Interface(e, a), c) for e, a, c in product(ELECTROLYTES, ANODES, (mild, harsh))]
    assert {when.holds(cell) for cell in cells} == {True, False}


@pytest.mark.parametrize(
    ("name", "concern"),
    [
        ("high_modulus", Concern.WETTING),
        ("flexible_electrolyte", Concern.DENDRITE),
        ("wetting_layers", Concern.TEMPERATURE),
        ("ionic_liquid_coating", Concern.TEMPERATURE),
        ("nano_prelithiation", Concern.REACTION),
        ("composite_general", Concern.TRANSPORT),
        ("crystalline_peo_interlayer", Concern.WINDOW),
    ],
)
def test_the_conflicts_of_the_review_are_kept(name: str, concern: Concern) -> None:
    trades = [t for t in find(name).worsens if t.concern is concern]
    assert trades
    assert trades[0].source == "wang2025review"


def test_a_folder_of_the_user_overrides_and_leaves_its_mark(tmp_path: Path) -> None:
    folder = tmp_path / "strategies"
    folder.mkdir()
    text = (DATA / "strategies" / "mgf2_film.yaml").read_text(encoding="utf-8")
    (folder / "mgf2_film.yaml").write_text(
        text.replace("MgF2:20 nm", "MgF2:5 nm"), encoding="utf-8"
    )
    ours = find("mgf2_film").apply(Interface("LLZTO", "Li"))
    own = find("mgf2_film", (tmp_path,))
    theirs = own.apply(Interface("LLZTO", "Li"))
    assert ours.layers[0].thickness == pytest.approx(20e-9)
    assert theirs.layers[0].thickness == pytest.approx(5e-9)
    assert own.origin == str(folder / "mgf2_film.yaml") and own.digest
    assert len(strategies((tmp_path,))) == len(ALL)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("family: wettability", "family: magic", "family"),
        ("known: recalled", "known: guessed", "known"),
        ("mends: [wetting, dendrite]", "mends: [rust]", "mends"),
        ("value: 'MgF2:20 nm'", "times: 2", "times"),
    ],
)
def test_a_wrong_file_is_refused_with_its_field(
    tmp_path: Path, old: str, new: str, message: str
) -> None:
    text = (DATA / "strategies" / "mgf2_film.yaml").read_text(encoding="utf-8")
    assert old in text
    (tmp_path / "strategies").mkdir()
    path = tmp_path / "strategies" / "mine.yaml"
    path.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(DataError, match=message) as caught:
        strategies((tmp_path,))
    assert "mine.yaml" in str(caught.value)


def test_a_misspelt_name_gets_a_hint() -> None:
    with pytest.raises(DataError, match="mgf2_film"):
        find("mgf2_fim")
