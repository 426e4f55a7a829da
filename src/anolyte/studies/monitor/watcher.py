"""The watch itself: looks at a folder, reads what is ready, has it judged, writes it down."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from anolyte.core.errors import AnolyteError
from anolyte.core.result import Level
from anolyte.measure.records import Recording, Spectrum, Trace
from anolyte.measure.setup import Setup
from anolyte.studies.monitor.content import Tail, fingerprint, read_new, read_whole
from anolyte.studies.monitor.decision import Decision
from anolyte.studies.monitor.folder import Folder, Readiness, Seen, Wake
from anolyte.studies.monitor.journal import Journal, Mark, State
from anolyte.studies.spectra.gather import natural

PORTION = 20_000
"""Rows of a trace that are judged in one step."""
REST = 5.0
"""A file is read again no sooner than this many times as long as the last reading took."""


@dataclass(frozen=True)
class Where:
    """What a spectrum or a portion of rows belongs to.

    Args:
        cell: Folder below the watched one; its state is shared by all its spectra.
        file: Its name in that folder.
        number: Which spectrum of the file, from 1; 0 for rows.
        setup: What is known of the cell.
    """

    cell: str
    file: str
    number: int
    setup: Setup


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
        spectra, half_cycles: Decided.
        alarms: Told.
        unreadable: Files that could not be read.
        bad: Decisions of the level bad.
    """

    files: int = 0
    spectra: int = 0
    half_cycles: int = 0
    alarms: int = 0
    unreadable: int = 0
    bad: int = 0

    def add(self, decision: Decision) -> None:
        """Count a decision."""
        self.spectra += decision.kind == "spectrum"
        self.half_cycles += decision.kind == "half cycle"
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
    _tails: dict[str, Tail | None] = field(default_factory=dict)
    _whole: dict[str, int] = field(default_factory=dict)
    _later: dict[str, tuple[int, int, float, float]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for mark in self.journal.marks():
            if mark.finished:
                self.folder.done(mark.name, mark.size, mark.stamp)
            elif mark.whole:
                self._whole[mark.name] = mark.size
            else:
                self.folder.growing(mark.name)

    def run(self, wake: Wake) -> None:
        """Look until it is enough."""
        while True:
            self.look()
            if self.stopped:
                return
            wake.wait()

    def look(self) -> None:
        """One look: judge what is ready."""
        held: set[str] = set()
        files = self.folder.look()
        newest = {seen.cell: seen for seen in files}
        for seen in files:
            if self.stopped:
                break
            if seen.cell not in held and not self._live(seen, newest[seen.cell] is not seen):
                held.add(seen.cell)  # the next one was written later: it waits for its turn
        for name in [n for n in self._later if n in self.folder.gone]:
            self._later.pop(name)
        self._looked()

    def once(self) -> None:
        """Judge what is there and does not change while it is looked at for a while."""
        self.look()
        if not self.stopped and self.folder.look():
            self.pause(self.readiness.quiet)
            self.look()

    def replay(self) -> None:
        """Judge all that is there as finished, in the order of the instruments' clocks."""
        for seen in in_order(self.folder.look()):
            if self.stopped:
                break
            self._take(seen, whole=True)
        self._looked()

    def _looked(self) -> None:
        for listener in self.listeners:
            listener.looked()

    def _live(self, seen: Seen, followed: bool) -> bool:
        """Take what is ready of a file; whether the next one of its cell may be taken."""
        still, grew = self.folder.still(seen), self.folder.grew(seen)
        size, stamp, needed, rested = self._later.get(seen.name, (-1, -1, 0.0, 0.0))
        if (size, stamp) != (seen.size, seen.stamp) or followed:
            needed = self.readiness.quiet
        whole = still >= needed or self._whole.get(seen.name) == seen.size
        known = (size, stamp) == (seen.size, seen.stamp)
        if not whole and (known or not grew or self.clock() < rested):
            return grew
        return self._take(seen, whole) or grew

    def _take(self, seen: Seen, whole: bool) -> bool:
        """Judge what is new in a file; whether nothing of it is left."""
        begun = self.clock()
        try:
            left = self._judge(seen, whole)
        except FileNotFoundError:  # renamed or deleted meanwhile
            return True
        except PermissionError as error:
            mark = Mark(seen.name, seen.size, seen.stamp, "")
            text = f"{seen.name}: cannot be read ({error.strerror})"
            left = self._say(seen, mark, text, "unreadable") if whole else self.readiness.quiet
        except OSError:  # a share that is away for a moment
            left = self.readiness.quiet
        if left is None:
            self._later.pop(seen.name, None)
            return True
        took = self.clock() - begun
        self._later[seen.name] = (seen.size, seen.stamp, left, self.clock() + REST * took)
        return False

    def _judge(self, seen: Seen, whole: bool) -> float | None:
        """What is new in a file; how long it must stay as it is for the rest, None: no rest."""
        mark = self._known(seen)
        if mark.finished and mark.size == seen.size:  # only its name or its dates are new
            return self._end(seen, replace(mark, stamp=seen.stamp))
        tail = self._tails.get(seen.name)
        if tail is not None and tail.rows == mark.rows:
            if (new := read_new(seen.path, seen.name, tail)) is not None:
                rows, size, self._tails[seen.name] = new
                mark = replace(mark, size=size, print=fingerprint(seen.path, size))
                return self._end(seen, self._rows(rows, seen, mark))
        try:
            recording, size, self._tails[seen.name] = read_whole(seen.path, seen.name)
        except AnolyteError as error:
            if not seen.path.exists():
                raise FileNotFoundError from None
            text = str(error).replace(str(seen.path), seen.name)
            return self._say(seen, mark, text, "unreadable") if whole else self.readiness.quiet
        mark = replace(
            mark, size=size, print=fingerprint(seen.path, size), whole=whole, finished=False
        )
        return self._units(recording, seen, mark, whole)

    def _units(self, recording: Recording, seen: Seen, mark: Mark, whole: bool) -> float | None:
        """Judge the spectra and rows of a file that are new."""
        spectra, trace = recording.spectra, recording.trace
        if not spectra and trace is None and not whole:
            return self.readiness.quiet
        if not spectra and trace is None:
            return self._say(seen, mark, f"{seen.name}: {_nothing(recording)}", "nothing to watch")
        ready = spectra if whole else spectra[:-1]
        for number, spectrum in enumerate(ready[mark.spectra :], mark.spectra + 1):
            where = Where(seen.cell, seen.path.name, number, self.setup(seen.cell))
            mark = replace(mark, spectra=number)
            self._step(where, mark, spectrum, f"cell {seen.cell}")
            if self.stopped:
                return self.readiness.quiet
        if trace is not None:
            mark = self._rows(trace.part(slice(mark.rows, None)), seen, mark)
        if len(ready) < len(spectra):
            if not ready and trace is None:  # a later start must know that it grows
                self._store((), mark)
            return self.readiness.patience(spectra[-1])
        return self._end(seen, mark)

    def _rows(self, rows: Trace, seen: Seen, mark: Mark) -> Mark:
        """Judge new rows, a portion at a time."""
        where = Where(seen.cell, seen.path.name, 0, self.setup(seen.cell))
        for first in range(0, len(rows), PORTION):
            if self.stopped:
                break
            portion = rows.part(slice(first, first + PORTION))
            mark = replace(mark, rows=mark.rows + len(portion))
            self._step(where, mark, portion, f"file {seen.name}")
        return mark

    def _step(self, where: Where, mark: Mark, unit: Spectrum | Trace, key: str) -> None:
        """Judge one unit and write it down; whatever happens in there, the watch goes on."""
        state = self.journal.state(key)
        judge = self.chain.spectrum if isinstance(unit, Spectrum) else self.chain.rows
        try:
            decisions, state = judge(unit, where, state)  # type: ignore[arg-type]
        except Exception as error:
            kind = "spectrum" if isinstance(unit, Spectrum) else "half cycle"
            why = (
                str(error)
                if isinstance(error, AnolyteError)
                else (f"could not be judged, a fault of anolyte ({type(error).__name__}: {error})")
            )
            decisions = (
                Decision(kind, where.cell, where.file, where.number, level=Level.UNKNOWN,
                         because=why),
            )  # fmt: skip
        self._store(decisions, mark, {key: state})

    def _store(
        self, decisions: Sequence[Decision], mark: Mark, states: dict[str, State] | None = None
    ) -> None:
        self.journal.put(decisions, mark, states)
        for decision in decisions:
            self.counts.add(decision)
            for listener in self.listeners:
                listener.decided(decision)
            self.stopped = self.stopped or self.enough(decision)

    def _say(self, seen: Seen, mark: Mark, text: str, label: str) -> None:
        """Note a file of which nothing can be judged."""
        try:
            mark = replace(mark, size=seen.size, print=fingerprint(seen.path, seen.size))
        except OSError:  # not ours to read
            mark = replace(mark, size=seen.size)
        decision = Decision("file", seen.cell, seen.path.name, level=Level.UNKNOWN,
                            because=text, notes=(label,))  # fmt: skip
        self._end(seen, mark, (decision,))

    def _end(self, seen: Seen, mark: Mark, decisions: Sequence[Decision] = ()) -> float | None:
        """Nothing is left of the content that was read; None, or the pause if it is not so."""
        if self.stopped:
            return self.readiness.quiet
        self._store(decisions, replace(mark, finished=True))
        self.folder.done(seen.name, seen.size, seen.stamp)
        if self._tails.get(seen.name) is None:
            self._tails.pop(seen.name, None)
        self.counts.files += 1
        return None

    def _known(self, seen: Seen) -> Mark:
        """How far the content of a file is done, under this name or another."""
        mark = self.journal.mark(seen.name)
        if mark is not None and _begins_with(seen, mark):
            return replace(mark, stamp=seen.stamp)
        twin = self.journal.same(fingerprint(seen.path, seen.size))
        if twin is not None:
            return self._renamed(seen, twin)
        for name in self.folder.gone:
            old = self.journal.mark(name)
            if old is not None and _begins_with(seen, old):
                return self._renamed(seen, old)
        return Mark(seen.name, 0, seen.stamp, "")

    def _renamed(self, seen: Seen, old: Mark) -> Mark:
        """The mark of a content under its new name; what its rows left behind comes along."""
        mark = replace(old, name=seen.name, stamp=seen.stamp)
        rows = self.journal.state(f"file {old.name}")
        self.journal.put((), mark, {f"file {seen.name}": rows} if rows else None)
        return mark


def _begins_with(seen: Seen, mark: Mark) -> bool:
    """Whether a file is what was read before, or goes on from there."""
    return 0 < mark.size <= seen.size and fingerprint(seen.path, mark.size) == mark.print


def _nothing(recording: Recording) -> str:
    what = "a table of cycles" if recording.cycles is not None else "neither spectrum nor rows"
    return f"{what} ({recording.format}); nothing to watch in it"


def in_order(files: Sequence[Seen]) -> list[Seen]:
    """Files by the clocks of their instruments; by their dates where one has no clock.

    A file that cannot be read stays behind the one that was written before it.
    """
    keys: list[float | None] = []
    for seen in files:
        try:
            recording = read_whole(seen.path, seen.name)[0]
        except (AnolyteError, OSError):
            keys.append(keys[-1] if keys else float("-inf"))
            continue
        keys.append(_clock(recording))
    if any(k is None for k in keys):
        return list(files)
    order = sorted(range(len(files)), key=lambda k: (keys[k], natural(files[k].path), k))
    return [files[k] for k in order]


def _clock(recording: Recording) -> float | None:
    """When the first measurement of a file began."""
    own = [s.clock for s in recording.spectra]
    if recording.trace is not None:
        own.append(recording.trace.clock)
    known = [c for c in (recording.clock, *own) if c is not None]
    return min(known, default=None)
