"""Forms of the verbs: what the command line takes, as fields of a page; and back to its words.

Nothing is written twice: a form is read off the command itself, so that a new verb or option needs
one line here, or none. Values are words of a command, never of a shell; files are those that were
sent along, and no other path of this computer can be named.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from anolyte.core.errors import DataError

OFFERED: Mapping[str, tuple[str, str]] = {
    "simulate ccd": ("Cells", "Critical current by a ramp"),
    "simulate cycle": ("Cells", "Cycling"),
    "simulate strip": ("Cells", "Stripping, and voids"),
    "simulate protocol": ("Cells", "A protocol in sentences"),
    "map": ("Cells", "Where a cell is safe"),
    "lever": ("Cells", "One factor without and with it"),
    "sensitivity": ("Cells", "Which numbers decide"),
    "simulate filament": ("Fields", "A filament in a microstructure"),
    "simulate stress": ("Fields", "How far plated lithium presses"),
    "simulate leak": ("Fields", "Lithium inside, by leaking electrons"),
    "simulate pore": ("Fields", "Current beside a pore"),
    "screen": ("Design", "Screen thousands of candidates"),
    "optimise": ("Design", "The best designs"),
    "learn cell": ("Design", "Learn from measurements of a cell"),
    "fit eis": ("Measured", "Impedance spectra"),
    "fit arrhenius": ("Measured", "Spectra over temperature"),
    "fit ccd": ("Measured", "A critical-current ramp"),
    "fit cycling": ("Measured", "Cycling"),
    "fit cv": ("Measured", "Voltammetry"),
    "fit polymer": ("Measured", "Salt contents of a polymer"),
    "fit images": ("Measured", "Filaments in pictures"),
}
"""Verb to its group and title."""
PAGE, RESULT, STATE = "../page.html", "../result.json", "../work"
_PAGES = ("--report", "--plot", "--page")
_OURS = {"--json", "--csv", "--help", "-h", "--save", "--resume", "--checkpoint", *_PAGES}
_HIDDEN = {"--materials", "--entries", "--refresh", "--frames", "--structures", "--engine",
           "--model", "--trust", "--potential", "--next", "--out", "--learned", "--retry",
           "--exit-on", "--webhook", "--figure"}  # fmt: skip
"""Options that write elsewhere, ask other computers, or name what is not a file of the run."""
LONGEST_TEXT = 500
_REMOTE = re.compile(r"^(optimade|mp|https?|file|tcp|slurm|dask)\b.*:", re.IGNORECASE)
_FILES = re.compile(
    r"\.(ya?ml|json|jsonl|csv|txt|html?|db|h5|hdf5|cif|gz|safetensors)$", re.IGNORECASE
)


@dataclass(frozen=True)
class Field:
    """One option or argument.

    Args:
        name: As the command has it.
        option: `--pressure`; empty: an argument.
        kind: text | number | flag | file.
        label, help, example, default: What a person reads.
        required: Whether it must be given.
        multiple: Whether it may be given several times.
        folder: Whether its files are wanted as one folder.
    """

    name: str
    option: str
    kind: str
    label: str
    help: str
    example: str
    default: str
    required: bool
    multiple: bool
    folder: bool = False


@dataclass(frozen=True)
class Form:
    """What a verb takes.

    Args:
        verb: `simulate ccd`.
        group, title: Where and under what name it is offered.
        about: What it answers.
        fields: Arguments first.
        page, save: Options by which it writes its page and its result; empty: none.
        state: Options by which its work is kept and gone on with; empty: none.
    """

    verb: str
    group: str
    title: str
    about: str
    fields: tuple[Field, ...]
    page: str = ""
    save: str = ""
    state: tuple[str, ...] = ()


@lru_cache(maxsize=1)
def forms() -> dict[str, Form]:
    """Every verb that is offered."""
    return {
        verb: _form(verb, command) for verb, command in _commands() if verb in OFFERED
    }  # fmt: skip


def form(verb: str) -> Form:
    """One verb's.

    Raises:
        DataError: It is not offered here.
    """
    try:
        return forms()[verb]
    except KeyError:
        raise DataError(
            f"'{verb[:40]}' is not offered here; there are: {', '.join(OFFERED)}"
        ) from None


def _commands() -> Iterator[tuple[str, Any]]:
    from typer.main import get_command

    from anolyte.faces.commands import app

    def walk(command: Any, words: tuple[str, ...]) -> Iterator[tuple[str, Any]]:
        for name, below in getattr(command, "commands", {}).items():
            yield from walk(below, (*words, name))
        if command.params:
            yield " ".join(words), command

    return walk(get_command(app), ())


def _form(verb: str, command: Any) -> Form:
    options = {name for p in command.params for name in p.opts}
    group, title = OFFERED[verb]
    fields = [
        _field(verb, p) for p in command.params
        if not _HIDDEN.union(_OURS).intersection(p.opts) and not getattr(p, "hidden", False)
    ]  # fmt: skip
    about = (command.help or "").split("\n\n")[0].replace("\n", " ")
    resume = next((p for p in command.params if "--resume" in p.opts), None)
    state: tuple[str, ...] = ()
    if resume is not None:
        state = ("--checkpoint", "--resume") if "--checkpoint" in options else ("--resume",)
    return Form(
        verb=verb, group=group, title=title, about=about,
        fields=tuple(sorted(fields, key=lambda f: bool(f.option))),
        page=next((name for name in _PAGES if name in options), ""),
        save="--save" if "--save" in options else "", state=state,
    )  # fmt: skip


def _field(verb: str, parameter: Any) -> Field:
    is_option = parameter.param_type_name == "option"
    told = str(getattr(parameter, "type_descriptor", getattr(parameter, "type", "")))
    kind = "text"
    if is_option and parameter.is_flag:
        kind = "flag"
    elif "path" in told.lower():
        kind = "file"
    elif "'int'" in told or "'float'" in told:
        kind = "number"
    default = parameter.default
    name = (parameter.metavar or "").strip('{}[]."')
    return Field(
        name=parameter.name,
        option=parameter.opts[0] if is_option else "",
        kind=kind,
        label=(parameter.opts[0].lstrip("-") if is_option else name.lower() or parameter.name)
        .replace("-", " ").replace("_", " "),
        help=parameter.help or "",
        example=name if kind == "text" and re.search(r"[a-z0-9]", name) else "",
        default="" if default is None or callable(default) or kind == "flag" else str(default),
        required=bool(parameter.required),
        multiple=bool(parameter.multiple or parameter.nargs == -1),
        folder=verb == "learn cell" and parameter.name == "data",
    )  # fmt: skip


# --- and back -------------------------------------------------------------------------------------


def words(asked: Form, values: Mapping[str, Sequence[str]], files: Sequence[str],
          *, resumed: bool = False) -> list[str]:  # fmt: skip
    """The words of the command that a filled form stands for.

    Args:
        asked: The form.
        values: Field to what was filled in; of a file, its name.
        files: Names of the files that were sent along.
        resumed: Whether earlier work is gone on with.

    Raises:
        DataError: A field that is not there, not filled, or names what was not sent along.
    """
    unknown = set(values) - {f.name for f in asked.fields}
    if unknown:
        raise DataError(f"no field '{sorted(unknown)[0][:40]}' in {asked.verb}")
    options: list[str] = []
    arguments: list[str] = []
    for field in asked.fields:
        given = [v.strip() for v in values.get(field.name, ()) if v.strip()]
        if field.required and not given:
            raise DataError(f"{field.label}: {field.help or 'needed'}")
        if len(given) > 1 and not (field.multiple or field.folder):
            raise DataError(f"{field.label}: one value, not {len(given)}")
        _check(field, given, files)
        if field.kind == "flag":
            options += [field.option] if given and given[0] in ("yes", "true", "on") else []
        elif field.option:  # what is left as it was is left out of the command
            options += [f"{field.option}={v}" for v in given if v != field.default]
        else:
            arguments += [field.name] if field.folder else given
    return [*asked.verb.split(), *options, *_outputs(asked, resumed), "--", *arguments]


def _outputs(asked: Form, resumed: bool) -> list[str]:
    found = [f"{asked.page}={PAGE}"] if asked.page else []
    found += [f"{asked.save}={RESULT}"] if asked.save else []
    if asked.state == ("--resume",):
        found.append(f"--resume={STATE}.db")
    elif asked.state:
        found.append(f"--checkpoint={STATE}.h5")
        found += ["--resume"] if resumed else []
    return found


def _check(field: Field, given: Sequence[str], files: Sequence[str]) -> None:
    """Refuse what is too long, no number, or a file that was not sent along."""
    for value in given:
        if len(value) > LONGEST_TEXT or not value.isprintable():
            raise DataError(f"{field.label}: at most {LONGEST_TEXT} printable characters")
        if value in files:
            continue
        if field.kind == "file" or _FILES.search(value):
            raise DataError(f"{field.label}: '{value[:60]}' was not sent along: choose the file")
        if _REMOTE.match(value):
            raise DataError(
                f"{field.label}: '{value[:60]}' asks another computer: use the command line"
            )
        if _is_path(value):
            raise DataError(
                f"{field.label}: '{value[:60]}' is a path of this computer: send the file"
            )
        if field.kind == "number" and not _is_number(value):
            raise DataError(f"{field.label}: '{value[:40]}' is no number")


def _is_path(value: str) -> bool:
    try:
        return value in (".", "..") or value.startswith("~") or Path(value).exists()
    except (OSError, ValueError):
        return False


def _is_number(value: str) -> bool:
    try:
        float(value)
    except ValueError:
        return False
    return True
