"""Steps of which only the ends are kept: a look at both ends of all, a closer one where it matters.

Under a constant current a void and an interphase go one way, so neither is anywhere within a step
larger than at one of its ends. With the deeper void and the thicker film of both ends a face's
overpotential and load are at least what they are within the step. Cells that end nothing even so
are carried by one look at both ends; the others are taken out of the batch, looked at closely, and
put back. Extremes of the voltage are those at the ends; of the load, to within a fifth.
"""

from __future__ import annotations

from copy import copy
from dataclasses import fields, is_dataclass, replace
from typing import Any

import numpy as np

from anolyte.materials.protocol import Step
from anolyte.materials.schema import Material
from anolyte.materials.stack import Interface
from anolyte.models.cell import engine
from anolyte.models.cell.faces import Array, trace
from anolyte.models.cell.signals import load_of, signals

ENDS = np.array([0.0, 1.0])
PEAK = 1.2
"""How much larger than seen at the ends a load may have been within a step before one looks."""
NUMBERS_ALONE = (float, int, str, type(None), Interface, Material)
"""What holds no arrays over cells, however deep one looks."""
Rows = np.ndarray[Any, np.dtype[np.int64]]


def by_its_ends(walk: engine.Walk, number: int, step: Step, current: Array) -> Any:
    """One step at a given current; what ended it in each cell (-1: nothing)."""
    before = copy(walk.cells)
    kind, piece = walk.carry(number, step, current, ENDS, search=False)
    failed = kind == engine.KINDS.index(engine.Event.FAILED)
    rows = np.flatnonzero(may_end(walk, piece) & before.alive & ~failed)
    if rows.size:
        part = only(walk, before, rows)
        kind[rows], _ = part.carry(number, step, current[rows], walk.grid)
        put(walk.cells, rows, part.cells)
    return kind


def may_end(walk: engine.Walk, piece: engine.Piece) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Cells that something ends, or loads more than is seen, if the worst of both ends meets."""
    traces = []
    for face, seen, sign in zip(walk.faces, piece.faces, (1.0, -1.0), strict=True):
        void, film = (np.maximum(v[:, :1], v[:, -1:]) for v in (seen.void, seen.interphase))
        traces.append(trace(face.columns, void, film, sign * piece.current, walk.around))
    worst = replace(
        piece, times=piece.times[:, -1:], faces=(traces[0], traces[1]),
        voltage=piece.bulk[:, -1:] + traces[0].overpotential - traces[1].overpotential,
        load=load_of(walk.columns, (traces[0], traces[1]), piece.current),
    )  # fmt: skip
    over = [(signal >= 0.0)[:, 0] for _, signal in signals(walk.device, worst)]
    unseen = worst.load[:, 0] > PEAK * walk.cells.most_load
    return np.logical_or.reduce([unseen, *over])


def only(walk: engine.Walk, cells: engine.Cells, rows: Rows) -> engine.Walk:
    """A walk of some of the cells, from where they stood."""
    part, pick = copy(walk), Taken(rows, cells.alive.size)
    part.device, part.cells = pick(walk.device), pick(cells)
    part.outcome = replace(walk.outcome, device=part.device, cells=part.cells)
    for name in ("columns", "faces", "around", "resistance", "wear"):
        setattr(part, name, pick(getattr(walk, name)))
    return part


class Taken:
    """Objects with some rows of every array over cells in them; called again, the same object."""

    def __init__(self, rows: Rows, size: int) -> None:
        self.rows, self.size = rows, size
        self.done: dict[int, Any] = {}

    def __call__(self, thing: Any) -> Any:
        """A number, a law, a state or a tuple of them, with the chosen rows."""
        if isinstance(thing, NUMBERS_ALONE):
            return thing
        if isinstance(thing, np.ndarray):
            return thing[self.rows] if thing.ndim and thing.shape[0] == self.size else thing
        if isinstance(thing, tuple):
            return tuple(self(part) for part in thing)
        if not is_dataclass(thing) or isinstance(thing, type):
            return thing
        if id(thing) not in self.done:
            before = {f.name: getattr(thing, f.name) for f in fields(thing)}
            after = {name: self(value) for name, value in before.items()}
            changed = {name: value for name, value in after.items() if value is not before[name]}
            self.done[id(thing)] = replace(thing, **changed) if changed else thing
        return self.done[id(thing)]


def put(cells: Any, rows: Rows, part: Any) -> None:
    """Write some rows of every array over cells back into an object of the same kind."""
    if isinstance(cells, np.ndarray):
        cells[rows] = part
    elif isinstance(cells, tuple):
        for into, what in zip(cells, part, strict=True):
            put(into, rows, what)
    elif is_dataclass(cells):
        for f in fields(cells):
            put(getattr(cells, f.name), rows, getattr(part, f.name))
