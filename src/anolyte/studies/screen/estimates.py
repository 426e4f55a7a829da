"""What an estimator says of a candidate: a number with its error and its origin, or why not."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from anolyte.atoms.crystal import Crystal
from anolyte.core.units import KINDS, show
from anolyte.studies.screen.candidates import Candidate


@dataclass(frozen=True)
class Property:
    """A property that candidates are judged by.

    Args:
        name: As targets call it.
        kind: Kind of quantity, `core.units.KINDS`.
        text: What it is, in words.
    """

    name: str
    kind: str
    text: str

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"unknown kind '{self.kind}'")


@dataclass(frozen=True)
class Estimate:
    """One number of one candidate.

    Args:
        name: Of the property.
        kind: Of the quantity.
        value: SI; None: unknown, and `note` says why.
        sigma: Standard deviation, SI; None: not known.
        how: measured | computed | estimated | assumed.
        method: What made it.
        source: Citation key; empty: the method is the project's own.
        note: A sentence: what it rests on, or why there is none.
    """

    name: str
    kind: str
    value: float | None
    sigma: float | None = None
    how: str = "computed"
    method: str = ""
    source: str = ""
    note: str = ""

    @property
    def known(self) -> bool:
        """Whether there is a number."""
        return self.value is not None and not math.isnan(self.value)

    def __str__(self) -> str:
        if self.value is None or not self.known:
            return "unknown"
        text = show(self.value, self.kind)
        return (
            text if self.sigma is None else f"{text} ± {self.sigma / KINDS[self.kind].factor:.1g}"
        )


@dataclass(frozen=True)
class Judged:
    """A candidate and all that is known of it so far; a later tier adds, it never overwrites.

    Args:
        candidate: Which.
        estimates: In the order in which they were made.
        spared: It should have been dropped and went on, to measure what is lost.
    """

    candidate: Candidate
    estimates: tuple[Estimate, ...] = ()
    spared: bool = False

    def best(self, name: str) -> Estimate | None:
        """The last number of a property, made by the dearest method; None: nothing was said."""
        found = [e for e in self.estimates if e.name == name]
        return next((e for e in reversed(found) if e.known), found[-1] if found else None)

    def adding(self, estimates: Iterable[Estimate], crystal: Crystal | None = None) -> Judged:
        """With more estimates, and with the structure in which it came to rest."""
        candidate = self.candidate if crystal is None else replace(self.candidate, crystal=crystal)
        return replace(self, candidate=candidate, estimates=(*self.estimates, *estimates))


class Estimator(Protocol):
    """Says something of each of some candidates."""

    @property
    def name(self) -> str:
        """In one or two words."""
        ...

    @property
    def gives(self) -> tuple[Property, ...]:
        """The properties that it speaks of."""
        ...

    @property
    def digest(self) -> str:
        """Of its version, its settings and the data that it reads."""
        ...

    def __call__(self, judged: Sequence[Judged]) -> Sequence[Judged]:
        """The same candidates in their order, with more estimates; never raises for one of them."""
        ...
