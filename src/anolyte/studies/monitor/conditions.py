"""What must not change between two measurements that are compared: temperature and pressure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from anolyte.core.result import Number
from anolyte.materials.criteria import threshold

Known = Sequence[float | None]
"""Temperature, K, and stack pressure, Pa; None: not known."""


@dataclass(frozen=True)
class Conditions:
    """When two measurements were made under other conditions.

    Args:
        hotter: Difference of temperature, K.
        pressed: Relative difference of the stack pressure.
        driven: Relative difference of the current.
    """

    hotter: float = threshold("condition_temperature")
    pressed: float = threshold("condition_pressure")
    driven: float = threshold("condition_current")

    def differ(self, one: Known, other: Known) -> bool:
        """Whether what is known of both differs; what is not known of one does not count.

        >>> Conditions().differ((298.0, None), (301.0, 5e6))
        True
        """
        limits = (self.hotter, self.pressed * abs(one[1] or 0.0))
        return any(
            a is not None and b is not None and abs(a - b) > limit
            for a, b, limit in zip(one, other, limits, strict=True)
        )

    def same_current(self, one: float, other: float) -> bool:
        """Whether two currents are the same in size; voltage follows current only so far."""
        return abs(abs(one) - abs(other)) <= self.driven * abs(one)


def told(known: Known) -> dict[str, Number]:
    """Conditions as the numbers of a decision.

    >>> {name: str(n) for name, n in told((298.15, None)).items()}
    {'temperature': '25 °C'}
    """
    kinds = (("temperature", "temperature"), ("stack pressure", "pressure"))
    pairs = zip(kinds, known, strict=True)
    return {name: Number(x, kind) for (name, kind), x in pairs if x is not None}


def read(numbers: Mapping[str, Number]) -> Known:
    """Conditions from the numbers of a decision; see `told`."""
    found = [numbers.get(name) for name in ("temperature", "stack pressure")]
    return [None if n is None else n.si for n in found]
