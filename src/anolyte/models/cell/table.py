"""Columns of the table of coefficients of one face, as the steppers take it."""

(SPEED, REFILL, STEADY, CREEP, EXPONENT, BREAKDOWN, LENGTH, RELAXATION, PRESSURE, DEPTH,
 FORM) = range(11)  # fmt: skip
COLUMNS = 11
DONE, STUCK = 0, 1
"""How a void came through."""
