"""What a fit of a circuit says: parameters, intervals, how good it is, what it cannot know."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from anolyte.core.errors import DataError
from anolyte.core.result import Result, quantity
from anolyte.measure.arcs import Arc
from anolyte.measure.circuits.tree import Circuit


@dataclass(frozen=True)
class Parameter:
    """One parameter of a circuit.

    Args:
        name: As in the circuit ("R1", "CPE1_0").
        value: SI.
        unit: Of it.
        kind: Physical quantity, as `core.units.KINDS` names it; empty: it has no name there.
        error: Relative standard deviation, at least what a profiled interval says; None: fixed,
            held at its bound, or its interval is open.
        low, high: Of the 90 % interval; None: fixed, or open on that side.
        profiled: Whether the interval is a profile (the rest of the circuit refitted at its ends).
        at_bound: Whether it stands at its bound; its value is then a convention.
        fixed: Whether it was given and not fitted.
    """

    name: str
    value: float
    unit: str
    kind: str = ""
    error: float | None = None
    low: float | None = None
    high: float | None = None
    profiled: bool = False
    at_bound: bool = False
    fixed: bool = False


@dataclass(frozen=True)
class OtherMinimum:
    """A second solution that the data hardly tell from the best one.

    Args:
        values: Outer parameters, SI.
        chi2: Its mean squared relative residual.
        distance: Rise of the squared residuals over the best, in variances of the noise.
    """

    values: tuple[float, ...]
    chi2: float
    distance: float


@dataclass(frozen=True)
class Together:
    """Neighbouring arcs that overlap: their sum is known better than each.

    Args:
        names: Of the arcs.
        resistance: Of all of them, ohm.
        error: Relative standard deviation of the sum.
    """

    names: tuple[str, ...]
    resistance: float = quantity("resistance")
    error: float | None = None


@dataclass(frozen=True)
class FitResult(Result):
    """A circuit fitted to one spectrum.

    Args:
        spectrum: Which.
        circuit: Its text.
        parameters: In the order of the text.
        covariance: Of the logarithms of the parameters (exponents as they are), in their order.
        chi2: Mean squared relative residual of a part.
        noise: Relative standard deviation of a part that it is held against.
        noise_origin: Where that comes from: "given", or "points" (their roughness).
        floor: `chi2` that a right circuit would leave.
        at_floor: Whether `chi2` is as low as noise allows.
        good: Whether the fit describes the spectrum: at the floor, and no wave in the residual.
        hit_rate: Share of the starts that ended within 2 % of the best squares.
        starts: How many there were.
        others: Second solutions.
        arcs: By rising time constant.
        sums: Of arcs that overlap.
        low_frequency, high_frequency: Resistance that the circuit tends to, ohm; may be infinite.
        aicc, bic: Akaike's (small samples) and Bayes' criterion.
        frequency: Hz.
        residual_real, residual_imaginary: Model less data over the size of the data.
        warnings: What to know before using it.
    """

    spectrum: str
    circuit: str
    parameters: tuple[Parameter, ...]
    covariance: tuple[tuple[float, ...], ...]
    chi2: float
    noise: float
    noise_origin: str
    floor: float
    at_floor: bool
    good: bool
    hit_rate: float
    starts: int
    others: tuple[OtherMinimum, ...]
    arcs: tuple[Arc, ...]
    sums: tuple[Together, ...]
    low_frequency: float = quantity("resistance")
    high_frequency: float = quantity("resistance")
    aicc: float = 0.0
    bic: float = 0.0
    frequency: tuple[float, ...] = quantity("frequency", default=())
    residual_real: tuple[float, ...] = ()
    residual_imaginary: tuple[float, ...] = ()
    warnings: tuple[str, ...] = ()

    references: ClassVar[tuple[str, ...]] = ("marquardt1963algorithm", "hurvich1989aicc")

    @property
    def values(self) -> tuple[float, ...]:
        """Parameters in the order of the circuit, SI."""
        return tuple(p.value for p in self.parameters)

    def __getitem__(self, name: str) -> Parameter:
        """A parameter by its name."""
        for p in self.parameters:
            if p.name == name:
                return p
        names = ", ".join(p.name for p in self.parameters)
        raise DataError(f"circuit '{self.circuit}' has no parameter '{name}'; it has {names}")

    def impedance(self, frequency: Any = None) -> Any:
        """Impedance of the fitted circuit, ohm, (N,).

        Args:
            frequency: Hz, (N,); None: those of the spectrum.
        """
        f = np.asarray(self.frequency if frequency is None else frequency, dtype=float)
        return Circuit.of(self.circuit).impedance(self.values, f)

    def rows(self) -> list[dict[str, Any]]:
        """One row a parameter."""
        return [
            {
                "spectrum": self.spectrum,
                "parameter": p.name,
                "value": p.value,
                "unit": p.unit,
                "relative error": p.error,
                "low (90 %)": p.low,
                "high (90 %)": p.high,
                "profiled": p.profiled,
                "at bound": p.at_bound,
                "fixed": p.fixed,
                "good fit": self.good,
            }
            for p in self.parameters
        ]


def values_of(fits: FitResult | Sequence[FitResult]) -> list[tuple[float, ...]]:
    """Parameters of one fit or of many, to start others from."""
    return [f.values for f in ([fits] if isinstance(fits, FitResult) else fits)]
