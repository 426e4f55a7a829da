"""Answers kept with the object that they were asked of, so that they go when it goes."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, TypeVar

T = TypeVar("T")
MOST = 512
"""Answers kept an object; a screen of thousands of compositions must not fill the memory."""


def kept(owner: Any, name: str, key: Hashable, make: Callable[[], T]) -> T:
    """The answer to a question that depends on an immutable object and a key alone.

    Args:
        owner: An immutable object with a `__dict__`.
        name: What is asked.
        key: What it is asked of.
        make: Finds the answer; it must not be changed by who gets it.

    >>> class Table: ...
    >>> table = Table()
    >>> kept(table, "double", 2, lambda: 4), kept(table, "double", 2, lambda: 5)
    (4, 4)
    """
    answers = owner.__dict__.setdefault(f"_kept_{name}", {})
    if key not in answers:
        if len(answers) >= MOST:
            answers.clear()
        answers[key] = make()
    return answers[key]
