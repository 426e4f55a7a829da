"""Long runs in time that can be stopped at any moment and go on to the same last digit.

A process says how its state begins, makes one step, and when it has ended. `march` repeats the
step, keeps a row of numbers for each, writes a checkpoint from time to time, and goes on from one.
A checkpoint holds the whole state, so that stopping and going on changes no digit. It is written
under another name first: a kill or a full disk costs what came since the last one and no more.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, ClassVar, Protocol, TypeVar

import numpy as np

from anolyte.core.errors import AnolyteError, DataError
from anolyte.core.progress import Progress, silent

FORMAT = "anolyte-march-1"
UNITS = 1000
"""Of progress: thousandths of the way."""


class State(Protocol):
    """A frozen dataclass of arrays, numbers and text; `time` in s of the process."""

    __dataclass_fields__: ClassVar[dict[str, Any]]

    @property
    def time(self) -> float:
        """s, since the beginning."""
        ...


S = TypeVar("S", bound=State)


class Process(Protocol[S]):
    """What goes on in time."""

    def begin(self) -> S:
        """The first state."""
        ...

    def step(self, state: S) -> S:
        """The next state."""
        ...

    def ended(self, state: S) -> str:
        """Why there is no next one; empty while there is."""
        ...

    def row(self, state: S) -> Mapping[str, float]:
        """Numbers to keep of a state, always of the same names."""
        ...

    def key(self) -> str:
        """A hash of everything that decides the answer."""
        ...

    def reached(self, state: S) -> float:
        """Share of the way to the end, 0 to 1, as well as it is known."""
        ...


@dataclass(frozen=True, eq=False)
class Course:
    """A run, as far as it has come.

    Args:
        state: The last one.
        table: For each name a number for each step, the first state among them.
        ended: Why it ended; empty if it was stopped.
        resumed: Steps that a checkpoint held.
    """

    state: Any
    table: dict[str, np.ndarray]
    ended: str = ""
    resumed: int = 0


@dataclass(frozen=True)
class Checkpoints:
    """Where and how often the whole state is written.

    Args:
        path: An HDF5 file.
        every: s of wall time between two of them.
    """

    path: Path
    every: float = 60.0


@dataclass
class _Rows:
    """The table while it grows."""

    columns: dict[str, list[float]] = field(default_factory=dict)

    def add(self, row: Mapping[str, float]) -> None:
        for name, value in row.items():
            self.columns.setdefault(name, []).append(float(value))

    def arrays(self) -> dict[str, np.ndarray]:
        return {name: np.array(values) for name, values in self.columns.items()}


def march(
    process: Process[S],
    *,
    checkpoints: Checkpoints | None = None,
    resume: bool = False,
    progress: Progress = silent,
    seen: Callable[[S], None] | None = None,
) -> Course:
    """Go on until the process ends.

    Args:
        process: What goes on.
        checkpoints: Where states are kept; nowhere.
        resume: Go on from the file of checkpoints if it is there.
        progress: Told thousandths of the way.
        seen: Called with every state, the first or resumed one among them.

    Returns:
        The course. Ctrl-C ends it too, after a checkpoint, with `ended` empty.

    Raises:
        DataError: The file is there and not to be resumed, is damaged, or is of another process.
        AnolyteError: A checkpoint cannot be written; the one before is left as it was.
    """
    state, rows = _start(process, checkpoints, resume=resume)
    resumed = len(next(iter(rows.columns.values()), [])) - 1
    written = time.monotonic()
    if seen is not None:
        seen(state)
    try:
        while not (reason := process.ended(state)):
            state = process.step(state)
            rows.add(process.row(state))
            progress(int(UNITS * min(1.0, process.reached(state))), UNITS, "")
            if seen is not None:
                seen(state)
            if checkpoints is not None and time.monotonic() - written > checkpoints.every:
                write(checkpoints.path, process.key(), state, rows.arrays())
                written = time.monotonic()
    except KeyboardInterrupt:
        if checkpoints is None:
            raise
        reason = ""
    if checkpoints is not None:
        write(checkpoints.path, process.key(), state, rows.arrays())
    return Course(state, rows.arrays(), reason, max(resumed, 0))


def _start(
    process: Process[S], checkpoints: Checkpoints | None, *, resume: bool
) -> tuple[S, _Rows]:
    """The first state, or that of the file."""
    rows = _Rows()
    first = process.begin()
    if checkpoints is None or not checkpoints.path.exists():
        rows.add(process.row(first))
        return first, rows
    if not resume:
        raise DataError(f"{checkpoints.path} is there already; resume it, or name another file")
    state, table = read(checkpoints.path, process.key(), type(first))
    for name, values in table.items():
        rows.columns[name] = values.tolist()
    return state, rows


# --- files --------------------------------------------------------------------------------------


def write(path: Path, key: str, state: State, table: Mapping[str, np.ndarray]) -> None:
    """A checkpoint, whole or not at all.

    Raises:
        AnolyteError: It cannot be written.
    """
    import h5py

    draft = path.with_name(path.name + ".writing")
    try:
        with h5py.File(draft, "w") as file:
            file.attrs["format"] = FORMAT
            file.attrs["key"] = key
            group = file.create_group("state")
            for item in fields(state):  # pyright: ignore[reportArgumentType]
                _put(group, item.name, getattr(state, item.name))
            group = file.create_group("table")
            for name, values in table.items():
                group.create_dataset(name, data=values)
        draft.replace(path)
    except OSError as error:
        with suppress(OSError):
            draft.unlink()
        raise AnolyteError(
            f"the checkpoint {path} cannot be written ({error.strerror or error}); the one before "
            "is as it was: make room and resume"
        ) from None


def _put(group: Any, name: str, value: Any) -> None:
    if isinstance(value, np.ndarray):
        group.create_dataset(name, data=value, compression="lzf" if value.ndim else None)
    elif value is not None:
        group.attrs[name] = value


def read(path: Path, key: str, kind: type[S]) -> tuple[S, dict[str, np.ndarray]]:
    """State and table of a checkpoint.

    Raises:
        DataError: It is damaged, or of another process.
    """
    import h5py

    try:
        with h5py.File(path, "r") as file:
            if file.attrs.get("format") != FORMAT:
                raise DataError(f"{path} is no checkpoint of this version: begin anew")
            if file.attrs["key"] != key:
                raise DataError(
                    f"{path} belongs to a run with other settings: resume it with those, or name "
                    "another file"
                )
            held = file["state"]
            values = {item.name: _taken(held, item.name) for item in fields(kind)}
            columns: Any = file["table"]
            table = {name: np.asarray(part) for name, part in columns.items()}
            return kind(**values), table
    except (OSError, KeyError, RuntimeError, ValueError, TypeError) as error:
        raise DataError(f"{path} is damaged ({type(error).__name__}): begin anew") from None


def _taken(group: Any, name: str) -> Any:
    if name in group:
        return np.asarray(group[name])
    if name not in group.attrs:
        return None
    value = group.attrs[name]
    return value.item() if isinstance(value, np.generic) else value
