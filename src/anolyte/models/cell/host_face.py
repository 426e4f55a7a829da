"""From an anode's file and form to the face of a host in a cell."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from anolyte.core.errors import MissingProperty
from anolyte.core.result import quantity
from anolyte.core.units import FARADAY
from anolyte.laws.diffusion import ArrheniusDiffusivity
from anolyte.laws.host_cycle import HostCycle
from anolyte.laws.host_data import Host, Make, Window, read_host, read_make, read_window
from anolyte.laws.host_expansion import ShrinkageContact
from anolyte.laws.host_limits import interphase_area
from anolyte.laws.host_potential import Branches, Galleries, HostPotential, MeasuredPotential
from anolyte.laws.kinetics import ChargeTransfer
from anolyte.laws.lithiation_stress import MeasuredCoupling
from anolyte.laws.slab_field import SlabModes, SphereModes
from anolyte.laws.voids import HyperbolicLoss, VacancyDiffusion
from anolyte.materials import host_potentials
from anolyte.materials.host_potentials import Curve
from anolyte.materials.schema import Anode
from anolyte.materials.stack import Conditions, Form, Interface, Shape
from anolyte.models.cell import build
from anolyte.models.cell.faces import FaceLaws
from anolyte.models.cell.host import HeldHost, HostField

BRUGGEMAN = 1.5
"""Exponent of the share of electrolyte in a composite's conductivity."""
UNLIMITED = 1e-9
"""m2/s; faster than any current in use."""
GROUND = 1.0
"""m; depth of a void at which contact is halved, where none ever opens."""


def is_host(anode: Anode) -> bool:
    """Whether an anode takes lithium up and its potential against its lithium is known.

    >>> from anolyte.materials.library import default
    >>> [is_host(default().anode(name)) for name in ("Si", "graphite", "Li")]
    [True, True, False]
    """
    try:
        return not anode.plated and _curves(read_host(anode)) != ()
    except MissingProperty:
        return False


def refuse_host(anode: Anode) -> None:
    """Say that a host has no critical current.

    Raises:
        MissingProperty: The anode is one that `is_host` knows.
    """
    if is_host(anode):
        raise MissingProperty(
            f"{anode.name}: critical currents, maps, levers and sensitivities are those of plated "
            "metal; carry a half cell through a protocol instead"
        )


def _curves(host: Host) -> tuple[Curve, ...]:
    return host_potentials.curves(host.material.name)


def host_face(
    interface: Interface, parameters: build.Parameters, conditions: Conditions
) -> FaceLaws:
    """The laws of a face of a host: no voids open, the inside is the limit.

    Args:
        interface: Electrolyte, layers, the host and its form.
        parameters: Numbers of the pair that touch.
        conditions: The areal capacity sizes a host whose film is not given.

    Raises:
        MissingProperty: A number of the host that the inside cannot do without; or draws are
            asked for, which this face has not.
    """
    p = parameters
    if p.pick is not build.best:
        refuse_host(interface.anode)
    host = read_host(interface.anode)
    make = read_make(host, interface.form)
    at = read_window(host, make, interface.form, conditions.areal_capacity)
    area = interphase_area(host, make, interface.form, at)
    field = _field(host, make, at, interface, p)
    films = build.LayerStack(interface)
    return FaceLaws(
        voids=VacancyDiffusion(0.0, 0.0),
        loss=HyperbolicLoss(GROUND),
        transfer=ChargeTransfer(
            p.pair("exchange_current_density") * area,
            p.pair("exchange_activation_energy", build.as_bulk(interface.electrolyte)),
        ),
        constriction=build.Constriction(build.CooperMikicYovanovich, p.pair("contact_spacing")),
        growth=build.growth(p, conducts=False),
        flaw=None,
        molar_volume=0.0,
        interphase_conductivity=p.pair("interphase_conductivity", np.inf) * area,
        volume_per_charge=p.pair("interphase_volume_per_charge", 0.0) / area,
        layers=Composite(films, interface, make.electrolyte, at.thickness),
        liquid=interface.surface.liquid,
        inventory=field.made * field.capacity,
        interior=field,
    )


@dataclass(frozen=True)
class Composite:
    r"""Area resistance of films and, in a composite, of the electrolyte mixed in, ohm m2.

    $$ R = R_\mathrm{films} + \frac{L}{3\,\kappa\,\phi^{3/2}} $$

    A third, since lithium leaves the electrolyte all along the electrode's thickness and electrons
    are taken to move freely.

    Args:
        films: Films and layers in front of the electrode.
        interface: For the electrolyte that is mixed in.
        share: phi, of the electrode's volume; zero: none is mixed in.
        thickness: L, m.
    """

    films: build.LayerStack
    interface: Interface
    share: float
    thickness: float

    def __call__(self, temperature: Any) -> Any:
        found = self.films(temperature)
        if self.share <= 0.0:
            return found
        bulk = build.Bulk(self.interface.electrolyte, self.thickness)
        return found + bulk.resistance(temperature) / (3.0 * self.share**BRUGGEMAN)


def _field(
    host: Host, make: Make, at: Window, interface: Interface, p: build.Parameters
) -> HostField:
    full = host.content
    held, coupling = _held(host, make, at)
    modes = _modes(make, at, interface.form)
    contact = interface.surface.contact
    return HostField(
        modes=modes,
        diffusivity=_diffusivity(host, p),
        area=modes.dimensions * at.dense / modes.thickness,
        full=host.capacity / FARADAY,
        dense=at.dense,
        content=full,
        made=at.made / full,
        potential=_potential(host, p),
        expansion=host.expansion,
        buffer=make.growth,
        thickness=at.thickness,
        held=held,
        coupling=coupling,
        follows=ShrinkageContact(AsPressed(1.0 if contact is None else contact)),
        adherent=make.adherent,
    )


def _modes(make: Make, at: Window, form: Form) -> SlabModes:
    """How lithium spreads inside: into every piece where electrolyte is mixed in, else through all.

    Rods count as balls with the same surface to their volume.
    """
    if make.electrolyte <= 0.0 or make.adherent or form.size is None:
        return SlabModes(at.dense)
    rods = form.shape in (Shape.COLUMNS, Shape.RODS)
    return SphereModes(0.5 * form.size * (1.5 if rods else 1.0))


def _diffusivity(host: Host, p: build.Parameters) -> ArrheniusDiffusivity:
    """Of lithium in the host; without limit where nobody has measured it."""
    name = "diffusivity"
    if not host.has(name):
        p.missing.append(name)
        return ArrheniusDiffusivity(UNLIMITED)
    value = host.need(name)
    p.used[f"{host.material.name}: {name}"] = value
    energy = 0.0
    if host.has("diffusion_activation_energy"):
        energy = host.need("diffusion_activation_energy").si
    return ArrheniusDiffusivity(value.si, energy, value.temperature or 298.15)


@dataclass(frozen=True)
class AsPressed:
    """Contact of a face that was pressed on for good, whatever the pressure is now.

    Args:
        share: Of the face.
    """

    share: float = quantity("fraction")

    def __call__(self, pressure: Any) -> Any:
        """The share."""
        return self.share + 0.0 * np.asarray(pressure)


def _held(host: Host, make: Make, at: Window) -> tuple[HeldHost | None, MeasuredCoupling | None]:
    """Stress, and what it does to the potential, where the library knows moduli and flow."""
    try:
        film = host.film()
    except MissingProperty:
        return None, None
    closing = 0.0
    if not make.adherent:
        cycle = HostCycle(host.expansion, make.growth, at.thickness, at.made, adherent=False)
        closing = cycle.closing(host.content)
    held = HeldHost(film, make.adherent, closing, host.content)
    name = "stress_potential_coupling"
    known = make.adherent and host.has(name)
    return held, MeasuredCoupling(host.need(name).si) if known else None


def _potential(host: Host, p: build.Parameters) -> HostPotential:
    """The host's curve: one, or two branches where they were measured apart."""
    found: dict[str, Curve] = {}
    for curve in _curves(host):
        found.setdefault(curve.branch, curve)
    apart = "lithiation" in found and "delithiation" in found
    spoken = [found[b] for b in (("lithiation", "delithiation") if apart else ("mean",))]
    for curve in spoken:
        p.used[f"{host.material.name}: potential, {curve.branch}, half full"] = curve.value
    laws = [potential_law(curve) for curve in spoken]
    return Branches(laws[0], laws[1]) if apart else laws[0]


def potential_law(curve: Curve) -> HostPotential:
    """A curve of the library as a law."""
    return (Galleries if curve.galleries else MeasuredPotential)(*curve.columns)


def reference_face(interface: Interface, parameters: build.Parameters) -> FaceLaws:
    """A counter electrode that keeps its potential and its contact, such as lithium in indium.

    Raises:
        MissingProperty: Its potential is not known.
    """
    p = parameters
    potential = p.of(p.anode, "operating_potential")
    plain = FaceLaws(
        voids=VacancyDiffusion(0.0, 0.0), loss=HyperbolicLoss(GROUND),
        transfer=ChargeTransfer(
            p.pair("exchange_current_density"),
            p.pair("exchange_activation_energy", build.as_bulk(interface.electrolyte)),
        ),
        constriction=build.Constriction(build.CooperMikicYovanovich, p.pair("contact_spacing")),
        growth=build.growth(p, conducts=False), flaw=None, molar_volume=0.0,
        interphase_conductivity=p.pair("interphase_conductivity", np.inf),
        volume_per_charge=p.pair("interphase_volume_per_charge", 0.0),
    )  # fmt: skip
    return replace(plain, interior=build.PlatedMetal(potential))
