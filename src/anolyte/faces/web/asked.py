"""The cell that a request describes, from the words of its address."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Query

from anolyte.core.errors import DataError
from anolyte.faces import asking
from anolyte.materials.library import Library
from anolyte.materials.stack import Cell

MOST_LAYERS = 6
Name = Annotated[str, Query(max_length=200, description="Name of the library, or a formula.")]
Layers = Annotated[
    list[Annotated[str, Query(max_length=120)]] | None,
    Query(max_length=MOST_LAYERS, description='From electrolyte to anode, such as "LiF:50 nm".'),
]
Amount = Annotated[str | None, Query(max_length=40, description="A number with its unit.")]


@dataclass(frozen=True)
class Asked:
    """The words of a request; equal words are the same question.

    Args:
        electrolyte, anode: Name or formula.
        layers: From electrolyte to anode, `NAME:THICKNESS`.
        current, pressure, temperature, capacity: Conditions, with units; None: the usual ones.
        thickness: Of the electrolyte.
        as_printed: Take a formula whose charges do not balance.
    """

    electrolyte: str
    anode: str
    layers: tuple[str, ...] = ()
    current: str | None = None
    pressure: str | None = None
    temperature: str | None = None
    capacity: str | None = None
    thickness: str | None = None
    as_printed: bool = False

    def cell(self, lib: Library) -> Cell:
        """The cell.

        Raises:
            AnolyteError: A name, a formula or a unit that is not understood.
        """
        for name in (self.electrolyte, self.anode, *self.layers):
            if asking.CELL_FILES[0] in name.lower() or asking.CELL_FILES[1] in name.lower():
                raise DataError(f"'{name[:40]}' looks like a file: give names or formulas here")
        found = asking.cell(
            lib, self.electrolyte, self.anode, self.layers, as_printed=self.as_printed
        )
        conditions = {
            "current_density": self.current, "stack_pressure": self.pressure,
            "temperature": self.temperature, "areal_capacity": self.capacity,
        }  # fmt: skip
        return asking.override(found, conditions, self.thickness)


def asked(
    electrolyte: Name,
    anode: Name,
    layer: Layers = None,
    current: Amount = None,
    pressure: Amount = None,
    temperature: Amount = None,
    capacity: Amount = None,
    thickness: Amount = None,
    as_printed: bool = False,
) -> Asked:
    """The question that an address asks; empty words are left out."""
    told: dict[str, Any] = {
        "current": current, "pressure": pressure, "temperature": temperature,
        "capacity": capacity, "thickness": thickness,
    }  # fmt: skip
    told = {name: (text or "").strip() or None for name, text in told.items()}
    layers = tuple(x.strip() for x in layer or () if x.strip())
    return Asked(electrolyte.strip(), anode.strip(), layers, as_printed=as_printed, **told)


Question = Annotated[Asked, Depends(asked)]
"""What the address of a request asks."""
