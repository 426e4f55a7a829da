"""Shares of other computers: listings that are behind, clocks that are off, files that go away."""

from __future__ import annotations

import errno
import importlib.util
import os
import sys
from pathlib import Path

import pytest

from anolyte.studies.monitor import content, folder
from anolyte.studies.monitor.decision import Decision
from anolyte.studies.monitor.folder import BEHIND, Folder, behind

_spec = importlib.util.spec_from_file_location(
    "watch_order", Path(__file__).with_name("test_watch_order.py")
)
made = sys.modules["watch_order"] = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(made)
ROWS, SWEEP, Cell, rows, streams, sweep = (
    made.ROWS, made.SWEEP, made.Cell, made.rows, made.streams, made.sweep,
)  # fmt: skip


def text(real: float, start: float = 0.0) -> str:
    return SWEEP + "".join(line for _, line in sweep(start, real))


def looks(cell: Cell, count: int = 4, seconds: float = 4.0) -> list[str]:
    for _ in range(count):
        cell.now += seconds
        cell.watcher.look()
    return [Decision.of_line(x).name for kind in streams(cell.log).values() for x in kind]


@pytest.fixture
def cell(tmp_path):
    one = Cell(tmp_path)
    one.start()
    yield one
    if one.watcher is not None:
        one.watcher.journal.close()


def test_a_listing_that_is_behind_does_not_end_a_file(cell, monkeypatch):
    """Sizes and dates stay as they were for a while, though the file grows."""
    old, frozen = Folder._seen, {}

    def seen(self, entry, above):
        return frozen.setdefault(entry.name, old(self, entry, above))

    monkeypatch.setattr(Folder, "_seen", seen)
    lines = text(50.0).splitlines(keepends=True)
    path = cell.folder / "s.csv"
    path.write_text("".join(lines[:8]))
    looks(cell, 1)
    for line in lines[8:]:  # the last points come slowly
        with path.open("a") as file:
            file.write(line)
        assert looks(cell, 2) == []
    frozen.clear()
    looks(cell, 60)
    assert streams(cell.log) == cell.replay() and len(streams(cell.log)["spectrum"]) == 1


@pytest.mark.parametrize("off", [-7 * 3600.0, 0.0, 7 * 3600.0])
def test_dates_of_two_seconds_and_a_clock_that_is_hours_off(cell, monkeypatch, off):
    old = Folder._seen

    def seen(self, entry, above):
        found = old(self, entry, above)
        stamp = int((found.stamp / 1e9 + off) // 2 * 2e9)
        return folder.Seen(found.name, found.path, found.size, stamp)

    monkeypatch.setattr(Folder, "_seen", seen)
    lines = [x for k in range(3) for _, x in sweep(100.0 * k, 50.0 + k)]
    for part in (lines[:10], lines[10:20], lines[20:30], lines[30:]):
        with (cell.folder / "s.csv").open("a") as file:
            file.write((SWEEP if part is lines[:10] or file.tell() == 0 else "") + "".join(part))
        looks(cell, 1, 1.0)
    (cell.folder / "t.csv").write_text(ROWS + "".join(x for _, x in rows(0.0, 60.0)))
    looks(cell, 60)
    assert streams(cell.log) == cell.replay()
    assert len(streams(cell.log)["spectrum"]) == 3


def test_renamed_over_and_truncated_files_are_judged_anew(cell):
    path = cell.folder / "s.csv"
    path.write_text(text(50.0))
    assert len(looks(cell)) == 1
    other = cell.folder / "s.csv.tmp"
    other.write_text(text(60.0))
    other.replace(path)
    assert len(looks(cell)) == 2  # sixteen seconds: it is no file that grows
    os.truncate(path, 0)
    assert len(looks(cell)) == 2  # empty: nothing is said
    path.write_text(text(70.0))
    assert len(looks(cell)) == 3


@pytest.mark.parametrize("code", [errno.ESTALE, errno.ENOENT, errno.EIO, errno.ETIMEDOUT])
def test_a_share_that_goes_away_for_a_moment(cell, monkeypatch, code):
    """Neither the folder nor its files can be read; nothing is lost, nothing is said of it."""
    away, listed, opened = [False], os.scandir, Path.open

    def scandir(path):
        if away[0]:
            raise OSError(code, os.strerror(code))
        return listed(path)

    monkeypatch.setattr(folder.os, "scandir", scandir)
    lines = [x for k in range(2) for _, x in sweep(100.0 * k, 50.0 + k)]
    with (cell.folder / "s.csv").open("w") as file:
        file.write(SWEEP + "".join(lines[:9]))
    looks(cell, 1, 1.0)
    with (cell.folder / "s.csv").open("a") as file:
        file.write("".join(lines[9:18]))
    looks(cell, 1, 1.0)
    away[0] = True
    looks(cell, 3)
    assert "looking again" in cell.watcher.folder.lost
    away[0] = False
    monkeypatch.setattr(Path, "open", lambda *a, **k: _refuse(code))
    monkeypatch.setattr(content.Path, "read_bytes", lambda *a, **k: _refuse(code))
    for _ in range(3):
        cell.now += 4.0
        cell.watcher.look()
    monkeypatch.setattr(Path, "open", opened)
    monkeypatch.undo()
    with (cell.folder / "s.csv").open("a") as file:
        file.write("".join(lines[18:]))
    looks(cell, 60)
    assert streams(cell.log) == cell.replay()
    assert list(streams(cell.log)) == ["spectrum"] and len(streams(cell.log)["spectrum"]) == 2


def _refuse(code: int) -> None:
    raise OSError(code, os.strerror(code))


def test_a_growing_file_that_vanishes_and_comes_back_still_grows(cell):
    lines = text(50.0).splitlines(keepends=True)
    path, aside = cell.folder / "s.csv", cell.folder.parent / "aside"
    path.write_text("".join(lines[:8]))
    looks(cell, 1, 1.0)
    with path.open("a") as file:
        file.write("".join(lines[8:11]))
    looks(cell, 1, 1.0)
    path.rename(aside)
    looks(cell, 1, 1.0)
    aside.rename(path)
    assert looks(cell, 2) == []  # eight seconds of rest, less than its next point may take
    with path.open("a") as file:
        file.write("".join(lines[11:]))
    assert looks(cell, 60) == ["s.csv, spectrum 1"]


def test_what_is_known_of_shares(monkeypatch, tmp_path):
    assert behind(tmp_path) == 0.0
    monkeypatch.setattr(folder, "file_system", lambda path: "fuse.sshfs")
    assert behind(tmp_path) == BEHIND["fuse.sshfs"] == 20.0
