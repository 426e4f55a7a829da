"""An arc of a spectrum: what fits and relaxation times have in common, before it has a meaning."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace

from anolyte.core.result import quantity


@dataclass(frozen=True)
class Arc:
    r"""One arc, of the whole cell; nothing is per area yet.

    Args:
        name: As the circuit or the spectrum of relaxation times calls it ("R1", "peak 1").
        resistance: ohm.
        capacitance: Effective, $C = \tau / R$, F.
        time_constant: s.
        resistance_error, capacitance_error: Relative standard deviations; None: not known.
        exponent: Of the constant phase element, 1 for a capacitor; None: not fitted.
        shape: "arc", "diffusion" (a finite-length Warburg), or "blocking".
        resolved: False where it overlaps a neighbour so much that only their sum is known well.
        in_sweep: False where its relaxation frequency lies above the highest measured: only its
            foot is seen, and it may be the sum of faster processes.
    """

    name: str
    resistance: float = quantity("resistance")
    capacitance: float = quantity("capacitance")
    time_constant: float = quantity("time")
    resistance_error: float | None = None
    capacitance_error: float | None = None
    exponent: float | None = None
    shape: str = "arc"
    resolved: bool = True
    in_sweep: bool = True

    @property
    def frequency(self) -> float:
        r"""Of its relaxation, $1 / 2\pi\tau$, Hz; a blocking end has a time constant of zero."""
        return math.inf if self.time_constant <= 0.0 else 0.5 / (math.pi * self.time_constant)


def against_sweep(arcs: Iterable[Arc], highest: float) -> tuple[Arc, ...]:
    """Arcs, marked where they relax above the highest frequency.

    Args:
        arcs: Of one spectrum.
        highest: Hz.

    >>> slow, fast = Arc("R2", 60.0, 2e-9, 1.2e-7), Arc("R1", 54.0, 3.5e-11, 1.9e-9)
    >>> [a.in_sweep for a in against_sweep((slow, fast), 7e6)]
    [True, False]
    """
    return tuple(replace(a, in_sweep=a.shape == "blocking" or a.frequency <= highest) for a in arcs)
