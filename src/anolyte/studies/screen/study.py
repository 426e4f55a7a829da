"""The standard screen between an electrolyte and an anode: which tiers, and the answer."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from itertools import islice
from typing import Any

from anolyte.atoms.potentials import OWN, Offered
from anolyte.core.errors import DataError
from anolyte.core.progress import Progress, silent
from anolyte.materials.library import Library
from anolyte.materials.phases import Phases
from anolyte.studies.interlayers import Screening, ask
from anolyte.studies.ledger import Ledger
from anolyte.studies.runner import Runner
from anolyte.studies.screen.candidates import Candidates
from anolyte.studies.screen.estimates import Judged, Property
from anolyte.studies.screen.estimators import (
    Adhering,
    Bands,
    Beside,
    Binding,
    Leaking,
    Midpoints,
    Migrating,
    Reacting,
    Resting,
    Stiffness,
    Supplied,
    Volumes,
)
from anolyte.studies.screen.funnel import Funnel, Tier
from anolyte.studies.screen.ranking import Place, rank
from anolyte.studies.screen.result import Dot, Finalist, ScreenResult
from anolyte.studies.screen.structured import plain
from anolyte.studies.screen.targets import Target

SHORT = 12
RELAXED = 200
"""Candidates that are relaxed: those likeliest to meet the targets of the cheap tiers."""
OTHERS = 5
"""Candidates of one kind that are named beside the one on the short list."""


@dataclass(frozen=True)
class Screen:
    """A screen that can be run, interrupted, resumed and read.

    Args:
        question: Electrolyte, anode and energies.
        funnel: Candidates, tiers and targets.
        short: Length of the short list.
        notes: What is to be known of the answer.
    """

    question: Screening
    funnel: Funnel
    short: int = SHORT
    notes: tuple[str, ...] = ()

    def run(
        self,
        ledger: Ledger,
        *,
        runner: Runner | None = None,
        retry: bool = False,
        progress: Progress = silent,
    ) -> int:
        """Answer what the ledger does not hold.

        Returns:
            How many groups failed.

        Raises:
            KeyboardInterrupt: Ctrl-C; what is done is kept and `collect` gives it.
        """
        return self.funnel.run(ledger, runner=runner, retry=retry, progress=progress)

    def collect(self, ledger: Ledger, finished: bool = True) -> ScreenResult:
        """What the ledger holds so far, ranked."""
        funnel, question = self.funnel, self.question
        steps = tuple(funnel.step(k, ledger) for k in range(len(funnel.tiers)))
        usual = {name: mean for step in steps for name, mean in step.usual.items()}
        last = 0

        def each() -> Iterator[Judged]:
            nonlocal last
            for judged in funnel.finalists(ledger):
                last += 1
                yield judged

        places = rank(each(), funnel.targets, usual)
        return ScreenResult(
            question.electrolyte.name, question.anode.name, funnel.targets, steps,
            _shortlist(places, self.short), last, finished, question.bare.energies,
            tuple(Dot.of(p, funnel.targets) for p in places if p.front is not None),
            (*self.notes, *question.bare.warnings), question.bare.sources,
        )  # fmt: skip


def _shortlist(places: Iterable[Place], count: int) -> tuple[Finalist, ...]:
    """The first places: of each formula the best structure, of each ion the best compensation."""
    kinds: dict[str, list[Place]] = {}
    for place in places:
        c = place.judged.candidate
        kind = c.history[0] if c.origin == "substitution" else plain(c.formula) or c.name
        if kind in kinds or len(kinds) < count:
            kinds.setdefault(kind, []).append(place)
    return tuple(
        Finalist.of(first, tuple(p.judged.candidate.name for p in others[:OTHERS]))
        for first, *others in kinds.values()
    )


@dataclass(frozen=True)
class Rung:
    """A tier that a screen may climb to.

    Args:
        name: In one word.
        text: What it asks, and what a candidate costs.
        make: The tier for a question.
        extra: Optional part of the package that it needs; empty: none.
        moves: It gives candidates another structure.
    """

    name: str
    text: str
    make: Callable[[Screening], Tier]
    extra: str = ""
    moves: bool = False

    @property
    def missing(self) -> str:
        """The module that it lacks here; empty: nothing."""
        needed = {"": (), "structures": ("pymatgen",), "ml": ("pymatgen", "torch", "chgnet")}
        return next((m for m in needed[self.extra] if find_spec(m) is None), "")


def _tables(question: Screening) -> Tier:
    anode = question.anode
    element = "Li" if anode.plated or not anode.formula else anode.formula
    return Tier("tables", (Supplied(), Leaking(element)), 0.001)


def _reactions(question: Screening) -> Tier:
    return Tier("reactions", (Reacting(question),), 0.01)


def _migration(_: Screening) -> Tier:
    return Tier("migration", (Migrating(),), 0.5)


def _relaxation(question: Screening, potential: Offered) -> Tier:
    # The barrier again: that of a decorated type before it came to rest is of another crystal.
    estimators = (Resting(potential, question.phases), Migrating())
    return Tier("relaxation", estimators, 2.5, 8, RELAXED)


def _midpoints(_: Screening, potential: Offered) -> Tier:
    return Tier("midpoints", (Midpoints(potential),), 60.0, 1, SHORT)


def _bands(_: Screening, potential: Offered) -> Tier:
    return Tier("bands", (Bands(potential),), 250.0, 1, SHORT)


def _volumes(question: Screening) -> Tier:
    return Tier("volumes", (Volumes(question.phases),), 0.002)


def _moduli(_: Screening, potential: Offered) -> Tier:
    return Tier("moduli", (Stiffness(potential),), 10.0, 2, SHORT * 4)


def _adhesion(_: Screening, potential: Offered) -> Tier:
    return Tier("adhesion", (Adhering(potential), Binding(potential)), 150.0, 1, SHORT)


def _beside(question: Screening) -> Tier:
    reacting = Reacting(question)
    return Tier("reactions", (reacting, Beside(reacting)), 0.02)


USUAL_POTENTIAL = Offered()


def ladder(potential: Offered = USUAL_POTENTIAL) -> tuple[Rung, ...]:
    """Of layers, from cheap to dear.

    Args:
        potential: Asked for energies, forces and stresses.
    """
    needs = "ml" if potential.name == OWN else "structures"

    def by(make: Callable[[Screening, Offered], Tier]) -> Callable[[Screening], Tier]:
        return lambda question: make(question, potential)

    return (
        Rung("tables", "supply of its elements, leak of electrons by tabulated gaps, ms", _tables),
        Rung("reactions", "phase equilibria with both neighbours, ms", _reactions),
        Rung("migration", "bond-valence barriers, half a second", _migration, "structures"),
        Rung("relaxation", "its own structure relaxed and tied to measured energies, seconds",
             by(_relaxation), needs, moves=True),
        Rung("volumes", "published cells, else the relaxed one corrected by class, ms", _volumes),
        Rung("moduli", "elastic constants, calibrated, ten seconds", by(_moduli), needs),
        Rung("midpoints", "barriers of single hops by the potential, minutes", by(_midpoints),
             needs),
        Rung("bands", "nudged elastic bands of every hop, some minutes", by(_bands), needs),
        Rung("adhesion", "lithium on its faces, as a film and as one atom, minutes",
             by(_adhesion), needs),
    )  # fmt: skip


def substitutes(potential: Offered = USUAL_POTENTIAL) -> tuple[Rung, ...]:
    """Of substituted electrolytes."""
    first, _, *rest = ladder(potential)
    return (first, Rung("reactions", "phase equilibria beside the host, ms", _beside), *rest)


LADDER = ladder()
USUAL = "volumes"
"""Last rung where none is named: seconds a candidate."""


def climb(through: str = USUAL, ladder: Sequence[Rung] = LADDER) -> tuple[tuple[Rung, ...], str]:
    """The rungs up to one, without those that want what is not installed.

    Returns:
        The rungs, and what is left out and why; empty: nothing.

    Raises:
        DataError: No rung of this name.
    """
    names = [rung.name for rung in ladder]
    if through not in names:
        raise DataError(f"no tier '{through}': {', '.join(names)}")
    wanted = tuple(ladder[: names.index(through) + 1])
    lacking = [rung for rung in wanted if rung.missing]
    if not lacking:
        return wanted, ""
    modules = ", ".join(dict.fromkeys(rung.missing for rung in lacking))
    extras = ",".join(dict.fromkeys(rung.extra for rung in lacking))
    return tuple(rung for rung in wanted if not rung.missing), (
        f"left out for want of {modules}: {', '.join(rung.name for rung in lacking)}; "
        f"pip install 'anolyte[{extras}]' brings them"
    )


def screen(
    electrolyte: Any,
    anode: Any,
    candidates: Candidates,
    targets: Callable[[Iterable[Property]], Sequence[Target]],
    *,
    phases: Phases | None = None,
    lib: Library | None = None,
    short: int = SHORT,
    through: str = USUAL,
    ladder: Sequence[Rung] = LADDER,
) -> Screen:
    """The standard screen, not yet run.

    Args:
        electrolyte, anode: Names, formulas or materials.
        candidates: A stream of them.
        targets: What must be met, told by the properties that can be asked for.
        phases: Reference energies; None: the embedded table.
        lib: Where names are looked up.
        short: Length of the short list.
        through: Last rung of the ladder that is climbed.
        ladder: `ladder()` for layers, `substitutes()` for other ions in the electrolyte.

    Raises:
        MissingPhases: The energies do not cover the electrolyte and the anode themselves.
        DataError: No candidate at all.
    """
    first = [c.formula or c.name for c in islice(candidates, 1)]
    question = ask(electrolyte, anode, first, phases=phases, lib=lib)
    rungs, left_out = climb(through, ladder)
    steps = tuple(rung.make(question) for rung in rungs)
    aims = tuple(targets(p for tier in steps for p in tier.gives))
    notes = (left_out,) if left_out else ()
    between = f"{question.electrolyte.name} | {question.anode.name}"
    return Screen(question, Funnel(candidates, steps, aims, question=between), short, notes)
