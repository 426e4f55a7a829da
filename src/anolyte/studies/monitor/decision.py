"""What is decided of one spectrum, one half cycle or one file, and how a line of it looks."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from anolyte.core.result import Level, Number
from anolyte.core.units import KINDS

WORST = (Level.GOOD, Level.UNKNOWN, Level.CAUTION, Level.BAD)
"""Levels from the best to the worst."""


@dataclass(frozen=True)
class Alarm:
    """What a detector says of one decision.

    Args:
        name: What it is: "short", "soft short", "growth", "drift", "void", "contact area",
            "disagreement", "stationarity", or of cycles.
        level: caution | bad.
        because: A sentence with its numbers.
    """

    name: str
    level: Level
    because: str


@dataclass(frozen=True)
class Decision:
    """What is said of a spectrum, of a half cycle, or of a file that cannot be read.

    Nothing in it depends on when it was decided, so that a replay writes the same lines.

    Args:
        kind: spectrum | half cycle | short | file.
        cell: Folder of the file below the one that is watched; "." is that folder itself.
        file: Its name in that folder.
        number: Which spectrum or half cycle of the file, from 1; 0: the whole file.
        time: Of the instrument's clock, s since 1970, or since the start of the file; None: not
            written.
        level: good | caution | bad | unknown.
        because: A sentence.
        numbers: What was measured, SI.
        alarms: What the detectors say.
        notes: Other sentences: what could not be known, and what measurement would decide.
        until: When what it is about was over, s since 1970; from then on others may build on it.
            None: no clock, or nothing builds on it.
    """

    kind: str
    cell: str
    file: str
    number: int = 0
    time: float | None = None
    level: Level = Level.GOOD
    because: str = ""
    numbers: Mapping[str, Number] = field(default_factory=dict)
    alarms: tuple[Alarm, ...] = ()
    notes: tuple[str, ...] = ()
    until: float | None = None

    @property
    def name(self) -> str:
        """Cell, file and which part of it."""
        where = self.file if self.cell == "." else f"{self.cell}/{self.file}"
        return f"{where}, {self.kind} {self.number}" if self.number else where

    def line(self) -> str:
        """One line of JSON with its end; numbers read back as the same floats."""
        parts: dict[str, Any] = {
            "kind": self.kind, "cell": self.cell, "file": self.file, "number": self.number,
            "time": self.time, "until": self.until, "level": str(self.level),
            "because": self.because,
            "numbers": {name: _plain(n) for name, n in self.numbers.items()},
            "alarms": [
                {"name": a.name, "level": str(a.level), "because": a.because} for a in self.alarms
            ],
            "notes": list(self.notes),
        }  # fmt: skip
        return json.dumps(parts, ensure_ascii=False, allow_nan=False) + "\n"

    @classmethod
    def of_line(cls, text: str) -> Self:
        """The decision of a line.

        >>> one = Decision("spectrum", ".", "a.z", 1, numbers={"r": Number(1.5, "resistance")})
        >>> Decision.of_line(one.line()) == one
        True
        """
        parts = json.loads(text)
        numbers = {
            name: Number(_float(n["value"]), n["kind"], n.get("sigma"))
            for name, n in parts["numbers"].items()
        }
        alarms = tuple(Alarm(a["name"], Level(a["level"]), a["because"]) for a in parts["alarms"])
        rest = {n: parts[n] for n in ("kind", "cell", "file", "number", "time", "because")}
        return cls(**rest, level=Level(parts["level"]), numbers=numbers, alarms=alarms,
                   notes=tuple(parts["notes"]), until=parts.get("until"))  # fmt: skip


def worst(levels: Any) -> Level:
    """The worst of some levels; good of none."""
    return max(levels, key=WORST.index, default=Level.GOOD)


def _plain(number: Number) -> dict[str, Any]:
    found: dict[str, Any] = {
        "value": number.si if math.isfinite(number.si) else None,
        "unit": KINDS[number.kind].si,
        "kind": number.kind,
    }
    if number.sigma is not None and math.isfinite(number.sigma):
        found["sigma"] = number.sigma
    return found


def _float(value: float | None) -> float:
    return math.nan if value is None else float(value)
