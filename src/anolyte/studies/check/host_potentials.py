"""Checks of `host_potentials.yaml`: hosts of the library, sources, branches that do not cross."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from anolyte.core.errors import AnolyteError
from anolyte.materials import host_potentials, library
from anolyte.materials.host_potentials import FILE, Curve, HostCurves
from anolyte.materials.library import DATA
from anolyte.models.cell.host_face import potential_law
from anolyte.studies.check.materials import line_of
from anolyte.studies.check.report import Report

SHARES = np.linspace(0.01, 0.99, 99)
HIGHEST = 3.0
"""V vs Li/Li+; a host of an anode rests below."""
LOWEST = -0.1
"""V vs Li/Li+; below, lithium is plated."""


def check(keys: frozenset[str], found: Report) -> None:
    """The package's file.

    Args:
        keys: Citation keys with a bibliography entry.
        found: Where problems and counts go.
    """
    for name, host in host_potentials.read().items():
        _host(name, host, keys, found)


def _host(name: str, host: HostCurves, keys: frozenset[str], found: Report) -> None:
    def add(where: tuple[object, ...], message: str) -> None:
        at = ("hosts", name, *where)
        found.add(FILE, line_of(DATA / FILE, at), ".".join(map(str, at)), message)

    try:
        library.default().anode(name, as_printed=True)
    except AnolyteError:
        add((), f"'{name}' is no anode of the library")
    first: dict[str, Curve] = {}
    for i, curve in enumerate(host.curves):
        first.setdefault(curve.branch, curve)
        found.count(FILE, curve.known)
        for field, message in _curve(curve, keys):
            add(("curves", i, *field), message)
    if {"lithiation", "delithiation"} <= set(first):
        low, high = (potential_law(first[b])(SHARES) for b in ("lithiation", "delithiation"))
        if not (high >= low).all():
            add(("curves",), "delithiation must lie above lithiation everywhere")
    elif "mean" not in first:
        add(("curves",), "needs a mean, or both branches")


def _curve(curve: Curve, keys: frozenset[str]) -> Iterator[tuple[tuple[str, ...], str]]:
    """What is wrong with one curve, by field."""
    if curve.source not in keys:
        yield ("source",), f"no bibliography entry for '{curve.source}'"
    if curve.known == "read" and not curve.where:
        yield ("where",), "a curve that was read says where it stands"
    volts = potential_law(curve)(SHARES)
    if not (np.diff(volts) <= 1e-9).all():
        yield (), "the potential must fall as lithium fills the host"
    if float(np.max(volts)) > HIGHEST or float(np.min(volts)) < LOWEST:
        yield (), f"potentials between {LOWEST:g} and {HIGHEST:g} V, not {np.max(volts):.3g} V"
