"""Every way in which a service can fail is one clear line that offers the embedded energies."""

from __future__ import annotations

import gzip
import logging
import re
import socket
import time
import traceback
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

pytest.importorskip("httpx", reason="databases are asked through httpx: pip install 'anolyte[mp]'")

from anolyte.core.errors import RemoteError
from anolyte.materials.remote import MaterialsProject, Optimade, transport
from anolyte.materials.remote.transport import INSTEAD, Limits, Service

KEY = "Made0Up1Key2For3Tests4Only5abcde"
QUICK = Limits(silence=0.4, total=4.0, attempts=3, wait=0.01, page=2_000_000)
SYSTEM = ("Li", "P", "S", "Cl")


def ask(address: str, limits: Limits = QUICK, **more):
    return MaterialsProject(KEY, address=address, limits=limits, **more).phases(SYSTEM)


def refused(address: str, limits: Limits = QUICK) -> str:
    """The one line; that it is one, and holds no key, is tested here."""
    with pytest.raises(RemoteError) as caught:
        ask(address, limits)
    line = str(caught.value)
    assert INSTEAD in line and "\n" not in line and len(line) < 400
    assert KEY not in "".join(traceback.format_exception(caught.value)) + repr(caught.value)
    chain = caught.value
    while chain is not None:  # no request, which would hold the header, hangs on any error
        assert not hasattr(chain, "request")
        chain = chain.__context__
    return line


def every(status: int, data: object = b"", **headers: str):
    """What answers every question the same."""

    def answer(handler) -> bool:
        handler.send(status, data, **headers)
        return True

    return answer


def first(times: int, answer):
    """What answers the first few questions so, and the others as it should."""
    left = [times]

    def some(handler) -> bool:
        left[0] -= 1
        return left[0] >= 0 and answer(handler)

    return some


def hang_up(handler) -> bool:
    handler.connection.shutdown(socket.SHUT_RDWR)
    handler.close_connection = True
    return True


def cut_off(handler) -> bool:
    """Half of what was promised."""
    handler.wfile.write(b'HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n{"data": [')
    handler.close_connection = True
    return True


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (every(401, {"message": "no"}), r"the key is not accepted \(401\) \(key from the argument"),
        (every(403, {"message": "no"}), r"access is refused \(403\) \(key from the argument"),
        (every(404, {}), "no such address"),
        (every(418, {}), "answers 418"),
        (every(429, {}), r"too many requests \(429\) \(3 tries"),
        (every(500, b"<html>"), r"a fault of its own \(500\) \(3 tries"),
        (every(503, {}), r"a fault of its own \(503\) \(3 tries"),
        (hang_up, r"the connection broke off \(3 tries"),
        (cut_off, r"the connection broke off \(3 tries"),
        (every(200, b""), "the answer is empty"),
        (every(200, b'{"db_version": "20'), r"not a whole JSON object \(18 bytes"),
        (every(200, b"<html>please sign in</html>", Content_Type="text/html"),
         "not a whole JSON object .* of text/html"),
        (every(200, b"[" * 200_000), "not a whole JSON object"),
        (every(200, b"\xff\xfe\x00{"), "not a whole JSON object"),
        (every(200, [1, 2]), "not a whole JSON object"),
        (every(200, {"version": "1"}), "does not tell the version"),
        (every(200, {"db_version": 7}), "does not tell the version"),
        (every(200, b"{}" + b" " * 2_100_000), "more than 2 MB"),
        (every(200, b"not gzip", Content_Encoding="gzip"), "cannot be read|is empty|is cut off"),
        (every(200, gzip.compress(b"{}" * 9000)[:40], Content_Encoding="gzip"), "is cut off"),
        (every(200, b"abc", Content_Encoding="zstd"), "packed as zstd"),
        (every(302, b""), "redirects without end"),
        (every(302, b"", Location="/heartbeat"), "redirects without end"),
        (every(302, b"", Location="file:///etc/passwd"), "points to another host"),
        (every(302, b"", Location="https://127.0.0.1:1/"), "points to another host"),
        (every(302, b"", Location="http://["), "points to another host"),
    ],
)  # fmt: skip
def test_a_bad_answer_is_one_line(service, answer, told) -> None:
    service.before = answer
    assert re.search(told, refused(service.url)), refused(service.url)


def test_a_packed_answer_of_gigabytes_is_unpacked_to_the_limit_alone(service) -> None:
    import tracemalloc

    bomb = gzip.compress(b" " * 100_000_000, 9)  # 97 kB
    service.before = every(200, bomb, Content_Encoding="gzip")
    tracemalloc.start()
    assert "more than 2 MB" in refused(service.url)
    assert tracemalloc.get_traced_memory()[1] < 30_000_000
    tracemalloc.stop()


def test_a_packed_answer_is_read(service) -> None:
    def packed(handler) -> bool:
        if "heartbeat" not in handler.path:
            return False
        body = gzip.compress(b'{"db_version": "v"}')
        handler.send(200, body, Content_Encoding="gzip")
        return True

    service.before = packed
    assert "v, asked" in ask(service.url).origin


def test_a_slow_answer_ends(service) -> None:
    def silent(handler) -> bool:
        time.sleep(1.0)
        handler.close_connection = True
        return True

    service.before = silent
    assert "no answer within 0.4 s (3 tries)" in refused(service.url)


def test_an_answer_byte_by_byte_ends(service) -> None:
    def drip(handler) -> bool:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        for _ in range(200):
            try:
                handler.wfile.write(b" ")
            except OSError:
                break
            time.sleep(0.05)
        return True

    service.before = drip
    begun = time.monotonic()
    limits = Limits(silence=5.0, total=0.5, attempts=2, wait=0.01)
    assert "not done within 0.5 s" in refused(service.url, limits)
    assert time.monotonic() - begun < 3.0


def test_nobody_listens() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{closed.getsockname()[1]}"
        assert "cannot be reached" in refused(address)


def test_no_such_host() -> None:
    assert "cannot be reached" in refused("https://nowhere.invalid")


@pytest.mark.parametrize("answer", [every(429, {}), every(503, {}), every(500, {}), hang_up,
                                    cut_off])  # fmt: skip
def test_a_passing_fault_passes(service, answer) -> None:
    service.before = first(2, answer)
    assert len(ask(service.url).rows) == 14


def test_retry_after_is_waited_for(service) -> None:
    service.before = first(1, every(429, {}, Retry_After="1"))
    begun = time.monotonic()
    ask(service.url)
    assert 1.0 <= time.monotonic() - begun < 4.0


def test_retry_after_beyond_the_deadline_is_not(service) -> None:
    later = format_datetime(datetime.now(UTC) + timedelta(hours=1), usegmt=True)
    for text in ("3600", later):
        service.before = every(429, {}, Retry_After=text)
        begun = time.monotonic()
        assert "would take longer than the 4 s allowed" in refused(service.url)
        assert time.monotonic() - begun < 2.0


def test_an_odd_retry_after_does_no_harm(service) -> None:
    for text in ("soon", "nan", "-5", "inf", ""):
        service.before = first(1, every(503, {}, Retry_After=text))
        assert ask(service.url, refresh=True).rows


def test_requests_are_counted(service) -> None:
    service.page = 1
    line = refused(service.url, Limits(requests=5))
    assert "more than 5 requests" in line


def test_the_key_does_not_follow_to_another_host(service, elsewhere) -> None:
    service.before = every(302, b"", Location=f"{elsewhere.url}/heartbeat")
    assert "points to another host" in refused(service.url)
    assert elsewhere.asked == []
    for status in (301, 303, 307, 308):
        service.before = every(status, b"", Location=elsewhere.url)
        refused(service.url)
    assert elsewhere.asked == []


def test_a_redirect_on_the_same_host_is_followed(service) -> None:
    def moved(handler) -> bool:
        if handler.path.startswith("/old"):
            handler.send(308, b"", Location=handler.path.removeprefix("/old"))
            return True
        return False

    service.before = moved
    assert ask(f"{service.url}/old").rows


def test_a_key_goes_over_https_alone() -> None:
    with pytest.raises(RemoteError, match="over https alone"):
        ask("http://api.example.org")
    for odd in (
        "ftp://api.example.org",
        "https://[",
        "https://a.org:x/",
        "https://me:secret@a.org",
    ):
        with pytest.raises(RemoteError, match="is not an address") as caught:
            ask(odd)
        assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("base", "url", "same"),
    [
        ("https://a.org/x", "https://a.org/y", True),
        ("http://a.org", "https://a.org/y", True),
        ("https://a.org", "http://a.org/y", False),
        ("https://a.org", "https://a.org.evil.net/", False),
        ("https://a.org", "https://a.org@evil.net/", False),
        ("https://a.org", "https://b.a.org/", False),
        ("https://a.org", "https://a.org:8443/", False),
        ("http://a.org:81", "https://a.org/", False),
        ("https://a.org", "//evil.net/", False),
        ("https://a.org", "", False),
        ("https://a.org", "https://a.org:443/y", True),
        ("https://a.org", "https://me@a.org/", False),
        ("https://a.org", "https://[", False),
        ("https://a.org", "https://a.org:x/", False),
    ],
)
def test_what_is_the_same_host(base, url, same) -> None:
    with Service("test", base) as service:
        assert service.same_host(url) is same


def test_an_address_of_the_same_host_is_asked_encrypted(monkeypatch) -> None:
    asked = []
    with Service("test", "https://a.org/v1") as service:

        def note(url):
            asked.append(url)
            return transport._Reply(200, {}, b"{}")

        monkeypatch.setattr(service, "_once", note)
        service.get("http://a.org/v1/next?page=2")
        with pytest.raises(RemoteError, match="another host"):
            service.get("http://a.org.evil.net/v1/next")
    assert asked == ["https://a.org/v1/next?page=2"]


def test_neither_logs_nor_headers_of_others_hold_the_key(service, caplog) -> None:
    caplog.set_level(logging.DEBUG)
    ask(service.url)
    service.before = every(403, {"detail": f"what is {KEY}?"})
    refused(f"{service.url}/unkept")
    assert KEY not in caplog.text and "X-API-KEY" not in caplog.text
    assert KEY not in repr(MaterialsProject(KEY))
    with Service("test", service.url) as plain:
        service.before = every(200, {})
        plain.get("x")
    assert "X-API-KEY" not in service.asked[-1][1]


def test_a_kept_answer_is_offered_when_a_new_one_fails(service) -> None:
    ask(service.url)
    service.before = every(500, b"")
    with pytest.raises(RemoteError, match="leave out --refresh: the answer of .* is kept"):
        ask(service.url, refresh=True)
    assert ask(service.url).rows


def test_a_kept_answer_is_offered_where_no_key_is_found(service) -> None:
    ask(service.url)
    with pytest.raises(RemoteError, match="needs a key.*leave out --refresh: the answer of"):
        MaterialsProject(address=service.url, refresh=True).phases(SYSTEM)


@pytest.mark.parametrize("proxy", ["socks9://me:hush@127.0.0.1:1", "me:hush"])
def test_a_proxy_that_cannot_be_used_is_one_line(monkeypatch, proxy) -> None:
    monkeypatch.setenv("ALL_PROXY", proxy)
    line = refused("https://nowhere.invalid")
    assert "hush" not in line


def test_a_server_of_ones_own_is_asked_without_a_proxy(service, monkeypatch) -> None:
    """A proxy would see the key, which goes unencrypted there."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    assert ask(service.url).rows


def test_optimade_fails_in_one_line_too(service) -> None:
    service.before = every(500, b"")
    with pytest.raises(RemoteError, match="a fault of its own .* leave out --entries"):
        Optimade(service.url, limits=QUICK).phases(SYSTEM)
