"""Outputs of Quantum ESPRESSO's pw.x: numbers from the XML file, why it stopped from the text.

Only what the code documents is read: `data-file-schema.xml` follows the schema qes (hartree, bohr,
occupations of 0 to 1 a spin). The text leaves out what tells an insulator under smearing.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import numpy as np

from anolyte.atoms.first_principles.jobs import Cell
from anolyte.atoms.first_principles.outcome import Outcome, edges
from anolyte.atoms.first_principles.profile import BOHR, RYDBERG
from anolyte.atoms.first_principles.pseudopotentials import functional_name
from anolyte.core.errors import DataError
from anolyte.materials.formula import ATOMIC_WEIGHTS

HARTREE = 2.0 * RYDBERG
MAX_BYTES = 300_000_000


def read_xml(path: Path) -> Outcome:
    """The outcome in `data-file-schema.xml`.

    Raises:
        DataError: Truncated, unconverged or not such a file; one line.
    """
    text = _load(path)
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise DataError(f"{path.name}: declares entities, which pw.x never does")
    try:
        root = ElementTree.fromstring(text)
    except (ElementTree.ParseError, ValueError):
        raise DataError(f"{path.name}: truncated or not XML: was the job killed?") from None
    try:
        return _outcome(root, path.name)
    except (ValueError, TypeError, IndexError, np.linalg.LinAlgError) as error:
        what = str(error)[:80] or type(error).__name__
        raise DataError(f"{path.name}: not as pw.x writes it ({what})") from None


def _outcome(root: ElementTree.Element, name: str) -> Outcome:
    output = root.find("output")
    if output is None:
        raise DataError(f"{name}: holds no output: was the job killed?")
    for what, place in (
        ("electrons", "convergence_info/scf_conv/convergence_achieved"),
        ("relaxation", "convergence_info/opt_conv/convergence_achieved"),
    ):
        if _flag(output.findtext(place, "true")) is False:
            raise DataError(f"{name}: the {what} did not converge")
    bands = output.find("band_structure")
    states = () if bands is None else tuple(_states(bands))
    valence, conduction = edges(states, 1.0)
    fermi = None if bands is None else bands.findtext("fermi_energy")
    creator = root.find("general_info/creator")
    label = {} if creator is None else creator.attrib
    return Outcome(
        energy=HARTREE * _float(output, "total_energy/etot"),
        cell=_cell(output),
        fermi=None if fermi is None else HARTREE * _finite(fermi),
        valence_edge=valence,
        conduction_edge=conduction,
        code=f"Quantum ESPRESSO {label.get('VERSION', '')}".strip(),
        stated=tuple(_stated(output, root)),
    )


def _stated(output: ElementTree.Element, root: ElementTree.Element) -> Iterator[tuple[str, object]]:
    """Settings that the file states."""
    functional = output.findtext("dft/functional", "").strip()
    if functional:
        yield "functional", functional_name(functional)
    for setting, place in (
        ("cutoff", "basis_set/ecutwfc"),
        ("density_cutoff", "basis_set/ecutrho"),
    ):
        if output.find(place) is not None:
            yield setting, HARTREE * _float(output, place)
    files = [
        (s.get("name", ""), (s.findtext("pseudo_file") or "").strip())
        for s in root.iterfind("input/atomic_species/species")
    ]
    if files:
        yield "pseudopotentials", tuple(files)


def _states(bands: ElementTree.Element) -> Iterator[list[tuple[float, float]]]:
    """The states of each k-point; of two spins, both."""
    for point in bands.iterfind("ks_energies"):
        energies = [_finite(v) for v in (point.findtext("eigenvalues") or "").split()]
        filled = [_finite(v) for v in (point.findtext("occupations") or "").split()]
        if len(energies) != len(filled):
            raise ValueError("as many occupations as eigenvalues")
        yield [(HARTREE * e, f) for e, f in zip(energies, filled, strict=True)]


def _cell(output: ElementTree.Element) -> Cell:
    atoms = output.find("atomic_structure")
    if atoms is None:
        raise ValueError("no atomic_structure")
    vectors = np.array([_three(atoms.findtext(f"cell/{a}")) for a in ("a1", "a2", "a3")])
    found = [
        (re.sub(r"[^A-Za-z].*", "", a.get("name", "")), _three(a.text))
        for a in atoms.iterfind("atomic_positions/atom")
    ]
    return _as_cell(vectors * BOHR, [e for e, _ in found], np.array([p for _, p in found]) * BOHR)


def _as_cell(vectors: np.ndarray, species: list[str], positions: np.ndarray) -> Cell:
    if strange := [e for e in species if e not in ATOMIC_WEIGHTS]:
        raise ValueError(f"'{strange[0][:10]}' is no element")
    if not species or abs(np.linalg.det(vectors)) < 1e-3:
        raise ValueError("no atoms in a cell with a volume")
    fractional = positions @ np.linalg.inv(vectors)
    rows = [(float(a), float(b), float(c)) for a, b, c in vectors]
    places = [(float(a), float(b), float(c)) for a, b, c in fractional]
    return Cell(tuple(rows), tuple(species), tuple(places))


def _three(text: str | None) -> list[float]:
    values = [_finite(v) for v in (text or "").split()]
    if len(values) != 3:
        raise ValueError("a vector without three numbers")
    return values


def _float(parent: ElementTree.Element, place: str) -> float:
    text = parent.findtext(place)
    if text is None:
        raise ValueError(f"no {place}")
    return _finite(text)


def _finite(text: str) -> float:
    value = float(text.replace("d", "e").replace("D", "e"))
    if not math.isfinite(value):
        raise ValueError(f"'{text.strip()[:20]}' is no number")
    return value


def _flag(text: str) -> bool:
    return text.strip().lower() in ("true", ".true.", "1", "t")


# --- text ----------------------------------------------------------------------------------------


def ended(path: Path) -> bool:
    """Whether pw.x came to its end and converged."""
    text = _load(path)
    return "JOB DONE." in text and "convergence NOT achieved" not in text and not _stopped(text)


def _stopped(text: str) -> bool:
    return "Maximum CPU time exceeded" in text or "bfgs failed" in text


def why_it_stopped(path: Path) -> str:
    """One line on a run that did not end well."""
    text = _load(path)
    if found := re.search(r"file (\S+) not found", text):
        return f"pseudopotential {Path(found.group(1)).name[:60]} not found (see pseudo_dir)"
    if found := re.search(r"Error in routine (\S+) \(-?\d+\):\s*\n([^\n]*)", text):
        return f"pw.x stopped in {found.group(1)[:40]}: {' '.join(found.group(2).split())[:120]}"
    if "convergence NOT achieved" in text:
        return "the electrons did not converge"
    if "bfgs failed" in text:
        return "the relaxation did not converge"
    if "Maximum CPU time exceeded" in text:
        return "ran out of the time it was given; restart it"
    return f"{path.name} breaks off: was the job killed?"


def _load(path: Path) -> str:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise DataError(f"{path.name}: larger than {MAX_BYTES // 10**6} MB")
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise DataError(f"{path.name}: cannot be read ({error.strerror})") from None
