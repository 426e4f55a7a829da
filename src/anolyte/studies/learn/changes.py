"""What learning changes in the answers that people ask for, and through which number."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from anolyte.materials.protocol import Protocol, Step, cycling
from anolyte.models.cell import engine
from anolyte.models.cell.critical import LEVELS, NODES
from anolyte.numerics.tempering import Array
from anolyte.studies.learn.numbers import Drawn, in_words, prior
from anolyte.studies.learn.observations import Observation, Ramp, Resistances
from anolyte.studies.learn.result import Change
from anolyte.studies.maps import CYCLES

if TYPE_CHECKING:
    from anolyte.studies.cell import Cell
    from anolyte.studies.learn.update import Posterior

HOUR = 3600.0
NORMAL_90 = 1.2815515655446004
STILL, FEW = 0.1, 6
"""Shift and narrowing of a coordinate together, below which a number has not moved; how many of
those that have are looked at alone."""
MOST = 400
"""Draws by which answers are compared before and after."""


def changes(
    cell: Cell, best: Posterior, after: Drawn, seen: Sequence[Observation]
) -> tuple[Change, ...]:
    """Answers before and after, each with the number and the measurement that moved it.

    Args:
        cell: With the conditions that are asked for.
        best: The most probable law.
        after: Its posterior draws.
        seen: What was measured.
    """
    few = after.tiled(np.arange(min(MOST, after.cells)))
    before = Drawn(after.names, prior(after.names, few.cells, after.seed), after.seed)
    then, now = (_answers(cell, best, pick) for pick in (before, few))
    alone = {k: _answers(cell, best, _with(before, few, k)) for k in _moved(few)}
    device = best.rival.device(cell, before)
    with np.errstate(all="ignore"):
        told = {o.name: o.predict(device, before, before.cells).mean(axis=1) for o in seen}
    errors = {o.name: o.precision for o in seen}
    out = []
    for name, (kind, old) in then.items():
        new = now[name][1]
        number = _mover(old, new, {k: answers[name][1] for k, answers in alone.items()})
        column = None if number is None else np.asarray(before.scores)[:, number]
        by = "" if column is None else _teller(column, told, errors)
        words = "" if number is None else in_words(after.names[number])
        out.append(Change(name, kind, _told(old, kind), _told(new, kind), words, by))
    return tuple(out)


def _moved(after: Drawn) -> list[int]:
    """The numbers that the data shifted or narrowed, those first that moved most."""
    scores = np.asarray(after.scores)
    moved = np.abs(scores.mean(axis=0)) + np.abs(1.0 - scores.std(axis=0))
    order = np.argsort(-moved)[:FEW]
    return [int(k) for k in order if moved[k] > STILL + 2.0 / np.sqrt(len(scores))]


def _with(before: Drawn, after: Drawn, number: int) -> Drawn:
    """What was known before, but for one number."""
    scores = np.array(before.scores)
    scores[:, number] = np.asarray(after.scores)[:, number]
    return Drawn(before.names, scores, before.seed)


def _answers(cell: Cell, best: Posterior, pick: Drawn) -> dict[str, tuple[str, Array]]:
    """Name to kind and the answer of each draw."""
    device = best.rival.device(cell, pick)
    c = cell.conditions
    rest = Resistances("", (1.0,), (1.0,), (0.0,), (c.stack_pressure,), (c.temperature,), age=HOUR)
    ramp = Ramp("", LEVELS, survived=len(LEVELS), failed=False, pressure=c.stack_pressure,
                temperature=c.temperature)  # fmt: skip
    cells = pick.cells
    found = {
        "both interfaces after 1 h": (
            "area_resistance", np.exp(rest.predict(device, pick, cells)[:, 0])),
        "critical current density": (
            "current_density", np.exp(ramp.predict(device, pick, cells)[:, 0])),
    }  # fmt: skip
    if c.current_density and c.areal_capacity:
        found["safe as asked"] = ("fraction", safe(cell, device, cells).astype(float))
    return found


def safe(cell: Cell, device: engine.Device, cells: int) -> Array:
    """Whether each draw lives through ten cycles at the current and charge that are asked for.

    Without a current or a charge: through an hour each way at 0.1 mA/cm2.
    """
    c = cell.conditions
    protocol = Protocol((Step(1.0, duration=HOUR), Step(-1.0, duration=HOUR)))
    if c.current_density and c.areal_capacity:
        protocol = cycling(abs(c.current_density), charge=c.areal_capacity, cycles=CYCLES)
    state = engine.start(device, c.stack_pressure, c.temperature, 1.0, cells)
    engine.simulate(device, protocol, state, keep=False, nodes=NODES)
    return state.ended < 0


def _mover(old: Array, new: Array, alone: dict[int, Array]) -> int | None:
    """The number that by itself brings an answer nearest to where all together bring it."""
    there, target = _middle(old), _middle(new)
    if there == target or not alone:
        return None
    away = {k: abs(_middle(values) - target) for k, values in alone.items()}
    best = min(away, key=lambda k: away[k])
    return best if away[best] < 0.9 * abs(there - target) else None


def _middle(values: Array) -> float:
    """Of a share the mean, of numbers the median of the logarithm."""
    if np.isin(values, (0.0, 1.0)).all():
        return float(np.mean(values))
    return float(np.median(np.log(np.maximum(values, 1e-300))))


def _teller(column: Array, told: dict[str, Array], errors: dict[str, float]) -> str:
    """The observation that a number moves farthest, in errors of that observation."""
    strengths: dict[str, float] = {}
    for name, predicted in told.items():
        good = np.isfinite(predicted)
        spread = float(predicted[good].std()) if good.sum() > 2 else 0.0
        if spread > 0.0:
            r = abs(float(np.corrcoef(column[good], predicted[good])[0, 1]))
            strengths[name] = r * spread / errors[name]
    return max(strengths, key=lambda n: strengths[n]) if strengths else ""


def _told(values: Any, kind: str) -> tuple[float, float, float]:
    if kind == "fraction":
        share, size = float(np.mean(values)), len(values)
        middle = (share * size + 1.0) / (size + 2.0)  # so that none of few draws is not never
        error = NORMAL_90 * float(np.sqrt(middle * (1.0 - middle) / size))
        return max(0.0, middle - error), share, min(1.0, middle + error)
    low, middle, high = (float(v) for v in np.percentile(values, (10.0, 50.0, 90.0)))
    return low, middle, high
