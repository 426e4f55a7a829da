"""The key of a service: where it is looked for, and a wrapping that never shows it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from anolyte.core.errors import DataError

VARIABLE, SETTING = "MP_API_KEY", "PMG_MAPI_KEY"
LENGTH = 32
"""Characters of a key of the Materials Project's present interface."""


class Key:
    """A secret that prints, compares and pickles as nothing.

    >>> Key("0123456789abcdef0123456789abcdef", "here")
    Key(from here)
    """

    __slots__ = ("_text", "origin")

    def __init__(self, text: str, origin: str) -> None:
        self._text = text
        self.origin = origin

    def __repr__(self) -> str:
        return f"Key(from {self.origin})"

    def __reduce__(self) -> Any:
        raise DataError("a key is not stored: look it up again where it is needed")

    def reveal(self) -> str:
        """The secret itself, for the header of one request."""
        return self._text


def find_key(
    given: str | None = None,
    environment: Mapping[str, str] | None = None,
    home: Path | None = None,
) -> Key:
    """The Materials Project key: the argument, else `MP_API_KEY`, else pymatgen's settings file.

    Args:
        given: A key, or None.
        environment: Variables; None: those of the process.
        home: The folder of `.config/.pmgrc.yaml` and `.pmgrc.yaml`; None: the user's.

    Raises:
        DataError: No key anywhere, or one that cannot be a key; the message never holds it.
    """
    environment = os.environ if environment is None else environment
    if given:
        return _checked(given, "the argument")
    if text := environment.get(VARIABLE):
        return _checked(text, VARIABLE)
    for path, shown in _files(home):
        if text := _setting(path, shown):
            return _checked(text, f"{SETTING} in {shown}")
    raise DataError(
        f"the Materials Project needs a key: put yours in {VARIABLE}, or as {SETTING} in "
        "~/.config/.pmgrc.yaml (your dashboard at materialsproject.org shows it); or leave out "
        "--entries: the embedded energies need none"
    )


def _files(home: Path | None) -> tuple[tuple[Path, str], ...]:
    """The settings files, each with its name for messages."""
    if home is None:
        try:
            home = Path.home()
        except RuntimeError:  # no home at all
            return ()
    return tuple((home / name, f"~/{name}") for name in (".config/.pmgrc.yaml", ".pmgrc.yaml"))


def _setting(path: Path, shown: str) -> str:
    """The key in a settings file; nothing where there is none."""
    import yaml

    fault = ""
    settings: Any = None
    try:
        settings = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return ""
    except OSError as error:
        fault = error.strerror or "cannot be opened"
    except (yaml.YAMLError, UnicodeDecodeError):
        fault = "is not YAML"  # a parser quotes the line that it stumbles over: it may be the key
    if fault:
        raise DataError(f"{shown}: {fault}; mend it, or put the key in {VARIABLE}")
    value = settings.get(SETTING) if isinstance(settings, dict) else None
    return "" if value is None else str(value)


def _checked(text: str, origin: str) -> Key:
    text = text.strip()
    if len(text) != LENGTH or not (text.isascii() and text.isalnum()):
        raise DataError(
            f"the Materials Project key from {origin} is not one of {LENGTH} letters and digits; "
            "copy it again from your dashboard at materialsproject.org"
        )
    return Key(text, origin)
