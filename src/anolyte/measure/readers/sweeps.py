r"""One table, many sweeps: where a spectrum ends and the next begins, and the sign of Im Z.

The sign follows from the real part: for every linear, causal, stable system the Kramers-Kronig
relations give, to first order in the slope,

$$ \mathrm{Im}\,Z(\omega) \approx \frac{\pi}{2}\,\frac{d\,\mathrm{Re}\,Z}{d\ln\omega} $$

so an imaginary part that runs against the slope of the real one was written with a minus. Where
the real part has no slope (a capacitor) the majority of the points decides: an electrochemical
cell is capacitive at most frequencies.
Source: Bode, Network analysis and feedback amplifier design, 1945 (the relation of slopes).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from anolyte.core.errors import DataError
from anolyte.measure.records import FEWEST, Array, Spectrum

if TYPE_CHECKING:
    from anolyte.measure.readers.columns import Table

SAME = 0.2
"""Share of the usual step of ln f within which two frequencies are the same point of a sweep."""
BACK = 0.25
"""Share of a sweep's span (in ln f) within which a jump back ends at its start."""
TURNED, SURE = -0.2, -0.6
"""Correlations of Im Z with the slope of Re Z below which the sign is turned: of a column whose
header says nothing of a minus, and of one whose header has it."""
LARGE = 0.1
"""Of |Z|, and of its change with ln f, from which a point has its full weight for the sign."""


def spectra(table: Table) -> tuple[tuple[Spectrum, ...], tuple[str, ...]]:
    """All sweeps of a table, and what was odd; none where no row has a frequency.

    A broken sweep among good ones is left out with a flag that names its line; a file of broken
    sweeps alone is refused.

    Raises:
        DataError: Impedances per area, bad numbers, repeated points, by line.
    """
    table = _measured(table)
    if not len(table.block.values):
        return (), ()
    _whole_cell(table)
    f, z = _impedance(table)
    parts = _parts(table, f)
    good = [p for p in parts if len(p) >= FEWEST]
    z, told = _signed(table, f, z, [p for p in good if np.isfinite(f[p] + z[p]).all()] or good)
    flags = list(told)
    if good:
        flags += [_short(table, p) for p in parts if len(p) < FEWEST]
    found, broken = _made(table, f, z, good or parts[:1])
    return found, (*flags, *broken)


def _made(
    table: Table, f: Array, z: Array, parts: list[Array]
) -> tuple[tuple[Spectrum, ...], tuple[str, ...]]:
    """The spectrum of each sweep, and those that were left out; refused where none is whole."""
    facts = _facts(table)
    found: list[Spectrum] = []
    broken: list[DataError] = []
    for number, rows in enumerate(parts):
        own = {name: pick(rows) for name, pick in facts.items()}
        try:
            found.append(
                Spectrum.of(
                    f[rows], z[rows], file=table.file, number=number,
                    lines=table.block.lines[rows], flags=_disorder(f[rows]), **own,
                )
            )  # fmt: skip
        except DataError as error:
            broken.append(error)
    if broken and not found:
        raise broken[0]
    return tuple(found), tuple(f"a sweep was left out: {error}" for error in broken)


def _frequency(table: Table) -> Array:
    """Hz, (rows,)."""
    name = "frequency" if "frequency" in table.columns else "angular frequency"
    return table.columns[name].si(table.block.values)


def _measured(table: Table) -> Table:
    """The rows with a frequency; zero is what a potentiostat writes between sweeps."""
    f = _frequency(table)
    return table.part(f != 0.0) if np.any(f == 0.0) else table


def rests(table: Table) -> Table | None:
    """The rows between sweeps, at frequency zero; None: there are none."""
    f = _frequency(table)
    return table.part(f == 0.0) if np.any(f == 0.0) else None


def _whole_cell(table: Table) -> None:
    for name in ("real", "imaginary", "modulus"):
        known = table.columns.get(name)
        if known is not None and known.dimension == "area resistance":
            raise DataError(
                f"{table.file}: '{known.header}' is per area, and the area that it was multiplied "
                "with is not known for sure; export it in ohm"
            )


def _impedance(table: Table) -> tuple[Array, Array]:
    """Hz and ohm."""
    columns, values = table.columns, table.block.values
    f = _frequency(table)
    with np.errstate(all="ignore"):  # what is infinite is refused by line
        if "real" in columns and "imaginary" in columns:
            return f, columns["real"].si(values) + 1j * columns["imaginary"].si(values)
        size, angle = columns["modulus"].si(values), columns["phase"].si(values)
        return f, size * np.exp(1j * angle)


# --- where a sweep ends -----------------------------------------------------------------------


def _parts(table: Table, f: Array) -> list[Array]:
    """Rows of each sweep."""
    whole = np.arange(len(f))
    changes = np.zeros(len(f), dtype=bool)
    if (cycle := table.whole("cycle")) is not None:
        changes[1:] = np.diff(cycle) != 0
    groups = np.split(whole, np.flatnonzero(changes))
    if len(groups) > 1 and np.median([len(g) for g in groups]) < FEWEST:
        groups = [whole]  # a column that counts something else
    return [g[p] for g in groups for p in _whole(f[g])]


def _whole(f: Array) -> list[Array]:
    """Rows of each sweep; a row without a frequency belongs to the sweep around it."""
    good = np.flatnonzero(np.isfinite(f) & (f > 0.0))
    if len(good) in (0, len(f)):
        return split(f)
    starts = [int(good[p[0]]) for p in split(f[good])]
    return np.split(np.arange(len(f)), starts[1:])


def split(f: Array) -> list[Array]:
    """Rows of each sweep, from the frequencies alone.

    Points that are out of order but all different are one sweep. Otherwise a sweep ends where the
    frequency jumps back to near its start, or turns round for good.

    Args:
        f: Hz, (N,), in the order of the file.

    >>> [len(rows) for rows in split(np.tile(np.logspace(6, 0, 13), 3))]
    [13, 13, 13]
    """
    whole = np.arange(len(f))
    if len(f) < 2 or not np.all(np.isfinite(f)) or np.any(f <= 0.0) or _unique(np.log(f)):
        return [whole]
    x = np.log(f)
    cuts: list[int] = []
    runs = _runs(x)
    for before, run in zip(runs, runs[1:], strict=False):
        start = cuts[-1] if cuts else 0
        span = np.ptp(x[start : before[-1] + 1])
        back = abs(x[run[0]] - x[start]) <= BACK * span and run[0] - start > 2
        turned = min(len(before), len(run)) >= FEWEST and _way(x, before) != _way(x, run)
        if back or turned:
            cuts.append(int(run[0]))
    return [p for p in np.split(whole, cuts) if len(p)]


def _unique(x: Array) -> bool:
    """Whether no frequency comes twice, within a share of the usual step."""
    step = min(np.median(np.abs(np.diff(x))), np.ptp(x) / (len(x) - 1))
    return bool(np.all(np.diff(np.sort(x)) > SAME * step))


def _runs(x: Array) -> list[Array]:
    """Stretches in which the frequency only falls or only rises; equal ones go on."""
    runs, start, way = [], 0, 0.0
    for k, move in enumerate(np.sign(np.diff(x)), 1):
        if way and move and move != way:
            first = k - 1 if x[k - 1] == x[k - 2] else k  # a turning point comes twice
            runs.append(np.arange(start, first))
            start, way = first, move if first < k else 0.0
        elif move:
            way = move
    return [*runs, np.arange(start, len(x))]


def _way(x: Array, rows: Array) -> float:
    """Up or down."""
    return float(np.sign(x[rows[-1]] - x[rows[0]]))


def _short(table: Table, rows: Array) -> str:
    first = int(table.block.lines[rows[0]])
    return f"line {first}: a sweep of {len(rows)} points was left out; at least {FEWEST} are needed"


def _disorder(f: Array) -> tuple[str, ...]:
    """A sentence where the points are not in order."""
    with np.errstate(all="ignore"):
        moves = np.diff(f)
    if np.all(moves <= 0.0) or np.all(moves >= 0.0):
        return ()
    return ("the points were not in the order of frequency and were sorted",)


# --- sign ---------------------------------------------------------------------------------------


def _signed(table: Table, f: Array, z: Array, parts: list[Array]) -> tuple[Array, tuple[str, ...]]:
    """The impedance with capacitive points below the axis, and what was turned."""
    name = "imaginary" if "real" in table.columns and "imaginary" in table.columns else "phase"
    known = table.columns[name]
    seen = [correlation(f[p], z[p]) for p in parts]
    if not seen:
        return z, ()
    mean = float(np.nanmean(seen)) if np.isfinite(seen).any() else 0.0
    told = f"'{known.header}'"
    if known.negative:
        if mean > SURE:
            return z, ()
        return np.conj(z), (f"{told} contradicts the real part: its sign was turned",)
    positive = np.mean(np.imag(z) > 0.0) > 0.5
    if mean < TURNED or (mean <= -TURNED and positive):
        return np.conj(z), (f"{told} is positive where the cell is capacitive: taken as -Im Z",)
    return z, ()


def correlation(f: Array, z: Array) -> float:
    """Of the signs of Im Z and of the slope of Re Z, over one sweep: near 1 where they agree.

    Points weigh by both, relative to |Z|, but no more than `LARGE` of each: one bad point decides
    nothing, and noise on a flat line weighs nothing.

    >>> f = np.logspace(5, 0, 40)
    >>> z = 1.0 + 1.0 / (1.0 + 1j * f / 100.0)
    >>> round(correlation(f, z), 1), round(correlation(f, z.conj()), 1)
    (1.0, -1.0)
    """
    order = np.argsort(f, kind="stable")
    x, z = np.log(np.where(f > 0.0, f, np.nan))[order], z[order]
    moved = np.diff(x)
    use = moved > 0.0
    if use.sum() < 2:
        return 0.0
    with np.errstate(all="ignore"):
        imaginary = np.imag(z)
        size = np.abs(z[1:])[use]
        a = np.diff(np.real(z))[use] / moved[use] / size
        b = 0.5 * (imaginary[1:] + imaginary[:-1])[use] / size
        weight = np.minimum(np.abs(a), LARGE) * np.minimum(np.abs(b), LARGE)
        whole = float(np.nansum(weight))
        return float(np.nansum(weight * np.sign(a * b))) / whole if whole > 0.0 else 0.0


# --- facts of each sweep ----------------------------------------------------------------------


def _facts(table: Table) -> dict[str, Any]:
    """Field of a `Spectrum` to what it is for some rows."""
    facts: dict[str, Any] = {}
    for name, value in (table.steady or {}).items():
        facts[name] = lambda rows, value=value: value
    for field, quantity, pick in (
        ("time", "time", _first), ("clock", "clock", _first),
        ("temperature", "temperature", _mean), ("stack_pressure", "stack pressure", _mean),
        ("voltage", "voltage", _mean), ("current", "current", _mean),
    ):  # fmt: skip
        known = table.columns.get(quantity)
        if known is None or known.dimension in ("current density", "specific current"):
            continue
        if (values := table.get(quantity)) is not None:
            facts[field] = lambda rows, v=values, pick=pick: pick(v[rows])
    if "clock" not in facts and table.clock is not None:
        start, time = table.clock, facts.get("time", lambda rows: 0.0)
        facts["clock"] = lambda rows: start + (time(rows) or 0.0)
    if (cycle := table.whole("cycle")) is not None:
        facts["cycle"] = lambda rows: int(cycle[rows[0]])
    return facts


def _first(values: Array) -> float | None:
    good = values[np.isfinite(values)]
    return float(good[0]) if good.size else None


def _mean(values: Array) -> float | None:
    good = values[np.isfinite(values)]
    return float(np.mean(good)) if good.size else None
