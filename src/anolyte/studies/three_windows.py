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
from anolyte.core.units import show
from anolyte.materials.conductors import conduction
from anolyte.materials.criteria import criteria
from anolyte.materials.evidence import evidence
from anolyte.materials.phases import Phases
from anolyte.materials.records import Record
from anolyte.materials.references import cite
from anolyte.materials.schema import Material
from anolyte.materials.stack import Conditions, Interface
from anolyte.measure.traces.voltammetry import ElectrodeKind, Onset, Voltammogram
from anolyte.models.kinetic_window import KineticWindow, KineticWindowResult, TopotacticStep
from anolyte.models.window import LadderStep, Window, WindowResult
from anolyte.studies.measured_window import AGREES, MeasuredWindow, beside_computed

SLOW_SCAN = 1e-4
"""V/s; a slower sweep leaves a sluggish reaction time to show."""


@dataclass(frozen=True, kw_only=True)
class Gap:
    """How far one window reaches beyond another on one side.

    Args:
        side: reduction | oxidation.
        beyond: kinetic | measured: the window whose limit this is.
        inner: thermodynamic | kinetic: the one it is compared with.
        width: V; negative: it lies inside; None: unknown.
        at_least: Whether the sweep ended before a reaction, so that the gap is this or wider.
        reasons: What it comes from, each only where it applies.
    """

    side: str
    beyond: str
    inner: str
    width: float | None = quantity("potential")
    at_least: bool = False
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ThreeWindows(Result):
    """The three windows and the gaps between them.

    Args:
        electrolyte, formula: Name and composition.
        thermodynamic: Of the hull.
        kinetic: By the indirect route; its limits are None where no topotactic state is known.
        measured: Onsets of a voltammogram; None: none was given.
        gaps: One a side and pair of windows.
        reported: What others measured, with how and where.
        warnings, sources: A sentence each, and citation keys.
    """

    electrolyte: str
    formula: str
    thermodynamic: WindowResult
    kinetic: KineticWindowResult
    measured: MeasuredWindow | None = None
    gaps: tuple[Gap, ...] = ()
    reported: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()

    sides: ClassVar[tuple[str, ...]] = ("reduction", "oxidation")

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
    gaps = tuple(_inner_gap(side, kinetic, hull) for side in ThreeWindows.sides)
    if beside is not None:
        gaps += tuple(
            _outer_gap(side, beside, hull, kinetic, material) for side in ThreeWindows.sides
        )
    parts = [hull, kinetic, *([] if beside is None else [beside])]
    return ThreeWindows(
        electrolyte=material.name, formula=material.formula or "", thermodynamic=hull,
        kinetic=kinetic, measured=beside, gaps=gaps, reported=_reported(material.name, known),
        warnings=tuple(dict.fromkeys(w for p in parts for w in p.warnings)),
        sources=tuple(dict.fromkeys(s for p in parts for s in p.sources)),
    )  # fmt: skip


def _reported(electrolyte: str, records: Iterable[Record]) -> tuple[str, ...]:
    """What others measured on this electrolyte, with how: their windows, a sentence each."""
    return tuple(
        f"{r.as_printed or r.value} ("
        + "; ".join(x for x in (r.protocol or r.method, cite(r.source.key), r.doubt, r.note) if x)
        + ")"
        for r in records
        if r.quantity == "measured_window" and r.electrolyte == electrolyte
    )


# --- thermodynamic to kinetic -------------------------------------------------------------------


def _inner_gap(side: str, kinetic: KineticWindowResult, hull: WindowResult) -> Gap:
    width = kinetic.reduction_gap if side == "reduction" else kinetic.oxidation_gap
    sentence = kinetic.statement[ThreeWindows.sides.index(side)].partition(": ")[2]
    reasons = [sentence]
    step = _limiting(side, kinetic)
    if step is not None and step.gap > AGREES and step.decay:
        reasons.append(
            f"topotactic route: {step.state} forms first, as only lithium has to move, and then "
            f"falls apart ({step.decay})"
        )
    return Gap(side=side, beyond="kinetic", inner="thermodynamic", width=width,
               reasons=tuple(reasons))  # fmt: skip


def _limiting(side: str, kinetic: KineticWindowResult) -> TopotacticStep | None:
    """The step that sets the kinetic limit of a side."""
    limit = kinetic.reduction_limit if side == "reduction" else kinetic.oxidation_limit
    way = "lithiation" if side == "reduction" else "delithiation"
    return next((s for s in kinetic.steps if s.side == way and s.potential == limit), None)


# --- thermodynamic or kinetic to measured -------------------------------------------------------


def _outer_gap(
    side: str, beside: MeasuredWindow, hull: WindowResult, kinetic: KineticWindowResult,
    material: Material,
) -> Gap:  # fmt: skip
    """From the window just inside the measured one: the kinetic where it is known."""
    inner = hull.reduction_limit if side == "reduction" else hull.oxidation_limit
    topotactic = kinetic.reduction_limit if side == "reduction" else kinetic.oxidation_limit
    name = "thermodynamic" if topotactic is None else "kinetic"
    inner = inner if topotactic is None else topotactic
    place, seen = reached(side, beside)
    if place is None:
        return Gap(side=side, beyond="measured", inner=name, width=None,
                   reasons=(f"no sweep went towards {side}",))  # fmt: skip
    width = inner - place if side == "reduction" else place - inner
    at_least = not seen
    if at_least and width <= 0.0:
        reasons: tuple[str, ...] = (f"the sweep ended at {place:.2f} V, inside the {name} window",)
        return Gap(side=side, beyond="measured", inner=name, width=None, reasons=reasons)
    return Gap(side=side, beyond="measured", inner=name, width=width, at_least=at_least,
               reasons=_reasons(side, width, place, beside, hull, material))  # fmt: skip


def reached(side: str, beside: MeasuredWindow) -> tuple[float | None, bool]:
    """The onset of a side and True; without one, the end of the furthest sweep and False, V."""
    onset = beside.reduction_onset if side == "reduction" else beside.oxidation_onset
    if onset is not None:
        return onset, True
    ends = [o.end for o in beside.onsets if o.direction == side]
    pick = min if side == "reduction" else max
    return pick(ends, default=None), False


def _reasons(
    side: str, width: float, place: float, beside: MeasuredWindow, hull: WindowResult,
    material: Material,
) -> tuple[str, ...]:  # fmt: skip
    if abs(width) <= AGREES:
        return (f"agrees within {AGREES:g} V, the error of the energies and of an onset",)
    if width < 0.0:
        return (
            "a reaction before the computed limit: carbon, binder, collector, moisture or a second "
            "phase reacts first, or lithium alloys with the electrode",
        )
    told = [*_contact(beside, material), *_rate(width, beside)]
    told += _layer(_products(side, place, hull))
    told += _gradual(side, beside)
    return tuple(told) or (
        "none of the usual reasons is seen in this sweep: a barrier of the reaction itself",
    )


def _contact(beside: MeasuredWindow, material: Material) -> list[str]:
    """Where electrons meet the electrolyte."""
    if beside.electrode == ElectrodeKind.CARBON_COMPOSITE:
        return []
    electronic = material.values("electronic_conductivity")
    carries = ""
    if electronic:
        carries = f" (electronic conductivity {electronic[0].si / 100.0:.1g} S cm⁻¹)"
    reach = (
        f"only the electrolyte at the metal's face gets electrons{carries}: so little of it reacts "
        "that its current can stay under the threshold; carbon in the working electrode shows it"
    )
    if beside.electrode == ElectrodeKind.BARE_METAL:
        return [f"planar metal electrode: {reach}"]
    return [f"if the electrode is plain metal (its kind was not given): {reach}"]


def _rate(width: float, beside: MeasuredWindow) -> list[str]:
    """Whether the sweep left the reaction time."""
    if beside.scan_rate <= SLOW_SCAN:
        return []
    return [
        f"scan rate: at {show(beside.scan_rate, 'scan_rate')} the sweep crosses this gap in "
        f"{width / beside.scan_rate:.0f} s; a sluggish reaction shows at "
        f"{show(SLOW_SCAN, 'scan_rate')} or slower"
    ]


def _layer(products: Iterable[str]) -> list[str]:
    """Passivation, where none of the products carries electrons."""
    limits = criteria()
    classes = {
        p: conduction(p).conducts_electrons(
            limits["electronic_conductor"], limits["electronic_conductor_gap"],
            limits["electronic_insulator_gap"],
        )
        for p in products
    }  # fmt: skip
    if not classes or any(c is not False for c in classes.values()):
        return []
    return [f"passivation: {', '.join(classes)} carry no electrons, so a thin layer stops itself"]


def _products(side: str, place: float, hull: WindowResult) -> tuple[str, ...]:
    """Phases that the hull expects at a potential beyond the limit of a side."""
    sign = 1.0 if side == "oxidation" else -1.0
    passed: list[LadderStep] = [
        s for s in hull.steps if s.side == side and sign * (place - s.potential) > 0.0
    ]
    return tuple(passed[-1].products) if passed else ()


def _gradual(side: str, beside: MeasuredWindow) -> list[str]:
    """A threshold that noise or the missing area sets hides a slow reaction."""
    found: list[Onset] = [o for o in beside.onsets if o.direction == side]
    if beside.area is None:
        return ["no area is given: the threshold is a share of the largest current, which hides a "
                "small first wave"]  # fmt: skip
    if any(o.noise_limited for o in found):
        return ["noise sets the threshold: a smaller current of decomposition is not seen"]
    return []
