"""`anolyte simulate strip --field`: voids under stripped lithium, resolved, at the terminal."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from anolyte.faces.cells import Output
from anolyte.faces.field_filament import CHECKPOINT
from anolyte.faces.field_page import Told, in_time
from anolyte.faces.field_telling import percent

if TYPE_CHECKING:
    from anolyte.studies.field_void_setup import StripSetup
    from anolyte.studies.field_voids import StripEffects, StripResult

Field = Annotated[
    bool, typer.Option("--field", help="Resolve the voids in two dimensions; takes --for.")
]
Last = Annotated[
    str | None, typer.Option("--for", metavar='"2 h"', help="With --field: model time, 1 h.")
]
Checkpoint = Annotated[
    Path | None, typer.Option(metavar="FILE.h5", help=f"With --field. {CHECKPOINT}")
]
Resume = Annotated[
    bool, typer.Option("--resume", help="With --field: go on from the checkpoint.")
]  # fmt: skip
Effects = Annotated[
    bool, typer.Option("--effects", help="With --field: instead, one thing changed at a time.")
]
ENDS = {
    "contact": "contact was lost after",
    "metal": "a void went through the metal after",
    "time": "stripped for",
}


@dataclass(frozen=True)
class Asked:
    """Options of the verb that only the field takes.

    Args:
        last: Model time with its unit.
        checkpoint: A file.
        resume: Go on from it.
        effects: One change at a time instead of one run.
    """

    last: str | None = None
    checkpoint: Path | None = None
    resume: bool = False
    effects: bool = False

    def refuse_without_field(self) -> None:
        """One line where such an option was given to the model of the device.

        Raises:
            DataError: One was given.
        """
        from anolyte.core.errors import DataError

        if self != Asked():
            raise DataError("--for, --checkpoint, --resume and --effects go with --field")


def refuse_with_field(*given: object) -> None:
    """One line where an option was given that the field does not know.

    Raises:
        DataError: One was given.
    """
    from anolyte.core.errors import DataError

    if any(given):
        raise DataError(
            "--field strips bare metal for a time: of the cell's options it takes --current, "
            "--pressure, --temperature and --thickness, and --for instead of --until"
        )


def setup_of(
    electrolyte: str, anode: str | None, current: str, pressure: str | None,
    temperature: str | None, thickness: str | None, last: str | None,
    materials: list[Path] | None,
) -> StripSetup:  # fmt: skip
    """What names and options describe.

    Raises:
        DataError: No anode, or a time or a current that strips nothing.
    """
    from anolyte.core.errors import DataError
    from anolyte.core.units import si
    from anolyte.faces import asking
    from anolyte.materials.stack import Conditions, Interface
    from anolyte.studies.field_void_setup import StripSetup

    if anode is None:
        raise DataError("which anode? anolyte simulate strip LLZO Li --field")
    lib = asking.library(materials)
    density = si(current, "current_density")
    until = si(last or "1 h", "time")
    if not (density > 0.0 and until > 0.0):
        raise DataError("--current and --for must be positive: the named side is stripped")
    usual = Conditions()
    conditions = Conditions(
        current_density=density,
        stack_pressure=usual.stack_pressure if pressure is None else si(pressure, "pressure"),
        temperature=usual.temperature if temperature is None else si(temperature, "temperature"),
    )
    interface = Interface(lib.electrolyte(electrolyte), lib.anode(anode))
    setup = StripSetup(interface, conditions, until=until, lib=lib)
    if thickness is None:
        return setup
    from dataclasses import replace

    return replace(setup, thickness=si(thickness, "length"))


def strip_field(setup: StripSetup, asked: Asked, output: Output, plot: Path | None) -> None:
    """Run it, and give the answer.

    Args:
        setup: What is simulated.
        asked: How.
        output: Where the answer goes.
        plot: A page with frames and courses.
    """
    from functools import partial

    from anolyte.core import progress
    from anolyte.studies.field_voids import one_at_a_time, strip

    seen = progress.silent if output.json or output.csv else progress.with_time_left(percent)
    if asked.effects:
        output.finish(one_at_a_time(setup, seen), show_effects)
        return
    if plot is not None:
        from anolyte.faces import export

        export.check_page_name(plot)
    result, film = strip(setup, checkpoint=asked.checkpoint, resume=asked.resume, progress=seen)
    if plot is not None:
        from anolyte.faces import field_page
        from anolyte.faces.figures.field_void import void_figure

        field_page.write(plot, told(result), result, void_figure(film, result))
    output.finish(result, partial(show, plot=plot))


def told(result: StripResult) -> Told:
    """In words."""
    from anolyte.core.units import show as display

    words = ENDS.get(result.ended, "stopped (--resume goes on) after")
    current = display(result.current_density, "current_density")
    return Told(
        "Voids under stripped lithium, simulated",
        f"{result.cell}: {words} {in_time(result.time)}",
        f"stripped at {current}, {display(result.pressure, 'pressure')}, voids resolved",
        _rows(result),
        [
            "Two dimensions: voids are grooves. Creep closes them by a law for each column, the "
            "flow of the metal is not resolved; the metal's back is held.",
            f"cells of {display(result.spacing, 'length')}: --effects tells what finer ones "
            "change, and pressure, current and temperature",
        ],
        "How to read this: grey is metal, white a void under it; below, the potential in the "
        "electrolyte, and contact and overpotential over time. Play, or move the slider.",
    )


def show(result: StripResult, page_path: str = "", plot: Path | None = None) -> None:
    """The answer on standard output."""
    from anolyte.faces.console import Page

    page, words = Page(), told(result)
    page.line(words.headline)
    page.line(words.said)
    for name, text in words.rows:
        page.line(f"  {name:<38}{text}")
    page.line()
    plane, cells = words.keep_in_mind
    page.line(plane)
    page.line(f"assumed, not measured: {', '.join(result.assumed).replace('_', ' ')}")
    page.line(cells)
    if plot is not None:
        page.line(f"page with the film: {plot}")


def _rows(result: StripResult) -> list[tuple[str, str]]:
    """Names and numbers."""
    from anolyte.core.units import show as told

    half = "not lost" if result.half_lost is None else in_time(result.half_lost)
    stripes = (
        "contact never so sharp"
        if result.stripes is None
        else told(result.stripes, "area_resistance")
    )
    return [
        ("contact at the beginning", told(result.contact_at_start, "fraction")),
        ("contact in the end", told(result.contact, "fraction")),
        ("half of the contact lost after", half),
        ("overpotential at the beginning", f"{1e3 * result.overpotential_at_start:.3g} mV"),
        ("overpotential in the end", f"{1e3 * result.overpotential:.3g} mV"),
        ("widest void", told(result.widest, "length")),
        ("deepest void", told(result.deepest, "length")),
        ("voids, volume for each area", told(result.void_volume, "length")),
        ("constriction while contact is sharp", told(result.constriction, "area_resistance")),
        ("closed form for it, stripes", stripes),
        (f"current beside a void, over {told(result.length, 'length')}",
         f"{result.focusing:.2f} times the mean"),
        ("contact by the device model's law", told(result.device_contact, "fraction")),
        ("made up for by diffusion", told(result.diffused, "fraction")),
        ("made up for by creep", told(result.crept, "fraction")),
        ("stripped lithium not found", f"{abs(result.balance):.0e}"),
    ]  # fmt: skip


def show_effects(result: StripEffects, page_path: str = "") -> None:
    """What each change does, on standard output."""
    from anolyte.core.units import show as display
    from anolyte.faces.console import Page

    page = Page()
    page.line(f"{result.cell}: stripped with one thing changed at a time")
    page.columns(
        [
            (one.name, display(one.contact, "fraction"),
             "not lost" if one.half_lost is None else in_time(one.half_lost),
             f"{1e3 * one.overpotential:.3g} mV")
            for one in result.effects
        ],
        head=("", "contact", "half lost after", "overpotential"),
    )  # fmt: skip
