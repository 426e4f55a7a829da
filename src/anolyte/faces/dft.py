"""The verbs `dft write`, `dft next` and `dft read`: first-principles codes, there and back."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from anolyte.core.errors import DataError
from anolyte.core.units import ELEMENTARY_CHARGE, si
from anolyte.faces.options import AsPrinted, Entries, Json, Materials

if TYPE_CHECKING:
    from anolyte.atoms.first_principles.outcome import Code

app = typer.Typer(
    name="dft", no_args_is_help=True, rich_markup_mode=None,
    help="Hand the phases that decide to a first-principles code and back; all take --json.",
    context_settings={"help_option_names": ["-h", "--help"]},
)  # fmt: skip


@app.command()
def write(
    electrolyte: Annotated[str, typer.Argument(metavar="ELECTROLYTE", help="Name or formula.")],
    folder: Annotated[Path, typer.Option(metavar="DIR", help="Made; one table of energies.")],
    anode: Annotated[str, typer.Argument(metavar="ANODE", help="Name or formula.")] = "Li",
    code: Annotated[str, typer.Option(metavar="qe|gpaw", help="Whose inputs.")] = "qe",
    top: Annotated[int, typer.Option(metavar="N", help="How many deciding phases.")] = 3,
    surface: Annotated[
        list[str] | None, typer.Option(metavar="001", help="A slab of the electrolyte; repeatable.")
    ] = None,
    functional: Annotated[str, typer.Option(metavar="PBE", help="As the code names it.")] = "PBE",
    cutoff: Annotated[str, typer.Option(metavar='"816 eV"', help="Of plane waves.")] = "816 eV",
    density_cutoff: Annotated[
        str | None, typer.Option(metavar='"6530 eV"', help="Left out: 8 times the cutoff.")
    ] = None,
    spacing: Annotated[float, typer.Option(metavar="0.2", help="Of k-points, 1/angstrom.")] = 0.2,
    smearing: Annotated[str, typer.Option(metavar='"0.1 eV"', help="Cold smearing.")] = "0.1 eV",
    spin: Annotated[bool, typer.Option("--spin", help="Spin-polarised, all jobs.")] = False,
    hubbard: Annotated[
        list[str] | None, typer.Option(metavar="Ti-3d=4.0", help="U in eV; repeatable.")
    ] = None,
    pseudopotentials: Annotated[
        Path | None,
        typer.Option(metavar="DIR|FILE.csv", help="One UPF an element, or columns element,file."),
    ] = None,
    thickness: Annotated[float, typer.Option(metavar="12", help="Of a slab, angstrom.")] = 12.0,
    gap: Annotated[float, typer.Option(metavar="15", help="Vacuum, angstrom.")] = 15.0,
    json: Json = False,
    materials: Materials = None,
    entries: Entries = None,
    as_printed: AsPrinted = False,
) -> None:
    """Inputs for the phases on which the window hangs, with a manifest and run.sh.

    Example: anolyte dft write Li6PS5Cl Li --code qe --pseudopotentials pseudo --folder jobs
    """
    from anolyte.atoms.first_principles.jobs import Settings
    from anolyte.atoms.first_principles.pseudopotentials import Pseudopotentials, named_in
    from anolyte.faces import asking
    from anolyte.materials.stack import Interface
    from anolyte.studies import first_principles as study

    files = named_in(pseudopotentials) if pseudopotentials else Pseudopotentials()
    energy = _ev(cutoff, "--cutoff")
    density = 8.0 * energy if density_cutoff is None else _ev(density_cutoff, "--density-cutoff")
    settings = Settings(
        functional, energy, density, spacing, _ev(smearing, "--smearing"), files.named, spin,
        tuple(_u(text) for text in hubbard or ()),
    )  # fmt: skip
    notes = files.check(settings)
    lib = asking.library(materials)
    solid = lib.electrolyte(electrolyte, as_printed=as_printed)
    asked = Interface(solid, lib.anode(anode, as_printed=as_printed))
    phases = asking.energies(entries, [asked.electrolyte, asked.anode])
    manifest = study.write(
        study.plan(asked, study.ByUncertainty(phases), top),
        _code(code, files.folder), settings, folder, question=f"window of {solid.name} | {anode}",
        surfaces=[_miller(text) for text in surface or ()], thickness=thickness, gap=gap,
    )  # fmt: skip
    if json:
        from anolyte.faces.console import print_json

        print_json(manifest.to_dict() | {"notes": list(notes)})
        return
    from anolyte.faces.console import clean

    print(clean(f"{folder}: {len(manifest.jobs)} jobs; {manifest.kind}"))
    for job in manifest.jobs:
        print(clean(f"  {job.name:<16} {job.atoms:>4} atoms  {job.role}: {job.why}"))
    if manifest.missing:
        print(clean(f"no structure is known of {', '.join(manifest.missing)}: not computed"))
    for note in notes:
        print(clean(f"note: {note}"))
    print("then: sh run.sh (or a line of it a job), and anolyte dft read")


@app.command("next")
def following(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="That `dft write` made.")],
    job: Annotated[str | None, typer.Option(metavar="NAME", help="One job; else all.")] = None,
    json: Json = False,
) -> None:
    """Write the inputs that need a relaxed cell; run.sh calls it between two runs.

    Example: anolyte dft next jobs
    """
    from anolyte.studies.first_principles import follow

    written = follow(folder, job=job)
    if json:
        from anolyte.faces.console import print_json

        print_json({"written": list(written)})
    else:
        print("\n".join(written) or "nothing follows")


@app.command()
def read(
    folders: Annotated[list[Path], typer.Argument(metavar="DIR...", help="Of `dft write`.")],
    sigma: Annotated[
        str, typer.Option(metavar='"24 meV"', help="Of the compounds' energies, per atom.")
    ] = "24 meV",
    json: Json = False,
) -> int:
    """Energies to entries.csv (for --entries), levels and work functions to properties.csv.

    Example: anolyte dft read jobs
    """
    from anolyte.studies.first_principles_results import collect, keep

    result = collect(folders, _ev(sigma, "--sigma"))
    entries, properties = keep(result, folders[0])
    if json:
        from anolyte.faces.console import print_json

        print_json(result.to_dict())
    else:
        from anolyte.faces.console import clean

        print(clean(f"energies: {len(result.energies)} in {entries} ({result.kind})"))
        print(clean(f"properties: {len(result.properties)} in {properties}"))
        for row in result.rows():
            where = f" ({row['surface']})" if row["surface"] else ""
            print(clean(f"  {row['formula']}{where} {row['property']} {row['value_eV']:.3f} eV"))
        for line in result.warnings:
            print(clean(f"  note: {line}"))
        for line in result.failures:
            print(clean(f"  not there: {line}"))
    return 4 if result.failures else 0


def _code(text: str, where: str) -> Code:
    """The object that a name stands for: names end here."""
    from anolyte.atoms.first_principles.espresso import QuantumEspresso
    from anolyte.atoms.first_principles.gpaw import Gpaw

    known: dict[str, Code] = {"qe": QuantumEspresso(where), "gpaw": Gpaw()}
    if text not in known:
        raise DataError(f"--code '{text[:40]}': known are {', '.join(known)}")
    return known[text]


def _ev(text: str, option: str) -> float:
    value = si(text, "energy") / ELEMENTARY_CHARGE
    if value <= 0.0:
        raise DataError(f"{option} '{text}': must be above 0")
    return value


def _miller(text: str) -> tuple[int, int, int]:
    digits = text.strip("()")
    if len(digits) != 3 or not (digits.isascii() and digits.isdigit()) or digits == "000":
        raise DataError(f"--surface '{text[:40]}': three digits, not all 0, such as 001")
    a, b, c = map(int, digits)
    return a, b, c


def _u(text: str) -> tuple[str, float]:
    import re

    found = re.fullmatch(r"([A-Z][a-z]?-\d[spdf])=(\d+(?:\.\d+)?)", text.strip())
    if not found:
        raise DataError(f"--hubbard '{text[:40]}': write shell and U in eV, such as Ti-3d=4.0")
    return found.group(1), float(found.group(2))
