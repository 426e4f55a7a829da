r"""Whether an arc of a face may be bad contact, and how much contact would make it.

$$ R_\mathrm{spot} = \frac{1}{4 \sigma r}, \qquad R_\mathrm{face} = f(a, s)/\sigma $$

A constriction is electrolyte: it has the electrolyte's activation energy, falls with pressure about
as $P^{-1/2}$ and does not know the thickness. In an electrolyte of one conductivity it also has the
bulk's time constant and then hides in the bulk's arc; arcs between bulk and double layer come from
contact that changes with frequency. The laws of `laws/constriction.py` give the contact fraction.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from anolyte.core.errors import DataError
from anolyte.core.result import Result, quantity
from anolyte.core.units import show
from anolyte.laws import constriction
from anolyte.materials.processes import Suspect
from anolyte.measure.processes.evidence import ArcEvidence
from anolyte.measure.processes.probabilities import ProcessSettings, ReferenceEnergy
from anolyte.measure.resistance import FaceResistance

LAYERS = ("interphase", "charge transfer")
"""Classes that a constriction is mistaken for."""


@dataclass(frozen=True)
class ContactGeometry(Result):
    """Contact that would make a resistance by constriction alone.

    Args:
        laws: Patterns of the contact.
        contacts: Contact fraction by each; 1 where even full contact has more by that law.
        resistance: Of one face, ohm m2.
        conductivity: Of the electrolyte, S/m.
        spacing: Of the spots, m; never known from the spectrum.
        radius: Of one round spot by the first law, m.
    """

    laws: tuple[str, ...]
    contacts: tuple[float, ...]
    resistance: float = quantity("area_resistance")
    conductivity: float = quantity("conductivity")
    spacing: float = quantity("length")
    radius: float = quantity("length")

    references: ClassVar[tuple[str, ...]] = ("holm1967contacts", "cooper1969conductance")


def contact_geometry(face: FaceResistance, conductivity: float, spacing: float) -> ContactGeometry:
    """The contact fraction that a face resistance means, were it all constriction.

    Args:
        face: Of one interface.
        conductivity: Of the electrolyte beside it, S/m.
        spacing: Of the spots of contact, m: roughness, grains or voids set it.

    Raises:
        DataError: Numbers that are not positive.

    >>> found = contact_geometry(FaceResistance(16e-4), 0.05, 20e-6)
    >>> [0.0 < c < 0.1 for c in found.contacts]
    [True, True, True, True]
    """
    for name, value in (("resistance", face.value), ("conductivity", conductivity),
                        ("spacing", spacing)):  # fmt: skip
        if not (math.isfinite(value) and value > 0.0):
            raise DataError(f"contact geometry: {name} {value:g} must be positive")
    names, contacts = [], []
    for make in constriction.RIVALS:
        law = make(spacing, conductivity)
        low, high = math.log(constriction.SMALLEST_CONTACT), 0.0
        for _ in range(80):  # every pattern's resistance falls with contact
            middle = 0.5 * (low + high)
            above = float(law(math.exp(middle))) > face.value
            low, high = (middle, high) if above else (low, middle)
        names.append(type(law).__name__)
        contacts.append(math.exp(high))
    radius = float(np.asarray(constriction.spot_radius(spacing, contacts[0])))
    return ContactGeometry(tuple(names), tuple(contacts), face.value, conductivity, spacing, radius)


def suspicion(
    name: str, best: str, own: ArcEvidence | None, bulk: ReferenceEnergy | None,
    suspect: Suspect | None, s: ProcessSettings,
) -> str:  # fmt: skip
    """Why an arc may be contact geometry, with what to measure; empty where nothing says so.

    Args:
        name, best: Of the arc and its best class.
        own: What series say of it.
        bulk: Activation energy of the bulk.
        suspect: Entry for electrolytes of easy charge transfer; None: not one.
        s: Settings.
    """
    if best == "constriction":
        why = f"{name} is most likely a constriction"
    elif best in LAYERS:
        reasons = [r for r in (_energy_alike(own, bulk, s), _pressure_alike(own, s)) if r]
        if not reasons and suspect is not None and not _spoken(own, bulk, s):
            reasons = [f"lies on a face of which {suspect.why} ({suspect.source})"]
        why = f"{name} ({best}) {' and '.join(reasons)}" if reasons else ""
    else:
        why = ""
    if not why:
        return ""
    ask = "press harder once and look whether the resistance stays low on release"
    if own is None or own.pressure is None:
        ask = "measure at two pressures"
    return f"{why}: may be contact geometry; {ask}"


def _energy_alike(own: ArcEvidence | None, bulk: ReferenceEnergy | None, s: ProcessSettings) -> str:
    """Rule (i): an arc of the bulk's activation energy."""
    if own is None or own.energy is None or bulk is None:
        return ""
    error = math.hypot(own.energy_error, bulk.error)
    if error > s.vague or abs(own.energy - bulk.value) > max(2.0 * error, s.alike):
        return ""
    return (
        f"has the activation energy of the bulk ({show(own.energy, 'energy')} beside "
        f"{show(bulk.value, 'energy')})"
    )


def _pressure_alike(own: ArcEvidence | None, s: ProcessSettings) -> str:
    """Rule (ii): an arc that follows pressure as contact does."""
    if own is None or own.pressure is None:
        return ""
    if not s.lowest_exponent <= own.pressure <= s.highest_exponent:
        return ""
    return f"follows stack pressure with an exponent of {own.pressure:.2f}"


def _spoken(own: ArcEvidence | None, bulk: ReferenceEnergy | None, s: ProcessSettings) -> bool:
    """Whether a series over pressure or temperature has answered rules (i) and (ii)."""
    if own is None:
        return False
    known = own.energy is not None and bulk is not None
    sharp = known and math.hypot(own.energy_error, bulk.error if bulk else 0.0) <= s.vague
    return own.pressure is not None or sharp
