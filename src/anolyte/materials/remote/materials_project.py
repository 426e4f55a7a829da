"""Total energies of the Materials Project, with a key, for one chemical system at a time."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from anolyte.core.errors import DataError
from anolyte.core.units import ANGSTROM3_TO_MOLAR
from anolyte.materials import formula
from anolyte.materials.entries import amounts_of, number
from anolyte.materials.phases import Phases
from anolyte.materials.remote.cache import Answer, Row
from anolyte.materials.remote.database import ask, read_rows, today
from anolyte.materials.remote.keys import Key, find_key
from anolyte.materials.remote.transport import TWICE, Limits, Service, one_line

ADDRESS, VARIABLE = "https://api.materialsproject.org", "MP_API_ENDPOINT"
NAME = "Materials Project"
MOST_ELEMENTS = 9
"""Elements of one question; the service's own client stops here, too."""
SYSTEMS, PAGE = 100, 1000
"""Chemical systems in one address, and entries a page: the most that the service gives."""
_SPELLINGS = {"R2SCAN": ("r2SCAN",)}
"""Further names under which entries of a kind are filed."""
FIELDS = (
    "material_id", "thermo_type", "composition", "volume", "energy_per_atom",
    "uncorrected_energy_per_atom", "deprecated",
)  # fmt: skip


class ThermoType(StrEnum):
    """Which calculations make a hull; those mixed of both kinds are not offered.

    The shifts that put r2SCAN on the scale of GGA belong to one hull of one chemical system: taken
    from the sub-systems they share no scale.
    """

    GGA_GGA_U = "GGA_GGA+U"
    R2SCAN = "R2SCAN"


@dataclass(frozen=True)
class MaterialsProject:
    """The Materials Project as a source of reference energies.

    The service's `energy_per_atom` holds its corrections already; nothing is added to it.

    Args:
        key: Yours; None: looked up in `MP_API_KEY`, then in `~/.config/.pmgrc.yaml`.
        thermo_type: One kind a hull.
        address: Of the service; None: `MP_API_ENDPOINT`, else its own.
        refresh: Ask again although an answer is kept.
        kept_in: Folder of kept answers; None: the user's cache.
        limits: How long and how much.

    Source:
        The service's own data model, emmet-core `thermo.py` and emmet-api `models.py`.
    """

    key: Key | str | None = None
    thermo_type: ThermoType = ThermoType.GGA_GGA_U
    address: str | None = None
    refresh: bool = False
    kept_in: Path | None = None
    limits: Limits = field(default_factory=Limits)

    def __post_init__(self) -> None:
        if isinstance(self.key, str):  # wrapped at once, so that no printing or storing shows it
            object.__setattr__(self, "key", find_key(self.key))

    def phases(self, elements: Iterable[str]) -> Phases:
        """Every entry made of these elements and no others.

        Raises:
            DataError: No key, or elements that are none or too many.
            RemoteError: The service did not answer as documented.
        """
        wanted = tuple(sorted(set(elements)))
        if len(wanted) > MOST_ELEMENTS:
            raise DataError(
                f"{NAME}: {len(wanted)} elements at once ({', '.join(wanted)}); at most "
                f"{MOST_ELEMENTS} make one question"
            )
        address = (self.address or os.environ.get(VARIABLE) or ADDRESS).rstrip("/")
        question = {"database": "mp", "address": address, "system": "-".join(wanted),
                    "thermo_type": str(self.thermo_type)}  # fmt: skip
        return ask(
            NAME, question, wanted, lambda: self._asked(address, wanted),
            refresh=self.refresh, kept_in=self.kept_in,
        )  # fmt: skip

    def _asked(self, address: str, elements: tuple[str, ...]) -> Answer:
        key = self.key if isinstance(self.key, Key) else find_key()
        with Service(NAME, address, key, self.limits) as service:
            version = _version(service)
            documents = _documents(service, elements, self.thermo_type)
            if _version(service) != version:
                raise service.fault(f"was renewed while it answered (from {version}); ask again")
        kind = f"{NAME} {self.thermo_type} total energies"
        found = read_rows(service, documents, _row, frozenset(elements))
        return Answer(kind, version, today(), *found)


def _version(service: Service) -> str:
    version = service.get("heartbeat").get("db_version")
    if not isinstance(version, str) or not version:
        raise service.fault("does not tell the version of its database: its interface has changed")
    return one_line(version)[:40]


def _documents(
    service: Service, elements: tuple[str, ...], thermo_type: ThermoType
) -> list[Mapping[str, Any]]:
    """The entries of the chemical system and of all its sub-systems, each once."""
    systems = ["-".join(s) for n in range(1, len(elements) + 1)
               for s in itertools.combinations(elements, n)]  # fmt: skip
    found: dict[str, Mapping[str, Any]] = {}
    for start in range(0, len(systems), SYSTEMS):
        for document in _pages(service, systems[start : start + SYSTEMS], thermo_type):
            said = str(document.get("thermo_type"))
            if said.upper() != thermo_type:
                raise service.fault(
                    f"answers with energies of kind {said[:40]} among {thermo_type}; two kinds "
                    "share no hull"
                )
            name = str(document.get("material_id"))
            if name in found:
                raise service.fault(f"{TWICE} ({name[:60]})")
            found[name] = document
    return [d for d in found.values() if d.get("deprecated") is not True]


def _pages(
    service: Service, systems: list[str], thermo_type: ThermoType
) -> Iterator[Mapping[str, Any]]:
    """The entries of some chemical systems, page by page, as many as the service has."""
    question = {
        "chemsys": ",".join(systems),
        "thermo_types": ",".join(dict.fromkeys((thermo_type, *_SPELLINGS.get(thermo_type, ())))),
        "_fields": ",".join(FIELDS),
        "_limit": str(PAGE),
    }
    got, total = 0, 1
    while got < total:
        answer = service.get("materials/thermo/", question | {"_skip": str(got)})
        page, meta = answer.get("data"), answer.get("meta")
        total = meta.get("total_doc") if isinstance(meta, dict) else None
        if not isinstance(page, list) or not isinstance(total, int):
            raise service.fault("answers without 'data' and 'total_doc': its interface has changed")
        if total > service.limits.entries:
            raise service.fault(f"{total} entries, more than the {service.limits.entries} allowed")
        if not page and got < total:
            raise service.fault(f"the answer ends early, with {got} of {total} entries")
        for document in page:
            if not isinstance(document, dict):
                raise service.fault("an entry is not an object: its interface has changed")
            yield document
        got += len(page)


def _row(document: Mapping[str, Any]) -> Row:
    """One entry.

    Raises:
        DataError: No composition, energy or volume that can be one.
    """
    name = one_line(str(document.get("material_id")))[:60]
    where = f"{NAME} {name}"
    amounts, units = formula.reduced(amounts_of(document.get("composition"), where))
    energy = number(document.get("energy_per_atom"), where, "energy_per_atom")
    bare, volume = document.get("uncorrected_energy_per_atom"), document.get("volume")
    correction = 0.0 if bare is None else energy - number(bare, where, "uncorrected energy")
    return Row(
        formula.write(amounts),
        energy,
        name,
        None if volume is None else number(volume, where, "volume") / units * ANGSTROM3_TO_MOLAR,
        f"holds corrections of {correction:+.4f} eV/atom" if abs(correction) > 5e-5 else "",
    )
