"""What a screen answers: a short list with reasons, and what was let go where."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist
from typing import Any, ClassVar

from anolyte.core.result import Result
from anolyte.core.units import KINDS, show
from anolyte.studies.screen.candidates import Candidate
from anolyte.studies.screen.estimates import Estimate
from anolyte.studies.screen.funnel import FLAG, Dropped, Step
from anolyte.studies.screen.ranking import Place
from anolyte.studies.screen.targets import Target

LIKELY, UNLIKELY = 0.9, 0.5
SURE = 0.99
"""Probability above which a smaller error changes nothing."""
SHOWN = 3
"""Flagged candidates named among the cautions."""


@dataclass(frozen=True)
class Finalist:
    """A candidate on the short list.

    Args:
        candidate: With its history.
        probability: That it meets every target; what is unknown counted at the screen's mean.
        chances: Of each target; None: unknown.
        front: Share of draws in which no other finalist is better in every property.
        spared: A tier would have dropped it; it went on to measure what is lost.
        estimates: All that is known of it, each with method and error.
        also: Other candidates of the same kind, less likely or equal.
    """

    candidate: Candidate
    probability: float
    chances: tuple[float | None, ...]
    front: float | None
    spared: bool
    estimates: tuple[Estimate, ...]
    also: tuple[str, ...] = ()

    @classmethod
    def of(cls, place: Place, also: tuple[str, ...] = ()) -> Finalist:
        """From its place in the order."""
        j = place.judged
        return cls(
            j.candidate, place.probability, place.chances, place.front, j.spared, j.estimates, also
        )

    def best(self, name: str) -> Estimate | None:
        """The last number of a property."""
        found = [e for e in self.estimates if e.name == name]
        return next((e for e in reversed(found) if e.known), found[-1] if found else None)


@dataclass(frozen=True)
class Dot:
    """One of the finalists among which the front was sought.

    Args:
        name: Of the candidate.
        values: Of the targets' properties, SI; None: unknown.
        front: Share of draws in which no other is better in every property.
    """

    name: str
    values: tuple[float | None, ...]
    front: float

    @classmethod
    def of(cls, place: Place, targets: tuple[Target, ...]) -> Dot:
        """From its place in the order."""
        found = [place.judged.best(t.name) for t in targets]
        values = tuple(None if e is None or not e.known else e.value for e in found)
        return cls(place.judged.candidate.name, values, place.front or 0.0)


@dataclass(frozen=True)
class ScreenResult(Result):
    """The answer of a screen.

    Args:
        electrolyte, anode: Names.
        targets: What was asked.
        steps: What each tier did.
        shortlist: The likeliest first.
        finalists: How many the last tier kept.
        finished: Whether every candidate went through every tier.
        energies: Of the hulls.
        compared: The finalists among which the front was sought.
    """

    electrolyte: str
    anode: str
    targets: tuple[Target, ...]
    steps: tuple[Step, ...]
    shortlist: tuple[Finalist, ...]
    finalists: int
    finished: bool = True
    energies: str = ""
    compared: tuple[Dot, ...] = ()
    warnings: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()

    concern: ClassVar[None] = None

    @property
    def asked(self) -> int:
        """Candidates that came to the first tier."""
        return self.steps[0].came if self.steps else 0

    @property
    def unknown(self) -> dict[str, float]:
        """Share of the candidates that came to a target's tier of which it stayed unknown."""
        last = {n: 1.0 - k / s.came for s in self.steps if s.came for n, k in s.known.items()}
        return {t.name: last[t.name] for t in self.targets if t.name in last}

    @property
    def flagged(self) -> list[Dropped]:
        """Some of those that were dropped for what they are themselves."""
        return [d for s in self.steps for d in s.examples if d.target == FLAG]

    @property
    def cautions(self) -> tuple[str, ...]:
        """What is to be known before the list is believed."""
        spared = sum(s.spared for s in self.steps)
        return (
            *(() if self.finished else (
                "interrupted: --resume FILE.db keeps what is done and goes on from there",)),
            *(f"{c.name}: {c.flag}" for c in (f.candidate for f in self.shortlist) if c.flag),
            *(f"{d.name} was dropped: {d.because}" for d in self.flagged[:SHOWN]),
            *((f"also dropped as written: {_and([d.name for d in self.flagged[SHOWN:]])}",)
              if self.flagged[SHOWN:] else ()),
            *((f"unknown of the candidates that were asked: {_and(self._shares)}",)
              if self._shares else ()),
            *((f"{spared} that should have been dropped went on, to measure what is lost",)
              if spared else ()),
            *self.warnings,
        )  # fmt: skip

    @property
    def _shares(self) -> list[str]:
        return [f"{name} {share:.0%}" for name, share in self.unknown.items()]

    def rests_on(self, finalist: Finalist) -> str:
        """What the numbers behind its targets come from: reactions, hulls; empty: nothing."""
        best = [finalist.best(t.name) for t in self.targets]
        notes = [(e.name.replace("_", " "), e.note) for e in best if e and e.known and e.note]
        return "; ".join(f"{name}: {note}" for name, note in notes)

    def change(self, finalist: Finalist) -> str:
        """What one more number would do to its place."""
        chance, parts = finalist.probability, []
        usual = {name: p for s in self.steps for name, p in s.usual.items()}
        for t, p in zip(self.targets, finalist.chances, strict=True):
            if p is None:
                met = min(chance / max(usual.get(t.name, 0.5), 1e-9), 1.0)
                parts.append(
                    f"{t.name.replace('_', ' ')}, once known, makes P {met:.2f} or nearly 0"
                )
        known = [(p, t) for p, t in zip(finalist.chances, self.targets, strict=True) if p]
        if known and (weakest := min(known, key=lambda pair: pair[0]))[0] < SURE:
            p, t = weakest
            z = NormalDist().inv_cdf(min(max(p, 1e-6), 1.0 - 1e-6))
            half = chance / p * NormalDist().cdf(2.0 * z)
            parts.append(f"{t.name.replace('_', ' ')} with half its error makes P {half:.2f}, "
                         "if the value stays")  # fmt: skip
        return "; ".join(parts)

    def reason(self, finalist: Finalist) -> str:
        """Why a finalist stands where it stands, how sure that is, and what would change it."""
        known = [(p, t) for p, t in zip(finalist.chances, self.targets, strict=True)
                 if p is not None]  # fmt: skip
        parts: list[str] = []
        if sure := [f"{t.name} ({finalist.best(t.name)})" for p, t in known if p >= LIKELY]:
            parts.append(f"meets {_and(sure)}")
        for p, t in sorted(((p, t) for p, t in known if p < LIKELY), key=lambda pair: pair[0]):
            word = "undecided" if p >= UNLIKELY else "in doubt"
            parts.append(f"{t.name.replace('_', ' ')} {word}: {finalist.best(t.name)} against "
                         f"{show(t.limit, t.kind)}, P {p:.2f}")  # fmt: skip
        if unknown := [t.name for p, t in zip(finalist.chances, self.targets, strict=True)
                       if p is None]:  # fmt: skip
            parts.append(f"unknown: {_and(unknown)}; a measured or computed value would decide")
        if finalist.also:
            parts.append(f"likewise {_and(list(finalist.also))}")
        return "; ".join(parts)

    def rows(self) -> list[dict[str, Any]]:
        """One row a finalist."""
        return [self._row(k, f) for k, f in enumerate(self.shortlist, 1)]

    def _row(self, number: int, f: Finalist) -> dict[str, Any]:
        row: dict[str, Any] = {
            "rank": number, "name": f.candidate.name, "formula": f.candidate.formula,
            "origin": f.candidate.origin, "probability": f.probability, "front": f.front,
        }  # fmt: skip
        for name in dict.fromkeys(e.name for e in f.estimates):
            e = f.best(name)
            if e is not None:
                kind = KINDS[e.kind]
                scale = 1.0 / kind.factor if e.kind != "temperature" else 1.0
                row[f"{name} [{kind.label}]"] = e.value * scale if e.value is not None else None
                row[f"{name} sigma [{kind.label}]"] = e.sigma * scale if e.sigma else None
                row[f"{name} method"] = e.method or e.note
        return row | {"reason": self.reason(f), "flag": f.candidate.flag}


def _and(names: list[str]) -> str:
    """Names as words.

    >>> _and(["band_gap", "price", "x"])
    'band gap, price and x'
    """
    words = [n.replace("_", " ") for n in names]
    return " and ".join([*([", ".join(words[:-1])] if words[1:] else []), words[-1]])
