r"""What measurements say of a cell, and what the cell model says of the same, draw by draw.

Every observation is a row of positive numbers $y_i$ with a relative error, and predicts $\ln y_i$
for a whole batch of draws at once. Errors are of the logarithm, normal or with heavier tails
(Student's t), independent of each other.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, ClassVar, Protocol

import numpy as np

from anolyte.core.errors import DataError
from anolyte.core.provenance import Source, Value
from anolyte.core.result import quantity
from anolyte.materials.protocol import Protocol as Steps
from anolyte.materials.protocol import Step
from anolyte.models.cell import engine
from anolyte.models.cell.faces import (
    FaceLaws,
    Surroundings,
    advance,
    begin,
    columned,
    ready,
    trace,
)
from anolyte.numerics.tempering import Array
from anolyte.studies.learn.numbers import FIRST_AGE
from anolyte.studies.learn.rivals import FAILS, GROWS, same_laws

SMALL = 1e-3
"""A/m2; so small a current asks for the resistance at rest."""
NODES = 10
"""Times at which a step of a ramp is looked at."""
BEYOND, HIGHER = 1.25, 5
"""A predicted ramp goes on above the measured one by so much a level, so many levels."""
FREEDOM = 5.0
"""Degrees of freedom of Student's t: one spectrum in fifty may be far off."""


class Observation(Protocol):
    """Measured numbers with what predicts them."""

    about: ClassVar[str]

    @property
    def name(self) -> str:
        """In words."""
        ...

    @property
    def count(self) -> int:
        """How many numbers."""
        ...

    @property
    def precision(self) -> float:
        """Standard error of the logarithm, of all numbers together."""
        ...

    def predict(self, device: engine.Device, pick: Any, cells: int) -> Array:
        """Logarithms of the numbers without error, (cells, count)."""
        ...

    def log_likelihood(self, predicted: Array) -> Array:
        """Of what was measured, (cells,)."""
        ...

    def surprise(self, predicted: Array) -> Array:
        """How far each number lies from its prediction in standard errors, (cells, count)."""
        ...

    def repeated(self, predicted: Array, rng: np.random.Generator) -> Any:
        """Logarithms as each draw might have given them, with their errors."""
        ...

    def at(self, repeated: Array) -> Observation:
        """The same observation with another outcome, a row of logarithms."""
        ...


@dataclass(frozen=True)
class Resistances:
    """Area resistances of a cell at rest, over time, temperature and stack pressure.

    The cell is followed from its making: voids close and the interphase grows at the temperature
    and pressure of each spectrum since the one before.

    Args:
        name: In words.
        value: ohm m2: of both interfaces together, or of the electrolyte.
        error: Relative standard deviations.
        time: s since the first, rising.
        pressure: Pa; temperature: K.
        bulk: Of the electrolyte; else of both interfaces.
        age: Of the cell at the first, s; None: not known, between minutes and hours.
        freedom: Of Student's t; infinite: normal.
    """

    name: str
    value: tuple[float, ...] = quantity("area_resistance")
    error: tuple[float, ...] = quantity("fraction")
    time: tuple[float, ...] = quantity("time")
    pressure: tuple[float, ...] = quantity("pressure")
    temperature: tuple[float, ...] = quantity("temperature")
    bulk: bool = False
    age: float | None = quantity("time", default=None)
    freedom: float = FREEDOM

    about: ClassVar[str] = GROWS

    def __post_init__(self) -> None:
        rows = (self.value, self.error, self.time, self.pressure, self.temperature)
        if not self.value or len({len(r) for r in rows}) != 1:
            raise DataError(f"{self.name}: needs as many errors, times and conditions as values")
        good = all(v > 0.0 and e > 0.0 for v, e in zip(self.value, self.error, strict=True))
        if not (good and np.isfinite(np.array(rows)).all()):
            raise DataError(f"{self.name}: resistances and their errors must be positive numbers")
        if any(b < a for a, b in zip(self.time[:-1], self.time[1:], strict=True)):
            raise DataError(f"{self.name}: times must rise")

    @property
    def count(self) -> int:
        """How many resistances."""
        return len(self.value)

    @property
    def precision(self) -> float:
        """Standard error of the logarithm, of all resistances together."""
        return float(np.mean(self.error)) / math.sqrt(self.count)

    @cached_property
    def _noise(self) -> Noise:
        return Noise(np.log(self.value), np.asarray(self.error), self.freedom)

    @cached_property
    def _stretches(self) -> tuple[slice, ...]:
        """Neighbours at one temperature and pressure."""
        around = list(zip(self.pressure, self.temperature, strict=True))
        cuts = [k for k in range(1, self.count) if around[k] != around[k - 1]]
        return tuple(slice(a, b) for a, b in zip([0, *cuts], [*cuts, self.count], strict=True))

    def predict(self, device: engine.Device, pick: Any, cells: int) -> Array:
        """Logarithms of the resistances, (cells, count)."""
        if self.bulk:
            kappa = np.stack(
                [np.broadcast_to(device.bulk.conductivity(t), cells) for t in self.temperature], 1
            )
            return np.log(device.bulk.thickness / kappa)
        age = self.age if self.age is not None else pick(FIRST_AGE, UNTOLD)
        time = np.broadcast_to(age, cells)[:, None] + np.asarray(self.time)
        one, other = device.faces
        found = self._face(one, device, time)
        both = 2.0 * found if same_laws(one, other) else found + self._face(other, device, time)
        return np.log(both)

    def _face(self, laws: FaceLaws, device: engine.Device, time: Array) -> Array:
        """Area resistance of one face at rest, (cells, count)."""
        cells = len(time)
        state, columns, now = begin(laws, cells), columned(laws), np.zeros(cells)
        rest, found = np.zeros(cells), []
        for part in self._stretches:
            pressure = np.full(cells, self.pressure[part.start])
            kelvin = np.full(cells, self.temperature[part.start])
            kappa = np.broadcast_to(device.bulk.conductivity(kelvin), cells)
            around = Surroundings(pressure, kelvin, kappa)
            since = np.concatenate([np.zeros((cells, 1)), time[:, part] - now[:, None]], axis=1)
            state, void, thickness = advance(
                ready(laws, columns, around, cells), state, rest, np.maximum(since, 0.0)
            )
            now = time[:, part][:, -1]
            seen = trace(columns, void[:, 1:], thickness[:, 1:], np.full(cells, SMALL), around)
            found.append(seen.overpotential / SMALL)
        return np.concatenate(found, axis=1)

    def log_likelihood(self, predicted: Array) -> Array:
        """Of the measured resistances, (cells,)."""
        return self._noise.log_likelihood(predicted)

    def surprise(self, predicted: Array) -> Array:
        """Standard errors between measured and predicted."""
        return self._noise.surprise(predicted)

    def repeated(self, predicted: Array, rng: np.random.Generator) -> Array:
        """Logarithms as each draw might have given them."""
        return self._noise.repeated(predicted, rng)

    def at(self, repeated: Array) -> Resistances:
        """The same measurement with other outcomes, logarithms."""
        return replace(self, value=tuple(map(float, np.exp(repeated))))


UNTOLD = Value(3600.0, Source("", how="assumed"), 2.0 * 3600.0)
"""s; nobody told how old the cell was at its first spectrum: about an hour, within a factor of 4.
"""


@dataclass(frozen=True)
class Noise:
    """Independent errors of logarithms.

    Args:
        measured: Logarithms.
        error: Their standard errors (scale of Student's t).
        freedom: Infinite: normal.
    """

    measured: Array
    error: Array
    freedom: float = math.inf

    def surprise(self, predicted: Array) -> Array:
        """Standard errors between measured and predicted."""
        return (self.measured - predicted) / self.error

    def log_likelihood(self, predicted: Array) -> Array:
        """Sum over all, (cells,)."""
        z, nu = self.surprise(predicted), self.freedom
        scale = -np.log(self.error).sum()
        if math.isinf(nu):
            return scale - 0.5 * (z**2 + math.log(2.0 * math.pi)).sum(axis=1)
        head = math.lgamma(0.5 * (nu + 1.0)) - math.lgamma(0.5 * nu)
        head -= 0.5 * math.log(nu * math.pi)
        return scale + (head - 0.5 * (nu + 1.0) * np.log1p(z**2 / nu)).sum(axis=1)

    def repeated(self, predicted: Array, rng: np.random.Generator) -> Array:
        """Predictions with errors."""
        nu, shape = self.freedom, predicted.shape
        noise = rng.standard_normal(shape) if math.isinf(nu) else rng.standard_t(nu, shape)
        return predicted + self.error * noise


@dataclass(frozen=True)
class Ramp:
    """The critical current of a ramp: between the level that was survived and the one that was not.

    Args:
        name: In words.
        levels: A/m2, rising, as far as the ramp was meant to go.
        survived: How many of them were carried through.
        failed: Whether the next one ended the cell; else the ramp ended first.
        half_cycle: s.
        half_cycles: How many a level, forth and back in turn.
        pressure: Pa; temperature: K.
        age: Of the cell at its start, s.
        error: Of the logarithm: by how much cells that are meant to be alike differ.
    """

    name: str
    levels: tuple[float, ...] = quantity("current_density")
    survived: int = 0
    failed: bool = True
    half_cycle: float = quantity("time", default=3600.0)
    half_cycles: int = 2
    pressure: float = quantity("pressure", default=1e5)
    temperature: float = quantity("temperature", default=298.15)
    age: float = quantity("time", default=0.0)
    error: float = quantity("fraction", default=0.3)

    about: ClassVar[str] = FAILS

    def __post_init__(self) -> None:
        rising = all(a < b for a, b in zip(self.levels[:-1], self.levels[1:], strict=True))
        if len(self.levels) < 2 or not rising or self.levels[0] <= 0.0:
            raise DataError(f"{self.name}: a ramp has two levels or more that rise")
        if not 0 <= self.survived <= len(self.levels) or not self.error > 0.0:
            raise DataError(f"{self.name}: survived levels and a positive error are needed")
        if self.failed and self.survived == len(self.levels):
            raise DataError(f"{self.name}: all levels were survived, so none failed")

    @property
    def count(self) -> int:
        """One number."""
        return 1

    @property
    def precision(self) -> float:
        """Standard error of the logarithm."""
        return self.error

    @cached_property
    def _all(self) -> Array:
        """Measured levels and those above them."""
        top = self.levels[self.survived] if self.failed else self.levels[-1]
        measured = [j for j in self.levels if j <= top]
        return np.array([*measured, *(top * BEYOND**k for k in range(1, HIGHER + 1))])

    @cached_property
    def bounds(self) -> tuple[float, float]:
        """The critical current lies between, A/m2; zero and infinity where it is open."""
        low = self.levels[self.survived - 1] if self.survived else 0.0
        return low, self.levels[self.survived] if self.failed else math.inf

    def protocol(self) -> Steps:
        """The ramp and what would come above it."""
        signs = [1.0 if k % 2 == 0 else -1.0 for k in range(self.half_cycles)]
        head = [Step(0.0, duration=self.age, cycle=-1)] if self.age > 0.0 else []
        return Steps((*head, *self._steps(signs)), "current ramp")

    def _steps(self, signs: Sequence[float]) -> Iterator[Step]:
        for k, j in enumerate(self._all):
            for sign in signs:
                yield Step(sign * float(j), duration=self.half_cycle, cycle=k)

    def predict(self, device: engine.Device, pick: Any, cells: int) -> Array:
        """Logarithm of the critical current, (cells, 1): between two levels, their mean."""
        state = engine.start(device, self.pressure, self.temperature, 1.0, cells)
        engine.simulate(device, self.protocol(), state, keep=False, nodes=NODES)
        levels = self._all
        edges = np.log(np.concatenate([[levels[0] / BEYOND], levels, [levels[-1] * BEYOND]]))
        middle = 0.5 * (edges[:-1] + edges[1:])  # by how many levels were survived
        reached = np.where(state.end_cycle < 0, len(levels), state.end_cycle)
        return middle[np.where(state.ended < 0, len(levels), reached)][:, None]

    def log_likelihood(self, predicted: Array) -> Array:
        """Of failing where it did, (cells,)."""
        low, high = self.bounds
        return _log_between(predicted[:, 0], low, high, self.error)

    def surprise(self, predicted: Array) -> Array:
        """Standard errors by which the prediction misses the interval; zero within it."""
        low, high = (math.log(b) if 0.0 < b < math.inf else b for b in self.bounds)
        low = low if self.bounds[0] > 0.0 else -math.inf
        return (np.maximum(low - predicted, 0.0) - np.maximum(predicted - high, 0.0)) / self.error

    def repeated(self, predicted: Array, rng: np.random.Generator) -> Any:
        """The logarithm of the critical current as each draw might have given it."""
        return predicted + self.error * rng.standard_normal(predicted.shape)

    def at(self, repeated: Array) -> Ramp:
        """The same ramp with another outcome, the logarithm of its critical current."""
        reached = int(np.searchsorted(self.levels, math.exp(float(repeated[0]))))
        return replace(self, survived=reached, failed=reached < len(self.levels))


def _log_between(middle: Array, low: float, high: float, error: float) -> Array:
    """Logarithm of the probability that a noisy logarithm lies between two bounds."""
    from scipy.special import log_ndtr

    top = np.full(middle.shape, math.inf) if math.isinf(high) else (math.log(high) - middle) / error
    bottom = np.full(middle.shape, -math.inf) if low <= 0.0 else (math.log(low) - middle) / error
    flip = bottom > 0.0  # far in the upper tail: by symmetry take the lower one
    a = np.where(flip, -top, bottom)
    b = np.where(flip, -bottom, top)
    upper, lower = log_ndtr(b), log_ndtr(a)
    with np.errstate(divide="ignore"):
        return upper + np.log1p(-np.exp(np.minimum(lower - upper, 0.0)))


@dataclass(frozen=True)
class Data:
    """All that was measured of a cell.

    Args:
        observations: What is learnt from.
        told: What was odd, left out or assumed, a sentence each.
        files: How many were read.
    """

    observations: tuple[Observation, ...]
    told: tuple[str, ...] = ()
    files: int = 0
    origin: str = field(default="", compare=False)

    def __post_init__(self) -> None:
        if not self.observations:
            raise DataError(f"{self.origin or 'the data'}: nothing to learn from; " + NEEDS)


NEEDS = "give spectra (interface resistances) or a ramp of the current"
