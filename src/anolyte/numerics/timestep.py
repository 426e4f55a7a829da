r"""How long the next step may be, and a pair of schemes that tells its own error.

$$ \Delta t_{new} = \Delta t\,\min\!\Big(2,\ \max\!\big(0.2,\ 0.9\,(tol/err)^{1/2}\big)\Big)
   \quad\text{and at most a limit} $$

The square root belongs to an error of second order a step, as that of a pair of schemes of first
and second order is. All that the choice depends on is in the objects here, so that a run which
stores them goes on as if it had never been stopped.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anolyte.core.errors import DataError, NotConverged

Array = NDArray[Any]

GROWTH, SHRINKAGE, SAFETY = 2.0, 0.2, 0.9
"""Most and least by which a step changes, and what is kept in hand: the custom of step control."""


@dataclass(frozen=True)
class Step:
    """Where a run is in time.

    Args:
        time: s, or any time.
        length: Of the step that comes next.
        taken: Steps so far.
        refused: Steps that were tried and thrown away.
    """

    time: float
    length: float
    taken: int = 0
    refused: int = 0

    def __post_init__(self) -> None:
        """Refuse a step that leads nowhere."""
        if not (math.isfinite(self.length) and self.length > 0.0):
            raise DataError(f"a step in time must be positive and finite: {self.length}")

    def until(self, end: float) -> float:
        """The next step, cut to end where the run does."""
        return min(self.length, end - self.time)


@dataclass(frozen=True)
class Controller:
    """Choose steps by the error that they made.

    Args:
        tolerance: Of the error of a step, in the same measure as the error.
        longest: No step is longer.
        shortest: A step that would have to be shorter is an error.

    >>> control = Controller(tolerance=1e-4, longest=1.0)
    >>> step = Step(time=0.0, length=0.1)
    >>> control.accepts(2e-4), round(control.after(step, 2e-4, used=0.1).length, 5)
    (False, 0.06364)
    >>> control.after(step, 1e-9, used=0.1)
    Step(time=0.1, length=0.2, taken=1, refused=0)
    """

    tolerance: float
    longest: float = math.inf
    shortest: float = 0.0

    def __post_init__(self) -> None:
        """Refuse what cannot be kept."""
        if not self.tolerance > 0.0:
            raise DataError(f"the tolerance of a step must be positive: {self.tolerance}")
        if not 0.0 <= self.shortest <= self.longest:
            raise DataError(f"steps from {self.shortest} to {self.longest}: no step fits")

    def accepts(self, error: float) -> bool:
        """Whether a step with this error may stay; one that is no number may not."""
        return error <= self.tolerance

    def factor(self, error: float) -> float:
        """What the step is multiplied by after such an error."""
        if error == 0.0:
            return GROWTH
        if not math.isfinite(error):
            return SHRINKAGE
        return min(GROWTH, max(SHRINKAGE, SAFETY * math.sqrt(self.tolerance / error)))

    def after(self, step: Step, error: float, *, used: float, limit: float = math.inf) -> Step:
        """The step that follows: further in time, or again and shorter.

        Args:
            step: What was tried.
            error: That it made.
            used: Its length; shorter than the step's own where the run was to end.
            limit: No longer than this, of what only the state knows: how fast a front moves.

        Raises:
            NotConverged: The step would have to be shorter than the shortest.
        """
        good = self.accepts(error)
        length = used * self.factor(error)
        if good and used < step.length:  # a cut step says nothing against the one that was planned
            length = max(length, step.length)
        length = min(length, self.longest, limit)
        if length < self.shortest:
            raise NotConverged(
                f"at time {step.time:g} an error of {error:.1e} asks for a step of {length:.1e}, "
                f"shorter than {self.shortest:.1e}: loosen the tolerance or look at the start"
            )
        if good:
            return Step(step.time + used, length, step.taken + 1, step.refused)
        return replace(step, length=length, refused=step.refused + 1)


# --- exponential steps --------------------------------------------------------------------------

SERIES = 1e-2
"""Below it the weights come from their series, since differences of large numbers lose digits."""


def exponential_weights(z: Array) -> tuple[Array, Array, Array]:
    r"""$e^z$, $\varphi_1 = (e^z - 1)/z$ and $\varphi_2 = (\varphi_1 - 1)/z$.

    >>> [float(w.round(6)) for w in exponential_weights(np.array(-1.0))]
    [0.367879, 0.632121, 0.367879]
    >>> [float(w) for w in exponential_weights(np.array(0.0))]
    [1.0, 1.0, 0.5]
    """
    small = np.abs(z) < SERIES
    safe = np.where(small, 1.0, z)
    second = 1.0 / 2.0 + z * (1.0 / 6.0 + z * (1.0 / 24.0 + z * (1.0 / 120.0 + z / 720.0)))
    first = np.where(small, 1.0 + z * second, np.expm1(z) / safe)
    return np.exp(z), first, np.where(small, second, (first - 1.0) / safe)


@dataclass(frozen=True)
class ExponentialPair:
    r"""Steps of $\dot u = \lambda u + N(u, t)$ with one rate for each entry of u.

    The rates are integrated exactly, the rest by a pair of first and second order (exponential
    Euler, and its correction by N at the end of the step), whose difference is the error:

    $$ a = e^{\lambda\Delta t} u + \Delta t\,\varphi_1 N(u, t), \qquad
       u' = a + \Delta t\,\varphi_2\,[N(a, t + \Delta t) - N(u, t)] $$

    Args:
        rates: 1/s, not positive, of the shape of u.
        rest: N(u, t).
    """

    rates: Array
    rest: Callable[[Array, float], Array]

    def step(self, u: Array, rest: Array, time: float, length: float) -> tuple[Array, Array]:
        """What first and second order say at the end of a step; `rest` is N at its beginning."""
        whole, first, second = exponential_weights(self.rates * length)
        low = whole * u + length * first * rest
        return low, low + length * second * (self.rest(low, time + length) - rest)
