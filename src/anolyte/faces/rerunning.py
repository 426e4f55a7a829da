"""`anolyte rerun`: ask again what a page or a saved result was asked, and compare."""

from __future__ import annotations

import contextlib
import io
import json
import math
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from anolyte.faces.options import Json

ELSEWHERE = 1e-6
"""Relative difference that is allowed where versions or machines differ."""
SHOWN = 8
DIFFERS = 1


def rerun(
    answer: Annotated[Path, typer.Argument(metavar="REPORT.html|RESULT.json")],
    tolerance: Annotated[
        float | None,
        typer.Option(metavar="X", help="Relative; none with the same versions, else 1e-6."),
    ] = None,
    json: Json = False,
) -> int:
    """Ask again what a page or a saved result was asked, and say whether the answer is the same.

    Example: anolyte rerun report.html

    Exit code 1: it is not.
    """
    from anolyte.core.errors import DataError
    from anolyte.faces import record
    from anolyte.studies.files import read_plain

    if tolerance is not None and not tolerance >= 0.0:
        raise DataError(f"a tolerance of {tolerance:g}; it is a number from 0 up")
    kept = record.read(answer)
    now = record.environment()
    changed = {
        name: (old, now.get(name, "not there"))
        for name, old in kept.get("environment", {}).items() if now.get(name) != old
    }  # fmt: skip
    allowed = tolerance if tolerance is not None else ELSEWHERE if changed else 0.0
    old = read_plain(answer)
    with tempfile.TemporaryDirectory() as name:
        words = record.restored(kept, Path(name))
        code = _again(words)
        place = words[kept["argv"].index(_own(kept, answer))]
        if not Path(place).is_file():
            raise DataError(f"asking again wrote no answer (exit code {code}): {' '.join(words)}")
        new = read_plain(Path(place))
    found = list(differences(old, new, allowed))
    _tell(kept, changed, allowed, found, count(old), json=json)
    return DIFFERS if found else 0


def _own(kept: dict[str, Any], answer: Path) -> str:
    """Which of the files that were written this is: the one of its kind."""
    same = [w for w in kept["written"] if Path(w).suffix == answer.suffix]
    named = [w for w in same if Path(w).name == answer.name]
    return (named or same or kept["written"])[0]


def _again(words: list[str]) -> int:
    """Run the command; what it prints is not wanted."""
    from anolyte.faces.cli import main

    said = io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        return main(words)


def differences(old: Any, new: Any, allowed: float, at: str = "") -> Iterator[tuple[str, Any, Any]]:
    """Where two answers differ, by more than is allowed.

    >>> list(differences({"a": [1.0, 2.0]}, {"a": [1.0, 2.5]}, 0.1))
    [('a.1', 2.0, 2.5)]
    """
    if isinstance(old, dict) and isinstance(new, dict):
        for key in [*old, *(k for k in new if k not in old)]:
            inner = f"{at}.{key}".lstrip(".")
            yield from differences(old.get(key), new.get(key), allowed, inner)
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for place, (a, b) in enumerate(zip(old, new, strict=True)):
            yield from differences(a, b, allowed, f"{at}.{place}".lstrip("."))
    elif not same(old, new, allowed):
        yield at, old, new


def same(old: Any, new: Any, allowed: float) -> bool:
    """Whether two values are, numbers within what is allowed."""
    if isinstance(old, bool) or isinstance(new, bool) or not (
        isinstance(old, int | float) and isinstance(new, int | float)
    ):  # fmt: skip
        return old == new
    return old == new or math.isclose(old, new, rel_tol=allowed, abs_tol=0.0)


def count(data: Any) -> int:
    """Numbers in an answer."""
    if isinstance(data, dict):
        return sum(count(v) for v in data.values())
    if isinstance(data, list):
        return sum(count(v) for v in data)
    return int(isinstance(data, int | float) and not isinstance(data, bool))


def _tell(
    kept: dict[str, Any], changed: dict[str, tuple[str, str]], allowed: float,
    found: list[tuple[str, Any, Any]], numbers: int, *, json: bool,
) -> None:  # fmt: skip
    from anolyte.faces.console import Page, print_json

    command = "anolyte " + " ".join(kept["argv"])
    if json:
        print_json({
            "command": kept["argv"], "same": not found, "numbers": numbers, "tolerance": allowed,
            "changed": {k: list(v) for k, v in changed.items()},
            "differences": [{"at": at, "old": a, "new": b} for at, a, b in found],
        })  # fmt: skip
        return
    page = Page()
    page.line(command)
    for name, (old, new) in changed.items():
        page.line(f"  {name}: then {old}, now {new}")
    how = "to the last digit" if allowed == 0.0 else f"within {allowed:g}"
    if not found:
        page.line(f"the same answer, {how}: {numbers} numbers")
        return
    page.line(f"not the same answer: {len(found)} of its values differ ({how})")
    for at, old, new in found[:SHOWN]:
        page.line(f"  {at}: then {_short(old)}, now {_short(new)}")


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) < 60 else f"{text[:56]} ..."
