"""The verbs that run a cell: `simulate ccd`, `simulate cycle`, `simulate strip`, ..., and `map`."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace
from typing import Annotated, Any

import typer

from anolyte.faces import cells, field_strip
from anolyte.faces.cells import (
    AnodeName,
    Attach,
    Capacity,
    Carbon,
    Counter,
    Draws,
    Electrolyte,
    FreeVolume,
    Loading,
    Mixed,
    Output,
    Prelithiation,
    Pressure,
    Resume,
    Save,
    Shape,
    Size,
    Temperature,
    Thickness,
    WhatWasLearnt,
    ends,
)
from anolyte.faces.field_filament import filament
from anolyte.faces.field_leak import leak
from anolyte.faces.field_pore import pore
from anolyte.faces.field_stress import stress
from anolyte.faces.options import Csv, Interlayers, Json, Materials, Plot

app = typer.Typer(
    name="simulate", no_args_is_help=True, rich_markup_mode=None,
    help="Run a cell: what current, pressure and time do to the interface.",
    context_settings={"help_option_names": ["-h", "--help"]},
)  # fmt: skip


app.command()(filament)
app.command()(leak)
app.command()(pore)
app.command()(stress)


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
    size: Size = None,
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
    csv: Csv = False,
    materials: Materials = None,
) -> None:
    """Critical current density by a ramp: where it ends, what ends it, and how sure that is.

    Example: anolyte simulate ccd Li6PS5Cl Li --pressure "3 MPa"
    """
    from anolyte.materials.protocol import current_ramp

    output = Output(json, csv, plot, save)
    cell = cells.cell(
        electrolyte, anode, interlayer=interlayer, pressure=pressure, temperature=temperature,
        thickness=thickness, counter=counter, attach=attach, materials=materials,
        form={"size": size},
    )  # fmt: skip
    ramp = current_ramp(start, stop, step, time=None if capacity else time, charge=capacity)
    output.finish(cell.critical_current(ramp, draws=draws))


@app.command()
def cycle(
    electrolyte: Electrolyte,
    anode: AnodeName = None,
    interlayer: Interlayers = None,
    current: Annotated[
        str, typer.Option(metavar='"0.1 mA/cm2"', help="Current density.")
    ] = "0.1 mA/cm2",
    capacity: Annotated[
        str | None,
        typer.Option(
            metavar='"0.1 mAh/cm2"',
            help="Charge a half cycle (0.1 mAh/cm2; a host: up to its cut-offs), and so much of a "
            "host of no given thickness.",
        ),
    ] = None,
    cycles: Annotated[int, typer.Option(metavar="N", help="How many.")] = 10,
    rest: Annotated[str, typer.Option(metavar='"10 min"', help="After each half cycle.")] = "0 s",
    pressure: Pressure = None,
    temperature: Temperature = None,
    thickness: Thickness = None,
    counter: Counter = None,
    attach: Attach = None,
    shape: Shape = None,
    size: Size = None,
    free_volume: FreeVolume = None,
    carbon: Carbon = None,
    electrolyte_share: Mixed = None,
    prelithiation: Prelithiation = None,
    lithiate_until: Annotated[
        str | None,
        typer.Option(metavar='"-0.6 V"', help="Of a host; left out: 0.01 V vs Li/Li+."),
    ] = None,
    delithiate_until: Annotated[
        str | None, typer.Option(metavar='"0.9 V"', help="Of a host; left out: 1.5 V vs Li/Li+.")
    ] = None,
    plot: Plot = None,
    save: Save = None,
    json: Json = False,
    csv: Csv = False,
    materials: Materials = None,
) -> None:
    """Strip and plate the same charge again and again; a host is filled first, between cut-offs.

    Example: anolyte simulate cycle LLZTO Li --current "0.2 mA/cm2" --cycles 20

    Example: anolyte simulate cycle Li6PS5Cl Si --counter LiIn --shape film --size "1 um" --cycles 3
    """
    from anolyte.core.errors import DataError
    from anolyte.faces import half_cells
    from anolyte.materials.protocol import cycling

    output = Output(json, csv, plot, save)
    cell = cells.cell(
        electrolyte, anode, interlayer=interlayer, pressure=pressure, temperature=temperature,
        thickness=thickness, counter=counter, attach=attach, materials=materials, capacity=capacity,
        form={"shape": shape, "size": size, "free_volume": free_volume, "carbon": carbon,
              "electrolyte": electrolyte_share, "prelithiation": prelithiation},
    )  # fmt: skip
    if half_cells.is_half_cell(cell):
        done = half_cells.lithiation(
            cell, current, capacity=capacity, cycles=cycles, rest=rest, down=lithiate_until,
            up=delithiate_until,
        )  # fmt: skip
    elif lithiate_until or delithiate_until:
        raise DataError(
            "--lithiate-until and --delithiate-until are cut-offs of a host such as Si; "
            f"{cell.interface.anode.name} is plated: use --capacity, or simulate protocol"
        )
    else:
        charge = capacity or "0.1 mAh/cm2"
        told = f"{cycles} cycles of {charge} at {current}"
        done = replace(cycling(current, charge=charge, cycles=cycles, rest=rest), name=told)
    _finish(output, cell, done, interlayer)


@app.command()
def strip(
    electrolyte: Electrolyte,
    anode: AnodeName = None,
    interlayer: Interlayers = None,
    current: Annotated[
        str, typer.Option(metavar='"0.5 mA/cm2"', help="Current density.")
    ] = "0.5 mA/cm2",
    until: Annotated[str, typer.Option(metavar='"0.5 V"', help="Cut-off.")] = "0.5 V",
    pressure: Pressure = None,
    temperature: Temperature = None,
    thickness: Thickness = None,
    counter: Counter = None,
    attach: Attach = None,
    shape: Shape = None,
    size: Size = None,
    free_volume: FreeVolume = None,
    carbon: Carbon = None,
    electrolyte_share: Mixed = None,
    prelithiation: Prelithiation = None,
    capacity: Loading = None,
    field: field_strip.Field = False,
    last: field_strip.Last = None,
    checkpoint: field_strip.Checkpoint = None,
    resume: field_strip.Resume = False,
    effects: field_strip.Effects = False,
    plot: Plot = None,
    save: Save = None,
    json: Json = False,
    csv: Csv = False,
    materials: Materials = None,
) -> None:
    """Strip the named side until a cut-off voltage; or see its voids grow, resolved.

    Example: anolyte simulate strip Li6PS5Cl Li --current "1 mA/cm2" --pressure "3 MPa"

    Example: anolyte simulate strip LLZO Li --field --current "1 mA/cm2" --for "2 h"
    """
    from anolyte.faces import half_cells
    from anolyte.materials.protocol import strip as stripping

    asked = field_strip.Asked(last, checkpoint, resume, effects)
    if field:
        field_strip.refuse_with_field(
            interlayer, counter, attach, shape, size, free_volume, carbon, electrolyte_share,
            prelithiation, capacity, until if until != "0.5 V" else None,
        )  # fmt: skip
        setup = field_strip.setup_of(
            electrolyte, anode, current, pressure, temperature, thickness, last, materials
        )
        output = Output(json, csv, None, save)
        field_strip.strip_field(setup, asked, output, plot)
        return
    asked.refuse_without_field()
    output = Output(json, csv, plot, save)
    cell = cells.cell(
        electrolyte, anode, interlayer=interlayer, pressure=pressure, temperature=temperature,
        thickness=thickness, counter=counter, attach=attach, materials=materials, capacity=capacity,
        form={"shape": shape, "size": size, "free_volume": free_volume, "carbon": carbon,
              "electrolyte": electrolyte_share, "prelithiation": prelithiation},
    )  # fmt: skip
    verb = "Delithiate" if half_cells.is_half_cell(cell) else "Strip"
    done = replace(stripping(current, until=until), name=f"{verb} at {current} until {until}")
    _finish(output, cell, done, interlayer)


@app.command()
def protocol(
    electrolyte: Electrolyte,
    anode: AnodeName = None,
    steps: Annotated[
        list[str] | None,
        typer.Argument(metavar="STEP", help="Steps as sentences, in order."),
    ] = None,
    step: Annotated[
        list[str] | None,
        typer.Option(metavar='"Strip at 0.5 mA/cm2 for 1 h"', help="The same; repeatable."),
    ] = None,
    interlayer: Interlayers = None,
    repeat: Annotated[int, typer.Option(metavar="N", help="All steps so many times.")] = 1,
    pressure: Pressure = None,
    temperature: Temperature = None,
    thickness: Thickness = None,
    counter: Counter = None,
    attach: Attach = None,
    shape: Shape = None,
    size: Size = None,
    free_volume: FreeVolume = None,
    carbon: Carbon = None,
    electrolyte_share: Mixed = None,
    prelithiation: Prelithiation = None,
    capacity: Loading = None,
    plot: Plot = None,
    save: Save = None,
    json: Json = False,
    csv: Csv = False,
    materials: Materials = None,
) -> None:
    """Any protocol, in sentences: strip, plate, lithiate, delithiate, rest, press, hold, impedance.

    Example: anolyte simulate protocol Li6PS5Cl Li "Press at 25 MPa for 1 min"
    "Strip at 0.5 mA/cm2 for 1 h at 5 MPa" "Rest for 2 h"

    Example: anolyte simulate protocol Li6PS5Cl Si --counter LiIn --shape film --size "1 um"
    "Lithiate at 0.1 mA/cm2 until -0.6 V" "Delithiate at 0.1 mA/cm2 until 0.9 V"
    """
    from anolyte.core.errors import DataError
    from anolyte.faces import asking, half_cells

    output = Output(json, csv, plot, save)
    told = [*(steps or []), *(step or [])]
    if steps and step:
        raise DataError("steps both as --step and without: write all of them in one way")
    if anode is not None and electrolyte.lower().endswith(asking.CELL_FILES) and " " in anode:
        told, anode = [anode, *told], None  # a file names the anode, so this is the first step
    cell = cells.cell(
        electrolyte, anode, interlayer=interlayer, pressure=pressure, temperature=temperature,
        thickness=thickness, counter=counter, attach=attach, materials=materials, capacity=capacity,
        form={"shape": shape, "size": size, "free_volume": free_volume, "carbon": carbon,
              "electrolyte": electrolyte_share, "prelithiation": prelithiation},
    )  # fmt: skip
    asked = half_cells.steps(cell, told) if told else half_cells.named(cell.protocol)
    if asked is None:
        verb = "Lithiate" if half_cells.is_half_cell(cell) else "Strip"
        raise DataError(f'which steps? --step "{verb} at 0.5 mA/cm2 for 1 h", repeatable')
    _finish(output, cell, asked * repeat, interlayer)


def _finish(output: Output, cell: Any, protocol: Any, interlayer: list[str] | None) -> None:
    """Run a protocol, and give the answer with what was understood of the cell."""
    from functools import partial

    from anolyte.faces import half_cells, runs

    result = replace(cell, protocol=protocol).run()  # as the cell's own it keeps its name
    about = half_cells.about(cell, interlayer or [])
    output.finish(result, partial(runs.show_result, about=about))


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
    capacity: Capacity = None,
    n: Annotated[int, typer.Option("--runs", "-n", metavar="N", help="Runs in all.")] = 100_000,
    draws: Annotated[int, typer.Option(metavar="N", help="Sets of parameters at each node.")] = 64,
    thickness: Thickness = None,
    counter: Counter = None,
    attach: Attach = None,
    learned: WhatWasLearnt = None,
    resume: Resume = None,
    plot: Plot = None,
    save: Save = None,
    json: Json = False,
    csv: Csv = False,
    materials: Materials = None,
) -> None:
    """Where a cell is safe, over current, pressure and temperature, with credible bounds.

    Example: anolyte map Li6PS5Cl Li --current "0.1 mA/cm2 to 5 mA/cm2" --pressure "1 MPa to 20 MPa"
    """
    from anolyte.core import progress
    from anolyte.core.errors import DataError
    from anolyte.studies.ledger import Ledger

    output = Output(json, csv, plot, save)
    if draws < 1 or n < draws:
        told = f"--runs {n} with --draws {draws}: each node of the map takes all draws"
        raise DataError(f"{told}; give one draw or more, and at least as many runs")
    cell = cells.cell(
        electrolyte, anode, interlayer=interlayer, pressure=None, temperature=None,
        thickness=thickness, counter=counter, attach=attach, materials=materials,
        capacity=capacity,
    )  # fmt: skip
    axes = {"current": ends(current), "pressure": ends(pressure),
            "temperature": ends(temperature)}  # fmt: skip
    with ExitStack() as open_files:
        ledger = None if resume is None else open_files.enter_context(Ledger(resume))
        known = None if learned is None else cells.measured(cell, learned)
        result = cell.map(
            **axes, n=n, draws=draws, ledger=ledger, progress=progress.with_time_left(), known=known
        )
    output.finish(result)
