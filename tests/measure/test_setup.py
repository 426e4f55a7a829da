"""What is not given is never assumed; resistances of different meaning do not mix."""

from __future__ import annotations

import pytest

from anolyte.core.errors import DataError, MissingProperty, UnitsError
from anolyte.measure.records import Claims
from anolyte.measure.resistance import CellResistance
from anolyte.measure.setup import Setup, read_setup

CELL = """
electrolyte: LLZTO
anode: Li
sample: {area: 0.785 cm2}
conditions: {temperature: 60 C}
"""


def test_a_cell_file_gives_only_what_is_written_in_it(tmp_path):
    path = tmp_path / "cell.yaml"
    path.write_text(CELL)
    setup = read_setup(path)
    assert setup.area == pytest.approx(0.785e-4)
    assert setup.temperature == pytest.approx(333.15)
    assert setup.thickness is None  # Sample has a default; a measurement has none
    assert setup.stack_pressure is None
    assert (setup.electrodes, setup.interfaces) == ("Li|Li", 2)


def test_electrodes_of_a_cell_file_may_block(tmp_path):
    path = tmp_path / "cell.yaml"
    path.write_text(CELL + "electrodes: Au|Au\n")
    setup = read_setup(path)
    assert setup.blocking
    assert setup.symmetric


def test_a_missing_area_is_said_with_the_way_to_give_it():
    with pytest.raises(MissingProperty, match="the area is not given; give --area"):
        CellResistance(100.0).total(Setup(electrodes="Li|Li"))
    with pytest.raises(MissingProperty, match="the thickness is not given"):
        CellResistance(100.0).conductivity(Setup(area=1e-4))


def test_one_interface_has_half_of_both_in_a_symmetric_cell():
    setup = Setup(area="2 cm2", electrodes="Li|Li")
    resistance = CellResistance(100.0, 2.0)
    assert resistance.total(setup).value == pytest.approx(200e-4)
    assert resistance.face(setup).value == pytest.approx(100e-4)
    assert resistance.face(setup).sigma == pytest.approx(2e-4)
    assert resistance.face(Setup(area="2 cm2", electrodes="Li|Au")).value == pytest.approx(200e-4)
    with pytest.raises(MissingProperty, match="cannot be told from the other's"):
        resistance.face(Setup(area="2 cm2", electrodes="Li|Si"))


def test_typed_resistances_do_not_add_or_compare():
    setup = Setup(area="2 cm2", electrodes="Li|Li")
    resistance = CellResistance(100.0)
    with pytest.raises(TypeError):
        resistance.face(setup) + resistance.total(setup)  # pyright: ignore
    with pytest.raises(TypeError):
        _ = resistance.face(setup) < resistance.total(setup)  # pyright: ignore
    assert resistance.face(setup) != resistance.total(setup)


def test_conductivity_is_thickness_over_resistance_and_area():
    value, sigma = CellResistance(254.65, 2.5465).conductivity(
        Setup(area="0.7854 cm2", thickness="1 mm")
    )
    assert value == pytest.approx(0.05, rel=1e-4)
    assert sigma == pytest.approx(0.0005, rel=1e-4)


@pytest.mark.parametrize("text", ["Li", "Li|", "|", "a|b|c"])
def test_electrodes_name_both_sides(text):
    with pytest.raises(DataError, match="write both sides"):
        Setup(electrodes=text)


def test_a_wrong_unit_and_a_negative_area_are_refused():
    with pytest.raises(UnitsError, match="area"):
        Setup(area="3 mm")
    with pytest.raises(DataError, match="must be positive"):
        Setup(area=0.0)


def test_a_placeholder_of_the_instrument_is_flagged_and_not_used():
    assert "placeholder" in Setup().doubts(Claims(area=1e-7))[0]
    assert "not confirmed" in Setup().doubts(Claims(area=0.5e-4))[0]
    assert "yours" in " ".join(Setup(area=1e-4, origins={}).doubts(Claims(area=0.5e-4)))
    assert Setup(area=1e-4).doubts(Claims(area=1.001e-4)) == ()


def test_what_options_say_goes_before_the_file():
    said = Setup(area=2e-4, origins={"area": "--area"})
    both = said.over(Setup(area=1e-4, thickness=1e-3, origins={"area": "f", "thickness": "f"}))
    assert (both.area, both.thickness) == (2e-4, 1e-3)
    assert both.origins == {"area": "--area", "thickness": "f"}
