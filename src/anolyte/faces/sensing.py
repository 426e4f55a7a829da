"""`anolyte sensitivity`: which numbers an answer of a cell hangs on."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Annotated, Any

import typer

from anolyte.faces import cells
from anolyte.faces.cells import (
    AnodeName,
    Attach,
    Counter,
    Electrolyte,
    Output,
    Pressure,
    Resume,
    Save,
    Temperature,
    Thickness,
)
from anolyte.faces.options import Csv, Interlayers, Json, Materials, Plot


def sensitivity(
    electrolyte: Electrolyte,
    anode: AnodeName = None,
    interlayer: Interlayers = None,
    of: Annotated[
        str, typer.Option(metavar='"critical current"', help="Or: face resistance.")
    ] = "critical current",
    sobol: Annotated[
        bool, typer.Option("--sobol", help="Sobol indices in the place of the quick look.")
    ] = False,
    n: Annotated[
        int, typer.Option("--samples", "-n", metavar="N", help="For --sobol: a power of two.")
    ] = 128,
    draws: Annotated[
        int, typer.Option(metavar="N", help="For the quick look: points at which numbers move.")
    ] = 32,
    pressure: Pressure = None,
    temperature: Temperature = None,
    thickness: Thickness = None,
    counter: Counter = None,
    attach: Attach = None,
    resume: Resume = None,
    plot: Plot = None,
    save: Save = None,
    json: Json = False,
    csv: Csv = False,
    materials: Materials = None,
) -> None:
    """Which numbers the critical current (or the resistance of a face) hangs on.

    Example: anolyte sensitivity Li6PS5Cl Li --pressure "3 MPa" --plot numbers.html
    """
    from anolyte.core import progress
    from anolyte.studies import sensitivity as study
    from anolyte.studies.ledger import Ledger

    output = Output(json, csv, plot, save)
    asked = _answer(of)
    cell = cells.cell(
        electrolyte, anode, interlayer=interlayer, pressure=pressure, temperature=temperature,
        thickness=thickness, counter=counter, attach=attach, materials=materials,
    )  # fmt: skip
    with ExitStack() as open_files:
        ledger = None if resume is None else open_files.enter_context(Ledger(resume))
        found: Any
        if sobol:
            found = study.sensitivity(
                cell, asked, n=n, ledger=ledger, progress=progress.with_time_left()
            )
        else:
            found = study.quick_sensitivity(
                cell, asked, draws=draws, ledger=ledger, progress=progress.with_time_left()
            )
    output.finish(found)


def _answer(text: str) -> Any:
    """The answer that a person named."""
    from anolyte.studies.levers import fine_ramp
    from anolyte.studies.query import one_of
    from anolyte.studies.sensitivity import CriticalLevel, FaceResistance

    known = {"critical current": CriticalLevel(fine_ramp()), "face resistance": FaceResistance()}
    return known[one_of("answer", text, known)]
