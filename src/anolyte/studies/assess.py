"""One interface, every concern: from two names to a verdict.

Every model is asked; what it cannot say becomes a finding of its own ("unknown", and what to add).
Concerns are kept apart: the verdict follows written rules (`verdicts.yaml`), never an average.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, ClassVar

from anolyte.core.errors import AnolyteError
from anolyte.core.progress import Progress, silent
from anolyte.core.result import Concern, Finding, Level, Result
from anolyte.materials import library
from anolyte.materials.criteria import Criteria, criteria
from anolyte.materials.phases import Phases, embedded
from anolyte.materials.stack import Cell, Conditions, Interface
from anolyte.models import Model, installed
from anolyte.studies.provenance import Provenance, provenance


@dataclass(frozen=True)
class Assessment(Result):
    """The verdict on one interface, why, and what to look at next.

    Args:
        cell: Interface and conditions, whole, so that the assessment can be run again.
        verdict: In words.
        headlines: One finding a concern, in the order of `Concern`.
        details: The findings that are no headline.
        next_steps: What to look at next.
        results: What each model answered.
        provenance: Versions, data and settings.
    """

    cell: Cell
    verdict: str
    headlines: tuple[Finding, ...]
    details: tuple[Finding, ...] = ()
    next_steps: tuple[str, ...] = ()
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
    phases: Phases | None = None,
    limits: Criteria | None = None,
    progress: Progress = silent,
) -> Assessment:
    """Ask every model about one interface.

    Args:
        interface: Electrolyte | layers | anode.
        conditions: Current, pressure, temperature, capacity.
        models: Models to ask; None: all that are installed.
        phases: Reference energies for all of them; None: the embedded table.
        limits: Thresholds; None: the package's.
        progress: Told after each model.

    >>> assess(Interface("Li6PS5Cl", "Li")).headlines[0].concern
    <Concern.WINDOW: 'window'>
    """
    conditions = conditions or Conditions()
    limits = limits or criteria()
    phases = phases or embedded()
    models = tuple(models) if models is not None else installed(phases)
    results: list[Result] = []
    found: list[Finding] = []
    for i, model in enumerate(models):
        try:
            result = model(interface, conditions)
        except AnolyteError as error:
            found.append(_unknown(model.concern, str(error)))
        else:
            results.append(result)
            found += result.findings(limits)
        progress(i + 1, len(models), type(model).__name__)
    headlines = _headlines(found)
    verdict, steps = judge(headlines)
    return Assessment(
        cell=Cell(interface, conditions),
        verdict=verdict,
        headlines=headlines,
        details=tuple(f for f in found if f not in headlines),
        next_steps=steps,
        warnings=_collect(results, "warnings") + _notes(interface),
        missing=_collect(results, "missing"),
        results=tuple(results),
        provenance=provenance(interface, phases, models),
    )


def _unknown(concern: Concern, why: str) -> Finding:
    text = why.replace("{", "(").replace("}", ")")
    return Finding(concern, Level.UNKNOWN, text, {}, (), "unknown", "rule")


def _headlines(found: list[Finding]) -> tuple[Finding, ...]:
    """One finding a concern: the last that is known, else the last, else that no model exists."""
    headlines = []
    for concern in Concern:
        own = [f for f in found if f.concern == concern]
        known = [f for f in own if f.level != Level.UNKNOWN]
        last = (known or own or [_unknown(concern, "no model yet")])[-1]
        headlines.append(last)
    return tuple(headlines)


@lru_cache(maxsize=1)
def _rules() -> Mapping[str, Any]:
    return library.read_yaml(library.DATA / "verdicts.yaml")


def judge(headlines: tuple[Finding, ...]) -> tuple[str, tuple[str, ...]]:
    """The verdict and the next steps that the written rules give for some headlines."""
    states = {str(f.concern): {str(f.level), f.label} for f in headlines}
    verdict, steps = "not judged: no rule speaks of this case", ()
    for rule in _rules()["verdicts"]:
        if all(state in states.get(concern, ()) for concern, state in rule["when"].items()):
            verdict, steps = rule["verdict"], tuple(rule.get("next", ()))
            break
    unknown = [str(f.concern) for f in headlines if f.level == Level.UNKNOWN]
    by_concern = _rules()["next_by_concern"]
    steps += tuple(by_concern[c] for c in unknown if c in by_concern)
    return verdict, steps


def _collect(results: list[Result], name: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text for r in results for text in getattr(r, name, ())))


def _notes(interface: Interface) -> tuple[str, ...]:
    materials = [interface.electrolyte, interface.anode, *(x.material for x in interface.layers)]
    return tuple(
        f"{m.name}: {note}" for m in materials if m.origin != "library" for note in m.notes
    )
