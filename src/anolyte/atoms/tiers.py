"""The table of reference energies, phases.csv, from its three tiers.

Measured enthalpies and computed energies tied to them (assemble.py), then compounds of which no
more is known than that they form (known_to_form.py). Solids without a structure of the project's
own take the volume of a computed cell (volumes.csv), estimated ones that of the phases they are
estimated from.
"""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

from anolyte.atoms.assemble import (
    COLUMNS,
    DATA,
    KIND,
    assemble,
    key,
    read_computed,
    read_known,
    read_measured,
    read_volumes,
)
from anolyte.atoms.known_to_form import known_to_form
from anolyte.materials.formula import parse


def write(directory: Path = DATA) -> str:
    """Write phases.csv from the tables beside it; returns a summary in words."""
    measured = read_measured(directory / "enthalpies.csv")
    computed = read_computed(directory / "computed.csv")
    rows = assemble(measured, computed)
    _fill_volumes(rows, read_volumes(directory / "volumes.csv"))
    rows += known_to_form(rows, read_known(directory / "known_compounds.csv"), KIND)
    target = directory / "phases.csv"
    new = target.with_suffix(".new")
    with new.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    new.replace(target)
    tiers = Counter(row["how"] for row in rows)
    rest = len(rows) - tiers["computed"] - tiers["estimated"]
    return (
        f"{len(rows)} phases: {rest} measured, {tiers['computed']} computed, "
        f"{tiers['estimated']} estimated because they are known to form"
    )


def _fill_volumes(rows: list[dict[str, str]], cells: list[dict[str, str]]) -> None:
    """Volumes of solids that have none, from other cells of the same composition."""
    known = {key(cell["formula"]): cell for cell in cells}
    for row in rows:
        cell = known.get(key(row["formula"]))
        if cell and row["state"] == "solid" and not row["volume_A3_per_fu"]:
            units = sum(parse(row["formula"]).values()) / sum(parse(cell["formula"]).values())
            row["volume_A3_per_fu"] = f"{float(cell['volume_A3_per_fu']) * units:.3f}"
            row["volume_source"], row["volume_known"] = cell["source"], cell["known"]
