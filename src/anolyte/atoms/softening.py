r"""How much too soft a potential is, against reference moduli: a factor, and the error it leaves.

$$ \ln f = \frac1n \sum_i \ln \frac{M_i^\mathrm{ref}}{M_i}, \qquad
   \sigma^2 = \frac1n \sum_i \Big[\ln \frac{M_i^\mathrm{ref}}{M_i} - \ln f_{-i}\Big]^2 $$

M is what the potential says by relaxed-ion elastic constants (`elastic.py`) and $f_{-i}$ the factor
without all rows of that formula: $\sigma$ is the error on a material that the factor has not seen.
A calibrated modulus is f M with the relative standard deviation $\sigma$. For the bulk modulus M is
K itself; for the shear modulus it is $\sqrt{K G}$, because the shear moduli of universal potentials
scatter so much that they say less of the true ones than their bulk moduli do: of G, K and
$\sqrt{K G}$ it leaves the smallest error (`SHEAR_ALONE`, `SHEAR_FROM_BULK`).

Range: crystals like those of `data/reference_moduli.csv`, binaries of up to eight atoms with K of
8 GPa or more; most references are computed (PBE, 0 K) and have errors of their own. The potential
has been trained on energies, forces and stresses of crystals like these, never on their
moduli.

    python -m anolyte.atoms.softening           # computes what is missing; needs the [ml] extra
"""

from __future__ import annotations

import csv
import math
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from anolyte.atoms.crystal import Crystal
from anolyte.atoms.elastic import Elastic, elastic
from anolyte.atoms.pool import Batched, relax
from anolyte.core.errors import AnolyteError, DataError, NotConverged

DIRECTORY = Path(__file__).parent / "data"
REFERENCES = DIRECTORY / "reference_moduli.csv"
COMPUTED = DIRECTORY / "computed_moduli.csv"
COLUMNS = ("structure", "structure_hash", "model", "bulk_GPa", "shear_GPa", "volume_share", "why")
STILL = 0.01
"""Force at which a crystal is at rest before it is strained, eV/angstrom."""


@dataclass(frozen=True)
class Modulus:
    """What is predicted, and from what.

    Args:
        name: "bulk" or "shear", as in the tables.
        text: In words.
        raw: The predictor, from the potential's bulk and shear modulus, Pa.
    """

    name: str
    text: str
    raw: Callable[[float, float], float]


def _bulk(bulk: float, _: float) -> float:
    return bulk


def _shear(_: float, shear: float) -> float:
    return shear


def _mean(bulk: float, shear: float) -> float:
    return math.sqrt(bulk * shear)


BULK = Modulus("bulk", "K from K", _bulk)
SHEAR = Modulus("shear", "G from the geometric mean of K and G", _mean)
SHEAR_ALONE = Modulus("shear", "G from G", _shear)
SHEAR_FROM_BULK = Modulus("shear", "G from K", _bulk)
MODULI = (BULK, SHEAR)


@dataclass(frozen=True)
class Reference:
    """A crystal whose moduli are known.

    Args:
        formula, structure: Which; the structure by its name among the project's own.
        bulk, shear: Mean of Voigt and Reuss, or of a polycrystal, Pa; None: not known.
        source, where: Citation.
    """

    formula: str
    structure: str
    bulk: float | None
    shear: float | None
    source: str
    where: str


@dataclass(frozen=True)
class Pair:
    """One modulus of one crystal by both.

    Args:
        formula, structure: Which.
        reference, raw: The modulus and its predictor, Pa.
        left_out: Natural logarithm of reference over calibrated, by a factor that has seen no
            crystal of this formula.
    """

    formula: str
    structure: str
    reference: float
    raw: float
    left_out: float = math.nan


@dataclass(frozen=True)
class Softening:
    """What a modulus of a potential is multiplied by.

    Args:
        factor: Reference over raw, geometric mean.
        sigma: Of the natural logarithm, of materials left out.
        pairs: What it rests on.
        model: The potential.
    """

    factor: float
    sigma: float
    pairs: tuple[Pair, ...]
    model: str

    def calibrated(self, raw: float) -> tuple[float, float]:
        """A modulus and its standard deviation from its predictor, Pa.

        >>> two = [Pair("A", "A", 3e9, 2e9), Pair("B", "B", 6e9, 4e9)]
        >>> fit(two, "none").calibrated(10e9)[0]
        15000000000.0
        """
        value = self.factor * raw
        return value, self.sigma * value


def fit(pairs: Sequence[Pair], model: str) -> Softening:
    """The factor and its error on formulas that are left out.

    Raises:
        DataError: Fewer than two formulas.
    """
    if len({p.formula for p in pairs}) < 2:
        raise DataError(f"{model}: no softening factor without two reference materials")
    logs = [math.log(p.reference / p.raw) for p in pairs]
    tested = []
    for pair, own in zip(pairs, logs, strict=True):
        others = [x for p, x in zip(pairs, logs, strict=True) if p.formula != pair.formula]
        left_out = own - sum(others) / len(others)
        tested.append(Pair(pair.formula, pair.structure, pair.reference, pair.raw, left_out))
    sigma = math.sqrt(sum(p.left_out**2 for p in tested) / len(tested))
    return Softening(math.exp(sum(logs) / len(logs)), sigma, tuple(tested), model)


@lru_cache(maxsize=8)
def softening(model: str, modulus: Modulus) -> Softening:
    """The factor of a potential for a modulus.

    Raises:
        DataError: The reference crystals have not been computed with this potential.
    """
    raw = {row["structure"]: row for row in _rows(COMPUTED) if row["model"] == model}
    pairs = []
    for reference in references():
        known: float | None = getattr(reference, modulus.name)
        row = raw.get(reference.structure)
        if known is not None and row is not None and not row["why"]:
            value = modulus.raw(1e9 * float(row["bulk_GPa"]), 1e9 * float(row["shear_GPa"]))
            pairs.append(Pair(reference.formula, reference.structure, known, value))
    return fit(pairs, model)


def references(path: Path = REFERENCES) -> tuple[Reference, ...]:
    """The crystals whose moduli are known."""
    return tuple(
        Reference(row["formula"], row["structure"], _pascal(row["bulk_GPa"]),
                  _pascal(row["shear_GPa"]), row["source"], row["where"])
        for row in _rows(path)
    )  # fmt: skip


def at_rest(crystal: Crystal, potential: Batched) -> Crystal:
    """The crystal at rest, as its elastic constants ask for.

    Raises:
        NotConverged: It does not come to rest.
    """
    [(_, rest)] = relax([crystal], potential, fmax=STILL)
    if rest.why:
        raise NotConverged(f"{crystal.formula}: {rest.why}")
    return rest.crystal


def compute(potential: Batched, path: Path = COMPUTED) -> list[str]:
    """Moduli of the reference crystals that the table does not hold; what failed, in words.

    Every crystal starts displaced, as candidates do: a symmetric start would hide what is unstable.
    """
    from anolyte.atoms.structures import load

    phases = {p.name: p for p in load()}
    done = {(r["structure"], r["structure_hash"], r["model"]) for r in _rows(path)}
    failed = []
    wanted = [phases[r.structure] for r in references()]
    for phase in sorted(wanted, key=lambda p: len(p.average())):
        mark = (phase.name, phase.geometry_hash, potential.model)
        if mark in done:
            continue
        began = time.process_time()
        start = Crystal.of(phase.structures(1)[0])
        found, share, why = _one(start, potential)
        if why:
            failed.append(why)
        figures = ("", "") if found is None else (found.bulk, found.shear)
        texts = [f"{x / 1e9:.3f}" if isinstance(x, float) else "" for x in figures]
        _append(path, (*mark, *texts, f"{share:.4f}", why))
        print(phase.name, *texts, why, f"{time.process_time() - began:.1f} CPU s", flush=True)
    return failed


def _one(start: Crystal, potential: Batched) -> tuple[Elastic | None, float, str]:
    from anolyte.atoms.reference import displaced, seed_of

    moved = displaced(start.pymatgen(), seed_of(start.formula), 0.1)
    share = math.nan
    try:
        crystal = at_rest(Crystal.of(moved), potential)
        share = crystal.volume / start.volume
        return elastic(crystal, potential), share, ""
    except AnolyteError as error:
        return None, share, str(error)


def _pascal(text: str) -> float | None:
    return 1e9 * float(text) if text else None


def _rows(path: Path) -> list[dict[str, str]]:
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _append(path: Path, row: Iterable[str]) -> None:
    new = not path.exists()
    with path.open("a", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        if new:
            writer.writerow(COLUMNS)
        writer.writerow(row)


def main() -> int:
    """Compute what is missing; print the factors and every crystal."""
    from anolyte.atoms.potentials import Chgnet

    potential = Chgnet()
    compute(potential)
    for modulus in (*MODULI, SHEAR_ALONE, SHEAR_FROM_BULK):
        found = softening(potential.model, modulus)
        print(f"{modulus.text}: factor {found.factor:.3f}, {len(found.pairs)} crystals, "
              f"off by a factor {math.exp(found.sigma):.2f} when left out")  # fmt: skip
    for modulus in MODULI:
        for p in softening(potential.model, modulus).pairs:
            print(f"{modulus.name} {p.structure}: {p.reference / 1e9:.1f} GPa, calibrated without "
                  f"it {p.reference / math.exp(p.left_out) / 1e9:.1f} GPa")  # fmt: skip
    return 0


if __name__ == "__main__":
    sys.exit(main())
