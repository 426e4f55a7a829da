"""Options that several verbs share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Json = Annotated[bool, typer.Option("--json", help="JSON: SI, the unit beside each value.")]
Materials = Annotated[
    list[Path] | None,
    typer.Option(
        "--materials",
        metavar="DIR",
        help="A folder of your own with electrolytes/, anodes/, interlayers/, interfaces/, "
        "strategies/, evidence.csv or cathodes.yaml inside; repeatable.",
    ),
]
Entries = Annotated[
    str | None,
    typer.Option(
        "--entries",
        metavar="FILE|mp|optimade:URL",
        help="Other reference energies: CSV (formula, energy_eV_per_atom, source), a JSON or "
        "JSON.gz list of pymatgen entries, the Materials Project (key in MP_API_KEY), or an "
        "OPTIMADE provider.",
    ),
]
Refresh = Annotated[
    bool, typer.Option("--refresh", help="Ask the database of --entries anew; answers are kept.")
]
AsPrinted = Annotated[
    bool, typer.Option("--as-printed", help="Take a formula whose charges do not balance as it is.")
]
Interlayers = Annotated[
    list[str] | None,
    typer.Option(
        "--interlayer",
        metavar='"NAME:THICKNESS"',
        help='From electrolyte to anode, for example "LiF:50 nm"; repeatable.',
    ),
]
Csv = Annotated[bool, typer.Option("--csv", help="CSV on standard output, safe for spreadsheets.")]
Files = Annotated[
    list[Path] | None,
    typer.Option(
        "--file", metavar="FILE.csv", help="Measurements of your own beside ours; repeatable."
    ),
]
Plot = Annotated[
    Path | None,
    typer.Option(
        "--plot",
        "--figure",
        metavar="OUT.html",
        help="Write the figure as one self-contained page, or as .svg, .pdf or .png for print.",
    ),
]
