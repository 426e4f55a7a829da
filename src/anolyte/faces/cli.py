"""The `anolyte` command: dispatch, help, errors and exit codes.

Nothing but the standard library is imported until a verb is chosen; a verb imports what it needs.
Exit codes: 0 done (a scientific "no" is a result), 1 a concern is bad under `--fail-on bad`, 2 the
user's mistake, 3 ours.
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False  # type checkers read it as true; typing itself costs a third of `--help`
if TYPE_CHECKING:
    from typing import Any

VERBS = {
    "assess": "will this electrolyte | anode interface hold, why, and what to look at next",
    "window": "electrochemical stability window of a material, with its whole reaction ladder",
    "react": "what two solids do to each other, at every mixing ratio",
    "air": "what moisture, carbon dioxide and oxygen do to a solid, and the gas it gives off",
    "materials": "the materials that names refer to, with their numbers and sources",
    "evidence": "what was measured on interfaces, before and after a treatment; `add` your own",
    "strategies": "what can be done to an interface, what it sets, and what it gave",
    "compare": "classes of electrolytes, or silicon anodes, side by side",
    "simulate": "run a cell: ccd, cycle, strip, or any protocol in sentences",
    "map": "where a cell is safe, over current, pressure and temperature",
    "lever": "what liquid, pressing, heat, healing and others change, without and with",
    "optimise": "the best designs of a cell: what may change, is wanted, must be kept",
    "sensitivity": "which numbers a critical current or a resistance hangs on",
    "learn": "a cell from its measurements (cell.yaml data/); a property from labels of your own",
    "screen": "thousands of candidate layers or substitutions to a ranked short list",
    "fit": "measured files to what they mean: eis arrhenius ccd cycling cv polymer images",
    "watch": "a folder that an instrument writes to: fit, judge, alarm, as files appear",
    "design": "energy density and breathing of a full stack, layer by layer",
    "dft": "first-principles inputs for the phases that decide, and their outputs back",
    "serve": "all of this as a page in the browser, on this computer",
    "validate": "every model against every measurement it can speak to",
    "cite": "BibTeX of the models and data behind an answer",
    "rerun": "ask again what a page or a saved result was asked, and compare",
    "check-data": "validate the package's data, or your own, file by file",
    "doctor": "versions, optional parts, and a self-check",
}
_HEAD = """\
anolyte: will this electrolyte | anode interface hold?

  anolyte assess Li6PS5Cl Li --current "0.5 mA/cm2" --pressure "5 MPa" --temperature "25 C"
"""
_TAIL = """\
`anolyte VERB --help` tells more, with an example. Every verb takes --json (SI units, named beside
each value), --quiet (no progress, no notes: the answer alone) and --debug (the traceback of an
error). `anolyte --install-completion` lets bash, zsh or fish complete what you type. Exit codes:
0 done, 1 a concern is bad under `--fail-on bad`, 2 a mistake in what was asked, 3 a fault of
anolyte."""
INTERRUPTED, BROKEN_PIPE = 130, 141


def main(argv: list[str] | None = None) -> int:
    """Run one command.

    Args:
        argv: The arguments after the command's name; None: those of the process.

    Returns:
        The exit code.
    """
    # Our matrices are small: threads of the linear algebra cost more than they bring.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    if "_ANOLYTE_COMPLETE" in os.environ:  # a shell asks what may be typed next
        from anolyte.faces.completion import answer

        return answer(VERBS)
    arguments = list(sys.argv[1:] if argv is None else argv)
    debug, quiet = "--debug" in arguments, "--quiet" in arguments
    arguments = [a for a in arguments if a not in ("--debug", "--quiet")]
    try:
        code = _quietly(arguments, debug=debug) if quiet else _run(arguments, debug=debug)
        sys.stdout.flush()
    except BrokenPipeError:  # the reader left (`| head`): nothing is wrong
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return BROKEN_PIPE
    return code


def help_text() -> str:
    """What `anolyte --help` prints."""
    width = max(map(len, VERBS))
    verbs = "\n".join(f"  {name:<{width}}  {what}" for name, what in VERBS.items())
    return f"{_HEAD}\n{verbs}\n\n{_TAIL}"


def _run(arguments: list[str], *, debug: bool) -> int:
    first = arguments[0] if arguments else "--help"
    if first in ("-h", "--help", "help"):
        print(help_text())
        return 0
    if first in ("-V", "--version"):
        from anolyte import __version__

        print(f"anolyte {__version__}")
        return 0
    if first not in VERBS and not first.startswith(("--install-c", "--show-c")):
        return _say(_unknown_verb(first), 2)
    try:
        if first not in VERBS:
            from anolyte.faces import completion

            return completion.main(arguments)
        return _verb(arguments, debug=debug)
    except BrokenPipeError:
        raise
    except KeyboardInterrupt:
        return _say("stopped", INTERRUPTED)
    except Exception as error:  # whatever it is, the user reads one line
        if debug:
            import traceback

            traceback.print_exc()
        return _say(*explain(error))


def _quietly(arguments: list[str], *, debug: bool) -> int:
    """Without progress and notes; an error is still one line."""
    from contextlib import redirect_stderr
    from io import StringIO

    said = StringIO()
    with redirect_stderr(said):
        code = _run(arguments, debug=debug)
    if code:
        sys.stderr.write(said.getvalue() if debug else _last_line(said.getvalue()))
    return code


def _last_line(text: str) -> str:
    return "".join(text.splitlines(keepends=True)[-1:])


def _verb(arguments: list[str], *, debug: bool) -> int:
    if not debug:
        import warnings

        from anolyte.core.plugins import PlugInWarning

        warnings.simplefilter("ignore")  # of libraries; what matters stands in the result
        warnings.simplefilter("default", PlugInWarning)
        warnings.showwarning = _show_warning
    from anolyte.faces import record
    from anolyte.faces.commands import app

    seen, asked = record.look(arguments), list(arguments)
    try:
        code = app(spelled(arguments), prog_name="anolyte", standalone_mode=False)
    finally:  # what was written is sealed even if nobody reads on
        record.seal(asked, seen)
    if code == INTERRUPTED:  # typer has caught the Ctrl-C and says nothing
        return _say("stopped", INTERRUPTED)
    return code if isinstance(code, int) else 0


def spelled(arguments: list[str]) -> list[str]:
    """The words of a command as typer knows it.

    >>> spelled(["learn", "cell.yaml", "data"])
    ['learn', 'cell', 'cell.yaml', 'data']
    """
    if arguments[:2] == ["evidence", "add"]:  # a command of two words
        return ["evidence add", *arguments[2:]]
    if arguments[0] == "learn" and arguments[1:2] and arguments[1].endswith((".yaml", ".yml")):
        return ["learn", "cell", *arguments[1:]]
    return arguments


def _show_warning(message: Warning | str, *_: object) -> None:
    """One line on a part of another package that was skipped."""
    _say(f"{message} (`anolyte doctor` lists it)", 0)


def explain(error: Exception) -> tuple[str, int]:
    """The line that tells the user of an error, and the exit code."""
    from anolyte.core.errors import AnolyteError

    if isinstance(error, AnolyteError):
        return str(error), error.exit_code
    if hasattr(error, "format_message"):  # typer's own: an option
        return _usage(error), 2
    if type(error).__name__ == "Abort":
        return "stopped", INTERRUPTED
    what = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    return f"internal error ({what}); run again with --debug and report it", 3


def _usage(error: Any) -> str:
    """What is wrong with an option or an argument, what may have been meant, and where to look."""
    context = getattr(error, "ctx", None)
    verb = str(getattr(context, "command_path", "") or "anolyte VERB")
    if context is not None and type(error).__name__ == "NoArgsIsHelpError":
        below = ", ".join(getattr(context.command, "commands", {}))
        return f"{verb} what? one of {below} (see `{verb} --help`)"
    said = error.format_message()
    near = [str(p) for p in getattr(error, "possibilities", None) or ()]
    if near:
        said = f"{said.split('(')[0].split(' Did you')[0].rstrip(' .')}; did you mean {near[0]}?"
    return f"{said} (see `{verb} --help`)"


def _unknown_verb(text: str) -> str:
    import difflib

    near = difflib.get_close_matches(text[:40], VERBS, n=1)
    hint = f"did you mean '{near[0]}'?" if near else f"known: {', '.join(VERBS)}"
    return f"no verb '{text[:40]}'; {hint}"


def _say(message: str, code: int) -> int:
    """One line on standard error, without anything that could steer a terminal."""
    line = " ".join("".join(c if c.isprintable() else " " for c in message).split())
    if len(line) > 1000:
        line = line[:1000] + " ..."
    try:
        print(f"anolyte: {line}", file=sys.stderr, flush=True)
    except UnicodeEncodeError:
        print(f"anolyte: {line}".encode("ascii", "replace").decode(), file=sys.stderr, flush=True)
    return code
