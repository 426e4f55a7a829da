"""Objects of other packages where a material is asked for: by what they can do, without an import.

A formula is taken from pymatgen's `Composition`, whatever has such a `composition` (a `Structure`,
an entry), and ASE's `Atoms`; from a mapping of elements to amounts, too. Only the composition is
taken: a library material of the same composition is found by it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from anolyte.core.errors import FormulaError
from anolyte.materials import formula
from anolyte.materials.schema import Material


def as_text(thing: Any) -> str:
    """The name or formula that an object stands for.

    Args:
        thing: A text; `Composition`, `Structure` or `ComputedEntry` of pymatgen; `Atoms` of ASE; a
            mapping from elements to amounts.

    Raises:
        FormulaError: Something else, or no real elements.

    >>> as_text("LLZO"), as_text({"Cl": 1, "S": 5, "Li": 6, "P": 1})
    ('LLZO', 'Li6PS5Cl')
    """
    if isinstance(thing, str):
        return thing
    amounts = _amounts(thing)
    if amounts is None:
        raise FormulaError(
            "a material is a name, a formula, or an object with a composition (pymatgen's "
            f"Composition or Structure, ASE's Atoms), not {type(thing).__name__}"
        )
    try:
        found = {str(e): round(float(n), 9) for e, n in amounts.items() if float(n) > 0.0}
    except (TypeError, ValueError):
        raise FormulaError("a composition has numbers as amounts") from None
    return formula.write(formula.reduced(found)[0]) if found else ""


def named(thing: Any) -> Any:
    """A material as it is, anything else by the text that it stands for."""
    return thing if isinstance(thing, Material) else as_text(thing)


def _amounts(thing: Any) -> Mapping[Any, Any] | None:
    """Elements to atoms; charges of ions are left out."""
    composition = getattr(thing, "composition", thing)
    if (by_element := getattr(composition, "get_el_amt_dict", None)) is not None:
        return by_element()  # pymatgen
    if (symbols := getattr(thing, "get_chemical_symbols", None)) is not None:
        listed = list(symbols())  # ASE
        return {e: listed.count(e) for e in dict.fromkeys(listed)}
    return thing if isinstance(thing, Mapping) else None
