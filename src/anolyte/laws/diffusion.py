r"""Lithium in an alloy slab that is stripped or plated at one face.

An alloy (Li-Mg, Li-In) does not open voids where lithium is taken out: lithium must come from the
depth of the slab by diffusion, and what ends the strip is the lithium left at the face,

$$ \frac{\partial c}{\partial t} = \frac{\partial}{\partial y}\left(D\frac{\partial c}{\partial y}
   \right), \qquad D\,\frac{\partial c}{\partial y}\Big|_{y=0} = \frac{j}{F}, \qquad
   \frac{\partial c}{\partial y}\Big|_{y=L} = 0 $$

with y the depth below the electrolyte and j positive where it strips. The slab keeps its thickness
(the volume of the lithium taken out is neglected) and stays one phase. How the potential of an
alloy depends on its lithium content is not known in general, so no overpotential is given: the
event is `DEPLETED`, the face at its least concentration.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, ClassVar, Protocol, Self

import numpy as np
from scipy.special import erfc

from anolyte.core.errors import DataError, NotConverged
from anolyte.core.result import quantity
from anolyte.core.units import BOLTZMANN, FARADAY
from anolyte.laws.law import Ranges
from anolyte.materials.schema import Anode

DEPLETED = "depleted"
"""The event of an alloy whose face holds no more lithium than its phase can."""

EARLY = 0.3
"""Fourier number below which the image series is summed, above which the cosine series."""
TERMS = 6
"""Of either series: the first neglected one is below 1e-30 on its side of `EARLY`."""
HALVINGS = 100
GAMMA = 1.0 - math.sqrt(0.5)


def _shape(fourier: Any) -> Any:
    """Depletion of the face in units of j L / (F D) at a Fourier number D t / L2."""
    number = np.asarray(fourier, dtype=float)
    early = np.clip(number, 1e-300, EARLY)
    late = np.maximum(number, EARLY)
    root = np.sqrt(early)
    images = sum(_ierfc(m / root) for m in range(1, TERMS + 1))
    first = 2.0 * root * (1.0 / math.sqrt(math.pi) + 2.0 * images)
    waves = sum(np.exp(-((n * math.pi) ** 2) * late) / n**2 for n in range(1, TERMS + 1))
    second = late + 1.0 / 3.0 - (2.0 / math.pi**2) * waves
    return np.where(number <= 0.0, 0.0, np.where(number < EARLY, first, second))


def _ierfc(x: Any) -> Any:
    """First integral of the complementary error function."""
    return np.exp(-x * x) / math.sqrt(math.pi) - x * erfc(x)


def slab_depletion(time: Any, current_density: Any, diffusivity: Any, thickness: Any) -> Any:
    r"""How far the concentration at the face has fallen under a constant current.

    $$ c_0 - c(0, t) = \frac{jL}{FD}\left[\frac{Dt}{L^2} + \frac13 - \frac{2}{\pi^2}
       \sum_{n\ge1}\frac{e^{-n^2\pi^2Dt/L^2}}{n^2}\right]
       = \frac{2j}{F}\sqrt{\frac{t}{D}}\left[\frac{1}{\sqrt\pi} + 2\sum_{m\ge1}
       \mathrm{ierfc}\frac{mL}{\sqrt{Dt}}\right] $$

    Both series are exact; the second, of the slab's mirror images, is summed early and the first
    late, so that a few terms give full precision at any time.

    Args:
        time: t, s; zero or later.
        current_density: j, A/m2; positive strips.
        diffusivity: D, m2/s.
        thickness: L, m.

    Returns:
        mol/m3; arrays broadcast.

    Source: Carslaw and Jaeger, Conduction of Heat in Solids, 2nd ed., section 3.8; for Li-Mg:
    Krauskopf et al., Adv. Energy Mater. 2019, 9, 1902568.

    >>> early = slab_depletion(1.0, 1.0, 3e-15, 25e-6)  # a half space: 2 j/F sqrt(t / (pi D))
    >>> round(float(early / (2 / 96485.33212 * (1 / (3.141592653589793 * 3e-15)) ** 0.5)), 9)
    1.0
    """
    scale = np.asarray(current_density) * thickness / (FARADAY * np.asarray(diffusivity))
    return scale * _shape(np.asarray(diffusivity) * time / np.asarray(thickness) ** 2)


def slab_utilisation(
    current_density: Any, diffusivity: Any, thickness: Any, initial: Any, least: Any
) -> Any:
    r"""Share of the removable lithium that a constant current takes before the face is depleted.

    $$ u = \frac{j t^*}{F (c_0 - c_\mathrm{min}) L}, \qquad c(0, t^*) = c_\mathrm{min} $$

    With $\theta = jL/[FD(c_0 - c_\mathrm{min})]$ it is $1 - \theta/3$ for slow and
    $\pi/(4\theta)$ for fast stripping.

    Args:
        current_density: j, A/m2; positive.
        diffusivity: D, m2/s.
        thickness: L, m.
        initial: c0, mol/m3.
        least: c_min, mol/m3, the end of the phase.

    >>> round(float(slab_utilisation(1.0, 3.0e-15, 25e-6, 6.96e4, 2.40e4)), 3)  # 0.1 mA/cm2
    0.413
    """
    removable = np.asarray(initial) - least
    load = np.maximum(
        np.asarray(current_density) * thickness / (FARADAY * np.asarray(diffusivity) * removable),
        1e-12,
    )
    low = np.maximum(1.0 / load - 1.0 / 3.0, 0.0)
    high = np.minimum(1.0 / load, math.pi / (4.0 * load * load))
    for _ in range(HALVINGS):
        middle = 0.5 * (low + high)
        above = _shape(middle) > 1.0 / load
        low, high = np.where(above, low, middle), np.where(above, middle, high)
    return load * 0.5 * (low + high)


@dataclass(frozen=True)
class ArrheniusDiffusivity:
    r"""Thermally activated diffusion.

    $$ D(T) = D_0 \exp\left[-\frac{E_a}{k_B}\left(\frac1T - \frac1{T_0}\right)\right] $$

    Args:
        diffusivity: D0, m2/s at `reference`.
        activation_energy: J per particle.
        reference: K.

    >>> from anolyte.core.units import ELEMENTARY_CHARGE as e
    >>> float(ArrheniusDiffusivity(3.0e-15, 0.57 * e)(323.15)).__format__(".1e")
    '1.7e-14'
    """

    diffusivity: Any = quantity("diffusivity")
    activation_energy: Any = quantity("energy", default=0.0)
    reference: float = quantity("temperature", default=298.15)

    references: ClassVar[tuple[str, ...]] = ("krauskopf2019",)
    ranges: ClassVar[Ranges] = {"temperature": (273.15, 373.15, "temperature")}

    def __call__(self, temperature: Any) -> Any:
        """Diffusivity, m2/s, at a temperature in K."""
        change = 1.0 / np.asarray(temperature) - 1.0 / self.reference
        return self.diffusivity * np.exp(-self.activation_energy / BOLTZMANN * change)


class Slab(Protocol):
    """What rivals answer of a slab under a constant current."""

    def __call__(self, time: Any, current_density: Any, temperature: Any) -> Any:
        """Concentration at the face, mol/m3."""
        ...

    def utilisation(self, current_density: Any, temperature: Any) -> Any:
        """Share of the removable lithium stripped before `DEPLETED`."""
        ...


@dataclass(frozen=True)
class AlloySlab:
    r"""A slab fed by its own diffusion: `slab_depletion` with the numbers of an alloy.

    Args:
        diffusivity: Of lithium in the alloy, a function of temperature.
        thickness: L, m.
        initial: c0, mol/m3.
        least: c_min, mol/m3; below it the phase ends and the law with it.

    Source: Krauskopf et al., Adv. Energy Mater. 2019, 9, 1902568.

    >>> from anolyte.materials.library import default
    >>> slab = AlloySlab.of(default().anode("Li0.9Mg0.1"), 25e-6)
    >>> round(float(slab.utilisation(0.1, 298.15)), 3)  # 10 uA/cm2
    0.937
    """

    diffusivity: ArrheniusDiffusivity
    thickness: Any = quantity("length")
    initial: Any = quantity("concentration")
    least: Any = quantity("concentration")

    references: ClassVar[tuple[str, ...]] = ("krauskopf2019", "carslaw1959")

    @classmethod
    def of(cls, anode: Anode, thickness: float) -> Self:
        """A slab of a library anode.

        Raises:
            MissingProperty: Diffusivity or concentrations are not known; the message says where.
        """
        energy = "diffusion_activation_energy"
        diffusivity = anode.need("diffusivity")
        return cls(
            ArrheniusDiffusivity(
                diffusivity.si,
                anode.need(energy).si if anode.has(energy) else 0.0,
                diffusivity.temperature or 298.15,
            ),
            thickness,
            anode.need("lithium_concentration").si,
            anode.need("least_lithium_concentration").si,
        )

    @property
    def ranges(self) -> Ranges:
        """The temperatures of its diffusivity."""
        return self.diffusivity.ranges

    @property
    def removable(self) -> Any:
        """Charge per area between the initial and the least concentration, C/m2."""
        return FARADAY * (np.asarray(self.initial) - self.least) * self.thickness

    def __call__(self, time: Any, current_density: Any, temperature: Any) -> Any:
        """Concentration at the face, mol/m3, under a current that began at time zero."""
        return self.initial - slab_depletion(
            time, current_density, self.diffusivity(temperature), self.thickness
        )

    def utilisation(self, current_density: Any, temperature: Any) -> Any:
        """Share of the removable lithium that can be stripped at a current."""
        return slab_utilisation(
            current_density,
            self.diffusivity(temperature),
            self.thickness,
            self.initial,
            self.least,
        )

    def endurance(self, current_density: Any, temperature: Any) -> Any:
        """Time until `DEPLETED`, s."""
        use = self.utilisation(current_density, temperature)
        return use * self.removable / np.asarray(current_density)


@dataclass(frozen=True)
class WellMixedSlab:
    """The rival without a limit: lithium is everywhere alike, all of it can be stripped.

    Args:
        thickness: L, m.
        initial: c0, mol/m3.
        least: c_min, mol/m3.
    """

    thickness: Any = quantity("length")
    initial: Any = quantity("concentration")
    least: Any = quantity("concentration")

    references: ClassVar[tuple[str, ...]] = ()
    ranges: ClassVar[Ranges] = {}

    def __call__(self, time: Any, current_density: Any, temperature: Any) -> Any:
        """Concentration at the face, mol/m3."""
        taken = np.asarray(current_density) * time / (FARADAY * np.asarray(self.thickness))
        return self.initial - taken + 0.0 * np.asarray(temperature)

    def utilisation(self, current_density: Any, temperature: Any) -> Any:
        """One, whatever the current."""
        return np.ones(np.broadcast(current_density, temperature, self.thickness).shape)


RIVALS: tuple[type[Slab], ...] = (AlloySlab, WellMixedSlab)


# --- the field under any current ----------------------------------------------------------------


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


@lru_cache(maxsize=16)
def _spectrum(exact: int, lumped: int, resolution: float) -> tuple[Any, Any, float]:
    r"""Wave numbers, their weights at the face, and what lies beyond.

    The first modes are the cosines themselves. The tail, $\sum_{n>N} g(n)$ with g smooth, is the
    midpoint Euler-Maclaurin integral from N + 1/2, summed by Gauss's rule in log n; its first
    correction, g'/24, is the difference of the modes N and N + 1. The lumped modes decay exactly
    like cosines of their (not whole) wave number.
    """
    fastest = math.sqrt(40.0 / (math.pi**2 * resolution))
    start = exact + 0.5
    knots, rule = np.polynomial.legendre.leggauss(lumped)
    half = 0.5 * math.log(fastest / start)
    numbers = start * np.exp(half * (knots + 1.0))
    waves = np.concatenate([np.arange(1.0, exact + 2.0), numbers])
    weights = np.concatenate([np.ones(exact), [0.0], rule * half * numbers])
    weights[exact - 1] -= 1.0 / 24.0
    weights[exact] += 1.0 / 24.0
    return waves, weights, 1.0 / fastest


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
    def _modes(self) -> tuple[Any, Any, float]:
        return _spectrum(self.exact, self.lumped, self.resolution)

    def rest(self, concentration: Any) -> ModesState:
        """The uniform field of a concentration, mol/m3, shape (points...)."""
        mean = np.asarray(concentration, dtype=float)
        shape = np.broadcast(mean, self.thickness).shape
        modes = len(self._modes[0])
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
        waves, _, _ = self._modes
        length = np.asarray(self.thickness, dtype=float)
        flux = np.asarray(current_density) / FARADAY
        rate = (np.asarray(diffusivity) / length**2)[..., None] * (waves * math.pi) ** 2
        time = np.asarray(duration, dtype=float)[..., None]
        lost = -np.expm1(-rate * time)
        drive = (2.0 * flux / length)[..., None]
        return ModesState(
            mean=state.mean - flux * duration / length,
            amplitudes=state.amplitudes * (1.0 - lost) - drive * lost / rate,
            gradient=flux * length / np.asarray(diffusivity) + 0.0 * state.mean,
        )

    def surface(self, state: ModesState) -> Any:
        """Concentration at the face, mol/m3."""
        _, weights, rest = self._modes
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
        """When within a step the face falls to a limit (`DEPLETED`), s; infinite if it does not.

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

MOST_NEWTON = 40
NEWTON_TOLERANCE = 1e-11


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
