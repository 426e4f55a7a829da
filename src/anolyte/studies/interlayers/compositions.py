"""Seeded compositions whose charges balance: candidates that nobody has listed yet.

How one is made: an anion (one time in five two of them), lithium every other time, and one to three
further cations, all drawn evenly. A cation takes a usual oxidation state, drawn evenly; an element
that can also be an anion (P, Si, Sb) takes its highest. One to four of each cation (one to seven
lithium) set the charge, which the anions cancel in the smallest whole numbers. Larger units than
`MOST_ATOMS` atoms, formulas that the charge audit refuses and repeats are drawn again.
"""

from __future__ import annotations

import csv
import math
import random
from collections.abc import Iterator, Sequence
from pathlib import Path

from anolyte.core.errors import DataError
from anolyte.materials import charge, formula

ANIONS = {"O": 2, "S": 2, "Se": 2, "N": 3, "F": 1, "Cl": 1, "Br": 1, "I": 1}
"""Negative charge of the elements that are drawn as anions."""
MOST_ATOMS = 40
MOST_BYTES = 10_000_000
SHARE_OF_TWO_ANIONS = 0.2
SHARE_WITH_LITHIUM = 0.5
PATIENCE = 1000
"""Draws in a row without a new formula after which the elements are held to be used up."""


def balanced_formulas(count: int, seed: int, elements: Sequence[str]) -> tuple[str, ...]:
    """Distinct charge-balanced formulas; the first of many are the same as when few are asked.

    Args:
        count: How many.
        seed: Of the random numbers.
        elements: What they may be made of; hydrogen and elements without usual oxidation states
            are left out.

    Raises:
        DataError: Nothing to choose from, or fewer distinct formulas than asked.

    >>> balanced_formulas(3, 0, ["Li", "Al", "Ti", "O", "F"])
    ('AlTiO3', 'Li14Ti4O15', 'Al4TiO8')
    """
    return tuple(drawn_formulas(count, seed, elements))


def drawn_formulas(count: int, seed: int, elements: Sequence[str]) -> Iterator[str]:
    """The same one by one: only their texts are remembered, so that none comes twice.

    Raises:
        DataError: As `balanced_formulas`, where the stream ends early.
    """
    if count < 1:
        raise DataError(f"{count} compositions asked for: one or more")
    anions = sorted(set(elements) & set(ANIONS))
    cations = sorted(e for e in set(elements) - {"Li", "H", *ANIONS} if e in charge.STATES)
    if not anions or not cations:
        raise DataError(
            "compositions need at least one anion "
            f"({', '.join(ANIONS)}) and one cation; asked of: {', '.join(elements) or 'nothing'}"
        )
    lithium = "Li" in elements
    draws = random.Random(seed)
    found: set[str] = set()
    idle = 0
    while len(found) < count:
        text = _draw(draws, cations, anions, lithium)
        idle = idle + 1 if not text or text in found else 0
        if idle == 0:
            found.add(text)
            yield text
        if idle > PATIENCE:
            raise DataError(
                f"only {len(found)} distinct compositions of {count} found in "
                f"{', '.join(elements)}; name more elements or ask for fewer"
            )


def _draw(draws: random.Random, cations: list[str], anions: list[str], lithium: bool) -> str:
    """One formula, reduced; empty where the draw is no good."""
    amounts: dict[str, int] = {}
    total = 0
    if lithium and draws.random() < SHARE_WITH_LITHIUM:
        amounts["Li"] = total = draws.randint(1, 7)
    for cation in draws.sample(cations, min(len(cations), draws.randint(1, 3))):
        low, high = charge.STATES[cation]
        state = draws.randint(low, high) if low > 0 else high
        amounts[cation] = draws.randint(1, 4)
        total += amounts[cation] * state
    first, *others = draws.sample(anions, len(anions))
    if others and draws.random() < SHARE_OF_TWO_ANIONS:
        amounts[others[0]] = draws.randint(1, 4)
        total -= amounts[others[0]] * ANIONS[others[0]]
    if total <= 0:
        return ""
    units = math.lcm(total, ANIONS[first]) // total
    amounts = {e: n * units for e, n in amounts.items()} | {first: total * units // ANIONS[first]}
    reduced, _ = formula.reduced({e: float(n) for e, n in amounts.items()})
    if sum(reduced.values()) > MOST_ATOMS or charge.imbalance(reduced) != 0.0:
        return ""
    return formula.write(reduced)


def read_formulas(path: Path) -> tuple[str, ...]:
    """Formulas or names of a file: one a line (`#` begins a remark), or a CSV column `formula`.

    Args:
        path: UTF-8 text. Whether each is a formula is judged later, one by one.

    Raises:
        DataError: The file cannot be read, is too large or holds nothing.
    """
    try:
        if path.stat().st_size > MOST_BYTES:
            raise DataError(f"{path}: larger than {MOST_BYTES // 10**6} MB; one formula a line?")
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror})") from None
    except UnicodeDecodeError:
        raise DataError(f"{path}: is not UTF-8 text; one formula a line") from None
    lines = [line.partition("#")[0].strip() for line in text.splitlines()]
    lines = [line for line in lines if line]
    if lines and "formula" in (head := [c.strip().casefold() for c in lines[0].split(",")]):
        place = head.index("formula")
        rows = csv.reader(lines[1:])
        lines = [row[place].strip() for row in rows if len(row) > place and row[place].strip()]
    if not lines:
        raise DataError(f"{path}: no composition in it; write one formula a line")
    return tuple(dict.fromkeys(lines))
