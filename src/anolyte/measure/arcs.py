"""An arc of a spectrum: what fits and relaxation times have in common, before it has a meaning."""

from __future__ import annotations

from dataclasses import dataclass

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
