r"""Ionic conductivity of a material at a temperature, from what its file knows.

Arrhenius' law for crystals and glasses and the VTF law for polymers, anchored to a measured value;
a composite without a measured value of its own is an effective medium of its constituents.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from anolyte.core.errors import AnolyteError, MissingProperty
from anolyte.core.result import quantity
from anolyte.core.units import show
from anolyte.laws.conductivity import (
    Arrhenius,
    ConductivityLaw,
    VogelTammannFulcher,
    bruggeman,
    hashin_shtrikman,
)
from anolyte.materials import library
from anolyte.materials.criteria import criteria
from anolyte.materials.schema import Material
from anolyte.materials.stack import Interface, Layer

SAME_TEMPERATURE = 5.0
"""Kelvins within which a measured value needs no law."""


@dataclass(frozen=True)
class Conductivity:
    """Ionic conductivity of a material at a temperature.

    Args:
        low, high: Range: the bounds of a composite, else the spread of the reports.
        law: How it was brought to the temperature.
        extrapolated: Outside the range in which the law was measured.
    """

    material: str
    value: float = quantity("conductivity")
    low: float = quantity("conductivity")
    high: float = quantity("conductivity")
    law: str = ""
    extrapolated: bool = False
    sources: tuple[str, ...] = ()


def conductivity(material: Material, temperature: float) -> Conductivity:
    """Ionic conductivity of a material at a temperature in K, with range and source.

    Raises:
        MissingProperty: No measured value and no constituents, or no activation energy to leave
            the temperature of the measurement.
    """
    if material.has("vtf_prefactor"):
        return _by_vtf(material, temperature)
    if material.has("ionic_conductivity"):
        return _by_arrhenius(material, temperature)
    if material.components:
        return _by_mixing(material, temperature)
    raise MissingProperty(
        f"{material.name} has no ionic conductivity; add ionic_conductivity with its source to its "
        "YAML file (--materials DIR reads your own)"
    )


def _by_vtf(material: Material, temperature: float) -> Conductivity:
    needed = [material.need(n) for n in ("vtf_prefactor", "vtf_activation_energy",
                                         "vtf_temperature")]  # fmt: skip
    limits = criteria()
    validity = limits["vtf_temperature_low"], limits["law_temperature_high"]
    law = VogelTammannFulcher(needed[0].si, needed[1].si, needed[2].si, validity)
    if temperature <= law.ideal_glass_temperature:
        raise MissingProperty(f"{material.name}: below the range of its VTF law")
    return _answer(material, law, temperature, law.name, tuple(v.source.key for v in needed))


def _by_arrhenius(material: Material, temperature: float) -> Conductivity:
    values = material.values("ionic_conductivity")
    first = min(values, key=lambda v: abs((v.temperature or 298.15) - temperature))
    reference = first.temperature or 298.15
    near = [v for v in values if abs((v.temperature or 298.15) - reference) <= SAME_TEMPERATURE]
    first = near[0]
    reference = first.temperature or 298.15
    if abs(temperature - reference) <= SAME_TEMPERATURE and not material.has("activation_energy"):
        low, high = min(v.si for v in near), max(v.si for v in near)
        return Conductivity(material.name, first.si, low, high, "as measured", False,
                            (first.source.key,))  # fmt: skip
    energy = material.need("activation_energy")
    limits = criteria()
    validity = limits["arrhenius_temperature_low"], limits["law_temperature_high"]
    law = Arrhenius(first.si, energy.si, reference, validity)
    keys = (first.source.key, energy.source.key)
    spread = (min(v.si for v in near) / first.si, max(v.si for v in near) / first.si)
    return _answer(material, law, temperature, law.name, keys, spread)


def _answer(
    material: Material,
    law: ConductivityLaw,
    temperature: float,
    name: str,
    sources: tuple[str, ...],
    spread: tuple[float, float] = (1.0, 1.0),
) -> Conductivity:
    value = law(temperature)
    low, high = law.validity
    return Conductivity(
        material.name,
        value,
        value * spread[0],
        value * spread[1],
        name,
        not low <= temperature <= high,
        tuple(dict.fromkeys(sources)),
    )


def _by_mixing(material: Material, temperature: float) -> Conductivity:
    lib = library.default()
    parts = [conductivity(lib.electrolyte(c.material), temperature) for c in material.components]
    fractions = [c.volume_fraction for c in material.components]
    if not math.isclose(sum(fractions), 1.0, abs_tol=1e-6):
        raise MissingProperty(f"{material.name}: its volume fractions do not sum to 1")
    values = [p.value for p in parts]
    low, high = hashin_shtrikman(values, fractions)
    return Conductivity(
        material.name,
        bruggeman(values, fractions),
        low,
        high,
        "effective medium",
        any(p.extrapolated for p in parts),
        tuple(dict.fromkeys(s for p in parts for s in p.sources)),
    )


def films(interface: Interface) -> tuple[Layer, ...]:
    """What current must cross besides the electrolyte: its contamination, then the layers."""
    film = interface.surface.film
    return (*(() if film is None else (film,)), *interface.layers)


def layer_resistance(layer: Layer, temperature: float) -> float | str:
    """Area resistance of a layer, ohm m2, or why it cannot be told."""
    name = layer.material.name
    try:
        found = conductivity(layer.material, temperature)
    except AnolyteError:
        return f"layer {name}: ionic conductivity unknown, its resistance is not counted"
    if found.value < criteria()["ionic_conductor"]:
        return (
            f"layer {name}: the crystal hardly conducts ({show(found.value, 'conductivity')}); "
            "thin films pass ions along defects and boundaries that this number does not "
            "describe, so its resistance is not counted"
        )
    return layer.thickness / found.value
