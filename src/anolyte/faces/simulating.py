"""The verbs that run a cell: `simulate ccd`, `simulate cycle`, `simulate strip`, ..., and `map`."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import Annotated, Any

import typer

from anolyte.faces.options import Interlayers, Json, Materials, Plot

app = typer.Typer(
    name="simulate", no_args_is_help=True, rich_markup_mode=None,
    help="Run a cell: what current, pressure and time do to the interface.",
    context_settings={"help_option_names": ["-h", "--help"]},
)  # fmt: skip

Electrolyte = Annotated[
    str, typer.Argument(metavar="ELECTROLYTE", help="Name or formula; or a cell.yaml.")
]
AnodeName = Annotated[str | None, typer.Argument(metavar="ANODE", help="Name or formula.")]
Pressure = Annotated[str | None, typer.Option(metavar='"3 MPa"', help="Stack pressure.")]
Attach = Annotated[
    str | None,
    typer.Option(metavar='"25 MPa"', help="Pressure at which the metal was attached."),
]
Temperature = Annotated[str | None, typer.Option(metavar='"25 C"', help="Temperature.")]
Thickness = Annotated[
    str | None, typer.Option(metavar='"0.5 mm"', help="Thickness of the electrolyte.")
]
Counter = Annotated[
    str | None, typer.Option(metavar="NAME", help="The other side; left out: symmetric, or Li.")
]
Draws = Annotated[int, typer.Option(metavar="N", help="Sets of parameters for the interval.")]
Save = Annotated[Path | None, typer.Option(metavar="OUT.json", help="Write the whole result.")]


def _cell(
    electrolyte: str, anode: str | None, *, interlayer: list[str] | None, pressure: str | None,
    temperature: str | None, thickness: str | None, counter: str | None, attach: str | None,
    materials: list[Path] | None, current: str | None = None, capacity: str | None = None,
) -> Any:  # fmt: skip
    from anolyte.faces import asking
    from anolyte.studies.cell import Cell

    lib = asking.library(materials)
    found = asking.cell(lib, electrolyte, anode, interlayer or [])
    return Cell(
        interface=found.interface, conditions=found.conditions,
        counter=counter or found.counter, protocol=found.protocol,
        thickness=thickness, pressure=pressure, temperature=temperature, current=current,
        capacity=capacity, attach_pressure=attach, lib=lib,
    )  # fmt: skip


def _finish(result: Any, *, json: bool, plot: Path | None, save: Path | None) -> None:
    if save is not None:
        from anolyte.studies.files import save as write

        write(result, save)
    if plot is not None:
        from anolyte.faces.export import page

        page(result, plot)
    if json:
        from anolyte.faces.console import print_json

        print_json(result.to_dict())
        return
    from anolyte.faces import runs

    runs.show_result(result, str(plot or ""))


@app.command()
def ccd(
    electrolyte: Electrolyte,
    anode: AnodeName = None,
    interlayer: Interlayers = None,
    pressure: Pressure = None,
    temperature: Temperature = None,
    thickness: Thickness = None,
    counter: Counter = None,
    attach: Attach = None,
    start: Annotated[str, typer.Option(metavar='"0.1 mA/cm2"', help="First level.")] = "0.1 mA/cm2",
    stop: Annotated[str, typer.Option(metavar='"5 mA/cm2"', help="Last level.")] = "5 mA/cm2",
    step: Annotated[str, typer.Option(metavar='"0.1 mA/cm2"', help="Rise.")] = "0.1 mA/cm2",
    time: Annotated[str, typer.Option(metavar='"1 h"', help="Each half cycle.")] = "1 h",
    capacity: Annotated[
        str | None, typer.Option(metavar='"0.1 mAh/cm2"', help="Instead: the same charge a level.")
    ] = None,
    draws: Draws = 200,
    plot: Plot = None,
    save: Save = None,
    json: Json = False,
    materials: Materials = None,
) -> None:
    """Critical current density by a ramp: where it ends, what ends it, and how sure that is.

    Example: anolyte simulate ccd Li6PS5Cl Li --pressure "3 MPa"
    """
    from anolyte.materials.protocol import current_ramp

    cell = _cell(
        electrolyte, anode, interlayer=interlayer, pressure=pressure, temperature=temperature,
        thickness=thickness, counter=counter, attach=attach, materials=materials,
    )  # fmt: skip
    ramp = current_ramp(start, stop, step, time=None if capacity else time, charge=capacity)
    _finish(cell.critical_current(ramp, draws=draws), json=json, plot=plot, save=save)


@app.command()
def cycle(
    electrolyte: Electrolyte,
    anode: AnodeName = None,
    interlayer: Interlayers = None,
    current: Annotated[str, typer.Option(metavar='"0.1 mA/cm2"')] = "0.1 mA/cm2",
    capacity: Annotated[
        str, typer.Option(metavar='"0.1 mAh/cm2"', help="Charge a half cycle.")
    ] = "0.1 mAh/cm2",
    cycles: Annotated[int, typer.Option(metavar="N")] = 10,
    rest: Annotated[str, typer.Option(metavar='"10 min"', help="After each half cycle.")] = "0 s",
    pressure: Pressure = None,
    temperature: Temperature = None,
    thickness: Thickness = None,
    counter: Counter = None,
    attach: Attach = None,
    plot: Plot = None,
    save: Save = None,
    json: Json = False,
    materials: Materials = None,
) -> None:
    """Strip and plate the same charge again and again.

    Example: anolyte simulate cycle LLZTO Li --current "0.2 mA/cm2" --cycles 20
    """
    from anolyte.materials.protocol import cycling

    cell = _cell(
        electrolyte, anode, interlayer=interlayer, pressure=pressure, temperature=temperature,
        thickness=thickness, counter=counter, attach=attach, materials=materials,
    )  # fmt: skip
    protocol = cycling(current, charge=capacity, cycles=cycles, rest=rest)
    _finish(cell.run(protocol), json=json, plot=plot, save=save)


@app.command()
def strip(
    electrolyte: Electrolyte,
    anode: AnodeName = None,
    interlayer: Interlayers = None,
    current: Annotated[str, typer.Option(metavar='"0.5 mA/cm2"')] = "0.5 mA/cm2",
    until: Annotated[str, typer.Option(metavar='"0.5 V"', help="Cut-off.")] = "0.5 V",
    pressure: Pressure = None,
    temperature: Temperature = None,
    thickness: Thickness = None,
    counter: Counter = None,
    attach: Attach = None,
    plot: Plot = None,
    save: Save = None,
    json: Json = False,
    materials: Materials = None,
) -> None:
    """Strip the named side until a cut-off voltage.

    Example: anolyte simulate strip Li6PS5Cl Li --current "1 mA/cm2" --pressure "3 MPa"
    """
    from anolyte.materials.protocol import strip as stripping

    cell = _cell(
        electrolyte, anode, interlayer=interlayer, pressure=pressure, temperature=temperature,
        thickness=thickness, counter=counter, attach=attach, materials=materials,
    )  # fmt: skip
    _finish(cell.run(stripping(current, until=until)), json=json, plot=plot, save=save)


@app.command()
def protocol(
    electrolyte: Electrolyte,
    anode: AnodeName = None,
    step: Annotated[
        list[str] | None,
        typer.Option(metavar='"Strip at 0.5 mA/cm2 for 1 h"', help="A step; repeatable, in order."),
    ] = None,
    interlayer: Interlayers = None,
    repeat: Annotated[int, typer.Option(metavar="N", help="All steps so many times.")] = 1,
    pressure: Pressure = None,
    temperature: Temperature = None,
    thickness: Thickness = None,
    counter: Counter = None,
    attach: Attach = None,
    plot: Plot = None,
    save: Save = None,
    json: Json = False,
    materials: Materials = None,
) -> None:
    """Any protocol, in sentences: strip, plate, rest, press, hold.

    Example: anolyte simulate protocol Li6PS5Cl Li --step "Press at 25 MPa for 1 min" --step
    "Strip at 0.5 mA/cm2 for 1 h at 5 MPa" --step "Rest for 2 h"
    """
    from anolyte.core.errors import DataError
    from anolyte.materials.protocol import Protocol

    cell = _cell(
        electrolyte, anode, interlayer=interlayer, pressure=pressure, temperature=temperature,
        thickness=thickness, counter=counter, attach=attach, materials=materials,
    )  # fmt: skip
    steps = Protocol.parse(*step) if step else cell.protocol
    if steps is None:
        raise DataError('which steps? --step "Strip at 0.5 mA/cm2 for 1 h", repeatable')
    _finish(cell.run(steps * repeat), json=json, plot=plot, save=save)


def operating_map(
    electrolyte: Electrolyte,
    anode: AnodeName = None,
    interlayer: Interlayers = None,
    current: Annotated[
        str | None, typer.Option(metavar='"0.1 mA/cm2 to 5 mA/cm2"', help="One value or two ends.")
    ] = None,
    pressure: Annotated[
        str | None, typer.Option(metavar='"1 MPa to 20 MPa"', help="One value or two ends.")
    ] = None,
    temperature: Annotated[
        str | None, typer.Option(metavar='"0 C to 80 C"', help="One value or two ends.")
    ] = None,
    capacity: Annotated[
        str | None, typer.Option(metavar='"1 mAh/cm2"', help="Charge a half cycle.")
    ] = None,
    n: Annotated[int, typer.Option("--runs", "-n", metavar="N", help="Runs in all.")] = 100_000,
    draws: Annotated[int, typer.Option(metavar="N", help="Sets of parameters at each node.")] = 64,
    thickness: Thickness = None,
    counter: Counter = None,
    attach: Attach = None,
    resume: Annotated[
        Path | None, typer.Option(metavar="MAP.db", help="Keep runs here, and go on from there.")
    ] = None,
    plot: Plot = None,
    save: Save = None,
    json: Json = False,
    materials: Materials = None,
) -> None:
    """Where a cell is safe, over current, pressure and temperature, with credible bounds.

    Example: anolyte map Li6PS5Cl Li --current "0.1 mA/cm2 to 5 mA/cm2" --pressure "1 MPa to 20 MPa"
    """
    from anolyte.core import progress
    from anolyte.studies.ledger import Ledger

    cell = _cell(
        electrolyte, anode, interlayer=interlayer, pressure=None, temperature=None,
        thickness=thickness, counter=counter, attach=attach, materials=materials,
        capacity=capacity,
    )  # fmt: skip
    ends = {"current": _ends(current), "pressure": _ends(pressure),
            "temperature": _ends(temperature)}  # fmt: skip
    with ExitStack() as open_files:
        ledger = None if resume is None else open_files.enter_context(Ledger(resume))
        result = cell.map(**ends, n=n, draws=draws, ledger=ledger, progress=progress.lines)
    _finish(result, json=json, plot=plot, save=save)


def _ends(text: str | None) -> list[str] | None:
    """`"1 MPa to 20 MPa"` or `"1 to 20 MPa"` as its two ends."""
    if text is None:
        return None
    low, to, high = text.partition(" to ")
    if not to:
        return [text]
    unit = high.strip().lstrip("+-.0123456789eE").strip()
    bare = low.strip().replace(".", "", 1).replace("-", "", 1).isdigit()
    return [f"{low.strip()} {unit}" if bare else low.strip(), high.strip()]
