"""One interface, every concern: from two names to a verdict.

Every model is asked; what it cannot say becomes a finding of its own ("unknown", and what to add).
Concerns are kept apart: the verdict follows written rules (`verdicts.yaml`), never an average.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, ClassVar

from anolyte.core.progress import Progress, silent
from anolyte.core.result import Concern, Finding, Result
from anolyte.materials.criteria import Criteria, criteria
from anolyte.materials.entries import as_phases
from anolyte.materials.library import Library
from anolyte.materials.phases import embedded
from anolyte.materials.records import Record
from anolyte.materials.stack import Cell, Conditions, Interface
from anolyte.materials.strategy import Strategy
from anolyte.models import Model, installed
from anolyte.studies.diagnosis import ask, headlines, judge
from anolyte.studies.provenance import Provenance, provenance
from anolyte.studies.remedies import Remedy, remedies


@dataclass(frozen=True)
class Assessment(Result):
    """The verdict on one interface, why, and what to look at next.

    Args:
        cell: Interface and conditions, whole, so that the assessment can be run again.
        verdict: In words.
        headlines: One finding a concern, in the order of `Concern`.
        details: The findings that are no headline.
        next_steps: What to look at next.
        remedies: What could mend what is bad, cautious or unknown, the best first.
        results: What each model answered.
        provenance: Versions, data and settings.
    """

    cell: Cell
    verdict: str
    headlines: tuple[Finding, ...]
    details: tuple[Finding, ...] = ()
    next_steps: tuple[str, ...] = ()
    remedies: tuple[Remedy, ...] = ()
    warnings: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    results: tuple[Result, ...] = ()
    provenance: Provenance = field(default_factory=Provenance)

    concern: ClassVar[None] = None

    def findings(self, criteria: Any = None) -> tuple[Finding, ...]:
        """One finding a concern."""
        return self.headlines

    def result(self, concern: Concern | str, last: bool = False) -> Result | None:
        """The (first, or last) model's answer on a concern."""
        found = [r for r in self.results if getattr(r, "concern", None) == concern]
        return None if not found else found[-1] if last else found[0]

    def rows(self) -> list[dict[str, Any]]:
        """One row a finding."""
        return [
            {"concern": str(f.concern), "level": str(f.level), "label": f.label,
             "because": f.reason, "basis": f.basis, "sources": ", ".join(f.sources)}
            for f in (*self.headlines, *self.details)
        ]  # fmt: skip


def assess(
    interface: Interface,
    conditions: Conditions | None = None,
    models: Iterable[Model] | None = None,
    *,
    phases: Any = None,
    limits: Criteria | None = None,
    strategies: Iterable[Strategy] | None = None,
    records: Iterable[Record] | None = None,
    lib: Library | None = None,
    progress: Progress = silent,
) -> Assessment:
    """Ask every model about one interface.

    Args:
        interface: Electrolyte | layers | anode.
        conditions: Current, pressure, temperature, capacity.
        models: Models to ask; None: all that are installed.
        phases: Reference energies for all of them; None: the embedded table; also what
            `read_entries` takes.
        limits: Thresholds; None: the package's.
        strategies: Remedies to weigh; None: the package's; empty: none.
        records: Measurements to rank them by; None: the package's.
        lib: Where remedies look up materials; None: the package's library.
        progress: Told after each model.

    >>> assess(Interface("Li6PS5Cl", "Li")).headlines[0].concern
    <Concern.WINDOW: 'window'>
    """
    conditions = conditions or Conditions()
    limits = limits or criteria()
    phases = as_phases(phases) or embedded()
    cell = Cell(interface, conditions)
    models = tuple(models) if models is not None else installed(phases, lib)
    answers = ask(models, cell, limits, progress=progress)
    results = [a.result for a in answers if a.result is not None]
    heads = headlines(answers)
    verdict, steps = judge(heads)
    return Assessment(
        cell=cell,
        verdict=verdict,
        headlines=heads,
        details=tuple(f for a in answers for f in a.findings if f not in heads),
        next_steps=steps,
        remedies=remedies(cell, answers, limits, strategies, records, lib=lib),
        warnings=_collect(results, "warnings") + _notes(interface),
        missing=_collect(results, "missing"),
        results=tuple(results),
        provenance=provenance(interface, phases, models),
    )


def _collect(results: list[Result], name: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text for r in results for text in getattr(r, name, ())))


def _notes(interface: Interface) -> tuple[str, ...]:
    materials = [interface.electrolyte, interface.anode, *(x.material for x in interface.layers)]
    return tuple(
        f"{m.name}: {note}" for m in materials if m.origin != "library" for note in m.notes
    )
