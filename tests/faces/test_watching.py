"""The verb `watch` as people use it: what it prints, its exit codes, its page, its webhook."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
import typer
from typer.testing import CliRunner

from anolyte.core.errors import AnolyteError, DataError, UnitsError
from anolyte.faces.fitting_images import images
from anolyte.faces.watching import watch
from anolyte.measure.synthetic import CIRCUIT, ageing, ramp

CELL = ("--area", "0.7854 cm2", "--thickness", "1 mm", "--electrodes", "Li|Li",
        "--circuit", CIRCUIT)  # fmt: skip
PROGRAM = """
import sys, typer
from anolyte.faces.watching import watch
app = typer.Typer(pretty_exceptions_enable=False)
app.command()(watch)
sys.exit(app(standalone_mode=False))
"""


def run(verb, *arguments):
    app = typer.Typer()
    app.command()(verb)
    found = CliRunner().invoke(app, [str(a) for a in arguments], standalone_mode=False)
    if found.exception is not None:
        raise found.exception
    return found


def table(spectrum) -> str:
    pairs = zip(spectrum.frequency.tolist(), spectrum.impedance.tolist(), strict=True)
    rows = "".join(f"{f!r},{z.real!r},{z.imag!r}\n" for f, z in pairs)
    return "frequency [Hz],real [ohm],imaginary [ohm]\n" + rows


def rows() -> str:
    trace, _ = ramp()
    columns = (trace.time.tolist(), trace.voltage.tolist(), trace.current.tolist())
    lines = "".join(f"{t!r},{v!r},{i!r}\n" for t, v, i in zip(*columns, strict=True))
    return "time [s],voltage [V],current [A]\n" + lines


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "data"
    (made / "ramp").mkdir(parents=True)
    for k, s in enumerate(ageing(count=3).spectra):
        (made / f"s{k}.csv").write_text(table(s))
        os.utime(made / f"s{k}.csv", (1e9 + k, 1e9 + k))
    (made / "broken.csv").write_text("frequency [Hz],real [ohm],imaginary [ohm]\n1,2\n")
    (made / "ramp" / "t.csv").write_text(rows())
    return made


class Catcher(BaseHTTPRequestHandler):
    """Keeps what is posted."""

    def do_POST(self):
        length = int(self.headers["Content-Length"])
        self.server.messages.append(json.loads(self.rfile.read(length)))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_):
        """Silent."""


def test_a_replay_tells_the_short_and_ends(folder, tmp_path):
    server = HTTPServer(("127.0.0.1", 0), Catcher)
    server.messages = []
    threading.Thread(target=server.serve_forever, daemon=True).start()
    log, page = tmp_path / "w.jsonl", tmp_path / "w.html"
    found = run(watch, folder, "--replay", "--log", log, "--page", page, *CELL,
                "--webhook", f"http://127.0.0.1:{server.server_port}/hook")  # fmt: skip
    server.shutdown()
    assert found.return_value == 0
    said = found.output.splitlines()
    assert said[-1].startswith("3 spectra, 39 half cycles, ") and str(log) in said[-1]
    assert any("soft short" in line and "10.3 h" in line for line in said)
    assert any(line.startswith("? broken.csv") for line in said)
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    first = next(d for d in lines if d["file"] == "s0.csv")
    assert first["numbers"]["charge transfer R3"]["value"] == pytest.approx(120.0, rel=0.02)
    assert first["numbers"]["charge transfer R3, one interface"]["unit"] == "ohm*m^2"
    short = next(d for d in lines if d["kind"] == "short")
    assert short["time"] == 36930.0 and short["level"] == "bad"
    texts = [m["text"] for m in server.messages]
    assert sum("soft short in ramp/t.csv" in t for t in texts) == 1
    html = page.read_text()
    assert "http-equiv" not in html and "<script" not in html and "soft short" in html
    again = run(watch, folder, "--replay", "--log", log, *CELL)
    assert again.output.startswith("0 spectra") and len(log.read_text().splitlines()) == len(lines)


def test_programs_get_the_lines_of_the_journal(folder, tmp_path):
    log = tmp_path / "w.jsonl"
    found = run(watch, folder, "--replay", "--log", log, "--json", *CELL)
    lines = found.stdout.splitlines()
    assert lines == log.read_text(encoding="utf-8").splitlines()
    assert json.loads(lines[0])["kind"] in ("spectrum", "half cycle", "file")


def test_a_bad_decision_ends_it_and_the_rest_comes_later(folder, tmp_path):
    log = tmp_path / "w.jsonl"
    found = run(watch, folder, "--once", "--every", "0.02 s", "--log", log, *CELL,
                "--exit-on", "bad")  # fmt: skip
    assert found.return_value == 1
    kinds = [json.loads(line) for line in log.read_text().splitlines()]
    assert kinds[-1]["kind"] == "half cycle" or kinds[-1]["kind"] == "short"
    again = run(watch, folder, "--once", "--every", "0.02 s", "--log", log, *CELL)
    assert again.return_value == 0
    names = [(d["kind"], d["file"], d["number"]) for d in
             map(json.loads, log.read_text().splitlines())]  # fmt: skip
    assert len(names) == len(set(names)) == 3 + 1 + 40


def test_ctrl_c_ends_with_a_summary(folder, tmp_path):
    for name in ("s1.csv", "s2.csv", "broken.csv"):
        (folder / name).unlink()
    log = tmp_path / "w.jsonl"
    command = [sys.executable, "-c", PROGRAM, str(folder), "--every", "0.05 s", "--log", str(log),
               *CELL, "--webhook", "http://127.0.0.1:9/"]  # fmt: skip
    child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        until = time.monotonic() + 60
        while time.monotonic() < until and not (
            log.exists() and len(log.read_text().splitlines()) >= 41
        ):
            time.sleep(0.1)
        child.send_signal(signal.SIGINT)
        out, err = child.communicate(timeout=60)
    finally:
        child.kill()
    assert child.returncode == 130
    assert out.splitlines()[-1].startswith("1 spectrum, 39 half cycles")
    assert err.count("the webhook at 127.0.0.1 cannot be reached") == 1 and "Traceback" not in err


@pytest.mark.parametrize(
    ("arguments", "error", "why"),
    [
        (("--every", "2"), UnitsError, "2"),
        (("--every", "0 s"), UnitsError, "--every"),
        (("--exit-on", "good"), typer.BadParameter, "only level"),
        (("--replay", "--once"), typer.BadParameter, "one of them"),
        (("--webhook", "file:///etc/passwd"), DataError, "https://"),
        (("--circuit", "R0-p(R1"), DataError, "circuit"),
        (("--page", "no/such/folder/w.html"), AnolyteError, "no/such"),
        (("--log", "no/such/folder/w.jsonl"), AnolyteError, "no/such"),
    ],
)
def test_one_line_says_what_is_wrong(tmp_path, arguments, error, why):
    (tmp_path / "d").mkdir()
    log = () if "--log" in arguments else ("--log", tmp_path / "w.jsonl")
    with pytest.raises(error) as told:
        run(watch, tmp_path / "d", *log, "--once", *arguments)
    assert why in str(told.value) and "\n" not in str(told.value)


def test_no_folder(tmp_path):
    with pytest.raises(DataError, match="is no folder"):
        run(watch, tmp_path / "none", "--log", tmp_path / "w.jsonl")


def test_images_as_a_table_and_as_csv(tmp_path):
    io = pytest.importorskip("skimage.io")
    import numpy as np

    for k, length in enumerate((40, 80, 146)):
        image = np.full((200, 100), 60, dtype=np.uint8)
        image[200 - length :, 46:54] = 200
        io.imsave(tmp_path / f"{k}.png", image, check_contrast=False)
    files = [tmp_path / f"{k}.png" for k in range(3)]
    asked = (*files, "--scale", "0.5 um", "--times", "200 s,400 s,730 s")
    assert "growth: 100 nm s⁻¹" in run(images, *asked).output
    table = run(images, *asked, "--csv").output.splitlines()
    column = table[0].split(",").index("length [µm]")
    lengths = [float(line.split(",")[column]) for line in table[1:]]
    assert lengths == pytest.approx([20, 40, 73], rel=0.03)
