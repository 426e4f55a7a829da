"""Labels of the user's own, from a CSV file.

The columns are `formula` and one or more `name [unit]`; `temperature [K]`, where there is one, must
hold a single value. Lines that start with # are comments. What cannot be used is refused in one
line, never filled in: a value with `<` or `>` is a limit and not a number, and these models have no
likelihood for limits.
"""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from anolyte.atoms.learned.labels import Labelled, Target
from anolyte.core.errors import AnolyteError, DataError
from anolyte.core.units import KINDS, si
from anolyte.materials import formula

LARGEST = 50_000_000
_HEADER = re.compile(r"(?P<name>[^\[\]]+?)\s*\[(?P<unit>[^\[\]]+)\]")
_LIMIT = ("<", ">", "≤", "≥", "~")


def read(path: Path, label_kind: str = "measured") -> Labelled:
    """The labels of a file.

    Args:
        path: CSV in UTF-8.
        label_kind: What the labels are; it goes with every number that is learned from them.

    Raises:
        DataError: Whatever is wrong with it, with the number of the line.
    """
    return parse(contents(path), label_kind, path.name)


def contents(path: Path) -> str:
    """The text of a file of labels.

    Raises:
        DataError: Too large, not readable, not in UTF-8.
    """
    try:
        if path.stat().st_size > LARGEST:
            raise DataError(f"{path} is larger than {LARGEST // 1_000_000} MB; it was not opened")
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise DataError(f"{path} is not text in UTF-8; save it as CSV UTF-8") from None


def parse(text: str, label_kind: str = "measured", name: str = "labels") -> Labelled:
    """The labels of a text in CSV.

    Raises:
        DataError: Whatever is wrong with it.

    >>> parse("formula,band_gap [eV]\\nLiF,13.6\\nLiCl,9.4\\n").values.ravel().tolist()
    [13.6, 9.4]
    """
    found = table(text, ("formula",), label_kind, name)
    formulas = found.words["formula"]
    for line, written in zip(found.lines, formulas, strict=True):
        try:
            formula.parse(written)
        except AnolyteError as error:
            raise DataError(f"{name}, line {line}: {error}") from None
    _no_duplicates(found.lines, formulas, name)
    return Labelled(formulas, found.targets, found.values)


@dataclass(frozen=True, eq=False)
class Table:
    """What a file of labels holds, line by line.

    Args:
        lines: Number of each line.
        words: The columns of text.
        targets: What the columns of `values` are.
        values: (lines, targets).
    """

    lines: tuple[int, ...]
    words: dict[str, tuple[str, ...]]
    targets: tuple[Target, ...]
    values: NDArray[np.float64]


def table(text: str, words: Sequence[str], label_kind: str, name: str) -> Table:
    """Columns of text and of labels.

    Args:
        text: In CSV.
        words: Columns of text; the first must be there.
        label_kind: What the labels are.
        name: Of the file, for what is refused.

    Raises:
        DataError: Whatever is wrong with it.
    """
    lines = _lines(text, name)
    headers = lines[0][1]
    if headers.count(words[0]) != 1:
        raise DataError(
            f"{name}: one column '{words[0]}' is needed; there are {', '.join(headers)}"
        )
    columns = {i: _target(h, label_kind, name) for i, h in enumerate(headers) if h not in words}
    heat = [i for i, t in columns.items() if t.name == "temperature"]
    wanted = [i for i in columns if i not in heat]
    targets = tuple(columns[i] for i in wanted)
    if not targets or len({t.name for t in targets}) < len(targets):
        raise DataError(f"{name}: columns 'name [unit]' of unlike names are needed for the labels")
    rows = [_row(r, headers, columns, f"{name}, line {n}") for n, r in lines[1:]]
    _one_temperature(rows, heat, headers, name)
    found = {w: tuple(r[headers.index(w)] for _, r in lines[1:]) for w in words if w in headers}
    values = np.array([[row[i] for i in wanted] for row in rows])
    return Table(tuple(n for n, _ in lines[1:]), found, targets, values)


def _lines(text: str, name: str) -> list[tuple[int, list[str]]]:
    """Headers and rows with their numbers, without comments."""
    try:
        lines = [(n, r) for n, r in enumerate(csv.reader(io.StringIO(text), strict=True), 1) if r]
    except csv.Error as error:
        raise DataError(f"{name} is not CSV: {error}") from None
    lines = [(n, [c.strip() for c in r]) for n, r in lines if not r[0].lstrip().startswith("#")]
    if len(lines) < 2:
        raise DataError(f"{name}: a line of headers and at least one label are needed")
    return lines


def kinds(unit: str) -> tuple[str, ...]:
    """The kinds of quantity that a unit may be of."""
    found = []
    for kind in KINDS:
        try:
            si(f"1 {unit}", kind)
        except (AnolyteError, ValueError):
            continue
        found.append(kind)
    return tuple(found)


def _target(header: str, label_kind: str, name: str) -> Target:
    match = _HEADER.fullmatch(header)
    if match is None:
        raise DataError(f"{name}: column '{header}' has no unit; write it as '{header} [unit]'")
    if not kinds(match["unit"]):
        raise DataError(f"{name}: column '{header}': '{match['unit']}' is not a unit that is known")
    return Target(match["name"], match["unit"], label_kind)


def _row(
    row: Sequence[str], headers: Sequence[str], columns: Iterable[int], where: str
) -> dict[int, float]:
    if len(row) != len(headers):
        raise DataError(f"{where}: {len(row)} cells under {len(headers)} headers")
    return {i: _number(row[i], f"{where}, {headers[i]}") for i in columns}


def _number(text: str, where: str) -> float:
    if text.startswith(_LIMIT):
        raise DataError(f"{where}: '{text}' is a limit, not a number; leave the row out")
    try:
        value = float(text)
    except ValueError:
        raise DataError(f"{where}: '{text}' is not a number") from None
    if not math.isfinite(value):
        raise DataError(f"{where}: '{text}' is not finite")
    return value


def _one_temperature(
    rows: Sequence[dict[int, float]], heat: list[int], headers: list[str], name: str
) -> None:
    for i in heat:
        found = sorted({row[i] for row in rows})
        if len(found) > 1:
            raise DataError(
                f"{name}: {headers[i]} has {len(found)} values, from {found[0]:g} to "
                f"{found[-1]:g}; the models know no temperature: keep the rows of one"
            )


def _no_duplicates(lines: Sequence[int], formulas: Sequence[str], name: str) -> None:
    first: dict[str, int] = {}
    for n, text in zip(lines, formulas, strict=True):
        plain = formula.write(formula.reduced(formula.parse(text))[0])
        if plain in first:
            raise DataError(
                f"{name}, line {n}: {plain} has a label in line {first[plain]} already; "
                "keep one of them, or their mean"
            )
        first[plain] = n
