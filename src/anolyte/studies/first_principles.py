"""Which phases and slabs decide an answer, handed to a first-principles code and taken back.

An answer of the phase table hangs on a few energies. They are computed anew together with the
elements, the electrolyte and its likely products, all by one code with one set of settings, so
that the result is a table of one kind that stands by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from anolyte.atoms.first_principles import cells
from anolyte.atoms.first_principles.espresso import QuantumEspresso
from anolyte.atoms.first_principles.gpaw import Gpaw
from anolyte.atoms.first_principles.jobs import (
    MANIFEST,
    Cell,
    Job,
    Manifest,
    Settings,
    read_manifest,
    sha256,
)
from anolyte.atoms.first_principles.outcome import Code
from anolyte.core.errors import DataError
from anolyte.materials import formula
from anolyte.materials.phases import Phases
from anolyte.materials.stack import Conditions, Interface
from anolyte.models.window_uncertainty import Limit, WindowUncertainty, WindowUncertaintyResult
from anolyte.studies.files import write_whole

LIKELY = 0.3
"""Probability from which a product is computed, too."""
NORMAL = 3.29
"""Standard deviations between 5 and 95 %."""


@dataclass(frozen=True)
class Choice:
    """A phase to compute.

    Args:
        formula: Its composition.
        role: electrolyte | element | product | decides.
        why: In words.
        weight: V that a limit of the window moves with it.
    """

    formula: str
    role: str
    why: str
    weight: float = 0.0


class Decides(Protocol):
    """What tells the phases that an answer hangs on, the weightiest first."""

    def __call__(self, interface: Interface) -> tuple[Choice, ...]:
        """Phases with role `decides`, then products."""
        ...


@dataclass(frozen=True)
class ByUncertainty:
    """By the window's error bars: leave-one-phase-out and shares of the variance."""

    phases: Phases | None = None
    draws: int = 400
    seed: int = 0

    def __call__(self, interface: Interface) -> tuple[Choice, ...]:
        """The phases whose absence or error moves a limit; measured ones only by their error."""
        found = WindowUncertainty(self.phases, self.draws, self.seed)(interface, Conditions())
        return (*_deciding(found), *_products(found))


def _deciding(found: WindowUncertaintyResult) -> list[Choice]:
    volts: dict[str, tuple[float, str]] = {}
    for absence in found.absences:
        if not absence.measured:
            volts[absence.formula] = (
                absence.moved, f"without it a limit moves by {absence.moved:.2f} V")  # fmt: skip
    sides = ((found.reduction, "reduction"), (found.oxidation, "oxidation"))
    for share in found.shares:
        moves = [(_spread(limit) * getattr(share, name) ** 0.5, name) for limit, name in sides]
        most, name = max(moves)
        if most > volts.get(share.formula, (0.0, ""))[0]:
            part = getattr(share, name)
            volts[share.formula] = (
                most, f"its error makes {100.0 * part:.0f} % of the {name} limit's variance"
            )  # fmt: skip
    ordered = sorted(volts.items(), key=lambda item: -item[1][0])
    return [Choice(text, "decides", why, weight) for text, (weight, why) in ordered]


def _spread(limit: Limit) -> float:
    """Standard deviation of a limit, V; none where it is infinite."""
    width = limit.high - limit.low
    return width / NORMAL if width < 100.0 else 0.0


def _products(found: WindowUncertaintyResult) -> list[Choice]:
    return [
        Choice(c.formula, "product", f"product ({c.where}), probability {c.probability:.2f}")
        for c in found.chances
        if c.probability >= LIKELY
    ]


def plan(interface: Interface, decides: Decides, count: int) -> tuple[Choice, ...]:
    """The phases of a table that answers by itself: each composition once.

    Args:
        interface: Electrolyte and anode.
        decides: What the answer hangs on.
        count: How many deciding phases, beside the electrolyte, its elements and its products.

    Raises:
        DataError: A count below 0.
    """
    if count < 0:
        raise DataError(f"top {count}: take 0 or more phases")
    solid, anode = interface.electrolyte, interface.anode
    ranked = decides(interface)
    elements = dict.fromkeys([*solid.composition, *_anode(interface), "Li"])
    wanted = [
        Choice(solid.formula or "", "electrolyte", "what is asked about"),
        *[Choice(e, "element", "reference of the formation energies") for e in elements],
        *[c for c in ranked if c.role == "decides"][:count],
        *[c for c in ranked if c.role != "decides"],
    ]
    if len(_anode(interface)) > 1:
        wanted.append(Choice(anode.formula or "", "product", "the anode"))
    chosen: list[Choice] = []
    for choice in wanted:
        composition = formula.parse(choice.formula)
        if not any(formula.same(composition, formula.parse(c.formula)) for c in chosen):
            chosen.append(choice)
    return tuple(chosen)


def _anode(interface: Interface) -> dict[str, float]:
    return interface.anode.composition if interface.anode.formula else {}


def write(
    choices: Sequence[Choice],
    code: Code,
    settings: Settings,
    folder: Path,
    *,
    question: str = "",
    surfaces: Sequence[tuple[int, int, int]] = (),
    thickness: float = 12.0,
    gap: float = 15.0,
) -> Manifest:
    """Make the inputs of all jobs, the manifest and `run.sh`.

    Args:
        choices: The phases.
        code: Whose inputs.
        settings: Of every job.
        folder: Made if it is not there; must not hold a manifest.
        question: In words, for people.
        surfaces: Miller indices of slabs of the electrolyte.
        thickness, gap: Of a slab and its vacuum, angstrom.

    Raises:
        DataError: The folder is in use, a pseudopotential is not named, or no structure is known.
        MissingExtra: pymatgen or ase is not installed.
    """
    if (folder / MANIFEST).exists():
        raise DataError(f"{folder}: holds a {MANIFEST} already; name another folder")
    digest = settings.digest(code.name)
    jobs: list[Job] = []
    texts: dict[str, dict[str, str]] = {}
    missing: list[str] = []
    for choice in choices:
        made = _cells(choice, surfaces, thickness, gap)
        if not made:
            missing.append(choice.formula)
        for job, cell in made:
            job = replace(job, digest=digest, atoms=len(cell.species))
            texts[job.name] = code.write(cell, job, settings)
            sums = {name: sha256(text) for name, text in texts[job.name].items()}
            jobs.append(replace(job, files=sums))
    if not jobs:
        raise DataError(f"no structure is known of any of {', '.join(missing)}")
    manifest = Manifest(code.name, settings, tuple(jobs), question, tuple(missing))
    _keep(manifest, code, texts, folder)
    return manifest


def _cells(
    choice: Choice, surfaces: Sequence[tuple[int, int, int]], thickness: float, gap: float
) -> list[tuple[Job, Cell]]:
    """The jobs of one phase; none where no structure is known."""
    composition = formula.parse(choice.formula)
    if len(composition) == 1 and (cell := cells.molecule(next(iter(composition)))):
        name = f"{next(iter(composition))}2"
        job = Job(name, name, choice.role, choice.why, "molecule (ase, G2)", molecule=True)
        return [(job, cell)]
    phase = cells.structure_of(composition)
    if phase is None:
        return []
    structure = cells.bulk(phase)
    cell = cells.from_structure(structure)
    # An ordered cell of a partly occupied structure may miss its rounded formula.
    asked = choice.formula.isalnum() and formula.same(composition, cell.composition, 1e-6)
    text = choice.formula if asked else formula.write(formula.reduced(cell.composition)[0])
    label = f"{phase.name} ({phase.source}, {phase.known})"
    made = [(Job(text, text, choice.role, choice.why, label), cell)]
    if choice.role == "electrolyte":
        for miller in surfaces:
            indices = "".join(map(str, miller))
            why = f"work function and band edges against vacuum, ({indices})"
            job = Job(f"{text}_{indices}", text, "slab", why, label, surface=indices)
            made.append((job, cells.slab(structure, miller, thickness, gap)))
    return made


def _keep(manifest: Manifest, code: Code, texts: dict[str, dict[str, str]], folder: Path) -> None:
    import json

    try:
        for name in texts:
            (folder / name).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DataError(f"{folder}: cannot be made ({error.strerror})") from None
    for name, files in texts.items():
        for file, text in files.items():
            write_whole(folder / name / file, text)
    lines = [f"(cd '{job.name}' && {code.command(job)})" for job in manifest.jobs]
    write_whole(folder / "run.sh", _RUN + "\n".join(lines) + "\n")
    # Last: a folder with a manifest is whole.
    write_whole(folder / MANIFEST, json.dumps(manifest.to_dict(), indent=1) + "\n")


_RUN = """\
#!/bin/sh
# Every job in turn; a line can as well be a job of a queue. One that fails stops no other.
: "${PW:=pw.x}" "${PP:=pp.x}" "${AVERAGE:=average.x}" "${ANOLYTE:=anolyte}" "${GPAW:=gpaw python}"
cd "$(dirname "$0")" || exit 1
"""


def codes() -> dict[str, Code]:
    """The codes by the name that stands in a manifest."""
    known: tuple[Code, ...] = (QuantumEspresso(), Gpaw())
    return {code.name: code for code in known}


def code_of(manifest: Manifest, folder: Path) -> Code:
    found = codes().get(manifest.code)
    if found is None:
        raise DataError(f"{folder}: no code '{manifest.code[:40]}'; known: {', '.join(codes())}")
    return found


def follow(folder: Path, code: Code | None = None, job: str | None = None) -> tuple[str, ...]:
    """Write the inputs that needed an earlier run; returns their paths.

    Args:
        folder: Of the manifest.
        code: Left out: as the manifest says, with the pseudopotentials where they were.
        job: One job; None: all.

    Raises:
        DataError: The earlier run is not there, or did not end well.
    """
    manifest = read_manifest(folder)
    code = code or code_of(manifest, folder)
    chosen = [j for j in manifest.jobs if job in (None, j.name)]
    if not chosen:
        known = ", ".join(j.name for j in manifest.jobs)
        raise DataError(f"{folder}: no job '{(job or '')[:40]}'; it has {known}")
    if isinstance(code, QuantumEspresso):
        code = replace(code, folder=_pseudo_dir(folder / chosen[0].name) or code.folder)
    written = []
    for one in chosen:
        for name, text in code.follow(folder / one.name, one, manifest.settings).items():
            written.append(str(write_whole(folder / one.name / name, text)))
    return tuple(written)


def _pseudo_dir(folder: Path) -> str | None:
    """Where an input of the job says that the pseudopotentials lie."""
    import re

    path = folder / "relax.in"
    text = path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""
    found = re.search(r"pseudo_dir = '([^'\n]*)'", text)
    return found.group(1) if found else None
