"""`anolyte doctor`: what is installed, what works, and what to send with a question."""

from __future__ import annotations

import os
import platform
import shutil
import sys
from importlib import metadata
from typing import Any

from anolyte.core.provenance import KNOWN
from anolyte.faces.console import Page, print_json
from anolyte.faces.machine import ADDITIONS, LITTLE

CORE = ("numpy", "scipy", "pandas", "pydantic", "pint", "plotly", "jinja2", "typer", "rich",
        "pyyaml", "numba", "xarray", "h5netcdf", "h5py")  # fmt: skip
# extra: one distribution that tells whether it is there, and what it is for
EXTRAS = {
    "structures": ("pymatgen", "crystal structures"),
    "ml": ("chgnet", "energies by machine-learned potentials"),
    "cluster": ("dask", "screens on several computers"),
    "opt": ("optuna", "optimisation"),
    "web": ("fastapi", "the page in a browser"),
    "mp": ("httpx", "energies from databases"),
    "files": ("openpyxl", "spreadsheets and packed files of cyclers"),
    "images": ("scikit-image", "filaments in pictures"),
    "watch": ("watchfiles", "a watch that wakes at once"),
    "gpu": ("numba-cuda", "fields on a GPU"),
    "pybamm": ("pybamm", "the cell in PyBaMM's models"),
}
_QE = "Debian: apt install quantum-espresso quantum-espresso-data; else conda-forge's qe"
# program that the inputs of `anolyte dft write` are for: how to get it
PROGRAMS = {
    "pw.x": _QE,
    "pp.x": _QE,
    "average.x": _QE,
    "gpaw": "Debian: apt install gpaw gpaw-data; else conda-forge's gpaw, or pip install gpaw "
    "gpaw-data (builds against libxc and BLAS)",
}
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")
TESTED = ("Linux",)


def main(*, json: bool) -> int:
    """Examine, show, and return 0 when the self-check passes, else 3."""
    import warnings

    from anolyte.core.plugins import PlugInWarning

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", PlugInWarning)  # they are listed
        found = examine()
    if json:
        print_json(found)
    else:
        _show(found)
    return 0 if found["self_check"]["passed"] else 3


def examine() -> dict[str, Any]:
    """Everything as plain data; of a key, where it was found and never what it is."""
    import anolyte
    from anolyte.faces import machine

    offered, broken = plug_ins()
    system = platform.system()
    return {
        "anolyte": anolyte.__version__,
        "python": platform.python_version(),
        "platform": f"{system} {platform.release()} {platform.machine()}",
        "tested_platform": system in TESTED,
        "packages": {name: _version(name) for name in CORE},
        "extras": {
            extra: {"installed": _version(name), "for": what, "install": _pip(extra)}
            for extra, (name, what) in EXTRAS.items()
        },
        "processors": os.cpu_count(),
        "usable_processors": machine.cores(),
        "threads": {name: os.environ[name] for name in THREADS if name in os.environ},
        "programs": {
            name: {"found": shutil.which(name) is not None, "install": how}
            for name, how in PROGRAMS.items()
        },
        "browser": machine.browser(),
        "gpu": machine.gpu(),
        "room": machine.room(),
        "keys": {"Materials Project": _key()},
        "plug_ins": offered,
        "broken_plug_ins": broken,
        "data": _data(),
        "speed": machine.speed(),
        "self_check": self_check(),
    }


def plug_ins() -> tuple[dict[str, list[str]], list[str]]:
    """Parts of other packages that load, by group, and a line on each that does not."""
    import warnings

    from anolyte import models
    from anolyte.core import plugins
    from anolyte.materials import evidence, library
    from anolyte.measure import readers

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", plugins.PlugInWarning)  # the page lists them itself
        faults = {
            "anolyte.models": models.plug_ins()[1],
            "anolyte.materials": library.packs()[1],
            "anolyte.readers": readers.plug_ins()[1],
            "anolyte.evidence": evidence.packs()[1],
        }
        for group in plugins.GROUPS:  # the others take arguments: that they load is all to be seen
            if group not in faults:
                faults[group] = plugins.load(plugins.offers(group), callable, "part")[1]
    broken = [line for group in plugins.GROUPS for line in faults[group]]
    offered = {
        group: [e.name for e in plugins.offers(group)
                if not any(line.startswith(f"{e.name} (") for line in faults[group])]
        for group in plugins.GROUPS
    }  # fmt: skip
    return offered, broken


def _version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _pip(extra: str) -> str:
    return f'{os.path.basename(sys.executable) or "python"} -m pip install "anolyte[{extra}]"'


def _key() -> dict[str, Any]:
    from anolyte.core.errors import DataError
    from anolyte.materials.remote.keys import find_key

    try:
        return {"found": find_key().origin, "problem": None}
    except DataError as error:
        return {"found": None, "problem": str(error)}


def _data() -> dict[str, Any]:
    from anolyte.faces.catalogue import KINDS
    from anolyte.faces.views import known_counts
    from anolyte.materials import library, phases, references
    from anolyte.materials.evidence import evidence, papers
    from anolyte.materials.strategy import strategies

    lib = library.default()
    every = {kind: lib.all(cls) for kind, cls in KINDS.items()}
    table = phases.embedded()
    records = evidence()

    def known(rows: Any) -> dict[str, int]:
        return {k: sum(r.source.known == k for r in rows) for k in KNOWN}

    return {
        **{f"{kind}s": len(found) for kind, found in every.items()},
        "property_numbers": known_counts(m for found in every.values() for m in found),
        "phases": len(table.rows),
        "phase_energies": known(table.rows),
        "strategies": len(strategies()),
        "measurements": len(records),
        "measurements_known": known(records),
        "papers": len(papers(records)),
        "references": len(references.all_references()),
    }


def self_check() -> dict[str, Any]:
    """One reaction through the whole stack: it must balance, and its energies must be ordered."""
    from anolyte.core.errors import AnolyteError
    from anolyte.laws.equilibrium import lithium_ladder
    from anolyte.materials import formula, phases
    from anolyte.materials.reaction import BALANCE

    try:
        ladder = lithium_ladder(phases.embedded(), formula.parse("Li3YCl6"), "Li3YCl6")
        reaction = ladder.reaction_at(0.0)
        balanced = reaction.imbalance() < BALANCE
        ordered = ladder.driving_force(0.0) <= ladder.driving_force(ladder.reduction_limit) + 1e-12
        return {"passed": balanced and ordered, "what": f"balance of {reaction}"}
    except (AnolyteError, ArithmeticError, LookupError) as error:
        return {"passed": False, "what": f"{type(error).__name__}: {error}"}


def _show(found: dict[str, Any]) -> None:
    page = Page()
    page.line(f"anolyte {found['anolyte']}, Python {found['python']}", "bold")
    tested = "" if found["tested_platform"] else " (untested platform: tell us how it goes)"
    page.line(f"{found['platform']}{tested}")
    threads = (
        ", ".join(f"{k}={v}" for k, v in found["threads"].items()) or "as the libraries choose"
    )
    usable = found["usable_processors"]
    of = f" ({usable} usable)" if usable != found["processors"] else ""
    page.line(f"{found['processors']} processors{of}; threads: {threads}")
    page.heading("Packages")
    page.line("  " + ", ".join(f"{k} {v or 'MISSING'}" for k, v in found["packages"].items()))
    page.heading("Optional parts")
    page.columns(
        [(k, e["for"], e["installed"] or e["install"]) for k, e in found["extras"].items()]
    )
    page.heading("First-principles programs, for `anolyte dft`")
    page.columns(
        [(k, "found" if e["found"] else e["install"]) for k, e in found["programs"].items()]
    )
    page.heading("This computer")
    page.columns(_computer(found))
    page.heading("Keys")
    page.columns(
        [(k, f"found in {e['found']}" if e["found"] else e["problem"])
         for k, e in found["keys"].items()]
    )  # fmt: skip
    if any(found["plug_ins"].values()):
        page.heading("Plug-ins")
        page.columns([(k, ", ".join(v)) for k, v in found["plug_ins"].items() if v])
    if found["broken_plug_ins"]:
        page.heading("Plug-ins that do not load")
        page.bullets(found["broken_plug_ins"])
    page.heading("Data")
    page.columns([(k.replace("_", " "), _count(v)) for k, v in found["data"].items()])
    check = found["self_check"]
    page.line()
    word = "passed" if check["passed"] else "FAILED"
    page.line(f"Self-check {word}: {check['what']}", "green" if check["passed"] else "bold red")


def _computer(found: dict[str, Any]) -> list[tuple[str, str]]:
    """Speed, GPU, browser, room, in words."""
    speed, gpu, browser = found["speed"], found["gpu"], found["browser"]
    window = speed["window_by_loop"]
    rows = [
        ("speed", f"a window takes {window:.2g} times a plain loop of {ADDITIONS} additions "
         f"({1e3 * speed['plain_loop']['value']:.3g} ms); arrays run {speed['cells_by_loop']:.0f} "
         "times faster than cell by cell"),
        ("GPU", "found" if gpu["found"] else gpu["missing"]),
        ("browser", browser["found"] or f"none, for {browser['for']}: {browser['install']}"),
    ]  # fmt: skip
    for what, place in found["room"].items():
        free = place["free"]["value"]
        little = ", little for long runs" if free < LITTLE else ""
        closed = "" if place["writable"] else ", not writable"
        rows.append((f"room {what}", f"{free / 1e9:.3g} GB free{little}{closed}"))
    return rows


def _count(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{n} {k.replace('_', '-')}" for k, n in value.items())
    return str(value)
