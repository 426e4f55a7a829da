"""What ends a step: signals that reach zero there, and when the first of them does."""

from __future__ import annotations

from typing import Any

import numpy as np

from anolyte.models.cell.faces import Array, FaceLaws, Trace
from anolyte.models.cell.records import KINDS, Device, Event, Piece

BOUND = 10.0
"""V; beyond it a cell is as good as open."""
SHORTEST = 1e-6
"""s; no step is shorter."""


def first(device: Device, piece: Piece) -> tuple[Any, Array]:
    """The first thing that ends a step in each cell (-1: nothing), and when."""
    cells = piece.current.size
    kind, when = np.full(cells, -1), np.full(cells, np.inf)
    for number, signal in signals(device, piece):
        over = signal >= 0.0
        some = over.any(axis=1)
        if not some.any():
            continue
        time = _crossing(piece.times, signal, over.argmax(axis=1))
        earlier = some & (time < when)
        kind = np.where(earlier, number, kind)
        when = np.where(earlier, time, when)
    return kind, np.maximum(when, SHORTEST)


def load_of(
    columns: tuple[FaceLaws, FaceLaws], traces: tuple[Trace, Trace], current: Array
) -> Array:
    """How far the plating face's flaws are loaded; one opens them."""
    load = np.zeros_like(traces[0].void)
    for laws, seen, sign in zip(columns, traces, (1.0, -1.0), strict=True):
        flaw = laws.flaw
        if flaw is None:
            continue
        plating = (sign * current < 0.0)[:, None]
        own = np.maximum(-seen.at_the_metal, 0.0)
        load = np.maximum(load, np.where(plating, flaw.load(own, seen.share), 0.0))
    return load


def signals(device: Device, piece: Piece) -> tuple[tuple[int, Array], ...]:
    """What ends a step: kind, and a signal that reaches zero there."""
    size = np.abs(piece.voltage)
    moving = (piece.current != 0.0)[:, None]
    lost = device.least_contact - piece.conducting
    found = [
        (KINDS.index(Event.CRACK), piece.load - 1.0),
        (KINDS.index(Event.CONTACT_LOSS), np.where(moving, lost, -1.0)),
        (KINDS.index(Event.OPEN), size - BOUND),
    ]
    if piece.step.stop_voltage is not None:
        found.append((KINDS.index(Event.CUT_OFF), np.where(moving, _beyond(device, piece), -1.0)))
    return tuple(found)


def _beyond(device: Device, piece: Piece) -> Array:
    """How far the voltage is beyond the one that ends a step.

    A half cell's voltage falls while it is lithiated and rises while it is delithiated; that of a
    cell of plated metal counts by its size.
    """
    limit = piece.step.stop_voltage
    assert limit is not None
    if not device.breathes:
        return np.abs(piece.voltage) - abs(limit)
    return np.where(piece.current[:, None] < 0.0, limit - piece.voltage, piece.voltage - limit)


def _crossing(times: Array, signal: Array, node: Any) -> Array:
    """Where a signal passes zero before a node, by a straight line."""
    rows = np.arange(times.shape[0])
    before = np.maximum(node - 1, 0)
    low, high = signal[rows, before], signal[rows, node]
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(node > 0, -low / (high - low), 0.0)
    share = np.clip(np.nan_to_num(share), 0.0, 1.0)
    return times[rows, before] + share * (times[rows, node] - times[rows, before])
