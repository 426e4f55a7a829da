"""The standard screen between an electrolyte and an anode: which tiers, and the answer."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from anolyte.core.progress import Progress, silent
from anolyte.materials.library import Library
from anolyte.materials.phases import Phases
from anolyte.studies.interlayers import Screening, ask
from anolyte.studies.ledger import Ledger
from anolyte.studies.runner import Runner
from anolyte.studies.screen.candidates import Candidates
from anolyte.studies.screen.estimates import Property
from anolyte.studies.screen.estimators import Reacting
from anolyte.studies.screen.funnel import Funnel, Tier
from anolyte.studies.screen.ranking import rank
from anolyte.studies.screen.result import Finalist, ScreenResult
from anolyte.studies.screen.targets import Target

SHORT = 12


@dataclass(frozen=True)
class Screen:
    """A screen that can be run, interrupted, resumed and read.

    Args:
        question: Electrolyte, anode and energies.
        funnel: Candidates, tiers and targets.
        short: Length of the short list.
    """

    question: Screening
    funnel: Funnel
    short: int = SHORT

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
            tuple(Finalist.of(p) for p in places[: self.short]), len(places), finished,
            question.bare.energies, question.bare.warnings, question.bare.sources,
        )  # fmt: skip


def tiers(question: Screening) -> tuple[Tier, ...]:
    """The standard tiers, from cheap to dear."""
    return (Tier("reactions", (Reacting(question),), 0.02),)


def screen(
    electrolyte: Any,
    anode: Any,
    candidates: Candidates,
    targets: Callable[[Iterable[Property]], Sequence[Target]],
    *,
    phases: Phases | None = None,
    lib: Library | None = None,
    short: int = SHORT,
) -> Screen:
    """The standard screen, not yet run.

    Args:
        electrolyte, anode: Names, formulas or materials.
        candidates: A stream of them.
        targets: What must be met, told by the properties that can be asked for.
        phases: Reference energies; None: the embedded table.
        lib: Where names are looked up.
        short: Length of the short list.

    Raises:
        MissingPhases: The energies do not cover the electrolyte and the anode themselves.
        DataError: No candidate at all.
    """
    first = [c.formula or c.name for c in islice(candidates, 1)]
    question = ask(electrolyte, anode, first, phases=phases, lib=lib)
    steps = tiers(question)
    aims = tuple(targets(p for tier in steps for p in tier.gives))
    return Screen(question, Funnel(candidates, steps, aims), short)
