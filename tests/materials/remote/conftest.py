"""Servers on loopback: one with the shape of the Materials Project, and OPTIMADE's own."""

from __future__ import annotations

import importlib.util
import json
import os
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from anolyte.materials import formula

KEY = "Made0Up1Key2For3Tests4Only5abcde"
VERSION = "2025_09_25"
REFERENCE = Path(__file__).parents[2] / "servers" / "optimade_reference.py"
# Made numbers of plausible size: eV per atom, total and of formation.
ENERGIES = {
    "Li": (-1.90, 0.0), "P": (-5.40, 0.0), "S": (-4.13, 0.0), "Cl": (-1.85, 0.0),
    "Li2S": (-4.02, -1.38), "Li3P": (-3.48, -0.70), "LiCl": (-3.90, -2.02),
    "P2S5": (-4.85, -0.36), "P4S3": (-5.02, -0.17), "Li3PS4": (-4.37, -0.97),
    "Li7PS6": (-4.25, -1.04), "Li6PS5Cl": (-4.21, -1.13), "Li2PS3": (-4.48, -0.87),
}  # fmt: skip


@pytest.fixture(autouse=True)
def alone(monkeypatch, tmp_path) -> None:
    """No key, cache, home or proxy of whoever runs the tests."""
    for name in ("MP_API_KEY", "MP_API_ENDPOINT", "XDG_CACHE_HOME", "HTTP_PROXY", "HTTPS_PROXY",
                 "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):  # fmt: skip
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("ANOLYTE_CACHE", str(tmp_path / "cache"))


def document(text: str, energy: float, index: int, units: int = 2) -> dict[str, Any]:
    """One entry as the service's data model has it; `energy` holds a correction already."""
    cell = {e: n * units for e, n in formula.parse(text).items()}
    correction = -0.5 if "S" in cell and len(cell) > 1 else 0.0
    return {
        "builder_meta": {"emmet_version": "0.86.3", "database_version": VERSION, "license": "BY-C"},
        "nsites": int(sum(cell.values())),
        "elements": sorted(cell),
        "nelements": len(cell),
        "composition": cell,
        "composition_reduced": formula.parse(text),
        "formula_pretty": text,
        "chemsys": "-".join(sorted(cell)),
        "volume": 18.0 * sum(cell.values()),
        "property_name": "thermo",
        "material_id": f"mp-{1000 + index}",
        "deprecated": False,
        "last_updated": "2025-09-20T00:00:00Z",
        "thermo_type": "GGA_GGA+U",
        "thermo_id": f"mp-{1000 + index}_GGA_GGA+U",
        "uncorrected_energy_per_atom": energy - correction,
        "energy_per_atom": energy,
        "energy_uncertainy_per_atom": 0.003,
        "energy_type": "GGA",
        "entry_types": ["GGA"],
    }


def documents() -> list[dict[str, Any]]:
    """Entries of Li-P-S-Cl, one of them twice as another crystal, and some that must not count."""
    found = [document(t, total, i) for i, (t, (total, _)) in enumerate(ENERGIES.items())]
    found.append(document("Li3PS4", -4.30, 90))
    found.append(document("NaCl", -3.4, 91))
    found.append(document("Li2S", -9.0, 92) | {"deprecated": True})
    found.append(document("Li2S", -9.5, 93) | {"thermo_type": "R2SCAN"})
    found.append(document("Li2S", -9.6, 94) | {"thermo_type": "GGA_GGA+U_R2SCAN"})
    return found


class Handler(BaseHTTPRequestHandler):
    """The two addresses of the Materials Project that are asked, and what a test puts before."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: LocalServer

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        self.server.asked.append((self.path, dict(self.headers.items())))
        if self.server.before is not None and self.server.before(self):
            return
        parts = urlsplit(self.path)
        query = {k: v[0] for k, v in parse_qs(parts.query).items()}
        if self.headers.get("X-API-KEY") != KEY:
            self.send(403, {"message": "Forbidden"})
        elif parts.path == "/heartbeat":
            self.send(200, {"status": "OK", "time": "2025-11-23T02:00:00+00:00",
                            "version": "0.86.3", "db_version": self.server.version,
                            "access_controlled_batch_ids": []})  # fmt: skip
        elif parts.path == "/materials/thermo/":
            self.send(*self.thermo(query))
        else:
            self.send(404, {"detail": "Not Found"})

    def thermo(self, query: dict[str, str]) -> tuple[int, dict[str, Any]]:
        systems, kinds = query["chemsys"].split(","), query["thermo_types"].split(",")
        skip, limit = int(query.get("_skip", 0)), int(query.get("_limit", 100))
        if limit > 1000:
            return 400, {"detail": "Requested more data per query than allowed by this endpoint."}
        found = [d for d in self.server.documents
                 if d["chemsys"] in systems and d["thermo_type"] in kinds]  # fmt: skip
        limit = min(limit, self.server.page)
        fields = query["_fields"].split(",")
        return 200, {
            "data": [{k: d[k] for k in fields if k in d} for d in found[skip : skip + limit]],
            "meta": {"api_version": "0.86.3", "time_stamp": "2025-11-23T02:00:00Z",
                     "total_doc": len(found), "max_limit": 1000},
        }  # fmt: skip

    def send(self, status: int, data: Any, **headers: str) -> None:
        """A JSON answer, or bytes as they are."""
        body = data if isinstance(data, bytes) else json.dumps(data).encode()
        self.send_response(status)
        fields = {"Content-Type": "application/json", "Content-Length": str(len(body))}
        for name, value in (fields | {k.replace("_", "-"): v for k, v in headers.items()}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


class LocalServer(ThreadingHTTPServer):
    """A server on loopback that keeps what it was asked."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.documents, self.version, self.page = documents(), VERSION, 1000
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.before: Callable[[Handler], bool] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that left in the middle is what some tests want."""


@pytest.fixture
def service() -> Iterator[LocalServer]:
    """The local Materials Project."""
    server = LocalServer()
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def elsewhere() -> Iterator[LocalServer]:
    """A second host, which must never see the key."""
    yield from service.__wrapped__()  # type: ignore[attr-defined]


def resource(text: str, energy: float | None, index: int, **more: Any) -> dict[str, Any]:
    """One structure of an OPTIMADE database."""
    amounts = {e: round(n) for e, n in sorted(formula.parse(text).items())}
    sites = [e for e, n in amounts.items() for _ in range(n)]
    shape = "".join(
        f"{letter}{n if n > 1 else ''}"
        for letter, n in zip("ABCDEF", sorted(amounts.values(), reverse=True), strict=False)
    )
    written = "".join(f"{e}{n if n > 1 else ''}" for e, n in amounts.items())
    attributes = {
        "last_modified": {"$date": f"2025-0{1 + index % 9}-10T00:00:00Z"},
        "elements": sorted(amounts),
        "nelements": len(amounts),
        "elements_ratios": [n / len(sites) for n in amounts.values()],
        "chemical_formula_descriptive": written,
        "chemical_formula_reduced": written,
        "chemical_formula_anonymous": shape,
        "dimension_types": [1, 1, 1],
        "nperiodic_dimensions": 3,
        "lattice_vectors": [[18.0 * len(sites), 0, 0], [0, 1, 0], [0, 0, 1]],
        "cartesian_site_positions": [[float(i), 0, 0] for i in range(len(sites))],
        "nsites": len(sites),
        "species": [{"name": e, "chemical_symbols": [e], "concentration": [1]} for e in amounts],
        "species_at_sites": sites,
        "structure_features": [],
    }
    return {
        "type": "structures",
        "id": f"oq-{index}",
        "attributes": attributes | {"delta_e": energy} | more,
    }


def free_of_optimade() -> str:
    """Why the reference server cannot run here; nothing where it can."""
    missing = [n for n in ("optimade", "mongomock", "uvicorn") if not importlib.util.find_spec(n)]
    return f"needs {', '.join(missing)}: pip install 'optimade[server]'" if missing else ""


def serve_optimade(folder: Path, provider: str) -> tuple[subprocess.Popen[bytes], str]:
    """Start the reference server on its own socket; the process and its address."""
    entries = [resource(t, e, i) for i, (t, (_, e)) in enumerate(ENERGIES.items())]
    entries += [resource("Li3PS4", -0.90, 90), resource("NaCl", -2.1, 91),
                resource("LiPS3", None, 92)]  # fmt: skip
    entries += [resource("LiCl", -2.0 + 0.01 * i, 100 + i) for i in range(30)]
    lines = [{"x-optimade": {"meta": {"api_version": "1.2.0"}}}, *entries]
    path = folder / "entries.jsonl"
    path.write_text("\n".join(json.dumps(line) for line in lines), encoding="utf-8")
    fields = [{"name": "delta_e", "type": "float", "unit": "eV/atom", "description": "made"}]
    settings = {
        "provider": {"prefix": provider, "name": "Made", "description": "made numbers"},
        "provider_fields": {"structures": fields},
        "page_limit_max": 50,  # fewer than are asked for: the default of 20 is what it gives
    }
    config = folder / "settings.json"
    config.write_text(json.dumps(settings), encoding="utf-8")
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(64)
    port, descriptor = listener.getsockname()[1], listener.fileno()
    process = subprocess.Popen(
        [sys.executable, str(REFERENCE), str(descriptor), str(path), str(config)],
        pass_fds=[descriptor],
        stdout=subprocess.DEVNULL,
        stderr=(folder / "log").open("w"),
        env=os.environ | {"OPTIMADE_CONFIG_FILE": str(folder / "none.json"), "HOME": str(folder)},
    )
    listener.close()
    return process, f"http://127.0.0.1:{port}"


def wait_for(process: subprocess.Popen[bytes], url: str, folder: Path) -> None:
    """Until the server answers."""
    for _ in range(600):
        if process.poll() is not None:
            pytest.fail("the reference server ended: " + (folder / "log").read_text()[-800:])
        try:
            with urllib.request.urlopen(f"{url}/versions", timeout=5):
                return
        except OSError:
            time.sleep(0.1)
    pytest.fail("the reference server does not answer")


@pytest.fixture(scope="session")
def optimade_servers(tmp_path_factory) -> Iterator[dict[str, str]]:
    """Addresses of reference servers: of a known provider, and of an unknown one."""
    if reason := free_of_optimade():
        pytest.skip(reason)
    running = {}
    for name in ("oqmd", "exmpl"):
        folder = tmp_path_factory.mktemp(name)
        running[name] = (*serve_optimade(folder, name), folder)
    try:
        for process, url, folder in running.values():
            wait_for(process, url, folder)
        yield {name: url for name, (_, url, _) in running.items()}
    finally:
        for process, *_ in running.values():
            process.terminate()
        for process, *_ in running.values():
            process.wait(10)
