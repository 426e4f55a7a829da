"""Near misses: what somebody may have meant."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


def near(text: str, known: Iterable[str], otherwise: str | None = None) -> str:
    """The end of a message on a word that is not known.

    Args:
        text: As typed.
        known: What could have been meant.
        otherwise: Said where nothing is near; None: all that is known.

    >>> near("sulfid", ["oxide", "sulfide"])
    "did you mean 'sulfide'?"
    >>> near("x", ["oxide", "sulfide"])
    'known: oxide, sulfide'
    """
    words = {w.casefold(): w for w in known}
    found = difflib.get_close_matches(text[:60].casefold(), words, n=3, cutoff=0.6)
    if found:
        return f"did you mean {' or '.join(repr(words[w]) for w in found)}?"
    return f"known: {', '.join(words.values())}" if otherwise is None else otherwise
