"""From materials to laws: which numbers a cell's faces need, where they come from, their spread."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

import numpy as np

from anolyte.core.errors import MissingProperty
from anolyte.core.provenance import Source, Value
from anolyte.core.units import FARADAY
from anolyte.laws.conduction import conductivity, films, layer_resistance
from anolyte.laws.constriction import CooperMikicYovanovich
from anolyte.laws.contact import PlasticContact
from anolyte.laws.creep import PowerLawCreep
from anolyte.laws.diffusion import ArrheniusDiffusivity
from anolyte.laws.extrusion import PorePenetration
from anolyte.laws.fracture import FilledFlaw, OverpotentialLimit
from anolyte.laws.growth import InterphaseGrowth
from anolyte.laws.kinetics import ChargeTransfer
from anolyte.laws.roughness import gap_volume, half_wavelength
from anolyte.laws.slab_field import SlabModes
from anolyte.laws.voids import CreepClosing, FittedLimit, HyperbolicLoss, Together, VacancyDiffusion
from anolyte.laws.wetting import CapillaryContact
from anolyte.materials import library, pairs
from anolyte.materials.schema import Anode, Electrolyte, Material
from anolyte.materials.stack import Interface
from anolyte.models.cell.alloy import AlloyField
from anolyte.models.cell.faces import FaceLaws
from anolyte.models.cell.interior import PlatedMetal

Pick = Callable[[str, Value], Any]


def best(name: str, value: Value) -> float:
    """The number as its source has it."""
    return value.si


@dataclass(frozen=True)
class Draws:
    """Numbers drawn from the spread of their sources: log-normal about the value.

    Args:
        cells: How many draws.
        seed: Same seed, same draws, whatever else is drawn.
    """

    cells: int
    seed: int = 0

    def __call__(self, name: str, value: Value) -> Any:
        """Draws of one number; the first is the number itself."""
        return value.si * np.exp(pairs.spread(value) * _scores(self.seed, name, self.cells))


@lru_cache(maxsize=1024)
def _scores(seed: int, name: str, cells: int) -> Any:
    """Normal scores that depend on seed and name alone; the first is zero."""
    digest = hashlib.sha256(f"{seed} {name}".encode()).digest()
    normal = np.random.default_rng(int.from_bytes(digest[:8])).standard_normal(cells)
    normal[0] = 0.0
    normal.flags.writeable = False  # shared by all who ask
    return normal


AT_THE_LAYER = ("growth", "interphase", "surface_film")
"""What belongs to the material that touches the metal, whatever lies behind it."""


@dataclass
class Parameters:
    """The numbers of one face, kept with their sources as they are asked for.

    A layer that nobody measured against the metal takes what is known of the electrolyte behind it,
    but for the interphase, which forms at the layer.

    Args:
        electrolyte: What the metal touches: the electrolyte, or the last layer.
        anode: The metal.
        lib: Where pair files are looked up.
        pick: How a number is taken from a sourced value.
        behind: The electrolyte behind a layer; None: it touches the metal itself.
    """

    electrolyte: Material
    anode: Anode
    lib: library.Library | None = None
    pick: Pick = best
    behind: Material | None = None
    used: dict[str, Value] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.contact = pairs.contact(self.electrolyte, self.anode, self.lib)
        self.backing = self.contact
        if self.behind is not None:
            self.backing = pairs.contact(self.behind, self.anode, self.lib)

    def pair(self, name: str, default: float | None = None) -> Any:
        """A number of the pair."""
        owner = self.contact
        if not name.startswith(AT_THE_LAYER) and self.backing.special(name) > owner.special(name):
            owner = self.backing
        return self._take(name, owner, default)

    def of(self, material: Any, name: str, default: float | None = None) -> Any:
        """A number of a material."""
        return self._take(name, material, default, f"{material.name}: ")

    def _take(self, name: str, owner: Any, default: float | None, head: str = "") -> Any:
        try:
            value = owner.need(name)
        except MissingProperty:
            if default is None:
                raise
            self.missing.append(name)
            return default
        self.used[head + name.replace("_", " ")] = value
        return self.pick(head + name, value)


@dataclass(frozen=True)
class LayerStack:
    """Area resistance of contamination films and layers, ohm m2, at a temperature.

    Args:
        interface: Its surface film and layers.
        contamination: Of an untreated face whose film nobody described, ohm m2.
    """

    interface: Interface
    contamination: Any = 0.0

    def __call__(self, temperature: Any) -> Any:
        """The sum over those whose conductivity is known, and the contamination."""

        def total(kelvin: float) -> float:
            found = (layer_resistance(layer, kelvin) for layer in films(self.interface))
            return sum(r for r in found if not isinstance(r, str))

        return _each(total, temperature) + self.contamination

    def unknown(self, temperature: float) -> tuple[str, ...]:
        """Why some are not counted."""
        found = (layer_resistance(layer, temperature) for layer in films(self.interface))
        return tuple(r for r in found if isinstance(r, str))


def _each(function: Callable[[float], float], temperature: Any) -> Any:
    """A function of one temperature over an array, computed once for each distinct one."""
    array = np.asarray(temperature, dtype=float)
    if array.ndim == 0:
        return function(float(array))
    if array.size and (array == array.flat[0]).all():
        return np.full(array.shape, function(float(array.flat[0])))
    distinct, back = np.unique(array, return_inverse=True)
    return np.array([function(float(t)) for t in distinct])[back].reshape(array.shape)


@dataclass(frozen=True)
class Constriction:
    """A constriction law by its kind and the spacing of contacts.

    Args:
        law: `laws.constriction.RIVALS`.
        spacing: m.
    """

    law: Any
    spacing: Any

    def __call__(self, contact: Any, conductivity: Any) -> Any:
        """Area resistance, ohm m2."""
        return self.law(self.spacing, conductivity)(contact)


@dataclass(frozen=True)
class Bulk:
    """The electrolyte between the faces.

    Args:
        electrolyte: The material.
        thickness: m.
        factor: Of the conductivity against its best value (draws).
    """

    electrolyte: Electrolyte
    thickness: float
    factor: Any = 1.0

    def conductivity(self, temperature: Any) -> Any:
        """S/m."""
        found = _each(lambda kelvin: conductivity(self.electrolyte, kelvin).value, temperature)
        return found * self.factor

    def resistance(self, temperature: Any) -> Any:
        """ohm m2."""
        return self.thickness / self.conductivity(temperature)


def bulk(interface: Interface, parameters: Parameters) -> Bulk:
    """The electrolyte; its conductivity is drawn from the spread of the reports."""
    found = conductivity(interface.electrolyte, 298.15)
    relative = (found.high - found.low) / (2.0 * found.value)
    source = Source(found.sources[0]) if found.sources else Source("")
    value = Value(1.0, source, relative or None)
    factor = parameters.pick("conductivity", value)
    return Bulk(interface.electrolyte, interface.sample.thickness, factor)


def metal_face(
    interface: Interface, parameters: Parameters, attach_pressure: Any, *, conducts: bool = False
) -> FaceLaws:
    """The laws of a face of plated metal (lithium foil, or a collector with lithium on it).

    Args:
        interface: Electrolyte, layers, surface.
        parameters: Numbers of the pair that touch.
        attach_pressure: Pressure at which the cell was put together, Pa.
        conducts: The interphase conducts electrons, so that it grows at a constant rate.
    """
    p, surface = parameters, interface.surface
    metal = p.anode if p.anode.has("molar_volume") else library.default().anode("Li")
    volume = p.of(metal, "molar_volume")
    flow = p.of(metal, "creep_activation_energy", 0.0)
    contact = surface.contact
    if contact is None:
        contact = _attached(p, metal, interface, attach_pressure)
    return FaceLaws(
        voids=_fitted(p, volume, flow),
        loss=HyperbolicLoss(p.pair("void_depth")),
        transfer=ChargeTransfer(
            p.pair("exchange_current_density"),
            p.pair("exchange_activation_energy", as_bulk(interface.electrolyte)),
        ),
        constriction=Constriction(CooperMikicYovanovich, p.pair("contact_spacing")),
        growth=growth(p, conducts=conducts),
        flaw=_limit(p),
        molar_volume=volume,
        refill=np.minimum(p.pair("refill_fraction", 1.0), 1.0),
        interphase_conductivity=p.pair("interphase_conductivity", np.inf),
        volume_per_charge=p.pair("interphase_volume_per_charge", 0.0),
        layers=LayerStack(interface, _contamination(p, interface)),
        liquid=surface.liquid,
        attached=contact,
        penetration=_penetration(p, flow),
        gap=_gap(p, interface, contact),
        inventory=inventory(interface, parameters.anode, volume),
        interior=PlatedMetal(molar_volume=volume),
    )


def _attached(p: Parameters, metal: Anode, interface: Interface, pressure: Any) -> Any:
    """Contact that pressing leaves: the metal yields, helped or hindered by its contact angle."""
    yields = PlasticContact(p.of(metal, "hardness"))
    angle = interface.surface.contact_angle
    if angle is None:
        return yields(pressure)
    height = interface.surface.roughness or p.pair("roughness")
    gap = half_wavelength(height, p.pair("roughness_slope"))
    return CapillaryContact(yields, p.of(metal, "surface_energy"), gap)(pressure, angle)


def as_bulk(electrolyte: Electrolyte) -> float:
    """Charge transfer is as activated as the electrolyte where nothing else is known."""
    return electrolyte.need("activation_energy").si if electrolyte.has("activation_energy") else 0.0


def inventory(interface: Interface, anode: Anode, molar_volume: Any) -> Any:
    """Lithium at the start, C/m2: a foil of known thickness, none on a bare collector, or excess.

    >>> from anolyte.materials.stack import Form
    >>> cell = Interface("LLZTO", "Li", form=Form(size="20 um"))
    >>> round(inventory(cell, cell.anode, 13.0e-6) / 3.6e4, 2)  # mAh/cm2
    4.12
    """
    if interface.form.size is not None and "Li" in anode.states:
        return interface.form.size * FARADAY / molar_volume
    return 0.0 if anode.family == "current collector" else np.inf


def _fitted(p: Parameters, volume: Any, flow: Any) -> FittedLimit:
    return FittedLimit(
        diffusion_limited_current=p.pair("diffusion_limited_current"),
        pressure_limited_current=p.pair("pressure_limited_current"),
        exponent=p.pair("pressure_exponent"),
        molar_volume=volume,
        diffusion_activation_energy=p.pair("diffusion_activation_energy", 0.0),
        creep_activation_energy=flow,
    )


def creeping(laws: FaceLaws, parameters: Parameters) -> FaceLaws:
    """The same face with creep instead of the fitted limit."""
    return replace(laws, voids=CreepClosing(metal_creep(parameters)))


def together(laws: FaceLaws, parameters: Parameters, relaxation: float = 0.0) -> FaceLaws:
    """The same face with creep, diffusion and self-healing instead of the fitted limit."""
    p = parameters
    diffusion = VacancyDiffusion(p.pair("diffusion_limited_current"), laws.molar_volume)
    creep = CreepClosing(metal_creep(p))
    return replace(laws, voids=Together((creep, diffusion), relaxation))


def metal_creep(p: Parameters) -> PowerLawCreep:
    """Creep of the face's metal."""
    metal = p.anode if p.anode.has("creep_rate") else library.default().anode("Li")
    return PowerLawCreep(
        p.of(metal, "creep_rate"),
        p.of(metal, "creep_exponent"),
        p.of(metal, "creep_activation_energy", 0.0),
    )


def growth(p: Parameters, *, conducts: bool) -> InterphaseGrowth:
    """Growth of the interphase of a pair.

    Args:
        p: Numbers of the pair.
        conducts: The interphase conducts electrons, so that nothing slows it down.
    """
    constant = p.pair("growth_constant", 0.0)
    exponent = p.pair("growth_exponent", 2.0)
    if conducts:  # fed by an electron path, nothing slows it down
        exponent = np.ones_like(np.asarray(exponent, dtype=float))
    return InterphaseGrowth(
        constant=constant,
        activation_energy=p.pair("growth_activation_energy", 0.0),
        exponent=np.clip(exponent, 1.0, 4.0),
        lag=p.pair("growth_lag", 0.0) if p.contact.has("growth_lag") else 0.0,
    )


def _limit(p: Parameters) -> OverpotentialLimit | None:
    """The measured limit of the pair; None where nobody measured one on the like."""
    limit = p.pair("critical_overpotential", 0.0)
    return OverpotentialLimit(limit) if np.any(limit) else None


def _gap(p: Parameters, interface: Interface, contact: Any) -> Any:
    """Void volume that the roughness leaves under the metal at the start, m."""
    rough = interface.surface.roughness
    return 0.0 if rough is None else gap_volume(rough, contact)


def is_alloy(anode: Anode) -> bool:
    """Whether an anode is an alloy whose lithium diffuses through it."""
    return anode.has("diffusivity") and anode.has("least_lithium_concentration")


def alloy_face(interface: Interface, parameters: Parameters, attach_pressure: Any) -> FaceLaws:
    """The laws of a face of an alloy: a skeleton keeps contact, diffusion inside is the limit.

    Raises:
        MissingProperty: The alloy's thickness is not given.
    """
    p, thickness = parameters, interface.form.size
    if thickness is None:
        raise MissingProperty(
            f"{p.anode.name}: an alloy's lithium diffuses through it; give its thickness, "
            "Form(size='25 um'), or 'form: {size: 25 um}' in a cell.yaml"
        )
    metal = library.default().anode("Li")
    lithium = replace_anode(p, metal)
    face = metal_face(replace(interface, anode=metal, form=type(interface.form)()), lithium,
                      attach_pressure)  # fmt: skip
    p.used.update(lithium.used)
    initial = p.of(p.anode, "lithium_concentration")
    energy = p.of(p.anode, "diffusion_activation_energy", 0.0)
    reference = p.anode.need("diffusivity").temperature or 298.15
    field = AlloyField(
        modes=SlabModes(thickness),
        diffusivity=ArrheniusDiffusivity(p.of(p.anode, "diffusivity"), energy, reference),
        initial=initial,
        least=p.of(p.anode, "least_lithium_concentration"),
        potential=p.of(p.anode, "operating_potential", 0.0),
    )
    whole = VacancyDiffusion(SKELETON, face.molar_volume)
    return replace(face, voids=whole, interior=field, inventory=initial * FARADAY * thickness)


SKELETON = 1e4
"""A/m2; the host of an alloy stays in place, so no current in use opens voids."""


def replace_anode(p: Parameters, anode: Anode) -> Parameters:
    """The numbers of the same electrolyte on another anode."""
    return Parameters(p.electrolyte, anode, p.lib, p.pick, p.behind)


def _contamination(p: Parameters, interface: Interface) -> Any:
    """What an untreated face adds; nothing once it was cleaned, coated or described."""
    surface = interface.surface
    if surface.cleaned or surface.film is not None or interface.layers:
        return 0.0
    return p.pair("surface_film_resistance", 0.0)


def _penetration(p: Parameters, flow: Any) -> PorePenetration | None:
    if not p.contact.has("penetration_life"):
        return None
    return PorePenetration(
        life=p.pair("penetration_life"),
        exponent=p.pair("penetration_exponent"),
        activation_energy=flow,
    )


def filled_flaw(laws: FaceLaws, p: Parameters, electrolyte: Electrolyte) -> FaceLaws:
    """The same face with the mechanics of a filled flaw instead of the measured limit.

    Raises:
        MissingProperty: No fracture toughness is known.
    """
    flaw = FilledFlaw(
        toughness=p.of(electrolyte, "fracture_toughness"),
        flaw_size=p.pair("flaw_size"),
        molar_volume=laws.molar_volume,
        focusing=p.pair("current_focusing", 1.0),
    )
    return replace(laws, flaw=flaw)
