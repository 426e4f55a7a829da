r"""The field of lithium in an alloy slab under any current: cosine modes, or finite volumes.

$$ \frac{\partial c}{\partial t} = \frac{\partial}{\partial y}\left(D\frac{\partial c}{\partial y}
   \right), \qquad D\,\frac{\partial c}{\partial y}\Big|_{y=0} = \frac{j}{F}, \qquad
   \frac{\partial c}{\partial y}\Big|_{y=L} = 0 $$

with y the depth below the electrolyte and j positive where it strips, as in `laws.diffusion`.
`SlabModes` is exact in time for one diffusivity; `SlabGrid` takes one that depends on the lithium.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, ClassVar

import numpy as np

from anolyte.core.errors import DataError, NotConverged
from anolyte.core.result import quantity
from anolyte.core.units import FARADAY
from anolyte.laws.law import Ranges

HALVINGS = 100
TURNS = 60
"""Of the fixed point of a sphere's wave numbers, which contracts by 1 / (1 + wave^2)."""
GAMMA = 1.0 - math.sqrt(0.5)
"""Of the two-stage method: L-stable and of second order."""
MOST_NEWTON = 40
NEWTON_TOLERANCE = 1e-11

# --- modes --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ModesState:
    """A concentration field as cosine modes.

    Args:
        mean: Mean concentration, mol/m3, shape (points...).
        amplitudes: Of the modes, mol/m3, shape (points..., modes).
        gradient: j L / (F D) of the moment, mol/m3: the modes beyond the last follow it at once.
    """

    mean: Any
    amplitudes: Any
    gradient: Any


def _whole(number: Any) -> Any:
    """Wave numbers of a slab, over pi: the cosines that end without slope."""
    return number


def _tangent(number: Any) -> Any:
    r"""Wave numbers of a sphere, over pi: the roots of $\tan\lambda = \lambda$, one a number."""
    wave = math.pi * (np.asarray(number, dtype=float) + 0.5)
    for _ in range(TURNS):
        wave = math.pi * number + np.arctan(wave)
    return wave / math.pi


@lru_cache(maxsize=16)
def _spectrum(
    exact: int, lumped: int, resolution: float, wave: Callable[[Any], Any]
) -> tuple[Any, Any, float]:
    r"""Wave numbers, their weights at the face, and what lies beyond.

    The first modes are the shapes themselves. The tail, $\sum_{n>N} g(n)$ with g smooth, is the
    midpoint Euler-Maclaurin integral from N + 1/2, summed by Gauss's rule in log n; its first
    correction, g'/24, is the difference of the modes N and N + 1. The lumped modes decay exactly
    like cosines of their (not whole) wave number.
    """
    fastest = math.sqrt(40.0 / (math.pi**2 * resolution))
    start = exact + 0.5
    knots, rule = np.polynomial.legendre.leggauss(lumped)
    half = 0.5 * math.log(fastest / start)
    numbers = start * np.exp(half * (knots + 1.0))
    waves = wave(np.concatenate([np.arange(1.0, exact + 2.0), numbers]))
    weights = np.concatenate([np.ones(exact), [0.0], rule * half * numbers])
    weights[exact - 1] -= 1.0 / 24.0
    weights[exact] += 1.0 / 24.0
    return waves, weights, 1.0 / float(wave(fastest))


@dataclass(frozen=True)
class SlabModes:
    r"""The field of a slab with one diffusivity, propagated exactly over steps of constant current.

    $$ \frac{d\bar c}{dt} = -\frac{j}{FL}, \qquad
       \frac{da_n}{dt} = -\frac{n^2\pi^2D}{L^2}a_n - \frac{2j}{FL}, \qquad
       c(0) = \bar c + \sum_n a_n $$

    There is no time step: a step of any length is one evaluation, and the mean changes by the
    charge passed to rounding. The infinite tail of fast modes is kept as a few lumped ones
    (a quadrature of the sum), so that the depletion of the face is right to 1e-6 of itself from
    D t / L2 = `resolution` after a change of current on, and to 3e-5 of j L / (F D) before.

    Args:
        thickness: L, m; a number or one a point.
        exact: Modes that are kept as they are.
        lumped: Modes that stand for all others.
        resolution: D t / L2 after which the face is sharp.

    >>> from anolyte.laws.diffusion import slab_depletion
    >>> slab = SlabModes(25e-6)
    >>> state = slab.advance(slab.rest(6.96e4), 1.0, 3600.0, 3.0e-15)  # 0.1 mA/cm2 for an hour
    >>> round(float(slab_depletion(3600.0, 1.0, 3.0e-15, 25e-6) + slab.surface(state)), 1)
    69600.0
    """

    thickness: Any = quantity("length")
    exact: int = 12
    lumped: int = 24
    resolution: float = 1e-7

    references: ClassVar[tuple[str, ...]] = ("carslaw1959",)
    ranges: ClassVar[Ranges] = {}

    @property
    def spectrum(self) -> tuple[Any, Any, float]:
        """Wave numbers over pi of its modes, their weights at the face, and the settled rest."""
        return _spectrum(self.exact, self.lumped, self.resolution, self.wave)

    dimensions: ClassVar[float] = 1.0
    """Surface over volume, times the depth."""
    wave: ClassVar[Callable[[Any], Any]] = staticmethod(_whole)
    """Wave numbers over pi against the number of the mode, which need not be whole."""

    def rest(self, concentration: Any) -> ModesState:
        """The uniform field of a concentration, mol/m3, shape (points...)."""
        mean = np.asarray(concentration, dtype=float)
        shape = np.broadcast(mean, self.thickness).shape
        modes = len(self.spectrum[0])
        return ModesState(np.broadcast_to(mean, shape), np.zeros((*shape, modes)), np.zeros(shape))

    def advance(
        self, state: ModesState, current_density: Any, duration: Any, diffusivity: Any
    ) -> ModesState:
        """The field after a time under a constant current.

        Args:
            state: Of `rest` or an earlier step.
            current_density: A/m2; positive strips; shape (points...).
            duration: s.
            diffusivity: m2/s, of the step (its temperature may differ from the last one's).
        """
        waves, _, _ = self.spectrum
        length = np.asarray(self.thickness, dtype=float)
        flux = np.asarray(current_density) / FARADAY
        rate = (np.asarray(diffusivity) / length**2)[..., None] * (waves * math.pi) ** 2
        time = np.asarray(duration, dtype=float)[..., None]
        lost = -np.expm1(-rate * time)
        drive = (2.0 * flux / length)[..., None]
        return ModesState(
            mean=state.mean - self.dimensions * flux * duration / length,
            amplitudes=state.amplitudes * (1.0 - lost) - drive * lost / rate,
            gradient=flux * length / np.asarray(diffusivity) + 0.0 * state.mean,
        )

    def surface(self, state: ModesState) -> Any:
        """Concentration at the face, mol/m3."""
        _, weights, rest = self.spectrum
        return state.mean + state.amplitudes @ weights - (2.0 / math.pi**2) * rest * state.gradient

    def mean(self, state: ModesState) -> Any:
        """Mean concentration, mol/m3."""
        return state.mean

    def profile(self, state: ModesState, depth: Any) -> Any:
        """Concentration at depths y / L from 0 to 1, shape (points..., depths).

        Modes above `exact` are taken as settled: right once D t / L2 exceeds 1e-2 after a change.
        """
        y = np.asarray(depth, dtype=float)
        numbers = np.arange(1, self.exact + 1)
        cosines = np.cos(math.pi * numbers[:, None] * y)
        whole = math.pi**2 * (1.0 / 6.0 - y / 2.0 + y * y / 4.0)
        tail = whole - (1.0 / numbers**2) @ cosines
        field = state.amplitudes[..., : self.exact] @ cosines
        settled = (2.0 / math.pi**2) * np.asarray(state.gradient)[..., None] * tail
        return np.asarray(state.mean)[..., None] + field - settled

    def time_to(
        self, state: ModesState, limit: Any, current_density: Any, duration: Any, diffusivity: Any
    ) -> Any:
        """When within a step the face falls to a limit, s; infinite if it does not.

        A face that dips below the limit and recovers inside the step is not noticed.
        """
        high = np.zeros_like(state.mean) + duration
        low = np.zeros_like(high)
        end = self.surface(self.advance(state, current_density, high, diffusivity))
        for _ in range(HALVINGS):
            middle = 0.5 * (low + high)
            there = self.surface(self.advance(state, current_density, middle, diffusivity))
            low, high = np.where(there > limit, middle, low), np.where(there > limit, high, middle)
        return np.where(end > limit, np.inf, high)


@dataclass(frozen=True)
class SphereModes(SlabModes):
    r"""The same for a ball that lithium enters and leaves through all of its surface.

    $$ \frac{d\bar c}{dt} = -\frac{3j}{FR}, \qquad
       \frac{da_n}{dt} = -\frac{\lambda_n^2D}{R^2}a_n - \frac{2j}{FR}, \qquad
       \tan\lambda_n = \lambda_n $$

    Args:
        thickness: R, m.

    Source: Carslaw and Jaeger, Conduction of Heat in Solids, 2nd ed., section 9.8.

    >>> ball = SphereModes(5e-6)
    >>> state = ball.advance(ball.rest(2e4), 1.0, 1e6, 1e-15)  # long: c(R) = mean - j R / (5 F D)
    >>> round(float((state.mean - ball.surface(state)) * 5 * 96485.33212 * 1e-15 / 5e-6), 4)
    1.0
    """

    dimensions: ClassVar[float] = 3.0
    wave: ClassVar[Callable[[Any], Any]] = staticmethod(_tangent)

    def profile(self, state: ModesState, depth: Any) -> Any:
        """Concentration at depths below the surface, over the radius, from 0 to 1."""
        away = np.clip(1.0 - np.asarray(depth, dtype=float), 1e-9, 1.0)
        numbers = math.pi * self.wave(np.arange(1.0, self.exact + 1.0))[:, None]
        shapes = np.sin(numbers * away) / (away * np.sin(numbers))
        tail = (0.5 * away**2 - 0.3) - shapes.T @ (2.0 / numbers[:, 0] ** 2)
        field = state.amplitudes[..., : self.exact] @ shapes
        settled = np.asarray(state.gradient)[..., None] * tail
        return np.asarray(state.mean)[..., None] + field - settled


# --- finite volumes -----------------------------------------------------------------------------


@dataclass(frozen=True)
class GridState:
    """A concentration field in cells.

    Args:
        cells: Mean concentration of each cell, mol/m3, shape (points..., cells), face first.
        face: Concentration at the face, mol/m3.
    """

    cells: Any
    face: Any


class _Diffusivity:
    """A piecewise linear diffusivity of concentration, its integral, and the integral's inverse."""

    def __init__(self, concentrations: Any, factors: Any) -> None:
        self.at = np.asarray(concentrations, dtype=float)
        self.factor = np.asarray(factors, dtype=float)
        steps = 0.5 * (self.factor[1:] + self.factor[:-1]) * np.diff(self.at)
        self.integral = np.concatenate([[0.0], np.cumsum(steps)])

    def __call__(self, concentration: Any) -> Any:
        return np.interp(concentration, self.at, self.factor)

    def _segment(self, values: Any, knots: Any) -> tuple[Any, Any, Any]:
        """Knot below a value (the end ones outside), the factor there and its slope."""
        knot = np.clip(np.searchsorted(knots, values, side="right") - 1, 0, len(knots) - 1)
        inside = (values >= knots[0]) & (knot < len(knots) - 1)
        after = np.minimum(knot + 1, len(knots) - 1)
        width = np.where(inside, self.at[after] - self.at[knot], 1.0)
        slope = np.where(inside, (self.factor[after] - self.factor[knot]) / width, 0.0)
        return knot, self.factor[knot], slope

    def potential(self, concentration: Any) -> Any:
        """Integral of the factor from the first knot (Kirchhoff's transform)."""
        knot, factor, slope = self._segment(concentration, self.at)
        x = concentration - self.at[knot]
        return self.integral[knot] + (factor + 0.5 * slope * x) * x

    def inverse(self, potential: Any) -> Any:
        """The concentration of a potential."""
        knot, factor, slope = self._segment(potential, self.integral)
        rise = potential - self.integral[knot]
        root = np.sqrt(np.maximum(factor**2 + 2.0 * slope * rise, 0.0))
        return self.at[knot] + 2.0 * rise / (factor + root)


@dataclass(frozen=True)
class SlabGrid:
    r"""The field of a slab whose diffusivity depends on its lithium content: finite volumes.

    $$ h_i \frac{dc_i}{dt} = \frac{\Phi_{i+1} - \Phi_i}{d_{i+1/2}} - \frac{\Phi_i - \Phi_{i-1}}
       {d_{i-1/2}}, \qquad \Phi(c) = D(T)\int^c f(c')\,dc' $$

    Cells grow exponentially from the face; second order in space, and in time by the two-stage
    L-stable diagonally implicit Runge-Kutta method (Alexander 1977) with Newton's method. Each
    Newton step conserves lithium to rounding, converged or not.

    Args:
        thickness: L, m.
        concentrations: Knots of the table, mol/m3, rising; one knot means a constant diffusivity.
        factors: D at the knots over the diffusivity given to `advance`; linear between, constant
            outside.
        cells: Number of them.
        grading: Logarithm of the last cell's size over the first one's.
        steps: Time steps of each `advance`, short ones first.

    Source: Alexander, SIAM Journal on Numerical Analysis 1977, 14, 1006 (the time stepping).

    >>> from anolyte.laws.diffusion import slab_depletion
    >>> slab = SlabGrid(25e-6)
    >>> state = slab.advance(slab.rest(6.96e4), 1.0, 3600.0, 3.0e-15)
    >>> exact = 6.96e4 - slab_depletion(3600.0, 1.0, 3.0e-15, 25e-6)
    >>> bool(abs(slab.surface(state) - exact) < 1e-3 * abs(6.96e4 - exact))
    True
    """

    thickness: float = quantity("length")
    concentrations: tuple[float, ...] = quantity("concentration", default=(0.0,))
    factors: tuple[float, ...] = quantity("number", default=(1.0,))
    cells: int = 60
    grading: float = 5.0
    steps: int = 40

    references: ClassVar[tuple[str, ...]] = ("alexander1977",)
    ranges: ClassVar[Ranges] = {}

    def __post_init__(self) -> None:
        at, factors = np.asarray(self.concentrations), np.asarray(self.factors)
        if len(at) != len(factors) or not len(at) or (np.diff(at) <= 0.0).any():
            raise DataError("diffusivity table: one factor for each of the rising concentrations")
        if not np.isfinite(factors).all() or not (factors > 0.0).all():
            raise DataError("diffusivity table: factors must be positive")

    @property
    def faces(self) -> Any:
        """Depths of the cells' faces, m."""
        part = np.linspace(0.0, 1.0, self.cells + 1)
        grown = part if self.grading == 0.0 else np.expm1(self.grading * part)
        return self.thickness * grown / grown[-1]

    def rest(self, concentration: Any) -> GridState:
        """The uniform field of a concentration, mol/m3, shape (points...)."""
        face = np.asarray(concentration, dtype=float)
        return GridState(np.repeat(face[..., None], self.cells, axis=-1), face)

    def advance(
        self, state: GridState, current_density: Any, duration: Any, diffusivity: Any
    ) -> GridState:
        """The field after a time under a constant current; arguments as of `SlabModes`.

        Raises:
            NotConverged: Newton's method failed; more `steps` mend it.
        """
        law = _Diffusivity(self.concentrations, self.factors)
        size = np.diff(self.faces)
        shape = np.broadcast(state.face, current_density, duration, diffusivity).shape
        flux, time, constant = (
            np.broadcast_to(np.asarray(x, dtype=float), shape).reshape(-1, 1)
            for x in (np.asarray(current_density) / FARADAY, duration, diffusivity)
        )
        fields = np.broadcast_to(state.cells, (*shape, self.cells)).reshape(-1, self.cells)
        clock = np.linspace(0.0, 1.0, self.steps + 1) ** 2
        for part in np.diff(clock):
            fields = _implicit_step(fields, time * part, constant, flux, size, law)
        behind = law.potential(fields[:, :1]) - flux * 0.5 * size[0] / constant
        face = law.inverse(behind)[:, 0].reshape(shape)
        return GridState(fields.reshape(*shape, self.cells), face)

    def surface(self, state: GridState) -> Any:
        """Concentration at the face, mol/m3."""
        return state.face

    def mean(self, state: GridState) -> Any:
        """Mean concentration, mol/m3."""
        return state.cells @ (np.diff(self.faces) / self.thickness)


FIELDS = (SlabModes, SlabGrid)
"""Rival propagators of the field: `rest`, `advance`, `surface`, `mean`."""


def _implicit_step(
    fields: Any, time: Any, constant: Any, flux: Any, size: Any, law: _Diffusivity
) -> Any:
    """One step of the two-stage method; the second stage is the result."""
    stage = _solve_stage(fields, fields, GAMMA * time, constant, flux, size, law)
    base = fields + (1.0 - GAMMA) / GAMMA * (stage - fields)
    return _solve_stage(base, stage, GAMMA * time, constant, flux, size, law)


def _solve_stage(
    base: Any, guess: Any, time: Any, constant: Any, flux: Any, size: Any, law: _Diffusivity
) -> Any:
    """c with h (c - base) = time times the net inflow at c."""
    between = 0.5 * (size[1:] + size[:-1])
    link = constant * time / between
    fields = np.array(guess)
    scale = np.maximum(np.abs(base).max(), 1e-30)
    for _ in range(MOST_NEWTON):
        inflow = link * np.diff(law.potential(fields), axis=1)
        residual = size * (fields - base)
        residual[:, :-1] -= inflow
        residual[:, 1:] += inflow
        residual[:, :1] += flux * time
        factor = law(fields)
        upper, lower = -link * factor[:, 1:], -link * factor[:, :-1]
        diagonal = size + np.zeros_like(fields)
        diagonal[:, :-1] += link * factor[:, :-1]
        diagonal[:, 1:] += link * factor[:, 1:]
        change = _tridiagonal()(lower, diagonal, upper, residual)
        fields -= change
        if np.abs(change).max() <= NEWTON_TOLERANCE * scale:
            return fields
    raise NotConverged(
        "diffusion in the slab: the nonlinear step did not converge; more steps help"
    )


@lru_cache(maxsize=1)
def _tridiagonal() -> Any:
    """The compiled elimination; the compiler is loaded when it is first needed."""
    from numba import njit

    return njit(cache=True, nogil=True)(_eliminate)


def _eliminate(lower: Any, diagonal: Any, upper: Any, right: Any) -> Any:
    """Solutions of tridiagonal systems, one a row (dominant by columns: no pivots)."""
    points, cells = diagonal.shape
    found = right.copy()
    pivot = diagonal.copy()
    for p in range(points):
        for i in range(1, cells):
            ratio = lower[p, i - 1] / pivot[p, i - 1]
            pivot[p, i] -= ratio * upper[p, i - 1]
            found[p, i] -= ratio * found[p, i - 1]
        found[p, cells - 1] /= pivot[p, cells - 1]
        for i in range(cells - 2, -1, -1):
            found[p, i] = (found[p, i] - upper[p, i] * found[p, i + 1]) / pivot[p, i]
    return found
