r"""Soft metal in an elastic solid: lithium that yields or creeps.

$$ q = \sqrt{\tfrac32 s:s}, \qquad q = q_\mathrm{trial} - 3\mu\,\Delta p(q), \qquad
   \Delta\varepsilon_p = \tfrac32 \frac{s}{q}\Delta p $$

The plastic strain has no volume and follows the deviator s. Its normal part lives in the cells, its
shear angles on edges, where the shear stress is: so a wall, too, feels the strength of the metal,
and a channel of a few cells holds the pressure that a fine one does. Where two materials meet in an
edge the weaker one limits it. Total strain and plastic strain are found in turns, sped up by what
the last turns have taught (Anderson mixing).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Protocol

import numpy as np

from anolyte.core.errors import DataError, NotConverged
from anolyte.numerics.elasticity import Deformation, Solid
from anolyte.numerics.elasticity_tensor import Tensor, pairs
from anolyte.numerics.grid import Field

KEPT = 10
"""Turns that the mixing remembers."""
NEWTON = 60
"""Steps of the scalar equation of creep, at most."""


class Flow(Protocol):
    """How a metal gives way."""

    def left(self, trial: Field, shear_modulus: Field, duration: float) -> Field:
        """Pa, equivalent stress that is left of an elastic one after a time."""
        ...


@dataclass(frozen=True)
class PerfectlyPlastic:
    """Elastic up to a yield stress that no strain raises.

    Args:
        yield_stress: Pa, uniaxial.

    >>> PerfectlyPlastic(0.8e6).left(np.array([0.5e6, 3e6]), np.array(2.8e9), 1.0).tolist()
    [500000.0, 800000.0]
    """

    yield_stress: float

    def left(self, trial: Field, shear_modulus: Field, duration: float) -> Field:
        """At most the yield stress."""
        return np.minimum(trial, self.yield_stress)


@dataclass(frozen=True)
class PowerLawCreep:
    r"""Flow at a rate that a power of the stress gives, implicit in time.

    $$ q = q_\mathrm{trial} - 3\mu\,\Delta t\,A\,(q/q_1)^n $$

    Args:
        rate: 1/s, strain rate at the unit stress.
        exponent: n, at least 1.
        unit_stress: Pa, q_1.

    >>> creep = PowerLawCreep(rate=1e-3, exponent=1.0, unit_stress=1.0)
    >>> round(float(creep.left(np.array(4.0), np.array(1.0), 1000.0)), 12)
    1.0
    """

    rate: float
    exponent: float
    unit_stress: float = 1e6

    def left(self, trial: Field, shear_modulus: Field, duration: float) -> Field:
        """Newton's method from above, where the equation is convex: it never overshoots."""
        scale = 3.0 * shear_modulus * duration * self.rate
        # the smaller of two bounds from above
        flowing = self.unit_stress * (trial / np.maximum(scale, 1e-300)) ** (1.0 / self.exponent)
        stress = np.minimum(trial, flowing)
        for _ in range(NEWTON):
            power = scale * (stress / self.unit_stress) ** self.exponent
            rise = 1.0 + self.exponent * power / np.maximum(stress, 1e-300)
            step = (stress + power - trial) / rise
            stress = np.clip(stress - step, 0.0, trial)
            if np.all(np.abs(step) <= 1e-12 * np.maximum(trial, 1e-300)):
                break
        return stress


@dataclass(frozen=True, eq=False)
class Plastic:
    """Plastic strain.

    Args:
        normal: (3, cells), without volume.
        slip: Shear angles on the edges of each plane of shear.
    """

    normal: Field
    slip: tuple[Field, ...]

    def vector(self) -> Field:
        """All entries in a row."""
        return np.concatenate([self.normal.ravel(), *(part.ravel() for part in self.slip)])

    def like(self, vector: Field) -> Plastic:
        """The reverse, in the shape of this one."""
        parts, begin = [], self.normal.size
        for part in self.slip:
            parts.append(vector[begin : begin + part.size].reshape(part.shape))
            begin += part.size
        return Plastic(vector[: self.normal.size].reshape(self.normal.shape), tuple(parts))


@dataclass(frozen=True, eq=False)
class Yielded:
    """Equilibrium after a step, and what flowed.

    Args:
        deformation: Of the whole solid.
        plastic: Strain so far.
        dissipated: J (J/m in the plane), in this step.
        turns: Of total and plastic strain.
    """

    deformation: Deformation
    plastic: Plastic
    dissipated: float
    turns: int


@dataclass(frozen=True, eq=False)
class Yielding:
    """A solid of which some cells flow.

    Args:
        solid: Elastic, with its sides.
        metal: Which cells flow.
        flow: How they do.
        rest: Change of stress in a turn, relative to the greatest one, at which all is found.
        most_turns: Of total and plastic strain; a step of some twenty yield strains needs a few
            hundred where the metal is confined, a larger one may not end.
    """

    solid: Solid
    metal: np.ndarray
    flow: Flow
    rest: float = 1e-3
    most_turns: int = 600
    _planes: tuple[tuple[int, int], ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Refuse a mask of another grid."""
        if self.metal.shape != self.solid.grid.shape:
            raise DataError(
                f"the mask of the metal has shape {self.metal.shape}, not {self.solid.grid.shape}"
            )
        object.__setattr__(self, "_planes", pairs(self.solid.grid.dimensions))

    @cached_property
    def _edges(self) -> tuple[np.ndarray, ...]:
        """Edges that touch the metal and carry stress."""
        frame, share = self.solid.frame, self.metal.astype(float)
        return tuple(
            (frame.to_edges(share, pair) > 0.0) & (volume > 0.0)
            for pair, volume in zip(self._planes, frame.volumes, strict=True)
        )

    def virgin(self) -> Plastic:
        """No plastic strain."""
        shape = self.solid.grid.shape
        return Plastic(np.zeros((3, *shape)), tuple(np.zeros(edge.shape) for edge in self._edges))

    def _returned(self, deformation: Deformation, now: Plastic, past: Plastic, duration: float):
        """Plastic strain that leaves no more stress than the flow does, at this total strain."""
        frame, modulus = self.solid.frame, self.solid.shear_modulus
        stress = Tensor(deformation.stress.normal, np.zeros_like(deformation.stress.shear))
        trial = stress.deviator().normal + 2.0 * modulus * (now.normal - past.normal)
        slipped = [
            tau + edge * (a - b)
            for tau, edge, a, b in zip(
                deformation.edge_stress, self.solid.edge_moduli, now.slip, past.slip, strict=True
            )
        ]
        squares = 1.5 * (trial**2).sum(axis=0)
        shears = [
            3.0 * frame.to_cells(tau**2, pair)
            for pair, tau in zip(self._planes, slipped, strict=True)
        ]
        give = self._give(np.sqrt(squares + sum(shears)), modulus, self.metal, duration)
        normal = past.normal + give * trial / (2.0 * modulus)
        slip = []
        for k, pair in enumerate(self._planes):
            # the metal's own stress beside the edge: no stress of a neighbour makes it yield
            share = np.maximum(frame.to_edges(self.metal.astype(float), pair), 1e-300)
            others = squares + sum(part for m, part in enumerate(shears) if m != k)
            beside = frame.to_edges(np.where(self.metal, others, 0.0), pair) / share
            size = np.sqrt(beside * self._edges[k] + 3.0 * slipped[k] ** 2)
            edge = self.solid.edge_moduli[k]
            give = self._give(size, edge, self._edges[k], duration)
            slip.append(past.slip[k] + give * slipped[k] / edge)
        return Plastic(normal, tuple(slip))

    def _give(self, size: Field, modulus: Field, where: np.ndarray, duration: float) -> Field:
        """Share of the elastic deviator that flows away."""
        left = self.flow.left(size, modulus, duration)
        return np.where(where & (size > 0.0), 1.0 - left / np.where(size > 0.0, size, 1.0), 0.0)

    def step(
        self,
        past: Plastic | None = None,
        duration: float = 1.0,
        *,
        eigenstrain: Tensor | None = None,
        force: Sequence[Field] | None = None,
        start: Yielded | None = None,
    ) -> Yielded:
        """Equilibrium at the end of a step.

        Args:
            past: Plastic strain before; none.
            duration: s, of the step: for creep.
            eigenstrain: Other strain without stress, in the cells.
            force: N on the faces across each axis.
            start: An earlier answer, near this one.

        Raises:
            NotConverged: The load is more than the metal can carry, or the step too large.
        """
        past = past or self.virgin()
        now = past if start is None else start.plastic
        deformation = None if start is None else start.deformation
        mixing, change = Mixing(KEPT), 0.0
        for turn in range(1, self.most_turns + 1):
            whole = Tensor(now.normal, np.zeros_like(Tensor.zero(self.solid.grid).shear))
            deformation = self.solid.deformed(
                whole if eigenstrain is None else whole + eigenstrain,
                slip=now.slip,
                force=force,
                start=deformation,
            )
            mapped = self._returned(deformation, now, past, duration)
            change = np.abs(2.0 * self.solid.shear_modulus * (mapped.normal - now.normal)).max()
            for edge, a, b in zip(self.solid.edge_moduli, mapped.slip, now.slip, strict=True):
                change = max(change, np.abs(edge * (a - b)).max())
            size = np.where(self.metal, deformation.stress.von_mises(), 0.0).max()
            if change <= self.rest * size or size == 0.0:
                return Yielded(deformation, now, self._dissipated(deformation, now, past), turn)
            now = now.like(mixing(now.vector(), mapped.vector()))
        raise NotConverged(
            f"after {self.most_turns} turns the stress of the metal still moves by {change:.1e} "
            "Pa: it may bear no more load; try smaller steps"
        )

    def _dissipated(self, deformation: Deformation, now: Plastic, past: Plastic) -> float:
        """J, stress at the end of the step times what flowed in it."""
        volume = self.solid.grid.cell_volume
        total = volume * float((deformation.stress.normal * (now.normal - past.normal)).sum())
        for share, tau, a, b in zip(
            self.solid.frame.volumes, deformation.edge_stress, now.slip, past.slip, strict=True
        ):
            total += float((share * tau * (a - b)).sum())
        return total


class Mixing:
    """Anderson's extrapolation of a fixed point from its last turns.

    Args:
        kept: How many turns are remembered.
    """

    def __init__(self, kept: int) -> None:
        self.kept = kept
        self.points: list[Field] = []
        self.misses: list[Field] = []

    def __call__(self, point: Field, mapped: Field) -> Field:
        """The next point to try."""
        self.points.append(mapped)
        self.misses.append(mapped - point)
        self.points, self.misses = self.points[-self.kept :], self.misses[-self.kept :]
        if len(self.misses) == 1:
            return mapped
        last = self.misses[-1]
        turns = np.stack([last - miss for miss in self.misses[:-1]], axis=1)
        shares = np.linalg.lstsq(turns, last, rcond=1e-10)[0]
        jumps = np.stack([mapped - other for other in self.points[:-1]], axis=1)
        return mapped - jumps @ shares
