"""Quantum ESPRESSO: inputs of pw.x, pp.x and average.x, and the way back.

A bulk job relaxes cell and atoms (`relax.in`) and ends with a calculation at fixed plane waves of
the relaxed cell (`scf.in`, written by `follow` once the relaxation is there): energies of one
table then belong to one cutoff. A slab is relaxed at fixed cell with a dipole correction
(Bengtsson, Phys. Rev. B 1999, 59, 12301), and its electrostatic potential averaged over planes.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from anolyte.atoms.first_principles.espresso_output import (
    ended,
    read_xml,
    why_it_stopped,
)
from anolyte.atoms.first_principles.jobs import Cell, Job, Settings
from anolyte.atoms.first_principles.outcome import Outcome, checked
from anolyte.atoms.first_principles.profile import BOHR, RYDBERG, read_profile
from anolyte.core.errors import DataError
from anolyte.materials.formula import ATOMIC_WEIGHTS

SMOOTHING = 5.0  # bohr: window of average.x; `dft read` smooths by itself where it needs to
TRIPLET = {"O2": 2.0}


@dataclass(frozen=True)
class QuantumEspresso:
    """pw.x with pp.x and average.x.

    Args:
        folder: Where the pseudopotentials lie when the jobs run.
        relaxed_slabs: Whether the atoms of a slab move; else it is cut of the bulk and stays.
    """

    folder: str = "./pseudo"
    relaxed_slabs: bool = True

    @property
    def name(self) -> str:
        return "Quantum ESPRESSO"

    def write(self, cell: Cell, job: Job, settings: Settings) -> dict[str, str]:
        """The inputs of a job; `scf.in` of a bulk job follows its relaxation."""
        named = dict(settings.pseudopotentials)
        if lacking := [e for e in cell.composition if not named.get(e)]:
            raise DataError(
                f"no pseudopotential is named for {', '.join(lacking)}: give --pseudopotentials, a "
                "folder with one UPF file an element (such as the SSSP library's) or a CSV with "
                "columns element,file"
            )
        if job.surface:
            still = "relax" if self.relaxed_slabs else "scf"
            return {
                "slab.in": self._input("slab", still, cell, job, settings),
                "pp.in": _POTENTIAL,
                "average.in": f"1\npotential.dat\n1.0\n2000\n3\n{SMOOTHING}\n",
            }
        kind = "relax" if job.molecule else "vc-relax"
        return {"relax.in": self._input("relax", kind, cell, job, settings)}

    def command(self, job: Job) -> str:
        """Shell line; `$PW`, `$PP`, `$AVERAGE` and `$ANOLYTE` name the programs."""
        if job.surface:
            return (
                "$PW -in slab.in > slab.out && $PP -in pp.in > pp.out && "
                "$AVERAGE < average.in > average.out"
            )
        return (
            f"$PW -in relax.in > relax.out && $ANOLYTE dft next .. --job '{job.name}' && "
            "$PW -in scf.in > scf.out"
        )

    def follow(self, folder: Path, job: Job, settings: Settings) -> dict[str, str]:
        """`scf.in` on the relaxed cell."""
        if job.surface:
            return {}
        relaxed = self._outcome(folder, "relax", job)
        return {"scf.in": self._input("scf", "scf", relaxed.cell, job, settings)}

    def read(self, folder: Path, job: Job, settings: Settings) -> Outcome:
        """Energy, edges and levels; of a slab its averaged potential, too."""
        found = self._outcome(folder, "slab" if job.surface else "scf", job)
        if job.surface:
            average = read_profile(folder / "avg.dat", length=BOHR, energy=RYDBERG)
            found = replace(found, potential=average)
        return checked(found, job, settings)

    def _outcome(self, folder: Path, prefix: str, job: Job) -> Outcome:
        """From the XML, if the text says that the run came to its end."""
        text = folder / f"{prefix}.out"
        places = (folder / f"{prefix}.save" / "data-file-schema.xml", folder / f"{prefix}.xml")
        xml = next((p for p in places if p.is_file()), None)
        if not text.is_file() and xml is None:
            raise DataError(f"{job.name}: not run yet (no {prefix}.out)")
        if text.is_file() and not ended(text):
            raise DataError(f"{job.name}: {why_it_stopped(text)}")
        if xml is None:
            raise DataError(f"{job.name}: {places[0].relative_to(folder)} is gone (see outdir)")
        try:
            return read_xml(xml)
        except DataError as error:
            raise DataError(f"{job.name}: {error}") from None

    def _input(self, prefix: str, kind: str, cell: Cell, job: Job, settings: Settings) -> str:
        """One input file of pw.x."""
        elements = list(cell.composition)
        blocks = [
            _namelist("CONTROL", self._control(prefix, kind, job)),
            _namelist("SYSTEM", _system(cell, job, settings)),
            _namelist("ELECTRONS", {"conv_thr": 1e-9 * len(cell.species), "mixing_beta": 0.4}),
        ]
        blocks += [_namelist("IONS", {})] if kind != "scf" else []
        blocks += [_namelist("CELL", {"press_conv_thr": 0.5})] if kind == "vc-relax" else []
        named = dict(settings.pseudopotentials)
        blocks.append(_card("ATOMIC_SPECIES", [
            f"{e} {ATOMIC_WEIGHTS[e]:.4f} {named[e]}" for e in elements]))  # fmt: skip
        blocks.append(_card("CELL_PARAMETERS angstrom", [_numbers(v) for v in cell.vectors]))
        blocks.append(_card("ATOMIC_POSITIONS crystal", [
            f"{e} {_numbers(p)}" for e, p in zip(cell.species, cell.positions, strict=True)
        ]))  # fmt: skip
        blocks.append(_kpoints(cell, job, settings))
        if shells := [(s, u) for s, u in settings.hubbard if s.split("-")[0] in elements]:
            blocks.append(_card("HUBBARD ortho-atomic", [f"U {s} {u:.4f}" for s, u in shells]))
        return "\n".join(blocks)

    def _control(self, prefix: str, kind: str, job: Job) -> dict[str, object]:
        control: dict[str, object] = {
            "calculation": kind,
            "prefix": prefix,
            "outdir": ".",
            "pseudo_dir": self.folder,
            "title": job.name,
            "tprnfor": True,
            "forc_conv_thr": 1e-3,
            "etot_conv_thr": 1e-5,
        }
        if not job.surface:
            control["tstress"] = True
        if job.surface:
            control |= {"tefield": True, "dipfield": True}
        return control


def _system(cell: Cell, job: Job, settings: Settings) -> dict[str, object]:
    elements = list(cell.composition)
    system: dict[str, object] = {
        "ibrav": 0,
        "nat": len(cell.species),
        "ntyp": len(elements),
        "ecutwfc": round(settings.cutoff / RYDBERG, 6),
        "ecutrho": round(settings.density_cutoff / RYDBERG, 6),
        "occupations": "smearing",
        "smearing": "cold",
        "degauss": round(settings.smearing / RYDBERG, 8),
    }
    triplet = TRIPLET.get(job.formula) if job.molecule else None
    if triplet is not None:
        system |= {"nspin": 2, "tot_magnetization": triplet}
    elif settings.spin:
        system["nspin"] = 2
        system |= {f"starting_magnetization({i})": 0.3 for i in range(1, len(elements) + 1)}
    if job.surface:
        system |= {"edir": 3, "eamp": 0.0, "eopreg": 0.05, "emaxpos": _middle_of_vacuum(cell)}
    return system


def _middle_of_vacuum(cell: Cell) -> float:
    """Fraction of the third vector at which the dipole correction may jump."""
    heights = np.sort(np.array(cell.positions)[:, 2] % 1.0)
    gaps = np.diff(np.append(heights, heights[0] + 1.0))
    widest = int(np.argmax(gaps))
    # The jump's ramp begins at emaxpos and is eopreg wide.
    return round(float(heights[widest] + gaps[widest] / 2.0 - 0.025) % 1.0, 6)


def _kpoints(cell: Cell, job: Job, settings: Settings) -> str:
    a, b, c = (1, 1, 1) if job.molecule else cell.kpoints(settings.spacing)
    return _card("K_POINTS automatic", [f"{a} {b} {1 if job.surface else c} 0 0 0"])


def _numbers(values: tuple[float, float, float]) -> str:
    return " ".join(f"{v:.10f}" for v in values)


def _card(name: str, lines: list[str]) -> str:
    return "\n".join([name, *(f"  {line}" for line in lines)]) + "\n"


def _namelist(name: str, values: dict[str, object]) -> str:
    lines = [f"  {key} = {_fortran(value)}" for key, value in values.items()]
    return "\n".join([f"&{name}", *lines, "/"])


def _fortran(value: object) -> str:
    if isinstance(value, bool):
        return ".true." if value else ".false."
    return f"'{value}'" if isinstance(value, str) else repr(value)


_POTENTIAL = """\
&INPUTPP
  prefix = 'slab'
  outdir = '.'
  filplot = 'potential.dat'
  plot_num = 11
/
"""
