"""What conjugate gradients do with whole vectors, each sum in one fixed order."""

from __future__ import annotations

from numba import njit


@njit(cache=True, nogil=True, error_model="numpy")
def _dot(a, b):
    s0 = s1 = s2 = s3 = 0.0
    whole = a.size // 4 * 4
    for k in range(0, whole, 4):
        s0 += a[k] * b[k]
        s1 += a[k + 1] * b[k + 1]
        s2 += a[k + 2] * b[k + 2]
        s3 += a[k + 3] * b[k + 3]
    for k in range(whole, a.size):
        s0 += a[k] * b[k]
    return (s0 + s1) + (s2 + s3)


@njit(cache=True, nogil=True, error_model="numpy")
def _advance(x, r, direction, image, step):
    for k in range(x.size):
        x[k] += step * direction[k]
        r[k] -= step * image[k]


@njit(cache=True, nogil=True, error_model="numpy")
def _turn(direction, guess, share):
    for k in range(direction.size):
        direction[k] = guess[k] + share * direction[k]


def dot(a, b) -> float:
    """Sum of products."""
    return _dot(a.ravel(), b.ravel())


def advance(x, r, direction, image, step) -> float:
    """Go a step along a direction; the sum of squares of the residual then left."""
    flat = r.ravel()
    _advance(x.ravel(), flat, direction.ravel(), image.ravel(), step)
    return _dot(flat, flat)


def turn(direction, guess, share) -> None:
    """The next direction: the guess, and a share of the one before."""
    _turn(direction.ravel(), guess.ravel(), share)
