"""What is found of arcs: each one's process and properties, and the electrolyte's conductivity."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from anolyte.core.result import Result, quantity
from anolyte.measure.processes.conductivity import Published
from anolyte.measure.resistance import FaceResistance, TotalResistance


@dataclass(frozen=True)
class Process(Result):
    """One arc with its meaning.

    Args:
        name: Of the arc.
        best, second: Most probable classes; "not assigned" without area and thickness.
        classes, probabilities: All classes, the most probable first.
        decided_by: What measurement would tell the two best apart; empty: nothing is known.
        resolved: False where a neighbour overlaps so much that only their sum is known well.
        contact_suspected: Whether it may be contact geometry; `warnings` of the result say why.
        face: Resistance times area of one interface; None: not of a face, or not known.
        total: Of all interfaces.
        resistance: Of the cell, ohm.
        capacitance: Of the cell, F.
        time_constant: s.
        line_capacitance: C L/A, F/m.
        area_capacitance: Of one interface, F/m2.
        conductivity, conductivity_error: L/(R A) of bulk and boundary, S/m.
        permittivity: C L/(A eps_0), of a bulk.
        grain_ratio: Of a boundary: grain size over boundary thickness by the brick layer, C/C_bulk.
        boundary_conductivity: Of the boundary itself by the brick layer, S/m.
        thinnest, thickest: Of an interphase from its capacitance, m.
    """

    name: str
    best: str
    second: str
    classes: tuple[str, ...]
    probabilities: tuple[float, ...]
    decided_by: str
    resolved: bool
    contact_suspected: bool
    face: FaceResistance | None
    total: TotalResistance | None
    resistance: float = quantity("resistance")
    capacitance: float = quantity("capacitance")
    time_constant: float = quantity("time")
    line_capacitance: float | None = quantity("line_capacitance", default=None)
    area_capacitance: float | None = quantity("area_capacitance", default=None)
    conductivity: float | None = quantity("conductivity", default=None)
    conductivity_error: float | None = quantity("conductivity", default=None)
    permittivity: float | None = None
    grain_ratio: float | None = None
    boundary_conductivity: float | None = quantity("conductivity", default=None)
    thinnest: float | None = quantity("length", default=None)
    thickest: float | None = quantity("length", default=None)

    @property
    def probability(self) -> float:
        """Of the best class."""
        return self.probabilities[0] if self.probabilities else 0.0

    def to_row(self) -> dict[str, Any]:
        """Its numbers as one row of a table."""
        return Result.rows(self)[0] | {"probability": self.probability}


@dataclass(frozen=True)
class ProcessResult(Result):
    """What the arcs of a spectrum are.

    Args:
        processes: One an arc, in order of time constant.
        normalised: Whether area and thickness were given.
        published: Of the electrolyte, from the library; None: not known.
        bulk: Conductivity of the bulk, S/m; None: no arc is one.
        bulk_error: Standard deviation, S/m.
        with_boundaries: Conductivity of bulk and grain boundaries together, S/m.
        with_boundaries_error: Standard deviation from independent errors, S/m; where arcs overlap
            their sum is known better than this.
        warnings: One sentence each.
        sources: Citation keys of bands, priors and published values.
    """

    processes: tuple[Process, ...]
    normalised: bool
    published: Published | None = None
    bulk: float | None = quantity("conductivity", default=None)
    bulk_error: float | None = quantity("conductivity", default=None)
    with_boundaries: float | None = quantity("conductivity", default=None)
    with_boundaries_error: float | None = quantity("conductivity", default=None)
    warnings: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()

    references: ClassVar[tuple[str, ...]] = (
        "irvine1990electroceramics", "hirschorn2010cpe", "fleig1999brick",
        "eckhardt2022dynamic", "constriction2024argyrodite",
    )  # fmt: skip

    def named(self, kind: str) -> tuple[Process, ...]:
        """Processes whose best class is this one."""
        return tuple(p for p in self.processes if p.best == kind)

    def rows(self) -> list[dict[str, Any]]:
        """One row an arc."""
        out = []
        for p in self.processes:
            faces = {"face": p.face, "both": p.total}
            out.append(p.to_row() | {k: None if v is None else str(v) for k, v in faces.items()})
        return out
