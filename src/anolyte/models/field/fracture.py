r"""Cracks as a field: brittle fracture by least energy, driven by stress and by lithium within.

$$ E = \int g(d)\,\Psi^+ + \Psi^- + \frac{G_c}{c_w}\left(\frac{w(d)}{\ell} + \ell|\nabla d|^2\right)
   + p\,u\cdot\nabla d, \qquad g = (1-d)^2 $$

d is 0 in intact material and 1 where it is broken; it never heals. The last term is the work of a
pressure p on the faces of the crack. Displacement and crack are found in turns, each by least
energy, until neither moves. Crack lengths follow from G_c, elasticity and the flaws that are put
in; the width ell is numerical, at least four cells. **A crack does not start without a flaw**:
the strength that ell implies is not that of the material.

Source: Bourdin, Francfort and Marigo 2000 (AT2); Pham and others 2011 (AT1); Bourdin, Chukwudozie
and Yoshioka 2012 (pressure); Amor, Marigo and Maurini 2009 (split): the equations, recalled.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np

from anolyte.core.errors import DataError, NotConverged
from anolyte.models.field.crack_surface import Surface
from anolyte.models.field.crack_window import DIGITS, Feed, Fields, Panes, beyond, settled
from anolyte.models.field.drives import Drive
from anolyte.numerics.elasticity import Deformation, Solid
from anolyte.numerics.elasticity_multigrid import Cycle
from anolyte.numerics.elasticity_tensor import Tensor, pairs
from anolyte.numerics.grid import Field

LOOSE = 1e-3
"""Forces left over, relative to those of the loads, while a crack moves: the next turn has them."""
WORN = 12
"""Iterations at which a preconditioner of an earlier turn is given up."""


class Split(Protocol):
    """Which part of the elastic energy a crack releases."""

    def degraded_bulk(self, bulk: Field, share: Field, swelling: Field) -> Field:
        """Pa, bulk modulus where a share of the stiffness is left."""
        ...

    def released(self, bulk: Field, swelling: Field) -> Field:
        """J/m3, volumetric energy of intact material that a crack releases."""
        ...


@dataclass(frozen=True)
class Whole:
    """All of it: right where cracks stay open."""

    def degraded_bulk(self, bulk: Field, share: Field, swelling: Field) -> Field:
        """In tension and compression."""
        return bulk * share

    def released(self, bulk: Field, swelling: Field) -> Field:
        """In tension and compression."""
        return 0.5 * bulk * swelling**2


@dataclass(frozen=True, eq=False)
class VolumetricDeviatoric:
    """All but the energy of compression: closed cracks carry pressure, and slip.

    Args:
        filling: Pa, bulk modulus of what fills broken cells, over their whole width: right where
            a layer of soft metal is that wide. None: that of the solid, right for closed cracks
            and for lithium much thinner than a cell, which hardly gives.
    """

    filling: float | None = None

    def degraded_bulk(self, bulk: Field, share: Field, swelling: Field) -> Field:
        """In tension."""
        filling = bulk if self.filling is None else self.filling
        return np.where(swelling > 0.0, bulk * share, bulk * share + filling * (1.0 - share))

    def released(self, bulk: Field, swelling: Field) -> Field:
        """In tension; in compression what the filling does not hold."""
        filling = bulk if self.filling is None else self.filling
        return 0.5 * np.where(swelling > 0.0, bulk, bulk - filling) * swelling**2


class _Lent:
    """A preconditioner that serves for some turns, since a crack changes little in each."""

    def __init__(self) -> None:
        self.cycle: Cycle | None = None

    def to(self, solid: Solid) -> Cycle:
        """That of an earlier turn made to fit, or the solid's own."""
        if self.cycle is None:
            self.cycle = Cycle(solid.matrix, solid.steps, DIGITS)
        else:
            self.cycle = self.cycle.for_matrix(solid.matrix)
        return self.cycle

    def returned(self, iterations: int) -> None:
        """Give it up once it no longer fits."""
        if iterations > WORN:
            self.cycle = None


@dataclass(frozen=True, eq=False)
class Cracked:
    """A solid and its cracks at rest.

    Args:
        crack: d in the cells.
        deformation: Of the solid.
        pressure: Pa, of the lithium in the cracks.
        opened: m3 (m2 in the plane), volume between the faces of the cracks.
        surface: J, energy of the cracks; over G_c it is their length, tips included.
        turns: Of displacement and crack.
        descent: J, elastic and surface energy less the work of the pressure, of each turn: it never
            rises.
    """

    crack: Field
    deformation: Deformation
    pressure: float
    opened: float
    surface: float
    turns: int
    descent: tuple[float, ...]


@dataclass(frozen=True, eq=False)
class Fracture:
    """A solid that can crack.

    Args:
        solid: Intact, with its sides.
        surface: What cracks cost.
        split: What they release.
        remnant: Share of the stiffness that a broken cell keeps, so that it stays somewhere.
        rest: Change of d in a turn below which the crack is at rest.
        balanced: Forces left over then, relative to those of the loads.
        most_turns: Of displacement and crack.
        reached: Where lithium presses if there is a crack, 0 or 1 in every cell; everywhere. Where
            it does not nothing breaks: a load on broken cells would be one on nothing.
    """

    solid: Solid
    surface: Surface
    split: Split = Whole()
    remnant: float = 1e-6
    rest: float = 1e-3
    balanced: float = 1e-5
    most_turns: int = 1000
    reached: Field | None = None

    def __post_init__(self) -> None:
        """Refuse a width that the cells cannot resolve."""
        if self.surface.width < 2.0 * max(self.solid.grid.spacing):
            raise DataError(
                f"a crack of width {self.surface.width:.2e} m needs cells of at most half of it, "
                f"better a quarter; they are {max(self.solid.grid.spacing):.2e} m"
            )

    def stiffness_left(self, crack: Field) -> Field:
        """g(d), not below the remnant."""
        return (1.0 - self.remnant) * (1.0 - crack) ** 2 + self.remnant

    def softened(self, crack: Field, swelling: Field) -> Solid:
        """The solid with its cracks; where it is compressed they carry as the split says."""
        share, solid = self.stiffness_left(crack), self.solid
        shear = solid.shear_modulus * share
        bulk = self.split.degraded_bulk(self._bulk, share, swelling)
        return solid.with_moduli(bulk - 2.0 / 3.0 * shear, shear)

    @cached_property
    def _bulk(self) -> Field:
        return self.solid.first_lame + 2.0 / 3.0 * self.solid.shear_modulus

    def released(self, crack: Field, deformation: Deformation, eigenstrain: Tensor | None) -> Field:
        """J/m3, Psi+: what the material of each cell would store if it were intact.

        The shear of an edge is shared by its cells, so each cell's own angle is that stress over
        its own modulus: then this is the exact derivative of the elastic energy by g.
        """
        strain = deformation.strain if eigenstrain is None else deformation.strain - eigenstrain
        swelling, modulus = strain.trace(), self.solid.shear_modulus
        normal = Tensor(strain.normal, np.zeros_like(strain.shear)).deviator().normal
        stored = self.split.released(self._bulk, swelling) + modulus * (normal**2).sum(axis=0)
        own = 0.5 / (modulus * self.stiffness_left(crack) ** 2)
        frame = self.solid.frame
        for pair, stress in zip(
            pairs(self.solid.grid.dimensions), deformation.edge_stress, strict=True
        ):
            stored = stored + own * frame.to_cells(stress**2, pair)
        return stored

    # The lithium ----------------------------------------------------------------------------------

    def breakable(self, of: np.ndarray | None = None) -> np.ndarray | None:
        """Cells (of some, flat) in which the crack may grow; None: all of all."""
        if self.reached is None:
            return of
        free = self.reached.ravel() > 0.0
        return np.flatnonzero(free) if of is None else of[free[of]]

    def pushes(self, crack: Field) -> tuple[Field, ...]:
        """m2 on each face: its force per pressure, -V grad d, that opens the crack.

        Where lithium has not come d does not count, so that all pushes are in balance.
        """
        volume = self.solid.grid.cell_volume
        frame = self.solid.frame
        filled = crack if self.reached is None else self.reached * crack
        return frame.closed(
            [
                (-volume * (slope @ filled.ravel())).reshape(frame.layout.shape(axis))
                for axis, slope in enumerate(self.surface.slopes)
            ]
        )

    def opened(self, crack: Field, deformation: Deformation) -> float:
        """m3 between the faces of the cracks: -int u.grad d."""
        frame = self.solid.frame
        parts = zip(
            frame.opened(self.pushes(crack)), frame.opened(deformation.displacement), strict=True
        )
        return sum(float((push * moved).sum()) for push, moved in parts)

    def pulled(self, deformation: Deformation, pressure: float) -> Field:
        """J, the derivative by d of int p u.grad d."""
        volume = self.solid.grid.cell_volume
        moved = self.solid.frame.opened(deformation.displacement)
        total = sum(
            slope.T @ part.ravel() for slope, part in zip(self.surface.slopes, moved, strict=True)
        )
        pulled = pressure * volume * np.asarray(total).reshape(self.solid.grid.shape)
        return pulled if self.reached is None else self.reached * pulled

    # In turns -------------------------------------------------------------------------------------

    def deformed(
        self,
        crack: Field,
        pressure: float,
        *,
        eigenstrain: Tensor | None = None,
        start: Deformation | None = None,
    ) -> Deformation:
        """Equilibrium of a solid with cracks that do not grow."""
        swelling = self._swelling(crack, eigenstrain, start)
        force = [pressure * push for push in self.pushes(crack)]
        return self.softened(crack, swelling).deformed(eigenstrain, force=force, start=start)

    def _swelling(
        self, crack: Field, eigenstrain: Tensor | None, near: Deformation | None
    ) -> Field:
        """Relative growth of volume that has stress, as known so far."""
        total = np.zeros_like(crack) if near is None else near.strain.trace()
        own = total if eigenstrain is None else total - eigenstrain.trace()
        return np.ones_like(crack) if near is None and eigenstrain is None else own

    def grown(
        self,
        past: Field,
        drive: Drive,
        *,
        eigenstrain: Tensor | None = None,
        start: Cracked | None = None,
    ) -> Cracked:
        """Cracks that have grown until they are at rest.

        A crack that runs at constant pressure does not stop by itself; at constant volume it does.

        Args:
            past: d before; it cannot heal.
            drive: What the lithium in the cracks is given.
            eigenstrain: Strain without stress, in the cells.
            start: An earlier answer.

        Raises:
            NotConverged: They grow on after `most_turns`.
        """
        crack = past if start is None else np.maximum(past, start.crack)
        deformation = None if start is None else start.deformation
        pressure = 1.0 if start is None else start.pressure
        descent: list[float] = []
        lent, tolerance = _Lent(), LOOSE
        for turn in range(1, self.most_turns + 1):
            deformation, pressure = self._driven(
                crack, drive, pressure, eigenstrain, deformation, lent, tolerance
            )
            opened, surface = self.opened(crack, deformation), self.surface.energy(crack)
            descent.append(deformation.energy + surface - drive.work(pressure, opened))
            before, crack = (
                crack,
                self.surface.least(
                    past,
                    released=self.released(crack, deformation, eigenstrain),
                    pulled=self.pulled(deformation, pressure),
                    start=crack,
                    cells=self.breakable(),
                ),
            )
            change = np.abs(crack - before)
            if float(change.max()) < self.rest:
                if tolerance == self.balanced:
                    held = tuple(descent)
                    return Cracked(crack, deformation, pressure, opened, surface, turn, held)
                tolerance = self.balanced
            crack = beyond(before, crack, past)
            if self.solid.frame.platens:
                continue
            values = self.solid.frame.opened(deformation.displacement)
            now = Fields(past, crack, values, eigenstrain)
            alone = eigenstrain is None and self.solid.frame.unloaded
            feed = Feed(drive, pressure, alone)
            if (found := settled(self, self._panes, change, now, feed)) is not None:
                now, pressure = found
                crack, deformation = now.crack, self.solid.at(now.values, eigenstrain)
        raise NotConverged(
            f"the crack grows on after {self.most_turns} turns: it runs through, or needs more"
        )

    @cached_property
    def _panes(self) -> Panes:
        return {}

    def _driven(
        self,
        crack: Field,
        drive: Drive,
        before: float,
        eigenstrain: Tensor | None,
        near: Deformation | None,
        lent: _Lent,
        tolerance: float,
    ) -> tuple[Deformation, float]:
        """Equilibrium at the pressure that the drive asks for, and that pressure."""
        found: dict[float, tuple[Field, ...]] = {}
        swelling = self._swelling(crack, eigenstrain, near)
        solid, pushes = self.softened(crack, swelling), self.pushes(crack)
        frame, cycle = solid.frame, lent.to(solid)
        unloaded = eigenstrain is None and frame.unloaded

        def at(pressure: float) -> Deformation:
            force = [pressure * push for push in pushes]
            answer = solid.deformed(
                eigenstrain, force=force, start=near, cycle=cycle, tolerance=tolerance
            )
            lent.returned(answer.iterations)
            return answer

        def opened(pressure: float) -> float:
            if pressure == 0.0 and unloaded:
                found[pressure] = tuple(np.zeros_like(part) for part in frame.held_values)
                return 0.0
            answer = at(pressure)
            found[pressure] = frame.opened(answer.displacement)
            return self.opened(crack, answer)

        pressure = drive.pressure(opened, before)
        if len(found) < 2:
            return at(pressure), pressure
        # what opens is linear in the pressure: so is everything
        (low, empty), (high, full) = found.items()
        part = (pressure - low) / (high - low)
        between = [a + part * (b - a) for a, b in zip(empty, full, strict=True)]
        return solid.at(between, eigenstrain), pressure
