"""Numbers of a pair of materials: which file speaks, and files that are refused."""

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anolyte.core.errors import DataError, MissingProperty
from anolyte.core.provenance import Source, Value
from anolyte.materials import pairs
from anolyte.materials.library import Library, default
from anolyte.materials.pairs import PAIR_PROPERTIES, contact, spread
from anolyte.studies import check as checks

MINE = """\
name: lithium on my sulfide
electrolyte: [{electrolyte}]
anode: [Li]
properties:
  {property}:
    - {{value: {value}, source: zhu2015, known: read}}
"""


@pytest.fixture
def write(tmp_path: Path):
    """Write a pair file into a user's folder; return a library that reads it."""
    folder = tmp_path / "interfaces"
    folder.mkdir()

    def call(name="mine", electrolyte="Li6PS5Cl", property="void_depth", value="2 um", text=MINE):
        filled = text.format(electrolyte=electrolyte, property=property, value=value)
        (folder / f"{name}.yaml").write_text(filled)
        return Library((tmp_path,))

    return call


def of(electrolyte: str, anode: str = "Li", lib: Library | None = None) -> pairs.Contact:
    lib = lib or default()
    return contact(lib.electrolyte(electrolyte), lib.anode(anode), lib)


# --- the package's own files ----------------------------------------------------------------------


def test_every_number_has_its_unit_its_source_and_no_odd_spread() -> None:
    found = pairs.pairs()
    assert len(found) >= 8
    for pair in found:
        for name, measurements in pair.properties.items():
            for m in measurements:
                value = m.to_value(PAIR_PROPERTIES[name])
                assert value.source.key and value.source.where, (pair.name, name)
                assert math.isfinite(value.si) and value.si >= 0.0, (pair.name, name)
                assert value.sigma is None or 0.0 <= value.sigma < math.inf, (pair.name, name)


def test_what_is_assumed_or_recalled_spreads_widely() -> None:
    """A number without a measurement behind it must not look sharp."""
    for pair in pairs.pairs():
        for name, (first, *_) in pair.properties.items():
            value = first.to_value(PAIR_PROPERTIES[name])
            if value.source.how == "assumed" and name != "diffusion_activation_energy":
                assert value.sigma is not None and value.sigma >= 0.15 * value.si, (pair.name, name)


@pytest.mark.parametrize("electrolyte", ["Li6PS5Cl", "LLZTO", "LGPS", "Li3YCl6", "PEO", "LATP"])
@pytest.mark.parametrize("anode", ["Li", "anode-free"])
def test_every_cell_finds_what_no_law_can_do_without(electrolyte, anode) -> None:
    found = of(electrolyte, anode)
    for name in ("exchange_current_density", "contact_spacing", "void_depth",
                 "diffusion_limited_current", "pressure_limited_current",
                 "pressure_exponent"):  # fmt: skip
        assert found.need(name).si > 0.0


def test_the_special_speaks_before_the_general() -> None:
    assert of("Li6PS5Cl").need("pressure_exponent").source.key == "kasemchainan2019"
    assert of("LLZTO").need("pressure_exponent").source.key == "wang2019stack"
    general = of("Li3YCl6").need("pressure_exponent")
    assert general.source.key == "anolyte" and general.source.known == "recalled"
    ranks = [p.special for p in of("Li6PS5Cl").pairs]
    assert ranks == sorted(ranks, reverse=True) and ranks[-1] == (0, 0)


def test_lithium_metal_is_not_taken_for_a_host() -> None:
    assert not of("Li6PS5Cl", "Si").has("void_depth")
    with pytest.raises(MissingProperty) as caught:
        of("Li6PS5Cl", "Si").need("void_depth")
    told = str(caught.value)
    assert "void depth" in told and "Li6PS5Cl | Si" in told and "interfaces/" in told


# --- files of one's own ---------------------------------------------------------------------------


def test_ones_own_file_wins_a_tie_and_leaves_the_rest(write) -> None:
    lib = write()
    assert of("Li6PS5Cl", lib=lib).need("void_depth").si == pytest.approx(2e-6)
    assert of("LLZTO", lib=lib).need("void_depth").si == pytest.approx(0.5e-6)
    assert of("Li6PS5Cl").need("void_depth").si == pytest.approx(0.5e-6)
    mine = write(property="pressure_exponent", value="'1'")
    assert of("Li6PS5Cl", lib=mine).need("pressure_exponent").si == 1.0
    assert of("Li6PS5Cl", lib=mine).need("growth_lag").source.key == "aktekin2023"


def test_a_general_file_of_ones_own_does_not_outdo_a_special_one(write) -> None:
    lib = write(electrolyte="any", property="pressure_exponent", value="'1'")
    assert of("Li6PS5Cl", lib=lib).need("pressure_exponent").source.key == "kasemchainan2019"
    assert of("Li3YCl6", lib=lib).need("pressure_exponent").si == 1.0


def test_the_last_folder_wins(write, tmp_path: Path) -> None:
    first = write()
    other = tmp_path / "other"
    (other / "interfaces").mkdir(parents=True)
    text = MINE.format(electrolyte="Li6PS5Cl", property="void_depth", value="3 um")
    (other / "interfaces" / "a.yaml").write_text(text)
    lib = Library((*first.folders, other))
    assert of("Li6PS5Cl", lib=lib).need("void_depth").si == pytest.approx(3e-6)


def test_all_values_of_a_property_are_kept_and_the_first_is_the_default(write) -> None:
    more = MINE + "    - {{value: 9 um, source: zhu2015, known: recalled}}\n"
    found = of("Li6PS5Cl", lib=write(text=more))
    assert [round(v.si * 1e6, 9) for v in found.values("void_depth")] == [2.0, 9.0]
    assert found.need("void_depth").si == pytest.approx(2e-6)
    assert found.values("double_layer_capacitance") and not found.values("contact_angle")


REFUSED = {
    "unknown property": ({"property": "void_dept"}, "unknown property void_dept"),
    "no unit of it": ({"value": "2 MPa"}, "void_depth"),
    "negative length": ({"value": "-2 um"}, "void_depth"),
    "no number": ({"value": "much"}, "no number"),
    "odd pattern": ({"electrolyte": "family:sulfide"}, "class:oxide"),
    "no source": ({"text": MINE.replace("source: zhu2015, ", "")}, "source"),
    "not said how known": ({"text": MINE.replace(", known: read", "")}, "known"),
    "extra field": ({"text": MINE + "colour: red\n"}, "colour"),
    "no mapping": ({"text": "- a list\n"}, "expected fields"),
    "not YAML": ({"text": "name: [open\n"}, "not YAML"),
    "negative current": (
        {"property": "exchange_current_density", "value": "-1 mA/cm^2"}, "exchange_current_density"
    ),
    "negative limit": (
        {"property": "critical_overpotential", "value": "-5 mV"}, "critical_overpotential"
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_a_bad_file_is_refused_in_one_line_that_names_it(write, name) -> None:
    options, part = REFUSED[name]
    lib = write(**options)
    with pytest.raises(DataError) as caught:
        of("Li6PS5Cl", lib=lib)
    line = str(caught.value)
    assert "mine.yaml" in line and part in line and "\n" not in line


def test_check_data_counts_good_files_and_names_bad_ones(write, tmp_path: Path) -> None:
    write()
    report = checks.check(tmp_path)
    assert not report.problems and report.counts["interfaces"] == {"read": 1}
    write(text=MINE.replace("zhu2015", "nobody1999") + "references: [noone2000]\n")
    told = [str(p) for p in checks.check(tmp_path).problems]
    assert len(told) == 2 and "interfaces/mine.yaml:6" in told[0] and "nobody1999" in told[0]
    assert "noone2000" in told[1]
    write(property="void_dept")
    (bad,) = (str(p) for p in checks.check(tmp_path).problems)
    assert "interfaces/mine.yaml" in bad and "unknown property" in bad


def test_check_data_refuses_a_negative_spread(write, tmp_path: Path) -> None:
    write(text=MINE.replace("known: read", "known: read, sigma: -1 um"))
    assert checks.check(tmp_path).problems


# --- spreads --------------------------------------------------------------------------------------


@given(st.floats(1e-9, 1e9), st.floats(0.0, 5.0))
def test_the_spread_gives_draws_the_relative_deviation_of_the_source(mean, relative) -> None:
    """exp(s z) has the coefficient of variation sqrt(exp(s^2) - 1)."""
    s = spread(Value(mean, Source("x"), sigma=relative * mean))
    assert math.sqrt(math.expm1(s * s)) == pytest.approx(relative, rel=1e-6, abs=1e-9)


def test_no_spread_without_a_sigma_or_of_nothing() -> None:
    assert spread(Value(1.0, Source("x"))) == 0.0
    assert spread(Value(0.0, Source("x"), sigma=1.0)) == 0.0


def test_draws_follow_the_seed_and_the_name_alone_and_begin_with_the_value() -> None:
    from anolyte.models.cell.build import Draws

    value, wide = Value(3.0, Source("x"), sigma=1.5), Value(7.0, Source("x"), sigma=70.0)
    draws, again = Draws(400, 5), Draws(400, 5)
    first = draws("a", value)
    draws("unrelated", wide)
    np.testing.assert_array_equal(draws("a", value), first)
    again("unrelated", wide)
    np.testing.assert_array_equal(again("a", value), first)
    assert first[0] == 3.0 and len(set(first)) == 400 and (first > 0.0).all()
    assert not np.allclose(Draws(400, 6)("a", value)[1:], first[1:])
    assert not np.allclose(draws("b", value)[1:], first[1:])
    np.testing.assert_allclose(np.median(first), 3.0, rtol=0.15)
    assert np.log(first).std() == pytest.approx(spread(value), rel=0.15)
    np.testing.assert_array_equal(Draws(9)("sharp", Value(2.0, Source("x"))), np.full(9, 2.0))
