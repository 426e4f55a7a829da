"""Asking a service over HTTP: bounded in time, size and patience, and one clear line on failure."""

from __future__ import annotations

import contextlib
import json
import math
import re
import time
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import Any, Self
from urllib.parse import urlencode, urljoin, urlsplit

from anolyte import __version__
from anolyte.core.errors import MissingExtra, RemoteError
from anolyte.materials.remote.keys import Key

INSTEAD = "the embedded energies answer without a network: leave out --entries"
TWICE = "its pages hold an entry twice, so that others may be missing: ask again"
LOOPBACK = ("localhost", "127.0.0.1", "::1")
AGAIN = frozenset({429, 500, 502, 503, 504})
"""Status codes after which the same question may be answered."""
ELSEWHERE = frozenset({301, 302, 303, 307, 308})


@dataclass(frozen=True, slots=True)
class _Reply:
    """What one request brought: an answer, or a fault and whether asking again may help.

    A fault is a text, never an error of the client's: that would hold the request with its key.
    """

    status: int = 0
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    fault: str = ""
    again: bool = False


class Refused(RemoteError):
    """A status that says no."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True, slots=True)
class Limits:
    """How long and how much.

    Args:
        silence: Seconds without a byte, or to connect.
        total: Seconds for everything that one answer takes, all pages and waits included.
        attempts: Tries of one request.
        wait: Seconds before the second try; doubled at each further one.
        page: Bytes of one unpacked answer.
        requests: Requests for one answer, pages and tries together.
        entries: Entries of one answer.
    """

    silence: float = 20.0
    total: float = 180.0
    attempts: int = 4
    wait: float = 0.5
    page: int = 64_000_000
    requests: int = 1_000
    entries: int = 200_000


class Service:
    """One service, for as long as one answer takes; a context manager.

    Args:
        name: As messages call it.
        base: Address.
        key: Sent as `X-API-KEY`, to `base`'s own host alone.
        limits: How long and how much.
    """

    def __init__(
        self, name: str, base: str, key: Key | None = None, limits: Limits | None = None
    ) -> None:
        here = _origin(base)
        if here is None or here[0] not in ("http", "https") or not {"?", "#"}.isdisjoint(base):
            raise RemoteError(
                f"{name}: '{bare(base)}' is not an address; write https://HOST/... without user "
                "name and query"
            )
        if key and here[0] == "http" and here[1] not in LOOPBACK:
            raise RemoteError(f"{name}: a key is sent over https alone, not to {base[:80]}")
        self._here = here
        self.name, self.base, self.key = name, base.rstrip("/"), key
        self.limits = limits or Limits()
        self._end = time.monotonic() + self.limits.total
        self._asked = 0
        httpx = _client()
        try:
            self._http = httpx.Client(
                follow_redirects=False, verify=_trust(), trust_env=here[1] not in LOOPBACK
            )
        except (
            httpx.InvalidURL,
            ValueError,
            ImportError,
        ):  # its text may hold a password
            raise self.fault(
                "the proxy that the environment names (HTTPS_PROXY, ALL_PROXY) cannot be used; "
                "for socks5 pip install 'httpx[socks]'"
            ) from None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def fault(self, what: str) -> RemoteError:
        """The error that says what is wrong with this service, and what answers instead."""
        return RemoteError(f"{self.name}: {one_line(what)}; {INSTEAD}")

    def get(self, where: str, parameters: Mapping[str, str] | None = None) -> dict[str, Any]:
        """The JSON object at a path below `base`, or at an address on the same host.

        Raises:
            RemoteError: Whatever went wrong, in one line.
            Refused: A status that is no answer.
        """
        url = where if "://" in where else f"{self.base}/{where.lstrip('/')}"
        if parameters:
            url += ("&" if "?" in url else "?") + urlencode(parameters)
        for _ in range(5):
            reply = self._patiently(url)
            if reply.status not in ELSEWHERE:
                return self._object(reply)
            url = joined(url, reply.headers.get("location", ""))
        raise self.fault("redirects without end")

    def same_host(self, url: str) -> bool:
        """Whether an address is on the service's own host (or the same, encrypted)."""
        there, (scheme, host, port) = _origin(url), self._here
        upgraded = (scheme, port) == ("http", 80) and there == ("https", host, 443)
        return there == self._here or upgraded

    def _patiently(self, url: str) -> _Reply:
        """One request, made again where that can help."""
        there = _origin(url)
        if self._here[0] == "https" and there == ("http", self._here[1], 80):
            here = urlsplit(self.base)  # behind a proxy a service may not know that it is encrypted
            url = urlsplit(url)._replace(scheme=here.scheme, netloc=here.netloc).geturl()
        if not self.same_host(url):
            host = "no address" if there is None else there[1][:80]
            raise self.fault(f"points to another host ({host}), which is not followed")
        reply, wait = _Reply(), self.limits.wait
        for attempt in range(self.limits.attempts):
            if attempt:
                self.pause(_asked_to_wait(reply.headers) or wait, reply.fault)
                wait *= 2.0
            self._asked += 1
            if self._asked > self.limits.requests:
                raise self.fault(f"more than {self.limits.requests} requests for one answer")
            reply = self._once(url)
            if not reply.again:
                break
        if reply.fault:
            tries = f" ({self.limits.attempts} tries)" if reply.again else ""
            raise self.fault(reply.fault + tries)
        return reply

    def pause(self, wait: float, fault: str) -> None:
        """Wait some seconds, if there is time for it.

        Raises:
            RemoteError: There is none; the message begins with the fault.
        """
        if time.monotonic() + wait > self._end:
            raise self.fault(
                f"{fault}; asking again in {wait:.3g} s would take longer than the "
                f"{self.limits.total:.3g} s allowed"
            )
        time.sleep(wait)

    def _once(self, url: str) -> _Reply:
        """One request."""
        httpx = _client()
        headers = {"Accept": "application/json", "Accept-Encoding": "gzip",
                   "User-Agent": f"anolyte/{__version__}"}  # fmt: skip
        if self.key is not None:
            headers["X-API-KEY"] = self.key.reveal()
        left = min(self.limits.silence, self._end - time.monotonic())
        if left <= 0.0:
            return self._late()
        try:
            with self._http.stream("GET", url, headers=headers, timeout=left) as answer:
                return self._read(answer)
        except httpx.TimeoutException:
            return _Reply(fault=f"no answer within {left:.3g} s", again=True)
        except httpx.ConnectError as error:
            return _Reply(fault=f"cannot be reached ({_reason(error)})", again=True)
        except (httpx.RemoteProtocolError, httpx.ReadError, httpx.WriteError):
            return _Reply(fault="the connection broke off", again=True)
        except (httpx.HTTPError, httpx.InvalidURL, UnicodeError, zlib.error) as error:
            return _Reply(fault=f"the answer cannot be read ({type(error).__name__})")

    def _read(self, answer: Any) -> _Reply:
        """Status and unpacked body, within the limits of size and time."""
        packing = answer.headers.get("content-encoding", "identity").strip().lower()
        if packing not in ("identity", "gzip", ""):
            return _Reply(fault=f"the answer is packed as {packing[:20]}, which was not asked for")
        unpack = zlib.decompressobj(wbits=31) if packing == "gzip" else None
        body, most, received = bytearray(), self.limits.page, 0
        for part in answer.iter_raw():
            received += len(part)
            # a small packing may hold gigabytes: it is unpacked up to the limit and no further
            body += unpack.decompress(part, most + 1 - len(body)) if unpack else part
            if len(body) > most:
                return _Reply(fault=f"an answer of more than {most / 1e6:.3g} MB")
            if time.monotonic() > self._end:
                return self._late()
        if unpack and not unpack.eof and received:
            return _Reply(fault="the packed answer is cut off", again=True)
        status = int(answer.status_code)
        again = status in AGAIN
        return _Reply(status, answer.headers, bytes(body), _status(status) if again else "", again)

    def _late(self) -> _Reply:
        return _Reply(fault=f"not done within {self.limits.total:.3g} s")

    def _object(self, reply: _Reply) -> dict[str, Any]:
        """The JSON object of an answer."""
        data: Any = None
        with contextlib.suppress(ValueError, RecursionError):
            data = json.loads(reply.body)
        if reply.status != 200:
            # what a service says of a question with a key may repeat the key
            more = f" (key from {self.key.origin})" if self.key else _said(data)
            raise Refused(f"{self.name}: {_status(reply.status)}{more}; {INSTEAD}", reply.status)
        if isinstance(data, dict):
            return data
        kind = reply.headers.get("content-type", "").partition(";")[0][:40] or "something"
        raise self.fault(
            "the answer is empty" if not reply.body.strip() else
            f"the answer is not a whole JSON object ({len(reply.body)} bytes of {kind})"
        )  # fmt: skip


def one_line(text: str) -> str:
    """What a service says, without line breaks and whatever else could steer a terminal."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def joined(url: str, other: str) -> str:
    """An address relative to another; as it is where it is none."""
    try:
        return urljoin(url, other)
    except ValueError:
        return other


def bare(url: str) -> str:
    """An address for messages: without scheme, a user's name and password, or a query."""
    return re.split(r"[?#]", url.rpartition("://")[2], maxsplit=1)[0].rpartition("@")[2][:80]


def _origin(url: str) -> tuple[str, str, int | None] | None:
    """Scheme, host and port; None for what is no address or holds a user name."""
    try:
        parts = urlsplit(url)
        port = parts.port or {"http": 80, "https": 443}.get(parts.scheme)
    except ValueError:
        return None
    if not parts.hostname or parts.username is not None:
        return None
    return parts.scheme, parts.hostname, port


def _client() -> Any:
    try:
        import httpx
    except ImportError:
        raise MissingExtra(
            "reference energies from a database need httpx: pip install 'anolyte[mp]'; " + INSTEAD
        ) from None
    return httpx


@lru_cache(maxsize=1)
def _trust() -> Any:
    """Whom to trust: reading the certificates takes longer than most answers."""
    return _client().create_ssl_context()


def _status(status: int) -> str:
    said = {
        401: "the key is not accepted (401)",
        403: "access is refused (403)",
        404: "no such address (404)",
        429: "too many requests (429)",
    }
    return said.get(status) or (
        f"the service has a fault of its own ({status})" if status >= 500 else f"answers {status}"
    )


def _said(data: Any) -> str:
    """What an OPTIMADE or JSON:API service says is wrong, shortened."""
    errors = data.get("errors") if isinstance(data, dict) else None
    first = errors[0] if isinstance(errors, list) and errors else None
    detail = first.get("detail") if isinstance(first, dict) else None
    return f": {one_line(detail)[:120]}" if isinstance(detail, str) else ""


def _reason(error: Exception) -> str:
    """What the system says of a failed connection: no such host, refused, a certificate."""
    return one_line(str(error))[:120] or "no connection"


def _asked_to_wait(headers: Mapping[str, str]) -> float | None:
    """Seconds of a `Retry-After`, a number or a date."""
    text = headers.get("retry-after", "").strip()
    try:
        seconds = float(text)
    except ValueError:
        try:
            seconds = (parsedate_to_datetime(text) - datetime.now(UTC)).total_seconds()
        except (TypeError, ValueError):
            return None
    return max(seconds, 0.0) if math.isfinite(seconds) else None
