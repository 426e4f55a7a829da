r"""The compiled stepper of a void under stripping and plating, for many cells at once.

Under a given current both faces are independent and each has one state, the void volume per area,
so no linear system is ever solved: every cell and face is a scalar stiff equation,

$$ \frac{dh}{dt} = s \max(j, 0) - \left[v_0 + s \chi \max(-j, 0)
   + \dot\varepsilon_1 \sigma^n \ell + h/\tau\right]\left(1 - e^{-h/1\,\mathrm{nm}}\right) $$

solved in closed form where neither creep nor relaxation closes it (the fitted limit), else stepped
by the two-stage Rosenbrock method of Shampine and Reichelt (1997) (second order, L-stable,
error estimate of third order) with the exact derivative. Stages are clamped at zero, below which
the fading factor would grow without bound. What the last clamp of a step adds is booked.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from anolyte.laws.voids import CLOSED, LEAST_CONTACT

D = 1.0 / (2.0 + math.sqrt(2.0))
E32 = 6.0 + math.sqrt(2.0)
SMALLEST_STEP = 1e-9  # s
MOST_STEPS = 20_000
# columns of the coefficients of one face
(SPEED, REFILL, STEADY, CREEP, EXPONENT, BREAKDOWN, LENGTH, RELAXATION, PRESSURE, DEPTH,
 FORM) = range(11)  # fmt: skip
COLUMNS = 11
DONE, STUCK = 0, 1


@njit(cache=True, nogil=True, inline="always", error_model="numpy")
def contact_and_slope(void, depth, form):  # pragma: no cover - compiled
    """Contact fraction and its derivative after the void, for the three forms of loss."""
    if form == 0:
        contact = 1.0 / (1.0 + void / depth)
        return contact, -contact * contact / depth
    if form == 1:
        contact = math.exp(-void / depth)
        if contact < LEAST_CONTACT:
            return LEAST_CONTACT, 0.0
        return contact, -contact / depth
    lost = (void / depth) ** (2.0 / 3.0)
    if lost > 1.0 - LEAST_CONTACT:
        return LEAST_CONTACT, 0.0
    if void < 1e-15:
        return 1.0 - lost, 0.0  # the slope has no bound at zero; a zero only costs order there
    return 1.0 - lost, -(2.0 / 3.0) * lost / void


@njit(cache=True, nogil=True, error_model="numpy")
def rate_and_slope(void, opening, c):  # pragma: no cover - compiled
    """dh/dt and its derivative after h; `opening` is s max(j, 0), `c` the coefficients."""
    closing = c[STEADY] + c[RELAXATION] * void
    slope = c[RELAXATION]
    if c[CREEP] > 0.0 and c[PRESSURE] > 0.0:
        contact, change = contact_and_slope(void, c[DEPTH], int(c[FORM]))
        stress = c[PRESSURE] / contact
        held = stress >= c[BREAKDOWN]
        if held:
            stress = c[BREAKDOWN]
        power = c[CREEP] * math.exp(c[EXPONENT] * math.log(stress * 1e-6))
        reach, growth = (c[LENGTH], 0.0) if c[LENGTH] > 0.0 else (void, 1.0)
        closing += power * reach
        slope += power * growth
        if not held:
            slope -= c[EXPONENT] * power * reach * change / contact
    if void > 40.0 * CLOSED:
        return opening - closing, -slope
    left = math.exp(-void / CLOSED)
    return opening - closing * (1.0 - left), -slope * (1.0 - left) - closing * left / CLOSED


@njit(cache=True, nogil=True, error_model="numpy")
def _closed_form(h, opening, steady, times, out):  # pragma: no cover - compiled
    """A void that neither creep nor relaxation closes, exactly.

    With u = exp(h/c) the equation is linear, u' = (s - v) u/c + v/c; the exponential of a deep void
    is never taken.
    """
    net = opening - steady
    out[0] = h
    for node in range(1, times.shape[0]):
        t = times[node] - times[0]
        x = net * t / CLOSED
        s = h / CLOSED + x
        if abs(x) < 1e-9:
            share = steady * t / CLOSED
        elif x < 0.0:
            share = steady / net * math.expm1(x)
        else:
            share = -steady / net * math.expm1(-x)
        if x > 0.0:
            value = s + math.log1p(share * math.exp(-h / CLOSED))
        elif s > 0.0:
            value = s + math.log1p(share * math.exp(-s))
        else:
            value = math.log(math.exp(s) + share)
        out[node] = max(CLOSED * value, 0.0)


@njit(cache=True, nogil=True, error_model="numpy")
def _one(h, current, c, times, tolerance, out):  # noqa: C901 - one loop, compiled
    """One cell's void at the given times (the first is the start); (state, steps, booked)."""
    for k in range(c.shape[0]):
        if c[k] != c[k]:  # no number: nothing that follows would be one
            return STUCK, 0, 0.0
    opening = c[SPEED] * current if current > 0.0 else 0.0
    coefficients = c.copy()
    if current < 0.0:
        coefficients[STEADY] += c[SPEED] * c[REFILL] * -current
    if c[CREEP] == 0.0 and c[RELAXATION] == 0.0:
        _closed_form(h, opening, coefficients[STEADY], times, out)
        return (DONE if math.isfinite(out[-1]) else STUCK), 1, 0.0
    end = times[-1]
    t, node, booked = times[0], 1, 0.0
    out[0] = h
    f, slope = rate_and_slope(h, opening, coefficients)
    allowed = tolerance * c[DEPTH]
    dt = min(end - t, max(SMALLEST_STEP, 0.1 * allowed / (abs(f) + 1e-30)))
    for step in range(MOST_STEPS):
        if dt > end - t:
            dt = end - t
        w = 1.0 / (1.0 - D * dt * slope)
        k1 = w * f
        f1, _ = rate_and_slope(max(h + 0.5 * dt * k1, 0.0), opening, coefficients)
        k2 = w * (f1 - k1) + k1
        new = h + dt * k2
        clipped = new < 0.0
        lacking = -new if clipped else 0.0
        if clipped:
            new = 0.0
        f2, slope2 = rate_and_slope(new, opening, coefficients)
        k3 = w * (f2 - E32 * (k2 - f1) - 2.0 * (k1 - f))
        error = abs(dt / 6.0 * (k1 - 2.0 * k2 + k3))
        scale = allowed + tolerance * max(h, new)
        if not error <= scale and dt > SMALLEST_STEP:  # also where the error is no number
            shrink = 0.2
            if error == error:
                shrink = max(0.2, 0.8 * (scale / error) ** (1.0 / 3.0))
            dt = max(dt * shrink, SMALLEST_STEP)
            continue
        if not math.isfinite(new):
            return STUCK, step, booked
        later = t + dt
        while node < times.shape[0] and times[node] <= later * (1.0 + 1e-14):
            out[node] = _between(h, new, f, f2, dt, (times[node] - t) / dt)
            node += 1
        if math.isfinite(lacking):
            booked += lacking
        t, h, f, slope = later, new, f2, slope2
        if node >= times.shape[0]:
            out[-1] = h
            return DONE, step + 1, booked
        grow = 5.0
        if error > 1e-30:
            grow = min(5.0, max(0.2, 0.8 * (scale / error) ** (1.0 / 3.0)))
        dt = max(dt * grow, SMALLEST_STEP)
    return STUCK, MOST_STEPS, booked


@njit(cache=True, nogil=True, inline="always", error_model="numpy")
def _between(old, new, slope_old, slope_new, dt, s):  # pragma: no cover - compiled
    """Cubic Hermite interpolation inside a step, never negative."""
    r = 1.0 - s
    value = r * r * (1.0 + 2.0 * s) * old + s * s * (3.0 - 2.0 * s) * new
    value += dt * s * r * (r * slope_old - s * slope_new)
    return value if value > 0.0 else 0.0


@njit(cache=True, nogil=True, error_model="numpy")
def advance(void, current, coefficients, times, tolerance):  # pragma: no cover - compiled
    """The void of many cells at the given times.

    Args:
        void: At the start, m, shape (cells,).
        current: A/m2, positive strips this face, shape (cells,).
        coefficients: Shape (cells, COLUMNS).
        times: s from the start of the step, shape (cells, nodes); the first is the start.
        tolerance: Relative to the depth at which contact is lost.

    Returns:
        Voids (cells, nodes), states (DONE or STUCK), accepted and tried steps, what clamping at
        zero added (m).
    """
    cells, nodes = times.shape
    out = np.empty((cells, nodes))
    states = np.zeros(cells, dtype=np.int64)
    steps = np.zeros(cells, dtype=np.int64)
    booked = np.zeros(cells)
    for i in range(cells):
        states[i], steps[i], booked[i] = _one(
            void[i], current[i], coefficients[i], times[i], tolerance, out[i]
        )
        if states[i] == STUCK:
            out[i, :] = void[i]
    return out, states, steps, booked
