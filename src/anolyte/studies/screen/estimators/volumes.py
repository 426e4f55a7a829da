"""Volume and density of a candidate: a published cell first, its relaxed structure second."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from anolyte.atoms.cell_volumes import COMPUTED_CELLS, class_of, volume_errors
from anolyte.core.errors import AnolyteError
from anolyte.core.provenance import Source
from anolyte.core.units import ANGSTROM3_TO_MOLAR
from anolyte.materials import formula
from anolyte.materials.phases import Key, Phases, composition_key
from anolyte.studies.screen.candidates import Candidate, digest
from anolyte.studies.screen.estimates import Estimate, Judged, Property

PUBLISHED_SIGMA = 0.01
"""Relative, of a measured cell: temperature and composition of the crystal."""
RECALLED_SIGMA = 0.03
"""Relative, of a cell that nobody has looked up again; assumed."""
FIRST_PRINCIPLES_SIGMA = 0.06
"""Relative, of a cell computed by PBE: 49 crystals known both ways lie 2.0 % above their measured
cells with a scatter of 5.6 %, most of it from layered ones."""
SAME = 3.0
"""Standard deviations within which a relaxed structure may be the published polymorph."""


@dataclass(frozen=True)
class Volumes:
    """Molar volume and density; put it after the relaxation, whose density it corrects.

    Args:
        phases: Where published cells are looked up.
        model: Potential that relaxes the candidates.
    """

    phases: Phases
    model: str = "CHGNet 0.3.0"

    name = "volumes"
    gives = (
        Property("density", "density", "of the crystal"),
        Property("molar_volume", "molar_volume", "of a formula unit of the reduced formula"),
    )

    @property
    def digest(self) -> str:
        """Of the cells and the errors of the potential."""
        return digest(self.name, self.phases.digest, self.model,
                      [(e.bias, e.sigma) for e in volume_errors(self.model).values()])  # fmt: skip

    def __call__(self, judged: Sequence[Judged]) -> Sequence[Judged]:
        """Each with its volume and density."""
        return [j.adding(self._one(j)) for j in judged]

    def _one(self, judged: Judged) -> tuple[Estimate, ...]:
        try:
            amounts, _ = formula.reduced(formula.parse(judged.candidate.formula))
            relaxed = self._relaxed(judged)
            found = self._published(amounts, relaxed) or self._own(judged.candidate, relaxed)
        except AnolyteError as error:
            return tuple(Estimate(p.name, p.kind, None, method=self.name, note=str(error))
                         for p in self.gives)  # fmt: skip
        volume, sigma, source, note = found
        dense = formula.molar_mass(amounts) / volume
        share = sigma / volume
        how, method = source.how, "published cell" if not source.where else source.where
        return tuple(
            Estimate(p.name, p.kind, value, share * value, how, method, source.key, note)
            for p, value in zip(self.gives, (dense, volume), strict=True)
        )

    def _relaxed(self, judged: Judged) -> tuple[float, float] | None:
        """Molar volume of the relaxed structure and its standard deviation."""
        crystal = judged.candidate.crystal
        rested = any(e.name == "density" and e.known and e.method == self.model
                     for e in judged.estimates)  # fmt: skip
        if crystal is None or not rested:
            return None
        units = len(crystal.symbols) / formula.atoms(formula.reduced(crystal.amounts)[0])
        error = volume_errors(self.model)[class_of(crystal.amounts)]
        return error.corrected(crystal.volume / units * ANGSTROM3_TO_MOLAR)

    def _published(
        self, amounts: dict[str, float], relaxed: tuple[float, float] | None
    ) -> tuple[float, float, Source, str] | None:
        """The published cell that the candidate may be: nearest its own, or of lowest energy."""
        cells = [
            (0.0 if relaxed is None else abs(math.log(volume / relaxed[0])), volume, source, name)
            for volume, source, name in self._cells.get(composition_key(amounts), ())
        ]
        if not cells:
            return None
        rank, volume, source, name = min(cells, key=lambda c: c[0])
        if relaxed is not None and rank > SAME * relaxed[1] / relaxed[0]:
            return None
        computed = source.key in COMPUTED_CELLS
        measured = RECALLED_SIGMA if source.known == "recalled" else PUBLISHED_SIGMA
        share = FIRST_PRINCIPLES_SIGMA if computed else measured
        origin = Source(source.key, "published cell", "computed" if computed else "measured")
        doubt = "" if source.known == "read" else f", {source.known.replace('_', '-')}"
        return volume, share * volume, origin, name + doubt

    @cached_property
    def _cells(self) -> dict[Key, list[tuple[float, Source, str]]]:
        """Published cells of each composition: volume of its reduced formula unit, source, name;
        those of the lowest energy first."""
        found: dict[Key, list[tuple[float, float, Source, str]]] = {}
        for p, amounts in zip(self.phases.rows, self.phases.compositions, strict=True):
            source = p.volume_source
            if not p.volume or source is None or p.state != "solid":
                continue
            if source.key == "deng2023chgnet" or p.source.how == "estimated":
                continue
            volume = p.volume / formula.reduced(amounts)[1]
            row = (p.energy, volume, source, p.name or p.formula)
            found.setdefault(composition_key(amounts), []).append(row)
        return {k: [r[1:] for r in sorted(v, key=lambda r: r[0])] for k, v in found.items()}

    def _own(
        self, candidate: Candidate, relaxed: tuple[float, float] | None
    ) -> tuple[float, float, Source, str]:
        """The relaxed structure, corrected for the bias of its class.

        Raises:
            AnolyteError: It has none.
        """
        if relaxed is None:
            raise AnolyteError(
                f"{candidate.formula}: no published cell, and no structure has been relaxed"
            )
        error = volume_errors(self.model)[class_of(formula.parse(candidate.formula))]
        note = f"{error.name}: {error.bias:+.1%} taken off, from {error.count} measured cells"
        source = Source("deng2023chgnet", f"{self.model}, corrected by class", "computed")
        return *relaxed, source, note
