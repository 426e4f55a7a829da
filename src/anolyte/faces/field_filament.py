"""`anolyte simulate filament`: from names and texts to a run of the field simulation."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from anolyte.faces.cells import AnodeName, Electrolyte, Output, Save, Temperature
from anolyte.faces.field_telling import percent, show, show_convergence, show_effects, write_film
from anolyte.faces.options import Csv, Interlayers, Json, Materials, Plot

if TYPE_CHECKING:
    from anolyte.materials.stack import Conditions, Interface
    from anolyte.models.field.images import Labels
    from anolyte.models.field.microstructure import Phase
    from anolyte.studies.filament_setup import FilamentSetup

MOST_CELLS = {2: 1024, 3: 128}
USUAL_CELLS, MOST_CHOSEN = 64, 256
CHECKPOINT = "Keep the whole state in this HDF5 file, every minute and at the end."


def filament(
    electrolyte: Electrolyte,
    anode: AnodeName = None,
    current: Annotated[
        str, typer.Option(metavar='"1 mA/cm2"', help="Current density.")
    ] = "1 mA/cm2",
    until: Annotated[
        str, typer.Option(metavar='short|"10 min"', help="Model time, or a short.")
    ] = "short",
    grain_size: Annotated[
        str | None, typer.Option(metavar='"5 um"', help="Mean intercept; none: one crystal.")
    ] = None,
    flaw: Annotated[
        str | None, typer.Option(metavar='"10 um"', help="Depth of the crack that is there.")
    ] = None,
    thickness: Annotated[
        str, typer.Option(metavar='"50 um"', help="Of the electrolyte: height of the field.")
    ] = "50 um",
    resistance: Annotated[
        str | None,
        typer.Option(metavar='"1 ohm*cm2"', help="Of charge transfer at the lithium."),
    ] = None,
    boundary_toughness: Annotated[
        float | None,
        typer.Option(metavar="0.5", help="Fracture energy of a grain boundary over a grain's."),
    ] = None,
    pores: Annotated[
        str | None,
        typer.Option(metavar='"2 %"', help="Share of the volume; the filament fills them."),
    ] = None,
    pore_radius: Annotated[str | None, typer.Option(metavar='"1.5 um"', help="Median.")] = None,
    inclusions: Annotated[
        str | None, typer.Option(metavar='"2 %"', help="Of something that conducts less.")
    ] = None,
    inclusion_radius: Annotated[
        str | None, typer.Option(metavar='"1.5 um"', help="Median.")
    ] = None,
    interlayer: Interlayers = None,
    image: Annotated[
        Path | None,
        typer.Option(metavar="PNG|TIFF", help="Segmented electrolyte in which it grows."),
    ] = None,
    scale: Annotated[
        str | None, typer.Option(metavar='"0.2 um"', help="With --image: edge of a pixel.")
    ] = None,
    phases: Annotated[
        str,
        typer.Option(
            metavar='"0=pore,255=electrolyte"',
            help="With --image: what each grey value is: electrolyte, pore or impurity.",
        ),
    ] = "0=pore,255=electrolyte",
    cells: Annotated[
        int | None,
        typer.Option(metavar="N", help="Along the thickness; 64, or more where that is needed."),
    ] = None,
    seed: Annotated[int, typer.Option(metavar="N", help="Of grains, pores and inclusions.")] = 0,
    space: Annotated[
        bool, typer.Option("--3d", help="A flaw like half a disc, in space; with few cells.")
    ] = False,
    temperature: Temperature = None,
    checkpoint: Annotated[Path | None, typer.Option(metavar="FILE.h5", help=CHECKPOINT)] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on from the checkpoint, to the same last digit.")
    ] = False,
    effects: Annotated[
        bool,
        typer.Option(
            "--effects",
            help="Instead: the time to a short with each number 1.5 times less and more.",
        ),
    ] = False,
    converge: Annotated[
        bool,
        typer.Option(
            "--converge",
            help="Instead: the numbers with finer cells and narrower cracks beside them.",
        ),
    ] = False,
    frames: Annotated[
        Path | None, typer.Option(metavar="DIR", help="PNG pictures, and a sheet of four of them.")
    ] = None,
    plot: Plot = None,
    save: Save = None,
    json: Json = False,
    csv: Csv = False,
    materials: Materials = None,
) -> None:
    """A lithium filament that cracks its way from a flaw, in a plane or in space.

    Example: anolyte simulate filament LLZO Li --grain-size "8 um" --current "10 mA/cm2"
    --resistance "100 ohm*cm2" --plot filament.html
    """
    from functools import partial

    from anolyte.core import progress
    from anolyte.core.errors import DataError
    from anolyte.core.units import si
    from anolyte.faces import asking
    from anolyte.materials.stack import Conditions, Interface, Layer
    from anolyte.studies.filament_convergence import convergence
    from anolyte.studies.filament_effects import one_at_a_time
    from anolyte.studies.filament_setup import FilamentSetup
    from anolyte.studies.filaments import filament

    output = Output(json, csv, None, save)
    if plot is not None:
        from anolyte.faces import export

        export.check_page_name(plot)
    lib = asking.library(materials)
    if anode is None:
        raise DataError("which anode? anolyte simulate filament LLZO Li")
    if boundary_toughness is not None and not 0.0 < boundary_toughness <= 10.0:
        raise DataError(f"--boundary-toughness {boundary_toughness:g}: above 0, at most 10")
    layers = tuple(Layer.parse(text, lib) for text in interlayer or ())
    interface = Interface(lib.electrolyte(electrolyte), lib.anode(anode), layers)
    conditions = Conditions(
        current_density=si(current, "current_density"),
        temperature=298.15 if temperature is None else si(temperature, "temperature"),
    )
    picture = _pictured(image, scale, phases, (pores, inclusions, space or None))
    height = si(thickness, "length") if picture is None else picture.lengths[0]
    setup = FilamentSetup(
        interface, conditions, height, USUAL_CELLS,
        _length(grain_size), _length(flaw),
        None if resistance is None else si(resistance, "area_resistance"),
        until=_span(until, interface, conditions, height), seed=seed, lib=lib,
        boundary_toughness=boundary_toughness,
        pores=0.0 if pores is None else si(pores, "fraction"),
        pore_radius=_length(pore_radius),
        inclusions=0.0 if inclusions is None else si(inclusions, "fraction"),
        inclusion_radius=_length(inclusion_radius),
        dimensions=3 if space else 2,
        image=picture,
    )  # fmt: skip
    setup = _celled(setup, cells)
    told = progress.silent if json or csv else progress.with_time_left(percent)
    if effects:
        output.finish(one_at_a_time(setup, progress=told), show_effects)
        return
    if converge:
        output.finish(convergence(setup, progress=told), show_convergence)
        return
    result, film = filament(setup, checkpoint=checkpoint, resume=resume, progress=told)
    if plot is not None:
        write_film(film, result, plot)
    if frames is not None:
        from anolyte.faces.figures.field import film_frames
        from anolyte.faces.figures.frames import write_frames

        write_frames(*film_frames(film, result), frames)
    output.finish(result, partial(show, plot=plot))


def _length(text: str | None) -> float | None:
    from anolyte.core.units import si

    return None if text is None else si(text, "length")


def _span(until: str, interface: Interface, conditions: Conditions, height: float) -> float:
    """s; to a short: the time in which the charge would fill the whole field with lithium."""
    from anolyte.core.units import FARADAY, si

    if until != "short":
        return si(until, "time")
    volume = interface.anode.need("molar_volume").si
    return height * FARADAY / (volume * max(conditions.current_density, 1e-9))


def _pictured(
    image: Path | None, scale: str | None, phases: str, others: tuple[object, ...]
) -> Labels | None:
    """The segmented image.

    Raises:
        DataError: It cannot be read, or comes with what would be drawn without it.
    """
    from anolyte.core.errors import DataError
    from anolyte.models.field.images import read

    if image is None:
        if scale is not None:
            raise DataError("--scale is the edge of a pixel of --image: give both")
        return None
    if any(other is not None for other in others):
        raise DataError("--image shows pores and inclusions in a plane: leave out --pores, "
                        "--inclusions and --3d")  # fmt: skip
    return read(image, _length(scale), _phases(phases))


def _phases(text: str) -> dict[int, Phase]:
    """From grey value to phase.

    >>> {grey: phase.name for grey, phase in _phases("0=pore, 255=electrolyte").items()}
    {0: 'PORE', 255: 'ELECTROLYTE'}
    """
    from anolyte.core.errors import DataError
    from anolyte.models.field.microstructure import Phase

    known = {p.name.lower(): p for p in (Phase.ELECTROLYTE, Phase.PORE, Phase.IMPURITY)}
    found = {}
    for part in text.split(","):
        grey, _, name = (piece.strip() for piece in part.partition("="))
        if not grey.isdigit() or name not in known:
            raise DataError(
                f"--phases {part.strip()}: write 0=pore,255=electrolyte, each grey value one of "
                f"{', '.join(known)}"
            )
        found[int(grey)] = known[name]
    return found


def _celled(setup: FilamentSetup, cells: int | None) -> FilamentSetup:
    """With the cells that were asked for, or with as many as all that is there needs."""
    from dataclasses import replace

    from anolyte.core.errors import DataError

    most = MOST_CELLS[setup.dimensions]
    if cells is None:
        chosen = min(max(USUAL_CELLS, setup.least_cells), MOST_CHOSEN, most)
    elif 16 <= cells <= most:
        chosen = cells
    else:
        raise DataError(f"--cells {cells}: between 16 and {most}")
    return replace(setup, cells=chosen)
