"""`anolyte cite`: the BibTeX behind an answer."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from anolyte.core.errors import DataError
from anolyte.core.near import near
from anolyte.faces import views
from anolyte.faces.console import print_json
from anolyte.materials import references
from anolyte.materials.library import Library
from anolyte.studies.assess import Assessment


def cite(lib: Library, what: Sequence[str], of: Path | None, *, json: bool) -> None:
    """Print the BibTeX of keys, of a saved answer, of an interface, or of anolyte itself."""
    keys = _keys(lib, what, of)
    known = references.all_references()
    found = [k for k in keys if k in known]
    if json:
        print_json({"references": [
            {"key": k, "citation": references.cite(k), "bibtex": known[k]} for k in found
        ]})  # fmt: skip
    else:
        print("\n\n".join(known[k] for k in found))
    if lacking := [k for k in keys if k not in known]:
        print(f"anolyte: no bibliography entry for {', '.join(lacking)}", file=sys.stderr)


def _keys(lib: Library, what: Sequence[str], of: Path | None) -> tuple[str, ...]:
    if of is not None:
        from anolyte.studies.files import load

        return _of_result(load(of))
    if not what:
        return _models()
    known = references.all_references()
    if all(k in known for k in what):
        return tuple(dict.fromkeys(what))
    if len(what) == 2 and not any(k in known for k in what):
        from anolyte.faces import asking

        asked = asking.cell(lib, what[0], what[1], [], as_printed=True)
        return ("anolyte", *_of_result(asking.assess(asked, None)))
    unknown = [k for k in what if k not in known]
    otherwise = "give citation keys, two names (ELECTROLYTE ANODE), or --of a saved result"
    raise DataError(
        f"no bibliography entry for {', '.join(k[:40] for k in unknown)}; "
        + near(unknown[0], known, otherwise)
    )


def _of_result(result: Any) -> tuple[str, ...]:
    if isinstance(result, Assessment):
        return views.source_keys(result)
    return tuple(getattr(result, "sources", ()))


def _models() -> tuple[str, ...]:
    from anolyte.models import ALL

    return tuple(dict.fromkeys(["anolyte", *(k for m in ALL for k in m.references)]))
