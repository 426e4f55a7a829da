r"""What a candidate must meet, and how likely it does.

With an estimate $y \pm \sigma$ and a limit t, $P = \Phi((y - t)/\sigma)$ for "at least",
$\Phi((t - y)/\sigma)$ for "at most"; 0, ½ or 1 where no error is known.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from anolyte.core.errors import DataError, UnitsError
from anolyte.core.units import KINDS, show, si
from anolyte.materials.library import DATA, read_yaml
from anolyte.studies.screen.estimates import Estimate, Property

STANDARD = DATA / "screening.yaml"
"""Of layers."""
SUBSTITUTES = DATA / "screening_substitutes.yaml"
"""Of other ions in the electrolyte."""


@dataclass(frozen=True)
class Target:
    """A limit on one property.

    Args:
        name: Of the property.
        kind: Of the quantity.
        limit: SI.
        at_least: Whether the property must lie above it; else below.
        why: A sentence.
    """

    name: str
    kind: str
    limit: float
    at_least: bool
    why: str = ""

    def probability(self, estimate: Estimate | None) -> float | None:
        """That the property meets the limit; None: unknown.

        >>> t = Target("gap", "energy", 1.0, True)
        >>> round(t.probability(Estimate("gap", "energy", 2.0, 1.0)), 3)
        0.841
        """
        if estimate is None or estimate.value is None or not estimate.known:
            return None
        beyond = estimate.value - self.limit if self.at_least else self.limit - estimate.value
        if not estimate.sigma:
            return 0.5 if beyond == 0.0 else float(beyond > 0.0)
        return 0.5 * math.erfc(-beyond / (estimate.sigma * math.sqrt(2.0)))

    def __str__(self) -> str:
        return f"{self.name} {'≥' if self.at_least else '≤'} {show(self.limit, self.kind)}"


def read(path: Path, properties: Iterable[Property]) -> tuple[Target, ...]:
    """The targets of a YAML file.

    ```yaml
    reaction_with_anode: {at_least: -0.05 eV, why: little to form}
    oxidation_limit: {at_least: 2.5 V}
    ```

    Raises:
        DataError: The file, a property that no estimator gives, or a limit that has another unit.
    """
    found = read_yaml(path)
    if not isinstance(found, Mapping) or not found:
        raise DataError(f"{path}: no targets in it; write `property: {{at_least: value unit}}`")
    known = {p.name: p for p in properties}
    return tuple(_target(path, str(name), entry, known) for name, entry in found.items())


def usual(path: Path, properties: Iterable[Property]) -> tuple[Target, ...]:
    """The targets of a file as far as the properties are estimated."""
    known = {p.name: p for p in properties}
    found = read_yaml(path)
    return tuple(_target(path, n, entry, known) for n, entry in found.items() if n in known)


def _target(path: Path, name: str, entry: Any, known: Mapping[str, Property]) -> Target:
    where = f"{path}, {name}"
    if name not in known:
        raise DataError(f"{where}: no such property; known: {', '.join(sorted(known))}")
    kind = known[name].kind
    given = {} if not isinstance(entry, Mapping) else dict(entry)
    sides = [s for s in ("at_least", "at_most") if s in given]
    if len(sides) != 1 or set(given) - {"at_least", "at_most", "why"}:
        raise DataError(f"{where}: write one of at_least and at_most, and if you like why")
    try:
        limit = si(str(given[sides[0]]), kind)
    except UnitsError as error:
        raise DataError(f"{where}: {error}; as in {KINDS[kind].habitual}") from None
    return Target(name, kind, limit, sides[0] == "at_least", str(given.get("why", "")))
