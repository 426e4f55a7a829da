"""The compiled simplex of `numerics.resampled`: the rules and tolerances of `numerics.simplex`.

Everything is written into arrays that the caller made. No rule against cycling: a vector that
stalls is marked and left to `hull.ladder`.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from anolyte.numerics.hull import FLAT, NEGLIGIBLE
from anolyte.numerics.phase_table import PURE
from anolyte.numerics.simplex import LENGTH, PATIENCE, PIVOT, PRICE, TIE

LIMIT = 500
"""Pivots after which a vector is given up."""
ABSENT = -1
"""In place of a phase whose amount is zero."""
STALLED, CROWDED = -1, -2
"""In place of a count of steps: no end, and no room."""


@njit(cache=True, nogil=True, error_model="numpy")
def _largest(work, k):  # pragma: no cover - compiled
    """Row of the largest pivot of a column, from row k on."""
    best = k
    for i in range(k + 1, work.shape[0]):
        if abs(work[i, k]) > abs(work[best, k]):
            best = i
    return best


@njit(cache=True, nogil=True, error_model="numpy")
def _inverse(amounts, columns, work, inverse):  # pragma: no cover - compiled
    """The inverse of amounts[columns] by Gauss and Jordan with row pivots; False if singular."""
    size = columns.size
    for i in range(size):
        for j in range(size):
            work[i, j] = amounts[columns[i], j]
            inverse[i, j] = 1.0 if i == j else 0.0
    for k in range(size):
        best = _largest(work, k)
        pivot = work[best, k]
        if abs(pivot) < PIVOT:
            return False
        for j in range(size):
            work[k, j], work[best, j] = work[best, j], work[k, j]
            inverse[k, j], inverse[best, j] = inverse[best, j], inverse[k, j]
        for j in range(size):
            work[k, j] /= pivot
            inverse[k, j] /= pivot
        for i in range(size):
            factor = work[i, k]
            if i != k and factor != 0.0:
                for j in range(size):
                    work[i, j] -= factor * work[k, j]
                    inverse[i, j] -= factor * inverse[k, j]
    return True


@njit(cache=True, nogil=True, error_model="numpy")
def _factorise(amounts, energies, columns, work, inverse, prices):  # pragma: no cover - compiled
    """Inverse and prices of a basis; False if it is singular."""
    if not _inverse(amounts, columns, work, inverse):
        return False
    for i in range(columns.size):
        prices[i] = 0.0
        for k in range(columns.size):
            prices[i] += inverse[i, k] * energies[columns[k]]
    return True


@njit(cache=True, nogil=True, error_model="numpy")
def _exchange(columns, inside, row, entering):  # pragma: no cover - compiled
    """A phase takes the place of the one in `row`."""
    inside[columns[row]] = False
    inside[entering] = True
    columns[row] = entering


@njit(cache=True, nogil=True, error_model="numpy")
def _gain(amounts, energies, prices, j):  # pragma: no cover - compiled
    """Energy of phase j above the plane of the basis."""
    plane = 0.0
    for i in range(prices.size):
        plane += amounts[j, i] * prices[i]
    return energies[j] - plane


@njit(cache=True, nogil=True, error_model="numpy")
def _leaving(target, entering, inverse):  # pragma: no cover - compiled
    """Ratio test: the row used up first by the entering phase, ties by largest pivot; -1: none."""
    row, step, largest = -1, np.inf, 0.0
    for k in range(target.size):
        present, rate = 0.0, 0.0
        for i in range(target.size):
            present += target[i] * inverse[i, k]
            rate += entering[i] * inverse[i, k]
        if rate <= PIVOT:
            continue
        ratio = max(present, 0.0) / rate
        tied = row >= 0 and abs(ratio - step) <= TIE
        if (tied and rate > largest) or (not tied and ratio < step):
            row, step, largest = k, min(ratio, step), rate
    return row


@njit(cache=True, nogil=True, error_model="numpy")
def _minimise(
    amounts, energies, target, columns, inside, work, inverse, prices
):  # pragma: no cover - compiled
    """`simplex.minimise` without Bland's rule, on `columns` in place; whether it got there."""
    for _ in range(LIMIT):
        if not _factorise(amounts, energies, columns, work, inverse, prices):
            return False
        entering, least = -1, -PRICE
        for j in range(energies.size):
            if not inside[j]:
                gain = _gain(amounts, energies, prices, j)
                if gain < least:
                    entering, least = j, gain
        if entering < 0:
            return True
        row = _leaving(target, amounts[entering], inverse)
        if row < 0:
            return False
        _exchange(columns, inside, row, entering)
    return False


@njit(cache=True, nogil=True, error_model="numpy")
def _amounts(base, place, content, inverse, prices, constant, rate):  # pragma: no cover - compiled
    """Amounts against content, constant + content * rate; and the energy of the target's plane."""
    bound = content * prices[place]
    for k in range(base.size):
        constant[k] = 0.0
        rate[k] = inverse[place, k]
        bound += base[k] * prices[k]
        for i in range(base.size):
            constant[k] += base[i] * inverse[i, k]
    return bound


@njit(cache=True, nogil=True, error_model="numpy")
def _vanishing(constant, rate, high):  # pragma: no cover - compiled
    """Row whose amount reaches zero first as t falls, and the t where it does (-inf: none)."""
    row, low = -1, -np.inf
    for k in range(rate.size):
        if rate[k] <= PIVOT:
            continue
        zero = min(-constant[k] / rate[k], high)
        tied = row >= 0 and abs(zero - low) <= TIE
        if (tied and rate[k] > rate[row]) or (not tied and zero > low):
            row, low = k, max(zero, low)
    return row, low


@njit(cache=True, nogil=True, error_model="numpy")
def _replacement(amounts, energies, inside, inverse, prices, row):  # pragma: no cover - compiled
    """Dual ratio test: the phase that takes the place of `row` at least cost (-1: none can)."""
    entering, least, largest = -1, np.inf, 0.0
    for j in range(energies.size):
        if inside[j] or energies[j] == np.inf:
            continue
        pivot = 0.0
        for i in range(prices.size):
            pivot -= amounts[j, i] * inverse[i, row]
        if pivot <= PIVOT:
            continue
        ratio = max(_gain(amounts, energies, prices, j), 0.0) / pivot
        tied = entering >= 0 and abs(ratio - least) <= TIE
        if (tied and pivot > largest) or (not tied and ratio < least):
            entering, least, largest = j, min(ratio, least), pivot
    return entering


@njit(cache=True, nogil=True, error_model="numpy")
def _write(columns, constant, rate, content, phases, amounts):  # pragma: no cover - compiled
    """What is present at a content: phases and their amounts, the others `ABSENT`."""
    n = 0
    for k in range(columns.size):
        amount = constant[k]
        if content < np.inf:
            amount += rate[k] * content
        elif rate[k] > PURE:
            amount = np.inf
        if amount > NEGLIGIBLE:
            phases[n], amounts[n] = columns[k], amount
            n += 1
    for k in range(n, columns.size):
        phases[k], amounts[k] = ABSENT, 0.0


@njit(cache=True, nogil=True, error_model="numpy")
def _walk(
    amounts,
    energies,
    base,
    place,
    content,
    columns,
    inside,
    work,
    inverse,
    prices,
    slope,
    low,
    high,
    at_low,
    at_high,
    amounts_low,
    amounts_high,
):  # pragma: no cover - compiled
    """`simplex.walk` of one vector from its rich basis: steps (or why not), and hull energy."""
    size, count, ground = columns.size, 0, -np.inf
    constant, rate = np.empty(size), np.empty(size)
    top, stalled = np.inf, 0
    for _ in range(LIMIT):
        bound = _amounts(base, place, content, inverse, prices, constant, rate)
        # Every basis of the walk lies below all phases: the best bound is the hull itself.
        ground = max(ground, bound)
        row, bottom = _vanishing(constant, rate, top)
        if top - bottom > LENGTH:
            end = bottom if bottom > TIE else 0.0
            if count == 0 or abs(slope[count - 1] - prices[place]) > FLAT:
                if count == slope.size:
                    return CROWDED, ground
                slope[count], high[count] = prices[place], top
                _write(columns, constant, rate, top, at_high[count], amounts_high[count])
                count += 1
            low[count - 1] = end
            _write(columns, constant, rate, end, at_low[count - 1], amounts_low[count - 1])
            stalled = 0
        else:
            stalled += 1
        if bottom <= TIE:
            return count, ground
        top = min(bottom, top)
        entering = _replacement(amounts, energies, inside, inverse, prices, row)
        if entering < 0 or stalled > PATIENCE:
            return STALLED, ground
        _exchange(columns, inside, row, entering)
        if not _factorise(amounts, energies, columns, work, inverse, prices):
            return STALLED, ground
    return STALLED, ground


@njit(cache=True, nogil=True, error_model="numpy")
def walk_all(
    amounts,
    energies,
    base,
    place,
    excess,
    content,
    start,
    pure,
    count,
    slope,
    low,
    high,
    at_low,
    at_high,
    amounts_low,
    amounts_high,
    ground,
):  # pragma: no cover - compiled
    """Every vector's ladder into the arrays that follow `pure`; what failed into `count`."""
    size = base.size
    work, inverse, prices = np.empty((size, size)), np.empty((size, size)), np.empty(size)
    rich = base.copy()
    rich[place] = excess
    columns, inside = np.empty_like(start), np.empty(amounts.shape[0], np.bool_)
    for n in range(energies.shape[0]):
        columns[:] = start
        for k in range(size):
            if energies[n, start[k]] == np.inf:
                columns[:] = pure
        inside[:] = False
        for k in range(size):
            inside[columns[k]] = True
        count[n] = STALLED
        if _minimise(amounts, energies[n], rich, columns, inside, work, inverse, prices):
            count[n], ground[n] = _walk(
                amounts, energies[n], base, place, content, columns, inside, work, inverse, prices,
                slope[n], low[n], high[n], at_low[n], at_high[n], amounts_low[n], amounts_high[n],
            )  # fmt: skip
