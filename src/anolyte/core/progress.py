"""How long work reports where it stands.

A progress is any callable `progress(done, total, what)`; `silent` is the default everywhere.
"""

from __future__ import annotations

import sys
from collections.abc import Callable

Progress = Callable[[int, int, str], None]


def silent(done: int, total: int, what: str = "") -> None:
    """Report nothing."""


def lines(done: int, total: int, what: str = "") -> None:
    """One line on standard error, rewritten in place on a terminal."""
    end = "\r" if sys.stderr.isatty() and done < total else "\n"
    sys.stderr.write(f"{done}/{total} {what}{end}")
    sys.stderr.flush()
