"""The gallery: every kind of figure, drawn by the call that stands beside it.

    python docs/gallery/make.py [NAME ...]

Each public function of the modules beside this one is an example: its docstring is the title and
the command that gives the same, its body is what the page shows. One start of chromium turns all
figures into pictures; the page is written anew each time.
"""

from __future__ import annotations

import ast
import base64
import contextlib
import importlib
import inspect
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
PAGE = HERE.parent / "gallery.md"
PICTURES = HERE.parent / "images" / "gallery"
MODULES = ("thermodynamics", "cells", "fields", "measurements", "studies")
WIDTH, HEIGHT = 760, 420
COLOURS = 256  # of a picture: enough for a scale of colours
HEAD = """# Gallery

Every kind of figure with the call that drew it and, where there is one, the command that gives it.
Page and pictures are made by `python docs/gallery/make.py`. On a page of one's own, by
`figure.show()`, `--plot page.html` or `--report page.html`, figures can be zoomed and asked.
"""


@dataclass(frozen=True)
class Example:
    """One figure.

    Attributes:
        name: Of the picture.
        title: In words.
        command: That gives the same; empty: there is none.
        code: That draws it.
        draw: The function.
    """

    name: str
    title: str
    command: str
    code: str
    draw: Callable[[], Any]


def examples(module: str) -> tuple[str, list[Example]]:
    """The title of a module and its examples, in the order of the file."""
    found = importlib.import_module(module)
    functions = [
        value
        for name, value in vars(found).items()
        if inspect.isfunction(value) and value.__module__ == module and not name.startswith("_")
    ]
    title = (found.__doc__ or module).split("\n")[0].rstrip(".")
    return title, [example(module, function, vars(found)) for function in functions]


def example(module: str, function: Callable[[], Any], known: dict[str, Any]) -> Example:
    """One example from its function."""
    title, _, command = inspect.cleandoc(function.__doc__ or "").partition("\n")
    code = body(function)
    for helper in re.findall(r"\b_[a-z]+(?=\(\))", code):
        code = f"{inspect.getsource(known[helper]).rstrip()}\n\n\n{code}"
    name = f"{module}_{function.__name__}"
    return Example(name, title.strip(), command.strip(), code, function)


def body(function: Callable[[], Any]) -> str:
    """The lines of a function after its docstring, the last one without its `return`."""
    source = textwrap.dedent(inspect.getsource(function))
    tree: Any = ast.parse(source)
    lines = source.split("\n")[tree.body[0].body[1].lineno - 1 :]
    return textwrap.dedent("\n".join(lines)).replace("return ", "").rstrip()


def drawn(every: list[Example]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Name and figure of each, as plotly's JSON; files that an example writes are thrown away."""
    home = Path.cwd()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        try:
            for one in every:
                with contextlib.redirect_stdout(io.StringIO()):
                    figure = one.draw()
                yield one.name, json.loads(figure.to_json())
        finally:
            os.chdir(home)


def photographed(figures: dict[str, dict[str, Any]]) -> dict[str, bytes]:
    """Each figure as a PNG, by one start of chromium."""
    import plotly.offline

    script = """async function all() {
  for (const [name, figure] of Object.entries(figures)) {
    const size = {format: "png", width: WIDTH, height: figure.layout.height || HEIGHT};
    const line = document.createElement("p");
    line.dataset.name = name;
    figure.layout.paper_bgcolor = "white";
    line.textContent = await Plotly.toImage({data: figure.data, layout: figure.layout}, size);
    document.body.append(line);
  }
}
all();""".replace("WIDTH", str(WIDTH)).replace("HEIGHT", str(HEIGHT))
    data = json.dumps(figures).replace("</", "<\\/")
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "page.html"
        page.write_text(
            f"<meta charset=utf-8><body><script>{plotly.offline.get_plotlyjs()}</script>"
            f"<script>const figures = {data};\n{script}</script>",
            encoding="utf-8",
        )
        flags = ["--headless", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=120000",
                 f"--user-data-dir={folder}/profile", "--dump-dom"]  # fmt: skip
        told = subprocess.run(
            [browser(), *flags, page.as_uri()], capture_output=True, text=True, check=True
        ).stdout
    pattern = r'<p data-name="(\w+)">data:image/png;base64,([^<]+)</p>'
    return {name: base64.b64decode(text) for name, text in re.findall(pattern, told)}


def browser() -> str:
    """The path of chromium.

    Raises:
        SystemExit: There is none.
    """
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if path := shutil.which(name):
            return path
    raise SystemExit("no chromium on PATH; on Debian: sudo apt install chromium")


def write_picture(name: str, png: bytes) -> None:
    """A picture with few colours."""
    from PIL import Image

    picture = Image.open(io.BytesIO(png)).convert("RGB").quantize(COLOURS)
    picture.save(PICTURES / f"{name}.png", optimize=True)


def page(groups: list[tuple[str, list[Example]]]) -> str:
    """The page, from the examples."""
    lines = [HEAD]
    for title, every in groups:
        lines += [f"## {title}", ""]
        for one in every:
            lines += [f"### {one.title}", "", f"![{one.title}](images/gallery/{one.name}.png)", ""]
            lines += ["```python", one.code, "```", ""]
            lines += ["```", one.command, "```", ""] if one.command else []
    return "\n".join(lines).rstrip() + "\n"


def main(names: list[str]) -> None:
    """Write the pictures, or those that are named, and the page."""
    sys.path.insert(0, str(HERE))
    groups = [examples(module) for module in MODULES]
    every = [one for _, found in groups for one in found]
    asked = [one for one in every if not names or one.name in names]
    figures = dict(drawn(asked))
    PICTURES.mkdir(parents=True, exist_ok=True)
    pictures = photographed(figures)
    for name, png in pictures.items():
        write_picture(name, png)
    PAGE.write_text(page(groups), encoding="utf-8")
    if lost := set(figures) - set(pictures):
        raise SystemExit(f"no picture of {', '.join(sorted(lost))}")


if __name__ == "__main__":
    main(sys.argv[1:])
