"""What is ready to be judged: which files are read, when, and what of them is new."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from anolyte.core.errors import AnolyteError
from anolyte.measure.records import Recording, Spectrum
from anolyte.studies.monitor.content import Tail, fingerprint, read_new, read_whole
from anolyte.studies.monitor.folder import Folder, Readiness, Seen
from anolyte.studies.monitor.journal import Journal, Mark
from anolyte.studies.monitor.order import Batch

REST = 5.0
"""A file is read again no sooner than this many times as long as the last reading took."""
KEPT = 4
"""Files whose content is kept until it is judged; of further ones it is read again."""


@dataclass(frozen=True)
class Later:
    """A file of which something is left: when it is read again.

    Args:
        size, stamp: Of the file then.
        needed: Rest after which it is whole, s.
        earliest: Time of the steady clock before which it is not read.
        waits: Whether it is read again though it has not changed.
    """

    size: int
    stamp: int
    needed: float
    earliest: float
    waits: bool = False

    def same(self, seen: Seen) -> bool:
        """Whether the file has not changed."""
        return (self.size, self.stamp) == (seen.size, seen.stamp)


@dataclass
class Intake:
    """Reads what a look at the folder has found, as far as it is ready.

    Args:
        folder: What is looked at.
        journal: How far each file is done.
        readiness: When a file is whole.
        clock: Seconds of a steady clock.
        begun: Cell and spectrum of each file in which one may still go on.
    """

    folder: Folder
    journal: Journal
    readiness: Readiness
    clock: Callable[[], float]
    begun: dict[str, tuple[str, Spectrum]] = field(default_factory=dict)
    _tails: dict[str, Tail | None] = field(default_factory=dict)
    _whole: dict[str, int] = field(default_factory=dict)
    _later: dict[str, Later] = field(default_factory=dict)
    _sweeps: set[str] = field(default_factory=set)
    _took: dict[str, float] = field(default_factory=dict)
    _sizes: dict[str, int] = field(default_factory=dict)
    _kept: deque[Batch] = field(default_factory=deque)

    def __post_init__(self) -> None:
        for mark in self.journal.marks():
            if mark.finished:
                self.folder.done(mark.name, mark.size, mark.stamp)
            elif mark.whole:
                self._whole[mark.name] = mark.size
            else:
                self.folder.growing(mark.name)

    def ready(self) -> Iterator[list[Batch]]:
        """What can be judged now, cell by cell, each as it was written."""
        for files in _by_cell(self.folder.look()):
            yield self._cell(files)
        for name in self.folder.gone:
            self.done(name)

    def all(self) -> Iterator[list[Batch]]:
        """All that is there, taken as whole, cell by cell."""
        for files in _by_cell(self.folder.look()):
            found = (self._take(seen, whole=True, ends=True) for seen in files)
            yield [batch for batch in found if batch is not None]

    def content(self, batch: Batch) -> Recording:
        """What a file holds, read again where it was not kept.

        Raises:
            AnolyteError, OSError: It cannot be read any more.
        """
        if batch.content is None:
            name = batch.seen.name
            batch.content, *_ = read_whole(batch.seen.path, name, not batch.whole)
            batch.row = 0
            self._keep(batch)
        return batch.content

    def later(self, batch: Batch) -> None:
        """Something is left of a file: it is read again once it changes, or rests long enough."""
        needed = self.readiness.quiet
        if batch.begun is not None:
            needed = self.readiness.patience(batch.begun, batch.cut)
        self._wait(batch.seen, needed, batch.held)

    def done(self, name: str) -> None:
        """Nothing is left of a file, or it is not there any more."""
        for known in (self._later, self.begun, self._took, self._sizes):
            known.pop(name, None)
        if self._tails.get(name) is None:
            self._tails.pop(name, None)

    def _cell(self, files: Sequence[Seen]) -> list[Batch]:
        found: list[Batch] = []
        for seen in files:
            whole = self._rests(seen)
            batch = self._take(seen, whole) if whole or self._worth(seen) else None
            if batch is not None:
                found.append(batch)
            if not self.folder.grew(seen) and (batch is None or not batch.whole):
                break  # the next one was written later: it waits for its turn
        return found

    def _rests(self, seen: Seen) -> bool:
        """Whether a file has stayed as it is for long enough to be whole."""
        later = self._later.get(seen.name)
        needed = 0.0 if later is None else later.needed
        if later is None or not later.same(seen) or self._followed(seen):
            needed = self.readiness.quiet
        return self.folder.still(seen) >= needed or self._whole.get(seen.name) == seen.size

    def _worth(self, seen: Seen) -> bool:
        """Whether a file that grows is to be read though it does not rest."""
        later = self._later.get(seen.name)
        if not self.folder.grew(seen):
            return False
        if later is None:
            return True
        return (later.waits or not later.same(seen)) and self.clock() >= later.earliest

    def _followed(self, seen: Seen) -> bool:
        """Whether another file of spectra has appeared in the cell since this one was written."""
        return any(name in self._sweeps for name in self.folder.after(seen))

    def _take(self, seen: Seen, whole: bool, ends: bool = False) -> Batch | None:
        """What is new in a file, which may be known to have ended; None: nothing now."""
        began = self.clock()
        try:
            batch = self._read(seen, whole)
            if whole and not ends and batch is not None and self._ahead(seen, batch):
                batch = self._read(seen, whole=False)
        except FileNotFoundError:  # renamed or deleted meanwhile
            return None
        except OSError as error:  # a share that is away for a moment, or a file that is not ours
            if whole and isinstance(error, PermissionError):
                text = f"{seen.name}: cannot be read ({error.strerror})"
                return Batch(seen, Mark(seen.name, 0, seen.stamp, ""), said=(text, "unreadable"))
            batch = None
        self._took[seen.name] = self.clock() - began
        if batch is None:
            self._wait(seen, self.readiness.quiet)
        elif batch.begun is None:
            self.begun.pop(seen.name, None)
        else:
            self.begun[seen.name] = (seen.cell, batch.begun)
        return batch

    def _ahead(self, seen: Seen, batch: Batch) -> bool:
        """Whether a file has more than its share tells of, and had less at its last reading."""
        size, before = batch.mark.size, self._sizes.get(seen.name)
        self._sizes[seen.name] = size
        if batch.content is None or size in (seen.size, before):
            return False
        self.folder.grown(seen)
        return True

    def _wait(self, seen: Seen, needed: float, waits: bool = False) -> None:
        earliest = self.clock() + REST * self._took.get(seen.name, 0.0)
        self._later[seen.name] = Later(seen.size, seen.stamp, needed, earliest, waits)

    def _read(self, seen: Seen, whole: bool) -> Batch | None:
        """What a file holds and what of it is new; None: not yet anything."""
        mark = self._known(seen)
        if mark.finished and mark.size == seen.size:  # only its name or its dates are new
            return Batch(seen, replace(mark, stamp=seen.stamp))
        if mark.size == 0 and self.folder.anew(seen) and not whole:
            return None
        tail = self._tails.get(seen.name)
        if tail is not None and tail.rows == mark.rows:
            if (new := read_new(seen.path, seen.name, tail, not whole)) is not None:
                recording, size, self._tails[seen.name] = new
                batch = self._batch(recording, seen, mark, size, whole)
                batch.row = mark.rows
                return batch
        try:
            recording, size, self._tails[seen.name] = read_whole(seen.path, seen.name, not whole)
        except AnolyteError as error:
            if not seen.path.exists():
                raise FileNotFoundError from None
            text = str(error).replace(str(seen.path), seen.name)
            return Batch(seen, mark, said=(text, "unreadable")) if whole else None
        if recording.spectra:
            self._sweeps.add(seen.name)
        if recording.spectra or recording.trace is not None or recording.cycles is not None:
            return self._batch(recording, seen, mark, size, whole)
        text = (
            f"{seen.name}: neither spectrum nor rows ({recording.format}); nothing to watch in it"
        )
        return Batch(seen, mark, said=(text, "nothing to watch")) if whole else None

    def _batch(self, recording: Recording, seen: Seen, mark: Mark, size: int, whole: bool) -> Batch:
        printed = fingerprint(seen.path, size)
        mark = replace(mark, size=size, print=printed, whole=whole, finished=False)
        batch = Batch.of(recording, seen, mark, whole)
        self._keep(batch)
        return batch

    def _keep(self, batch: Batch) -> None:
        self._kept.append(batch)
        if len(self._kept) > KEPT:
            self._kept.popleft().content = None

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
        kept = {f"{what} {seen.name}": self.journal.state(f"{what} {old.name}")
                for what in ("file", "cycles")}  # fmt: skip
        self.journal.put((), mark, {key: state for key, state in kept.items() if state})
        return mark


def _begins_with(seen: Seen, mark: Mark) -> bool:
    """Whether a file is what was read before, or goes on from there."""
    return 0 < mark.size <= seen.size and fingerprint(seen.path, mark.size) == mark.print


def _by_cell(files: Sequence[Seen]) -> list[list[Seen]]:
    """Files of each cell in their order; cells do not wait for each other."""
    cells: dict[str, list[Seen]] = {}
    for seen in files:
        cells.setdefault(seen.cell, []).append(seen)
    return list(cells.values())
