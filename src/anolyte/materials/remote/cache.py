"""Answers of databases kept on disk, so that a result can be had again, and without a network."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from anolyte.core.provenance import Source
from anolyte.materials.phases import Phase

SCHEMA = 1
VARIABLE = "ANOLYTE_CACHE"


@dataclass(frozen=True, slots=True)
class Row:
    """One entry of a database: what a `Phase` needs of it.

    Args:
        formula: Reduced.
        energy: eV per atom.
        name: The database's identifier.
        volume: m3 per mole of formula units, or None.
        note: What was done to the energy, or "".
    """

    formula: str
    energy: float
    name: str
    volume: float | None = None
    note: str = ""

    def phase(self, database: str) -> Phase:
        """The row of a table."""
        source = Source(database, self.name, "computed", "read")
        return Phase(
            formula=self.formula,
            energy=self.energy,
            sigma=None,
            source=source,
            volume=self.volume,
            volume_source=None if self.volume is None else source,
            name=self.name,
            note=self.note,
        )


@dataclass(frozen=True, slots=True)
class Answer:
    """What a database said on one chemical system, once.

    Args:
        kind: What the energies are.
        version: Of the database, in its own words.
        date: The day it was asked, ISO.
        rows: The entries.
        omitted: Entries without a usable energy or composition.
        lacking: Formulas that are among these alone.
    """

    kind: str
    version: str
    date: str
    rows: tuple[Row, ...]
    omitted: int = 0
    lacking: tuple[str, ...] = ()


def folder() -> Path:
    """Where answers are kept: `ANOLYTE_CACHE`, else the user's own folder for such files."""
    if asked := os.environ.get(VARIABLE):
        return Path(asked).expanduser()
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA") or "~/AppData/Local"
    elif sys.platform == "darwin":
        base = "~/Library/Caches"
    else:
        base = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(base).expanduser() / "anolyte" / "entries"


def path_of(question: Mapping[str, Any], where: Path) -> Path:
    """The file of a question; what is asked is its name."""
    text = json.dumps(question, sort_keys=True)
    head = re.sub(r"[^\w+-]+", "_", f"{question.get('database')}-{question.get('system')}")
    return where / f"{head[:80]}-{hashlib.sha256(text.encode()).hexdigest()[:16]}.json"


def load(question: Mapping[str, Any], where: Path) -> Answer | None:
    """The answer kept; None where there is none, or a damaged one."""
    try:
        data = json.loads(path_of(question, where).read_bytes())
        answer = data["answer"]
        if data["schema"] != SCHEMA or data["sha256"] != _digest(answer):
            return None
        if data["question"] != json.loads(json.dumps(question)):
            return None
        rows = tuple(Row(**row) for row in answer["rows"])
        return Answer(**answer | {"rows": rows, "lacking": tuple(answer.get("lacking", ()))})
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None


def store(question: Mapping[str, Any], answer: Answer, where: Path) -> bool:
    """Keep an answer: whole or not at all, whoever else writes it at the same time.

    Returns:
        Whether it is kept; a full or closed disk is no reason to withhold an answer.
    """
    content = asdict(answer)
    data = {"schema": SCHEMA, "question": question, "sha256": _digest(content), "answer": content}
    path = path_of(question, where)
    part = None
    try:
        where.mkdir(parents=True, exist_ok=True)
        handle, part = tempfile.mkstemp(prefix=path.stem[:20], suffix=".part", dir=where)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(data, file)
        os.replace(part, path)
    except OSError:
        if part is not None:
            with contextlib.suppress(OSError):
                os.unlink(part)
        return False
    return True


def _digest(answer: Any) -> str:
    return hashlib.sha256(json.dumps(answer, sort_keys=True).encode()).hexdigest()
