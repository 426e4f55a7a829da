"""The application: the guard, the topics, the page's own files, and errors in one line."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from threading import Thread
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse
from starlette.exceptions import HTTPException
from starlette.staticfiles import StaticFiles

from anolyte import __version__
from anolyte.core.errors import AnolyteError
from anolyte.faces.web import interface, measured, structures, under_current, under_way
from anolyte.faces.web.asked import Asked
from anolyte.faces.web.guard import LOOPBACK, Guard
from anolyte.faces.web.runs import Runs
from anolyte.materials.library import Library, default

STATIC = Path(__file__).parent / "static"
PLACES = ("/", "/runs", "/measured", "/evidence", "/structures", "/api")
"""Addresses of the page's own places; each is the same page."""
ABOUT = """\
The same answers as the command line's. Names, formulas and amounts with units are texts, as in
`?electrolyte=Li6PS5Cl&anode=Li&pressure=5 MPa`. What is wrong is told in one line:
`{"error": "..."}`.
"""


@dataclass(frozen=True)
class Settings:
    """How a server was started.

    Args:
        runs: Folder of the runs.
        watched: Folders that may be watched.
        lib: Materials.
        hosts: Names by which this computer may be called; empty: any.
        token: What every request must show; empty: nothing.
    """

    runs: Path
    watched: tuple[Path, ...] = ()
    lib: Library = field(default_factory=default)
    hosts: frozenset[str] = LOOPBACK
    token: str = ""


def application(settings: Settings) -> Guard:
    """The ASGI application."""
    runs = Runs(settings.runs, settings.watched)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        Thread(target=_warm, args=(settings.lib,), daemon=True).start()
        yield
        runs.close()

    app = FastAPI(
        title="anolyte", version=__version__, description=ABOUT, lifespan=lifespan,
        docs_url=None, redoc_url=None, openapi_url="/openapi.json",
        responses={400: {"description": "What is wrong, in one line"}},
    )  # fmt: skip
    for router in (
        interface.router(settings.lib), under_current.router(settings.lib), measured.router(),
        structures.router(), under_way.router(runs),
    ):  # fmt: skip
        app.include_router(router)
    _errors(app)
    _page(app)
    return Guard(app, settings.hosts, settings.token)


def _warm(lib: Library) -> None:
    """Ask once what the page asks first: imports and tables then wait for nobody."""
    first = Asked("Li6PS5Cl", "Li")
    interfaces = interface.Interfaces(lib)
    with suppress(AnolyteError):
        interfaces.told(first)
        interfaces.figures(first)
        under_current.run(first, lib, under_current.Program.RAMP)


def _page(app: FastAPI) -> None:
    """The page itself: hand-written files, and plotly's as it comes with its package."""
    for place in PLACES:
        app.add_api_route(place, _index, include_in_schema=False, response_class=HTMLResponse)
    app.add_api_route("/vendor/plotly.js", _plotly, include_in_schema=False)
    app.add_api_route("/report.css", _look, include_in_schema=False)
    app.mount("/static", StaticFiles(directory=STATIC))


def _index() -> Response:
    text = (STATIC / "index.html").read_text(encoding="utf-8")
    return HTMLResponse(text.replace("{{version}}", __version__))


def _look() -> Response:
    """The look of reports, which the page shares."""
    from anolyte.faces.page import TEMPLATES

    text = (TEMPLATES / "report.css").read_text(encoding="utf-8")
    return Response(text, media_type="text/css", headers={"cache-control": "max-age=60"})


@lru_cache(maxsize=1)
def _script() -> bytes:
    from plotly.offline import get_plotlyjs

    return get_plotlyjs().encode()


def _plotly() -> Response:
    headers = {"cache-control": "max-age=86400"}
    return Response(_script(), media_type="text/javascript", headers=headers)


def _errors(app: FastAPI) -> None:
    """Whatever goes wrong is one line."""

    async def ours(request: Request, error: Exception) -> Response:
        return _line(400, str(error))

    async def invalid(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        first: dict[str, Any] = dict(error.errors()[0])
        where = " ".join(str(x) for x in first["loc"][1:]) or str(first["loc"][0])
        return _line(422, f"{where}: {first['msg']}")

    async def known(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        return _line(error.status_code, str(error.detail))

    async def unknown(request: Request, error: Exception) -> Response:
        return _line(500, f"internal error ({type(error).__name__}: {error})")

    app.add_exception_handler(AnolyteError, ours)
    app.add_exception_handler(RequestValidationError, invalid)
    app.add_exception_handler(HTTPException, known)
    app.add_exception_handler(Exception, unknown)


def _line(status: int, text: str) -> Response:
    return JSONResponse({"error": " ".join(text.split())[:1000]}, status)
