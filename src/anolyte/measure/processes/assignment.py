r"""Which process each arc is, as a probability, and what follows for the electrolyte and its faces.

Bulk and boundaries are compared by $C L / A$, faces by the capacitance of one interface,
$n C / A$ with n interfaces alike in series; resistances become conductivities and typed face
resistances. Without area and thickness everything stays in ohm and farad, and says so.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from anolyte.core.errors import AnolyteError, DataError
from anolyte.laws.space_charge import VACUUM_PERMITTIVITY
from anolyte.materials import library
from anolyte.materials import processes as data
from anolyte.materials.library import Library
from anolyte.materials.processes import ProcessClass, Processes, Suspect
from anolyte.materials.schema import Electrolyte
from anolyte.measure.arcs import Arc
from anolyte.measure.processes.answer import Process, ProcessResult
from anolyte.measure.processes.conductivity import Published, beside, published
from anolyte.measure.processes.contact_geometry import suspicion
from anolyte.measure.processes.evidence import SeriesEvidence
from anolyte.measure.processes.probabilities import (
    DECADE,
    Normalised,
    ProcessSettings,
    ReferenceEnergy,
    allowed,
    capacitance_weight,
    evidence_weight,
    marginals,
)
from anolyte.measure.resistance import CellResistance, FaceResistance
from anolyte.measure.setup import BLOCKING, Setup

__all__ = ["UNDECIDED", "Process", "ProcessResult", "assign"]

UNDECIDED = "not assigned"


@dataclass(frozen=True)
class _Cell:
    """What the setup gives of the cell."""

    setup: Setup
    material: Electrolyte | None
    faces: float
    faces_error: float
    sides: tuple[bool, ...]
    told: tuple[str, ...]


def assign(
    arcs: Sequence[Arc],
    setup: Setup,
    evidence: SeriesEvidence | None = None,
    intercept: CellResistance | None = None,
    settings: ProcessSettings | None = None,
    lib: Library | None = None,
) -> ProcessResult:
    """The process behind each arc, with probability, properties and what would decide.

    Args:
        arcs: Of one spectrum, from a fit or a spectrum of relaxation times.
        setup: Area, thickness, electrodes, temperature, electrolyte; nothing is assumed.
        evidence: What series over thickness, pressure, temperature or time say of the same arcs.
        intercept: Resistance left at the highest frequency: the bulk where its arc lies beyond.
        settings: Thresholds.
        lib: Where the electrolyte is looked up; None: the package's library.

    Raises:
        DataError: An arc without a positive capacitance.

    >>> arcs = [Arc("R1", 254.65, 3.5e-11, 8.9e-9), Arc("R3", 120.0, 2e-6, 2.4e-4)]
    >>> cell = Setup(area="0.7854 cm2", thickness="1 mm", electrodes="Li|Li")
    >>> [p.best for p in assign(arcs, cell).processes]
    ['bulk', 'charge transfer']
    """
    s, table = settings or ProcessSettings(), data.read()
    for arc in arcs:
        if not (math.isfinite(arc.capacitance) and arc.capacitance > 0.0):
            raise DataError(f"arc {arc.name}: a capacitance of {arc.capacitance:g} F; fit it again")
    ordered = sorted(arcs, key=lambda a: a.time_constant)
    cell = _cell(setup, s, lib)
    if setup.area is None or setup.thickness is None:
        return _raw(ordered, setup)
    classes = [c for c in table.classes if not c.left_out or c.name in s.left_in]
    sizes = [_normalised(a, cell) for a in ordered]
    bulk, probabilities = _probabilities(ordered, sizes, classes, cell, evidence, s)
    found = [
        _process(a, n, p, classes, table, cell, s)
        for a, n, p in zip(ordered, sizes, probabilities, strict=True)
    ]
    found = _bricks(found, setup)
    found, suspicions = _suspect_contact(found, table, cell, evidence, bulk, s)
    return _gathered(found, cell, intercept, (*cell.told, *suspicions), s, lib)


def _cell(setup: Setup, s: ProcessSettings, lib: Library | None) -> _Cell:
    """Number of faces, kinds of electrodes and material, each as far as it is known."""
    told: list[str] = []
    faces, error, sides = 1.0, 0.0, ()
    if setup.electrodes is None:
        faces, error = math.sqrt(2.0), s.unknown_faces
        told.append(
            "the electrodes are not given: a face may be one of one or two, so no resistance of a "
            "face is told; give --electrodes 'Li|Li'"
        )
    else:
        sides = tuple(side in BLOCKING for side in setup.sides)
        try:
            faces = float(setup.interfaces)
        except AnolyteError as problem:
            told.append(str(problem))
    material = None
    if setup.electrolyte is not None:
        try:
            material = (lib or library.default()).electrolyte(setup.electrolyte)
        except AnolyteError as problem:
            told.append(f"electrolyte not found, so nothing published is compared: {problem}")
    return _Cell(setup, material, faces, error, sides, tuple(told))


def _raw(arcs: Sequence[Arc], setup: Setup) -> ProcessResult:
    """Arcs as they are where they cannot be normalised."""
    missing = [n for n in ("area", "thickness") if getattr(setup, n) is None]
    found = tuple(
        Process(a.name, UNDECIDED, "", (), (), "", a.resolved, False, None, None, a.resistance,
                a.capacitance, a.time_constant)
        for a in arcs
    )  # fmt: skip
    text = (
        f"{' and '.join(missing)} not given: values stay in Ω and F, and no arc is assigned, for "
        "capacitances compare only per area and thickness"
    )
    return ProcessResult(found, False, warnings=(text,))


def _normalised(arc: Arc, cell: _Cell) -> Normalised:
    area, thickness = cell.setup.need("area"), cell.setup.need("thickness")
    c = arc.capacitance
    return Normalised(c * thickness / area, c * cell.faces / area,
                      (arc.capacitance_error or 0.0) / DECADE, cell.faces_error)  # fmt: skip


def _probabilities(
    arcs: Sequence[Arc], sizes: Sequence[Normalised], classes: Sequence[ProcessClass],
    cell: _Cell, evidence: SeriesEvidence | None, s: ProcessSettings,
) -> tuple[ReferenceEnergy | None, np.ndarray]:  # fmt: skip
    """First without energies, to find the bulk; then with them, held against it."""
    family = "" if cell.material is None else cell.material.family
    plain = np.array(
        [
            [
                c.prior * c.families.get(family, 1.0) * capacitance_weight(c, n, s)
                * allowed(c, a, cell.sides)
                for c in classes
            ]
            for a, n in zip(arcs, sizes, strict=True)
        ]
    )  # fmt: skip
    if not len(arcs):
        return None, plain
    orders = [c.order for c in classes]
    first = _followed(plain, arcs, classes, evidence, {})
    chance = marginals(first, orders, s)
    names = [c.name for c in classes]
    which = int(np.argmax(chance[:, names.index("bulk")]))
    own = None if evidence is None else evidence.of(arcs[which].name)
    literature = _literature(cell.material)
    bulk = literature
    if own is not None and own.energy is not None and chance[which, names.index("bulk")] > 0.5:
        bulk = ReferenceEnergy(own.energy, own.energy_error)
    held = {a.name: bulk for a in arcs} | {arcs[which].name: literature}
    second = _followed(plain, arcs, classes, evidence, held)
    return bulk, marginals(second, orders, s)


def _followed(
    plain: np.ndarray, arcs: Sequence[Arc], classes: Sequence[ProcessClass],
    evidence: SeriesEvidence | None, energies: dict[str, ReferenceEnergy | None],
) -> np.ndarray:  # fmt: skip
    """Weights times what the series say."""
    if evidence is None:
        return plain
    factors = [
        [evidence_weight(c, evidence.of(a.name), energies.get(a.name)) for c in classes]
        for a in arcs
    ]
    return plain * np.array(factors)


def _literature(material: Electrolyte | None) -> ReferenceEnergy | None:
    if material is None or not material.has("activation_energy"):
        return None
    value = material.need("activation_energy")
    return ReferenceEnergy(value.si, value.sigma or 0.0)


def _process(
    arc: Arc, n: Normalised, chance: np.ndarray, classes: Sequence[ProcessClass],
    table: Processes, cell: _Cell, s: ProcessSettings,
) -> Process:  # fmt: skip
    """An arc with what its best class makes of its numbers."""
    order = np.argsort(-chance, kind="stable")
    best, second = classes[int(order[0])], classes[int(order[1])]
    found = Process(
        arc.name, best.name, second.name, tuple(classes[int(k)].name for k in order),
        tuple(float(chance[int(k)]) for k in order), table.decide(best.name, second.name),
        arc.resolved, False, None, None, arc.resistance, arc.capacitance, arc.time_constant,
        n.line, None if cell.faces_error else n.face,
    )  # fmt: skip
    whole = CellResistance(arc.resistance, _times(arc.resistance_error, arc.resistance))
    if best.normalised_by == "volume":
        value, error = whole.conductivity(cell.setup)
        found = replace(found, conductivity=value, conductivity_error=error)
    if best.normalised_by == "face" and not cell.faces_error:
        if math.isfinite(whole.value):  # a blocking end has no resistance
            found = replace(found, total=whole.total(cell.setup), face=_face(whole, cell.setup))
    if best.name == "bulk":
        found = replace(found, permittivity=n.line / VACUUM_PERMITTIVITY)
    if best.name == "interphase":
        low, high = (VACUUM_PERMITTIVITY * e / n.face for e in s.permittivity)
        found = replace(found, thinnest=low, thickest=high)
    return found


def _face(whole: CellResistance, setup: Setup) -> FaceResistance | None:
    try:
        return whole.face(setup)
    except AnolyteError:
        return None


def _times(relative: float | None, value: float) -> float | None:
    return None if relative is None else relative * value


def _bricks(found: list[Process], setup: Setup) -> list[Process]:
    r"""Boundaries beside the bulk by the brick layer of cubes with thin, blocking walls.

    $$ \frac{D}{\delta} = \frac{C_\mathrm{gb}}{C_b}, \qquad
       \sigma_\mathrm{wall} = \frac{L}{R_\mathrm{gb} A}\,\frac{\delta}{D} $$

    with equal permittivities of grain and wall.
    """
    bulk = next((p for p in found if p.best == "bulk"), None)
    if bulk is None:
        return found
    out = []
    for p in found:
        if p.best == "grain boundary" and p.capacitance > bulk.capacitance:
            ratio = p.capacitance / bulk.capacitance
            wall = None if p.conductivity is None else p.conductivity / ratio
            out.append(replace(p, grain_ratio=ratio, boundary_conductivity=wall))
        else:
            out.append(p)
    return out


def _suspect_contact(
    found: list[Process], table: Processes, cell: _Cell, evidence: SeriesEvidence | None,
    bulk: ReferenceEnergy | None, s: ProcessSettings,
) -> tuple[list[Process], tuple[str, ...]]:  # fmt: skip
    """Arcs of a face that may be contact geometry instead, and why."""
    suspect = _suspect(table, cell)
    told = [
        suspicion(p.name, p.best, evidence.of(p.name) if evidence else None, bulk, suspect, s)
        for p in found
    ]
    marked = [replace(p, contact_suspected=bool(w)) for p, w in zip(found, told, strict=True)]
    return marked, tuple(w for w in told if w)


def _suspect(table: Processes, cell: _Cell) -> Suspect | None:
    """The entry for this electrolyte, beside electrodes that take lithium."""
    if cell.material is None or all(cell.sides or (True,)):
        return None
    try:
        return table.suspect(cell.material.composition)
    except AnolyteError:
        return None


def _gathered(
    found: list[Process], cell: _Cell, intercept: CellResistance | None,
    told: tuple[str, ...], s: ProcessSettings, lib: Library | None,
) -> ProcessResult:  # fmt: skip
    """Conductivities of the electrolyte, what is published beside them, and what is doubtful."""
    warnings = list(told)
    bulk = [_whole(p) for p in found if p.best in ("bulk", "ferroelectric bulk")]
    if intercept is not None and not bulk:
        bulk = [intercept]
        warnings.append(
            f"no arc is a bulk: the intercept of {intercept} is taken as the bulk, cables and "
            "contacts included, and boundaries too where no arc is one"
        )
    elif intercept is not None and intercept.value > s.slight * bulk[0].value:
        warnings.append(f"a series resistance of {intercept} beside the bulk's arc is not counted")
    rest = [_whole(p) for p in found if p.best in ("grain boundary", "second phase")]
    inner = _conductivity(bulk, cell.setup)
    both = _conductivity([*bulk, *rest], cell.setup) if bulk else (None, None)
    reports = published(cell.setup, lib)
    if isinstance(reports, Published) and both[0] is not None:
        if text := beside(both[0], reports, "conductivity of bulk and boundaries"):
            warnings.append(text)
    elif isinstance(reports, str) and cell.setup.electrolyte is not None:
        warnings.append(reports)
    warnings += [t for p in found if (t := _doubt(p, s))]
    known = reports if isinstance(reports, Published) else None
    return ProcessResult(
        tuple(found), True, known, inner[0], inner[1], both[0], both[1], tuple(warnings),
        () if known is None else known.sources,
    )  # fmt: skip


def _doubt(p: Process, s: ProcessSettings) -> str:
    """What a reader must know of an arc's class."""
    if p.probability < s.doubtful:
        by = f"; to decide, measure {p.decided_by}" if p.decided_by else ""
        return (
            f"{p.name} is {p.best} ({p.probability:.0%}) or {p.second} "
            f"({p.probabilities[1]:.0%}){by}"
        )
    if not p.resolved and p.best in ("bulk", "grain boundary"):
        return f"{p.name} ({p.best}) overlaps a neighbour; only their sum is known well"
    return ""


def _whole(p: Process) -> CellResistance:
    error = None
    if p.conductivity and p.conductivity_error is not None:
        error = p.resistance * p.conductivity_error / p.conductivity
    return CellResistance(p.resistance, error)


def _conductivity(
    parts: Sequence[CellResistance], setup: Setup
) -> tuple[float | None, float | None]:
    """Of resistances in series."""
    if not parts:
        return None, None
    errors = [p.sigma for p in parts]
    sigma = None
    if all(e is not None for e in errors):
        sigma = math.sqrt(sum(e * e for e in errors if e is not None))
    return CellResistance(sum(p.value for p in parts), sigma).conductivity(setup)
