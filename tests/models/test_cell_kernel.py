"""The stepper of a void against closed forms, an adaptive implicit solver, and extremes."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import solve_ivp

from anolyte.laws.voids import CLOSED, CONTACT_RIVALS
from anolyte.models.cell import kernel

SPEED = 13.0e-6 / 96485.33212
"""m/s of lithium for 1 A/m2."""


def table(**columns) -> np.ndarray:
    """Coefficients of some cells, by name of their column; what is left out is zero."""
    cells = max(np.size(v) for v in columns.values())
    given_ = {"SPEED": SPEED, "REFILL": 1.0, "EXPONENT": 1.0, "BREAKDOWN": 1e6, "DEPTH": 1e-6}
    found = np.zeros((cells, kernel.COLUMNS))
    for name, value in (given_ | columns).items():
        found[:, getattr(kernel, name)] = value
    return found


def step(void, current, coefficients, times, tolerance=1e-6):
    """Voids at the times, which must all be finite and none negative."""
    cells = len(coefficients)
    wide = [np.array(np.broadcast_to(np.asarray(x, float), cells)) for x in (void, current)]
    grid = np.array(np.broadcast_to(np.asarray(times, float), (cells, np.shape(times)[-1])))
    found, states, steps, booked = kernel.advance(*wide, coefficients, grid, tolerance)
    assert np.isfinite(found).all() and (found >= 0.0).all()
    assert (booked >= 0.0).all() and (steps >= 0).all()
    assert set(states) <= {kernel.DONE, kernel.STUCK}
    assert (found[:, 0] == wide[0]).all()
    return found, states, steps, booked


# --- closed forms ---------------------------------------------------------------------------------


def test_nothing_moves_at_rest_without_a_law() -> None:
    found, *_ = step([0.0, 1e-6], 0.0, table(DEPTH=[1e-6, 1e-6]), [0.0, 1.0, 1e6])
    np.testing.assert_array_equal(found, [[0.0] * 3, [1e-6] * 3])


def test_stripping_without_closing_opens_at_the_speed_of_faraday() -> None:
    times = np.array([0.0, 1.0, 60.0, 3600.0])
    found, *_ = step(0.0, 10.0, table(STEADY=0.0), times)
    np.testing.assert_allclose(found[0], SPEED * 10.0 * times, rtol=1e-12)
    assert found[0, -1] == pytest.approx(4.85e-6, abs=0.01e-6)  # um for 1 mAh/cm2


@pytest.mark.parametrize("ratio", [0.2, 0.9, 0.999])
def test_constant_closing_follows_its_closed_form_through_the_fading(ratio) -> None:
    """x = exp(h/d) obeys a linear equation when closing is constant."""
    opening = SPEED * 10.0
    closing = ratio * opening
    times = np.concatenate([[0.0], np.geomspace(0.1, 3600.0, 30)])
    found, *_ = step(0.0, 10.0, table(STEADY=closing, DEPTH=1e-8), times, 1e-9)
    net = opening - closing
    x = net * times / CLOSED
    exact = CLOSED * (x + np.log1p(closing / net * -np.expm1(-x)))
    np.testing.assert_allclose(found[0], exact, rtol=1e-5, atol=1e-15)


@pytest.mark.parametrize("ratio", [0.1, 0.5, 0.95])
def test_below_the_limit_the_void_stays_at_its_steady_state(ratio) -> None:
    opening = SPEED * 10.0
    coefficients = table(STEADY=opening / ratio)
    found, *_ = step([0.0], 10.0, coefficients, [0.0, 1e5])
    assert found[0, -1] == pytest.approx(-CLOSED * math.log1p(-ratio), rel=1e-4)


@pytest.mark.parametrize("rate", [1e-6, 1e-3, 1.0])
def test_relaxation_is_an_exponential(rate) -> None:
    times = np.array([0.0, 0.1, 1.0, 3.0]) / rate
    start = 5e-6  # far above the fading
    found, *_ = step(start, 0.0, table(RELAXATION=rate), times, 1e-9)
    np.testing.assert_allclose(found[0], start * np.exp(-rate * times), rtol=1e-5)


def test_relaxation_balances_stripping_at_speed_over_rate() -> None:
    found, *_ = step(0.0, 10.0, table(RELAXATION=1e-3), [0.0, 1e5], 1e-8)
    assert found[0, -1] == pytest.approx(SPEED * 10.0 / 1e-3, rel=1e-6)


def test_creep_over_the_voids_own_depth_is_an_exponential_at_full_stress() -> None:
    """Beyond breakdown the rate is constant: h decays with it."""
    rate = 1e-4 * 2.0**3
    coefficients = table(CREEP=1e-4, EXPONENT=3.0, BREAKDOWN=2e6, PRESSURE=5e6)
    found, *_ = step(4e-6, 0.0, coefficients, [0.0, 1.0 / rate], 1e-9)
    assert found[0, -1] == pytest.approx(4e-6 * math.exp(-1.0), rel=1e-5)


def test_creep_of_first_power_over_a_spacing_has_a_closed_form() -> None:
    """sigma = P (1 + h/d): h' = -k (1 + h/d), h + d falls exponentially."""
    pace, depth = 1e-3 * 0.1 * 20e-6, 1e-6
    coefficients = table(CREEP=1e-3, PRESSURE=0.1e6, BREAKDOWN=1e9, LENGTH=20e-6, DEPTH=depth)
    time = 0.5 * depth / pace
    found, *_ = step(5e-6, 0.0, coefficients, [0.0, time], 1e-9)
    assert found[0, -1] == pytest.approx(6e-6 * math.exp(-0.5) - depth, rel=1e-4)


@pytest.mark.parametrize("refill", [0.0, 0.3, 1.0])
def test_plating_refills_its_share_of_the_voids(refill) -> None:
    found, *_ = step(5e-6, -5.0, table(REFILL=refill), [0.0, 3600.0], 1e-9)
    assert found[0, -1] == pytest.approx(5e-6 - refill * SPEED * 5.0 * 3600.0, rel=1e-6)


def test_plating_long_enough_closes_a_void_for_good() -> None:
    found, states, *_ = step(1e-6, -10.0, table(REFILL=1.0), [0.0, 3600.0, 1e6])
    assert states[0] == kernel.DONE and found[0, -1] < 1e-3 * CLOSED
    assert found[0, 1] < CLOSED


# --- against an adaptive implicit solver ----------------------------------------------------------

FORMS = (
    lambda h, d: 1.0 / (1.0 + h / d),
    lambda h, d: max(math.exp(-h / d), 1e-6),
    lambda h, d: max(1.0 - (max(h, 0.0) / d) ** (2.0 / 3.0), 1e-6),
)


def rate(void: float, current: float, c: np.ndarray) -> float:
    """The equation as it is written, in plain Python."""
    get = {n: c[getattr(kernel, n)] for n in ("SPEED", "REFILL", "STEADY", "CREEP", "EXPONENT",
           "BREAKDOWN", "LENGTH", "RELAXATION", "PRESSURE", "DEPTH", "FORM")}  # fmt: skip
    contact = FORMS[int(get["FORM"])](void, get["DEPTH"])
    stress = min(get["PRESSURE"] / contact, get["BREAKDOWN"]) / 1e6
    creep = get["CREEP"] * stress ** get["EXPONENT"] * (get["LENGTH"] or void)
    closing = get["STEADY"] + get["SPEED"] * get["REFILL"] * max(-current, 0.0) + creep
    closing += get["RELAXATION"] * void
    return get["SPEED"] * max(current, 0.0) - closing * -math.expm1(-max(void, 0.0) / CLOSED)


def random_cells(cells: int, seed: int):
    """Voids, currents and coefficients over the ranges that cells meet."""
    rng = np.random.default_rng(seed)

    def spread(low, high):
        return np.exp(rng.uniform(math.log(low), math.log(high), cells))

    coefficients = table(
        REFILL=rng.uniform(0.0, 1.0, cells), STEADY=spread(1e-12, 3e-9),
        CREEP=spread(1e-6, 1e-2) * (rng.random(cells) < 0.7), EXPONENT=rng.uniform(1.0, 7.0, cells),
        BREAKDOWN=spread(0.3e6, 3e6), LENGTH=spread(1e-7, 2e-5) * (rng.random(cells) < 0.5),
        RELAXATION=spread(1e-7, 1e-3) * (rng.random(cells) < 0.5), PRESSURE=spread(1e4, 1e7),
        DEPTH=spread(1e-7, 2e-6), FORM=rng.integers(0, 3, cells),
    )  # fmt: skip
    current = spread(0.1, 50.0) * rng.choice([-1.0, 0.0, 1.0, 1.0], cells)
    void = spread(1e-8, 1e-6) * 0.3
    return void, current, coefficients


TIMES = np.array([0.0, 1.0, 30.0, 600.0, 3600.0])


@pytest.fixture(scope="module")
def reference():
    """Random cells and what an adaptive implicit solver makes of them."""
    void, current, coefficients = random_cells(30, 7)
    exact = []
    for h, j, c in zip(void, current, coefficients, strict=True):
        solved = solve_ivp(
            lambda _, y, j=j, c=c: [rate(y[0], j, c)], (0.0, TIMES[-1]), [h], "Radau",
            t_eval=TIMES, rtol=1e-10, atol=1e-16,
        )  # fmt: skip
        assert solved.success
        exact.append(solved.y[0])
    return void, current, coefficients, np.array(exact)


def test_random_cells_agree_with_the_reference(reference) -> None:
    void, current, coefficients, exact = reference
    found, states, *_ = step(void, current, coefficients, TIMES, 1e-9)
    assert (states == kernel.DONE).all()
    scale = coefficients[:, kernel.DEPTH, None] + exact
    np.testing.assert_allclose(found / scale, exact / scale, atol=2e-6)
    moved = np.ptp(exact, axis=1) > 1e-9  # the comparison is of cells that do something
    assert moved.sum() >= 20


def test_the_error_falls_with_the_tolerance(reference) -> None:
    """What is held at the tolerance is the correction of the second order to the third."""
    void, current, coefficients, exact = reference
    scale = coefficients[:, kernel.DEPTH] + exact[:, -1]
    worst = {}
    for tolerance in (1e-3, 1e-4, 1e-7):
        found, *_ = step(void, current, coefficients, TIMES[[0, -1]], tolerance)
        worst[tolerance] = np.max(np.abs(found[:, -1] - exact[:, -1]) / scale)
    assert worst[1e-4] < 1e-4
    assert worst[1e-7] < worst[1e-4] / 30.0
    assert worst[1e-4] < worst[1e-3] / 3.0


def test_steps_of_third_order() -> None:
    """Fixed steps on a bend that creep of a power makes: half the step, an eighth of the error."""
    laws = table(CREEP=1e-3, PRESSURE=0.3e6, EXPONENT=3.0, LENGTH=1e-6, BREAKDOWN=1e30, DEPTH=1e-6)
    exact = step(1e-6, 20.0, laws, [0.0, 3600.0], 1e-12)[0][0, -1]
    errors = []
    for parts in (8, 16, 32):
        void = 1e-6
        for _ in range(parts):  # no step is refused at this tolerance
            found, _, taken, _ = step(void, 20.0, laws, [0.0, 3600.0 / parts], 1e6)
            void = found[0, -1]
            assert taken[0] == 1
        errors.append(abs(void - exact))
    assert errors[0] / errors[1] == pytest.approx(8.0, rel=0.3)
    assert errors[1] / errors[2] == pytest.approx(8.0, rel=0.3)


def test_nodes_between_are_as_good_as_stepping_to_them(reference) -> None:
    void, current, coefficients, exact = reference
    dense, *_ = step(void, current, coefficients, np.linspace(0.0, 3600.0, 61), 1e-7)
    scale = coefficients[:, kernel.DEPTH] + exact[:, -1]
    for node in (1, 10, 37):
        times = np.array([0.0, 60.0 * node])
        alone, *_ = step(void, current, coefficients, times, 1e-9)
        assert np.max(np.abs(dense[:, node] - alone[:, -1]) / scale) < 1e-4


def test_a_step_in_two_halves_is_the_step(reference) -> None:
    void, current, coefficients, exact = reference
    half, *_ = step(void, current, coefficients, [0.0, 1800.0], 1e-9)
    whole, *_ = step(half[:, -1], current, coefficients, [0.0, 1800.0], 1e-9)
    scale = coefficients[:, kernel.DEPTH] + exact[:, -1]
    assert np.max(np.abs(whole[:, -1] - exact[:, -1]) / scale) < 2e-6


def test_each_cell_of_a_batch_is_its_own(reference) -> None:
    void, current, coefficients, _ = reference
    together, *_ = step(void, current, coefficients, TIMES)
    for i in (0, 11, 29):
        alone, *_ = step(void[i], current[i], coefficients[i : i + 1], TIMES)
        np.testing.assert_array_equal(alone[0], together[i])


# --- contact --------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", range(3))
@given(st.floats(1e-8, 1e-5), st.floats(1e-3, 0.9))
def test_contact_is_the_laws_and_its_slope_the_derivative(form, depth, share) -> None:
    void = share * depth
    contact, slope = kernel.contact_and_slope(void, depth, form)
    (law,) = (kind(depth) for kind in CONTACT_RIVALS if kind.form == form)
    assert contact == pytest.approx(float(law(void)), rel=1e-12)
    h = 1e-6 * void
    difference = (float(law(void + h)) - float(law(void - h))) / (2 * h)
    assert slope == pytest.approx(difference, rel=1e-6)


@pytest.mark.parametrize("form", range(3))
def test_contact_at_the_ends_is_a_number(form) -> None:
    for void in (0.0, 1e-30, 1e-15, 1e-3, 1e3, 1e30):
        contact, slope = kernel.contact_and_slope(void, 1e-6, form)
        assert 0.0 < contact <= 1.0 and math.isfinite(slope) and slope <= 0.0


def test_the_slope_of_the_rate_is_its_derivative() -> None:
    void, current, coefficients = random_cells(200, 3)
    for h, j, c in zip(void, current, coefficients, strict=True):
        opening = SPEED * max(j, 0.0)
        value, slope = kernel.rate_and_slope(h, opening, c)
        assert value == pytest.approx(rate(h, max(j, 0.0), c), rel=1e-9, abs=1e-18)
        d = 1e-5 * h
        ends = [kernel.rate_and_slope(h + s * d, opening, c)[0] for s in (-1.0, 1.0)]
        stress = (
            c[kernel.PRESSURE] / kernel.contact_and_slope(h, c[kernel.DEPTH], c[kernel.FORM])[0]
        )
        if abs(stress / c[kernel.BREAKDOWN] - 1.0) > 0.01:  # at breakdown there is a kink
            difference = (ends[1] - ends[0]) / (2 * d)
            noise = 1e-10 * abs(value) / d
            assert slope == pytest.approx(difference, rel=1e-3, abs=noise + 1e-14)


# --- clamping and extremes ------------------------------------------------------------------------


def test_a_void_that_closes_is_never_negative_and_needs_no_clamp() -> None:
    void, current, coefficients = random_cells(200, 11)
    for tolerance in (1e-2, 1e-4):
        found, states, _, booked = step(
            void, -np.abs(current) * 100.0, coefficients, [0.0, 10.0, 1e4], tolerance
        )
        assert (states == kernel.DONE).all()
        assert (found >= 0.0).all() and not booked.any()
        assert (np.diff(found, axis=1) <= 1e-9 * void[:, None]).all()
        assert (found[:, -1] < CLOSED).any()


def test_what_clamping_adds_to_a_void_that_opens_is_small_and_booked() -> None:
    void, current, coefficients = random_cells(400, 12)
    for tolerance in (1e-1, 1e-3):
        found, states, _, booked = step(
            void, np.abs(current), coefficients, [0.0, 10.0, 1e4], tolerance
        )
        assert (states == kernel.DONE).all() and (found >= 0.0).all()
        assert (booked <= 10.0 * tolerance * (coefficients[:, kernel.DEPTH] + void)).all()


SIZES = [0.0, 1e-300, 1e-30, 1e-12, 1e-6, 1.0, 1e6, 1e12, 1e30, 1e150, 1e300]
EXTREME = st.sampled_from(SIZES)
SIGNED = EXTREME.filter(lambda x: x < 1e200).flatmap(lambda x: st.sampled_from([x, -x]))
NAMES = ("REFILL", "STEADY", "CREEP", "EXPONENT", "BREAKDOWN", "LENGTH", "RELAXATION", "PRESSURE")


@given(
    st.lists(EXTREME, min_size=8, max_size=8), st.integers(0, 2), SIGNED,
    st.sampled_from([x for x in SIZES if x <= 1e12]), st.sampled_from([1e-12, 1e-6, 1.0, 1e12]),
    st.sampled_from([1e-9, 1e-3, 1.0, 1e4, 3e8]),
)  # fmt: skip
def test_no_number_that_is_none_leaves_whatever_comes_in(
    values, form, current, void, depth, time
) -> None:
    columns = dict(zip(NAMES, values, strict=True)) | {"FORM": form, "DEPTH": depth}
    found, states, *_ = step(void, current, table(**columns), [0.0, 0.3 * time, time], 1e-4)
    if states[0] == kernel.STUCK:
        assert (found[0] == void).all()  # held where it was


def test_a_division_by_zero_in_one_cell_does_not_end_the_batch() -> None:
    """Contact that underflows to nothing: that cell is stuck, the others go on."""
    coefficients = table(CREEP=1e-3, PRESSURE=1e6, DEPTH=[1e-30, 1e-6])
    _, states, *_ = step([1e300, 1e-6], 1.0, coefficients, [0.0, 1.0], 1e-4)
    assert states[1] == kernel.DONE


def test_what_is_booked_is_a_number() -> None:
    coefficients = table(STEADY=1.0, RELAXATION=1e-12, REFILL=1e30, CREEP=1e300, EXPONENT=1e-300,
                         PRESSURE=1e12, DEPTH=1e-12, FORM=2)  # fmt: skip
    *_, booked = step(1e-6, 1e150, coefficients, [0.0, 0.3, 1.0], 1e-4)
    assert np.isfinite(booked).all()


@pytest.mark.parametrize("odd", [math.nan, math.inf])
@pytest.mark.parametrize("name", ["STEADY", "RELAXATION", "EXPONENT", "CREEP", "PRESSURE"])
def test_coefficients_that_are_no_numbers_are_stuck_and_stay_alone(name, odd) -> None:
    columns = {"CREEP": 1e-3, "PRESSURE": 1e6, "STEADY": 1e-10, "RELAXATION": 1e-5, "EXPONENT": 3.0}
    good = table(**columns)
    bad = table(**(columns | {name: odd}))
    both = np.concatenate([bad, good])
    void, current = np.full(2, 1e-6), np.full(2, 5.0)
    times = np.tile([0.0, 1.0, 100.0], (2, 1))
    found, states, *_ = kernel.advance(void, current, both, times, 1e-4)
    assert np.isfinite(found).all()
    alone, *_ = step(1e-6, 5.0, good, [0.0, 1.0, 100.0], 1e-4)
    np.testing.assert_array_equal(found[1], alone[0])
    assert states[1] == kernel.DONE
    if math.isnan(odd):
        assert states[0] == kernel.STUCK and (found[0] == 1e-6).all()


def test_a_cell_that_cannot_meet_its_tolerance_is_stuck_and_holds_its_void() -> None:
    laws = {"PRESSURE": 1e6, "EXPONENT": 2.0, "LENGTH": 1e-5, "BREAKDOWN": 1e12}
    coefficients = table(CREEP=[1e-7, 0.0], **laws)
    found, states, steps, _ = step(5e-6, 0.0, coefficients, [0.0, 500.0, 1e3], 1e-30)
    assert list(states) == [kernel.STUCK, kernel.DONE]
    assert steps[0] <= kernel.MOST_STEPS and (found == 5e-6).all()
