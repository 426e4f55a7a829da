"""Labels of structures: a CSV with a column `structure`, and the structures that it names.

`structure` names a file of a folder, or the number of a line of a file of JSON lines. A column
`formula`, where there is one, must be that of the structure. Polymorphs may have labels of their
own; one structure may not have two.
"""

from __future__ import annotations

from pathlib import Path

from anolyte.atoms import files
from anolyte.atoms.crystal import Crystal
from anolyte.atoms.learned.label_file import Table, contents, table
from anolyte.atoms.learned.labels import Labelled
from anolyte.core.errors import AnolyteError, DataError
from anolyte.materials import formula


def read(labels: Path, structures: Path, label_kind: str = "measured") -> Labelled:
    """Labels with their structures.

    Args:
        labels: CSV in UTF-8: `structure` and one or more `name [unit]`.
        structures: Folder of CIF or POSCAR files, or JSON lines of an OPTIMADE provider.
        label_kind: What the labels are.

    Raises:
        DataError: Whatever is wrong with a label or a structure, with the number of the line.
        MissingExtra: pymatgen is not installed.
    """
    found = table(contents(labels), ("structure", "formula"), label_kind, labels.name)
    crystals = _crystals(found, structures, labels.name)
    _check(found, crystals, labels.name)
    return Labelled(tuple(c.formula for c in crystals), found.targets, found.values, crystals)


def _crystals(found: Table, structures: Path, name: str) -> tuple[Crystal, ...]:
    """The structure of each line."""
    names = found.words["structure"]
    if structures.is_dir():
        if strange := [n for n in names if Path(n).name != n]:
            raise DataError(f"{name}: '{strange[0]}' is not the name of a file in {structures}")
        read_ = list(files.read(structures / n for n in names))
    else:
        lines = {f.name.rpartition(" ")[2]: f for f in files.read([structures])}
        if list(lines) and (missing := [n for n in names if n not in lines]):
            first = next(iter(lines.values()))
            raise DataError(first.why or f"{name}: {structures.name} has no line '{missing[0]}'")
        read_ = [lines[n] for n in names]
    for line, one in zip(found.lines, read_, strict=True):
        if one.crystal is None:
            raise DataError(f"{name}, line {line}: {one.why}")
    return tuple(one.crystal for one in read_ if one.crystal is not None)


def _check(found: Table, crystals: tuple[Crystal, ...], name: str) -> None:
    """Formulas fit, and no structure stands twice."""
    written = found.words.get("formula", tuple(c.formula for c in crystals))
    first: dict[str, int] = {}
    for line, text, crystal in zip(found.lines, written, crystals, strict=True):
        try:
            plain = formula.write(formula.reduced(formula.parse(text))[0])
        except AnolyteError as error:
            raise DataError(f"{name}, line {line}: {error}") from None
        if plain != crystal.formula:
            raise DataError(
                f"{name}, line {line}: the label is of {text}, the structure of {crystal.formula}"
            )
        if crystal.digest in first:
            raise DataError(
                f"{name}, line {line}: this structure has a label in line {first[crystal.digest]} "
                "already; keep one of them"
            )
        first[crystal.digest] = line
