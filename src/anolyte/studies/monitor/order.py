"""In which order what files hold is judged: by the instruments' clocks, where there are such."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from anolyte.measure.records import Recording, Spectrum
from anolyte.studies.monitor.folder import Seen
from anolyte.studies.monitor.journal import Mark
from anolyte.studies.spectra.gather import natural

POINT, PERIODS = 1.0, 4.0
"""Time that a sweep takes for a point at most: s, and periods of its frequency."""


def over(spectrum: Spectrum) -> float | None:
    """When a sweep was over at the latest, by its clock, s since 1970; None: it has no clock.

    Only its start and its frequencies tell, so that it is the same whenever it is asked.

    >>> import numpy as np
    >>> round(over(Spectrum.of([100, 10, 1, 0.5, 0.1], np.ones(5), clock=1e9)) - 1e9, 2)
    57.44
    """
    if spectrum.clock is None:
        return None
    return spectrum.clock + float(np.sum(POINT + PERIODS / spectrum.frequency))


@dataclass(eq=False)
class Batch:
    """What a file holds that has not been judged.

    Args:
        seen: The file.
        mark: How far it is done.
        whole: Whether nothing more comes; else its last spectrum and its last line may go on.
        said: What to note in place of all that: a sentence and its label.
        content: As it was read; None: nothing in it, or to be read again.
        row: Row of the file at which the trace of the content begins.
        clocks: When each of its spectra began; None: not written.
        begun: The last one, where it may still go on.
        more: Whether it has rows or a table of cycles.
        start: Clock of its rows.
        cut: Whether its last line was left for later.
        held: Whether a part of it waits for another file.
    """

    seen: Seen
    mark: Mark
    whole: bool = True
    said: tuple[str, str] | None = None
    content: Recording | None = None
    row: int = 0
    clocks: tuple[float | None, ...] = ()
    begun: Spectrum | None = None
    more: bool = False
    start: float | None = None
    cut: bool = False
    held: bool = False

    @classmethod
    def of(cls, recording: Recording, seen: Seen, mark: Mark, whole: bool) -> Batch:
        """What a reading has found."""
        spectra, trace = recording.spectra, recording.trace
        return cls(
            seen, mark, whole, content=recording, clocks=tuple(s.clock for s in spectra),
            begun=None if whole or not spectra else spectra[-1],
            more=trace is not None or recording.cycles is not None,
            start=None if trace is None else trace.clock, cut=not recording.complete,
        )  # fmt: skip

    @property
    def numbers(self) -> range:
        """Of the spectra that are to be judged."""
        return range(self.mark.spectra + 1, len(self.clocks) + (self.begun is None))


def turns(batches: Sequence[Batch]) -> Iterator[tuple[Batch, int]]:
    """Files of one cell, with numbers of their spectra, in the order to judge them; 0: a note.

    By the clocks at which the spectra began, each file in its own order. Where one has no clock,
    file after file as they were written. A note stays behind the file before it.

    Args:
        batches: As they were written.
    """
    units: list[tuple[float, Any, int, int]] = []
    before, name = -math.inf, natural(Path())
    for place, batch in enumerate(batches):
        if batch.said is not None:
            units.append((before, name, place, 0))
            continue
        name, latest = natural(batch.seen.path), -math.inf
        for number in batch.numbers:
            clock = batch.clocks[number - 1]
            latest = before = math.nan if clock is None else max(latest, clock)
            units.append((before, name, place, number))
    if not any(math.isnan(unit[0]) for unit in units):
        units.sort()
    for *_, place, number in units:
        yield batches[place], number


def by_clock(batches: Sequence[Batch]) -> list[Batch]:
    """Files with rows as their clocks began; as they were written where one has none."""
    if any(b.more and b.start is None for b in batches):
        return list(batches)
    return sorted(batches, key=lambda b: b.start or 0.0)
