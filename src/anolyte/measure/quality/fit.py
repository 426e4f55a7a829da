r"""Least squares behind the Kramers-Kronig gate: all orders at once, then one order under the lens.

$$ Z(\omega) \approx R_\infty + i\omega L + \frac{1}{i\omega C}
   + \sum_{k=1}^{M}\frac{R_k}{1 + i\omega\tau_k}, \qquad R_k\ \text{of either sign} $$

weighted by $1/|Z|$. Whatever obeys the Kramers-Kronig relations can be written so; what is left
over is noise, or a reason to doubt the spectrum.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anolyte.measure.relaxation.bank import Bank, ends, even_bank
from anolyte.numerics.later import special

Array = NDArray[Any]
RIDGE = 1e-14
"""Added to the unit diagonal of the normal equations; far below what one order more changes."""
GROUPS = 8
"""Orders are solved together in so many blocks, each padded to its highest order."""
TOGETHER = (2, 3, 5, 8)
"""Numbers of bad points that are tested together, so that they do not hide one another."""
CHUNK = 16
"""Spectra solved at once; their matrices stay within the processor's cache."""


@dataclass(frozen=True, eq=False)
class Orders:
    """Misfit of every order for every spectrum.

    Args:
        order: M, (K,).
        squares: Sum of squared relative residuals, (B, K).
        overfit: $\\mu = 1 - \\sum|R_k<0| / \\sum R_k\\ge0$, (B, K).
        columns: Unknowns of each order, (K,).
        rows: Real and imaginary parts that took part, (B,).
    """

    order: Array
    squares: Array
    overfit: Array
    columns: Array
    rows: Array

    def information(self, floor: float) -> Array:
        r"""Akaike's criterion for few data, $n\ln(S/n) + 2k + 2k(k+1)/(n-k-1)$, (B, K).

        Args:
            floor: Relative noise below which nothing is counted as better.
        """
        n, k = self.rows[:, None], self.columns + 1.0
        spread = np.maximum(self.squares / n, floor**2)
        return n * np.log(spread) + 2.0 * k + 2.0 * k * (k + 1.0) / np.maximum(n - k - 1.0, 1e-9)


@dataclass(frozen=True)
class LeastInformation:
    """The order with the least Akaike criterion: the noise found is unbiased."""

    def __call__(self, found: Orders, floor: float) -> Array:
        """Place of the chosen order for each spectrum, (B,)."""
        return np.argmin(found.information(floor), axis=1)


@dataclass(frozen=True)
class FirstOverfit:
    """The first order whose resistances alternate in sign, mu below a limit.

    Args:
        limit: Of mu.

    Source: Schönleber, Klotz and Ivers-Tiffée, Electrochim. Acta 2014, 131, 20 (recalled).
    """

    limit: float = 0.85

    def __call__(self, found: Orders, floor: float) -> Array:
        """Place of the chosen order for each spectrum, (B,); the last where none overfits."""
        over = found.overfit < self.limit
        return np.where(over.any(axis=1), np.argmax(over, axis=1), len(found.order) - 1)


@dataclass(frozen=True, eq=False)
class _Block:
    """Orders that are solved together: their members padded to one length."""

    orders: Array
    bank: Bank
    time_constants: Array  # (K, M)
    live: Array  # (K, M)
    shared: Array  # live pairs over the sum of their time constants, (K, M, M)


@lru_cache(maxsize=4)
def _blocks(angular: bytes, beyond: float, first: int, last: int) -> tuple[_Block, ...]:
    omega = np.frombuffer(angular)
    made = []
    for orders in np.array_split(np.arange(first, last + 1), min(GROUPS, last - first + 1)):
        live = np.arange(orders[-1]) < orders[:, None]
        tau = np.ones(live.shape)
        for row, m in enumerate(orders):
            tau[row, :m] = np.geomspace(*ends(omega, beyond), m)
        pairs = live[:, :, None] & live[:, None, :]
        shared = pairs / (tau[:, :, None] + tau[:, None, :])
        made.append(_Block(orders, Bank.of(omega, tau.ravel()), tau, live, shared))
    return tuple(made)


def all_orders(
    angular: Array,
    impedance: Array,
    kept: Array,
    span: tuple[int, int],
    beyond: float,
    blocking: bool,
) -> Orders:
    """Fit every order to every spectrum.

    Args:
        angular: rad/s, (N,).
        impedance: ohm, complex (B, N).
        kept: Points that take part, boolean (B, N).
        span: First and last order.
        beyond: Decades of time constants outside the measured range, each side.
        blocking: Whether a capacitance in series is fitted.
    """
    blocks = _blocks(np.ascontiguousarray(angular).tobytes(), beyond, *span)
    parts = [
        _some(angular, impedance[k : k + CHUNK], kept[k : k + CHUNK], blocks, blocking)
        for k in range(0, len(impedance), CHUNK)
    ]
    order = np.arange(span[0], span[1] + 1)
    squares, overfit = (np.concatenate(p) for p in zip(*parts, strict=True))
    columns = order + (3 if blocking else 2)
    return Orders(order, squares, overfit, columns, 2 * np.count_nonzero(kept, axis=1))


def _some(
    angular: Array, z: Array, kept: Array, blocks: tuple[_Block, ...], blocking: bool
) -> tuple[Array, Array]:
    weights = kept / np.abs(z) ** 2
    fixed = _fixed(angular, blocking)
    inner = np.einsum("bn,ni,nj->bij", weights, fixed, fixed.conj()).real
    scale = 1.0 / np.sqrt(np.diagonal(inner, axis1=1, axis2=2))  # (B, F)
    inner = inner * scale[:, :, None] * scale[:, None, :]
    seen = ((weights * z) @ fixed.conj()).real * scale
    found = [_one_block(angular, z, weights, block, (inner, seen, scale)) for block in blocks]
    squares, overfit = (np.concatenate(p, axis=1) for p in zip(*found, strict=True))
    return np.count_nonzero(kept, axis=1)[:, None] - squares, overfit


def _fixed(angular: Array, blocking: bool) -> Array:
    """Columns beside the relaxations: resistance, inductance, and capacitance if wanted, (N, F)."""
    columns = [np.ones_like(angular) + 0j, 1j * angular]
    return np.stack(columns + ([-1j / angular] if blocking else []), axis=1)


def _one_block(
    angular: Array, z: Array, weights: Array, block: _Block, fixed: tuple[Array, Array, Array]
) -> tuple[Array, Array]:
    inner, seen, scale = fixed
    count, (orders, width), extra = len(z), block.live.shape, inner.shape[1]
    tau, live = block.time_constants, block.live
    sums = block.bank.sums(weights).reshape(count, orders, width)
    unit = live / np.sqrt(sums)
    matrix = np.zeros((count, orders, extra + width, extra + width))
    share = tau * sums  # as `relaxation_bank.gram`, with columns scaled to unit length
    inside = matrix[..., extra:, extra:]
    np.add(share[..., :, None], share[..., None, :], out=inside)
    inside *= block.shared
    inside *= unit[..., :, None]
    inside *= unit[..., None, :]
    total = weights.sum(axis=1)[:, None, None]
    beside = [sums, -(total - sums) / tau, tau * sums]  # with 1, with s, with 1/s
    for k in range(extra):
        cross = beside[k] * unit * scale[:, k, None, None]
        matrix[..., k, extra:] = matrix[..., extra:, k] = cross
    matrix[..., :extra, :extra] = inner[:, None]
    diagonal = np.arange(extra + width)
    matrix[..., diagonal, diagonal] = 1.0 + RIDGE
    right = np.empty((count, orders, extra + width))
    right[..., :extra] = seen[:, None]
    right[..., extra:] = block.bank.products(weights, z).reshape(sums.shape) * unit
    solved = np.linalg.solve(matrix, right[..., None])[..., 0]
    resistance = solved[..., extra:] * unit
    negative, positive = np.minimum(resistance, 0.0), np.maximum(resistance, 0.0)
    ratio = negative.sum(axis=-1) / np.maximum(positive.sum(axis=-1), 1e-300)
    return (right * solved).sum(axis=-1), 1.0 + ratio


@dataclass(frozen=True, eq=False)
class Lens:
    """One spectrum under one order, in relative terms; points may be left out, columns added.

    Args:
        design: Weighted columns, (2N, P): real rows, then imaginary ones.
        wanted: Weighted impedance, (2N,).
        drifting: Columns that a change during the sweep would add, (2N, K).
        kept: Points that take part, boolean (N,).
        given: Relative noise that the user gave; None: found from the misfit.
        floor: Relative noise below which nothing is judged.
    """

    design: Array
    wanted: Array
    drifting: Array
    kept: Array
    given: float | None
    floor: float

    @property
    def mask(self) -> Array:
        """Kept rows, (2N,)."""
        return np.concatenate([self.kept, self.kept])


@dataclass(frozen=True, eq=False)
class Fitted:
    """What the lens shows.

    Args:
        basis: Orthonormal columns, (2N, P), zero where points are left out.
        triangle: Its partner, (P, P).
        residual: Relative, (2N,), zero where points are left out.
        freedom: Rows less columns.
        noise: Relative standard deviation of one part.
    """

    basis: Array
    triangle: Array
    residual: Array
    freedom: int
    noise: float

    def project(self, columns: Array) -> Array:
        """What of some columns the fit cannot make (twice, for the rounding)."""
        left = columns - self.basis @ (self.basis.T @ columns)
        return left - self.basis @ (self.basis.T @ left)


def look(lens: Lens) -> Fitted:
    """Least squares of the kept rows."""
    mask = lens.mask
    basis, triangle = np.linalg.qr(lens.design * mask[:, None])
    wanted = lens.wanted * mask
    residual = wanted - basis @ (basis.T @ wanted)
    freedom = max(2 * int(np.count_nonzero(lens.kept)) - lens.design.shape[1], 1)
    noise = float(np.sqrt(residual @ residual / freedom))
    return Fitted(basis, triangle, residual, freedom, noise)


def drift_chance(lens: Lens, fitted: Fitted) -> float:
    """Probability that noise alone lets the drifting columns explain as much as they do."""
    left = fitted.project(lens.drifting * lens.mask[:, None])
    u, size, _ = np.linalg.svd(left, full_matrices=False)
    u = u[:, size > 1e-6 * max(size[0], 1e-300)]
    along = u.T @ fitted.residual
    return _chance(lens, fitted, float(along @ along), u.shape[1])


def _chance(lens: Lens, fitted: Fitted, explained: float, columns: int) -> float:
    """Tail of F where the noise was found, of chi-squared where it was given."""
    if columns == 0:
        return 1.0
    total = float(fitted.residual @ fitted.residual)
    if lens.given is not None:
        return float(special.chdtrc(columns, explained / max(lens.given, lens.floor) ** 2))
    freedom = max(fitted.freedom - columns, 1)
    spread = max((total - explained) / freedom, lens.floor**2)
    return float(special.fdtrc(columns, freedom, explained / columns / spread))


def _deletion(fitted: Fitted, kept: Array) -> Array:
    """Squares that leaving each point out would take away, (N,)."""
    n = len(kept)
    q, r = fitted.basis, fitted.residual
    h11, h22 = (q[:n] ** 2).sum(axis=1), (q[n:] ** 2).sum(axis=1)
    h12 = (q[:n] * q[n:]).sum(axis=1)
    a, b = r[:n], r[n:]
    determinant = (1.0 - h11) * (1.0 - h22) - h12**2
    top = (1.0 - h22) * a**2 + 2.0 * h12 * a * b + (1.0 - h11) * b**2
    known = kept & (determinant > 1e-6)  # a point that the fit must pass through says nothing
    return np.where(known, top / np.where(known, determinant, 1.0), 0.0)


def worst_point(lens: Lens, fitted: Fitted) -> tuple[int, float]:
    """The point that fits worst, and the chance that noise alone makes one as bad anywhere.

    The scale is the smaller of the rms and a robust one (median), so that several bad points do
    not hide one another.
    """
    taken = _deletion(fitted, lens.kept)
    worst = int(np.argmax(taken))
    count = int(np.count_nonzero(lens.kept))
    if lens.given is not None:
        chance = float(special.chdtrc(2, taken[worst] / max(lens.given, lens.floor) ** 2))
        return worst, _smaller(lens, fitted, taken, count * chance)
    total = float(fitted.residual @ fitted.residual)
    freedom = max(fitted.freedom - 2, 1)
    middle = float(np.median(taken[lens.kept])) / (2.0 * np.log(2.0))
    spread = max(min((total - taken[worst]) / freedom, 1.2 * middle), lens.floor**2)
    alone = count * float(special.fdtrc(2, freedom, taken[worst] / 2.0 / spread))
    return worst, _smaller(lens, fitted, taken, alone)


def _smaller(lens: Lens, fitted: Fitted, taken: Array, alone: float) -> float:
    """The chance for the worst point or for the worst two, three, five, eight together."""
    if alone > 1.0:  # where not even one stands out, several do not
        return 1.0
    order = np.argsort(-taken)
    count = int(np.count_nonzero(lens.kept))
    sets = [k for k in TOGETHER if k <= count // 5]
    found = [block_chance(lens, fitted, order[:k]) * float(special.binom(count, k)) for k in sets]
    return min([alone, *found])


def left_out_chance(lens: Lens, fitted: Fitted, point: int) -> float:
    """Chance that a point left out is as far from what the others foretell, by noise alone."""
    n = len(lens.kept)
    rows = lens.design[[point, point + n]]
    inverse = np.linalg.pinv(fitted.triangle)
    unknown = inverse @ (fitted.basis.T @ (lens.wanted * lens.mask))
    miss = lens.wanted[[point, point + n]] - rows @ unknown
    spread = np.eye(2) + (rows @ inverse) @ (rows @ inverse).T
    explained = float(miss @ np.linalg.solve(spread, miss)) / 2.0
    noise = max(lens.given or fitted.noise, lens.floor)
    count = int(np.count_nonzero(lens.kept)) + 1
    return min(count * float(special.fdtrc(2, fitted.freedom, explained / noise**2)), 1.0)


def block_chance(lens: Lens, fitted: Fitted, block: Array) -> float:
    """Chance that noise alone makes several points together fit as badly as they do.

    Args:
        lens: All points that take part.
        fitted: Through it.
        block: Places, (K,); those that are left out already are passed over.
    """
    block = block[lens.kept[block]]
    if block.size == 0:
        return 1.0
    rows = np.concatenate([block, block + len(lens.kept)])
    q, r = fitted.basis[rows], fitted.residual[rows]
    values, vectors = np.linalg.eigh(np.eye(len(rows)) - q @ q.T)
    known = values > 1e-6
    explained = float(((vectors.T @ r)[known] ** 2 / values[known]).sum())
    return _chance(lens, fitted, explained, int(np.count_nonzero(known)))


def structure(fitted: Fitted, kept: Array, floor: float) -> tuple[float, float]:
    """Autocorrelation of the residual from point to point, and its chance under pure noise.

    Real and imaginary parts each follow their own order in frequency. Mean and variance of the
    ratio are those of noise after this very fit (as in Durbin and Watson's test), so that the
    stiffness of the fit is not taken for structure.
    """
    n = len(kept)
    mask = np.concatenate([kept, kept])
    size = float(fitted.residual @ fitted.residual)
    if size <= (floor**2) * fitted.freedom:
        return 0.0, 1.0

    def beside(columns: Array) -> Array:
        out = np.zeros_like(columns)
        for part in (slice(0, n), slice(n, 2 * n)):
            rows = columns[part][kept]
            moved = np.zeros_like(rows)
            moved[1:] += 0.5 * rows[:-1]
            moved[:-1] += 0.5 * rows[1:]
            out[part][kept] = moved
        return out

    found = float(fitted.residual @ beside(fitted.residual)) / size
    q = fitted.basis
    moved = beside(q)
    left = q.T @ moved
    squared = 2.0 * _links(mask, n) * 0.25  # trace of C C
    trace = -float(np.trace(left))  # C itself has no diagonal
    second = squared - 2.0 * float((moved * moved).sum()) + float((left * left.T).sum())
    nu = fitted.freedom
    mean = trace / nu
    variance = 2.0 * (second - trace**2 / nu) / (nu * (nu + 2.0))
    score = (found - mean) / max(np.sqrt(max(variance, 0.0)), 1e-12)
    return found - mean, float(special.ndtr(-score))


def _links(mask: Array, n: int) -> int:
    """Neighbouring pairs of kept rows within the real and within the imaginary part."""
    return sum(max(int(np.count_nonzero(mask[p])) - 1, 0) for p in (slice(0, n), slice(n, 2 * n)))


def columns_of(angular: Array, order: int, beyond: float, blocking: bool) -> Array:
    """Unweighted complex columns of one order: fixed ones first, (N, P)."""
    bank = even_bank(angular, beyond, order)
    return np.concatenate([_fixed(angular, blocking), bank.columns()], axis=1)


def stacked(columns: Array) -> Array:
    """Real rows above imaginary rows."""
    return np.concatenate([np.real(columns), np.imag(columns)])
