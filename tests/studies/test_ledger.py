"""The ledger: the same question has the same key, and what is stored stays."""

from __future__ import annotations

import contextlib
import dataclasses
import importlib.util
import json
import math
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anolyte.core.errors import AnolyteError, DataError
from anolyte.models.volume import VolumeResult
from anolyte.studies import ledger as ledger_module
from anolyte.studies.ledger import DONE, FAILED, Ledger, Outcome, key

KILLER = Path(__file__).parent.parent / "campaign" / "kill_ledger.py"


def killer():
    """Import the kill campaign by its path."""
    spec = importlib.util.spec_from_file_location("kill_ledger", KILLER)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def name(i):
    return key("test", "1", {"i": i}, "", 0)


def result(i, ratio=0.1):
    return VolumeResult(f"interface {i}", ratio=ratio)


def fill(ledger, count, start=0):
    ledger.put_many([Outcome.of(name(i), result(i)) for i in range(start, start + count)])


def make(path, count=50):
    with Ledger(path) as ledger:
        fill(ledger, count)
    return path


# --- Keys ---------------------------------------------------------------------------------------

number = st.floats(allow_nan=False, allow_infinity=False)
plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | number,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=8,
)


def shuffled(x, random):
    if isinstance(x, list):
        return [shuffled(y, random) for y in x]
    if not isinstance(x, dict):
        return x
    items = [(k, shuffled(v, random)) for k, v in x.items()]
    random.shuffle(items)
    return dict(items)


@given(st.dictionaries(st.text(), plain, max_size=5), st.randoms(use_true_random=False))
def test_order_of_names_does_not_change_the_key(inputs, random):
    assert key("m", "1", inputs, "d", 0) == key("m", "1", shuffled(inputs, random), "d", 0)


@given(number)
def test_neighbouring_floats_have_different_keys(x):
    up = math.nextafter(x, math.inf)
    if math.isfinite(up):
        assert key("m", "1", {"x": x}, "", 0) != key("m", "1", {"x": up}, "", 0)


def test_everything_asked_is_in_the_key():
    asked = ("m", "1", {"x": 1.0}, "d", 0)
    others = [
        ("n", "1", {"x": 1.0}, "d", 0),
        ("m", "2", {"x": 1.0}, "d", 0),
        ("m", "1", {"x": 2.0}, "d", 0),
        ("m", "1", {"y": 1.0}, "d", 0),
        ("m", "1", {"x": 1.0}, "e", 0),
        ("m", "1", {"x": 1.0}, "d", 1),
        ("m1", "", {"x": 1.0}, "d", 0),
    ]
    assert len({key(*a) for a in [asked, *others]}) == 1 + len(others)


def test_a_key_never_changes_between_versions():
    # Written down once: a ledger of today must be found again tomorrow.
    assert key("Window", "1", {"temperature": 298.15, "layers": ["LiF"]}, "abc", 7) == (
        "a90e313e8369aac23ec9dce97f8a88fb15b907fd9d6a22c61e343d7bbedd4a1f"
    )


def test_numpy_numbers_and_dataclasses_are_inputs():
    assert key("m", "1", {"x": np.float64(0.1), "n": np.int64(3)}, "", 0) == (
        key("m", "1", {"x": 0.1, "n": 3}, "", 0)
    )
    assert key("m", "1", {"x": np.array([0.1, 2.0])}, "", 0) == (
        key("m", "1", {"x": (0.1, 2.0)}, "", 0)
    )
    one, other = (key("m", "1", {"r": result(1, r)}, "", 0) for r in (0.1, 0.2))
    assert one != other


@pytest.mark.parametrize(
    "bad",
    [
        math.nan,
        math.inf,
        [1.0, -math.inf],
        {"deep": {"er": math.nan}},
        np.array([math.nan]),
        result(1, math.nan),
        object(),
        {1: 0, "a": 0},
        1j,
        b"bytes",
    ],
)
def test_what_is_no_number_is_refused(bad):
    with pytest.raises(DataError, match="no ledger key"):
        key("m", "1", {"x": bad}, "", 0)


# --- Storing and finding ------------------------------------------------------------------------


@given(st.floats(), st.text(max_size=20))
def test_results_come_back_as_they_were(ratio, text):
    kept = VolumeResult(text, ratio=ratio)
    with Ledger() as ledger:
        ledger.put_many([Outcome.of(name(0), kept)])
        found = ledger.get(name(0))
    assert repr(found) == repr(kept)  # NaN and -0.0 included


def test_a_new_process_finds_everything(tmp_path):
    make(tmp_path / "ledger", 30)
    with Ledger(tmp_path / "ledger") as ledger:
        assert ledger.status() == {"done": 30, "failed": 0}
        assert [ledger.get(name(i)) for i in range(30)] == [result(i) for i in range(30)]
        assert ledger.get(name(30)) is None
        assert (ledger.state(name(0)), ledger.state(name(30))) == (DONE, None)


def test_what_is_done_stays_as_it_is():
    with Ledger() as ledger:
        ledger.put_many([Outcome.of(name(0), result(0, 1.0))])
        ledger.put_many([Outcome.of(name(0), result(0, 2.0))])
        ledger.fail(name(0), ValueError("too late"))
        assert ledger.get(name(0)).ratio == 1.0
        assert ledger.status() == {"done": 1, "failed": 0}
        assert ledger.failed() == []


def test_a_failure_is_a_row_and_gives_way_to_a_result():
    with Ledger() as ledger:
        ledger.fail(name(0), ValueError("first"))
        ledger.fail(name(0), DataError("second"))
        assert ledger.failed() == [(name(0), "DataError", "second", 2)]
        assert ledger.state(name(0)) == FAILED
        assert ledger.get(name(0)) is None
        ledger.put_many([Outcome.of(name(0), result(0))])
        assert (ledger.status(), ledger.failed()) == ({"done": 1, "failed": 0}, [])


def test_any_text_of_an_error_is_kept():
    with Ledger() as ledger:
        ledger.fail(name(0), ValueError("\udcff\0 odd " + "long " * 10_000))
        assert ledger.failed()[0].text.startswith("?\0 odd long")
        assert len(ledger.failed()[0].text) <= ledger_module.LONGEST


def test_a_chunk_is_stored_whole_or_not_at_all(tmp_path):
    bad = dataclasses.replace(Outcome.of(name(1), result(1)), key=None, json="x", started=object())
    with Ledger(tmp_path / "ledger") as ledger:
        with pytest.raises(sqlite3.Error):
            ledger.put_many([Outcome.of(name(0), result(0)), bad])
        assert ledger.get(name(0)) is None
        fill(ledger, 3)
        assert ledger.status()["done"] == 3


def test_a_run_is_described(tmp_path):
    with Ledger(tmp_path / "ledger") as ledger:
        run = ledger.begin({"axes": [1.0]}, {"energies": "abc"})
        ledger.end(run)
        dead = ledger.begin({}, {})
    with Ledger(tmp_path / "ledger") as ledger:
        rows = ledger._all("SELECT id, inputs, hashes, status FROM run ORDER BY id")
        assert rows[0] == (run, '{"axes": [1.0]}', '{"energies": "abc"}', "finished")
        assert rows[1][::3] == (dead, "killed")
        versions, argv = ledger._all("SELECT versions, argv FROM run")[0]
        assert set(json.loads(versions)) == {"anolyte", "python"} and json.loads(argv) == sys.argv


# --- One writer, many readers -------------------------------------------------------------------

HOLD = """
import sys
from anolyte.studies.ledger import Ledger
with Ledger(sys.argv[1]) as ledger:
    print("held", flush=True)
    sys.stdin.read()
"""


def hold(path):
    """Start a process that holds the ledger until its standard input is closed."""
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    child = subprocess.Popen([sys.executable, "-c", HOLD, str(path)], **pipes, text=True)
    assert child.stdout.readline() == "held\n"
    return child


def test_a_second_writer_is_refused_until_the_first_is_dead(tmp_path):
    path = tmp_path / "ledger"
    with hold(path) as child:
        try:
            with pytest.raises(AnolyteError, match="another process is writing") as caught:
                Ledger(path)
            assert "\n" not in str(caught.value)
        finally:
            child.kill()
    with Ledger(path) as ledger:
        fill(ledger, 1)


def test_a_second_writer_in_the_same_process_is_refused(tmp_path):
    (tmp_path / "other").symlink_to(tmp_path / "ledger")
    with Ledger(tmp_path / "ledger") as first:
        for path in (tmp_path / "ledger", tmp_path / "other"):
            with pytest.raises(AnolyteError, match="another process is writing"):
                Ledger(path)
        fill(first, 1)
    Ledger(tmp_path / "ledger").close()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_forked_child_does_not_keep_the_lock(tmp_path):
    ledger = Ledger(tmp_path / "ledger")
    read, write = os.pipe()
    child = os.fork()
    if not child:
        os.close(write)
        os.read(read, 1)  # until the parent closes its end
        os._exit(0)
    try:
        ledger.close()
        Ledger(tmp_path / "ledger").close()
    finally:
        os.close(write)
        os.close(read)
        os.waitpid(child, 0)


def test_readers_see_whole_chunks_while_a_writer_writes(tmp_path):
    path = tmp_path / "ledger"
    with Ledger(path) as writer, Ledger.open_read_only(path) as reader:
        for done in range(0, 200, 20):
            assert reader.status() == {"done": done, "failed": 0}
            fill(writer, 20, done)
            assert reader.get(name(done + 19)) == result(done + 19)
        writer._db.execute("BEGIN IMMEDIATE")  # a transaction under way does not stop a reader
        writer._db.execute("DELETE FROM result")
        assert reader.get(name(0)) == result(0)
        writer._db.execute("ROLLBACK")
        with pytest.raises(AnolyteError, match="read-only"):
            reader.fail(name(0), ValueError())


def test_reading_what_is_not_there_makes_nothing(tmp_path):
    with pytest.raises(AnolyteError, match="cannot be opened"):
        Ledger.open_read_only(tmp_path / "none")
    assert list(tmp_path.iterdir()) == []


def test_an_impossible_place_is_one_line(tmp_path):
    for path in (tmp_path / "no" / "folder", tmp_path):
        with pytest.raises(AnolyteError) as caught:
            Ledger(path)
        assert str(path) in str(caught.value) and "\n" not in str(caught.value)


@pytest.mark.parametrize("odd", ["a b", "100%?x=1#y", "é漢", "'; --"])
def test_odd_file_names(tmp_path, odd):
    make(tmp_path / odd, 1)
    with Ledger.open_read_only(tmp_path / odd) as ledger:
        assert ledger.status()["done"] == 1
    assert {p.name for p in tmp_path.iterdir()} <= {
        odd + end for end in ("", ".writer", "-wal", "-shm")
    }


# --- Damage -------------------------------------------------------------------------------------


def read_all(path):
    """Open as a reader and read everything: right results, or a DataError."""
    with Ledger.open_read_only(path) as ledger:
        ledger.status()
        for i in range(50):
            assert ledger.get(name(i)) in (None, result(i))


def refused(path, match):
    """Both ways of opening say one line, and the file is as it was."""
    before = path.read_bytes()
    for attempt in (Ledger, read_all):
        with pytest.raises(DataError, match=match) as caught:
            attempt(path)
        assert "\n" not in str(caught.value)
        assert path.read_bytes() == before


@pytest.mark.parametrize("keep", [0.9, 0.5, 0.1])
def test_a_truncated_ledger(tmp_path, keep):
    path = make(tmp_path / "ledger")
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * keep)])
    refused(path, "damaged")


def test_the_last_bytes_are_missing(tmp_path):
    """SQLite reads them as zeros: a writer refuses, a reader may still read what is whole."""
    path = make(tmp_path / "ledger")
    short = path.read_bytes()[:-500]
    path.write_bytes(short)
    with pytest.raises(DataError, match="damaged"):
        Ledger(path)
    with contextlib.suppress(DataError):
        read_all(path)
    assert path.read_bytes() == short


@pytest.mark.parametrize("size", [16, 50, 99, 511])
def test_a_stump_of_a_ledger(tmp_path, size):
    path = make(tmp_path / "ledger")
    path.write_bytes(path.read_bytes()[:size])
    refused(path, "damaged|is not a ledger")


@pytest.mark.parametrize("text", [b"not a database" * 100, b'{"schema": 1}', b"\xff" * 5000])
def test_a_file_of_another_kind(tmp_path, text):
    (tmp_path / "ledger").write_bytes(text)
    refused(tmp_path / "ledger", "is not a ledger")


def test_a_database_of_another_program(tmp_path):
    with closing(sqlite3.connect(tmp_path / "other")) as db:
        db.execute("CREATE TABLE run (x)")
    refused(tmp_path / "other", "a database but not a ledger")


def test_a_newer_ledger(tmp_path):
    path = make(tmp_path / "ledger")
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("UPDATE meta SET value = '99'")
    refused(path, "schema 99 is newer .* update anolyte")


@pytest.mark.parametrize("seed", range(40))
def test_random_damage_is_noticed_or_harmless(tmp_path, seed):
    """Whatever bytes are overwritten: the right result, none, or a DataError; never a wrong one."""
    path = make(tmp_path / "ledger")
    rng = np.random.default_rng(seed)
    data = bytearray(path.read_bytes())
    for _ in range(20):
        at, long = rng.integers(len(data)), rng.integers(1, 64)
        data[at : at + long] = rng.bytes(min(long, len(data) - at))
    path.write_bytes(data)
    for attempt in (Ledger, Ledger.open_read_only):
        try:
            with attempt(path) as ledger:
                ledger.status()
                for i in range(50):
                    try:
                        assert ledger.get(name(i)) in (None, result(i))
                    except DataError:
                        continue
        except AnolyteError as error:
            assert "\n" not in str(error)


def test_a_flipped_digit_is_noticed(tmp_path):
    path = make(tmp_path / "ledger")
    data = path.read_bytes()
    path.write_bytes(data.replace(b'"value": 0.1', b'"value": 0.7', 1))
    with Ledger(path) as ledger:
        bad = []
        for i in range(50):
            try:
                assert ledger.get(name(i)) == result(i)
            except DataError as error:
                bad.append(str(error))
    assert len(bad) == 1 and "damaged; the other rows can still be read" in bad[0]


def test_a_full_disk_keeps_what_was_stored(tmp_path):
    path = make(tmp_path / "ledger", 20)
    with Ledger(path) as ledger:
        pages = ledger._all("PRAGMA page_count")[0][0]
        ledger._all(f"PRAGMA max_page_count = {pages + 2}")
        with pytest.raises(AnolyteError, match="disk is full") as caught:
            for start in range(20, 10_000, 20):
                fill(ledger, 20, start)
        assert "\n" not in str(caught.value)
        assert ledger.status()["done"] == start
        ledger._all("PRAGMA max_page_count = 1000000")  # space was made: it goes on
        fill(ledger, 20, start)
        assert [ledger.get(name(i)) for i in range(start + 20)] == [
            result(i) for i in range(start + 20)
        ]
    with Ledger.open_read_only(path) as ledger:
        assert ledger.status() == {"done": start + 20, "failed": 0}
        assert ledger._all("PRAGMA integrity_check") == [("ok",)]


@pytest.mark.skipif(sys.platform != "linux", reason="uses a file system layer of SQLite on Linux")
def test_without_write_ahead_log_it_warns_and_works(tmp_path, monkeypatch):
    connect = sqlite3.connect

    def no_shared_memory(place, **options):  # as on a network drive
        return connect(f"{place}&vfs=unix-dotfile", **options)

    path = tmp_path / "ledger"
    with monkeypatch.context() as patch:
        patch.setattr(ledger_module.sqlite3, "connect", no_shared_memory)
        with pytest.warns(UserWarning, match="no write-ahead log"), Ledger(path) as ledger:
            fill(ledger, 20)
            assert ledger._all("PRAGMA journal_mode") == [("delete",)]
            assert ledger._all("PRAGMA synchronous") == [(2,)]
            with pytest.raises(AnolyteError, match="another process is writing"):
                Ledger(path)
    with Ledger.open_read_only(path) as ledger:
        assert ledger.status()["done"] == 20


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_killed_without_write_ahead_log(tmp_path):
    """A half-written transaction in a rollback journal is undone by the next writer."""
    path = make(tmp_path / "ledger", 20)
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA journal_mode = DELETE")
    child = os.fork()
    if not child:
        db = sqlite3.connect(path, isolation_level=None)
        db.execute("PRAGMA cache_size = 1")  # so that pages reach the file before the commit
        db.execute("BEGIN IMMEDIATE")
        db.execute("UPDATE result SET json = json || json || json || json || json")
        db.execute("DELETE FROM task")
        os.kill(os.getpid(), 9)
    os.waitpid(child, 0)
    assert (tmp_path / "ledger-journal").stat().st_size > 0
    with Ledger(path) as ledger:
        assert ledger.status()["done"] == 20
        assert [ledger.get(name(i)) for i in range(20)] == [result(i) for i in range(20)]


# --- Kills --------------------------------------------------------------------------------------


@pytest.mark.campaign
def test_kill_nine(campaign):
    figures = killer().kill_campaign(campaign.size(5, 50), campaign.seed)
    assert figures["kills"] == campaign.cases
    assert (figures["lost"], figures["wrong"], figures["damaged"]) == (0, 0, 0)
    assert figures["redone_worst"] <= figures["chunk"]
    campaign.record(**figures)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_kill_at_every_statement_of_a_small_study(tmp_path):
    """From the making of the tables to the end of the run: no point where a kill does harm."""
    kill = killer()
    statement, killed = 0, True
    while killed:
        statement += 1
        folder = tmp_path / str(statement)
        folder.mkdir()
        killed = forked(kill, folder, statement) == 9
        found, verdict = kill.look(folder, kill.CHUNK)
        assert verdict == "ok"
        assert len(found) in (0, kill.CHUNK)
        assert len(found) >= max(kill.lines(folder / "stored"), default=0)
        assert forked(kill, folder, 0) == 0
        assert kill.wrong(folder / "ledger", kill.CHUNK) == 0
    assert statement > 2 * kill.CHUNK


def forked(kill, folder, statement):
    """Drive a study in a forked process; the signal that ended it, or 0."""
    child = os.fork()
    if not child:
        code = 1
        try:
            kill.drive(folder, kill.CHUNK, statement)
            code = 0
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) * -1
