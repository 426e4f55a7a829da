"""What a host in a given electrode and cell can bear, and what its first cycle costs.

Each function reads the parameters that its law needs from the materials and says which are missing
by `MissingProperty`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from anolyte.core.errors import MissingProperty
from anolyte.core.result import quantity
from anolyte.laws.contact_products import neighbours
from anolyte.laws.growth import InterphaseGrowth
from anolyte.laws.host_data import GEOMETRY, Host, Make, Window, poisson_ratio
from anolyte.laws.host_expansion import linear_strain, stack_stiffness
from anolyte.laws.host_fracture import Shell, ToughnessLimit
from anolyte.laws.lithiation_stress import biaxial_modulus
from anolyte.laws.lithium_balance import ParticleSurface, PlanarSheet
from anolyte.materials import pairs
from anolyte.materials.stack import Conditions, Form, Interface, Layer, Shape

TOUGHNESS_SIGMA = 0.4
"""Relative standard deviation of a toughness whose file gives none."""
THIN = 1e-6
"""m below which a layer of unknown modulus is left out of the stiffness of the stack."""

ENDLESS = 10.0
"""A strain beyond that of any host."""


@dataclass(frozen=True)
class Limit:
    """Size above which a host cracks, m, with the interval of its toughness."""

    size: float = quantity("length")
    low: float = quantity("length")
    high: float = quantity("length")


def critical_size(
    host: Host, make: Make, shape: Shape | None, tension: float | None, confinement: float
) -> Limit | None:
    """Size above which a host cracks.

    A film cracks as it is stretched, at the tension of its cycle; a particle as it is lithiated,
    when its flowing shell is stretched over what is still empty, at the flow stress.

    Args:
        host, make: The host and its electrode.
        shape: Of the host; None: a film where it adheres, else particles.
        tension: Highest tension of a film's cycle, Pa; None: not known.
        confinement: Pressure that holds cracks shut, Pa.

    Returns:
        None where the pressure keeps every crack shut.

    Raises:
        MissingProperty: No toughness or no flow stress is known.
    """
    toughness = host.need("fracture_toughness")
    stress = abs(host.need("flow_stress_lithiation").si)
    if make.adherent and tension is not None:
        stress = tension
    if stress <= confinement:
        return None
    shape = shape or (Shape.FILM if make.adherent else Shape.PARTICLES)
    law = ToughnessLimit(toughness.si, GEOMETRY[shape])
    size = float(law.critical_size(stress, confinement))
    sigma = TOUGHNESS_SIGMA * toughness.si if toughness.sigma is None else toughness.sigma
    spread = min(sigma / toughness.si, 0.9)
    return Limit(size, size * (1.0 - spread) ** 2, size * (1.0 + spread) ** 2)


def read_shell(host: Host, make: Make, form: Form) -> Shell | None:
    """The shell on a host's particles; None where nothing coats them or their size is not said.

    Raises:
        MissingProperty: No modulus or no toughness of the coating is known.
    """
    if form.coating is None or form.size is None or make.adherent:
        return None
    coating: Layer = form.coating
    modulus = coating.material.need("youngs_modulus").si
    toughness = coating.material.need("fracture_toughness").si
    ratio = poisson_ratio(host.material)
    bulk = host.need("youngs_modulus").si / (3.0 * (1.0 - 2.0 * ratio))
    biaxial = float(biaxial_modulus(modulus, poisson_ratio(coating.material)))
    return Shell(biaxial, coating.thickness, 0.5 * form.size, bulk, toughness)


def shell_end(shell: Shell, host: Host, at: Window) -> float:
    """Share of the charge at which the host's strain breaks its shell; 1: it holds."""
    strain = min(float(shell.cracking_strain), ENDLESS)
    volume = float(host.expansion(at.made)) * math.exp(3.0 * strain)
    content = (volume - 1.0) / float(host.expansion.coefficient)
    return min(max((content - at.low) / (at.high - at.low), 0.0), 1.0)


def shell_pressure(shell: Shell, host: Host, at: Window) -> float:
    """Pressure of the shell on the full host, Pa; zero if it has cracked before."""
    strain = linear_strain(host.expansion(at.high) / host.expansion(at.made))
    return float(shell.pressure(strain))


def read_stack(interface: Interface) -> float:
    """Stiffness of the electrolyte and its layers, Pa/m; the electrodes are left out.

    Raises:
        MissingProperty: No modulus of the electrolyte or of a thick layer is known.

    >>> f"{read_stack(Interface('Li6PS5Cl', 'Si')):.1e}"
    '4.4e+13'
    """
    layers = [(interface.electrolyte, interface.sample.thickness)]
    layers += [(x.material, x.thickness) for x in interface.layers]
    counted = [(m, t) for m, t in layers if t > THIN or m.has("youngs_modulus")]
    moduli = [m.need("youngs_modulus").si for m, _ in counted]
    return float(stack_stiffness(moduli, [t for _, t in counted]))


def interphase_area(host: Host, make: Make, form: Form, at: Window) -> float:
    """Area of the interphase over that of the cell.

    One plane, of which columns and rods take up a share; the surface of every particle where
    electrolyte is mixed in and the size is known.
    """
    upright = form.shape in (Shape.COLUMNS, Shape.RODS)
    if make.electrolyte > 0.0 and form.size is not None and not make.adherent:
        law = ParticleSurface(form.size, 4.0 if upright else 6.0)
        return float(law(at.dense, host.expansion(at.high)))
    return float(PlanarSheet(1.0 - make.free if upright else 1.0)(at.dense, 1.0))


_GROWTH = {"growth_activation_energy": 0.0, "growth_exponent": 2.0, "growth_lag": 0.0}


def interphase_charge(interface: Interface, host: Host, conditions: Conditions) -> float:
    """Charge that an area of interphase takes in the first cycle, C per m2 of interphase.

    Raises:
        MissingProperty: No growth of the interphase is known for the pair, or no current flows.
    """
    known = pairs.contact(neighbours(interface)[0], host.anode)
    constant = known.need("growth_constant").si
    more = (known.need(n).si if known.has(n) else default for n, default in _GROWTH.items())
    current = abs(conditions.current_density)
    if current == 0.0:
        raise MissingProperty("no current flows: the first cycle would last for ever")
    time = 2.0 * conditions.areal_capacity / current
    thickness = float(InterphaseGrowth(constant, *more)(time, conditions.temperature))
    return thickness / known.need("interphase_volume_per_charge").si
