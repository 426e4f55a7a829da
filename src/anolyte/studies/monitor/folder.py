"""What is new in a folder, and whether a file is whole yet; by looking, which works everywhere.

A file counts as whole once it stays as it is for a while, seen by our own clock (that of a share
may be off). On a disk of this computer a file whose last change is no write (it was renamed, or got
its dates back after a copy) is whole at once. Nothing here opens a file.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from anolyte.core.errors import DataError
from anolyte.measure.records import Spectrum
from anolyte.studies.spectra.gather import SKIPPED, TABLE, natural

UNFINISHED = (
    ".part",
    ".partial",
    ".tmp",
    ".temp",
    ".crdownload",
    ".filepart",
    ".lock",
    ".swp",
    "~",
)
"""Endings of names under which programs write what they rename when it is whole."""
LOCAL = ("ext2", "ext3", "ext4", "xfs", "btrfs", "zfs", "tmpfs", "overlay", "f2fs", "bcachefs")
"""File systems whose dates of change are written by this computer, at once."""

BEHIND = {
    "fuse.sshfs": 20.0, "nfs": 3.0, "nfs4": 3.0, "cifs": 1.0, "smb3": 1.0,
}  # fmt: skip
"""s for which a share may tell of a file as it was, where it is mounted with its defaults."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A file as a look at the folder found it.

    Args:
        name: Path below the watched folder, with forward slashes.
        path: To open it.
        size: Bytes.
        stamp: Time of the last write, ns.
        moved: Whether something else happened to it after the last write: a rename.
    """

    name: str
    path: Path
    size: int
    stamp: int
    moved: bool = False

    @property
    def cell(self) -> str:
        """Its folder below the watched one; "." is that itself."""
        return self.name.rpartition("/")[0] or "."

    @property
    def order(self) -> tuple[Any, ...]:
        """Files are taken as they were written, then by name."""
        return (self.stamp, natural(self.path), self.name)


@dataclass(frozen=True)
class Readiness:
    """When a file is taken as whole.

    Args:
        quiet: Time without a change, s; longer than an instrument's pauses between writes.
        periods: Of the next frequency that an instrument may take for its point: while a spectrum
            in a growing file may still go on, it is waited for.
    """

    quiet: float = 4.0
    periods: float = 4.0

    def patience(self, spectrum: Spectrum, cut: bool = False) -> float:
        """Time after which no further point of a growing spectrum is expected, s.

        Args:
            spectrum: As far as it goes.
            cut: Whether a part of a further point is there, so that it is the one after it that
                is waited for.

        >>> import numpy as np
        >>> slow = Spectrum.of([1.0, 0.5, 0.25, 0.125, 0.0625], np.ones(5))
        >>> Readiness(quiet=4.0, periods=4.0).patience(slow)
        128.0
        """
        last, before = float(spectrum.frequency[-1]), float(spectrum.frequency[-2])
        return max(self.quiet, self.periods * (before / last) ** (2 if cut else 1) / last)


class Folder:
    """A folder, looked at again and again.

    Args:
        path: The folder; those inside it are looked at too.
        skip: Files of ours that may lie in it.
        clock: Seconds of a steady clock.

    Raises:
        DataError: No such folder.
    """

    def __init__(
        self,
        path: Path,
        skip: tuple[Path, ...] = (),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.path = Path(path)
        if not self.path.is_dir():
            raise DataError(f"{path}: is no folder; name the one that the instrument writes to")
        self._skip = {p.resolve() for p in skip}
        self._clock = clock
        self._changed: dict[str, tuple[int, int, float, bool]] = {}
        self._done: dict[str, tuple[int, int]] = {}
        self._growing: set[str] = set()
        self._appeared: dict[str, float] = {}
        self._local = os.name == "posix" and file_system(self.path) in LOCAL
        self.lost = ""
        self.gone: tuple[str, ...] = ()

    def done(self, name: str, size: int, stamp: int) -> None:
        """Nothing is left to do with a file while it stays as it is."""
        self._done[name] = (size, stamp)
        self._changed.pop(name, None)

    def grown(self, seen: Seen) -> None:
        """There is more in a file than the look at it has told."""
        self._changed[seen.name] = (seen.size, seen.stamp, self._clock(), True)

    def anew(self, seen: Seen) -> bool:
        """Whether a file had been done before; with other content now it is as a new one."""
        if self._done.pop(seen.name, None) is None:
            return False
        since = self._changed[seen.name][2]
        self._changed[seen.name] = (seen.size, seen.stamp, since, False)
        return True

    def growing(self, name: str) -> None:
        """A file is known to grow, from an earlier watch."""
        self._growing.add(name)

    def look(self) -> list[Seen]:
        """Files that are new or have changed since they were done, in the order to take them."""
        now, found, there = self._clock(), [], set()
        for seen in self._files():
            there.add(seen.name)
            self._appeared.setdefault(seen.name, now)
            mark = (seen.size, seen.stamp)
            if self._done.get(seen.name) == mark or seen.size == 0:
                continue
            old = self._changed.get(seen.name)
            if old is None:
                grew = seen.name in self._done or seen.name in self._growing
                self._changed[seen.name] = (*mark, now, grew)
            elif old[:2] != mark:
                self._changed[seen.name] = (*mark, now, True)
            found.append(seen)
        if not self.lost:
            self.gone = tuple(n for n in (*self._done, *self._changed) if n not in there)
            for name in self.gone:
                if self._changed.pop(name, (0, 0, 0.0, False))[3]:
                    self._growing.add(name)  # it may come back
                self._appeared.pop(name, None)
        return sorted(found, key=lambda s: s.order)

    def still(self, seen: Seen) -> float:
        """How long a file has stayed as it is, s; endless where it was renamed when whole."""
        *_, since, grew = self._changed[seen.name]
        return float("inf") if seen.moved and not grew else self._clock() - since

    def grew(self, seen: Seen) -> bool:
        """Whether a file was seen to grow."""
        return self._changed[seen.name][3]

    def after(self, seen: Seen) -> list[str]:
        """Files of the same cell that have appeared since a file changed for the last time."""
        since, above = self._changed[seen.name][2], seen.name.rpartition("/")[0]
        return [
            name for name, at in self._appeared.items()
            if at > since and name.rpartition("/")[0] == above
        ]  # fmt: skip

    def _files(self) -> Iterator[Seen]:
        """All files that may hold a measurement."""
        self.lost = ""
        heaps = [(self.path, "")]
        while heaps:
            where, above = heaps.pop()
            try:
                inside = list(os.scandir(where))
            except OSError as error:  # a share that is away comes back
                self.lost = f"{where}: cannot be looked at ({error.strerror}); looking again"
                continue
            for entry in inside:
                if entry.name.startswith("."):
                    continue
                try:
                    if entry.is_dir(follow_symlinks=False):
                        heaps.append((Path(entry.path), f"{above}{entry.name}/"))
                    elif self._wanted(entry):
                        yield self._seen(entry, above)
                except OSError:
                    continue  # gone meanwhile

    def _wanted(self, entry: os.DirEntry[str]) -> bool:
        name = entry.name.lower()
        if name.endswith((*UNFINISHED, *SKIPPED, ".state", ".state-wal")) or name == TABLE:
            return False
        return entry.is_file() and Path(entry.path).resolve() not in self._skip

    def _seen(self, entry: os.DirEntry[str], above: str) -> Seen:
        facts = entry.stat()
        return Seen(
            f"{above}{entry.name}", Path(entry.path), facts.st_size, facts.st_mtime_ns,
            self._local and facts.st_ctime_ns > facts.st_mtime_ns,
        )  # fmt: skip


def file_system(path: Path) -> str:
    """Kind of the file system that holds a path, as Linux calls it; "" elsewhere."""
    try:
        device = path.stat().st_dev
        wanted = f"{os.major(device)}:{os.minor(device)}"
        with open("/proc/self/mountinfo", encoding="utf-8", errors="replace") as file:
            for line in file:
                before, _, after = line.partition(" - ")
                if before.split()[2:3] == [wanted]:
                    return after.split()[0]
    except (OSError, IndexError):
        pass
    return ""


def behind(path: Path) -> float:
    """Time for which sizes and dates in a folder may be old, s: programs keep those of shares."""
    return BEHIND.get(file_system(path), 0.0)


class Wake(Protocol):
    """What ends the pause between two looks."""

    def wait(self) -> None:
        """Come back when it is time to look again."""
        ...


@dataclass(frozen=True)
class Polling:
    """Looks at even intervals: the way for network shares, where no events arrive.

    Args:
        every: s.
        sleep: How to wait.
    """

    every: float = 2.0
    sleep: Callable[[float], Any] = time.sleep

    def wait(self) -> None:
        """Sleep."""
        self.sleep(self.every)


@dataclass(frozen=True)
class Events:
    """Looks when the system tells of a change, and at even intervals besides.

    Args:
        path: The folder.
        every: s; changes that bring no event are seen then.
        soon: s after a change, in which further ones are waited for.
    """

    path: Path
    every: float = 2.0
    soon: float = 0.02
    _events: list[Any] = field(default_factory=list, repr=False, compare=False)

    def wait(self) -> None:
        """Wait for a change, at most `every`."""
        if not self._events:
            from watchfiles import watch

            self._events.append(
                watch(
                    self.path, watch_filter=None, debounce=int(1e3 * self.soon) + 10,
                    step=max(5, int(5e2 * self.soon)), rust_timeout=max(10, int(1e3 * self.every)),
                    yield_on_timeout=True, raise_interrupt=True,
                )
            )  # fmt: skip
        next(self._events[0])


def wake(path: Path, every: float) -> Wake:
    """Events where they are installed and the disk is of this computer, else looks."""
    if os.name != "posix" or file_system(path) in LOCAL:
        try:
            import watchfiles  # noqa: F401
        except ImportError:
            return Polling(every)
        return Events(path, every)
    return Polling(every)
