"""The tests of the Kramers-Kronig gate, run on one group of spectra with common frequencies.

Faults are taken up one at a time, the least likely to be noise first: a change during the sweep
(columns are added) or the worst point (it is left out). Points left out that the others foretell
after all are taken back.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from anolyte.measure.quality import fit
from anolyte.measure.quality.sweep_drift import drifting_columns
from anolyte.measure.records import Spectrum
from anolyte.numerics.later import special

if TYPE_CHECKING:
    from anolyte.measure.quality.gate import Gate

Array = NDArray[Any]
MORE = 10.0
"""Once one point is bad others are likelier to be: their chance of a false alarm may be larger."""
FINER = 8
"""Relaxations more than the best order, for what is read from the columns beside them."""


@dataclass(frozen=True, eq=False)
class Examined:
    """What the tests found in one spectrum.

    Args:
        order: Relaxations in the fit.
        overfit: mu.
        lens: Without the columns of drift, points left out.
        fitted: Through the lens.
        drifts: Whether a change during the sweep was needed.
        drift_chance: Probability that noise alone does it.
        visible: Relative change of the whole that would be seen in half of the cases.
        structure: Autocorrelation of the last residual, and its chance.
        cut: Points at an end that do not fit the rest: places, or empty.
        exhausted: Whether bad points were still found when the search was stopped.
        impedance: Fitted, ohm, complex (N,).
        beside: R, L (and 1/C) with standard deviations `errors`.
    """

    order: int
    overfit: float
    lens: fit.Lens
    fitted: fit.Fitted
    drifts: bool
    drift_chance: float
    visible: float
    structure: tuple[float, float]
    cut: tuple[int, ...]
    exhausted: bool
    impedance: Array
    beside: Array
    errors: Array


@dataclass(frozen=True, eq=False)
class _Search:
    """State of the search for faults: the lens with all that was taken up."""

    lens: fit.Lens
    fitted: fit.Fitted
    drifts: bool
    drift_chance: float
    exhausted: bool


def sane(impedance: Array, tolerated: float) -> Array:
    """Points that a passive cell may show within the noise: no strongly negative real part."""
    size = np.abs(impedance)
    return np.isfinite(size) & (size > 0.0) & (np.real(impedance) > -tolerated * size)


def examine(
    spectra: Sequence[Spectrum], gate: Gate, noise: float | None, blocking: bool
) -> list[Examined]:
    """Run all tests on spectra with the same frequencies.

    Args:
        spectra: With common frequencies.
        gate: Settings.
        noise: Relative, where the user knows it.
        blocking: Whether a capacitance is fitted.
    """
    angular = 2.0 * np.pi * spectra[0].frequency
    impedance = np.stack([s.impedance for s in spectra])
    kept = sane(impedance, gate.negative_tolerated)
    impedance = np.where(impedance == 0.0, 1.0, impedance)  # left out; any number will do
    first = _orders(angular, impedance, kept, gate, blocking)
    found = [
        _search(_lens(angular, z, k, m, gate, noise, blocking), gate)
        for z, k, m in zip(impedance, kept, first[0], strict=True)
    ]
    changed = [n for n, s in enumerate(found) if not np.array_equal(s.lens.kept, kept[n])]
    order, overfit = first
    if changed:
        left = np.stack([found[n].lens.kept for n in changed])
        again = _orders(angular, impedance[changed], left, gate, blocking)
        for n, m, mu, k in zip(changed, *again, left, strict=True):
            order[n], overfit[n] = m, mu
            lens = _lens(angular, impedance[n], k, m, gate, noise, blocking)
            found[n] = _search(_take_back(lens, kept[n], gate), gate)
    return [
        _finish(s, angular, z, int(m), float(mu), gate, blocking)
        for s, z, m, mu in zip(found, impedance, order, overfit, strict=True)
    ]


def _orders(
    angular: Array, impedance: Array, kept: Array, gate: Gate, blocking: bool
) -> tuple[Array, Array]:
    """The chosen order of each spectrum and its mu."""
    fewest = 2 * int(np.min(np.count_nonzero(kept, axis=1)))
    last = max(min(gate.orders[1], fewest // 2 - 3), gate.orders[0])
    span = (gate.orders[0], last)
    found = fit.all_orders(angular, impedance, kept, span, gate.beyond, blocking)
    place = gate.choice(found, 0.1 * gate.negligible)
    return found.order[place], found.overfit[np.arange(len(place)), place]


def _lens(
    angular: Array,
    impedance: Array,
    kept: Array,
    order: int,
    gate: Gate,
    noise: float | None,
    blocking: bool,
) -> fit.Lens:
    weight = 1.0 / np.abs(impedance)
    columns = fit.columns_of(angular, int(order), gate.beyond, blocking) * weight[:, None]
    drifting = drifting_columns(angular / (2.0 * np.pi), gate.clock, gate.windows)
    design = fit.stacked(columns)
    return fit.Lens(
        design=design / np.linalg.norm(design, axis=0),
        wanted=fit.stacked(impedance * weight),
        drifting=fit.stacked(drifting * weight[:, None]),
        kept=kept.copy(),
        given=noise,
        floor=gate.negligible,
    )


def _search(lens: fit.Lens, gate: Gate) -> _Search:
    """Take up faults one by one until none is left that noise would not explain."""
    most = int(gate.most_bad * len(lens.kept))
    plain = lens.design
    start = int(np.count_nonzero(lens.kept))
    drifts, exhausted = False, False
    while True:
        fitted = fit.look(lens)
        chance = 1.0 if drifts else fit.drift_chance(lens, fitted)
        point, odd = fit.worst_point(lens, fitted)
        known = start > np.count_nonzero(lens.kept)
        if chance >= gate.false_alarm and odd >= gate.false_alarm * (MORE if known else 1.0):
            break
        if chance <= odd:
            if (block := _high_end(lens, fitted, chance)).size:
                kept = lens.kept.copy()
                kept[block] = False
                lens, start = (
                    replace(lens, kept=kept),
                    start - int(np.count_nonzero(lens.kept[block])),
                )
                continue
            drifts = True
            lens = replace(lens, design=np.concatenate([lens.design, lens.drifting], axis=1))
            continue
        if start - np.count_nonzero(lens.kept) >= most:
            exhausted = True
            break
        lens = _without(lens, point)
    if drifts:  # was it the points after all?
        bare = replace(lens, design=plain)
        seen = fit.look(bare)
        chance = fit.drift_chance(bare, seen)
        if chance >= gate.false_alarm:
            lens, fitted, drifts = bare, seen, False
    return _Search(lens, fitted, drifts, chance, exhausted)


def _high_end(lens: fit.Lens, fitted: fit.Fitted, chance: float) -> Array:
    """Points at the start of the sweep that explain the misfit better than a drift: their places.

    Little has drifted there; what does not fit is the instrument's.
    """
    sizes = _sizes(len(lens.kept))
    found = [fit.block_chance(lens, fitted, np.arange(size)) * len(sizes) for size in sizes]
    if not found or min(found) >= chance:
        return np.zeros(0, dtype=int)
    return np.arange(sizes[int(np.argmin(found))])


def _sizes(count: int) -> Array:
    """Numbers of points that are tried as an end that does not fit: three to a third of all."""
    return np.unique(np.geomspace(3.0, max(count / 3.0, 3.0), 9).astype(int))


def _without(lens: fit.Lens, point: int) -> fit.Lens:
    kept = lens.kept.copy()
    kept[point] = False
    return replace(lens, kept=kept)


def _take_back(lens: fit.Lens, whole: Array, gate: Gate) -> fit.Lens:
    """Points left out that the others foretell within the noise come back."""
    fitted = fit.look(lens)
    back = [
        k
        for k in np.flatnonzero(whole & ~lens.kept)
        if fit.left_out_chance(lens, fitted, int(k)) >= MORE * gate.false_alarm
    ]
    kept = lens.kept.copy()
    kept[back] = True
    return replace(lens, kept=kept)


def _finish(
    search: _Search,
    angular: Array,
    impedance: Array,
    order: int,
    overfit: float,
    gate: Gate,
    blocking: bool,
) -> Examined:
    lens, fitted = search.lens, search.fitted
    odd = fit.structure(fitted, lens.kept, gate.negligible)
    cut: tuple[int, ...] = ()
    if odd[1] < gate.false_alarm or search.exhausted:
        cut, lens, fitted = _cut(lens, fitted, gate)
        if cut:
            odd = fit.structure(fitted, lens.kept, gate.negligible)
    modulus = np.abs(impedance)
    unknowns = np.linalg.solve(fitted.triangle, fitted.basis.T @ (lens.wanted * lens.mask))
    beside, errors = _beside(lens, impedance, angular, order, gate, blocking)
    drawn = lens.design @ unknowns
    n = len(modulus)
    return Examined(
        order=order,
        overfit=overfit,
        lens=lens,
        fitted=fitted,
        drifts=search.drifts,
        drift_chance=search.drift_chance,
        visible=_visible(lens, fitted, angular, drawn, gate),
        structure=odd,
        cut=cut,
        exhausted=search.exhausted and not cut,
        impedance=(drawn[:n] + 1j * drawn[n:]) * modulus,
        beside=beside,
        errors=errors,
    )


def _beside(
    lens: fit.Lens, impedance: Array, angular: Array, order: int, gate: Gate, blocking: bool
) -> tuple[Array, Array]:
    """Resistance, inductance (and elastance) with their standard deviations.

    Taken from an order higher than the best: an order just enough for the misfit holds an arc
    outside the measured range so stiffly that the inductance takes over a part of it.
    """
    rows = 2 * int(np.count_nonzero(lens.kept))
    finer = max(min(order + FINER, rows // 2 - 3), order)
    columns = fit.columns_of(angular, finer, gate.beyond, blocking)
    design = fit.stacked(columns / np.abs(impedance)[:, None])
    length = np.linalg.norm(design, axis=0)
    fitted = fit.look(replace(lens, design=design / length))
    first = np.eye(len(length))[:, : 2 + blocking]
    inverse = np.linalg.solve(fitted.triangle.T, first)  # these rows of the inverse
    unknowns = inverse.T @ (fitted.basis.T @ (lens.wanted * lens.mask))
    errors = fitted.noise * np.linalg.norm(inverse, axis=0)
    return unknowns / length[: 2 + blocking], errors / length[: 2 + blocking]


def _visible(lens: fit.Lens, fitted: fit.Fitted, angular: Array, drawn: Array, gate: Gate) -> float:
    """Relative change of the whole impedance that the test of drift sees in half of the cases."""
    n = len(lens.kept)
    clock = gate.clock(angular / (2.0 * np.pi))
    move = np.concatenate([clock, clock]) * drawn * lens.mask
    left = fitted.project(lens.drifting * lens.mask[:, None])
    u, size, _ = np.linalg.svd(left, full_matrices=False)
    u = u[:, size > 1e-6 * max(size[0], 1e-300)]
    length = float(np.linalg.norm(u.T @ move))
    columns = u.shape[1]
    needed = float(special.chdtri(columns, gate.false_alarm)) - columns
    noise = max(lens.given or fitted.noise, lens.floor)
    return float(noise * np.sqrt(needed) / length) if length > 1e-12 * n else np.inf


def _cut(
    lens: fit.Lens, fitted: fit.Fitted, gate: Gate
) -> tuple[tuple[int, ...], fit.Lens, fit.Fitted]:
    """The end whose points do not fit the rest, if one does not: its places, what is left."""
    n = len(lens.kept)
    best = (gate.false_alarm, np.zeros(0, dtype=int))
    sizes = _sizes(n)
    for size in sizes:
        for block in (np.arange(size), np.arange(n - size, n)):
            chance = fit.block_chance(lens, fitted, block) * 2 * len(sizes)
            if chance < best[0]:
                best = (chance, block)
    if best[1].size == 0:
        return (), lens, fitted
    kept = lens.kept.copy()
    kept[best[1]] = False
    less = replace(lens, kept=kept)
    return tuple(int(k) for k in best[1]), less, fit.look(less)
