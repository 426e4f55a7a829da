"""What a computer is able to: its speed beside a plain loop, threads, a GPU, a browser, room."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ADDITIONS, SIDE, REPEATS = 200_000, 256, 5
"""Of the plain loop; cells along the grid's side; the best of so many runs counts."""
WINDOWS = ("Li6PS5Cl", "Li3YCl6", "Li7La3Zr2O12", "Li3PS4", "Li1.3Al0.3Ti1.7P3O12")
LITTLE = 2e9
"""Bytes of free room below which a long screen or a field file may not fit."""


def speed() -> dict[str, Any]:
    """Two pieces of anolyte's work as multiples of a plain Python loop in the same run.

    `window` is one stability window from the embedded energies, nothing remembered; `cells` is how
    many times faster a step of diffusion runs over an array than over its cells one by one.
    """
    plain = _best(_loop)
    return {
        "plain_loop": {"value": plain, "unit": "s"},
        "window_by_loop": _windows() / plain,
        "cells_by_loop": _slow_cell() / (_best(_diffuse) / SIDE**2),
    }


def _best(work: Callable[[], Any]) -> float:
    """CPU seconds of the quickest run: what else the computer does stays out of it."""
    spent = []
    for _ in range(REPEATS):
        begun = time.process_time()
        work()
        spent.append(time.process_time() - begun)
    return max(min(spent), 1e-9)


def _loop() -> float:
    """The plain reference: additions, one after the other."""
    total = 0.0
    for k in range(ADDITIONS):
        total += 0.5 * k
    return total


def _windows() -> float:
    """CPU seconds of one window."""
    from dataclasses import replace

    from anolyte.laws.equilibrium import lithium_ladder
    from anolyte.materials import formula, phases

    def every() -> None:
        fresh = replace(phases.embedded())  # what was found before stays with the other table
        for name in WINDOWS:
            lithium_ladder(fresh, formula.parse(name), name)

    return _best(every) / len(WINDOWS)


def _diffuse() -> Any:
    """One step of diffusion on a square of cells, with numpy."""
    import numpy as np

    u = np.linspace(0.0, 1.0, SIDE * SIDE).reshape(SIDE, SIDE)
    for _ in range(10):
        u[1:-1, 1:-1] += 0.02 * (
            u[2:, 1:-1] + u[:-2, 1:-1] + u[1:-1, 2:] + u[1:-1, :-2] - 4.0 * u[1:-1, 1:-1]
        )
    return u


def _slow_cell() -> float:
    """CPU seconds of the same ten steps of one cell, in a plain loop."""
    side = 32
    u = [[(i + j) / 64.0 for j in range(side)] for i in range(side)]

    def steps() -> None:
        for _ in range(10):
            for i in range(1, side - 1):
                row, above, below = u[i], u[i + 1], u[i - 1]
                for j in range(1, side - 1):
                    row[j] += 0.02 * (above[j] + below[j] + row[j + 1] + row[j - 1] - 4.0 * row[j])

    return _best(steps) / (side - 2) ** 2


def gpu() -> dict[str, Any]:
    """Whether fields can run on a GPU, and what is missing where they cannot."""
    from anolyte.numerics.device import why_no_gpu

    missing = why_no_gpu()
    return {"found": not missing, "missing": missing or None}


def browser() -> dict[str, Any]:
    """The browser that draws figures for print; None: none is found."""
    from anolyte.faces import print_figure

    return {
        "found": print_figure.browser(),
        "for": "figures as .svg, .pdf, .png",
        "install": f"Debian: apt install chromium; or name one in {print_figure.WHERE}",
    }


def room() -> dict[str, Any]:
    """Free bytes where results and kept answers go, and whether they can be written."""
    from anolyte.materials.remote.cache import folder

    found = {}
    for what, place in (("here", Path.cwd()), ("answers of databases", folder())):
        there = next(p for p in (place, *place.parents) if p.exists())
        found[what] = {
            "free": {"value": shutil.disk_usage(there).free, "unit": "B"},
            "writable": os.access(there, os.W_OK),
        }
    return found


def cores() -> int:
    """Processors that this process may use."""
    count = getattr(os, "sched_getaffinity", None)
    return len(count(0)) if count else os.cpu_count() or 1
