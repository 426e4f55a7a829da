"""Doctests of docstrings as code: an extension of griffe, which reads the docstrings."""

from __future__ import annotations

import re
from typing import Any

import griffe

_BLOCK = re.compile(r"^( *)>>> .*(?:\n(?! *$).*)*", re.MULTILINE)


class Doctests(griffe.Extension):
    """Put a fence around every doctest, which would else be read as a quotation."""

    def on_object(self, *, obj: griffe.Object, **_: Any) -> None:
        """Rewrite the docstring of an object."""
        if obj.docstring and ">>> " in obj.docstring.value:
            obj.docstring.value = fenced(obj.docstring.value)


def fenced(docstring: str) -> str:
    r"""The docstring with its doctests fenced.

    >>> fenced("Twice.\n\n>>> 2 * 2\n4").splitlines()
    ['Twice.', '', '```pycon', '>>> 2 * 2', '4', '```']
    """
    return _BLOCK.sub(lambda found: f"{found[1]}```pycon\n{found[0]}\n{found[1]}```", docstring)
