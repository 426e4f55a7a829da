r"""The potential between lithium and a counter electrode, with charge transfer at every surface.

$$ \nabla\cdot(\psi\sigma\nabla\phi) = \delta\,i_n(\eta) $$

in the electrolyte; lithium is an equipotential. The current rises with the overpotential, so what
is solved is the minimum of a convex function: Newton's method with a search along each step always
arrives. The potential of a counter electrode that carries a given current is one more unknown; it
is eliminated, which leaves a product of rank one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from anolyte.core.errors import DataError, NotConverged
from anolyte.models.field.charge_transfer import ButlerVolmer
from anolyte.models.field.conduction import Conductor
from anolyte.numerics.grid import Field
from anolyte.numerics.multigrid import Hierarchy, Network, Stop, solve

MOST_NEWTON = 60
MOST_HALVINGS = 60


@dataclass(frozen=True, eq=False)
class Surface:
    """Where lithium meets the electrolyte.

    Args:
        area: m2 (m in two dimensions) of lithium surface in every cell, its volume times delta.
        exchange: A/m2, a i_0, in every cell or everywhere.
        shift: V, (Om p_n + Om gam K)/F + phi_m, what the potential must exceed for plating.
        film: ohm m2, of a layer on the lithium.
    """

    area: Field
    exchange: Field | float
    shift: Field | float = 0.0
    film: Field | float = 0.0


class Counter(Protocol):
    """The side z = H."""

    @property
    def equipotential(self) -> bool:
        """Whether it is one."""
        ...

    def load(self, conductance: Field) -> Load:
        """What it does to the cells that it touches through these conductances."""
        ...


@dataclass(frozen=True, eq=False)
class Load:
    """What a counter electrode does to the last layer of cells.

    Args:
        current: A into each cell of the layer.
        floating: Whether its potential is an unknown.
        total: A, through it, if so.
        potential: V, where it is held or where the search begins.
    """

    current: Field | float = 0.0
    floating: bool = False
    total: float = 0.0
    potential: float = 0.0


@dataclass(frozen=True)
class Held:
    """A counter electrode at a potential.

    Args:
        potential: V against lithium.
    """

    potential: float
    equipotential: bool = field(default=True, init=False)

    def load(self, conductance: Field) -> Load:
        """The potential through the conductances."""
        return Load(current=conductance * self.potential, potential=self.potential)


@dataclass(frozen=True)
class Driven:
    """An equipotential that carries a current.

    Args:
        current: A (A/m in two dimensions), positive where lithium is plated at the anode.
    """

    current: float
    equipotential: bool = field(default=True, init=False)

    def load(self, conductance: Field) -> Load:
        """Its potential is found."""
        return Load(floating=True, total=self.current)


@dataclass(frozen=True)
class Uniform:
    """A side through which the same current density comes everywhere.

    Args:
        current: A (A/m in two dimensions), positive where lithium is plated at the anode.
    """

    current: float
    equipotential: bool = field(default=False, init=False)

    def load(self, conductance: Field) -> Load:
        """An equal share for each cell."""
        return Load(current=np.full(conductance.shape, self.current / conductance.size))


@dataclass(frozen=True)
class Accuracy:
    """When the field is good enough.

    Args:
        power: Newton's decrement relative to the power, both as energies.
        linear: Energy norm to which each linear system is solved.
    """

    power: float = 1e-16
    linear: float = 1e-4


@dataclass(frozen=True, eq=False)
class PotentialField:
    """The solution.

    Args:
        potential: V against lithium, in every cell.
        counter: V, of the counter electrode; none where the current there is uniform.
        current_density: A/m2 at lithium surfaces, positive where plated; zero elsewhere.
        total: A (A/m in two dimensions), the sum over all lithium surfaces.
        steps: Of Newton's method.
        iterations: Of conjugate gradients, in all.
    """

    potential: Field
    counter: float | None
    current_density: Field
    total: float
    steps: int
    iterations: int


@dataclass(frozen=True, eq=False)
class Problem:
    """A conductor, its lithium surface and its counter electrode.

    Args:
        conductor: What conducts.
        surface: Where charge is transferred.
        law: How.
        counter: The side z = H.
    """

    conductor: Conductor
    surface: Surface
    law: ButlerVolmer
    counter: Counter

    def __call__(
        self, start: PotentialField | None = None, accuracy: Accuracy | None = None
    ) -> PotentialField:
        """The potential.

        Args:
            start: A solution nearby.
            accuracy: When to end.

        Raises:
            DataError: No lithium surface is there to take the current.
            NotConverged: Newton's method did not arrive.
        """
        if not np.any(self.surface.area > 0.0):
            raise DataError("there is no lithium surface in the field: nothing can be plated")
        return _Newton(self, start).run(accuracy or Accuracy())


class _Newton:
    """The state of one search."""

    def __init__(self, problem: Problem, start: PotentialField | None) -> None:
        self.problem = problem
        grid = problem.conductor.grid
        self.faces = problem.conductor.faces(anode=False, counter=problem.counter.equipotential)
        self.reach = self.faces[0][-1]
        self.load = problem.counter.load(self.reach)
        self.joined = self.load.floating
        self.at = np.flatnonzero(problem.surface.area)
        self.area = problem.surface.area.ravel()[self.at]
        self.exchange, self.shift, self.film = (
            np.broadcast_to(values, grid.shape).ravel()[self.at]
            for values in (problem.surface.exchange, problem.surface.shift, problem.surface.film)
        )
        self.network = Network(grid, self.faces, np.zeros(grid.shape))
        if start is None:
            self.phi = np.full(grid.shape, float(self.shift.mean()))
            self.counter = self.load.potential
        else:
            self.phi = start.potential.copy()
            self.counter = self.load.potential if start.counter is None else start.counter
        self.steps = self.iterations = 0

    def surface(self, phi: Field) -> tuple[Field, Field]:
        """A/m2 and S/m2 at the surface cells."""
        return self.problem.law(phi.ravel()[self.at] - self.shift, self.exchange, self.film)

    def residual(self, current: Field) -> tuple[Field, float]:
        """A into every cell, and into the counter electrode, that is too much."""
        left = self.network(self.phi)
        left[-1] -= self.load.current
        node = 0.0
        if self.joined:
            left[-1] -= self.reach * self.counter
            node = float((self.reach * (self.counter - self.phi[-1])).sum()) - self.load.total
        left.ravel()[self.at] += self.area * current
        return left, node

    def run(self, accuracy: Accuracy) -> PotentialField:
        """Steps until the next one would change nothing."""
        while self.steps < MOST_NEWTON:
            self.steps += 1
            self._settle()
            current, slope = self.surface(self.phi)
            left, node = self.residual(current)
            change, decrement = self._step(left, node, slope, accuracy)
            power = float(np.abs(self.area * current * self.phi.ravel()[self.at]).sum())
            power += abs(self._ohmic(current))
            self._go(change, node, current, slope, decrement)
            if decrement <= accuracy.power * power or decrement == 0.0:
                self._settle()
                return self._answer()
        raise NotConverged(
            f"the potential was not found in {MOST_NEWTON} steps of Newton's method; is the "
            "current density far beyond what the exchange current can carry?"
        )

    def _ohmic(self, current: Field) -> float:
        """W, what the current brings, to compare decrements with."""
        thermal = self.problem.law.thermal
        return float((self.area * np.abs(current)).sum()) * thermal

    def _step(
        self, left: Field, node: float, slope: Field, accuracy: Accuracy
    ) -> tuple[Field, float]:
        """The Newton step, and twice the energy that it expects to gain."""
        sink = np.zeros(self.phi.shape)
        sink.ravel()[self.at] = self.area * slope
        operator = Hierarchy(Network(self.network.grid, self.faces, sink))
        right = -left
        stop = Stop(residual=1e-13, energy=accuracy.linear)
        if not self.joined:
            found = solve(operator, right, stop=stop)
        else:
            right[-1] -= self.reach * (node / self.reach.sum())
            found = solve(operator, right, stop=stop, operator=_Joined(operator, self.reach))
        self.iterations += found.iterations
        return found.values, float((right * found.values).sum())

    def _go(
        self, change: Field, node: float, current: Field, slope: Field, decrement: float
    ) -> None:
        """Go along a step as far as the energy falls."""
        shift = 0.0
        if self.joined:
            shift = float((self.reach * change[-1]).sum() - node) / float(self.reach.sum())
        here = change.ravel()[self.at]
        straight = decrement - float((self.area * slope * here * here).sum())
        start = -decrement - float((self.area * current * here).sum())
        drive = self.phi.ravel()[self.at] - self.shift

        def climb(share: float) -> float:
            with np.errstate(over="ignore", invalid="ignore"):
                there, _ = self.problem.law(drive + share * here, self.exchange, self.film)
                return start + straight * share + float((self.area * there * here).sum())

        share = _furthest(climb, decrement)
        self.phi += share * change
        self.counter += share * shift

    def _settle(self) -> None:
        """Move all potentials alike until the surface takes what the counter electrode brings.

        That is the one direction in which only charge transfer resists; and the charge then
        balances to rounding.
        """
        if self.problem.counter.equipotential and not self.joined:
            return
        wanted = self.load.total if self.joined else float(np.sum(self.load.current))
        drive = self.phi.ravel()[self.at] - self.shift
        moved = 0.0
        for _ in range(MOST_HALVINGS):
            current, slope = self.problem.law(drive + moved, self.exchange, self.film)
            excess = float((self.area * current).sum()) - wanted
            step = -excess / float((self.area * slope).sum())
            limit = self.problem.law.thermal
            moved += min(max(step, -limit), limit)
            if abs(step) <= 1e-15 * max(1.0, abs(moved)):
                break
        self.phi += moved
        self.counter += moved

    def _answer(self) -> PotentialField:
        current, _ = self.surface(self.phi)
        density = np.zeros(self.phi.shape)
        density.ravel()[self.at] = current
        total = float((self.area * current).sum())
        counter = self.counter if self.problem.counter.equipotential else None
        return PotentialField(self.phi, counter, density, total, self.steps, self.iterations)


def _furthest(climb: Callable[[float], float], decrement: float) -> float:
    """Share of a step up to which the energy falls: all of it, or where it is flat."""
    whole = climb(1.0)
    if whole <= 0.5 * decrement:
        return 1.0
    low, high = 0.0, 1.0
    for _ in range(MOST_HALVINGS):
        middle = 0.5 * (low + high)
        value = climb(middle)
        if not value <= 0.0:
            high = middle
        else:
            low = middle
            if value > -0.3 * decrement:
                break
    return low if low > 0.0 else high


class _Joined:
    """An operator whose last layer hangs on one potential that is itself unknown."""

    def __init__(self, operator: Hierarchy, reach: Field) -> None:
        self._operator, self._reach, self._sum = operator, reach, float(reach.sum())
        self._layer = (-2, *(slice(1, -1),) * reach.ndim)

    def apply(self, out: Field, values: Field) -> float:
        """The operator less its share through the unknown potential."""
        total = self._operator.apply(out, values)
        mean = float((self._reach * values[self._layer]).sum()) / self._sum
        out[self._layer] -= self._reach * mean
        return total - mean * mean * self._sum

    def wrap(self, values: Field) -> None:
        """Fill the rim along periodic axes."""
        self._operator.wrap(values)
