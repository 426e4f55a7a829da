"""Levers by the names that people type."""

from __future__ import annotations

import difflib

from anolyte.core.errors import DataError
from anolyte.studies.levers.known import ALL
from anolyte.studies.levers.lever import Lever


def find_lever(name: str, known: tuple[Lever, ...] = ALL) -> Lever:
    """A lever by its name, an alias, or a part of a name that only one has.

    Args:
        name: As typed; case, hyphens and blanks do not count.
        known: Where it is looked up.

    Raises:
        DataError: None, or several, are meant; the near ones are told.

    >>> find_lever("pressing history").name
    'pressed first'
    """
    wanted = folded(name)
    names = {folded(n): lever for lever in known for n in (lever.name, *lever.aliases)}
    if wanted in names:
        return names[wanted]
    parts = {lever.name: lever for n, lever in names.items() if wanted and wanted in n}
    if len(parts) == 1:
        return next(iter(parts.values()))
    near = list(parts) or _near(wanted, names)
    hint = f"did you mean {' or '.join(map(repr, near))}?" if near else (
        f"known: {', '.join(x.name for x in known)}"
    )  # fmt: skip
    raise DataError(f"no lever '{name[:60]}'; {hint}")


def folded(name: str) -> str:
    """A name without what people write differently."""
    return " ".join(name.casefold().replace("-", " ").replace("_", " ").split())


def _near(wanted: str, names: dict[str, Lever]) -> list[str]:
    found = difflib.get_close_matches(wanted[:60], names, n=3, cutoff=0.6)
    return list(dict.fromkeys(names[n].name for n in found))
