"""Citation keys to citation text and BibTeX, read from the package's `.bib` files."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path

from anolyte.core.errors import DataError

BIB = Path(__file__).parent / "data" / "bib"
_ENTRY = re.compile(r"@(\w+)\s*\{\s*([^,\s]+)\s*,", re.MULTILINE)
_FIELD = re.compile(r"(\w+)\s*=\s*(?:\{((?:[^{}]|\{[^{}]*\})*)\}|\"([^\"]*)\"|(\d+))")


@lru_cache(maxsize=1)
def all_references() -> Mapping[str, str]:
    """Citation key to BibTeX entry."""
    entries: dict[str, str] = {}
    for path in sorted(BIB.glob("*.bib")):
        text = path.read_text(encoding="utf-8")
        starts = [(m.start(), m.group(2)) for m in _ENTRY.finditer(text)]
        ends = [start for start, _ in starts[1:]] + [len(text)]
        for (start, key), end in zip(starts, ends, strict=True):
            entries.setdefault(key, text[start:end].strip())
    return entries


def bibtex(keys: Iterable[str]) -> str:
    """The BibTeX entries of the keys, in order, each once.

    Raises:
        DataError: A key without an entry.
    """
    known = all_references()
    missing = [k for k in keys if k not in known]
    if missing:
        raise DataError(f"no bibliography entry for {', '.join(missing)}")
    return "\n\n".join(known[k] for k in dict.fromkeys(keys))


def fields(key: str) -> dict[str, str]:
    """The fields of one entry, lower-case names, braces removed."""
    entry = all_references().get(key, "")
    found = {}
    for name, braced, quoted, number in _FIELD.findall(entry):
        text = re.sub(r"[{}]", "", braced or quoted or number).replace(r"\&", "&")
        found[name.lower()] = text.replace("--", "–").strip()
    return found


@lru_cache(maxsize=2048)
def paper(key: str) -> str:
    """One name for a paper by whatever key it is cited: its DOI where that is known, else the key.

    >>> paper("doi:10.1000/X") == paper("doi:10.1000/x")
    True
    """
    doi = key.removeprefix("doi:") if key.startswith("doi:") else fields(key).get("doi", "")
    return doi.strip().casefold() or key


def cite(key: str) -> str:
    """One line that cites the key: authors, journal or title, year, DOI."""
    f = fields(key)
    if not f:
        return key
    authors = [a.split(",")[0].strip() for a in f.get("author", "").split(" and ")]
    who = authors[0] + (" et al." if len(authors) > 1 else "")
    where = f.get("journal") or f.get("publisher") or f.get("title") or f.get("howpublished", "")
    parts = [who, where, f.get("year", ""), f.get("volume", ""), f.get("pages", "")]
    doi = f"doi:{f['doi']}" if "doi" in f else f.get("url", "")
    return ", ".join(p for p in [*parts, doi] if p)
