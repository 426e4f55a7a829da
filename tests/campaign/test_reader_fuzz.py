"""Damaged files through every reader: records that are sound, or one line that says what is wrong.

All sample files of `tests/measure/samples` are grouped by the reader that knows them; each group
is damaged again and again. A hang, a traceback, a warning or a slip that only `interpret` caught
is a failure.
"""

from __future__ import annotations

import re
import signal
import time
import warnings
from pathlib import Path

import numpy as np
import pytest

from anolyte.core.errors import DataError, MissingExtra
from anolyte.measure import readers
from anolyte.measure.readers.base import Raw
from anolyte.measure.records import Recording

SAMPLES = Path(__file__).parents[1] / "measure" / "samples"
NO_SAMPLE = {".md", ".py", ".pyc", ".txt.license", ".bib"}
LIMIT = 2.0
"""Seconds a case."""
ODD = ["nan", "NaN", "inf", "-inf", "1e999", "-1e308", "1e-320", "", "-", "--", "1,5", "1.5.5", "٣",
       "0x10", "1_000", "0", "-0.0", "9" * 400, "TRUE", "#DIV/0!", '"', '"1', "Ω", "\x00", "1e5\t2",
       "12:00:00", "2024-01-01 00:00:00", "99/99/2024", "\ufeff", "1" + "0" * 30]  # fmt: skip
NUMBER = re.compile(rb"[-+]?\d+(?:[.,]\d+)?(?:[eE][-+]?\d+)?")


def groups() -> dict[str, list[Path]]:
    """Name of a reader to the samples that it knows."""
    found: dict[str, list[Path]] = {}
    for path in sorted(SAMPLES.rglob("*")):
        if not path.is_file() or path.suffix in NO_SAMPLE or path.stem.upper() == "LICENSE":
            continue
        reader = readers.known(Raw.of(path))
        assert reader is not None, f"{path}: no reader knows this sample"
        found.setdefault(reader.name, []).append(path)
    return found


GROUPS = groups()


# --- damage -------------------------------------------------------------------------------------


def cut(rng: np.random.Generator, data: bytes) -> bytes:
    at = int(rng.integers(len(data) + 1))
    return data[:at] if rng.random() < 0.8 else data[at:]


def flip(rng: np.random.Generator, data: bytes) -> bytes:
    out = bytearray(data)
    for _ in range(int(rng.integers(1, 20))):
        if out:
            out[int(rng.integers(len(out)))] = int(rng.integers(256))
    return bytes(out)


def shuffle(rng: np.random.Generator, data: bytes) -> bytes:
    """Lines doubled, lost, swapped, moved."""
    lines = data.split(b"\n")
    for _ in range(int(rng.integers(1, 5))):
        a, b = (int(k) for k in rng.integers(len(lines), size=2))
        kind = rng.random()
        if kind < 0.3:
            lines.insert(a, lines[b])
        elif kind < 0.6 and len(lines) > 1:
            del lines[a]
        elif kind < 0.9:
            lines[a], lines[b] = lines[b], lines[a]
        else:
            lines = lines[:a] + lines[: min(b, 200)] + lines[a:]
    return b"\n".join(lines)


def number(rng: np.random.Generator, data: bytes) -> bytes:
    """Numbers by something odd."""
    for _ in range(int(rng.integers(1, 6))):
        found = list(NUMBER.finditer(data))
        if not found:
            break
        m = found[int(rng.integers(len(found)))]
        new = str(rng.choice(ODD)).encode() if rng.random() < 0.8 else m[0][::-1]
        data = data[: m.start()] + new + data[m.end() :]
    return data


def column(rng: np.random.Generator, data: bytes) -> bytes:
    """One column of all rows by something odd, or gone."""
    mark = max((b"\t", b",", b";", b"  "), key=data.count)
    place, new = int(rng.integers(8)), str(rng.choice(ODD)).encode()
    gone = rng.random() < 0.5
    lines = []
    for line in data.split(b"\n"):
        cells = line.split(mark)
        if len(cells) > place:
            cells = cells[:place] + ([] if gone else [new]) + cells[place + 1 :]
        lines.append(mark.join(cells))
    return b"\n".join(lines)


def encode(rng: np.random.Generator, data: bytes) -> bytes:
    text = data.decode("latin-1" if rng.random() < 0.5 else "utf-8", "replace")
    kind = ["utf-16", "utf-16-le", "utf-16-be", "utf-8-sig", "utf-8", "cp1252", "utf-32", "utf-7",
            "gb18030"]  # fmt: skip
    return text.encode(str(rng.choice(kind)), "replace")


def separate(rng: np.random.Generator, data: bytes) -> bytes:
    marks = [b"\t", b",", b";", b" ", b".", b"\n", b"\r", b"\r\n", b"  ", b"|", b'"', b"'", b"/"]
    a, b = rng.integers(len(marks), size=2)
    return data.replace(marks[a], marks[b], -1 if rng.random() < 0.7 else int(rng.integers(1, 30)))


def insert(rng: np.random.Generator, data: bytes) -> bytes:
    at = int(rng.integers(len(data) + 1))
    noise = rng.bytes(int(rng.integers(1, 60)))
    new = [noise, b"\0" * 40, b"\n" * 50, b'"', b"\xff\xfe", b" " * 3000, b"#", b"\x1a"]
    return data[:at] + new[int(rng.integers(len(new)))] + data[at:]


def join(rng: np.random.Generator, data: bytes) -> bytes:
    """Itself again, or another format behind it."""
    paths = [p for group in GROUPS.values() for p in group]
    other = data if rng.random() < 0.5 else paths[int(rng.integers(len(paths)))].read_bytes()
    return data + other[:40_000]


DAMAGES = (cut, flip, shuffle, number, number, column, encode, separate, insert, join)


def damaged(rng: np.random.Generator, data: bytes) -> bytes:
    for _ in range(int(rng.integers(1, 4))):
        data = DAMAGES[int(rng.integers(len(DAMAGES)))](rng, data)
    return data[:400_000]


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


def judged(data: bytes) -> bool:
    """Whether the file was read; refused in order otherwise."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            found = readers.interpret(Raw("made.file", data))
    except (DataError, MissingExtra) as error:
        told(error)
        return False
    sound(found)
    return True


def stopped(*_: object) -> None:
    raise TimeoutError(f"more than {LIMIT} s")


@pytest.mark.campaign
@pytest.mark.parametrize("name", sorted(GROUPS))
def test_damaged_files_are_read_or_refused_in_one_line(campaign, name: str, tmp_path) -> None:
    rng = np.random.default_rng([campaign.seed, len(name), *name.encode()])
    data = [p.read_bytes() for p in GROUPS[name]]
    size = campaign.size(reduced=max(60, 1000 // len(GROUPS) + 1), full=100_000)
    read = 0
    worst = 0.0
    signal.signal(signal.SIGALRM, stopped)
    for case in range(size):
        made = damaged(rng, data[int(rng.integers(len(data)))])
        start = time.process_time()
        signal.setitimer(signal.ITIMER_REAL, 20.0 * LIMIT)
        try:
            read += judged(made)
        except BaseException:
            (tmp_path / f"case_{case}").write_bytes(made)
            raise
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0.0)
        spent = time.process_time() - start
        worst = max(worst, spent)
        assert spent < LIMIT, f"case {case} took {spent:.1f} s"
    assert read < size and (read or size < 200)
    campaign.record(read=read, refused=size - read, tracebacks=0, slowest=round(worst, 3))
