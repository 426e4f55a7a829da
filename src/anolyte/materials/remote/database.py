"""What every database has in common: an answer is kept, checked, and becomes a table."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from anolyte.core.errors import AnolyteError, DataError, FormulaError, RemoteError
from anolyte.materials import formula
from anolyte.materials.entries import complete
from anolyte.materials.phases import Phases
from anolyte.materials.remote import cache
from anolyte.materials.remote.cache import Answer, Row
from anolyte.materials.remote.transport import INSTEAD, Service

MOST_NAMED = 8
"""Phases without an energy that are named; of the others the number."""


def today() -> str:
    """The day, ISO, UTC."""
    return datetime.now(UTC).date().isoformat()


def ask(
    name: str,
    question: Mapping[str, Any],
    elements: tuple[str, ...],
    make: Callable[[], Answer],
    *,
    refresh: bool,
    kept_in: Path | None,
) -> Phases:
    """The table that answers a question: from disk if it was answered before.

    Args:
        name: Of the database.
        question: What makes an answer another one.
        elements: What the table must hold as elements.
        make: Asks the database.
        refresh: Ask although an answer is kept.
        kept_in: Folder of kept answers; None: the user's cache.

    Raises:
        DataError: No elements asked for, or no key.
        RemoteError: No answer, or one that makes no table.
    """
    if not elements:
        raise DataError(f"{name}: which elements?")
    where = kept_in or cache.folder()
    kept = cache.load(question, where)
    if kept is not None and not refresh:
        return _table(name, kept, elements)
    try:
        answer = make()
        table = _table(name, answer, elements)
    except AnolyteError as error:
        if kept is None:
            raise
        raise RemoteError(
            f"{error}; or leave out --refresh: the answer of {kept.date} is kept"
        ) from None
    cache.store(question, answer, where)
    return table


def _table(name: str, answer: Answer, elements: tuple[str, ...]) -> Phases:
    origin = f"{name} {answer.version}, asked {answer.date}{_left_out(answer)}"
    rows = [row.phase(f"{name} {answer.version}") for row in answer.rows]
    try:
        return complete(rows, answer.kind, origin, elements)
    except DataError as error:
        raise RemoteError(f"{error}; {INSTEAD}") from None


def _left_out(answer: Answer) -> str:
    """How many entries had no energy, and which phases the hull lacks for it."""
    if not answer.omitted:
        return ""
    more = len(answer.lacking) - MOST_NAMED
    named = ", ".join(answer.lacking[:MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
    lacks = f", so that the hull lacks {named}" if named else ""
    return f", entries without a usable energy: {answer.omitted}{lacks}"


def read_rows(
    service: Service,
    documents: Iterable[Mapping[str, Any]],
    read: Callable[[Mapping[str, Any]], Row],
    elements: frozenset[str],
) -> tuple[tuple[Row, ...], int, tuple[str, ...]]:
    """The rows of what a database sent, how many entries make none, and what has no other entry.

    Raises:
        RemoteError: Nothing was sent, or nothing of it is as documented.
    """
    rows, faults, texts = [], [], []
    for document in documents:
        try:
            row = read(document)
        except DataError as error:
            faults.append(str(error))
            texts.append(document.get("chemical_formula_reduced"))
            continue
        if elements.issuperset(formula.parse(row.formula)):
            rows.append(row)
        else:
            faults.append(f"{service.name} {row.name}: {row.formula} was not asked for")
    if not rows:
        raise service.fault(
            f"none of {len(faults)} entries can be used, the first: {faults[0]}" if faults
            else f"holds no entry of {'-'.join(sorted(elements))}"
        )  # fmt: skip
    held = {row.formula for row in rows}
    return tuple(rows), len(faults), tuple(sorted(set(_formulas(texts, elements)) - held))


def _formulas(texts: Iterable[Any], elements: frozenset[str]) -> Iterator[str]:
    """The formulas among some texts, as rows have them."""
    for text in texts:
        with contextlib.suppress(FormulaError):
            amounts = formula.parse(text if isinstance(text, str) else "")
            if elements.issuperset(amounts):
                yield formula.write(formula.reduced(amounts)[0])
