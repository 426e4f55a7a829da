"""The review's claims on films and interphases at a metal anode, as checks of sign."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from anolyte.core.units import show
from anolyte.laws.conductivity import bruggeman, hashin_shtrikman
from anolyte.laws.films import ParallelPatches
from anolyte.laws.gas import ElectrochemicalGas
from anolyte.materials import library
from anolyte.materials.protocol import Protocol, Step
from anolyte.models.cell import engine
from anolyte.models.cell.faces import FaceLaws
from anolyte.studies.validate.device_signs import (
    ARGYRODITE,
    CURRENT,
    DRAWS,
    HOUR,
    LONG,
    PRESSURE,
    ROOM,
    Answer,
    Check,
    assembled,
    fresh,
    judged,
    look,
    ohm,
    rises,
    start,
)

# --- films --------------------------------------------------------------------------------------


def _carbonate() -> Answer:
    film = library.default().interlayer("Li2CO3").need("ionic_conductivity")
    spread = np.geomspace(1e-3, 1e3, DRAWS.cells)  # whatever the recalled conductivity
    clean = fresh(assembled()).resistance
    law = ParallelPatches(100e-9, film.si * spread, 0.5)
    return judged(
        rises(clean, law(clean)) & (law.focusing(clean) > 1.0),
        f"100 nm over half of a garnet: {ohm(clean)} to {ohm(law(clean))}, local current "
        f"{law.focusing(clean)[0]:.2g} times the mean, for any conductivity of the film",
    )


def _impurities() -> Answer:
    clean = fresh(assembled()).resistance
    spots = ParallelPatches(1e-6, np.geomspace(1e-12, 1e-3, DRAWS.cells), 0.05)
    focusing = spots.focusing(clean)
    return judged(
        focusing > 1.0,
        f"insulating spots on 5 % of the face raise the current beside them {focusing[0]:.3f} "
        "times, as the mean over the rest; the pattern around one spot has no law",
    )


def _shell_on_filler() -> Answer:
    polymer, filler = np.geomspace(1e-5, 1e-1, DRAWS.cells), 0.1
    bare = np.array([bruggeman([p, filler], [0.7, 0.3]) for p in polymer])
    shell = hashin_shtrikman([filler, 1e-6], [0.9, 0.1])[0]
    shelled = np.array([bruggeman([p, shell], [0.7, 0.3]) for p in polymer])
    return judged(
        rises(shelled, bare),
        f"a tenth of each filler grain as a resistive shell: {bare[0] / shelled[0]:.1f} to "
        f"{bare[-1] / shelled[-1]:.2f} times less over any conductivity of the polymer; phase "
        "separation has no law",
    )


# --- interphases --------------------------------------------------------------------------------


def _grown(conducts: bool = False, electrolyte: str = ARGYRODITE) -> FaceLaws:
    return assembled(electrolyte, conducts=conducts).device.faces[0]


def _film(face: FaceLaws, time: float) -> Any:
    return face.growth(time, ROOM) / face.interphase_conductivity


def _byproducts() -> Answer:
    face = _grown()
    early, late = _film(face, 0.1 * LONG), _film(face, LONG)
    return judged(
        rises(early, late),
        f"film on Li6PS5Cl {ohm(early)} after 100 h, {ohm(late)} after 1000 h",
    )


def _mixed_conductor() -> Answer:
    blocked, fed = (
        f.growth(10.0 * LONG, ROOM) / f.growth(LONG, ROOM) for f in (_grown(), _grown(True))
    )
    return judged(
        rises(blocked, fed) & (fed > 9.0) & (blocked < 9.0),
        f"ten times the time: {blocked[0]:.1f} times the film where electrons are blocked, "
        f"{fed[0]:.1f} times where they are not",
    )


def _poor_products() -> Answer:
    face, kept = _grown(), []
    for factor in (1.0, 0.1):
        law = replace(face, interphase_conductivity=factor * face.interphase_conductivity)
        kept.append(_film(law, LONG))
    return judged(
        rises(*kept), f"a tenth of the conductivity: {ohm(kept[0])} to {ohm(kept[1])} of film "
        "after 1000 h, and the drop at any current with it"
    )  # fmt: skip


def _passivation() -> Answer:
    year, step = 8760 * HOUR, HOUR
    rates = [
        (f.growth(year + step, ROOM) - f.growth(year, ROOM)) / step / f.volume_per_charge
        for f in (_grown(), _grown(True))
    ]
    now, then = (float(r[0]) for r in rates)
    return judged(
        rises(*rates),
        f"decomposition current after a year: {show(now, 'current_density')} where electrons are "
        f"blocked, {show(then, 'current_density')} where not; the window that follows has no law",
    )


def _uneven_film() -> Answer:
    face = _grown()
    thickness = face.growth(LONG, ROOM)
    thin = thickness / face.interphase_conductivity
    law = ParallelPatches(thickness, face.interphase_conductivity, 0.5)  # twice the film on a half
    lithium = thickness / face.volume_per_charge
    return judged(
        (law.focusing(thin) > 1.0) & rises(thin, law(thin)) & (lithium > 0.0),
        f"half of the face with twice the film: {law.focusing(thin)[0]:.2f} times the mean current "
        f"on the other half, {ohm(thin)} to {ohm(law(thin))}, "
        f"{show(lithium[0], 'areal_capacity')} of lithium used",
    )


def _side_effects() -> Answer:
    with_growth = assembled(ARGYRODITE)
    growth = with_growth.device.faces[0].growth
    without = assembled(ARGYRODITE, laws={"growth": replace(growth, constant=0.0)})
    protocol = Protocol((Step(0.0, duration=LONG),))
    seen = []
    for cell in (without, with_growth):
        cells = start(cell, PRESSURE, ROOM)
        engine.simulate(cell.device, protocol, cells, keep=False)
        plate = Protocol((Step(-CURRENT, duration=60.0),))
        looked = look(cell, cells)
        engine.simulate(cell.device, plate, cells, keep=False)
        seen.append(replace(looked, load=cells.most_load.copy()))
    holds = rises(seen[0].resistance, seen[1].resistance) & rises(seen[0].lost, seen[1].lost)
    holds &= rises(seen[0].load, seen[1].load)
    return judged(
        holds, f"1000 h with and without the reaction: {ohm(seen[0].resistance)} to "
        f"{ohm(seen[1].resistance)} a face, {show(seen[1].lost[0], 'areal_capacity')} of lithium "
        "lost, flaws loaded more"
    )  # fmt: skip


def _gas_pressure() -> Answer:
    charge = _grown().growth(LONG, ROOM) / _grown().volume_per_charge
    per_electron = np.geomspace(0.01, 1.0, DRAWS.cells)
    law = ElectrochemicalGas(per_electron, 1.0)
    little, much, tight = (
        law.pressure(q, gap, ROOM)
        for q, gap in ((0.1 * charge, 10e-6), (charge, 10e-6), (charge, 1e-6))
    )
    return judged(
        rises(little, much) & rises(much, tight),
        "gas of a side reaction in a closed gap: more charge or less room, more pressure, for any "
        "gas per electron; how much of the charge makes gas has no law",
    )


FILM_CHECKS: dict[str, Check] = {
    "c_li2co3_insulates": _carbonate,
    "c_impurities": _impurities,
    "c_cspe_phase": _shell_on_filler,
    "c_byproduct_impedance": _byproducts,
    "c_miec": _mixed_conductor,
    "c_poor_ion_products": _poor_products,
    "c_passivation_widens": _passivation,
    "c_side_uneven": _uneven_film,
    "c_side_effects": _side_effects,
    "c_gas_pressure": _gas_pressure,
}
"""Claim to its check."""
