"""A user's trained model as a property of candidates, its interval as a standard deviation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from statistics import NormalDist
from typing import TYPE_CHECKING

from anolyte.atoms.learned import heads
from anolyte.atoms.learned.heads import Head, Spoken
from anolyte.atoms.learned.label_file import kinds
from anolyte.core.errors import DataError
from anolyte.core.units import KINDS, si
from anolyte.studies.screen.candidates import digest
from anolyte.studies.screen.estimates import Estimate, Judged, Property

if TYPE_CHECKING:
    from anolyte.studies.interlayers import Screening
    from anolyte.studies.screen.funnel import Tier
    from anolyte.studies.screen.study import Rung


@dataclass(frozen=True, eq=False)
class Learned:
    """What a trained model of compositions says.

    The standard deviation is that of a normal error with the same interval.

    Args:
        head: The model.
        kind: Of quantity; its unit must be one of that kind, and a ratio scale.
    """

    head: Head
    kind: str

    name = "learned"

    def __post_init__(self) -> None:
        _ = self._factor

    @property
    def gives(self) -> tuple[Property, ...]:
        """One property, named as the column of labels was."""
        t = self.head.data.targets[0]
        return (Property(t.name, self.kind, f"learned from {t.label_kind} labels"),)

    @property
    def digest(self) -> str:
        """Of the labels, the learner, its intervals and seed."""
        h = self.head
        return digest(self.name, h.data.digest, h.learner, h.intervals, h.seed, self.kind)

    def __call__(self, judged: Sequence[Judged]) -> Sequence[Judged]:
        """Each with the prediction, or why there is none."""
        said = self.head([j.candidate.formula for j in judged])
        return [j.adding([self._one(s)]) for j, s in zip(judged, said, strict=True)]

    @cached_property
    def _factor(self) -> float:
        if self.kind not in KINDS:
            raise DataError(f"unknown kind of quantity '{self.kind}'")
        unit = self.head.data.targets[0].unit
        one, two = (si(f"{n} {unit}", self.kind) for n in (1, 2))
        if abs(two - 2.0 * one) > 1e-9 * abs(one):
            raise DataError(f"'{unit}' does not begin at zero; write the labels in the SI unit")
        return one

    def _one(self, said: Spoken) -> Estimate:
        [p] = self.gives
        method = f"trained model: {self.head.learner}"
        if said.value is None or said.half_width is None:
            return Estimate(p.name, p.kind, None, how="estimated", method=method, note=said.why)
        level = self.head.intervals.level
        sigma = said.half_width * self._factor / NormalDist().inv_cdf(0.5 + level / 2.0)
        note = f"{len(self.head.data)} labels ({self.head.data.targets[0].label_kind})"
        return Estimate(
            p.name, p.kind, said.value * self._factor, sigma, "estimated", method, note=note
        )


def taught(ladder: Sequence[Rung], models: Sequence[Path]) -> tuple[Rung, ...]:
    """A ladder whose first rung also asks trained models.

    A property that a rung gives too has the kind of that rung; who speaks last is what counts.

    Args:
        ladder: Rungs of a screen.
        models: Files of `heads.save`.

    Raises:
        DataError: A model that is refused, two of one property, or one in units of another kind.
        MissingExtra: safetensors is not installed.
    """
    found = [heads.load(path) for path in models]
    names = [h.data.targets[0].name for h in found]
    if twice := [n for n in names if names.count(n) > 1]:
        raise DataError(f"two models of one property, {twice[0]}: give one of them")
    first = ladder[0]

    def make(question: Screening) -> Tier:
        tier = first.make(question)
        rungs = (rung for rung in ladder if not rung.missing)
        given = {p.name: p.kind for rung in rungs for p in rung.make(question).gives}
        asked = tuple(Learned(h, _kind(h, given)) for h in found)
        return replace(
            tier, estimators=(*tier.estimators, *asked), seconds=max(tier.seconds, 0.003)
        )

    return (replace(first, make=make), *ladder[1:])


def _kind(head: Head, given: dict[str, str]) -> str:
    """Of quantity: that of the property of the same name, else the first of its unit."""
    target = head.data.targets[0]
    possible = kinds(target.unit)
    if target.name not in given:
        return possible[0]
    if given[target.name] not in possible:
        raise DataError(
            f"the model gives {target.name} in '{target.unit}', the screen knows it as "
            f"{given[target.name].replace('_', ' ')} ({KINDS[given[target.name]].habitual}); "
            "rename the column of labels, or train it in that unit"
        )
    return given[target.name]
