r"""Where a fit starts: from the arcs of the spectrum of relaxation times, and blindly.

Arcs in order of their time constants are given to the parts of the circuit that relax, the slowest
to diffusion; what they leave open is drawn. Then the *amplitudes* of all parts of the outermost
series are solved for: with time constants and exponents held, the impedance is linear in them,

$$ \min_{a \ge 0} \Big\| \sum_k a_k Z_k(\omega) - Z(\omega) \Big\| $$

so that a start is never far off in size, from picofarads to microfarads.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anolyte.measure.arcs import Arc
from anolyte.measure.circuits.elements import TIME
from anolyte.measure.circuits.problem import Problem
from anolyte.measure.circuits.tree import Circuit, Fork, Group

Array = NDArray[Any]
Pulse = tuple[float, float]
"""Resistance and time constant of an arc."""
MOST_WAYS = 6
"""Ways to give arcs to a circuit that are tried; the best by squares start first."""
DIFFUSION = ("Ws", "Wo", "W", "G", "Gs", "TLMQ")
"""Elements that stand for transport: the slowest arcs are theirs."""
STRETCH = 3.0
"""A finite diffusion peaks at its time constant over 2.5; a little more is a safe start."""
OUTSIDE = 10.0
"""How far beyond the sweep the time constant of an arc may lie and still be seen."""
FAINT = 0.01
"""Share of the impedance that a part gets whose amplitude would be zero."""
NEIGHBOURS = 5.0
"""Ratio of time constants below which two arcs may as well be one."""
ARC_EXPONENT, OTHER_EXPONENT = 0.92, 0.9


@dataclass(frozen=True)
class Slot:
    """A part of the circuit that may take an arc.

    Args:
        places: Its inner parameters.
        diffusion: Whether it is one for slow arcs.
        part: What it is.
    """

    places: tuple[int, ...]
    diffusion: bool
    part: Group | Fork


def slots(circuit: Circuit) -> tuple[Slot, ...]:
    """Parts of the outermost series that relax, in the order of inner parameters."""
    found = []
    for part in circuit.root.parts:
        if isinstance(part, Fork):
            first, last = part.stretches[0].start, part.stretches[-1].stop
            found.append(Slot(tuple(range(first, last)), False, part))
        elif TIME in part.element.parameters:
            count = len(part.members)
            slow = part.element.letters in DIFFUSION
            places = [tuple(range(part.first + k, part.last, count)) for k in range(count)]
            found += [Slot(p, slow, part) for p in places]
    return tuple(found)


def oddities(circuit: Circuit, x: Array, span: tuple[float, float]) -> Array:
    """How odd each set of inner parameters (B, p) is, (B,): diffusion faster than an arc, an
    exponent at a bound, an arc far outside the sweep."""
    fast, slow = [], []
    for slot in slots(circuit):
        if isinstance(slot.part, Group):
            (slow if slot.diffusion else fast).append(x[:, slot.places[1]])
    found = np.zeros(len(x))
    if fast and slow:
        found += np.min(slow, axis=0) <= np.max(fast, axis=0)
    if fast:
        low, high = math.log(span[0] / OUTSIDE), math.log(span[1] * OUTSIDE)
        found += np.any((np.array(fast) < low) | (np.array(fast) > high), axis=0)
    for k, meaning in enumerate(circuit.inner_meanings):
        if not meaning.log:
            found += np.minimum(x[:, k] - meaning.low, meaning.high - x[:, k]) < 1e-6
    return found


def idle(circuit: Circuit, x: Array) -> bool:
    """Whether a part that relaxes has next to no resistance, or relaxes as fast as another."""
    parts = [s.places for s in slots(circuit) if isinstance(s.part, Group)]
    if len(parts) < 2:
        return False
    size = np.exp([x[p[0]] for p in parts])
    time = np.sort([x[p[1]] for p in parts])
    return bool(size.min() < FAINT * size.sum() or np.diff(time).min() < math.log(NEIGHBOURS))


def merged(arcs: Sequence[Pulse], count: int) -> list[list[Pulse]]:
    """So many arcs out of those there are, by rising time constant; several ways if one is split.

    The largest are kept and the others added to the nearest. Where there are too few, the largest
    are split in two until one is missing, and then each in turn: a way for each.

    >>> merged([(9.0, 1e-3), (1.0, 2e-3), (5.0, 1.0)], 2)
    [[(10.0, 0.001), (5.0, 1.0)]]
    >>> len(merged([(9.0, 1e-3), (5.0, 1.0)], 3))
    2
    """
    if not arcs or not count:
        return []
    known = sorted(arcs, reverse=True)
    kept = [list(a) for a in known[:count]]
    for r, tau in known[count:]:
        near = min(kept, key=lambda a: abs(math.log(a[1] / tau)))
        near[0] += r
    ways = [(a[0], a[1]) for a in kept]
    while len(ways) < count - 1:
        ways = _split(ways, max(range(len(ways)), key=lambda k: ways[k][0]))
    if len(ways) == count:
        return [sorted(ways, key=lambda a: a[1])]
    return [
        sorted(_split(ways, k), key=lambda a: a[1])
        for k in sorted(range(len(ways)), key=lambda k: -ways[k][0])
    ]


def _split(arcs: list[Pulse], k: int) -> list[Pulse]:
    """One of them as two: most of it where it was, a third of it ten times slower."""
    r, tau = arcs[k]
    return [*arcs[:k], (0.7 * r, tau), (0.3 * r, 10.0 * tau), *arcs[k + 1 :]]


def from_arcs(circuit: Circuit, arcs: Sequence[Arc], span: tuple[float, float]) -> list[Array]:
    """Inner parameters of starts, each (p,); none: the arcs or the circuit give none.

    Args:
        circuit: To fit.
        arcs: Of the spectrum of relaxation times.
        span: Fastest and slowest time constant of the sweep, s.
    """
    places = slots(circuit)
    fast, slow = [s for s in places if not s.diffusion], [s for s in places if s.diffusion]
    pulses = sorted(
        (
            (a.resistance, a.time_constant)
            for a in arcs
            if a.shape != "blocking" and math.isfinite(a.resistance) and a.resistance > 0.0
        ),
        key=lambda a: a[1],
    )
    if not pulses:
        return []
    found = []
    for used in sorted({0, min(len(slow), len(pulses))}, reverse=True):
        late = pulses[len(pulses) - used :]
        for way in merged(pulses[: len(pulses) - used], len(fast)) or [[]]:
            x = plain_start(circuit, span)
            for slot, (r, tau) in zip(fast, way, strict=False):
                _fill(circuit, slot, x, r, tau)
            for slot, (r, tau) in zip(slow, late, strict=False):
                _fill(circuit, slot, x, r, tau * STRETCH)
            found.append(x)
    return found[:MOST_WAYS]


def plain_start(circuit: Circuit, span: tuple[float, float]) -> Array:
    """Values that only need their amplitudes: exponents of habit, slow times, one of all else."""
    x = np.zeros(circuit.size)
    for k, m in enumerate(circuit.inner_meanings):
        if not m.log:
            x[k] = OTHER_EXPONENT
        elif m is TIME:
            x[k] = math.log(span[1])
    return x


def _fill(circuit: Circuit, slot: Slot, x: Array, r: float, tau: float) -> None:
    """Give an arc to a slot; inside a parallel every element gets what fits its unit."""
    n = ARC_EXPONENT
    by_unit = {
        "ohm": math.log(r), "s": math.log(tau * (1.0 if isinstance(slot.part, Group) else 10.0)),
        "F": math.log(tau / r), "F s^(n-1)": n * math.log(tau) - math.log(r),
        "ohm s^-1/2": math.log(r / math.sqrt(tau)), "H": math.log(r * tau),
        "H s": math.log(r * tau), "1": 0.0,
    }  # fmt: skip
    for place in slot.places:
        meaning = circuit.inner_meanings[place]
        x[place] = by_unit[meaning.unit] if meaning.log else n


def blind(
    circuit: Circuit, count: int, span: tuple[float, float], rng: np.random.Generator
) -> Array:
    """Starts that know nothing but the sweep, (count, p): times spread evenly over its decades."""
    places = slots(circuit)
    arcs = [s for s in places if not s.diffusion]
    slow = [s for s in places if s.diffusion]
    low, high = math.log(span[0]), math.log(span[1])
    found = np.tile(plain_start(circuit, span), (count, 1))
    for x in found:
        times = np.sort(rng.uniform(low - 1.0, high + 0.5, len(places)))
        for slot, time in zip(arcs + slow, times, strict=True):
            _fill(circuit, slot, x, 1.0, float(np.exp(time)))
        for k, m in enumerate(circuit.inner_meanings):
            if not m.log:
                x[k] = rng.uniform(0.7, 1.0)
    return found


def moved(
    circuit: Circuit, x: Array, count: int, span: tuple[float, float], rng: np.random.Generator
) -> Array:
    """Copies of a point with one of its arcs put anywhere in the sweep, (count, p)."""
    places = slots(circuit)
    found = np.tile(x, (count, 1))
    low, high = math.log(span[0]), math.log(span[1])
    for row in found:
        if places:
            slot = places[int(rng.integers(len(places)))]
            _fill(circuit, slot, row, 1.0, float(np.exp(rng.uniform(low - 1.0, high + 0.5))))
    return found


def jittered(circuit: Circuit, x: Array, count: int, rng: np.random.Generator) -> Array:
    """Copies of a start with every parameter spread, (count, p)."""
    spread = np.array([m.jitter for m in circuit.inner_meanings])
    return x + spread * rng.standard_normal((count, circuit.size))


def with_amplitudes(problem: Problem, x: Array, owner: Array) -> Array:
    """Starts (B, p) with the amplitudes of all outermost parts solved for.

    Args:
        problem: Circuit and spectra.
        x: Inner parameters; their amplitudes may be anything.
        owner: Spectrum of each start, (B,).
    """
    circuit = problem.circuit
    sweep, weight = problem.sweep.rows(owner), problem.weight[owner]
    scratch = np.empty((len(x), circuit.size, weight.shape[1]), dtype=complex)
    columns: list[Array] = []
    places: list[range] = []
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        for part in circuit.root.parts:
            for z, own in _members(part, sweep, x, scratch):
                columns.append(np.broadcast_to(z, weight.shape) * weight)
                places.append(own)
        matrix = np.stack(columns, axis=1).view(float)
        target = (problem.data[owner] * weight).view(float)
        amplitude = _positive(matrix, target)
    x = x.copy()
    for k, own in enumerate(places):
        with np.errstate(divide="ignore", invalid="ignore"):
            shift = np.log(amplitude[:, k])
        shift[~np.isfinite(shift)] = 0.0
        for place in own:
            x[:, place] += _direction(circuit, place, x) * shift
    return x


def _members(part: Group | Fork, sweep: Any, x: Array, scratch: Array) -> Any:
    """Impedance of each part that has an amplitude of its own, and its inner parameters."""
    if isinstance(part, Fork):
        first, last = part.stretches[0].start, part.stretches[-1].stop
        yield part.evaluate(sweep, x, scratch), range(first, last)
        return
    count = len(part.members)
    given = [x[:, part.slots(k), None] for k in range(len(part.element.parameters))]
    z, _ = part.element.slopes(sweep, *given)
    for k in range(count):
        yield z[:, k], range(part.first + k, part.last, count)


def _direction(circuit: Circuit, place: int, x: Array) -> float | Array:
    """How the logarithm of a parameter moves with that of the impedance."""
    unit = circuit.inner_meanings[place].unit
    if unit == "H s":  # the impedance is its power
        return 1.0 / x[:, place + 1]
    return {"ohm": 1.0, "ohm s^-1/2": 1.0, "H": 1.0, "F": -1.0, "F s^(n-1)": -1.0}.get(unit, 0.0)


def _positive(matrix: Array, target: Array) -> Array:
    """Amplitudes (B, K) of columns (B, K, 2N) that nearly solve the non-negative problem: negative
    ones are struck out and the rest solved again; those get a faint share."""
    size = np.sqrt(np.einsum("bkm,bkm->bk", matrix, matrix))
    size = np.where(np.isfinite(size) & (size > 0.0), size, np.inf)
    unit = np.nan_to_num(matrix / size[:, :, None])
    normal, right = unit @ unit.swapaxes(1, 2), (unit @ target[..., None])[..., 0]
    count = unit.shape[1]
    kept = np.ones(size.shape, dtype=bool)
    found = np.zeros(size.shape)
    for _ in range(count + 1):
        held = normal * (kept[:, :, None] & kept[:, None, :])
        held.reshape(-1, count * count)[:, :: count + 1] += np.where(kept, 1e-9, 1.0)
        found = np.linalg.solve(held, (right * kept)[..., None])[..., 0]
        wrong = kept & (found <= 0.0)
        if not wrong.any():
            break
        kept &= ~wrong
    faint = FAINT * math.sqrt(0.5 * target.shape[1])
    return np.where(found > 0.0, found, faint) / size
