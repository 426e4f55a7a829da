"""Levers on an interface, each run without and with: what it changes, and how surely.

A lever is a function from a cell to a changed cell, with an amount. Every lever is run on the same
cell without it, with it and, where that makes sense, with more of it, always with the same draws of
all uncertain numbers: the share of the draws in which an answer gets better is its sign.

The levers are plain objects; `ALL` is a tuple of them, and one of one's own is passed beside them.
"""

from anolyte.studies.levers.curve import Answer, LeverCurve, lever_curve
from anolyte.studies.levers.known import (
    ALL,
    ATTACHED,
    CLEANED,
    HEALING,
    INTERLAYER,
    ISLANDS,
    LIQUID,
    POLYMER,
    PRESSED,
    PRESSURE,
    PULSED,
    ROUGHNESS,
    SLOWER,
    SPACE_CHARGE,
    THINNER,
    WARMTH,
    WETTING,
    Islands,
    Polymerised,
    Wetted,
)
from anolyte.studies.levers.layer import SpaceCharge, space_charge
from anolyte.studies.levers.lever import (
    CONTACT,
    CRITICAL,
    EFFICIENCY,
    FACE,
    FRESH,
    INTERPHASE,
    LIFE,
    MEASURES,
    WHOLE,
    Lever,
    Measure,
    Side,
)
from anolyte.studies.levers.names import find_lever
from anolyte.studies.levers.run import (
    Effect,
    LeverOutcome,
    LeverResult,
    fine_ramp,
    levers,
)
from anolyte.studies.levers.sweeps import (
    FirstPlating,
    TemperatureSweep,
    first_plating,
    temperature_sweep,
)

__all__ = [
    "ALL", "ATTACHED", "Answer", "CLEANED", "CONTACT", "CRITICAL", "EFFICIENCY", "Effect", "FACE",
    "FRESH", "FirstPlating", "HEALING", "INTERLAYER", "INTERPHASE", "ISLANDS", "Islands", "LIFE",
    "LIQUID", "Lever", "LeverCurve", "LeverOutcome", "LeverResult", "MEASURES", "Measure",
    "POLYMER", "PRESSED", "PRESSURE", "PULSED", "Polymerised", "ROUGHNESS", "SLOWER",
    "SPACE_CHARGE", "Side", "SpaceCharge", "THINNER", "TemperatureSweep", "WARMTH", "WETTING",
    "WHOLE", "Wetted", "find_lever", "fine_ramp", "first_plating", "lever_curve", "levers",
    "space_charge", "temperature_sweep",
]  # fmt: skip
