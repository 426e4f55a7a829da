"""Reference energies of tier 2: CHGNet energies of the project's own crystal structures.

    python -m anolyte.atoms.reference compute            # needs the [ml] extra
    python -m anolyte.atoms.reference assemble           # needs numpy and scipy only

`compute` relaxes every structure of `data/structures/*.yaml` and appends one row to `computed.csv`
as it goes; a structure whose geometry and model are already there is skipped. Symmetric cells hide
relaxation, so each structure is also relaxed from randomly displaced copies and the lowest end is
kept. `assemble` joins the rows with measured enthalpies into `phases.csv` (see `tiers.py`).
"""

from __future__ import annotations

import os

# The cell filter's tiny matrix functions cost more than the network under a threaded BLAS.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import argparse
import csv
import hashlib
import sys
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from anolyte.atoms import assemble, tiers
from anolyte.atoms.potentials import Chgnet, Potential, Relaxed, relax
from anolyte.atoms.structures import Phase, formula_units, load
from anolyte.core.errors import DataError, NotConverged

if TYPE_CHECKING:
    from pymatgen.core import Structure

TABLE = assemble.DATA / "computed.csv"
COLUMNS: tuple[str, ...] = (
    "formula", "name", "energy_eV_per_atom", "volume_A3_per_fu", "published_volume_A3_per_fu",
    "space_group_before", "space_group_after", "natoms", "steps", "converged", "fmax", "seed",
    "structure_hash", "model", "source", "where", "known", "note",
)  # fmt: skip
DISPLACEMENT = 0.15  # angstrom
DISPLACED_COPIES = 1


def compute(
    phases: Iterable[Phase],
    potential: Potential,
    table: Path = TABLE,
    first: frozenset[assemble.Key] = frozenset(),
) -> list[str]:
    """Relax the phases that the table does not hold yet; returns what failed, in words.

    Args:
        phases: Structures to relax.
        potential: Energy, forces, stress.
        table: CSV file, one row a structure, appended as each one ends.
        first: Compositions that come first; within them, small cells come first.
    """
    done = {(row["name"], row["structure_hash"], row["model"]) for row in rows(table)}
    waiting = [p for p in phases if (p.name, p.geometry_hash, potential.model) not in done]
    failures: list[str] = []
    for phase in sorted(waiting, key=lambda phase: _turn(phase, first)):
        start = time.process_time()
        try:
            row = compute_one(phase, potential)
        # One bad structure, whatever a library makes of it, must not end a run of hours.
        except (DataError, NotConverged, ValueError, RuntimeError, TypeError) as error:
            failures.append(f"{phase.name}: {error}")
            print("failed:", failures[-1], flush=True)
            continue
        append(table, row)
        spent = time.process_time() - start
        print(f"{phase.name}: {row['energy_eV_per_atom']} eV/atom, {spent:.1f} CPU s", flush=True)
    return failures


def _turn(phase: Phase, first: frozenset[assemble.Key]) -> tuple[bool, float, str]:
    atoms = sum(assemble.parse(phase.formula).values()) * (phase.Z or 1)
    return assemble.key(phase.formula) not in first, atoms, phase.name


def compute_one(phase: Phase, potential: Potential) -> dict[str, str]:
    """The row of one phase: the lowest end of the relaxations of its ordered structures."""
    seed = seed_of(phase.formula)
    ordered = phase.structures(count=2, seed=seed)
    ends = [_attempt(structure, potential) for structure in ordered]
    best = _lowest(ends, phase)
    start = ordered[ends.index(best)]
    for copy in range(DISPLACED_COPIES):
        ends.append(_attempt(displaced(best.structure, seed + copy), potential))
    return _row(phase, start, _lowest(ends, phase), seed, potential.model)


def seed_of(formula: str) -> int:
    """A fixed seed for a formula.

    >>> seed_of("Li3PS4") == seed_of("Li3PS4") != seed_of("Li2S")
    True
    """
    return int(hashlib.sha256(formula.encode()).hexdigest()[:6], 16)


def displaced(structure: Structure, seed: int, length: float = DISPLACEMENT) -> Structure:
    """A copy with every atom moved by `length` (angstrom) in a random direction."""
    import numpy as np

    moves = np.random.default_rng(seed).normal(size=(len(structure), 3))
    moves *= length / np.linalg.norm(moves, axis=1, keepdims=True)
    copy = structure.copy()
    for index, move in enumerate(moves):
        copy.translate_sites([index], move, frac_coords=False)
    return copy


def append(table: Path, row: dict[str, str]) -> None:
    """Add one row in a single write, so that a kill leaves whole rows only."""
    import io

    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    if not table.exists():
        writer.writeheader()
    writer.writerow(row)
    with table.open("a", encoding="utf-8", newline="") as file:
        file.write(text.getvalue())
        file.flush()
        os.fsync(file.fileno())


def rows(table: Path) -> list[dict[str, str]]:
    """The rows of a CSV file; none if it does not exist."""
    if not table.exists():
        return []
    with table.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def tidy(table: Path, phases: Iterable[Phase]) -> None:
    """Drop rows of structures that were changed or removed, refresh their words, and sort."""
    current = {phase.name: phase for phase in phases}
    kept: dict[str, dict[str, str]] = {}
    for row in rows(table):
        phase = current.get(row["name"])
        if phase is not None and phase.geometry_hash == row["structure_hash"]:
            words = {key: getattr(phase, key) for key in ("source", "where", "known", "note")}
            kept[row["name"]] = row | words
    new = table.with_suffix(".new")
    new.unlink(missing_ok=True)
    for name in sorted(kept, key=lambda name: (kept[name]["formula"], name)):
        append(new, kept[name])
    if kept:
        new.replace(table)


def _attempt(structure: Structure, potential: Potential) -> Relaxed | None:
    try:
        return relax(structure, potential)
    except NotConverged:
        return None


def _lowest(ends: Sequence[Relaxed | None], phase: Phase) -> Relaxed:
    good = [end for end in ends if end is not None]
    if not good:
        raise NotConverged(f"{phase.name}: every relaxation left the volume bounds")
    return min(good, key=lambda end: (not end.converged, end.energy / len(end.structure)))


def _row(phase: Phase, start: Structure, end: Relaxed, seed: int, model: str) -> dict[str, str]:
    published = phase.published_volume()
    units = formula_units(end.structure, phase.formula)
    return {
        "formula": phase.formula,
        "name": phase.name,
        "energy_eV_per_atom": f"{end.energy / len(end.structure):.5f}",
        "volume_A3_per_fu": f"{end.structure.volume / units:.3f}",
        "published_volume_A3_per_fu": "" if published is None else f"{published:.3f}",
        "space_group_before": _space_group(start, 0.01),
        "space_group_after": _space_group(end.structure, 0.1),
        "natoms": str(len(end.structure)),
        "steps": str(end.steps),
        "converged": "yes" if end.converged else "no",
        "fmax": f"{end.fmax:.4f}",
        "seed": str(seed),
        "structure_hash": phase.geometry_hash,
        "model": model,
        "source": phase.source,
        "where": phase.where,
        "known": phase.known,
        "note": phase.note,
    }


def _space_group(structure: Structure, precision: float) -> str:
    from pymatgen.symmetry.analyzer import SpacegroupAnalyzer

    try:
        return str(SpacegroupAnalyzer(structure, symprec=precision).get_space_group_number())
    except Exception:  # spglib's own failures differ by version; the number is a remark only
        return ""


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line of the module: `compute [--only TEXT]`, `assemble`."""
    parser = argparse.ArgumentParser(prog="python -m anolyte.atoms.reference", description=__doc__)
    parser.add_argument("verb", choices=("compute", "assemble", "all"), nargs="?", default="all")
    parser.add_argument("--only", default="", help="formulas of these elements, as Li,P,S")
    chosen = parser.parse_args(arguments)
    if chosen.verb in ("compute", "all"):
        phases = load()
        elements = {part for part in chosen.only.split(",") if part}
        wanted = [p for p in phases if not elements or set(assemble.parse(p.formula)) <= elements]
        known = rows(assemble.DATA / "known_compounds.csv")
        first = frozenset(assemble.key(row["formula"]) for row in known)
        failures = compute(wanted, Chgnet(), first=first)
        tidy(TABLE, phases)
        for failure in failures:
            print("failed:", failure)
    if chosen.verb in ("assemble", "all"):
        print(tiers.write())
    return 0


if __name__ == "__main__":
    sys.exit(main())
