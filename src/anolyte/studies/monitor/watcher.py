"""The watch itself: looks at a folder, reads what is ready, has it judged, writes it down."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Protocol

import numpy as np

from anolyte.core.errors import AnolyteError
from anolyte.core.result import Level
from anolyte.measure.records import CycleTable, Recording, Spectrum, Trace
from anolyte.measure.setup import Setup
from anolyte.studies.monitor.content import fingerprint
from anolyte.studies.monitor.decision import Decision
from anolyte.studies.monitor.folder import Folder, Readiness, Wake
from anolyte.studies.monitor.intake import Intake
from anolyte.studies.monitor.journal import Journal, Mark, State
from anolyte.studies.monitor.order import Batch, by_clock, over, turns

PORTION = 20_000
"""Rows of a trace that are judged in one step."""


@dataclass(frozen=True)
class Where:
    """What a spectrum or a portion of rows belongs to.

    Args:
        cell: Folder below the watched one; its state is shared by all its spectra.
        file: Its name in that folder.
        number: Which spectrum of the file, from 1; 0 for rows.
        setup: What is known of the cell.
        earlier: Kind of a decision, and a clock, to the last one of this cell that was over by
            then; None: there is none. It answers the same in a replay if it is asked for spectra
            with the clock of a row, and for what earlier files of rows left at the first row.
    """

    cell: str
    file: str
    number: int
    setup: Setup
    earlier: Callable[[str, float], Decision | None] = lambda kind, clock: None


class Chain(Protocol):
    """How one spectrum, or the next rows of a trace, are judged."""

    def spectrum(
        self, spectrum: Spectrum, where: Where, state: State
    ) -> tuple[Sequence[Decision], State]:
        """Decisions on a spectrum and the state of its cell after it.

        Args:
            spectrum: As it was read.
            where: File and cell.
            state: Of the cell, plain JSON types; empty before its first spectrum. Not changed.
        """
        ...

    def rows(self, rows: Trace, where: Where, state: State) -> tuple[Sequence[Decision], State]:
        """Decisions on further rows of a file, which must not depend on how they are cut.

        Args:
            rows: Those that are new.
            where: File and cell.
            state: Of the file, plain JSON types; empty before its first rows. Not changed.
        """
        ...

    def cycles(
        self, cycles: CycleTable, where: Where, state: State
    ) -> tuple[Sequence[Decision], State]:
        """Decisions on the cycles of a table that are new.

        Args:
            cycles: The whole table.
            where: File and cell.
            state: Of the file, plain JSON types; empty before its first cycles. Not changed.
        """
        ...


class Listener(Protocol):
    """Who is told: a terminal, a page, a webhook."""

    def decided(self, decision: Decision) -> None:
        """A decision was written down."""
        ...

    def looked(self) -> None:
        """A look at the folder has ended."""
        ...


@dataclass
class Counts:
    """What a watch has done since it was started.

    Args:
        files: Read to their end.
        spectra, half_cycles, cycles: Decided.
        alarms: Told.
        unreadable: Files that could not be read.
        bad: Decisions of the level bad.
    """

    files: int = 0
    spectra: int = 0
    half_cycles: int = 0
    cycles: int = 0
    alarms: int = 0
    unreadable: int = 0
    bad: int = 0

    def add(self, decision: Decision) -> None:
        """Count a decision."""
        self.spectra += decision.kind == "spectrum"
        self.half_cycles += decision.kind == "half cycle"
        self.cycles += decision.kind == "cycle"
        self.unreadable += decision.kind == "file"
        self.alarms += len(decision.alarms)
        self.bad += decision.level is Level.BAD


@dataclass
class Watcher:
    """A folder, how it is judged, and where that is written.

    Args:
        folder: What is looked at.
        journal: Where decisions and state are kept.
        chain: How spectra and rows are judged.
        setup: The cell of each folder below.
        readiness: When a file is whole.
        listeners: Who is told.
        enough: Whether to stop, after a decision.
        clock: Seconds of a steady clock.
        pause: How to wait.
    """

    folder: Folder
    journal: Journal
    chain: Chain
    setup: Callable[[str], Setup]
    readiness: Readiness = Readiness()
    listeners: Sequence[Listener] = ()
    enough: Callable[[Decision], bool] = lambda decision: False
    clock: Callable[[], float] = time.monotonic
    pause: Callable[[float], None] = time.sleep
    counts: Counts = field(default_factory=Counts)
    stopped: bool = False

    def __post_init__(self) -> None:
        self.intake = Intake(self.folder, self.journal, self.readiness, self.clock)

    def run(self, wake: Wake) -> None:
        """Look until it is enough."""
        while True:
            self.look()
            if self.stopped:
                return
            wake.wait()

    def look(self) -> None:
        """One look: judge what is ready."""
        for batches in self.intake.ready():
            self._settle(batches)
        self._looked()

    def once(self) -> None:
        """Judge what is there and does not change while it is looked at for a while."""
        self.look()
        if not self.stopped and self.folder.look():
            self.pause(self.readiness.quiet)
            self.look()

    def replay(self) -> None:
        """Judge all that is there as finished, cell after cell, by the instruments' clocks."""
        for batches in self.intake.all():
            self._settle(batches)
        self._looked()

    def _looked(self) -> None:
        for listener in self.listeners:
            listener.looked()

    def _settle(self, batches: Sequence[Batch]) -> None:
        """Judge what is new in the files of one cell: spectra by their clocks, then rows."""
        for batch, number in turns(batches):
            if not self.stopped and not batch.held:
                self._attempt(batch, partial(self._unit, number=number))
        for batch in by_clock(batches):
            if batch.more and not self.stopped and not batch.held:
                self._attempt(batch, self._rest)
        for batch in batches:
            if self.stopped:
                return
            if batch.said is not None:
                continue
            if batch.held or batch.begun is not None or batch.cut and not batch.whole:
                self._later(batch)
            else:
                self._end(batch)

    def _attempt(self, batch: Batch, judge: Callable[[Batch], None]) -> None:
        """Judge a part of a file; where it cannot be read again, later."""
        try:
            judge(batch)
        except _Unread:
            batch.held = True

    def _unit(self, batch: Batch, number: int) -> None:
        """Judge one spectrum, or note why there is none."""
        if number == 0:
            return self._note(batch)
        clock = batch.clocks[number - 1]
        if clock is not None and clock > self._first(batch):
            batch.held = True  # one that began before it, in another file, still goes on
            return None
        spectrum = self._content(batch).spectra[number - 1]
        batch.mark = replace(batch.mark, spectra=number)
        self._step(batch, spectrum, f"cell {batch.seen.cell}", number)
        return None

    def _rest(self, batch: Batch) -> None:
        """Judge the rows and the cycles of a file."""
        content = self._content(batch)
        if content.trace is not None:
            self._rows(batch, content.trace.part(slice(batch.mark.rows - batch.row, None)))
        if (table := content.cycles) is not None and not self.stopped:
            if not batch.whole:  # its last cycle may still go on
                batch.cut, table = True, table.part(slice(-1))
            self._step(batch, table, f"cycles {batch.seen.name}")

    def _rows(self, batch: Batch, rows: Trace) -> None:
        """Judge new rows, a portion at a time, up to a sweep that goes on."""
        ready = len(rows)
        if rows.clock is not None and (until := self._until(batch.seen.cell)) < math.inf:
            ready = int(np.searchsorted(rows.time, until - rows.clock))
            batch.held = batch.held or ready < len(rows)
        for first in range(0, ready, PORTION):
            if self.stopped:
                break
            portion = rows.part(slice(first, min(first + PORTION, ready)))
            fresh = batch.mark.rows == 0
            batch.mark = replace(batch.mark, rows=batch.mark.rows + len(portion))
            self._step(batch, portion, f"file {batch.seen.name}", fresh=fresh)

    def _first(self, batch: Batch) -> float:
        """When the first sweep began that goes on in another file of a cell; endless: none."""
        clocks = [
            s.clock
            for name, (cell, s) in self.intake.begun.items()
            if cell == batch.seen.cell and name != batch.seen.name and s.clock is not None
        ]
        return min(clocks, default=math.inf)

    def _until(self, cell: str) -> float:
        """When the first sweep that goes on in a cell may be over; endless: none."""
        ends = [over(s) for where, s in self.intake.begun.values() if where == cell]
        return min((end for end in ends if end is not None), default=math.inf)

    def _content(self, batch: Batch) -> Recording:
        try:
            return self.intake.content(batch)
        except (AnolyteError, OSError):
            raise _Unread from None

    def _step(
        self, batch: Batch, unit: Spectrum | Trace | CycleTable, key: str, number: int = 0,
        fresh: bool = False,
    ) -> None:  # fmt: skip
        """Judge one unit and write it down; whatever happens in there, the watch goes on."""
        cell = batch.seen.cell
        where = Where(
            cell, batch.seen.path.name, number, self.setup(cell),
            partial(self.journal.earlier, cell),
        )  # fmt: skip
        state: State = {} if fresh else self.journal.state(key)
        name = {Spectrum: "spectrum", Trace: "rows"}.get(type(unit), "cycles")
        try:
            decisions, state = getattr(self.chain, name)(unit, where, state)
        except Exception as error:
            why = (
                str(error)
                if isinstance(error, AnolyteError)
                else (f"could not be judged, a fault of anolyte ({type(error).__name__}: {error})")
            )
            kind = {"rows": "half cycle", "cycles": "cycle"}.get(name, name)
            decisions = (
                Decision(kind, cell, where.file, number, level=Level.UNKNOWN, because=why),
            )
        if isinstance(unit, Spectrum):
            decisions = [replace(d, until=over(unit)) for d in decisions]
        self._store(decisions, batch.mark, {key: state})

    def _store(
        self, decisions: Sequence[Decision], mark: Mark, states: dict[str, State] | None = None
    ) -> None:
        self.journal.put(decisions, mark, states)
        for decision in decisions:
            self.counts.add(decision)
            for listener in self.listeners:
                listener.decided(decision)
            self.stopped = self.stopped or self.enough(decision)

    def _note(self, batch: Batch) -> None:
        """Note a file of which nothing can be judged."""
        seen, (text, label) = batch.seen, batch.said or ("", "")
        try:
            printed = fingerprint(seen.path, seen.size)
        except OSError:  # not ours to read
            printed = ""
        batch.mark = replace(batch.mark, size=seen.size, print=printed)
        decision = Decision("file", seen.cell, seen.path.name, level=Level.UNKNOWN,
                            because=text, notes=(label,))  # fmt: skip
        self._end(batch, (decision,))

    def _later(self, batch: Batch) -> None:
        """Something is left of a file; a later start must know that it is not at its end."""
        known = self.journal.mark(batch.seen.name)
        if known is None or known.finished:
            self._store((), batch.mark)
        self.intake.later(batch)

    def _end(self, batch: Batch, decisions: Sequence[Decision] = ()) -> None:
        """Nothing is left of the content that was read."""
        self._store(decisions, replace(batch.mark, finished=True))
        self.folder.done(batch.seen.name, batch.seen.size, batch.seen.stamp)
        self.intake.done(batch.seen.name)
        self.counts.files += 1


class _Unread(Exception):
    """A file that was read cannot be read again."""
