"""The closed form without a compiler is the compiled one."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anolyte.laws.voids import CLOSED
from anolyte.models.cell import closed_form, kernel
from anolyte.models.cell import table as at

SPEED = 1.35e-10


def coefficients(steady) -> np.ndarray:
    """Of faces that strip like lithium, refill to 70 % and close steadily."""
    table = np.zeros((len(steady), at.COLUMNS))
    table[:, at.SPEED], table[:, at.REFILL], table[:, at.DEPTH] = SPEED, 0.7, 5e-7
    table[:, at.STEADY] = steady
    return table


@given(
    st.lists(
        st.tuples(
            st.sampled_from([0.0, 1e-15, 1e-12, 1e-9, 3e-8, 1e-6, 1e-4]),
            st.floats(-100.0, 100.0),
            st.floats(0.0, 1e-7),
            st.floats(1e-3, 1e7),
        ),
        min_size=1, max_size=8,
    )
)  # fmt: skip
def test_it_is_the_compiled_closed_form(cells) -> None:
    void, current, steady, span = (np.array(column) for column in zip(*cells, strict=True))
    times = span[:, None] * np.array([0.0, 1e-6, 0.1, 0.7, 1.0])
    table = coefficients(steady)
    ours, theirs = (x.advance(void, current, table, times, *more)
                    for x, more in ((closed_form, ()), (kernel, (1e-4,))))  # fmt: skip
    np.testing.assert_allclose(ours[0], theirs[0], rtol=1e-12, atol=1e-14 * CLOSED)
    np.testing.assert_array_equal(ours[1], theirs[1])
    assert (ours[0] >= 0.0).all()


def test_a_steady_opening_of_a_deep_void_is_a_straight_line() -> None:
    times = np.array([[0.0, 100.0, 3600.0]])
    found = closed_form.advance(np.array([1e-6]), np.array([5.0]), coefficients([2e-10]), times)[0]
    expected = 1e-6 + (5.0 * SPEED - 2e-10) * times
    np.testing.assert_allclose(found, expected, rtol=1e-12)


def test_what_is_no_number_is_stuck_and_held() -> None:
    table = coefficients([np.nan, 1e-10])
    void, times = np.array([2e-7, 2e-7]), np.tile([0.0, 10.0], (2, 1))
    found, states, *_ = closed_form.advance(void, np.zeros(2), table, times)
    assert states.tolist() == [at.STUCK, at.DONE]
    assert found[0].tolist() == [2e-7, 2e-7] and np.isfinite(found).all()


@pytest.mark.parametrize("column", [at.CREEP, at.RELAXATION])
def test_it_leaves_creep_relaxation_and_large_batches_to_the_kernel(column) -> None:
    table, few = coefficients([0.0, 0.0]), np.zeros((2, 5))
    assert closed_form.speaks(table, few)
    assert not closed_form.speaks(table, np.zeros((2, closed_form.FEW)))
    table[1, column] = 1e-9
    assert not closed_form.speaks(table, few)


def test_a_diagnosis_needs_no_compiler() -> None:
    code = (
        "import sys, anolyte\n"
        "anolyte.assess(anolyte.Interface('Li6PS5Cl', 'Li'))\n"
        "print('numba' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
