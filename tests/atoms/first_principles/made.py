"""Made outputs in the documented formats, with numbers of our own."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np

from anolyte.atoms.first_principles.jobs import Cell, Job, Settings

SETTINGS = Settings(
    "PBE", 600.0, 4800.0, 0.3, 0.1, pseudopotentials=(("Li", "Li.upf"), ("F", "F.upf"))
)
CELL = Cell(
    ((0.0, 2.0, 2.0), (2.0, 0.0, 2.0), (2.0, 2.0, 0.0)),
    ("Li", "F"),
    ((0.0, 0.0, 0.0), (0.5, 0.5, 0.5)),
)
JOB = Job("LiF", "LiF", "electrolyte", "a test", "LiF")
SLAB_CELL = Cell(
    ((4.0, 0.0, 0.0), (0.0, 4.0, 0.0), (0.0, 0.0, 30.0)),
    ("Li", "F"),
    ((0.0, 0.0, 0.4), (0.5, 0.5, 0.6)),
)
SLAB = Job("LiF_001", "LiF", "slab", "a test", "LiF", surface="001")
BOHR, HARTREE = 0.529177210903, 27.211386245988


def xml(
    cell: Cell = CELL,
    *,
    energy=-700.0,
    edges=(-3.0, 6.0),
    fermi=1.0,
    achieved="true",
    settings: Settings = SETTINGS,
    points=2,
) -> str:
    """`data-file-schema.xml` of two bands."""
    vectors = np.array(cell.vectors) / BOHR
    places = np.array(cell.positions) @ vectors
    row = lambda v: " ".join(f"{x:.12e}" for x in v)  # noqa: E731
    atoms = "".join(
        f'<atom name="{e}" index="{i}">{row(p)}</atom>'
        for i, (e, p) in enumerate(zip(cell.species, places, strict=True), 1)
    )
    axes = "".join(f"<a{i}>{row(v)}</a{i}>" for i, v in enumerate(vectors, 1))
    bands = "".join(
        f'<ks_energies><k_point weight="1.0">0 0 {k}</k_point><npw>9</npw>'
        f'<eigenvalues size="2">{row([(edges[0] - k) / HARTREE, (edges[1] + k) / HARTREE])}'
        '</eigenvalues><occupations size="2">1.0 0.0</occupations></ks_energies>'
        for k in range(points)
    )
    files = "".join(
        f'<species name="{e}"><pseudo_file>{f}</pseudo_file></species>'
        for e, f in settings.pseudopotentials
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<qes:espresso xmlns:qes="http://www.quantum-'
        'espresso.org/ns/qes/qes-1.0"><general_info><creator NAME="PWSCF" VERSION="7.2">x</creator>'
        f"</general_info><input><atomic_species>{files}</atomic_species></input><output>"
        f"<convergence_info><scf_conv><convergence_achieved>{achieved}</convergence_achieved>"
        f"</scf_conv></convergence_info><atomic_structure nat=\"{len(cell.species)}\">"
        f"<atomic_positions>{atoms}</atomic_positions><cell>{axes}</cell></atomic_structure>"
        f"<dft><functional>{settings.functional}</functional></dft><basis_set><ecutwfc>"
        f"{settings.cutoff / HARTREE!r}</ecutwfc><ecutrho>{settings.density_cutoff / HARTREE!r}"
        f"</ecutrho></basis_set><total_energy><etot>{energy / HARTREE!r}</etot></total_energy>"
        f"<band_structure><nbnd>2</nbnd><fermi_energy>{fermi / HARTREE!r}</fermi_energy>{bands}"
        "</band_structure></output></qes:espresso>\n"
    )  # fmt: skip


def out(end: str = "   JOB DONE.\n") -> str:
    """The text of pw.x at fixed atoms, as far as it is read."""
    return f"""
     Program PWSCF v.7.2 starts on  1Jan2026 at  0: 0: 0
     lattice parameter (alat)  =       7.5589  a.u.
     kinetic-energy cutoff     =      44.0992  Ry
     charge density cutoff     =     352.7940  Ry
     Exchange-correlation= PBE
               a(1) = (   0.000000   0.500000   0.500000 )
               a(2) = (   0.500000   0.000000   0.500000 )
               a(3) = (   0.500000   0.500000   0.000000 )
         1           Li  tau(   1) = (   0.0000000   0.0000000   0.0000000  )
         2           F   tau(   2) = (   0.5000000   0.5000000   0.5000000  )
     highest occupied, lowest unoccupied level (ev):    -3.0000    6.0000
!    total energy              =     -51.44905700 Ry
     convergence has been achieved in   9 iterations
{end}"""


def average(level: float = 4.0, length: float = 30.0, count: int = 600) -> str:
    """`avg.dat` (bohr, Ry) of a slab in the middle of a cell with a level outside."""
    z = np.arange(count) / count * length
    well = level - 12.0 * np.exp(-(((z - length / 2) / 3.0) ** 4))
    rows = zip(z / BOHR, well / (HARTREE / 2), strict=True)
    return "".join(f"{a:12.9f} {b:12.9f} {b:12.9f}\n" for a, b in rows)


def job_of(folder: Path, *, text: str | None = None, job: Job = JOB, prefix="scf") -> Path:
    """A folder with what pw.x leaves."""
    (folder / f"{prefix}.save").mkdir(parents=True, exist_ok=True)
    made = text if text is not None else xml(SLAB_CELL if job.surface else CELL)
    (folder / f"{prefix}.save" / "data-file-schema.xml").write_text(made)
    (folder / f"{prefix}.out").write_text(out())
    if job.surface:
        (folder / "avg.dat").write_text(average())
    return folder


def gpaw(**changes) -> str:
    """`result.json` of job.py."""
    return json.dumps({
        "version": "25.1", "functional": "PBE", "cutoff": 600.0, "converged": True,
        "energy": -9.0, "fermi": 1.0, "states": [[[[-3.0, 1.0], [6.0, 0.0]]]],
        "species": ["Li", "F"], "vectors": CELL.vectors, "positions": CELL.positions,
    } | changes)  # fmt: skip


def with_digest(job: Job, code: str) -> Job:
    """The job as `write` stamps it."""
    return replace(job, digest=SETTINGS.digest(code))
