"""Where long work runs, as people write it: `--engine processes:4`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from anolyte.core.errors import DataError

if TYPE_CHECKING:
    from anolyte.studies.runner import Runner

KNOWN = "write local, processes:4, dask:4, tcp://host:8786 or slurm:PARTITION:8"


def engine(text: str) -> Runner | None:
    """The engine of a text; None: this process.

    Raises:
        DataError: No engine of this name.

    >>> engine("processes:3").count
    3
    >>> engine("local") is None
    True
    """
    name, _, rest = text.strip().partition(":")
    if name == "local" and not rest:
        return None
    if name in ("processes", "dask") and re.fullmatch(r"[1-9]\d{0,3}|", rest):
        return _here(name, int(rest) if rest else None)
    if name in ("tcp", "tls", "ws", "wss") and rest.startswith("//"):
        from anolyte.studies.cluster import Address, Dask

        return Dask(Address(text.strip()))
    if name == "slurm" and (found := re.fullmatch(r"([\w.-]+)(?::([1-9]\d{0,3}))?", rest)):
        from anolyte.studies.cluster import Dask, Slurm

        return Dask(Slurm(found[1], int(found[2] or Slurm.jobs)))
    raise DataError(f"no engine '{text[:40]}': {KNOWN}")


def _here(name: str, count: int | None) -> Runner | None:
    from anolyte.studies.processes import Processes, cores

    count = count or cores()
    if name == "processes":
        return Processes(count) if count > 1 else None
    from anolyte.studies.cluster import Dask, Local

    return Dask(Local(count))
