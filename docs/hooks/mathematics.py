"""Formulas as MathML, which a browser shows by itself: no script, nothing from another host."""

from __future__ import annotations

import html
import re
from typing import Any

from latex2mathml.converter import convert

_INLINE = re.compile(r'<span class="arithmatex">\\\((.*?)\\\)</span>', re.DOTALL)
_BLOCK = re.compile(r'<div class="arithmatex">\s*\\\[(.*?)\\\]\s*</div>', re.DOTALL)
_UNKNOWN = re.compile(r"<m\w+[^>]*>\\\w")


def on_page_content(text: str, *, page: Any, **_: Any) -> str:
    """Convert every formula of a page, those of docstrings too."""
    text = _INLINE.sub(lambda found: mathml(found.group(1), "inline", page), text)
    return _BLOCK.sub(lambda found: mathml(found.group(1), "block", page), text)


def mathml(escaped: str, display: str, page: Any) -> str:
    """One formula.

    Raises:
        ValueError: A command of LaTeX that has no MathML here.
    """
    found = convert(html.unescape(escaped).strip(), display=display)
    if _UNKNOWN.search(found):
        raise ValueError(f"{page.file.src_uri}: no MathML for {html.unescape(escaped)}")
    return found
