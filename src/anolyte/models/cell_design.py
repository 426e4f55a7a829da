r"""Energy, size and pressure of a full stack, by arithmetic that a designer can do by hand.

Every layer is per area of the cell: a mass, a thickness, and how often it occurs in the stack.

$$ \frac{E}{m} = \frac{q\,(\bar U_+ - \bar U_- - jR)\,n}{\sum_k N_k\,\rho_k t_k}, \qquad
   \frac{E}{V} = \frac{E/A}{\max(t_\mathrm{discharged}, t_\mathrm{charged})}, \qquad
   \Delta P = \frac{\Delta t}{1/K_\mathrm{frame} + t_\mathrm{pad}/E_\mathrm{pad}
   + 1/K_\mathrm{stack}} $$

Not in it: kinetics, transport in the electrodes, fade, heat; tabs and edges are the packaging's.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

from anolyte.core.errors import DataError, UnknownMaterial
from anolyte.core.provenance import Value
from anolyte.core.result import Result, quantity
from anolyte.core.units import si
from anolyte.laws.expansion import plated_thickness
from anolyte.materials import formula, library
from anolyte.materials.library import DATA, Library, read_yaml, validate
from anolyte.materials.phases import embedded
from anolyte.materials.schema import Anode, Electrolyte, Material, Measurement, Strict

FILE = "cathodes.yaml"


# --- what a stack is made of --------------------------------------------------------------------


def _to_si(obj: Any) -> None:
    """Texts with units to SI numbers, once, at birth."""
    for f in fields(obj):
        value, kind = getattr(obj, f.name), f.metadata.get("kind")
        if kind and isinstance(value, str):
            object.__setattr__(obj, f.name, si(value, kind))


@dataclass(frozen=True)
class Mix:
    """What an electrode layer is made of, beside the cell's electrolyte.

    Args:
        active: Share of the active material in the mass of the layer.
        additives: Share of carbon and binder; what is left is electrolyte.
        porosity: Empty share of the layer's volume.
        follows: Share of the active material's change of volume that the layer's thickness
            follows; the rest is taken up by its pores. One is the cautious case.
    """

    active: float = quantity("fraction", default=1.0)
    additives: float = quantity("fraction", default=0.0)
    porosity: float = quantity("fraction", default=0.0)
    follows: float = quantity("fraction", default=1.0)

    def __post_init__(self) -> None:
        _to_si(self)
        if not (0.0 < self.active <= 1.0 and 0.0 <= self.additives <= 1.0 - self.active + 1e-12):
            raise DataError("a mix needs active material, and shares that sum to one at most")
        if not (0.0 <= self.porosity < 1.0 and 0.0 <= self.follows <= 1.0):
            raise DataError("a mix: porosity from 0 to below 1, follows from 0 to 1")


class Cathode(Material):
    """A positive electrode: its active material and a mix that is usual for it.

    `operating_potential` is the mean potential of discharge; `volume_expansion` the relative
    change of the active material from the state it is built in to the other one.
    """

    families: ClassVar[tuple[str, ...]] = (
        "layered oxide", "olivine", "spinel", "conversion", "unknown",
    )  # fmt: skip
    holds_lithium: bool = True
    active: Measurement | None = None
    additives: Measurement | None = None
    porosity: Measurement | None = None

    @property
    def mix(self) -> Mix:
        """The usual mix; what is not given is pure and dense."""
        given = {"active": self.active, "additives": self.additives, "porosity": self.porosity}
        return Mix(**{k: m.to_value("fraction").si for k, m in given.items() if m is not None})


class Part(Material):
    """A passive part: a collector foil, or what an electrode holds beside active material."""

    families: ClassVar[tuple[str, ...]] = ("collector", "additive")


class _File(Strict):
    cathodes: tuple[Cathode, ...] = ()
    parts: tuple[Part, ...] = ()
    context: dict[str, Measurement] = {}


@lru_cache(maxsize=16)
def _load(path: Path, stamp: int) -> _File:
    return validate(_File, read_yaml(path), str(path) if path.parent != DATA else FILE)


def _files(lib: Library | None) -> tuple[_File, ...]:
    """The user's files, the last folder first, then the package's."""
    folders = (*reversed(lib.folders if lib else ()), DATA)
    paths = [folder / FILE for folder in folders]
    return tuple(_load(p, p.stat().st_mtime_ns) for p in paths if p.is_file())


def cathodes(lib: Library | None = None) -> tuple[Cathode, ...]:
    """Every cathode that is known by name."""
    found = {c.name: c for f in reversed(_files(lib)) for c in f.cathodes}
    return tuple(found.values())


def cathode(name: str, lib: Library | None = None) -> Cathode:
    """A cathode by name or alias.

    Raises:
        UnknownMaterial: None has that name; the message lists those that are known.

    >>> cathode("LiFePO4").name
    'LFP'
    """
    wanted = name.strip().casefold()
    for file in _files(lib):
        for found in file.cathodes:
            if wanted in (n.casefold() for n in (found.name, *found.aliases)):
                return found
    known = ", ".join(c.name for c in cathodes(lib))
    raise UnknownMaterial(f"unknown cathode '{name[:60]}'; known: {known}")


def part(name: str, lib: Library | None = None) -> Part:
    """A collector or additive by name or alias."""
    wanted = name.strip().casefold()
    for file in _files(lib):
        for found in file.parts:
            if wanted in (n.casefold() for n in (found.name, *found.aliases)):
                return found
    raise UnknownMaterial(f"unknown part '{name[:60]}'")


@dataclass(frozen=True)
class Foil:
    """A collector.

    Args:
        part: What it is made of; a name is looked up.
        thickness: m; None: the part's typical one.
    """

    part: Part
    thickness: float | None = quantity("length", default=None)

    if TYPE_CHECKING:

        def __init__(self, part: Part | str, thickness: float | str | None = None) -> None: ...

    def __post_init__(self) -> None:
        _to_si(self)
        if isinstance(self.part, str):
            object.__setattr__(self, "part", part(self.part))
        if self.thickness is not None and not self.thickness >= 0.0:
            raise DataError(f"{self.part.name}: a foil's thickness must not be negative")

    def layer(self, number: int) -> DesignLayer:
        """So many of it in a stack."""
        thick = self.part.need("typical_thickness").si if self.thickness is None else self.thickness
        return DesignLayer(self.part.name, number, thick, self.part.need("density").si)


class Connection(Protocol):
    """How the cells of a stack are connected: which collectors it has, and what adds up."""

    def collectors(self, cells: int, negative: Foil, positive: Foil) -> tuple[DesignLayer, ...]:
        """The stack's collectors."""
        ...

    def voltages(self, cells: int) -> int:
        """How many cell voltages the stack's voltage is."""
        ...


@dataclass(frozen=True)
class Parallel:
    """Foils coated on both faces, one kind after the other: capacities add."""

    def collectors(self, cells: int, negative: Foil, positive: Foil) -> tuple[DesignLayer, ...]:
        """One foil more than cells; with an odd number of foils both outer ones are negative."""
        return negative.layer(cells // 2 + 1), positive.layer((cells + 1) // 2)

    def voltages(self, cells: int) -> int:
        """One."""
        return 1


@dataclass(frozen=True)
class Bipolar:
    """One plate between neighbours, negative on one face and positive on the other: voltages add.

    Args:
        plate: The shared collector; it must bear both potentials.
    """

    plate: Foil = field(default_factory=lambda: Foil("SS"))

    def collectors(self, cells: int, negative: Foil, positive: Foil) -> tuple[DesignLayer, ...]:
        """The two ends, and a plate between any two cells."""
        return negative.layer(1), positive.layer(1), self.plate.layer(cells - 1)

    def voltages(self, cells: int) -> int:
        """One for each cell."""
        return cells


@dataclass(frozen=True)
class Fixture:
    """What holds the stack together while it breathes.

    Args:
        stiffness: Pressure for a displacement, Pa/m; zero is a constant pressure, infinite a rigid
            frame.
        pad_thickness: m; zero: no pad.
        pad_modulus: Young's modulus of the pad, Pa.
        stack_stiffness: Of the stack itself, Pa/m; infinite gives the highest pressure.
    """

    stiffness: float
    pad_thickness: float = quantity("length", default=0.0)
    pad_modulus: float = quantity("modulus", default=math.inf)
    stack_stiffness: float = math.inf

    def __post_init__(self) -> None:
        _to_si(self)
        positive = self.pad_modulus > 0.0 and self.stack_stiffness > 0.0
        if not (self.stiffness >= 0.0 and self.pad_thickness >= 0.0 and positive):
            raise DataError("a fixture has no negative stiffness, pad or modulus")
        if self.stiffness > 0.0 and self.compliance == 0.0:
            raise DataError(
                "a rigid frame around a rigid stack has no finite pressure; give the fixture a "
                "stiffness, or a pad with its thickness and modulus"
            )

    @property
    def compliance(self) -> float:
        """Displacement for a pressure, m/Pa."""
        frame = math.inf if self.stiffness == 0.0 else 1.0 / self.stiffness
        return frame + self.pad_thickness / self.pad_modulus + 1.0 / self.stack_stiffness


@dataclass(frozen=True)
class CellPlan:
    """A designer's choices. Numbers are SI, texts carry their unit; the defaults are an example.

    Args:
        areal_capacity: Reversible capacity of the cathode in each cell, C/m2.
        separator_thickness: Of the electrolyte layer, m; zero is allowed, as a limit.
        separator_porosity: Empty share of its volume.
        ratio: N/P: capacity of the negative over that of the positive; of a host its room for
            lithium, of lithium metal what the foil brings. A bare collector has none.
        anode: Mix of a host anode.
        cathode: Mix of the cathode; None: its own.
        cells: In the stack.
        connection: `Parallel()` or `Bipolar()`.
        negative_collector: A foil; None: the bare collector that is the anode, else copper.
        positive_collector: A foil.
        first_cycle_efficiency: Share of the first charge that comes back; None: the anode's if it
            is known, else one.
        packaging_mass, packaging_volume: Share of case, tabs and edges in the packed cell.
        current_density: A/m2, for the ohmic drop.
        area_resistance: Of a cell, ohm m2.
        fixture: What holds the stack; None: pressure is not asked for.
    """

    areal_capacity: float = quantity("areal_capacity", default=1.44e5)
    separator_thickness: float = quantity("length", default=30e-6)
    separator_porosity: float = quantity("fraction", default=0.0)
    ratio: float = quantity("number", default=1.1)
    anode: Mix = field(default_factory=Mix)
    cathode: Mix | None = None
    cells: int = 20
    connection: Connection = field(default_factory=Parallel)
    negative_collector: Foil | None = None
    positive_collector: Foil = field(default_factory=lambda: Foil("Al"))
    first_cycle_efficiency: float | None = quantity("fraction", default=None)
    packaging_mass: float = quantity("fraction", default=0.1)
    packaging_volume: float = quantity("fraction", default=0.1)
    current_density: float = quantity("current_density", default=0.0)
    area_resistance: float = quantity("area_resistance", default=0.0)
    fixture: Fixture | None = None

    if TYPE_CHECKING:  # texts with units are accepted, SI numbers are what is kept

        def __init__(
            self,
            areal_capacity: float | str = 1.44e5,
            separator_thickness: float | str = 30e-6,
            separator_porosity: float | str = 0.0,
            ratio: float = 1.1,
            anode: Mix = ...,
            cathode: Mix | None = None,
            cells: int = 20,
            connection: Connection = ...,
            negative_collector: Foil | None = None,
            positive_collector: Foil = ...,
            first_cycle_efficiency: float | str | None = None,
            packaging_mass: float | str = 0.1,
            packaging_volume: float | str = 0.1,
            current_density: float | str = 0.0,
            area_resistance: float | str = 0.0,
            fixture: Fixture | None = None,
        ) -> None: ...

    def __post_init__(self) -> None:
        _to_si(self)
        if not (0.0 < self.areal_capacity < math.inf and 0.0 <= self.separator_thickness < 1.0):
            raise DataError("a cell needs a capacity above zero and a separator not below zero")
        if not (isinstance(self.cells, int) and self.cells >= 1):
            raise DataError(f"a stack has one cell or more, not {self.cells}")
        for name in ("separator_porosity", "packaging_mass", "packaging_volume"):
            if not 0.0 <= getattr(self, name) < 1.0:
                raise DataError(f"{name.replace('_', ' ')} must lie from 0 to below 1")
        if not (self.ratio >= 0.0 and self.area_resistance >= 0.0 and self.current_density >= 0.0):
            raise DataError("ratio, area resistance and current density must not be negative")
        if not 0.0 < (self.first_cycle_efficiency or 1.0) <= 1.0:
            raise DataError("first cycle efficiency must lie above 0 and up to 1")


# --- what comes out -----------------------------------------------------------------------------


@dataclass(frozen=True)
class DesignLayer:
    """One kind of layer of the stack.

    Args:
        name: What it is.
        number: How often it occurs.
        thickness: As built, m.
        density: As built, with its pores, kg/m3.
        swelling: Thickness that it gains when the cell is charged, m; negative: loses.
    """

    name: str
    number: int
    thickness: float = quantity("length")
    density: float = quantity("density")
    swelling: float = quantity("length", default=0.0)

    @property
    def areal_mass(self) -> float:
        """Mass of all of them per area, kg/m2."""
        return self.number * self.thickness * self.density


@dataclass(frozen=True)
class CellDesign(Result):
    """A stack with its energy, size and breathing.

    Args:
        cell: In words.
        layers: What it is made of.
        voltage: Mean voltage of the stack on discharge, V.
        areal_capacity: What the stack gives back, C/m2 of its footprint.
        specific_energy: Per mass of the stack, J/kg.
        packed_specific_energy: With packaging, J/kg.
        specific_volume: Of the stack at its thickest, m3/kg.
        packed_specific_volume: With packaging, m3/kg.
        thickness: Of the stack as built, m.
        thickness_change: What a charge adds to it, m; negative: it shrinks.
        pressure_change: What a charge adds to the pressure, Pa; None: no fixture was given.
        first_cycle_loss: Lithium lost in the first cycle, C/m2 of one cell.
        liquid_reference: What the review says liquid cells reach at most, J/kg: context, no check.
        warnings: What was assumed.
    """

    cell: str
    layers: tuple[DesignLayer, ...]
    voltage: float = quantity("potential")
    areal_capacity: float = quantity("areal_capacity")
    specific_energy: float = quantity("specific_energy")
    packed_specific_energy: float = quantity("specific_energy")
    specific_volume: float = quantity("specific_volume")
    packed_specific_volume: float = quantity("specific_volume")
    thickness: float = quantity("length")
    thickness_change: float = quantity("length")
    pressure_change: float | None = quantity("pressure", default=None)
    first_cycle_loss: float = quantity("areal_capacity", default=0.0)
    liquid_reference: float | None = quantity("specific_energy", default=None)
    warnings: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()

    @property
    def areal_mass(self) -> float:
        """Mass of the stack per footprint, kg/m2."""
        return math.fsum(x.areal_mass for x in self.layers)

    @property
    def energy_density(self) -> float:
        """Energy of the stack over its volume at its thickest, J/m3 (3.6e6 is 1 Wh/L)."""
        return self.specific_energy / self.specific_volume

    @property
    def packed_energy_density(self) -> float:
        """The same with packaging, J/m3."""
        return self.packed_specific_energy / self.packed_specific_volume

    def rows(self) -> list[dict[str, Any]]:
        """One row a layer; masses and thicknesses are of all layers of the kind together."""
        mass, thick = self.areal_mass, self.thickness
        return [
            {
                "layer": x.name,
                "number": x.number,
                "thickness each [µm]": x.thickness * 1e6,
                "density [g cm⁻³]": x.density * 1e-3,
                "thickness [µm]": x.number * x.thickness * 1e6,
                "areal mass [mg cm⁻²]": x.areal_mass * 100.0,
                "mass share [%]": 100.0 * x.areal_mass / mass,
                "thickness share [%]": 100.0 * x.number * x.thickness / thick,
                "swelling in a charge [µm]": x.number * x.swelling * 1e6,
            }
            for x in self.layers
        ]


# --- the arithmetic -----------------------------------------------------------------------------


def mixed_density(mix: Mix, active: float, additives: float, electrolyte: float) -> float:
    r"""Density of a layer with its pores.

    $$ \rho = \frac{1 - p}{\sum_i w_i/\rho_i} $$

    Args:
        mix: Shares by mass, and the porosity.
        active, additives, electrolyte: Densities, kg/m3.

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
    names = {n.casefold() for n in (anode.name, *anode.aliases)}
    for file in _files(lib):
        for found in file.parts:
            if names & {n.casefold() for n in (found.name, *found.aliases)}:
                return Foil(found)
    return Foil(part("Cu", lib))


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
    liquid = [f.context["liquid_cells"] for f in _files(lib) if "liquid_cells" in f.context]
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
        liquid_reference=liquid[0].to_value("specific_energy").si if liquid else None,
        warnings=warnings,
        sources=sources,
    )
