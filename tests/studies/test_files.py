"""Results on disk: what was saved is loaded; anything else is one line, and no file is lost."""

from __future__ import annotations

import errno
import json
import math
import os

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anolyte.core.errors import AnolyteError, DataError
from anolyte.core.result import SCHEMA_VERSION
from anolyte.models.volume import VolumeResult
from anolyte.models.window import LadderStep, WindowResult
from anolyte.studies import files
from anolyte.studies.files import from_dict, load, save

STEP = LadderStep("reduction", 1.7, 8.0, 8.0, 2.9e6, "a + b -> c", {"Li2S": 5.0, "Li3P": 1.0})
WINDOW = WindowResult(
    "Li6PS5Cl",
    "Li6PS5Cl",
    "on the hull",
    reduction_limit=1.7,
    oxidation_limit=math.inf,
    energy_above_hull=None,
    steps=(STEP, STEP),
    potentials=(0.0, 0.1 + 0.2, 5e-324),
    driving_forces=(-1e300, -0.0, 0.0),
    warnings=("Grüße 漢",),
)


def test_a_nested_result_comes_back_as_it_was(tmp_path):
    assert save(WINDOW, tmp_path / "window.json") == tmp_path / "window.json"
    assert repr(load(tmp_path / "window.json")) == repr(WINDOW)
    assert [p.name for p in tmp_path.iterdir()] == ["window.json"]


@given(st.floats(), st.floats() | st.none(), st.text())
def test_numbers_and_texts_come_back_as_they_were(ratio, change, text):
    kept = VolumeResult(text, ratio=ratio, change=change)
    data = json.loads(json.dumps(kept.to_dict()))
    assert repr(from_dict(data)) == repr(kept)


def test_units_stand_beside_the_numbers(tmp_path):
    data = json.loads(save(WINDOW, tmp_path / "w.json").read_text(encoding="utf-8"))
    assert data["schema"] == SCHEMA_VERSION
    assert data["reduction_limit"] == {"value": 1.7, "unit": "V"}


def test_a_relative_path(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    save(WINDOW, "w.json")
    assert load("w.json").electrolyte == "Li6PS5Cl"


def one_line(error):
    assert isinstance(error, DataError) and "\n" not in str(error)


@pytest.mark.parametrize("keep", [0.0, 0.01, 0.5, 0.9, 0.999])
def test_a_truncated_file(tmp_path, keep):
    path = save(WINDOW, tmp_path / "w.json")
    whole = path.read_bytes()
    path.write_bytes(whole[: int(keep * len(whole))])
    with pytest.raises(DataError, match="is not JSON") as caught:
        load(path)
    one_line(caught.value)


@pytest.mark.parametrize(
    ("text", "match"),
    [
        (b"\xff\xfe\x00", "is not JSON"),
        (b"[" * 100_000, "is not JSON"),
        (b"[]", "no anolyte result"),
        (b"3", "no anolyte result"),
        (b"{}", "no anolyte result"),
        (b'{"schema": 1, "type": "os:system"}', "not an anolyte result"),
        (b'{"schema": 1, "type": "anolyte.models.volume:nothing"}', "no result"),
        (b'{"schema": 1, "type": "anolyte.nothing:VolumeResult"}', "no result"),
        (b'{"schema": 1, "type": "anolyte.studies.files:load"}', "is not a result"),
        (b'{"schema": 1, "type": "anolyte.models.volume:VolumeResult"}', "lacks interface"),
        (b'{"schema": "1", "type": "anolyte.models.volume:VolumeResult"}', "schema"),
        (b'{"type": "anolyte.models.volume:VolumeResult", "interface": "x"}', "schema"),
        (
            b'{"schema": 1, "type": "anolyte.models.volume:VolumeResult", "interface": "x", '
            b'"ratio": {"value": "many", "unit": "1"}}',
            "damaged result",
        ),
    ],
)
def test_a_malformed_file(tmp_path, text, match):
    (tmp_path / "bad.json").write_bytes(text)
    with pytest.raises(DataError, match=match) as caught:
        load(tmp_path / "bad.json")
    one_line(caught.value)


def test_a_newer_file(tmp_path):
    data = WINDOW.to_dict() | {"schema": SCHEMA_VERSION + 1}
    (tmp_path / "new.json").write_text(json.dumps(data))
    with pytest.raises(DataError, match=r"new\.json: schema \d+ is newer .* update anolyte"):
        load(tmp_path / "new.json")


def test_fields_of_a_later_version_are_passed_over():
    data = WINDOW.to_dict() | {"invented_later": 1}
    assert repr(from_dict(data)) == repr(WINDOW)


def places(data, path=()):
    """Every place in a tree of JSON."""
    yield path
    if isinstance(data, dict | list):
        for name, value in data.items() if isinstance(data, dict) else enumerate(data):
            yield from places(value, (*path, name))


def replaced(data, path, new):
    """The tree with another value at a place."""
    if not path:
        return new
    copy = dict(data) if isinstance(data, dict) else list(data)
    copy[path[0]] = replaced(data[path[0]], path[1:], new)
    return copy


@pytest.mark.parametrize("new", [None, 1, "text", [], {}, [1, 2], {"value": 1}, True], ids=repr)
def test_any_value_in_any_wrong_place_is_loaded_or_refused(new):
    data = json.loads(json.dumps(WINDOW.to_dict()))
    for path in places(data):
        try:
            from_dict(replaced(data, path, new))
        except AnolyteError as error:
            one_line(error)


def test_random_bytes_changed_in_a_file(tmp_path):
    rng = np.random.default_rng(1)
    path = save(WINDOW, tmp_path / "w.json")
    whole = path.read_bytes()
    for _ in range(300):
        data = bytearray(whole)
        for _ in range(3):
            data[rng.integers(len(data))] = rng.integers(32, 127)
        path.write_bytes(data)
        try:
            load(path)
        except AnolyteError as error:
            one_line(error)


def test_no_such_file_and_no_such_folder(tmp_path):
    with pytest.raises(DataError, match="cannot be read"):
        load(tmp_path / "none.json")
    with pytest.raises(DataError, match="cannot be read"):
        load(tmp_path)
    with pytest.raises(DataError, match="cannot be written"):
        save(WINDOW, tmp_path / "none" / "w.json")


def test_a_huge_file_is_not_read(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "MAX_BYTES", 100)
    save(WINDOW, tmp_path / "w.json")
    with pytest.raises(DataError, match="larger than"):
        load(tmp_path / "w.json")


@pytest.mark.parametrize("call", ["fsync", "replace"])
@pytest.mark.parametrize(
    "error", [OSError(errno.ENOSPC, "No space left on device"), KeyboardInterrupt()], ids=repr
)
def test_an_interrupted_write_leaves_the_old_file(tmp_path, monkeypatch, call, error):
    path = save(VolumeResult("old"), tmp_path / "w.json")

    def fails(*_):
        raise error

    with monkeypatch.context() as patch:
        patch.setattr(os, call, fails)
        expected = DataError if isinstance(error, OSError) else KeyboardInterrupt
        with pytest.raises(expected):
            save(WINDOW, path)
    assert load(path) == VolumeResult("old")
    assert [p.name for p in tmp_path.iterdir()] == ["w.json"]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.parametrize("call", ["fsync", "replace"])
def test_a_kill_in_the_middle_of_a_write_leaves_the_old_file(tmp_path, call):
    path = save(VolumeResult("old"), tmp_path / "w.json")
    child = os.fork()
    if not child:
        setattr(os, call, lambda *_: os.kill(os.getpid(), 9))
        save(WINDOW, path)
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -9
    assert load(path) == VolumeResult("old")
    save(WINDOW, path)
    assert repr(load(path)) == repr(WINDOW)
