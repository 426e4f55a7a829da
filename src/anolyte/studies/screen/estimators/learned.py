"""A user's trained model as a property of candidates, its interval as a standard deviation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import NormalDist
from typing import TYPE_CHECKING

from anolyte.atoms.graph_net import checkpoint
from anolyte.atoms.graph_net import heads as structured
from anolyte.atoms.graph_net.heads import StructureHead
from anolyte.atoms.graph_net.network import import_torch
from anolyte.atoms.learned import heads
from anolyte.atoms.learned.heads import Head
from anolyte.atoms.learned.label_file import kinds
from anolyte.atoms.learned.labels import Target
from anolyte.core.errors import DataError
from anolyte.core.units import KINDS, si
from anolyte.studies.screen.candidates import digest
from anolyte.studies.screen.estimates import Estimate, Judged, Property

if TYPE_CHECKING:
    from anolyte.studies.interlayers import Screening
    from anolyte.studies.screen.funnel import Tier
    from anolyte.studies.screen.study import Rung


@dataclass(frozen=True)
class Voice:
    """What a model's number is called, and how it becomes an estimate.

    The standard deviation is that of a normal error with the same interval.

    Args:
        target: The column of labels that was learned.
        kind: Of quantity; its unit must be one of that kind, and a ratio scale.
        learner: What was trained.
        labels: It was trained on.
        level: Share of new labels that its intervals shall hold.

    Raises:
        DataError: No such kind, or a unit that does not begin at zero.
    """

    target: Target
    kind: str
    learner: str
    labels: int
    level: float

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise DataError(f"unknown kind of quantity '{self.kind}'")
        unit = self.target.unit
        one, two = (si(f"{n} {unit}", self.kind) for n in (1, 2))
        if abs(two - 2.0 * one) > 1e-9 * abs(one):
            raise DataError(f"'{unit}' does not begin at zero; write the labels in the SI unit")

    @property
    def gives(self) -> Property:
        """The property, named as the column of labels was."""
        t = self.target
        return Property(t.name, self.kind, f"learned from {t.label_kind} labels")

    def says(self, value: float | None, half_width: float | None, why: str) -> Estimate:
        """A number in the unit of the target as an estimate."""
        p, method = self.gives, f"trained model: {self.learner}"
        if value is None or half_width is None:
            return Estimate(p.name, p.kind, None, how="estimated", method=method, note=why)
        factor = si(f"1 {self.target.unit}", self.kind)
        sigma = half_width * factor / NormalDist().inv_cdf(0.5 + self.level / 2.0)
        note = f"{self.labels} labels ({self.target.label_kind})"
        return Estimate(p.name, p.kind, value * factor, sigma, "estimated", method, note=note)


@dataclass(frozen=True, eq=False)
class Learned:
    """What a trained model of compositions says.

    Args:
        head: The model.
        kind: Of quantity.
    """

    head: Head
    kind: str

    name = "learned"

    def __post_init__(self) -> None:
        _ = self.voice

    @property
    def voice(self) -> Voice:
        """Name, unit and interval of what it says."""
        h = self.head
        return Voice(h.data.targets[0], self.kind, h.learner, len(h.data), h.intervals.level)

    @property
    def gives(self) -> tuple[Property, ...]:
        """One property."""
        return (self.voice.gives,)

    @property
    def digest(self) -> str:
        """Of the labels, the learner, its intervals and seed."""
        h = self.head
        return digest(self.name, h.data.digest, h.learner, h.intervals, h.seed, self.kind)

    def __call__(self, judged: Sequence[Judged]) -> Sequence[Judged]:
        """Each with the prediction, or why there is none."""
        voice, said = self.voice, self.head([j.candidate.formula for j in judged])
        return [
            j.adding([voice.says(s.value, s.half_width, s.why)])
            for j, s in zip(judged, said, strict=True)
        ]


@dataclass(frozen=True, eq=False)
class LearnedOfStructures:
    """What trained networks say of the structures that candidates have by now.

    Args:
        head: The networks.
        kind: Of quantity.
    """

    head: StructureHead
    kind: str

    name = "learned of structures"

    def __post_init__(self) -> None:
        _ = self.voice

    @property
    def voice(self) -> Voice:
        """Name, unit and interval of what it says."""
        card = self.head.card
        level = card["intervals"]["level"]
        return Voice(
            Target(**card["target"]), self.kind, card["learner"], int(card["labels"]), level
        )

    @property
    def gives(self) -> tuple[Property, ...]:
        """One property."""
        return (self.voice.gives,)

    @property
    def digest(self) -> str:
        """Of the weights and the card."""
        return digest(self.name, sorted(self.head.card.items()), self.kind)

    def __call__(self, judged: Sequence[Judged]) -> Sequence[Judged]:
        """Each with the prediction, or why there is none."""
        import_torch().set_num_threads(1)  # answers depend on their number
        crystals = [j.candidate.crystal for j in judged]
        said = iter(self.head.ensemble([c for c in crystals if c is not None]))
        voice, found = self.voice, []
        for j, crystal in zip(judged, crystals, strict=True):
            if crystal is None:
                found.append(j.adding([voice.says(None, None, "no structure is known")]))
            else:
                s = next(said)
                found.append(j.adding([voice.says(s.value, s.half_width, s.why)]))
        return found


def taught(
    ladder: Sequence[Rung], models: Sequence[Path], trusted: bool = False
) -> tuple[Rung, ...]:
    """A ladder whose first rung also asks trained models.

    Models of structures are asked again after every rung that brings structures to rest. A property
    that a rung gives too has the kind of that rung; who speaks last is what counts.

    Args:
        ladder: Rungs of a screen.
        models: Files of `learn train`.
        trusted: Take models whose hash is not that of their card.

    Raises:
        DataError: A model that is refused, two of one property, or one in units of another kind.
        MissingExtra: safetensors, or torch for structures, is not installed.
    """
    found = [_loaded(path, trusted) for path in models]
    names = [_target(h).name for h in found]
    if twice := [n for n in names if names.count(n) > 1]:
        raise DataError(f"two models of one property, {twice[0]}: give one of them")
    of_structures = [h for h in found if isinstance(h, StructureHead)]
    first = ladder[0]
    return (
        _asking(first, found, ladder),
        *(_asking(r, of_structures, ladder) if r.moves else r for r in ladder[1:]),
    )


def _asking(rung: Rung, found: Sequence[Head | StructureHead], ladder: Sequence[Rung]) -> Rung:
    """A rung that asks models, too, after all else."""

    def make(question: Screening) -> Tier:
        tier = rung.make(question)
        others = (r for r in ladder if not r.missing)
        given = {p.name: p.kind for r in others for p in r.make(question).gives}
        asked = tuple(_estimator(h, _kind(_target(h), given)) for h in found)
        slow = any(isinstance(h, StructureHead) for h in found)
        return replace(
            tier, estimators=(*tier.estimators, *asked),
            seconds=max(tier.seconds, 0.02 if slow else 0.003),
        )  # fmt: skip

    return replace(rung, make=make) if found else rung


def _loaded(path: Path, trusted: bool) -> Head | StructureHead:
    checkpoint.check_name(path)
    card = checkpoint.read_card(path, heads.FORMAT, structured.FORMAT)
    if card["format"] == structured.FORMAT:
        return structured.load(path, trusted)
    return heads.load(path, trusted)


def _estimator(head: Head | StructureHead, kind: str) -> Learned | LearnedOfStructures:
    return Learned(head, kind) if isinstance(head, Head) else LearnedOfStructures(head, kind)


def _target(head: Head | StructureHead) -> Target:
    return head.data.targets[0] if isinstance(head, Head) else Target(**head.card["target"])


def _kind(target: Target, given: dict[str, str]) -> str:
    """Of quantity: that of the property of the same name, else the first of its unit."""
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
