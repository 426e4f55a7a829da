"""Runs that are stopped, killed and resumed end at the same last digit."""

import hashlib
import os
import signal
import subprocess
import sys
import textwrap
import time
from dataclasses import dataclass, replace
from pathlib import Path

import h5py
import numpy as np
import pytest

from anolyte.core.errors import AnolyteError, DataError
from anolyte.numerics.grid import Grid
from anolyte.studies import march as marching
from anolyte.studies.field_files import write_image
from anolyte.studies.march import Checkpoints, march


@dataclass(frozen=True, eq=False)
class Walk:
    """Where a walker is."""

    time: float
    place: np.ndarray
    name: str = "walker"
    note: str | None = None


@dataclass(frozen=True)
class Walking:
    """A map that forgets nothing: one wrong digit and all later ones are wrong."""

    steps: int = 50
    nap: float = 0.0

    def begin(self):
        return Walk(0.0, np.linspace(0.1, 0.9, 7))

    def step(self, state):
        if self.nap:
            time.sleep(self.nap)
        return replace(state, time=state.time + 1.0, place=3.99 * state.place * (1.0 - state.place))

    def ended(self, state):
        return "there" if state.time >= self.steps else ""

    def row(self, state):
        return {"time": state.time, "mean": float(state.place.mean())}

    def key(self):
        return hashlib.sha256(b"walking").hexdigest()

    def reached(self, state):
        return state.time / self.steps


def test_a_run_keeps_a_row_for_every_step():
    """The first state among them."""
    seen = []
    course = march(Walking(10), seen=lambda state: seen.append(state.time))
    assert course.ended == "there"
    assert course.table["time"].tolist() == seen == [float(k) for k in range(11)]


@pytest.mark.parametrize("first", [1, 17, 49])
def test_resumed_is_the_same_to_the_last_digit(tmp_path, first):
    """N steps, a checkpoint, and the others, against all at once."""
    whole = march(Walking())
    path = tmp_path / "walk.h5"
    march(Walking(first), checkpoints=Checkpoints(path))
    course = march(Walking(), checkpoints=Checkpoints(path), resume=True)
    assert course.resumed == first
    assert course.state.place.tobytes() == whole.state.place.tobytes()
    assert course.table["mean"].tobytes() == whole.table["mean"].tobytes()
    assert (course.state.name, course.state.note) == ("walker", None)


def test_ctrl_c_leaves_a_checkpoint(tmp_path):
    """And no reason for an end."""
    path = tmp_path / "walk.h5"

    def tired(state):
        if state.time == 20.0:
            raise KeyboardInterrupt

    course = march(Walking(), checkpoints=Checkpoints(path), seen=tired)
    assert not course.ended
    again = march(Walking(), checkpoints=Checkpoints(path), resume=True)
    assert again.resumed == 20
    assert again.state.place.tobytes() == march(Walking()).state.place.tobytes()


def test_killed_at_any_moment_it_goes_on(tmp_path):
    """kill -9 while it writes checkpoints after every step."""
    path = tmp_path / "walk.h5"
    code = textwrap.dedent(
        """
        import sys
        from pathlib import Path
        sys.path.insert(0, sys.argv[2])
        from test_march import Walking
        from anolyte.studies.march import Checkpoints, march
        march(Walking(2000, 0.001), checkpoints=Checkpoints(Path(sys.argv[1]), 0.0), resume=True)
        """
    )
    command = [sys.executable, "-c", code, str(path), str(Path(__file__).parent)]
    held = 0
    for wait in (0.05, 0.15):
        run = subprocess.Popen(command)
        while not path.exists() or (h := _steps(path)) <= held:
            assert run.poll() is None
            time.sleep(0.01)
        time.sleep(wait)
        os.kill(run.pid, signal.SIGKILL)
        run.wait()
        assert _steps(path) >= h
        held = _steps(path)
    course = march(Walking(held + 50), checkpoints=Checkpoints(path), resume=True)
    assert course.state.place.tobytes() == march(Walking(held + 50)).state.place.tobytes()


def _steps(path):
    with h5py.File(path, "r") as file:
        return len(file["table/time"]) - 1


def test_what_cannot_be_resumed_is_refused(tmp_path):
    """A file that is there, another process, a damaged file, a full disk."""
    path = tmp_path / "walk.h5"
    march(Walking(5), checkpoints=Checkpoints(path))
    with pytest.raises(DataError, match="there already"):
        march(Walking(5), checkpoints=Checkpoints(path))
    with pytest.raises(DataError, match="other settings"):
        marching.read(path, "another", Walk)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(DataError, match="damaged"):
        march(Walking(5), checkpoints=Checkpoints(path), resume=True)
    with h5py.File(path, "w") as file:
        file.attrs["format"] = "another"
    with pytest.raises(DataError, match="no checkpoint of this version"):
        march(Walking(5), checkpoints=Checkpoints(path), resume=True)


def test_a_full_disk_leaves_the_checkpoint_before(tmp_path):
    """One clear line, and what was there is there."""
    path = tmp_path / "walk.h5"
    march(Walking(5), checkpoints=Checkpoints(path))
    before = path.read_bytes()
    (tmp_path / "walk.h5.writing").mkdir()
    with pytest.raises(AnolyteError, match="make room and resume"):
        march(Walking(9), checkpoints=Checkpoints(path), resume=True)
    assert path.read_bytes() == before


@pytest.mark.parametrize("shape", [(4, 6), (3, 4, 5)])
def test_fields_come_back_by_xarray(tmp_path, shape):
    """As ParaView's image data, whose layout is checked by its attributes."""
    xarray = pytest.importorskip("xarray")
    grid = Grid.cubic(shape, 2e-6)
    values = np.arange(float(np.prod(shape))).reshape(shape)
    path = write_image(tmp_path / "frame.vtkhdf", grid, {"lithium": values}, 3.0)
    with xarray.open_dataset(
        path, group="VTKHDF/CellData", engine="h5netcdf", phony_dims="sort"
    ) as data:
        assert data["lithium"].values.squeeze().tolist() == values.tolist()
    with h5py.File(path, "r") as file:
        attributes = dict(file["VTKHDF"].attrs)
    assert attributes["Type"] == b"ImageData"
    points = attributes["WholeExtent"].reshape(3, 2)[:, 1]
    assert points.prod() == values.size
    assert attributes["Spacing"].tolist() == [2e-6] * 3
