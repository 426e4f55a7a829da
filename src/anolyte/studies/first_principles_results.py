"""What first-principles calculations gave: energies of one kind, levels, work functions.

The standard deviation of the energies is that of reaction energies between solids: 24 meV/atom for
GGA(+U), from 135 reactions that make ternary oxides of binary ones (Hautier et al., Phys. Rev. B
2012, 85, 155208, abstract). For other chemistries and functionals it is an estimate. Elements carry
none: the error of a reaction is counted in its compounds. Reactions from the elements themselves
are worse by far.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from anolyte.atoms.first_principles.jobs import Job, Manifest, read_manifest
from anolyte.atoms.first_principles.outcome import Outcome
from anolyte.atoms.first_principles.profile import vacuum, work_function
from anolyte.core.errors import AnolyteError, DataError
from anolyte.core.result import Result, quantity
from anolyte.core.units import ANGSTROM3_TO_MOLAR, ELEMENTARY_CHARGE
from anolyte.materials import formula
from anolyte.studies.files import write_whole
from anolyte.studies.first_principles import code_of

EV = ELEMENTARY_CHARGE
SIGMA, SIGMA_SOURCE = 0.024, "hautier2012"
LOWER = 0.5  # eV: by which a slab's gap is clearly smaller than the bulk's


@dataclass(frozen=True)
class Energy:
    """The total energy of a phase.

    Args:
        energy: J per atom, absolute, of the table's kind.
        sigma: Of reaction energies between such phases; None for elements.
        volume: m3 per mole of formula units.
    """

    formula: str
    name: str
    role: str
    code: str
    energy: float = quantity("energy_per_atom")
    sigma: float | None = quantity("energy_per_atom", default=None)
    volume: float = quantity("molar_volume", default=0.0)


@dataclass(frozen=True)
class Property:
    """A gap, an edge, a Fermi level or a work function.

    Args:
        what: band_gap | fermi_level | valence_edge | conduction_edge | work_function | ...
        surface: Miller indices; empty: bulk, and an energy against the cell's mean potential.
        value: J.
        note: What limits it.
    """

    formula: str
    what: str
    surface: str
    job: str
    code: str
    note: str = ""
    value: float = quantity("energy", default=0.0)


@dataclass(frozen=True)
class FirstPrinciplesResult(Result):
    """What a set of calculations gave.

    Args:
        kind: Of the energies, one for all.
        energies: Total energies.
        properties: Levels and work functions.
        failures: One line a job that gave nothing.
    """

    kind: str
    energies: tuple[Energy, ...] = ()
    properties: tuple[Property, ...] = ()
    failures: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    sources: tuple[str, ...] = (SIGMA_SOURCE,)

    def rows(self) -> list[dict[str, Any]]:
        """One row a property."""
        return [
            {
                "formula": p.formula, "surface": p.surface, "property": p.what,
                "value_eV": round(p.value / EV, 6), "method": self.kind, "code": p.code,
                "how": "computed", "known": "read", "source": p.job, "note": p.note,
            }
            for p in self.properties
        ]  # fmt: skip

    def entries(self) -> str:
        """CSV that `--entries` takes: energies of one kind, with source and sigma."""
        return _csv([
            {
                "formula": e.formula, "energy_eV_per_atom": f"{e.energy / EV:.6f}",
                "sigma_eV_per_atom": "" if e.sigma is None else f"{e.sigma / EV:.4f}",
                "kind": self.kind, "source": f"{e.code}, job {e.name}",
                "volume_A3_per_fu": f"{e.volume / ANGSTROM3_TO_MOLAR:.4f}",
                "name": e.name,
                "note": "" if e.sigma is None else f"sigma: {SIGMA_SOURCE}, an estimate",
            }
            for e in self.energies
        ])  # fmt: skip


def collect(folders: Sequence[Path], sigma: float = SIGMA) -> FirstPrinciplesResult:
    """Read the jobs of one or more folders.

    Args:
        folders: Each with a manifest; all of one kind.
        sigma: Standard deviation of the compounds, eV per atom.

    Raises:
        DataError: No or mixed manifests, or a sigma that is not positive.
    """
    if not 0.0 < sigma < 10.0:
        raise DataError(f"sigma {sigma:g} eV/atom: take a positive one below 10")
    manifests = [(folder, read_manifest(folder)) for folder in folders]
    kinds = list(dict.fromkeys(m.kind for _, m in manifests))
    if len(kinds) != 1:
        raise DataError(
            f"the folders hold different kinds of energy ({'; '.join(kinds) or 'none'}); one table "
            "needs one kind: read them one by one"
        )
    energies: list[Energy] = []
    properties: list[Property] = []
    failures: list[str] = []
    for folder, manifest in manifests:
        code = code_of(manifest, folder)
        for job in manifest.jobs:
            try:
                outcome = code.read(folder / job.name, job, manifest.settings)
                found = _properties(job, outcome)
            except AnolyteError as error:
                failures.append(str(error))
                continue
            properties += found
            if not job.surface:
                energies.append(_energy(job, outcome, sigma))
    warnings = [*_missing(manifests), *_versions(energies), *_surface_states(properties)]
    return FirstPrinciplesResult(
        kinds[0], tuple(energies), tuple(properties), tuple(failures), tuple(warnings)
    )


def _missing(manifests: Sequence[tuple[Path, Manifest]]) -> list[str]:
    missing = dict.fromkeys(f for _, m in manifests for f in m.missing)
    return [f"no structure is known of {', '.join(missing)}: not in this table"] if missing else []


def _versions(energies: Sequence[Energy]) -> list[str]:
    """Versions bring other data sets and defaults: their energies are not quite of one kind."""
    versions = dict.fromkeys(e.code for e in energies)
    return [f"computed by {' and '.join(versions)}: take one"] if len(versions) > 1 else []


def _surface_states(properties: Sequence[Property]) -> list[str]:
    """Slabs whose gap is clearly below that of the bulk."""
    gaps = [p for p in properties if p.what == "band_gap"]
    bulk = {p.formula: p.value / EV for p in gaps if not p.surface}
    return [
        f"{p.formula} ({p.surface}): a gap of {p.value / EV:.2f} eV, in the bulk "
        f"{bulk[p.formula]:.2f} eV: its edges are those of surface states"
        for p in gaps
        if p.surface and p.value / EV < bulk.get(p.formula, 0.0) - LOWER
    ]


def _energy(job: Job, outcome: Outcome, sigma: float) -> Energy:
    count = len(outcome.cell.species)
    units = count / formula.atoms(formula.parse(job.formula))
    volume = 0.0 if job.molecule else outcome.cell.volume / units * ANGSTROM3_TO_MOLAR
    element = len(outcome.cell.composition) == 1
    return Energy(
        job.formula, job.name, job.role, outcome.code,
        outcome.energy / count * EV, None if element else sigma * EV, volume,
    )  # fmt: skip


def _properties(job: Job, outcome: Outcome) -> list[Property]:
    found = {"fermi_level": outcome.fermi}
    note = "" if not outcome.metal else "no gap on these k-points"
    if not outcome.metal:
        found |= {
            "band_gap": outcome.gap,
            "valence_edge": outcome.valence_edge,
            "conduction_edge": outcome.conduction_edge,
        }
        note = "Kohn-Sham levels on the k-points used; gaps of semilocal functionals are too small"
    if outcome.potential is not None:
        levels, remark = _against_vacuum(outcome)
        found, note = found | levels, remark or note
    return [
        Property(job.formula, what, job.surface, job.name, outcome.code, note, EV * value)
        for what, value in found.items()
        if value is not None
    ]


def _against_vacuum(outcome: Outcome) -> tuple[dict[str, float | None], str]:
    """Work functions of both faces; of an insulator ionisation energy and electron affinity."""
    assert outcome.potential is not None
    length = outcome.cell.vectors[2][2]
    levels = vacuum(outcome.potential, [p[2] * length for p in outcome.cell.positions])
    found: dict[str, float | None] = {}
    for face, level in (("", levels.above), ("_below", levels.below)):
        if outcome.fermi is not None and outcome.metal:
            found[f"work_function{face}"] = work_function(level, outcome.fermi)
        if not outcome.metal:
            assert outcome.valence_edge is not None and outcome.conduction_edge is not None
            found[f"ionisation_energy{face}"] = level - outcome.valence_edge
            found[f"electron_affinity{face}"] = level - outcome.conduction_edge
    remark = "" if levels.flat else f"vacuum not flat ({levels.spread:.2f} eV): widen it"
    return found, remark


def keep(result: FirstPrinciplesResult, folder: Path) -> tuple[Path, Path]:
    """Write `entries.csv` and `properties.csv`; returns their paths."""
    return (
        write_whole(folder / "entries.csv", result.entries()),
        write_whole(folder / "properties.csv", _csv(result.rows())),
    )


def _csv(rows: Sequence[dict[str, Any]]) -> str:
    text = io.StringIO()
    if rows:
        writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return text.getvalue()
