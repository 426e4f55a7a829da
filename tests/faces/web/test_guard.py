"""Who may ask, how much may be sent, and what a browser may do with an answer."""

from __future__ import annotations

import hashlib
import http.client
import json
import signal

import pytest

from anolyte.faces.web.app import STATIC


def ask(server, path="/api/names", method="GET", body=None, **headers):
    """Status, headers and text of an answer to a request written by hand."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    is_stream = "Transfer-Encoding" in named
    connection.request(method, path, body=body, headers=named, encode_chunked=is_stream)
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    return answer.status, {k.lower(): v for k, v in answer.getheaders()}, text


def test_a_name_that_is_not_ours_is_refused(server):
    assert ask(server)[0] == 200
    assert ask(server, Host=f"localhost:{server.port}")[0] == 200
    for host in ("evil.example", "127.0.0.1.evil.example", ""):
        status, _, text = ask(server, Host=host)
        assert status == 421 and "its own address" in json.loads(text)["error"]


def test_another_site_can_start_nothing(server):
    kind = "multipart/form-data; boundary=x"
    body = b'--x\r\nContent-Disposition: form-data; name="verb"\r\n\r\nmap\r\n--x--\r\n'
    for headers in (
        {"Origin": "https://evil.example"}, {"Origin": "null"},
        {"Sec_Fetch_Site": "cross-site"}, {"Origin": f"http://127.0.0.1:{server.port + 1}"},
    ):  # fmt: skip
        status = ask(server, "/api/runs", "POST", body, Content_Type=kind, **headers)[0]
        assert status == 403
    own = {"Origin": f"http://127.0.0.1:{server.port}", "Sec_Fetch_Site": "same-origin"}
    status, _, text = ask(server, "/api/runs", "POST", body, Content_Type=kind, **own)
    assert status == 400 and "electrolyte" in json.loads(text)["error"]  # it got to the form


def test_no_more_is_taken_than_a_question_needs(server):
    assert ask(server, "/api/runs", "POST", b"x" * 300_000)[0] == 413
    chunked = iter([b"x" * 10])
    assert ask(server, "/api/runs", "POST", chunked, Transfer_Encoding="chunked")[0] == 411
    assert ask(server, "/api/names?" + "x" * 9_000)[0] == 414


def test_answers_tell_the_browser_to_trust_nothing_else(server):
    _, headers, _ = ask(server, "/")
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy and "script-src 'self';" in policy
    assert "unsafe-eval" not in policy and "frame-ancestors 'none'" in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert "access-control-allow-origin" not in headers


@pytest.mark.parametrize(
    "path",
    ["/static/../app.py", "/static/%2e%2e/app.py", "/static/js/", "/api/runs/../../etc/passwd",
     "/api/runs/0123456789abcdef/..%2f..%2frun.json", "/api/runs/0123456789abcdef/run.json"],
)  # fmt: skip
def test_nothing_is_given_out_by_its_path(server, path):
    status, _, text = ask(server, path)
    assert status in (400, 404, 422) and "root:" not in text and "import" not in text


def test_other_computers_need_the_token(another):
    opened = another("--host", "0.0.0.0", ANOLYTE_TOKEN="secret-of-this-test")
    try:
        assert opened.address.endswith("?token=secret-of-this-test")
        assert ask(opened)[0] == 401
        assert ask(opened, Authorization="Bearer wrong")[0] == 401
        assert ask(opened, Authorization="Bearer secret-of-this-test")[0] == 200
        status, headers, _ = ask(opened, "/evidence?token=secret-of-this-test&known=read")
        assert status == 303 and headers["location"] == "/evidence?known=read"
        assert "HttpOnly" in headers["set-cookie"] and "SameSite=Strict" in headers["set-cookie"]
        assert ask(opened, Cookie=headers["set-cookie"].partition(";")[0])[0] == 200
        assert ask(opened, "//evil.example/?token=secret-of-this-test")[1]["location"] == (
            "/evil.example/"
        )
    finally:
        opened.process.send_signal(signal.SIGINT)
        assert opened.process.wait(timeout=20) == 0


def test_scripts_of_others_are_the_ones_that_are_named():
    """Each with its version, licence and hash."""
    folder = STATIC / "vendor"
    told = (folder / "README.md").read_text(encoding="utf-8")
    scripts = sorted(folder.glob("*.js"))
    assert scripts
    for script in scripts:
        row = next(line for line in told.splitlines() if f"`{script.name}`" in line)
        assert hashlib.sha256(script.read_bytes()).hexdigest() in row and "BSD-3-Clause" in row
    for text in (p.read_text(encoding="utf-8") for p in (STATIC / "js").glob("*.js")):
        assert "innerHTML" not in text and "eval(" not in text
