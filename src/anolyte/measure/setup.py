"""The cell that was measured: areas, thicknesses and electrodes that turn ohms into properties.

Nothing here is ever assumed: what was not given is None, and what needs it says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from anolyte.core.errors import DataError, MissingProperty
from anolyte.core.result import quantity
from anolyte.core.units import show
from anolyte.materials.stack import to_si

if TYPE_CHECKING:
    from anolyte.materials.library import Library
    from anolyte.measure.records import Claims

BLOCKING = ("Au", "Pt", "SS", "Ag/blocking", "C", "Cu", "Ni", "Ti", "Mo", "Al/blocking", "ITO")
"""Electrodes that take no lithium at rest: their arcs are double layers, not interphases."""
PLACEHOLDERS = (1e-7, 1e-4)
"""m2; 0.001 and 1 cm2, what instruments write where nobody typed an area."""


@dataclass(frozen=True)
class Setup:
    """What is known of the cell behind a record; texts with units are accepted.

    Args:
        area: Of one side, m2.
        thickness: Of the electrolyte, m.
        electrodes: Both sides, `"Li|Li"`, `"Li|Cu"`, `"SS|SS"`; working electrode first.
        temperature: K.
        stack_pressure: During the measurement, Pa.
        pressing_pressure: At which the pellet or the contact was made, Pa.
        mass: Of active material, kg.
        electrolyte: Name in the library; it brings published values to compare with.
        origins: Field to where it was given ("cell.yaml", "--area").

    >>> Setup(area="0.785 cm2", electrodes="Li|Li").interfaces
    2
    """

    area: float | None = quantity("area", default=None)
    thickness: float | None = quantity("length", default=None)
    electrodes: str | None = None
    temperature: float | None = quantity("temperature", default=None)
    stack_pressure: float | None = quantity("pressure", default=None)
    pressing_pressure: float | None = quantity("pressure", default=None)
    mass: float | None = quantity("mass", default=None)
    electrolyte: str | None = None
    origins: Mapping[str, str] = field(default_factory=dict, compare=False)

    if TYPE_CHECKING:

        def __init__(
            self,
            area: float | str | None = None,
            thickness: float | str | None = None,
            electrodes: str | None = None,
            temperature: float | str | None = None,
            stack_pressure: float | str | None = None,
            pressing_pressure: float | str | None = None,
            mass: float | str | None = None,
            electrolyte: str | None = None,
            origins: Mapping[str, str] = ...,
        ) -> None: ...

    def __post_init__(self) -> None:
        to_si(self)
        for name in ("area", "thickness", "mass", "temperature"):
            value = getattr(self, name)
            if value is not None and not value > 0.0:
                raise DataError(f"{name} {value:g}: must be positive")
        if self.electrodes is not None:
            sides = [s.strip() for s in self.electrodes.split("|")]
            if len(sides) != 2 or not all(sides):
                raise DataError(
                    f"electrodes '{self.electrodes[:40]}': write both sides, as 'Li|Li' or 'SS|SS'"
                )
            object.__setattr__(self, "electrodes", "|".join(sides))

    @property
    def sides(self) -> tuple[str, str]:
        """Both electrodes, the working one first."""
        first, _, second = self.need("electrodes").partition("|")
        return first, second

    @property
    def symmetric(self) -> bool:
        """Whether both electrodes are the same."""
        return self.sides[0] == self.sides[1]

    @property
    def blocking(self) -> bool:
        """Whether no electrode takes lithium."""
        return all(s in BLOCKING for s in self.sides)

    @property
    def interfaces(self) -> int:
        """Interfaces that an electrode's arc belongs to: two alike, or the one that is not
        blocking.

        Raises:
            MissingProperty: The electrodes are not given, or differ and both take lithium.
        """
        if self.symmetric:
            return 2
        if any(s in BLOCKING for s in self.sides):
            return 1
        raise MissingProperty(
            f"electrodes '{self.electrodes}' differ: an arc of one of them cannot be told from the "
            "other's; use a symmetric cell or a reference electrode"
        )

    def need(self, name: str) -> Any:
        """A field that a number hangs on.

        Raises:
            MissingProperty: It was not given; the message says how to.
        """
        value = getattr(self, name)
        if value is None:
            raise MissingProperty(f"the {name.replace('_', ' ')} is not given; {_HOW[name]}")
        return value

    def over(self, other: Setup) -> Setup:
        """This setup, with what it lacks from another."""
        found = {n: v for n in _HOW if (v := getattr(self, n)) is None}
        extra = {n: getattr(other, n) for n in found if getattr(other, n) is not None}
        origins = {**{n: other.origins[n] for n in extra if n in other.origins}, **self.origins}
        return replace(self, **extra, origins=origins)

    def doubts(self, claims: Claims) -> tuple[str, ...]:
        """What a file's header says of the cell beside what the user says, a sentence each."""
        told = []
        for name, kind in (("area", "area"), ("thickness", "length"), ("mass", "mass")):
            own, claimed = getattr(self, name), getattr(claims, name)
            if claimed is None:
                continue
            text = show(claimed, kind)
            if own is None:
                odd = name == "area" and any(abs(claimed / p - 1) < 1e-6 for p in PLACEHOLDERS)
                why = "looks like the instrument's placeholder" if odd else "is not confirmed"
                told.append(f"the file's {name} of {text} {why} and was not used; {_HOW[name]}")
            elif abs(claimed / own - 1.0) > 0.02:
                told.append(
                    f"the file says {name} {text}, you say {show(own, kind)}: yours is used"
                )
        return tuple(told)


_HOW = {
    "area": "give --area '0.785 cm2' or 'sample: {area: 0.785 cm2}' in cell.yaml",
    "thickness": "give --thickness '1 mm' or 'sample: {thickness: 1 mm}' in cell.yaml",
    "electrodes": "give --electrodes 'Li|Li' or 'electrodes: Li|Li' in cell.yaml",
    "temperature": "give --temperature '25 C' or 'conditions: {temperature: 25 C}' in cell.yaml",
    "stack_pressure": "give --pressure '5 MPa' or 'conditions: {stack_pressure: 5 MPa}'",
    "pressing_pressure": "give 'sample: {pressing_pressure: 300 MPa}' in cell.yaml",
    "mass": "give --mass '5 mg'",
    "electrolyte": "give --electrolyte NAME or 'electrolyte: NAME' in cell.yaml",
}


def read_setup(path: Path, lib: Library | None = None) -> Setup:
    """What a `cell.yaml` says of the cell; only what is written there, no defaults.

    Raises:
        DataError: As `read_cell`.
    """
    from anolyte.materials import library
    from anolyte.materials.cell_file import read_cell

    data = library.read_yaml(path)
    cell = read_cell(path, lib)
    sample, given = cell.interface.sample, data.get("sample") or {}
    wanted = data.get("conditions") or {}
    first = cell.interface.anode.name
    second = first if cell.counter is None else cell.counter.name
    found: dict[str, Any] = {
        "area": sample.area,
        "thickness": sample.thickness if "thickness" in given else None,
        "pressing_pressure": sample.pressing_pressure,
        "electrodes": data.get("electrodes") or f"{first}|{second}",
        "temperature": cell.conditions.temperature if "temperature" in wanted else None,
        "stack_pressure": cell.conditions.stack_pressure if "stack_pressure" in wanted else None,
        "electrolyte": cell.interface.electrolyte.name,
    }
    found = {k: v for k, v in found.items() if v is not None}
    return Setup(**found, origins={k: str(path) for k in found})
