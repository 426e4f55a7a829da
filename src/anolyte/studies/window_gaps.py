"""How far one window of an electrolyte reaches beyond another, and what such gaps come from.

A reason is named only where it applies to what is at hand.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from anolyte.core.result import quantity
from anolyte.core.units import show
from anolyte.materials.conductors import conduction
from anolyte.materials.criteria import criteria
from anolyte.materials.records import Record
from anolyte.materials.schema import Material
from anolyte.measure.traces.voltammetry import ElectrodeKind, Onset
from anolyte.models.kinetic_window import KineticWindowResult, TopotacticStep
from anolyte.models.window import LadderStep, WindowResult
from anolyte.studies.measured_window import AGREES, MeasuredWindow

SIDES = ("reduction", "oxidation")
SLOW_SCAN = 1e-4
"""V/s; a slower sweep leaves a sluggish reaction time to show."""


@dataclass(frozen=True, kw_only=True)
class Gap:
    """How far one window reaches beyond another on one side.

    Args:
        side: reduction | oxidation | width, where a paper tells no more.
        beyond: kinetic | measured | reported: the window whose limit this is.
        inner: thermodynamic | kinetic: the one it is compared with.
        width: V; negative: it lies inside; None: unknown.
        source: Citation key of what is reported.
        at_least: Whether the sweep ended before a reaction, so that the gap is this or wider.
        reasons: What it comes from, each only where it applies.
    """

    side: str
    beyond: str
    inner: str
    width: float | None = quantity("potential")
    source: str = ""
    at_least: bool = False
    reasons: tuple[str, ...] = ()


# --- thermodynamic to kinetic -------------------------------------------------------------------


def inner_gap(side: str, kinetic: KineticWindowResult, hull: WindowResult) -> Gap:
    width = kinetic.reduction_gap if side == "reduction" else kinetic.oxidation_gap
    sentence = kinetic.statement[SIDES.index(side)].partition(": ")[2]
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


def outer_gap(
    side: str, beside: MeasuredWindow, hull: WindowResult, kinetic: KineticWindowResult,
    material: Material,
) -> Gap:  # fmt: skip
    """From the window just inside the measured one."""
    inner, name = inside(side, hull, kinetic)
    place, seen = reached(side, beside)
    if place is None:
        return Gap(side=side, beyond="measured", inner=name, width=None,
                   reasons=(f"no sweep went towards {side}",))  # fmt: skip
    width = inner - place if side == "reduction" else place - inner
    at_least = not seen
    if at_least and width <= 0.0:
        reasons: tuple[str, ...] = (f"the sweep ended at {place:.2f} V, inside the {name} window",)
        return Gap(side=side, beyond="measured", inner=name, width=None, reasons=reasons)
    told = _reasons(side, width, place, _how(side, beside), hull, material)
    return Gap(side=side, beyond="measured", inner=name, width=width, at_least=at_least,
               reasons=told)  # fmt: skip


def reached(side: str, beside: MeasuredWindow) -> tuple[float | None, bool]:
    """The onset of a side and True; without one, the end of the furthest sweep and False, V."""
    onset = beside.reduction_onset if side == "reduction" else beside.oxidation_onset
    if onset is not None:
        return onset, True
    ends = [o.end for o in beside.onsets if o.direction == side]
    pick = min if side == "reduction" else max
    return pick(ends, default=None), False


@dataclass(frozen=True)
class _Experiment:
    """What is known of how a window was measured; scan_rate None: not told, 0: no sweep."""

    electrode: str
    scan_rate: float | None
    hidden: tuple[str, ...] = ()


def _how(side: str, beside: MeasuredWindow) -> _Experiment:
    """Of a voltammogram."""
    found: list[Onset] = [o for o in beside.onsets if o.direction == side]
    hidden: tuple[str, ...] = ()
    if beside.area is None:
        hidden = ("no area is given: the threshold is a share of the largest current, which hides "
                  "a small first wave",)  # fmt: skip
    elif any(o.noise_limited for o in found):
        hidden = ("noise sets the threshold: a smaller current of decomposition is not seen",)
    return _Experiment(beside.electrode, beside.scan_rate, hidden)


def _reasons(
    side: str, width: float, place: float, how: _Experiment, hull: WindowResult, material: Material
) -> tuple[str, ...]:
    if abs(width) <= AGREES:
        return (f"agrees within {AGREES:g} V, the error of the energies and of an onset",)
    if width < 0.0:
        return (
            "a reaction before the computed limit: carbon, binder, collector, moisture or a second "
            "phase reacts first, or lithium alloys with the electrode",
        )
    told = [*_contact(how, material), *_rate(width, how)]
    told += [*_layer(_products(side, place, hull)), *how.hidden]
    return tuple(told) or (
        "none of the usual reasons is seen in this sweep: a barrier of the reaction itself",
    )


def _contact(how: _Experiment, material: Material) -> list[str]:
    """Where electrons meet the electrolyte."""
    if how.electrode == ElectrodeKind.CARBON_COMPOSITE:
        return []
    electronic = material.values("electronic_conductivity")
    carries = ""
    if electronic:
        carries = f" (electronic conductivity {electronic[0].si / 100.0:.1g} S cm⁻¹)"
    reach = (
        f"only the electrolyte at the metal's face gets electrons{carries}: so little of it reacts "
        "that its current can stay under the threshold; carbon in the working electrode shows it"
    )
    if how.electrode == ElectrodeKind.BARE_METAL:
        return [f"planar metal electrode: {reach}"]
    return [f"if the electrode is plain metal (its kind was not given): {reach}"]


def _rate(width: float, how: _Experiment) -> list[str]:
    """Whether the sweep left the reaction time."""
    slow = f"a sluggish reaction shows at {show(SLOW_SCAN, 'scan_rate')} or slower"
    if how.scan_rate is None:
        return [f"scan rate: not told; {slow}"]
    if how.scan_rate <= SLOW_SCAN:
        return []
    return [
        f"scan rate: at {show(how.scan_rate, 'scan_rate')} the sweep crosses this gap in "
        f"{width / how.scan_rate:.0f} s; {slow}"
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


# --- what others report -------------------------------------------------------------------------

WORDS = (("carbon", ElectrodeKind.CARBON_COMPOSITE), ("metal", ElectrodeKind.BARE_METAL))
"""What a protocol says of its electrode: the first word that it holds."""
SIDE_OF = {"range_low": "reduction", "range_high": "oxidation", "at_least": "oxidation",
           "at_most": "oxidation"}  # fmt: skip
"""Bound of a reported window to its side; a plain number is the width."""


def reported_gap(
    record: Record, hull: WindowResult, kinetic: KineticWindowResult, material: Material
) -> Gap:
    """From the computed window to a limit, or a width, that a paper reports."""
    side, value = SIDE_OF.get(record.bound, "width"), record.value.si
    protocol = record.protocol.casefold()
    kind = next((k for word, k in WORDS if word in protocol), ElectrodeKind.UNKNOWN)
    how = _Experiment(kind, 0.0 if "galvanostatic" in protocol else None)
    if side == "width":
        (low, name), (high, _) = (inside(s, hull, kinetic) for s in SIDES)
        width, place = value - (high - low), high + value
    else:
        inner, name = inside(side, hull, kinetic)
        width, place = (inner - value if side == "reduction" else value - inner), value
    told = _reasons("oxidation" if side == "width" else side, width, place, how, hull, material)
    return Gap(side=side, beyond="reported", inner=name, width=width, source=record.source.key,
               reasons=told)  # fmt: skip


def inside(side: str, hull: WindowResult, kinetic: KineticWindowResult) -> tuple[float, str]:
    """The computed limit just inside a measured one, and its window: the kinetic where known."""
    down = side == "reduction"
    topotactic = kinetic.reduction_limit if down else kinetic.oxidation_limit
    if topotactic is not None:
        return topotactic, "kinetic"
    return hull.reduction_limit if down else hull.oxidation_limit, "thermodynamic"
