"""Parts for anolyte: a model, a folder of materials, a reader, a potential, energies.

Each is named by an entry point in `pyproject.toml`. Keep what you need and delete the rest. A part
is plain: a frozen dataclass or a function, with nothing to inherit but `Result`.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from anolyte.core.result import Concern, Finding, Level, Number, Result, quantity
from anolyte.core.units import FARADAY
from anolyte.materials.phases import Phases
from anolyte.materials.remote.sources import EntryFile
from anolyte.materials.stack import Conditions, Interface
from anolyte.measure.readers.base import Raw
from anolyte.measure.records import Recording, Spectrum

HERE = Path(__file__).parent

# --- A model: an interface at some conditions to a result, all in SI ----------------------------


def plated_thickness(areal_capacity: float, molar_volume: float) -> float:
    r"""Thickness of lithium that one half cycle plates.

    $$ h = Q V_\mathrm{Li} / F $$

    Args:
        areal_capacity: Q, C/m2.
        molar_volume: V of lithium, m3/mol.

    Returns:
        h, m.
    """
    return areal_capacity * molar_volume / FARADAY


@dataclass(frozen=True)
class PlatedResult(Result):
    """What a model answers; a number declares its kind, and so its unit."""

    thickness: float = quantity("length")
    limit: float = quantity("length")
    sources: tuple[str, ...] = ()

    concern: ClassVar[Concern] = Concern.VOLUME

    def findings(self, criteria: Any) -> tuple[Finding, ...]:
        """What the numbers mean; `{name}` becomes a number in its habitual unit."""
        level = Level.GOOD if self.thickness < self.limit else Level.CAUTION
        numbers = {"h": Number(self.thickness, "length"), "limit": Number(self.limit, "length")}
        because = "the template says: {h} of lithium a half cycle, beside {limit}"
        return (Finding(self.concern, level, because, numbers, self.sources, "example", "rule"),)


@dataclass(frozen=True)
class Plated:
    """A model holds numerical settings only; numbers of a material come in by the call.

    Args:
        limit: Thickness from which on it says caution, m. Say in your own why it is that.
    """

    limit: float = 10e-6

    concern: ClassVar[Concern] = Concern.VOLUME
    references: ClassVar[tuple[str, ...]] = ()

    def __call__(self, interface: Interface, conditions: Conditions) -> PlatedResult:
        """`need` raises a readable error where a property is missing: it becomes a finding."""
        volume = interface.anode.need("molar_volume")
        thickness = plated_thickness(conditions.areal_capacity, volume.si)
        return PlatedResult(thickness, self.limit, (volume.source.key,))


# --- Materials: a folder with electrolytes/, anodes/, interlayers/, strategies/, evidence.csv ----


def materials() -> Path:
    """Where the YAML files lie."""
    return HERE / "materials"


# --- A reader: bytes of an instrument to a recording --------------------------------------------


@dataclass(frozen=True)
class Bench:
    """Reads files that begin with `# bench 1`: rows of frequency [Hz] | real | imaginary [ohm]."""

    name: str = "Bench of the template"

    def knows(self, raw: Raw) -> bool:
        """By the content, never by the name of the file; never raises."""
        return raw.head.startswith("# bench 1")

    def read(self, raw: Raw) -> Recording:
        """A file that is damaged is refused with its line."""
        rows = []
        for number, line in enumerate(raw.lines[1:], start=2):
            if line.strip():
                try:
                    f, real, imaginary = map(float, line.split("|"))
                except ValueError:
                    raise raw.wrong("expected 'frequency | real | imaginary'", number) from None
                rows.append((f, complex(real, imaginary)))
        frequency, impedance = zip(*rows, strict=True)
        return Recording(raw.path, self.name, (Spectrum.of(frequency, impedance, file=raw.path),))


# --- A potential: a calculator of ASE, made without arguments -------------------------------------


def calculator() -> Any:
    """Any calculator of ASE, such as `mace_mp()`; this one is of no use, and quick."""
    from ase.calculators.lj import LennardJones

    return LennardJones(sigma=1.8, epsilon=0.3, rc=5.0)


# --- Reference energies: `--entries example:TEXT` ------------------------------------------------


@dataclass(frozen=True)
class Energies:
    """A source has one method: elements to the phases made of them, of one kind of energy."""

    file: EntryFile

    def phases(self, elements: Any = ()) -> Phases:
        """Of a file here; yours may ask a database."""
        return self.file.phases(elements)


def energies(text: str) -> Energies:
    """The source, made from what stands after the colon."""
    return Energies(EntryFile(Path(text) if text else HERE / "energies.csv"))
