"""Damaged answers of databases: a table, or one line; nothing else ever comes out."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import numpy as np
import pytest

pytest.importorskip("httpx", reason="databases are asked through httpx: pip install 'anolyte[mp]'")

from anolyte.core.errors import RemoteError
from anolyte.materials.phases import Phases
from anolyte.materials.remote import MaterialsProject, Optimade
from anolyte.materials.remote.transport import Limits

KEY = "Made0Up1Key2For3Tests4Only5abcde"
ODD = ["null", "NaN", "1e999", "-Infinity", "true", "[]", "{}", '""', '"x"', "-1", "9" * 400,
       '"a\\nb\\u001b[2J"', '"\\u0000"', '"Li999"', "0.0", "[[1]]", '{"href": 1}']  # fmt: skip
THERMO = {
    "data": [{"material_id": f"mp-{i}", "thermo_type": "GGA_GGA+U", "composition": c,
              "volume": 40.0, "energy_per_atom": e, "uncorrected_energy_per_atom": e + 0.1,
              "deprecated": False}
             for i, (c, e) in enumerate([({"Li": 2.0}, -1.9), ({"S": 4.0}, -4.1),
                                         ({"Li": 4.0, "S": 2.0}, -4.0)])],
    "meta": {"total_doc": 3, "api_version": "0.86.3"},
}  # fmt: skip
INFORMATION = {
    "data": {"properties": {"_oqmd_delta_e": {"unit": "eV/atom"}}},
    "meta": {"api_version": "1.2.0", "provider": {"prefix": "oqmd"}},
}
STRUCTURES = {
    "data": [{"id": t, "attributes": {
        "chemical_formula_reduced": t, "_oqmd_delta_e": e, "nsites": n, "last_modified": "2025-01",
        "lattice_vectors": [[9, 0, 0], [0, 2, 0], [0, 0, 2]]}}
        for t, e, n in (("Li", 0.0, 1), ("S", 0.0, 1), ("Li2S", -1.4, 3))],
    "links": {"next": None},
    "meta": {"data_returned": 3, "more_data_available": False},
}  # fmt: skip


def leaves(data: Any) -> list[tuple[Any, Any]]:
    """Every container of a tree with every key in it."""
    keys = data.keys() if isinstance(data, dict) else range(len(data))
    found = [(data, key) for key in keys]
    for key in keys:
        if isinstance(data[key], dict | list):
            found += leaves(data[key])
    return found


def damaged(data: Any, rng: np.random.Generator) -> bytes:
    """A tree with a few values exchanged or gone; sometimes a text that is cut."""
    data = json.loads(json.dumps(data))
    for _ in range(int(rng.integers(0, 3))):
        spots = leaves(data)
        if not spots:
            break
        holder, key = spots[int(rng.integers(len(spots)))]
        if rng.random() < 0.3:
            del holder[key]
        else:
            holder[key] = f"@{int(rng.integers(len(ODD)))}@"
    text = json.dumps(data)
    for i, odd in enumerate(ODD):
        text = text.replace(f'"@{i}@"', odd)
    if rng.random() < 0.1:
        text = text[: int(rng.integers(len(text) + 1))]
    return text.encode()


class Handler(BaseHTTPRequestHandler):
    """Says what the server was given for the end of a path."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        path = self.path.partition("?")[0].rstrip("/")
        body = next(v for k, v in self.server.answers.items() if path.endswith(k))  # type: ignore[attr-defined]
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@pytest.fixture
def server() -> Iterator[Any]:
    found: Any = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    found.daemon_threads = True
    threading.Thread(target=found.serve_forever, args=(0.02,), daemon=True).start()
    yield found
    found.shutdown()
    found.server_close()


@pytest.mark.campaign
def test_a_damaged_answer_is_a_table_or_one_line(campaign, server, tmp_path, monkeypatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    rng = np.random.default_rng(campaign.seed)
    address = f"http://127.0.0.1:{server.server_address[1]}"
    limits = Limits(silence=5.0, total=20.0, attempts=1, requests=20)
    closed = tmp_path / "closed"
    closed.write_text("", encoding="utf-8")  # no folder: nothing is kept
    sources = (MaterialsProject(KEY, address=address, kept_in=closed, limits=limits),
               Optimade(address, kept_in=closed, limits=limits))  # fmt: skip
    read = refused = 0
    for i in range(campaign.size(reduced=200, full=10_000)):
        server.answers = {
            "/heartbeat": b'{"db_version": "2025_09_25"}',
            "/thermo": damaged(THERMO, rng),
            "/info/structures": damaged(INFORMATION, rng) if i % 4 == 1
            else json.dumps(INFORMATION).encode(),
            "/structures": damaged(STRUCTURES, rng),
        }  # fmt: skip
        try:
            table = sources[i % 2].phases(("Li", "S"))
            assert isinstance(table, Phases) and table.elements == ("Li", "S")
            assert table.origin.isprintable()
            assert np.isfinite(table.energies).all()
            read += 1
        except RemoteError as error:
            refused += 1
            assert str(error).isprintable() and len(str(error)) < 600 and KEY not in str(error)
    assert read and refused
    campaign.record(read=read, refused=refused, tracebacks=0)
