"""Structure files of others, read in a child process that may die without harm.

A child reads one path a line and answers one line of JSON: crystals, or why there are none. It has
limits of memory and time; a file that kills or stops it costs a restart and gives one line. CIF,
POSCAR and whatever pymatgen knows by name; JSON lines of an OPTIMADE provider.
"""

from __future__ import annotations

import json
import os
import selectors
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from anolyte.atoms.crystal import Crystal
from anolyte.core.errors import DataError, MissingExtra

LARGEST = 5_000_000
"""Bytes of a file; a structure of 500 atoms takes 50 kB."""
MOST_ATOMS = 500
PATIENCE = 30.0
"""s for a file."""
MEMORY = 4_000_000_000
"""Bytes of addresses of the child."""


@dataclass(frozen=True)
class Found:
    """One structure of a file.

    Args:
        name: File, and which of it.
        crystal: The structure; None: `why` says why not.
        why: A sentence; empty: nothing is wrong.
    """

    name: str
    crystal: Crystal | None = None
    why: str = ""


def read(paths: Iterable[Path], patience: float = PATIENCE) -> Iterator[Found]:
    """The structures of some files, in their order; a broken one is one line.

    Args:
        paths: CIF, POSCAR, or JSON lines of an OPTIMADE provider.
        patience: s for a file.

    Raises:
        MissingExtra: pymatgen is not installed.
    """
    import importlib.util

    if importlib.util.find_spec("pymatgen") is None:
        raise MissingExtra("pymatgen is not installed: pip install 'anolyte[structures]'")
    child: _Child | None = None
    try:
        for path in paths:
            if (why := _refused(path)) is not None:
                yield Found(path.name, why=why)
                continue
            child = child or _Child()
            answer = child.ask(path, patience)
            if answer is None:
                child.stop()
                child = None
                yield Found(path.name, why=f"{path.name}: the reader did not survive it, or took "
                            f"more than {patience:g} s; is it a structure file?")  # fmt: skip
                continue
            yield from (_found(path.name, entry) for entry in answer)
    finally:
        if child is not None:
            child.stop()


def _refused(path: Path) -> str | None:
    """Why a file is not even opened."""
    try:
        size = path.stat().st_size
    except OSError as error:
        return f"{path.name}: cannot be read ({error.strerror})"
    if not path.is_file():
        return f"{path.name}: is no file"
    if size > LARGEST and path.suffix != ".jsonl":
        return f"{path.name}: larger than {LARGEST // 10**6} MB; a structure file is smaller"
    return None


def _found(name: str, entry: dict[str, Any]) -> Found:
    label = f"{name}{entry.get('which', '')}"
    if "why" in entry:
        return Found(label, why=f"{label}: {entry['why']}")
    rows = [tuple(float(x) for x in row) for row in entry["lattice"]]
    positions = tuple(tuple(float(x) for x in row) for row in entry["positions"])
    return Found(label, Crystal((rows[0], rows[1], rows[2]), tuple(entry["symbols"]), positions))  # type: ignore[arg-type]


class _Child:
    """The reading process."""

    def __init__(self) -> None:
        environment = os.environ | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
        self._process = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-m", "anolyte.atoms.files"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            env=environment,
        )  # fmt: skip
        self._ready = selectors.DefaultSelector()
        assert self._process.stdout is not None
        self._ready.register(self._process.stdout, selectors.EVENT_READ)

    def ask(self, path: Path, patience: float) -> list[dict[str, Any]] | None:
        """What it answers; None: nothing in time, or it died."""
        assert self._process.stdin is not None and self._process.stdout is not None
        try:
            self._process.stdin.write(json.dumps(str(path.resolve())).encode() + b"\n")
            self._process.stdin.flush()
        except OSError:
            return None
        if not self._ready.select(patience):
            return None
        line = self._process.stdout.readline()  # the child writes whole lines only
        return json.loads(line) if line.endswith(b"\n") else None

    def stop(self) -> None:
        """End it, whatever it does."""
        self._process.kill()
        self._process.communicate()
        self._ready.close()


# --- in the child -------------------------------------------------------------------------------


def main() -> int:
    """Answer paths until the input ends."""
    _limit()
    out = os.fdopen(os.dup(sys.stdout.fileno()), "w")
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # libraries print what they like
    for line in sys.stdin:
        try:
            answer = list(_structures(Path(json.loads(line))))
        except Exception as error:  # whatever a parser makes of it: one line
            answer = [{"why": _short(error)}]
        out.write(json.dumps(answer) + "\n")
        out.flush()
    return 0


def _limit() -> None:
    try:
        import resource
    except ImportError:  # Windows has none; the patience of the parent remains
        return
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


def _short(error: Exception) -> str:
    text = " ".join(str(error).split())[:200]
    return f"not read ({type(error).__name__}{': ' + text if text else ''})"


def _structures(path: Path) -> Iterator[dict[str, Any]]:
    from pymatgen.core import Structure

    if path.suffix == ".jsonl":
        with path.open(encoding="utf-8") as file:
            for number, line in enumerate(file, 1):
                if line.strip():
                    yield {"which": f", line {number}"} | _tried(line)
        return
    text = path.read_text(encoding="utf-8-sig", errors="replace")
    kind = "cif" if path.suffix.lower() == ".cif" or "_cell_length_a" in text else "poscar"
    yield _plain(Structure.from_str(text, fmt=kind))


def _tried(line: str) -> dict[str, Any]:
    """The structure of one line of an OPTIMADE provider."""
    from pymatgen.core import Structure

    try:
        entry = json.loads(line)
        facts = entry.get("attributes", entry)
        species = {s["name"]: s for s in facts.get("species") or []}
        names = [_symbol(species.get(n, {"chemical_symbols": [n]})) for n in
                 facts["species_at_sites"]]  # fmt: skip
        told = {"which": f" {entry['id']}"} if entry.get("id") else {}
        return told | _plain(
            Structure(facts["lattice_vectors"], names, facts["cartesian_site_positions"],
                      coords_are_cartesian=True)
        )  # fmt: skip
    except (KeyError, TypeError, ValueError) as error:
        return {"why": _short(error)}


def _symbol(species: dict[str, Any]) -> dict[str, float]:
    symbols = species["chemical_symbols"]
    shares = species.get("concentration") or [1.0] * len(symbols)
    return {s: float(x) for s, x in zip(symbols, shares, strict=True) if s not in ("vacancy", "X")}


def _plain(structure: Any) -> dict[str, Any]:
    """A structure as numbers, ordered if need be."""
    if len(structure) > MOST_ATOMS:
        raise DataError(f"{len(structure)} atoms are more than {MOST_ATOMS}")
    if not structure.is_valid(tol=0.5):
        raise DataError("two atoms are closer than 0.5 angstrom")
    if not structure.is_ordered:
        structure = _ordered(structure)
    crystal = Crystal.of(structure)
    return {
        "lattice": crystal.lattice, "symbols": crystal.symbols, "positions": crystal.positions,
    }  # fmt: skip


def _ordered(structure: Any) -> Any:
    """The ordering of lowest electrostatic energy; refused where charges are not known."""
    from anolyte.atoms.ordering import order
    from anolyte.materials import formula
    from anolyte.materials.substitution import states

    amounts = structure.composition.get_el_amt_dict()
    whole = formula.reduced({e: round(n, 3) for e, n in amounts.items()})[0]
    text = formula.write(whole)
    charges = states(whole, text)
    plain = structure.copy()
    plain.remove_oxidation_states()
    return order(plain, text, charges, 1)[0]


if __name__ == "__main__":
    raise SystemExit(main())
