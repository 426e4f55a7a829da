"""The verb `fit images`: a filament's length against time from images of a cross-section."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from anolyte.faces import fitted_traces
from anolyte.faces.cells import Output, Save
from anolyte.faces.options import Csv, Json, Plot

EDGES = ("bottom", "top", "left", "right")


def images(
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE...", help="PNG or TIFF, in order of time.")
    ],
    scale: Annotated[str, typer.Option(metavar='"0.5 um"', help="Length of one pixel.")],
    times: Annotated[
        str | None, typer.Option(metavar='"200 s,400 s,730 s"', help="One an image.")
    ] = None,
    edge: Annotated[
        str, typer.Option(metavar="bottom", help="From which it grows: bottom, top, left, right.")
    ] = "bottom",
    dark: Annotated[bool, typer.Option("--dark", help="It is darker than its background.")] = False,
    less_first: Annotated[
        bool, typer.Option("--less-first", help="Take the first image off the others.")
    ] = False,
    plot: Plot = None,
    save: Save = None,
    json: Json = False,
    csv: Csv = False,
) -> None:
    """How long a filament is in each image, with uncertainty, and how fast it grows.

    Example: anolyte fit images 1.png 2.png 3.png --scale "0.5 um" --times "200 s,400 s,730 s"
    """
    from anolyte.core.errors import UnitsError
    from anolyte.core.units import si
    from anolyte.measure.images.filaments import SIDES, FilamentSettings, read_filaments

    output = Output(json, csv, plot, save)
    if edge not in EDGES:
        raise typer.BadParameter(f"--edge '{edge[:20]}': one of {', '.join(EDGES)}")
    parts = [] if times is None else [t.strip() for t in times.split(",")]
    for name, text in (("scale", scale), *(("times", t) for t in parts)):
        if not text.strip() or text[-1:].isdigit():  # a bare time would be hours
            raise UnitsError(f"--{name} '{text[:20]}': write the unit, as '0.5 um' or '200 s'")
    known = None if times is None else [si(t, "time") for t in parts]
    settings = FilamentSettings(dark=dark, base=SIDES[edge], background=less_first)
    found = read_filaments(files, si(scale, "length"), known, settings)
    output.finish(found, _show)


def _show(found: Any, page_path: str = "") -> None:
    """A table, the rate, and what to know."""
    from anolyte.core.units import show
    from anolyte.faces.console import Page

    page = Page()
    page.columns(
        [
            (
                i.file, "" if i.time is None else f"{i.time:g} s",
                f"{i.length * 1e6:.3g} ± {i.error * 1e6:.1g} µm" if i.found else "none",
                f"{100 * i.area_fraction:.2g} %", f"{i.threshold:.2f}",
                f"{100 * i.uncertain:.0f} %", "" if i.tip is None else f"{i.tip[0]}, {i.tip[1]}",
            )
            for i in found.images
        ],
        head=("image", "time", "length", "area", "threshold", "uncertain", "tip (row, column)"),
    )  # fmt: skip
    if found.rate is not None:
        low, high = (show(v, "speed") for v in (found.rate_low, found.rate_high))
        page.line(f"growth: {show(found.rate, 'speed')} ({low} to {high})")
    fitted_traces.foot(page, found, *([f"figure: {page_path}"] if page_path else []))
