"""The reference: the Python interface from its docstrings, the command line from its help."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from typing import Any

from mkdocs.structure.files import File, Files

import anolyte
from anolyte.faces.cli import VERBS

GROUPS = {
    "Cells and conditions": (
        "Interface Layer Surface Sample Form Additive Conditions read_cell Protocol Step "
        "current_ramp cycling pressure_sweep Cell"
    ),
    "Questions": (
        "assess window window_uncertainty kinetic_window three_windows react air screen "
        "stability_map compare_electrolytes compare_silicon"
    ),
    "Materials, energies and evidence": (
        "Library Phases read_entries MaterialsProject Optimade evidence strategies query"
    ),
    "Measurements": "Setup Spectrum Trace read fit_spectra",
    "Results": "figure report save load AnolyteError",
}
"""Public names under the headings of their page; a name that is in none stands under the last."""
WIDTH = 92  # characters of a line of help


def on_files(files: Files, *, config: Any) -> Files:
    """Add the pages of the reference."""
    pages = {"index": index, "python": python, "models": models, "commands": commands}
    for name, write in pages.items():
        files.append(File.generated(config, f"reference/{name}.md", content=write()))
    return files


def index() -> str:
    """What the reference holds."""
    return (
        "# Reference\n\n"
        "- [Python](python.md): every public name of `anolyte`.\n"
        "- [Models](models.md): what `assess` asks, class by class.\n"
        "- [Command line](commands.md): every verb with its options.\n"
        "- [The JSON of results](../json.md), [your own cell, materials and energies]"
        "(../README.md#your-own-cell).\n"
    )


def python() -> str:
    """The page of the public names, from their docstrings."""
    lines = [
        "# The Python interface",
        "",
        "Numbers are SI floats; text with a unit is accepted",
        "",
    ]
    lines[-2] += " wherever a quantity is asked for, and a wrong dimension is refused."
    for title, names in grouped().items():
        lines += [f"## {title}", ""]
        for name in names:
            lines += entry(f"{anolyte._PUBLIC[name]}.{name}", f"anolyte.{name}")
    return "\n".join(lines)


def grouped() -> dict[str, list[str]]:
    """Heading to public names, each name once."""
    found = {title: names.split() for title, names in GROUPS.items()}
    known = {name for names in found.values() for name in names}
    found["Results"] += [name for name in anolyte.__all__ if name not in known]
    return found


def entry(path: str, title: str) -> list[str]:
    """The lines by which mkdocstrings puts in one object."""
    return [
        f"::: {path}",
        "    options:",
        f"      heading: {title}",
        f"      toc_label: {title}",
        "",
    ]


def models() -> str:
    """The page of the models, in the order in which `assess` asks them."""
    known = importlib.import_module("anolyte.models").ALL
    lines = ["# The models that `assess` asks", "", "In this order; `anolyte.models.ALL`.", ""]
    for model in known:
        lines += entry(f"{model.__module__}.{model.__qualname__}", model.__qualname__)
    return "\n".join(lines)


def commands() -> str:
    """The page of the verbs, from what `--help` prints."""
    import typer

    from anolyte.faces.commands import app

    known: Any = typer.main.get_command(app)
    lines = ["# The command line", "", "Every verb takes `--json` (SI units, named beside each"]
    lines[-1] += " value) and `--debug` (show the traceback of an error)."
    for verb, what in VERBS.items():
        lines += ["", f"## anolyte {verb}", "", what[0].upper() + what[1:] + "."]
        for path, command in below(verb, known.commands[verb]):
            lines += ["", f"### {path}"] if path != verb else []
            lines += ["", "```text", help_of(path, command), "```"]
    return "\n".join(lines)


def below(path: str, command: Any) -> Iterator[tuple[str, Any]]:
    """A command and the commands under it, each with its path."""
    yield path, command
    for name, child in getattr(command, "commands", {}).items():
        yield from below(f"{path} {name}", child)


def help_of(path: str, command: Any) -> str:
    """What a command prints for `--help`."""
    context = command.context_class(
        command, info_name=f"anolyte {path}", terminal_width=WIDTH, max_content_width=WIDTH
    )
    return command.get_help(context).rstrip()
