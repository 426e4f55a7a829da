"""Cycling data and voltammograms: from a `Trace` or a table of cycles to what they say of the cell.

`half_cycles` cuts a trace, `shorts` watches it for shorts, `ramp` reads a critical current density,
`voids` the bend of stripping, `overpotential` its parts, `polarisation` the life of a symmetric
cell, `efficiency` coulombic efficiency, `retention` capacity over cycles, `voltammetry` onsets.
"""
