"""The formula gate: real elements, finite positive amounts, limits; one line for anything else."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anolyte.core.errors import FormulaError
from anolyte.materials import charge, formula

ELEMENTS = st.sampled_from(sorted(formula.ATOMIC_WEIGHTS))
AMOUNTS = st.integers(1, 60).map(float) | st.decimals("0.01", "9.99", places=2).map(float)
COMPOSITIONS = st.dictionaries(ELEMENTS, AMOUNTS, min_size=1, max_size=8)


@given(COMPOSITIONS)
def test_writing_and_parsing_are_inverse(amounts: dict[str, float]) -> None:
    assert formula.parse(formula.write(amounts)) == pytest.approx(amounts)


@given(COMPOSITIONS, st.integers(2, 6))
def test_brackets_multiply(amounts: dict[str, float], n: int) -> None:
    inner = formula.parse(f"({formula.write(amounts)}){n}")
    assert inner == pytest.approx({e: n * x for e, x in amounts.items()})
    assert formula.same(inner, amounts)


@given(COMPOSITIONS)
def test_reduction_keeps_the_fractions(amounts: dict[str, float]) -> None:
    smallest, units = formula.reduced(amounts)
    assert formula.same(smallest, amounts)
    assert formula.atoms(smallest) * units == pytest.approx(formula.atoms(amounts))


@pytest.mark.parametrize(
    "text",
    ["", "Xx2", "Li1e999", "Li٣", "((", "Li)", "Li()", "2Li", "Li0S", "li2", "Li-S", "Li2S+",
     "Li" + "2" * 400, "LiS" * 7000, "Li2.2.2S", "Li(((((((S)))))))", "D2O", "Tc", "Li 2S",
     "HLiBeBCNOFNaMgAlSiPS", "Li1001", "Li\n2", "Ⅼi"],
)  # fmt: skip
def test_what_is_no_formula_is_refused_in_one_line(text: str) -> None:
    with pytest.raises(FormulaError) as error:
        formula.parse(text)
    assert "\n" not in str(error.value).replace(text, "")
    assert len(str(error.value)) < 400


@given(st.text(max_size=300))
def test_any_text_is_a_formula_or_refused(text: str) -> None:
    try:
        amounts = formula.parse(text)
    except FormulaError:
        return
    assert all(e in formula.ATOMIC_WEIGHTS for e in amounts)
    assert all(0 < n < math.inf for n in amounts.values())


def test_molar_masses_against_hand_sums() -> None:
    assert formula.molar_mass(formula.parse("Li6PS5Cl")) == pytest.approx(
        1e-3 * (6 * 6.94 + 30.974 + 5 * 32.06 + 35.45)
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [("Li10GeP2S12", 0), ("Li10SrP2S12", -2), ("Li12SrP2S12", 0), ("Li7La3Zr2O12", 0),
     ("Li1.3Al0.3Ti1.7(PO4)3", 0), ("Li0.33La0.56TiO3", 0),
     ("Li3.44PS4.22", 0), ("Li2.98PO3.30N0.46", 0), ("Li3YCl6", 0), ("Li2ZrO4", -2),
     ("Li6PS5Cl2", -1), ("C2H4O", None), ("LiSn", None)],
)  # fmt: skip
def test_charge_audit(text: str, expected: float | None) -> None:
    found = charge.imbalance(formula.parse(text))
    if expected is None:
        assert found is None
    else:
        assert found == pytest.approx(expected, abs=1e-9)
