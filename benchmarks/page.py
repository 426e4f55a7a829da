"""The page: how long a person waits, beside the same answers from Python.

    OPENBLAS_NUM_THREADS=1 python benchmarks/page.py [--rounds 12]

Starts `anolyte serve` and asks it as the page does; every question is a new one (another current),
so that nothing has been kept. With Debian's chromium and playwright the first load is measured.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request
from collections.abc import Callable
from statistics import median

import anolyte

CELL = {"electrolyte": "LLZTO", "anode": "Li", "layer": "Sb:20 nm", "pressure": "5 MPa"}
PARTS = {
    "verdict": ("/api/interface", {}),
    "its figures": ("/api/interface/figures", {}),
    "the cell, a ramp": ("/api/interface/run", {"program": "ramp"}),
    "the cell, three cycles": ("/api/interface/run", {"program": "cycles"}),
    "with remedies": ("/api/interface", {"remedies": "true"}),
    "report": ("/api/interface/report.html", {}),
}


def timed(work: Callable[[], object]) -> float:
    """Seconds of wall time."""
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def by_page(address: str, rounds: int) -> None:
    """Median and worst wait for each part."""
    for name, (path, more) in PARTS.items():
        waits, size = [], 0
        for k in range(-2, rounds):  # two to warm up
            query = CELL | more | {"current": f"{0.3 + 0.011 * k + 0.001 * len(name):.4f} mA/cm2"}
            url = f"{address}{path}?{urllib.parse.urlencode(query)}"
            begun = time.perf_counter()
            size = len(urllib.request.urlopen(url).read())
            waits += [time.perf_counter() - begun] if k >= 0 else []
        print(f"{name:24} median {1e3 * median(waits):5.0f} ms, worst {1e3 * max(waits):5.0f} ms, "
              f"{size / 1e3:6.0f} kB")  # fmt: skip


def by_python(rounds: int) -> None:
    """The same verdicts without a server."""
    cell = anolyte.Interface("LLZTO", "Li", layers=["Sb:20 nm"])

    def once(k: int) -> None:
        at = anolyte.Conditions(current_density=f"{0.3 + 0.01 * k} mA/cm2")
        anolyte.assess(cell, at, strategies=())

    once(-1)
    waits = [timed(lambda k=k: once(k)) for k in range(rounds)]
    print(f"{'verdict, from Python':24} median {1e3 * median(waits):5.0f} ms")


def by_browser(address: str) -> None:
    """First load to the load event, and to the verdict."""
    program = shutil.which("chromium")
    if program is None:
        print("no chromium: the load is not measured")
        return
    from playwright.sync_api import sync_playwright

    root = os.name == "posix" and os.geteuid() == 0
    flags = ["--disable-gpu", "--disable-quic", "--disable-background-networking"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=program, args=[*flags, *(["--no-sandbox"] if root else [])]
        )
        page = browser.new_page()
        begun = time.perf_counter()
        page.goto(address + "/")
        page.get_by_text("metastable: passivated").first.wait_for()
        verdict = time.perf_counter() - begun
        entry = json.loads(
            page.evaluate("JSON.stringify(performance.getEntriesByType('navigation')[0])")
        )
        print(
            f"first load {entry['loadEventEnd']:.0f} ms, verdict shown after {1e3 * verdict:.0f} ms"
        )
        browser.close()


def main() -> None:
    """Run it and print the figures."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=12)
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "anolyte", "serve", "--port", "0", "--runs", folder]
        server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert server.stdout is not None
        found = re.search(r"(http://\S+)/", server.stdout.readline())
        assert found is not None
        try:
            by_browser(found[1])
            by_page(found[1], rounds)
        finally:
            server.send_signal(signal.SIGINT)
            server.wait()
    by_python(rounds)


if __name__ == "__main__":
    main()
