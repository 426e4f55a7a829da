"""Sample files of every reader, and damage to them that follows from a number.

`damaged(seeds, seed, case)` is the same bytes for ever, so that a case that failed is made again
from its number alone. Text is damaged as text, numbers as numbers, binary files by words; of a
packed file (a spreadsheet, an `.ndax`, a gzip) the container or what is in it.
"""

from __future__ import annotations

import gzip
import io
import json
import random
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

SAMPLES = Path(__file__).parents[1] / "measure" / "samples"
NO_SAMPLE = {".md", ".py", ".pyc", ".txt.license", ".bib"}
MOST = 400_000
"""Bytes of a damaged file."""
ODD = ["nan", "NaN", "inf", "-inf", "1e999", "-1e308", "1e-320", "", "-", "--", "1,5", "1.5.5", "٣",
       "0x10", "1_000", "0", "-0.0", "9" * 400, "TRUE", "#DIV/0!", '"', '"1', "Ω", "\x00", "1e5\t2",
       "12:00:00", "2024-01-01 00:00:00", "99/99/2024", "\ufeff", "1" + "0" * 30, "999999999",
       "1048577", "2147483648", "18446744073709551616", "-1"]  # fmt: skip
NUMBER = re.compile(rb"[-+]?\d+(?:[.,]\d+)?(?:[eE][-+]?\d+)?")
PACKED, ZIPPED = b"PK\x03\x04", b"\x1f\x8b"


# --- seeds --------------------------------------------------------------------------------------


def samples() -> list[Path]:
    """The files of instruments, without their licences."""
    return [
        p for p in sorted(SAMPLES.rglob("*"))
        if p.is_file() and p.suffix not in NO_SAMPLE and p.stem.upper() != "LICENSE"
    ]  # fmt: skip


def made() -> list[bytes]:
    """What is no file of the samples: spreadsheets of their tables, a gzip, a short session."""
    cyclers, text = SAMPLES / "cyclers", SAMPLES / "text"
    arbin, flat = cyclers / "arbin.csv", cyclers / "neware_flat.csv"
    cycles = text / "table_cycles.csv"
    return [
        sheets({"Info": cycles, "Channel_1-001_1": arbin}),
        sheets({"unit": cycles, "cycle": cycles, "record": flat}),
        sheets({"Record-Tab": cyclers / "landt.csv"}),
        sheets({"one": text / "table_trace.csv", "two": text / "table_units.csv"}),
        gzip.compress((cyclers / "cell.bdf.csv").read_bytes(), mtime=0),
        short_session(),
    ]


def sheets(tables: dict[str, Path]) -> bytes:
    """A spreadsheet, a sheet of each table."""
    import openpyxl

    book = openpyxl.Workbook()
    for name, path in tables.items():
        sheet = book.create_sheet(name)
        lines = path.read_bytes().decode("utf-8-sig", "replace").splitlines()
        mark = max(",;\t", key=lines[-1].count)
        for line in lines[:12]:
            cells = (c.strip() for c in line.split(mark))
            sheet.append([float(c) if NUMBER.fullmatch(c.encode()) else c for c in cells])
    book.remove(book.worksheets[0])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def short_session() -> bytes:
    """The sample of PalmSens with six points of each array."""
    text = (SAMPLES / "potentiostats" / "session.pssession").read_bytes().decode("utf-16")
    return json.dumps(_short(json.loads(text.strip("\ufeff\ufffe\0 \r\n")))).encode("utf-16")


def _short(value):
    if isinstance(value, dict):
        return {k: _short(v) for k, v in value.items()}
    return [_short(v) for v in value[:6]] if isinstance(value, list) else value


def shrunk(data: bytes, good: Callable[[bytes], bool]) -> bytes:
    """A text with as few lines as `good` allows; other files as they are."""
    wide = data[:2] in (b"\xff\xfe", b"\xfe\xff")
    if wide or b"\0" in data or data.startswith((PACKED, ZIPPED)):
        return data
    lines = data.split(b"\n")
    size = len(lines) // 2
    while size >= 1:
        at = 0
        while at + size <= len(lines):
            fewer = lines[:at] + lines[at + size :]
            if good(b"\n".join(fewer)):
                lines = fewer
            else:
                at += size
        size //= 2
    return b"\n".join(lines)


# --- damage to any bytes ------------------------------------------------------------------------


def cut(rng: random.Random, data: bytes) -> bytes:
    at = rng.randrange(len(data) + 1)
    return data[:at] if rng.random() < 0.8 else data[at:]


def flip(rng: random.Random, data: bytes) -> bytes:
    out = bytearray(data)
    for _ in range(rng.randint(1, 20) if out else 0):
        out[rng.randrange(len(out))] = rng.randrange(256)
    return bytes(out)


def words(rng: random.Random, data: bytes) -> bytes:
    """Numbers of a binary file by extremes, near its start more often."""
    out = bytearray(data)
    for _ in range(rng.randint(1, 4)):
        size = rng.choice((1, 2, 4, 8))
        end = max(1, min(len(out), 300) if rng.random() < 0.5 else len(out))
        at = rng.randrange(end)
        new = rng.choice((b"\xff", b"\0", b"\x7f", b"\x80", rng.randbytes(1))) * size
        out[at : at + size] = new if rng.random() < 0.6 else new[:1] + b"\xff" * (size - 1)
    return bytes(out)


def insert(rng: random.Random, data: bytes) -> bytes:
    at = rng.randrange(len(data) + 1)
    noise = rng.randbytes(rng.randint(1, 60))
    new = [
        noise,
        b"\0" * 40,
        b"\n" * 50,
        b'"',
        b"\xff\xfe",
        b" " * 3000,
        b"#",
        b"\x1a",
        b"(" * 2000,
    ]
    return data[:at] + rng.choice(new) + data[at:]


def join(rng: random.Random, data: bytes) -> bytes:
    """Itself again, or another format behind it."""
    other = data if rng.random() < 0.5 else rng.choice(OTHERS).read_bytes()
    return data + other[:20_000]


OTHERS = samples()


# --- damage to text -----------------------------------------------------------------------------


def shuffle(rng: random.Random, data: bytes) -> bytes:
    """Lines doubled, lost, swapped, repeated."""
    lines = data.split(b"\n")
    for _ in range(rng.randint(1, 4)):
        a, b, kind = rng.randrange(len(lines)), rng.randrange(len(lines)), rng.random()
        if kind < 0.3:
            lines.insert(a, lines[b])
        elif kind < 0.6 and len(lines) > 1:
            del lines[a]
        elif kind < 0.9:
            lines[a], lines[b] = lines[b], lines[a]
        else:
            lines = lines[:a] + lines[: min(b, 100)] + lines[a:]
    return b"\n".join(lines)


def number(rng: random.Random, data: bytes) -> bytes:
    """Numbers by something odd."""
    for _ in range(rng.randint(1, 5)):
        found = NUMBER.search(data, rng.randrange(len(data) + 1)) or NUMBER.search(data)
        if not found:
            break
        new = rng.choice(ODD).encode() if rng.random() < 0.8 else found[0][::-1]
        data = data[: found.start()] + new + data[found.end() :]
    return data


def column(rng: random.Random, data: bytes) -> bytes:
    """One column of all rows by something odd, or gone."""
    mark = max((b"\t", b",", b";", b"  "), key=data.count)
    place, new = rng.randrange(8), rng.choice(ODD).encode()
    put = [] if rng.random() < 0.5 else [new]
    lines = []
    for line in data.split(b"\n"):
        cells = line.split(mark, place + 1)
        lines.append(mark.join(cells[:place] + put + cells[place + 1 :])
                     if len(cells) > place else line)  # fmt: skip
    return b"\n".join(lines)


def encode(rng: random.Random, data: bytes) -> bytes:
    text = data.decode("latin-1" if rng.random() < 0.5 else "utf-8", "replace")
    kind = ["utf-16", "utf-16-le", "utf-16-be", "utf-8-sig", "utf-8", "cp1252", "utf-32", "utf-7",
            "gb18030"]  # fmt: skip
    return text.encode(rng.choice(kind), "replace")


def separate(rng: random.Random, data: bytes) -> bytes:
    marks = [b"\t", b",", b";", b" ", b".", b"\n", b"\r", b"\r\n", b"  ", b"|", b'"', b"'", b"/"]
    a, b = rng.choice(marks), rng.choice(marks)
    return data.replace(a, b, -1 if rng.random() < 0.7 else rng.randint(1, 30))


TEXT = (cut, flip, shuffle, number, number, column, encode, separate, insert, join)
BINARY = (cut, flip, words, words, words, insert, join)
MEMBER = (cut, flip, number, number, number, words, separate, insert)


# --- damage to packed files ---------------------------------------------------------------------


def packed(rng: random.Random, data: bytes) -> bytes:
    """A zip with members damaged, lost, doubled or empty."""
    with zipfile.ZipFile(io.BytesIO(data)) as old:
        parts = [(i.filename, old.read(i)) for i in old.infolist()]
    for _ in range(rng.randint(1, 3)):
        if not parts:
            break
        k, kind = rng.randrange(len(parts)), rng.random()
        name, content = parts[k]
        if kind < 0.8:
            parts[k] = (name, rng.choice(MEMBER)(rng, content))
        elif kind < 0.87:
            del parts[k]
        elif kind < 0.94:
            parts[k] = (name, parts[rng.randrange(len(parts))][1])
        else:
            parts[k] = (rng.choice([name.upper(), "x/" + name, "../" + name, name[1:]]), content)
    out = io.BytesIO()
    way = zipfile.ZIP_DEFLATED if rng.random() < 0.1 else zipfile.ZIP_STORED
    with zipfile.ZipFile(out, "w", way) as new:
        for name, content in dict(parts).items():
            new.writestr(zipfile.ZipInfo(name), content, way)
    return out.getvalue()


def zipped(rng: random.Random, data: bytes) -> bytes:
    """A gzip of a damaged text."""
    return gzip.compress(rng.choice(TEXT)(rng, gzip.decompress(data)), 1, mtime=0)


def damaged(seeds: list[bytes], small: list[bytes], seed: int, name: str, case: int) -> bytes:
    """One damaged file.

    Args:
        seeds: Sound files of one reader.
        small: The same, shrunk; of most cases.
        seed: Of the campaign.
        name: Of the reader.
        case: Its number.
    """
    rng = random.Random(f"{seed} {name} {case}")
    own = small if rng.random() < 0.9 else seeds
    data = min(rng.choice(own), rng.choice(own), key=len)  # small files are quick
    if data.startswith(PACKED) and rng.random() < 0.75:
        return packed(rng, data)[:MOST]
    if data.startswith(ZIPPED) and rng.random() < 0.7:
        return zipped(rng, data)[:MOST]
    wide = data[:2] in (b"\xff\xfe", b"\xfe\xff")
    ways = BINARY if b"\0" in data[:8192] and not wide else TEXT
    if wide and rng.random() < 0.7:  # as text
        return rng.choice(TEXT)(rng, data.decode("utf-16").encode()).decode(
            "utf-8", "replace").encode("utf-16")[:MOST]  # fmt: skip
    for _ in range(rng.randint(1, 3)):
        data = rng.choice(ways)(rng, data)
    return data[:MOST]
