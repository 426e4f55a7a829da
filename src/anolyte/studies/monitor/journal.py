"""The journal of a watch: lines that are only ever appended, and a state that survives any kill.

Two files. `NAME.jsonl` holds one line a decision. `NAME.jsonl.state` (SQLite) holds how far each
file is done, the state of the chain, and the lines of the last step with the place where they
belong. A step is stored there first, in one transaction, and its lines are appended after that: a
kill in between leaves lines missing or torn, and the next start appends what lacks. So no unit is
ever lost or written twice.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Any, Self

from anolyte.core.errors import AnolyteError, DataError
from anolyte.studies.monitor.decision import Decision

SCHEMA_VERSION = 1
State = dict[str, Any]
"""What the chain keeps between two steps: plain JSON types."""
_TABLES = """
CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS state (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS mark (name TEXT PRIMARY KEY, size INTEGER, stamp INTEGER, print TEXT,
    spectra INTEGER, rows INTEGER, whole INTEGER, finished INTEGER) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS print ON mark (print);
CREATE TABLE IF NOT EXISTS known (cell TEXT, kind TEXT, until REAL, place INTEGER, size INTEGER,
    PRIMARY KEY (cell, kind, until, place)) WITHOUT ROWID
"""


@dataclass(frozen=True, slots=True)
class Mark:
    """How far a file is done.

    Args:
        name: Its path below the watched folder, with forward slashes.
        size: Bytes of the content that was read.
        stamp: Time of the last change then, ns.
        print: Fingerprint of that content.
        spectra: Decided.
        rows: Of its trace, decided.
        whole: Whether it was taken as whole, and not as a file that grows.
        finished: Whether nothing of that content is left to decide.
    """

    name: str
    size: int
    stamp: int
    print: str
    spectra: int = 0
    rows: int = 0
    whole: bool = False
    finished: bool = False


class Journal:
    """Decisions and state on disk; a context manager. One process at a time.

    Args:
        path: The file of lines; its state lies beside it.
        folder: Name of the folder that is watched; a journal belongs to one.

    Raises:
        DataError: Another process has it, it belongs to another folder, or it was edited.
    """

    def __init__(self, path: Path, folder: str) -> None:
        self.path, self._state = Path(path), Path(f"{path}.state")
        fresh = not self._state.exists()
        if fresh and self.path.exists() and self.path.stat().st_size:
            raise DataError(
                f"{path}: has no {self._state.name} beside it, so what is done is not known; "
                "name another --log, or put the state back"
            )
        with self._told():
            self._db = sqlite3.connect(self._state, isolation_level=None, timeout=0.0)
            try:
                self._open(folder)
            except BaseException:
                self._db.close()
                raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Give both files back."""
        self._file.close()
        self._db.close()

    def _open(self, folder: str) -> None:
        # The lock is taken once, held, and ends with the process, however it dies.
        self._db.execute("PRAGMA locking_mode = EXCLUSIVE")
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = FULL")
        self._db.execute("BEGIN IMMEDIATE")
        for table in _TABLES.split(";"):
            self._db.execute(table)
        known = self._meta("folder", folder)
        version = self._meta("schema", str(SCHEMA_VERSION))
        self._db.execute("COMMIT")
        if not version.isdecimal() or int(version) > SCHEMA_VERSION:
            raise DataError(f"{self._state}: of a newer version; update anolyte")
        if known != folder:
            raise DataError(
                f"{self.path}: belongs to the folder '{known}', not to '{folder}'; "
                "name another --log"
            )
        self._file = self.path.open("ab", buffering=0)
        try:
            self._mend()
        except BaseException:
            self._file.close()
            raise

    def _meta(self, name: str, default: str) -> str:
        """A fact of the journal; the default becomes one where it is new."""
        self._db.execute("INSERT OR IGNORE INTO meta VALUES (?, ?)", (name, default))
        return self._db.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()[0]

    def _mend(self) -> None:
        """Append what a kill has left out."""
        offset, redo = int(self._meta("offset", "0")), self._meta("redo", "").encode()
        size = self.path.stat().st_size
        with self.path.open("rb") as file:
            file.seek(min(offset, size))
            tail = file.read(len(redo) + 1)
        if size < offset or not redo.startswith(tail):
            raise DataError(
                f"{self.path}: is not as the watch left it (was it edited or cut?); put it back, "
                "or name another --log"
            )
        self._append(redo[len(tail) :])
        self._end = offset + len(redo)

    def _append(self, data: bytes) -> None:
        if not data:
            return
        while data:
            data = data[self._file.write(data) :]
        os.fsync(self._file.fileno())

    def put(
        self, decisions: Iterable[Decision], mark: Mark, states: Mapping[str, State] | None = None
    ) -> None:
        """Store one step: its lines, how far the file is done now, and what the chain keeps.

        Args:
            decisions: Their lines are appended in this order; may be none.
            mark: Of the file they are of.
            states: Name to state, of those that changed.
        """
        lines = [(d, d.line()) for d in decisions]
        text = "".join(line for _, line in lines)
        with self._told():
            self._db.execute("BEGIN IMMEDIATE")
            try:
                self._db.execute(
                    "INSERT OR REPLACE INTO mark VALUES (?, ?, ?, ?, ?, ?, ?, ?)", astuple(mark)
                )
                for name, state in (states or {}).items():
                    self._db.execute(
                        "INSERT OR REPLACE INTO state VALUES (?, ?)",
                        (name, json.dumps(state, allow_nan=False)),
                    )
                self._index(lines)
                for name, value in (("offset", str(self._end)), ("redo", text)):
                    self._db.execute("UPDATE meta SET value = ? WHERE name = ?", (value, name))
                self._db.execute("COMMIT")
            except BaseException:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                raise
            data = text.encode()
            self._append(data)
            self._end += len(data)

    def _index(self, lines: Iterable[tuple[Decision, str]]) -> None:
        """Note where the lines stand on which later ones may build."""
        place = self._end
        for decision, line in lines:
            size = len(line.encode())
            if decision.until is not None:
                self._db.execute(
                    "INSERT INTO known VALUES (?, ?, ?, ?, ?)",
                    (decision.cell, decision.kind, decision.until, place, size),
                )
            place += size

    def earlier(self, cell: str, kind: str, clock: float) -> Decision | None:
        """The last decision of a kind in a cell that was over at a time; None: there is none.

        Args:
            cell: Folder below the watched one.
            kind: Of the decision.
            clock: s since 1970.
        """
        with self._told():
            found = self._db.execute(
                "SELECT place, size FROM known WHERE cell = ? AND kind = ? AND until <= ? "
                "ORDER BY until DESC, place DESC LIMIT 1", (cell, kind, clock),
            ).fetchone()  # fmt: skip
            if found is None:
                return None
            with self.path.open("rb") as file:
                file.seek(found[0])
                return Decision.of_line(file.read(found[1]).decode())

    def state(self, name: str) -> State:
        """What the chain kept under a name; empty: nothing yet."""
        with self._told():
            row = self._db.execute("SELECT value FROM state WHERE name = ?", (name,)).fetchone()
        return {} if row is None else json.loads(row[0])

    def mark(self, name: str) -> Mark | None:
        """How far a file is done; None: it is new."""
        return self._find("SELECT * FROM mark WHERE name = ?", name)

    def same(self, fingerprint: str) -> Mark | None:
        """A file of the same content; None: there is none."""
        return self._find("SELECT * FROM mark WHERE print = ? ORDER BY name LIMIT 1", fingerprint)

    def marks(self) -> Iterator[Mark]:
        """All files that were seen."""
        for row in self._db.execute("SELECT * FROM mark ORDER BY name"):
            yield _mark(row)

    def _find(self, query: str, value: str) -> Mark | None:
        with self._told():
            row = self._db.execute(query, (value,)).fetchone()
        return None if row is None else _mark(row)

    def decisions(self) -> Iterator[Decision]:
        """All lines that were written, read one by one."""
        with self.path.open(encoding="utf-8") as file:
            for line in file:
                yield Decision.of_line(line)

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            code = getattr(error, "sqlite_errorcode", 0) & 0xFF
            raise _SAYS.get(code, _other)(self.path, self._state, error) from None
        except OSError as error:
            raise AnolyteError(f"{self.path}: cannot be written ({error.strerror})") from None


def _mark(row: tuple[Any, ...]) -> Mark:
    *rest, whole, finished = row
    return Mark(*rest, whole=bool(whole), finished=bool(finished))


def _busy(path: Path, _: Path, __: Exception) -> AnolyteError:
    return AnolyteError(f"{path}: another watch writes to it; end that one or name another --log")


def _no_database(_: Path, state: Path, error: Exception) -> AnolyteError:
    return DataError(f"{state}: is damaged or no state of a watch ({error}); name another --log")


def _other(_: Path, state: Path, error: Exception) -> AnolyteError:
    return AnolyteError(f"{state}: cannot be written ({error}); is the disk full, or the folder "
                        "missing or read-only?")  # fmt: skip


_SAYS = {
    sqlite3.SQLITE_BUSY: _busy, sqlite3.SQLITE_LOCKED: _busy,
    sqlite3.SQLITE_NOTADB: _no_database, sqlite3.SQLITE_CORRUPT: _no_database,
}  # fmt: skip
