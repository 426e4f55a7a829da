"""Damaged files through every reader: records that are sound, or one line that says what is wrong.

All sample files of `tests/measure/samples`, and spreadsheets made of them, are grouped by the
reader that knows them; each group is damaged again and again (`file_damage`). A hang, a traceback,
a warning, a slip that only `interpret` caught, or memory far beyond the file's is a failure. Small
tables are read by Python and large ones by pandas' parser: one case in sixteen takes the other way,
and one in 48 must come to the same by both.

At full size the number of cases done so far is kept under `build/reader_fuzz`, so that a run that
was stopped goes on where it was.
"""

from __future__ import annotations

import importlib.util
import json
import os
import resource
import signal
import sys
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from anolyte.core.errors import DataError, MissingExtra
from anolyte.measure import readers
from anolyte.measure.readers import blocks, cells
from anolyte.measure.readers.base import Raw
from anolyte.measure.records import Recording


def beside(name: str):
    """A module of this folder."""
    spec = importlib.util.spec_from_file_location(name, Path(__file__).parent / f"{name}.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


damage = beside("file_damage")
LIMIT = 2.0
"""Seconds of the processor a case."""
ROOM = 256
"""MB that one case may add to the largest memory of the run so far."""
SPACE = 4096
"""MB of addresses that it may ask for beyond, used or not: arrow asks for what a page promises."""
STEP = 1000
"""Cases after which the progress is written."""
SLOW = ("Neware .nda/.ndax", "spreadsheet with units in its header")
"""Readers that leave their files to other packages: the last."""
LEDGER = Path(os.environ.get("ANOLYTE_FUZZ", Path(__file__).parents[2] / "build" / "reader_fuzz"))


@cache
def groups() -> dict[str, list[bytes]]:
    """Name of a reader to the sound files that it knows."""
    found: dict[str, list[bytes]] = {}
    files = [(p.name, p.read_bytes()) for p in damage.samples()]
    files += [(f"made {k}", data) for k, data in enumerate(damage.made())]
    if importlib.util.find_spec("pyarrow"):
        files.append(("made parquet", parquet()))
    for name, data in files:
        reader = readers.known(Raw(name, data))
        assert reader is not None, f"{name}: no reader knows this sample"
        found.setdefault(reader.name, []).append(data)
    return found


def parquet() -> bytes:
    """A trace of eight rows."""
    import tempfile

    from anolyte.measure.readers.bdf import write_bdf
    from anolyte.measure.records import Trace

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.bdf.parquet"
        write_bdf(Trace(np.arange(8.0), np.full(8, 3.0), np.full(8, 1e-3)), path)
        return path.read_bytes()


NAMES = sorted((r.name for r in readers.readers()), key=lambda n: (n in SLOW, n))


# --- judgement ----------------------------------------------------------------------------------


def sound(found: Recording) -> None:
    """What must be true of every recording."""
    for s in found.spectra:
        assert len(s.frequency) == len(s.impedance) >= 5
        assert np.isfinite(s.frequency).all() and np.isfinite(s.impedance).all()
        assert (s.frequency > 0.0).all() and (np.diff(s.frequency) < 0.0).all()
        assert s.lines is None or s.lines.shape == s.frequency.shape
    if found.trace is not None:
        t = found.trace
        assert np.isfinite(t.time).all() and (np.diff(t.time) >= 0.0).all()
        assert np.isfinite(t.voltage).all() and np.isfinite(t.current).all()
        for values in (t.cycle, t.step):
            assert values is None or np.issubdtype(values.dtype, np.integer)
    if found.cycles is not None:
        c = found.cycles
        assert len(c.cycle) == len(c.charge) == len(c.discharge)
    claims = found.claims
    for value in (claims.area, claims.thickness, claims.mass, claims.temperature):
        assert value is None or 0.0 < value < np.inf
    assert all("\n" not in f and f for f in found.flags)


def told(error: Exception) -> None:
    """One short line that names the file."""
    text = str(error)
    assert "\n" not in text and text.startswith("made.file") and len(text) < 1500, text[:300]
    assert "damaged, or a variety of" not in text, text  # only `interpret` caught it
    assert "MemoryError" not in text, text


def outcome(data: bytes) -> Recording | str:
    """What was read, or the line of the refusal."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            found = readers.interpret(Raw("made.file", data))
    except (DataError, MissingExtra) as error:
        told(error)
        return str(error)
    sound(found)
    return found


@contextmanager
def parser(pandas: bool) -> Iterator[None]:
    """All tables by pandas' parser, or small ones by Python."""
    old = blocks.FEW
    blocks.FEW = cells.FEW = 0 if pandas else old
    try:
        yield
    finally:
        blocks.FEW = cells.FEW = old


def alike(a: Recording | str, b: Recording | str) -> bool:
    """Whether two ways came to the same."""
    if isinstance(a, str) and isinstance(b, str):  # in brackets what a package said first
        return a.split(" (")[0] == b.split(" (")[0]
    if isinstance(a, str) or isinstance(b, str):
        return False
    one, other = (
        [x.view(float) for r in (s,) for f in r.spectra for x in (f.frequency, f.impedance)]
        + [x for t in (s.trace,) if t is not None for x in (t.time, t.voltage, t.current)]
        for s in (a, b)
    )
    same = all(np.array_equal(x, y) for x, y in zip(one, other, strict=True))
    return same and a.flags == b.flags and a.complete == b.complete


def judged(data: bytes, case: int) -> bool:
    """Whether the file was read; refused in order otherwise."""
    with parser(case % 16 == 0):
        found = outcome(data)
    if case % 48 == 0:
        assert alike(found, again := outcome(data)), f"two ways, two answers: {found}, {again}"
    return not isinstance(found, str)


# --- one run ------------------------------------------------------------------------------------


def stopped(*_: object) -> None:
    raise TimeoutError(f"more than {20.0 * LIMIT} s")


def memory() -> float:
    """The largest memory of this process so far, MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024.0


@contextmanager
def watched() -> Iterator[None]:
    """No hang, and no more address space than a little beyond what is there."""
    before = resource.getrlimit(resource.RLIMIT_AS)
    size = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    if before[0] == resource.RLIM_INFINITY:
        resource.setrlimit(resource.RLIMIT_AS, (size + SPACE * 1024 * 1024, before[1]))
    handler = signal.signal(signal.SIGALRM, stopped)
    try:
        yield
    finally:
        signal.signal(signal.SIGALRM, handler)
        resource.setrlimit(resource.RLIMIT_AS, before)


class Progress:
    """What is done of one group, in a file at full size."""

    def __init__(self, name: str, seed: int, size: int, kept: bool) -> None:
        word = "".join(c if c.isalnum() else "_" for c in name)
        self.path = LEDGER / f"{word}_{seed}_{size}.json" if kept else None
        self.done = {"cases": 0, "read": 0, "refused": 0, "slowest": 0.0, "memory": 0.0,
                     "seconds": 0.0}  # fmt: skip
        if self.path is not None and self.path.exists():
            self.done = json.loads(self.path.read_text())

    def add(self, read: bool, spent: float, gained: float) -> None:
        done = self.done
        done["cases"] += 1
        done["read" if read else "refused"] += 1
        done["slowest"] = round(max(done["slowest"], spent), 3)
        done["memory"] = round(max(done["memory"], gained), 1)
        done["seconds"] += spent
        if self.path is not None and done["cases"] % STEP == 0:
            self.write()

    def write(self) -> None:
        if self.path is not None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            new = self.path.with_suffix(".new")
            new.write_text(json.dumps(self.done))
            new.replace(self.path)


def small(name: str) -> list[bytes]:
    """The files of a group, shrunk to what gives as many spectra, a trace of four rows, flags."""

    def held(data: bytes) -> tuple[int, int, bool, int] | None:
        try:
            found = readers.interpret(Raw("made.file", data))
        except (DataError, MissingExtra):
            return None
        rows = 0 if found.trace is None else min(len(found.trace), 4)
        return (len(found.spectra), rows, found.cycles is None, len(found.flags))

    made = []
    for data in groups()[name]:
        wanted = held(data)
        made.append(damage.shrunk(data, lambda some, wanted=wanted: held(some) == wanted))
    return made


def fuzz(name: str, seed: int, upto: int, progress: Progress, kept: Path) -> None:
    """Go on with the cases of a group up to a number; a file that fails is kept."""
    seeds, few = groups()[name], small(name)
    for data in seeds:  # what is imported late is no memory of a case
        outcome(data)
    with watched():
        for case in range(progress.done["cases"], upto):
            data = damage.damaged(seeds, few, seed, name, case)
            before, start = memory(), time.process_time()
            signal.setitimer(signal.ITIMER_REAL, 20.0 * LIMIT)
            try:
                read = judged(data, case)
            except BaseException:
                kept.mkdir(parents=True, exist_ok=True)
                (kept / f"{name.split()[0]}_{case}").write_bytes(data)
                raise
            finally:
                signal.setitimer(signal.ITIMER_REAL, 0.0)
            spent, gained = time.process_time() - start, memory() - before
            progress.add(read, spent, gained)
            assert spent < LIMIT, f"case {case} took {spent:.1f} s"
            assert gained < ROOM, f"case {case} took {gained:.0f} MB"
    progress.write()


@pytest.mark.campaign
@pytest.mark.parametrize("name", NAMES)
def test_damaged_files_are_read_or_refused_in_one_line(campaign, name: str, tmp_path) -> None:
    size = campaign.size(reduced=60, full=100_000)
    progress = Progress(name, campaign.seed, size, campaign.full)
    fuzz(name, campaign.seed, size, progress, LEDGER if campaign.full else tmp_path)
    done = progress.done
    assert 0 < done["refused"] and (done["read"] or size < 200)
    campaign.record(
        read=done["read"], refused=done["refused"], tracebacks=0, slowest=done["slowest"],
        memory=done["memory"], seconds=round(done["seconds"]),
    )  # fmt: skip
