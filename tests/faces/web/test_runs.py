"""Runs: stopped, cut short by a server that dies, gone on with; and what is refused."""

from __future__ import annotations

import json
import signal
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from anolyte.core.errors import DataError
from anolyte.faces.web.runs import Runs

MAP = {"electrolyte": ["LLZO"], "anode": ["Li"], "current": ["0.1 mA/cm2 to 5 mA/cm2"],
       "pressure": ["1 MPa to 20 MPa"], "n": ["100000"]}  # fmt: skip


def until(check, seconds=60.0):
    """Wait for something to become true."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := check():
            return found
        time.sleep(0.1)
    raise AssertionError("it did not happen")


def answer(runs, name):
    """The numbers of a result; not when and with what versions they were made."""
    found = json.loads((runs.folder(name) / "result.json").read_text())
    return {k: v for k, v in found.items() if k not in ("record", "provenance")}


def test_a_run_that_was_stopped_and_killed_comes_to_the_same_answer(tmp_path):
    runs = Runs(tmp_path / "runs")
    left_alone = runs.start("map", MAP, {})
    until(lambda: runs.state(left_alone) == "done")
    name = runs.start("map", MAP, {})
    until(lambda: (runs.told(name)["progress"] or {}).get("done", 0) > 0)
    runs.stop(name)
    until(lambda: runs.state(name) == "stopped")
    assert runs.told(name)["said"] == "stopped"
    runs.resume(name)
    until(lambda: (runs.told(name)["progress"] or {}).get("done", 0) > 0)
    runs._children[name].kill()
    until(lambda: runs.state(name) == "interrupted")
    runs.resume(name)
    until(lambda: runs.state(name) == "done")
    assert answer(runs, name) == answer(runs, left_alone)
    assert runs.told(name)["command"].startswith('anolyte map --current "0.1 mA/cm2 to 5 mA/cm2"')
    runs.remove(name)
    assert [r["id"] for r in runs.listed()] == [left_alone]


def test_runs_end_with_a_server_that_is_killed_and_are_found_by_the_next(another):
    first = another()
    name = start(first, MAP | {"n": ["1000000"]})
    until(lambda: told(first, name)["progress"]["done"] > 0)
    first.process.send_signal(signal.SIGKILL)
    first.process.wait()
    folder = first.runs / name
    until(lambda: (folder / "code").exists(), 20)  # as by Ctrl-C, though nobody asked
    second = another()
    try:
        assert told(second, name)["state"] == "stopped"
        post(second, f"/api/runs/{name}/resume")
        until(lambda: (told(second, name)["progress"] or {}).get("done", 0) > 0)
    finally:
        second.process.send_signal(signal.SIGINT)
        second.process.wait(timeout=20)


def form_of(values):
    parts = [("verb", "map")] + [(k, v) for k, several in values.items() for v in several]
    lines = [f'--x\r\nContent-Disposition: form-data; name="{k}"\r\n\r\n{v}\r\n' for k, v in parts]
    return ("".join(lines) + "--x--\r\n").encode()


def post(server, path, body=b"", kind="multipart/form-data; boundary=x"):
    url = server.address.rstrip("/") + path
    request = urllib.request.Request(url, body, {"Content-Type": kind}, method="POST")
    return json.load(urllib.request.urlopen(request, timeout=30))


def start(server, values):
    return post(server, "/api/runs", form_of(values))["id"]


def told(server, name):
    return json.load(urllib.request.urlopen(f"{server.address}api/runs/{name}", timeout=30))


def test_a_run_is_told_as_it_changes(server):
    name = start(server, MAP | {"n": ["3000"]})
    events = urllib.request.urlopen(f"{server.address}api/runs/{name}/events", timeout=60)
    assert events.headers["content-type"].startswith("text/event-stream")
    seen = [json.loads(line[6:]) for line in events if line.startswith(b"data: ")]
    assert seen[0]["state"] == "running" and seen[-1]["state"] == "done"
    page = urllib.request.urlopen(f"{server.address}api/runs/{name}/page.html")
    policy = page.headers["content-security-policy"]
    assert policy.startswith("sandbox") and "connect-src" not in policy
    assert "default-src 'none'" in policy


def test_too_much_at_once_is_refused(tmp_path, monkeypatch):
    runs = Runs(tmp_path / "runs")
    monkeypatch.setattr("anolyte.faces.web.runs.AT_ONCE", 1)
    name = runs.start("map", MAP, {})
    with pytest.raises(DataError, match="under way"):
        runs.start("map", MAP, {})
    with pytest.raises(DataError, match="stop it first"):
        runs.remove(name)
    begun = time.monotonic()
    runs.close()
    assert runs.state(name) in ("stopped", "interrupted") and time.monotonic() - begun < 11
    monkeypatch.setattr("anolyte.faces.web.runs.MOST_KEPT", 1)
    with pytest.raises(DataError, match="remove some"):
        runs.start("map", MAP, {})


def test_files_are_kept_under_harmless_names(tmp_path):
    runs = Runs(tmp_path / "runs")
    sent = {"files": [("../../evil; rm.mpt", b"x"), ("/abs/ü.csv", b"y")]}
    name = runs.start("fit eis", {}, sent)
    until(lambda: runs.state(name) == "failed")
    inside = sorted(p.name for p in (runs.folder(name) / "inputs").iterdir())
    assert inside == ["_.csv", "evil_rm.mpt"] or all("/" not in n for n in inside)
    assert not list(tmp_path.glob("evil*")) and len(runs.told(name)["said"]) > 10
    for wrong in ("../" + name, name[:-1], "0" * 16):
        with pytest.raises(DataError, match="no run"):
            runs.folder(wrong)
    with pytest.raises(DataError, match="no run.json"):
        runs.file(name, "run.json")


def test_only_folders_that_were_named_at_the_start_are_watched(tmp_path):
    with pytest.raises(DataError, match="--watch"):
        Runs(tmp_path / "runs").watch(0)
    (tmp_path / "here").mkdir()
    runs = Runs(tmp_path / "runs", [tmp_path / "here"])
    name = runs.watch(0)
    assert runs.plan(name).argv[-1] == str(Path(tmp_path / "here").resolve())
    runs.close()
