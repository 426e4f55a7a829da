"""What today's models say of a measured record, without having seen it.

A predictor speaks of one quantity. It must not lean on the record that it is compared with: a
material's number from the same paper is taken out of the material first, and where nothing else is
left the record counts as an input, not as a prediction.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache

from anolyte.core.errors import AnolyteError, MissingProperty
from anolyte.laws.capacity import theoretical_capacity
from anolyte.laws.conduction import conductivity
from anolyte.laws.contact_products import molar_volume
from anolyte.laws.expansion import plated_thickness
from anolyte.laws.potential import anode_potential
from anolyte.materials import formula, library, references
from anolyte.materials.phases import embedded
from anolyte.materials.records import Record
from anolyte.materials.schema import Anode, Electrolyte, Interlayer, Material, Measurement
from anolyte.materials.scope import names
from anolyte.models.reactions import products_against_potential
from anolyte.models.window import WindowResult, window
from anolyte.studies.cases import material as material_of

ROOM_TEMPERATURE = 298.15
REVIEW = "wang2025review"
# Words by which a record says that its sample is not the material of the library's file.
_OTHER_SAMPLE = re.compile(
    r"composition|nearest|variant|doped|substitut|film|amorphous|glass|additive|blend|sinter"
    r"|filler|membrane|composite|quench", re.IGNORECASE,
)  # fmt: skip


@dataclass(frozen=True)
class Prediction:
    """A model's value for a record, SI, with its interval.

    Args:
        in_range: Inside the range of validity that the model states.
        note: What the comparison leaves out.
    """

    value: float
    low: float
    high: float
    in_range: bool = True
    note: str = ""


@dataclass(frozen=True)
class Predictor:
    """A model's way to a quantity.

    Args:
        name: What is scored, in words.
        model: Which model.
        quantities: Records that it speaks of.
        predict: Record to prediction; raises where it cannot, returns None where the record was
            its input.
        logarithmic: Errors are counted in decades instead of in units.
        parameters: Free parameters fitted to records of this kind.
    """

    name: str
    model: str
    quantities: tuple[str, ...]
    predict: Callable[[Record], Prediction | None]
    logarithmic: bool = False
    parameters: int = 0


# --- windows ------------------------------------------------------------------------------------


@lru_cache(maxsize=256)
def _window(formula_text: str) -> WindowResult:
    return window(library.default().electrolyte(formula_text, as_printed=True))


def _electrolyte(record: Record) -> Electrolyte:
    found = material_of(record.electrolyte, Electrolyte)
    if found is None or not isinstance(found, Electrolyte) or found.name.startswith("class:"):
        raise MissingProperty("not one electrolyte")
    return found


def _limit(record: Record) -> Prediction:
    """A window's limit, with the limits under the doubts about single phases as its interval."""
    found = _electrolyte(record)
    if record.before is not None:
        raise MissingProperty("a treated sample: the model does not know the treatment")
    if found.formula is None:
        raise MissingProperty(f"{found.name} has no formula")
    result = _window(found.name)
    name = record.quantity
    value = getattr(result, name)
    others = [getattr(a, name) for a in result.alternatives]
    note = ""
    if record.method == "experiment":
        note = "thermodynamic limit beside an experiment: kinetics and passivation widen the latter"
    return Prediction(value, min([value, *others]), max([value, *others]), note=note)


# --- conductivity -------------------------------------------------------------------------------


def _without_source(material: Material, record: Record) -> Material:
    """The material without the numbers that come from the record's own paper."""
    doi = references.fields(record.source.key).get("doi", "").casefold()

    def foreign(m: Measurement) -> bool:
        if m.source == REVIEW and REVIEW in record.source.where:
            return False  # both were read in the review, which quotes one paper
        if not doi and "attributed to doi" in m.where.casefold():
            return False  # a database names papers by DOI; without ours it may be the same one
        return m.source != record.source.key and not (doi and doi in m.where.casefold())

    kept = {
        name: tuple(m for m in values if foreign(m)) for name, values in material.properties.items()
    }
    return material.model_copy(update={"properties": {k: v for k, v in kept.items() if v}})


def _conductivity(record: Record) -> Prediction | None:
    """Conductivity at the record's temperature from other papers or, for composites, by mixing."""
    known = _conductor(record)
    if record.strategy:
        raise MissingProperty("a treated sample: the model does not know the treatment")
    temperature = record.temperature.si if record.temperature else ROOM_TEMPERATURE
    try:
        found = conductivity(_without_source(known, record), temperature)
    except MissingProperty:
        if known.has("ionic_conductivity") or known.has("vtf_prefactor"):
            return None  # the record is the only source: an input
        raise
    told = f"{record.note} {record.doubt} {record.protocol}"
    other = _OTHER_SAMPLE.search(told) or _another_formula(told, known)
    note = f"another sample than the library's: {record.note}" if other else ""
    in_range = not (found.extrapolated or other)
    return Prediction(found.value, found.low, found.high, in_range, note)


# Four elements or more with an amount somewhere: `Li6.25Ga0.25La3Zr2O12`, not `LiF`.
_FORMULA = re.compile(r"\b(?:[A-Z][a-z]?[\d.]*){4,}(?:\([A-Z][A-Za-z\d.]*\)\d*)?")


def _another_formula(text: str, material: Material) -> bool:
    """Whether a text names a lithium compound that is not the material."""
    for match in _FORMULA.finditer(text):
        try:
            composition = formula.parse(match[0].rstrip("."))
        except AnolyteError:
            continue
        if "Li" in composition and material.formula is not None:
            if not formula.same(composition, material.composition):
                return True
    return False


def _conductor(record: Record) -> Material:
    """The library's electrolyte, or the interlayer where the record is of a product (Li3P)."""
    known = _electrolyte(record)
    if known.origin != "formula":
        return known
    interlayer = next((m for m in library.default().all(Interlayer) if names(known.name, m)), None)
    if interlayer is None:
        raise MissingProperty(f"{known.name} is not in the library")
    return interlayer


# --- anode hosts --------------------------------------------------------------------------------


def _anode(record: Record) -> Anode:
    found = material_of(record.anode, Anode)
    if not isinstance(found, Anode) or found.formula is None:
        raise MissingProperty("no anode with a formula")
    return found


def _capacity(record: Record) -> Prediction:
    anode = _anode(record)
    state = anode.states[-1] if anode.states else anode.formula
    value = theoretical_capacity(str(anode.formula), str(state))
    return Prediction(value, value, value, note=f"to {state}")


def _capacity_ratio(record: Record) -> Prediction:
    value = _capacity(record).value / theoretical_capacity("C", "LiC6")
    return Prediction(value, value, value)


def _expansion(record: Record) -> Prediction:
    """From cell volumes alone, whatever the material's file says was measured."""
    anode, phases = _anode(record), embedded()
    bare = {e: n for e, n in anode.composition.items() if e != "Li"}
    host = formula.write(formula.reduced(bare)[0])
    if not anode.states:
        raise MissingProperty(f"{anode.name} has no lithiated states")
    empty, full = molar_volume(phases, host), molar_volume(phases, anode.states[-1])
    if empty is None or full is None:
        raise MissingProperty(f"{anode.name}: no cell volumes")
    units = sum(n for e, n in formula.parse(anode.states[-1]).items() if e != "Li")
    value = full / units / (empty / formula.atoms(formula.parse(host))) - 1.0
    return Prediction(value, value, value, note=f"to crystalline {anode.states[-1]}")


def _swelling(record: Record) -> Prediction:
    lithium = library.default().anode("Li").need("molar_volume").si
    value = plated_thickness(1.0, lithium)
    return Prediction(value, value, value, note="dense, planar lithium; no porosity")


def _mean_potential(record: Record) -> Prediction:
    """Mean of the computed plateaus, from the first to the last, and their range."""
    plateaus = [p.potential for p in anode_potential(_anode(record), embedded()).plateaus]
    if not plateaus:
        raise MissingProperty(f"{record.anode} has no computed plateaus")
    return Prediction(sum(plateaus) / len(plateaus), min(plateaus), max(plateaus))


# --- products against potential -----------------------------------------------------------------

_PRODUCTS = re.compile(r"products?:?\s+([A-Z][\w.()]*(?:\s*(?:,|and)\s*[A-Z][\w.()]*)*)")


HIGHEST = 4.0
"""V vs Li/Li+ up to which products are looked for."""


@lru_cache(maxsize=16)
def _ranges(left: str, right: str) -> dict[str, tuple[float, float]]:
    return products_against_potential(left, right, high=HIGHEST)


def _product_potential(record: Record) -> Prediction:
    """Upper or lower end of the potentials at which all of the named products form."""
    match = _PRODUCTS.search(record.note)
    if match is None or record.bound not in ("range_low", "range_high"):
        raise MissingProperty("the record names no products, or no end of a range")
    wanted = re.split(r"\s*,\s*|\s+and\s+", match[1])
    upper = record.bound == "range_high"
    ends = []
    for electrolyte in _members(record.electrolyte):
        ranges = _ranges(electrolyte, record.anode)
        found = [ranges[p] for p in wanted if p in ranges]
        if len(found) < len(wanted):
            continue
        end = min(high for _, high in found) if upper else max(low for low, _ in found)
        if 0.0 < end < HIGHEST:  # an end of the scan is no end of the range
            ends.append(end)
    if not ends:
        raise MissingProperty(f"{' and '.join(wanted)} form nowhere in these energies")
    return Prediction(sum(ends) / len(ends), min(ends), max(ends))


def _members(text: str) -> tuple[str, ...]:
    """An electrolyte, or what stands for its class where a record speaks of the class."""
    return ("Li3PS4", "Li6PS5Cl") if text == "class:sulfide" else (text,)


PREDICTORS: tuple[Predictor, ...] = (
    Predictor("stability limits", "window", ("reduction_limit", "oxidation_limit"), _limit),
    Predictor("products against potential", "reactions", ("decomposition_potential",),
              _product_potential),
    Predictor("ionic conductivity", "transport", ("ionic_conductivity",), _conductivity, True),
    Predictor("theoretical capacity", "volume", ("theoretical_capacity",), _capacity, True),
    Predictor("capacity beside graphite", "volume", ("capacity_ratio_to_graphite",),
              _capacity_ratio, True),
    Predictor("expansion of hosts", "volume", ("volume_expansion",), _expansion),
    Predictor("thickness of plated lithium", "volume", ("thickness_change_per_capacity",),
              _swelling, True),
    Predictor("potential of hosts", "window", ("electrode_potential",), _mean_potential),
)  # fmt: skip


def speaks(record: Record, predictors: Iterable[Predictor] = PREDICTORS) -> Predictor | None:
    """The predictor of a record's quantity."""
    return next((p for p in predictors if record.quantity in p.quantities), None)


def predicted(predictor: Predictor, record: Record) -> Prediction | str | None:
    """The prediction; a reason where there is none; None where the record was an input."""
    try:
        found = predictor.predict(record)
    except AnolyteError as error:
        return str(error)
    if found is None:
        return None
    if not math.isfinite(found.value):
        return "no finite value"
    return Prediction(  # of plain numbers, whatever the predictor computed with
        float(found.value), float(found.low), float(found.high), bool(found.in_range), found.note
    )
