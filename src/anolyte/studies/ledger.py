"""The ledger: results on disk, keyed by content, safe against a kill at any moment.

One SQLite file. A question's `key` is the hash of all that its answer depends on, so that nothing
is computed twice and an interrupted study goes on where it stopped. One process writes, guarded by
a lock that ends with the process; any number read meanwhile. What is finished is stored in one
transaction: all of it or nothing of it is on disk.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import sqlite3
import sys
import time
import traceback
import warnings
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, Self

from anolyte.core.errors import AnolyteError, DataError
from anolyte.core.result import Result
from anolyte.studies.files import from_dict

SCHEMA_VERSION = 1
DONE, FAILED = "done", "failed"
LONGEST = 2000  # characters of an error's text that are kept
WAIT = 30.0  # s that a connection waits for another's transaction

_TABLES = """
CREATE TABLE run (id INTEGER PRIMARY KEY, argv TEXT, inputs TEXT, versions TEXT, hashes TEXT,
    status TEXT, started REAL, ended REAL);
CREATE TABLE task (key TEXT PRIMARY KEY, run INTEGER REFERENCES run (id), status TEXT NOT NULL,
    attempts INTEGER, engine TEXT, started REAL, ended REAL, error TEXT, text TEXT) WITHOUT ROWID;
CREATE TABLE result (key TEXT PRIMARY KEY, json TEXT NOT NULL, crc INTEGER NOT NULL);
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID
"""
# What is done stays as it is; a failure gives way to a later attempt.
_TASK = """
INSERT INTO task VALUES (?, ?, ?, 1, ?, ?, ?, ?, ?) ON CONFLICT (key) DO UPDATE SET
    run = excluded.run, status = excluded.status, attempts = task.attempts + 1,
    engine = excluded.engine, started = excluded.started, ended = excluded.ended,
    error = excluded.error, text = excluded.text
WHERE task.status <> 'done'
"""
_DAMAGED = (
    "the ledger is damaged ({}); nothing was changed: keep a copy and try `sqlite3 FILE .recover`, "
    "or start a new ledger"
)
_SAYS: dict[int, tuple[type[AnolyteError], str]] = {
    sqlite3.SQLITE_CORRUPT: (DataError, _DAMAGED),
    sqlite3.SQLITE_NOTADB: (DataError, "is not a ledger; name another file"),
    sqlite3.SQLITE_FULL: (AnolyteError, "the disk is full; free some space and run again"),
    sqlite3.SQLITE_IOERR: (AnolyteError, "the disk fails ({}); is it full, or gone?"),
    sqlite3.SQLITE_BUSY: (AnolyteError, "another process is writing to this ledger; let it end"),
    sqlite3.SQLITE_READONLY: (AnolyteError, "the ledger cannot be written: it is read-only"),
    sqlite3.SQLITE_CANTOPEN: (AnolyteError, "cannot be opened; right path, writable folder?"),
}


def key(model: str, version: str, inputs: Mapping[str, Any], data: str, seed: int) -> str:
    """The SHA-256 of a question: same key, same answer.

    Args:
        model: Name of the model, or of the function.
        version: Its version.
        inputs: What it is asked, in SI: JSON types, numpy numbers, frozen dataclasses, materials.
        data: Digest of the data that it reads.
        seed: Seed of its random numbers.

    Raises:
        DataError: A NaN, an infinity, or a type without a plain form.

    >>> key("f", "1", {"a": 0.1, "b": 2}, "", 0) == key("f", "1", {"b": 2, "a": 0.1}, "", 0)
    True
    """
    parts = {"model": model, "version": version, "inputs": inputs, "data": data, "seed": seed}
    try:  # floats are written so that they read back as the same float
        text = json.dumps(parts, sort_keys=True, allow_nan=False, default=_plain)
    except (TypeError, ValueError, RecursionError) as error:
        raise DataError(f"{model}: no ledger key can be made of its inputs ({error})") from None
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def _plain(obj: Any) -> Any:
    """One level of what JSON does not know; floats stay floats, so that a NaN is noticed."""
    if dataclasses.is_dataclass(obj):
        named = {f.name: getattr(obj, f.name) for f in dataclasses.fields(obj)}
        return {"type": type(obj).__name__, "fields": named}
    if isinstance(obj, Mapping):
        return dict(obj)
    for method in ("model_dump", "tolist"):  # materials; numpy's arrays and numbers
        if hasattr(obj, method):
            return getattr(obj, method)()
    raise TypeError(f"{type(obj).__name__} has no plain form")


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one task ended: a result as JSON text, or the type and text of an error.

    Texts and numbers only, so that it crosses a process border as it is.
    """

    key: str
    json: str | None = None
    error: str = ""
    text: str = ""
    started: float = 0.0
    ended: float = 0.0

    @classmethod
    def of(cls, key: str, answer: Result | BaseException, started: float = 0.0) -> Self:
        """The outcome of a task that gave a result or raised."""
        if isinstance(answer, Result):
            text = json.dumps(answer.to_dict(), allow_nan=False)
            return cls(key, text, started=started, ended=time.time())
        text, frames = str(answer), traceback.extract_tb(answer.__traceback__)
        if frames and not isinstance(answer, AnolyteError):  # not raised on purpose: say where
            text += f" [{Path(frames[-1].filename).name}, line {frames[-1].lineno}]"
        text = text[:LONGEST].encode("utf-8", "replace").decode()  # odd file names are no Unicode
        return cls(key, None, type(answer).__name__, text, started, time.time())


class RunRow(NamedTuple):
    """One run of a ledger; times in s since 1970, `ended` None while it runs."""

    number: int
    inputs: Mapping[str, Any]
    status: str
    started: float
    ended: float | None
    done: int
    failed: int


class Failure(NamedTuple):
    """A task whose last attempt raised."""

    key: str
    error: str
    text: str
    attempts: int


class Ledger:
    """Results on disk; a context manager.

    Args:
        path: The file, made if absent; None: in memory, gone with the process.
        read_only: The ledger as it stands, also while another process writes to it.

    Raises:
        AnolyteError: Another process is writing, the disk is full, the place is not writable.
        DataError: The file is damaged, no ledger, or of a newer version; it is left as it is.

    >>> with Ledger() as ledger:
    ...     ledger.fail("0" * 64, ValueError("no such thing"))
    ...     ledger.status()
    {'done': 0, 'failed': 1}
    """

    def __init__(self, path: str | Path | None = None, *, read_only: bool = False) -> None:
        self._name = str(path or "ledger in memory")
        with _told(self._name), ExitStack() as stack:
            if path is None:
                self._db = sqlite3.connect(":memory:", isolation_level=None)
            elif read_only:
                self._db = _connect(Path(path).resolve(), "ro")
            else:
                whole = Path(path).resolve()
                stack.enter_context(closing(_lock(whole)))
                _look(whole, self._name)  # before anything is written
                self._db = _connect(whole, "rwc")
            stack.enter_context(closing(self._db))
            if read_only:
                _check_version(self._db, self._name)
            else:
                _settle(self._db, self._name, quiet=path is None)
                self._make()
            self._close = stack.pop_all().close

    @classmethod
    def open_read_only(cls, path: str | Path) -> Self:
        """The ledger as it stands, also while another process writes to it."""
        return cls(path, read_only=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file and give the lock back."""
        with _told(self._name):
            self._close()

    def begin(self, inputs: Mapping[str, Any], hashes: Mapping[str, str]) -> int:
        """Note that a run begins; its number."""
        import anolyte

        versions = {"anolyte": anolyte.__version__, "python": sys.version.split()[0]}
        texts = [json.dumps(x, default=_plain) for x in (sys.argv, inputs, versions, hashes)]
        query = "INSERT INTO run VALUES (NULL, ?, ?, ?, ?, 'running', ?, NULL)"
        with self._transaction():
            return self._db.execute(query, (*texts, time.time())).lastrowid or 0

    def end(self, run: int, status: str = "finished") -> None:
        """Note how a run ended."""
        query = "UPDATE run SET status = ?, ended = ? WHERE id = ?"
        with self._transaction():
            self._db.execute(query, (status, time.time(), run))

    def put_many(
        self, outcomes: Iterable[Outcome], run: int | None = None, engine: str = ""
    ) -> None:
        """Store what is finished in one transaction; what is there already stays as it is."""
        tasks, results = [], []
        for o in outcomes:
            status = FAILED if o.json is None else DONE
            tasks.append((o.key, run, status, engine, o.started, o.ended, o.error, o.text))
            if o.json is not None:
                results.append((o.key, o.json, _crc(o.key, o.json)))
        with self._transaction():
            self._db.executemany("INSERT OR IGNORE INTO result VALUES (?, ?, ?)", results)
            self._db.executemany(_TASK, tasks)

    def fail(self, key: str, error: BaseException, run: int | None = None) -> None:
        """Store one failure."""
        self.put_many([Outcome.of(key, error)], run)

    def state(self, key: str) -> str | None:
        """`DONE`, `FAILED`, or None: not in the ledger."""
        rows = self._all("SELECT status FROM task WHERE key = ?", key)
        return rows[0][0] if rows else None

    def get(self, key: str) -> Any:
        """The result, or None if there is none.

        Raises:
            DataError: The row is damaged, or of a newer version.
        """
        rows = self._all("SELECT json, crc FROM result WHERE key = ?", key)
        if not rows:
            return None
        text, where = str(rows[0][0]), f"{self._name}, result {key[:12]}"
        if _crc(key, text) != rows[0][1]:
            raise DataError(f"{where}: damaged; the other rows can still be read")
        return from_dict(json.loads(text), where)

    def status(self) -> dict[str, int]:
        """How many tasks are done and how many failed."""
        rows = self._all("SELECT status, count(*) FROM task GROUP BY status")
        return {DONE: 0, FAILED: 0} | dict(rows)

    def failed(self) -> list[Failure]:
        """The tasks that failed, and why."""
        query = "SELECT key, error, text, attempts FROM task WHERE status = ? ORDER BY key"
        return [Failure(*row) for row in self._all(query, FAILED)]

    def command(self) -> list[str]:
        """The words of the command that began the newest run, the program's name first."""
        found = self._all("SELECT argv FROM run ORDER BY id DESC LIMIT 1")
        return list(json.loads(found[0][0])) if found else []

    def runs(self) -> list[RunRow]:
        """Every run, and what became of the tasks that it answered."""
        query = (
            "SELECT id, inputs, status, started, ended, "
            "(SELECT count(*) FROM task WHERE task.run = run.id AND task.status = ?), "
            "(SELECT count(*) FROM task WHERE task.run = run.id AND task.status = ?) "
            "FROM run ORDER BY id"
        )
        return [
            RunRow(number, json.loads(inputs), *rest)
            for number, inputs, *rest in self._all(query, DONE, FAILED)
        ]

    def _all(self, query: str, *values: Any) -> list[Any]:
        with _told(self._name):
            return self._db.execute(query, values).fetchall()

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with _told(self._name):
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._db.execute("COMMIT")
            except BaseException:
                if self._db.in_transaction:  # some errors have rolled back already
                    self._db.execute("ROLLBACK")
                raise

    def _make(self) -> None:
        """The tables of a new ledger; runs that were killed are called so."""
        with self._transaction():
            if not self._all("SELECT 1 FROM sqlite_master"):
                for table in _TABLES.split(";"):
                    self._db.execute(table)
                self._db.execute("INSERT INTO meta VALUES ('schema', ?)", (str(SCHEMA_VERSION),))
            # This process holds the lock: whoever began these is dead.
            self._db.execute("UPDATE run SET status = 'killed' WHERE status = 'running'")


@contextmanager
def _told(name: str) -> Iterator[None]:
    """Turn an error of the database into one line that says what to do."""
    try:
        yield
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorcode", None)
        if code is None and isinstance(error, sqlite3.OperationalError):
            code = sqlite3.SQLITE_CORRUPT  # a text that is no Unicode
        if code is None or code & 0xFF not in _SAYS:
            raise
        kind, says = _SAYS[code & 0xFF]
        raise kind(f"{name}: {says.format(error)}") from None


def _connect(path: Path, mode: str, timeout: float = WAIT) -> sqlite3.Connection:
    """A connection that begins transactions only when told to."""
    uri = f"{path.as_uri()}?mode={mode}"
    return sqlite3.connect(uri, uri=True, timeout=timeout, isolation_level=None)


def _lock(path: Path) -> sqlite3.Connection:
    """The writer's lock, held until closed or until the process is dead, however it died.

    A file of its own that the operating system locks, through SQLite, which knows how to on each
    platform; children do not inherit it. Never deleted: a deleted lock can be held twice. (Not
    named `.lock`, which SQLite itself uses where the file system has no locks.)
    """
    lock = _connect(path.with_name(path.name + ".writer"), "rwc", timeout=0.0)
    try:
        lock.execute("PRAGMA journal_mode = MEMORY")  # no second file
        lock.execute("BEGIN EXCLUSIVE")
    except BaseException:
        lock.close()
        raise
    return lock


def _look(path: Path, name: str) -> None:
    """Refuse a file that is damaged, no ledger, or newer, without writing to it."""
    if not path.exists():
        return
    try:
        with closing(_connect(path, "ro")) as db:
            return _check(db, name)
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF not in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN):
            raise
    # Killed without a write-ahead log: only a writer may undo the half-written transaction.
    with closing(_connect(path, "rw")) as db:
        _check(db, name)


def _check(db: sqlite3.Connection, name: str) -> None:
    if db.execute("SELECT 1 FROM sqlite_master").fetchall():
        _check_version(db, name)
    found = " ".join(db.execute("PRAGMA quick_check(1)").fetchone()[0].split())
    if found != "ok":
        raise DataError(f"{name}: {_DAMAGED.format(found)}")


def _check_version(db: sqlite3.Connection, name: str) -> None:
    names = {row[0] for row in db.execute("SELECT name FROM sqlite_master")}
    if not {"run", "task", "result", "meta"} <= names:
        raise DataError(f"{name}: is a database but not a ledger; name another file")
    rows = db.execute("SELECT value FROM meta WHERE name = 'schema'").fetchall()
    if not rows or not rows[0][0].isdecimal() or int(rows[0][0]) > SCHEMA_VERSION:
        raise DataError(
            f"{name}: schema {rows[0][0] if rows else 'unknown'} is newer than this version reads "
            f"({SCHEMA_VERSION}); update anolyte"
        )


def _settle(db: sqlite3.Connection, name: str, quiet: bool) -> None:
    """A write-ahead log where the file system bears it, so that readers and writer never wait."""
    try:
        mode = db.execute("PRAGMA journal_mode = WAL").fetchone()[0]
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_BUSY):
            raise
        mode = db.execute("PRAGMA journal_mode = DELETE").fetchone()[0]
    # Without the log, anything less than FULL could damage the file when the power fails.
    db.execute(f"PRAGMA synchronous = {'NORMAL' if mode == 'wal' else 'FULL'}")
    if mode != "wal" and not quiet:
        told = "no write-ahead log here (a network drive?); slower, and readers wait"
        warnings.warn(f"{name}: {told}", stacklevel=4)


def _crc(key: str, text: str) -> int:
    """A checksum of a row: SQLite itself does not notice a flipped digit."""
    return zlib.crc32(f"{key}{text}".encode())
