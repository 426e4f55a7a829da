"""What is found of a growing resistance: numbers of each law, a film's constant, all together."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, ClassVar

from anolyte.core.result import Number, Result, quantity

EXCLUDED = 10.0
"""AICc above the best law's from which a law has no support left, as is usual."""


@dataclass(frozen=True)
class GrowthFit:
    """One law.

    Args:
        law: constant, linear, parabolic, logarithmic, saturating or power.
        start: R_0, of the kind of the resistances.
        rate: k in SI: ohm (or ohm m2) per s^m; of the logarithmic law per unit of ln(1 + t/t_0),
            of the saturating one the whole rise.
        rate_error: Standard deviation.
        exponent: m; None: the law is no power.
        exponent_low, exponent_high: Its interval by the profile, of the free power only.
        time_constant: t_0, s; None: the law has none.
        aicc: Akaike's criterion.
        behind: AICc above the best law's.
        share: Akaike weight among all laws.
        scatter: Root mean square of the residuals over their errors.
        ahead: Time of the forecast, s since contact.
        forecast, forecast_low, forecast_high: Resistance then, with its interval.
        doubles: Time from the last measurement until the resistance then is twice what it is
            now, s; infinite: never, or not within `farthest`.
        doubles_low, doubles_high: Its interval, s.
    """

    law: str
    start: Number
    rate: float
    rate_error: float
    aicc: float
    behind: float
    share: float
    scatter: float
    forecast: Number
    forecast_low: Number
    forecast_high: Number
    ahead: float = quantity("time")
    doubles: float = quantity("time", default=math.inf)
    doubles_low: float = quantity("time", default=math.inf)
    doubles_high: float = quantity("time", default=math.inf)
    exponent: float | None = None
    exponent_low: float | None = None
    exponent_high: float | None = None
    time_constant: float | None = quantity("time", default=None)

    def __call__(self, time: float) -> float:
        """Resistance at a time since contact, s, SI."""
        grown = 0.0
        if self.exponent is not None:
            grown = time**self.exponent
        elif self.time_constant is not None:
            x = time / self.time_constant
            grown = math.log1p(x) if self.law == "logarithmic" else -math.expm1(-x)
        return self.start.si + self.rate * grown


@dataclass(frozen=True)
class Parabolic:
    r"""The parabolic constant $k_p = d^2/t$ of an interphase, with $d = \sigma_i R$ of one face.

    Args:
        constant: m2/s; some authors write d^2 = 2 k t and have half of it.
        low, high: From the interval of the rate alone, m2/s.
        conductivity: Of the interphase, S/m.
        source: Of the conductivity.
        known: How the project knows it: read, second_hand or recalled.
        how: measured, computed, estimated or assumed.
    """

    constant: float = quantity("diffusivity")
    low: float = quantity("diffusivity")
    high: float = quantity("diffusivity")
    conductivity: float = quantity("conductivity")
    source: str = ""
    known: str = "recalled"
    how: str = "assumed"


@dataclass(frozen=True)
class GrowthResult(Result):
    """Laws in order of how well they do.

    Args:
        of: "cell", "one interface" or "both sides": what the resistances were.
        laws: The best first.
        exponent, exponent_low, exponent_high: Of the free power, whatever law is best; None where
            nothing grows.
        undecided: Names of laws as good as the best; their forecasts stand in `laws`. A free power
            whose interval holds a fixed one says the same and is not named.
        parabolic: The constant of the interphase; None: not asked, or not parabolic.
        times: Of the points, s since contact.
        resistances: SI.
        level: Share of intervals that hold the truth.
        warnings: One sentence each.
        sources: Of a conductivity that was given.
    """

    of: str
    laws: tuple[GrowthFit, ...]
    exponent: float | None
    exponent_low: float | None
    exponent_high: float | None
    undecided: tuple[str, ...]
    parabolic: Parabolic | None
    resistances: tuple[float, ...]
    level: float
    warnings: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    times: tuple[float, ...] = quantity("time", default=())

    references: ClassVar[tuple[str, ...]] = ("hurvich1989aicc",)

    @property
    def best(self) -> GrowthFit:
        """The law of the lowest AICc."""
        return self.laws[0]

    @property
    def told(self) -> tuple[GrowthFit, ...]:
        """The best law, those as good and, where anything grows, the free power unless the points
        exclude it."""
        names = {self.best.law, *self.undecided}
        return tuple(
            f for f in self.laws
            if f.law in names
            or (f.law == "power" and self.exponent is not None and f.behind <= EXCLUDED)
        )  # fmt: skip

    @property
    def forecast(self) -> tuple[Number, Number]:
        """Lowest and highest resistance at the time of the forecast, over the laws in `told`. The
        best law's own interval holds only if that law is the true one; chosen by the data it holds
        the truth too rarely."""
        told = self.told
        low = min((f.forecast_low for f in told), key=lambda n: n.si)
        return low, max((f.forecast_high for f in told), key=lambda n: n.si)

    def rows(self) -> list[dict[str, Any]]:
        """One row a law."""
        return [
            {
                "law": f.law, "AICc": f.aicc, "behind": f.behind, "share": f.share,
                "R0": str(f.start), "rate [SI]": f.rate, "exponent": f.exponent,
                "forecast": str(f.forecast), "doubles in [h]": f.doubles / 3600.0,
            }
            for f in self.laws
        ]  # fmt: skip
