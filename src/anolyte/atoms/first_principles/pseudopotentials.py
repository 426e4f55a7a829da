"""Pseudopotential files: which one an element gets, and what their headers say of them.

None are shipped. A header in the UPF format (version 2) states the functional that the file was
made with, which pw.x takes over, and the cutoff that its author suggests.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from anolyte.atoms.first_principles.jobs import Settings
from anolyte.atoms.first_principles.profile import RYDBERG
from anolyte.core.errors import DataError
from anolyte.materials import formula

FUNCTIONALS = {
    "sla pw pbx pbc": "PBE", "sla pw pbe pbe": "PBE", "sla pw psx psc": "PBEsol",
    "sla pz nogx nogc": "LDA", "pz": "LDA",
}  # fmt: skip
HEADER = 200_000  # characters: the header comes first, after the author's notes


def functional_name(text: str) -> str:
    """`SLA PW PBX PBC` and `PBE` are one."""
    words = " ".join(text.lower().replace("+", " ").split())
    return FUNCTIONALS.get(words, text.strip())


@dataclass(frozen=True)
class Pseudopotentials:
    """The files of some elements.

    Args:
        named: Element to file name.
        folder: Where they lie when the jobs run.
    """

    named: tuple[tuple[str, str], ...] = ()
    folder: str = "./pseudo"

    def check(self, settings: Settings) -> tuple[str, ...]:
        """Notes on cutoffs below the suggested ones; files that are not here are not looked at.

        Raises:
            DataError: A file made with another functional than that of the settings.
        """
        notes = []
        for element, name in self.named:
            header = _header(Path(self.folder) / name)
            made_with = functional_name(header.get("functional", ""))
            if made_with and made_with.lower() != settings.functional.lower():
                raise DataError(
                    f"{name} is made with {made_with[:20]}, --functional is {settings.functional}: "
                    "pw.x takes that of the files"
                )
            suggested = _rydberg(header.get("wfc_cutoff", ""))
            if suggested > settings.cutoff / RYDBERG * (1.0 + 1e-6):
                notes.append(f"{name} suggests a cutoff of {suggested:.0f} Ry for {element}")
        return tuple(notes)


def named_in(path: Path) -> Pseudopotentials:
    """The files that a folder or a CSV with columns element,file names.

    Raises:
        DataError: Not readable, or two files for an element.
    """
    if path.suffix.lower() != ".csv":
        return Pseudopotentials(_of_folder(path), str(path.resolve()))
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = [(r["element"].strip(), r["file"].strip()) for r in csv.DictReader(file)]
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror})") from None
    except (KeyError, AttributeError, UnicodeDecodeError, csv.Error):
        raise DataError(f"{path}: expected CSV with columns element,file") from None
    return Pseudopotentials(tuple(_each_once(rows, path).items()), str(path.parent.resolve()))


def _of_folder(folder: Path) -> tuple[tuple[str, str], ...]:
    """One UPF file an element, whose name begins with it."""
    try:
        names = sorted(p.name for p in folder.iterdir() if p.suffix.lower() == ".upf")
    except OSError as error:
        raise DataError(f"{folder}: cannot be read ({error.strerror})") from None
    pairs = [(re.split(r"[._-]", name)[0].capitalize(), name) for name in names]
    return tuple(_each_once((p for p in pairs if p[0] in formula.ATOMIC_WEIGHTS), folder).items())


def _each_once(pairs: Iterable[tuple[str, str]], path: Path) -> dict[str, str]:
    found: dict[str, str] = {}
    for element, name in pairs:
        if element in found:
            raise DataError(
                f"{path}: {found[element]} and {name} are both for {element}; name one a line in a "
                "CSV with columns element,file"
            )
        found[element] = name
    return found


def _header(path: Path) -> dict[str, str]:
    """Attributes of PP_HEADER; nothing where there is no such file."""
    try:
        with path.open(encoding="utf-8", errors="replace") as file:
            text = file.read(HEADER)
    except OSError:
        return {}
    found = re.search(r"<PP_HEADER\b([^>]*)", text)
    return dict(re.findall(r'(\w+)="([^"]*)"', found.group(1))) if found else {}


def _rydberg(text: str) -> float:
    try:
        return float(text.lower().replace("d", "e"))
    except ValueError:
        return 0.0
