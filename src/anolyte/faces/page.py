"""A result as one self-contained page: readable offline, on a phone, and by `anolyte.load`.

The page holds the whole result as JSON, so that it can be read back. It asks the network for
nothing, and every text in it is escaped.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from anolyte.core.errors import DataError
from anolyte.core.result import Result
from anolyte.studies.files import PAGE_ID, write_whole

TEMPLATES = Path(__file__).parent / "templates"


def write(path: str | Path, template: str, result: Result, context: Mapping[str, Any],
          drawn: Mapping[str, Any]) -> Path:  # fmt: skip
    """Write a result's page; an older one is replaced whole or not at all.

    Args:
        path: The HTML file.
        template: Name of its template.
        result: What the page holds.
        context: What the template shows beside what `render` adds.
        drawn: Name to figure.

    Raises:
        DataError: A folder, or a path that cannot be written.
    """
    path = Path(path)
    if path.is_dir():
        raise DataError(f"{path}: is a folder; name a file such as {path / 'report.html'}")
    return write_whole(path, render(template, result, context, drawn, path.name))


def render(template: str, result: Result, context: Mapping[str, Any], drawn: Mapping[str, Any],
           name: str = "report.html") -> str:  # fmt: skip
    """The HTML text of a result's page."""
    import jinja2
    from plotly.offline import get_plotlyjs

    from anolyte import __version__

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        trim_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    plain = {key: json.loads(figure.to_json()) for key, figure in drawn.items()}
    shared = {
        "version": __version__,
        "date": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "file_name": name,
        "figures": tuple(plain),
        "figures_json": script(plain),
        "result_id": PAGE_ID,
        "result_json": script(result.to_dict()),
        "plotly": raw(get_plotlyjs()) if plain else "",
    }
    return environment.get_template(template).render(shared | dict(context))


def script(data: Any) -> Any:
    """JSON inside a script element: no `<` survives, so nothing can close it."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return raw(text)


def raw(text: str) -> Any:
    """Text that a template takes as it is."""
    from markupsafe import Markup

    return Markup(text)
