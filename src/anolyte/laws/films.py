r"""Contamination films (Li2CO3, LiOH) on the electrolyte: what they add to the area resistance.

A film law is called with the area resistance of the clean face and returns that of the face with
the film on a part of it, both ohm m2. `cleaned()` gives the same law without the film.

Current that runs sideways within the film is neglected: the film is thin and conducts badly.
Sideways current in the electrolyte beneath it is not solved; two treatments of it enclose the truth
and are the rivals. `ParallelPatches` makes the electrolyte's face an equipotential, so that current
reaches the clean parts freely (a lower bound); `UniformCurrent` sends the current straight on
through film and clean face alike (an upper bound, by Thomson's principle).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol, Self

import numpy as np

from anolyte.core.result import quantity
from anolyte.laws.law import Ranges

TINY = 1e-300
"""Below the smallest resistance of anything; it keeps quotients finite."""


class FilmLaw(Protocol):
    """Area resistance of a face with a film on a part of it."""

    references: ClassVar[tuple[str, ...]]

    @property
    def ranges(self) -> Ranges:
        """Where the law may be trusted."""
        ...

    def cleaned(self) -> FilmLaw:
        """The same law without the film."""
        ...

    def __call__(self, clean: Any) -> Any:
        """Area resistance with the film, ohm m2, from that of the clean face."""
        ...


def film_resistance(thickness: Any, conductivity: Any) -> Any:
    r"""Area resistance of a dense film, $L/\sigma$, ohm m2.

    Args:
        thickness: L, m.
        conductivity: Ionic, S/m.

    Takes the film as one piece of crystal: thin films pass ions along boundaries and pores, so that
    a crystal's conductivity gives an upper bound.

    >>> round(film_resistance(10e-9, 1e-6) * 1e4)  # ohm cm2
    100
    """
    return thickness / conductivity


@dataclass(frozen=True)
class _Film:
    """The parameters that film laws share."""

    thickness: Any = quantity("length")
    conductivity: Any = quantity("conductivity")
    coverage: Any = quantity("fraction", default=1.0)

    references: ClassVar[tuple[str, ...]] = ()

    @property
    def ranges(self) -> Ranges:
        """Any clean face."""
        return {"clean": (0.0, np.inf, "area_resistance")}

    @property
    def resistance(self) -> Any:
        """Area resistance of the film where it lies, ohm m2."""
        return film_resistance(self.thickness, self.conductivity)

    def cleaned(self) -> Self:
        """The same law after the film was removed: it adds nothing."""
        return dataclasses.replace(self, coverage=0.0)


@dataclass(frozen=True)
class ParallelPatches(_Film):
    r"""Clean and covered area side by side between the same two potentials.

    $$ \frac1R = \frac{1-c}{R_0} + \frac{c}{R_0 + L/\sigma} $$

    Args:
        thickness: L of the film, m.
        conductivity: Ionic conductivity of the film, S/m.
        coverage: Share c of the face under the film, 0 to 1.

    An insulating film leaves $R_0/(1-c)$. Lower bound: the electrolyte's face is an equipotential,
    true where $R_0$ is large against the resistance of the electrolyte over the width of a patch.
    Else add a constriction law at the contact fraction $1-c$.

    Source: conductances in parallel.

    >>> law = ParallelPatches(10e-9, 1e-6, 0.5)
    >>> round(float(law(10e-4)) * 1e4, 2), float(law.cleaned()(10e-4)) * 1e4
    (18.33, 10.0)
    """

    def __call__(self, clean: Any) -> Any:
        bare = np.maximum(clean, TINY)
        through = (1.0 - self.coverage) / bare + self.coverage / (bare + self.resistance)
        return 1.0 / np.maximum(through, TINY)

    def focusing(self, clean: Any) -> Any:
        r"""Current density on the clean part over the mean: $R/R_0$, 1 or more.

        A film on a part of the face raises the resistance and the local current at once.
        """
        return self(clean) / np.maximum(clean, TINY)


@dataclass(frozen=True)
class UniformCurrent(_Film):
    r"""The current goes straight on, through the film where it lies.

    $$ R = R_0 + c\,\frac{L}{\sigma} $$

    Args:
        thickness: L of the film, m.
        conductivity: Ionic conductivity of the film, S/m.
        coverage: Share c of the face under the film, 0 to 1.

    Upper bound: the current density is the same on film and clean face. It diverges with an
    insulating film of any coverage.

    Source: power dissipated by that current over the square of its density.

    >>> law = UniformCurrent(10e-9, 1e-6, 0.5)
    >>> round(float(law(10e-4)) * 1e4, 2), float(law.cleaned()(10e-4)) * 1e4
    (60.0, 10.0)
    """

    def __call__(self, clean: Any) -> Any:
        return clean + self.coverage * self.resistance

    def focusing(self, clean: Any) -> Any:
        """Current density on the clean part over the mean: one by assumption."""
        return 1.0 + 0.0 * clean


RIVALS: tuple[Callable[..., FilmLaw], ...] = (ParallelPatches, UniformCurrent)
"""Lower and upper bound; both take a thickness, a conductivity and a coverage."""
