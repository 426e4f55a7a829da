r"""The multigrid cycle in three dimensions; `multigrid` says what it is for.

Every array has a rim of one ghost cell: beyond a closed side the couplings are zero, beyond a
periodic one the rim repeats the other side. A level holds its diagonal `c` and the couplings `g` to
the thirteen of its 26 neighbours that come later in memory, in the order of `WAYS`; the others are
the same numbers seen from there. The finest level has three of them, `FACES`.

A fine cell lies on a coarse one, or between them along the axes of a mask (1 the first axis, 2 the
second, 4 the third). It takes from two, four or eight coarse cells; `PLACE[mask, corner]` is where
its weight for a corner stands in `p`.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numba import njit

from anolyte.numerics.grid import Field
from anolyte.numerics.multigrid import Network

REACTION = 1e-2
"""Share of the diagonal from which a row counts as one with a sink: then a constant is not kept."""
WAYS = np.array(
    [(a, b, c) for a in (0, 1) for b in (-1, 0, 1) for c in (-1, 0, 1) if (a, b, c) > (0, 0, 0)]
)
FACES = tuple(int(np.flatnonzero((np.eye(3, dtype=int)[k] == WAYS).all(1))[0]) for k in range(3))
_UP, _NEXT, _RIGHT = FACES


def _places() -> np.ndarray:
    table = -np.ones((8, 8), np.int64)
    count = 0
    for mask in range(1, 8):
        for corner in range(8):
            if corner & ~mask == 0:
                table[mask, corner] = count
                count += 1
    return table


PLACE = _places()
WEIGHTS = int(PLACE.max()) + 1


def wrap(x: Field, rounds: Sequence[bool]) -> None:
    """Repeat the other side in the rim along periodic axes."""
    for axis in range(3):
        if rounds[axis]:
            view = np.moveaxis(x, axis, 0)
            view[0], view[-1] = view[-2], view[1]


def fold(x: Field, rounds: Sequence[bool]) -> None:
    """Add what was collected in the rim to the other side, and empty the rim."""
    for axis in range(3):
        view = np.moveaxis(x, axis, 0)
        if rounds[axis]:
            view[1] += view[-1]
        view[-1] = 0.0


# --- the finest level ---------------------------------------------------------------------------


@njit(cache=True, nogil=True, error_model="numpy")
def relax_seven(x, b, inverse, up, over, right, parity):
    """Gauss-Seidel over the cells of one colour of a chessboard."""
    m0, m1, m2 = x.shape[0] - 2, x.shape[1] - 2, x.shape[2] - 2
    for i in range(1, m0 + 1):
        for j in range(1, m1 + 1):
            for k in range(1 + (i + j + 1 + parity) % 2, m2 + 1, 2):
                x[i, j, k] = inverse[i, j, k] * (
                    b[i, j, k]
                    + up[i, j, k] * x[i + 1, j, k]
                    + up[i - 1, j, k] * x[i - 1, j, k]
                    + over[i, j, k] * x[i, j + 1, k]
                    + over[i, j - 1, k] * x[i, j - 1, k]
                    + right[i, j, k] * x[i, j, k + 1]
                    + right[i, j, k - 1] * x[i, j, k - 1]
                )


@njit(cache=True, nogil=True, error_model="numpy", inline="always")
def _outflow(x, s, up, over, right, i, j, k):
    """A x in one cell, by differences: where couplings are large, values are close."""
    here = x[i, j, k]
    return (
        s[i, j, k] * here
        + up[i, j, k] * (here - x[i + 1, j, k])
        + up[i - 1, j, k] * (here - x[i - 1, j, k])
        + over[i, j, k] * (here - x[i, j + 1, k])
        + over[i, j - 1, k] * (here - x[i, j - 1, k])
        + right[i, j, k] * (here - x[i, j, k + 1])
        + right[i, j, k - 1] * (here - x[i, j, k - 1])
    )


@njit(cache=True, nogil=True, error_model="numpy")
def apply_seven(out, x, s, up, over, right):
    """A x, and x A x, summed row by row."""
    m0, m1, m2 = x.shape[0] - 2, x.shape[1] - 2, x.shape[2] - 2
    total = 0.0
    for i in range(1, m0 + 1):
        for j in range(1, m1 + 1):
            row = 0.0
            for k in range(1, m2 + 1):
                value = _outflow(x, s, up, over, right, i, j, k)
                out[i, j, k] = value
                row += value * x[i, j, k]
            total += row
    return total


@njit(cache=True, nogil=True, error_model="numpy")
def residual_seven(r, x, b, s, up, over, right):
    """b - A x."""
    m0, m1, m2 = x.shape[0] - 2, x.shape[1] - 2, x.shape[2] - 2
    for i in range(1, m0 + 1):
        for j in range(1, m1 + 1):
            for k in range(1, m2 + 1):
                r[i, j, k] = b[i, j, k] - _outflow(x, s, up, over, right, i, j, k)


# --- coarse levels ------------------------------------------------------------------------------


@njit(cache=True, nogil=True, error_model="numpy", inline="always")
def _inflow(x, g, i, j, k):
    """What all 26 neighbours of a cell bring."""
    total = 0.0
    for way in range(13):
        a, b, c = WAYS[way]
        total += g[way, i, j, k] * x[i + a, j + b, k + c]
        total += g[way, i - a, j - b, k - c] * x[i - a, j - b, k - c]
    return total


@njit(cache=True, nogil=True, error_model="numpy")
def relax_many(x, b, inverse, g, first, second, third):
    """Gauss-Seidel over the cells of one of eight colours, given by the parities of an index."""
    m0, m1, m2 = x.shape[0] - 2, x.shape[1] - 2, x.shape[2] - 2
    for i in range(1 + first, m0 + 1, 2):
        for j in range(1 + second, m1 + 1, 2):
            for k in range(1 + third, m2 + 1, 2):
                x[i, j, k] = inverse[i, j, k] * (b[i, j, k] + _inflow(x, g, i, j, k))


@njit(cache=True, nogil=True, error_model="numpy")
def residual_many(r, x, b, c, g):
    """b - A x."""
    m0, m1, m2 = x.shape[0] - 2, x.shape[1] - 2, x.shape[2] - 2
    for i in range(1, m0 + 1):
        for j in range(1, m1 + 1):
            for k in range(1, m2 + 1):
                r[i, j, k] = b[i, j, k] - c[i, j, k] * x[i, j, k] + _inflow(x, g, i, j, k)


# --- between levels -----------------------------------------------------------------------------


@njit(cache=True, nogil=True, error_model="numpy")
def weights(p, c, g, bits):
    """Interpolation from the operator, for cells between coarse ones along `bits` axes (Dendy).

    Neighbours are looked at along the axes of the mask only; what lies off them counts where it is
    projected to. Cells between fewer axes must have their weights.
    """
    m = (c.shape[0] - 2, c.shape[1] - 2, c.shape[2] - 2)
    share = np.empty(8)
    for bigi in range(1, p.shape[0] - 1):
        for bigj in range(1, p.shape[1] - 1):
            for bigk in range(1, p.shape[2] - 1):
                for mask in range(1, 8):
                    if (mask & 1) + (mask >> 1 & 1) + (mask >> 2) != bits:
                        continue
                    i = 2 * bigi - 1 + (mask & 1)
                    j = 2 * bigj - 1 + (mask >> 1 & 1)
                    k = 2 * bigk - 1 + (mask >> 2)
                    if i > m[0] or j > m[1] or k > m[2]:
                        continue
                    _share(share, p, c, g, mask, i, j, k, bigi, bigj, bigk)
                    for corner in range(8):
                        if PLACE[mask, corner] >= 0:
                            p[bigi, bigj, bigk, PLACE[mask, corner]] = share[corner]


@njit(cache=True, nogil=True, error_model="numpy", inline="always")
def _bits(first, second, third):
    """A mask of three axes."""
    return int(first) | int(second) << 1 | int(third) << 2


@njit(cache=True, nogil=True, error_model="numpy")
def _share(share, p, c, g, mask, i, j, k, bigi, bigj, bigk):
    """The weights of one cell."""
    share[:] = 0.0
    own, coupled = 0.0, 0.0
    on0, on1, on2 = mask & 1, mask >> 1 & 1, mask >> 2
    for way in range(13):
        for sign in (1, -1):
            a, b, d = sign * WAYS[way, 0], sign * WAYS[way, 1], sign * WAYS[way, 2]
            if sign > 0:
                value = g[way, i, j, k]
            else:
                value = g[way, i + a, j + b, k + d]
            if value == 0.0:
                continue
            a, b, d = a * on0, b * on1, d * on2
            if a == 0 and b == 0 and d == 0:
                own += value
                continue
            coupled += value
            fixed = _bits(a > 0, b > 0, d > 0)
            rest = mask & ~_bits(a != 0, b != 0, d != 0)
            if rest == 0:
                share[fixed] += value
                continue
            big = p[bigi + (a > 0), bigj + (b > 0), bigk + (d > 0)]
            for corner in range(8):
                if PLACE[rest, corner] >= 0:
                    share[fixed | corner] += value * big[PLACE[rest, corner]]
    diagonal = c[i, j, k]
    whole = diagonal - own if diagonal - own - coupled > REACTION * diagonal else coupled
    for corner in range(8):
        share[corner] = share[corner] / whole if whole > 0.0 else 0.0


@njit(cache=True, nogil=True, error_model="numpy")
def restrict(coarse, r, p):
    """The transpose of the interpolation, into an array of zeros with room in the rim."""
    m0, m1, m2 = r.shape[0] - 2, r.shape[1] - 2, r.shape[2] - 2
    for bigi in range(1, coarse.shape[0] - 1):
        for bigj in range(1, coarse.shape[1] - 1):
            for bigk in range(1, coarse.shape[2] - 1):
                i, j, k = 2 * bigi - 1, 2 * bigj - 1, 2 * bigk - 1
                coarse[bigi, bigj, bigk] += r[i, j, k]
                for mask in range(1, 8):
                    a, b, d = mask & 1, mask >> 1 & 1, mask >> 2
                    if i + a > m0 or j + b > m1 or k + d > m2:
                        continue
                    value = r[i + a, j + b, k + d]
                    for corner in range(mask + 1):
                        place = PLACE[mask, corner]
                        if place >= 0:
                            coarse[
                                bigi + (corner & 1), bigj + (corner >> 1 & 1), bigk + (corner >> 2)
                            ] += p[bigi, bigj, bigk, place] * value


@njit(cache=True, nogil=True, error_model="numpy")
def prolong(x, coarse, p):
    """Add the interpolated coarse values."""
    m0, m1, m2 = x.shape[0] - 2, x.shape[1] - 2, x.shape[2] - 2
    for bigi in range(1, coarse.shape[0] - 1):
        for bigj in range(1, coarse.shape[1] - 1):
            for bigk in range(1, coarse.shape[2] - 1):
                i, j, k = 2 * bigi - 1, 2 * bigj - 1, 2 * bigk - 1
                x[i, j, k] += coarse[bigi, bigj, bigk]
                for mask in range(1, 8):
                    a, b, d = mask & 1, mask >> 1 & 1, mask >> 2
                    if i + a > m0 or j + b > m1 or k + d > m2:
                        continue
                    total = 0.0
                    for corner in range(mask + 1):
                        place = PLACE[mask, corner]
                        if place >= 0:
                            total += (
                                p[bigi, bigj, bigk, place]
                                * coarse[
                                    bigi + (corner & 1),
                                    bigj + (corner >> 1 & 1),
                                    bigk + (corner >> 2),
                                ]
                            )
                    x[i + a, j + b, k + d] += total


@njit(cache=True, nogil=True, error_model="numpy")
def _takes(w, p, bigi, bigj, bigk):
    """How much of the eight coarse cells each of the 27 fine ones between them takes."""
    for a in range(3):
        for b in range(3):
            for d in range(3):
                mask = (a & 1) | (b & 1) << 1 | (d & 1) << 2
                fixed = (a >> 1) | (b >> 1) << 1 | (d >> 1) << 2
                cell = 9 * a + 3 * b + d
                w[cell] = 0.0
                if mask == 0:
                    w[cell, fixed] = 1.0
                    continue
                big = p[bigi + (a >> 1), bigj + (b >> 1), bigk + (d >> 1)]
                for corner in range(mask + 1):
                    if PLACE[mask, corner] >= 0:
                        w[cell, fixed | corner] = big[PLACE[mask, corner]]


@njit(cache=True, nogil=True, error_model="numpy")
def _gather(w, t, c, g, ways, i, j, k, step0, step1, step2):
    """A w of the cells between eight coarse ones; a step of two leaves the middle one out."""
    t[:] = 0.0
    for a in range(3 - step0):
        for b in range(3 - step1):
            for d in range(3 - step2):
                here = 9 * a + 3 * b + d
                for n in range(8):
                    t[here, n] += c[i + a, j + b, k + d] * w[here, n]
                for way in ways:
                    x, y, z = WAYS[way]
                    value = g[way, i + a, j + b + (y < 0), k + d + (z < 0)]
                    if value == 0.0:
                        continue
                    one = here + 3 * step1 * (y < 0) + step2 * (z < 0)
                    other = here + 9 * step0 * x + 3 * step1 * (y > 0) + step2 * (z > 0)
                    for n in range(8):
                        t[one, n] -= value * w[other, n]
                        t[other, n] -= value * w[one, n]


@njit(cache=True, nogil=True, error_model="numpy")
def galerkin(c, g, ways, p, cc, cg):
    """The coarse operator P^T A P, put together like finite elements, as in two dimensions.

    `ways` are those of WAYS that the fine level has.
    """
    m0, m1, m2 = c.shape[0] - 2, c.shape[1] - 2, c.shape[2] - 2
    w, t = np.zeros((27, 8)), np.empty((27, 8))
    for bigi in range(1, cc.shape[0] - 1):
        i = 2 * bigi - 1
        step0 = 1 if i < m0 else 2
        for bigj in range(1, cc.shape[1] - 1):
            j = 2 * bigj - 1
            step1 = 1 if j < m1 else 2
            for bigk in range(1, cc.shape[2] - 1):
                k = 2 * bigk - 1
                step2 = 1 if k < m2 else 2
                _takes(w, p, bigi, bigj, bigk)
                _gather(w, t, c, g, ways, i, j, k, step0, step1, step2)
                _spread(w, t, cc, cg, bigi, bigj, bigk)


@njit(cache=True, nogil=True, error_model="numpy")
def _spread(w, t, cc, cg, bigi, bigj, bigk):
    """Add the products of eight coarse cells to the entries that they belong to."""
    for one in range(8):
        a, b, d = one & 1, one >> 1 & 1, one >> 2
        for other in range(8):
            x, y, z = (other & 1) - a, (other >> 1 & 1) - b, (other >> 2) - d
            order = 9 * x + 3 * y + z
            if order < 0:
                continue
            total = 0.0
            for cell in range(27):
                total += w[cell, one] * t[cell, other]
            if order == 0:
                cc[bigi + a, bigj + b, bigk + d] += total
            else:
                cg[order - 1, bigi + a, bigj + b, bigk + d] -= total


# --- a level ------------------------------------------------------------------------------------


class Space:
    """One level in three dimensions: its operator, and what it takes from the coarser one.

    Args:
        c: Diagonal, with a filled rim.
        g: Couplings along WAYS, with filled rims.
        rounds: Which axes are periodic.
        sink: What the diagonal has beyond the couplings; the finest level has it, which has six
            neighbours and no more.
    """

    def __init__(
        self, c: Field, g: Field, rounds: Sequence[bool], sink: Field | None = None
    ) -> None:
        """Work out the interpolation."""
        self.c, self.g, self.rounds, self.sink = c, g, rounds, sink
        self.shape = (c.shape[0] - 2, c.shape[1] - 2, c.shape[2] - 2)
        self.inverse = np.divide(1.0, c, out=np.zeros_like(c), where=c > 0.0)
        self.p = np.zeros((*((m + 1) // 2 + 2 for m in self.shape), WEIGHTS))
        for bits in (1, 2, 3):
            weights(self.p, c, g, bits)
            self.wrap(self.p)
        self.left = np.zeros_like(c)

    @classmethod
    def finest(cls, network: Network) -> Space:
        """The operator of a network."""
        sink, diagonal = network.held(), network.diagonal()
        c = np.pad(np.where(diagonal > 0.0, diagonal, 1.0), 1)
        sink[diagonal <= 0.0] = 1.0
        g = np.zeros((len(WAYS), *c.shape))
        for way, inner in zip(FACES, network.couplings(), strict=True):
            g[way] = np.pad(inner, 1)
        for values in (c, *g):
            wrap(np.asarray(values), network.grid.periodic)
        return cls(c, g, network.grid.periodic, np.pad(sink, 1))

    def coarser(self) -> Space:
        """The level below."""
        shape = self.p.shape[:3]
        c, g = np.zeros(shape), np.zeros((len(WAYS), *shape))
        ways = np.array(FACES) if self.sink is not None else np.arange(len(WAYS))
        galerkin(self.c, self.g, ways, self.p, c, g)
        for values in (c, *np.asarray(g)):
            fold(values, self.rounds)
            wrap(values, self.rounds)
        return Space(c, g, self.rounds)

    def wrap(self, x: Field) -> None:
        """Fill the rim along periodic axes."""
        wrap(x, self.rounds)

    def relax(self, x: Field, b: Field, *, back: bool) -> None:
        """A sweep over all colours, forwards or backwards."""
        ways = self.g[_UP], self.g[_NEXT], self.g[_RIGHT]
        count = 8 if self.sink is None else 2
        for colour in range(count)[::-1] if back else range(count):
            if self.sink is not None:
                relax_seven(x, b, self.inverse, *ways, colour)
            else:
                relax_many(x, b, self.inverse, self.g, colour >> 2, colour >> 1 & 1, colour & 1)
            self.wrap(x)

    def apply(self, out: Field, x: Field) -> float:
        """A x, and the sum of x A x."""
        if self.sink is not None:
            ways = self.g[_UP], self.g[_NEXT], self.g[_RIGHT]
            return apply_seven(out, x, self.sink, *ways)
        residual_many(out, x, np.zeros_like(x), self.c, self.g)
        out *= -1.0
        return float((out * x).sum())

    def restrict(self, out: Field, x: Field, b: Field) -> None:
        """What is left of the right-hand side, on the coarser level."""
        if self.sink is not None:
            ways = self.g[_UP], self.g[_NEXT], self.g[_RIGHT]
            residual_seven(self.left, x, b, self.sink, *ways)
        else:
            residual_many(self.left, x, b, self.c, self.g)
        out[:] = 0.0
        restrict(out, self.left, self.p)
        fold(out, self.rounds)

    def prolong(self, x: Field, coarse: Field) -> None:
        """Add what the coarser level says."""
        prolong(x, coarse, self.p)
        self.wrap(x)
