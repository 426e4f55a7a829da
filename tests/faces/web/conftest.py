"""A real server, started as a person starts it, and a real browser."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

FLAGS = ["--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync"]  # fmt: skip
BROWSER = next(
    (p for n in ("chromium", "chromium-browser", "google-chrome") if (p := shutil.which(n))), None
)


@dataclass
class Server:
    """A server that runs."""

    address: str
    process: subprocess.Popen[str]
    runs: Path
    watched: Path

    @property
    def port(self) -> int:
        return int(re.search(r":(\d+)/", self.address).group(1))


def serve(folder: Path, *options: str, **environment: str) -> Server:
    """Start one; its first line holds its address."""
    watched, runs = folder / "instrument", folder / "runs"
    watched.mkdir(exist_ok=True)
    command = [sys.executable, "-m", "anolyte", "serve", "--port", "0", "--runs", str(runs),
               "--watch", str(watched), *options]  # fmt: skip
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, cwd=folder, env=os.environ | environment
    )
    line = process.stdout.readline()
    return Server(re.search(r"http://\S+", line).group(0), process, runs, watched)


@pytest.fixture(scope="session")
def server(tmp_path_factory) -> Iterator[Server]:
    pytest.importorskip("fastapi")
    found = serve(tmp_path_factory.mktemp("served"))
    yield found
    found.process.send_signal(signal.SIGINT)
    assert found.process.wait(timeout=20) == 0


@pytest.fixture
def another(tmp_path) -> Callable[..., Server]:
    """Starts further servers, which share a folder; the test ends them."""
    pytest.importorskip("fastapi")
    return lambda *options, **environment: serve(tmp_path, *options, **environment)


@pytest.fixture(scope="session")
def browser() -> Iterator[object]:
    if BROWSER is None:
        pytest.skip("no chromium on PATH: apt install chromium")
    from playwright.sync_api import sync_playwright

    flags = [*FLAGS, "--no-sandbox"] if os.name == "posix" and os.geteuid() == 0 else FLAGS
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=BROWSER, args=flags, headless=True)
        yield started
        started.close()


@pytest.fixture
def page(browser, server) -> Iterator[object]:
    """A new page; nothing may go wrong in it, and it may ask no other host."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, accept_downloads=True)
    opened, wrong = context.new_page(), []
    opened.on("console", lambda m: wrong.append(m.text) if m.type == "error" else None)
    opened.on("pageerror", lambda e: wrong.append(str(e)))
    local = (f"http://127.0.0.1:{server.port}/", "data:", "blob:")
    opened.on(
        "request", lambda r: None if r.url.startswith(local) else wrong.append(f"asked {r.url}")
    )
    opened.wrong = wrong
    yield opened
    context.close()
    assert not wrong
