"""What is computed, how, and for what: settings, cells, jobs, and the manifest that joins them.

All jobs of a manifest share one set of settings. Its digest is part of the kind of the energies
that result, so that energies of different settings never meet in one hull.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from anolyte.core.errors import DataError
from anolyte.materials import formula

MANIFEST = "manifest.json"
SCHEMA = 1


@dataclass(frozen=True)
class Settings:
    """Numerical settings, the same for every job of a table.

    Args:
        functional: As the field writes it: PBE, PBEsol, ...; it must be that of the
            pseudopotentials.
        cutoff: Of the plane waves, eV.
        density_cutoff: Of the charge density, eV.
        spacing: Of the k-points, 1/angstrom (2 pi included).
        smearing: Width of the occupations (cold smearing), eV; also for insulators, whose energies
            it does not touch, since what is a metal is not known beforehand.
        pseudopotentials: Element to file name.
        spin: Spin-polarised.
        hubbard: Element to U, eV.
    """

    functional: str = "PBE"
    cutoff: float = 816.0
    density_cutoff: float = 6530.0
    spacing: float = 0.2
    smearing: float = 0.1
    pseudopotentials: tuple[tuple[str, str], ...] = ()
    spin: bool = False
    hubbard: tuple[tuple[str, float], ...] = ()

    def __post_init__(self) -> None:
        for name, low, high in (
            ("cutoff", 50.0, 2e4),
            ("density_cutoff", 50.0, 1e5),
            ("spacing", 0.01, 5.0),
            ("smearing", 1e-4, 2.0),
        ):
            value = getattr(self, name)
            if not low <= value <= high:
                raise DataError(f"{name.replace('_', ' ')} {value:g}: take {low:g} to {high:g}")
        if self.density_cutoff < 4.0 * self.cutoff * (1.0 - 1e-9):
            raise DataError("density cutoff: take 4 times the cutoff or more (8 for ultrasoft)")

    def digest(self, code: str) -> str:
        """Twelve digits that two tables share only when code and settings are the same."""
        text = json.dumps([code, asdict(self)], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:12]

    def kind(self, code: str) -> str:
        """The kind of energy that results."""
        u = "+U" if self.hubbard else ""
        return f"{self.functional}{u} total energy, {code}, settings {self.digest(code)}"


@dataclass(frozen=True)
class Cell:
    """Atoms in a periodic cell, angstrom.

    Args:
        vectors: Lattice vectors as rows.
        species: Elements.
        positions: Fractional coordinates.
    """

    vectors: tuple[tuple[float, float, float], ...]
    species: tuple[str, ...]
    positions: tuple[tuple[float, float, float], ...]

    @property
    def volume(self) -> float:
        """Angstrom^3."""
        return float(abs(np.linalg.det(np.array(self.vectors))))

    @property
    def composition(self) -> dict[str, float]:
        """Element to atoms in the cell."""
        return {e: float(self.species.count(e)) for e in dict.fromkeys(self.species)}

    def kpoints(self, spacing: float) -> tuple[int, int, int]:
        """Divisions of the reciprocal cell at a spacing in 1/angstrom."""
        reciprocal = 2.0 * math.pi * np.linalg.inv(np.array(self.vectors)).T
        divisions = np.ceil(np.linalg.norm(reciprocal, axis=1) / spacing - 1e-9).astype(int)
        a, b, c = np.maximum(divisions, 1).tolist()
        return a, b, c


@dataclass(frozen=True)
class Job:
    """One calculation.

    Args:
        name: Folder of the job.
        formula: What it is the energy of.
        role: electrolyte | element | product | decides | slab.
        why: For what, in words.
        structure: Name of the structure in the project's files, and how it is known.
        surface: Miller indices of a slab, else empty.
        molecule: Whether it is a molecule in a box.
        atoms: In the cell.
        digest: Of the settings.
        files: File to SHA-256.
    """

    name: str
    formula: str
    role: str
    why: str
    structure: str
    surface: str = ""
    molecule: bool = False
    atoms: int = 0
    digest: str = ""
    files: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Manifest:
    """The jobs of one table of energies.

    Args:
        code: Name of the code.
        settings: Of all jobs.
        jobs: The calculations.
        question: What is asked.
        missing: Phases that the answer hangs on and that no structure is known of.
    """

    code: str
    settings: Settings
    jobs: tuple[Job, ...]
    question: str = ""
    missing: tuple[str, ...] = ()

    @property
    def kind(self) -> str:
        """What the energies will be."""
        return self.settings.kind(self.code)

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON types; `kind` and `digest` are for people, and checked when read."""
        digest = self.settings.digest(self.code)
        return {"schema": SCHEMA, "kind": self.kind, "digest": digest} | asdict(self)


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a folder that `dft write` made.

    Raises:
        DataError: Absent, damaged, or of jobs with different settings.
    """
    path = folder / MANIFEST
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        settings = _settings(data["settings"])
        jobs = tuple(_job(row) for row in data["jobs"])
        words = (str(data["code"]), str(data.get("question", "")))
        missing = tuple(str(m) for m in data.get("missing", ()))
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror})") from None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        what = type(error).__name__
        raise DataError(f"{path}: no manifest of `anolyte dft write` ({what})") from None
    found = Manifest(words[0], settings, jobs, words[1], missing)
    digest = settings.digest(found.code)
    strange = [job.name for job in jobs if job.digest != digest] or (
        [MANIFEST] if data.get("digest") != digest else []
    )
    if strange:
        raise DataError(
            f"{path}: mixes settings ({', '.join(strange[:3])} of another digest than {digest}); "
            "one table needs one set: write the jobs again"
        )
    return found


def _settings(data: dict[str, Any]) -> Settings:
    data = dict(data)
    for name in ("pseudopotentials", "hubbard"):
        data[name] = tuple((str(e), v) for e, v in data.get(name, ()))
    return Settings(**data)


def _job(data: dict[str, Any]) -> Job:
    job = Job(**data)
    formula.parse(job.formula)
    if job.name in ("", ".", "..") or Path(job.name).name != job.name:
        raise ValueError("a job's name is no folder")
    return job


def sha256(text: str | bytes) -> str:
    """Checksum of a file's content."""
    return hashlib.sha256(text.encode() if isinstance(text, str) else text).hexdigest()


def same_formula(text: str, species: Sequence[str]) -> bool:
    """Whether atoms have the composition of a formula."""
    counts = {e: float(list(species).count(e)) for e in species}
    return bool(counts) and formula.same(formula.parse(text), counts, 1e-6)
