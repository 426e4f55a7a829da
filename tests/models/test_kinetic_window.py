"""The window by the indirect route: its limits, what its ends fall apart to, and what it leaves."""

import json
from dataclasses import replace

import pytest

from anolyte.core.errors import MissingProperty
from anolyte.core.provenance import Source
from anolyte.core.units import ELEMENTARY_CHARGE
from anolyte.laws.equilibrium import lithium_ladder
from anolyte.materials import formula, topotactic
from anolyte.materials.phases import Phase, Phases
from anolyte.materials.stack import Conditions, Interface
from anolyte.materials.topotactic import Side, TopotacticState
from anolyte.models.kinetic_window import (
    REFERENCE,
    KineticWindow,
    KineticWindowResult,
    kinetic_window,
)
from anolyte.models.window import window

EV = ELEMENTARY_CHARGE
HOSTS = ("Li6PS5Cl", "Li6PS5Br", "Li3PS4", "LGPS", "LLZO", "LAGP", "LATP", "LLTO", "Li3YBr6",
         "LiPON", "Li3OCl")  # fmt: skip


def state(side: Side, text: str, volts: float, **more) -> TopotacticState:
    made = TopotacticState("Li3PS4", "Li3PS4", side, text, volts, None, None, Source("zhu2015"))
    return replace(made, **more)


def found(*states: TopotacticState, phases: Phases | None = None) -> KineticWindowResult:
    return KineticWindow(phases, states)(Interface("Li3PS4", "Li"), Conditions())


def test_the_published_windows_of_li6ps5cl() -> None:
    """Schwietert 2020: 1.16 V wide by the indirect route, 0.30 V by direct decomposition."""
    r = kinetic_window("Li6PS5Cl")
    assert (r.reduction_limit, r.oxidation_limit) == (1.08, 2.24)  # 1.16 V
    assert r.reduction_gap == pytest.approx(0.63)
    assert r.oxidation_gap == pytest.approx(0.23)
    assert r.reduction_interval == pytest.approx((1.08, 1.11))
    assert r.oxidation_interval == pytest.approx((2.19, 2.24))
    decays = {s.state: s.decay for s in r.steps}
    assert decays["Li4PS5Cl"] == "Li4PS5Cl → LiCl + Li3PS4 + S"
    assert decays["Li11PS5Cl"] == "Li11PS5Cl → LiCl + 5 Li2S + P"


@pytest.mark.parametrize("name", HOSTS)
def test_decay_conserves_every_element(name: str) -> None:
    for s in kinetic_window(name).steps:
        if not s.state:
            continue
        left, right = s.decay.split(" → ")
        total: dict[str, float] = {}
        for text, sign in ((left, 1.0), (right, -1.0)):
            for part in text.split(" + "):
                amount, _, rest = part.rpartition(" ")
                for e, n in formula.parse(rest.removesuffix("(g)")).items():
                    total[e] = total.get(e, 0.0) + sign * float(amount or 1.0) * n
        assert max(abs(v) for v in total.values()) < 2e-3  # amounts are printed to four digits


@pytest.mark.parametrize("name", HOSTS)
def test_the_thermodynamic_window_is_left_as_it_is(name: str) -> None:
    r, w = kinetic_window(name), window(name)
    assert r.thermodynamic_reduction == w.reduction_limit
    assert r.thermodynamic_oxidation == w.oxidation_limit
    with pytest.raises(TypeError, match="states no findings"):
        r.findings(None)


def test_no_state_is_unknown_in_one_line() -> None:
    r = kinetic_window("Li3InCl6")
    assert (r.reduction_limit, r.oxidation_limit, r.steps) == (None, None, ())
    assert r.statement == tuple(
        f"{side}: unknown: no topotactic state of Li3InCl6" for side in ("reduction", "oxidation")
    )


def test_one_side_may_be_unknown() -> None:
    r = kinetic_window("LiTi2(PO4)3")
    assert r.reduction_limit == pytest.approx(2.54)
    assert r.reduction_interval == pytest.approx((2.49, 2.59))
    assert r.oxidation_limit is None
    assert "unknown" in r.statement[1]


def test_the_first_step_of_a_side_sets_the_limit_and_rivals_the_interval() -> None:
    r = found(
        state(Side.DELITHIATION, "LiPS4", 2.5),
        state(Side.DELITHIATION, "Li2PS4", 2.4, sigma=0.1),
        state(Side.DELITHIATION, "Li2PS4", 2.6),
        state(Side.LITHIATION, "Li8PS4", 1.2),
        state(Side.LITHIATION, "Li4PS4", 1.0),
    )
    assert r.oxidation_limit == 2.4
    assert r.oxidation_interval == pytest.approx((2.3, 2.6))
    assert r.reduction_limit == 1.2


def test_a_computed_step_is_compared_within_its_source_a_measured_one_with_the_hull() -> None:
    w = window("Li3PS4")
    own = found(state(Side.DELITHIATION, "LiPS4", 2.47, decomposition=2.30)).steps[0]
    assert own.gap == pytest.approx(0.17)
    hull = found(state(Side.DELITHIATION, "LiPS4", 2.47)).steps[0]
    assert hull.compared_with == REFERENCE
    assert hull.gap == pytest.approx(2.47 - w.oxidation_limit)


def test_insertion_before_decomposition_makes_an_electrode() -> None:
    limit = window("Li3PS4").reduction_limit
    text = found(state(Side.LITHIATION, "Li4PS4", limit + 0.3)).statement[0]
    assert "electrode" in text
    assert "0.30 V" in text


def test_energy_above_the_hull_follows_from_the_gap() -> None:
    """On a toy hull Li - A - LiA - Li2A, by hand.

    LiA at -2 eV per formula unit, A and Li at 0: it is oxidised to A at 2 V. A topotactic state
    with no lithium at 2.5 V lies 0.5 eV per formula unit (one atom A) above A.
    """
    zero = Source("x")
    rows = tuple(
        Phase(f, e, None, zero)
        for f, e in (("Li", 0.0), ("Si", 0.0), ("LiSi", -1.0), ("Li2Si", -0.8))
    )
    toy = Phases(rows, "toy")
    states = (
        TopotacticState("LiSi", "LiSi", Side.DELITHIATION, "Si", 2.5, None, None, zero),
        TopotacticState("LiSi", "LiSi", Side.LITHIATION, "Li2Si", 0.1, None, None, zero),
    )
    r = KineticWindow(toy, states)(Interface("LiSi", "Li"), Conditions())
    out, put = r.steps
    assert r.thermodynamic_oxidation == pytest.approx(2.0)
    assert out.energy_above_hull == pytest.approx(0.5 * EV)
    # Li2Si: the hull at 0.4 V, the state at 0.1 V: 0.3 eV per three atoms
    assert r.thermodynamic_reduction == pytest.approx(0.4)
    assert put.energy_above_hull == pytest.approx(0.1 * EV)
    end = lithium_ladder(toy, formula.parse("Li2Si"), "Li2Si")
    own = -2.0 - 1.0 * 0.1  # of the state: the host and one lithium at 0.1 V
    assert put.energy_above_hull == pytest.approx((own / 3.0 - end.hull_energy) * EV)


def test_organics_are_refused_and_a_relative_is_named() -> None:
    with pytest.raises(MissingProperty, match="no host"):
        kinetic_window("PEO")
    assert any("a relative" in w for w in kinetic_window("LATP").warnings)
    assert not any("a relative" in w for w in kinetic_window("Li6PS5Cl").warnings)


def test_zero_volts_means_none_above_lithium_metal() -> None:
    r = kinetic_window("LLZO")
    assert r.reduction_limit == 0.0
    assert "no lithiation of the host above lithium metal" in r.statement[0]


def test_saved_and_read_back() -> None:
    r = kinetic_window("LAGP")
    again = KineticWindowResult.from_dict(json.loads(json.dumps(r.to_dict(), allow_nan=False)))
    assert again == r
    assert len(r.rows()) == len(r.steps) == 2


def test_every_electrolyte_of_the_table_is_covered() -> None:
    for s in topotactic.embedded():
        assert kinetic_window(s.host).steps
