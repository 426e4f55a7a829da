"""Where reference energies come from: a file, the Materials Project, an OPTIMADE provider.

Others install theirs under the entry point group `anolyte.sources`: a function that takes the text
after the name (`--entries NAME:TEXT`) and returns an `EntrySource`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from anolyte.core import plugins
from anolyte.core.errors import DataError
from anolyte.materials.entries import read_entries
from anolyte.materials.phases import Phases
from anolyte.materials.remote.materials_project import MaterialsProject, ThermoType
from anolyte.materials.remote.optimade import Optimade

GROUP = "anolyte.sources"


class EntrySource(Protocol):
    """Anything that has reference energies of a chemical system."""

    def phases(self, elements: Iterable[str]) -> Phases:
        """The phases made of these elements, of one kind of energy."""
        ...


@dataclass(frozen=True)
class EntryFile:
    """A file of the user's; it is one table, whatever the elements."""

    path: Path

    def phases(self, elements: Iterable[str] = ()) -> Phases:
        """The whole file."""
        return read_entries(self.path)


def entry_source(text: str, *, refresh: bool = False) -> EntrySource:
    """The source that a text names: `mp`, `mp:R2SCAN`, `optimade:URL`, a plug-in, or a file.

    Args:
        text: As typed.
        refresh: Ask a database again although its answer is kept.

    Raises:
        DataError: A kind of energy that is not offered, or no address.

    >>> entry_source("mp").thermo_type
    <ThermoType.GGA_GGA_U: 'GGA_GGA+U'>
    >>> entry_source("entries.json").path.name
    'entries.json'
    """
    head, _, rest = text.partition(":")
    if head.lower() == "mp":
        return MaterialsProject(thermo_type=_thermo_type(rest), refresh=refresh)
    if head.lower() == "optimade":
        if "://" not in rest:
            raise DataError(f"--entries {text[:80]}: write optimade:https://HOST/...")
        return Optimade(rest, refresh=refresh)
    if not Path(text).exists() and (found := _offered(head, rest)) is not None:
        return found
    if "://" in text:
        raise DataError(f"{text[:80]}: write optimade:{text[:80]} for an OPTIMADE provider")
    if refresh:
        raise DataError("--refresh asks a database again; a file is read anew each time")
    return EntryFile(Path(text))


def _offered(name: str, rest: str) -> EntrySource | None:
    """The source that another package offers under a name; None: none does.

    Raises:
        DataError: It does not load.
    """
    for entry in plugins.offers(GROUP):
        if entry.name == name:
            try:
                source: EntrySource = entry.load()(rest)
                if not callable(source.phases):
                    raise TypeError("a source has phases(elements)")
            except Exception as error:  # a plug-in may fail in any way
                raise DataError(f"--entries: {plugins.fault(entry, error)}") from None
            return source
    return None


def _thermo_type(text: str) -> ThermoType:
    if not text:
        return ThermoType.GGA_GGA_U
    for known in ThermoType:
        if text.upper() == known:
            return known
    offered = ", ".join(f"mp:{known}" for known in ThermoType)
    raise DataError(f"mp:{text[:40]}: one kind of calculation a hull; write {offered}")
