"""What a designer chooses of a full stack: collectors, how cells are connected, what holds them."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from anolyte.core.errors import DataError
from anolyte.core.result import quantity
from anolyte.materials.cathode import Mix, Part, part
from anolyte.materials.stack import to_si
from anolyte.models.cell_design.result import DesignLayer


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
        to_si(self)
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
        to_si(self)
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
        to_si(self)
        if not (0.0 < self.areal_capacity < math.inf and 0.0 <= self.separator_thickness < 1.0):
            raise DataError("a cell needs a capacity above zero and a separator not below zero")
        if not (isinstance(self.cells, int) and self.cells >= 1):
            raise DataError(f"a stack has one cell or more, not {self.cells}")
        for name in ("separator_porosity", "packaging_mass", "packaging_volume"):
            if not 0.0 <= getattr(self, name) < 1.0:
                raise DataError(f"{name.replace('_', ' ')} must lie from 0 to below 1")
        if not (self.ratio >= 0.0 and self.area_resistance >= 0.0 and self.current_density >= 0.0):
            raise DataError("ratio, area resistance and current density must not be negative")
        share = self.first_cycle_efficiency
        if share is not None and not 0.0 < share <= 1.0:
            raise DataError("first cycle efficiency must lie above 0 and up to 1")
