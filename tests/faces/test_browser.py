"""The page in a real browser: its figures are drawn, without errors, without sideways scrolling."""

import os
import re
import shutil
import subprocess
import sys

import pytest

import anolyte
from anolyte.faces.report import report

pytestmark = pytest.mark.browser
NAMES = ("chromium", "chromium-browser", "google-chrome")
BROWSER = next((path for name in NAMES if (path := shutil.which(name))), None)
# Tells the test, through the title, how wide the page has become.
PROBE = """<script>setTimeout(function () {
  var page = document.documentElement;
  document.title = "width " + page.scrollWidth + " of " + page.clientWidth;
}, 2500);</script></body>"""


@pytest.fixture(scope="module")
def opened(tmp_path_factory):
    """The page's elements after its scripts ran in a narrow window, and the browser's messages."""
    if BROWSER is None:
        pytest.skip("no chromium on PATH")
    folder = tmp_path_factory.mktemp("page")
    cell = anolyte.Interface("Li6PS5Cl", "Si", layers=["LiF:50 nm"])
    path = report(anolyte.assess(cell), folder / "page.html")
    text = path.read_text(encoding="utf-8")
    path.write_text(PROBE.join(text.rsplit("</body>", 1)), encoding="utf-8")
    flags = ["--headless", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
             "--disable-background-networking", "--disable-component-update",
             f"--user-data-dir={folder / 'profile'}", "--window-size=500,900",
             "--virtual-time-budget=8000", "--enable-logging=stderr", "--dump-dom"]  # fmt: skip
    if sys.platform != "win32" and os.geteuid() == 0:
        flags.append("--no-sandbox")
    done = subprocess.run(
        [BROWSER, *flags, path.as_uri()], capture_output=True, text=True, timeout=120
    )
    return done.stdout, done.stderr


def test_every_figure_is_drawn(opened):
    dom, _ = opened
    wanted = re.findall(r'data-figure="(\w+)"', dom)
    drawn = re.findall(r'class="plot js-plotly-plot" data-figure="(\w+)"', dom)
    assert {"driving_force", "ladder", "reactions"} <= set(wanted) == set(drawn)


def test_nothing_went_wrong(opened):
    _, said = opened
    assert not re.findall(r"CONSOLE.*", said)


def test_no_sideways_scrolling(opened):
    dom, _ = opened
    width, room = re.search(r"<title>width (\d+) of (\d+)</title>", dom).groups()
    assert int(width) <= int(room)
