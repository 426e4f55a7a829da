"""The verb `serve`: the page in a browser."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any

import typer

from anolyte.faces.options import Json, Materials

PORT = 8750
RUNS = Path("anolyte-runs")


def serve(
    port: Annotated[
        int, typer.Option(metavar="8750", min=0, max=65535, help="0: any that is free.")
    ] = PORT,
    host: Annotated[
        str,
        typer.Option(
            metavar="127.0.0.1",
            help="Another one lets other computers in, with the token that is printed.",
        ),
    ] = "127.0.0.1",
    runs: Annotated[
        Path, typer.Option(metavar="DIR", help="Where runs and what they write are kept.")
    ] = RUNS,
    watch: Annotated[
        list[Path] | None,
        typer.Option(metavar="DIR", help="A folder that may be watched; repeatable."),
    ] = None,
    browser: Annotated[
        bool, typer.Option("--open/--no-open", help="Open the page in the browser.")
    ] = False,
    json: Json = False,
    materials: Materials = None,
) -> None:
    """The page: assess, compare, simulate, fit, screen and watch in a browser, on this computer.

    Example: anolyte serve --watch data
    """
    from anolyte.core.errors import DataError, MissingExtra
    from anolyte.faces import asking
    from anolyte.faces.console import print_json

    try:
        import uvicorn

        from anolyte.faces.web.app import Settings, application
        from anolyte.faces.web.guard import LOOPBACK
    except ImportError as error:
        told = f'the page needs "{error.name}": python -m pip install "anolyte[web]"'
        raise MissingExtra(told) from None
    for folder in watch or ():
        if not folder.is_dir():
            raise DataError(f"--watch {folder}: no such folder")
    is_ours = host in ("127.0.0.1", "localhost", "::1")
    token = "" if is_ours else _token()
    app = application(Settings(
        runs, tuple(watch or ()), asking.library(materials), LOOPBACK if is_ours else frozenset(),
        token,
    ))  # fmt: skip
    listening = _listen(host, port)
    address = _address(host, listening.getsockname()[1], token)
    if json:
        print_json({"address": address, "runs": str(runs.resolve())})
    else:
        print(f"anolyte is at {address}  (Ctrl-C ends it)")
    sys.stdout.flush()
    if browser:
        import webbrowser

        webbrowser.open(address)
    config = uvicorn.Config(
        app, log_level="warning", server_header=False, date_header=False, proxy_headers=False,
        timeout_graceful_shutdown=2,
    )  # fmt: skip
    with suppress(KeyboardInterrupt):  # uvicorn raises it again once everything is closed
        uvicorn.Server(config).run(sockets=[listening])


def _token() -> str:
    import secrets

    return os.environ.get("ANOLYTE_TOKEN") or secrets.token_urlsafe(24)


def _listen(host: str, port: int) -> Any:
    """A socket that listens.

    Raises:
        DataError: The port is taken, or the address is none of this computer.
    """
    import socket

    from anolyte.core.errors import DataError

    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError as error:
        listening.close()
        raise DataError(
            f"{host}:{port} cannot be listened on ({error.strerror}): another server may run "
            "there; try --port 0"
        ) from None
    listening.listen(128)
    return listening


def _address(host: str, port: int, token: str) -> str:
    named = f"[{host}]" if ":" in host else host
    return f"http://{named}:{port}/" + (f"?token={token}" if token else "")
