"""GPAW: scripts that it runs, and what they leave read back.

GPAW itself is not imported: a job is a Python script for the user's own installation. It writes
what it found to `result.json` and `potential.dat`, beside GPAW's own log `job.txt`.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from anolyte.atoms.first_principles.jobs import Cell, Job, Settings
from anolyte.atoms.first_principles.outcome import Outcome, checked, edges
from anolyte.atoms.first_principles.profile import read_profile
from anolyte.core.errors import DataError

MAX_BYTES = 50_000_000


@dataclass(frozen=True)
class Gpaw:
    """GPAW with plane waves; the density cutoff and the pseudopotentials are its own."""

    @property
    def name(self) -> str:
        return "GPAW"

    def write(self, cell: Cell, job: Job, settings: Settings) -> dict[str, str]:
        """`job.py`: relaxation, then the energy at the relaxed cell's own plane waves."""
        if job.molecule:
            points = (1, 1, 1)
        else:
            a, b, c = cell.kpoints(settings.spacing)
            points = (a, b, 1 if job.surface else c)
        parameters = {
            "mode": {"name": "pw", "ecut": settings.cutoff},
            "xc": settings.functional,
            "kpts": {"size": points, "gamma": True},
            "occupations": {"name": "marzari-vanderbilt", "width": settings.smearing},
            "convergence": {"bands": "CBM+1.0"},  # else the empty states need not be converged
            "txt": "job.txt",
        }
        spin = settings.spin or (job.molecule and job.formula == "O2")
        if spin:
            parameters["spinpol"] = True
        if hubbard := {s.split("-")[0]: _shell(s, u) for s, u in settings.hubbard}:
            parameters["setups"] = {e: u for e, u in hubbard.items() if e in cell.species}
        if job.surface:
            parameters["poissonsolver"] = {"dipolelayer": "xy"}
        moment = 1.0 if job.formula == "O2" else 0.6
        text = _SCRIPT.format(
            name=job.name,
            vectors=_rows(cell.vectors),
            species=list(cell.species),
            positions=_rows(cell.positions),
            parameters=repr(parameters),
            moments=[moment] * len(cell.species) if spin else None,
            functional=settings.functional,
            cutoff=settings.cutoff,
            surface=bool(job.surface),
            periodic=not job.surface,  # the dipole layer needs an open third direction
            whole_cell=not (job.surface or job.molecule),
        )
        return {"job.py": text}

    def command(self, job: Job) -> str:
        """Shell line; `$GPAW` is how a script is run, such as `mpirun -n 8 gpaw python`."""
        return "$GPAW job.py > job.log 2>&1"

    def follow(self, folder: Path, job: Job, settings: Settings) -> dict[str, str]:
        """Nothing: the script runs to the end by itself."""
        return {}

    def read(self, folder: Path, job: Job, settings: Settings) -> Outcome:
        """What `job.py` wrote to `result.json`; of a slab, `potential.dat`, too."""
        path = folder / "result.json"
        if not path.is_file():
            raise DataError(f"{job.name}: {_why(folder)}")
        data = _json(path, job.name)
        average = read_profile(folder / "potential.dat") if job.surface else None
        try:
            outcome = _outcome(data, average)
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
            what = f"{type(error).__name__}: {error}"[:80]
            raise DataError(
                f"{job.name}: result.json is not as job.py writes it ({what})"
            ) from None
        if data.get("converged") is not True:
            raise DataError(f"{job.name}: did not converge")
        return checked(outcome, job, settings)


def _outcome(data: dict[str, Any], average: Any) -> Outcome:
    a, b, c = ((float(x), float(y), float(z)) for x, y, z in data["vectors"])
    places = tuple((float(x), float(y), float(z)) for x, y, z in data["positions"])
    cell = Cell((a, b, c), tuple(str(e) for e in data["species"]), places)
    if len(places) != len(cell.species) or not cell.volume > 1e-3:
        raise ValueError("atoms without places, or no volume")
    valence, conduction = edges(_points(data["states"]), 1.0)
    return Outcome(
        energy=float(data["energy"]),
        cell=cell,
        fermi=float(data["fermi"]),
        valence_edge=valence,
        conduction_edge=conduction,
        code=f"GPAW {data.get('version', '')}".strip(),
        stated=(("functional", str(data["functional"])), ("cutoff", float(data["cutoff"]))),
        potential=average,
    )


def _points(spins: list[Any]) -> list[list[tuple[float, float]]]:
    """The states of each k-point, both spins together."""
    return [
        [(float(e), float(f)) for states in point for e, f in states]
        for point in zip(*spins, strict=True)
    ]


def _json(path: Path, name: str) -> dict[str, Any]:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise DataError(f"{name}: result.json is larger than {MAX_BYTES // 10**6} MB")
        data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        raise DataError(f"{name}: result.json is truncated: was the job killed?") from None
    if not isinstance(data, dict):
        raise DataError(f"{name}: result.json is not as job.py writes it")
    return data


def _why(folder: Path) -> str:
    """One line on a job without a result, from what GPAW said to the shell."""
    said = folder / "job.log"
    text = said.read_text(errors="replace").strip() if said.is_file() else ""
    begun = (folder / "job.txt").is_file()
    if found := re.search(r'Could not find required PAW dataset file "?([\w.+-]{1,40})', text):
        return (
            f"the PAW data set {found.group(1).rstrip('.')} is missing: Debian's gpaw-data and "
            "`gpaw install-data` have those of LDA, PBE, RPBE and revPBE"
        )
    if "KohnShamConvergenceError" in text:
        return "the electrons did not converge"
    if text and ("Traceback" in text or not begun):
        return f"stopped: {text.splitlines()[-1][:120]}"
    return "job.txt breaks off: was the job killed?" if begun else "not run yet (no job.txt)"


def _shell(shell: str, u: float) -> str:
    """GPAW's spelling of a Hubbard U: `:d,4.0`."""
    return f":{shell[-1]},{u:g}"


def _rows(vectors: tuple[tuple[float, ...], ...]) -> str:
    return "[" + ", ".join("[" + ", ".join(f"{v:.10f}" for v in r) + "]" for r in vectors) + "]"


_SCRIPT = '''\
"""{name}: written by `anolyte dft write`; needs ase and gpaw."""
import json

import gpaw
from ase import Atoms
from ase.optimize import BFGS
from ase.parallel import paropen

try:
    from ase.filters import FrechetCellFilter as CellFilter
except ImportError:  # ase before 3.23
    from ase.constraints import ExpCellFilter as CellFilter

atoms = Atoms({species}, cell={vectors}, scaled_positions={positions}, pbc=(True, True, {periodic}))
parameters = {parameters}
moments = {moments}
if moments is not None:
    atoms.set_initial_magnetic_moments(moments)
atoms.calc = gpaw.GPAW(**parameters)
moving = CellFilter(atoms) if {whole_cell} else atoms
converged = bool(BFGS(moving, logfile="relax.log").run(fmax=0.03, steps=200))
if {whole_cell}:  # plane waves of the relaxed cell
    atoms.calc = gpaw.GPAW(**(parameters | {{"txt": "final.txt"}}))
calc, energy = atoms.calc, atoms.get_potential_energy()
spins, states = calc.get_number_of_spins(), []
for spin in range(spins):
    states.append([])
    for k, weight in enumerate(calc.get_k_point_weights()):
        energies = calc.get_eigenvalues(kpt=k, spin=spin)
        filled = calc.get_occupation_numbers(kpt=k, spin=spin) / (2.0 / spins * weight)
        states[spin].append([[float(e), float(f)] for e, f in zip(energies, filled)])
if {surface}:
    potential = calc.get_electrostatic_potential().mean(axis=(0, 1))
    step = atoms.cell[2, 2] / len(potential)
    with paropen("potential.dat", "w") as file:
        for i, value in enumerate(potential):
            file.write(f"{{i * step:.9f}} {{value:.9f}}\\n")
result = {{
    "version": gpaw.__version__, "functional": "{functional}", "cutoff": {cutoff},
    "converged": converged, "energy": float(energy), "fermi": float(calc.get_fermi_level()),
    "states": states, "species": list(atoms.symbols), "vectors": atoms.cell.tolist(),
    "positions": atoms.get_scaled_positions().tolist(),
}}
with paropen("result.json", "w") as file:
    json.dump(result, file)
'''
