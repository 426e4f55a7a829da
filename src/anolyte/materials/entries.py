"""The user's own reference energies: CSV, or JSON lists of pymatgen entries.

CSV columns: `formula,energy_eV_per_atom,source` and optionally `sigma_eV_per_atom`, `kind`,
`volume_A3_per_fu`, `state`, `name`. JSON (or JSON.gz): a list of `ComputedEntry` or
`ComputedStructureEntry` dictionaries; their corrections are applied once, as stored, and their run
types are never mixed silently.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import math
import zlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from anolyte.core.errors import DataError, FormulaError
from anolyte.core.provenance import Source
from anolyte.core.units import ANGSTROM3_TO_MOLAR
from anolyte.materials import formula
from anolyte.materials.phases import Phase, Phases, embedded, merge

MAX_BYTES = 500_000_000
MAX_ENERGY = 1e5  # eV per atom: beyond any total energy of any code
SAME_KIND = {"GGA", "GGA+U"}
"""Run types that one set of corrections (MP2020) makes comparable; without it they are not."""
STATES = ("solid", "liquid", "gas")


def as_phases(energies: Any) -> Phases | None:
    """Reference energies as a question takes them: a table, or what `read_entries` makes one of."""
    return energies if energies is None or isinstance(energies, Phases) else read_entries(energies)


def read_entries(path: Any, kind: str | None = None) -> Phases:
    """A table of phases from a file of the user's, a pandas frame, or entries of pymatgen.

    CSV rows of the embedded table's kind (column `kind`) join the embedded table; all other files
    must be complete in themselves, their elements included.

    Args:
        path: CSV, JSON or JSON.gz; or a frame with the columns of the CSV, or a list of
            `ComputedEntry` (with structures or without).
        kind: What the energies are, if the file does not say.

    Raises:
        DataError: Unreadable, incomplete or mixed energies; the message names file, row and mend.
    """
    name, rows, found = _from_file(Path(path)) if isinstance(path, str | Path) else _given(path)
    found = kind or found
    if found == embedded().kind:
        return merge(embedded(), rows, found, name)
    return complete(rows, found, name)


def _from_file(path: Path) -> tuple[str, list[Phase], str]:
    text = _text(path)
    rows, kind = _from_csv(text, path) if path.suffix.lower() == ".csv" else _from_json(text, path)
    return path.name, rows, kind


def _given(energies: Any) -> tuple[str, list[Phase], str]:
    """Name, phases and kind of objects of pandas or pymatgen, by what they can do."""
    if (to_csv := getattr(energies, "to_csv", None)) is not None:
        name = Path("data frame")
        return name.name, *_from_csv(to_csv(index=False), name)
    name = Path("list of entries")
    if isinstance(energies, Iterable) and not isinstance(energies, Mapping):
        listed = [e if isinstance(e, Mapping) else _as_dict(e) for e in energies]
        return name.name, *_from_json(json.dumps(listed, default=float), name)
    raise DataError(
        "reference energies are a table of phases, a file, a data frame or a list of pymatgen "
        f"entries, not {type(energies).__name__}"
    )


def _as_dict(entry: Any) -> Any:
    dump = getattr(entry, "as_dict", None)
    if dump is None:
        raise DataError(f"list of entries: {type(entry).__name__} is no entry of pymatgen")
    return dump()


def complete(rows: Iterable[Phase], kind: str, origin: str, elements: Iterable[str] = ()) -> Phases:
    """A table that stands by itself: every element in it has an entry of the same kind.

    Args:
        rows: The phases.
        kind: What the energies are.
        origin: Where they were read.
        elements: Further elements that it must hold.

    Raises:
        DataError: Elements without an entry.
    """
    table = Phases(tuple(rows), kind, origin)
    wanted = sorted({*table.elements, *elements})
    lacking = [e for e in wanted if table.find({e: 1.0}) is None]
    if lacking:
        raise DataError(
            f"{origin}: no entry for the element{'s' if len(lacking) > 1 else ''} "
            f"{', '.join(lacking)}: energies of kind '{kind}' need their own elements as reference "
            "(0 each where they are formation energies)"
        )
    return table


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise DataError(f"{path}: larger than {MAX_BYTES // 10**6} MB")
        data = path.read_bytes()
        if path.suffix.lower() == ".gz" or data[:2] == b"\x1f\x8b":
            with gzip.open(io.BytesIO(data)) as file:
                data = file.read(MAX_BYTES + 1)
            if len(data) > MAX_BYTES:
                raise DataError(f"{path}: unpacks to more than {MAX_BYTES // 10**6} MB")
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise DataError(f"{path}: is not UTF-8 text") from None
    except (OSError, EOFError, zlib.error) as error:
        reason = getattr(error, "strerror", None) or error
        raise DataError(f"{path}: cannot be read ({reason})") from None


def number(value: Any, where: str, what: str) -> float:
    """A finite number that an energy, an amount or a volume can be.

    Raises:
        DataError: Anything else; the message names `where` and `what`.
    """
    try:
        found = float(value)
    except (TypeError, ValueError, OverflowError):
        raise DataError(f"{where}: {what} '{_short(value)}' is not a number") from None
    if not math.isfinite(found) or abs(found) > MAX_ENERGY:
        raise DataError(f"{where}: {what} {_short(value)} is not a believable number")
    return found


def _short(value: Any) -> str:
    """The beginning of what a file holds, in one line."""
    return " ".join(str(value).split())[:60]


def _from_csv(text: str, path: Path) -> tuple[list[Phase], str]:
    reader = csv.DictReader(io.StringIO(text, newline=""))
    needed = {"formula", "energy_eV_per_atom", "source"}
    try:
        columns = set(reader.fieldnames or ())
        if lacking := sorted(needed - columns):
            raise DataError(
                f"{path.name}: no column {', '.join(lacking)} in its first line (commas part them)"
            )
        found = [(f"{path.name} line {reader.line_num}", dict(row)) for row in reader]
    except csv.Error as error:
        raise DataError(f"{path.name}: not CSV ({error})") from None
    kinds = {(row.get("kind") or "").strip() for _, row in found}
    if len(kinds) > 1:
        raise DataError(
            f"{path.name}: mixes kinds of energy ({_listed(kinds)}); one hull needs one kind: "
            "split the file"
        )
    if not found:
        raise DataError(f"{path.name}: holds no entry")
    return [_csv_row(row, where) for where, row in found], kinds.pop() or "user's energies"


def _listed(kinds: Iterable[str]) -> str:
    """A few of several kinds, in one line."""
    short = sorted(_short(kind) or "unstated" for kind in kinds)
    return ", ".join(short[:4]) + (f" and {len(short) - 4} more" if len(short) > 4 else "")


def _csv_row(row: Mapping[str, Any], where: str) -> Phase:
    text, source = (row.get("formula") or "").strip(), (row.get("source") or "").strip()
    if not source:
        raise DataError(
            f"{where}: {_short(text) or 'entry'} has no source; say where the energy comes from"
        )
    try:
        formula.parse(text)
    except FormulaError as error:
        raise DataError(f"{where}: {error}") from None
    state = (row.get("state") or "solid").strip()
    if state not in STATES:
        raise DataError(f"{where}: state '{_short(state)}'; known are {', '.join(STATES)}")
    volume = _positive(row.get("volume_A3_per_fu"), where, "volume_A3_per_fu")
    origin = Source(source, where, "computed", "read")
    return Phase(
        formula=text,
        energy=number(row.get("energy_eV_per_atom"), where, "energy_eV_per_atom"),
        sigma=_positive(row.get("sigma_eV_per_atom"), where, "sigma_eV_per_atom", zero=True),
        source=origin,
        volume=None if volume is None else volume * ANGSTROM3_TO_MOLAR,
        volume_source=None if volume is None else origin,
        state=state,
        name=(row.get("name") or "").strip(),
    )


def _positive(value: Any, where: str, what: str, *, zero: bool = False) -> float | None:
    """A number above 0, or 0 where that is allowed; None where there is none."""
    if value in (None, ""):
        return None
    found = number(value, where, what)
    if found < 0.0 or (found == 0.0 and not zero):
        raise DataError(f"{where}: {what} {_short(value)} is not above 0")
    return found


def _from_json(text: str, path: Path) -> tuple[list[Phase], str]:
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        raise DataError(f"{path.name}: neither CSV (by its name) nor JSON") from None
    if isinstance(data, dict):
        data = data.get("entries", [data])
    if not isinstance(data, list) or not data:
        raise DataError(f"{path.name}: expected a list of pymatgen entries")
    found = [_entry(entry, path.name, f"{path.name} entry {i}") for i, entry in enumerate(data)]
    kind = _one_kind({run for _, run, _ in found}, path)
    bare = [p.name for p, run, corrected in found if run == "GGA+U" and not corrected]
    if bare and len({run for _, run, _ in found}) > 1:
        raise DataError(
            f"{path.name}: {bare[0]} is of GGA+U without its correction, beside entries of GGA; "
            "they share a hull once pymatgen's MaterialsProject2020Compatibility processed them"
        )
    return [phase for phase, _, _ in found], kind


def _one_kind(kinds: set[str], path: Path) -> str:
    if len(kinds) > 1 and not kinds <= SAME_KIND:
        raise DataError(
            f"{path.name}: mixes run types {_listed(kinds)}; "
            "energies of different functionals do not share a hull: split the file, or ask the "
            "Materials Project for one thermo_type"
        )
    return f"{'/'.join(sorted(kinds)) or 'computed'} total energies" if any(kinds) else (
        "computed energies of unstated kind")  # fmt: skip


def _entry(entry: Any, origin: str, where: str) -> tuple[Phase, str, bool]:
    """One pymatgen entry dictionary, its run type, and whether it is corrected."""
    if not isinstance(entry, dict) or "energy" not in entry:
        raise DataError(f"{where}: not a pymatgen entry (no 'energy')")
    structure = entry.get("structure")
    amounts = _composition(entry, structure, where)
    count = formula.atoms(amounts)
    correction = _correction(entry, count, where)
    energy = number(entry["energy"], where, "energy") + correction
    smallest, units = formula.reduced(amounts)
    volume = None
    if isinstance(structure, dict) and isinstance(structure.get("lattice"), dict):
        cell = _positive(structure["lattice"].get("volume"), where, "volume")
        volume = None if cell is None else cell / units * ANGSTROM3_TO_MOLAR
    label = _short(entry.get("entry_id") or where)
    source = Source(origin, label, "computed", "read")
    phase = Phase(
        formula=formula.write(smallest),
        energy=number(energy / count, where, "energy per atom"),
        sigma=None,
        source=source,
        volume=volume,
        volume_source=None if volume is None else source,
        name=label,
    )
    parameters, data = entry.get("parameters"), entry.get("data")
    run = (parameters or {}).get("run_type") if isinstance(parameters, dict) else None
    run = run or ((data or {}).get("run_type") if isinstance(data, dict) else None)
    return phase, str(run or ""), correction != 0.0


def _composition(entry: Mapping[str, Any], structure: Any, where: str) -> dict[str, float]:
    raw = entry.get("composition")
    if raw is None and isinstance(structure, dict):
        raw = _from_sites(structure.get("sites"), where)
    return amounts_of(raw, where)


def amounts_of(raw: Any, where: str) -> dict[str, float]:
    """Element amounts of a mapping from species (`Li`, `Li+`) to amounts.

    Raises:
        DataError: No mapping, no element, or no believable amount.
    """
    if not isinstance(raw, dict) or not raw:
        raise DataError(f"{where}: no composition")
    amounts: dict[str, float] = {}
    for species, n in raw.items():
        element = str(species).rstrip("+-0123456789.")
        if element not in formula.ATOMIC_WEIGHTS:
            raise DataError(f"{where}: '{_short(species)}' is not a (stable) element")
        amount = number(n, where, f"amount of {element}")
        if amount < 0.0:
            raise DataError(f"{where}: a negative amount of {element}")
        if amount:
            amounts[element] = amounts.get(element, 0.0) + amount
    if not amounts:
        raise DataError(f"{where}: an empty composition")
    return amounts


def _from_sites(sites: Any, where: str) -> dict[str, float]:
    amounts: dict[str, float] = {}
    try:
        for site in sites:
            for species in site["species"]:
                element = str(species["element"])
                amounts[element] = amounts.get(element, 0.0) + float(species["occu"])
    except (KeyError, TypeError, ValueError, OverflowError):
        raise DataError(f"{where}: sites without species") from None
    return amounts


def _correction(entry: Mapping[str, Any], count: float, where: str) -> float:
    """The stored correction, applied once: adjustments, or a single number."""
    adjustments = entry.get("energy_adjustments")
    if adjustments:
        if not isinstance(adjustments, list):
            raise DataError(f"{where}: energy_adjustments is not a list")
        return sum(_adjustment(a, count, where) for a in adjustments)
    return number(entry.get("correction") or 0.0, where, "correction")


def _adjustment(adjustment: Any, count: float, where: str) -> float:
    """Energy of one pymatgen adjustment dictionary, eV."""
    if not isinstance(adjustment, dict):
        raise DataError(f"{where}: an energy adjustment is not a dictionary")
    if "adj_per_atom" in adjustment:
        atoms = number(adjustment.get("n_atoms", count), where, "n_atoms")
        return number(adjustment["adj_per_atom"], where, "adj_per_atom") * atoms
    if "adj_per_deg" in adjustment:
        atoms = number(adjustment.get("n_atoms", count), where, "n_atoms")
        per = number(adjustment["adj_per_deg"], where, "adj_per_deg")
        return per * number(adjustment.get("temp", 0.0), where, "temp") * atoms
    return number(adjustment.get("value", 0.0), where, "value of an energy adjustment")
