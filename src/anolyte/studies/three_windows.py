"""Three windows of one electrolyte side by side: thermodynamic, kinetic, measured; and the gaps.

The thermodynamic window is what is certain to be stable, the kinetic one where lithium first moves
while the host stays, the measured one where a current was seen. They differ for known reasons; each
is named only where it applies to what is at hand.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

from anolyte.core.result import Result, quantity
from anolyte.materials.evidence import evidence
from anolyte.materials.phases import Phases
from anolyte.materials.records import Record
from anolyte.materials.references import cite
from anolyte.materials.stack import Conditions, Interface
from anolyte.measure.traces.voltammetry import Voltammogram
from anolyte.models.kinetic_window import KineticWindow, KineticWindowResult
from anolyte.models.window import Window, WindowResult
from anolyte.studies.measured_window import MeasuredWindow, beside_computed
from anolyte.studies.window_gaps import (
    SIDE_OF,
    SIDES,
    Gap,
    inner_gap,
    outer_gap,
    reported_gap,
)


@dataclass(frozen=True, kw_only=True)
class ReportedLimit:
    """A limit of the window that a paper measured.

    Args:
        side: reduction | oxidation | width, where the paper tells no more.
        value: V vs Li/Li+, or the width.
        text: As printed, with how it was measured, by whom, and what is left open.
        source: Citation key.
    """

    side: str
    value: float = quantity("potential")
    text: str = ""
    source: str = ""


@dataclass(frozen=True, kw_only=True)
class ThreeWindows(Result):
    """The three windows and the gaps between them.

    Args:
        electrolyte, formula: Name and composition.
        thermodynamic: Of the hull.
        kinetic: By the indirect route; its limits are None where no topotactic state is known.
        measured: Onsets of a voltammogram; None: none was given.
        gaps: One a side and pair of windows, and one a reported limit.
        reported: What others measured, with how and where.
        warnings, sources: A sentence each, and citation keys.
    """

    electrolyte: str
    formula: str
    thermodynamic: WindowResult
    kinetic: KineticWindowResult
    measured: MeasuredWindow | None = None
    gaps: tuple[Gap, ...] = ()
    reported: tuple[ReportedLimit, ...] = ()
    warnings: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()

    sides: ClassVar[tuple[str, ...]] = SIDES

    @property
    def limits(self) -> dict[str, tuple[float | None, float | None]]:
        """Name of each window to its limits, V vs Li/Li+; None: unknown or not seen."""
        t, k, m = self.thermodynamic, self.kinetic, self.measured
        found: dict[str, tuple[float | None, float | None]] = {
            "thermodynamic": (t.reduction_limit, t.oxidation_limit),
            "kinetic": (k.reduction_limit, k.oxidation_limit),
        }
        if m is not None:
            found["measured"] = (m.reduction_onset, m.oxidation_onset)
        return found

    def rows(self) -> list[dict[str, Any]]:
        """One row a window."""
        return [
            {
                "electrolyte": self.electrolyte, "window": name,
                "reduction [V vs Li/Li⁺]": low, "oxidation [V vs Li/Li⁺]": high,
                "width [V]": None if low is None or high is None else high - low,
            }
            for name, (low, high) in self.limits.items()
        ]  # fmt: skip


def three_windows(
    electrolyte: Any, measured: Voltammogram | None = None, *, phases: Phases | None = None,
    records: Iterable[Record] | None = None,
) -> ThreeWindows:  # fmt: skip
    """The thermodynamic, kinetic and measured window of an electrolyte, and why they differ.

    Args:
        electrolyte: Name, formula or object.
        measured: A voltammogram against lithium; None: two windows.
        phases: Reference energies; None: the embedded table.
        records: Measurements of others; None: the evidence.

    Raises:
        DataError: The voltages of the voltammogram are not against lithium.
        MissingPhases: The energies do not cover the electrolyte.
        MissingProperty: An organic electrolyte.

    >>> found = three_windows("Li6PS5Cl")
    >>> [round(v, 2) for v in found.limits["kinetic"]]
    [1.08, 2.24]
    """
    interface, conditions = Interface(electrolyte, "Li"), Conditions()
    material = interface.electrolyte
    hull = Window(phases)(interface, conditions)
    kinetic = KineticWindow(phases)(interface, conditions)
    known = evidence() if records is None else tuple(records)
    beside = None if measured is None else beside_computed(measured, material, hull, known)
    others = [
        r for r in known if r.quantity == "measured_window" and r.electrolyte == material.name
    ]
    gaps = [inner_gap(side, kinetic, hull) for side in SIDES]
    if beside is not None:
        gaps += [outer_gap(side, beside, hull, kinetic, material) for side in SIDES]
    gaps += [reported_gap(r, hull, kinetic, material) for r in others]
    parts = [hull, kinetic, *([] if beside is None else [beside])]
    sources = [*(s for p in parts for s in p.sources), *(r.source.key for r in others)]
    return ThreeWindows(
        electrolyte=material.name, formula=material.formula or "", thermodynamic=hull,
        kinetic=kinetic, measured=beside, gaps=tuple(gaps),
        reported=tuple(_reported(r) for r in others),
        warnings=tuple(dict.fromkeys(w for p in parts for w in p.warnings)),
        sources=tuple(dict.fromkeys(sources)),
    )  # fmt: skip


def _reported(r: Record) -> ReportedLimit:
    """What a paper measured, with how and what it leaves open."""
    text = r.as_printed or f"{r.value.si:g} V"
    about = (r.protocol or r.method, cite(r.source.key), r.doubt, r.note)
    return ReportedLimit(
        side=SIDE_OF.get(r.bound, "width"), value=r.value.si, source=r.source.key,
        text=f"{text} ({'; '.join(x for x in about if x)})",
    )  # fmt: skip
