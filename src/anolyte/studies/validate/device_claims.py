"""The review's claims on metal anodes as checks of sign: a run with the factor and one without.

Sizes of factors are chosen here; only the direction of a change is judged (`device_signs`).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from anolyte.core.errors import MissingProperty
from anolyte.core.units import show
from anolyte.laws.constriction import CooperMikicYovanovich
from anolyte.laws.contact import ElasticContact, PlasticContact
from anolyte.laws.wetting import CapillaryContact, PoreFilling
from anolyte.materials import library
from anolyte.materials.evidence import evidence
from anolyte.materials.protocol import Protocol, Step
from anolyte.materials.stack import Conditions, Form, Interface, Shape, Surface
from anolyte.models.cell import build, engine
from anolyte.models.cell.assembly import Assembly
from anolyte.models.silicon import HostCycling
from anolyte.studies.validate.device_claims_films import FILM_CHECKS
from anolyte.studies.validate.device_signs import (
    ARGYRODITE,
    CURRENT,
    DRAWS,
    FAR,
    GARNET,
    HOUR,
    PRESSURE,
    ROOM,
    WARM,
    Answer,
    Check,
    assembled,
    drawn,
    driven,
    fresh,
    judged,
    of_lithium,
    ohm,
    pair,
    rises,
    start,
)

# --- contact ------------------------------------------------------------------------------------


def _liquid_wets() -> Answer:
    solid = fresh(assembled(surface=Surface(cleaned=True, contact=0.3)))
    wet = fresh(assembled(surface=Surface(cleaned=True, contact=0.3, liquid=1.0)))
    return judged(
        rises(wet.resistance, solid.resistance),
        f"a third in contact {ohm(solid.resistance)}, the gaps bridged by a liquid "
        f"{ohm(wet.resistance)}",
    )


def _needs_pressure() -> Answer:
    holds, told = np.ones(DRAWS.cells, bool), []
    for electrolyte in (GARNET, ARGYRODITE):
        loose, tight = (
            fresh(assembled(electrolyte, pressure=p), pressure=p) for p in (0.1e6, 10e6)
        )
        holds &= rises(tight.resistance, loose.resistance)
        told.append(f"{electrolyte} {ohm(loose.resistance)} to {ohm(tight.resistance)}")
    return judged(holds, f"just pressed on with 0.1 and 10 MPa: {', '.join(told)}")


def _more_contact() -> Answer:
    holds, told = np.ones(DRAWS.cells, bool), []
    for electrolyte in (GARNET, ARGYRODITE):
        poor, dense = (
            assembled(electrolyte, surface=Surface(cleaned=True, contact=a)) for a in (0.1, 0.9)
        )
        looks = fresh(poor), fresh(dense)
        loads = _plated(poor), _plated(dense)
        holds &= rises(looks[1].resistance, looks[0].resistance) & rises(loads[1], loads[0])
        told.append(f"{electrolyte} {ohm(looks[0].resistance)} to {ohm(looks[1].resistance)}")
    return judged(holds, f"contact of 10 and 90 %: {', '.join(told)}; the load of flaws falls")


def _plated(cell: Assembly, current: float = CURRENT, temperature: float = ROOM) -> Any:
    """Load of flaws in the first minute of plating."""
    cells = start(cell, PRESSURE, temperature)
    step = Protocol((Step(-current, duration=60.0),))
    engine.simulate(cell.device, step, cells, keep=False)
    return cells.most_load.copy()


def _small_contact() -> Answer:
    small, large = (fresh(assembled(surface=Surface(cleaned=True, contact=a))) for a in (0.1, 0.9))
    return judged(
        rises(large.transfer, small.transfer) & rises(large.ohmic, small.ohmic),
        f"contact of 10 instead of 90 %: charge transfer {ohm(large.transfer)} to "
        f"{ohm(small.transfer)}, constriction {ohm(large.ohmic)} to {ohm(small.ohmic)}",
    )


def _rough_face() -> Answer:
    smooth, rough = (
        fresh(assembled(surface=Surface(cleaned=True, roughness=r))) for r in (50e-9, 5e-6)
    )
    return judged(
        rises(rough.contact, smooth.contact) & rises(smooth.resistance, rough.resistance),
        f"roughness 0.05 and 5 µm: contact {smooth.contact[0]:.0%} to {rough.contact[0]:.0%}, "
        f"{ohm(smooth.resistance)} to {ohm(rough.resistance)}; a mismatch of lattices has no law",
    )


def _soft_conforms() -> Answer:
    slope = pair(GARNET, "roughness_slope")
    soft, stiff = (
        np.sqrt(0.5) * 1.163 * slope * _modulus(name) for name in ("PEO", GARNET)
    )  # pressure at which an elastic contact reaches 90 %
    return judged(
        rises(soft, stiff),
        f"90 % of elastic contact needs {show(soft[0], 'pressure')} on PEO and "
        f"{show(stiff[0], 'pressure')} on garnet; how little is enough hangs on recalled numbers",
    )


def _modulus(name: str) -> Any:
    value = library.default().electrolyte(name).need("youngs_modulus")
    return drawn(f"{name} modulus", value)


def _soft_with_rigid() -> Answer:
    share, slope = 0.3, pair(GARNET, "roughness_slope")
    filler = drawn("LiF", library.default().interlayer("LiF").need("youngs_modulus"))
    polymer, rigid = _modulus("PEO"), _modulus(GARNET)
    mixed = 1.0 / ((1.0 - share) / polymer + share / filler)  # the lowest that a mixture can have
    contacts = [ElasticContact(e, slope)(PRESSURE) for e in (mixed, rigid)]
    return judged(
        rises(polymer, mixed) & rises(contacts[1], contacts[0]),
        f"30 % LiF in PEO, at least {mixed[0] / polymer[0]:.1f} times as stiff, touches "
        f"{contacts[0][0]:.0%} at 1 MPa, garnet {contacts[1][0]:.2%}",
    )


# --- wetting ------------------------------------------------------------------------------------


def _wetting_area() -> Answer:
    energy, radius = of_lithium("surface_energy"), pair(GARNET, "contact_spacing") / 2.0
    plastic = PlasticContact(of_lithium("hardness"))
    laws = (
        CapillaryContact(plastic, energy, radius), PoreFilling(energy, radius, 0.5, 0.1)
    )  # fmt: skip
    kappa, holds, told = 0.05, np.ones(DRAWS.cells, bool), []
    for law in laws:
        contact: Any = [law(0.2e6, np.radians(x)) + np.zeros(DRAWS.cells) for x in (150.0, 60.0)]
        resistance = [CooperMikicYovanovich(2.0 * radius, kappa)(a) for a in contact]
        holds &= rises(contact[0], contact[1]) & rises(resistance[1], resistance[0])
        told.append(f"{type(law).__name__} {contact[0][0]:.0%} to {contact[1][0]:.0%}")
    return judged(holds, f"contact at 150 and 60°: {', '.join(told)}; the resistance falls")


def _pores_unfilled() -> Answer:
    row = next(r for r in evidence() if r.id == "llzto_gan_angle_chen2024gan")
    if row.before is None or row.source.known == "recalled":
        raise MissingProperty("hangs on a recalled contact angle")
    energy, radius = of_lithium("surface_energy"), pair(GARNET, "roughness")
    porous = PoreFilling(energy, radius, 0.5, 0.1)(0.1e6, row.before.si)
    flat = PoreFilling(energy, 1e3 * radius, 0.5, 0.1)(0.1e6, row.before.si)
    return judged(
        rises(porous, flat),
        f"at the measured {show(row.before.si, 'angle')} and 0.1 MPa lithium fills "
        f"{porous[0]:.0%} of pores of the size of the roughness, {flat[0]:.0%} of wide ones",
    )


# --- voids and currents -------------------------------------------------------------------------


def _limit_of(cell: Assembly) -> Any:
    law: Any = cell.device.faces[0].voids
    return law.limit(PRESSURE, ROOM)


def _contact_loss() -> Answer:
    holds, told = np.ones(DRAWS.cells, bool), []
    for electrolyte in (GARNET, ARGYRODITE):
        cell = assembled(electrolyte, surface=Surface(cleaned=True, contact=1.0))
        before = fresh(cell)
        after = driven(cell, current=1.0, scale=3.0 * _limit_of(cell))
        holds &= rises(after.contact, before.contact) & rises(before.resistance, after.resistance)
        told.append(
            f"{electrolyte} {after.contact[0]:.0%} in contact, {ohm(before.resistance)} to "
            f"{ohm(after.resistance)}"
        )
    return judged(holds, f"an hour at three times the limit of stripping: {', '.join(told)}")


def _gap_mechanisms() -> Answer:
    cell = assembled(ARGYRODITE, surface=Surface(cleaned=True, contact=1.0))
    slow, fast = (driven(cell, current=1.0, scale=f * _limit_of(cell)).contact for f in (0.5, 5.0))
    silicon = [
        HostCycling()(
            Interface(ARGYRODITE, "Si", form=PARTICLES), Conditions(current_density=j)
        ).contact_low
        for j in (1.0, 10.0)
    ]
    if None in silicon:
        raise MissingProperty("the contact of silicon is not known")
    same = np.isclose(float(silicon[0] or 0.0), float(silicon[1] or 0.0))
    return judged(
        rises(fast, slow) & same,
        f"lithium at half and five times its limit of stripping keeps {slow[0]:.0%} and "
        f"{fast[0]:.0%} in contact; silicon keeps {silicon[0]:.1%} at any current",
    )


PARTICLES = Form(shape=Shape.PARTICLES, size=100e-9, electrolyte=0.3)


def _flawed(toughness: float = 1.0, size: float = 1.0, electrolyte: str = GARNET) -> Assembly:
    """A cell whose plating limit is a filled flaw."""
    cell = assembled(electrolyte)
    laws, p = cell.device.faces[0], cell.parameters[0]
    found = build.filled_flaw(laws, p, library.default().electrolyte(electrolyte)).flaw
    flaw = replace(found, toughness=toughness * found.toughness, flaw_size=size * found.flaw_size)
    return assembled(electrolyte, laws={"flaw": flaw})


def _strength() -> Answer:
    holds, told = np.ones(DRAWS.cells, bool), []
    for electrolyte in (GARNET, ARGYRODITE):
        weak, tough = (driven(_flawed(t, electrolyte=electrolyte)).load for t in (1.0, 2.0))
        holds &= rises(tough, weak)
        told.append(f"{electrolyte} {FAR * weak[0]:.2g} to {FAR * tough[0]:.2g}")
    return judged(holds, f"load of a filled flaw with twice the toughness: {', '.join(told)}")


def _factors() -> dict[str, Any]:
    """In which draws each factor makes the load of flaws larger."""
    base = assembled()
    fine = driven(base)
    flawed = driven(_flawed()).load
    return {
        "twice the current": rises(fine.load, driven(base, current=2.0 * CURRENT).load),
        "a tenth of the pressure": rises(
            fine.load, driven(assembled(pressure=0.1 * PRESSURE), pressure=0.1 * PRESSURE).load
        ),
        "four times larger flaws": rises(flawed, driven(_flawed(size=4.0)).load),
        "contact of a tenth": rises(
            *(driven(assembled(surface=Surface(cleaned=True, contact=a))).load for a in (0.9, 0.1))
        ),
        "a rough face": rises(
            fine.load, driven(assembled(surface=Surface(cleaned=True, roughness=5e-6))).load
        ),
        "a tenth of the exchange current": rises(fine.load, driven(_slow(base)).load),
        "half the diffusion in the metal": rises(fine.load, driven(_stiff(base)).load),
    }


def _slow(cell: Assembly) -> Assembly:
    transfer = cell.device.faces[0].transfer
    slower = replace(transfer, exchange_current_density=0.1 * transfer.exchange_current_density)
    return assembled(laws={"transfer": slower})


def _stiff(cell: Assembly) -> Assembly:
    voids: Any = cell.device.faces[0].voids
    slower = replace(voids, diffusion_limited_current=0.5 * voids.diffusion_limited_current)
    return assembled(laws={"voids": slower})


def _of_factors(names: tuple[str, ...], rest: str) -> Answer:
    found = _factors()
    holds = np.all([found[n] for n in names], axis=0)
    return judged(holds, f"{', '.join(names)}: each loads flaws more; {rest}")


def _dendrite_factors() -> Answer:
    return _of_factors(
        ("half the diffusion in the metal", "a tenth of the exchange current",
         "a tenth of the pressure"),
        "concentration gradients have no law here, the electrolyte conducts one ion",
    )  # fmt: skip


def _local_factors() -> Answer:
    return _of_factors(
        ("contact of a tenth", "four times larger flaws", "twice the current",
         "a tenth of the exchange current", "a tenth of the pressure", "a rough face"),
        "concentration has no law here",
    )  # fmt: skip


def _dendrite_inputs() -> Answer:
    found = _factors()
    tough = rises(driven(_flawed(2.0)).load, driven(_flawed()).load)
    warmer = {
        name: rises(
            driven(assembled(name, temperature=WARM), temperature=WARM).load,
            driven(assembled(name)).load,
        )
        for name in (GARNET, ARGYRODITE)
    }
    holds = found["twice the current"] & found["a rough face"] & tough & warmer[GARNET]
    return judged(
        holds,
        "on garnet a tougher electrolyte, 60 instead of 25 °C, half the current and a smooth face "
        f"each load flaws less; on {ARGYRODITE} warmth does in {int(warmer[ARGYRODITE].sum())} of "
        f"{DRAWS.cells} draws, for its interphase grows faster as well",
    )


def _dead_lithium() -> Answer:
    cell = assembled(form=Form(size=20e-6))
    stripped = []
    for share in (0.0, 0.05):
        device = replace(
            cell.device, faces=tuple(replace(f, isolated=share) for f in cell.device.faces)
        )
        cells = engine.start(device, 10e6, ROOM, 1.0, DRAWS.cells)
        step = Protocol((Step(0.5, duration=200 * HOUR),))
        engine.simulate(device, step, cells, keep=False)
        stripped.append(cells.states[0].stripped)
    return judged(
        rises(stripped[1], stripped[0]),
        f"5 % of what is stripped left without contact: a foil of 20 µm gives "
        f"{show(stripped[1][0], 'areal_capacity')} instead of "
        f"{show(stripped[0][0], 'areal_capacity')}; the share itself is an input",
    )


# --- what stays out of reach --------------------------------------------------------------------


def _cannot(reason: str) -> Check:
    def check() -> Answer:
        raise MissingProperty(reason)

    return check


OUT_OF_REACH: dict[str, str] = {
    "c_li_low_ccd": "no target current with a source to compare with",
    "c_buffer_contact": "a layer is taken to lie on a clean face: the sign is put in, not found",
    "c_mgf2": "a layer is taken to lie on a clean face: the sign is put in, not found",
    "c_local_conc": "no law of the pattern along the face",
    "c_pores_field": "no field around a pore",
    "c_grain_boundary": "no field of grains and cracks",
    "c_current_gradient": "no salt concentration: the electrolyte conducts one ion",
    "c_plss": "a barrier of the layer enters no law of the critical current",
    "c_in_situ_poly": "the contact of a layer polymerised in the cell is assumed, not computed",
    "c_high_angle": "no work of adhesion of lithium on garnet or carbonate that was read",
    "c_oxide_wet_table": "nobody's contact angle of lithium on LATP is in the library",
    "c_polymer_table": "no law of filaments through a soft electrolyte",
    "c_fibre": "no toughness of a polymer with fibres, and no law of filaments through it",
    "c_modulus_tradeoff": "the modulus enters no law of filaments here",
    "c_side_stress": "products do not enter a balance of stress at a metal",
    "c_lagp_stress": "no field of stress under plated lithium",
    "c_ti_cracks": "no law of cracks from the volume of products",
    "c_ti_lif": "no field of stress or flux in a layer",
    "c_cs_shield": "no tips and no shielding at them",
    "c_cv_dft_gap": "no sweep of potential",
    "c_dmf": "no law of solvent content",
}
"""Claims that laws of a metal anode were asked for and cannot speak to, and why."""

DEVICE_CHECKS: dict[str, Check] = {
    "c_le_wetting": _liquid_wets,
    "c_ise_modulus": _needs_pressure,
    "c_spe_fit": _soft_conforms,
    "c_soft_rigid": _soft_with_rigid,
    "c_dense_contact": _more_contact,
    "c_small_contact": _small_contact,
    "c_lattice_mismatch": _rough_face,
    "c_wetting_area": _wetting_area,
    "c_ise_pores_wet": _pores_unfilled,
    "c_li_contact_loss": _contact_loss,
    "c_gap_mechanisms": _gap_mechanisms,
    "c_sse_strength": _strength,
    "c_dendrite_factors": _dendrite_factors,
    "c_local_factors": _local_factors,
    "c_dendrite_inputs": _dendrite_inputs,
    "c_dead_li": _dead_lithium,
    **FILM_CHECKS,
    **{name: _cannot(reason) for name, reason in OUT_OF_REACH.items()},
}
"""Claim to its check; where a check raises, the claim is untestable for the reason it gives."""
