"""Kernels of the multigrid cycle in two dimensions; `multigrid` says what they are for.

Every array has a rim of one ghost cell, so that no loop asks where it is: beyond a closed side the
couplings are zero, beyond a periodic one the rim repeats the other side. A level holds the diagonal
`c` and the couplings to four of the eight neighbours, the others being the same numbers seen from
there: `e` to (i, j+1), `n` to (i+1, j), `ne` to (i+1, j+1), `nw` to (i+1, j-1).

$$ (A x)_{ij} = c_{ij} x_{ij} - \\sum_{\\text{neighbours}} g\\,x $$
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numba import njit

from anolyte.numerics.grid import Field
from anolyte.numerics.multigrid import Network

REACTION = 1e-2
"""Share of the diagonal from which a row counts as one with a sink: then a constant is not kept."""


@njit(cache=True, nogil=True, error_model="numpy")
def wrap(x, round0, round1):
    """Repeat the other side in the rim along periodic axes."""
    m0, m1 = x.shape[0] - 2, x.shape[1] - 2
    if round0:
        for j in range(m1 + 2):
            x[0, j] = x[m0, j]
            x[m0 + 1, j] = x[1, j]
    if round1:
        for i in range(m0 + 2):
            x[i, 0] = x[i, m1]
            x[i, m1 + 1] = x[i, 1]


@njit(cache=True, nogil=True, error_model="numpy")
def relax_five(x, b, inverse, e, n, parity):
    """Gauss-Seidel over the cells of one colour of a chessboard."""
    m0, m1 = x.shape[0] - 2, x.shape[1] - 2
    for i in range(1, m0 + 1):
        for j in range(1 + (i + 1 + parity) % 2, m1 + 1, 2):
            x[i, j] = inverse[i, j] * (
                b[i, j]
                + e[i, j] * x[i, j + 1]
                + e[i, j - 1] * x[i, j - 1]
                + n[i, j] * x[i + 1, j]
                + n[i - 1, j] * x[i - 1, j]
            )


@njit(cache=True, nogil=True, error_model="numpy")
def relax_nine(x, b, inverse, e, n, ne, nw, first, second):
    """Gauss-Seidel over the cells of one of four colours, given by the parities of i and j."""
    m0, m1 = x.shape[0] - 2, x.shape[1] - 2
    for i in range(1 + first, m0 + 1, 2):
        for j in range(1 + second, m1 + 1, 2):
            x[i, j] = inverse[i, j] * (
                b[i, j]
                + e[i, j] * x[i, j + 1]
                + e[i, j - 1] * x[i, j - 1]
                + n[i, j] * x[i + 1, j]
                + n[i - 1, j] * x[i - 1, j]
                + ne[i, j] * x[i + 1, j + 1]
                + ne[i - 1, j - 1] * x[i - 1, j - 1]
                + nw[i, j] * x[i + 1, j - 1]
                + nw[i - 1, j + 1] * x[i - 1, j + 1]
            )


@njit(cache=True, nogil=True, error_model="numpy")
def apply_five(out, x, s, e, n):
    """A x on a level with four neighbours, and x A x, summed row by row.

    By differences: where couplings are large, values are close, and little is lost to rounding.
    """
    m0, m1 = x.shape[0] - 2, x.shape[1] - 2
    total = 0.0
    for i in range(1, m0 + 1):
        row = 0.0
        for j in range(1, m1 + 1):
            here = x[i, j]
            value = (
                s[i, j] * here
                + e[i, j] * (here - x[i, j + 1])
                + e[i, j - 1] * (here - x[i, j - 1])
                + n[i, j] * (here - x[i + 1, j])
                + n[i - 1, j] * (here - x[i - 1, j])
            )
            out[i, j] = value
            row += value * here
        total += row
    return total


@njit(cache=True, nogil=True, error_model="numpy")
def residual_five(r, x, b, s, e, n):
    """b - A x on a level with four neighbours."""
    m0, m1 = x.shape[0] - 2, x.shape[1] - 2
    for i in range(1, m0 + 1):
        for j in range(1, m1 + 1):
            here = x[i, j]
            r[i, j] = (
                b[i, j]
                - s[i, j] * here
                - e[i, j] * (here - x[i, j + 1])
                - e[i, j - 1] * (here - x[i, j - 1])
                - n[i, j] * (here - x[i + 1, j])
                - n[i - 1, j] * (here - x[i - 1, j])
            )


@njit(cache=True, nogil=True, error_model="numpy")
def residual_nine(r, x, b, c, e, n, ne, nw):
    """b - A x on a level with eight neighbours."""
    m0, m1 = x.shape[0] - 2, x.shape[1] - 2
    for i in range(1, m0 + 1):
        for j in range(1, m1 + 1):
            r[i, j] = (
                b[i, j]
                - c[i, j] * x[i, j]
                + e[i, j] * x[i, j + 1]
                + e[i, j - 1] * x[i, j - 1]
                + n[i, j] * x[i + 1, j]
                + n[i - 1, j] * x[i - 1, j]
                + ne[i, j] * x[i + 1, j + 1]
                + ne[i - 1, j - 1] * x[i - 1, j - 1]
                + nw[i, j] * x[i + 1, j - 1]
                + nw[i - 1, j + 1] * x[i - 1, j + 1]
            )


@njit(cache=True, nogil=True, error_model="numpy", inline="always")
def _whole(coupled, diagonal, own):
    """What the weights of a row are divided by: its couplings, or its own share beside a sink."""
    if diagonal - own - coupled > REACTION * diagonal:
        return diagonal - own
    return coupled


@njit(cache=True, nogil=True, error_model="numpy", inline="always")
def _sides(a, b, c, d, e, f):
    """What couples a cell to one side and to the other.

    Coarse couplings can be negative. Where they outweigh the others the sums mean nothing, and
    sizes take their place: a cell that took from neither side would hold a whole island at zero.
    """
    one, other = a + b + c, d + e + f
    if one < 0.0 or other < 0.0:
        return abs(a) + abs(b) + abs(c), abs(d) + abs(e) + abs(f)
    return one, other


@njit(cache=True, nogil=True, error_model="numpy")
def weights(p, c, e, n, ne, nw):
    """Interpolation from the operator (Dendy): how much of each coarse value a fine cell takes.

    p[I, J] holds the weights of the cell right of the coarse one (left, right), of the one above
    (below, above), and of the one between four (its corners, row by row).
    """
    m0, m1 = c.shape[0] - 2, c.shape[1] - 2
    for bigi in range(1, p.shape[0] - 1):
        i = 2 * bigi - 1
        for bigj in range(1, p.shape[1] - 1):
            j = 2 * bigj - 1
            for k in range(8):
                p[bigi, bigj, k] = 0.0
            if j + 1 <= m1:
                q = j + 1
                left, right = _sides(
                    nw[i, q], e[i, q - 1], ne[i - 1, q - 1], ne[i, q], e[i, q], nw[i - 1, q + 1]
                )
                whole = _whole(left + right, c[i, q], n[i, q] + n[i - 1, q])
                if whole > 0.0:
                    p[bigi, bigj, 0] = left / whole
                    p[bigi, bigj, 1] = right / whole
            if i + 1 <= m0:
                q = i + 1
                below, above = _sides(
                    ne[q - 1, j - 1], n[q - 1, j], nw[q - 1, j + 1], nw[q, j], n[q, j], ne[q, j]
                )
                whole = _whole(below + above, c[q, j], e[q, j] + e[q, j - 1])
                if whole > 0.0:
                    p[bigi, bigj, 2] = below / whole
                    p[bigi, bigj, 3] = above / whole


@njit(cache=True, nogil=True, error_model="numpy")
def corner_weights(p, c, e, n, ne, nw):
    """The weights of cells between four coarse ones, when those of their neighbours are there."""
    m0, m1 = c.shape[0] - 2, c.shape[1] - 2
    for bigi in range(1, p.shape[0] - 1):
        i = 2 * bigi
        if i > m0:
            continue
        for bigj in range(1, p.shape[1] - 1):
            j = 2 * bigj
            if j > m1:
                continue
            south, north, west, east = n[i - 1, j], n[i, j], e[i, j - 1], e[i, j]
            sw, se, nwest, nest = ne[i - 1, j - 1], nw[i - 1, j + 1], nw[i, j], ne[i, j]
            coupled = south + north + west + east + sw + se + nwest + nest
            whole = _whole(coupled, c[i, j], 0.0)
            if whole > 0.0:
                p[bigi, bigj, 4] = (sw + south * p[bigi, bigj, 0] + west * p[bigi, bigj, 2]) / whole
                p[bigi, bigj, 5] = (
                    se + south * p[bigi, bigj, 1] + east * p[bigi, bigj + 1, 2]
                ) / whole
                p[bigi, bigj, 6] = (
                    nwest + north * p[bigi + 1, bigj, 0] + west * p[bigi, bigj, 3]
                ) / whole
                p[bigi, bigj, 7] = (
                    nest + north * p[bigi + 1, bigj, 1] + east * p[bigi, bigj + 1, 3]
                ) / whole


@njit(cache=True, nogil=True, error_model="numpy")
def restrict(coarse, r, p):
    """The transpose of the interpolation."""
    for bigi in range(1, coarse.shape[0] - 1):
        i = 2 * bigi - 1
        for bigj in range(1, coarse.shape[1] - 1):
            j = 2 * bigj - 1
            coarse[bigi, bigj] = (
                r[i, j]
                + p[bigi, bigj, 0] * r[i, j + 1]
                + p[bigi, bigj - 1, 1] * r[i, j - 1]
                + p[bigi, bigj, 2] * r[i + 1, j]
                + p[bigi - 1, bigj, 3] * r[i - 1, j]
                + p[bigi, bigj, 4] * r[i + 1, j + 1]
                + p[bigi, bigj - 1, 5] * r[i + 1, j - 1]
                + p[bigi - 1, bigj, 6] * r[i - 1, j + 1]
                + p[bigi - 1, bigj - 1, 7] * r[i - 1, j - 1]
            )


@njit(cache=True, nogil=True, error_model="numpy")
def prolong(x, coarse, p):
    """Add the interpolated coarse values."""
    m0, m1 = x.shape[0] - 2, x.shape[1] - 2
    for bigi in range(1, coarse.shape[0] - 1):
        i = 2 * bigi - 1
        for bigj in range(1, coarse.shape[1] - 1):
            j = 2 * bigj - 1
            here, right = coarse[bigi, bigj], coarse[bigi, bigj + 1]
            above, across = coarse[bigi + 1, bigj], coarse[bigi + 1, bigj + 1]
            x[i, j] += here
            if j < m1:
                x[i, j + 1] += p[bigi, bigj, 0] * here + p[bigi, bigj, 1] * right
            if i < m0:
                x[i + 1, j] += p[bigi, bigj, 2] * here + p[bigi, bigj, 3] * above
                if j < m1:
                    x[i + 1, j + 1] += (
                        p[bigi, bigj, 4] * here
                        + p[bigi, bigj, 5] * right
                        + p[bigi, bigj, 6] * above
                        + p[bigi, bigj, 7] * across
                    )


@njit(cache=True, nogil=True, error_model="numpy")
def galerkin(c, e, n, ne, nw, p, cc, ce, cn, cne, cnw):
    """The coarse operator P^T A P; its arrays come in as zeros, with room in the rim.

    It is put together like finite elements: every coupling of fine cells lies between four coarse
    ones. `w` holds how much of those four each of the three times three fine cells takes, `t` the
    product A w. Where a row or a column of cells is odd at its end, the middle one is missing.
    """
    m0, m1 = c.shape[0] - 2, c.shape[1] - 2
    w, t = np.zeros((9, 4)), np.empty((9, 4))
    w[0, 0] = w[2, 1] = w[6, 2] = w[8, 3] = 1.0
    for bigi in range(1, cc.shape[0] - 1):
        i = 2 * bigi - 1
        stepi = 1 if i < m0 else 2
        for bigj in range(1, cc.shape[1] - 1):
            j = 2 * bigj - 1
            stepj = 1 if j < m1 else 2
            w[1, 0], w[1, 1] = p[bigi, bigj, 0], p[bigi, bigj, 1]
            w[3, 0], w[3, 2] = p[bigi, bigj, 2], p[bigi, bigj, 3]
            w[5, 1], w[5, 3] = p[bigi, bigj + 1, 2], p[bigi, bigj + 1, 3]
            w[7, 2], w[7, 3] = p[bigi + 1, bigj, 0], p[bigi + 1, bigj, 1]
            for k in range(4):
                w[4, k] = p[bigi, bigj, 4 + k]
            t[:] = 0.0
            for a in range(3 - stepi):
                for b in range(3 - stepj):
                    here = 3 * a + b
                    across, above = here + stepj, here + 3 * stepi
                    for k in range(4):
                        t[here, k] += c[i + a, j + b] * w[here, k]
                    _couple(t, w, here, across, e[i + a, j + b])
                    _couple(t, w, here, above, n[i + a, j + b])
                    _couple(t, w, here, above + stepj, ne[i + a, j + b])
                    _couple(t, w, across, above, nw[i + a, j + b + 1])
            cc[bigi, bigj] += _product(w, t, 0, 0)
            cc[bigi, bigj + 1] += _product(w, t, 1, 1)
            cc[bigi + 1, bigj] += _product(w, t, 2, 2)
            cc[bigi + 1, bigj + 1] += _product(w, t, 3, 3)
            ce[bigi, bigj] -= _product(w, t, 0, 1)
            ce[bigi + 1, bigj] -= _product(w, t, 2, 3)
            cn[bigi, bigj] -= _product(w, t, 0, 2)
            cn[bigi, bigj + 1] -= _product(w, t, 1, 3)
            cne[bigi, bigj] -= _product(w, t, 0, 3)
            cnw[bigi, bigj + 1] -= _product(w, t, 1, 2)


@njit(cache=True, nogil=True, error_model="numpy", inline="always")
def _couple(t, w, one, other, conductance):
    if conductance != 0.0:
        for k in range(4):
            t[one, k] -= conductance * w[other, k]
            t[other, k] -= conductance * w[one, k]


@njit(cache=True, nogil=True, error_model="numpy", inline="always")
def _product(w, t, one, other):
    total = 0.0
    for k in range(9):
        total += w[k, one] * t[k, other]
    return total


@njit(cache=True, nogil=True, error_model="numpy")
def fold(x, round0, round1):
    """Add what was collected in the rim to the other side, and empty the rim."""
    m0, m1 = x.shape[0] - 2, x.shape[1] - 2
    for j in range(m1 + 2):
        if round0:
            x[1, j] += x[m0 + 1, j]
        x[m0 + 1, j] = 0.0
    for i in range(m0 + 2):
        if round1:
            x[i, 1] += x[i, m1 + 1]
        x[i, m1 + 1] = 0.0


# --- a level ------------------------------------------------------------------------------------


class Plane:
    """One level in two dimensions: its operator, and what it takes from the coarser one.

    Args:
        arrays: `c`, `e`, `n`, `ne`, `nw`, with filled rims.
        rounds: Which axes are periodic.
        sink: What the diagonal has beyond the couplings; the finest level has it, which has four
            neighbours and no more.
    """

    def __init__(
        self, arrays: Sequence[Field], rounds: Sequence[bool], sink: Field | None = None
    ) -> None:
        """Work out the interpolation."""
        self.c, self.e, self.n, self.ne, self.nw = arrays
        self.rounds, self.sink = rounds, sink
        self.shape = (self.c.shape[0] - 2, self.c.shape[1] - 2)
        self.inverse = np.divide(1.0, self.c, out=np.zeros_like(self.c), where=self.c > 0.0)
        self.p = np.zeros((*((m + 1) // 2 + 2 for m in self.shape), 8))
        for fill in (weights, corner_weights):
            fill(self.p, *arrays)
            for k in range(8):
                self.wrap(self.p[:, :, k])
        self.left = np.zeros_like(self.c)

    @classmethod
    def finest(cls, network: Network) -> Plane:
        """The operator of a network."""
        sink, diagonal = network.held(), network.diagonal()
        n, e = (np.pad(inner, 1) for inner in network.couplings())
        c = np.pad(np.where(diagonal > 0.0, diagonal, 1.0), 1)
        sink[diagonal <= 0.0] = 1.0
        for values in (c, n, e):
            wrap(values, *network.grid.periodic)
        none = np.zeros_like(c)
        return cls((c, e, n, none, none), network.grid.periodic, np.pad(sink, 1))

    def coarser(self) -> Plane:
        """The level below."""
        arrays = [np.zeros(self.p.shape[:2]) for _ in range(5)]
        galerkin(self.c, self.e, self.n, self.ne, self.nw, self.p, *arrays)
        for values in arrays:
            fold(values, *self.rounds)
            wrap(values, *self.rounds)
        return Plane(arrays, self.rounds)

    def wrap(self, x: Field) -> None:
        """Fill the rim along periodic axes."""
        if any(self.rounds):
            wrap(x, *self.rounds)

    def relax(self, x: Field, b: Field, *, back: bool) -> None:
        """A sweep over all colours, forwards or backwards."""
        for colour in (1, 0) if back else (0, 1):
            if self.sink is not None:
                relax_five(x, b, self.inverse, self.e, self.n, colour)
                self.wrap(x)
                continue
            for other in (1, 0) if back else (0, 1):
                relax_nine(x, b, self.inverse, self.e, self.n, self.ne, self.nw, colour, other)
                self.wrap(x)

    def apply(self, out: Field, x: Field) -> float:
        """A x, and the sum of x A x."""
        if self.sink is not None:
            return apply_five(out, x, self.sink, self.e, self.n)
        residual_nine(out, x, np.zeros_like(x), self.c, self.e, self.n, self.ne, self.nw)
        out *= -1.0
        return float((out * x).sum())

    def restrict(self, out: Field, x: Field, b: Field) -> None:
        """What is left of the right-hand side, on the coarser level."""
        if self.sink is not None:
            residual_five(self.left, x, b, self.sink, self.e, self.n)
        else:
            residual_nine(self.left, x, b, self.c, self.e, self.n, self.ne, self.nw)
        self.wrap(self.left)
        restrict(out, self.left, self.p)

    def prolong(self, x: Field, coarse: Field) -> None:
        """Add what the coarser level says."""
        prolong(x, coarse, self.p)
        self.wrap(x)
