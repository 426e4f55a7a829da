"""Questions to the evidence base: the records that match, and what they amount to."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from anolyte.core.errors import DataError, UnknownMaterial
from anolyte.core.provenance import KNOWN
from anolyte.core.result import Result
from anolyte.materials import library
from anolyte.materials.borders import as_text
from anolyte.materials.evidence import METHODS, evidence, papers
from anolyte.materials.records import QUANTITIES, Record, flat
from anolyte.materials.schema import Anode, Electrolyte, Material
from anolyte.materials.scope import names
from anolyte.materials.strategy import strategies
from anolyte.studies.cases import material

Sort = type[Electrolyte] | type[Anode]


@dataclass(frozen=True)
class EvidenceResult(Result):
    """Records that were asked for.

    Args:
        records: Measurements, by quantity and then as the files have them.
    """

    records: tuple[Record, ...]

    @property
    def known(self) -> dict[str, int]:
        """How many were read, quoted second-hand, recalled."""
        return {k: sum(r.source.known == k for r in self.records) for k in KNOWN}

    @property
    def papers(self) -> tuple[str, ...]:
        """Their sources, each once."""
        return papers(self.records)

    def rows(self) -> list[dict[str, Any]]:
        """One row a record, numbers in habitual units."""
        return [flat(r) for r in self.records]


def query(
    records: Iterable[Record] | None = None,
    *,
    electrolyte: Any = None,
    anode: Any = None,
    quantity: str | None = None,
    strategy: str | None = None,
    source: str | None = None,
    known: str | None = None,
    method: str | None = None,
    files: Iterable[Path] = (),
) -> EvidenceResult:
    """The records that match every word that is given.

    Args:
        records: Where to look; None: the package's evidence, packs and `files`.
        electrolyte, anode: A name, alias or formula (the same material by whatever name), or a
            class such as `oxide`; or an object with a composition.
        quantity: What was measured.
        strategy: How the interface was treated.
        source: Citation key.
        known: read | second_hand | recalled.
        method: experiment | computed | theory | review.
        files: Evidence files of your own.

    Raises:
        DataError: A word that nothing is called by; the message offers near ones.

    >>> found = query(electrolyte="LLZTO", quantity="interfacial_resistance")
    >>> {r.quantity for r in found.records}
    {'interfacial_resistance'}
    """
    every = tuple(evidence(files) if records is None else records)
    tests: list[Callable[[Record], bool]] = []
    if electrolyte is not None:
        tests.append(_of(as_text(electrolyte), Electrolyte, every))
    if anode is not None:
        tests.append(_of(as_text(anode), Anode, every))
    words = {"quantity": quantity, "strategy": strategy, "source": source}
    words |= {"known": known, "method": method}
    for field, text in words.items():
        if text is not None:
            what = _CALLED.get(field, field)
            tests.append(_says(field, one_of(what, text, _choices(field, every))))
    chosen = [r for r in every if all(test(r) for test in tests)]
    order = {name: i for i, name in enumerate(QUANTITIES)}
    return EvidenceResult(tuple(sorted(chosen, key=lambda r: order[r.quantity])))


def find(key: str, records: Iterable[Record] | None = None) -> Record:
    """One record by its id.

    Raises:
        DataError: No such record; the message offers near ids.
    """
    known = {r.id: r for r in (evidence() if records is None else records)}
    return known[one_of("record", key, known)]


_VALUE: Mapping[str, Callable[[Record], str]] = {
    "quantity": lambda r: r.quantity,
    "strategy": lambda r: r.strategy,
    "source": lambda r: r.source.key,
    "known": lambda r: r.source.known,
    "method": lambda r: r.method,
}


_CALLED = {"known": "way of knowing", "method": "method of measuring"}


def _says(field: str, wanted: str) -> Callable[[Record], bool]:
    return lambda record: _VALUE[field](record) == wanted


def _choices(field: str, records: Iterable[Record]) -> Iterable[str]:
    if field == "quantity":
        return QUANTITIES
    if field == "known":
        return KNOWN
    if field == "method":
        return METHODS
    used = dict.fromkeys(v for r in records if (v := _VALUE[field](r)))
    return {s.name: None for s in strategies()} | used if field == "strategy" else used


def one_of(what: str, text: str, known: Iterable[str]) -> str:
    """The known word that a text means: case, blanks and hyphens do not count.

    Raises:
        DataError: None; the message offers near ones.

    >>> one_of("quantity", "contact angle", ["contact_angle"])
    'contact_angle'
    """
    plain = {_plain(k): k for k in known}
    if _plain(text) in plain:
        return plain[_plain(text)]
    near = [plain[n] for n in difflib.get_close_matches(_plain(text[:60]), plain, 3, 0.5)]
    within = [k for p, k in plain.items() if len(text) > 2 and _plain(text) in p]
    offered = list(dict.fromkeys([*near, *within]))[:4]
    if offered:
        hint = f"did you mean {', '.join(offered)}?"
    else:
        some = sorted(plain.values())[:12]
        hint = f"known: {', '.join(some)}{' ...' if len(plain) > len(some) else ''}"
    raise DataError(f"no {what} '{text[:60]}'; {hint}")


def _plain(text: str) -> str:
    return text.strip().casefold().replace(" ", "_").replace("-", "_")


def _of(text: str, cls: Sort, records: tuple[Record, ...]) -> Callable[[Record], bool]:
    """Whether a record's electrolyte (or anode) is what a text means."""
    part = cls.__name__.lower()
    family = text.strip().casefold().removeprefix("class:")
    written = dict.fromkeys(getattr(r, part) for r in records)
    classes = {w.removeprefix("class:") for w in written if w.startswith("class:")}
    if family in (*cls.families, *classes):
        return lambda r: _family(getattr(r, part), cls) == family
    given = text.strip()
    wanted = given if given and given in written else check_material(given, cls)
    return lambda r: same_material(getattr(r, part), wanted, cls)


def check_material(text: str, cls: Sort) -> str:
    """The library's name of what a text means; a formula or a class stays as it is.

    Raises:
        DataError: Neither a name, nor a formula, nor a class; the message offers near names.

    >>> check_material("LPSCl", Electrolyte)
    'Li6PS5Cl'
    """
    text = text.strip()
    if text.startswith("class:") and text.removeprefix("class:") in cls.families:
        return text
    lib = library.default()
    try:
        return (lib.electrolyte if cls is Electrolyte else lib.anode)(text, as_printed=True).name
    except UnknownMaterial as error:
        raise DataError(f"{error}; or a class: {', '.join(cls.families)}") from None


def _family(text: str, cls: Sort) -> str:
    if text.startswith("class:"):
        return text.removeprefix("class:")
    found = material(text, cls)
    return found.family if found else ""


def same_material(one: str, other: str, cls: Sort) -> bool:
    """Whether two texts name one material: by name, alias or formula."""
    if one.casefold() == other.casefold():
        return True
    a, b = material(one, cls), material(other, cls)
    if a is None or b is None:
        return False
    return _named_alike(a, b)


def _named_alike(a: Material, b: Material) -> bool:
    """Two materials of the library are one only if they are called alike."""
    if "formula" not in (a.origin, b.origin):
        return a.name == b.name
    return names(a.name, b) or names(b.name, a)
