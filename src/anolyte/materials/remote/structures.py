"""Crystal structures of an OPTIMADE provider, page by page into a file that is kept."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote_plus, urlsplit

from anolyte.core.errors import AnolyteError, DataError
from anolyte.materials.remote import cache
from anolyte.materials.remote.optimade import NAME, PAGE, base_of, entries
from anolyte.materials.remote.transport import Limits, Refused, Service, bare

FIELDS = (
    "chemical_formula_reduced", "lattice_vectors", "cartesian_site_positions", "species",
    "species_at_sites",
)  # fmt: skip
MATERIALS_PROJECT = "https://optimade.materialsproject.org"
"""Answers without a key."""


@dataclass(frozen=True)
class OptimadeStructures:
    """Structures that a filter finds.

    Args:
        address: Base URL of the database, with or without `/v1`.
        filter: In the language of the standard.
        refresh: Ask again although an answer is kept.
        kept_in: Folder of kept answers; None: the user's cache.
        limits: How long and how much.

    Source:
        The OPTIMADE API specification 1.2, https://optimade.org.
    """

    address: str
    filter: str
    refresh: bool = False
    kept_in: Path | None = None
    limits: Limits = field(default_factory=Limits)

    @classmethod
    def named(cls, text: str) -> OptimadeStructures:
        """What a text asks for: `optimade:URL?filter=FILTER`, or `mp:FILTER`.

        Raises:
            DataError: No address, or no filter: all of a database is asked of nobody.

        >>> asked = OptimadeStructures.named('mp:elements HAS "Li" AND nelements=2')
        >>> asked.address, asked.filter
        ('https://optimade.materialsproject.org', 'elements HAS "Li" AND nelements=2')
        """
        head, _, rest = text.partition(":")
        if head.lower() == "mp":
            address, wording = MATERIALS_PROJECT, rest
        else:
            address, _, query = rest.partition("?")
            wording = unquote_plus(query.removeprefix("filter="))
            if "://" not in address:
                raise DataError(f"{text[:80]}: write optimade:https://HOST/...?filter=...")
        if not wording.strip():
            raise DataError(
                f"{text[:80]}: which structures? for example "
                'mp:elements HAS "Li" AND elements HAS "O" AND nelements=3'
            )
        return cls(address, wording.strip())

    def file(self) -> Path:
        """JSON lines, one a structure; asked for only where no answer is kept.

        Raises:
            AnolyteError: The answer cannot be kept.
            RemoteError: The provider did not answer as documented.
        """
        base = base_of(self.address)
        folder = self.kept_in or cache.folder()
        asked = hashlib.sha256(f"{base} {self.filter}".encode()).hexdigest()[:10]
        host = re.sub(r"[^A-Za-z0-9.]+", "_", urlsplit(base).netloc)
        path = folder / f"{host}-{asked}.jsonl"
        if path.exists() and not self.refresh:
            return path
        draft = path.with_suffix(".writing")
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._download(base, draft)
            draft.replace(path)
        except OSError as error:
            raise AnolyteError(
                f"{path} cannot be written ({error.strerror or error}); name another folder by "
                f"{cache.VARIABLE}"
            ) from None
        finally:
            with suppress(OSError):
                draft.unlink()
        return path

    def _download(self, base: str, path: Path) -> None:
        """Write every entry as it comes: pages are never held together."""
        with (
            Service(f"{NAME} {bare(base)}", f"{base}/v1", limits=self.limits) as service,
            path.open("w", encoding="utf-8") as file,
        ):
            count = 0
            for entry in entries(service, self._first(service)):
                name = entry["id"]
                facts = {key: entry.get(key) for key in FIELDS}
                file.write(json.dumps({"id": name, "attributes": facts}) + "\n")
                count += 1
            if not count:
                raise service.fault(f"no structure fits the filter {self.filter[:80]}")

    def _first(self, service: Service) -> Mapping[str, Any]:
        """The first page, with the page size of the provider where ours is refused."""
        asked = {"filter": self.filter, "response_fields": ",".join(FIELDS)}
        try:
            return service.get("structures", asked | {"page_limit": str(PAGE)})
        except Refused as error:
            if error.status not in (400, 403, 422):
                raise
        return service.get("structures", asked)
