"""The verb `watch`: a folder into which instruments write, judged as it fills."""

from __future__ import annotations

import signal
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from anolyte.faces import measuring
from anolyte.faces.measuring import (
    Area,
    At,
    CellFile,
    Electrodes,
    ElectrolyteName,
    Thickness,
    UnderPressure,
)

if TYPE_CHECKING:
    from anolyte.studies.monitor.decision import Decision
    from anolyte.studies.monitor.watcher import Watcher

INTERRUPTED = 130
FASTEST = 0.02
"""s between two looks, at least."""
_MARKS = {"good": " ", "unknown": "?", "caution": "!", "bad": "#"}


def watch(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where the instrument writes.")],
    cell: CellFile = None,
    replay: Annotated[
        bool, typer.Option("--replay", help="Judge a finished folder in order of time, and end.")
    ] = False,
    once: Annotated[
        bool, typer.Option("--once", help="Judge what is there and whole, and end.")
    ] = False,
    every: Annotated[
        str,
        typer.Option(metavar='"2 s"', help="Between two looks; a file at rest for two is whole."),
    ] = "2 s",
    log: Annotated[
        Path, typer.Option(metavar="FILE.jsonl", help="The journal; its state lies beside it.")
    ] = Path("watch.jsonl"),
    page: Annotated[
        Path | None,
        typer.Option("--page", "--report", metavar="OUT.html", help="A page that reloads itself."),
    ] = None,
    learn: Annotated[
        Path | None,
        typer.Option(metavar="OUT.json", help="Learn the cell as spectra come, and advise."),
    ] = None,
    webhook: Annotated[
        str | None, typer.Option(metavar="URL", help="Alarms are posted there as JSON.")
    ] = None,
    exit_on: Annotated[
        str | None,
        typer.Option("--exit-on", "--fail-on", metavar="bad", help="End with 1 at a bad decision."),
    ] = None,
    circuit: Annotated[
        str | None,
        typer.Option(metavar='"R0-p(R1,CPE1)"', help="Of all cells; chosen where not given."),
    ] = None,
    area: Area = None,
    thickness: Thickness = None,
    electrodes: Electrodes = None,
    temperature: At = None,
    pressure: UnderPressure = None,
    electrolyte: ElectrolyteName = None,
    json: Annotated[
        bool, typer.Option("--json", help="Each decision as a line of JSON, as in the journal.")
    ] = False,
) -> int:
    """Judge spectra and cycling as instruments write them, and tell of shorts, voids, drift.

    Stopped at any moment it goes on where it was. Folders inside DIR are cells of their own, with
    a cell.yaml of their own where there is one.

    Example: anolyte watch data --cell cell.yaml --page watch.html
    """
    if exit_on not in (None, "bad"):
        raise typer.BadParameter(f"--exit-on '{exit_on[:20]}': the only level is 'bad'")
    if replay and once:
        raise typer.BadParameter("--replay and --once: take one of them")
    setup = measuring.setup(
        cell, area=area, thickness=thickness, electrodes=electrodes, temperature=temperature,
        pressure=pressure, electrolyte=electrolyte,
    )  # fmt: skip
    pause = _pause(every)
    terminal = Lines() if json else Terminal()
    with ExitStack() as open_things, _ends_kindly():
        watcher, told = _watcher(
            open_things, folder, setup, terminal, pause=pause, log=log, page=page,
            webhook=webhook, stops=exit_on is not None, circuit=circuit, whole=once or replay,
            learner=_learner(cell, learn, terminal),
        )  # fmt: skip
        try:
            code = _run(watcher, folder, pause, replay=replay, once=once)
        except KeyboardInterrupt:
            code = 0 if once else INTERRUPTED
        finally:
            for end in told:
                end()
        terminal.summary(watcher, log)
    return 1 if watcher.stopped else code


def _run(watcher: Watcher, folder: Path, pause: float, *, replay: bool, once: bool) -> int:
    """Look until it ends."""
    from anolyte.studies.monitor.decide import warm
    from anolyte.studies.monitor.folder import wake

    if replay:
        watcher.replay()
    elif once:
        watcher.once()
    else:
        warm(watcher.setup("."))
        watcher.run(wake(folder, pause))
    return 0


def _pause(text: str) -> float:
    from anolyte.core.errors import UnitsError
    from anolyte.core.units import si

    if text.strip()[-1:].isdigit():  # a bare number would be hours
        raise UnitsError(f"--every '{text[:20]}': write the unit, for example '2 s'")
    value = si(text, "time")
    if not FASTEST <= value <= 86400.0:
        raise UnitsError(f"--every '{text[:20]}': between 0.02 s and a day, for example '2 s'")
    return value


def _watcher(
    stack: ExitStack, folder: Path, setup: Any, terminal: Terminal, *, pause: float, log: Path,
    page: Path | None, webhook: str | None, stops: bool, circuit: str | None, whole: bool,
    learner: Any,
) -> tuple[Watcher, list[Any]]:  # fmt: skip
    """A watcher with all who listen to it, and what to call at the end."""
    from anolyte.core.result import Level
    from anolyte.measure.circuits.fit import CircuitFit
    from anolyte.studies.monitor.decide import CellChain
    from anolyte.studies.monitor.folder import Folder, Readiness, behind
    from anolyte.studies.monitor.journal import Journal
    from anolyte.studies.monitor.notify import Webhook
    from anolyte.studies.monitor.page import Page
    from anolyte.studies.monitor.setups import Setups
    from anolyte.studies.monitor.spectra import SpectrumJudge
    from anolyte.studies.monitor.watcher import Watcher

    if circuit is not None:
        CircuitFit(circuit)  # a slip in it is told before anything is read
    ours = tuple(p for p in (log, page) if p is not None)
    seen = Folder(folder, ours)
    name = folder.resolve().name or str(folder)
    hook = None if webhook is None else Webhook(webhook, name, say=terminal.say)
    journal = stack.enter_context(Journal(log, name))
    listeners: list[Any] = [terminal]
    ends: list[Any] = []
    if page is not None:
        shown = Page(page, name, journal.state, refresh=max(2.0, pause))
        for decision in journal.decisions():
            shown.board.add(decision)
        shown.write()
        if shown.problem:
            from anolyte.core.errors import DataError

            raise DataError(shown.problem)
        listeners.append(shown)
        ends.append(lambda: shown.write(over=True))
    if learner is not None:
        for decision in journal.decisions():
            learner.decided(decision)
        listeners.append(learner)
        ends.append(learner.looked)
    if hook is not None:
        listeners.append(hook)
        ends.append(hook.close)
    readiness = Readiness(quiet=2.0 * pause + behind(folder))
    watcher = Watcher(
        seen, journal, CellChain(SpectrumJudge(circuit=circuit)),
        Setups(folder, setup, terminal.say), readiness, listeners,
        enough=lambda d: stops and d.level is Level.BAD,
    )  # fmt: skip
    terminal.folder = None if whole else seen
    return watcher, ends


def _learner(cell: Path | None, out: Path | None, terminal: Terminal) -> Any:
    """A listener that learns; None: not asked for."""
    if out is None:
        return None
    from anolyte.core.errors import DataError
    from anolyte.materials.cell_file import read_cell
    from anolyte.studies.cell import Cell
    from anolyte.studies.learn.live import Live

    if cell is None:
        raise DataError("--learn needs --cell: which cell is it that is learnt?")
    found = read_cell(cell)
    made = Cell(interface=found.interface, conditions=found.conditions, counter=found.counter)
    return Live(made, out, lambda text: terminal.advise(text))


class Terminal:
    """A listener that prints one line a decision."""

    def __init__(self) -> None:
        self.folder: Any = None
        self._lost = ""

    def decided(self, decision: Decision) -> None:
        """One line, and one more for each alarm."""
        self._line(f"{_MARKS[str(decision.level)]} {decision.name}: {decision.because}")
        for alarm in decision.alarms:
            self._line(f"    {alarm.level}, {alarm.name}: {alarm.because}")

    def advise(self, text: str) -> None:
        """What was learnt and is advised."""
        self._line(f"> {text}")

    def looked(self) -> None:
        """Tell of a folder that is away, once."""
        lost = "" if self.folder is None else self.folder.lost
        if lost and lost != self._lost:
            self.say(lost)
        self._lost = lost

    def say(self, text: str) -> None:
        """A line on standard error."""
        from anolyte.faces.console import clean

        typer.echo(clean(text).replace("\n", " "), err=True)

    def summary(self, watcher: Watcher, log: Path) -> None:
        """What was done."""
        c = watcher.counts
        self._line(
            f"{_count(c.spectra, 'spectrum', 'spectra')}, "
            f"{_count(c.half_cycles, 'half cycle', 'half cycles')}, "
            + (f"{_count(c.cycles, 'cycle', 'cycles')}, " if c.cycles else "")
            + f"{_count(c.alarms, 'alarm', 'alarms')}, "
            f"{_count(c.bad, 'bad decision', 'bad decisions')}, "
            f"{_count(c.unreadable, 'file', 'files')} without a decision; journal: {log}"
        )

    def _line(self, text: str) -> None:
        from anolyte.faces.console import clean

        typer.echo(clean(text).replace("\n", " "))


class Lines(Terminal):
    """A listener that prints the lines of the journal, for programs."""

    def decided(self, decision: Decision) -> None:
        """One line of JSON."""
        typer.echo(decision.line().rstrip("\n"))

    def advise(self, text: str) -> None:
        """On standard error: standard output is for the journal's lines."""
        self.say(text)

    def summary(self, watcher: Watcher, log: Path) -> None:
        """Nothing: the lines have said it."""


def _count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"


@contextmanager
def _ends_kindly() -> Any:
    """A request to end, as a service manager sends it, is taken as Ctrl-C."""

    def end(*_: Any) -> None:
        raise KeyboardInterrupt

    try:
        old = signal.signal(signal.SIGTERM, end)
    except ValueError:  # not in the main thread
        yield
        return
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, old)
