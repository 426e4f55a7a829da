r"""What a cell shows under current: its area resistance at the end of each half cycle,
$|V| / |j|$.

Voids that open under stripping, contact that is lost and films that grow are all in it. Shorts are
not: a ramp says at which current they come.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, ClassVar

import numpy as np

from anolyte.core.errors import DataError
from anolyte.core.result import quantity
from anolyte.materials.protocol import Protocol, Step
from anolyte.measure.records import Trace
from anolyte.measure.setup import Setup
from anolyte.measure.traces.half_cycles import HalfCycle, half_cycles
from anolyte.models.cell import engine
from anolyte.numerics.tempering import Array
from anolyte.studies.cell import Cell
from anolyte.studies.learn.observations import FREEDOM, Noise
from anolyte.studies.learn.rivals import FAILS, same_laws

NODES = 8
"""Times at which a half cycle is looked at."""
SHORTEST = 60.0
"""s of a half cycle that says something."""
MOST = 12
"""Half cycles that are learnt from: what comes after is a long protocol for little news."""
SCATTER = 0.05
"""Relative error of a resistance under current."""


@dataclass(frozen=True)
class Cycled:
    """Half cycles of a symmetric cell from its making, each with its area resistance at the end.

    Args:
        name: In words.
        value: ohm m2, |V| over |j|.
        error: Relative standard deviations.
        current: A/m2, positive strips the named side.
        duration: s of each.
        rest: s before each.
        pressure: Pa; temperature: K.
        age: Of the cell at the first, s.
        freedom: Of Student's t; infinite: normal.
    """

    name: str
    value: tuple[float, ...] = quantity("area_resistance")
    error: tuple[float, ...] = quantity("fraction")
    current: tuple[float, ...] = quantity("current_density")
    duration: tuple[float, ...] = quantity("time")
    rest: tuple[float, ...] = quantity("time")
    pressure: float = quantity("pressure", default=1e5)
    temperature: float = quantity("temperature", default=298.15)
    age: float = quantity("time", default=0.0)
    freedom: float = FREEDOM

    about: ClassVar[str] = FAILS

    def __post_init__(self) -> None:
        rows = (self.value, self.error, self.current, self.duration, self.rest)
        if not self.value or len({len(r) for r in rows}) != 1:
            raise DataError(f"{self.name}: needs a value, an error, a current and times of each")
        positive = (*self.value, *self.error, *self.duration)
        if not all(v > 0.0 for v in positive) or not all(self.current) or min(self.rest) < 0.0:
            raise DataError(f"{self.name}: resistances, errors and durations are above zero")

    @property
    def count(self) -> int:
        """How many half cycles."""
        return len(self.value)

    @property
    def precision(self) -> float:
        """Standard error of the logarithm, of all together."""
        return float(np.mean(self.error)) / math.sqrt(self.count)

    @cached_property
    def time(self) -> tuple[float, ...]:
        """s, at which each ends, since the first began."""
        spans = np.cumsum(np.add(self.duration, self.rest)) - self.rest[0]
        return tuple(map(float, spans))

    @cached_property
    def _noise(self) -> Noise:
        return Noise(np.log(self.value), np.asarray(self.error), self.freedom)

    @cached_property
    def _protocol(self) -> tuple[Protocol, list[int]]:
        """The steps, and which of them are half cycles."""
        steps = [Step(0.0, duration=self.age, cycle=-1)] if self.age > 0.0 else []
        places = []
        rows = zip(self.current, self.duration, self.rest, strict=True)
        for number, (current, duration, rest) in enumerate(rows):
            if rest > 0.0:
                steps.append(Step(0.0, duration=rest, cycle=number))
            places.append(len(steps))
            steps.append(Step(current, duration=duration, cycle=number))
        return Protocol(tuple(steps), "cycling"), places

    def predict(self, device: engine.Device, pick: Any, cells: int) -> Array:
        """Logarithms of the resistances, (cells, count); none of a cell that does not get there."""
        faces = tuple(replace(face, flaw=None, penetration=None) for face in device.faces)
        free = replace(device, faces=faces, least_contact=0.0)
        state = engine.start(free, self.pressure, self.temperature, 1.0, cells)
        protocol, places = self._protocol
        outcome = engine.simulate(free, protocol, state, nodes=NODES)
        seen = {piece.number: piece.voltage[:, -1] for piece in outcome.pieces}
        found = np.full((cells, self.count), np.nan)
        for column, place in enumerate(places):
            if place in seen:
                found[:, column] = np.abs(seen[place] / self.current[column])
        found[state.ended >= 0] = np.nan
        return np.log(found)

    def log_likelihood(self, predicted: Array) -> Array:
        """Of what was measured, (cells,)."""
        return self._noise.log_likelihood(predicted)

    def surprise(self, predicted: Array) -> Array:
        """Standard errors between measured and predicted."""
        return self._noise.surprise(predicted)

    def repeated(self, predicted: Array, rng: np.random.Generator) -> Array:
        """Logarithms as each draw might have given them."""
        return self._noise.repeated(predicted, rng)

    def at(self, repeated: Array) -> Cycled:
        """The same with other outcomes, logarithms."""
        return replace(self, value=tuple(map(float, np.exp(repeated))))


def of_trace(trace: Trace, setup: Setup, cell: Cell, name: str = "cycling") -> Cycled:
    """The first half cycles of a record as an observation.

    Raises:
        DataError: No half cycle that is long enough, no area, or a cell whose two sides differ: the
            sign of an instrument's current does not say which side it strips.
    """
    one, other = cell.assemble().device.faces
    if not same_laws(one, other):
        raise DataError(f"{name}: cycling is learnt from of symmetric cells only")
    area = setup.need("area")
    halves = half_cycles(trace, setup).half_cycles
    good = [h for h in halves if h.end - h.start >= SHORTEST and h.current and h.voltage_end][:MOST]
    if not good:
        raise DataError(f"{name}: no half cycle of a minute or more")
    c = cell.conditions
    return Cycled(
        name,
        tuple(abs(h.voltage_end / h.current) * area for h in good),
        (SCATTER,) * len(good),
        tuple(h.current / area for h in good),
        tuple(h.end - h.start for h in good),
        tuple(_rests(good)),
        pressure=setup.stack_pressure or c.stack_pressure,
        temperature=setup.temperature or c.temperature,
    )  # fmt: skip


def _rests(halves: list[HalfCycle]) -> list[float]:
    """s before each; none before the first."""
    between = [max(b.start - a.end, 0.0) for a, b in zip(halves[:-1], halves[1:], strict=True)]
    return [0.0, *between]
