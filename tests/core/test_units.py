"""Every spelling of a unit gives the same SI value or is refused; never a silent other meaning."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anolyte.core.errors import UnitsError
from anolyte.core.units import COMMON, KINDS, habitual, show, si

SAME = [
    ("current_density", 5.0, ["0.5 mA/cm2", "0.5mA/cm2", "0.5 mA cm-2", "0.5 mA·cm⁻²", "5 A/m^2",
                              "500 uA/cm2", "500 µA cm⁻²", "5 A m-2", "5e-1 mA/cm^2"]),
    ("area_resistance", 6e-4, ["6 ohm cm2", "6 Ω cm²", "6 ohm*cm^2", "6 Ω·cm²", "6e-4 ohm m2"]),
    ("conductivity", 0.1, ["1e-3 S/cm", "1e-3 S cm-1", "1 mS/cm", "1 mS cm⁻¹", "0.1 S/m"]),
    ("temperature", 298.15, ["25 C", "25 °C", "25 degC", "298.15 K", "77 degF"]),
    ("temperature", 263.15, ["-10 C", "−10 °C"]),
    ("pressure", 5e6, ["5 MPa", "50 bar", "5e6 Pa", "5000 kPa"]),
    ("electrode_potential", 0.1, ["0.1 V vs Li/Li+", "100 mV", "0.1 V", "0.1 V vs. Li"]),
    ("areal_capacity", 3.6e4, ["1 mAh/cm2", "1 mA h cm⁻²", "1 mAh cm-2", "3.6 C/cm2"]),
    ("energy", 0.3 * 1.602176634e-19, ["0.3 eV", "300 meV"]),
    ("length", 2e-8, ["20 nm", "0.02 um", "0.02 µm", "2e-8 m", "200 angstrom"]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "value", "text"), [(k, v, t) for k, v, texts in SAME for t in texts]
)
def test_spellings_of_one_value_agree(kind: str, value: float, text: str) -> None:
    assert si(text, kind) == pytest.approx(value, rel=1e-12)


@pytest.mark.parametrize(
    ("text", "kind", "says"),
    [
        ("4.1 ohm cm-2", "area_resistance", "did you mean 4.1 ohm cm2"),
        ("4.1 Ω cm⁻²", "area_resistance", "did you mean 4.1 ohm cm2"),
        ("0.05 mA h cm⁻²", "current_density", "did you mean 0.05 mA/cm2"),
        ("1 mA/cm2", "areal_capacity", "did you mean 1 mAh/cm2"),
        ("25 C", "pressure", "degrees Celsius"),
        ("C/10", "current_density", "no number"),
        ("1 mA", "current_density", "no unit of current density"),
        ("nan MPa", "pressure", "no number"),
        ("1e999 MPa", "pressure", "finite"),
        ("-300 C", "temperature", "absolute zero"),
        ("-5 nm", "length", "not negative"),
        ("٣ MPa", "pressure", "no number"),
        ("", "pressure", "expected"),
        ("5 " + "x" * 500, "pressure", "expected"),
    ],
)  # fmt: skip
def test_a_wrong_dimension_is_refused_with_the_habitual_unit(text, kind, says) -> None:
    with pytest.raises(UnitsError) as error:
        si(text, kind)
    assert says in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("kind", KINDS)
@given(number=st.floats(min_value=1e-6, max_value=1e6))
def test_habitual_units_survive_the_round_trip(kind: str, number: float) -> None:
    unit = "C" if kind == "temperature" else KINDS[kind].habitual
    value = si(f"{number!r} {unit}" if unit != "1" else number, kind)
    assert habitual(value, kind) * (1 if kind != "fraction" else 1) == pytest.approx(number)


@pytest.mark.parametrize(("unit", "spelling"), [(u, s) for u, t in COMMON.items() for s in t])
def test_the_table_of_common_spellings_agrees_with_pint(unit: str, spelling: str) -> None:
    pint = pytest.importorskip("pint")
    if spelling == "kJ/mol" or unit == "1":
        pytest.skip("a molar energy and a per cent are conventions of ours, not pint's")
    registry = pint.UnitRegistry()
    expected = registry.Quantity(1.0, spelling.replace("^", "**")).to(unit.replace("^", "**"))
    assert COMMON[unit][spelling] == pytest.approx(expected.magnitude, rel=1e-9)


@given(st.text(max_size=40), st.sampled_from(sorted(KINDS)))
def test_any_text_is_a_finite_number_or_a_units_error(text: str, kind: str) -> None:
    try:
        assert math.isfinite(si(text, kind))
    except UnitsError as error:
        assert str(error)


def test_people_read_habitual_units() -> None:
    assert show(6e-4, "area_resistance") == "6 Ω cm²"
    assert show(-1e-12, "electrode_potential") == "0.00 V vs Li/Li⁺"
    assert show(0.25, "fraction") == "25%"
