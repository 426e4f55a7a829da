r"""How far a potential's cell volumes are off, by class of material, and volumes corrected for it.

$$ V = V_\mathrm{relaxed}\,e^{-b_c}, \qquad
   b_c = \operatorname{median}_{i \in c} \ln \frac{V_i}{V_i^\mathrm{measured}} $$

over the measured cells of the reference structures (`computed.csv`); $\sigma_c$ is the root mean
square of what is left. Classes are told by the elements alone, so that molecular and layered
members make the error of their whole class large, as it should be for a candidate of which no more
is known.

Range: potentials whose relaxed reference cells are in the table.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from anolyte.atoms.assemble import DATA
from anolyte.core.errors import DataError
from anolyte.materials import formula

HALOGENS = frozenset(("F", "Cl", "Br", "I"))
CHALCOGENS = frozenset(("S", "Se", "Te"))
FRAMEWORK = frozenset(("P", "S", "C", "H", "N", "B", "Si"))
COMPUTED_CELLS = frozenset(("jain2013materials", "deng2023chgnet"))
"""Sources of cells that have been computed and not measured."""


@dataclass(frozen=True)
class VolumeError:
    """Of the volumes of one class of materials.

    Args:
        name: Of the class.
        bias, sigma: Of the natural logarithm of computed over measured.
        count: Cells that it rests on.
    """

    name: str
    bias: float
    sigma: float
    count: int

    def corrected(self, volume: float) -> tuple[float, float]:
        """A relaxed volume without its bias, and its standard deviation, in the same unit."""
        value = volume * math.exp(-self.bias)
        return value, self.sigma * value


def class_of(elements: Iterable[str]) -> str:
    """The class of a material by its elements.

    >>> class_of(["Li", "P", "S"]), class_of(["Li", "O"]), class_of(["Li", "Al"])
    ('sulfides', 'oxides', 'alloys')
    """
    e = frozenset(elements)
    if len(e) == 1:
        return "elements"
    if e & CHALCOGENS:
        return "sulfides"
    if e & HALOGENS:
        return "halides"
    if "O" in e:
        return "oxyanion salts" if e & FRAMEWORK else "oxides"
    return next((name for x, name in (("N", "nitrides"), ("P", "phosphides")) if x in e), "alloys")


@lru_cache(maxsize=8)
def volume_errors(model: str) -> dict[str, VolumeError]:
    """Of each class, by the name of the potential.

    Raises:
        DataError: The reference cells have not been relaxed with this potential.
    """
    logs: dict[str, list[float]] = {}
    with (DATA / "computed.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["model"] == model and row["published_volume_A3_per_fu"] and _measured(row):
                published = float(row["published_volume_A3_per_fu"])
                ratio = float(row["volume_A3_per_fu"]) / published
                logs.setdefault(class_of(formula.parse(row["formula"])), []).append(math.log(ratio))
    if not logs:
        raise DataError(f"no reference cells relaxed with {model}")
    return {name: _error(name, values) for name, values in sorted(logs.items())}


def _measured(row: dict[str, str]) -> bool:
    return row["converged"] == "yes" and row["source"] not in COMPUTED_CELLS


def _error(name: str, values: list[float]) -> VolumeError:
    bias = float(np.median(values))
    left = np.array(values) - bias
    return VolumeError(name, bias, float(np.sqrt((left**2).mean())), len(values))
