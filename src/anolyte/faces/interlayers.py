"""A screen of candidate layers from the command line: `anolyte react --all-interlayers`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from anolyte.core.errors import DataError
from anolyte.core.units import habitual
from anolyte.faces import asking, views
from anolyte.faces.console import Page
from anolyte.materials.library import Library
from anolyte.materials.phases import Phases
from anolyte.materials.schema import Interlayer

if TYPE_CHECKING:  # a ledger costs more than a reaction: loaded when a screen is asked for
    from anolyte.studies.interlayers import Candidate, InterlayerScreen, Screening

SHOWN = 20
INTERRUPTED = 130
MANY = 20
"""Parts of a screen from which on further processes, which take a second to start, pay."""


@dataclass(frozen=True)
class Batch:
    """Which candidates, and where they are kept.

    Args:
        library: All interlayers that `anolyte materials` lists.
        compositions: A file of formulas.
        count: So many seeded, charge-balanced formulas.
        seed: Of them.
        elements: Of them, separated by commas; None: all of the reference energies.
        resume: The ledger.
    """

    library: bool = False
    compositions: Path | None = None
    count: int | None = None
    seed: int | None = None
    elements: str | None = None
    resume: Path | None = None

    def __bool__(self) -> bool:
        """Whether a screen is asked for at all."""
        return self.library or self.compositions is not None or self.count is not None

    def check(self) -> None:
        """Refuse options that have no place in what is asked.

        Raises:
            DataError: With the option and what it needs.
        """
        made = {"--elements": self.elements, "--seed": self.seed}
        given = [name for name, value in made.items() if value is not None]
        if given and self.count is None:
            raise DataError(f"{given[0]} is for made compositions: add --count N")
        if self.resume is not None and not self:
            raise DataError(
                "--resume belongs to a screen: add --all-interlayers, --compositions FILE or "
                "--count N"
            )

    def candidates(self, lib: Library, phases: Phases) -> list[str]:
        """Names and formulas, the library's first."""
        from anolyte.studies.interlayers import balanced_formulas, read_formulas

        found = [m.name for m in lib.all(Interlayer)] if self.library else []
        if self.compositions is not None:
            found += read_formulas(self.compositions)
        if self.count is not None:
            found += balanced_formulas(self.count, self.seed or 0, self._elements(phases))
        return found

    def _elements(self, phases: Phases) -> list[str]:
        if self.elements is None:
            return list(phases.elements)
        asked = [e.strip() for e in self.elements.replace("-", ",").split(",") if e.strip()]
        if lacking := [e for e in asked if e not in phases.elements]:
            raise DataError(
                f"--elements: {', '.join(lacking)[:60]} not in the reference energies; they hold "
                + ", ".join(phases.elements)
            )
        return asked


def screen(
    batch: Batch,
    electrolyte: str,
    anode: str | None,
    *,
    materials: list[Path] | None = None,
    entries: str | None = None,
    as_printed: bool = False,
) -> tuple[InterlayerScreen, int]:
    """Screen; after Ctrl-C what is done.

    Returns:
        The answer and the exit code.

    Raises:
        DataError: No anode, or candidates that make no sense.
    """
    from anolyte.studies.interlayers import ask

    if anode is None:
        raise DataError("which anode? write for example: anolyte react --all-interlayers LLZO Li")
    lib, phases = asking.library(materials), asking.energies(entries)
    question = ask(
        electrolyte, anode, batch.candidates(lib, phases), phases=phases, lib=lib,
        as_printed=as_printed,
    )  # fmt: skip
    return _run(question, batch.resume)


def _run(question: Screening, resume: Path | None) -> tuple[InterlayerScreen, int]:
    from anolyte.core import progress
    from anolyte.studies.ledger import Ledger
    from anolyte.studies.processes import Processes

    engine = Processes() if len(question.tasks) > MANY else None
    with Ledger(resume) as ledger:
        try:
            return question.run(ledger, progress=progress.with_time_left(), runner=engine), 0
        except KeyboardInterrupt:
            return question.collect(ledger), INTERRUPTED


def show(result: InterlayerScreen) -> None:
    """The least reactive candidates, what could not be judged, and what the numbers mean."""
    page = Page()
    page.line(f"Layers between {result.electrolyte} and {result.anode}", "bold")
    at = ", ".join(f"{v:.2f}" for v in result.potentials)
    page.line(
        f"{result.electrolyte} | {result.anode} without a layer: {views.energy(result.bare)} "
        f"eV/atom other than Li (lithium enters at {at} V)."
    )
    best = result.answered[:SHOWN]
    if best:
        page.heading(f"The least reactive {len(best)} of {len(result.answered)}")
        page.columns(
            [_columns(c) for c in best],
            head=("layer", "mean", "electrolyte", "anode", "window / V", "products"),
            right=(1, 2, 3),
        )
        page.line(
            "  eV/atom; with the electrolyte closed, per atom of the mixture; with the anode open "
            "to lithium, per atom other than Li, what the layer does alone included", "dim",
        )  # fmt: skip
    page.heading("Keep in mind")
    page.bullets(_doubts(result))
    page.line()
    page.line("--csv and --json give all candidates with their balanced reactions", "dim")


def _columns(c: Candidate) -> tuple[str, ...]:
    def number(value: float | None) -> str:
        return "" if value is None else f"{habitual(value, 'energy_per_atom'):.3f}"

    parts = [("", c.electrolyte_products), ("anode: ", c.anode_products)]
    products = "; ".join(f"{head}{', '.join(made)}" for head, made in parts if made)
    low, high = c.reduction_limit or 0.0, c.oxidation_limit
    window = f"{low:.2f}-{high:.2f}" if high is not None and high < 10.0 else f"{low:.2f}-none"
    name = c.name if c.name == c.formula or not c.formula else f"{c.name}"
    return (name, number(c.mean), number(c.to_electrolyte), number(c.to_anode), window,
            products or "nothing reacts")  # fmt: skip


def _doubts(result: InterlayerScreen) -> list[str]:
    """Shares of what is not known, conventions, energies."""
    judged = len(result.candidates)
    texts = [
        f"unknown for lack of competing phases: {len(result.unknown)} of {judged} "
        f"({100.0 * result.unknown_share:.0f}%)"
        + (f"; most wanted: {_wanted(result)}" if result.unknown else "")
    ]
    if result.asked > judged:
        texts.insert(
            0,
            f"judged so far: {judged} of {result.asked} candidates; "
            "--resume FILE.db keeps them and goes on from there",
        )
    if result.refused:
        named = (f"{c.name} ({c.refused.partition(':')[0]})" for c in result.refused)
        texts.append(f"no question for phase equilibria ({len(result.refused)}): "
                     + views.some(named, 4))  # fmt: skip
    partly = [c for c in result.answered if c.missing]
    if partly:
        texts.append(
            f"{len(partly)} judged without some known compound that has no energy here: "
            + views.some((f"{c.name} ({views.some(c.missing, 2)})" for c in partly), 3)
        )
    unlisted = sum(c.above_hull is None for c in result.answered)
    texts.append(f"{result.convention} ({unlisted} of {len(result.answered)} are no listed phase)")
    texts.append("neither conduction nor speed is judged: a layer that does not react must still "
                 "carry lithium and block electrons")  # fmt: skip
    return [*texts, *result.warnings, f"energies: {result.energies}"]


def _wanted(result: InterlayerScreen) -> str:
    return views.some((f"{what} ({n})" for what, n in result.lacking), 5)
