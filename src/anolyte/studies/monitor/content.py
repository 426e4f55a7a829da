"""Reading a file that may have grown: its fingerprint, and its new rows without the old ones."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anolyte.core.errors import AnolyteError
from anolyte.measure.readers import interpret
from anolyte.measure.readers.base import Raw
from anolyte.measure.records import Recording, Trace

HEAD = 65536
"""Bytes at the start and at the end of a content that its fingerprint holds."""
LARGE = 262_144
"""Bytes of a file from which only its new rows are read."""
OVERLAP = 5
"""Rows that are read a second time, to see that a part of the file reads as the whole did."""


def fingerprint(path: Path, size: int) -> str:
    """Of the first `size` bytes of a file: their number, the first and the last of them.

    Raises:
        OSError: It cannot be read.
    """
    digest = hashlib.blake2b(str(size).encode(), digest_size=16)
    with path.open("rb") as file:
        digest.update(file.read(min(HEAD, size)))
        file.seek(max(0, size - HEAD))
        digest.update(file.read(min(HEAD, size)))
    return digest.hexdigest()


@dataclass(frozen=True, eq=False)
class Tail:
    """Where the new rows of a large file begin.

    Args:
        header: Bytes before the first row.
        offset: Byte at which the last rows begin that were read.
        rows: Of the trace so far.
        last: Those last rows: time, voltage, current, (3, n).
        clock: Of the trace.
    """

    header: int
    offset: int
    rows: int
    last: NDArray[Any]
    clock: float | None


def read_whole(path: Path, name: str, growing: bool = False) -> tuple[Recording, int, Tail | None]:
    """A file, how many bytes were read, and where it goes on if it grows.

    Args:
        path: The file.
        name: As messages shall call it.
        growing: Whether its last line may still be written.

    Raises:
        AnolyteError: It cannot be read; one line with the name.
    """
    raw = Raw(name, Raw.of(path).data, growing)
    recording = interpret(raw)
    return recording, len(raw.data), _tail(raw, recording, LARGE)


def read_new(
    path: Path, name: str, tail: Tail, growing: bool = False
) -> tuple[Recording, int, Tail] | None:
    """The rows that a file has gained; None where that cannot be told without the rest of it.

    Args:
        path: The file.
        name: As messages shall call it.
        tail: Where it went on.
        growing: Whether its last line may still be written.
    """
    try:
        with path.open("rb") as file:
            head = file.read(tail.header)
            file.seek(tail.offset)
            rest = file.read()
        raw = Raw(name, head + rest, growing)
        recording = interpret(raw)
    except (OSError, AnolyteError):
        return None
    trace, known = recording.trace, tail.last.shape[1]
    if recording.spectra or trace is None or len(trace) < known:
        return None
    if not np.array_equal(_columns(trace, slice(0, known)), tail.last):
        return None
    found = _tail(raw, recording, 0)
    if found is None:
        return None
    moved = found.offset - tail.header + tail.offset
    after = Tail(tail.header, moved, tail.rows + len(trace) - known, found.last, tail.clock)
    # the rows that were read may bring a date of their own, that is not the start of the trace
    rows = replace(trace.part(slice(known, None)), clock=tail.clock)
    return replace(recording, trace=rows), tail.offset + len(rest), after


def _tail(raw: Raw, recording: Recording, least: int) -> Tail | None:
    """Where a file goes on; None where rows are not lines, or it is small."""
    trace = recording.trace
    if len(raw.data) < least or recording.spectra or trace is None or trace.lines is None:
        return None
    if b"\0" in raw.data[:HEAD] or len(trace) < OVERLAP:
        return None
    ends = np.flatnonzero(np.frombuffer(raw.data, dtype=np.uint8) == ord("\n"))
    first, last = int(trace.lines[0]), int(trace.lines[-OVERLAP])
    if not 2 <= first <= last <= ends.size:
        return None
    columns = _columns(trace, slice(-OVERLAP, None))
    return Tail(int(ends[first - 2]) + 1, int(ends[last - 2]) + 1, len(trace), columns, trace.clock)


def _columns(trace: Trace, chosen: slice) -> NDArray[Any]:
    """Time, voltage and current of some rows, (3, n)."""
    return np.array([np.asarray(c, float)[chosen] for c in
                     (trace.time, trace.voltage, trace.current)])  # fmt: skip
