"""What was learnt: numbers before and after, rival laws, checks, and what it changes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from anolyte.core.errors import DataError
from anolyte.core.result import Concern, Finding, Level, Number, Result, quantity
from anolyte.core.units import KINDS, habitual
from anolyte.studies.learn.next_experiment import Proposal
from anolyte.studies.learn.numbers import Drawn, in_words

UNCONSTRAINED = 0.1
"""Nats; a number of which less was learnt is as open as before: it narrowed by a tenth or less."""
MISFIT = 0.01
"""Probability of data at least so odd under the best law, below which it does not explain them."""


def interval(values: tuple[float, float, float], kind: str) -> str:
    """Median and 10 to 90 % in the habitual unit, which stands elsewhere.

    >>> interval((1.0, 2.0, 3.0), "current_density")
    '0.2 (0.1 to 0.3)'
    """
    low, middle, high = (f"{habitual(v, kind):.3g}" for v in values)
    return f"{middle} ({low} to {high})"


@dataclass(frozen=True)
class Learnt:
    """One uncertain number, before and after.

    Args:
        name: As the assembly asks for it.
        kind: Of quantity.
        before, after: 10, 50 and 90 %, SI.
        information: Divergence of posterior from prior, nats, both taken as log-normal.
        narrowed: Spread after over spread before, of the logarithm.
    """

    name: str
    kind: str
    before: tuple[float, float, float]
    after: tuple[float, float, float]
    information: float
    narrowed: float

    @property
    def constrained(self) -> bool:
        """Whether the data say anything of it."""
        return self.information >= UNCONSTRAINED

    @property
    def words(self) -> str:
        """Its name as people read it."""
        return in_words(self.name)

    def shown(self, values: tuple[float, float, float]) -> str:
        """Median and interval in habitual units."""
        return f"{interval(values, self.kind)} {KINDS[self.kind].label}".rstrip()


@dataclass(frozen=True)
class Weighed:
    """A rival law with what the data say for it.

    Args:
        name: In words.
        log_evidence, error: Natural logarithm of the probability of the data, and its error.
        before, after: Probabilities among the rivals.
        low, high: Of `after`, by one standard error of the evidences.
    """

    name: str
    log_evidence: float
    error: float
    before: float = quantity("fraction")
    after: float = quantity("fraction")
    low: float = quantity("fraction")
    high: float = quantity("fraction")


@dataclass(frozen=True)
class Check:
    """A posterior predictive check: data made by the learnt cell against the data.

    Args:
        observation: Which.
        what: "size of misfits", "drift of misfits".
        probability: That the learnt cell gives data at least as odd.
        count: How many numbers were compared.
    """

    observation: str
    what: str
    probability: float = quantity("fraction")
    count: int = 0


@dataclass(frozen=True)
class Predicted:
    """What the learnt cell says of one observation: 10, 50 and 90 % of the prediction, SI."""

    observation: str
    kind: str
    measured: tuple[float, ...]
    low: tuple[float, ...]
    middle: tuple[float, ...]
    high: tuple[float, ...]
    along: tuple[float, ...] = ()


@dataclass(frozen=True)
class Change:
    """An answer of the assessment before and after.

    Args:
        name: In words.
        kind: Of quantity.
        before, after: 10, 50 and 90 %; of a share: the share, and what so many draws leave open.
        number: Which constrained number moved it most; empty: none did.
        observation: Which measurement moved that number.
    """

    name: str
    kind: str
    before: tuple[float, float, float]
    after: tuple[float, float, float]
    number: str = ""
    observation: str = ""


@dataclass(frozen=True)
class Learned(Result):
    """What measurements changed of a cell.

    Args:
        cell: In words.
        law: The most probable of the rivals; all numbers are of it.
        learnt: Its uncertain numbers, those first of which most was learnt.
        tied: Pairs of numbers of which the data know a combination only, with the correlation.
        rivals: All laws that were compared.
        checks: Whether the law explains the data.
        predicted: Each observation beside its prediction.
        changes: What it does to the assessment; empty where the law does not explain the data.
        proposals: What to measure next, the best first.
        names, scores: The posterior itself, see `pick`.
        draws: How many.
        seed: Of everything.
    """

    cell: str
    law: str
    learnt: tuple[Learnt, ...]
    tied: tuple[tuple[str, str, float], ...]
    rivals: tuple[Weighed, ...]
    checks: tuple[Check, ...]
    predicted: tuple[Predicted, ...]
    changes: tuple[Change, ...] = ()
    proposals: tuple[Proposal, ...] = ()
    names: tuple[str, ...] = ()
    scores: tuple[tuple[float, ...], ...] = ()
    draws: int = 0
    seed: int = 0
    files: int = 0
    warnings: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()

    concern: ClassVar[None] = None

    @property
    def explained(self) -> bool:
        """Whether the best law passes all checks; their number is allowed for."""
        limit = MISFIT / max(1, len(self.checks))
        return all(c.probability >= limit for c in self.checks)

    @property
    def constrained(self) -> tuple[Learnt, ...]:
        """Numbers of which something was learnt."""
        return tuple(n for n in self.learnt if n.constrained)

    @property
    def unconstrained(self) -> tuple[Learnt, ...]:
        """Numbers that are as open as before."""
        return tuple(n for n in self.learnt if not n.constrained)

    def pick(self) -> Drawn:
        """The posterior as a pick, the first draw near its middle: `cell.assemble(pick=...)`.

        Raises:
            DataError: No law explains the data, so that its numbers mean nothing.
        """
        if not self.explained:
            raise DataError(
                f"{self.cell}: the model does not explain these data; its numbers are not handed on"
            )
        return Drawn(self.names, np.asarray(self.scores), self.seed)

    def findings(self, criteria: Any) -> tuple[Finding, ...]:
        """Whether the law explains the data, and how much they said."""
        worst = min(self.checks, key=lambda c: c.probability)
        numbers = {"p": Number(worst.probability, "fraction")}
        if not self.explained:
            because = f"the model does not explain these data ({worst.observation}: {worst.what}, "
            because += "p = {p}); its numbers are not handed on"
            return (Finding(Concern.TRANSPORT, Level.BAD, because, numbers, label="not explained"),)
        names = ", ".join(n.words for n in self.constrained[:3]) or "no number"
        because = f"{self.law} explains the data (least p = {{p}}); they constrain {names}"
        level = Level.GOOD if self.constrained else Level.UNKNOWN
        return (Finding(Concern.TRANSPORT, level, because, numbers, label="learnt",
                        basis="measured"),)  # fmt: skip

    def rows(self) -> list[dict[str, Any]]:
        """One row a number."""
        return [
            {"number": n.words, "unit": KINDS[n.kind].label}
            | {f"{when} {share} %": habitual(v, n.kind)
               for when, values in (("before", n.before), ("after", n.after))
               for share, v in zip((10, 50, 90), values, strict=True)}
            | {"information [nats]": n.information, "constrained": n.constrained}
            for n in self.learnt
        ]  # fmt: skip
