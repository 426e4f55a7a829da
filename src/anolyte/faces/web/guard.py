"""What every request passes: who may ask, how much may be sent, what a browser may do with answers.

The page is for the person at this computer. A site opened in the same browser must neither read
answers nor start anything: foreign Host names (DNS rebinding) and foreign Origins are refused. On
an address that others reach, every request needs the token that was printed at the start.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

LOOPBACK = frozenset({"127.0.0.1", "localhost", "[::1]"})
SAFE = ("GET", "HEAD", "OPTIONS")
MOST_SENT, MOST_UPLOADED = 200_000, 60_000_000
"""Bytes of a body: of a question, and of measured files."""
LONGEST_URL = 8_000
COOKIE = "anolyte-token"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; connect-src 'self'; frame-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'"
)
"""Scripts come from here only; figures set their styles in place."""
PAGE_POLICY = (
    "sandbox allow-scripts allow-downloads allow-popups; default-src 'none'; "
    "script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: blob:; font-src data:; "
    "frame-ancestors 'self'"
)
"""Pages of runs are whole documents with their scripts inside: shown, but with no way to ask."""
HEADERS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}


@dataclass(frozen=True)
class Guard:
    """An ASGI application in front of another.

    Args:
        app: What answers.
        hosts: Names by which this computer may be called; empty: any.
        token: What every request must show; empty: nothing.
    """

    app: App
    hosts: frozenset[str] = LOOPBACK
    token: str = ""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] == "lifespan":
            return await self.app(scope, receive, send)
        if scope["type"] != "http":  # there are no websockets here
            return None
        headers = {k.decode("latin-1").lower(): v.decode("latin-1") for k, v in scope["headers"]}
        if refused := self._refused(scope, headers):
            return await _answer(send, *refused)
        if self.token and not self._knows(scope, headers):
            return await self._let_in(scope, send)
        return await self.app(scope, receive, _with_headers(send))

    def _refused(self, scope: Scope, headers: Mapping[str, str]) -> tuple[int, str] | None:
        """Status and reason for what nobody who uses the page would send."""
        if len(scope.get("query_string", b"")) > LONGEST_URL:
            return 414, "the address is too long"
        host = headers.get("host", "")
        if self.hosts and _name(host) not in self.hosts:
            return 421, "this page answers to its own address only"
        if scope["method"] in SAFE:
            return None
        origin, site = headers.get("origin"), headers.get("sec-fetch-site", "same-origin")
        if (origin is not None and urlsplit(origin).netloc != host) or site not in (
            "same-origin", "none",
        ):  # fmt: skip
            return 403, "asked by another site"
        return _too_much(scope, headers)

    def _knows(self, scope: Scope, headers: Mapping[str, str]) -> bool:
        shown = [headers.get("authorization", "").removeprefix("Bearer ")]
        for part in headers.get("cookie", "").split(";"):
            name, _, value = part.strip().partition("=")
            shown += [value] if name == COOKIE else []
        return any(secrets.compare_digest(s.encode(), self.token.encode()) for s in shown)

    async def _let_in(self, scope: Scope, send: Send) -> None:
        """The address with the token, as printed, leaves a cookie; anything else is refused."""
        query = parse_qsl(scope.get("query_string", b"").decode("latin-1"))
        given = dict(query).get("token", "")
        if not secrets.compare_digest(given.encode(), self.token.encode()):
            return await _answer(send, 401, "open the address that `anolyte serve` printed")
        rest = urlencode([(k, v) for k, v in query if k != "token"])
        cookie = f"{COOKIE}={self.token}; HttpOnly; SameSite=Strict; Path=/"
        where = scope["path"] + (f"?{rest}" if rest else "")
        return await _answer(
            send, 303, "this way", {"location": "/" + where.lstrip("/"), "set-cookie": cookie}
        )


def _name(host: str) -> str:
    """A Host header without its port.

    >>> _name("127.0.0.1:8000"), _name("[::1]:8000"), _name("localhost")
    ('127.0.0.1', '[::1]', 'localhost')
    """
    head, bracket, _ = host.lower().partition("]")
    return head + bracket if bracket else host.lower().partition(":")[0]


def _too_much(scope: Scope, headers: Mapping[str, str]) -> tuple[int, str] | None:
    """A body must say how long it is: the server cuts it there."""
    length = headers.get("content-length", "")
    if "transfer-encoding" in headers or not (length or "0").isdigit():
        return 411, "a body must say how long it is"
    is_upload = headers.get("content-type", "").startswith("multipart/form-data")
    most = MOST_UPLOADED if is_upload else MOST_SENT
    if int(length or "0") > most:
        return 413, f"more than {most / 1e6:g} MB"
    return None


def _with_headers(send: Send) -> Send:
    """Every answer says what a browser may do with it; those of runs say so themselves."""

    async def sent(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            given = {name for name, _ in message["headers"]}
            more = HEADERS | {"content-security-policy": POLICY, "cache-control": "no-store"}
            message["headers"] = [
                *message["headers"],
                *((k.encode(), v.encode()) for k, v in more.items() if k.encode() not in given),
            ]
        await send(message)

    return sent


async def _answer(
    send: Send, status: int, reason: str, headers: Mapping[str, str] | None = None
) -> None:
    body = json.dumps({"error": reason}).encode()
    start = {"type": "http.response.start", "status": status, "headers": [
        (b"content-type", b"application/json"), (b"content-length", str(len(body)).encode()),
        *((k.encode(), v.encode()) for k, v in (headers or {}).items()),
    ]}  # fmt: skip
    sender = _with_headers(send)
    await sender(start)
    await sender({"type": "http.response.body", "body": body})
