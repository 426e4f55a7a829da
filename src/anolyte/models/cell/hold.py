"""A step at held voltage: the current follows from the voltage, node by node."""

from __future__ import annotations

import numpy as np

from anolyte.core.errors import NotConverged
from anolyte.materials.protocol import Step
from anolyte.models.cell import engine
from anolyte.models.cell.faces import Array, FaceState, advance, trace

INTERVALS = 60
ROUNDS = 60
SMALL = 1e-9
"""A/m2 to which a current is found."""


def hold(walk: engine.Walk, number: int, step: Step) -> None:
    """Carry the cells through a step at held voltage.

    Between two nodes the current is taken as the mean of its values at both ends, found by
    predicting and correcting once: second order in the interval.
    """
    grid = np.concatenate([[0.0], np.geomspace(1e-4, 1.0, INTERVALS)]) * step.duration
    cells = walk.cells
    living = cells.alive.copy()
    lost = np.zeros(cells.alive.shape, dtype=bool)
    waiting = ~cells.alive  # dead before, or through with this step
    for begin, end in zip(grid[:-1], grid[1:], strict=True):
        cells.alive = ~waiting & ~lost
        if not cells.alive.any():
            break
        first = held_current(walk, cells.states, step)
        if step.stop_current is not None:
            waiting = waiting | (cells.alive & (np.abs(first) <= step.stop_current))
            cells.alive = cells.alive & ~waiting
            if not cells.alive.any():
                break
        guess = _after(walk, first, end - begin)
        mean = 0.5 * (first + held_current(walk, guess, step))
        leg = Step(1.0, duration=end - begin, cycle=step.cycle)
        before = cells.alive
        kind = walk.constant(number, leg, mean)
        lost = lost | (before & ~cells.alive)
        waiting = waiting | (before & (kind >= 0) & ~lost)
    cells.alive = living & ~lost


def _after(walk: engine.Walk, current: Array, span: float) -> tuple[FaceState, FaceState]:
    """The faces' states after a time at a current."""
    times = np.tile([0.0, span], (current.size, 1))
    new = [
        advance(face, state, sign * current, times, walk.tolerance)[0]
        for face, state, sign in zip(walk.faces, walk.cells.states, (1.0, -1.0), strict=True)
    ]
    return new[0], new[1]


def held_current(walk: engine.Walk, states: tuple[FaceState, FaceState], step: Step) -> Array:
    """The current at which the cells show the held voltage, A/m2.

    The voltage rises with the current, so the root is bracketed and bisected, with secants where
    they stay inside.
    """
    assert step.voltage is not None
    device, cells, around = walk.device, walk.cells, walk.around
    wanted = step.voltage - device.rest
    resistance = walk.resistance

    def misfit(current: Array) -> Array:
        total = current * resistance - wanted
        for laws, state, sign in zip(walk.columns, states, (1.0, -1.0), strict=True):
            thickness = laws.growth.thickness(state.age[:, None])
            seen = trace(laws, state.void[:, None], thickness, sign * current, around)
            total = total + sign * seen.overpotential[:, 0]
        return total

    low = np.full(cells.time.shape, min(0.0, wanted)) / resistance - 1e-6
    high = np.full(cells.time.shape, max(0.0, wanted)) / resistance + 1e-6
    for _ in range(ROUNDS):
        at_low, at_high = misfit(low), misfit(high)
        secant = high - at_high * (high - low) / (at_high - at_low)
        middle = np.clip(secant, 0.98 * low + 0.02 * high, 0.02 * low + 0.98 * high)
        for trial in (middle, 0.5 * (low + high)):
            over = misfit(trial) > 0.0
            high = np.where(over, np.minimum(trial, high), high)
            low = np.where(over, low, np.maximum(trial, low))
        if (high - low <= SMALL).all():
            return 0.5 * (low + high) * cells.alive
    raise NotConverged("no current gives the held voltage; is it within reach of the cell?")
