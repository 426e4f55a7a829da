"""Choosing a design: what may change, what is wanted of it, and the best that can be had."""

from anolyte.studies.learn.knowledge import Measured, Sources
from anolyte.studies.optimise.front import Design, Front
from anolyte.studies.optimise.objectives import OBJECTIVES, Limit, Objective
from anolyte.studies.optimise.space import KNOBS, Choice, Knob, Range, Space
from anolyte.studies.optimise.study import Study, optimise

__all__ = [
    "KNOBS", "OBJECTIVES", "Choice", "Design", "Front", "Knob", "Limit", "Measured", "Objective",
    "Range", "Sources", "Space", "Study", "optimise",
]  # fmt: skip
