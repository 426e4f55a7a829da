"""The cell of an interface under current: a ramp to its critical current, or a few cycles."""

from __future__ import annotations

import json
from dataclasses import replace
from enum import StrEnum
from typing import Any

from fastapi import APIRouter

from anolyte.core.units import show
from anolyte.faces import figures, half_cells, host_runs, runs
from anolyte.faces.web.asked import Asked, Question
from anolyte.faces.web.once import Once
from anolyte.materials.library import Library
from anolyte.materials.protocol import cycling
from anolyte.studies.cell import Cell

CYCLES = 3
DRAWS = 64


class Program(StrEnum):
    """What is done to the cell; the usual: a ramp, or cycles of a host."""

    USUAL = "usual"
    RAMP = "ramp"
    CYCLES = "cycles"


def run(question: Asked, lib: Library, program: Program) -> dict[str, Any]:
    """What becomes of a cell: headline, rows, doubts and figure; a host has no ramp."""
    found = question.cell(lib)
    cell = Cell(interface=found.interface, conditions=found.conditions, lib=lib)
    offered = [Program.CYCLES] if half_cells.is_half_cell(cell) else [Program.RAMP, Program.CYCLES]
    program = offered[0] if program is Program.USUAL else program
    if program is Program.RAMP:
        result = cell.critical_current(draws=DRAWS)
        headline, rows = runs.critical_headline(result), runs.critical_rows(result)
    else:
        result = cell.run(_cycles(cell))
        headline, rows = _ended(result), runs.run_rows(result)
    drawn = json.loads(figures.figure(result).to_json())
    doubts = [*getattr(result, "warnings", ())]
    return {
        "program": program, "offered": offered, "headline": headline, "rows": rows,
        "doubts": doubts, "figure": drawn,
    }  # fmt: skip


def _cycles(cell: Cell) -> Any:
    """A few cycles at the conditions; a host is filled and emptied between cut-offs."""
    current = show(cell.conditions.current_density, "current_density")
    charge = show(cell.conditions.areal_capacity, "areal_capacity")
    if half_cells.is_half_cell(cell):
        return half_cells.lithiation(
            cell, current, capacity=None, cycles=CYCLES, rest="0 s", down=None, up=None
        )
    name = f"{CYCLES} cycles of {charge} at {current}"
    return replace(cycling(current, charge=charge, cycles=CYCLES), name=name)


def _ended(result: Any) -> str:
    if host_runs.is_host(result):
        return host_runs.ended(result)
    if not result.events:
        return f"{result.protocol}: carried through to the end"
    first = result.events[0]
    return f"{result.protocol}: {first.kind} after {first.time / 3600:.3g} h"


def router(lib: Library) -> APIRouter:
    """What is offered of cells under current."""
    made, found = Once(), APIRouter(tags=["interface"])

    @found.get("/api/interface/run", summary="The cell under a current ramp, or cycled")
    def of_run(cell: Question, program: Program = Program.USUAL) -> dict[str, Any]:
        return made.get((cell, program), lambda: run(cell, lib, program))

    return found
