"""What the lithium in a crack is given: a pressure, a volume, or a current it hinders."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from anolyte.core.errors import DataError


class Drive(Protocol):
    """What the lithium in the cracks is given: its pressure or its volume."""

    def pressure(self, opened: Callable[[float], float], before: float) -> float:
        """Pa, found from the volume that opens at a pressure."""
        ...

    def work(self, pressure: float, opened: float) -> float:
        """J, that the drive has done on the faces: a load; none if it only holds a volume."""
        ...


@dataclass(frozen=True)
class Pressed:
    """Lithium at a pressure.

    Args:
        at: Pa.
    """

    at: float = 0.0

    def pressure(self, opened: Callable[[float], float], before: float) -> float:
        """As given."""
        return self.at

    def work(self, pressure: float, opened: float) -> float:
        """Pressure times volume."""
        return pressure * opened


@dataclass(frozen=True)
class Filled:
    """Incompressible lithium of a volume.

    Args:
        volume: m3 (m2 in the plane).
    """

    volume: float

    def pressure(self, opened: Callable[[float], float], before: float) -> float:
        """The one at which that volume opens; volume is linear in pressure."""
        trial = before or 1.0
        empty, full = opened(0.0), opened(trial)
        if full == empty:
            raise DataError("lithium can fill only a crack that is there: seed one with d = 1")
        return trial * (self.volume - empty) / (full - empty)

    def work(self, pressure: float, opened: float) -> float:
        """None."""
        return 0.0


@dataclass(frozen=True)
class Fed:
    """Lithium that is plated faster the less its pressure opposes.

    Args:
        volume: m3 (m2 in the plane), there at the pressure of the step before.
        feed: m3, what the step adds at that pressure.
        slope: m3/Pa, how much less it adds for each Pa more.
        before: Pa, that pressure.
    """

    volume: float
    feed: float
    slope: float
    before: float

    def pressure(self, opened: Callable[[float], float], before: float) -> float:
        """Where what opens is what is there; a flaw that is not yet full has none."""
        other = before if before > 0.0 else 1e6
        empty, full = opened(0.0), opened(other)
        compliance = (full - empty) / other
        found = (self.volume + self.feed + self.slope * self.before - empty) / (
            compliance + self.slope
        )
        return max(found, 0.0)

    def work(self, pressure: float, opened: float) -> float:
        """J: what is fed is a spring, which gives less the more it is pressed."""
        return -0.5 * self.slope * pressure * pressure

    def added(self, pressure: float) -> float:
        """m3 at a pressure."""
        return self.feed - self.slope * (pressure - self.before)
