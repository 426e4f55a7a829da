"""Candidates of a screen, and where they come from.

A source is any object that can be iterated again and again and yields the same candidates in the
same order: a stream, never a list, so that a million candidates take no memory. `digest` says what
the stream depends on; two runs with the same digest screen the same candidates.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

from anolyte.atoms.crystal import Crystal
from anolyte.core.errors import AnolyteError
from anolyte.materials import formula
from anolyte.materials.library import Library
from anolyte.materials.schema import Interlayer
from anolyte.materials.substitution import substitute
from anolyte.studies.interlayers import balanced_formulas
from anolyte.studies.interlayers.compositions import drawn_formulas

AT_ONCE = 50_000
"""Seeded formulas that are drawn before the first goes on, so that too few are told at once."""


@dataclass(frozen=True)
class Candidate:
    """One material that may stand at the interface.

    Args:
        name: As people call it.
        formula: Chemical formula; empty for a mixture.
        origin: Of the source that it comes from.
        history: How it was made, step by step.
        flag: What must be known of it before it is believed; empty: nothing.
        crystal: Its structure; None: only the composition is known.
    """

    name: str
    formula: str
    origin: str
    history: tuple[str, ...] = ()
    flag: str = ""
    crystal: Crystal | None = None


class Candidates(Protocol):
    """A source of candidates."""

    @property
    def digest(self) -> str:
        """Of all that the stream depends on."""
        ...

    def __iter__(self) -> Iterator[Candidate]:
        """The same candidates in the same order every time."""
        ...


def digest(*parts: object) -> str:
    """A short hash of plain values.

    >>> digest("a", 1) == digest("a", 1) != digest("a", 2)
    True
    """
    return hashlib.sha256(json.dumps(parts, default=str).encode()).hexdigest()[:24]


@dataclass(frozen=True)
class Named:
    """Formulas, or names of a library's interlayers, as given.

    Args:
        names: In their order; repeats are left out.
        library: Where names are looked up; None: every name is a formula.
        origin: What is written as their origin.
    """

    names: tuple[str, ...]
    library: Library | None = None
    origin: str = "given"

    @classmethod
    def of_library(cls, library: Library) -> Named:
        """All interlayers of a library."""
        return cls(tuple(m.name for m in library.all(Interlayer)), library, "library")

    @property
    def digest(self) -> str:
        """Of the names and what they mean."""
        return digest(self.origin, [(c.name, c.formula) for c in self])

    def __iter__(self) -> Iterator[Candidate]:
        """One candidate a name."""
        known = self.library.all(Interlayer) if self.library else []
        found = {n.casefold(): m for m in reversed(known) for n in (*m.aliases, m.name)}
        for name in dict.fromkeys(self.names):
            material = found.get(name.casefold())
            if material is None:
                yield Candidate(name, name, self.origin)
            else:
                yield Candidate(material.name, material.formula or "", self.origin)


@dataclass(frozen=True)
class Made:
    """Seeded formulas whose charges balance.

    Args:
        count: How many.
        elements: What they may be made of.
        seed: Of the random numbers.
    """

    count: int
    elements: tuple[str, ...]
    seed: int = 0

    @property
    def digest(self) -> str:
        """Of the numbers that make them."""
        return digest("made", self.count, self.elements, self.seed)

    def __iter__(self) -> Iterator[Candidate]:
        """One candidate a formula."""
        asked = self.count, self.seed, self.elements
        texts = balanced_formulas(*asked) if self.count <= AT_ONCE else drawn_formulas(*asked)
        for text in texts:
            yield Candidate(text, text, "made", (f"balanced charges, seed {self.seed}",))


@dataclass(frozen=True)
class Swapped:
    """Other ions on one site of a host, with the charge audit.

    Args:
        host: Formula.
        site: Element that leaves.
        ions: Elements that come, in their order.
        shares: Of the sites.
        as_printed: Keep the formulas whose charges do not balance, flagged.
    """

    host: str
    site: str
    ions: tuple[str, ...]
    shares: tuple[float, ...] = (1.0,)
    as_printed: bool = True

    @property
    def digest(self) -> str:
        """Of what is exchanged."""
        return digest("swapped", self.host, self.site, self.ions, self.shares, self.as_printed)

    def __iter__(self) -> Iterator[Candidate]:
        """The formula as it stands, then those that balance it."""
        for ion in self.ions:
            for share in self.shares:
                for made in substitute(self.host, self.site, ion, share):
                    if made.charge and not self.as_printed:
                        continue
                    step = f"{ion} on {share:.0%} of the {self.site} sites of {self.host}"
                    history = (step, *([made.how] if made.how else []))
                    flag = made.says if made.charge else ""
                    yield Candidate(made.formula, made.formula, "substitution", history, flag)


@dataclass(frozen=True)
class Joined:
    """Several sources, one after the other, without repeats of a composition.

    Args:
        sources: The first to name a composition names it.
    """

    sources: tuple[Candidates, ...]

    @property
    def digest(self) -> str:
        """Of all of them."""
        return digest(*(s.digest for s in self.sources))

    def __iter__(self) -> Iterator[Candidate]:
        """Candidates whose composition has not been met."""
        return distinct(c for source in self.sources for c in source)


def distinct(candidates: Iterable[Candidate]) -> Iterator[Candidate]:
    """The first candidate of each composition and structure; what cannot be read passes.

    >>> two = [Candidate("a", "Li2S", ""), Candidate("b", "Li4S2", "")]
    >>> [c.name for c in distinct(two)]
    ['a']
    """
    met: set[int] = set()  # eight bytes a composition
    for candidate in candidates:
        try:
            amounts, _ = formula.reduced(formula.parse(candidate.formula))
        except AnolyteError:
            yield candidate
            continue
        crystal = candidate.crystal.digest if candidate.crystal else ""
        mark = hash((tuple(sorted(amounts.items())), crystal))
        if mark not in met:
            met.add(mark)
            yield candidate
