"""What the verbs that read measurements share: options, and the setup they describe."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

MeasuredFiles = Annotated[
    list[Path], typer.Argument(metavar="FILE...", help="Files of instruments, or folders of them.")
]
CellFile = Annotated[
    Path | None, typer.Option("--cell", metavar="cell.yaml", help="The cell that was measured.")
]
Area = Annotated[
    str | None, typer.Option(metavar='"0.785 cm2"', help="Of one electrode; never assumed.")
]
Thickness = Annotated[
    str | None, typer.Option(metavar='"1 mm"', help="Of the electrolyte; never assumed.")
]
Electrodes = Annotated[
    str | None, typer.Option(metavar='"Li|Li"', help="Both, the working one first; Au, SS block.")
]
At = Annotated[
    str | None, typer.Option("--temperature", metavar='"25 C"', help="Where files do not say.")
]
UnderPressure = Annotated[
    str | None, typer.Option("--pressure", metavar='"5 MPa"', help="Where files do not say.")
]
Mass = Annotated[str | None, typer.Option(metavar='"5 mg"', help="Of active material.")]
ElectrolyteName = Annotated[
    str | None,
    typer.Option("--electrolyte", metavar="NAME", help="Compares with its published numbers."),
]
Report = Annotated[
    Path | None, typer.Option(metavar="OUT.html", help="Write one self-contained page.")
]


def setup(
    cell: Path | None = None, *, area: str | None = None, thickness: str | None = None,
    electrodes: str | None = None, temperature: str | None = None, pressure: str | None = None,
    mass: str | None = None, electrolyte: str | None = None, lib: Any = None,
) -> Any:  # fmt: skip
    """The setup that options describe, and a `cell.yaml` where they are silent.

    Raises:
        AnolyteError: A number without its unit, a name that the library does not know.
    """
    from anolyte.faces import asking
    from anolyte.measure.setup import Setup, read_setup

    given = {
        "area": area, "thickness": thickness, "electrodes": electrodes,
        "temperature": temperature, "stack_pressure": pressure, "mass": mass,
        "electrolyte": electrolyte,
    }  # fmt: skip
    asking.with_units({k: v for k, v in given.items() if k not in ("electrodes", "electrolyte")})
    said = {name: value for name, value in given.items() if value is not None}
    options = {"stack_pressure": "pressure"}
    found = Setup(**said, origins={n: f"--{options.get(n, n)}" for n in said})
    if electrolyte is not None:
        (lib or asking.library(None)).electrolyte(electrolyte)
    return found if cell is None else found.over(read_setup(cell, lib))
