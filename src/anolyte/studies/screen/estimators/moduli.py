"""Bulk and shear modulus of a candidate's structure, calibrated on reference moduli."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from anolyte.atoms.elastic import STRAIN, Elastic, elastic
from anolyte.atoms.pool import Batched
from anolyte.atoms.softening import MODULI, STILL, Softening, at_rest, softening
from anolyte.core.errors import AnolyteError, DataError
from anolyte.studies.screen.candidates import Candidate, digest
from anolyte.studies.screen.estimates import Estimate, Judged, Property


@dataclass(frozen=True)
class Stiffness:
    """Relaxed-ion elastic constants, times the softening factor of the potential.

    Args:
        potential: One whose reference moduli have been computed.
        factors: Of the bulk and of the shear modulus; None: fitted on all references.
        most: Atoms of the cell; twelve strained copies of a larger one cost too much.
    """

    potential: Batched
    factors: tuple[Softening, Softening] | None = None
    most: int = 40

    name = "moduli"
    gives = (
        Property("bulk_modulus", "modulus", "of the polycrystal, calibrated"),
        Property("shear_modulus", "modulus", "of the polycrystal, calibrated"),
    )

    @property
    def _fitted(self) -> tuple[Softening, ...]:
        """None for a potential whose moduli nobody has held against measured ones."""
        if self.factors is not None:
            return self.factors
        try:
            return tuple(softening(self.potential.model, m) for m in MODULI)
        except DataError:
            return ()

    @property
    def digest(self) -> str:
        """Of the potential, the settings and the factors."""
        fitted = [(f.factor, f.sigma) for f in self._fitted]
        return digest(self.name, self.potential.model, STRAIN, STILL, self.most, fitted)

    def __call__(self, judged: Sequence[Judged]) -> Sequence[Judged]:
        """Each with its moduli."""
        return [j.adding(self._one(j.candidate)) for j in judged]

    def _one(self, candidate: Candidate) -> tuple[Estimate, ...]:
        method = f"calibrated: relaxed-ion elastic constants, {self.potential.model}"
        try:
            if not self._fitted:
                raise DataError(f"{self.potential.model} has not been calibrated on known moduli")
            raw = self._raw(candidate)
        except AnolyteError as error:
            return tuple(Estimate(p.name, p.kind, None, method=method, note=str(error))
                         for p in self.gives)  # fmt: skip
        return tuple(
            _calibrated(p, modulus.raw(raw.bulk, raw.shear), raw, fitted, method)
            for p, modulus, fitted in zip(self.gives, MODULI, self._fitted, strict=True)
        )

    def _raw(self, candidate: Candidate) -> Elastic:
        """What the potential says.

        Raises:
            AnolyteError: No structure, too large a one, or one that is not stable.
        """
        crystal = candidate.crystal
        if crystal is None:
            raise AnolyteError("no structure is known")
        if len(crystal.symbols) > self.most:
            raise AnolyteError(f"{len(crystal.symbols)} atoms, at most {self.most} are strained")
        return elastic(at_rest(crystal, self.potential), self.potential)


def _calibrated(
    p: Property, predictor: float, raw: Elastic, fitted: Softening, method: str
) -> Estimate:
    value, sigma = fitted.calibrated(predictor)
    note = (
        f"raw K {raw.bulk / 1e9:.3g}, G {raw.shear / 1e9:.3g} GPa; {len(fitted.pairs)} reference "
        f"crystals, off by a factor {math.exp(fitted.sigma):.2f} when left out"
    )
    return Estimate(p.name, p.kind, value, sigma, "computed", method, "deng2023chgnet", note)
