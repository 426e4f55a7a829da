"""Tutorials: Python files that run from top to bottom, shown with what they print and draw.

A tutorial is a file of `docs/tutorials/` in cells, each begun by a line `# %%`; one begun by
`# %% [markdown]` is prose. The last line of a cell is shown as in a notebook: a figure is drawn, a
table is set, anything else printed. The tests run the same files by `execute`.
"""

from __future__ import annotations

import ast
import contextlib
import html
import io
import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

TUTORIALS = Path(__file__).parents[1] / "tutorials"
PLOTLY = "assets/plotly.min.js"  # where the site keeps the script that draws
ROWS = 12  # of a table
HEIGHT = 420  # pixels of a figure that says nothing of its height


@dataclass(frozen=True)
class Part:
    """One cell of a tutorial and what it left.

    Attributes:
        text: Markdown, or Python.
        prose: Whether it is Markdown.
        printed: What it printed.
        value: What its last line is worth; None: nothing.
    """

    text: str
    prose: bool
    printed: str = ""
    value: Any = None


def cells(text: str) -> Iterator[Part]:
    r"""The cells of a file.

    >>> [part.text for part in cells("# %% [markdown]\n# # Two\n# %%\n1 + 1\n")]
    ['# Two', '1 + 1']
    """
    for block in ("\n" + text).split("\n# %%")[1:]:
        head, _, body = block.partition("\n")
        body = body.strip("\n")
        if "[markdown]" in head:
            lines = [line.removeprefix("#").removeprefix(" ") for line in body.split("\n")]
            yield Part("\n".join(lines), prose=True)
        elif body:
            yield Part(body, prose=False)


def execute(path: Path) -> list[Part]:
    """Run a tutorial in an empty folder that is thrown away.

    Args:
        path: The file.

    Returns:
        Its cells with what they printed and left.
    """
    names: dict[str, Any] = {"__name__": "__main__"}
    home = Path.cwd()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        try:
            parts = cells(path.read_text(encoding="utf-8"))
            return [part if part.prose else run(part.text, names, path) for part in parts]
        finally:
            os.chdir(home)


def run(code: str, names: dict[str, Any], path: Path) -> Part:
    """Run one cell of code."""
    tree = ast.parse(code, str(path))
    last = tree.body[-1] if tree.body else None
    if isinstance(last, ast.Expr):
        tree.body.pop()
    said = io.StringIO()
    value = None
    with contextlib.redirect_stdout(said):
        exec(compile(tree, str(path), "exec"), names)
        if isinstance(last, ast.Expr):
            value = eval(compile(ast.Expression(last.value), str(path), "eval"), names)
    return Part(code, False, said.getvalue(), value)


def page(path: Path, parts: list[Part]) -> str:
    """A tutorial as a page of Markdown."""
    lines = []
    for number, part in enumerate(parts):
        if part.prose:
            lines += [part.text, ""]
            continue
        lines += ["```python", part.text, "```", ""]
        if part.printed.strip():
            lines += ["```{.text .output}", part.printed.rstrip(), "```", ""]
        lines += [*shown(part.value, f"{path.stem}-{number}"), ""]
    lines += [f"The whole tutorial as a file: [{path.name}]({path.name})."]
    return "\n".join(lines)


def shown(value: Any, name: str) -> list[str]:
    """What the last line of a cell is worth, as it stands in the page."""
    if value is None:
        return []
    if hasattr(value, "to_plotly_json"):
        return [drawing(value, name)]
    if hasattr(value, "to_html"):  # a table
        return [value.head(ROWS).to_html(border=0, float_format="{:.4g}".format, na_rep="")]
    return ["```{.text .output}", str(value), "```"]


def drawing(figure: Any, name: str) -> str:
    """A figure as an element and the lines that draw it, without blank lines between."""
    figure.update_layout(height=figure.layout.height or HEIGHT, width=None, autosize=True)
    data = figure.to_json().replace("</", "<\\/")
    return (
        f'<div class="plot" id="{html.escape(name)}"></div>\n'
        f'<script src="../{PLOTLY}"></script>\n'
        f"<script>(function () {{ const figure = {data}; figure.config = "
        "{responsive: true, displaylogo: false}; "
        f'Plotly.newPlot("{html.escape(name)}", figure); }})()</script>'
    )


def index(paths: list[Path]) -> str:
    """The page that names the tutorials."""
    lines = ["# Tutorials", "", "Each runs as it stands in a few seconds: `python NAME.py`.", ""]
    for path in paths:
        first = next(cells(path.read_text(encoding="utf-8"))).text.split("\n\n")
        told = " ".join(first[1].split())
        lines.append(f"- [{first[0].lstrip('# ')}]({path.stem}.md): {told}")
    return "\n".join(lines) + "\n"


def on_files(files: Any, *, config: Any) -> Any:
    """Run the tutorials, unless the build is the quick one, and add their pages."""
    import plotly.offline
    from mkdocs.structure.files import File

    paths = sorted(TUTORIALS.glob("*.py"))
    for path in paths:
        text = path.read_text(encoding="utf-8")
        parts = execute(path) if config.extra["run_tutorials"] else list(cells(text))
        name = f"tutorials/{path.stem}.md"
        files.append(File.generated(config, name, content=page(path, parts)))
    files.append(File.generated(config, "tutorials/index.md", content=index(paths)))
    if config.extra["run_tutorials"]:
        script = plotly.offline.get_plotlyjs()
        files.append(File.generated(config, PLOTLY, content=script))
    return files
