"""Answers that several requests want: made once, kept while there is room."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Any


class Once:
    """A question is answered once, however many ask it at a time.

    Args:
        most: Answers that are kept; the one that was asked for longest ago goes first.

    >>> once = Once(2)
    >>> once.get("a", lambda: 1), once.get("a", lambda: 2)
    (1, 1)
    """

    def __init__(self, most: int = 64) -> None:
        self.most = most
        self._guard = Lock()
        self._kept: OrderedDict[Hashable, _Answer] = OrderedDict()

    def get(self, key: Hashable, make: Callable[[], Any]) -> Any:
        """The answer to a question; what `make` raises is raised, and not kept."""
        with self._guard:
            answer = self._kept.setdefault(key, _Answer())
            self._kept.move_to_end(key)
            while len(self._kept) > self.most:
                self._kept.popitem(last=False)
        with answer.lock:
            if not answer.made:
                answer.value = make()
                answer.made = True
            return answer.value


class _Answer:
    """One answer, or the place for it."""

    def __init__(self) -> None:
        self.lock, self.made, self.value = Lock(), False, None
