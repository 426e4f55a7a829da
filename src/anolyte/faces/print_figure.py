"""Figures for papers: SVG, PDF and PNG, drawn by a browser that is on the computer.

The figure is the one of the page: a headless Chromium or Chrome runs the plotly.js that lies in
anolyte's environment, without the network, and hands back what it drew.
"""

from __future__ import annotations

import base64
import binascii
import html
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from anolyte.core.errors import DataError, MissingExtra

PICTURES = (".svg", ".pdf", ".png")
PAGES = (".html", ".htm")
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome",
            "msedge", "microsoft-edge")  # fmt: skip
WHERE = "ANOLYTE_BROWSER"
"""Environment variable that names a browser which is not on the PATH."""
WIDTH, HEIGHT, SCALE = 700, 420, 3
"""Of a figure that does not say, in px; points of a PNG a px."""
PATIENCE = 120
"""s that a browser has for one file."""


def browser() -> str | None:
    """The browser that draws; None: none is found."""
    named = os.environ.get(WHERE)
    if named:
        return shutil.which(named)
    return next((path for name in BROWSERS if (path := shutil.which(name))), None)


def is_picture(path: Path) -> bool:
    """Whether a name is that of a picture and not of a page."""
    return path.suffix.lower() in PICTURES


def save_figure(
    figure: Any, path: str | Path, *, width: int | None = None, height: int | None = None
) -> Path:
    """Write a figure as a page (.html), or as a picture for print (.svg, .pdf, .png).

    Args:
        figure: Of plotly, such as `anolyte.figure(result)` gives; or a result, whose headline
            figure is drawn.
        path: Its suffix decides the format.
        width, height: Of a picture, in px (96 to the inch); None: as the figure has it.

    Raises:
        DataError: A suffix that is not known, or the file cannot be written.
        MissingExtra: A picture, and no browser to draw it.

    >>> import anolyte, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     written = save_figure(anolyte.window("Li3YCl6"), Path(folder) / "window.html")
    >>> written.name
    'window.html'
    """
    if not hasattr(figure, "to_plotly_json"):
        from anolyte.faces.figures import figure as drawn

        figure = drawn(figure)
    path = Path(path)
    check_name(path)
    if not is_picture(path):
        from anolyte.faces.export import write_figures

        return write_figures([figure], path)
    return write_pictures([figure], path, width=width, height=height)[0]


def check_name(path: Path) -> None:
    """Refuse a figure under a name that is neither a page's nor a picture's.

    Raises:
        DataError: Such a name.
        MissingExtra: A picture, and no browser to draw it: told before the work, not after.
    """
    if path.suffix.lower() not in (*PAGES, *PICTURES):
        raise DataError(f"{path}: a figure is written as {', '.join((PAGES[0], *PICTURES))}")
    if is_picture(path) and browser() is None:
        raise MissingExtra(
            f"{path}: a picture is drawn by Chromium or Chrome, and none is found; install one "
            f"(Debian: apt install chromium), name it in {WHERE}, or write "
            f"{path.with_suffix('.html')}"
        )


def write_pictures(
    figures: Sequence[Any], path: Path, *, width: int | None = None, height: int | None = None
) -> list[Path]:
    """Figures as pictures: one PDF of a page each, or `name.svg`, `name-2.svg`, ...

    Raises:
        DataError: A file cannot be written, or the browser drew nothing.
        MissingExtra: No browser.
    """
    check_name(path)
    kind = path.suffix.lower().removeprefix(".")
    sizes = [(width or f.layout.width or WIDTH, height or f.layout.height or HEIGHT)
             for f in figures]  # fmt: skip
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        drawn = _drawn(figures, sizes, "png" if kind == "png" else "svg", Path(folder))
        if kind == "pdf":
            return [_put(path, _printed(drawn, sizes, Path(folder)))]
    names = [path if n == 0 else path.with_stem(f"{path.stem}-{n + 1}") for n in range(len(drawn))]
    return [_put(name, data) for name, data in zip(names, drawn, strict=True)]


def _drawn(
    figures: Sequence[Any], sizes: Sequence[tuple[int, int]], kind: str, folder: Path
) -> list[bytes]:
    """What plotly.js makes of figures, in the browser."""
    from plotly.offline import get_plotlyjs

    asked = ",".join(
        f'{{"figure":{f.to_json()},"width":{w},"height":{h}}}'
        for f, (w, h) in zip(figures, sizes, strict=True)
    ).replace("<", "\\u003c")
    page = folder / "draw.html"
    page.write_text(
        _DRAW.format(library=get_plotlyjs(), asked=asked, kind=kind, scale=SCALE), encoding="utf-8"
    )
    out = _browse(page, folder, "--virtual-time-budget=60000", "--dump-dom")
    found = [html.unescape(t) for t in re.findall(r'<pre class="drawn">(.*?)</pre>', out, re.S)]
    try:
        pictures = [_decoded(text) for text in found]
    except (ValueError, binascii.Error):
        pictures = []
    if len(pictures) != len(figures):
        raise DataError(f"{browser()} drew nothing; write the figure as .html and print it there")
    return pictures


def _decoded(uri: str) -> bytes:
    head, _, body = uri.partition(",")
    if not head.startswith("data:image/"):
        raise ValueError(uri[:80])
    return base64.b64decode(body) if head.endswith("base64") else unquote(body).encode()


def _printed(drawn: Sequence[bytes], sizes: Sequence[tuple[int, int]], folder: Path) -> bytes:
    """SVGs as one PDF with a page of its size for each; text stays text."""
    rules = "".join(f"@page p{n} {{ size: {w}px {h}px; margin: 0 }} #p{n} {{ page: p{n} }}"
                    for n, (w, h) in enumerate(sizes))  # fmt: skip
    body = "".join(f'<div id="p{n}">{svg.decode()}</div>' for n, svg in enumerate(drawn))
    page, target = folder / "print.html", folder / "print.pdf"
    page.write_text(_PRINT.format(rules=rules, body=body), encoding="utf-8")
    _browse(page, folder, "--no-pdf-header-footer", f"--print-to-pdf={target}")
    if not target.is_file():
        raise DataError(f"{browser()} printed nothing; write the figure as .svg or .html")
    return target.read_bytes()


def _browse(page: Path, folder: Path, *flags: str) -> str:
    """A browser without a window, a profile or the network opens a page of ours."""
    command = [browser() or "", "--headless", "--disable-gpu", "--no-first-run", "--disable-sync",
               "--disable-background-networking", "--disable-component-update",
               "--disable-extensions", "--host-resolver-rules=MAP * ~NOTFOUND",
               f"--user-data-dir={folder / 'profile'}", *flags]  # fmt: skip
    if sys.platform != "win32" and os.geteuid() == 0:
        command.append("--no-sandbox")  # Chromium refuses to run as root with it
    try:
        done = subprocess.run(
            [*command, page.as_uri()], capture_output=True, timeout=PATIENCE, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise DataError(f"{command[0]} drew nothing ({type(error).__name__})") from None
    return done.stdout.decode("utf-8", "replace")


def _put(path: Path, data: bytes) -> Path:
    try:
        path.write_bytes(data)
    except OSError as error:
        raise DataError(f"{path}: cannot be written ({error.strerror})") from None
    return path


_DRAW = """<!DOCTYPE html>
<html><head><meta charset="utf-8"><script>{library}</script></head><body><script>
(async function () {{
  for (const one of [{asked}]) {{
    const div = document.createElement("div"), pre = document.createElement("pre");
    const size = {{width: one.width, height: one.height}};
    document.body.append(div);
    await Plotly.newPlot(div, one.figure.data, {{...one.figure.layout, autosize: false, ...size}});
    pre.className = "drawn";
    pre.textContent = await Plotly.toImage(
      div, {{format: "{kind}", scale: "{kind}" === "png" ? {scale} : 1, ...size}});
    div.remove();
    document.body.append(pre);
  }}
  document.head.replaceChildren();
}})();
</script></body></html>
"""
_PRINT = """<!DOCTYPE html>
<html><head><meta charset="utf-8"><style>
{rules} body {{ margin: 0 }} div {{ break-after: page }} div:last-child {{ break-after: auto }}
svg {{ display: block }}
</style></head><body>{body}</body></html>
"""
