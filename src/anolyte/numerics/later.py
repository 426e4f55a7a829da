"""Modules that are imported when something of them is first used."""

from __future__ import annotations

from importlib import import_module
from typing import Any


class Later:
    """Stands for a module that takes long to import.

    Args:
        name: Of the module.

    >>> Later("math").sqrt(9.0)
    3.0
    """

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, name: str) -> Any:
        return getattr(import_module(self._name), name)


special: Any = Later("scipy.special")
"""Special functions; scipy takes a third of a second, of which a window needs nothing."""
