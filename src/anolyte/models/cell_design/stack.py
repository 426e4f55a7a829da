"""The arithmetic of a full stack: every layer a mass, a thickness and a number."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from anolyte.core.errors import DataError
from anolyte.core.provenance import Value
from anolyte.laws.expansion import plated_thickness
from anolyte.materials import formula, library
from anolyte.materials.cathode import Cathode, Mix, cathode, context, part, part_of
from anolyte.materials.library import Library
from anolyte.materials.phases import embedded
from anolyte.materials.schema import Anode, Electrolyte, Material
from anolyte.models.cell_design.plan import CellPlan, Foil
from anolyte.models.cell_design.result import CellDesign, DesignLayer


def mixed_density(mix: Mix, active: float, additives: float, electrolyte: float) -> float:
    r"""Density of a layer with its pores.

    $$ \rho = \frac{1 - p}{\sum_i w_i/\rho_i} $$

    Args:
        mix: Shares by mass, and the porosity.
        active, additives, electrolyte: Densities, kg/m3.

    >>> from anolyte.materials.cathode import Mix
    >>> round(mixed_density(Mix(0.75, 0.03, 0.1), 4700.0, 1900.0, 1838.0), 1)
    3050.2
    """
    rest = max(1.0 - mix.active - mix.additives, 0.0)
    volume = mix.active / active + mix.additives / additives + rest / electrolyte
    return (1.0 - mix.porosity) / volume


def electrode_layer(
    name: str, number: int, active_mass: float, mix: Mix, density: float, swelling: float
) -> DesignLayer:
    """A layer that holds a mass of active material, kg/m2, swelling by so many m3/m2 of it."""
    thickness = active_mass / mix.active / density
    return DesignLayer(name, number, thickness, density, mix.follows * swelling)


def density(material: Material) -> Value:
    """A solid's density: reported, or its formula's mass over its molar volume.

    Raises:
        MissingProperty: Neither is known.
    """
    if material.has("density"):
        return material.need("density")
    if material.formula:
        mass = formula.molar_mass(material.composition)
        if material.has("molar_volume"):
            volume = material.need("molar_volume")
            return Value(mass / volume.si, volume.source)
        phase = embedded().find(material.composition)
        if phase is not None and phase.volume is not None:
            share = formula.atoms(material.composition) / formula.atoms(phase.composition)
            return Value(mass / (phase.volume * share), phase.volume_source or phase.source)
    return material.need("density")  # says what is missing, and where to add it


@dataclass(frozen=True)
class _Negative:
    """The negative side of one cell: its layer, potential, spare lithium, what was assumed."""

    layer: DesignLayer
    potential: float
    spare: float
    warnings: tuple[str, ...] = ()


def _lithium(plan: CellPlan, anode: Anode, positive: Cathode) -> _Negative:
    """Lithium metal, brought as foil or plated on a bare collector."""
    metal = library.default().anode("Li")
    volume = metal.need("molar_volume").si
    brought = plan.ratio if anode.formula and set(anode.composition) == {"Li"} else 0.0
    if not positive.holds_lithium and brought < 1.0:
        raise DataError(
            f"{positive.name} is built without lithium and the anode brings {brought:g} times its "
            "capacity: give a lithium foil with a ratio of 1 or more"
        )
    foil = plated_thickness(brought * plan.areal_capacity, volume)
    mass = formula.molar_mass(metal.composition) / volume
    gain = plated_thickness(plan.areal_capacity, volume)
    layer = DesignLayer("lithium", plan.cells, foil, mass, gain)
    spare = brought * plan.areal_capacity - (0.0 if positive.holds_lithium else plan.areal_capacity)
    return _Negative(layer, anode.need("operating_potential").si, spare)


def _host(
    plan: CellPlan, anode: Anode, positive: Cathode, others: Mapping[str, float]
) -> _Negative:
    """A host that takes lithium up: its layer swells in proportion to what it takes."""
    brings = "Li" in formula.parse(anode.formula) if anode.formula else False
    if not positive.holds_lithium and not brings:
        raise DataError(
            f"no lithium in the cell: neither {positive.name} nor {anode.name} brings it"
        )
    if plan.ratio < 1.0:
        raise DataError(
            f"{anode.name} has room for {plan.ratio:g} of the cathode's lithium; the rest would be "
            "plated: give a ratio of 1 or more"
        )
    own = density(anode).si
    active = plan.ratio * plan.areal_capacity / anode.need("specific_capacity").si
    warnings: tuple[str, ...] = ()
    if anode.has("volume_expansion"):
        swelling = active / own * anode.need("volume_expansion").si / plan.ratio
    else:
        volume = library.default().anode("Li").need("molar_volume").si
        swelling = plated_thickness(plan.areal_capacity, volume)
        warnings = (f"{anode.name}: swelling not known, taken as the volume of the lithium",)
    mixed = mixed_density(plan.anode, own, **others)
    layer = electrode_layer(anode.name, plan.cells, active, plan.anode, mixed, swelling)
    # the lowest potentials are those a host ends a charge at; the highest reported is cautious
    potentials = anode.values("operating_potential") or (anode.need("operating_potential"),)
    potential = max(v.si for v in potentials)
    needed = 0.0 if positive.holds_lithium else 1.0
    spare = (plan.ratio - needed) * plan.areal_capacity if brings else 0.0
    return _Negative(layer, potential, spare, warnings)


def _bare_collector(anode: Anode, lib: Library) -> Foil:
    """The foil that is the anode, if it is one that is known, else copper."""
    return Foil(part_of((anode.name, *anode.aliases), lib) or part("Cu", lib))


def _positive(plan: CellPlan, positive: Cathode, others: Mapping[str, float]) -> DesignLayer:
    """The cathode's layer; what is built charged swells when it is discharged."""
    own = positive.need("density").si
    active = plan.areal_capacity / positive.need("specific_capacity").si
    change = positive.need("volume_expansion").si if positive.has("volume_expansion") else 0.0
    swelling = active / own * change * (1.0 if positive.holds_lithium else -1.0)
    mix = plan.cathode or positive.mix
    mixed = mixed_density(mix, own, **others)
    return electrode_layer(positive.name, plan.cells, active, mix, mixed, swelling)


def _returned(plan: CellPlan, anode: Anode, spare: float) -> float:
    """Capacity of a cell after the first cycle; spare lithium makes up for what is lost."""
    share = plan.first_cycle_efficiency
    if share is None:
        known = "first_cycle_efficiency"
        share = anode.need(known).si if anode.has(known) else 1.0
    return min(plan.areal_capacity, share * plan.areal_capacity + spare)


def _doubts(plan: CellPlan, electrolyte: Electrolyte, anode: Anode, positive: Cathode) -> list[str]:
    """Numbers that decide and are only remembered or assumed."""
    asked = [
        (positive, "specific_capacity"), (positive, "operating_potential"),
        (positive, "volume_expansion"), (anode, "operating_potential"),
        (electrolyte, "density"),
    ]  # fmt: skip
    if not anode.plated:
        asked += [(anode, "specific_capacity"), (anode, "volume_expansion"), (anode, "density")]
        if plan.first_cycle_efficiency is None:
            asked.append((anode, "first_cycle_efficiency"))
    found = [
        f"{m.name}: {name.replace('_', ' ')} is {m.need(name).source.how}, from memory"
        for m, name in asked
        if m.has(name) and m.need(name).source.known == "recalled"
    ]
    if plan.cathode is None and positive.active is not None:
        found.append(f"{positive.name}: its mix is assumed; give the one you have")
    if not positive.has("volume_expansion"):
        found.append(f"{positive.name}: its change of volume is not known and not counted")
    return found


def _sources(electrolyte: Electrolyte, anode: Anode, positive: Cathode) -> tuple[str, ...]:
    """Citation keys of the materials' numbers that were used."""
    used = [density(electrolyte)]
    names = ("specific_capacity", "operating_potential", "density", "volume_expansion")
    used += [m.need(n) for m in (positive, anode) for n in names if m.has(n)]
    return tuple(dict.fromkeys(v.source.key for v in used))


def design(
    electrolyte: Electrolyte | str,
    anode: Anode | str,
    positive: Cathode | str,
    plan: CellPlan | None = None,
    lib: Library | None = None,
) -> CellDesign:
    """Energy, size and breathing of a stack.

    Voltages are mean open-circuit ones less the ohmic drop; thicknesses as built, charged and
    discharged. A host anode's mean potential is the highest one reported of it.

    Args:
        electrolyte, anode: Materials or names.
        positive: A cathode or the name of one of `cathodes()`.
        plan: The designer's choices.
        lib: Where names are looked up.

    Raises:
        MissingProperty: A density, capacity or potential is not known; the message says where to
            add it.
        DataError: A cell that cannot be built, such as one without lithium.

    >>> from anolyte.models.cell_design import CellPlan
    >>> cell = design("Li6PS5Cl", "anode-free", "NMC811", CellPlan(separator_thickness="20 um"))
    >>> round(cell.specific_energy / 3600)  # Wh/kg of the bare stack
    395
    """
    lib, plan = lib or library.default(), plan or CellPlan()
    electrolyte = lib.electrolyte(electrolyte) if isinstance(electrolyte, str) else electrolyte
    anode = lib.anode(anode) if isinstance(anode, str) else anode
    positive = cathode(positive, lib) if isinstance(positive, str) else positive
    solid = density(electrolyte).si
    others = {"additives": part("additives", lib).need("density").si, "electrolyte": solid}
    negative = (
        _lithium(plan, anode, positive) if anode.plated else _host(plan, anode, positive, others)
    )
    separator = DesignLayer(
        electrolyte.name, plan.cells, plan.separator_thickness,
        solid * (1.0 - plan.separator_porosity),
    )  # fmt: skip
    foil = plan.negative_collector or _bare_collector(anode, lib)
    collectors = plan.connection.collectors(plan.cells, foil, plan.positive_collector)
    layers = (*collectors, negative.layer, separator, _positive(plan, positive, others))
    voltage = positive.need("operating_potential").si - negative.potential
    voltage -= plan.current_density * plan.area_resistance
    capacity = _returned(plan, anode, negative.spare)
    warnings = (*_doubts(plan, electrolyte, anode, positive), *negative.warnings)
    return _result(
        f"{positive.name} | {electrolyte.name} | {anode.name}",
        tuple(x for x in layers if x.number), plan, voltage, capacity, positive, warnings,
        _sources(electrolyte, anode, positive), lib,
    )  # fmt: skip


def _result(
    cell: str, layers: tuple[DesignLayer, ...], plan: CellPlan, voltage: float, capacity: float,
    positive: Cathode, warnings: tuple[str, ...], sources: tuple[str, ...], lib: Library,
) -> CellDesign:  # fmt: skip
    """The sums over the layers."""
    energy = plan.cells * capacity * voltage
    mass = math.fsum(x.areal_mass for x in layers)
    built = math.fsum(x.number * x.thickness for x in layers)
    change = math.fsum(x.number * x.swelling for x in layers)
    thickest = built + max(change if positive.holds_lithium else -change, 0.0)
    packed_mass = mass / (1.0 - plan.packaging_mass)
    packed_volume = thickest / (1.0 - plan.packaging_volume)
    series = plan.connection.voltages(plan.cells)
    liquid = context("liquid_cells", lib)
    if voltage <= 0.0:
        raise DataError(f"{cell}: its mean voltage under load would be {voltage:.3g} V")
    return CellDesign(
        cell=cell,
        layers=layers,
        voltage=series * voltage,
        areal_capacity=plan.cells / series * capacity,
        specific_energy=energy / mass,
        packed_specific_energy=energy / packed_mass,
        specific_volume=thickest / mass,
        packed_specific_volume=packed_volume / packed_mass,
        thickness=built,
        thickness_change=change,
        pressure_change=None if plan.fixture is None else change / plan.fixture.compliance,
        first_cycle_loss=plan.areal_capacity - capacity,
        liquid_reference=None if liquid is None else liquid.to_value("specific_energy").si,
        warnings=warnings,
        sources=sources,
    )
