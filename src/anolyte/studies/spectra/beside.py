"""What has been published of the same interface, to stand beside what was measured."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median

from anolyte.core.errors import AnolyteError
from anolyte.core.result import quantity
from anolyte.measure.setup import Setup
from anolyte.studies.query import query

QUANTITY = "interfacial_resistance"


@dataclass(frozen=True)
class PublishedFace:
    """Published face resistances of one electrolyte on one electrode.

    Args:
        pair: As it was looked for.
        records: How many; untreated values count as records of their own.
        sources: Citation keys.
        low, middle, high: Smallest, median and largest, ohm m2. Whether a paper means one
            interface or both is often not stated.
    """

    pair: str
    records: int
    sources: tuple[str, ...]
    low: float = quantity("area_resistance")
    middle: float = quantity("area_resistance")
    high: float = quantity("area_resistance")


def published_face(setup: Setup) -> PublishedFace | None:
    """What the evidence base holds of the face that a symmetric cell has two of.

    Args:
        setup: With electrolyte and electrodes.

    Returns:
        None where these are not given, the electrodes differ or block, or nothing is known.

    >>> found = published_face(Setup(electrolyte="LLZTO", electrodes="Li|Li"))
    >>> found.records > 5 and found.low < found.middle < found.high
    True
    """
    if setup.electrolyte is None or setup.electrodes is None:
        return None
    if not setup.symmetric or setup.blocking:
        return None
    anode = setup.sides[0]
    try:
        records = query(electrolyte=setup.electrolyte, anode=anode, quantity=QUANTITY).records
    except AnolyteError:  # a name of the user's own, of which nothing is published
        return None
    usable = [r for r in records if r.source.known != "recalled" and r.method == "experiment"]
    numbers = [n for r in usable for n in (r.value, r.before) if n is not None]
    values = [n.si for n in numbers if n.kind == "area_resistance" and n.si > 0.0]
    if not values:
        return None
    keys = tuple(dict.fromkeys(r.source.key for r in usable))
    pair = f"{setup.electrolyte} | {anode}"
    return PublishedFace(pair, len(values), keys, min(values), median(values), max(values))
