r"""A funnel: cheap estimators over every candidate, dear ones over what is left.

A tier drops a candidate only where it is nearly certain to miss a target, $P < 5\,\%$ with the
error of that tier; an unknown property never drops one. A small random share of what should be
dropped goes on all the same, so that the loss of each tier is measured and not assumed.

Candidates are streamed: a tier takes groups of the stream before it, each group is one row of the
ledger under a key of all that its answer depends on. A killed screen goes on where it stopped.
"""

from __future__ import annotations

import math
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from heapq import nlargest
from itertools import islice
from typing import Any

from anolyte import __version__
from anolyte.core.errors import DataError
from anolyte.core.progress import Progress, silent
from anolyte.core.result import Result
from anolyte.studies.ledger import DONE, Ledger, Outcome, key
from anolyte.studies.runner import Runner, Task, run
from anolyte.studies.screen.candidates import Candidates, digest
from anolyte.studies.screen.estimates import Estimator, Judged, Property
from anolyte.studies.screen.targets import Target

Path = tuple[int, ...]
FLAG = "flag"
"""Stands for a target where a candidate is dropped for what it is itself."""
FLAGGED = 60
"""Of those dropped for what they are, at most so many are named."""
CHUNK_TIME = 2.0
"""s of work that is handed out, and at most lost by a kill, at once."""


@dataclass(frozen=True)
class Tier:
    """Estimators of about one cost.

    Args:
        name: In a few words.
        estimators: Asked in this order.
        seconds: Of one processor, a candidate: sizes the groups.
        group: Candidates a row of the ledger; None: as many as take `CHUNK_TIME`.
        most: It is asked of so many only, those that are likeliest to meet every target so far; the
            others stay with what is known. None: of all.
    """

    name: str
    estimators: tuple[Estimator, ...]
    seconds: float = 0.01
    group: int | None = None
    most: int | None = None

    @property
    def size(self) -> int:
        """Candidates a row of the ledger."""
        return self.group or min(max(int(CHUNK_TIME / self.seconds), 1), 1000)

    @property
    def gives(self) -> tuple[Property, ...]:
        """The properties that its estimators speak of."""
        return tuple(p for e in self.estimators for p in e.gives)

    @property
    def digest(self) -> str:
        """Of its estimators."""
        return digest(self.name, self.most, *(e.digest for e in self.estimators))


@dataclass(frozen=True)
class Dropped:
    """A candidate that a tier let go.

    Args:
        name, formula: Which.
        because: The target that it misses, with its number.
    """

    name: str
    formula: str
    because: str
    target: str


@dataclass(frozen=True)
class Part(Result):
    """What a tier says of one group.

    Args:
        kept: They go on.
        dropped: They do not.
        chances: Of each target of this tier, the sum over those of which it is known, and how many.
        seconds: Of the processor.
    """

    kept: tuple[Judged, ...]
    dropped: tuple[Dropped, ...] = ()
    chances: tuple[tuple[str, float, int], ...] = ()
    seconds: float = 0.0


@dataclass(frozen=True)
class Stream(Result):
    """How long a stream of candidates is, once somebody has seen its end.

    Args:
        groups: Of the first tier.
    """

    groups: int


@dataclass(frozen=True)
class Step(Result):
    """What a tier did.

    Args:
        tier: Its name.
        came, kept, spared, dropped: Candidates; the spared ones are among the kept.
        undecided: Candidates of which some property of this tier stayed unknown.
        seconds: Of the processor.
        usual: Mean probability of each target of this tier over all that came and are known.
        known: Of how many that came each target of this tier is known.
        reasons: Targets and how many missed them.
        examples: A few of the dropped, of every reason some.
    """

    tier: str
    came: int
    kept: int
    spared: int
    dropped: int
    undecided: int
    seconds: float
    usual: Mapping[str, float] = field(default_factory=dict)
    known: Mapping[str, int] = field(default_factory=dict)
    reasons: tuple[tuple[str, int], ...] = ()
    examples: tuple[Dropped, ...] = ()


@dataclass(frozen=True)
class Funnel:
    """Candidates, tiers and targets.

    Args:
        candidates: The stream.
        tiers: From cheap to dear.
        targets: What must be met.
        doubt: Probability of meeting a target below which a candidate is dropped.
        spared: Share of the dropped that goes on.
        question: In a few words, kept with every run.
    """

    candidates: Candidates
    tiers: tuple[Tier, ...]
    targets: tuple[Target, ...]
    doubt: float = 0.05
    spared: float = 0.02
    question: str = ""

    @cached_property
    def _digests(self) -> tuple[str, ...]:
        """Of each tier and all that is before it."""
        found = [digest(__version__, self.candidates.digest, self.targets, self.doubt, self.spared)]
        for tier in self.tiers:
            found.append(digest(found[-1], tier.digest))
        return tuple(found[1:])

    def __call__(self, asked: tuple[int, Sequence[Judged]], seed: Any) -> Part:
        """One tier on one group."""
        number, group = asked
        began = time.process_time()
        tier, judged = self.tiers[number], list(group)
        for estimator in tier.estimators:
            judged = list(estimator(judged))
        lots = seed.generate_state(len(judged)) / 2.0**32
        kept, dropped = [], []
        for j, lot in zip(judged, lots, strict=True):
            miss = None if j.spared else self._miss(j, tier)
            if miss is None or (lot < self.spared and miss.target != FLAG):
                kept.append(replace(j, spared=j.spared or miss is not None))
            else:
                dropped.append(miss)
        sums = tuple(_sum(t, judged) for t in self._asked(tier))
        return Part(tuple(kept), tuple(dropped), sums, time.process_time() - began)

    def _asked(self, tier: Tier) -> list[Target]:
        """The targets on which a tier has something to say."""
        names = {p.name for p in tier.gives}
        return [t for t in self.targets if t.name in names]

    def _miss(self, judged: Judged, tier: Tier) -> Dropped | None:
        """The first target of this tier that a candidate surely misses, or its own flag."""
        c = judged.candidate
        if c.flag:
            return Dropped(c.name, c.formula, c.flag, FLAG)
        for target in self._asked(tier):
            estimate = judged.best(target.name)
            chance = target.probability(estimate)
            if chance is not None and chance < self.doubt:
                return Dropped(c.name, c.formula, f"{target} is missed: {estimate}", target.name)
        return None

    def tasks(self, number: int, ledger: Ledger) -> Iterator[Task]:
        """Groups of the candidates that come to a tier, under their keys."""
        for path, group in self._groups(number, ledger):
            yield self._key(number, path), (number, group)

    def _key(self, number: int, path: Path) -> str:
        return key("screen", __version__, {"group": path}, self._digests[number], 0)

    def _groups(self, number: int, ledger: Ledger) -> Iterator[tuple[Path, Sequence[Judged]]]:
        """Each group and its place: within the group of the tier before that it comes from.

        So a group that failed before and is mended later changes no other group.
        """
        size = self.tiers[number].size
        if number == 0:
            stream = (Judged(c) for c in self.candidates)
            first = 0
            while group := tuple(islice(stream, size)):
                yield (first,), group
                first += 1
            if ledger.state(self._end) is None:
                ledger.put_many([Outcome.of(self._end, Stream(first))])
            return
        if self.tiers[number].most is not None:
            yield from self._likeliest(number, ledger)
            return
        for path, part in self._parts(number - 1, ledger):
            for first in range(0, len(part.kept), size):
                yield (*path, first // size), part.kept[first : first + size]

    def _likeliest(self, number: int, ledger: Ledger) -> Iterator[tuple[Path, Sequence[Judged]]]:
        """The groups of a tier that few are asked of; their place is what they hold."""
        chosen, size = self._chosen(number, ledger), self.tiers[number].size
        stream = (j for n, j in self._came(number, ledger) if n in chosen)
        while group := tuple(islice(stream, size)):
            yield (int(digest([repr(j.candidate) for j in group]), 16),), group

    def _came(self, number: int, ledger: Ledger) -> Iterator[tuple[int, Judged]]:
        """Everything that the tier before kept, numbered."""
        return enumerate(j for _, part in self._parts(number - 1, ledger) for j in part.kept)

    def _chosen(self, number: int, ledger: Ledger) -> frozenset[int]:
        """Numbers of those that are likeliest to meet every target, as far as it is known."""
        best = nlargest(
            self.tiers[number].most or 0,
            ((self._hope(j), -n) for n, j in self._came(number, ledger)),
        )
        return frozenset(-n for _, n in best)

    def _hope(self, judged: Judged) -> float:
        """Probability of every target; what is not known counts a half."""
        chances = (t.probability(judged.best(t.name)) for t in self.targets)
        return math.prod(0.5 if p is None else p for p in chances)

    def _parts(self, number: int, ledger: Ledger) -> Iterator[tuple[Path, Part]]:
        """What the ledger holds of a tier, in the order of the stream."""
        for path in self._paths(number, ledger):
            name = self._key(number, path)
            if ledger.state(name) == DONE:
                yield path, ledger.get(name)

    @property
    def _end(self) -> str:
        """Under which the ledger keeps the length of the stream."""
        return key("screen", __version__, {"stream": True}, self._digests[0], 0)

    def _paths(self, number: int, ledger: Ledger) -> Iterator[Path]:
        """The places of the groups; the stream is not made again once its end has been seen."""
        if number == 0 and (seen := ledger.get(self._end)) is not None:
            yield from ((k,) for k in range(seen.groups))
        else:
            yield from (path for path, _ in self._groups(number, ledger))

    def run(
        self,
        ledger: Ledger,
        *,
        runner: Runner | None = None,
        retry: bool = False,
        progress: Progress = silent,
    ) -> int:
        """Every tier over what the one before it kept.

        Returns:
            How many groups failed; the ledger says why.

        Raises:
            DataError: The ledger holds another question.
            KeyboardInterrupt: Ctrl-C; what is done is kept.
        """
        self._check(ledger)
        failed = 0
        for number, tier in enumerate(self.tiers):
            failed += run(
                self,
                self.tasks(number, ledger),
                ledger=ledger,
                runner=runner,
                retry=retry,
                progress=_told(progress, tier, self._total(number, ledger)),
                chunk=1,
                inputs={"tier": tier.name, "question": self.question},
                hashes={"screen": self._digests[number]},
            ).failed
        return failed

    def _check(self, ledger: Ledger) -> None:
        held = {str(r.inputs.get("question", "")) for r in ledger.runs()} - {""}
        if self.question and held and self.question not in held:
            raise DataError(
                f"this ledger holds the screen {', '.join(sorted(held))}, "
                f"not {self.question}: name another file"
            )

    def _total(self, number: int, ledger: Ledger) -> int:
        """Groups that come to a tier; 0: the end of the stream has not been seen."""
        if number == 0 and ledger.get(self._end) is None:
            return 0
        return sum(1 for _ in self._paths(number, ledger))

    def step(self, number: int, ledger: Ledger, examples: int = 12) -> Step:
        """What a tier did so far, read from the ledger group by group."""
        tier, count, reasons = self.tiers[number], Counter[str](), Counter[str]()
        shown: list[Dropped] = []
        told = Counter[str]()
        names, seconds = {p.name for p in tier.gives}, 0.0
        sums: dict[str, float] = {}
        known = Counter[str]()
        for _, part in self._parts(number, ledger):
            count["kept"] += len(part.kept)
            count["dropped"] += len(part.dropped)
            count["spared"] += sum(j.spared for j in part.kept)
            count["undecided"] += sum(
                any((e := j.best(n)) is not None and not e.known for n in names) for j in part.kept
            )
            for name, total, number_known in part.chances:
                sums[name] = sums.get(name, 0.0) + total
                known[name] += number_known
            reasons.update(d.target for d in part.dropped)
            for d in part.dropped:
                if told[d.target] < (examples if d.target != FLAG else FLAGGED):
                    told[d.target] += 1
                    shown.append(d)
            seconds += part.seconds
        return Step(
            tier.name, count["kept"] + count["dropped"], count["kept"], count["spared"],
            count["dropped"], count["undecided"], seconds,
            {n: sums[n] / known[n] for n in known if known[n]}, dict(known),
            tuple(reasons.most_common()), tuple(shown),
        )  # fmt: skip

    def finalists(self, ledger: Ledger) -> Iterator[Judged]:
        """What the last tier kept, and what few-asked tiers were not asked of."""
        for _, part in self._parts(len(self.tiers) - 1, ledger):
            yield from part.kept
        for number, tier in enumerate(self.tiers):
            if number and tier.most is not None:
                chosen = self._chosen(number, ledger)
                yield from (j for n, j in self._came(number, ledger) if n not in chosen)


def _sum(target: Target, judged: Sequence[Judged]) -> tuple[str, float, int]:
    """The probabilities of a target over the candidates of which it is known, and how many."""
    known = [p for j in judged if (p := target.probability(j.best(target.name))) is not None]
    return target.name, sum(known), len(known)


def _told(progress: Progress, tier: Tier, groups: int) -> Progress:
    """A progress that names the tier and knows how many groups there are."""

    def told(done: int, total: int, what: str = "") -> None:
        text = f"{tier.name}, groups of {tier.size}" + (what and f", {what}")
        progress(done, total or groups, text)

    return told
