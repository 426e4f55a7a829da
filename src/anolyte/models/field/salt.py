r"""Salt in a polymer between lithium electrodes: where current depletes it, and when.

$$ \partial_t c = \nabla\cdot\left(D\nabla c + \frac{(1-t_+)\,\mathbf i}{F}\right), \qquad
   \mathbf i = -\kappa\nabla\phi + \kappa\,\theta\,\nabla\ln c, \qquad
   \theta = \frac{2RT}{F}(1-t_+)\left(1+\frac{d\ln f}{d\ln c}\right) $$

with $\nabla\cdot\mathbf i = 0$ and $\phi$ against lithium. The bracket is the flux of anions, which
no surface passes, so that the amount of salt stays to rounding and the known condition at lithium,
$-D\,\partial_n c = (1-t_+)\,i_n/F$, is met by itself. What depends on c alone is taken into the
potential, $\psi = \phi - \Theta(c)$ with $\Theta' = \theta/c$: then $\mathbf i = -\kappa\nabla\psi$
and the surfaces see their potential shifted by $-\Theta$.

**For polymers only.** In a ceramic that conducts one ion the anions do not move and there is no
salt to deplete: Sand's time says nothing there.

Source: concentrated-solution theory (Newman), equations recalled; Sand's time and the limiting
current follow from them.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from anolyte.core.errors import DataError, NotConverged
from anolyte.core.units import FARADAY
from anolyte.models.field.charge_transfer import ButlerVolmer
from anolyte.models.field.conduction import Conductor
from anolyte.models.field.potential import PotentialField, Problem, Surface, Uniform
from anolyte.numerics.grid import Field, Grid
from anolyte.numerics.multigrid import Hierarchy, Network, Stop, solve
from anolyte.numerics.timestep import Controller, Step

Property = Callable[[Field], Field] | float
"""Of the concentration in mol/m3, or a number."""

NODES, WEIGHTS = np.polynomial.legendre.leggauss(8)
ALIKE = 1e-7
"""Change of salt and current in a turn, relative, at which they agree."""
MOST_TURNS = 60
SAFE = 1.5
"""Times the resistance by which salt answers to current: too much of it only slows turns."""
SMALLEST = 0.01
"""Of a turn, that is taken at least."""
THIN = 1e-3
"""Share of a cell below which salt in it does not count."""
CLOSED = 1e-14
"""Openness of a cell full of metal."""
LOCATED = 1e-4
"""Of the time at which salt runs out, how closely it is found."""


class Depleted(Exception):
    """Salt would fall below zero somewhere."""


def _at(quantity: Property, concentration: Field) -> Field:
    value = quantity(concentration) if callable(quantity) else quantity
    return np.broadcast_to(np.asarray(value, np.float64), concentration.shape)


@dataclass(frozen=True)
class Salt:
    """A binary lithium salt in a polymer.

    Args:
        concentration: mol/m3, c0, everywhere at the beginning.
        diffusivity: m2/s, of the salt.
        conductivity: S/m.
        transference: t_+, of lithium ions.
        thermodynamic_factor: 1 + dln f/dln c.
        order: Power of c/c0 that the exchange current follows.

    >>> salt = Salt(1000.0, 1e-11, 0.1, 0.2)
    >>> round(salt.sands_time(10.0)), round(salt.limiting_current(50e-6), 3)  # s, A/m2
    (1142, 48.243)
    """

    concentration: float
    diffusivity: Property
    conductivity: Property
    transference: Property
    thermodynamic_factor: Property = 1.0
    order: float = 0.5

    def __post_init__(self) -> None:
        """Refuse what is no salt."""
        if not self.concentration > 0.0:
            raise DataError(f"a salt has a concentration above zero, not {self.concentration:g}")
        here = np.array([self.concentration])
        for name in ("diffusivity", "conductivity"):
            if not (_at(getattr(self, name), here) > 0.0).all():
                raise DataError(f"the {name} of a salt must be above zero")
        if not (np.abs(_at(self.transference, here)) <= 1.0).all():
            raise DataError("a transference number lies between -1 and 1")

    def anions(self, concentration: Field) -> Field:
        """1 - t_+."""
        return 1.0 - _at(self.transference, concentration)

    def gathered(self, concentration: Field, temperature: float) -> Field:
        """V, Theta: the diffusion potential from c0 to a concentration."""
        low, high = math.log(self.concentration), np.log(concentration)
        half = 0.5 * (high - low)
        total = np.zeros_like(concentration)
        for node, weight in zip(NODES, WEIGHTS, strict=True):
            c = np.exp(low + half * (1.0 + node))
            total += weight * half * self.anions(c) * _at(self.thermodynamic_factor, c)
        return 2.0 * ButlerVolmer(temperature=temperature).thermal * total

    def sands_time(self, current_density: float) -> float:
        """s, until a thick polymer has no salt left at a flat electrode; properties as at c0."""
        c = np.array([self.concentration])
        reach = FARADAY * self.concentration / (2.0 * current_density * float(self.anions(c)[0]))
        return math.pi * float(_at(self.diffusivity, c)[0]) * reach**2

    def limiting_current(self, thickness: float) -> float:
        """A/m2, that a symmetric cell carries for ever; properties as at c0."""
        c = np.array([self.concentration])
        whole = 2.0 * FARADAY * float(_at(self.diffusivity, c)[0]) * self.concentration
        return whole / (float(self.anions(c)[0]) * thickness)


@dataclass(frozen=True, eq=False)
class SaltState:
    """Where it stands.

    Args:
        time: s.
        concentration: mol/m3 in the cells.
        field: The potential psi and the current at lithium.
        voltage: V, of the counter electrode against the anode.
    """

    time: float
    concentration: Field
    field: PotentialField
    voltage: float


@dataclass(frozen=True)
class SaltRun:
    """A run to its end.

    Args:
        ended: `depleted` or `time`.
        states: All that were kept.
        amount: Greatest change of the amount of salt, relative.
    """

    ended: str
    states: tuple[SaltState, ...]
    amount: float

    @property
    def last(self) -> SaltState:
        """Where it ended."""
        return self.states[-1]


@dataclass(frozen=True, eq=False)
class SaltCell:
    """A polymer with salt between lithium that is plated at z = 0 and stripped at z = H.

    Args:
        grid: The cells.
        salt: What conducts.
        current_density: A/m2, over the whole face; it comes evenly from the counter electrode.
        exchange: A/m2, of both electrodes at c0.
        metal: Share of lithium in every cell; none but the side z = 0.
        law: Of charge transfer.
    """

    grid: Grid
    salt: Salt
    current_density: float
    exchange: float
    metal: Field | None = None
    law: ButlerVolmer = ButlerVolmer()

    def __post_init__(self) -> None:
        """Refuse what takes no salt away."""
        if not self.current_density > 0.0:
            raise DataError("salt is depleted where lithium is plated: give a positive current")

    @cached_property
    def _open(self) -> Field:
        share = np.zeros(self.grid.shape) if self.metal is None else self.metal
        return np.where(1.0 - share > THIN, 1.0 - share, CLOSED)

    @cached_property
    def _holds(self) -> NDArray[np.bool_]:
        """Whether there is room for salt."""
        return self._open > CLOSED

    @cached_property
    def areas(self) -> tuple[Field, Field]:
        """m2 of flat anode and of shaped lithium in every cell.

        Of a diffuse surface the open side counts, 2 (1 - xi) |grad xi|, which sums to the same:
        cells that are nearly full of metal hold no salt to react.
        """
        from anolyte.models.field.front import gradient

        flat = np.zeros(self.grid.shape)
        flat[0] = self.grid.face_area(0)
        if self.metal is None:
            return flat, np.zeros_like(flat)
        flat[0] *= 1.0 - self.metal[0]
        slopes = gradient(self.metal, self.grid)
        steep = np.sqrt(sum(slope * slope for slope in slopes))
        return flat, 2.0 * np.where(self._holds, self._open, 0.0) * steep * self.grid.cell_volume

    @property
    def total(self) -> float:
        """A, through the cell."""
        return self.current_density * float(np.prod(self.grid.lengths[1:]))

    def amount(self, concentration: Field) -> float:
        """mol, of salt."""
        return float((self._open * concentration).sum()) * self.grid.cell_volume

    # Fields ---------------------------------------------------------------------------------------

    def _beside(self, concentration: Field, current: Field) -> Field:
        """mol/m3 at the lithium: half a cell nearer than the centre where the anode is flat."""
        flat, shaped = self.areas
        share = np.divide(flat, flat + shaped, out=np.zeros_like(flat), where=flat > 0.0)
        diffusivity = _at(self.salt.diffusivity, concentration)
        slope = self.salt.anions(concentration) * current / (FARADAY * diffusivity)
        found = concentration - 0.5 * self.grid.spacing[0] * share * slope
        if not (found > 0.0)[self._holds].all():
            raise Depleted
        return np.where(self._holds, found, self.salt.concentration)

    def potential(
        self,
        concentration: Field,
        current: Field,
        start: PotentialField | None = None,
        length: float = 0.0,
    ) -> PotentialField:
        """psi for a concentration and the current density at lithium that it comes with.

        More current at a spot leaves less salt there, within a step too, and so meets a resistance.
        Part of Newton's method here, it keeps turns from overshooting; at their end it is nothing.

        Args:
            concentration: mol/m3.
            current: A/m2, as known so far.
            start: A solution nearby.
            length: s, of the step in which salt answers.

        Raises:
            Depleted: No salt is left at the lithium.
        """
        beside, salt = self._beside(concentration, current), self.salt
        conductor = Conductor(self.grid, _at(salt.conductivity, concentration), self._open)
        diffusivity, anions = _at(salt.diffusivity, beside), salt.anions(beside)
        reach = 0.5 * self.grid.spacing[0] + np.sqrt(diffusivity * length)
        slope = 2.0 * self.law.thermal * anions * _at(salt.thermodynamic_factor, beside) / beside
        answer = SAFE * np.abs(slope * anions * reach) / (FARADAY * diffusivity)
        exchange = self.exchange * (beside / salt.concentration) ** salt.order
        shift = -salt.gathered(beside, self.law.temperature) - answer * current
        flat, shaped = self.areas
        surface = Surface(flat + shaped, exchange, shift, answer)
        return Problem(conductor, surface, self.law, Uniform(self.total))(start)

    def _migration(self, concentration: Field, found: PotentialField) -> Field:
        """mol/s of anions that the current carries out of every cell; no side passes any."""
        faces = Conductor(
            self.grid, _at(self.salt.conductivity, concentration), self._open
        ).faces(anode=False, counter=False)  # fmt: skip
        share, out = self.salt.anions(concentration), np.zeros(self.grid.shape)
        for axis, conductance in enumerate(faces):
            jump = _across(found.potential, axis, np.subtract)
            mean = 0.5 * _across(share, axis, np.add)
            out -= np.diff(mean * conductance * jump, axis=axis) / FARADAY
        return out

    def _implicit(
        self, before: Field, length: float, start: PotentialField
    ) -> tuple[Field, PotentialField]:
        """The end of a step by Euler's implicit scheme.

        Salt and the current at lithium are found in turns. Salt that lacks at a spot turns current
        away from it, so that whole turns overshoot: Aitken's share of them is taken.
        """
        units = np.array([self.salt.concentration, self.current_density])
        units = units.reshape(2, *(1,) * before.ndim)
        now, found, share = np.stack([before, start.current_density]) / units, start, 1.0
        storage, lack = self._open * self.grid.cell_volume / length, np.zeros(0)
        change = math.inf
        for _ in range(MOST_TURNS):
            salt, current = now * units
            found = self.potential(salt, current, found, length)
            after = np.stack([self._next(salt, before, storage, found), found.current_density])
            last, lack = lack, after / units - now
            change = float(np.abs(lack).max())
            if change < ALIKE:
                return after[0], found
            if last.size:
                apart = (lack - last).ravel()
                share *= -float(last.ravel() @ apart) / float(apart @ apart)
                share = min(max(share, SMALLEST), 1.0)
            while not (now[0] + share * lack[0] > 0.0).all():
                share *= 0.5
                if share < SMALLEST:
                    raise Depleted
            now = now + share * lack
        raise NotConverged(f"potential and salt still differ by {change:.1e} after {MOST_TURNS}")

    def _next(self, now: Field, before: Field, storage: Field, found: PotentialField) -> Field:
        """mol/m3 at the end of a step, by the properties and the potential as known so far."""
        carried = self._migration(now, found)
        diffusion = Conductor(self.grid, _at(self.salt.diffusivity, now), self._open)
        faces = diffusion.faces(anode=False, counter=False)
        network = Network(self.grid, faces, storage)
        right = storage * before - carried
        solved = solve(Hierarchy(network), right, start=now, stop=Stop(1e-12)).values
        # once more by what passes each face, so that none is lost
        spread = Network(self.grid, faces, np.zeros(self.grid.shape))(solved)
        return np.where(self._holds, before - (spread + carried) / storage, before)

    # Time -----------------------------------------------------------------------------------------

    def begin(self) -> SaltState:
        """Salt evenly spread."""
        c = np.full(self.grid.shape, self.salt.concentration)
        return self._state(0.0, c, self.potential(c, np.zeros(self.grid.shape)))

    def _state(self, time: float, concentration: Field, found: PotentialField) -> SaltState:
        """With the voltage, to the face of the counter electrode and through it."""
        salt, half = self.salt, 0.5 * self.grid.spacing[0]
        last, current = concentration[-1], self.current_density
        slope = salt.anions(last) * current / (FARADAY * _at(salt.diffusivity, last))
        beyond = last + half * slope
        psi = found.potential[-1] + half * current / _at(salt.conductivity, last)
        exchange = self.exchange * (beyond / salt.concentration) ** salt.order
        # stripping there is plating backwards: the law's other branch
        other = replace(self.law, symmetry=1.0 - self.law.symmetry)
        drop = _overpotential(other, current, exchange)
        volts = psi + salt.gathered(beyond, self.law.temperature) + drop
        return SaltState(time, concentration, found, float(volts.mean()))

    def after(self, state: SaltState, length: float) -> tuple[SaltState, float]:
        """One step and two of half its length, extrapolated: second order, and the error.

        Raises:
            Depleted: Salt runs out within the step.
        """
        whole, _ = self._implicit(state.concentration, length, state.field)
        middle, found = self._implicit(state.concentration, 0.5 * length, state.field)
        twice, found = self._implicit(middle, 0.5 * length, found)
        end = 2.0 * twice - whole
        if not (end > 0.0).all():
            raise Depleted
        error = float(np.abs(twice - whole).max()) / self.salt.concentration
        return self._state(state.time + length, end, found), error

    def run(self, until: float, *, tolerance: float = 1e-3) -> SaltRun:
        """To a time, or until salt runs out somewhere.

        Args:
            until: s.
            tolerance: Change of c/c0 that a step may be wrong by.
        """
        control, states = Controller(tolerance, longest=0.05 * until), [self.begin()]
        step = Step(0.0, 1e-4 * until)
        while states[-1].time < until * (1.0 - 1e-12):
            length = min(step.length, until - states[-1].time)
            try:
                after, error = self.after(states[-1], length)
            except Depleted:
                if length < LOCATED * max(states[-1].time, LOCATED * until):
                    return self._told("depleted", states)
                step = replace(step, length=0.5 * length)
                continue
            if control.accepts(error):
                states.append(after)
            step = control.after(step, error, used=length)
        return self._told("time", states)

    def _told(self, ended: str, states: list[SaltState]) -> SaltRun:
        amounts = np.array([self.amount(s.concentration) for s in states])
        return SaltRun(ended, tuple(states), float(np.abs(amounts / amounts[0] - 1.0).max()))


def _across(values: Field, axis: int, of: Callable[[Field, Field], Field]) -> Field:
    """Of the cells before and after every face; at the first and last those of the other end."""
    before = np.concatenate([np.take(values, [-1], axis), values], axis)
    after = np.concatenate([values, np.take(values, [0], axis)], axis)
    return of(before, after)


def _overpotential(law: ButlerVolmer, current: float, exchange: Field) -> Field:
    """V, at which a bare surface carries a current density."""
    found = 2.0 * law.thermal * np.arcsinh(0.5 * current / exchange)
    for _ in range(MOST_TURNS):
        there, slope = law.bare(found, exchange)
        change = (there - current) / slope
        found = found - change
        if np.abs(change).max() < 1e-13 * law.thermal:
            break
    return found
