"""A step at held voltage: the current follows from the voltage, node by node."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from anolyte.core.errors import NotConverged
from anolyte.materials.protocol import Step
from anolyte.models.cell import engine
from anolyte.models.cell.faces import Array, FaceState, advance, trace

INTERVALS, SOONEST = 60, 1e-4
HOST_INTERVALS, HOST_SOONEST = 30, 1e-6
"""How many intervals a hold has and the share of its time that the first one takes."""
GAMMA = 1.0 - math.sqrt(0.5)
"""Of the two-stage method: L-stable and of second order."""
ROUNDS = 60
Near = tuple[Array, Array]
"""A current, A/m2, and how steeply the voltage rises with it, ohm m2."""
STAGE = np.array([0.0, GAMMA / (1.0 - GAMMA), 1.0])
"""Shares of the first stage at which a host is looked at: at the middle one the voltage is met,"""
GRID = np.array([0.0, 0.5, 1.0])
"""and of the second, at the end of which it is."""
SMALL = 1e-9
"""A/m2 to which a current is found, or"""
CLOSE = 1e-7
"""V to which the voltage is met."""
LEAST_SLOPE = 1e-12
"""ohm m2; no cell resists less."""


def hold(walk: engine.Walk, number: int, step: Step) -> None:
    """Carry the cells through a step at held voltage, in intervals of constant current.

    Second order in the intervals, the later ones longer. See `metal_interval`, `host_interval`.
    """
    cells = walk.cells
    interval, marks = metal_interval, np.geomspace(SOONEST, 1.0, INTERVALS)
    if walk.device.breathes:
        interval, marks = host_interval, np.geomspace(HOST_SOONEST, 1.0, HOST_INTERVALS)
    grid = np.concatenate([[0.0], marks]) * step.duration
    living = cells.alive.copy()
    lost = np.zeros(cells.alive.shape, dtype=bool)
    waiting = ~cells.alive  # dead before, or through with this step
    near = np.zeros(cells.time.shape), walk.resistance
    for begin, end in zip(grid[:-1], grid[1:], strict=True):
        cells.alive = ~waiting & ~lost
        if step.stop_current is not None and cells.alive.any():
            now = held_current(walk, cells.states, step, near)[0]
            waiting = waiting | (cells.alive & (np.abs(now) <= step.stop_current))
            cells.alive = cells.alive & ~waiting
        if not cells.alive.any():
            break
        before = cells.alive
        kind, near = interval(walk, number, step, end - begin, near)
        lost = lost | (before & ~cells.alive)
        waiting = waiting | (before & (kind >= 0) & ~lost)
    cells.alive = living & ~lost


def metal_interval(
    walk: engine.Walk, number: int, step: Step, span: float, near: Near
) -> tuple[Any, Near]:
    """The mean of the held currents at both ends, found by predicting and correcting once."""
    first, slope = held_current(walk, walk.cells.states, step, near)
    times = np.tile([0.0, span], (first.size, 1))
    one, other = (
        advance(face, state, sign * first, times, walk.tolerance)[0]
        for face, state, sign in zip(walk.faces, walk.cells.states, (1.0, -1.0), strict=True)
    )
    last, slope = held_current(walk, (one, other), step, (first, slope))
    leg = Step(1.0, duration=span, cycle=step.cycle)
    return walk.constant(number, leg, 0.5 * (first + last)), (last, slope)


def host_interval(
    walk: engine.Walk, number: int, step: Step, span: float, near: Near
) -> tuple[Any, Near]:
    """Two stages that each end at the held voltage (Alexander 1977), stable however long they are.

    A host's potential follows the charge within an interval, so that the current now says little
    of the current then.
    """
    near = ending_current(walk, near, (GAMMA * span, (1.0 - GAMMA) * span), step)
    leg = Step(1.0, duration=(1.0 - GAMMA) * span, cycle=step.cycle)
    ended, _ = walk.carry(number, leg, near[0], STAGE)
    stopped = walk.cells.alive & (ended >= 0)
    alive = walk.cells.alive
    walk.cells.alive = alive & ~stopped
    if not walk.cells.alive.any():
        walk.cells.alive = alive
        return ended, near
    near = ending_current(walk, near, (GAMMA * span, GAMMA * span), step)
    kind, _ = walk.carry(number, replace(leg, duration=GAMMA * span), near[0], GRID)
    walk.cells.alive = walk.cells.alive | stopped
    return np.where(ended >= 0, ended, kind), near


def ending_current(walk: engine.Walk, near: Near, spans: tuple[float, float], step: Step) -> Near:
    """The current that ends a span at the held voltage, A/m2, and what the voltage rises with it.

    None that would drop more than any cell has in the electrolyte alone, or leave a host's face
    empty or full: then the voltage is out of reach, and diffusion sets the current.

    Args:
        walk: The cells.
        near: The current before.
        spans: After which the voltage is held, and for which the current is to flow, s.
        step: The hold.
    """
    wanted = step.voltage
    assert wanted is not None
    zero = np.zeros(walk.cells.time.size)
    times = np.stack([zero, zero + spans[0]], axis=1)

    def misfit(current: Array) -> Array:
        return walk.look(0, step, current, times).voltage[:, -1] - wanted

    high = (abs(wanted) + engine.BOUND) / walk.resistance
    low = -high
    for (laws, _, sign), inside, leg in walk.legs(zero):
        ends = laws.interior.currents(inside, leg, zero + max(spans))
        if ends is not None:
            least, most = ends if sign > 0.0 else (-ends[1], -ends[0])
            low, high = np.clip(low, least, most), np.clip(high, least, most)
    found, slope = root(misfit, near, low, high)
    return found * walk.cells.alive, slope


def held_current(
    walk: engine.Walk, states: tuple[FaceState, FaceState], step: Step, near: Near
) -> Near:
    """The current at which the cells show the held voltage in these states, A/m2; its slope."""
    assert step.voltage is not None
    around, resistance, zero = walk.around, walk.resistance, np.zeros(walk.cells.time.size)
    seen = [laws.interior.look(inside, leg, zero[:, None])
            for (laws, _, _), inside, leg in walk.legs(zero)]  # fmt: skip
    rest = np.broadcast_to(seen[0].potential - seen[1].potential, (zero.size, 1))[:, 0]
    wanted = step.voltage - rest
    columns = [face.columns for face in walk.faces]

    def misfit(current: Array) -> Array:
        total = current * resistance - wanted
        for laws, state, sign, inner in zip(columns, states, (1.0, -1.0), seen, strict=True):
            thickness = laws.growth.thickness(state.age[:, None])
            face = trace(
                laws, state.void[:, None], thickness, sign * current, around, inner.contact
            )
            total = total + sign * face.overpotential[:, 0]
        return total

    low, high = np.minimum(0.0, wanted) / resistance, np.maximum(0.0, wanted) / resistance
    found, slope = root(misfit, near, low - 1e-6, high + 1e-6)
    return found * walk.cells.alive, slope


def root(misfit: Callable[[Array], Array], near: Near, low: Array, high: Array) -> Near:
    """Where a rising function of the current is zero, and how steep it is there.

    Secants, halved where they get stuck.

    Args:
        misfit: The function, V, of an array over cells.
        near: Current to begin with, A/m2, and about how steep it is there, ohm m2.
        low, high: Currents between which a root is sought, A/m2; where none lies, the nearer end.

    Raises:
        NotConverged: The function does not reach zero.
    """
    last = new = found = np.clip(near[0], low, high)
    before, slope = np.zeros_like(new), np.broadcast_to(near[1], new.shape)
    seen_low, seen_high, open_ = (np.full(new.shape, x) for x in (False, False, True))
    for turn in range(ROUNDS):
        value = misfit(new)
        found = np.where(open_, new, found)
        open_ &= (np.abs(value) > CLOSE) & np.where(value > 0.0, new > low, new < high)
        seen_low, seen_high = seen_low | (value <= 0.0), seen_high | (value > 0.0)
        low, high = np.where(value > 0.0, low, new), np.where(value > 0.0, new, high)
        open_ &= high - low > SMALL
        run = new - last
        steep = np.divide(value - before, run, out=slope.copy(), where=run != 0.0)
        slope = np.where(steep > LEAST_SLOPE, steep, slope)
        if not open_.any():
            return found, slope
        trial = np.clip(new - value / slope, low, high)
        stuck = ((trial <= low) & seen_low) | ((trial >= high) & seen_high)
        if turn % 8 == 7:  # should the secants creep
            stuck = seen_low & seen_high
        last, before = new, value
        new = np.where(open_, np.where(stuck, 0.5 * (low + high), trial), found)
    raise NotConverged("no current gives the held voltage; is it within reach of the cell?")
