"""Candidates as people ask for them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from anolyte.core.errors import DataError
from anolyte.materials import charge, formula
from anolyte.materials.library import Library
from anolyte.materials.phases import Phases
from anolyte.materials.remote.structures import OptimadeStructures
from anolyte.studies.interlayers import read_formulas
from anolyte.studies.screen.candidates import Candidates, Joined, Made, Named, Swapped
from anolyte.studies.screen.structured import Decorated, Files, Structured

ALL, LIBRARY = "all", "library"
MADE = 2000
"""Seeded formulas beside the library where all candidates are asked for."""
CATIONS = ("Mg", "Al", "Y", "La", "Ti", "Zr", "Ta", "Si", "B", "P")
"""Beside lithium in decorated structure types, where no elements are named."""


@dataclass(frozen=True)
class Wanted:
    """What is to be screened.

    Args:
        named: "all", "library", paths (formulas, structures, folders of structures), or a query:
            `optimade:URL?filter=...`, `mp:FILTER`.
        count: Seeded formulas.
        swaps: Sites of the electrolyte, `Ge` or `Ge=Sn,Sr`.
        elements: Of seeded formulas, separated by commas; None: all that the energies hold.
        seed: Of them.
    """

    named: tuple[str, ...] = ()
    count: int | None = None
    swaps: tuple[str, ...] = ()
    elements: str | None = None
    seed: int = 0

    @property
    def substitutes(self) -> bool:
        """Whether nothing but other ions in the electrolyte is asked for."""
        return bool(self.swaps) and not self.named and not self.count

    def sources(self, host: str, lib: Library, phases: Phases) -> Candidates:
        """The stream of candidates.

        Args:
            host: Electrolyte in which ions are exchanged.
            lib: Whose interlayers are meant.
            phases: Whose elements are meant.

        Raises:
            DataError: Nothing is asked for, or it makes no sense.
        """
        found = tuple(self._sources(host, lib, phases))
        if not found:
            raise DataError("which candidates? add --candidates all, --candidates FILE, --count N "
                            "or --swap SITE")  # fmt: skip
        return Joined(found)

    def _sources(self, host: str, lib: Library, phases: Phases) -> Iterator[Candidates]:
        for name in self.named:
            yield self._source(name, lib)
        for swap in self.swaps:
            yield self._swap(swap, host, lib, phases)
        if ALL in self.named and find_spec("pymatgen"):
            yield Decorated(_cations(self.elements) or CATIONS)
        count = self.count if self.count is not None else MADE if ALL in self.named else 0
        if count:
            yield Made(count, self._elements(phases), self.seed)

    def _source(self, name: str, lib: Library) -> Candidates:
        """The library, a folder or a file of structures, or a file of formulas."""
        if name.partition(":")[0].lower() in ("optimade", "mp") and ":" in name:
            return Files((OptimadeStructures.named(name).file(),))
        if name in (ALL, LIBRARY):
            known = Named.of_library(lib)
            return Structured(known) if find_spec("pymatgen") else known
        path = Path(name)
        if path.is_dir():
            found = Files.of_folder(path)
            if not found.paths:
                raise DataError(f"{path}: no CIF, POSCAR or .jsonl in this folder")
            return found
        if path.suffix.lower() in (".cif", ".vasp", ".poscar", ".jsonl"):
            return Files((path,))
        return Named(read_formulas(path), lib, path.name)

    def _elements(self, phases: Phases) -> tuple[str, ...]:
        if self.elements is None:
            return tuple(phases.elements)
        asked = _symbols(self.elements)
        if lacking := [e for e in asked if e not in phases.elements]:
            raise DataError(f"--elements: {', '.join(lacking)[:60]} not in the reference energies")
        return asked

    def _swap(self, text: str, host: str, lib: Library, phases: Phases) -> Swapped:
        site, _, ions = text.partition("=")
        material = lib.electrolyte(host)
        if not material.formula:
            raise DataError(f"--swap {text}: {material.name} has no formula with sites")
        amounts = formula.parse(material.formula)
        cations = tuple(
            e for e in phases.elements
            if e in charge.STATES and e not in charge.ANIONS and e not in amounts and e != "H"
        )  # fmt: skip
        return Swapped(material.formula, site.strip(), _symbols(ions) or cations)


def _cations(text: str | None) -> tuple[str, ...]:
    """The cations of a list of elements, lithium left out."""
    return tuple(e for e in _symbols(text or "") if e not in charge.ANIONS and e != "Li")


def _symbols(text: str) -> tuple[str, ...]:
    """Element symbols of a list.

    >>> _symbols("Li, Al-O")
    ('Li', 'Al', 'O')
    """
    return tuple(e.strip() for e in text.replace("-", ",").split(",") if e.strip())
