"""How easily lithium moves, by a potential: midpoints, and for few candidates whole bands."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from anolyte.atoms import midpoint, nudged_band
from anolyte.atoms.crystal import Crystal
from anolyte.atoms.midpoint import Migration, midpoints
from anolyte.atoms.nudged_band import passes
from anolyte.atoms.pool import Batched
from anolyte.core.errors import AnolyteError
from anolyte.core.units import ELEMENTARY_CHARGE as EV
from anolyte.studies.screen.candidates import Candidate, digest
from anolyte.studies.screen.estimates import Estimate, Judged, Property
from anolyte.studies.screen.estimators.migration import Migrating

FAST = 0.4 * EV
"""J: below it lithium crosses a film of micrometres at room temperature."""
SURE = 0.9
"""Probability from which a class is named."""


@dataclass(frozen=True)
class _Barriers:
    """Barriers of the distinct hops of a relaxed structure.

    Args:
        potential: Energies and forces; that which relaxed the structure.
        sigma: Standard deviation of a barrier, J.
        fast: Barrier that parts fast from slow, J.
        seed: Of the displacements.
    """

    potential: Batched
    sigma: float = 0.15 * EV
    fast: float = FAST
    seed: int = 0

    name = ""
    version = 1
    gives = Migrating.gives

    @property
    def digest(self) -> str:
        """Of the potential, the method and its settings."""
        return digest(self.name, self.version, self.potential.model, self.sigma, self.fast,
                      self.seed, *self._settings)  # fmt: skip

    @property
    def _settings(self) -> tuple[float, ...]:
        raise NotImplementedError

    @property
    def _way(self) -> Callable[..., Migration]:
        raise NotImplementedError

    def __call__(self, judged: Sequence[Judged]) -> Sequence[Judged]:
        """Each with its barriers."""
        return [j.adding(self._one(j.candidate)) for j in judged]

    def _one(self, candidate: Candidate) -> tuple[Estimate, ...]:
        method = f"{self.name}, {self.potential.model}"
        if candidate.crystal is None:
            return self._unknown("no structure is known", method)
        try:
            found = self._of(candidate.crystal)
        except AnolyteError as error:
            return self._unknown(str(error), method)
        pairs = zip(self.gives, (found.barriers[0], found.barriers[2]), strict=True)
        return tuple(self._estimate(p, b, found, method) for p, b in pairs)

    def _of(self, crystal: Crystal) -> Migration:
        return self._way(crystal, self.potential, seed=self.seed)

    def _estimate(
        self, p: Property, barrier: float | None, found: Migration, method: str
    ) -> Estimate:
        if barrier is None or not math.isfinite(barrier):
            why = found.why if barrier is None else "its hops lead no farther"
            return Estimate(p.name, p.kind, None, method=method, note=why)
        hops = f"{len(found.tops)} distinct hops, {found.atoms} atoms, neutral vacancy, seed "
        note = f"{self.grade(barrier * EV)}: {hops}{self.seed}"
        return Estimate(p.name, p.kind, barrier * EV, self.sigma, "computed", method,
                        "deng2023chgnet", note)  # fmt: skip

    def grade(self, barrier: float) -> str:
        """`fast`, `slow`, or `unknown` where the error does not tell; no conductivity follows."""
        below = 0.5 * math.erfc((barrier - self.fast) / (math.sqrt(2.0) * self.sigma))
        return "fast" if below >= SURE else "slow" if below <= 1.0 - SURE else "unknown"

    def _unknown(self, why: str, method: str) -> tuple[Estimate, ...]:
        return tuple(Estimate(p.name, p.kind, None, method=method, note=why) for p in self.gives)


@dataclass(frozen=True)
class Midpoints(_Barriers):
    """Barriers by midpoints: some tens of seconds a candidate."""

    name = "midpoint"

    @property
    def _settings(self) -> tuple[float, ...]:
        return (midpoint.FORCE, midpoint.STEPS, midpoint.DISPLACED)

    @property
    def _way(self) -> Callable[..., Migration]:
        return midpoints


@dataclass(frozen=True)
class Bands(_Barriers):
    """Barriers by nudged elastic bands: minutes a candidate.

    Their error is that beside published ones: as large as a midpoint's, or larger.
    """

    sigma: float = 0.2 * EV

    name = "nudged elastic band"

    @property
    def _settings(self) -> tuple[float, ...]:
        return (nudged_band.FORCE, nudged_band.STEPS, nudged_band.IMAGES, nudged_band.DISPLACED)

    @property
    def _way(self) -> Callable[..., Migration]:
        return passes
