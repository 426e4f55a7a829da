r"""The compiled stepper of a void under stripping and plating, for many cells at once.

Under a given current both faces are independent and each has one state, the void volume per area,
so no linear system is ever solved: every cell and face is a scalar stiff equation,

$$ \frac{dh}{dt} = s \max(j, 0) - \left[v_0 + s \chi \max(-j, 0)
   + \dot\varepsilon_1 \sigma^n \ell + h/\tau\right]\left(1 - e^{-h/1\,\mathrm{nm}}\right) $$

solved in closed form where neither creep nor relaxation closes it (the fitted limit), else stepped
by the exponential Rosenbrock method exprb32 of Hochbruck, Ostermann and Schweitzer (2009): third
order, stiffly accurate, exact where closing is linear in the void, with its own dense output,

$$ h(t + \theta\,dt) = h + \theta\,dt\,\varphi_1(\theta z) f
   + 2\theta^3 dt\,\varphi_3(\theta z) \left[f(U) - f - f'(U - h)\right], \quad
   U = h + dt\,\varphi_1(z) f, \quad z = f' dt $$

A void that nothing opens is stepped as y with $h = c \ln(1 + e^{y/c})$, c = 1 nm, for which the
fading factor drops out, $dy/dt = -v$: it closes without a boundary layer and is never negative.
Stages of a void that opens are clamped at zero, and what the last clamp of a step adds is booked.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from anolyte.laws.voids import CLOSED, LEAST_CONTACT
from anolyte.models.cell.table import (
    BREAKDOWN,
    COLUMNS,
    CREEP,
    DEPTH,
    DONE,
    EXPONENT,
    FORM,
    LENGTH,
    PRESSURE,
    REFILL,
    RELAXATION,
    SPEED,
    STEADY,
    STUCK,
)

SMALLEST_STEP = 1e-9  # s
MOST_STEPS = 20_000
DEEP = 40.0 * CLOSED
"""m; here closing does not fade any more."""
FIRST = 20.0
"""Steps that leave a closed void begin as long as it takes to open it by that many tolerances."""


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


@njit(cache=True, nogil=True, inline="always", error_model="numpy")
def closing_and_slope(void, c):  # pragma: no cover - compiled
    """How fast a void deeper than a few nanometres closes, and the derivative after its depth."""
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
    return closing, slope


@njit(cache=True, nogil=True, error_model="numpy")
def rate_and_slope(void, opening, c):  # pragma: no cover - compiled
    """dh/dt and its derivative after h; `opening` is s max(j, 0), `c` the coefficients."""
    closing, slope = closing_and_slope(void, c)
    if void > DEEP:
        return opening - closing, -slope
    left = math.exp(-void / CLOSED)
    return opening - closing * (1.0 - left), -slope * (1.0 - left) - closing * left / CLOSED


@njit(cache=True, nogil=True, error_model="numpy")
def _rate(x, opening, c):  # pragma: no cover - compiled
    """dx/dt and its derivative after x, where x is the void, or what `_unfaded` makes of it."""
    if opening > 0.0:
        return rate_and_slope(max(x, 0.0), opening, c)
    void = _faded(x)
    closing, slope = closing_and_slope(void, c)
    return -closing, slope * math.expm1(-void / CLOSED)


@njit(cache=True, nogil=True, inline="always", error_model="numpy")
def _unfaded(void):  # pragma: no cover - compiled
    """The y of a void h = c ln(1 + exp(y/c)), which closes without fading: dy/dt = -v(h)."""
    return void if void > DEEP else CLOSED * math.log(math.expm1(void / CLOSED))


@njit(cache=True, nogil=True, inline="always", error_model="numpy")
def _faded(y):  # pragma: no cover - compiled
    """The void of `_unfaded`."""
    return y if y > DEEP else CLOSED * math.log1p(math.exp(y / CLOSED))


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
def _one(h, current, c, times, tolerance, own, out):  # noqa: C901 - one loop, compiled
    """One cell's void at the given times (the first is the start); (state, steps, booked)."""
    for k in range(COLUMNS):
        own[k] = c[k]
        if c[k] != c[k]:  # no number: nothing that follows would be one
            return STUCK, 0, 0.0
    opening = c[SPEED] * current if current > 0.0 else 0.0
    if current < 0.0:
        own[STEADY] += c[SPEED] * c[REFILL] * -current
    if c[CREEP] == 0.0 and c[RELAXATION] == 0.0:
        _closed_form(h, opening, own[STEADY], times, out)
        return (DONE if math.isfinite(out[-1]) else STUCK), 1, 0.0
    out[0] = h
    strips = opening > 0.0
    if not (strips or h > 0.0):  # closed, and nothing opens it
        out[:] = h
        return DONE, 1, 0.0
    t, node, booked = times[0], 1, 0.0
    x = h if strips else _unfaded(h)
    f, slope = _rate(x, opening, own)
    dt = max(times[-1] - t, SMALLEST_STEP)
    if strips and h < DEEP:  # the equation bends where closing sets in
        dt = min(dt, FIRST * tolerance * c[DEPTH] / opening)
    for step in range(MOST_STEPS):
        if dt > times[-1] - t:
            dt = times[-1] - t
        # linear about the start, and what the equation bends away from that
        one, three = _weights(dt * slope)
        middle = x + dt * one * f
        if strips:
            middle = max(middle, 0.0)
        f1, _ = _rate(middle, opening, own)
        bend = f1 - f - slope * (middle - x)
        more = 2.0 * dt * three * bend
        new = x + dt * one * f + more
        lacking = 0.0
        if strips and new < 0.0:
            lacking, new = -new, 0.0
        f2, slope2 = _rate(new, opening, own)
        # what the equation says at the end and the step does not: it has left what it knew
        missed = abs(f2 - f - slope * (new - x) - bend) * dt
        missed /= 1.0 + 0.5 * dt * max(min(-slope, -slope2), 0.0)
        error = max(abs(more), missed, lacking)
        if not strips and new < 0.0:  # errors grow with the square of time or faster, and those
            error *= (max(x, CLOSED) / (max(x, CLOSED) - new)) ** 2  # of a closed void are none
        scale = tolerance * (c[DEPTH] + max(x, new, 0.0))
        if not error <= scale and dt > SMALLEST_STEP:  # also where the error is no number
            shrink = 0.1
            if error == error:
                shrink = max(0.1, 0.8 * np.cbrt(scale / error))
            dt = max(dt * shrink, SMALLEST_STEP)
            continue
        if not math.isfinite(new):
            return STUCK, step, booked
        later = t + dt
        while node < times.shape[0] and times[node] <= later * (1.0 + 1e-14):
            part = times[node] - t
            one, three = _weights(part * slope)
            between = x + part * (one * f + 2.0 * (part / dt) ** 2 * three * bend)
            out[node] = max(between, 0.0) if strips else _faded(between)
            node += 1
        if math.isfinite(lacking):
            booked += lacking
        t, x, f, slope = later, new, f2, slope2
        if node >= times.shape[0]:
            out[-1] = x if strips else _faded(x)
            return DONE, step + 1, booked
        grow = 5.0
        if error > 1e-30:
            grow = min(5.0, max(0.2, 0.8 * np.cbrt(scale / error)))
        dt = max(dt * grow, SMALLEST_STEP)
    return STUCK, MOST_STEPS, booked


@njit(cache=True, nogil=True, inline="always", error_model="numpy")
def _weights(z):  # pragma: no cover - compiled
    r"""$\varphi_1 = (e^z - 1)/z$ and $\varphi_3 = (e^z - 1 - z - z^2/2)/z^3$."""
    if abs(z) < 0.1:
        three = (1.0 + z * (1.0 + z * (1.0 + z * (1.0 + z / 8.0) / 7.0) / 6.0) / 5.0) / 4.0
        three = (1.0 + z * three) / 6.0
        return 1.0 + z * (0.5 + z * three), three
    one = math.expm1(z) / z
    return one, ((one - 1.0) / z - 0.5) / z


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
    own = np.empty(COLUMNS)
    for i in range(cells):
        states[i], steps[i], booked[i] = _one(
            void[i], current[i], coefficients[i], times[i], tolerance, own, out[i]
        )
        if states[i] == STUCK:
            out[i, :] = void[i]
    return out, states, steps, booked
