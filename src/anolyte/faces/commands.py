"""The verbs of the command line: they read options, ask, and show; the physics is elsewhere.

JSON: `assess`, `window` and `react` print `Result.to_dict()`: `schema` (its version), `type` (the
class that answered), and that class's fields as its docstring names them. A number with a unit is
`{"value": ..., "unit": ...}` in SI, a series of numbers has a list as its value; infinities are the
texts "inf" and "-inf"; what is not known is null. `compare` does the same. The other verbs print
plain tables: `materials`, `references`, `problems` and `numbers`, `records`, `strategies`, or what
`doctor` found.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from anolyte.faces import air as airing
from anolyte.faces import (
    designing,
    dft,
    fitting,
    learning,
    levering,
    optimising,
    reacting,
    rerunning,
    screening,
    sensing,
    serving,
    simulating,
    teaching,
    watching,
    windowing,
)
from anolyte.faces.options import (
    AsPrinted,
    Csv,
    Entries,
    Files,
    Interlayers,
    Json,
    Materials,
    Plot,
    Refresh,
)

app = typer.Typer(
    name="anolyte",
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # plain help: rich takes half a second to draw a frame around it
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.command()
def assess(
    electrolyte: Annotated[
        str, typer.Argument(metavar="ELECTROLYTE", help="Name or formula; or a cell.yaml.")
    ],
    anode: Annotated[str | None, typer.Argument(metavar="ANODE", help="Name or formula.")] = None,
    interlayer: Interlayers = None,
    current: Annotated[
        str | None, typer.Option(metavar='"0.5 mA/cm2"', help="Current density.")
    ] = None,
    pressure: Annotated[str | None, typer.Option(metavar='"5 MPa"', help="Stack pressure.")] = None,
    temperature: Annotated[str | None, typer.Option(metavar='"25 C"', help="Temperature.")] = None,
    capacity: Annotated[
        str | None, typer.Option(metavar='"1 mAh/cm2"', help="Charge a half cycle.")
    ] = None,
    thickness: Annotated[
        str | None, typer.Option(metavar='"500 um"', help="Thickness of the electrolyte.")
    ] = None,
    report: Annotated[
        Path | None, typer.Option(metavar="OUT.html", help="Write one self-contained page.")
    ] = None,
    save: Annotated[
        Path | None, typer.Option(metavar="OUT.json", help="Write the whole result.")
    ] = None,
    json: Json = False,
    materials: Materials = None,
    entries: Entries = None,
    refresh: Refresh = False,
    file: Files = None,
    as_printed: AsPrinted = False,
    fail_on: Annotated[
        str | None, typer.Option(metavar="bad", help="Exit with 1 when a concern is bad.")
    ] = None,
) -> int:
    """Will this electrolyte | anode interface hold, why, and what to look at next?

    Example: anolyte assess Li6PS5Cl Li --interlayer "LiF:50 nm" --current "0.5 mA/cm2"
    """
    from anolyte.faces import asking, views

    if fail_on not in (None, "bad"):
        raise typer.BadParameter(f"--fail-on '{fail_on[:20]}': the only level is 'bad'")
    asked = {
        "current_density": current,
        "stack_pressure": pressure,
        "temperature": temperature,
        "areal_capacity": capacity,
    }
    lib = asking.library(materials)
    cell = asking.cell(lib, electrolyte, anode, interlayer or [], as_printed=as_printed)
    cell = asking.override(cell, asked, thickness)
    result = asking.assess(cell, entries, lib, file or [], refresh=refresh)
    asking.keep(result, report, save, entries)
    if json:
        from anolyte.faces.console import print_json

        print_json(result.to_dict())
    else:
        from anolyte.faces import tables

        tables.assessment(result, str(report or ""))
    return 1 if fail_on == "bad" and views.is_bad(result) else 0


@app.command()
def materials(
    name: Annotated[
        str | None, typer.Argument(metavar="NAME", help="One material: all its numbers.")
    ] = None,
    family: Annotated[
        str | None,
        typer.Option(
            "--class", "--family", metavar="CLASS", help="sulfide, oxide, anode, interlayer, ..."
        ),
    ] = None,
    phases: Annotated[
        bool, typer.Option("--phases", help="The reference energies of the package, as CSV.")
    ] = False,
    json: Json = False,
    folders: Materials = None,
) -> None:
    """The materials that names refer to: how many numbers each has and how they are known.

    Example: anolyte materials Li6PS5Cl
    """
    from anolyte.faces import asking, catalogue

    if phases:
        catalogue.phases()
        return
    lib = asking.library(folders)
    if name is None:
        catalogue.listing(lib, family, json=json)
    else:
        catalogue.one(lib, name, json=json)


@app.command()
def evidence(
    key: Annotated[
        str | None, typer.Argument(metavar="ID", help="One record, whole, with its citation.")
    ] = None,
    electrolyte: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Name, alias or formula; or a class such as oxide."),
    ] = None,
    anode: Annotated[
        str | None, typer.Option(metavar="NAME", help="Name, alias or formula; or a class.")
    ] = None,
    quantity: Annotated[
        str | None, typer.Option(metavar="QUANTITY", help="Such as interfacial_resistance.")
    ] = None,
    strategy: Annotated[
        str | None, typer.Option(metavar="NAME", help="How the interface was treated.")
    ] = None,
    source: Annotated[str | None, typer.Option(metavar="KEY", help="Citation key.")] = None,
    known: Annotated[
        str | None, typer.Option(metavar="read", help="read, second_hand or recalled.")
    ] = None,
    method: Annotated[
        str | None,
        typer.Option(metavar="experiment", help="experiment, computed, theory or review."),
    ] = None,
    file: Files = None,
    json: Json = False,
    csv: Csv = False,
    plot: Plot = None,
) -> None:
    """What was measured: before and after a treatment, the conditions, who says so and how known.

    Example: anolyte evidence --electrolyte LLZTO --quantity interfacial_resistance

    `anolyte evidence add --file my.csv` adds a measurement of your own.
    """
    from anolyte.faces import evidence as face

    face.main(
        key, electrolyte=electrolyte, anode=anode, quantity=quantity, strategy=strategy,
        source=source, known=known, method=method, files=file or [], json=json, csv=csv, plot=plot,
    )  # fmt: skip


@app.command("evidence add")
def evidence_add(
    file: Annotated[
        Path, typer.Option("--file", metavar="MY.csv", help="Your file; made where there is none.")
    ],
    pairs: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="COLUMN=VALUE", help="One cell of the row; repeatable."),
    ] = None,
    json: Json = False,
) -> None:
    """Add one measurement to a file of your own; asks for what is missing, checks, then writes.

    Example: anolyte evidence add --file my.csv --set electrolyte=LLZTO --set anode=Li
    """
    from anolyte.faces import evidence_add as face

    face.main(file, pairs or [], json=json)


@app.command()
def strategies(
    name: Annotated[
        str | None, typer.Argument(metavar="NAME", help="Everything of one strategy.")
    ] = None,
    concern: Annotated[
        str | None, typer.Option(metavar="wetting", help="What it is meant to mend.")
    ] = None,
    electrolyte: Annotated[
        str | None, typer.Option(metavar="NAME", help="Only those that apply to it.")
    ] = None,
    anode: Annotated[
        str | None, typer.Option(metavar="NAME", help="Only those that apply to it.")
    ] = None,
    family: Annotated[
        str | None,
        typer.Option("--family", "--class", metavar="wettability", help="The kind of regulation."),
    ] = None,
    kind: Annotated[
        str | None, typer.Option(metavar="action", help="action, computational, observational.")
    ] = None,
    file: Files = None,
    folders: Materials = None,
    json: Json = False,
    csv: Csv = False,
) -> None:
    """What can be done to an interface: what it mends, what it sets, how often it was measured.

    Example: anolyte strategies --concern wetting --electrolyte LLZTO --anode Li
    """
    from anolyte.faces import strategies as face

    asked = face.Asked(concern, electrolyte, anode, family, kind)
    face.main(name, asked, files=file or [], folders=folders or [], json=json, csv=csv)


@app.command()
def compare(
    what: Annotated[str, typer.Argument(metavar="electrolytes|silicon", help="What to compare.")],
    file: Files = None,
    json: Json = False,
    csv: Csv = False,
    plot: Plot = None,
) -> None:
    """Classes of solid electrolytes, or silicon anodes, side by side: live, nothing typed in.

    Example: anolyte compare electrolytes --plot classes.html
    """
    from anolyte.faces import compare as face

    face.main(what, files=file or [], json=json, csv=csv, plot=plot)


@app.command()
def validate(
    json: Json = False,
    markdown: Annotated[
        bool, typer.Option("--markdown", help="The page of the documentation.")
    ] = False,
    file: Files = None,
    plot: Plot = None,
) -> None:
    """The scorecard: every model against every measurement it can speak to, as it comes out.

    Example: anolyte validate --plot parity.html
    """
    from anolyte.faces import scorecard

    scorecard.main(json=json, markdown=markdown, files=tuple(file or ()), plot=plot)


@app.command()
def cite(
    what: Annotated[
        list[str] | None, typer.Argument(help="Citation keys, or ELECTROLYTE ANODE.")
    ] = None,
    of: Annotated[
        Path | None, typer.Option("--of", metavar="FILE", help="A saved result or report.")
    ] = None,
    json: Json = False,
    materials: Materials = None,
) -> None:
    """BibTeX of the models and data behind an answer; without arguments: of anolyte's models.

    Example: anolyte cite Li6PS5Cl Li > references.bib
    """
    from anolyte.faces import asking, citations

    citations.cite(asking.library(materials), what or [], of, json=json)


@app.command("check-data")
def check_data(
    json: Json = False,
    materials: Annotated[
        Path | None, typer.Option("--materials", metavar="DIR", help="Your own folder instead.")
    ] = None,
) -> int:
    """Validate the package's data (or your own): sources, units, formulas, balances.

    Example: anolyte check-data --materials my-materials
    """
    from anolyte.faces import checks

    return checks.main(materials, json=json)


@app.command()
def doctor(json: Json = False) -> int:
    """Versions, optional parts, data and a self-check: what to send with a question.

    Example: anolyte doctor --json > doctor.json
    """
    from anolyte.faces import doctor as examination

    return examination.main(json=json)


app.command()(windowing.window)
app.command()(reacting.react)
app.add_typer(simulating.app)
app.add_typer(fitting.app)
app.add_typer(dft.app)
app.command()(watching.watch)
app.command("map")(simulating.operating_map)
app.command()(levering.lever)
app.command()(optimising.optimise)
app.command()(rerunning.rerun)
app.command()(serving.serve)
app.command()(sensing.sensitivity)
app.command()(designing.design)
app.command()(airing.air)
app.add_typer(screening.app)
learning.app.command()(teaching.cell)
app.add_typer(learning.app)
