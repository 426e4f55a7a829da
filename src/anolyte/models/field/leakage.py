r"""Electrons that leak through an electrolyte, and lithium that they form inside it.

$$ \nabla\cdot(\sigma\nabla\phi) = s, \qquad \nabla\cdot(\sigma_e\nabla\phi_e) = -s, \qquad
   s = a\,i_n(\eta), \qquad \eta = \phi - \phi_e - \frac{\Omega P + 2\gamma\Omega/r}{F} $$

with s above zero only where the drive is: lithium forms at sites of radius r, of which there are a
number in each volume. phi - phi_e is the chemical potential of lithium over F. Between lithium
electrodes and with a uniform sigma_e it falls from the overpotential of the plating electrode
through zero to minus that of the other, so that nothing forms but in a thin skin; lithium at depth
needs a connected path of electrons.

The evidence is divided: neutron depth profiles were read as leakage being the root of filaments;
for a garnet another group found it negligible and fracture in control. So this is one of several
rival explanations: no other model switches it on.

Both potentials together minimise one convex function; Newton's method with a search along each
step finds it from any start. Each linear system is solved by conjugate gradients behind one
multigrid cycle for either potential.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from anolyte.core.errors import DataError, NotConverged
from anolyte.core.units import FARADAY
from anolyte.models.field.charge_transfer import ButlerVolmer
from anolyte.models.field.conduction import Conductor
from anolyte.numerics.grid import Field, Grid
from anolyte.numerics.multigrid import Hierarchy, Network, Stop, solve

MOST_STEPS = 80
MOST_ITERATIONS = 600
BALANCED = 1e-12
"""What is left over in the cells, relative to what enters them, when the search ends."""
ROUNDING = 2.0 * float(np.finfo(np.float64).eps)
"""Of a potential, below which no balance can be seen."""
LINEAR = 1e-3
"""The same for each linear system, relative to where it began."""


@dataclass(frozen=True, eq=False)
class Sites:
    """Where lithium may form inside the electrolyte.

    Args:
        density: 1/m3 (1/m2 in two dimensions), pores or nuclei in each volume.
        radius: m, of each; in two dimensions of a cylinder.
        exchange: A/m2, at their surface.
        pressure: Pa, on the lithium in them.
    """

    density: Field | float
    radius: float
    exchange: float
    pressure: Field | float = 0.0

    def __post_init__(self) -> None:
        """Refuse what is no site."""
        if not (self.radius > 0.0 and self.exchange > 0.0):
            raise DataError("sites need a radius and an exchange current density above zero")
        if not np.all(np.asarray(self.density) >= 0.0):
            raise DataError("a density of sites is not negative")

    def area(self, dimensions: int) -> Field:
        """1/m, surface in each volume."""
        one = 4.0 * math.pi * self.radius**2 if dimensions == 3 else 2.0 * math.pi * self.radius
        return np.asarray(self.density * one, np.float64)

    def threshold(self, lithium: Lithium, dimensions: int) -> Field:
        """V, that phi - phi_e must exceed."""
        bend = (dimensions - 1) / self.radius
        work = self.pressure + lithium.surface_energy * bend
        return np.asarray(lithium.molar_volume / FARADAY * work, np.float64)


@dataclass(frozen=True)
class Lithium:
    """The metal that forms.

    Args:
        molar_volume: m3/mol.
        surface_energy: J/m2, towards the electrolyte.
    """

    molar_volume: float
    surface_energy: float


@dataclass(frozen=True)
class Electrodes:
    """What holds the two sides.

    Args:
        voltage: V, electronic potential of the counter electrode, that of the anode being zero.
        equilibrium: V, of the counter electrode against lithium; zero for lithium.
        resistance: ohm m2, of charge transfer at either side.
    """

    voltage: float
    equilibrium: float = 0.0
    resistance: float = 0.0


@dataclass(frozen=True, eq=False)
class Leak:
    """The two potentials and what forms.

    Args:
        ionic: V, phi in every cell.
        electronic: V, phi_e in every cell.
        source: A/m3 (A/m2 in two dimensions), s, lithium ions that meet electrons.
        through: A (A/m), ionic current towards the anode through every plane across z.
        leaking: A (A/m), electronic current towards the anode through the same planes.
        steps: Of Newton's method.
    """

    ionic: Field
    electronic: Field
    source: Field
    through: Field
    leaking: Field
    steps: int

    @property
    def drive(self) -> Field:
        """V, phi - phi_e."""
        return self.ionic - self.electronic


@dataclass(frozen=True, eq=False)
class Leakage:
    """An electrolyte that lets electrons through.

    Args:
        ions: What conducts them.
        electrons: What conducts them, on the same grid.
        electrodes: The sides z = 0 and z = H.
        lithium: What forms.
        sites: Where; nowhere.
        law: How fast, at a site.

    Raises:
        DataError: The two conductors are not on one grid.
    """

    ions: Conductor
    electrons: Conductor
    electrodes: Electrodes
    lithium: Lithium
    sites: Sites | None = None
    law: ButlerVolmer = ButlerVolmer()

    def __post_init__(self) -> None:
        """Refuse conductors of two grids."""
        if self.ions.grid != self.electrons.grid:
            raise DataError("ions and electrons must be on the same grid")

    @property
    def grid(self) -> Grid:
        """The cells."""
        return self.ions.grid

    def __call__(self, start: Leak | None = None) -> Leak:
        """Both potentials at rest with what forms.

        Args:
            start: A solution nearby.

        Raises:
            NotConverged: The search did not arrive.
        """
        return _Search(self, start).run()

    def deposited(self, leak: Leak, duration: float) -> Field:
        """m3 of lithium in each m3 of electrolyte, formed in a time at this rate.

        The sites keep their surface: it holds while they are far from full.
        """
        return np.asarray(self.lithium.molar_volume / FARADAY * leak.source * duration)


class _Side:
    """One of the two potentials: its conductances and what its sides bring."""

    def __init__(self, conductor: Conductor, resistance: float, top: float) -> None:
        self.grid, self.top = conductor.grid, top
        self.faces = conductor.faces(anode=True, counter=True)
        area = self.grid.face_area(0)
        for side in (0, -1):
            behind = area + resistance * self.faces[0][side]
            self.faces[0][side] = area * self.faces[0][side] / behind
        self.network = Network(self.grid, self.faces, np.zeros(self.grid.shape))
        self.given = np.zeros(self.grid.shape)
        self.given[-1] = self.faces[0][-1] * top

    def alone(self) -> Field:
        """V, where nothing forms."""
        return solve(Hierarchy(self.network), self.given, stop=Stop(residual=1e-13)).values

    def rest(self, values: Field, source: Field) -> Field:
        """A that still come into every cell, with a sink in it."""
        return self.given - self.network(values) - source

    def flow(self, values: Field) -> Field:
        """A towards z = 0 through every plane; each row is summed, so the order is fixed."""
        ends = np.concatenate(
            [np.zeros_like(values[:1]), values, np.full_like(values[:1], self.top)]
        )
        current = self.faces[0] * np.diff(ends, axis=0)
        return np.asarray(current.reshape(len(current), -1).sum(axis=1))

    def hierarchy(self, sink: Field) -> Hierarchy:
        """The operator with a sink."""
        return Hierarchy(Network(self.grid, self.faces, sink))


class _Search:
    """The state of one search."""

    def __init__(self, problem: Leakage, start: Leak | None) -> None:
        self.problem, electrodes = problem, problem.electrodes
        top = electrodes.voltage - electrodes.equilibrium
        self.ions = _Side(problem.ions, electrodes.resistance, top)
        self.electrons = _Side(problem.electrons, 0.0, electrodes.voltage)
        if start is None:
            self.phi, self.phi_e = self.ions.alone(), self.electrons.alone()
        else:
            self.phi, self.phi_e = start.ionic.copy(), start.electronic.copy()
        sites, grid = problem.sites, problem.grid
        self.area = np.zeros(grid.shape)
        self.threshold = np.zeros(grid.shape)
        if sites is not None:
            self.area = self.area + sites.area(grid.dimensions) * grid.cell_volume
            self.threshold = self.threshold + sites.threshold(problem.lithium, grid.dimensions)
        self.scales = [float(np.abs(side.given).sum()) for side in (self.ions, self.electrons)]

    def source(self, drive: Field) -> tuple[Field, Field]:
        """A and S in every cell: nothing below the threshold."""
        if self.problem.sites is None:
            return np.zeros_like(drive), np.zeros_like(drive)
        above = np.maximum(drive - self.threshold, 0.0)
        with np.errstate(over="ignore", invalid="ignore"):
            current, slope = self.problem.law(above, self.problem.sites.exchange, 0.0)
            return self.area * current, np.where(above > 0.0, self.area * slope, 0.0)

    def run(self) -> Leak:
        """Newton's steps until both potentials are balanced in every cell."""
        for step in range(MOST_STEPS):
            source, slope = self.source(self.phi - self.phi_e)
            left = self.ions.rest(self.phi, source), self.electrons.rest(self.phi_e, -source)
            sizes = [float(np.abs(part).sum()) for part in left]
            passed = float(source.sum())
            if all(
                size <= BALANCED * (scale + passed) + rounding
                for size, scale, rounding in zip(
                    sizes, self.scales, self._rounding(slope), strict=True
                )
            ):
                return self._answer(source, step)
            change = _Coupled(self.ions, self.electrons, slope).solve(left)
            share = self._share(change, left)
            self.phi += share * change[0]
            self.phi_e += share * change[1]
        raise NotConverged(
            f"the two potentials were not found in {MOST_STEPS} steps: are the sites so many that "
            "every electron is caught at once?"
        )

    def _rounding(self, slope: Field) -> list[float]:
        """A, what the last digit of either potential is worth, over all cells."""
        digit = ROUNDING * np.maximum(np.abs(self.phi), np.abs(self.phi_e))
        return [
            float((digit * (side.network.diagonal() + slope)).sum())
            for side in (self.ions, self.electrons)
        ]

    def _share(self, change: tuple[Field, Field], left: tuple[Field, Field]) -> float:
        """How far along a step the function still falls: all the way, or to where it is flat."""
        along = change[0] - change[1]
        drive = self.phi - self.phi_e
        begin, _ = self.source(drive)
        bent = sum(
            float((part * side.network(part)).sum())
            for part, side in zip(change, (self.ions, self.electrons), strict=True)
        )
        fall = sum(float((a * b).sum()) for a, b in zip(change, left, strict=True))

        def climb(share: float) -> float:
            there, _ = self.source(drive + share * along)
            value = -fall + share * bent + float(((there - begin) * along).sum())
            return value if math.isfinite(value) else math.inf

        if climb(1.0) <= 0.5 * fall:
            return 1.0
        low, high = 0.0, 1.0
        while high - low > 1e-3 * high:
            middle = 0.5 * (low + high)
            low, high = (middle, high) if climb(middle) <= 0.0 else (low, middle)
        return 0.5 * (low + high)

    def _answer(self, source: Field, step: int) -> Leak:
        volume = self.problem.grid.cell_volume
        through, leaking = self.ions.flow(self.phi), self.electrons.flow(self.phi_e)
        return Leak(self.phi, self.phi_e, source / volume, through, leaking, step)


class _Coupled:
    """Newton's equations for both potentials, tied by what forms between them."""

    def __init__(self, ions: _Side, electrons: _Side, slope: Field) -> None:
        self.sides, self.slope = (ions, electrons), slope
        self.cycles = tuple(side.hierarchy(slope) for side in self.sides)

    def apply(self, pair: Field) -> Field:
        """The operator on a pair of fields."""
        tie = self.slope * (pair[0] - pair[1])
        return np.stack(
            [self.sides[0].network(pair[0]) + tie, self.sides[1].network(pair[1]) - tie]
        )

    def precondition(self, pair: Field) -> Field:
        """One cycle on either, each as if the other stood still."""
        found = []
        for cycle, part in zip(self.cycles, pair, strict=True):
            ringed = np.pad(part, 1)
            out = np.zeros_like(ringed)
            cycle.precondition(out, ringed)
            found.append(out[(slice(1, -1),) * part.ndim])
        return np.stack(found)

    def solve(self, left: tuple[Field, Field]) -> tuple[Field, Field]:
        """Conjugate gradients on the pair."""
        rest = np.stack(left)
        change = np.zeros_like(rest)
        guess = self.precondition(rest)
        direction, strength = guess.copy(), float((rest * guess).sum())
        wanted = strength * LINEAR**2
        for _ in range(MOST_ITERATIONS):
            image = self.apply(direction)
            length = strength / float((direction * image).sum())
            change += length * direction
            rest -= length * image
            guess = self.precondition(rest)
            before, strength = strength, float((rest * guess).sum())
            if strength <= wanted:
                break
            direction = guess + strength / before * direction
        return change[0], change[1]
