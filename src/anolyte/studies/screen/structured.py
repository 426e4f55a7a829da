"""Sources of candidates whose structure is known: described phases, structure types, files."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from anolyte.atoms import files, structures
from anolyte.atoms.crystal import Crystal
from anolyte.atoms.decoration import MOST_SITES, decorate
from anolyte.core.errors import AnolyteError, DataError
from anolyte.materials import formula
from anolyte.studies.files import write_whole
from anolyte.studies.screen.candidates import Candidate, Candidates, digest
from anolyte.studies.screen.result import ScreenResult


@dataclass(frozen=True)
class Structured:
    """A source whose candidates get the structure that the project describes of their formula.

    Args:
        source: Where they come from; those without a described structure pass as they are.
    """

    source: Candidates

    @property
    def digest(self) -> str:
        """Of the source and all described structures."""
        geometry = sorted(p.geometry_hash for p in self._phases.values())
        return digest("structured", self.source.digest, geometry)

    @cached_property
    def _phases(self) -> dict[str, structures.Phase]:
        """The first described phase of each reduced formula."""
        found: dict[str, structures.Phase] = {}
        for phase in structures.load():
            found.setdefault(plain(phase.formula), phase)
        return found

    def __iter__(self) -> Iterator[Candidate]:
        """The same candidates, with structures."""
        for candidate in self.source:
            phase = self._phases.get(plain(candidate.formula))
            yield candidate if phase is None or candidate.crystal else _with(candidate, phase)


def _with(candidate: Candidate, phase: structures.Phase) -> Candidate:
    try:
        crystal = Crystal.of(phase.structures(1)[0])
    except AnolyteError as error:
        return replace(candidate, history=(*candidate.history, f"no structure: {error}"))
    step = f"structure {phase.name} [{phase.source}]"
    return replace(candidate, crystal=crystal, history=(*candidate.history, step))


def plain(text: str) -> str:
    """A formula as it compares; empty where it cannot be read."""
    try:
        return formula.write(formula.reduced(formula.parse(text))[0])
    except AnolyteError:
        return ""


@dataclass(frozen=True)
class Decorated:
    """Structure types filled with lithium, other cations and an anion.

    Args:
        elements: Cations beside lithium.
        anions: One in each.
        most: Sites a cell.
    """

    elements: tuple[str, ...]
    anions: tuple[str, ...] = ("F", "Cl", "Br", "I", "O", "S", "N")
    most: int = MOST_SITES

    @property
    def digest(self) -> str:
        """Of the elements; the types go with the version of the library that ships them."""
        from importlib.metadata import version

        return digest("decorated", self.elements, self.anions, self.most, version("pymatgen"))

    def __iter__(self) -> Iterator[Candidate]:
        """One candidate a type and formula."""
        for prototype, crystal in decorate(self.elements, self.anions, self.most):
            name = f"{crystal.formula} ({prototype.tag.partition(' ')[0]})"
            history = (f"type {prototype.tag}, scaled to ionic radii",)
            yield Candidate(name, crystal.formula, "decoration", history, crystal=crystal)


@dataclass(frozen=True)
class Files:
    """Structure files of the user's own; one that cannot be read stays, flagged with the reason.

    Args:
        paths: CIF, POSCAR, or JSON lines of an OPTIMADE provider.
    """

    paths: tuple[Path, ...]

    @classmethod
    def of_folder(cls, folder: Path) -> Files:
        """All files of a folder that may hold structures, by name."""
        ends = (".cif", ".vasp", ".poscar", ".jsonl")
        return cls(
            tuple(
                p for p in sorted(folder.iterdir())
                if p.suffix.lower() in ends or p.name.upper().startswith(("POSCAR", "CONTCAR"))
            )
        )  # fmt: skip

    @property
    def digest(self) -> str:
        """Of the content of the files."""
        return digest(*((p.name, hashlib.sha256(p.read_bytes()).hexdigest()) for p in self.paths))

    def __iter__(self) -> Iterator[Candidate]:
        """One candidate a structure."""
        for found in files.read(self.paths):
            text = "" if found.crystal is None else found.crystal.formula
            yield Candidate(found.name, text, "file", flag=found.why, crystal=found.crystal)


def write_structures(result: ScreenResult, folder: Path) -> list[Path]:
    """CIF files of the short list, `01_name.cif`; candidates without a structure have none.

    Raises:
        DataError: The folder cannot be made or written to.
        MissingExtra: pymatgen is not installed.
    """
    written = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for number, finalist in enumerate(result.shortlist, 1):
            crystal = finalist.candidate.crystal
            if crystal is not None:
                plain = re.sub(r"[^A-Za-z0-9.]+", "_", finalist.candidate.name).strip("_")
                path = folder / f"{number:02d}_{plain}.cif"
                write_whole(path, crystal.pymatgen().to(fmt="cif"))
                written.append(path)
    except OSError as error:
        raise DataError(f"{folder}: {error.strerror or error}; name a folder to write to") from None
    return written
