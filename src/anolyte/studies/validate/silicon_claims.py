"""The review's claims on swelling hosts as checks of sign: a run with the factor and one without.

Each check asks the laws of a host, never the record that the claim came from; what a shape, a
coating or a pressure is set to is chosen here, and only the direction of the change is judged.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from anolyte.core.errors import MissingProperty
from anolyte.core.units import show
from anolyte.laws.host_data import read_host, read_make, read_window
from anolyte.laws.host_expansion import RIGID, linear_strain, pressure_swing, stack_stiffness
from anolyte.laws.host_fracture import Shell
from anolyte.laws.host_limits import read_stack
from anolyte.laws.lithium_balance import FixedArea, RenewedArea, StressGrowthLoop, first_cycle
from anolyte.materials.library import default
from anolyte.materials.stack import Conditions, Form, Interface, Shape
from anolyte.models.silicon import HostCycling, HostCyclingResult

Check = Callable[[], tuple[bool, str]]

ELECTROLYTE = "Li6PS5Cl"
CHARGE = 3.6e4
"""C/m2 of a half cycle: 1 mAh/cm2."""
FILM = Form(shape=Shape.FILM, size=1e-6)
RODS = Form(shape=Shape.RODS, size=100e-9, free_volume=0.5)
COLUMNS = Form(shape=Shape.COLUMNS, size=1e-6, free_volume=0.3)
MIXED = Form(shape=Shape.PARTICLES, size=100e-9, electrolyte=0.3)
LAYER = 20e-6
"""m of a compliant layer."""


def _run(form: Form | None = None, anode: str = "Si", **changes: float) -> HostCyclingResult:
    conditions = replace(Conditions(areal_capacity=CHARGE), **changes)
    return HostCycling()(Interface(ELECTROLYTE, anode, form=form or Form()), conditions)


def _known(value: float | None, what: str) -> float:
    if value is None:
        raise MissingProperty(f"{what} is not known with today's data")
    return value


def _first_lithiation(result: HostCyclingResult) -> tuple[float, ...]:
    """Stress along the first half cycle."""
    trace = result.trace
    if trace is None or not trace.stress:
        raise MissingProperty(f"the stress of {result.host} is not known with today's data")
    return trace.stress[: len(trace.stress) // 4]


def _nanorods() -> tuple[bool, str]:
    film, rods = _first_lithiation(_run(FILM)), _first_lithiation(_run(RODS))
    lower = all(abs(r) <= abs(f) + 1.0 for r, f in zip(rods, film, strict=True))
    free = sum(r == 0.0 for r in rods) / len(rods)
    return lower and free > 0.2, (
        f"rods with half of their volume free are without stress over {free:.0%} of the charge and "
        "never above the film; that they keep capacity is not computed"
    )


def _pressure_on_silicon() -> tuple[bool, str]:
    low, high = _run(MIXED, stack_pressure=5e6), _run(MIXED, stack_pressure=50e6)
    sizes = [_known(r.critical_size, "the critical size of silicon") for r in (low, high)]
    kept = [_known(r.contact_low, "the contact of silicon") for r in (low, high)]
    return sizes[1] > sizes[0] and kept[1] > kept[0], (
        f"50 instead of 5 MPa: critical size {show(sizes[0], 'length')} to "
        f"{show(sizes[1], 'length')}, least contact kept {kept[0]:.1%} to {kept[1]:.1%}"
    )


def _rigid_contacts() -> tuple[bool, str]:
    swings = {a: _known(_run(anode=a).growth, f"the swelling of {a}") for a in ("graphite", "Si")}
    stacks = {e: read_stack(Interface(e, "Si")) for e in ("Li6PS5Cl", "LLZO")}
    pressures = {
        (e, a): float(pressure_swing(RIGID, k, h))
        for e, k in stacks.items() for a, h in swings.items()
    }  # fmt: skip
    modulus = default().electrolyte("LLZO").need("youngs_modulus").si
    cushioned = stack_stiffness([modulus, modulus / 1000.0], [5e-4, LAYER])
    softer = float(pressure_swing(RIGID, cushioned, swings["Si"]))
    soft, stiff = pressures["Li6PS5Cl", "Si"], pressures["LLZO", "Si"]
    holds = pressures["LLZO", "graphite"] < stiff and soft < stiff and softer < stiff
    return holds, (
        f"between rigid plates silicon swings by {show(stiff, 'pressure')} on LLZO, "
        f"{show(soft, 'pressure')} on Li6PS5Cl, {show(softer, 'pressure')} on LLZO with 20 um of a "
        f"layer 1000 times softer; graphite by {show(pressures['LLZO', 'graphite'], 'pressure')}"
    )


def _stiff_shell() -> tuple[bool, str]:
    host = read_host(default().anode("Si"))
    bulk = host.need("youngs_modulus").si / 1.5  # at a Poisson ratio of 0.25
    shells = [Shell(m, 5e-9, 50e-9, bulk, 1.0e6) for m in (50e9, 100e9, 200e9, 400e9)]
    held = [float(s.hold) for s in shells]
    full = float(linear_strain(1.0 + host.need("volume_expansion").si))
    limit = float(shells[-1].cracking_strain)
    return held == sorted(held, reverse=True), (
        f"a shell a tenth of the radius thick lets {held[0]:.0%} of the strain through at 50 GPa, "
        f"{held[-1]:.0%} at 400 GPa; a brittle one of 1 MPa m^0.5 cracks at a strain of "
        f"{limit:.2f} of {full:.2f}"
    )


def _carbon_buffer() -> tuple[bool, str]:
    forms = (Form(size=50e-9), Form(size=50e-9, free_volume=0.3),
             Form(size=50e-9, free_volume=0.3, carbon=0.4))  # fmt: skip
    swings = [_known(_run(f).electrode_swing, "the swelling of silicon") for f in forms]
    return swings == sorted(swings, reverse=True) and swings[-1] < swings[0], (
        f"the electrode swings by {swings[0]:.0%} bare, {swings[1]:.0%} with 30 % free volume, "
        f"{swings[2]:.0%} with 40 % carbon besides"
    )


def _deformable_alloy() -> tuple[bool, str]:
    pure, mixed = _run(Form(shape=Shape.FILM)), _run(anode="LiSi-HC")
    stress = [abs(_known(r.compression, "the stress of silicon")) for r in (pure, mixed)]
    swings = [_known(r.electrode_swing, "the swelling of silicon") for r in (pure, mixed)]
    return stress[1] < stress[0] and swings[1] < swings[0], (
        f"silicon is compressed to {show(stress[0], 'pressure')} and its electrode swings by "
        f"{swings[0]:.0%}; lithiated silicon in hard carbon, made full, to "
        f"{show(stress[1], 'pressure')} and by {swings[1]:.0%}; the network is not computed"
    )


def _two_dimensional() -> tuple[bool, str]:
    columns = _known(_run(COLUMNS).area_factor, "the area of the interphase")
    mixed = _known(_run(MIXED).area_factor, "the area of the interphase")
    pressed = _known(_run(COLUMNS, stack_pressure=50e6).area_factor, "the area")
    return columns <= 1.0 < mixed and pressed == columns, (
        f"interphase on {columns:.1f} times the area of the cell for columns, {mixed:.0f} times "
        "for 100 nm particles with electrolyte between them"
    )


def _prelithiation() -> tuple[bool, str]:
    bare, before = Form(size=1e-6), Form(size=1e-6, prelithiation=0.2)
    swings = [_known(_run(f).electrode_swing, "the swelling of silicon") for f in (bare, before)]
    host = read_host(default().anode("Si"))
    thick = [read_window(host, read_make(host, f), f, CHARGE).thickness for f in (bare, before)]
    sizes = [replace(MIXED, size=s) for s in (1e-6, 100e-9)]
    areas = [_known(_run(f).area_factor, "the area of the interphase") for f in sizes]
    limits = [_known(_run(f).critical_size, "the critical size") for f in sizes]
    loads = [f.size / c for f, c in zip(sizes, limits, strict=True) if f.size is not None]
    eases = swings[1] < swings[0] and loads[1] < loads[0]
    costs = thick[1] > thick[0] and areas[1] > areas[0]
    return eases and costs, (
        f"a fifth of prelithiation: swing {swings[0]:.0%} to {swings[1]:.0%}, electrode "
        f"{show(thick[0], 'length')} to {show(thick[1], 'length')} for the same charge; 1 um to "
        f"100 nm: crack load {loads[0]:.1f} to {loads[1]:.1f}, interphase area {areas[0]:.0f} to "
        f"{areas[1]:.0f}"
    )


def _stress_cycle() -> tuple[bool, str]:
    host = read_host(default().anode("Si"))
    film = host.film()
    volume = 1.0 + host.need("volume_expansion").si
    off = StressGrowthLoop(
        volume=volume, active=0.26, free=0.70, modulus=float(film.modulus(host.content)) / 10.0,
        flow=abs(host.need("flow_stress_lithiation").si), first_charge=10.0, area=20.0,
        swelling=2.5e-10, thickness=5e-6,
    )  # fmt: skip
    alone, coupled = off.run(50), replace(off, renewed=0.2).run(50)
    holds = coupled.interphase[-1] > alone.interphase[-1] and coupled.stress[-1] > alone.stress[-1]
    return holds, (
        "after 50 cycles with fresh surface in proportion to stress the interphase holds "
        f"{coupled.interphase[-1] / alone.interphase[-1]:.2f} times the charge and the stress is "
        f"{show(coupled.stress[-1], 'pressure')} instead of {show(alone.stress[-1], 'pressure')}; "
        "the share that is renewed and a skeleton a tenth as stiff as silicon are assumed"
    )


def _immobile_interphase() -> tuple[bool, str]:
    thin, thick = (first_cycle(CHARGE, q).efficiency for q in (0.02 * CHARGE, 0.08 * CHARGE))
    kept, renewed = FixedArea(0.08), RenewedArea(0.02, 1.0)
    later = [float(law(30.0) - law(29.0)) for law in (kept, renewed)]
    return thick < thin and later[0] < later[1], (
        f"a film that takes 8 % and stays gives {thick:.0%} in the first cycle and loses "
        f"{later[0]:.2%} in the 30th; one of 2 % that is renewed gives {thin:.0%} and loses "
        f"{later[1]:.2%}"
    )


CLAIMS: dict[str, Check] = {
    "c_nanorod": _nanorods,
    "c_pressure_si": _pressure_on_silicon,
    "c_volume_break": _rigid_contacts,
    "c_si_lialo2": _stiff_shell,
    "c_si_carbon_buffer": _carbon_buffer,
    "c_deformable_alloy": _deformable_alloy,
    "c_2d_sei": _two_dimensional,
    "c_prelith_tradeoff": _prelithiation,
    "c_si_stress_cycle": _stress_cycle,
    "c_sei_ice": _immobile_interphase,
}
"""Claim to its check."""
