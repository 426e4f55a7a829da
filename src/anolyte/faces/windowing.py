"""The verb `window`: limits and ladder of a material, their error bars, at a temperature."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any

import typer

from anolyte.faces.air import Gases, Temperature
from anolyte.faces.drawing import Asked, Draw
from anolyte.faces.measuring import Area, Electrodes
from anolyte.faces.options import AsPrinted, Entries, Json, Materials, Refresh


def window(
    material: Annotated[str, typer.Argument(metavar="MATERIAL", help="Name or formula.")],
    anode: Annotated[str, typer.Option(metavar="NAME", help="Where the lithium sits.")] = "Li",
    own_energy: Annotated[
        bool,
        typer.Option("--own-energy", help="Keep the material's own energy, not that of the hull."),
    ] = False,
    draws: Annotated[
        int | None,
        typer.Option(metavar="1000", help="Error bars from so many draws of the energies."),
    ] = None,
    seed: Annotated[int, typer.Option(metavar="0", help="The same seed, the same draws.")] = 0,
    temperature: Temperature = None,
    gas: Gases = None,
    figure: Annotated[
        list[str] | None,
        typer.Option(
            "--figure",
            "--plot",
            metavar="NAME=OUT.html",
            help="Write a figure: force (with --draws its band), potentials or map; "
            ".svg, .pdf or .png for print. Repeatable.",
        ),
    ] = None,
    three: Annotated[
        bool, typer.Option("--three", help="Beside the kinetic and the measured window.")
    ] = False,
    scan: Annotated[
        Path | None, typer.Option("--cv", metavar="FILE", help="A voltammogram, for --three.")
    ] = None,
    area: Area = None,
    electrodes: Electrodes = None,
    electrode: Annotated[
        str | None, typer.Option(metavar="KIND", help="Of the voltammogram: bare or carbon.")
    ] = None,
    json: Json = False,
    materials: Materials = None,
    entries: Entries = None,
    refresh: Refresh = False,
    as_printed: AsPrinted = False,
) -> None:
    """Reduction and oxidation limits of a material with the whole ladder of balanced reactions.

    Example: anolyte window Li6PS5Cl --draws 1000
    """
    from anolyte.core.errors import DataError
    from anolyte.faces import asking, drawing, tables

    if three:
        if own_energy or temperature or gas:
            raise DataError(
                "--three compares windows on the hull at 298 K: it takes no --own-energy, "
                "--temperature or --gas"
            )
        seen = _scan(scan, area, electrodes, electrode)
        pictures = drawing.wanted(figure or (), THREE)
        _three(
            material, seen, pictures, materials, entries, (draws, seed), json=json,
            as_printed=as_printed,
        )  # fmt: skip
        return
    if scan is not None:
        raise DataError("--cv belongs to --three; `anolyte fit cv` reads a voltammogram alone")
    pictures = drawing.wanted(figure or (), FIGURES)
    found = asking.window(
        asking.library(materials), material, anode, entries, on_hull=not own_energy,
        as_printed=as_printed, refresh=refresh, draws=draws, seed=seed,
        temperature=temperature, gas=gas or (),
    )  # fmt: skip
    asked = Asked(found, material, None, (), materials, entries, as_printed)
    if json:
        from anolyte.faces.console import print_json

        sample = found.sample
        print_json(found.window.to_dict() | ({"uncertainty": sample.to_dict()} if sample else {}))
        drawing.draw(pictures, asked)
        return
    tables.window(found.window, found.sample, found.vapours)
    for path in drawing.draw(pictures, asked):
        typer.echo(f"figure: {path}")


def _scan(
    file: Path | None, area: str | None, electrodes: str | None, electrode: str | None
) -> Any:
    """Onsets of a voltammogram; None: no file."""
    if file is None:
        return None
    from anolyte.faces.fitting_traces import read_scan

    return read_scan(file, area=area, electrodes=electrodes, electrode=electrode)


@dataclass(frozen=True)
class _SideBySide:
    """Three windows, and the error bars of the thermodynamic one where asked for."""

    three: Any
    sample: Any = None


def _three(
    material: str, scan: Any, pictures: Sequence[tuple[Draw, Path]], materials: list[Path] | None,
    entries: str | None, sampling: tuple[int | None, int], *, json: bool, as_printed: bool,
) -> None:  # fmt: skip
    """Three windows side by side."""
    from anolyte.faces import asking, drawing
    from anolyte.faces.three_windows import show
    from anolyte.studies.three_windows import three_windows

    lib = asking.library(materials)
    solid = asking.as_electrolyte(asking.find(lib, material, as_printed=as_printed))
    phases = asking.energies(entries, [solid])
    found = _SideBySide(three_windows(solid, scan, phases=phases), _drawn(solid, phases, *sampling))
    if json:
        from anolyte.faces.console import print_json

        more = {} if found.sample is None else {"uncertainty": found.sample.to_dict()}
        print_json(found.three.to_dict() | more)
    else:
        show(found.three, found.sample)
    asked = Asked(found, material, None, (), materials, entries, as_printed)
    for path in drawing.draw(pictures, asked):
        if not json:
            typer.echo(f"figure: {path}")


def _drawn(solid: Any, phases: Any, draws: int | None, seed: int) -> Any:
    """Error bars against lithium; None: not asked for."""
    if draws is None:
        return None
    from anolyte.materials.stack import Conditions, Interface
    from anolyte.models.window_uncertainty import WindowUncertainty

    return WindowUncertainty(phases, draws, seed)(Interface(solid, "Li"), Conditions())


def _side_by_side(asked: Asked) -> Any:
    from anolyte.faces.figures.three_windows import three_windows

    return three_windows(asked.result.three, asked.result.sample)


def _force(asked: Asked) -> Any:
    from anolyte.faces.figures import window as nominal
    from anolyte.faces.figures import window_uncertainty as sampled

    found = asked.result
    if found.sample is not None:
        return sampled.driving_force(found.sample, found.window)
    return nominal.driving_force(found.window)


def _map(asked: Asked) -> Any:
    from anolyte.faces.figures.stability_map import phase_map

    return phase_map(_computed(asked))


def _potentials(asked: Asked) -> Any:
    from anolyte.faces.figures.stability_map import potentials

    return potentials(_computed(asked))


def _computed(asked: Asked) -> Any:
    from anolyte.studies.stability_map import stability_map

    found = asked.result
    corners = list(dict.fromkeys([*found.composition, "Li"]))
    return stability_map(corners, {found.window.formula: found.composition}, phases=found.phases)


THREE: Mapping[str, Draw] = MappingProxyType({"windows": _side_by_side})
FIGURES: Mapping[str, Draw] = MappingProxyType(
    {"force": _force, "potentials": _potentials, "map": _map}
)
