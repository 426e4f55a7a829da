"""What every constitutive law is: a small frozen dataclass, called like a function.

A law's fields are its parameters (SI, declared with `quantity(kind)`), its call is the equation,
`references` are its sources and `ranges` says for which arguments it was measured or may be
trusted. Laws of the same thing are rivals: a module lists them in `RIVALS`, any of them can be
passed in place of another.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Protocol

from anolyte.core.units import show

Ranges = Mapping[str, tuple[float, float, str]]
"""Argument name -> lowest value, highest value (SI), kind of quantity."""


class Law(Protocol):
    """What a law tells of itself; no base class to inherit."""

    references: ClassVar[tuple[str, ...]]

    @property
    def ranges(self) -> Ranges:
        """Where the law was measured or may be trusted."""
        ...


def outside(law: Law, **inputs: float) -> tuple[str, ...]:
    """One sentence for each argument that lies outside a law's range.

    Args:
        law: Any law.
        inputs: Arguments by name, SI; those without a range are not judged.

    Returns:
        Sentences such as "PowerLawCreep: stress 3 MPa is outside 0.2 MPa to 0.6 MPa".
    """
    told = []
    for name, value in inputs.items():
        if name not in law.ranges:
            continue
        low, high, kind = law.ranges[name]
        if not low <= value <= high:
            words = name.replace("_", " ")
            told.append(
                f"{type(law).__name__}: {words} {show(value, kind)} is outside "
                f"{show(low, kind)} to {show(high, kind)}"
            )
    return tuple(told)
