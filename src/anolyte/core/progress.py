"""How long work reports where it stands.

A progress is any callable `progress(done, total, what)`; `silent` is the default everywhere.
"""

from __future__ import annotations

import math
import os
import sys
import time
from collections.abc import Callable

Progress = Callable[[int, int, str], None]


def silent(done: int, total: int, what: str = "") -> None:
    """Report nothing."""


def lines(done: int, total: int, what: str = "") -> None:
    """One line on standard error, rewritten in place on a terminal."""
    end = "\r" if sys.stderr.isatty() and done < total else "\n"
    of = f"/{total}" if total else " done:"  # nobody has counted a stream
    sys.stderr.write(f"{done}{of} {what}{end}")
    sys.stderr.flush()


def on_terminal(show: Progress = lines) -> Progress:
    """Progress with the time left where somebody looks on; none where the output is kept."""
    return with_time_left(show) if sys.stderr.isatty() or is_followed() else silent


def is_followed() -> bool:
    """Whether who started this process reads its lines, as the page in the browser does."""
    return os.environ.get("ANOLYTE_PROGRESS") == "1"


def with_time_left(show: Progress = lines) -> Progress:
    """A progress that adds the time left, from the pace since its first report.

    Args:
        show: Told in its place.
    """
    first: list[tuple[float, int]] = []

    def told(done: int, total: int, what: str = "") -> None:
        now = time.monotonic()
        if not first:  # what a ledger held already came at no cost: it says nothing of the pace
            first.append((now, done))
        begun, before = first[0]
        if before < done < total:
            left = (now - begun) / (done - before) * (total - done)
            what = f"{what}, {_clock(left)} left".removeprefix(", ")
        show(done, total, what)

    return told


def _clock(seconds: float) -> str:
    """A duration as people say it.

    >>> _clock(8.2), _clock(75.0), _clock(7300.0)
    ('9 s', '1:15 min', '2:01 h')
    """
    whole = math.ceil(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60}:{whole % 60:02d} min"
    return f"{whole // 3600}:{whole % 3600 // 60:02d} h"
