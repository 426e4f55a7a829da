"""Energies of any OPTIMADE provider, from the field that is the provider's own."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from anolyte.core.errors import DataError
from anolyte.core.units import ANGSTROM3_TO_MOLAR
from anolyte.materials import formula
from anolyte.materials.entries import number
from anolyte.materials.phases import Phases
from anolyte.materials.remote.cache import Answer, Row
from anolyte.materials.remote.database import ask, read_rows, today
from anolyte.materials.remote.transport import (
    TWICE,
    Limits,
    Refused,
    Service,
    bare,
    joined,
    one_line,
)

NAME = "OPTIMADE"
PAGE = 100
UNITS = re.compile(r"ev(\s*(/|per)\s*atom)?", re.IGNORECASE)
NOT_SUPPORTED = frozenset({400, 403, 422, 501})
"""Statuses that a legal filter or page size may get: another wording is tried."""
SYMBOLS = (
    "H He Li Be B C N O F Ne Na Mg Al Si P S Cl Ar K Ca Sc Ti V Cr Mn Fe Co Ni Cu Zn Ga Ge As Se "
    "Br Kr Rb Sr Y Zr Nb Mo Tc Ru Rh Pd Ag Cd In Sn Sb Te I Xe Cs Ba La Ce Pr Nd Pm Sm Eu Gd Tb "
    "Dy Ho Er Tm Yb Lu Hf Ta W Re Os Ir Pt Au Hg Tl Pb Bi Po At Rn Fr Ra Ac Th Pa U Np Pu Am Cm "
    "Bk Cf Es Fm Md No Lr Rf Db Sg Bh Hs Mt Ds Rg Cn Nh Fl Mc Lv Ts Og"
).split()


@dataclass(frozen=True, slots=True)
class EnergyField:
    """Where a provider keeps an energy per atom, eV.

    Args:
        field: The response field, prefix included.
        kind: What the energy is.
        path: Keys below the field.
        source: Where this was read.
        known: read | second_hand | recalled.
    """

    field: str
    kind: str
    path: tuple[str, ...] = ()
    source: str = ""
    known: str = "recalled"

    def value(self, attributes: Mapping[str, Any], where: str) -> float:
        """The energy of one entry.

        Raises:
            DataError: There is none.
        """
        found: Any = attributes.get(self.field)
        for key in self.path:
            lower = {str(k).lower(): v for k, v in found.items()} if isinstance(found, dict) else {}
            found = lower.get(key.lower())
        name = ".".join((self.field, *self.path))
        if found is None:
            raise DataError(f"{where}: no energy in {name}")
        return number(found, where, name)


@lru_cache(maxsize=1)
def known_fields() -> Mapping[str, tuple[EnergyField, ...]]:
    """Energy fields by prefix of the provider: `providers.yaml`."""
    import yaml

    text = Path(__file__).with_name("providers.yaml").read_text(encoding="utf-8")
    return MappingProxyType({
        prefix: tuple(EnergyField(**row | {"path": tuple(row.get("path", ()))}) for row in rows)
        for prefix, rows in yaml.safe_load(text).items()
    })  # fmt: skip


@dataclass(frozen=True)
class Optimade:
    """An OPTIMADE provider as a source of reference energies.

    Args:
        address: Base URL of the database, with or without `/v1`.
        energy: Its energy field; None: found by the provider's prefix in `providers.yaml`.
        refresh: Ask again although an answer is kept.
        kept_in: Folder of kept answers; None: the user's cache.
        limits: How long and how much.

    Source:
        The OPTIMADE API specification 1.2, https://optimade.org.
    """

    address: str
    energy: EnergyField | None = None
    refresh: bool = False
    kept_in: Path | None = None
    limits: Limits = field(default_factory=Limits)

    def phases(self, elements: Iterable[str]) -> Phases:
        """Every entry made of these elements and no others.

        Raises:
            DataError: No elements.
            RemoteError: The provider did not answer as documented, or keeps no known energy.
        """
        wanted = tuple(sorted(set(elements)))
        base = base_of(self.address)
        asked = None if self.energy is None else [self.energy.field, *self.energy.path]
        question = {"database": "optimade", "address": base, "system": "-".join(wanted),
                    "energy": asked}  # fmt: skip
        name = f"{NAME} {bare(base)}"
        return ask(
            name, question, wanted, lambda: self._asked(name, base, wanted),
            refresh=self.refresh, kept_in=self.kept_in,
        )  # fmt: skip

    def _asked(self, name: str, base: str, elements: tuple[str, ...]) -> Answer:
        with Service(name, f"{base}/v1", limits=self.limits) as service:
            information = _information(service)
            energy = self.energy or _known(service, information)
            _check(service, information, energy)
            attributes = list(_entries(service, elements, energy))
            version = _version(information, attributes)
            found = read_rows(service, attributes, lambda a: _row(a, energy), frozenset(elements))
        return Answer(f"{name} {energy.kind}", version, today(), *found)


def base_of(address: str) -> str:
    """The address of a database without version and what follows it.

    >>> base_of("https://optimade.example.org/v1/structures/")
    'https://optimade.example.org'
    """
    return re.sub(r"(/v\d+(\.\d+)*)?(/structures|/info)?/*$", "", address.strip())


def _information(service: Service) -> dict[str, Any]:
    """What the provider says of its structures.

    Raises:
        RemoteError: There is none, as at the address of a provider of several databases.
    """
    try:
        return service.get("info/structures")
    except Refused as error:
        if error.status != 404:
            raise
        raise service.fault(
            "no OPTIMADE database of version 1 is there (404 for v1/info/structures); a provider "
            "may have several, each with its own address: see https://www.optimade.org/providers"
        ) from None


def _known(service: Service, information: Mapping[str, Any]) -> EnergyField:
    """The provider's energy field.

    Raises:
        RemoteError: None is known.
    """
    offered = _properties(service, information)
    prefix = str(_at(information, "meta", "provider", "prefix") or "")
    for known in known_fields().get(prefix, ()):
        if known.field in offered:
            return known
    energies = [p for p in offered if p.startswith("_") and re.search("energ|enthalp|delta_e", p)]
    hint = f" (it has {', '.join(sorted(energies)[:4])})" if energies else ""
    raise service.fault(
        f"the provider '{prefix[:20]}' keeps no energy in a field that is known here{hint}; "
        "name one in Python: Optimade(address, EnergyField(...))"
    )


def _check(service: Service, information: Mapping[str, Any], energy: EnergyField) -> None:
    """Refuse another major version, a field that is gone, or another unit."""
    version = str(_at(information, "meta", "api_version") or "")
    if not re.match(r"v?1\.", version):
        raise service.fault(f"speaks version '{version[:20]}' of OPTIMADE; version 1 is understood")
    offered = _properties(service, information)
    if energy.field not in offered:
        raise service.fault(f"has no field {energy.field}: its interface has changed")
    unit = _at(offered, energy.field, "unit")
    if not energy.path and isinstance(unit, str) and not UNITS.fullmatch(unit.strip()):
        raise service.fault(f"{energy.field} is in '{unit[:20]}', not in eV/atom")


def _properties(service: Service, information: Mapping[str, Any]) -> Mapping[str, Any]:
    offered = _at(information, "data", "properties")
    if not isinstance(offered, dict):
        raise service.fault("does not tell what fields it has: no OPTIMADE interface of version 1")
    return offered


def _at(data: Any, *keys: str) -> Any:
    """What lies below keys; None where a key is missing."""
    for key in keys:
        data = data.get(key) if isinstance(data, dict) else None
    return data


def _version(information: Mapping[str, Any], entries: list[Mapping[str, Any]]) -> str:
    """The database's version in its own words, else the day of its newest entry."""
    said = _at(information, "meta", "database", "version")
    if isinstance(said, str) and said:
        return one_line(said)[:40]
    days = [one_line(str(e.get("last_modified")))[:10] for e in entries if e.get("last_modified")]
    return f"of unstated version, newest entry {max(days)}" if days else "of unstated version"


def _entries(
    service: Service, elements: tuple[str, ...], energy: EnergyField
) -> Iterator[Mapping[str, Any]]:
    """The attributes of every entry, page by page."""
    return entries(service, _first(service, elements, energy))


def entries(service: Service, page: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The attributes of every entry, `id` among them, from a first page on.

    Raises:
        RemoteError: The pages end early, go in circles or leave the host.
    """
    seen, asked = set[str](), set[str]()
    while True:
        for entry in _resources(service, page):
            if entry["id"] in seen:
                raise service.fault(f"{TWICE} ({entry['id'][:60]})")
            seen.add(entry["id"])
            if len(seen) > service.limits.entries:
                raise service.fault(f"more than the {service.limits.entries} entries allowed")
            yield entry
        following = _at(page, "links", "next")
        following = _at(following, "href") if isinstance(following, dict) else following
        if not following:
            break
        if not isinstance(following, str) or following in asked:
            raise service.fault("its pages go in circles")
        asked.add(following)
        if isinstance(rest := _at(page, "meta", "request_delay"), int | float) and rest > 0:
            service.pause(float(rest), "wants a rest between its pages")
        page = service.get(joined(f"{service.base}/structures", following))
    total = _at(page, "meta", "data_returned")
    more = _at(page, "meta", "more_data_available") is True
    if more or (isinstance(total, int) and len(seen) < total):
        raise service.fault(f"the answer ends early, with {len(seen)} of {total or 'more'} entries")


def _first(service: Service, elements: tuple[str, ...], energy: EnergyField) -> Mapping[str, Any]:
    """The first page, in the first wording that the provider supports."""
    quoted = ", ".join(f'"{e}"' for e in elements)
    others = ", ".join(f'"{e}"' for e in SYMBOLS if e not in elements)
    # HAS ONLY is optional in the standard; what HAS ANY says of all other elements is not
    filters = (f"elements HAS ONLY {quoted}", f"NOT (elements HAS ANY {others})")
    fields = ("chemical_formula_reduced", "nsites", "lattice_vectors", "last_modified")
    asked = {"response_fields": ",".join((*fields, energy.field))}
    wordings = [
        asked | {"filter": wording} | size
        for size in ({"page_limit": str(PAGE)}, {})  # more than a provider gives is refused
        for wording in filters
    ]
    for wording in wordings[:-1]:
        try:
            return service.get("structures", wording)
        except Refused as error:
            if error.status not in NOT_SUPPORTED:
                raise
    return service.get("structures", wordings[-1])


def _resources(service: Service, page: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    data = page.get("data")
    if not isinstance(data, list):
        raise service.fault("answers without 'data': its interface has changed")
    for resource in data:
        attributes = _at(resource, "attributes")
        if not isinstance(attributes, dict):
            raise service.fault("an entry has no attributes: its interface has changed")
        yield attributes | {"id": str(resource.get("id"))}


def _row(attributes: Mapping[str, Any], energy: EnergyField) -> Row:
    """One entry.

    Raises:
        DataError: No formula or energy that can be one.
    """
    name = one_line(attributes["id"])[:60]
    where = f"{NAME} {name}"
    text = attributes.get("chemical_formula_reduced")
    if not isinstance(text, str):
        raise DataError(f"{where}: no chemical_formula_reduced")
    try:
        amounts = formula.parse(text)
    except formula.FormulaError as error:
        raise DataError(f"{where}: {error}") from None
    return Row(
        formula.write(formula.reduced(amounts)[0]),
        energy.value(attributes, where),
        name,
        _volume(attributes, amounts),
    )


def _volume(attributes: Mapping[str, Any], amounts: Mapping[str, float]) -> float | None:
    """m3 per mole of formula units, where cell and sites are sent and fit the formula."""
    try:
        a, b, c = ([float(x) for x in vector] for vector in attributes["lattice_vectors"])
        cell = abs(sum(a[i] * (b[i - 2] * c[i - 1] - b[i - 1] * c[i - 2]) for i in range(3)))
        units = float(attributes["nsites"]) / formula.atoms(amounts)
        whole = round(units)
    except (KeyError, IndexError, TypeError, ValueError, OverflowError):
        return None
    if whole < 1 or abs(units - whole) > 1e-6 or not math.isfinite(cell) or cell <= 0.0:
        return None
    return cell / whole * ANGSTROM3_TO_MOLAR
