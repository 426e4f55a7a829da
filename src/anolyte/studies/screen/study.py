"""The standard screen between an electrolyte and an anode: which tiers, and the answer."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from itertools import islice
from typing import Any

from anolyte.atoms.potentials import Chgnet
from anolyte.core.errors import DataError
from anolyte.core.progress import Progress, silent
from anolyte.materials.library import Library
from anolyte.materials.phases import Phases
from anolyte.studies.interlayers import Screening, ask
from anolyte.studies.ledger import Ledger
from anolyte.studies.runner import Runner
from anolyte.studies.screen.candidates import Candidates
from anolyte.studies.screen.estimates import Property
from anolyte.studies.screen.estimators import Beside, Midpoints, Migrating, Reacting, Resting
from anolyte.studies.screen.funnel import Funnel, Tier
from anolyte.studies.screen.ranking import Place, rank
from anolyte.studies.screen.result import Finalist, ScreenResult
from anolyte.studies.screen.structured import plain
from anolyte.studies.screen.targets import Target

SHORT = 12


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
        places = rank(list(funnel.finalists(ledger)), funnel.targets, usual)
        return ScreenResult(
            question.electrolyte.name, question.anode.name, funnel.targets, steps,
            tuple(Finalist.of(p) for p in _formulas(places, self.short)), len(places), finished,
            question.bare.energies, (*self.notes, *question.bare.warnings), question.bare.sources,
        )  # fmt: skip


def _formulas(places: Iterable[Place], count: int) -> list[Place]:
    """The first places, each formula once: the best of its structures."""
    found: dict[str, Place] = {}
    for place in places:
        found.setdefault(
            plain(place.judged.candidate.formula) or place.judged.candidate.name, place
        )
        if len(found) == count:
            break
    return list(found.values())


@dataclass(frozen=True)
class Rung:
    """A tier that a screen may climb to.

    Args:
        name: In one word.
        text: What it asks, and what a candidate costs.
        make: The tier for a question.
        extra: Optional part of the package that it needs; empty: none.
    """

    name: str
    text: str
    make: Callable[[Screening], Tier]
    extra: str = ""

    @property
    def missing(self) -> str:
        """The module that it lacks here; empty: nothing."""
        needed = {"": (), "structures": ("pymatgen",), "ml": ("pymatgen", "torch", "chgnet")}
        return next((m for m in needed[self.extra] if find_spec(m) is None), "")


def _reactions(question: Screening) -> Tier:
    return Tier("reactions", (Reacting(question),), 0.01)


def _migration(_: Screening) -> Tier:
    return Tier("migration", (Migrating(),), 0.5)


def _relaxation(question: Screening) -> Tier:
    return Tier("relaxation", (Resting(Chgnet(), question.phases),), 2.5, group=8)


def _midpoints(_: Screening) -> Tier:
    return Tier("midpoints", (Midpoints(Chgnet()),), 60.0)


def _beside(question: Screening) -> Tier:
    reacting = Reacting(question)
    return Tier("reactions", (reacting, Beside(reacting)), 0.02)


LADDER = (
    Rung("reactions", "phase equilibria with both neighbours, ms", _reactions),
    Rung("migration", "bond-valence barriers, half a second", _migration, "structures"),
    Rung("relaxation", "its own structure relaxed and tied to measured energies, seconds",
         _relaxation, "ml"),
    Rung("midpoints", "barriers of single hops by the potential, minutes", _midpoints, "ml"),
)  # fmt: skip
"""Of layers, from cheap to dear."""
SUBSTITUTES = (Rung("reactions", "phase equilibria beside the host, ms", _beside), *LADDER[1:])
"""Of substituted electrolytes."""
USUAL = "relaxation"


def climb(through: str = USUAL, ladder: Sequence[Rung] = LADDER) -> tuple[tuple[Rung, ...], str]:
    """The rungs up to one, as far as what is installed carries.

    Returns:
        The rungs, and what is left out and why; empty: nothing.

    Raises:
        DataError: No rung of this name.
    """
    names = [rung.name for rung in ladder]
    if through not in names:
        raise DataError(f"no tier '{through}': {', '.join(names)}")
    wanted = tuple(ladder[: names.index(through) + 1])
    for k, rung in enumerate(wanted):
        if rung.missing:
            left = ", ".join(r.name for r in wanted[k:])
            return wanted[:k], (
                f"left out for want of {rung.missing}: {left}; "
                f"pip install 'anolyte[{rung.extra}]' brings them"
            )
    return wanted, ""


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
        ladder: `LADDER` for layers, `SUBSTITUTES` for other ions in the electrolyte.

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
    return Screen(question, Funnel(candidates, steps, aims), short, notes)
