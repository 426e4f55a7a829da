"""The cell of a measured record, put together as far as its paper tells.

Electrolyte, layers, and what a strategy sets and the laws of a cell read. Conditions that the paper
leaves open are drawn from a stated range together with the parameters, so that they widen the
interval. `fed` names the papers behind a cell's numbers: their records are inputs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from anolyte.core.errors import AnolyteError, MissingProperty
from anolyte.core.units import show
from anolyte.materials import library, references, strategy
from anolyte.materials.evidence import evidence
from anolyte.materials.records import Record
from anolyte.materials.schema import Anode, Electrolyte, Measurement
from anolyte.materials.stack import Cell, Conditions, Interface, Layer
from anolyte.models.cell import build
from anolyte.models.cell.assembly import CONDUCTING, Assembly, assemble
from anolyte.models.passivation import Passivation
from anolyte.studies.cases import material as material_of

DRAWS, SEED = 64, 0
ROOM_TEMPERATURE = 298.15
OPEN_PRESSURE = (0.4e6, 2e6, 10e6)
"""Pa, lowest, middle, highest: what the limit of stripping was fitted to, where none is stated."""
ATMOSPHERE = 0.1e6

Span = tuple[float, float, float]


@dataclass(frozen=True)
class Setting:
    """A record's cell as the model takes it.

    Args:
        interface: With what a strategy sets; without numbers of the record's own paper.
        temperature: K.
        pressure: Lowest, middle, highest, Pa; equal where it is stated.
        notes: What was assumed.
        own: The record's paper is the only source of the conductivity.
    """

    interface: Interface
    temperature: float
    pressure: Span
    notes: tuple[str, ...] = ()
    own: bool = False


# --- the record's cell --------------------------------------------------------------------------

READ = ("surface.cleaned", "surface.film", "surface.contact", "surface.liquid",
        "surface.contact_angle", "surface.roughness", "sample.thickness")  # fmt: skip
"""What a strategy may set and a cell's laws read, besides layers and conditions."""


def setting(record: Record) -> Setting:
    """The cell of a record.

    Raises:
        MissingProperty: No single electrolyte or metal, or a treatment that no law here reads.
    """
    found = material_of(record.electrolyte, Electrolyte)
    if not isinstance(found, Electrolyte) or found.name.startswith("class:"):
        raise MissingProperty("not one electrolyte")
    anode = material_of(record.anode, Anode)
    if not isinstance(anode, Anode) or anode.name.startswith("class:"):
        raise MissingProperty("not one anode of the library")
    bare = _of_others(found, record)
    own = _conducts_ions(found) and not _conducts_ions(bare)
    layers = [Layer.parse(x, library.default(), as_printed=True) for x in record.layers]
    interface = Interface(found if own else bare, anode, layers)
    cell, notes = _treated(Cell(interface), record)
    temperature, pressure = _conditions(cell, record, notes)
    if temperature > anode.need("temperature_limit").si if anode.has("temperature_limit") else 0:
        raise MissingProperty("the metal is molten: its laws are those of a solid")
    return Setting(cell.interface, temperature, pressure, tuple(notes), own)


def _of_others(material: Electrolyte, record: Record) -> Electrolyte:
    """The electrolyte without the numbers of the record's own paper."""
    own = references.paper(record.source.key)
    doi = references.fields(record.source.key).get("doi", "").casefold()

    def foreign(m: Measurement) -> bool:
        return references.paper(m.source) != own and not (doi and doi in m.where.casefold())

    kept = {n: tuple(filter(foreign, values)) for n, values in material.properties.items()}
    return material.model_copy(update={"properties": {k: v for k, v in kept.items() if v}})


def _conducts_ions(material: Any) -> bool:
    return any(material.has(n) for n in ("ionic_conductivity", "vtf_prefactor")) or bool(
        material.components
    )


def _treated(cell: Cell, record: Record) -> tuple[Cell, list[str]]:
    """The cell after the record's strategy, as far as the laws read what it sets."""
    notes: list[str] = []
    if not record.strategy:
        return cell, notes
    applied = bool(record.layers)
    for change in strategy.find(record.strategy).sets:
        head = change.what.partition(".")[0]
        if head == "conditions":
            cell = change.apply(cell, library.default())
            applied = True
        elif head == "layer":
            if not record.layers:
                raise MissingProperty(f"{record.strategy}: its layer is not in the library")
        elif change.what in READ:
            cell = change.apply(cell, library.default())
            applied = True
            if change.how == "assumed":
                notes.append(f"{change.what.partition('.')[2]} assumed at {change.value}")
        else:
            raise MissingProperty(f"{record.strategy}: no law of the cell reads {change.what}")
    if not applied:
        raise MissingProperty(f"{record.strategy}: no law of the cell reads what it sets")
    return cell, notes


_WITHOUT_PRESSURE = re.compile(r"no (?:external|stack) pressure", re.IGNORECASE)


def _conditions(cell: Cell, record: Record, notes: list[str]) -> tuple[float, Span]:
    """Temperature and pressure as stated, as the strategy sets them, or as assumed."""
    default, set_by = Conditions(), cell.conditions
    if record.temperature is not None:
        temperature = record.temperature.si
    elif set_by.temperature != default.temperature:
        temperature = set_by.temperature
        notes.append(f"{show(temperature, 'temperature')} taken from {record.strategy}")
    else:
        temperature = ROOM_TEMPERATURE
        notes.append("temperature not stated, 25 °C assumed")
    low, _, high = (show(p, "pressure") for p in OPEN_PRESSURE)
    if record.stack_pressure is not None:
        return temperature, _exactly(record.stack_pressure.si)
    if _WITHOUT_PRESSURE.search(record.protocol):
        notes.append("no pressure but that of the atmosphere")
        return temperature, _exactly(ATMOSPHERE)
    if set_by.stack_pressure != default.stack_pressure:
        notes.append(f"pressure taken from {record.strategy}")
        return temperature, _exactly(set_by.stack_pressure)
    notes.append(f"pressure not stated, {low} to {high} assumed")
    return temperature, OPEN_PRESSURE


def _exactly(value: float) -> Span:
    return value, value, value


def drawn(span: Span) -> np.ndarray[Any, Any]:
    """Draws between two ends, even in the logarithm; the first is the middle."""
    low, middle, high = span
    even = (np.random.default_rng(SEED).permutation(DRAWS) + 0.5) / DRAWS
    values = np.array(low * (high / low) ** even)
    values[0] = middle
    return values


@lru_cache(maxsize=256)
def assembled(interface: Interface, temperature: float, pressure: Span) -> Assembly:
    """A cell of draws; open pressures are drawn with the parameters."""
    try:
        conducts = Passivation()(interface, Conditions()).character in CONDUCTING
    except AnolyteError:
        conducts = False
    return assemble(
        interface, Conditions(stack_pressure=pressure[1], temperature=temperature),
        pick=build.Draws(DRAWS, SEED), attach_pressure=drawn(pressure), conducts=conducts,
    )  # fmt: skip


# --- what fed the model -------------------------------------------------------------------------

_FED = re.compile(r"(?:Calibration|Rows? that fed a parameter): ([^.]*)")
_WORD = re.compile(r"[a-z0-9_]+")


def fed(assembly: Assembly) -> frozenset[str]:
    """The papers behind the numbers of a cell: their sources, and the rows that fitted them."""
    texts: list[str] = []
    for value in assembly.used.values():
        texts += [value.source.key, value.source.where]
    for parameters in assembly.parameters:
        used = {name.replace(" ", "_") for name in parameters.used}
        for pair in parameters.contact.pairs:
            spoke = {n for n in pair.properties if n in used and _speaks(parameters, pair, n)}
            if spoke:
                texts += [m[1] for note in pair.notes for m in _FED.finditer(note)]
    return frozenset(paper for text in texts for paper in papers_in(text))


def _speaks(parameters: build.Parameters, pair: Any, name: str) -> bool:
    """Whether a file is the most special that has a number."""
    return next(p for p in parameters.contact.pairs if name in p.properties) is pair


def papers_in(text: str) -> Iterator[str]:
    """Papers that a text names by citation key or by a record's name."""
    for word in _WORD.findall(text.casefold()):
        word = _sources().get(word, word)
        if word in references.all_references():
            yield references.paper(word)


@lru_cache(maxsize=1)
def _sources() -> dict[str, str]:
    return {r.id: r.source.key for r in evidence()}


def leans(record: Record, papers: frozenset[str]) -> bool:
    """Whether a record comes from one of the papers, or is a range that holds one of them."""
    own = {references.paper(record.source.key), *papers_in(record.note)}
    return bool(own & (papers - {"anolyte"}))
