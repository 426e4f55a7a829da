"""What every database has in common: an answer is kept, checked, and becomes a table."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from anolyte.core.errors import DataError, RemoteError
from anolyte.materials import formula
from anolyte.materials.entries import complete
from anolyte.materials.phases import Phases
from anolyte.materials.remote import cache
from anolyte.materials.remote.cache import Answer, Row
from anolyte.materials.remote.transport import INSTEAD, Service


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
        DataError: No elements asked for.
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
    except RemoteError as error:
        if kept is None:
            raise
        raise RemoteError(
            f"{error}; or leave out --refresh: the answer of {kept.date} is kept"
        ) from None
    cache.store(question, answer, where)
    return table


def _table(name: str, answer: Answer, elements: tuple[str, ...]) -> Phases:
    left_out = f", entries without a usable energy: {answer.omitted}" if answer.omitted else ""
    origin = f"{name} {answer.version}, asked {answer.date}{left_out}"
    rows = [row.phase(f"{name} {answer.version}") for row in answer.rows]
    try:
        return complete(rows, answer.kind, origin, elements)
    except DataError as error:
        raise RemoteError(f"{error}; {INSTEAD}") from None


def read_rows(
    service: Service,
    documents: Iterable[Mapping[str, Any]],
    read: Callable[[Mapping[str, Any]], Row],
    elements: frozenset[str],
) -> tuple[tuple[Row, ...], int]:
    """The rows of what a database sent, and how many entries make none.

    Raises:
        RemoteError: Nothing was sent, or nothing of it is as documented.
    """
    rows, faults = [], []
    for document in documents:
        try:
            row = read(document)
        except DataError as error:
            faults.append(str(error))
            continue
        if elements.issuperset(formula.parse(row.formula)):
            rows.append(row)
        else:
            faults.append(f"{service.name} {row.name}: {row.formula} was not asked for")
    if not rows:
        raise service.fault(
            f"no entry is as documented, so its interface has changed ({faults[0]})" if faults
            else f"holds no entry of {'-'.join(sorted(elements))}"
        )  # fmt: skip
    return tuple(rows), len(faults)
